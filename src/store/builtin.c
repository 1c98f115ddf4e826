/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The notes that ship. The table `shipped` remembers each text as it last came; a note
 * that still reads so is the program's to update, any other is the user's. When both
 * have changed, the new text waits until the user has been asked. A shipped note that
 * the user deleted stays deleted.
 */
#include "impl.h"

struct shipped {
	int64_t note; /* 0: never shipped before */
	bool there;   /* the note exists */
	bool edited;  /* it no longer reads as it was shipped */
	bool is_new;  /* it reads as this version ships it, by whatever way */
	bool same;    /* this version ships what the last one did */
};

static bool look_up(struct store *s, struct str slug, struct str bytes,
		    struct shipped *ret, struct err *err)
{
	sqlite3_stmt *q = db_query(&s->db, err,
				   "SELECT s.note, n.id IS NOT NULL, n.bytes IS NOT "
				   "s.bytes, n.bytes IS ?2, s.bytes = ?2 FROM shipped s "
				   "LEFT JOIN note n ON n.id = s.note WHERE s.slug = ?1",
				   "sb", slug, bytes);
	int more = q ? db_step(&s->db, q, err) : -1;

	*ret = (struct shipped){ 0 };
	if (more <= 0)
		return more == 0;
	ret->note = sqlite3_column_int64(q, 0);
	ret->there = sqlite3_column_int(q, 1);
	ret->edited = sqlite3_column_int(q, 2);
	ret->is_new = sqlite3_column_int(q, 3);
	ret->same = sqlite3_column_int(q, 4);
	sqlite3_reset(q);
	return true;
}

static bool remember(struct store *s, struct str slug, int64_t note, struct str bytes,
		     struct err *err)
{
	return db_run(&s->db, err,
		      "INSERT INTO shipped (slug, note, bytes) VALUES (?1, ?2, ?3) ON "
		      "CONFLICT (slug) DO UPDATE SET bytes = ?3, pending = NULL",
		      "sib", slug, note, bytes);
}

/* A text that never came before. A note of the user's may have its name already. */
static bool first_time(struct store *s, struct str slug, struct str bytes,
		       struct err *err)
{
	struct change c = { .kind = REVISION_BUILTIN, .slug = slug, .bytes = bytes };
	int64_t id = 0;

	if (!note_id(s, slug, &id, err))
		return false;
	if (id)
		return db_run(&s->db, err,
			      "INSERT INTO shipped (slug, note, bytes, pending) "
			      "VALUES (?1, ?2, x'', ?3)",
			      "sib", slug, id, bytes);
	return change_apply(s, &c, &id, err) && remember(s, slug, id, bytes, err);
}

static bool load_one(struct store *s, struct str slug, struct str bytes, struct err *err)
{
	struct shipped was;
	struct change c = { .kind = REVISION_BUILTIN, .bytes = bytes };

	if (!look_up(s, slug, bytes, &was, err))
		return false;
	if (!was.note)
		return first_time(s, slug, bytes, err);
	if (was.same)
		return true;
	if (!was.there || was.is_new)
		return remember(s, slug, was.note, bytes, err);
	if (was.edited)
		return db_run(&s->db, err,
			      "UPDATE shipped SET pending = ?2 WHERE slug = ?1", "sb",
			      slug, bytes);
	/* the user may have renamed it: it keeps that name */
	{
		AUTO(arena) a = arena_new();
		sqlite3_stmt *q =
			db_query(&s->db, err, "SELECT slug FROM note WHERE id = ?1", "i",
				 was.note);

		if (!q || db_step(&s->db, q, err) <= 0)
			return false;
		c.slug = arena_str(a, db_col(q, 0));
		sqlite3_reset(q);
		c.id = was.note;
		return change_apply(s, &c, NULL, err) &&
		       remember(s, slug, was.note, bytes, err);
	}
}

bool builtins_load(struct store *s, const struct store_options *opt, struct err *err)
{
	static const char sql[] = "SELECT value FROM fact WHERE name = 'builtins'";
	int64_t have = 0;
	bool ok;

	if (!opt->builtin_count || !db_int(&s->db, err, &have, sql, ""))
		return !opt->builtin_count;
	if (have && have == opt->builtin_version)
		return true;
	if (!tx_begin(s, err))
		return false;
	ok = db_int(&s->db, err, &have, sql, "");
	if (ok && (!have || have != opt->builtin_version))
		for (size_t i = 0; ok && i < opt->builtin_count; i++)
			ok = load_one(s, str_of(opt->builtins[i].slug),
				      str_n(opt->builtins[i].bytes, opt->builtins[i].n),
				      err);
	ok = ok &&
	     db_run(&s->db, err, "UPDATE fact SET value = ?1 WHERE name = 'builtins'",
		    "i", opt->builtin_version);
	if (!ok) {
		store_rollback(s);
		return err_wrap(err, "loading the built-in notes");
	}
	return store_commit(s, err);
}

bool note_conflicts(struct store *s, struct arena *a, struct conflict_list *ret,
		    struct err *err)
{
	struct conflict_list list = { 0 };
	sqlite3_stmt *q =
		db_query(&s->db, err,
			 "SELECT n.slug, s.bytes, n.bytes, s.pending FROM shipped "
			 "s JOIN note n ON n.id = s.note WHERE s.pending IS NOT "
			 "NULL ORDER BY n.slug",
			 "");
	int more = -1;

	while (q && (more = db_step(&s->db, q, err)) > 0)
		*ARENA_PUSH(a, &list) = (struct note_conflict){
			.slug = arena_str(a, db_col(q, 0)),
			.base = arena_str(a, db_col(q, 1)),
			.mine = arena_str(a, db_col(q, 2)),
			.theirs = arena_str(a, db_col(q, 3)),
		};
	if (more < 0)
		return false;
	*ret = list;
	return true;
}

/* "<slug>.new", or with a number where that is taken. */
static struct str beside(struct store *s, struct arena *a, struct str slug)
{
	struct str name = arena_strf(a, STR_FMT ".new", STR_ARG(slug));

	for (int i = 2; note_exists(s, name); i++)
		name = arena_strf(a, STR_FMT ".new%d", STR_ARG(slug), i);
	return name;
}

static bool settle(struct store *s, struct arena *a, struct str slug,
		   enum conflict_choice choice, struct err *err)
{
	sqlite3_stmt *q =
		db_query(&s->db, err,
			 "SELECT s.slug, s.pending FROM shipped s JOIN note n ON "
			 "n.id = s.note WHERE n.slug = ?1 AND s.pending IS NOT "
			 "NULL",
			 "s", slug);
	int more = q ? db_step(&s->db, q, err) : -1;
	struct str shipped, text;

	if (more < 0)
		return false;
	if (!more)
		return err_set(err, ERR_NOTFOUND,
			       "settling " STR_FMT ": no new text waits for this note",
			       STR_ARG(slug));
	shipped = arena_str(a, db_col(q, 0));
	text = arena_str(a, db_col(q, 1));
	sqlite3_reset(q);
	if (choice == CONFLICT_TAKE_NEW && !note_save(s, slug, text, err))
		return false;
	if (choice == CONFLICT_KEEP_BOTH && !note_save(s, beside(s, a, slug), text, err))
		return false;
	return db_run(
		&s->db, err,
		"UPDATE shipped SET bytes = pending, pending = NULL WHERE slug = ?1", "s",
		shipped);
}

bool note_resolve(struct store *s, struct str slug, enum conflict_choice choice,
		  struct err *err)
{
	AUTO(arena) a = arena_new();

	if (!store_begin(s, arena_printf(a, "new text of " STR_FMT, STR_ARG(slug)), err))
		return false;
	if (!settle(s, a, slug, choice, err)) {
		store_rollback(s);
		return false;
	}
	return store_commit(s, err);
}
