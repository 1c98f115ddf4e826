/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one commit renamed: see rename_pairs.h. In git's own order (gitdiffcore(7)): files
 * with the same bytes; then those that alone bear their name on both sides, if three
 * quarters of them are the same; then the most alike of all, down to one half.
 *
 * How alike two files are is what `git diff -M` prints: cut into lines, long ones into
 * pieces of 64 bytes, the share of the larger file that stands in both, in any order.
 *
 * Cost: folders with one id on both sides are not entered; files are read only when
 * their sizes leave a chance. Every step has a limit, past which fewer renames are found.
 */
#include <stdlib.h>

#include "rename_pairs.h"

#include "base/strbuf.h"
#include "base/strmap.h"

enum {
	FULL = 60000,
	ALIKE = FULL / 2,
	ALIKE_NAMESAKE = FULL / 4 * 3,
	PIECE = 64,
	MAX_PATH = 4096,
	MAX_FILES = 200000,    /* that came or went in one commit */
	MAX_TWINS = 1000,      /* files with the same bytes that are tried */
	MAX_MATRIX = 1000000,  /* pairs compared by content: git's diff.renameLimit */
	MAX_FILE = 16 << 20,   /* bytes of one file that is compared */
	MAX_BYTES = 256 << 20, /* of all of them */
};

/* How many bytes of a file are in pieces of this hash; a file is a list sorted by it. */
struct piece {
	uint32_t hash, bytes;
};

struct file {
	struct str path;
	git_oid id;
	size_t size, n_pieces;
	struct piece *pieces;
	bool sized, read, paired;
	size_t twin; /* the next file with this id, from 1 */
};

struct files_seen {
	struct file *v;
	size_t n, cap;
};

struct pairing {
	struct repo *repo;
	struct arena *a;
	struct files_seen went, came;
	struct rename_pairs pairs;
	size_t bytes; /* still to be read */
};

static struct str leaf(struct str path)
{
	return str_from(path, (size_t)(str_rchr(path, '/') + 1));
}

/* ---- what came and went ---- */

struct comparison {
	struct pairing *p;
	struct strbuf path; /* of the folder, with its slash */
};

static void compare_trees(struct comparison *c, git_tree *old, git_tree *new);

static git_tree *subtree(struct repo *repo, const git_tree_entry *e)
{
	git_tree *tree = NULL;

	if (e && git_tree_entry_type(e) == GIT_OBJECT_TREE &&
	    git_tree_lookup(&tree, repo->git, git_tree_entry_id(e)) < 0)
		return NULL;
	return tree;
}

static void compare_folder(struct comparison *c, const git_tree_entry *was,
			   const git_tree_entry *is)
{
	size_t base = c->path.n;
	git_tree *old, *new;

	if (base > MAX_PATH)
		return;
	old = subtree(c->p->repo, was);
	new = subtree(c->p->repo, is);
	strbuf_addz(&c->path, git_tree_entry_name(was ? was : is));
	strbuf_addc(&c->path, '/');
	compare_trees(c, old, new);
	strbuf_truncate(&c->path, base);
	git_tree_free(old);
	git_tree_free(new);
}

static void add_file(struct comparison *c, struct files_seen *to, const git_tree_entry *e)
{
	if ((git_tree_entry_filemode(e) & 0170000) != 0100000 || to->n > MAX_FILES)
		return;
	*ARENA_PUSH(c->p->a, to) = (struct file){
		.path = arena_strf(c->p->a, STR_FMT "%s", STR_ARG(strbuf_str(&c->path)),
				   git_tree_entry_name(e)),
		.id = *git_tree_entry_id(e),
	};
}

static void one_sided(struct comparison *c, struct files_seen *to,
		      const git_tree_entry *was, const git_tree_entry *is)
{
	const git_tree_entry *e = was ? was : is;

	if (git_tree_entry_type(e) == GIT_OBJECT_TREE)
		compare_folder(c, was, is);
	else
		add_file(c, to, e);
}

static void compare_trees(struct comparison *c, git_tree *old, git_tree *new)
{
	size_t n_old = old ? git_tree_entrycount(old) : 0;
	size_t n_new = new ? git_tree_entrycount(new) : 0;

	for (size_t i = 0, k = 0; i < n_old || k < n_new;) {
		const git_tree_entry *was =
			i < n_old ? git_tree_entry_byindex(old, i) : NULL;
		const git_tree_entry *is =
			k < n_new ? git_tree_entry_byindex(new, k) : NULL;
		int order = !was ? 1 : !is ? -1 : git_tree_entry_cmp(was, is);

		i += order <= 0;
		k += order >= 0;
		if (order < 0)
			one_sided(c, &c->p->went, was, NULL);
		else if (order > 0)
			one_sided(c, &c->p->came, NULL, is);
		else if (git_tree_entry_type(was) == GIT_OBJECT_TREE &&
			 !git_oid_equal(git_tree_entry_id(was), git_tree_entry_id(is)))
			compare_folder(c, was, is);
	}
}

/* ---- the same bytes ---- */

static void pair(struct pairing *p, struct file *went, struct file *came, unsigned score)
{
	went->paired = came->paired = true;
	*ARENA_PUSH(p->a, &p->pairs) =
		(struct rename_pair){ went->path, came->path, score * 100 / FULL };
}

static bool namesakes(const struct file *x, const struct file *y)
{
	return str_eq(leaf(x->path), leaf(y->path));
}

static void pair_twins(struct pairing *p)
{
	struct strmap first = { 0 };

	for (size_t i = p->went.n; i-- > 0;) {
		struct file *f = &p->went.v[i];
		size_t *at = strmap_at(&first, str_n((const char *)f->id.id, 20), p->a);

		f->twin = *at;
		*at = i + 1;
	}
	for (size_t i = 0; i < p->came.n; i++) {
		struct file *came = &p->came.v[i], *best = NULL;
		size_t at = strmap_get(&first, str_n((const char *)came->id.id, 20));

		for (int tried = 0; at && tried < MAX_TWINS; tried++) {
			struct file *went = &p->went.v[at - 1];

			at = went->twin;
			if (!went->paired && (!best || namesakes(went, came)))
				best = went;
			if (best && namesakes(best, came))
				break;
		}
		if (best)
			pair(p, best, came, FULL);
	}
}

/* ---- alike ---- */

static int by_hash(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

static void cut_up(struct file *f, struct str text, struct arena *a)
{
	struct {
		struct piece *v;
		size_t n, cap;
	} list = { 0 };
	size_t n = 0;

	while (text.n) {
		struct str rest = str_sub(text, 0, PIECE);
		ptrdiff_t end = str_chr(rest, '\n');
		struct str one = end < 0 ? rest : str_sub(rest, 0, (size_t)end + 1);

		text = str_from(text, one.n);
		*ARENA_PUSH(a, &list) =
			(struct piece){ (uint32_t)str_hash(str_chomp(one)),
					(uint32_t)one.n };
	}
	if (list.n)
		qsort(list.v, list.n, sizeof(*list.v), by_hash);
	for (size_t i = 0; i < list.n; i++) {
		if (n && list.v[n - 1].hash == list.v[i].hash)
			list.v[n - 1].bytes += list.v[i].bytes;
		else
			list.v[n++] = list.v[i];
	}
	f->pieces = list.v;
	f->n_pieces = n;
}

static bool know_size(struct pairing *p, struct file *f)
{
	git_object_t type;

	if (!f->sized && git_odb_read_header(&f->size, &type, p->repo->odb, &f->id) < 0)
		f->size = 0;
	f->sized = true;
	return f->size && f->size <= MAX_FILE;
}

static bool know_pieces(struct pairing *p, struct file *f)
{
	git_blob *blob = NULL;

	if (f->read)
		return f->n_pieces;
	f->read = true;
	if (f->size > p->bytes || git_blob_lookup(&blob, p->repo->git, &f->id) < 0)
		return false;
	p->bytes -= f->size;
	cut_up(f, str_n(git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob)), p->a);
	git_blob_free(blob);
	return f->n_pieces;
}

/* 0..FULL; less than `enough` is 0. */
static unsigned likeness(struct pairing *p, struct file *x, struct file *y,
			 unsigned enough)
{
	uint64_t both = 0;
	size_t more, less;

	if (!know_size(p, x) || !know_size(p, y))
		return 0;
	more = x->size > y->size ? x->size : y->size;
	less = x->size + y->size - more;
	if ((uint64_t)less * FULL < (uint64_t)more * enough || !know_pieces(p, x) ||
	    !know_pieces(p, y))
		return 0;
	for (size_t i = 0, k = 0; i < x->n_pieces && k < y->n_pieces;) {
		const struct piece *u = &x->pieces[i], *v = &y->pieces[k];

		if (u->hash == v->hash)
			both += u->bytes < v->bytes ? u->bytes : v->bytes;
		i += u->hash <= v->hash;
		k += v->hash <= u->hash;
	}
	both = both * FULL / more;
	return both >= enough ? (unsigned)both : 0;
}

/* Name -> number of the one file left with it, from 1; NOT_ALONE for several. */
#define NOT_ALONE SIZE_MAX

static void count_names(struct files_seen *files, struct arena *a, struct strmap *ret)
{
	for (size_t i = 0; i < files->n; i++) {
		size_t *at;

		if (files->v[i].paired)
			continue;
		at = strmap_at(ret, leaf(files->v[i].path), a);
		*at = *at ? NOT_ALONE : i + 1;
	}
}

static void pair_namesakes(struct pairing *p)
{
	struct strmap went = { 0 }, came = { 0 };

	count_names(&p->went, p->a, &went);
	count_names(&p->came, p->a, &came);
	for (size_t i = 0; i < p->went.n; i++) {
		struct file *x = &p->went.v[i], *y;
		size_t at = strmap_get(&came, leaf(x->path));
		unsigned score;

		if (x->paired || !at || at == NOT_ALONE ||
		    strmap_get(&went, leaf(x->path)) == NOT_ALONE)
			continue;
		y = &p->came.v[at - 1];
		score = likeness(p, x, y, ALIKE_NAMESAKE);
		if (score)
			pair(p, x, y, score);
	}
}

struct chance {
	unsigned score;
	bool namesakes;
	struct file *went, *came;
};

static int best_first(const void *a, const void *b)
{
	const struct chance *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	if (x->namesakes != y->namesakes)
		return x->namesakes ? -1 : 1;
	if (x->came != y->came)
		return x->came < y->came ? -1 : 1;
	return (x->went > y->went) - (x->went < y->went);
}

static size_t count_left(const struct files_seen *files)
{
	size_t n = 0;

	for (size_t i = 0; i < files->n; i++)
		n += !files->v[i].paired;
	return n;
}

static void pair_alike(struct pairing *p)
{
	size_t n_went = count_left(&p->went), n_came = count_left(&p->came);
	struct {
		struct chance *v;
		size_t n, cap;
	} list = { 0 };

	if (!n_went || !n_came || n_went > MAX_MATRIX / n_came)
		return;
	for (size_t i = 0; i < p->came.n; i++) {
		struct file *came = &p->came.v[i];

		for (size_t k = 0; !came->paired && k < p->went.n; k++) {
			struct file *went = &p->went.v[k];
			unsigned score =
				went->paired ? 0 : likeness(p, went, came, ALIKE);

			if (score)
				*ARENA_PUSH(p->a, &list) =
					(struct chance){ score, namesakes(went, came),
							 went, came };
		}
	}
	if (list.n)
		qsort(list.v, list.n, sizeof(*list.v), best_first);
	for (size_t i = 0; i < list.n; i++)
		if (!list.v[i].went->paired && !list.v[i].came->paired)
			pair(p, list.v[i].went, list.v[i].came, list.v[i].score);
}

static int by_from(const void *a, const void *b)
{
	return str_cmp(((const struct rename_pair *)a)->from,
		       ((const struct rename_pair *)b)->from);
}

void rename_pairs(struct repo *repo, git_tree *old, git_tree *new, struct arena *a,
		  struct rename_pairs *ret)
{
	AUTO(arena) own = arena_new();
	struct pairing p = { .repo = repo, .a = own, .bytes = MAX_BYTES };
	struct comparison c = { &p, STRBUF(65536) };

	*ret = (struct rename_pairs){ 0 };
	compare_trees(&c, old, new);
	strbuf_free(&c.path);
	if (p.went.n > MAX_FILES || p.came.n > MAX_FILES)
		return;
	pair_twins(&p);
	pair_namesakes(&p);
	pair_alike(&p);
	for (size_t i = 0; i < p.pairs.n; i++)
		*ARENA_PUSH(a, ret) =
			(struct rename_pair){ arena_str(a, p.pairs.v[i].from),
					      arena_str(a, p.pairs.v[i].to),
					      p.pairs.v[i].percent };
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_from);
}

const struct rename_pair *rename_pairs_of(const struct rename_pairs *pairs,
					  struct str path)
{
	struct rename_pair key = { .from = path };

	return pairs->n ? bsearch(&key, pairs->v, pairs->n, sizeof(*pairs->v), by_from)
			: NULL;
}
