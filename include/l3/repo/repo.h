/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A git repository: where it is, what its configuration says, who commits, where HEAD
 * stands. This folder alone knows libgit2. Object ids are given as hex text.
 *
 * Repositories are found as git finds them: GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE and
 * the like count, linked worktrees have their own state. SHA-256 repositories and split
 * or sparse indexes are refused by name.
 */
#ifndef REPO_REPO_H
#define REPO_REPO_H

#include "base/arena.h"
#include "patch/date.h"
#include "patch/ws.h"

struct repo;

enum { REPO_HEX = 40 };

/** Find and open the repository around `dir`. ERR_NOTFOUND where there is none. */
bool repo_open(const char *dir, struct repo **ret, struct err *err) MUST_CHECK;
void repo_free(struct repo *repo);
DEFINE_FREEP(repo)

bool repo_is_bare(const struct repo *repo);
/** Paths without a slash at the end: this worktree's folder of git, and the one that all
 *  worktrees share; the top of the work tree (NULL when bare). */
const char *repo_gitdir(const struct repo *repo);
const char *repo_workdir(const struct repo *repo);
/** The folder `dir` of repo_open() as seen from the top: "" or "a/b". */
const char *repo_prefix(const struct repo *repo);
/** "<gitdir>/name", in the arena. */
const char *repo_path(const struct repo *repo, struct arena *a, const char *name);
/** The same as users know it: relative to the top of the work tree where that holds. */
const char *repo_shown_path(const struct repo *repo, struct arena *a, const char *name);

/** A configuration value, NULL when it is not set. Later files win, then the environment
 *  (GIT_CONFIG_COUNT). */
const char *repo_config(const struct repo *repo, struct arena *a, const char *key);
bool repo_config_bool(const struct repo *repo, const char *key, bool otherwise);

/** The rule of core.whitespace (else git's own), and what the attribute "whitespace"
 *  makes of it for a path: gitattributes(5), "Checking whitespace errors". */
bool repo_ws_rule(struct repo *repo, struct ws_rule *ret, struct err *err) MUST_CHECK;
bool repo_path_ws_rule(struct repo *repo, struct str path, struct ws_rule *rule,
		       struct err *err) MUST_CHECK;

struct repo_ident {
	struct str name, email;
	struct date date;
};
/** Who commits: GIT_COMMITTER_NAME, _EMAIL, _DATE, then the configuration, then the
 *  account. ERR_NOTFOUND where git would refuse ("empty ident name"). */
bool repo_committer(const struct repo *repo, struct arena *a, struct repo_ident *ret,
		    struct err *err) MUST_CHECK;
/** Name or address as commit objects hold it: no < > and line ends, no dots, commas,
 *  quotes and blanks at the ends. */
struct str repo_ident_clean(struct arena *a, struct str name);
/** "Name <address> 1112911993 -0700". ERR_NOTFOUND for an empty name. */
bool repo_ident_print(struct arena *a, const struct repo_ident *id, struct str *ret,
		      struct err *err) MUST_CHECK;

/** HEAD as hex; "" when the branch is unborn. */
bool repo_head(const struct repo *repo, char ret_hex[REPO_HEX + 1], struct err *err)
	MUST_CHECK;
/** A revision as hex. ERR_NOTFOUND. */
bool repo_resolve(const struct repo *repo, const char *rev, char ret_hex[REPO_HEX + 1],
		  struct err *err) MUST_CHECK;
/** Set or, with hex "", remove a ref of this worktree such as ORIG_HEAD; no reflog. */
bool repo_set_pseudo_ref(struct repo *repo, const char *name, const char *hex,
			 struct err *err) MUST_CHECK;

/* One commit on the way to HEAD, with its line of the reflog. */
struct repo_step {
	const char *commit;  /* hex */
	const char *message; /* "am: subject" */
};
/** Move HEAD (and the branch it names) along the steps, one reflog entry each. `from` is
 *  what HEAD must be now, "" for an unborn branch: otherwise ERR_CONFLICT. n == 0 with
 *  an unborn goal: see repo_delete_branch(). */
bool repo_advance(struct repo *repo, const char *from, const struct repo_step *steps,
		  size_t n, const struct repo_ident *who, struct err *err) MUST_CHECK;
/** Remove the branch HEAD names: it is unborn again. */
bool repo_delete_branch(struct repo *repo, struct err *err) MUST_CHECK;

/** "<pid> <start time>": what a process leaves before it takes locks. */
struct str repo_process_mark(struct arena *a);
/** When the process that left the mark is gone: remove the locks of index, HEAD and its
 *  branch that are not older than the mark, and the mark. */
void repo_clear_stale_locks(struct repo *repo, const char *mark_path);

/** Path of an executable hook, or NULL. core.hooksPath counts. */
const char *repo_hook(const struct repo *repo, struct arena *a, const char *name);
/** Run a hook in the top folder; its output goes to our standard error. `*ret_code` is
 *  its exit code, 0 when there is none. */
bool repo_run_hook(const struct repo *repo, const char *name, const char *arg,
		   int *ret_code, struct err *err) MUST_CHECK;

#endif
