/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that holds the notes: opening, recovering, watching. SQLite in WAL mode, known
 * only here. A handle belongs to one thread; several handles and several processes may
 * have the file open at once.
 *
 * Durability: synchronous=NORMAL for usage counts would lose notes saved in the last
 * moments before a power cut, so every connection writes with synchronous=FULL: the log
 * is synced at each commit, 1 fsync a save. A killed process loses nothing that a call
 * has returned true for.
 *
 * The store does not know what a note looks like inside. Whoever opens it hands in a
 * codec that finds title, tags and links in the bytes.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"

struct store;

enum {
	STORE_NOTE_MAX = 4 << 20, /* bytes of one note */
};

/* What the store must know of a note. Made by the codec from the bytes. */
struct note_text {
	struct str title, lang, translation;
	struct str_list tags, aliases, links;
	struct str body; /* what is searched besides title, aliases and tags */
};

struct note_codec {
	void *arg;
	unsigned version; /* a change of what parse() finds: the index is made anew */
	/** Never refuses a note for its form: what cannot be read is simply absent. */
	void (*parse)(void *arg, struct arena *a, struct str slug, struct str bytes,
		      struct note_text *ret);
	/** The note with its links to `from` pointing to `to`; false: it has none. */
	bool (*relink)(void *arg, struct arena *a, struct str bytes, struct str from,
		       struct str to, struct str *ret_bytes);
};

/* A note that ships with the program. */
struct builtin {
	const char *slug;
	const char *bytes;
	size_t n;
};

struct store_options {
	const char *path;  /* the file; NULL: in memory */
	const char *state; /* folder for the good copies; NULL: none are made */
	const struct note_codec *codec;
	const struct builtin *builtins; /* loaded when their texts changed */
	size_t builtin_count;
	int64_t builtin_version; /* equal to the stored one: nothing is compared */
	int64_t (*now)(void);    /* seconds since 1970; NULL: the clock */
	bool no_sync;            /* for benchmarks and tests that build large stores */
	const char *vfs;         /* for tests: the name of a registered VFS */
};

enum store_mode {
	STORE_WRITABLE,
	STORE_READONLY, /* the file or its folder cannot be written */
	STORE_MEMORY,   /* no file could be made: what is saved now ends with us */
};

/** Open, or make, the file and bring it to the present schema and texts. Folders are
 *  made. A newer schema is refused with ERR_CONFLICT and not touched. A broken file is
 *  kept beside as "<file>.broken-<time>" and the newest good copy takes its place; then
 *  store_notice() says so. A file that cannot be written is opened read-only; when there
 *  is none and none can be made, the notes live in memory, and store_notice() says so. */
bool store_open(const struct store_options *opt, struct store **ret, struct err *err)
	MUST_CHECK;
void store_free(struct store *s);
DEFINE_FREEP(store)

enum store_mode store_mode(const struct store *s);
/** The file, or the name of the memory store: what searcher_open() takes. */
const char *store_path(const struct store *s);
/** What the user has to be told about the opening, "" for nothing. */
const char *store_notice(const struct store *s);
/** True once after each change that another connection or process has made. Cheap: ask
 *  on every idle round. */
bool store_changed(struct store *s);
/** Goes up with every change by this handle or seen by store_changed(). */
uint64_t store_generation(const struct store *s);
/** Number of notes. */
size_t store_count(const struct store *s);

/** Make a good copy in the state folder if the newest is older than `age_s`; the last
 *  `STORE_COPIES` are kept. Takes as long as reading the file: call it when idle, or
 *  from a job. Closing a small store that was changed does it once a day. */
enum { STORE_COPIES = 3 };
bool store_copy(struct store *s, int64_t age_s, struct err *err) MUST_CHECK;
/** Do what saves have put off: count their words, merge segments of the index, put the
 * log into the file; until `budget_ms` is over, in steps of about a millisecond, among
 * very many notes of a tenth of a second. Closing does a little of it. It waits for no
 * other process. True when more is to do. */
bool store_tidy(struct store *s, int budget_ms);
/** The same on another thread, with a connection of its own, for as long as it takes or
 *  until this handle writes. begin and end are for the handle's thread; begin is false
 *  when nothing is to do. Between them the handle is used as ever, and closed only after
 *  the end. */
bool store_tidy_begin(struct store *s);
void store_tidy_work(struct store *s);
void store_tidy_end(struct store *s);
/** Make the worker stop; each write does. Its thread may need a moment to return. */
void store_goes_first(struct store *s);
/** Read every page and index entry; ERR_PARSE says what is wrong. */
bool store_check(struct store *s, struct err *err) MUST_CHECK;

/** A number that other programs' states are compared with, kept under a name: 0 when
 *  there is none. It changes with the transaction that is open, or at once. */
uint64_t store_fact(struct store *s, const char *name);
bool store_set_fact(struct store *s, const char *name, uint64_t value, struct err *err)
	MUST_CHECK;
/** Several changes as one operation: all or nothing, and one undo. Nested calls count. */
bool store_begin(struct store *s, const char *what, struct err *err) MUST_CHECK;
bool store_commit(struct store *s, struct err *err) MUST_CHECK;
void store_rollback(struct store *s);

#endif
