/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk of git apply: the stated line first, then the nearest place, later ones
 * before earlier ones at the same distance; lines another hunk has taken do not count.
 * git edits the file hunk by hunk and searches in what it has; here the file stays as it
 * is and the taken spans tell how its lines are numbered in the result, so a hunk costs
 * its search and not a copy of the file.
 */
#include "place_internal.h"

/* Number of spans that begin before or at `line`. */
static size_t spans_before(const struct work *w, size_t line)
{
	size_t lo = 0, hi = w->spans.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->spans.v[mid].line <= line)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool spans_taken(const struct work *w, size_t line, size_t n)
{
	size_t i = spans_before(w, line);

	if (i && w->spans.v[i - 1].line + w->spans.v[i - 1].n_old > line)
		return n || w->spans.v[i - 1].line < line;
	return n && i < w->spans.n && w->spans.v[i].line < line + n;
}

static ptrdiff_t growth(const struct span *s)
{
	return (ptrdiff_t)s->n_new - (ptrdiff_t)s->n_old;
}

void spans_add(struct work *w, size_t line, size_t n_old, size_t n_new)
{
	size_t at = spans_before(w, line);
	struct span *v;

	*ARENA_PUSH(w->a, &w->spans) = (struct span){ 0 };
	v = w->spans.v;
	memmove(v + at + 1, v + at, (w->spans.n - 1 - at) * sizeof(*v));
	v[at] = (struct span){ line, n_old, n_new,
			       at ? v[at - 1].shift + growth(&v[at - 1]) : 0 };
	for (size_t i = at + 1; i < w->spans.n; i++)
		v[i].shift += growth(&v[at]);
	w->steps -= w->steps < w->spans.n - at ? w->steps : w->spans.n - at;
}

size_t spans_result_line(const struct work *w, size_t line)
{
	size_t i = spans_before(w, line);
	const struct span *s = i ? &w->spans.v[i - 1] : NULL;

	if (!s)
		return line;
	if (line < s->line + s->n_old) /* inside: where its span begins */
		return (size_t)((ptrdiff_t)s->line + s->shift);
	return (size_t)((ptrdiff_t)line + s->shift + growth(s));
}

/* The first line of the file that stands at or after `line` of the result. */
static size_t file_line(const struct work *w, size_t line)
{
	size_t lo = 0, hi = w->spans.n;
	const struct span *s;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		s = &w->spans.v[mid];
		if ((ptrdiff_t)s->line + s->shift <= (ptrdiff_t)line)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return line;
	s = &w->spans.v[lo - 1];
	if ((ptrdiff_t)line < (ptrdiff_t)(s->line + s->n_new) + s->shift)
		return s->line + s->n_old;
	return (size_t)((ptrdiff_t)line - s->shift - growth(s));
}

/* One look for `n` lines, with the ways in which they may differ. */
struct probe {
	struct work *w;
	const struct str *lines;
	size_t n;
	bool loose; /* blanks may differ */
	bool fix;   /* lines that are the same once mended will do */
	bool over;  /* blank lines may stand beyond the end of the file */
	bool end;   /* only the end of the file will do */
	bool last;  /* so it shall, where the hunk has context behind it too */
	bool free;  /* taken spans do not matter */
};

static bool line_fits(const struct probe *p, struct str want, struct str have)
{
	STRBUF_AUTO(a, WS_FIXED_MAX);
	STRBUF_AUTO(b, WS_FIXED_MAX);

	if (p->loose)
		return ws_equal(want, have);
	/* Mending changes blanks alone. */
	if (!p->fix || image_line_hash(want) != image_line_hash(have))
		return false;
	ws_fix(want, p->w->opt->ws_rule, &a);
	ws_fix(have, p->w->opt->ws_rule, &b);
	return str_eq(strbuf_str(&a), strbuf_str(&b));
}

/* Lines [from, p->n) are blank, and of those before them one is not: what the patch
 * knows of the end of the file, but blank lines, stands there. */
static bool blank_beyond(const struct probe *p, size_t from)
{
	size_t i = from;

	while (i < p->n && ws_blank(p->lines[i]))
		i++;
	if (i < p->n)
		return false;
	for (i = 0; i < from && ws_blank(p->lines[i]);)
		i++;
	return i < from;
}

/* The last line of a hunk has no final newline, but that of the file does: so somebody
 * added it, and git apply takes it away again. */
static bool is_cut_short(const struct probe *p, size_t at)
{
	struct str want = p->lines[p->n - 1], have = p->w->im.lines[at + p->n - 1];

	return !p->end && at + p->n == p->w->im.n && !str_ends(want, STR("\n")) &&
	       str_skip(&have, want) && ws_blank(have);
}

/* The number of lines that are equal byte for byte, or `n`. */
static size_t equal_lines(const struct probe *p, size_t at, size_t n)
{
	size_t i = 0;

	while (i < n && str_eq(p->lines[i], p->w->im.lines[at + i]))
		i++;
	return n && i + 1 == n && n == p->n && is_cut_short(p, at) ? n : i;
}

static bool stands_at(const struct probe *p, size_t at)
{
	return at + p->n <= p->w->im.n && equal_lines(p, at, p->n) == p->n;
}

static bool fits_at(const struct probe *p, size_t at)
{
	const struct image *im = &p->w->im;
	size_t i, n = p->n;

	if (at > im->n || (p->last && at + n != im->n))
		return false;
	if (n > im->n - at) {
		n = im->n - at;
		if (!p->over || !blank_beyond(p, n))
			return false;
	}
	i = equal_lines(p, at, n);
	if (p->loose || p->fix)
		while (i < n && line_fits(p, p->lines[i], im->lines[at + i]))
			i++;
	p->w->steps -= p->w->steps < i + 1 ? p->w->steps : i + 1;
	return i == n && (p->free || !spans_taken(p->w, at, n));
}

/* Distance in lines of the result, as git counts. */
static size_t distance(const struct probe *p, size_t at, size_t line)
{
	size_t r = p->free ? at : spans_result_line(p->w, at);

	return r > line ? r - line : line - r;
}

/* Past so many lines walked a search goes by the index of hashes instead. */
#define WALK_MAX 20000

static size_t nearer(const struct probe *p, size_t line, size_t a, size_t b)
{
	size_t da, db;

	if (a == NO_LINE || b == NO_LINE)
		return a == NO_LINE ? b : a;
	da = distance(p, a, line);
	db = distance(p, b, line);
	if (da != db)
		return da < db ? a : b;
	return a > b ? a : b; /* forwards first */
}

/* All occurrences of the rarest line, each looked at. */
static size_t by_index(const struct probe *p, size_t line)
{
	struct image *im = &p->w->im;
	size_t rare = 0, rare_n = NO_LINE, best = NO_LINE;
	uint64_t hash;

	image_hash(im);
	for (size_t i = 0; i < p->n && rare_n > 1; i++) {
		size_t n = image_count(im, image_line_hash(p->lines[i]), 64);

		/* a blank one may stand beyond the end */
		if (n < rare_n && !(p->over && ws_blank(p->lines[i]))) {
			rare_n = n;
			rare = i;
		}
	}
	if (!rare_n)
		return NO_LINE;
	hash = image_line_hash(p->lines[rare]);
	for (size_t at = image_first(im, hash); at != NO_LINE && p->w->steps;
	     at = image_next(im, at))
		if (at >= rare && fits_at(p, at - rare))
			best = nearer(p, line, best, at - rare);
	return best;
}

/* Down and up from `start`, no further than to `last`. */
static size_t walk(const struct probe *p, size_t line, size_t start, size_t last)
{
	size_t up, down = start;

	while (down <= last && !fits_at(p, down))
		down++;
	if (down > last)
		down = NO_LINE;
	for (up = start < last ? start : last + 1; up--;) {
		if (down != NO_LINE && distance(p, up, line) >= distance(p, down, line))
			break;
		if (fits_at(p, up))
			return nearer(p, line, up, down);
	}
	return down;
}

/* The nearest fit to `line` of the result. */
static size_t nearest(const struct probe *p, size_t line)
{
	size_t n = p->w->im.n, start = p->free ? line : file_line(p->w, line);

	if (start > n)
		start = n;
	if (!p->n) /* nothing to find: any place fits, so the stated one */
		return start;
	if (p->n > n && !p->over)
		return NO_LINE;
	if (n > WALK_MAX || p->w->im.hash)
		return by_index(p, line);
	return walk(p, line, start, p->over ? n : n - p->n);
}

size_t search_exact(struct work *w, const struct str *lines, size_t n, size_t near)
{
	struct probe p = { .w = w, .lines = lines, .n = n, .free = true };

	return n ? nearest(&p, near) : NO_LINE;
}

/* The last lines of the file; or, where blank lines are to go from its end, lines behind
 * which it ends too early. */
static size_t at_end(const struct probe *p)
{
	size_t n = p->w->im.n, at;

	if (p->n > n) {
		for (at = n; p->over && at--;)
			if (fits_at(p, at))
				return at;
		return NO_LINE;
	}
	for (at = n - p->n; at <= n; at++) {
		if (fits_at(p, at))
			return at;
		if (!p->over)
			break;
	}
	return NO_LINE;
}

/* An anchored hunk has one place only. */
static size_t find_place(const struct probe *p, size_t line, bool begin)
{
	size_t n = p->w->im.n;

	if (begin && p->end && p->n < n)
		return NO_LINE;
	if (begin)
		return fits_at(p, 0) ? 0 : NO_LINE;
	return p->end ? at_end(p) : nearest(p, line);
}

/* Say where the hunk is; `stated` is the line it names. */
static void settle(struct work *w, const struct found *f, size_t stated)
{
	struct placement *pl = &w->res->hunks[f->hunk];
	size_t cut = f->from <= f->at ? f->from : f->at;

	pl->fuzz = (unsigned)(w->sides[f->hunk].n_pre - (f->to - f->from));
	pl->line = spans_result_line(w, f->at) + 1 - cut;
	pl->offset = (ptrdiff_t)pl->line - 1 - (ptrdiff_t)stated;
	pl->status = pl->offset || pl->fuzz ? PLACE_OFFSET : PLACE_EXACT;
	pl->engine = ENGINE_SEARCH;
	pl->score = 1;
	pl->evidence = EVIDENCE_WHOLE;
	w->at[f->hunk] = f->at;
	take_found(w, f);
}

/* `unended`: the old lines are those that end the file, and nothing less. */
static bool search_as(struct work *w, size_t hunk, bool unended)
{
	bool fix = w->opt->ws == WS_FIX;
	const struct sides *s = &w->sides[hunk];
	size_t lead = s->leading, trail = s->trailing, cut = 0, at;
	size_t line = s->hunk->new.start ? s->hunk->new.start - 1 : 0, stated = line;
	bool begin = s->at_begin;
	struct probe p = { .w = w,
			   .lines = s->pre,
			   .n = s->n_pre,
			   .loose = w->opt->ignore_space,
			   .fix = fix && !w->opt->ignore_space,
			   .end = s->at_end,
			   .last = unended,
			   .over = fix && w->opt->ws_rule.faults & WS_BLANK_AT_EOF };

	while ((at = find_place(&p, line, begin)) == NO_LINE) {
		if (unended ||
		    (lead <= w->opt->min_context && trail <= w->opt->min_context))
			return false;
		if (begin || p.end) {
			begin = p.end = false;
			continue;
		}
		if (lead >= trail) {
			p.lines++;
			p.n--;
			cut++;
			lead--;
			line -= line > 0;
		}
		if (trail > lead) {
			p.n--;
			trail--;
		}
	}
	settle(w, &(struct found){ hunk, at, cut, cut + p.n, stands_at(&p, at) }, stated);
	return true;
}

bool search_place(struct work *w, size_t hunk)
{
	struct sides *s = &w->sides[hunk];
	struct str *pre = s->n_pre ? &s->pre[s->n_pre - 1] : NULL;
	struct str *post = s->n_post ? &s->post[s->n_post - 1] : NULL;

	/* --inaccurate-eof: that diff did not say where the final newline is missing, so
	 * at the end of the file the last lines are tried without theirs first. */
	if (w->f->inaccurate && pre && post && str_ends(*pre, STR("\n")) &&
	    str_ends(*post, STR("\n"))) {
		pre->n--;
		post->n--;
		if (search_as(w, hunk, true))
			return true;
		pre->n++;
		post->n++;
	}
	return search_as(w, hunk, false);
}

#define FAR 64 /* hunks further off say nothing of a hunk's place */

size_t spans_expect(const struct work *w, size_t hunk)
{
	size_t stated = w->sides[hunk].hunk->old.start, n = w->res->n_hunks;

	stated -= stated > 0;
	/* The nearest placed hunk, before it if there is one, tells the drift. */
	for (size_t d = 1; d <= FAR && (d <= hunk || hunk + d < n); d++) {
		size_t k = d <= hunk && w->at[hunk - d] != NO_LINE ? hunk - d : hunk + d;
		ptrdiff_t line;

		if (k >= n || w->at[k] == NO_LINE)
			continue;
		line = (ptrdiff_t)(stated + w->at[k] + 1) -
		       (ptrdiff_t)w->sides[k].hunk->old.start;
		return line > 0 ? (size_t)line : 0;
	}
	return stated;
}

#define BESIDE 100 /* lines within which a hunk's drift holds for the next one */

bool spans_agree(const struct work *w, size_t hunk, size_t old, size_t line,
		 size_t spread)
{
	size_t stated = w->sides[hunk].hunk->old.start + old, low = NO_LINE, high = 0;

	for (int behind = 0; behind < 2; behind++) {
		size_t k = behind ? hunk + 1 : hunk - 1, start, off, at;

		if (k >= w->res->n_hunks || w->at[k] == NO_LINE)
			continue;
		start = w->sides[k].hunk->old.start;
		off = start > stated ? start - stated : stated - start;
		if (off > BESIDE || w->at[k] + stated < start)
			continue;
		at = w->at[k] + stated - start;
		low = at < low ? at : low;
		high = at > high ? at : high;
	}
	return low <= line && line <= high && high - low <= spread;
}

bool spans_between(const struct work *w, size_t hunk, size_t *ret_from, size_t *ret_to)
{
	size_t from = 0, to = w->im.n, k;

	for (k = hunk; k-- && hunk - k <= FAR;)
		if (w->at[k] != NO_LINE) {
			from = w->at[k] + w->sides[k].n_pre - w->sides[k].trailing;
			break;
		}
	for (k = hunk + 1; k < w->res->n_hunks && k - hunk <= FAR; k++)
		if (w->at[k] != NO_LINE) {
			to = w->at[k] + w->sides[k].leading;
			break;
		}
	if (to > w->im.n)
		to = w->im.n;
	*ret_from = from;
	*ret_to = to;
	return from < to;
}
