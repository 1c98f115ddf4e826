/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection: see db.h. Statements are prepared once and found again by the address
 * of their literal.
 */
#include <errno.h>

#include "db.h"

enum {
	BUSY_MS = 5000, /* how long a writer waits for another process */
};

static enum err_code code_of(int rc)
{
	static const struct {
		int rc;
		enum err_code code;
	} table[] = {
		{ SQLITE_BUSY, ERR_BUSY },
		{ SQLITE_LOCKED, ERR_BUSY },
		{ SQLITE_READONLY, ERR_DENIED },
		{ SQLITE_PERM, ERR_DENIED },
		{ SQLITE_AUTH, ERR_DENIED },
		{ SQLITE_CORRUPT, ERR_PARSE },
		{ SQLITE_NOTADB, ERR_PARSE },
		{ SQLITE_INTERRUPT, ERR_CANCELLED },
		{ SQLITE_CONSTRAINT, ERR_CONFLICT },
		{ SQLITE_TOOBIG, ERR_LIMIT },
		{ SQLITE_FULL, ERR_IO },
		{ SQLITE_IOERR, ERR_IO },
		{ SQLITE_CANTOPEN, ERR_IO },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if ((rc & 0xff) == table[i].rc)
			return table[i].code;
	return ERR_INTERNAL;
}

bool db_fail(struct db *db, int rc, struct err *err, const char *doing)
{
	int first = rc & 0xff;

	err_set(err, code_of(rc), "%s %s: %s", doing, db->what,
		db->h && sqlite3_extended_errcode(db->h) == rc ? sqlite3_errmsg(db->h)
							       : sqlite3_errstr(rc));
	if (first == SQLITE_CORRUPT || first == SQLITE_NOTADB) {
		db->corrupt = true;
		err_hint(err, "leave kcrib and start it again: it will check the file "
			      "and fall back on the newest good copy");
	}
	if (first == SQLITE_FULL) {
		if (err)
			err->sys = ENOSPC;
		err_hint(err, "make room on the disk and try again; nothing was lost");
	}
	if (first == SQLITE_BUSY)
		err_hint(err, "another kcrib is writing; try again");
	return false;
}

void db_patience(struct db *db, bool wait)
{
	sqlite3_busy_timeout(db->h, wait ? BUSY_MS : 0);
}

bool db_open(struct db *db, const char *path, enum db_open how, const char *vfs,
	     struct err *err)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE;
	char uri[4200];
	int rc;

	flags |= how == DB_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
				 : SQLITE_OPEN_READONLY;
	if (how == DB_IMMUTABLE) {
		sqlite3_snprintf(sizeof(uri), uri, "file:%s?immutable=1", path);
		path = uri;
	}
	db->what = "the notes";
	rc = sqlite3_open_v2(path, &db->h, flags, vfs);
	if (rc != SQLITE_OK) {
		db_fail(db, rc, err, "opening");
		db_close(db);
		return false;
	}
	db_patience(db, true);
	sqlite3_limit(db->h, SQLITE_LIMIT_LENGTH, 64 << 20);
	if (!tokenizer_register(db, err)) {
		db_close(db);
		return false;
	}
	return db_exec(db, "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 1073741824;",
		       err);
}

void db_close(struct db *db)
{
	for (size_t i = 0; i < db->cached; i++)
		sqlite3_finalize(db->cache[i].stmt);
	db->cached = 0;
	sqlite3_close_v2(db->h);
	db->h = NULL;
}

bool db_exec(struct db *db, const char *sql, struct err *err)
{
	int rc = sqlite3_exec(db->h, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK || db_fail(db, rc, err, "using");
}

void db_try(struct db *db, const char *sql)
{
	(void)sqlite3_exec(db->h, sql, NULL, NULL, NULL);
}

static sqlite3_stmt *statement(struct db *db, const char *sql, struct err *err)
{
	sqlite3_stmt *q = NULL;
	int rc;

	for (size_t i = 0; i < db->cached; i++) {
		if (db->cache[i].sql == sql) {
			sqlite3_reset(db->cache[i].stmt);
			return db->cache[i].stmt;
		}
	}
	rc = sqlite3_prepare_v3(db->h, sql, -1, SQLITE_PREPARE_PERSISTENT, &q, NULL);
	if (rc != SQLITE_OK) {
		db_fail(db, rc, err, "using");
		return NULL;
	}
	if (db->cached == DB_STATEMENTS) {
		sqlite3_finalize(db->cache[0].stmt);
		db->cache[0] = db->cache[--db->cached];
	}
	db->cache[db->cached].sql = sql;
	db->cache[db->cached++].stmt = q;
	return q;
}

static int bind_one(sqlite3_stmt *q, int i, char type, va_list *ap)
{
	struct str s;

	switch (type) {
	case 's':
		s = va_arg(*ap, struct str);
		return sqlite3_bind_text64(q, i, s.p ? s.p : "", s.n, SQLITE_STATIC,
					   SQLITE_UTF8);
	case 'b':
		s = va_arg(*ap, struct str);
		return sqlite3_bind_blob64(q, i, s.p ? s.p : "", s.n, SQLITE_STATIC);
	case 'i':
		return sqlite3_bind_int64(q, i, va_arg(*ap, int64_t));
	case 'd':
		return sqlite3_bind_double(q, i, va_arg(*ap, double));
	default:
		return sqlite3_bind_null(q, i);
	}
}

static sqlite3_stmt *bind_all(struct db *db, struct err *err, const char *sql,
			      const char *fmt, va_list *ap)
{
	sqlite3_stmt *q = statement(db, sql, err);

	for (int i = 0; q && fmt[i]; i++) {
		int rc = bind_one(q, i + 1, fmt[i], ap);

		if (rc != SQLITE_OK) {
			db_fail(db, rc, err, "using");
			return NULL;
		}
	}
	return q;
}

sqlite3_stmt *db_query(struct db *db, struct err *err, const char *sql, const char *fmt,
		       ...)
{
	sqlite3_stmt *q;
	va_list ap;

	va_start(ap, fmt);
	q = bind_all(db, err, sql, fmt, &ap);
	va_end(ap);
	return q;
}

int db_step(struct db *db, sqlite3_stmt *q, struct err *err)
{
	int rc = sqlite3_step(q);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		db_fail(db, rc, err, "using");
	sqlite3_reset(q);
	return rc == SQLITE_DONE ? 0 : -1;
}

bool db_run(struct db *db, struct err *err, const char *sql, const char *fmt, ...)
{
	sqlite3_stmt *q;
	va_list ap;
	int more = -1;

	va_start(ap, fmt);
	q = bind_all(db, err, sql, fmt, &ap);
	va_end(ap);
	if (q)
		while ((more = db_step(db, q, err)) > 0)
			;
	return more == 0;
}

bool db_int(struct db *db, struct err *err, int64_t *ret, const char *sql,
	    const char *fmt, ...)
{
	sqlite3_stmt *q;
	va_list ap;
	int more;

	va_start(ap, fmt);
	q = bind_all(db, err, sql, fmt, &ap);
	va_end(ap);
	if (!q)
		return false;
	more = db_step(db, q, err);
	if (more > 0) {
		*ret = sqlite3_column_int64(q, 0);
		sqlite3_reset(q);
	}
	return more >= 0;
}

struct str db_col(sqlite3_stmt *q, int i)
{
	const void *p = sqlite3_column_blob(q, i);

	return str_n(p ? p : "", p ? (size_t)sqlite3_column_bytes(q, i) : 0);
}
