/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Semi-global alignment: all old lines of a hunk against any stretch of the file. A line
 * that finds its equal earns its weight, a line that does not pays a part of it, a run
 * of foreign lines inside pays a little to begin and less to go on. One cell a pair of
 * lines; what would be too many cells is cut to windows around rare lines the hunk and
 * the file share.
 */
#include "place_internal.h"

#define MISS       0.35f /* share of its weight an old line without equal costs */
#define GAP_MORE   0.03f /* each further one */
#define SIMILAR    0.8f  /* what a line that is only similar earns of its weight */
#define MIN_CELLS  ((uint64_t)1 << 16)
#define MAX_CELLS  ((uint64_t)1 << 24)
#define WINDOW     200 /* lines of file beside a seed */
#define REFINE_PAD 12

enum step { STEP_MISS = 1, STEP_GAP = 2, STEP_MATCH = 3, STEP_GAP_BEGINS = 4 };

/* Rows of the table; `start` is where in the file the path to a cell began. */
struct rows {
	float *score, *gap;
	uint32_t *start, *gap_start;
	unsigned char *step; /* (n_pre + 1) x width */
	size_t width;        /* file lines + 1 */
};

struct grid {
	struct work *w;
	const struct sides *s;
	size_t from, to, near;
	const float *similar; /* n_pre x (to - from), or NULL: equal lines only */
};

static float match_value(const struct grid *g, size_t i, size_t j)
{
	const struct image *im = &g->w->im;

	if (im->hash[g->from + j] == g->s->hash[i])
		return str_eq(im->lines[g->from + j], g->s->pre[i])
			       ? g->s->weight[i]
			       : g->s->weight[i] * 0.9f;
	return g->similar ? g->similar[i * (g->to - g->from) + j] : 0;
}

static void fill_row(const struct grid *g, struct rows *r, size_t i)
{
	unsigned char *step = r->step + (i + 1) * r->width;
	float miss = MISS * g->s->weight[i], diag = r->score[0];
	uint32_t diag_start = r->start[0];

	/* A foreign run must stand between old lines, so none begins before the first. */
	float gap = -1e9f;
	uint32_t gap_start = 0;

	r->score[0] -= miss;
	step[0] = STEP_MISS;
	for (size_t j = 1; j < r->width; j++) {
		float up = r->score[j], best = up - miss, value;
		uint32_t up_start = r->start[j], start = up_start;
		unsigned char how = STEP_MISS, opens = 0;

		if (r->score[j - 1] - g->s->gap[i] > gap - GAP_MORE) {
			gap = r->score[j - 1] - g->s->gap[i];
			gap_start = r->start[j - 1];
			opens = STEP_GAP_BEGINS;
		} else {
			gap -= GAP_MORE;
		}
		if (gap > best) {
			best = gap;
			start = gap_start;
			how = STEP_GAP;
		}
		value = match_value(g, i, j - 1);
		if (value > 0 && diag + value >= best) {
			best = diag + value;
			start = diag_start;
			how = STEP_MATCH;
		}
		diag = up;
		diag_start = up_start;
		r->score[j] = best;
		r->start[j] = start;
		step[j] = how | opens;
	}
}

/* Nearness decides between equals and near-equals: a sixteenth of a line's weight for
 * each doubling of the distance. */
static float prior(const struct grid *g, size_t line)
{
	size_t d = line > g->near ? line - g->near : g->near - line;

	return d < 2 ? 0 : 0.0625f * (float)(63 - __builtin_clzll(d));
}

static void walk_back(const struct grid *g, const struct rows *r, size_t j,
		      struct alignment *ret)
{
	size_t i = g->s->n_pre;

	while (i) {
		unsigned char step = r->step[i * r->width + j];

		if ((step & 3) == STEP_MATCH) {
			i--;
			j--;
			ret->map[i] = g->from + j;
			ret->exact[i] = str_eq(g->w->im.lines[g->from + j], g->s->pre[i]);
			ret->like[i] = match_value(g, i, j) / g->s->weight[i];
			if (g->similar && !ret->exact[i] && ret->like[i] < SIMILAR)
				ret->like[i] /= SIMILAR;
		} else if ((step & 3) == STEP_GAP) {
			while (j && !(r->step[i * r->width + j] & STEP_GAP_BEGINS))
				j--;
			j -= j > 0;
		} else {
			i--;
		}
	}
}

static void outcome(const struct grid *g, const struct rows *r, struct alignment *ret)
{
	float total = 0, best = -1e9f, rival = -1e9f, near_rival = -1e9f;
	size_t at = 0, start, end;

	for (size_t i = 0; i < g->s->n_pre; i++) {
		total += g->s->weight[i];
		ret->map[i] = NO_LINE;
	}
	for (size_t j = 0; j < r->width; j++) {
		float v = r->score[j] - prior(g, g->from + r->start[j]);

		if (v > best) {
			best = v;
			at = j;
		}
	}
	start = r->start[at];
	end = at;
	for (size_t j = 0; j < r->width; j++) {
		float v = r->score[j] - prior(g, g->from + r->start[j]);

		if (j > start && r->start[j] < end)
			continue;
		if (r->score[j] > rival)
			rival = r->score[j];
		if (v > near_rival)
			near_rival = v;
	}
	if (rival < 0)
		rival = 0;
	walk_back(g, r, at, ret);
	ret->score = 0;
	for (size_t i = 0; i < g->s->n_pre; i++)
		if (ret->map[i] != NO_LINE)
			ret->score += (double)match_value(g, i, ret->map[i] - g->from);
	ret->score = total > 0 ? ret->score / (double)total : 0;
	ret->lead = total > 0 ? (double)((r->score[at] - rival) / total) : 0;
	ret->near_lead = (double)(best - near_rival);
	ret->start = g->from + start;
	ret->end = g->from + end;
}

static bool run_grid(const struct grid *g, struct alignment *ret)
{
	struct rows r = { .width = g->to - g->from + 1 };
	uint64_t cells = (uint64_t)r.width * (g->s->n_pre + 1);
	struct arena_mark mark;

	if (cells > g->w->steps)
		return false;
	g->w->steps -= cells;
	mark = arena_mark(g->w->a);
	r.score = arena_array(g->w->a, float, r.width);
	r.start = arena_array(g->w->a, uint32_t, r.width);
	r.step = arena_array(g->w->a, unsigned char, cells);
	for (size_t j = 0; j < r.width; j++)
		r.start[j] = (uint32_t)j;
	for (size_t i = 0; i < g->s->n_pre; i++)
		fill_row(g, &r, i);
	outcome(g, &r, ret);
	arena_rewind(g->w->a, mark);
	return true;
}

/* The window of the file around the place most weight of rare lines points to. */
/* long: one look over the rare lines, clipped at both ends */
static void seed_window(const struct grid *g, size_t *from, size_t *to)
{
	const struct image *im = &g->w->im;
	size_t room = g->s->n_pre + WINDOW, best_at = g->near;
	size_t best_n = NO_LINE;

	for (size_t i = 0; i < g->s->n_pre && i < 10000; i++) {
		size_t n, at;

		if (line_weight(g->s->pre[i]) < 1)
			continue;
		n = image_count(im, g->s->hash[i], 64);
		if (!n || n >= best_n)
			continue;
		best_n = n;
		for (at = image_first(im, g->s->hash[i]); at != NO_LINE;
		     at = image_next(im, at)) {
			size_t d = at > g->near ? at - g->near : g->near - at;
			size_t b =
				best_at > g->near ? best_at - g->near : g->near - best_at;

			if (best_at == g->near || d < b)
				best_at = at > i ? at - i : 0;
		}
	}
	*from = best_at > room && best_at - room > g->from ? best_at - room : g->from;
	*to = best_at + room < g->to ? best_at + room : g->to;
	if (*from > *to)
		*from = *to;
}

/* Where equal lines led, lines that are only similar are looked at as well. */
static bool refine(struct grid *g, struct alignment *ret)
{
	size_t from =
		ret->start > g->from + REFINE_PAD ? ret->start - REFINE_PAD : g->from;
	size_t to = ret->end + REFINE_PAD < g->to ? ret->end + REFINE_PAD : g->to;
	size_t width = to - from;
	struct alignment fine = *ret;
	struct arena_mark mark;
	float *similar;
	double lead = ret->lead, near_lead = ret->near_lead;

	if ((uint64_t)width * g->s->n_pre > 40000)
		return true;
	mark = arena_mark(g->w->a);
	similar = arena_array(g->w->a, float, width * g->s->n_pre);
	for (size_t i = 0; i < g->s->n_pre; i++) {
		if (ret->map[i] != NO_LINE || line_weight(g->s->pre[i]) < 1)
			continue;
		for (size_t j = 0; j < width; j++) {
			double v =
				line_similarity(g->s->pre[i], g->w->im.lines[from + j]);

			if (v >= 0.65)
				similar[i * width + j] =
					(float)v * SIMILAR * g->s->weight[i];
		}
	}
	g->from = from;
	g->to = to;
	g->similar = similar;
	if (run_grid(g, &fine)) {
		*ret = fine;
		ret->lead = lead;
		ret->near_lead = near_lead;
	}
	arena_rewind(g->w->a, mark);
	return true;
}

bool align(struct work *w, const struct sides *s, size_t from, size_t to, size_t near,
	   struct alignment *ret)
{
	struct grid g = { .w = w, .s = s, .from = from, .to = to, .near = near };
	uint64_t cells = (uint64_t)(to - from + 1) * (s->n_pre + 1);

	if (!s->n_pre || from >= to)
		return false;
	if (cells > MAX_CELLS || (cells > MIN_CELLS && cells > w->steps / (w->left + 1)))
		seed_window(&g, &g.from, &g.to);
	ret->map = arena_array(w->a, size_t, s->n_pre);
	ret->exact = arena_array(w->a, bool, s->n_pre);
	ret->like = arena_array(w->a, float, s->n_pre);
	return run_grid(&g, ret) && refine(&g, ret);
}
