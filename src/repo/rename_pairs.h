/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one commit renamed: files that one tree has and the other does not, paired as `git
 * diff -M` pairs them.
 */
#ifndef REPO_RENAME_PAIRS_H
#define REPO_RENAME_PAIRS_H

#include "priv.h"

struct rename_pair {
	struct str from, to;
	unsigned percent; /* how alike they are: the number of "similarity index" */
};
struct rename_pairs {
	struct rename_pair *v; /* sorted by `from` */
	size_t n, cap;
};

/** The renames between two trees; `new` may be NULL, an empty one. Renames are a guess of
 *  git's too: where a tree cannot be read, or the change is too large to be looked
 *  through, there are fewer of them, or none. */
void rename_pairs(struct repo *repo, git_tree *old, git_tree *new, struct arena *a,
		  struct rename_pairs *ret);
/** Where `path` went, or NULL. */
const struct rename_pair *rename_pairs_of(const struct rename_pairs *pairs,
					  struct str path);

#endif
