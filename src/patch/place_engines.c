/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is tried when the plain search found nothing, in order of trust: the change is
 * there already; the three-way view (the blob the patch was made on, mapped line by line
 * to the file); the alignment of the hunk's own lines; both together.
 */
#include "place_internal.h"

static bool enabled(const struct work *w, unsigned engine)
{
	return w->opt->engines & engine;
}

/* Would the edit touch lines another hunk changes? */
static bool edit_clashes(const struct work *w, const struct place_edit *e)
{
	for (size_t i = 0; i < w->edits.n; i++) {
		const struct place_edit *o = &w->edits.v[i].edit;

		if (o->line < e->line + e->n_old && e->line < o->line + o->n_old)
			return true;
		if (!e->n_old && o->line < e->line && e->line < o->line + o->n_old)
			return true;
		if (!o->n_old && e->line < o->line && o->line < e->line + e->n_old)
			return true;
	}
	return false;
}

static bool take(struct work *w, size_t hunk, const struct place_candidate *c,
		 enum place_status status, enum place_cause cause)
{
	struct placement *pl = &w->res->hunks[hunk];
	const struct sides *s = &w->sides[hunk];

	for (size_t i = 0; i < c->n_edits; i++)
		if (edit_clashes(w, &c->edits[i]))
			return false;
	w->steps -= w->steps < w->edits.n ? w->steps : w->edits.n;
	for (size_t i = 0; i < c->n_edits; i++) {
		*ARENA_PUSH(w->a, &w->edits) = (struct owned_edit){ c->edits[i], hunk };
		spans_add(w, c->edits[i].line, c->edits[i].n_old, c->edits[i].n_new);
	}
	w->at[hunk] = c->edits[0].line > s->blocks[0].at
			      ? c->edits[0].line - s->blocks[0].at
			      : 0;
	pl->status = status;
	pl->engine = c->engine;
	pl->evidence = c->evidence;
	pl->cause = cause;
	pl->why = place_why(cause);
	pl->score = c->score;
	pl->line = spans_result_line(w, w->at[hunk]) + 1;
	pl->offset = (ptrdiff_t)pl->line - (ptrdiff_t)s->hunk->new.start;
	return true;
}

/* The blob of the index line, read once and only when a hunk asks for it. */
static bool have_base(struct work *w)
{
	struct str oid = w->f->old_oid, bytes;
	struct err err;

	if (w->base_map || w->base_sought)
		return w->base_map;
	w->base_sought = true;
	bytes = w->opt->base;
	if (!bytes.p && (!w->tree || !w->tree->ops->blob || oid.n < 4 ||
			 !w->tree->ops->blob(w->tree->ctx, oid, w->a, &bytes, &err)))
		return false;
	if (!image_init(&w->base, bytes, w->a, &err) || !w->base.n || !w->im.n)
		return false;
	w->base_map = arena_array(w->a, size_t, w->base.n);
	image_map(&w->base, &w->im, w->base_map, w->a);
	return true;
}

/* Old lines the map lost, paired with similar lines in the same gap. */
static void pair_similar(struct work *w, const struct sides *s, struct alignment *al)
{
	size_t next = NO_LINE;

	for (size_t i = 0; i < s->n_pre; i++) {
		size_t to = w->im.n, hit = NO_LINE;
		double best = 0.65;

		if (al->map[i] != NO_LINE) {
			next = al->map[i] + 1;
			continue;
		}
		if (next == NO_LINE || line_weight(s->pre[i]) < 1)
			continue;
		for (size_t k = i + 1; k < s->n_pre && to == w->im.n; k++)
			if (al->map[k] != NO_LINE)
				to = al->map[k];
		if (to > next + 30)
			to = next + 30;
		for (size_t j = next; j < to; j++) {
			double v = line_similarity(s->pre[i], w->im.lines[j]);

			if (v > best) {
				best = v;
				hit = j;
			}
		}
		if (hit == NO_LINE)
			continue;
		al->map[i] = hit;
		al->like[i] = (float)best;
		next = hit + 1;
	}
}

/* Where the hunk stands in its own base: at its line, or it is not its base. */
static bool base_alignment(struct work *w, const struct sides *s, struct alignment *ret)
{
	size_t at = s->hunk->old.start;
	double sum = 0, hit = 0;

	at -= at > 0 && s->n_pre;
	if (at > w->base.n || s->n_pre > w->base.n - at)
		return false;
	ret->map = arena_array(w->a, size_t, s->n_pre);
	ret->exact = arena_array(w->a, bool, s->n_pre);
	ret->like = arena_array(w->a, float, s->n_pre);
	ret->lead = ret->near_lead = 1;
	for (size_t i = 0; i < s->n_pre; i++) {
		if (!str_eq(w->base.lines[at + i], s->pre[i]))
			return false;
		ret->map[i] = w->base_map[at + i];
		ret->exact[i] = ret->map[i] != NO_LINE;
		ret->like[i] = ret->exact[i];
		sum += (double)s->weight[i];
		hit += ret->exact[i] ? (double)s->weight[i] : 0;
	}
	ret->score = sum > 0 ? hit / sum : 0;
	pair_similar(w, s, ret);
	return true;
}

static bool same_edits(const struct place_candidate *a, const struct place_candidate *b)
{
	if (a->n_edits != b->n_edits)
		return false;
	for (size_t i = 0; i < a->n_edits; i++) {
		const struct place_edit *x = &a->edits[i], *y = &b->edits[i];

		if (x->line != y->line || x->n_old != y->n_old || x->n_new != y->n_new)
			return false;
		for (size_t k = 0; k < x->n_new; k++)
			if (!str_eq(x->new[k], y->new[k]))
				return false;
	}
	return true;
}

void keep_candidate(struct placement *pl, const struct place_candidate *c,
		    struct arena *a)
{
	if (!pl->candidates)
		pl->candidates =
			arena_array(a, struct place_candidate, PLACE_MAX_CANDIDATES);
	for (size_t i = 0; i < pl->n_candidates; i++)
		if (same_edits(&pl->candidates[i], c) &&
		    str_eq(pl->candidates[i].path, c->path))
			return;
	if (pl->n_candidates < PLACE_MAX_CANDIDATES)
		pl->candidates[pl->n_candidates++] = *c;
}

static void keep_all(struct placement *pl, const struct verdict *v, struct arena *a)
{
	for (size_t i = 0; i < v->n; i++)
		keep_candidate(pl, &v->v[i], a);
}

/* Other places where the removed lines stand, nearest first by the walk. */
static void keep_occurrences(struct work *w, size_t hunk, size_t near)
{
	const struct sides *s = &w->sides[hunk];
	struct placement *pl = &w->res->hunks[hunk];
	const struct block *b = &s->blocks[0];
	size_t at;

	if (s->n_blocks != 1 || !b->n_old)
		return;
	at = search_exact(w, s->pre + b->at, b->n_old, near);
	if (at != NO_LINE && !spans_taken(w, at, b->n_old)) {
		struct place_candidate c = { .line = at + 1,
					     .score = 0.1,
					     .engine = ENGINE_SEARCH,
					     .evidence = EVIDENCE_WEAK,
					     .n_edits = 1 };

		c.edits = arena_new_of(w->a, struct place_edit);
		*c.edits = (struct place_edit){ at, b->n_old, b->n_new, b->new };
		keep_candidate(pl, &c, w->a);
	}
}

static void set_already(struct work *w, size_t hunk, size_t at)
{
	struct placement *pl = &w->res->hunks[hunk];

	w->at[hunk] = at;
	pl->status = PLACE_ALREADY;
	pl->engine = ENGINE_SEARCH;
	pl->evidence = EVIDENCE_WHOLE;
	pl->cause = CAUSE_ALREADY;
	pl->why = place_why(CAUSE_ALREADY);
	pl->score = 1;
	pl->line = spans_result_line(w, at) + 1;
}

/* The new side as a whole stands in the file, and it says something. */
static bool already(struct work *w, size_t hunk, size_t near)
{
	const struct sides *s = &w->sides[hunk];
	bool says = false;
	size_t at;

	for (size_t b = 0; b < s->n_blocks; b++)
		for (size_t i = 0; i < s->blocks[b].n_new; i++)
			says |= line_weight(s->blocks[b].new[i]) >= 1;
	if (!says || s->n_post < 2)
		return false;
	at = search_exact(w, s->post, s->n_post, near);
	/* A twin of the function may have had the change before. */
	if (at == NO_LINE || section_agrees(w, s, 0, at) < 0)
		return false;
	set_already(w, hunk, at);
	return true;
}

/* The best of what lies before and behind the best place. */
static void keep_rivals(struct work *w, size_t hunk, const struct alignment *al,
			size_t near)
{
	const struct sides *s = &w->sides[hunk];
	struct alignment other;
	struct verdict v;

	for (int behind = 0; behind < 2; behind++) {
		if (!align(w, s, behind ? al->end : 0, behind ? w->im.n : al->start, near,
			   &other) ||
		    other.score < al->score - 0.2)
			continue;
		decide(w, s, &other, false, &v);
		if (v.n)
			keep_candidate(&w->res->hunks[hunk], &v.v[0], w->a);
	}
}

static void reject(struct work *w, size_t hunk, enum place_cause cause)
{
	struct placement *pl = &w->res->hunks[hunk];

	pl->status = PLACE_REJECTED;
	pl->cause = cause;
	pl->why = place_why(cause);
}

/* Do all lines of the file end in CR LF (1), none (0), or some (-1)? */
static int file_line_ends(struct work *w)
{
	size_t crlf = 0;

	if (w->ends_known)
		return w->line_ends;
	for (size_t i = 0; i < w->im.n; i++)
		crlf += str_ends(w->im.lines[i], STR("\r\n"));
	w->ends_known = true;
	w->line_ends = !crlf ? 0 : crlf + 1 >= w->im.n ? 1 : -1;
	return w->line_ends;
}

static struct str with_line_end(struct str line, bool crlf, struct arena *a)
{
	struct str bare = str_chomp(line);

	if (!str_ends(line, STR("\n")))
		return bare;
	return arena_strf(a, STR_FMT "%s", STR_ARG(bare), crlf ? "\r\n" : "\n");
}

/* A mail lost the CRs of its patch, or a mailer added them: where file and hunk each are
 * of one mind, and not the same, the hunk takes the file's line ends. */
static bool adapt_line_ends(struct work *w, size_t hunk)
{
	struct sides *s = &w->sides[hunk];
	struct hunk *h;
	size_t crlf = 0;
	int file;

	for (size_t i = 0; i < s->hunk->n; i++)
		crlf += str_ends(s->hunk->lines[i].text, STR("\r\n"));
	if (crlf && crlf + 1 < s->hunk->n)
		return false;
	file = file_line_ends(w);
	if (file < 0 || file == (crlf > 0) || !w->im.n)
		return false;
	h = arena_new_of(w->a, struct hunk);
	*h = *s->hunk;
	h->lines = arena_array(w->a, struct hunk_line, h->n);
	for (size_t i = 0; i < h->n; i++) {
		h->lines[i].kind = s->hunk->lines[i].kind;
		h->lines[i].text = with_line_end(s->hunk->lines[i].text, file, w->a);
	}
	sides_split(s, h, w->opt, w->a);
	return true;
}

/* The hunk with the file's line ends, where git would then take it. */
static bool place_with_line_ends(struct work *w, size_t hunk)
{
	struct placement *pl = &w->res->hunks[hunk];

	if (!enabled(w, PLACE_WITH_ALIGN) || !adapt_line_ends(w, hunk) ||
	    !search_place(w, hunk))
		return false;
	pl->status = PLACE_ALIGNED;
	pl->cause = CAUSE_LINE_ENDS;
	pl->why = place_why(CAUSE_LINE_ENDS);
	return true;
}

/* The lead was measured by equal lines only; where that leaves two places, lines that are
 * only similar are counted in both. */
static void compare_rivals(struct work *w, const struct sides *s, size_t from, size_t to,
			   struct alignment *al, struct verdict *ret)
{
	size_t near = al->start;
	double best = 0;
	struct alignment other;

	if (ret->cause != CAUSE_AMBIGUOUS)
		return;
	if (align(w, s, from, al->start, near, &other))
		best = other.score;
	if (align(w, s, al->end, to, near, &other) && other.score > best)
		best = other.score;
	if (al->score - best <= al->lead)
		return;
	al->lead = al->score - best;
	decide(w, s, al, false, ret);
}

/* The twin of a function may fit better than the function the header names, whose lines
 * were edited: what is certain there, or at all like the hunk, goes before what is not
 * certain elsewhere, and elsewhere nothing is certain that fits no better. A line that
 * stands in many places of the file may stand in one of the function. */
static void look_in_section(struct work *w, struct sides *s, size_t near,
			    struct alignment *al, struct verdict *ret)
{
	float *weight = s->weight;
	struct alignment in;
	struct verdict v = { 0 };
	size_t from, to;
	bool outside;

	if (!section_lines(w, s, &from, &to))
		return;
	outside = al->start < from || al->start >= to;
	if (ret->certain && !outside)
		return;
	sides_weigh(s, &w->im, from, to, w->a);
	if (align(w, s, from, to, near, &in))
		decide(w, s, &in, false, &v);
	s->weight = weight;
	if (!v.n || in.score < NOISE)
		return;
	if (ret->certain) {
		ret->certain = in.score < al->score;
	} else if ((v.certain || outside) && in.score >= al->score - 0.5) {
		*ret = v;
		*al = in;
	}
}

/* Between its neighbours first; anywhere else only where nearly all of it stands. */
static void align_and_decide(struct work *w, size_t hunk, struct alignment *al,
			     struct verdict *ret)
{
	struct sides *s = &w->sides[hunk];
	size_t near = spans_expect(w, hunk), from, to;
	struct verdict all = { 0 };
	struct alignment wide;
	bool between = spans_between(w, hunk, &from, &to);

	*ret = (struct verdict){ .cause = CAUSE_CODE_GONE };
	if (between && align(w, s, from, to, near, al)) {
		decide(w, s, al, false, ret);
		compare_rivals(w, s, from, to, al, ret);
	}
	look_in_section(w, s, near, al, ret);
	if (ret->certain || (between && !from && to == w->im.n) ||
	    !align(w, s, 0, w->im.n, near, &wide))
		return;
	decide(w, s, &wide, false, &all);
	if (ret->n && al->score >= NOISE && wide.score < al->score + 0.2)
		return;
	all.certain &= wide.score >= 0.9;
	*ret = all;
	*al = wide;
}

/* Nobody takes the hunk: what the user needs to decide. */
static void leave(struct work *w, size_t hunk, const struct verdict *base,
		  const struct verdict *own, const struct alignment *al)
{
	struct placement *pl = &w->res->hunks[hunk];
	size_t near = spans_expect(w, hunk);

	keep_all(pl, base, w->a);
	/* Removed lines that stand intact go before a place where they were edited. */
	if (own->n && own->v[0].evidence == EVIDENCE_EDITED)
		keep_occurrences(w, hunk, near);
	if (own->n && al->score >= NOISE)
		keep_candidate(pl, &own->v[0], w->a);
	if (own->cause == CAUSE_AMBIGUOUS)
		keep_rivals(w, hunk, al, near);
	keep_occurrences(w, hunk, near);
	if (own->cause == CAUSE_CODE_GONE && enabled(w, PLACE_WITH_MOVED) && w->tree)
		find_moved(w, hunk);
	keep_all(pl, own, w->a);
	if (own->n) {
		pl->score = own->v[0].score;
		pl->evidence = own->v[0].evidence;
		pl->rival = al->lead < pl->score ? pl->score - al->lead : 0;
	}
	reject(w, hunk,
	       own->certain && enabled(w, PLACE_WITH_ALIGN) ? CAUSE_OVERLAP : own->cause);
}

/* Take the hunk as one of the verdicts says, or find that it is there already. */
static bool settle(struct work *w, size_t hunk, struct verdict *own,
		   const struct alignment *al)
{
	if (own->done && enabled(w, PLACE_WITH_ALREADY)) {
		set_already(w, hunk, al->start);
		return true;
	}
	return own->certain && enabled(w, PLACE_WITH_ALIGN) &&
	       take(w, hunk, &own->v[0], PLACE_ALIGNED, own->cause);
}

void engines_place(struct work *w, size_t hunk)
{
	struct sides *s = &w->sides[hunk];
	struct verdict base = { 0 }, own = { .cause = CAUSE_CODE_GONE };
	struct alignment al = { 0 };

	if (w->steps < HUNK_STEPS) {
		w->steps = 0;
		reject(w, hunk, CAUSE_LIMIT);
		return;
	}
	w->steps -= HUNK_STEPS;
	if (place_with_line_ends(w, hunk))
		return;
	image_hash(&w->im);
	sides_measure(s, &w->im, w->a);
	if (enabled(w, PLACE_WITH_ALREADY) && already(w, hunk, spans_expect(w, hunk)))
		return;
	if (enabled(w, PLACE_WITH_THREEWAY) && have_base(w) && base_alignment(w, s, &al))
		decide(w, s, &al, true, &base);
	if (base.certain && take(w, hunk, &base.v[0], PLACE_MERGED, base.cause))
		return;
	align_and_decide(w, hunk, &al, &own);
	if (!settle(w, hunk, &own, &al))
		leave(w, hunk, &base, &own, &al);
}
