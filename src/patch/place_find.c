/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file under another name. Where the tree's history knows it, it is this one or none.
 * Else candidates are files with the same last component, then any file that holds the
 * rarest old lines. Judged by the share of the hunks' old lines (or, where the blob is
 * here, of the whole file) that stands in the candidate: half of it is enough, or, for
 * what history says, that every hunk finds its place; of several one must be clearly
 * ahead, between equals by the names in the path.
 */
#include "place_internal.h"

#define MAX_CANDIDATES 32
#define MAX_READ       4000 /* files one file patch opens in search of the content */
#define MAX_PROBES     6
#define ENOUGH         0.5 /* of the weight */
#define ENOUGH_NAMED   0.3 /* where the last component is the same */
#define AHEAD          0.15

static struct str last_component(struct str path)
{
	return str_from(path, (size_t)(str_rchr(path, '/') + 1));
}

struct finder {
	struct work *w;
	struct str path, base; /* the last component of path */
	struct str probes[MAX_PROBES];
	size_t n_probes, reads;
	struct place_search *search;
	struct str v[MAX_CANDIDATES];
	size_t n;
};

static struct finder *finder_new(struct work *w, struct str path)
{
	struct finder *f = arena_new_of(w->a, struct finder);

	f->w = w;
	f->path = path;
	f->base = last_component(path);
	f->search = w->opt->search;
	if (!f->search) {
		f->search = arena_new_of(w->a, struct place_search);
		*f->search = PLACE_SEARCH_DEFAULT;
	}
	return f;
}

static struct str extension(struct str path)
{
	struct str base = last_component(path);
	ptrdiff_t dot = str_rchr(base, '.');

	return dot < 0 ? base : str_from(base, (size_t)dot);
}

static void add(struct finder *f, struct str path)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->v[i], path))
			return;
	if (f->n < MAX_CANDIDATES)
		f->v[f->n++] = path;
}

/* Another name was seen; false: no more. */
static bool charge_name(struct finder *f)
{
	f->search->names -= f->search->names > 0;
	return f->search->names > 0 && f->n < MAX_CANDIDATES;
}

static bool charge_read(struct finder *f)
{
	if (f->reads >= MAX_READ || !f->search->reads)
		return false;
	f->reads++;
	f->search->reads--;
	return true;
}

static bool same_name(void *arg, struct str path, unsigned mode)
{
	struct finder *f = arg;

	if ((mode & 0170000) == 0100000 && str_eq(last_component(path), f->base) &&
	    !str_eq(path, f->path))
		add(f, arena_str(f->w->a, path));
	return charge_name(f);
}

/* The longest old lines of hunks [from, to): the least likely to stand anywhere by
 * chance. */
static void choose_probes(struct finder *f, size_t from, size_t to)
{
	for (size_t h = from; h < to; h++) {
		const struct sides *s = &f->w->sides[h];

		for (size_t i = 0; i < s->n_pre && i < 1000; i++) {
			struct str line = s->pre[i];
			size_t k;

			if (str_trim(line).n < 16)
				continue;
			for (k = 0; k < f->n_probes; k++)
				if (str_eq(f->probes[k], line))
					break;
			if (k < f->n_probes)
				continue;
			if (f->n_probes < MAX_PROBES) {
				f->probes[f->n_probes++] = line;
				continue;
			}
			for (k = 0; k < MAX_PROBES; k++)
				if (f->probes[k].n < line.n)
					break;
			if (k < MAX_PROBES)
				f->probes[k] = line;
		}
	}
}

static bool same_content(void *arg, struct str path, unsigned mode)
{
	struct finder *f = arg;
	const struct tree *t = f->w->tree;
	struct arena_mark mark = arena_mark(f->w->a);
	struct tree_file file;
	struct err err;
	size_t hits = 0;

	if ((mode & 0170000) != 0100000 || !str_eq(extension(path), extension(f->path)) ||
	    str_eq(path, f->path))
		return charge_name(f);
	if (!charge_read(f))
		return false;
	if (t->ops->read(t->ctx, path, f->w->a, &file, &err))
		for (size_t i = 0; i < f->n_probes; i++)
			hits += str_find(file.bytes, f->probes[i]) >= 0;
	arena_rewind(f->w->a, mark);
	if (hits * 2 >= f->n_probes)
		add(f, arena_str(f->w->a, path));
	return charge_name(f);
}

static double share_of_hunks(struct work *w, struct image *im)
{
	double sum = 0, hit = 0;

	image_hash(im);
	for (size_t h = 0; h < w->res->n_hunks; h++) {
		const struct sides *s = &w->sides[h];

		for (size_t i = 0; i < s->n_pre; i++) {
			if (line_weight(s->pre[i]) < 1)
				continue;
			sum += 1;
			hit += image_first(im, image_line_hash(s->pre[i])) != NO_LINE;
		}
	}
	return sum > 0 ? hit / sum : 0;
}

static double share_of_base(struct work *w, struct image *im)
{
	size_t *map = arena_array(w->a, size_t, w->base.n + 1), hit = 0;

	image_map(&w->base, im, map, w->a);
	for (size_t i = 0; i < w->base.n; i++)
		hit += map[i] != NO_LINE;
	return w->base.n ? (double)hit / (double)w->base.n : 0;
}

/* How much of what the patch knows of its file stands in `file`, 0..1. */
static double share_in(struct work *w, const struct tree_file *file)
{
	struct image im;
	struct err err;
	double share;

	if ((file->mode & 0170000) != 0100000 ||
	    !image_init(&im, file->bytes, w->a, &err))
		return 0;
	share = share_of_hunks(w, &im);
	return w->base.n ? (share + share_of_base(w, &im)) / 2 : share;
}

/* How much of the names in `path` the other path has too, in bytes: of twins in several
 * folders the one for the same system, board or driver. */
static size_t names_shared(struct str path, struct str other)
{
	size_t sum = 0;

	for (size_t from = 0, at; from < path.n; from = at + 1) {
		for (at = from; at < path.n && path.p[at] != '/' && path.p[at] != '-' &&
				path.p[at] != '_' && path.p[at] != '.';)
			at++;
		if (str_find(other, str_sub(path, from, at - from)) >= 0)
			sum += at - from;
	}
	return sum;
}

struct likeness {
	struct found_file found;
	double share; /* of the content, 0..1 */
	size_t names;
};

/* The content decides where it can, and else the name. */
static bool is_ahead(const struct likeness *a, const struct likeness *b)
{
	if (a->share >= b->share + AHEAD)
		return true;
	return a->share > b->share - AHEAD && a->names > b->names;
}

static double enough(const struct finder *f, struct str path)
{
	return str_eq(last_component(path), f->base) ? ENOUGH_NAMED : ENOUGH;
}

/* The file that is ahead of all others. */
static bool choose(struct finder *f, struct found_file *ret)
{
	struct likeness v[MAX_CANDIDATES] = { 0 };
	const struct tree *t = f->w->tree;

	for (size_t i = 0; i < f->n; i++) {
		struct found_file *one = &v[i].found;
		struct err err;

		one->path = f->v[i];
		if (!t->ops->read(t->ctx, one->path, f->w->a, &one->file, &err))
			continue;
		v[i].share = share_in(f->w, &one->file);
		v[i].names = names_shared(f->path, one->path);
	}
	for (size_t i = 0; i < f->n; i++) {
		size_t behind = 0;

		for (size_t k = 0; k < f->n; k++)
			behind += k != i && is_ahead(&v[i], &v[k]);
		if (behind + 1 < f->n || v[i].share < enough(f, f->v[i]))
			continue;
		*ret = v[i].found;
		return true;
	}
	return false;
}

bool find_by_history(struct work *w, struct str path, struct found_file *ret)
{
	const struct tree *t = w->tree;
	struct found_file found;
	struct err err;

	if (!t->ops->renamed || !t->ops->renamed(t->ctx, path, w->a, &found.path) ||
	    !t->ops->read(t->ctx, found.path, w->a, &found.file, &err) ||
	    (found.file.mode & 0170000) != 0100000)
		return false;
	*ret = found;
	return true;
}

/* Does every hunk find a place there? */
static bool all_fit(struct work *w, const struct found_file *found)
{
	struct place_result there;
	struct err err;

	return place_bytes(found->file.bytes, w->f, w->opt, w->a, &there, &err) &&
	       !there.n_rejected;
}

bool find_renamed(struct work *w, struct str path, const struct found_file *history,
		  struct found_file *ret)
{
	const struct tree_ops *ops = w->tree->ops;
	struct finder *f;

	/* a file that holds the code as well is a copy then, not the one that is meant */
	if (history) {
		*ret = *history;
		return share_in(w, &history->file) >= ENOUGH || all_fit(w, history);
	}
	if (!ops->each)
		return false;
	f = finder_new(w, path);
	ops->each(w->tree->ctx, same_name, f);
	if (choose(f, ret))
		return true;
	choose_probes(f, 0, w->res->n_hunks);
	if (f->n_probes)
		ops->each(w->tree->ctx, same_content, f);
	return choose(f, ret);
}

bool find_folder(struct work *w, struct str path, struct str *ret)
{
	const struct tree *t = w->tree;
	struct str folder = path, now;
	ptrdiff_t slash;

	while (t->ops->renamed && (slash = str_rchr(folder, '/')) > 0) {
		folder.n = (size_t)slash;
		/* asked first: a folder may be there for the sake of its rejects only */
		if (t->ops->renamed(t->ctx, folder, w->a, &now)) {
			*ret = arena_strf(w->a, STR_FMT STR_FMT, STR_ARG(now),
					  STR_ARG(str_from(path, folder.n)));
			return t->ops->mode(t->ctx, now) == 0040000;
		}
		if (t->ops->mode(t->ctx, folder))
			return false;
	}
	return false;
}

#define MAX_MOVES 16 /* hunks of one file patch that are looked for elsewhere */

void candidate_in(struct work *w, size_t hunk, struct str path, enum place_engine engine)
{
	const struct tree *t = w->tree;
	struct place_result res = { .n_hunks = 1 };
	struct work there = {
		.f = w->f, .opt = w->opt, .a = w->a, .res = &res, .steps = w->steps
	};
	struct sides s = w->sides[hunk];
	struct tree_file file;
	struct alignment al;
	struct verdict v;
	struct err err;
	size_t at = NO_LINE;

	there.sides = &s;
	there.at = &at;
	res.hunks = arena_new_of(w->a, struct placement);
	if (!t->ops->read(t->ctx, path, w->a, &file, &err) ||
	    !image_init(&there.im, file.bytes, w->a, &err))
		return;
	image_hash(&there.im);
	s.hash = NULL;
	sides_measure(&s, &there.im, w->a);
	if (!align(&there, &s, 0, there.im.n, s.hunk->old.start, &al) ||
	    al.score < ENOUGH)
		return;
	decide(&there, &s, &al, false, &v);
	for (size_t i = 0; i < v.n && i < 1; i++) {
		v.v[i].engine = engine;
		v.v[i].path = path;
		keep_candidate(&w->res->hunks[hunk], &v.v[i], w->a);
	}
}

void find_moved(struct work *w, size_t hunk)
{
	const struct tree_ops *ops = w->tree->ops;
	struct finder *f;

	if (!ops->each || w->moves_sought++ >= MAX_MOVES)
		return;
	f = finder_new(w, filepatch_path(w->f));
	choose_probes(f, hunk, hunk + 1);
	if (!f->n_probes)
		return;
	ops->each(w->tree->ctx, same_content, f);
	for (size_t i = 0; i < f->n && i < PLACE_MAX_CANDIDATES; i++)
		candidate_in(w, hunk, f->v[i], ENGINE_MOVED);
}
