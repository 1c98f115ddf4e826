/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thin layer over sqlite3 that the files of this folder share: a connection with
 * its prepared statements, binding by a format, errors in our words.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <sqlite3.h>
#include <stdatomic.h>

#include "store/store.h"

enum { DB_STATEMENTS = 96 };

struct db {
	sqlite3 *h;
	const char *what; /* for messages: "the notes" */
	struct {
		const char *sql;
		sqlite3_stmt *stmt;
	} cache[DB_STATEMENTS];
	size_t cached;
	bool corrupt; /* a page was found broken */
};

enum db_open { DB_READ, DB_WRITE, DB_IMMUTABLE };

/** Open the file `path` ("file:" names are URIs) and register our tokenizer. */
bool db_open(struct db *db, const char *path, enum db_open how, const char *vfs,
	     struct err *err) MUST_CHECK;
/** Whether a writer waits for another process that writes, as it does from the start. */
void db_patience(struct db *db, bool wait);
void db_close(struct db *db);

/** Raise what sqlite says. Always false. */
bool db_fail(struct db *db, int rc, struct err *err, const char *doing);
/** Run SQL text of several statements. */
bool db_exec(struct db *db, const char *sql, struct err *err) MUST_CHECK;

/** The same where nothing can be done about a failure. */
void db_try(struct db *db, const char *sql);

/** The prepared statement of this literal, reset, with its parameters bound: 's' struct
 *  str as text, 'b' struct str as blob, 'i' int64_t, 'd' double, 'n' NULL. The bytes must
 *  live until the statement is reset. NULL after an error. */
sqlite3_stmt *db_query(struct db *db, struct err *err, const char *sql, const char *fmt,
		       ...) MUST_CHECK;
/** 1: a row; 0: the end (the statement is reset); -1: an error (reset too). */
int db_step(struct db *db, sqlite3_stmt *q, struct err *err) MUST_CHECK;
/** Bind and run to the end. */
bool db_run(struct db *db, struct err *err, const char *sql, const char *fmt, ...)
	MUST_CHECK;
/** One integer: the first column of the first row, `*ret` untouched when there is none.
 */
bool db_int(struct db *db, struct err *err, int64_t *ret, const char *sql,
	    const char *fmt, ...) MUST_CHECK;

/** View of a column, valid until the next step. */
struct str db_col(sqlite3_stmt *q, int i);

/** fts_tokenizer.c: make "tokenize='kcrib'" known to a connection. */
bool tokenizer_register(struct db *db, struct err *err) MUST_CHECK;
/** The FTS5 interface of a connection; NULL when FTS5 is missing. */
struct fts5_api *db_fts5(sqlite3 *h);

#endif
