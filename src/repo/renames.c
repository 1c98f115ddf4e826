/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a file went: see repo/renames.h. The paths that are looked for are kept sorted as
 * the entries of git's trees are, so that those below one folder are a range, and a walk
 * over two trees is a walk down ranges.
 */
#include <stdlib.h>

#include "rename_pairs.h"

#include "base/strmap.h"
#include "repo/renames.h"

enum {
	MAX_COMMITS = 20000,      /* of one walk */
	MAX_ALL_COMMITS = 100000, /* of all walks */
	MAX_LOOKS = 5000000,      /* names looked for in trees, of one walk */
	MAX_HOPS = 10,            /* renames of one file, one after the other */
	MAX_PATHS = 100000,       /* that are looked for */
	MAX_PATH = 4096,
};

struct answer {
	struct str path;
	struct str to; /* the next name; empty: none */
	bool told;     /* by another handle: there is nothing to look for */
};

struct renames {
	struct arena *arena;
	git_oid head;
	git_tree *tree; /* of HEAD; NULL: unborn */
	struct {
		struct answer *v;
		size_t n, cap;
	} answers;
	struct strmap known; /* path -> its answer, from 1 */
	size_t sought;       /* those before this one were looked for */
	size_t commits;      /* walked so far */
};

/* Some of the paths of a walk, in order; beside each, the first parent that lacks it. */
struct wanted {
	struct str *v;
	unsigned *parent;
	size_t n;
};

/* Paths that went another way at a merge, and where from. */
struct branch {
	git_oid commit;
	struct wanted wanted;
};

struct walk {
	struct repo *repo;
	struct renames *r;
	struct arena *arena;
	struct {
		struct branch *v;
		size_t n, cap;
	} branches;
	size_t commits, looks; /* still allowed */
};

/* ---- what is known ---- */

static struct answer *answer_for(struct renames *r, struct str path)
{
	size_t number = strmap_get(&r->known, path);

	if (!number) {
		struct str copy = arena_str(r->arena, path);

		*ARENA_PUSH(r->arena, &r->answers) = (struct answer){ .path = copy };
		number = r->answers.n;
		*strmap_at(&r->known, copy, r->arena) = number;
	}
	return &r->answers.v[number - 1];
}

static bool in_head(const struct renames *r, struct str path)
{
	git_tree_entry *e = NULL;
	char name[MAX_PATH];
	bool there;

	if (path.n >= sizeof(name))
		return false;
	memcpy(name, path.p, path.n);
	name[path.n] = '\0';
	there = git_tree_entry_bypath(&e, r->tree, name) == 0;
	git_tree_entry_free(e);
	return there;
}

void renames_free(struct renames *r)
{
	if (!r)
		return;
	git_tree_free(r->tree);
	arena_free(r->arena);
	free(r);
}

/* What is known as of the present HEAD; NULL: there is no history. */
static struct renames *renames_now(struct repo *repo)
{
	git_commit *commit = NULL;
	struct renames *r = repo->renames;
	git_oid head;

	if (git_reference_name_to_id(&head, repo->git, "HEAD") < 0)
		return NULL;
	if (r && git_oid_equal(&r->head, &head))
		return r;
	renames_free(r);
	r = repo->renames = calloc(1, sizeof(*r));
	if (!r)
		abort();
	r->arena = arena_new();
	r->head = head;
	if (git_commit_lookup(&commit, repo->git, &head) == 0)
		git_commit_tree(&r->tree, commit);
	git_commit_free(commit);
	return r;
}

/* ---- two trees ---- */

/* One look for paths in a parent that its child lacks. */
struct look {
	struct walk *w;
	struct wanted *wanted;
	unsigned parent; /* its number: only what all before it have is looked for */
	size_t n_there;
};

static void look_in(struct look *l, git_tree *old, git_tree *new, size_t from, size_t to,
		    size_t skip);

static void found(struct look *l, size_t i)
{
	if (l->wanted->parent[i] != l->parent)
		return;
	l->wanted->parent[i]++;
	l->n_there++;
}

/* The child has none of the paths: where the folders are the same, nor has the parent. */
static void look_below(struct look *l, const git_tree_entry *was,
		       const git_tree_entry *is, size_t from, size_t to, size_t skip)
{
	git_tree *old = NULL, *new = NULL;
	git_repository *git = l->w->repo->git;

	if (git_tree_entry_type(was) != GIT_OBJECT_TREE ||
	    (is && git_oid_equal(git_tree_entry_id(was), git_tree_entry_id(is))))
		return;
	if (is && git_tree_entry_type(is) == GIT_OBJECT_TREE &&
	    git_tree_lookup(&new, git, git_tree_entry_id(is)) < 0)
		return;
	if (git_tree_lookup(&old, git, git_tree_entry_id(was)) == 0)
		look_in(l, old, new, from, to, skip);
	git_tree_free(old);
	git_tree_free(new);
}

/* The first path of [from, to), all in one folder, that does not sort before `key`. */
static size_t first_from(const struct wanted *w, size_t from, size_t to, size_t skip,
			 struct str key)
{
	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (str_cmp(str_from(w->v[mid], skip), key) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/* Paths below a folder sort from "folder/" to "folder0", which is what follows '/'. */
static size_t end_of_folder(const struct wanted *w, size_t from, size_t to, size_t skip,
			    struct str name)
{
	char key[MAX_PATH];

	memcpy(key, name.p, name.n);
	key[name.n] = '/' + 1;
	return first_from(w, from, to, skip, str_n(key, name.n + 1));
}

/* Few paths: each name is looked up in the tree. */
static void look_for_paths(struct look *l, git_tree *old, git_tree *new, size_t from,
			   size_t to, size_t skip)
{
	while (from < to && l->w->looks) {
		struct str rest = str_from(l->wanted->v[from], skip);
		ptrdiff_t slash = str_chr(rest, '/');
		struct str one = slash < 0 ? rest : str_sub(rest, 0, (size_t)slash);
		const git_tree_entry *was, *is;
		size_t end = from + 1;
		char name[MAX_PATH];

		memcpy(name, one.p, one.n);
		name[one.n] = '\0';
		l->w->looks--;
		was = git_tree_entry_byname(old, name);
		is = new ? git_tree_entry_byname(new, name) : NULL;
		if (slash >= 0)
			end = end_of_folder(l->wanted, from, to, skip, one);
		if (was && slash < 0)
			found(l, from);
		else if (was)
			look_below(l, was, is, from, end, skip + one.n + 1);
		from = end;
	}
}

/* More paths than the tree has names: each name is looked up among the paths. */
static void look_for_names(struct look *l, git_tree *old, git_tree *new, size_t from,
			   size_t to, size_t skip)
{
	const struct wanted *w = l->wanted;

	for (size_t i = 0; i < git_tree_entrycount(old) && l->w->looks; i++) {
		const git_tree_entry *was = git_tree_entry_byindex(old, i);
		const char *name = git_tree_entry_name(was);
		char below[MAX_PATH];
		size_t n = strlen(name), at, end;

		if (n + 2 > sizeof(below))
			continue;
		l->w->looks--;
		memcpy(below, name, n);
		below[n] = '/';
		at = first_from(w, from, to, skip, str_n(name, n));
		if (at < to && str_eq(str_from(w->v[at], skip), str_n(name, n)))
			found(l, at);
		at = first_from(w, at, to, skip, str_n(below, n + 1));
		end = end_of_folder(w, at, to, skip, str_n(name, n));
		if (at < end)
			look_below(l, was, new ? git_tree_entry_byname(new, name) : NULL,
				   at, end, skip + n + 1);
	}
}

static void look_in(struct look *l, git_tree *old, git_tree *new, size_t from, size_t to,
		    size_t skip)
{
	if (to - from <= git_tree_entrycount(old))
		look_for_paths(l, old, new, from, to, skip);
	else
		look_for_names(l, old, new, from, to, skip);
}

/* Which of the wanted has the parent of this number too? How many do. */
static size_t look(struct walk *w, struct wanted *wanted, unsigned parent, git_tree *old,
		   git_tree *new)
{
	struct look l = { w, wanted, parent, 0 };

	look_in(&l, old, new, 0, wanted->n, 0);
	return l.n_there;
}

/* ---- the commit that took paths away ---- */

/* The folder that a renamed file says `folder` became: what is left of both names when
 * the files and the folders below that are called alike are taken off; or empty. */
static struct str folder_by(const struct rename_pair *pair, struct str folder)
{
	ptrdiff_t from_end = str_rchr(pair->from, '/'), to_end = str_rchr(pair->to, '/');
	struct str to = str_sub(pair->to, 0, to_end < 0 ? 0 : (size_t)to_end);
	struct str alike = str_sub(pair->from, folder.n, (size_t)from_end - folder.n);

	if (to.n <= alike.n || !str_ends(to, alike))
		return STR_NONE;
	return str_sub(to, 0, to.n - alike.n);
}

/* As git's merge does: where most of its files went, if that is one folder. */
static struct str folder_went(const struct rename_pairs *pairs, struct str folder,
			      struct arena *a)
{
	struct strmap votes = { 0 };
	struct str best = STR_NONE;
	size_t most = 0;
	bool tie = false;

	for (size_t i = 0; i < pairs->n; i++) {
		struct str from = pairs->v[i].from, to;
		size_t n;

		if (!str_starts(from, folder) || from.n == folder.n ||
		    from.p[folder.n] != '/')
			continue;
		to = folder_by(&pairs->v[i], folder);
		if (!to.n)
			continue;
		n = ++*strmap_at(&votes, to, a);
		if (n > most)
			best = to;
		tie = n == most || (tie && n < most);
		most = n > most ? n : most;
	}
	return tie ? STR_NONE : best;
}

/* All parents have what is wanted, the commit has not. */
static void settle(struct walk *w, const struct wanted *wanted, unsigned parents,
		   git_tree *old, git_tree *new)
{
	AUTO(arena) a = arena_new();
	struct rename_pairs pairs;

	rename_pairs(w->repo, old, new, a, &pairs);
	for (size_t i = 0; i < wanted->n; i++) {
		const struct rename_pair *file;
		struct str to;

		if (wanted->parent[i] != parents)
			continue;
		file = rename_pairs_of(&pairs, wanted->v[i]);
		to = file ? file->to : folder_went(&pairs, wanted->v[i], a);
		answer_for(w->r, wanted->v[i])->to = arena_str(w->r->arena, to);
	}
}

/* ---- walking ---- */

static struct wanted wanted_new(struct arena *a, size_t n)
{
	return (struct wanted){ arena_array(a, struct str, n),
				arena_array(a, unsigned, n), 0 };
}

static void want(struct wanted *w, struct str path)
{
	w->parent[w->n] = 0;
	w->v[w->n++] = path;
}

/* Those that the parent of this number lacks, as the first to do so. `to` may be `all`.
 */
static void pick(const struct wanted *all, unsigned parent, struct wanted *to)
{
	size_t n = all->n;

	to->n = 0;
	for (size_t i = 0; i < n; i++)
		if (all->parent[i] == parent)
			want(to, all->v[i]);
}

static bool open_parent(git_commit *commit, unsigned number, git_commit **ret,
			git_tree **ret_tree)
{
	git_commit *parent = NULL;

	if (git_commit_parent(&parent, commit, number) < 0)
		return false;
	if (git_commit_tree(ret_tree, parent) < 0) {
		git_commit_free(parent);
		return false;
	}
	*ret = parent;
	return true;
}

/* What the first parent has is looked for in the others; what one of them lacks is
 * followed there later. */
static void part_ways(struct walk *w, struct wanted *wanted, size_t there,
		      git_commit *commit, git_tree *tree, git_tree *first)
{
	unsigned n = git_commit_parentcount(commit);

	for (unsigned i = 1; i < n && there; i++) {
		git_commit *parent;
		git_tree *old;
		size_t before;

		if (!open_parent(commit, i, &parent, &old))
			return;
		before = there;
		there = look(w, wanted, i, old, tree);
		if (there < before) {
			struct branch b = { *git_commit_id(parent),
					    wanted_new(w->arena, before - there) };

			pick(wanted, i, &b.wanted);
			*ARENA_PUSH(w->arena, &w->branches) = b;
		}
		git_tree_free(old);
		git_commit_free(parent);
	}
	if (there)
		settle(w, wanted, n, first, tree);
}

/* To the first parent, with what it lacks. False: the line ends here. */
static bool step(struct walk *w, struct wanted *wanted, git_commit **commit,
		 git_tree **tree)
{
	git_commit *parent;
	size_t there;
	git_tree *old;

	if (!git_commit_parentcount(*commit) || !open_parent(*commit, 0, &parent, &old))
		return false;
	w->commits--;
	there = look(w, wanted, 0, old, *tree);
	if (there) {
		part_ways(w, wanted, there, *commit, *tree, old);
		pick(wanted, 0, wanted);
	}
	git_tree_free(*tree);
	git_commit_free(*commit);
	*tree = old;
	*commit = parent;
	return true;
}

/* Down the first parents. What went another way goes first, because it ends soon: the
 * path was there when the branch began. */
static void follow(struct walk *w, struct branch b)
{
	size_t waiting = w->branches.n;
	git_commit *commit = NULL;
	git_tree *tree = NULL;

	if (git_commit_lookup(&commit, w->repo->git, &b.commit) == 0 &&
	    git_commit_tree(&tree, commit) == 0)
		while (b.wanted.n && w->commits && w->looks &&
		       step(w, &b.wanted, &commit, &tree) && w->branches.n == waiting)
			;
	if (w->branches.n > waiting && b.wanted.n) {
		struct branch first = w->branches.v[waiting];

		w->branches.v[waiting] =
			(struct branch){ *git_commit_id(commit), b.wanted };
		*ARENA_PUSH(w->arena, &w->branches) = first;
	}
	git_tree_free(tree);
	git_commit_free(commit);
}

static int by_path(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* What nobody looked for yet and HEAD lacks, in order. */
static struct wanted all_unsought(struct walk *w)
{
	struct renames *r = w->r;
	struct wanted all = wanted_new(w->arena, r->answers.n - r->sought);

	for (; r->sought < r->answers.n; r->sought++)
		if (!r->answers.v[r->sought].told)
			want(&all, r->answers.v[r->sought].path);
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), by_path);
	look(w, &all, 0, r->tree, NULL);
	pick(&all, 0, &all);
	return all;
}

/* One walk for all that nobody looked for yet. */
static void walk(struct repo *repo, struct renames *r)
{
	AUTO(arena) a = arena_new();
	size_t left = r->commits < MAX_ALL_COMMITS ? MAX_ALL_COMMITS - r->commits : 0;
	size_t most = left < MAX_COMMITS ? left : MAX_COMMITS;
	struct walk w = {
		.repo = repo, .r = r, .arena = a, .commits = most, .looks = MAX_LOOKS
	};
	struct wanted all = all_unsought(&w);

	if (all.n)
		*ARENA_PUSH(a, &w.branches) = (struct branch){ r->head, all };
	while (w.branches.n)
		follow(&w, w.branches.v[--w.branches.n]);
	r->commits += most - w.commits;
}

static void expect(struct renames *r, struct str path)
{
	if (r->answers.n < MAX_PATHS && path.n < MAX_PATH - 1)
		answer_for(r, path);
}

void repo_renames_expect(struct repo *repo, const struct str *paths, size_t n)
{
	struct renames *r = renames_now(repo);

	for (size_t i = 0; r && i < n; i++)
		expect(r, paths[i]);
}

/* Walk, then for the new names that HEAD lacks as well. */
static void seek(struct repo *repo, struct renames *r)
{
	for (int hop = 0; hop < MAX_HOPS && r->sought < r->answers.n; hop++) {
		size_t at = r->sought, end = r->answers.n;

		for (walk(repo, r); at < end; at++)
			if (r->answers.v[at].to.n)
				expect(r, r->answers.v[at].to);
	}
}

/* The next name of a path, or empty. */
static struct str next_name(const struct renames *r, struct str path)
{
	size_t number = strmap_get(&r->known, path);

	return number ? r->answers.v[number - 1].to : STR_NONE;
}

bool repo_renames_find(struct repo *repo, struct str path, struct arena *a,
		       struct str *ret)
{
	struct renames *r = repo->renames;
	struct str at = path;

	/* where HEAD is costs two files each time */
	if (!r || !strmap_get(&r->known, path))
		r = renames_now(repo);
	if (!r || !r->tree)
		return false;
	expect(r, path);
	seek(repo, r);
	for (int hop = 0; hop < MAX_HOPS; hop++) {
		at = next_name(r, at);
		if (!at.n)
			return false;
		if (in_head(r, at)) {
			*ret = arena_str(a, at);
			return true;
		}
	}
	return false;
}

/* ---- from handle to handle ---- */

bool repo_renames_knows(struct repo *repo, struct str path)
{
	const struct renames *r = renames_now(repo);
	size_t number = r ? strmap_get(&r->known, path) : 0;

	return !r || !r->tree ||
	       (number && (number <= r->sought || r->answers.v[number - 1].told));
}

void repo_renames_export(struct repo *repo, struct arena *a, struct rename_answers *ret)
{
	const struct renames *r = repo->renames;

	*ret = (struct rename_answers){ 0 };
	if (!r)
		return;
	git_oid_tostr(ret->head, sizeof(ret->head), &r->head);
	for (size_t i = 0; i < r->sought; i++)
		*ARENA_PUSH(a, ret) =
			(struct rename_answer){ arena_str(a, r->answers.v[i].path),
						arena_str(a, r->answers.v[i].to) };
}

void repo_renames_import(struct repo *repo, const struct rename_answers *answers)
{
	struct renames *r = renames_now(repo);
	char head[REPO_HEX + 1];

	if (!r || strcmp(git_oid_tostr(head, sizeof(head), &r->head), answers->head) != 0)
		return;
	for (size_t i = 0; i < answers->n && r->answers.n < MAX_PATHS; i++) {
		struct answer *own = answer_for(r, answers->v[i].path);

		own->to = arena_str(r->arena, answers->v[i].to);
		own->told = true;
	}
}
