/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Line differences: see base/linediff.h. What both texts begin and end with is taken off
 * first; the rest goes through the greedy algorithm of Myers, whose furthest points are
 * kept for each number of edits so that the way back can be read off.
 */
#include "base/linediff.h"
#include "base/arena.h"

struct lines {
	struct str *v;
	size_t n, cap;
};

/* The script: which lines stay, which go, which come, in the order of the output. */
struct edit {
	char kind; /* ' ', '-', '+' */
	struct str line;
	size_t old_at, new_at; /* lines before it in each text */
};
struct script {
	struct edit *v;
	size_t n, cap;
};

static void split(struct arena *a, struct str text, struct lines *ret)
{
	struct str line;

	while (str_line(&text, &line))
		*ARENA_PUSH(a, ret) = line;
}

/* Furthest x on each diagonal after d edits; v[d + k] is diagonal k, -d <= k <= d. */
struct wave {
	int *v;
};

static int reach(const struct lines *x, const struct lines *y, int at, int k)
{
	while ((size_t)at < x->n && (size_t)(at - k) < y->n &&
	       str_eq(x->v[at], y->v[at - k]))
		at++;
	return at;
}

/* Where diagonal k is entered with d edits: from above (a new line) or from the left. */
static int enter(const struct wave *last, int d, int k)
{
	const int *v = last->v;
	bool down = k == -d || (k != d && v[d - 1 + k - 1] < v[d - 1 + k + 1]);

	return down ? v[d - 1 + k + 1] : v[d - 1 + k - 1] + 1;
}

/* The least number of edits, or -1 beyond the limit; the waves are left in `waves`. */
static int forward(struct arena *a, const struct lines *x, const struct lines *y,
		   struct wave *waves)
{
	for (int d = 0; d <= LINEDIFF_EDITS; d++) {
		waves[d].v = arena_array(a, int, (size_t)(2 * d + 3));
		for (int k = -d; k <= d; k += 2) {
			int at = d ? enter(&waves[d - 1], d, k) : 0;

			/* a diagonal that left the texts goes nowhere */
			if (at - k >= 0 && (size_t)at <= x->n && (size_t)(at - k) <= y->n)
				at = reach(x, y, at, k);
			waves[d].v[d + k] = at;
			if ((size_t)at == x->n && (size_t)(at - k) == y->n)
				return d;
		}
	}
	return -1;
}

static void add(struct arena *a, struct script *s, char kind, struct str line)
{
	*ARENA_PUSH(a, s) = (struct edit){ .kind = kind, .line = line };
}

/* Read the way back from the end; the script comes out reversed. */
static void backward(struct arena *a, const struct lines *x, const struct lines *y,
		     const struct wave *waves, int d, struct script *s)
{
	int at = (int)x->n, to = (int)y->n;

	for (; d > 0; d--) {
		int k = at - to, from = enter(&waves[d - 1], d, k);
		const int *v = waves[d - 1].v;
		bool down = k == -d || (k != d && v[d - 1 + k - 1] < v[d - 1 + k + 1]);

		for (; at > from; at--, to--)
			add(a, s, ' ', x->v[at - 1]);
		if (down)
			add(a, s, '+', y->v[--to]);
		else
			add(a, s, '-', x->v[--at]);
	}
	for (; at > 0; at--)
		add(a, s, ' ', x->v[at - 1]);
}

static void middle(struct arena *a, const struct lines *x, const struct lines *y,
		   struct script *out)
{
	struct wave *waves = arena_array(a, struct wave, LINEDIFF_EDITS + 1);
	struct script back = { 0 };
	int d = forward(a, x, y, waves);

	if (d < 0) {
		for (size_t i = 0; i < x->n; i++)
			add(a, out, '-', x->v[i]);
		for (size_t i = 0; i < y->n; i++)
			add(a, out, '+', y->v[i]);
		return;
	}
	backward(a, x, y, waves, d, &back);
	for (size_t i = back.n; i > 0; i--)
		*ARENA_PUSH(a, out) = back.v[i - 1];
}

static void print_line(struct strbuf *out, const struct edit *e)
{
	strbuf_addc(out, e->kind);
	strbuf_add(out, e->line);
	if (!str_ends(e->line, STR("\n")))
		strbuf_addz(out, "\n\\ No newline at end of file\n");
}

static void print_range(struct strbuf *out, char sign, size_t at, size_t n)
{
	/* an empty range is named by the line before it */
	strbuf_addf(out, "%c%zu", sign, n ? at + 1 : at);
	if (n != 1)
		strbuf_addf(out, ",%zu", n);
}

static void print_hunk(struct strbuf *out, const struct script *s, size_t from, size_t to)
{
	size_t olds = 0, news = 0;

	for (size_t i = from; i < to; i++) {
		olds += s->v[i].kind != '+';
		news += s->v[i].kind != '-';
	}
	strbuf_addz(out, "@@ ");
	print_range(out, '-', s->v[from].old_at, olds);
	strbuf_addc(out, ' ');
	print_range(out, '+', s->v[from].new_at, news);
	strbuf_addz(out, " @@\n");
	for (size_t i = from; i < to; i++)
		print_line(out, &s->v[i]);
}

/* Hunks: changes with their context, joined where the context meets. */
static void print_script(struct strbuf *out, struct script *s)
{
	size_t i = 0, old_at = 0, new_at = 0;

	for (size_t k = 0; k < s->n; k++) {
		s->v[k].old_at = old_at;
		s->v[k].new_at = new_at;
		old_at += s->v[k].kind != '+';
		new_at += s->v[k].kind != '-';
	}
	while (i < s->n) {
		size_t from, to, same = 0;

		if (s->v[i].kind == ' ') {
			i++;
			continue;
		}
		from = i > LINEDIFF_CONTEXT ? i - LINEDIFF_CONTEXT : 0;
		for (to = i; to < s->n && same <= 2 * LINEDIFF_CONTEXT; to++)
			same = s->v[to].kind == ' ' ? same + 1 : 0;
		if (same > LINEDIFF_CONTEXT)
			to -= same - LINEDIFF_CONTEXT;
		print_hunk(out, s, from, to);
		i = to;
	}
}

void line_diff(struct strbuf *out, struct str before, struct str after,
	       struct str old_name, struct str new_name)
{
	AUTO(arena) a = arena_new();
	struct lines x = { 0 }, y = { 0 }, mid_x, mid_y;
	struct script s = { 0 };
	size_t head = 0, tail = 0;

	if (str_eq(before, after))
		return;
	split(a, before, &x);
	split(a, after, &y);
	while (head < x.n && head < y.n && str_eq(x.v[head], y.v[head]))
		head++;
	while (tail < x.n - head && tail < y.n - head &&
	       str_eq(x.v[x.n - 1 - tail], y.v[y.n - 1 - tail]))
		tail++;
	for (size_t i = 0; i < head; i++)
		add(a, &s, ' ', x.v[i]);
	mid_x = (struct lines){ x.v ? x.v + head : NULL, x.n - head - tail, 0 };
	mid_y = (struct lines){ y.v ? y.v + head : NULL, y.n - head - tail, 0 };
	middle(a, &mid_x, &mid_y, &s);
	for (size_t i = x.n - tail; i < x.n; i++)
		add(a, &s, ' ', x.v[i]);
	strbuf_addf(out, "--- " STR_FMT "\n+++ " STR_FMT "\n", STR_ARG(old_name),
		    STR_ARG(new_name));
	print_script(out, &s);
}
