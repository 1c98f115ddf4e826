/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GIT binary patches:
 *
 *     GIT binary patch
 *     literal 11
 *     ScmZ>BJ...            one letter: bytes in the line (A=1 .. Z=26, a=27 .. z=52),
 *                           then base 85 of them, five digits for four bytes
 *     (empty line)
 *
 * forward, then (git makes it always) backward. The bytes are a zlib stream of the file
 * itself, or of a delta as in gitformat-pack(5).
 */
#include <zlib.h>

#include "diff_internal.h"

static const char digits85[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
			       "uvwxyz!#$%&()*+-;<=>?@^_`{|}~";

static bool decode85(struct str s, size_t n, struct strbuf *out)
{
	if (s.n != (n + 3) / 4 * 5)
		return false;
	for (; n; s = str_from(s, 5)) {
		uint64_t v = 0;

		for (size_t i = 0; i < 5; i++) {
			const char *d = s.p[i] ? strchr(digits85, s.p[i]) : NULL;

			if (!d)
				return false;
			v = v * 85 + (uint64_t)(d - digits85);
		}
		if (v > UINT32_MAX)
			return false;
		for (int shift = 24; shift >= 0 && n; shift -= 8, n--)
			strbuf_addc(out, (char)(v >> shift & 0xff));
	}
	return true;
}

static bool inflate_all(struct diff_reader *r, struct str packed, size_t n,
			struct str *ret, struct err *err)
{
	char *out;
	uLongf got = n;

	/* zlib cannot grow data more than 1032 times: a larger claim is a lie, and is
	 * not worth the memory. */
	if (n > DIFF_MAX_BYTES || n / 1032 > packed.n)
		return diff_corrupt(r, err, "binary data too short for %zu bytes", n);
	out = arena_alloc(r->a, n + 1);
	if (uncompress((Bytef *)out, &got, (const Bytef *)packed.p, packed.n) != Z_OK ||
	    got != n)
		return diff_corrupt(r, err, "binary data do not inflate to %zu bytes", n);
	*ret = str_n(out, n);
	return true;
}

/* Length letter of a data line, 0 when it is none. */
static size_t line_bytes(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (size_t)(c - 'A') + 1;
	return c >= 'a' && c <= 'z' ? (size_t)(c - 'a') + 27 : 0;
}

/* One half; leaves *ret alone and r where it is when no half begins here. */
static bool read_part(struct diff_reader *r, struct binary_part *ret, struct err *err)
{
	STRBUF_AUTO(packed, DIFF_MAX_BYTES);
	struct binary_part part;
	struct str head = diff_cur(r);
	uint64_t n;

	if (str_skip(&head, STR("literal ")))
		part.method = BINARY_LITERAL;
	else if (str_skip(&head, STR("delta ")))
		part.method = BINARY_DELTA;
	else
		return true;
	if (!str_to_u64(head, &n))
		return diff_corrupt(r, err, "binary patch without a size");
	for (;;) {
		struct str s;

		if (!diff_next(r, err))
			return false;
		s = diff_cur(r);
		if (!s.n)
			break;
		if (!line_bytes(s.p[0]) ||
		    !decode85(str_from(s, 1), line_bytes(s.p[0]), &packed))
			return diff_corrupt(r, err, "no base 85 data");
	}
	if (!inflate_all(r, strbuf_str(&packed), n, &part.data, err))
		return false;
	*ret = part;
	return !r->cur.n || diff_next(r, err);
}

bool diff_read_binary(struct diff_reader *r, struct filepatch *f, struct err *err)
{
	if (!diff_next(r, err) || !read_part(r, &f->forward, err))
		return false;
	if (f->forward.method == BINARY_NONE)
		return diff_corrupt(r, err, "unrecognized binary patch");
	f->binary = true;
	return read_part(r, &f->backward, err);
}

static void print_part(const struct binary_part *part, struct strbuf *out)
{
	uLongf n = compressBound(part->data.n);
	char *packed = malloc(n), line[72];

	if (!packed || compress((Bytef *)packed, &n, (const Bytef *)part->data.p,
				part->data.n) != Z_OK)
		abort();
	strbuf_addf(out, "%s %zu\n", part->method == BINARY_DELTA ? "delta" : "literal",
		    part->data.n);
	for (size_t at = 0; at < n; at += 52) {
		size_t left = n - at < 52 ? n - at : 52, w = 0;

		line[w++] = (char)(left <= 26 ? 'A' + left - 1 : 'a' + left - 27);
		for (size_t i = 0; i < left; i += 4) {
			uint32_t v = 0;

			for (size_t k = i; k < i + 4; k++)
				v = v << 8 |
				    (k < left ? (unsigned char)packed[at + k] : 0);
			for (size_t k = 5; k--; v /= 85)
				line[w + k] = digits85[v % 85];
			w += 5;
		}
		strbuf_add(out, str_n(line, w));
		strbuf_addc(out, '\n');
	}
	strbuf_addc(out, '\n');
	free(packed);
}

void binary_print(const struct filepatch *f, struct strbuf *out)
{
	strbuf_addz(out, "GIT binary patch\n");
	print_part(&f->forward, out);
	if (f->backward.method != BINARY_NONE)
		print_part(&f->backward, out);
}

static bool delta_size(struct str *d, uint64_t *ret)
{
	uint64_t v = 0;
	unsigned shift = 0;
	unsigned char c;

	do {
		if (!d->n || shift > 56)
			return false;
		c = (unsigned char)d->p[0];
		*d = str_from(*d, 1);
		v |= (uint64_t)(c & 0x7f) << shift;
		shift += 7;
	} while (c & 0x80);
	*ret = v;
	return true;
}

/* "Copy from base": up to four bytes of offset and three of size, as bits say. */
static bool delta_copy(unsigned char op, struct str *d, struct str base, struct str *ret)
{
	size_t v[2] = { 0, 0 };

	for (unsigned bit = 0; bit < 7; bit++) {
		if (!(op >> bit & 1))
			continue;
		if (!d->n)
			return false;
		v[bit >= 4] |= (size_t)(unsigned char)d->p[0]
			       << 8 * (bit >= 4 ? bit - 4 : bit);
		*d = str_from(*d, 1);
	}
	if (!v[1])
		v[1] = 0x10000;
	if (v[0] > base.n || v[1] > base.n - v[0])
		return false;
	*ret = str_sub(base, v[0], v[1]);
	return true;
}

static bool delta_apply(struct str d, struct str base, struct arena *a, struct str *ret)
{
	uint64_t from, to;
	size_t n = 0;
	char *out;

	if (!delta_size(&d, &from) || !delta_size(&d, &to) || from != base.n ||
	    to > DIFF_MAX_BYTES)
		return false;
	out = arena_alloc(a, to + 1);
	while (d.n) {
		unsigned char op = (unsigned char)d.p[0];
		struct str piece;

		d = str_from(d, 1);
		if (op & 0x80) {
			if (!delta_copy(op, &d, base, &piece))
				return false;
		} else {
			if (!op || op > d.n)
				return false;
			piece = str_sub(d, 0, op);
			d = str_from(d, op);
		}
		if (piece.n > to - n)
			return false;
		if (piece.n)
			memcpy(out + n, piece.p, piece.n);
		n += piece.n;
	}
	*ret = str_n(out, n);
	return n == to;
}

bool binary_apply(const struct binary_part *part, struct str base, struct arena *a,
		  struct str *ret_bytes, struct err *err)
{
	switch (part->method) {
	case BINARY_LITERAL:
		*ret_bytes = part->data;
		return true;
	case BINARY_DELTA:
		if (delta_apply(part->data, base, a, ret_bytes))
			return true;
		return err_set(err, ERR_CONFLICT,
			       "applying binary delta: made for other bytes");
	case BINARY_NONE:
		break;
	}
	return err_set(err, ERR_CONFLICT, "applying binary patch: it carries no data");
}
