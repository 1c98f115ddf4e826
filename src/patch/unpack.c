/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packed mailboxes, as list archives hand them out: gzip and xz. The output buffer's
 * maximum bounds the work, so a small file that unpacks to terabytes costs no more than
 * that. Several members behind each other are one text, as gzip(1) and xz(1) read them.
 */
#include <limits.h>

#include <lzma.h>
#include <zlib.h>

#include "patch/mail.h"

enum {
	PIECE = 256 * 1024,
	XZ_MEMORY = 128 << 20, /* xz -9 needs 65 MiB to unpack */
};

static const struct str GZIP_MAGIC = { "\x1f\x8b\x08", 3 };
static const struct str XZ_MAGIC = { "\xfd"
				     "7zXZ\0",
				     6 };

/* Where the next bytes go: at least one byte behind the maximum stays free, so that
 * "exactly full" and "too large" are told apart. */
static size_t room(struct strbuf *out, char **ret_to)
{
	size_t left = out->max - out->n;

	if (left > PIECE)
		left = PIECE;
	*ret_to = left ? strbuf_reserve(out, left) : NULL;
	return left;
}

static bool too_large(const char *name, const struct strbuf *out, struct err *err)
{
	return err_set(err, ERR_LIMIT, "unpacking %s: more than %zu bytes", name,
		       out->max);
}

static bool gunzip_all(z_stream *z, const char *name, struct strbuf *out, struct err *err)
{
	char spare, *to;

	for (;;) {
		size_t n = room(out, &to);
		int rc;

		z->next_out = (Bytef *)(n ? to : &spare);
		z->avail_out = n ? (uInt)n : 1;
		rc = inflate(z, Z_NO_FLUSH);
		if (!n && !z->avail_out)
			return too_large(name, out, err);
		if (n)
			strbuf_wrote(out, n - z->avail_out);
		if (rc == Z_STREAM_END) {
			/* trailing zeros are tape padding, anything else a new member */
			if (!z->avail_in || !z->next_in[0])
				return true;
			rc = inflateReset(z);
		}
		if (rc == Z_BUF_ERROR && !z->avail_in)
			return err_set(err, ERR_PARSE,
				       "unpacking %s: the gzip data ends too early",
				       name);
		if (rc != Z_OK)
			return err_set(err, ERR_PARSE, "unpacking %s: %s", name,
				       z->msg ? z->msg : "damaged gzip data");
	}
}

static bool unpack_gzip(struct str in, const char *name, struct strbuf *out,
			struct err *err)
{
	z_stream z = { 0 };
	bool ok;

	if (in.n > UINT_MAX)
		return err_set(err, ERR_LIMIT, "unpacking %s: more than 4 GiB packed",
			       name);
	z.next_in = (z_const Bytef *)(uintptr_t)in.p;
	z.avail_in = (uInt)in.n;
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return err_set(err, ERR_INTERNAL, "unpacking %s: zlib does not start",
			       name);
	ok = gunzip_all(&z, name, out, err);
	inflateEnd(&z);
	return ok;
}

static const char *xz_reason(lzma_ret rc)
{
	if (rc == LZMA_BUF_ERROR)
		return "the xz data ends too early";
	if (rc == LZMA_MEMLIMIT_ERROR)
		return "it needs too much memory";
	return "damaged xz data";
}

static bool unxz_all(lzma_stream *x, const char *name, struct strbuf *out,
		     struct err *err)
{
	char spare, *to;

	for (;;) {
		size_t n = room(out, &to);
		lzma_ret rc;

		x->next_out = (uint8_t *)(n ? to : &spare);
		x->avail_out = n ? n : 1;
		rc = lzma_code(x, LZMA_FINISH);
		if (!n && !x->avail_out)
			return too_large(name, out, err);
		if (n)
			strbuf_wrote(out, n - x->avail_out);
		if (rc == LZMA_STREAM_END)
			return true;
		if (rc != LZMA_OK)
			return err_set(err,
				       rc == LZMA_MEMLIMIT_ERROR ? ERR_LIMIT : ERR_PARSE,
				       "unpacking %s: %s", name, xz_reason(rc));
	}
}

static bool unpack_xz(struct str in, const char *name, struct strbuf *out,
		      struct err *err)
{
	lzma_stream x = LZMA_STREAM_INIT;
	bool ok;

	if (lzma_stream_decoder(&x, XZ_MEMORY, LZMA_CONCATENATED) != LZMA_OK)
		return err_set(err, ERR_INTERNAL, "unpacking %s: liblzma does not start",
			       name);
	x.next_in = (const uint8_t *)in.p;
	x.avail_in = in.n;
	ok = unxz_all(&x, name, out, err);
	lzma_end(&x);
	return ok;
}

bool mail_is_packed(struct str bytes)
{
	return str_starts(bytes, GZIP_MAGIC) || str_starts(bytes, XZ_MAGIC);
}

bool mail_unpack(struct str bytes, const char *name, struct strbuf *out, struct err *err)
{
	if (str_starts(bytes, GZIP_MAGIC))
		return unpack_gzip(bytes, name, out, err);
	if (str_starts(bytes, XZ_MAGIC))
		return unpack_xz(bytes, name, out, err);
	return err_set(err, ERR_PARSE, "unpacking %s: neither gzip nor xz", name);
}
