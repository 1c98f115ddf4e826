/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What history says of files that rejects name and that are not there, asked beside the
 * desk: a walk has a handle of the repository of its own, and its answers are handed
 * over.
 */
#include <stdlib.h>

#include "desk_priv.h"
#include "repo/renames.h"

struct desk_history {
	struct arena *arena;
	const char *dir;
	struct {
		struct str *v;
		size_t n, cap;
	} paths;
	struct rename_answers answers;
};

static bool is_there(struct desk *d, struct str path)
{
	struct tree door = folder_tree_door(&d->tree);

	return door.ops->mode(door.ctx, path) != 0;
}

bool desk_must_walk(struct desk *d, const struct desk_item *item)
{
	return d->repo && !is_there(d, item->path) &&
	       !repo_renames_knows(d->repo, item->path);
}

/* The file, and the folders above it: a renamed one takes new files with it. */
static void ask_for(struct desk_history *w, struct str path)
{
	ptrdiff_t slash;

	for (path = arena_str(w->arena, path);; path = str_n(path.p, (size_t)slash)) {
		*ARENA_PUSH(w->arena, &w->paths) = path;
		slash = str_rchr(path, '/');
		if (slash <= 0)
			return;
	}
}

struct desk_history *desk_history_new(struct desk *d, const struct desk_items *items)
{
	struct arena *a = arena_new();
	struct desk_history *w = arena_new_of(a, struct desk_history);
	struct str last = STR("");

	w->arena = a;
	w->dir = arena_cstr(a, str_of(d->top));
	for (size_t i = 0; i < items->n; i++) {
		const struct desk_item *item = &items->v[i];

		if (item->status != DESK_OPEN || str_eq(item->path, last))
			continue;
		last = item->path;
		if (!is_there(d, last))
			ask_for(w, last);
	}
	return w;
}

bool desk_history_walk(struct desk_history *w, struct err *err)
{
	AUTO(repo) repo = NULL;
	struct str now;

	if (!repo_open(w->dir, &repo, err))
		return false;
	repo_renames_expect(repo, w->paths.v, w->paths.n);
	for (size_t i = 0; i < w->paths.n; i++)
		(void)repo_renames_find(repo, w->paths.v[i], w->arena, &now);
	repo_renames_export(repo, w->arena, &w->answers);
	return true;
}

void desk_learn(struct desk *d, const struct desk_history *w)
{
	if (d->repo)
		repo_renames_import(d->repo, &w->answers);
}

void desk_history_free(struct desk_history *w)
{
	if (w)
		arena_free(w->arena);
}
