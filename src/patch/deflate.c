/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compression: see patch/deflate.h.
 */
#include <zlib.h>

#include "patch/deflate.h"

bool deflate_fast(struct str bytes, struct strbuf *out, struct err *err)
{
	uLongf n = compressBound(bytes.n);
	char *to = strbuf_reserve(out, n);

	if (!to)
		return err_set(err, ERR_LIMIT, "compressing %zu bytes: too many",
			       bytes.n);
	if (compress2((Bytef *)to, &n, (const Bytef *)bytes.p, bytes.n, Z_BEST_SPEED) !=
	    Z_OK)
		return err_set(err, ERR_INTERNAL, "compressing %zu bytes: zlib failed",
			       bytes.n);
	strbuf_wrote(out, n);
	return true;
}

uint32_t deflate_crc(struct str bytes)
{
	return (uint32_t)crc32(crc32(0, NULL, 0), (const Bytef *)bytes.p, (uInt)bytes.n);
}
