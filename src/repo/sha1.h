/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-1 (RFC 3174) for the trailers of pack files only: ids of objects come from
 * libgit2, whose hash detects collision attacks.
 */
#ifndef REPO_SHA1_H
#define REPO_SHA1_H

#include "base/str.h"

struct sha1 {
	uint32_t h[5];
	uint64_t n;
	unsigned char block[64];
};

void sha1_init(struct sha1 *s);
void sha1_add(struct sha1 *s, struct str bytes);
void sha1_end(struct sha1 *s, unsigned char ret[20]);

#endif
