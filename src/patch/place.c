/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chain over all hunks of one file: first the search of git apply for each, in the
 * patch's order, so that what git can do is done as git does it; then the other engines
 * for those that are left, guided by the ones that found their place.
 */
#include "place_internal.h"

bool place_prepare(struct work *w, struct str bytes, struct err *err)
{
	struct place_result *res = w->res;
	size_t n = w->f->n_hunks;

	if (!image_init(&w->im, bytes, w->a, err))
		return false;
	if (w->im.n >= UINT32_MAX)
		return err_set(err, ERR_LIMIT, "placing hunks: a file of %zu lines",
			       w->im.n);
	w->steps = PLACE_STEPS;
	res->pre = res->post = bytes;
	res->n_ws_fixed = 0;
	if (!res->hunks)
		res->hunks = arena_array(w->a, struct placement, n);
	res->n_hunks = n;
	w->sides = arena_array(w->a, struct sides, n);
	w->at = arena_array(w->a, size_t, n);
	for (size_t i = 0; i < n; i++) {
		w->at[i] = NO_LINE;
		sides_split(&w->sides[i], &w->f->hunks[i], w->opt, w->a);
		res->n_ws_fixed += w->sides[i].n_fixed;
	}
	return true;
}

static int by_line(const void *x, const void *y)
{
	const struct owned_edit *a = x, *b = y;

	if (a->edit.line != b->edit.line)
		return a->edit.line < b->edit.line ? -1 : 1;
	/* What comes goes before what goes; of two that come the first hunk's. */
	if (!a->edit.n_old != !b->edit.n_old)
		return a->edit.n_old ? 1 : -1;
	if (a->hunk != b->hunk)
		return a->hunk < b->hunk ? -1 : 1;
	return a->edit.new < b->edit.new ? -1 : a->edit.new > b->edit.new;
}

/* Pieces of the result, joined; a piece without LF gets one when another follows. */
struct joiner {
	char *out;
	size_t n;
};

static void join(struct joiner *j, struct str piece)
{
	if (!piece.n)
		return;
	if (j->n && j->out[j->n - 1] != '\n')
		j->out[j->n++] = '\n';
	memcpy(j->out + j->n, piece.p, piece.n);
	j->n += piece.n;
}

static struct str splice(const struct image *im, const struct owned_edit *v, size_t n,
			 struct arena *a)
{
	size_t room = im->bytes.n + 2, at = 0;
	struct joiner j = { 0 };

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].edit.n_new; k++)
			room += v[i].edit.new[k].n + 1;
	j.out = arena_alloc(a, room);
	for (size_t i = 0; i < n; i++) {
		const struct place_edit *e = &v[i].edit;

		join(&j, image_range(im, at, e->line - at));
		for (size_t k = 0; k < e->n_new; k++)
			join(&j, e->new[k]);
		at = e->line + e->n_old;
	}
	join(&j, image_range(im, at, im->n - at));
	return str_n(j.out, j.n);
}

/* Give each hunk its edits, and cut what is left into `rejects`. */
static void report(struct work *w)
{
	struct place_result *res = w->res;
	struct hunk *left = arena_array(w->a, struct hunk, res->n_hunks);

	for (size_t i = 0; i < w->edits.n; i++) {
		struct placement *pl = &res->hunks[w->edits.v[i].hunk];

		if (!pl->edits)
			pl->edits =
				arena_array(w->a, struct place_edit,
					    w->sides[w->edits.v[i].hunk].n_blocks +
						    w->sides[w->edits.v[i].hunk].n_pre);
		pl->edits[pl->n_edits++] = w->edits.v[i].edit;
	}
	res->n_rejected = 0;
	for (size_t i = 0; i < res->n_hunks; i++)
		if (res->hunks[i].status == PLACE_REJECTED)
			left[res->n_rejected++] = w->f->hunks[i];
	res->rejects = *w->f;
	res->rejects.git = true;
	res->rejects.hunks = left;
	res->rejects.n_hunks = res->n_rejected;
}

void place_all(struct work *w)
{
	struct place_result *res = w->res;

	for (size_t i = 0; i < res->n_hunks; i++)
		if (!w->steps || !search_place(w, i))
			res->hunks[i].status = PLACE_REJECTED;
	for (size_t i = 0; i < res->n_hunks; i++)
		w->left += res->hunks[i].status == PLACE_REJECTED;
	for (size_t i = 0; i < res->n_hunks; i++) {
		if (res->hunks[i].status != PLACE_REJECTED)
			continue;
		w->left--;
		engines_place(w, i);
	}
	if (w->edits.n) {
		qsort(w->edits.v, w->edits.n, sizeof(*w->edits.v), by_line);
		res->post = splice(&w->im, w->edits.v, w->edits.n, w->a);
	}
	report(w);
}

bool place_bytes(struct str bytes, const struct filepatch *f,
		 const struct place_options *opt, struct arena *a,
		 struct place_result *ret_result, struct err *err)
{
	struct place_result res = { 0 };
	struct filepatch reverse;
	struct work w = { .f = f, .opt = opt, .a = a, .res = &res };

	if (opt->reverse) {
		if (!filepatch_reverse(f, a, &reverse, err))
			return false;
		w.f = &reverse;
	}
	if (!place_prepare(&w, bytes, err))
		return false;
	place_all(&w);
	res.changed = !str_eq(res.pre, res.post);
	*ret_result = res;
	return true;
}

bool place_candidates(struct str bytes, const struct hunk *h,
		      const struct place_options *opt, struct arena *a,
		      struct placement *ret_placement, struct err *err)
{
	struct hunk one = *h;
	struct filepatch f = { .hunks = &one, .n_hunks = 1, .similarity = -1 };
	struct place_result res = { 0 };
	struct work w = { .f = &f, .opt = opt, .a = a, .res = &res };
	struct placement *pl;

	if (!place_prepare(&w, bytes, err))
		return false;
	place_all(&w);
	pl = &res.hunks[0];
	/* What it would take by itself is the first candidate. */
	if (pl->n_edits) {
		struct place_candidate *v =
			arena_array(a, struct place_candidate, PLACE_MAX_CANDIDATES);

		v[0] = (struct place_candidate){ .line = pl->edits[0].line + 1,
						 .score = pl->score,
						 .engine = pl->engine,
						 .evidence = pl->evidence,
						 .edits = pl->edits,
						 .n_edits = pl->n_edits };
		pl->candidates = v;
		pl->n_candidates = 1;
	}
	*ret_placement = *pl;
	return true;
}

bool place_apply_candidate(struct str bytes, const struct place_candidate *c,
			   struct arena *a, struct str *ret_post, struct err *err)
{
	struct owned_edit *v = arena_array(a, struct owned_edit, c->n_edits);
	struct image im;
	size_t at = 0;

	if (!image_init(&im, bytes, a, err))
		return false;
	for (size_t i = 0; i < c->n_edits; i++)
		v[i].edit = c->edits[i];
	qsort(v, c->n_edits, sizeof(*v), by_line);
	for (size_t i = 0; i < c->n_edits; i++) {
		const struct place_edit *e = &v[i].edit;

		if (e->line < at || e->line > im.n || e->n_old > im.n - e->line)
			return err_set(err, ERR_CONFLICT,
				       "taking a candidate: line %zu: not in this file",
				       e->line + 1);
		at = e->line + e->n_old;
	}
	*ret_post = splice(&im, v, c->n_edits, a);
	return true;
}

/* Lay the old side down at one line: equal lines answer one another, the rest of the
 * block goes by count. */
bool place_at_line(struct str bytes, const struct hunk *h, size_t line, struct arena *a,
		   struct place_candidate *ret_candidate, struct err *err)
{
	struct place_options opt = PLACE_OPTIONS_DEFAULT;
	struct place_candidate c = { .line = line, .engine = ENGINE_USER };
	struct sides s;
	struct image im;
	size_t at = line - 1;
	double sum = 0, hit = 0;

	if (!image_init(&im, bytes, a, err))
		return false;
	if (!line || line > im.n + 1)
		return err_set(err, ERR_CONFLICT,
			       "placing a hunk: line %zu: the file has "
			       "%zu",
			       line, im.n);
	sides_split(&s, h, &opt, a);
	sides_measure(&s, NULL, a);
	c.edits = arena_array(a, struct place_edit, s.n_blocks);
	for (size_t b = 0; b < s.n_blocks; b++) {
		const struct block *k = &s.blocks[b];
		struct place_edit *e = &c.edits[c.n_edits++];

		*e = (struct place_edit){ at, 0, k->n_new, k->new };
		if (b)
			e->line = c.edits[b - 1].line + c.edits[b - 1].n_old + k->at -
				  s.blocks[b - 1].at - s.blocks[b - 1].n_old;
		if (e->line > im.n)
			e->line = im.n;
		/* Only lines the hunk knows are removed. */
		for (size_t i = 0; i < k->n_old; i++) {
			sum += (double)s.weight[k->at + i];
			if (e->line + e->n_old < im.n &&
			    image_line_hash(im.lines[e->line + e->n_old]) ==
				    s.hash[k->at + i]) {
				hit += (double)s.weight[k->at + i];
				e->n_old++;
			}
		}
	}
	c.score = sum > 0 ? hit / sum : 0;
	*ret_candidate = c;
	return true;
}
