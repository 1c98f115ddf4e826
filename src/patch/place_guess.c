/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Further places for an insertion that has none for certain: worth showing to the user,
 * never taken. Where the new lines sort in, the paragraph beside a place already found,
 * and where the hunks beside this one point. Two looks over the file at most.
 */
#include "place_internal.h"

#define ORDERED 10 /* bytes a new line shares with the two lines it sorts between */

static void add(struct guesses *g, size_t line)
{
	if (g->n < MAX_GUESSES)
		g->line[g->n++] = line;
}

/* A line of a list: the two lines between which it sorts in and which it is most alike.
 */
static void between_ordered(struct work *w, const struct block *b, struct guesses *g)
{
	const struct image *im = &w->im;
	struct str new = str_trim(b->new[0]);
	size_t best = NO_LINE, most = ORDERED;

	if (b->n_new != 1)
		return;
	charge_reading(w);
	for (size_t i = 1; i < im->n; i++) {
		struct str prev = im->lines[i - 1], next = im->lines[i];
		size_t before = line_common_begin(prev, new), behind;

		if (before < ORDERED / 2 || str_cmp(str_trim(prev), new) > 0)
			continue;
		behind = line_common_begin(new, next);
		if (behind < ORDERED / 2 || before + behind < most ||
		    str_cmp(new, str_trim(next)) > 0)
			continue;
		most = before + behind + 1;
		best = i;
	}
	if (best != NO_LINE)
		add(g, best);
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

void guess_places(struct work *w, const struct sides *s, const struct block *b,
		  size_t found, struct guesses *ret)
{
	size_t line = found;

	*ret = (struct guesses){ 0 };
	if (found == NO_LINE && s >= w->sides && s < w->sides + w->res->n_hunks)
		line = spans_expect(w, (size_t)(s - w->sides)) + b->at;
	if (line > w->im.n)
		line = w->im.n;
	between_ordered(w, b, ret);
	beside_paragraph(w, b, line, ret);
	if (found == NO_LINE)
		add(ret, line);
}
