/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of repo share: the open repository and the way libgit2's errors become
 * ours.
 */
#ifndef REPO_PRIV_H
#define REPO_PRIV_H

#include <git2.h>

#include "repo/repo.h"

struct repo {
	git_repository *git;
	git_config *config;
	git_odb *odb;
	char *gitdir, *commondir, *workdir, *prefix;
	int work_fd; /* the top of the work tree, -1 when bare */
};

/** Raise libgit2's last error behind our own words; its class gives the code. */
bool repo_git_err(struct err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
