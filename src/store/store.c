/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An open store: operations as transactions, and noticing what others changed. A failed
 * part of an operation fails the whole: nothing of it is kept.
 */
#include "impl.h"

enum {
	CLOSING_MS = 15,
	COPY_PAGES = 16384, /* 64 MB */
	COPY_AGE_S = 24 * 3600,
};

static int64_t clock_now(const struct store *s)
{
	return s->now ? s->now() : (int64_t)time(NULL);
}

/* What is changed together is changed at one time: a list by time keeps its order. */
int64_t store_now(const struct store *s)
{
	return s->depth ? s->began : clock_now(s);
}

enum store_mode store_mode(const struct store *s)
{
	return s->mode;
}

const char *store_path(const struct store *s)
{
	return s->path;
}

const char *store_notice(const struct store *s)
{
	return s->notice;
}

uint64_t store_generation(const struct store *s)
{
	return s->generation;
}

size_t store_count(const struct store *s)
{
	int64_t n = 0;

	/* the cache of statements is not part of what the caller sees */
	if (!db_int((struct db *)(uintptr_t)&s->db, NULL, &n,
		    "SELECT value FROM fact WHERE name = 'notes'", ""))
		return 0;
	return n > 0 ? (size_t)n : 0;
}

uint64_t store_fact(struct store *s, const char *name)
{
	int64_t n = 0;

	if (!db_int(&s->db, NULL, &n, "SELECT value FROM fact WHERE name = ?1", "s",
		    str_of(name)))
		return 0;
	return (uint64_t)n;
}

bool store_set_fact(struct store *s, const char *name, uint64_t value, struct err *err)
{
	return db_run(&s->db, err, "REPLACE INTO fact VALUES (?1, ?2)", "si",
		      str_of(name), (int64_t)value);
}

bool store_changed(struct store *s)
{
	int64_t v = s->data_version;

	if (!db_int(&s->db, NULL, &v, "PRAGMA data_version", "") || v == s->data_version)
		return false;
	s->data_version = v;
	s->generation++;
	return true;
}

bool store_may_write(const struct store *s, const char *doing, struct str slug,
		     struct err *err)
{
	if (s->mode != STORE_READONLY)
		return true;
	err_set(err, ERR_DENIED, "%s " STR_FMT ": the notes are open for reading only",
		doing, STR_ARG(slug));
	return err_hint(err, "%s cannot be written; use another file with --db", s->path);
}

void store_rollback(struct store *s)
{
	if (!s->depth)
		return;
	s->depth = 0;
	s->saved = (struct id_list){ 0 };
	index_forget(s);
	arena_reset(s->scratch);
	/* after a full disk sqlite may have rolled back on its own */
	if (!sqlite3_get_autocommit(s->db.h))
		db_try(&s->db, "ROLLBACK");
	if (s->db.corrupt)
		recover_suspect(s);
}

bool tx_begin(struct store *s, struct err *err)
{
	if (s->depth++)
		return true;
	store_goes_first(s);
	s->began = clock_now(s);
	s->logged = false;
	s->operation = 0;
	if (db_run(&s->db, err, "BEGIN IMMEDIATE", ""))
		return true;
	store_rollback(s);
	return false;
}

bool store_begin(struct store *s, const char *what, struct err *err)
{
	if (!store_may_write(s, what, STR(""), err) || !tx_begin(s, err))
		return false;
	if (s->depth > 1)
		return true;
	if (!db_run(&s->db, err,
		    "INSERT INTO operation (time, state, what) VALUES (?1, 0, ?2)", "is",
		    store_now(s), str_of(what))) {
		store_rollback(s);
		return false;
	}
	s->operation = sqlite3_last_insert_rowid(s->db.h);
	return true;
}

/* An operation without revisions leaves no row; one with revisions ends all redoing. */
static bool close_operation(struct store *s, struct err *err)
{
	if (!s->operation)
		return true;
	if (!s->logged)
		return db_run(&s->db, err, "DELETE FROM operation WHERE id = ?1", "i",
			      s->operation);
	return db_run(&s->db, err, "UPDATE operation SET state = 2 WHERE state = 1", "");
}

bool store_commit(struct store *s, struct err *err)
{
	if (!s->depth)
		return err_set(err, ERR_INTERNAL, "saving the notes: nothing was begun");
	if (s->depth > 1) {
		s->depth--;
		return true;
	}
	if (!index_finish(s, err) || !close_operation(s, err) ||
	    !db_run(&s->db, err, "COMMIT", "")) {
		store_rollback(s);
		return false;
	}
	s->depth = 0;
	s->wrote |= s->logged;
	index_committed(s);
	s->saved = (struct id_list){ 0 };
	arena_reset(s->scratch);
	s->generation++;
	return true;
}

/* A day of changes is copied when the program ends, while that takes no time worth
 * speaking of; whoever has more notes calls store_copy() from a job. */
static void copy_when_due(struct store *s)
{
	int64_t pages = 0;

	if (!s->wrote || !db_int(&s->db, NULL, &pages, "PRAGMA page_count", "") ||
	    pages > COPY_PAGES)
		return;
	if (!store_copy(s, COPY_AGE_S, NULL))
		return; /* the next day will try again */
}

void store_free(struct store *s)
{
	if (!s)
		return;
	store_rollback(s);
	if (s->mode == STORE_WRITABLE && !s->db.corrupt) {
		(void)store_tidy(s, CLOSING_MS);
		copy_when_due(s);
	}
	if (s->db.corrupt)
		recover_suspect(s);
	db_close(&s->db);
	arena_free(s->scratch);
	arena_free(s->pending_arena);
	arena_free(s->todo.arena);
	aside_free(s->aside);
	arena_free(s->arena);
	free(s);
}

bool store_check(struct store *s, struct err *err)
{
	sqlite3_stmt *q = db_query(&s->db, err, "PRAGMA integrity_check(5)", "");
	int more = q ? db_step(&s->db, q, err) : -1;
	struct str said;
	bool ok;

	if (more < 0) {
		recover_suspect(s);
		return false;
	}
	said = db_col(q, 0);
	ok = more && str_eq(said, STR("ok"));
	if (!ok) {
		err_set(err, ERR_PARSE, "checking the notes: %s: " STR_FMT, s->path,
			STR_ARG(said));
		recover_suspect(s);
	}
	sqlite3_reset(q);
	return ok;
}
