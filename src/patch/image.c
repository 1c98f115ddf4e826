/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files as lines: see patch/image.h.
 */
#include "patch/image.h"

static size_t count_lines(struct str bytes)
{
	const char *p = bytes.p, *end = bytes.p + bytes.n;
	size_t n = 0;

	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));

		n++;
		p = lf ? lf + 1 : end;
	}
	return n;
}

bool image_init(struct image *im, struct str bytes, struct arena *a, struct err *err)
{
	struct str rest = bytes;

	if (bytes.n > IMAGE_MAX_BYTES)
		return err_set(err, ERR_LIMIT, "reading file: larger than %zu MB",
			       IMAGE_MAX_BYTES >> 20);
	*im = (struct image){ .bytes = bytes, .a = a };
	if (!bytes.n)
		return true;
	im->n = count_lines(bytes);
	im->lines = arena_array(a, struct str, im->n);
	for (size_t i = 0; i < im->n; i++)
		str_line(&rest, &im->lines[i]);
	return true;
}

uint64_t image_line_hash(struct str line)
{
	uint64_t h = 0x9e3779b97f4a7c15;

	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if (c > ' ' || (c < '\t' || (c > '\r' && c < ' ')))
			h = (h ^ c) * 0x100000001b3;
	}
	return h ^ h >> 29;
}

void image_hash(struct image *im)
{
	if (im->hash || !im->n)
		return;
	im->n_buckets = 16;
	while (im->n_buckets < im->n)
		im->n_buckets *= 2;
	im->hash = arena_array(im->a, uint64_t, im->n);
	im->next = arena_array(im->a, uint32_t, im->n);
	im->bucket = arena_array(im->a, uint32_t, im->n_buckets);
	memset(im->bucket, 0xff, im->n_buckets * sizeof(*im->bucket));
	for (size_t i = im->n; i--;) {
		uint32_t *b;

		im->hash[i] = image_line_hash(im->lines[i]);
		b = &im->bucket[im->hash[i] & (im->n_buckets - 1)];
		im->next[i] = *b;
		*b = (uint32_t)i;
	}
}

static size_t same_hash(const struct image *im, uint32_t at, uint64_t hash)
{
	while (at != UINT32_MAX && im->hash[at] != hash)
		at = im->next[at];
	return at == UINT32_MAX ? IMAGE_NO_LINE : at;
}

size_t image_first(const struct image *im, uint64_t hash)
{
	if (!im->n)
		return IMAGE_NO_LINE;
	return same_hash(im, im->bucket[hash & (im->n_buckets - 1)], hash);
}

size_t image_next(const struct image *im, size_t at)
{
	return same_hash(im, im->next[at], im->hash[at]);
}

size_t image_count(const struct image *im, uint64_t hash, size_t max)
{
	size_t n = 0;

	for (size_t at = image_first(im, hash); at != IMAGE_NO_LINE && n < max;
	     at = image_next(im, at))
		n++;
	return n;
}

struct str image_range(const struct image *im, size_t at, size_t n)
{
	const char *p;

	if (at >= im->n || !n)
		return str_n(im->bytes.p + (at >= im->n ? im->bytes.n : 0), 0);
	if (n > im->n - at)
		n = im->n - at;
	p = im->lines[at].p;
	return str_n(p, (size_t)(im->lines[at + n - 1].p - p) + im->lines[at + n - 1].n);
}
