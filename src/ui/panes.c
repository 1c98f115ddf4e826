/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three panes: see panes.h. Lines of the file that are not among the expected ones are
 * paired with the expected lines in the same gap, and what differs inside a pair is
 * marked: the part between the common beginning and the common end.
 */
#include "panes.h"

#include "patch/image.h"

enum { OLD_MAX = 400, REGION_MAX = 1200 };

/* ---- pairing ----------------------------------------------------------------- */

struct pairing {
	struct str old[OLD_MAX]; /* context and removed lines of the hunk */
	size_t n;
	struct str partner[REGION_MAX]; /* for a line of the region: its expected line */
	bool same[REGION_MAX];
};

static bool is_same(struct str a, struct str b)
{
	return str_eq(str_chomp(a), str_chomp(b));
}

/* best[i * (n + 1) + j]: the longest common subsequence of what follows expected line i
 * and region line j; at most 400 x 1200 cells. */
static unsigned short *common_lengths(struct arena *a, const struct pairing *p,
				      const struct str *region, size_t n)
{
	size_t w = n + 1;
	unsigned short *best = arena_array(a, unsigned short, (p->n + 1) * w);

	for (size_t x = p->n; x-- > 0;) {
		for (size_t y = n; y-- > 0;) {
			unsigned short down = best[(x + 1) * w + y],
				       right = best[x * w + y + 1];

			best[x * w + y] = down > right ? down : right;
			if (is_same(p->old[x], region[y]))
				best[x * w + y] =
					(unsigned short)(best[(x + 1) * w + y + 1] + 1);
		}
	}
	return best;
}

/* What stands between two equal lines on both sides pairs up in order. */
static void pair_lines(struct arena *a, struct pairing *p, const struct str *region,
		       size_t n)
{
	const unsigned short *best = common_lengths(a, p, region, n);
	size_t w = n + 1, i = 0, j = 0;

	while (i < p->n || j < n) {
		size_t gap_old = i, gap_new = j;

		while (i < p->n && j < n && !is_same(p->old[i], region[j])) {
			if (best[(i + 1) * w + j] >= best[i * w + j + 1])
				i++;
			else
				j++;
		}
		if (i == p->n || j == n) {
			i = p->n;
			j = n;
		}
		for (size_t k = 0; gap_old + k < i && gap_new + k < j; k++)
			p->partner[gap_new + k] = p->old[gap_old + k];
		if (j < n) {
			p->partner[j] = p->old[i++];
			p->same[j++] = true;
		}
	}
}

/* ---- lines ------------------------------------------------------------------- */

static size_t common_front(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	/* never inside a UTF-8 character */
	while (n && ((unsigned char)a.p[n < a.n ? n : n - 1] & 0xc0) == 0x80 && n < a.n)
		n--;
	return n;
}

static size_t common_back(struct str a, struct str b, size_t front)
{
	size_t n = 0;

	while (n < a.n - front && n < b.n - front && a.p[a.n - n - 1] == b.p[b.n - n - 1])
		n++;
	while (n && ((unsigned char)a.p[a.n - n] & 0xc0) == 0x80)
		n--;
	return n;
}

static void put_line(struct doc *d, char mark, enum style style, struct str line)
{
	doc_line(d, LINE_CODE);
	doc_spanf(d, style, "%c ", mark);
	doc_span(d, style, str_chomp(line));
}

/* A line beside its partner: the middle that differs stands out. */
static void put_pair(struct doc *d, char mark, enum style style, enum style word,
		     struct str line, struct str partner)
{
	struct str a = str_chomp(line), b = str_chomp(partner);
	size_t front = common_front(a, b), back = common_back(a, b, front);

	doc_line(d, LINE_CODE);
	doc_spanf(d, style, "%c ", mark);
	doc_span(d, style, str_n(a.p, front));
	doc_span(d, word, str_sub(a, front, a.n - front - back));
	doc_span(d, style, str_from(a, a.n - back));
}

static void put_expected(struct doc *d, const struct desk_item *item)
{
	if (!item->hunk) {
		STRBUF_AUTO(b, 1 << 20);

		filepatch_print_header(&item->patch, &b);
		doc_diff(d, strbuf_str(&b));
		return;
	}
	for (size_t i = 0; i < item->hunk->n; i++) {
		const struct hunk_line *l = &item->hunk->lines[i];

		put_line(d, l->kind,
			 l->kind == '-'   ? STYLE_DEL
			 : l->kind == '+' ? STYLE_ADD
					  : STYLE_TEXT,
			 l->text);
	}
}

/* ---- here and become --------------------------------------------------------- */

static const struct place_edit *edit_at(const struct place_candidate *c, size_t line)
{
	for (size_t i = 0; c && i < c->n_edits; i++)
		if (c->edits[i].line == line)
			return &c->edits[i];
	return NULL;
}

static bool is_removed(const struct place_candidate *c, size_t line)
{
	for (size_t i = 0; c && i < c->n_edits; i++)
		if (line >= c->edits[i].line &&
		    line < c->edits[i].line + c->edits[i].n_old)
			return true;
	return false;
}

/* `expected`: the line of the patch to mark the differences from, or nothing. `mark`: '-'
 * for one that goes, '>' for one that new lines stand before. */
static void put_here(struct doc *d, char mark, struct str line, struct str expected)
{
	bool removed = mark == '-';

	if (expected.p)
		put_pair(d, mark, removed ? STYLE_DEL : STYLE_WARN, STYLE_DEL_WORD, line,
			 expected);
	else
		put_line(d, mark, removed ? STYLE_DEL : STYLE_TEXT, line);
}

static void put_new(struct doc *d, const struct image *im, const struct place_edit *e,
		    bool words)
{
	for (size_t i = 0; i < e->n_new; i++) {
		if (words && i < e->n_old)
			put_pair(d, '+', STYLE_ADD, STYLE_ADD_WORD, e->new[i],
				 im->lines[e->line + i]);
		else
			put_line(d, '+', STYLE_ADD, e->new[i]);
	}
}

/* Lines of the hunk before its first change: as many stand above the change here, so
 * that the panes begin side by side. */
static size_t leading(const struct desk_item *item, size_t context)
{
	size_t n = 0;

	while (item->hunk && n < item->hunk->n && item->hunk->lines[n].kind == ' ')
		n++;
	return n ? n : context;
}

struct region {
	size_t from, to; /* lines of the file, `to` excluded */
};

static struct region region_of(const struct image *im, const struct place_candidate *c,
			       size_t line, size_t before, size_t after)
{
	struct region r = { line ? line - 1 : 0, line ? line - 1 : 0 };

	if (c && c->n_edits) {
		const struct place_edit *last = &c->edits[c->n_edits - 1];

		r = (struct region){ c->edits[0].line, last->line + last->n_old };
	}
	r.from = r.from > before ? r.from - before : 0;
	r.to = r.to + after < im->n ? r.to + after : im->n;
	if (r.from > r.to)
		r.from = r.to;
	if (r.to - r.from > REGION_MAX)
		r.to = r.from + REGION_MAX;
	return r;
}

static size_t old_side(const struct hunk *hunk, struct str *ret, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; hunk && i < hunk->n && n < max; i++)
		if (hunk->lines[i].kind != '+')
			ret[n++] = hunk->lines[i].text;
	return n;
}

void panes_make(struct panes *ret, struct arena *a, const struct desk_item *item,
		const struct panes_at *at)
{
	struct pairing *p = arena_new_of(a, struct pairing);
	const struct place_candidate *c = at->candidate;
	struct image im = { 0 };
	struct region r;

	*ret = (struct panes){ doc_new(a), doc_new(a), doc_new(a), 1, 0 };
	put_expected(ret->expected, item);
	if (!item->file.n || !image_init(&im, item->bytes, a, NULL))
		return;
	p->n = old_side(item->hunk, p->old, OLD_MAX);
	r = region_of(&im, c, at->line, c ? leading(item, at->context) : at->context,
		      at->context);
	if (r.from < r.to)
		pair_lines(a, p, im.lines + r.from, r.to - r.from);
	ret->first = r.from + 1;
	for (size_t i = r.from; i <= r.to; i++) {
		const struct place_edit *e = edit_at(c, i);
		size_t row = i - r.from;
		bool removed = is_removed(c, i);

		if (e && !ret->focus)
			ret->focus = row;
		if (e)
			put_new(ret->become, &im, e, at->words);
		if (i == r.to)
			break;
		put_here(ret->here,
			 removed ? '-'
			 : e     ? '>'
				 : ' ',
			 im.lines[i],
			 at->words && !p->same[row] ? p->partner[row] : STR_NONE);
		if (!removed)
			put_line(ret->become, ' ', STYLE_TEXT, im.lines[i]);
	}
}
