/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is searched: two contentless indexes over the notes and the table of words. A
 * contentless index forgets a text only when it is told the same text again, so what
 * goes in is always computed by index_of() from the stored bytes; when the computation
 * changes (codec or tokenizer version) both indexes are made anew.
 *
 * An operation that brought a good part of all notes leaves nothing for tidy.c.
 */
#include "base/strbuf.h"
#include "impl.h"
#include "store/tokenizer.h"

enum { PENDING_MAX = 32 << 20 /* bytes that wait for the index */ };

struct str list_join(struct arena *a, const struct str_list *list, char with)
{
	size_t n = 0;
	char *p, *to;

	for (size_t i = 0; i < list->n; i++)
		n += list->v[i].n + 1;
	to = p = arena_alloc(a, n + 1);
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			*to++ = with;
		for (size_t k = 0; k < list->v[i].n; k++)
			*to++ = list->v[i].p[k] == with ? ' ' : list->v[i].p[k];
	}
	return str_n(p, (size_t)(to - p));
}

void list_split(struct arena *a, struct str joined, char with, struct str_list *ret)
{
	struct str piece;

	while (joined.n && str_cut(&joined, with, &piece))
		if (piece.n)
			*ARENA_PUSH(a, ret) = piece;
}

struct indexed index_of(struct arena *a, const struct note_text *text, struct str slug)
{
	const struct str_list *lists[] = { &text->aliases, &text->tags };
	STRBUF_AUTO(names, STORE_NOTE_MAX);

	strbuf_add(&names, slug);
	for (size_t k = 0; k < ARRAY_SIZE(lists); k++) {
		for (size_t i = 0; i < lists[k]->n; i++) {
			strbuf_addc(&names, '\n');
			strbuf_add(&names, lists[k]->v[i]);
		}
	}
	return (struct indexed){ text->title, arena_str(a, strbuf_str(&names)),
				 text->body };
}

/* FTS5 writes out what it has collected whenever another statement needs a savepoint, one
 * segment each time. So the index is told only when everything else is written: at the
 * end of the operation, or when much is waiting. */
static void later(struct store *s, int64_t id, bool add, const struct indexed *what)
{
	struct pending *p = ARENA_PUSH(s->pending_arena, &s->pending);
	struct pending *before = s->pending.n > 1 ? p - 1 : NULL;

	p->id = id;
	p->add = add;
	p->what = (struct indexed){ arena_str(s->pending_arena, what->title),
				    arena_str(s->pending_arena, what->names),
				    arena_str(s->pending_arena, what->body) };
	/* most edits change the body only */
	if (before && before->id == id && add && !before->add &&
	    str_eq(before->what.title, what->title) &&
	    str_eq(before->what.names, what->names))
		p->head_stays = before->head_stays = true;
}

static bool tell_head(struct store *s, const struct pending *p, struct err *err)
{
	return db_run(
		&s->db, err,
		p->add ? "INSERT INTO head (rowid, title, names) VALUES (?1, ?2, ?3)"
		       : "INSERT INTO head (head, rowid, title, names) "
			 "VALUES ('delete', ?1, ?2, ?3)",
		"iss", p->id, p->what.title, p->what.names);
}

static bool tell_whole(struct store *s, const struct pending *p, struct err *err)
{
	return db_run(&s->db, err,
		      p->add ? "INSERT INTO whole (rowid, title, names, body) "
			       "VALUES (?1, ?2, ?3, ?4)"
			     : "INSERT INTO whole (whole, rowid, title, names, body) "
			       "VALUES ('delete', ?1, ?2, ?3, ?4)",
		      "isss", p->id, p->what.title, p->what.names, p->what.body);
}

static bool tell_index(struct store *s, const struct pending *p, struct err *err)
{
	return (p->head_stays || tell_head(s, p, err)) && tell_whole(s, p, err);
}

static bool tell_all(struct store *s, struct err *err)
{
	for (size_t i = 0; i < s->pending.n; i++)
		if (!tell_index(s, &s->pending.v[i], err))
			return false;
	index_forget(s);
	return true;
}

void index_forget(struct store *s)
{
	s->pending = (struct pending_list){ 0 };
	arena_reset(s->pending_arena);
}

bool index_add(struct store *s, int64_t id, const struct indexed *what, struct err *err)
{
	later(s, id, true, what);
	return arena_used(s->pending_arena) < PENDING_MAX || tell_all(s, err);
}

bool index_remove(struct store *s, int64_t id, const struct indexed *what,
		  struct err *err)
{
	later(s, id, false, what);
	return arena_used(s->pending_arena) < PENDING_MAX || tell_all(s, err);
}

/* Has the operation brought so much that everything is best done at once? */
static bool in_bulk(const struct store *s)
{
	return s->saved.n > 50 && s->saved.n * 8 > store_count(s);
}

bool index_finish(struct store *s, struct err *err)
{
	if (!tell_all(s, err))
		return false;
	if (!in_bulk(s))
		return true;
	return db_exec(&s->db,
		       "INSERT INTO head (head) VALUES ('optimize');"
		       "INSERT INTO whole (whole) VALUES ('optimize');",
		       err) &&
	       words_recount(&s->db, err);
}

void index_committed(struct store *s)
{
	if (s->saved.n && !in_bulk(s))
		tidy_later(&s->todo, &s->saved);
}

/* ---- all anew ------------------------------------------------------------------- */

/* A note as the present codec and tokenizer see it. */
static bool index_again(struct store *s, int64_t id, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct change c = { .id = id };
	sqlite3_stmt *q = db_query(&s->db, err,
				   "SELECT slug, bytes FROM note WHERE id = ?1", "i", id);

	if (!q || db_step(&s->db, q, err) <= 0)
		return false;
	c.slug = arena_str(a, db_col(q, 0));
	c.bytes = arena_str(a, db_col(q, 1));
	sqlite3_reset(q);
	return note_install(s, &c, true, &id, err);
}

static bool index_all(struct store *s, struct err *err)
{
	sqlite3_stmt *q = db_query(&s->db, err, "SELECT id FROM note", "");
	AUTO(arena) a = arena_new();
	struct id_list all = { 0 };
	int more = -1;

	while (q && (more = db_step(&s->db, q, err)) > 0)
		*ARENA_PUSH(a, &all) = sqlite3_column_int64(q, 0);
	if (more < 0 || !db_exec(&s->db,
				 "INSERT INTO head (head) VALUES ('delete-all');"
				 "INSERT INTO whole (whole) VALUES ('delete-all');"
				 "DELETE FROM tag; DELETE FROM link;",
				 err))
		return false;
	for (size_t i = 0; i < all.n; i++)
		if (!index_again(s, all.v[i], err))
			return false;
	return tell_all(s, err) && words_recount(&s->db, err);
}

bool index_refresh(struct store *s, struct err *err)
{
	int64_t have = 0, want = (int64_t)s->codec->version << 16 | TOKENIZER_VERSION;
	const char *sql = "SELECT value FROM fact WHERE name = 'index'";

	if (!db_int(&s->db, err, &have, sql, ""))
		return false;
	if (have == want)
		return true;
	if (!tx_begin(s, err))
		return false;
	if (!db_int(&s->db, err, &have, sql, "") ||
	    (have != want && !index_all(s, err)) ||
	    !db_run(&s->db, err, "UPDATE fact SET value = ?1 WHERE name = 'index'", "i",
		    want)) {
		store_rollback(s);
		return false;
	}
	s->saved = (struct id_list){ 0 };
	return store_commit(s, err);
}
