/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The second corpus: texts to look things up in, kept apart from the notes.
 */
#include "impl.h"

static bool reference_id(struct store *s, struct str name, int64_t *ret, struct err *err)
{
	*ret = 0;
	return db_int(&s->db, err, ret, "SELECT id FROM reference WHERE name = ?1", "s",
		      name);
}

static bool unindex(struct store *s, int64_t id, struct err *err)
{
	/* an index without content forgets only what it is told again */
	return db_run(&s->db, err,
		      "INSERT INTO reference_whole (reference_whole, rowid, title, names, "
		      "body) SELECT 'delete', id, title, name, bytes FROM reference WHERE "
		      "id = ?1",
		      "i", id) &&
	       db_run(&s->db, err, "DELETE FROM reference WHERE id = ?1", "i", id);
}

static bool put(struct store *s, struct str name, struct str title, struct str text,
		struct err *err)
{
	int64_t id;

	if (!reference_id(s, name, &id, err) || (id && !unindex(s, id, err)))
		return false;
	return db_run(&s->db, err,
		      "INSERT INTO reference (name, title, bytes) VALUES (?1, ?2, ?3)",
		      "ssb", name, title, text) &&
	       db_run(&s->db, err,
		      "INSERT INTO reference_whole (rowid, title, names, body) VALUES "
		      "(?1, ?2, ?3, ?4)",
		      "isss", (int64_t)sqlite3_last_insert_rowid(s->db.h), title, name,
		      text);
}

bool reference_save(struct store *s, struct str name, struct str title, struct str text,
		    struct err *err)
{
	if (text.n > STORE_NOTE_MAX)
		return err_set(err, ERR_LIMIT,
			       "indexing " STR_FMT ": larger than %d bytes",
			       STR_ARG(name), STORE_NOTE_MAX);
	if (!store_may_write(s, "indexing", name, err) || !tx_begin(s, err))
		return false;
	if (!put(s, name, title, text, err)) {
		store_rollback(s);
		return false;
	}
	return store_commit(s, err);
}

bool reference_get(struct store *s, struct arena *a, struct str name,
		   struct str *ret_text, struct err *err)
{
	sqlite3_stmt *q = db_query(
		&s->db, err, "SELECT bytes FROM reference WHERE name = ?1", "s", name);
	int more = q ? db_step(&s->db, q, err) : -1;

	if (more < 0)
		return false;
	if (!more)
		return no_such_note("reading", name, err);
	*ret_text = arena_str(a, db_col(q, 0));
	sqlite3_reset(q);
	return true;
}

bool reference_drop(struct store *s, struct str prefix, size_t *ret_count,
		    struct err *err)
{
	AUTO(arena) a = arena_new();
	struct id_list all = { 0 };
	sqlite3_stmt *q;
	int more = -1;

	if (!store_may_write(s, "dropping", prefix, err) || !tx_begin(s, err))
		return false;
	q = db_query(&s->db, err,
		     "SELECT id FROM reference WHERE name >= ?1 AND name < ?1 || x'f8'",
		     "s", prefix);
	while (q && (more = db_step(&s->db, q, err)) > 0)
		*ARENA_PUSH(a, &all) = sqlite3_column_int64(q, 0);
	for (size_t i = 0; more == 0 && i < all.n; i++)
		more = unindex(s, all.v[i], err) ? 0 : -1;
	if (more < 0) {
		store_rollback(s);
		return false;
	}
	if (!store_commit(s, err))
		return false;
	if (ret_count)
		*ret_count = all.n;
	return true;
}

size_t reference_count(struct store *s)
{
	int64_t n = 0;

	if (!db_int(&s->db, NULL, &n, "SELECT value FROM fact WHERE name = 'references'",
		    ""))
		return 0;
	return n > 0 ? (size_t)n : 0;
}
