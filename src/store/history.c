/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing notes, and the revisions that make each change reversible. All changes go
 * through change_apply(). The newest revision of a note keeps no text of its own: the
 * text moves there from the note when the next change replaces it, so that a text is
 * stored once.
 */
#include "impl.h"

bool note_id(struct store *s, struct str slug, int64_t *ret, struct err *err)
{
	int64_t id = 0;

	if (!db_int(&s->db, err, &id, "SELECT id FROM note WHERE slug = ?1", "s", slug))
		return false;
	*ret = id;
	return true;
}

/* Take the note's text out of the index and move it to its last revision. */
static bool retire(struct store *s, int64_t id, bool *ret_there, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct note_text text = { 0 };
	struct indexed what;
	struct str slug;
	sqlite3_stmt *q = db_query(&s->db, err,
				   "SELECT slug, bytes FROM note WHERE id = ?1", "i", id);
	int more = q ? db_step(&s->db, q, err) : -1;

	*ret_there = more > 0;
	if (more <= 0)
		return more == 0;
	slug = arena_str(a, db_col(q, 0));
	s->codec->parse(s->codec->arg, a, slug, arena_str(a, db_col(q, 1)), &text);
	sqlite3_reset(q);
	what = index_of(a, &text, slug);
	if (!index_remove(s, id, &what, err))
		return false;
	return db_run(&s->db, err, "DELETE FROM tag WHERE note = ?1", "i", id) &&
	       db_run(&s->db, err, "DELETE FROM link WHERE note = ?1", "i", id) &&
	       db_run(&s->db, err,
		      "UPDATE revision SET bytes = (SELECT bytes FROM note WHERE id = ?1) "
		      "WHERE id = (SELECT max(id) FROM revision WHERE note = ?1)",
		      "i", id);
}

static bool add_links(struct store *s, int64_t id, const struct note_text *text,
		      struct err *err)
{
	static const char sql[] = "INSERT OR IGNORE INTO link VALUES (?1, ?2)";

	for (size_t i = 0; i < text->links.n; i++)
		if (!db_run(&s->db, err, sql, "si", text->links.v[i], id))
			return false;
	if (text->translation.n && !db_run(&s->db, err, sql, "si", text->translation, id))
		return false;
	for (size_t i = 0; i < text->tags.n; i++)
		if (!db_run(&s->db, err, "INSERT OR IGNORE INTO tag VALUES (?1, ?2)",
			    "si", text->tags.v[i], id))
			return false;
	return true;
}

/* Write the note and everything that is derived from it. */
bool note_install(struct store *s, const struct change *c, bool there, int64_t *ret_id,
		  struct err *err)
{
	AUTO(arena) a = arena_new();
	struct note_text text = { 0 };
	struct indexed what;
	struct str tags, aliases;
	int64_t id = c->id, body = 0;

	s->codec->parse(s->codec->arg, a, c->slug, c->bytes, &text);
	if (text.body.p >= c->bytes.p && text.body.p <= c->bytes.p + c->bytes.n)
		body = text.body.p - c->bytes.p;
	tags = list_join(a, &text.tags, '\n');
	aliases = list_join(a, &text.aliases, '\n');
	if (there) {
		if (!db_run(&s->db, err,
			    "UPDATE note SET slug = ?2, title = ?3, lang = ?4, translation "
			    "= ?5, tags = ?6, aliases = ?7, changed = CASE WHEN bytes IS ?9 THEN "
			    "changed ELSE ?8 END, bytes = ?9, body = ?10 WHERE id = ?1",
			    "issssssibi", id, c->slug, text.title, text.lang,
			    text.translation, tags, aliases, store_now(s), c->bytes,
			    body))
			return false;
	} else {
		if (!db_run(&s->db, err,
			    "INSERT INTO note (id, slug, title, lang, translation, tags, "
			    "aliases, changed, bytes, body) "
			    "VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
			    "issssssibi", id, c->slug, text.title, text.lang,
			    text.translation, tags, aliases, store_now(s), c->bytes,
			    body))
			return false;
		if (!id)
			id = sqlite3_last_insert_rowid(s->db.h);
	}
	what = index_of(a, &text, c->slug);
	*ret_id = id;
	*ARENA_PUSH(s->scratch, &s->saved) = id;
	return index_add(s, id, &what, err) && add_links(s, id, &text, err);
}

bool change_apply(struct store *s, const struct change *c, int64_t *ret_id,
		  struct err *err)
{
	bool there = false, mine = c->kind < REVISION_BUILTIN;
	int64_t id = c->id;

	if (c->bytes.n > STORE_NOTE_MAX)
		return err_set(err, ERR_LIMIT, "saving " STR_FMT ": larger than %d bytes",
			       STR_ARG(c->slug), STORE_NOTE_MAX);
	if (id && !retire(s, id, &there, err))
		return false;
	if (c->bytes.p) {
		if (!note_install(s, c, there, &id, err))
			return false;
	} else if (!db_run(&s->db, err, "DELETE FROM note WHERE id = ?1", "i", id)) {
		return false;
	}
	if (mine)
		s->logged = true;
	if (ret_id)
		*ret_id = id;
	return db_run(
		&s->db, err,
		"INSERT INTO revision (note, kind, time, slug, was, gone, operation) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, 0))",
		"iiissii", id, (int64_t)c->kind, store_now(s), c->slug, c->was,
		(int64_t)!c->bytes.p, mine ? s->operation : (int64_t)0);
}

/* One change as an operation of its own, or as a part of the one that runs. */
static bool change_alone(struct store *s, const struct change *c, const char *verb,
			 struct err *err)
{
	char what[256];

	snprintf(what, sizeof(what), "%s of " STR_FMT, verb, STR_ARG(c->slug));
	if (!store_begin(s, what, err))
		return false;
	if (!change_apply(s, c, NULL, err)) {
		store_rollback(s);
		return false;
	}
	return store_commit(s, err);
}

bool note_save(struct store *s, struct str slug, struct str bytes, struct err *err)
{
	struct change c = { .kind = REVISION_NEW, .slug = slug, .bytes = bytes };
	int64_t same = 0;

	if (!slug.n)
		return err_set(err, ERR_USAGE, "saving a note: it has no name");
	if (!c.bytes.p)
		c.bytes.p = "";
	if (!note_id(s, slug, &c.id, err))
		return false;
	if (c.id) {
		c.kind = REVISION_EDIT;
		if (!db_int(&s->db, err, &same,
			    "SELECT bytes = ?2 FROM note WHERE id = ?1", "ib", c.id,
			    c.bytes))
			return false;
		if (same)
			return true;
	}
	return change_alone(s, &c, c.id ? "edit" : "making", err);
}

bool note_save_over(struct store *s, struct str slug, struct str base, struct str bytes,
		    struct err *err)
{
	int64_t same = 0;

	if (!store_begin(s, arena_printf(s->scratch, "edit of " STR_FMT, STR_ARG(slug)),
			 err))
		return false;
	if (!db_int(&s->db, err, &same, "SELECT bytes = ?2 FROM note WHERE slug = ?1",
		    "sb", slug, base))
		goto fail;
	if (!same) {
		err_set(err, ERR_CONFLICT,
			"saving " STR_FMT ": it was changed elsewhere meanwhile",
			STR_ARG(slug));
		err_hint(err, "compare with kcrib history, then save again");
		goto fail;
	}
	if (note_save(s, slug, bytes, err))
		return store_commit(s, err);
fail:
	store_rollback(s);
	return false;
}

bool note_delete(struct store *s, struct str slug, struct err *err)
{
	struct change c = { .kind = REVISION_DELETE, .slug = slug };

	if (!note_id(s, slug, &c.id, err))
		return false;
	if (!c.id)
		return no_such_note("deleting", slug, err);
	return change_alone(s, &c, "deletion", err);
}

/* ---- renaming ------------------------------------------------------------------- */

static bool linking(struct store *s, struct arena *a, struct str slug,
		    struct id_list *ret, struct err *err)
{
	sqlite3_stmt *q = db_query(&s->db, err, "SELECT note FROM link WHERE target = ?1",
				   "s", slug);
	int more = -1;

	while (q && (more = db_step(&s->db, q, err)) > 0)
		*ARENA_PUSH(a, ret) = sqlite3_column_int64(q, 0);
	return more == 0;
}

/* Point the links of one note to the new name. */
static bool relink(struct store *s, int64_t id, struct str from, struct str to,
		   size_t *count, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct change c = { .id = id, .kind = REVISION_EDIT };
	struct str old;
	sqlite3_stmt *q = db_query(&s->db, err,
				   "SELECT slug, bytes FROM note WHERE id = ?1", "i", id);
	int more = q ? db_step(&s->db, q, err) : -1;

	if (more <= 0)
		return more == 0;
	c.slug = arena_str(a, db_col(q, 0));
	old = arena_str(a, db_col(q, 1));
	sqlite3_reset(q);
	if (!s->codec->relink ||
	    !s->codec->relink(s->codec->arg, a, old, from, to, &c.bytes))
		return true;
	++*count;
	return change_apply(s, &c, NULL, err);
}

static bool rename_all(struct store *s, int64_t id, struct str from, struct str to,
		       size_t *count, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct change c = { .id = id, .kind = REVISION_RENAME, .slug = to, .was = from };
	struct id_list notes = { 0 };
	sqlite3_stmt *q;

	q = db_query(&s->db, err, "SELECT bytes FROM note WHERE id = ?1", "i", id);
	if (!q || db_step(&s->db, q, err) <= 0)
		return false;
	c.bytes = arena_str(a, db_col(q, 0));
	sqlite3_reset(q);
	if (!change_apply(s, &c, NULL, err) || !linking(s, a, from, &notes, err))
		return false;
	for (size_t i = 0; i < notes.n; i++)
		if (!relink(s, notes.v[i], from, to, count, err))
			return false;
	return true;
}

bool note_rename(struct store *s, struct str from, struct str to, size_t *ret_links,
		 struct err *err)
{
	int64_t id = 0, taken = 0;
	size_t count = 0;
	char what[256];

	if (!to.n)
		return err_set(err, ERR_USAGE, "renaming a note: it needs a name");
	snprintf(what, sizeof(what), "renaming of " STR_FMT " to " STR_FMT, STR_ARG(from),
		 STR_ARG(to));
	if (!store_begin(s, what, err))
		return false;
	if (!note_id(s, from, &id, err) || !note_id(s, to, &taken, err))
		goto fail;
	if (!id) {
		no_such_note("renaming", from, err);
		goto fail;
	}
	if (taken && taken != id) {
		err_set(err, ERR_CONFLICT,
			"renaming " STR_FMT ": " STR_FMT ": there is such a note already",
			STR_ARG(from), STR_ARG(to));
		goto fail;
	}
	if (taken != id && !rename_all(s, id, from, to, &count, err))
		goto fail;
	if (!store_commit(s, err))
		return false;
	if (ret_links)
		*ret_links = count;
	return true;
fail:
	store_rollback(s);
	return false;
}

/* ---- reading the revisions ------------------------------------------------------ */

const char *revision_kind_name(enum revision_kind kind)
{
	static const char *const names[] = {
		[REVISION_NEW] = "new",         [REVISION_EDIT] = "edit",
		[REVISION_RENAME] = "rename",   [REVISION_DELETE] = "delete",
		[REVISION_BUILTIN] = "shipped", [REVISION_UNDO] = "undo",
		[REVISION_REDO] = "redo",
	};

	return (size_t)kind < ARRAY_SIZE(names) ? names[kind] : "?";
}

/* A deleted note has no text; the newest revision's text is the note's own. */
#define REVISION_TEXT "coalesce(r.bytes, n.bytes)"
#define REVISION_FROM " FROM revision r LEFT JOIN note n ON n.id = r.note "

bool note_history(struct store *s, struct arena *a, struct str slug,
		  struct revision_list *ret, struct err *err)
{
	struct revision_list list = { 0 };
	int64_t id = 0;
	sqlite3_stmt *q;
	int more = -1;

	if (!note_id(s, slug, &id, err))
		return false;
	if (!id && !db_int(&s->db, err, &id,
			   "SELECT note FROM revision WHERE slug = ?1 ORDER BY id DESC "
			   "LIMIT 1",
			   "s", slug))
		return false;
	if (!id)
		return no_such_note("reading the history of", slug, err);
	q = db_query(&s->db, err,
		     "SELECT r.id, r.kind, r.time, r.slug, r.was, "
		     "CASE WHEN r.gone THEN 0 ELSE length(" REVISION_TEXT
		     ") END" REVISION_FROM "WHERE r.note = ?1 ORDER BY r.id DESC",
		     "i", id);
	while (q && (more = db_step(&s->db, q, err)) > 0)
		*ARENA_PUSH(a, &list) = (struct revision){
			.id = sqlite3_column_int64(q, 0),
			.kind = (enum revision_kind)sqlite3_column_int(q, 1),
			.time_s = sqlite3_column_int64(q, 2),
			.slug = arena_str(a, db_col(q, 3)),
			.was = arena_str(a, db_col(q, 4)),
			.bytes = (size_t)sqlite3_column_int64(q, 5),
		};
	if (more < 0)
		return false;
	*ret = list;
	return true;
}

/* What a note was after a revision; text.p is NULL where it was gone. */
struct state {
	int64_t note;
	struct str slug, text;
};

static bool state_after(struct store *s, struct arena *a, int64_t id, struct state *ret,
			struct err *err)
{
	sqlite3_stmt *q =
		db_query(&s->db, err,
			 "SELECT r.note, r.slug, r.gone, " REVISION_TEXT REVISION_FROM
			 "WHERE r.id = ?1",
			 "i", id);
	int more = q ? db_step(&s->db, q, err) : -1;

	if (more < 0)
		return false;
	if (!more)
		return err_set(err, ERR_NOTFOUND,
			       "reading revision %lld: there is no such revision",
			       (long long)id);
	ret->note = sqlite3_column_int64(q, 0);
	ret->slug = arena_str(a, db_col(q, 1));
	ret->text = sqlite3_column_int(q, 2) ? STR_NONE : arena_str(a, db_col(q, 3));
	sqlite3_reset(q);
	return true;
}

/* The state that a revision replaced: nothing for the first one of a note. */
static bool state_before(struct store *s, struct arena *a, int64_t id, struct state *ret,
			 struct err *err)
{
	int64_t before = 0;

	*ret = (struct state){ 0 };
	if (!db_int(&s->db, err, &before,
		    "SELECT id FROM revision WHERE note = (SELECT note FROM revision WHERE "
		    "id = ?1) AND id < ?1 ORDER BY id DESC LIMIT 1",
		    "i", id))
		return false;
	return !before || state_after(s, a, before, ret, err);
}

bool note_revision(struct store *s, struct arena *a, int64_t id, struct str *ret,
		   struct err *err)
{
	struct state state;

	if (!state_after(s, a, id, &state, err))
		return false;
	*ret = state.text.p ? state.text : STR("");
	return true;
}

bool note_revision_before(struct store *s, struct arena *a, int64_t id, struct str *ret,
			  struct err *err)
{
	struct state state;

	if (!state_before(s, a, id, &state, err))
		return false;
	*ret = state.text.p ? state.text : STR("");
	return true;
}

/* ---- undo and redo -------------------------------------------------------------- */

/* Bring one note of an operation to the state before (undo) or after it (redo). */
static bool restore(struct store *s, int64_t revision, bool undo, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct change c = { .kind = undo ? REVISION_UNDO : REVISION_REDO };
	struct state after, before, *to;
	int64_t taken = 0;

	if (!state_after(s, a, revision, &after, err) ||
	    !state_before(s, a, revision, &before, err))
		return false;
	to = undo ? &before : &after;
	c.id = after.note;
	c.bytes = to->text;
	c.slug = to->text.p ? to->slug : after.slug;
	c.was = undo ? after.slug : before.slug;
	if (str_eq(c.was, c.slug))
		c.was = STR("");
	if (c.bytes.p && !note_id(s, c.slug, &taken, err))
		return false;
	if (taken && taken != c.id)
		return err_set(err, ERR_CONFLICT,
			       "undoing: " STR_FMT ": another note has this name now",
			       STR_ARG(c.slug));
	return change_apply(s, &c, NULL, err);
}

static bool revisions_of(struct store *s, struct arena *a, int64_t operation, bool undo,
			 struct id_list *ret, struct err *err)
{
	sqlite3_stmt *q = db_query(&s->db, err,
				   undo ? "SELECT id FROM revision WHERE operation = ?1 "
					  "ORDER BY id DESC"
					: "SELECT id FROM revision WHERE operation = ?1 "
					  "ORDER BY id",
				   "i", operation);
	int more = -1;

	while (q && (more = db_step(&s->db, q, err)) > 0)
		*ARENA_PUSH(a, ret) = sqlite3_column_int64(q, 0);
	return more == 0;
}

/* The transaction runs already. */
static bool step(struct store *s, struct arena *a, bool undo, struct str *ret_what,
		 struct err *err)
{
	sqlite3_stmt *q =
		db_query(&s->db, err,
			 undo ? "SELECT id, what FROM operation WHERE state = 0 "
				"ORDER BY id DESC LIMIT 1"
			      : "SELECT id, what FROM operation WHERE state = 1 "
				"ORDER BY id LIMIT 1",
			 "");
	int more = q ? db_step(&s->db, q, err) : -1;
	struct id_list revisions = { 0 };
	int64_t id;

	if (more < 0)
		return false;
	if (!more)
		return err_set(err, ERR_NOTFOUND, "%s: there is nothing to %s",
			       undo ? "undoing" : "redoing", undo ? "undo" : "redo");
	id = sqlite3_column_int64(q, 0);
	*ret_what = arena_str(a, db_col(q, 1));
	sqlite3_reset(q);
	if (!revisions_of(s, a, id, undo, &revisions, err))
		return false;
	for (size_t i = 0; i < revisions.n; i++)
		if (!restore(s, revisions.v[i], undo, err))
			return false;
	return db_run(&s->db, err, "UPDATE operation SET state = ?2 WHERE id = ?1", "ii",
		      id, (int64_t)undo);
}

static bool undo_or_redo(struct store *s, struct arena *a, bool undo,
			 struct str *ret_what, struct err *err)
{
	struct str what;

	if (!store_may_write(s, undo ? "undoing" : "redoing", STR("the last change"),
			     err) ||
	    !tx_begin(s, err))
		return false;
	if (!step(s, a, undo, &what, err)) {
		store_rollback(s);
		return false;
	}
	if (!store_commit(s, err))
		return false;
	*ret_what = what;
	return true;
}

bool note_undo(struct store *s, struct arena *a, struct str *ret_what, struct err *err)
{
	return undo_or_redo(s, a, true, ret_what, err);
}

bool note_redo(struct store *s, struct arena *a, struct str *ret_what, struct err *err)
{
	return undo_or_redo(s, a, false, ret_what, err);
}
