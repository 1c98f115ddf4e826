/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which lines of one file stand in another, in order: equal ends first, then lines that
 * are unique on both sides as anchors (their longest ascending run), and between anchors
 * a plain longest common subsequence where that is small. Cost: n log n, and at most
 * SMALL cells between two anchors; what is larger and has no anchor stays unmapped.
 */
#include "place_internal.h"

#define SMALL     ((uint64_t)1 << 20)
#define MAX_DEPTH 64

struct differ {
	struct image *a, *b;
	size_t *map;
	struct arena *arena;
	uint64_t budget;
};

struct range {
	size_t a0, a1, b0, b1;
};

static bool same(const struct differ *d, size_t i, size_t j)
{
	return d->a->hash[i] == d->b->hash[j] && str_eq(d->a->lines[i], d->b->lines[j]);
}

/* The only line of [from, to) with this hash, NO_LINE when there are none or more. */
static size_t only(const struct image *im, uint64_t hash, size_t from, size_t to)
{
	size_t hit = NO_LINE, looked = 0;

	for (size_t at = image_first(im, hash); at != NO_LINE && at < to;
	     at = image_next(im, at)) {
		if (++looked > 256)
			return NO_LINE;
		if (at < from)
			continue;
		if (hit != NO_LINE)
			return NO_LINE;
		hit = at;
	}
	return hit;
}

struct anchor {
	size_t i, j;
	size_t prev; /* in the run, index + 1 */
};

/* Longest ascending run of the anchors' j, patience fashion. Leaves the run in place,
 * returns its length. */
static size_t longest_run(struct anchor *v, size_t n, struct arena *arena)
{
	size_t *top = arena_array(arena, size_t, n + 1), piles = 0, w;

	for (size_t k = 0; k < n; k++) {
		size_t lo = 0, hi = piles;

		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;

			if (v[top[mid]].j < v[k].j)
				lo = mid + 1;
			else
				hi = mid;
		}
		v[k].prev = lo ? top[lo - 1] + 1 : 0;
		top[lo] = k;
		piles += lo == piles;
	}
	if (!piles)
		return 0;
	w = piles;
	for (size_t k = top[piles - 1] + 1; k; k = v[k - 1].prev)
		top[--w] = k - 1;
	for (size_t k = 0; k < piles; k++)
		v[k] = v[top[k]];
	return piles;
}

static void small_lcs(struct differ *d, struct range r)
{
	size_t na = r.a1 - r.a0, nb = r.b1 - r.b0, i = 0, j = 0;
	struct arena_mark mark = arena_mark(d->arena);
	unsigned short *t = arena_array(d->arena, unsigned short, (na + 1) * (nb + 1));

	for (size_t x = na; x--;)
		for (size_t y = nb; y--;) {
			unsigned short down = t[(x + 1) * (nb + 1) + y];
			unsigned short right = t[x * (nb + 1) + y + 1];

			t[x * (nb + 1) + y] =
				same(d, r.a0 + x, r.b0 + y)
					? (unsigned short)(t[(x + 1) * (nb + 1) + y + 1] +
							   1)
				: down > right ? down
					       : right;
		}
	while (i < na && j < nb) {
		if (same(d, r.a0 + i, r.b0 + j)) {
			d->map[r.a0 + i++] = r.b0 + j++;
		} else if (t[(i + 1) * (nb + 1) + j] >= t[i * (nb + 1) + j + 1]) {
			i++;
		} else {
			j++;
		}
	}
	arena_rewind(d->arena, mark);
}

static void trim_ends(struct differ *d, struct range *r)
{
	while (r->a0 < r->a1 && r->b0 < r->b1 && same(d, r->a0, r->b0))
		d->map[r->a0++] = r->b0++;
	while (r->a0 < r->a1 && r->b0 < r->b1 && same(d, r->a1 - 1, r->b1 - 1))
		d->map[--r->a1] = --r->b1;
}

/* long: the anchors and what lies between them are one loop */
static void map_range(struct differ *d, struct range r, int depth)
{
	struct anchor *v;
	size_t n = 0;
	uint64_t cells;

	trim_ends(d, &r);
	if (r.a0 == r.a1 || r.b0 == r.b1 || depth > MAX_DEPTH)
		return;
	v = arena_array(d->arena, struct anchor, r.a1 - r.a0);
	for (size_t i = r.a0; i < r.a1; i++) {
		size_t j = only(d->b, d->a->hash[i], r.b0, r.b1);

		if (j != NO_LINE && same(d, i, j) &&
		    only(d->a, d->a->hash[i], r.a0, r.a1) == i)
			v[n++] = (struct anchor){ .i = i, .j = j };
	}
	n = longest_run(v, n, d->arena);
	if (!n) {
		cells = (uint64_t)(r.a1 - r.a0) * (r.b1 - r.b0);
		if (cells > SMALL || cells > d->budget || r.a1 - r.a0 > 60000)
			return;
		d->budget -= cells;
		small_lcs(d, r);
		return;
	}
	for (size_t k = 0; k <= n; k++) {
		struct range sub = { k ? v[k - 1].i + 1 : r.a0, k < n ? v[k].i : r.a1,
				     k ? v[k - 1].j + 1 : r.b0, k < n ? v[k].j : r.b1 };

		if (k < n)
			d->map[v[k].i] = v[k].j;
		map_range(d, sub, depth + 1);
	}
}

void image_map(struct image *a, struct image *b, size_t *map, struct arena *arena)
{
	struct differ d = { a, b, map, arena, SMALL * 64 };

	for (size_t i = 0; i < a->n; i++)
		map[i] = NO_LINE;
	if (!a->n || !b->n)
		return;
	image_hash(a);
	image_hash(b);
	map_range(&d, (struct range){ 0, a->n, 0, b->n }, 0);
}
