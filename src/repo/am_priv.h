/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the am session share: the state in memory and the way each part
 * writes it. See repo/session.h.
 */
#ifndef REPO_AM_PRIV_H
#define REPO_AM_PRIV_H

#include "base/strbuf.h"
#include "base/strmap.h"
#include "priv.h"
#include "repo/session.h"
#include "repo/work.h"

#define STATE_MAX ((size_t)1 << 30)

enum { EXIT_STOPPED = 128 };

struct steps {
	struct repo_step *v;
	size_t n, cap;
};

struct session {
	struct repo *repo;
	struct session_io io;
	struct session_options o;
	struct am_apply_options apply;
	struct arena *arena; /* lives as long as the session */
	struct arena *patch; /* as long as one mail */
	struct repo_work *work;
	struct repo_tree *tree; /* of HEAD and the commits not yet written */
	struct repo_ident committer;

	const char *dir, *shown_dir, *own; /* rebase-apply; as users know it; its kcrib */
	bool in_progress, eager;
	bool published; /* the mails lie there one by one, as git wants them */
	bool fresh;     /* begun by this very call: the index is that of the start */
	unsigned cur, last;
	struct mailbox mails; /* those just split; otherwise read from files */
	struct {
		struct strbuf *v;
		size_t n, cap;
	} inputs; /* what they are cut out of */

	/* the current patch */
	struct am_author author;
	struct str msg, diff, info, body;
	struct patch parsed; /* of `diff`; n 0: not yet */
	bool has_msg, has_author;

	char head[REPO_HEX + 1];    /* of the last commit made */
	char written[REPO_HEX + 1]; /* what HEAD is on disk */
	struct steps steps;         /* commits between the two */
	struct err stuck; /* why the journal of an earlier run could not be finished */
	bool would_stop;  /* dry_run: at a patch, were it not only looked at */
	bool torn;        /* `tree` holds half a patch: files follow from the commits */
};

/* ---- state files: am_state.c ---- */

bool state_read(const struct session *s, const char *name, struct arena *a,
		struct str *ret, bool *ret_there, struct err *err) MUST_CHECK;
/** Replace a file of the state; whole after a kill. */
bool state_put(const struct session *s, const char *name, struct str bytes,
	       struct err *err) MUST_CHECK;
bool state_remove(const struct session *s, const char *name, struct err *err) MUST_CHECK;
bool state_exists(const struct session *s, const char *name);
bool state_load(struct session *s, struct err *err) MUST_CHECK;
/** The options alone: those of a call count for one patch only. */
bool state_load_options(struct session *s, struct err *err) MUST_CHECK;
/** Options and the series: from here on a killed run can be begun again. */
bool state_begin(struct session *s, struct err *err) MUST_CHECK;
/** The mails one by one, and at last "next" and "last": from here on git am can go on. */
bool state_publish(struct session *s, struct err *err) MUST_CHECK;
bool state_load_patch(struct session *s, struct err *err) MUST_CHECK;
/** The files of the current patch: info, msg, patch, author-script, final-commit. */
bool state_put_patch(struct session *s, struct err *err) MUST_CHECK;
void state_forget_patch(struct session *s);
bool state_destroy(struct session *s, struct err *err) MUST_CHECK;
bool remove_folder(const char *path, struct err *err) MUST_CHECK;

/* ---- writing what was done: am_flush.c ---- */

/* A file that the stop puts into the work tree beside the patch: a .rej. */
struct extra {
	struct str path, bytes; /* p NULL: is removed */
};
struct extras {
	struct extra *v;
	size_t n, cap;
};

/** Bring files, index, HEAD and state to where the session is. `stop`: the files of the
 *  current patch are part of the state. */
bool flush(struct session *s, const struct extras *extras, bool stop, struct err *err)
	MUST_CHECK;
/** Files and index only, for hooks that want to see them before the commit. */
bool flush_files(struct session *s, struct err *err) MUST_CHECK;
/** Finish what a killed run began to write. */
bool journal_finish(struct session *s, struct err *err) MUST_CHECK;
/** Between the two, locks that this process leaves when it is killed can be told from
 *  those of others. */
bool mark_begin(struct session *s, struct err *err) MUST_CHECK;
void mark_end(struct session *s);
/** The spare folder "kcrib" of the state, made when needed. */
bool own_folder(struct session *s, struct err *err) MUST_CHECK;

/* ---- what the session overwrote: am_backup.c ---- */

enum { KEPT_ABSENT = -1, KEPT_NOT = -2 };
struct kept {
	char kind; /* 'c' changed by a commit, 'p' by a stopped patch, 'r' a reject;
		    * asked for with 'u': the user may change it, listed as 'c' */
	int copy;  /* number of its copy, KEPT_ABSENT, or KEPT_NOT: ORIG_HEAD has it */
	struct str path;
	unsigned patch; /* of 'p' and 'r': which, from 1; of 'c' 0 */
};
struct kept_list {
	struct kept *v;
	size_t n, cap;
};

bool backup_load(struct session *s, struct arena *a, struct kept_list *ret,
		 struct err *err) MUST_CHECK;
/** Path -> its place in the list, from 1. */
void backup_map(const struct kept_list *list, struct arena *a, struct strmap *ret);
bool backup_save(struct session *s, const struct kept_list *list, struct err *err)
	MUST_CHECK;
/** Keep files as they are now, before they are overwritten, unless they were kept. */
bool backup_keep(struct session *s, const struct kept_list *what, struct err *err)
	MUST_CHECK;
/** Put one kept file back where it was (KEPT_NOT: nothing happens). */
bool backup_give(struct session *s, const struct kept *k, struct err *err) MUST_CHECK;
/** A patch is done with: its rejects are given back, its files count as changed by a
 *  commit. */
bool backup_settle(struct session *s, unsigned patch, struct err *err) MUST_CHECK;
/** Keep the index as it was at the start; put it back. */
bool backup_keep_index(struct session *s, struct err *err) MUST_CHECK;
bool backup_give_index(struct session *s, bool *ret_given, struct err *err) MUST_CHECK;

/* ---- commits: commit.c ---- */

bool commit_write(struct session *s, const struct repo_id *tree, char ret_hex[41],
		  struct err *err) MUST_CHECK;

/* ---- opening and beginning: am_session.c ---- */

/** ERR_CONFLICT where a hook wants to say no to what is written here otherwise. */
bool hooks_are_known(struct session *s, struct err *err) MUST_CHECK;

/* ---- signatures: sign.c ---- */

/** Sign the text of a commit as gpg.format says: by gpg, gpgsm or ssh-keygen. */
bool commit_sign(struct session *s, struct str text, struct strbuf *out, struct err *err)
	MUST_CHECK;

/* ---- three-way: am_merge.c ---- */

enum merge_end { MERGE_DONE, MERGE_NOTHING, MERGE_FAILED, MERGE_CONFLICTS };
/** Apply the patch to the blobs its index lines name and merge the outcome with HEAD. On
 *  conflicts the work tree and the index hold them. */
bool merge_threeway(struct session *s, const struct patch *p, enum merge_end *ret,
		    struct err *err) MUST_CHECK;

/* ---- the loop: am_run.c ---- */

bool run_series(struct session *s, bool resume, int *ret_code, struct err *err)
	MUST_CHECK;
/** git's hints at a stop. */
void say_how_to_go_on(struct session *s);
/** Make a commit of a tree that is stored; HEAD follows with flush(). */
bool commit_with_tree(struct session *s, const struct repo_id *tree, char hex[41],
		      struct err *err) MUST_CHECK;
bool session_sign_off(struct session *s, struct err *err) MUST_CHECK;
bool commit_current(struct session *s, int *ret_code, struct err *err) MUST_CHECK;
bool next_patch(struct session *s, struct err *err) MUST_CHECK;
bool ask_user(struct session *s, bool *ret_apply, struct err *err) MUST_CHECK;
bool patch_is_empty(struct session *s);
/** Are message and author of a stopped patch there? ERR_NOTFOUND names the file. */
bool patch_is_whole(struct session *s, struct err *err) MUST_CHECK;
void run_rerere(struct session *s, const char *what);

void say(struct session *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
/** Also under --quiet. */
void tell(struct session *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
void warn(struct session *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* ---- rejects: am_rejects.c ---- */

/** Record what found no place, and what has to be written beside the files. */
bool rejects_record(struct session *s, const struct am_applied *r, struct extras *ret,
		    struct err *err) MUST_CHECK;
/** Names of .rej files that still wait; 0: none. */
bool rejects_open(struct session *s, struct arena *a, struct am_words *ret,
		  struct err *err) MUST_CHECK;
/** Of patches that another git left behind, as lines to be told: the .rej and whose it
 * is.
 */
bool rejects_left(struct session *s, struct arena *a, struct am_words *ret,
		  struct err *err) MUST_CHECK;
/** Paths of the stopped patch that may be named; none where it cannot be read. */
void rejects_paths(struct session *s, struct am_words *ret);
/** Remove the .rej files that a git am --reject of this session left. */
bool rejects_clear(struct session *s, struct err *err) MUST_CHECK;
/** Stage what was resolved: every path of the patch and of its rejects. */
bool rejects_stage(struct session *s, struct err *err) MUST_CHECK;

#endif
