/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From an alignment to a decision. Each block of changes is placed on its own, and what
 * counts is what stands right beside it: removed lines must be there, intact and
 * adjacent; of an insertion the lines before and behind it must still be neighbours.
 * All else is a proposal for the user.
 */
#include "place_internal.h"

/* Places one block may take, best first. */
#define MAX_SPOTS PLACE_MAX_CANDIDATES
struct spot {
	size_t line, n_old, n_new;
	struct str *new;
};
struct spots {
	struct spot v[MAX_SPOTS];
	size_t n;
	bool done;   /* the new lines stand there, the old ones do not */
	bool adrift; /* an insertion with both its neighbours lost */
	enum place_evidence evidence;
	enum place_cause cause;
};

struct deciding {
	struct work *w;
	const struct sides *s;
	const struct alignment *al;
	int section; /* 1: inside what the hunk header names, -1: elsewhere, 0: unknown */
	bool whole;  /* the alignment knows all of the file, not only the hunk */
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
 * file, how many between it and the insertion do not, and what the unbroken run of lines
 * beside the insertion is worth as a witness. */
struct side {
	size_t line; /* of the file; NO_LINE: none */
	size_t lost;
	double nearest, run;
	bool soft;  /* only similar */
	float like; /* how much */
};

#define EDGE 0.8 /* begin and end of file or function are witnesses too */

static bool ends_function(const struct deciding *d, struct str line)
{
	return d->section > 0 && str_starts(line, STR("}"));
}

/* What old line i is worth where it stands: a similar line a part, and only if it is
 * more than half alike. */
static double witness(const struct deciding *d, size_t i)
{
	double like = (double)d->al->like[i];

	if (d->al->exact[i])
		return (double)d->s->weight[i];
	return like > 0.5 ? (like - 0.5) * 1.2 * (double)d->s->weight[i] : 0;
}

static struct side look_before(const struct deciding *d, size_t at)
{
	const struct alignment *al = d->al;
	struct side r = { .line = NO_LINE };
	size_t i = at;

	if (!at && d->s->at_begin)
		r.run = r.nearest = EDGE;
	while (i && al->map[i - 1] == NO_LINE) {
		i--;
		r.lost++;
	}
	if (!i)
		return r;
	r.line = al->map[i - 1];
	r.soft = !al->exact[i - 1];
	r.like = al->like[i - 1];
	r.nearest = r.soft ? 0 : (double)d->s->weight[i - 1];
	for (size_t n = 0; i && n < 3 && al->map[i - 1] == r.line - n; n++)
		r.run += witness(d, --i);
	if (!i && d->s->at_begin && r.line + 1 == at)
		r.run += EDGE;
	return r;
}

static struct side look_behind(const struct deciding *d, size_t at)
{
	const struct alignment *al = d->al;
	struct side r = { .line = NO_LINE };
	size_t i = at, n_pre = d->s->n_pre;

	if (at == n_pre && d->s->at_end) {
		r.line = d->w->im.n;
		r.run = r.nearest = EDGE;
		return r;
	}
	while (i < n_pre && al->map[i] == NO_LINE) {
		i++;
		r.lost++;
	}
	if (i == n_pre)
		return r;
	r.line = al->map[i];
	r.soft = !al->exact[i];
	r.like = al->like[i];
	r.nearest = r.soft ? 0 : (double)d->s->weight[i];
	if (!r.lost && ends_function(d, d->s->pre[i]))
		r.run += EDGE;
	for (size_t n = 0; i < n_pre && n < 3 && al->map[i] == r.line + n; n++)
		r.run += witness(d, i++);
	return r;
}

#define LEAD   0.1  /* score by which one place is better than all others */
#define STRONG 0.75 /* a witness one may go by */
#define FAINT  0.35 /* a witness that says next to nothing */

#define ALIKE 0.65f /* an edited line one still takes for the same */

static bool alike(const struct side *s)
{
	return !s->soft || s->like >= ALIKE;
}

/* Both nearest lines stand side by side: how sure is that? */
static enum place_evidence sure_between(const struct deciding *d, const struct side *b,
					const struct side *f)
{
	bool lost = b->lost || f->lost;

	if (d->whole)
		return lost ? EVIDENCE_NEAREST : EVIDENCE_NEIGHBOURS;
	if (b->lost && f->lost && (b->run < STRONG || f->run < STRONG))
		return EVIDENCE_WEAK;
	if (b->run + f->run < STRONG)
		return EVIDENCE_WEAK;
	if (lost)
		return EVIDENCE_NEAREST;
	if (!alike(b) || !alike(f))
		return EVIDENCE_WEAK;
	return b->soft || f->soft ? EVIDENCE_SIMILAR : EVIDENCE_NEIGHBOURS;
}

/* Do blank and full lines meet the block at `line` as they did in the hunk? */
static bool blanks_agree(const struct deciding *d, const struct block *b, size_t line)
{
	const struct image *im = &d->w->im;

	if (b->at && line &&
	    line_is_blank(d->s->pre[b->at - 1]) != line_is_blank(im->lines[line - 1]))
		return false;
	return b->at == d->s->n_pre || line == im->n ||
	       line_is_blank(d->s->pre[b->at]) == line_is_blank(im->lines[line]);
}

/* Blank lines have no identity: where context is lost, which of two blanks was matched
 * is chance. Step over one when the paragraphs then meet as they did. */
static size_t step_over_blank(const struct deciding *d, const struct block *b,
			      size_t line)
{
	const struct image *im = &d->w->im;

	if (blanks_agree(d, b, line))
		return line;
	if (line < im->n && line_is_blank(im->lines[line]) &&
	    blanks_agree(d, b, line + 1))
		return line + 1;
	if (line && line_is_blank(im->lines[line - 1]) && blanks_agree(d, b, line - 1))
		return line - 1;
	return line;
}

#define LIST_ALIKE  8 /* bytes the lines of a list begin with alike */
#define ORDER_ALIKE 3 /* the same of a list that is in order */
#define LIST_MIN    5 /* lines in order that are no chance */

static bool sorts_behind(struct str a, struct str b)
{
	return str_cmp(str_trim(a), str_trim(b)) > 0;
}

static bool is_entry(const struct deciding *d, const struct block *b, size_t line,
		     size_t alike)
{
	const struct image *im = &d->w->im;

	return line < im->n && line_common_begin(im->lines[line], b->new[0]) >= alike;
}

/* The entries around `line` of the file that follow one another in order. */
static void ordered_stretch(const struct deciding *d, const struct block *b, size_t line,
			    size_t *ret_from, size_t *ret_to)
{
	struct str *v = d->w->im.lines;
	size_t from = line, to = line;

	while (from && is_entry(d, b, from - 1, ORDER_ALIKE) &&
	       (from == line || !sorts_behind(v[from - 1], v[from])))
		from--;
	while (is_entry(d, b, to, ORDER_ALIKE) &&
	       (to == from || !sorts_behind(v[to - 1], v[to])))
		to++;
	*ret_from = from;
	*ret_to = to;
}

/* A list kept in order, like a row of includes, tells where a new line goes. A similar
 * line is another entry there, not the old one edited. `line` is a place in the list; the
 * new line must fall inside its ordered stretch, or where the list as such ends. */
static void place_in_order(const struct deciding *d, const struct block *b, size_t line,
			   struct spots *sp)
{
	size_t from, to, at;

	ordered_stretch(d, b, line, &from, &to);
	if (b->n_new != 1 || to - from < LIST_MIN)
		return;
	for (at = from; at < to && !sorts_behind(d->w->im.lines[at], b->new[0]);)
		at++;
	if ((at == from && from && is_entry(d, b, from - 1, ORDER_ALIKE)) ||
	    (at == to && is_entry(d, b, to, ORDER_ALIKE)))
		return;
	*sp = (struct spots){ .evidence = EVIDENCE_LIST, .cause = sp->cause };
	add_spot(sp, at, b);
}

/* What was added at the end of a list goes to the end it has now: the line before, the
 * new ones and the foreign ones up to a blank or brace are all entries of it. */
static bool place_at_list_end(const struct deciding *d, const struct block *b,
			      const struct side *before, const struct side *behind,
			      struct spots *sp)
{
	if (before->line == NO_LINE || before->lost || before->soft || behind->lost ||
	    behind->nearest > FAINT)
		return false;
	for (size_t i = before->line; i < behind->line; i++)
		if (!is_entry(d, b, i, LIST_ALIKE))
			return false;
	for (size_t i = 1; i < b->n_new; i++)
		if (line_common_begin(b->new[0], b->new[i]) < LIST_ALIKE)
			return false;
	sp->evidence = EVIDENCE_LIST;
	add_spot(sp, behind->line, b);
	return true;
}

/* One neighbour is lost, or both: the nearer whole side is the place. */
static enum place_evidence sure_of_one(const struct deciding *d,
				       const struct side *before,
				       const struct side *behind, bool up)
{
	double run = (up ? before : behind)->run;

	if (before->lost && behind->lost)
		return EVIDENCE_WEAK;
	/* As many lines lost as foreign: each stands for one. */
	if (before->lost + behind->lost == behind->line - before->line - 1)
		run = before->run + behind->run;
	if (!d->whole && run < STRONG)
		return EVIDENCE_WEAK;
	return before->lost ? EVIDENCE_BEFORE : EVIDENCE_AFTER;
}

/* Both neighbours are there, apart. What grew between them may have grown before or
 * behind the new lines; only where it is braces and blanks the line before still holds
 * them. */
static enum place_evidence sure_of_before(const struct deciding *d,
					  const struct side *before,
					  const struct side *behind)
{
	if (before->nearest < STRONG || behind->nearest > FAINT)
		return EVIDENCE_BETWEEN;
	for (size_t i = before->line + 1; i < behind->line; i++)
		if (line_weight(d->w->im.lines[i]) > FAINT)
			return EVIDENCE_BETWEEN;
	return EVIDENCE_AFTER;
}

/* Foreign lines stand where the new ones would go. The side with the better witness is
 * the better place. */
static void place_among_foreign(const struct deciding *d, const struct block *b,
				const struct side *before, const struct side *behind,
				struct spots *sp)
{
	bool up = before->nearest >= behind->nearest, lost = before->lost || behind->lost;
	size_t line;

	sp->cause = lost ? CAUSE_NEIGHBOUR_CHANGED : CAUSE_FOREIGN_LINES;
	if (before->lost != behind->lost)
		up = before->lost < behind->lost;
	if (place_at_list_end(d, b, before, behind, sp)) {
		;
	} else if (lost) {
		line = up ? before->line + 1 : behind->line;
		sp->evidence = sure_of_one(d, before, behind, up);
		add_spot(sp, step_over_blank(d, b, line), b);
	} else {
		sp->evidence = sure_of_before(d, before, behind);
		/* What was added at an end goes to the end it has now. */
		if (sp->evidence == EVIDENCE_BETWEEN)
			up &= behind->nearest > FAINT && behind->line < d->w->im.n;
	}
	add_spot(sp, up ? before->line + 1 : behind->line, b);
	add_spot(sp, up ? behind->line : before->line + 1, b);
}

/* Are the new lines of the block just what stands between its old neighbours? */
static bool stands_between(const struct deciding *d, const struct block *b,
			   const struct side *before, const struct side *behind)
{
	double says = 0;

	if (before->line == NO_LINE || behind->line == NO_LINE || before->lost ||
	    behind->lost || behind->line - before->line - 1 != b->n_new)
		return false;
	for (size_t i = 0; i < b->n_new; i++) {
		if (!str_eq(b->new[i], d->w->im.lines[before->line + 1 + i]))
			return false;
		says += (double)line_weight(b->new[i]);
	}
	return says >= STRONG;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Do two lines begin with a date or a version of the same form? */
static bool same_stamp(struct str a, struct str b)
{
	size_t i = 0, digits = 0;

	for (; i < a.n && i < b.n && a.p[i] > ' ' && b.p[i] > ' '; i++) {
		if (is_digit(a.p[i]) ? !is_digit(b.p[i]) : a.p[i] != b.p[i])
			return false;
		digits += is_digit(a.p[i]);
	}
	return digits >= 3 && i < a.n && i < b.n && a.p[i] <= ' ' && b.p[i] <= ' ';
}

/* A log that grows at its head takes a new entry there, whatever the last one was. */
static bool heads_log(const struct deciding *d, const struct block *b)
{
	const struct image *im = &d->w->im;

	return d->s->at_begin && d->s->n_blocks == 1 && !b->at && d->s->n_pre && im->n &&
	       same_stamp(b->new[0], d->s->pre[0]) && same_stamp(b->new[0], im->lines[0]);
}

#define WHOLE 0.9 /* score of a hunk that stands there as a whole */

/* What was added at the end of a file goes to the end it has now, unless the lines that
 * ended it are found as a whole, and in one place: then what has grown behind them may
 * belong behind the new lines as well. */
static bool ends_file(const struct deciding *d, const struct block *b)
{
	return d->s->at_end && d->s->n_blocks == 1 && b->at == d->s->n_pre && !d->whole &&
	       (d->al->score < WHOLE || d->al->lead <= LEAD);
}

static bool is_edge(enum place_evidence e)
{
	return e == EVIDENCE_HEAD || e == EVIDENCE_END;
}

/* Every old line there, one after the other: only the anchor was in the way. */
static bool stands_whole(const struct deciding *d)
{
	for (size_t i = 0; i < d->s->n_pre; i++)
		if (!d->al->exact[i] || d->al->map[i] != d->al->map[0] + i)
			return false;
	return d->s->n_pre;
}

/* What goes on right where the file ended goes on there, though more stands behind it by
 * now. */
static bool goes_on(const struct deciding *d, const struct block *b)
{
	return d->s->at_end && d->s->n_blocks == 1 && b->at == d->s->n_pre &&
	       stands_whole(d) && d->al->lead > LEAD && !line_is_blank(b->new[0]);
}

/* Begin and end of a file are places of their own. */
static bool place_at_edge(const struct deciding *d, const struct block *b,
			  struct spots *sp)
{
	if (heads_log(d, b)) {
		add_spot(sp, 0, b);
		sp->evidence = EVIDENCE_HEAD;
	} else if (goes_on(d, b)) {
		add_spot(sp, d->al->map[b->at - 1] + 1, b);
		sp->evidence = EVIDENCE_AFTER;
	} else if (ends_file(d, b)) {
		add_spot(sp, d->w->im.n, b);
		sp->evidence = EVIDENCE_END;
	}
	return sp->n;
}

/* Too few of the old lines stand here, or only such as stand anywhere. */
static bool is_thin(const struct deciding *d)
{
	double sum = 0;

	for (size_t i = 0; i < d->s->n_pre; i++)
		if (d->al->map[i] != NO_LINE)
			sum += (double)d->s->weight[i];
	return sum < STRONG || d->al->score < (d->section > 0 ? 0.2 : 0.3);
}

#define SPREAD 4 /* how far the hunks around may differ and still say something */

/* What the lines beside an insertion leave open, the hunks beside it may settle. Lines
 * that grew right there set those two apart, so then they must agree to the line. */
static void ask_neighbour_hunks(const struct deciding *d, const struct block *b,
				struct spots *sp)
{
	size_t spread = sp->evidence == EVIDENCE_BETWEEN ? 0 : SPREAD;

	if ((sp->evidence <= EVIDENCE_BEFORE && !is_thin(d)) || !sp->n || d->whole)
		return;
	if (d->s >= d->w->sides && d->s < d->w->sides + d->w->res->n_hunks &&
	    spans_agree(d->w, (size_t)(d->s - d->w->sides), b->at, sp->v[0].line, spread))
		sp->evidence = EVIDENCE_TWO;
}

/* Only the side before (`up`) or behind has a line that stands in the file, if any. */
static void place_at_one_side(const struct block *b, const struct side *side, bool up,
			      struct spots *sp)
{
	if (side->line == NO_LINE && !up)
		return;
	/* NO_LINE + 1 is 0: the begin of the file is the line before it */
	add_spot(sp, side->line + up, b);
	if (!side->lost && !side->soft && side->run >= STRONG)
		sp->evidence = up ? EVIDENCE_AFTER : EVIDENCE_BEFORE;
}

static void place_insertion(const struct deciding *d, const struct block *b,
			    struct spots *sp)
{
	struct side before = look_before(d, b->at), behind = look_behind(d, b->at);
	bool begins = !b->at && d->s->at_begin;

	sp->cause = CAUSE_NEIGHBOUR_CHANGED;
	sp->evidence = EVIDENCE_WEAK;
	sp->adrift = before.lost && behind.lost;
	if (stands_between(d, b, &before, &behind)) {
		sp->done = true;
		sp->evidence = EVIDENCE_NEIGHBOURS;
		return;
	}
	if (place_at_edge(d, b, sp))
		return;
	if (before.line == NO_LINE && !begins) {
		place_at_one_side(b, &behind, false, sp);
	} else if (behind.line == NO_LINE) {
		place_at_one_side(b, &before, true, sp);
	} else if (behind.line == before.line + 1) {
		sp->evidence = sure_between(d, &before, &behind);
		add_spot(sp,
			 before.lost || behind.lost ? step_over_blank(d, b, behind.line)
						    : behind.line,
			 b);
	} else {
		place_among_foreign(d, b, &before, &behind, sp);
	}
	if (sp->n && sp->evidence >= EVIDENCE_SIMILAR && !d->whole)
		place_in_order(d, b, sp->v[0].line, sp);
	ask_neighbour_hunks(d, b, sp);
}

/* The same insertion told one line earlier (or later): where the last new line equals
 * the old line before the block, a diff may begin with either. False at the end of that.
 */
static bool slide(const struct deciding *d, const struct block *b, bool up,
		  struct block *ret)
{
	size_t n = b->n_new, pre = up ? b->at - 1 : b->at;
	struct str edge = b->new[up ? n - 1 : 0];

	if (up ? !b->at : b->at == d->s->n_pre)
		return false;
	if (!d->s->common[pre] || !str_eq(d->s->pre[pre], edge))
		return false;
	for (size_t i = 0; i < d->s->n_blocks; i++)
		if (d->s->blocks[i].at == (up ? b->at - 1 : b->at + 1))
			return false;
	*ret = (struct block){ .at = up ? b->at - 1 : b->at + 1, .n_new = n };
	ret->new = arena_array(d->w->a, struct str, n);
	for (size_t i = 0; i < n; i++)
		ret->new[i] = b->new[up ? (i + n - 1) % n : (i + 1) % n];
	return true;
}

#define MAX_SLIDES 4

static bool settled(const struct spots *sp)
{
	return sp->done || is_edge(sp->evidence) ||
	       (sp->evidence <= EVIDENCE_BEFORE && !sp->adrift);
}

/* Where nothing is sure the user shall see more than what the alignment says, and first
 * what is likelier; but not first what is outside of the function that is named. */
static void add_guesses(const struct deciding *d, const struct block *b, struct spots *sp)
{
	struct spots told = *sp;
	struct guesses g;

	guess_places(d->w, d->s, b, &g);
	if (sp->evidence > EVIDENCE_BEFORE && (g.inside || d->section <= 0))
		sp->n = 0;
	for (size_t i = 0; i < g.n; i++) {
		add_spot(sp, g.line[i], b);
		if (!i && told.n)
			add_spot(sp, told.v[0].line, b);
	}
}

/* An insertion that finds no sure place may find one told another way. */
static void place_insertion_slid(const struct deciding *d, const struct block *b,
				 struct spots *sp)
{
	place_insertion(d, b, sp);
	for (int up = 1; up >= 0; up--) {
		struct block told = *b, next;

		for (size_t k = 0; k < MAX_SLIDES; k++) {
			struct spots other = { 0 };

			if (settled(sp) || !slide(d, &told, up, &next))
				break;
			told = next;
			place_insertion(d, &told, &other);
			if (settled(&other) && !other.done)
				*sp = other;
		}
	}
}

/* The removed lines stand there in another form: what stands there goes, and the new
 * lines come, with the words of an edited line merged in where line answers line. */
static void place_edited(const struct deciding *d, const struct block *b,
			 struct spots *sp)
{
	const struct alignment *al = d->al;
	size_t first = NO_LINE, last = 0;
	struct side before = look_before(d, b->at);
	struct side behind = look_behind(d, b->at + b->n_old);
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
		sp->done = stands_between(d, b, &before, &behind);
		sp->cause = CAUSE_LINES_GONE;
		merged.n_old = 0;
		if (before.line != NO_LINE)
			add_spot(sp, before.line + 1, &merged);
		if (behind.line != NO_LINE)
			add_spot(sp, behind.line, &merged);
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

/* The removed lines are all there, with others between them: these stay, and the new ones
 * come behind them. */
static void place_apart(const struct deciding *d, const struct block *b, struct spots *sp)
{
	const size_t *map = d->al->map + b->at;
	size_t first = map[0], last = map[b->n_old - 1], next = 0;
	struct block kept = { .at = b->at, .n_old = last - first + 1 };

	kept.new = arena_array(d->w->a, struct str, kept.n_old - b->n_old + b->n_new);
	for (size_t line = first; line <= last; line++) {
		if (line == map[next])
			next++;
		else
			kept.new[kept.n_new++] = d->w->im.lines[line];
	}
	for (size_t i = 0; i < b->n_new; i++)
		kept.new[kept.n_new++] = b->new[i];
	sp->evidence = EVIDENCE_EDITED;
	sp->cause = CAUSE_FOREIGN_LINES;
	add_spot(sp, first, &kept);
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
	if (found && exact) {
		place_apart(d, b, sp);
		return;
	}
	if (al->score >= NOISE)
		place_edited(d, b, sp);
	else
		sp->evidence = EVIDENCE_WEAK;
	if (found && differs_by_blanks_only(d, b))
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

		if (!sp[b].n || sp[b].done)
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

/* There is one begin of a file, and one end. */
static bool anchored(const struct deciding *d)
{
	const struct sides *s = d->s;

	return s->n_pre && ((s->at_begin && d->al->map[0] == 0) ||
			    (s->at_end && d->al->map[s->n_pre - 1] + 1 == d->w->im.n));
}

/* Another place is as good: it matches nearly as well, it is not in another function, and
 * it is not much farther away. In the function that is named the nearest one is meant,
 * but not on the word of a part of the context that stands there twice. */
static bool ambiguous(const struct deciding *d, const struct place_candidate *c)
{
	if (d->section > 0)
		return c->evidence >= EVIDENCE_NEAREST && d->al->lead <= 0;
	return d->al->lead <= LEAD && d->al->near_lead < 0.15 && !anchored(d);
}

#define ELSEWHERE 0.7 /* score that outweighs being in another function */
#define ALONE     0.2 /* score that makes one neighbour enough, the whole file known */
#define ONE_SIDED 0.5 /* score that makes one neighbour enough, function unknown */

static bool certain(const struct deciding *d, const struct place_candidate *c)
{
	if (c->evidence > EVIDENCE_BEFORE)
		return false;
	for (size_t i = 1; i < c->n_edits; i++)
		if (c->edits[i].line < c->edits[i - 1].line + c->edits[i - 1].n_old)
			return false;
	if (is_edge(c->evidence))
		return true;
	/* One line may stand by chance where all around it was written anew. */
	if (d->whole)
		return c->evidence < EVIDENCE_AFTER || d->al->score >= ALONE ||
		       c->edits[0].line == d->w->im.n;
	if (d->section < 0 && d->al->score < ELSEWHERE)
		return false;
	if (c->evidence >= EVIDENCE_AFTER && d->section <= 0 && d->al->score < ONE_SIDED)
		return false;
	if (c->evidence == EVIDENCE_TWO)
		return d->section >= 0;
	return !is_thin(d) && !ambiguous(d, c);
}

static int agrees(struct work *w, const struct sides *s, const struct alignment *al)
{
	size_t first = 0;

	while (first < s->n_pre && al->map[first] == NO_LINE)
		first++;
	return first == s->n_pre ? 0 : section_agrees(w, s, first, al->map[first]);
}

static void make_candidates(const struct deciding *d, const struct spots *sp,
			    struct verdict *ret)
{
	size_t most = 1;

	for (size_t b = 0; b < d->s->n_blocks; b++)
		if (sp[b].n > most)
			most = sp[b].n;
	ret->n = 0;
	for (size_t k = 0; k < most; k++) {
		make_candidate(d, sp, k, &ret->v[ret->n]);
		ret->n += ret->v[ret->n].n_edits > 0;
	}
}

static void guess_the_rest(const struct deciding *d, struct spots *sp)
{
	for (size_t b = 0; b < d->s->n_blocks; b++)
		if (!d->s->blocks[b].n_old && !sp[b].done)
			add_guesses(d, &d->s->blocks[b], &sp[b]);
}

void decide(struct work *w, const struct sides *s, const struct alignment *al, bool whole,
	    struct verdict *ret)
{
	struct deciding d = { w, s, al, agrees(w, s, al), whole };
	struct spots *sp = arena_array(w->a, struct spots, s->n_blocks);
	enum place_evidence worst = EVIDENCE_NONE;
	size_t done = 0;

	*ret = (struct verdict){ 0 };
	for (size_t b = 0; b < s->n_blocks; b++) {
		if (s->blocks[b].n_old)
			place_removal(&d, &s->blocks[b], &sp[b]);
		else
			place_insertion_slid(&d, &s->blocks[b], &sp[b]);
		done += sp[b].done;
		if (sp[b].evidence > worst || !ret->cause) {
			worst = sp[b].evidence;
			ret->cause = sp[b].cause;
		}
	}
	make_candidates(&d, sp, ret);
	ret->done = done == s->n_blocks;
	ret->certain = ret->n && ret->v[0].n_edits + done == s->n_blocks &&
		       certain(&d, &ret->v[0]);
	if (al->score < 0.3)
		ret->cause = CAUSE_CODE_GONE;
	else if (stands_whole(&d))
		ret->cause = CAUSE_ANCHOR;
	if (ret->certain || ret->done)
		return;
	if (ret->n && ret->v[0].evidence <= EVIDENCE_BEFORE && ambiguous(&d, &ret->v[0]))
		ret->cause = CAUSE_AMBIGUOUS;
	if (!whole) {
		guess_the_rest(&d, sp);
		make_candidates(&d, sp, ret);
	}
}
