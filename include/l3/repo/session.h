/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An am session: a series of mails becomes commits. Its state is git's own
 * .git/rebase-apply, so that `git am --continue` can go on where this stopped and the
 * other way round; what git has no place for (rejects, backups, a journal) lies in its
 * subfolder "kcrib".
 *
 * Index, trees and state stay in memory while patches apply; files, index, HEAD and state
 * are written at stops and at the end. Before that a journal says what is going to be
 * written: a run that was killed is finished from it by whatever is called next. Hooks
 * and the interactive mode need the state on disk, so with them each patch is written.
 *
 * A series that is only looked at (dry_run) writes nothing, not even objects. Where it
 * would stop it goes on with what fits, and its code says so at the end.
 */
#ifndef REPO_SESSION_H
#define REPO_SESSION_H

#include "patch/am.h"
#include "patch/mail.h"
#include "repo/repo.h"

enum session_empty { SESSION_EMPTY_STOP, SESSION_EMPTY_DROP, SESSION_EMPTY_KEEP };

struct session_options {
	/* kept in the state: git-am(1) names them */
	bool threeway, quiet, utf8, message_id, signoff;
	enum mail_keep keep;
	int scissors;  /* -1: as mailinfo.scissors says */
	int quoted_cr; /* enum mail_quoted_cr, -1: as mailinfo.quotedCr says */
	int rerere;    /* 1: --rerere-autoupdate, 0: --no-rerere-autoupdate, -1: config */
	struct am_words apply; /* --whitespace=..., -p1, ...: see am_apply_option() */
	/* of this call only */
	bool interactive, committer_date_is_author_date, ignore_date, dry_run;
	bool sign_off_now; /* --signoff was given again while resuming */
	enum session_empty empty;
	const char *resolvemsg;
	const char *sign_key; /* NULL: no signature, "": the default key */
	int keep_cr;          /* -1: as am.keepcr says */
	enum mail_format format;
};

/* One mail, told as soon as it is done. */
struct session_mail {
	unsigned number, total;
	struct str subject;
	const char *status; /* "applied", "stopped", "skipped", "empty", "already" */
	const char *commit; /* hex, or NULL */
	const struct am_applied *applied; /* or NULL: no patch was tried */
	bool threeway;                    /* by a three-way merge of whole files */
};

struct session_io {
	void *arg;
	void (*out)(void *arg, struct str text);    /* standard output */
	void (*errout)(void *arg, struct str text); /* standard error */
	/* One line of the user's answer, false at the end of input. */
	bool (*ask)(void *arg, char *line, size_t size);
	void (*mail)(void *arg, const struct session_mail *m); /* or NULL */
	bool (*cancelled)(void *arg);                          /* or NULL */
};

struct session;

/** Open what is in progress, or prepare for a start: the options are then those of the
 *  configuration. A journal left by a killed run is finished first. */
bool session_open(struct repo *repo, const struct session_io *io, struct session **ret,
		  struct err *err) MUST_CHECK;
void session_free(struct session *s);
DEFINE_FREEP(session)

bool session_in_progress(const struct session *s);
/** True, with the reason, when a killed run left something that cannot be finished: then
 *  only abort and quit are of use. */
bool session_is_stuck(const struct session *s, struct err *err);
/** A rebase-apply folder that holds no session. */
bool session_is_stray(const struct session *s);
/** Folder of the state as users know it: ".git/rebase-apply". */
const char *session_folder(const struct session *s);
/** To be changed before one of the calls below. */
struct session_options *session_options(struct session *s);
struct arena *session_arena(struct session *s);

/** The .rej files of the stopped patch that still wait, from the top of the tree; and
 *  lines that tell those of patches that another git left behind. */
bool session_rejects(struct session *s, struct arena *a, struct am_words *ret,
		     struct am_words *ret_left, struct err *err) MUST_CHECK;
/** A file is about to be changed by the user's decision: keep it for --abort. */
bool session_keep(struct session *s, struct str path, struct err *err) MUST_CHECK;

/* The calls. Each puts git's exit code into `*ret_code`: 0, or 128 when the series
 * stopped. False is a fatal error; the state can then be resumed or aborted. */

/** Begin with mails: mbox files, Maildirs, "-"; none is standard input. */
bool session_start(struct session *s, const char *const *paths, size_t n, int *ret_code,
		   struct err *err) MUST_CHECK;
/** --continue, and with `allow_empty` --allow-empty. */
bool session_continue(struct session *s, bool allow_empty, int *ret_code, struct err *err)
	MUST_CHECK;
/** Try the current patch once more, as a bare `git am` does. */
bool session_retry(struct session *s, int *ret_code, struct err *err) MUST_CHECK;
bool session_skip(struct session *s, int *ret_code, struct err *err) MUST_CHECK;
bool session_abort(struct session *s, int *ret_code, struct err *err) MUST_CHECK;
bool session_quit(struct session *s, struct err *err) MUST_CHECK;
/** The current mail as it came (raw), or its patch. */
bool session_show(struct session *s, bool raw, struct strbuf *out, struct err *err)
	MUST_CHECK;

#endif
