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
#define IMAGE_NO_LINE   ((size_t)-1)

struct image {
	struct str bytes;
	struct str *lines;
	size_t n;
	uint64_t *hash;   /* a line, blanks not counted; NULL until image_hash() */
	uint32_t *next;   /* the next line in the same bucket, or ~0u */
	uint32_t *bucket; /* first line of each bucket, in file order */
	size_t n_buckets; /* a power of two */
	struct arena *a;  /* where the tables live */
};

/** Split into lines; the bytes are not copied. */
bool image_init(struct image *im, struct str bytes, struct arena *a, struct err *err)
	MUST_CHECK;
/** Hash and index the lines. Later calls cost nothing. */
void image_hash(struct image *im);
/** First line whose hash is `hash`, or IMAGE_NO_LINE; then the next one after `at`. */
size_t image_first(const struct image *im, uint64_t hash);
size_t image_next(const struct image *im, size_t at);
/** How many lines have the hash, counted up to `max`. */
size_t image_count(const struct image *im, uint64_t hash, size_t max);
/** Lines [at, at + n) as one view of the bytes. */
struct str image_range(const struct image *im, size_t at, size_t n);
/** Hash of a line without its blanks, so that lines that differ in blanks only meet. */
uint64_t image_line_hash(struct str line);

#endif
