/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Further places for an insertion that has none for certain: worth showing to the user,
 * never taken. Where the new lines sort in, beside the nearest old lines that stand in
 * the file once, the paragraph beside a place already found, and where the hunks beside
 * this one point. Two looks over the file at most.
 */
#include "place_internal.h"

#define LANDMARK  0.4f /* weight of a line that is no blank and no lone brace */
#define MAX_TWINS 64   /* lines like it but for their blanks that are looked at */
#define ORDERED   10   /* bytes a new line shares with the two lines it sorts between */

static void add(struct guesses *g, size_t line)
{
	if (g->n < MAX_GUESSES)
		g->line[g->n++] = line;
}

static size_t apart(size_t a, size_t b)
{
	return a > b ? a - b : b - a;
}

/* How many bytes a new line shares with the lines before and behind `line`, where it
 * sorts in between them; else 0. */
static size_t sorts_in(const struct image *im, struct str new, size_t line)
{
	struct str prev = im->lines[line - 1], next = im->lines[line];
	size_t before = line_common_begin(prev, new), behind;

	if (before < ORDERED / 2 || str_cmp(str_trim(prev), new) > 0)
		return 0;
	behind = line_common_begin(new, next);
	if (behind < ORDERED / 2 || str_cmp(new, str_trim(next)) > 0)
		return 0;
	return before + behind < ORDERED ? 0 : before + behind;
}

/* A line of a list: between the two lines that are most alike, and, where several lists
 * would take it, in the one nearest to where it was. */
static void between_ordered(struct work *w, const struct block *b, size_t near,
			    struct guesses *g)
{
	const struct image *im = &w->im;
	struct str new = str_trim(b->new[0]);
	size_t best = NO_LINE, nearest = NO_LINE, most = 0;

	if (b->n_new != 1)
		return;
	charge_reading(w);
	for (size_t i = 1; i < im->n; i++) {
		size_t alike = sorts_in(im, new, i);

		if (!alike)
			continue;
		if (alike > most) {
			most = alike;
			best = i;
		}
		if (nearest == NO_LINE || apart(i, near) < apart(nearest, near))
			nearest = i;
	}
	if (best != NO_LINE)
		add(g, best);
	if (nearest != best)
		add(g, nearest);
}

/* New lines that bring their own blank are a paragraph: it begins, or ends, where the one
 * around `line` does. */
static void beside_paragraph(const struct work *w, const struct block *b, size_t line,
			     struct guesses *g)
{
	const struct image *im = &w->im;
	size_t from = line, to = line;

	while (from && !line_is_blank(im->lines[from - 1]))
		from--;
	while (to < im->n && !line_is_blank(im->lines[to]))
		to++;
	if (line_is_blank(b->new[b->n_new - 1])) {
		add(g, from);
		add(g, to < im->n ? to + 1 : to);
	} else if (line_is_blank(b->new[0])) {
		add(g, to);
		add(g, from ? from - 1 : 0);
	}
}

/* The only line of the file that is like old line i, or NO_LINE. */
static size_t only_line(const struct work *w, const struct sides *s, size_t i)
{
	size_t hit = NO_LINE, looked = 0;

	if (line_weight(s->pre[i]) < LANDMARK)
		return NO_LINE;
	for (size_t at = image_first(&w->im, s->hash[i]); at != NO_LINE;
	     at = image_next(&w->im, at)) {
		if (++looked > MAX_TWINS)
			return NO_LINE;
		if (!str_eq(w->im.lines[at], s->pre[i]))
			continue;
		if (hit != NO_LINE)
			return NO_LINE;
		hit = at;
	}
	return hit;
}

/* The nearest old lines on both sides that stand in the file, and once. */
static void beside_landmarks(const struct work *w, const struct sides *s,
			     const struct block *b, struct guesses *g)
{
	size_t line = NO_LINE;

	for (size_t i = b->at; i < s->n_pre && line == NO_LINE; i++)
		line = only_line(w, s, i);
	if (line != NO_LINE)
		add(g, line);
	line = NO_LINE;
	for (size_t i = b->at; i && line == NO_LINE;)
		line = only_line(w, s, --i);
	if (line != NO_LINE)
		add(g, line + 1);
}

void guess_places(struct work *w, const struct sides *s, const struct block *b,
		  size_t found, struct guesses *ret)
{
	size_t near = s->hunk->old.start, line;

	*ret = (struct guesses){ 0 };
	if (s >= w->sides && s < w->sides + w->res->n_hunks)
		near = spans_expect(w, (size_t)(s - w->sides)) + b->at;
	line = found != NO_LINE ? found : near;
	if (line > w->im.n)
		line = w->im.n;
	between_ordered(w, b, near, ret);
	if (found == NO_LINE)
		beside_landmarks(w, s, b, ret);
	beside_paragraph(w, b, line, ret);
	if (found == NO_LINE)
		add(ret, line);
}
