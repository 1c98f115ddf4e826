/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plain folder as a tree (patch/tree.h): the files of a work tree as they are, for
 * apply and for rejects. Inside a repository filters count and blobs are found.
 */
#ifndef REPO_FOLDER_H
#define REPO_FOLDER_H

#include "patch/tree.h"
#include "repo/files.h"
#include "repo/work.h"

struct folder_tree {
	struct files *files;
	struct repo_work *work; /* or NULL: outside any repository */
	struct repo *repo;      /* or NULL */
	/* Without a `work`: calls visit for every path, for each(); or NULL. */
	void (*walk)(void *arg,
		     bool (*visit)(void *visit_arg, struct str path, unsigned mode),
		     void *visit_arg);
	void *walk_arg;
};

/** The door. `f` must outlive it. */
struct tree folder_tree_door(struct folder_tree *f);

#endif
