/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compression of git's objects and binary patches: zlib streams (RFC 1950).
 */
#ifndef PATCH_DEFLATE_H
#define PATCH_DEFLATE_H

#include "base/strbuf.h"

/** Append `bytes` as one zlib stream, at the level git takes for loose objects. */
bool deflate_fast(struct str bytes, struct strbuf *out, struct err *err) MUST_CHECK;
/** CRC-32 as pack indexes hold it. */
uint32_t deflate_crc(struct str bytes);

#endif
