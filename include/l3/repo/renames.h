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

#endif
