/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of repo share: the open repository and the way libgit2's errors become
 * ours.
 */
#ifndef REPO_PRIV_H
#define REPO_PRIV_H

#include "git2_lazy.h"
#include "repo/repo.h"

struct repo {
	git_repository *git;
	git_config *config;
	git_odb *odb;
	char *gitdir, *commondir, *workdir, *prefix;
	struct objects *objects;     /* new ones, not stored yet; NULL: not collected */
	struct renames *renames;     /* found in the history; NULL: nobody asked yet */
	bool general, general_known; /* attribute files that speak of every path */
	char *plain_folder;          /* in which no file has attributes */
	int work_fd;                 /* the top of the work tree, -1 when bare */
};

/** Raise libgit2's last error behind our own words; its class gives the code. */
bool repo_git_err(struct err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

void renames_free(struct renames *r);

/** Read an object; in a partial clone git fetches what is not here yet. libgit2's code.
 */
int repo_odb_read(struct repo *repo, const git_oid *id, git_odb_object **ret);
/** ERR_BUSY when another git holds HEAD or the branch. */
bool repo_check_ref_locks(struct repo *repo, struct err *err) MUST_CHECK;

/** Between the file in the work tree and the blob: line ends and other built-in filters,
 *  then the drivers of gitattributes(5), which are run as git runs them. */
bool repo_filter(struct repo *repo, const char *path, git_filter_mode_t mode,
		 struct arena *a, struct str *bytes, struct err *err) MUST_CHECK;

#endif
