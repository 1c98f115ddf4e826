/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a file or a folder went that HEAD has no longer: the commit that took it away is
 * looked for, and what it renamed, as `git diff -M` sees it (half of the file the same);
 * then on through later renames, until a name that HEAD has.
 *
 * All that is asked for at once is looked for in one walk. A walk goes from HEAD along
 * the parents that lack the path, as git log simplifies a history, and compares nothing
 * but the entries on the way to it. Answers are kept until something new is asked for
 * and HEAD has moved. An unborn branch, a shallow or damaged history: nothing is found.
 *
 * Cost: at most 20,000 commits a walk and 100,000 for all walks of a repository; what
 * lies further back is not found.
 */
#ifndef REPO_RENAMES_H
#define REPO_RENAMES_H

#include "repo/repo.h"

/** These will be asked for: the next walk looks for all of them. HEAD need not lack
 *  them. */
void repo_renames_expect(struct repo *repo, const struct str *paths, size_t n);
/** What `path` is called in HEAD now, in the arena. A folder went where most of what the
 *  last commit renamed of it did, as git's merge sees a renamed directory. False: HEAD
 *  has it, it was deleted, was never there, or is beyond the limits. */
bool repo_renames_find(struct repo *repo, struct str path, struct arena *a,
		       struct str *ret);
/** Is the answer known without a walk? Where there is no history it is. */
bool repo_renames_knows(struct repo *repo, struct str path);

/* What one handle of a repository found, for another: a walk may take a second, and may
 * be a worker's with a handle of its own. */
struct rename_answer {
	struct str path, to; /* `to`: the next name; empty: none */
};
struct rename_answers {
	struct rename_answer *v;
	size_t n, cap;
	char head[REPO_HEX + 1]; /* of which they are true */
};
/** All that was looked for, in the arena. */
void repo_renames_export(struct repo *repo, struct arena *a, struct rename_answers *ret);
/** Nothing where HEAD is another one. */
void repo_renames_import(struct repo *repo, const struct rename_answers *answers);

#endif
