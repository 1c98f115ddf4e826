/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index and the work tree. The index is read once and held; files are written only
 * by repo_work_checkout(), which updates the index in memory, and the index goes to disk
 * by repo_work_save() under index.lock.
 *
 * Line ends and the other filters of .gitattributes are applied as git does.
 */
#ifndef REPO_WORK_H
#define REPO_WORK_H

#include "base/strbuf.h"
#include "repo/files.h"
#include "repo/tree.h"

struct repo_work;

/** `spare` as for files_open(). ERR_CONFLICT for a bare repository and for an index with
 *  extensions that must not be ignored. */
bool repo_work_open(struct repo *repo, const char *spare, struct repo_work **ret,
		    struct err *err) MUST_CHECK;
void repo_work_free(struct repo_work *w);
DEFINE_FREEP(repo_work)

struct files *repo_work_files(struct repo_work *w);
const char *repo_work_index_path(const struct repo_work *w);
/** Read the index again where it changed on disk. */
bool repo_work_reload(struct repo_work *w, struct err *err) MUST_CHECK;
/** ERR_BUSY when another git holds index.lock. */
bool repo_work_check_lock(struct repo_work *w, struct err *err) MUST_CHECK;

/** Paths in which the index differs from a commit ("" empty), sorted; unmerged ones too.
 *  Nothing when they agree; then it costs a comparison of two ids. */
bool repo_work_staged(struct repo_work *w, const char *commit, struct arena *a,
		      struct repo_changes *ret, struct err *err) MUST_CHECK;
/** Unmerged paths, sorted, in the arena. */
size_t repo_work_unmerged(struct repo_work *w, struct arena *a, struct str **ret);
struct repo_entry repo_work_entry(struct repo_work *w, struct str path);

/** The index alone as a tree: reading and changing entries, no file. repo_work_save()
 *  writes it. */
struct tree repo_work_index(struct repo_work *w);
/** Call visit for each tracked path until it returns false. */
void repo_work_each(struct repo_work *w,
		    bool (*visit)(void *arg, struct str path, unsigned mode), void *arg);

/** Does the file hold what the index says? A file that is missing counts as agreeing
 *  (it will be checked out). */
bool repo_work_agrees(struct repo_work *w, struct str path, bool *ret, struct err *err)
	MUST_CHECK;
/** Is the file what `now` of the change says, mode included (gone for mode 0)? */
bool repo_work_holds(struct repo_work *w, const struct repo_change *c);
/** The diff of the index against a commit, as `git diff --cached` prints it. */
bool repo_work_staged_patch(struct repo_work *w, const char *commit, struct strbuf *out,
			    struct err *err) MUST_CHECK;
/** The file as it would be stored: filters applied. ERR_NOTFOUND. */
bool repo_work_read(struct repo_work *w, struct str path, struct arena *a,
		    struct tree_file *ret, struct err *err) MUST_CHECK;

/** Make file and index entry of each path what `now` says (mode 0: gone). Removals come
 *  first. Files that are so already are not written. */
bool repo_work_checkout(struct repo_work *w, const struct repo_changes *c,
			struct err *err) MUST_CHECK;
/** Write one file without telling the index: filters applied. */
bool repo_work_write(struct repo_work *w, struct str path, struct str bytes,
		     unsigned mode, struct err *err) MUST_CHECK;
/** Index entries only. */
bool repo_work_stage(struct repo_work *w, struct str path, struct repo_entry now,
		     struct err *err) MUST_CHECK;
/** An unmerged path: base, ours, theirs; mode 0 where a side has none. */
bool repo_work_stage_conflict(struct repo_work *w, struct str path,
			      const struct repo_entry side[3], struct err *err)
	MUST_CHECK;
/** Take the file as it is into the index: `git add`. Gone files are removed. */
bool repo_work_add(struct repo_work *w, struct str path, struct err *err) MUST_CHECK;
/** The tree of the index. ERR_CONFLICT when it is unmerged. */
bool repo_work_tree(struct repo_work *w, struct repo_id *ret, struct err *err) MUST_CHECK;
/** Write the index, if it changed. */
bool repo_work_save(struct repo_work *w, struct err *err) MUST_CHECK;

#endif
