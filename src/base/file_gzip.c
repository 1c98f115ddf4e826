/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gzip files: see base/file.h.
 */
#include <zlib.h>

#include "base/file.h"

enum { CHUNK = 64 * 1024, GZIP_HEADER = 16 /* windowBits: a gzip header is expected */ };

static bool inflate_all(z_stream *z, struct strbuf *out, const char *name,
			struct err *err)
{
	int rc = Z_OK;

	while (rc == Z_OK) {
		char *room = strbuf_reserve(out, CHUNK);

		if (!room)
			return err_set(err, ERR_LIMIT,
				       "unpacking %s: larger than %zu bytes", name,
				       out->max);
		z->next_out = (Bytef *)room;
		z->avail_out = CHUNK;
		rc = inflate(z, Z_NO_FLUSH);
		strbuf_wrote(out, CHUNK - z->avail_out);
	}
	if (rc != Z_STREAM_END)
		return err_set(err, ERR_PARSE, "unpacking %s: not a whole gzip file",
			       name);
	return true;
}

bool file_gunzip(struct str gz, struct strbuf *out, const char *name, struct err *err)
{
	z_stream z = { .avail_in = (uInt)gz.n };
	bool ok;

	/* zlib does not write to its input, but its type says so */
	memcpy(&z.next_in, &gz.p, sizeof(gz.p));
	if (inflateInit2(&z, MAX_WBITS + GZIP_HEADER) != Z_OK)
		return err_set(err, ERR_INTERNAL, "unpacking %s: zlib does not start",
			       name);
	ok = inflate_all(&z, out, name, err);
	inflateEnd(&z);
	return ok;
}
