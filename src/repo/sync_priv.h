/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What sync.c, which merges, and sync_remote.c, which fetches and sends, share.
 */
#ifndef REPO_SYNC_PRIV_H
#define REPO_SYNC_PRIV_H

#include "git2_lazy.h"
#include "repo/sync.h"

#define REF_BRANCH "refs/heads/main"
#define REF_REMOTE "refs/remotes/origin/main"

struct sync {
	git_repository *repo;
	const char *dir;
	struct arena *a;
	int64_t now;
	git_oid merged; /* by the last sync_merge() */
	bool has_merged;
	uint64_t took; /* mark of the merge that the store took last */
};

/** Raise what libgit2 says. Always false. */
bool sync_failed(struct err *err, const char *what);
/** Fetch from `url` and send to it from now on; NULL: as before. */
bool sync_set_remote(struct sync *s, const char *url, struct err *err) MUST_CHECK;

#endif
