/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this folder share about an open store.
 */
#ifndef STORE_IMPL_H
#define STORE_IMPL_H

#include "db.h"
#include "store/note_store.h"

struct id_list {
	int64_t *v;
	size_t n, cap;
};

/* What is searched of a note, out of its text. */
struct indexed {
	struct str title, names, body;
};

/* What the index has not been told yet. */
struct pending {
	int64_t id;
	bool add;        /* or forget */
	bool head_stays; /* title and names are as they were */
	struct indexed what;
};
struct pending_list {
	struct pending *v;
	size_t n, cap;
};

/* What saves have put off, and whose connection does it. */
struct tidy {
	struct db *db;
	const struct note_codec *codec;
	struct arena *arena;
	struct id_list uncounted; /* saved notes whose words are not counted yet */
	bool segments;            /* there may be some to merge */
	int log_pages;            /* in the log, not in the file yet */
	atomic_bool stop;
};

struct store {
	struct db db;
	enum store_mode mode;
	struct arena *arena; /* lives as long as the handle */
	const char *path;    /* what sqlite opens; shared memory has a URI */
	const char *state;
	const char *vfs;
	const char *notice;
	const struct note_codec *codec;
	int64_t (*now)(void);
	bool no_sync;

	uint64_t generation;
	int64_t data_version;

	/* the operation that runs */
	int depth;
	int64_t began;     /* its time, in seconds since 1970 */
	int64_t operation; /* its row; 0: nothing that could be undone */
	bool logged;       /* it has revisions */
	struct arena *scratch;
	struct arena *pending_arena;
	struct pending_list pending;
	bool wrote;           /* the user has changed something */
	struct id_list saved; /* notes of the operation that runs */

	struct tidy todo;
	struct aside *aside; /* the worker that does it; NULL before the first time */
};

/** A transaction that is no operation of the user's; ends with store_commit(). */
bool tx_begin(struct store *s, struct err *err) MUST_CHECK;
int64_t store_now(const struct store *s);
/** Refuse in a store that cannot be written. */
bool store_may_write(const struct store *s, const char *doing, struct str slug,
		     struct err *err) MUST_CHECK;

/* open.c */
bool schema_apply(struct db *db, struct err *err) MUST_CHECK;

/* recover.c: see there */
bool recover_file(struct store *s, const char *file, struct err *err) MUST_CHECK;
bool recover_wanted(const struct store *s, const char *file);
void recover_suspect(const struct store *s);

/* index.c */
struct indexed index_of(struct arena *a, const struct note_text *text, struct str slug);
bool index_add(struct store *s, int64_t id, const struct indexed *what, struct err *err)
	MUST_CHECK;
bool index_remove(struct store *s, int64_t id, const struct indexed *what,
		  struct err *err) MUST_CHECK;
/** Nothing waits any more: after a rollback. */
void index_forget(struct store *s);
/** Make both indexes anew when they were made by another tokenizer or codec. */
bool index_refresh(struct store *s, struct err *err) MUST_CHECK;
/** The last part of an operation: the index is told what waits. */
bool index_finish(struct store *s, struct err *err) MUST_CHECK;
/** The operation is committed: what is left is for store_tidy(). */
void index_committed(struct store *s);
struct str list_join(struct arena *a, const struct str_list *list, char with);
void list_split(struct arena *a, struct str joined, char with, struct str_list *ret);

/* words.c */
struct str_list words_of(struct arena *a, const struct indexed *what);
/** Count the words of a note, within a transaction; ERR_CANCELLED when told to stop. */
bool words_add(struct db *db, int64_t id, const struct str_list *words,
	       const atomic_bool *stop, struct err *err) MUST_CHECK;
/** Count those of all notes. */
bool words_recount(struct db *db, struct err *err) MUST_CHECK;

/* tidy.c */
void tidy_init(struct tidy *t, struct db *db, const struct note_codec *codec);
/** Have the pages of the log counted, from the opening of the connection on. */
void tidy_watch(struct tidy *t);
/** Notes were saved. */
void tidy_later(struct tidy *t, const struct id_list *saved);
void aside_free(struct aside *aside);

/* history.c */
struct change {
	int64_t id; /* 0: a new note */
	enum revision_kind kind;
	struct str slug, was;
	struct str bytes; /* p == NULL: a deletion */
};
/** Carry out one change: note, tags, links, index and revision. `*ret_id` may be NULL. */
bool change_apply(struct store *s, const struct change *c, int64_t *ret_id,
		  struct err *err) MUST_CHECK;
/** The part of it that writes the note and what is derived from its text. `there`: the
 *  note exists and its old text is out of the index. */
bool note_install(struct store *s, const struct change *c, bool there, int64_t *ret_id,
		  struct err *err) MUST_CHECK;
bool note_id(struct store *s, struct str slug, int64_t *ret, struct err *err) MUST_CHECK;
/** "doing slug: there is no such note" */
bool no_such_note(const char *doing, struct str slug, struct err *err);

/* note_store.c */
/** Columns id, slug, title, lang, translation, tags, aliases, changed, shipped (0, 1,
 *  2), score, at; then bytes where `bytes`. */
void note_row(struct store *s, struct arena *a, sqlite3_stmt *q, bool bytes,
	      struct note *ret);

/* builtin.c */
bool builtins_load(struct store *s, const struct store_options *opt, struct err *err)
	MUST_CHECK;

/* Score of a use that was `score` at `at`, now. */
double use_decayed(double score, int64_t at, int64_t now);

#endif
