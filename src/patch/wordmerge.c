/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines by their words: how similar two are, and a three-way merge of one line. A word
 * is a run of letters, digits and '_' or of blanks; any other byte stands alone.
 */
#include "place_internal.h"

#define MAX_WORDS 400

struct words {
	struct str v[MAX_WORDS];
	size_t n;
};

static int class_of(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || (unsigned char)c >= 0x80)
		return 1;
	return c == ' ' || (c >= '\t' && c <= '\r') ? 2 : 3;
}

/* False when the line has too many words to be worth it. */
static bool split(struct str line, bool blanks, struct words *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < line.n;) {
		size_t from = i++;
		int k = class_of(line.p[from]);

		while (k != 3 && i < line.n && class_of(line.p[i]) == k)
			i++;
		if (k == 2 && !blanks)
			continue;
		if (ret->n == MAX_WORDS)
			return false;
		ret->v[ret->n++] = str_sub(line, from, i - from);
	}
	return true;
}

/* A name says more than a comma. */
static unsigned worth(struct str word)
{
	return class_of(word.p[0]) == 1 ? 4 + (unsigned)(word.n < 12 ? word.n : 12) : 2;
}

static unsigned total(const struct words *w)
{
	unsigned n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += worth(w->v[i]);
	return n;
}

/* Names that begin or end alike earn in part: xen_one and xen_once. */
static unsigned word_value(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n, longer = a.n > b.n ? a.n : b.n, front = 0,
	       back = 0;

	if (str_eq(a, b))
		return worth(a);
	if (class_of(a.p[0]) != 1 || class_of(b.p[0]) != 1)
		return 0;
	while (front < n && a.p[front] == b.p[front])
		front++;
	while (back < n - front && a.p[a.n - 1 - back] == b.p[b.n - 1 - back])
		back++;
	if ((front + back) * 10 < longer * 7)
		return 0;
	return (unsigned)(worth(a) * (front + back) / longer);
}

/* A line in another block is another line, however similar. */
#define INDENT_MOVED 0.7

double line_similarity(struct str a, struct str b)
{
	struct words x, y;
	unsigned row[MAX_WORDS + 1] = { 0 }, sum;
	bool same_indent = line_depth(a) == line_depth(b);

	a = str_trim(a);
	b = str_trim(b);
	/* Lines of very different length cannot be similar. */
	if (a.n * 3 < b.n || b.n * 3 < a.n || a.n > 1000 || b.n > 1000)
		return 0;
	if (!split(a, false, &x) || !split(b, false, &y))
		return 0;
	for (size_t i = 0; i < x.n; i++) {
		unsigned diag = 0;

		for (size_t j = 1; j <= y.n; j++) {
			unsigned up = row[j], value = word_value(x.v[i], y.v[j - 1]);

			if (row[j - 1] > row[j])
				row[j] = row[j - 1];
			if (value && diag + value > row[j])
				row[j] = diag + value;
			diag = up;
		}
	}
	sum = total(&x) + total(&y);
	return sum ? 2.0 * row[y.n] / sum * (same_indent ? 1 : INDENT_MOVED) : 0;
}

/* pair[i] is the word of y that word i of x goes on as, or MAX_WORDS. */
static void pair_words(const struct words *x, const struct words *y, unsigned short *pair,
		       struct arena *a)
{
	size_t width = y->n + 1;
	unsigned *t = arena_array(a, unsigned, (x->n + 1) * width);
	size_t i = 0, j = 0;

	for (size_t r = x->n; r--;)
		for (size_t c = y->n; c--;) {
			unsigned down = t[(r + 1) * width + c],
				 right = t[r * width + c + 1];

			t[r * width + c] = str_eq(x->v[r], y->v[c])
						   ? t[(r + 1) * width + c + 1] + 1
					   : down > right ? down
							  : right;
		}
	for (size_t r = 0; r < x->n; r++)
		pair[r] = MAX_WORDS;
	while (i < x->n && j < y->n) {
		if (str_eq(x->v[i], y->v[j]))
			pair[i++] = (unsigned short)j++;
		else if (t[(i + 1) * width + j] >= t[i * width + j + 1])
			i++;
		else
			j++;
	}
}

static bool same_words(const struct words *x, size_t x0, size_t x1, const struct words *y,
		       size_t y0, size_t y1)
{
	if (x1 - x0 != y1 - y0)
		return false;
	for (; x0 < x1; x0++, y0++)
		if (!str_eq(x->v[x0], y->v[y0]))
			return false;
	return true;
}

static void add_words(struct strbuf *out, const struct words *w, size_t from, size_t to)
{
	for (; from < to; from++)
		strbuf_add(out, w->v[from]);
}

struct merge {
	struct words base, ours, theirs;
	unsigned short to_ours[MAX_WORDS], to_theirs[MAX_WORDS];
};

static bool merge_words(struct merge *m, struct strbuf *out)
{
	size_t b = 0, o = 0, t = 0;

	for (;;) {
		size_t e = b, oe = m->ours.n, te = m->theirs.n;

		/* The next word that all three have. */
		while (e < m->base.n &&
		       (m->to_ours[e] == MAX_WORDS || m->to_theirs[e] == MAX_WORDS))
			e++;
		if (e < m->base.n) {
			oe = m->to_ours[e];
			te = m->to_theirs[e];
		}
		if (same_words(&m->base, b, e, &m->ours, o, oe))
			add_words(out, &m->theirs, t, te);
		else if (same_words(&m->base, b, e, &m->theirs, t, te) ||
			 same_words(&m->ours, o, oe, &m->theirs, t, te))
			add_words(out, &m->ours, o, oe);
		else
			return false;
		if (e == m->base.n)
			return true;
		strbuf_add(out, m->base.v[e]);
		b = e + 1;
		o = oe + 1;
		t = te + 1;
	}
}

bool word_merge(struct str base, struct str ours, struct str theirs, struct arena *a,
		struct str *ret)
{
	STRBUF_AUTO(out, DIFF_MAX_LINE);
	struct merge *m = arena_new_of(a, struct merge);

	if (!split(base, true, &m->base) || !split(ours, true, &m->ours) ||
	    !split(theirs, true, &m->theirs))
		return false;
	pair_words(&m->base, &m->ours, m->to_ours, a);
	pair_words(&m->base, &m->theirs, m->to_theirs, a);
	if (!merge_words(m, &out))
		return false;
	*ret = arena_str(a, strbuf_str(&out));
	return true;
}
