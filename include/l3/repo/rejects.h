/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rejects as things one works on: those of the am in progress, or every *.rej below a
 * folder. The .rej files say what is open; what was decided, and what each decision
 * replaced, is kept beside the state of the session (otherwise in the repository, or in
 * the user's state folder), so that each can be undone.
 *
 * A decision is kept before it is carried out: after a kill it can be undone or made
 * again. A .rej file that somebody removed counts as resolved by hand.
 */
#ifndef REPO_REJECTS_H
#define REPO_REJECTS_H

#include "patch/place.h"
#include "repo/session.h"

enum reject_status { REJECT_OPEN, REJECT_TAKEN, REJECT_DROPPED, REJECT_EDITED };

struct reject {
	unsigned id;
	enum reject_status status;
	struct str path;     /* the file it lies beside */
	struct str rej_file; /* "dir/file.c.rej" */
	struct str text;     /* as a complete patch */
	struct filepatch patch;
	const struct hunk *hunk; /* NULL: the file as a whole */
	/* filled by rejects_look() */
	struct str file_now; /* what the file is called now; empty: not found */
	struct str before;   /* its bytes */
	struct placement place;
};

struct rejects;

/** `s` may be NULL or a session not in progress: then all *.rej below the current folder
 *  `dir` count. */
bool rejects_open_list(struct repo *repo, struct session *s, const char *dir,
		       struct rejects **ret, struct err *err) MUST_CHECK;
void rejects_free(struct rejects *r);
DEFINE_FREEP(rejects)

/** All of them, by id; the array lives as long as the list. */
struct reject *rejects_list(struct rejects *r, size_t *ret_n);
/** ERR_NOTFOUND, naming the id. */
bool rejects_find(struct rejects *r, unsigned id, struct reject **ret, struct err *err)
	MUST_CHECK;
/** Look where it may belong now: cause and candidates. */
bool rejects_look(struct rejects *r, struct reject *x, struct err *err) MUST_CHECK;

/** Put candidate `n` (from 0) into the file. */
bool rejects_take(struct rejects *r, struct reject *x, size_t n, struct err *err)
	MUST_CHECK;
/** Put it at a place of the user's choice: a line of the file as it is, from 1. */
bool rejects_take_at(struct rejects *r, struct reject *x, size_t line, struct err *err)
	MUST_CHECK;
bool rejects_drop(struct rejects *r, struct reject *x, struct err *err) MUST_CHECK;
/** Path of the file to edit, absolute, with the line; then tell that it was edited. The
 *  bytes from before are kept by the first call. */
bool rejects_edit_begin(struct rejects *r, struct reject *x, struct str *ret_path,
			size_t *ret_line, struct err *err) MUST_CHECK;
bool rejects_edit_end(struct rejects *r, struct reject *x, struct err *err) MUST_CHECK;
/** Take back the last decision; its id, or ERR_NOTFOUND when there is none. */
bool rejects_undo(struct rejects *r, unsigned *ret_id, struct err *err) MUST_CHECK;

const char *reject_status_name(enum reject_status s);

#endif
