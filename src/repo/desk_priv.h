/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the desk's parts share: desk.c (rejects and decisions), desk_log.c (what was
 * decided), desk_walk.c (looking around), desk_history.c (where files went).
 */
#ifndef REPO_DESK_PRIV_H
#define REPO_DESK_PRIV_H

#include "base/strmap.h"
#include "repo/desk.h"
#include "repo/files.h"
#include "repo/folder.h"
#include "repo/session.h"

enum { DESK_MAX_HUNKS = 100000, DESK_MAX_FILES = 500000, DESK_MAX_LOOSE = 20000 };

struct desk {
	char *top, *below; /* below: where the user stands, from the top */
	char *state;       /* where what must be kept lies now */
	char *loose;       /* below which it lies when no am is in progress */
	struct files *files;
	struct folder_tree tree;    /* the folder as patch sees it */
	struct repo *repo;          /* NULL: no repository */
	struct session *session;    /* NULL: no am in progress, as of the last list */
	uint64_t at;                /* the patch it is at: session_stamp() */
	struct listing *listing;    /* the last one */
	struct arena *arena;        /* of what was looked for since it began: */
	bool looked;                /* `around` is complete */
	struct am_words around;     /* what desk_each() shows */
	struct place_search search; /* what looking for files may still cost */
	bool expected;              /* history was told of all files that are missing */
};

/* One decision, as the log has it. */
struct decision {
	unsigned number, id;
	enum desk_status status;
	bool undone;
	uint64_t after;       /* hash of the file's bytes after it */
	struct str rej, file; /* file: empty when only the .rej changed */
};
struct decisions {
	struct decision *v;
	size_t n, cap;
};

bool log_load(struct desk *d, struct arena *a, struct decisions *ret, struct err *err)
	MUST_CHECK;
/** Keep what is there, then write the decision down; then the caller may change files. */
bool log_add(struct desk *d, const struct decision *what, struct str hunk,
	     struct err *err) MUST_CHECK;
bool log_undone(struct desk *d, unsigned number, struct err *err) MUST_CHECK;
/** "file", "rej" or "hunk" as kept for a decision; p NULL: there was none. */
bool log_kept(struct desk *d, unsigned number, const char *what, struct arena *a,
	      struct str *ret, struct err *err) MUST_CHECK;

/* The ids of all hunks ever seen here, as lines of the file that keeps them. */
struct desk_ids {
	struct arena *a;
	struct str before; /* what the file held */
	struct strmap known;
	struct am_words fresh; /* lines to be added */
	size_t n;
};
bool log_ids(struct desk *d, struct arena *a, struct desk_ids *ret, struct err *err)
	MUST_CHECK;
/** The id of a hunk, a new one for a new hunk. */
unsigned log_id(struct desk_ids *ids, uint64_t hash);
/** Write down the new ones; nothing where there are none. */
bool log_ids_save(struct desk *d, const struct desk_ids *ids, struct err *err) MUST_CHECK;

/** Forget everything: nothing is open and nobody came back for an hour. */
void log_forget_stale(struct desk *d, size_t open);

/** Call fn for every regular file below a folder of the tree; .git is left out. False
 *  from fn ends the walk. */
void desk_walk(struct desk *d, const char *below, bool (*fn)(void *arg, struct str path),
	       void *arg);

/** The same as folder_tree's `walk`, while a list is made: all files but rejects and
 * their like. */
void desk_each(void *arg, bool (*visit)(void *visit_arg, struct str path, unsigned mode),
	       void *visit_arg);

#endif
