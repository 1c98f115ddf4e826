/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From an alignment to a decision. Each block of changes is placed on its own, and what
 * counts is what stands right beside it: removed lines must be there, intact and
 * adjacent; of an insertion the lines before and behind it must still be neighbours.
 * All else is a proposal for the user.
 */
#include "place_internal.h"

/* Places one block may take, best first. */
#define MAX_SPOTS 3
struct spot {
	size_t line, n_old, n_new;
	struct str *new;
};
struct spots {
	struct spot v[MAX_SPOTS];
	size_t n;
	enum place_evidence evidence;
	enum place_cause cause;
};

struct deciding {
	struct work *w;
	const struct sides *s;
	const struct alignment *al;
	bool whole; /* the alignment knows all of the file, not only the hunk */
};

static void add_spot(struct spots *sp, size_t line, const struct block *b)
{
	for (size_t i = 0; i < sp->n; i++)
		if (sp->v[i].line == line)
			return;
	if (sp->n < MAX_SPOTS)
		sp->v[sp->n++] = (struct spot){ line, b->n_old, b->n_new, b->new };
}

/* The old lines around an insertion: the nearest one on each side that stands in the
 * file, and how many between it and the insertion do not. */
struct sides_of {
	size_t before, after; /* lines of the file; NO_LINE: none */
	size_t lost_before, lost_after;
	bool soft; /* one of them is only similar */
};

static struct sides_of look_around(const struct deciding *d, size_t at)
{
	const struct alignment *al = d->al;
	struct sides_of r = { NO_LINE, NO_LINE, 0, 0, false };
	size_t i;

	for (i = at; i-- && al->map[i] == NO_LINE;)
		r.lost_before++;
	if (i != NO_LINE) {
		r.before = al->map[i];
		r.soft |= !al->exact[i];
	}
	for (i = at; i < d->s->n_pre && al->map[i] == NO_LINE; i++)
		r.lost_after++;
	if (i < d->s->n_pre) {
		r.after = al->map[i];
		r.soft |= !al->exact[i];
	}
	return r;
}

static void place_insertion(const struct deciding *d, const struct block *b,
			    struct spots *sp)
{
	struct sides_of r = look_around(d, b->at);
	size_t foreign;

	sp->cause = CAUSE_NEIGHBOUR_CHANGED;
	sp->evidence = EVIDENCE_WEAK;
	/* Fewer context lines than usual on one side: the file begins or ends there. */
	if (r.before == NO_LINE && d->s->at_begin && !b->at && !r.lost_before)
		r.before = NO_LINE; /* one before line 0, so that 0 is its neighbour */
	else if (r.before == NO_LINE) {
		if (r.after != NO_LINE) {
			add_spot(sp, r.after, b);
			sp->evidence = r.lost_after ? EVIDENCE_WEAK : EVIDENCE_BEFORE;
		}
		return;
	}
	if (r.after == NO_LINE && d->s->at_end && b->at == d->s->n_pre) {
		r.after = d->w->im.n;
	} else if (r.after == NO_LINE) {
		add_spot(sp, r.before + 1, b);
		sp->evidence = r.lost_before ? EVIDENCE_WEAK : EVIDENCE_AFTER;
		return;
	}
	foreign = r.after - (r.before + 1);
	if (!foreign) {
		add_spot(sp, r.after, b);
		sp->evidence = r.lost_before || r.lost_after ? EVIDENCE_NEAREST
			       : r.soft			     ? EVIDENCE_SIMILAR
							     : EVIDENCE_NEIGHBOURS;
	} else if (!r.lost_before && !r.lost_after) {
		sp->cause = CAUSE_FOREIGN_LINES;
		sp->evidence = EVIDENCE_BETWEEN;
		add_spot(sp, r.before + 1, b);
		add_spot(sp, r.after, b);
	} else if (!r.lost_before) {
		sp->evidence = EVIDENCE_AFTER;
		add_spot(sp, r.before + 1, b);
		add_spot(sp, r.after, b);
	} else if (!r.lost_after) {
		sp->evidence = EVIDENCE_BEFORE;
		add_spot(sp, r.after, b);
		add_spot(sp, r.before + 1, b);
	} else {
		add_spot(sp, r.before + 1 + (foreign < r.lost_before ? foreign
								     : r.lost_before),
			 b);
		add_spot(sp, r.before + 1, b);
		add_spot(sp, r.after, b);
	}
}

/* The removed lines stand there in another form: what stands there goes, and the new
 * lines come, with the words of an edited line merged in where line answers line. */
static void place_edited(const struct deciding *d, const struct block *b,
			 struct spots *sp)
{
	const struct alignment *al = d->al;
	size_t first = NO_LINE, last = 0;
	struct block merged = *b;
	struct arena *a = d->w->a;

	sp->evidence = EVIDENCE_EDITED;
	for (size_t i = b->at; i < b->at + b->n_old; i++) {
		if (al->map[i] == NO_LINE)
			continue;
		if (first == NO_LINE)
			first = al->map[i];
		last = al->map[i];
	}
	sp->cause = CAUSE_LINES_EDITED;
	if (first == NO_LINE) {
		struct sides_of r = look_around(d, b->at);

		sp->cause = CAUSE_LINES_GONE;
		merged.n_old = 0;
		if (r.before != NO_LINE)
			add_spot(sp, r.before + 1, &merged);
		else if (r.after != NO_LINE)
			add_spot(sp, r.after, &merged);
		return;
	}
	merged.n_old = last - first + 1;
	if (b->n_new == b->n_old) {
		merged.new = arena_array(a, struct str, b->n_new);
		for (size_t i = 0; i < b->n_new; i++) {
			size_t line = al->map[b->at + i];

			merged.new[i] = b->new[i];
			if (line != NO_LINE && !al->exact[b->at + i])
				word_merge(d->s->pre[b->at + i], d->w->im.lines[line],
					   b->new[i], a, &merged.new[i]);
		}
	}
	add_spot(sp, first, &merged);
}

static bool differs_by_blanks_only(const struct deciding *d, const struct block *b)
{
	for (size_t i = b->at; i < b->at + b->n_old; i++)
		if (d->al->map[i] == NO_LINE ||
		    image_line_hash(d->w->im.lines[d->al->map[i]]) != d->s->hash[i])
			return false;
	return true;
}

static void place_removal(const struct deciding *d, const struct block *b,
			  struct spots *sp)
{
	const struct alignment *al = d->al;
	bool exact = true, adjacent = true, found = true;

	for (size_t i = b->at; i < b->at + b->n_old; i++) {
		found &= al->map[i] != NO_LINE;
		exact &= al->exact[i];
		adjacent &= al->map[i] - al->map[b->at] == i - b->at;
	}
	if (found && exact && adjacent) {
		sp->evidence = EVIDENCE_LINES;
		sp->cause = CAUSE_CONTEXT_CHANGED;
		add_spot(sp, al->map[b->at], b);
		return;
	}
	place_edited(d, b, sp);
	if (found && exact)
		sp->cause = CAUSE_FOREIGN_LINES;
	else if (found && differs_by_blanks_only(d, b))
		sp->cause = CAUSE_WHITESPACE;
}

/* Candidate number k takes the k-th spot of every block that has as many. */
static void make_candidate(const struct deciding *d, const struct spots *sp, size_t k,
			   struct place_candidate *ret)
{
	size_t n = 0;

	*ret = (struct place_candidate){ .score = d->al->score,
					 .engine = d->whole ? ENGINE_THREEWAY
							    : ENGINE_ALIGN };
	ret->edits = arena_array(d->w->a, struct place_edit, d->s->n_blocks);
	for (size_t b = 0; b < d->s->n_blocks; b++) {
		const struct spot *v;

		if (!sp[b].n)
			continue;
		v = &sp[b].v[k < sp[b].n ? k : sp[b].n - 1];
		ret->edits[n++] =
			(struct place_edit){ v->line, v->n_old, v->n_new, v->new };
		if (sp[b].evidence > ret->evidence)
			ret->evidence = sp[b].evidence;
	}
	ret->n_edits = n;
	ret->line = n ? ret->edits[0].line + 1 : 1;
}

/* Absolute weight of witnesses: two full lines. One line may stand anywhere. */
static bool witnessed(const struct deciding *d)
{
	double sum = 0;

	for (size_t i = 0; i < d->s->n_pre; i++)
		if (d->al->map[i] != NO_LINE)
			sum += (double)d->s->weight[i];
	return sum >= 1.5 || d->al->score > 0.95;
}

static bool certain(const struct deciding *d, const struct place_candidate *c)
{
	if (c->n_edits != d->s->n_blocks || c->evidence > EVIDENCE_TWO)
		return false;
	for (size_t i = 1; i < c->n_edits; i++)
		if (c->edits[i].line < c->edits[i - 1].line + c->edits[i - 1].n_old)
			return false;
	if (d->whole)
		return true;
	return witnessed(d) && d->al->score >= 0.3 && d->al->rival < d->al->score - 0.1;
}

void decide(struct work *w, const struct sides *s, const struct alignment *al, bool whole,
	    struct verdict *ret)
{
	struct deciding d = { w, s, al, whole };
	struct spots *sp = arena_array(w->a, struct spots, s->n_blocks);
	size_t most = 1;
	enum place_evidence worst = EVIDENCE_NONE;

	*ret = (struct verdict){ 0 };
	for (size_t b = 0; b < s->n_blocks; b++) {
		if (s->blocks[b].n_old)
			place_removal(&d, &s->blocks[b], &sp[b]);
		else
			place_insertion(&d, &s->blocks[b], &sp[b]);
		if (sp[b].n > most)
			most = sp[b].n;
		if (sp[b].evidence > worst || !ret->cause) {
			worst = sp[b].evidence;
			ret->cause = sp[b].cause;
		}
	}
	if (al->score < 0.3)
		ret->cause = CAUSE_CODE_GONE;
	for (size_t k = 0; k < most; k++) {
		make_candidate(&d, sp, k, &ret->v[ret->n]);
		ret->n += ret->v[ret->n].n_edits > 0;
	}
	ret->certain = ret->n && certain(&d, &ret->v[0]);
	if (ret->n && !ret->certain && ret->v[0].evidence <= EVIDENCE_TWO &&
	    al->rival >= al->score - 0.1)
		ret->cause = CAUSE_AMBIGUOUS;
}
