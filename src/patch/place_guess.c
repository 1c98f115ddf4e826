/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places for an insertion that has none for certain: worth showing to the user, never
 * taken. Every gap between two lines of the file is judged: by the old lines that stand
 * near it on their own side, each on its own and in no order; by its shape, that is
 * whether blank and full lines meet there and are as deep as in the hunk; by the function
 * the hunk names, by a list in order, and by how far it is from where the hunks around
 * point. Cost: a look over the file, and a bounded number of occurrences a line of the
 * hunk.
 *
 * The weights were fitted to a few hundred hunks of other projects of which the place a
 * human chose is known.
 */
#include <math.h>

#include "place_internal.h"

#define REACH     40  /* lines an old line is heard from */
#define WITNESSES 8   /* old lines that are asked on each side */
#define TOO_MANY  60  /* a line that stands in so many places says nothing */
#define MAX_LOOKS 256 /* lines like it but for their blanks that are looked at */

#define NEARBY 1000 /* lines within which a place needs no old line to speak for it */

#define SAYS_LINE    2.5 /* an old line right where it should be */
#define SAYS_BLANKS  0.9 /* blank or full, as in the hunk */
#define SAYS_DEPTH   0.3 /* as deep as in the hunk */
#define SAYS_SECTION 0.5
#define SAYS_ORDER   0.7  /* of a list in order this is the place */
#define SAYS_FAR     0.12 /* against it, with the logarithm of the distance */

#define NEXT_WITNESS 0.8 /* what the next line further off says less */
#define ASTRAY       2.0 /* lines astray that halve what a line says */

struct gaps {
	struct work *w;
	const struct sides *s;
	const struct block *b;
	float *value; /* of the gap before each line, and the last one */
	float *one;   /* what a single old line says; zero in between */
};

/* The nearest line but blanks, among `n` from `i` on; empty where there is none. */
static struct str full_line(const struct str *lines, size_t n, size_t i, bool up)
{
	for (size_t k = 0; k < 4; k++) {
		if (up ? i < k + 1 : i + k >= n)
			break;
		if (!line_is_blank(lines[up ? i - k - 1 : i + k]))
			return lines[up ? i - k - 1 : i + k];
	}
	return STR_NONE;
}

/* The places where one old line stands. */
struct hearing {
	size_t at[TOO_MANY], n;
};

static void hear(const struct gaps *g, size_t i, struct hearing *ret)
{
	const struct image *im = &g->w->im;
	uint64_t hash = g->s->hash[i];
	size_t looked = 0, at;

	ret->n = 0;
	for (at = image_first(im, hash); at != NO_LINE; at = image_next(im, at)) {
		if (++looked > MAX_LOOKS || ret->n == TOO_MANY) {
			ret->n = 0;
			return;
		}
		if (str_eq(im->lines[at], g->s->pre[i]))
			ret->at[ret->n++] = at;
	}
}

static size_t in_reach(const struct gaps *g, size_t at, bool up)
{
	size_t room = up ? g->w->im.n - at : at + 1;

	return room < REACH ? room : REACH;
}

/* Lines off the distance at which an old line is expected: `k` lines lay between, `there`
 * of which are in the file. */
static double astray(size_t d, size_t k, size_t there)
{
	return d > k ? (double)(d - k) : d < there ? (double)(there - d) : 0;
}

/* Old line `i`, the k-th from the insertion, above it (`up`) or below: every place it
 * stands at speaks for the gaps at about the right distance, the best of them counts. */
static bool ask_line(const struct gaps *g, size_t i, size_t k, size_t there, bool up)
{
	struct hearing h;
	double says = SAYS_LINE * (double)line_weight(g->s->pre[i]) *
		      pow(NEXT_WITNESS, (double)k);

	hear(g, i, &h);
	for (size_t j = 0; j < h.n; j++)
		for (size_t d = 0; d < in_reach(g, h.at[j], up); d++) {
			double off = astray(d, k, there);
			float *gap = &g->one[up ? h.at[j] + 1 + d : h.at[j] - d];

			*gap = fmaxf(*gap, (float)(says / (1 + off / ASTRAY)));
		}
	for (size_t j = 0; j < h.n; j++)
		for (size_t d = 0; d < in_reach(g, h.at[j], up); d++) {
			size_t gap = up ? h.at[j] + 1 + d : h.at[j] - d;

			g->value[gap] += g->one[gap] / sqrtf((float)h.n);
			g->one[gap] = 0;
		}
	return h.n;
}

static void ask_side(const struct gaps *g, bool up)
{
	size_t at = g->b->at, n = up ? at : g->s->n_pre - at, there = 0;

	for (size_t k = 0; k < WITNESSES && k < n; k++)
		there += ask_line(g, up ? at - 1 - k : at + k, k, there, up);
}

static double shape(const struct gaps *g, size_t line)
{
	const struct image *im = &g->w->im;
	const struct sides *s = g->s;
	double sum = 0;

	for (int up = 0; up < 2; up++) {
		size_t at = up ? g->b->at - 1 : g->b->at, to = up ? line - 1 : line;
		struct str want = full_line(s->pre, s->n_pre, g->b->at, up);
		struct str have = full_line(im->lines, im->n, line, up);

		if (at < s->n_pre && to < im->n &&
		    line_is_blank(s->pre[at]) == line_is_blank(im->lines[to]))
			sum += SAYS_BLANKS;
		if (want.n && have.n && line_depth(want) == line_depth(have))
			sum += SAYS_DEPTH;
	}
	return sum;
}

#define ENTRY_ALIKE 3 /* bytes the entries of a list begin with alike */

static bool sorts_in(const struct gaps *g, size_t line)
{
	struct str *v = g->w->im.lines, new = g->b->new[0];

	return g->b->n_new == 1 && line && line < g->w->im.n &&
	       line_common_begin(v[line - 1], new) >= ENTRY_ALIKE &&
	       line_common_begin(new, v[line]) >= ENTRY_ALIKE &&
	       str_cmp(str_trim(v[line - 1]), str_trim(new)) <= 0 &&
	       str_cmp(str_trim(new), str_trim(v[line])) <= 0;
}

/* Where the hunks around this one point. */
static size_t expected(const struct gaps *g)
{
	const struct work *w = g->w;
	bool own = g->s >= w->sides && g->s < w->sides + w->res->n_hunks;
	size_t stated = g->s->hunk->old.start;

	if (own)
		return spans_expect(w, (size_t)(g->s - w->sides)) + g->b->at;
	return stated - (stated > 0) + g->b->at;
}

#define MAX_BEST 24
#define APART    4 /* lines from which on a third guess is another place */

struct best {
	size_t line[MAX_BEST];
	double value[MAX_BEST]; /* best first */
	size_t n;
};

static void rank(struct best *best, size_t line, double value)
{
	size_t i = best->n;

	if (i < MAX_BEST)
		best->n++;
	else if (best->value[--i] >= value)
		return;
	for (; i && best->value[i - 1] < value; i--) {
		best->line[i] = best->line[i - 1];
		best->value[i] = best->value[i - 1];
	}
	best->line[i] = line;
	best->value[i] = value;
}

static bool is_elsewhere(const struct guesses *g, size_t line)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->line[i] < line + APART && line < g->line[i] + APART)
			return false;
	return true;
}

/* Two that may be neighbours, then such as show other parts of the file; what half of
 * the best speaks for is worth a look. */
static void choose(const struct best *best, struct guesses *ret)
{
	*ret = (struct guesses){ 0 };
	for (size_t i = 0; i < best->n && ret->n < MAX_GUESSES; i++)
		if (i && best->value[i] < best->value[0] / 2)
			break;
		else if (i < 2 || is_elsewhere(ret, best->line[i]))
			ret->line[ret->n++] = best->line[i];
}

void guess_places(struct work *w, const struct sides *s, const struct block *b,
		  struct guesses *ret)
{
	struct arena_mark mark = arena_mark(w->a);
	struct gaps g = { .w = w, .s = s, .b = b };
	size_t from = 0, to = 0, near = expected(&g);
	struct best best = { 0 };

	g.value = arena_array(w->a, float, w->im.n + 1);
	g.one = arena_array(w->a, float, w->im.n + 1);
	ask_side(&g, true);
	ask_side(&g, false);
	section_lines(w, s, &from, &to);
	charge_reading(w);
	for (size_t line = 0; line <= w->im.n; line++) {
		double off = fabs((double)line - (double)near);
		double value = (double)g.value[line];

		if (value <= 0 && off > NEARBY)
			continue;
		value += shape(&g, line);
		value += line > from && line < to ? SAYS_SECTION : 0;
		value += sorts_in(&g, line) ? SAYS_ORDER : 0;
		rank(&best, line, value - SAYS_FAR * log1p(off));
	}
	choose(&best, ret);
	ret->inside = ret->n && ret->line[0] > from && ret->line[0] < to;
	arena_rewind(w->a, mark);
}
