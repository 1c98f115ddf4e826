/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who changed these lines: the commits that took lines away from a file, newest first.
 * This answers why a hunk no longer fits: a line it expects was in the file once.
 */
#ifndef REPO_HISTORY_H
#define REPO_HISTORY_H

#include "base/strbuf.h"
#include "repo/repo.h"

struct history_commit {
	struct str hex, author, subject;
	int64_t time_s; /* seconds since 1970 */
	unsigned lines; /* how many of the lines it took away */
};
struct history_list {
	struct history_commit *v;
	size_t n, cap;
	size_t walked; /* commits looked at */
	bool stopped;  /* cancelled or at a limit: older ones may have done it too */
};

struct history_query {
	struct str path;
	const struct str *lines; /* blanks at both ends do not count */
	size_t n;
	size_t most_commits, most_hits;
	/* Asked before each commit, with the number of those looked at; or NULL. */
	bool (*cancelled)(void *arg, size_t walked);
	void *arg;
};

/** Walk back from HEAD along first parents. An unborn branch gives an empty list. */
bool history_of_lines(struct repo *repo, const struct history_query *query,
		      struct arena *a, struct history_list *ret, struct err *err)
	MUST_CHECK;
/** The commits from HEAD back to `base` (a ref or hex), itself left out, newest first; at
 *  most so many. Nothing where one of them is not there. */
void history_since(struct repo *repo, const char *base, size_t most, struct arena *a,
		   struct history_list *ret);
/** What one commit did to one file, as a unified diff with its message above. */
bool history_show(struct repo *repo, const char *hex, struct str path, struct strbuf *out,
		  struct err *err) MUST_CHECK;

#endif
