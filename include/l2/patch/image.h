/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file as lines. The bytes stay where they are; the image holds a view of each line,
 * its LF included, and, once asked for, a hash a line and an index from hash to lines.
 * Cost: linear in the bytes; the hashes are made at most once.
 */
#ifndef PATCH_IMAGE_H
#define PATCH_IMAGE_H

#include "base/arena.h"

#define IMAGE_MAX_BYTES ((size_t)1 << 30)

struct image {
	struct str bytes;
	struct str *lines;
	size_t n;
	uint64_t *hash;      /* a line; NULL until image_hash() */
	uint32_t *next;      /* further lines with this hash's bucket, ~0u ends */
	uint32_t *bucket;    /* first line of a bucket */
	size_t n_buckets;    /* a power of two */
	struct arena *arena; /* where the tables live */
};

#define IMAGE_NO_LINE ((size_t)-1)

/** Split into lines; the bytes are not copied. */
bool image_init(struct image *im, struct str bytes, struct arena *a, struct err *err)
	MUST_CHECK;
/** Hash the lines without their line ends and index them. Later calls cost nothing. */
void image_hash(struct image *im);
/** First line >= from that equals `line` (line ends count), or IMAGE_NO_LINE. */
size_t image_find(struct image *im, struct str line, size_t from);
/** How many lines equal `line`, counted up to `max`. */
size_t image_count(struct image *im, struct str line, size_t max);
/** Lines [at, at + n) as one view of the bytes. */
struct str image_range(const struct image *im, size_t at, size_t n);
/** The hash image_hash() uses for one line. */
uint64_t image_line_hash(struct str line);

#endif
