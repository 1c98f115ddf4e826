/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading notes: one, many, by name, by link, by tag. Rows are made in one place, from
 * one list of columns.
 */
#include <math.h>

#include "base/utf8.h"
#include "impl.h"

#define HALF_LIFE_S (14.0 * 24 * 3600)

#define COLUMNS                                                                          \
	"n.id, n.slug, n.title, n.lang, n.translation, n.tags, n.aliases, n.changed, "   \
	"(SELECT 1 + (s.bytes IS NOT n.bytes) FROM shipped s WHERE s.note = n.id), "     \
	"u.score, u.at"
#define FROM " FROM note n LEFT JOIN usage u ON u.note = n.id "

enum { DEFAULT_LIMIT = 1000, CANDIDATES = 200 };

double use_decayed(double score, int64_t at, int64_t now)
{
	return now > at ? score * exp2(-(double)(now - at) / HALF_LIFE_S) : score;
}

bool no_such_note(const char *doing, struct str slug, struct err *err)
{
	err_set(err, ERR_NOTFOUND, "%s " STR_FMT ": there is no such note", doing,
		STR_ARG(slug));
	return err_hint(err, "kcrib list shows all; kcrib find WORDS looks for one");
}

void note_row(struct store *s, struct arena *a, sqlite3_stmt *q, bool bytes,
	      struct note *ret)
{
	*ret = (struct note){
		.id = sqlite3_column_int64(q, 0),
		.slug = arena_str(a, db_col(q, 1)),
		.title = arena_str(a, db_col(q, 2)),
		.lang = arena_str(a, db_col(q, 3)),
		.translation = arena_str(a, db_col(q, 4)),
		.changed_s = sqlite3_column_int64(q, 7),
		.origin = (enum note_origin)sqlite3_column_int(q, 8),
		.use = use_decayed(sqlite3_column_double(q, 9),
				   sqlite3_column_int64(q, 10), store_now(s)),
	};
	list_split(a, arena_str(a, db_col(q, 5)), '\n', &ret->tags);
	list_split(a, arena_str(a, db_col(q, 6)), '\n', &ret->aliases);
	if (bytes)
		ret->bytes = arena_str(a, db_col(q, 11));
}

bool note_get(struct store *s, struct arena *a, struct str slug, struct note *ret,
	      struct err *err)
{
	sqlite3_stmt *q = db_query(&s->db, err,
				   "SELECT " COLUMNS ", n.bytes" FROM "WHERE n.slug = ?1",
				   "s", slug);
	int more = q ? db_step(&s->db, q, err) : -1;

	if (more < 0)
		return false;
	if (!more)
		return no_such_note("reading", slug, err);
	note_row(s, a, q, true, ret);
	sqlite3_reset(q);
	return true;
}

bool note_exists(struct store *s, struct str slug)
{
	int64_t n = 0;

	return db_int(&s->db, NULL, &n, "SELECT 1 FROM note WHERE slug = ?1", "s",
		      slug) &&
	       n;
}

/* All rows of a query that gives COLUMNS. */
static bool rows(struct store *s, struct arena *a, sqlite3_stmt *q, struct note_list *ret,
		 struct err *err)
{
	struct note_list list = { 0 };
	int more = -1;

	while (q && (more = db_step(&s->db, q, err)) > 0)
		note_row(s, a, q, false, ARENA_PUSH(a, &list));
	if (more < 0)
		return false;
	*ret = list;
	return true;
}

static bool called(struct arena *a, const struct note *n, struct str name)
{
	STRBUF_AUTO(want, 1000);
	STRBUF_AUTO(have, 1000);

	(void)a;
	utf8_fold(&want, name);
	utf8_fold(&have, n->title);
	for (size_t i = 0; !str_eq(strbuf_str(&want), strbuf_str(&have)); i++) {
		if (i == n->aliases.n)
			return false;
		strbuf_clear(&have);
		utf8_fold(&have, n->aliases.v[i]);
	}
	return true;
}

/* Notes whose title or alias is the name, found through the index. */
static bool by_title(struct store *s, struct arena *a, struct str name,
		     struct note_list *ret, struct err *err)
{
	STRBUF_AUTO(match, 4000);
	struct note_list all = { 0 };

	strbuf_addc(&match, '"');
	for (size_t i = 0; i < name.n; i++)
		strbuf_addf(&match, name.p[i] == '"' ? "\"\"" : "%c", name.p[i]);
	strbuf_addc(&match, '"');
	if (!rows(s, a,
		  db_query(&s->db, err,
			   "SELECT " COLUMNS FROM
			   "WHERE n.id IN (SELECT rowid FROM head WHERE head MATCH ?1 "
			   "LIMIT 200)",
			   "s", strbuf_str(&match)),
		  &all, err))
		return false;
	for (size_t i = 0; i < all.n; i++)
		if (called(a, &all.v[i], name))
			*ARENA_PUSH(a, ret) = all.v[i];
	return true;
}

bool note_find(struct store *s, struct arena *a, struct str name, struct note *ret,
	       struct err *err)
{
	struct note_list found = { 0 };
	struct note_filter begins = { .prefix = name, .limit = 4 };
	STRBUF_AUTO(some, 200);

	if (note_exists(s, name))
		return note_get(s, a, name, ret, err);
	if (!name.n || !by_title(s, a, name, &found, err))
		return name.n ? false : no_such_note("reading", name, err);
	if (!found.n && !note_list(s, a, &begins, &found, err))
		return false;
	if (!found.n)
		return no_such_note("reading", name, err);
	if (found.n == 1)
		return note_get(s, a, found.v[0].slug, ret, err);
	for (size_t i = 0; i < found.n && i < 3; i++)
		strbuf_addf(&some, "%s" STR_FMT, i ? ", " : "", STR_ARG(found.v[i].slug));
	return err_set(err, ERR_AMBIGUOUS, "reading " STR_FMT ": several notes fit: %s%s",
		       STR_ARG(name), strbuf_z(&some), found.n > 3 ? ", ..." : "");
}

bool note_list(struct store *s, struct arena *a, const struct note_filter *filter,
	       struct note_list *ret, struct err *err)
{
/* the three orders differ in nothing else */
#define LIST(order)                                                                      \
	"SELECT " COLUMNS FROM                                                           \
	"WHERE (?1 = '' OR n.id IN (SELECT note FROM tag WHERE name = ?1)) "             \
	"AND (?2 = '' OR n.lang = ?2) AND n.slug >= ?3 AND n.slug < ?3 || x'f8' "        \
	"ORDER BY " order " LIMIT ?4 OFFSET ?5"
	static const char *const sql[] = {
		[NOTE_BY_SLUG] = LIST("n.slug"),
		[NOTE_BY_USE] =
			LIST("u.score IS NULL, u.score DESC, n.changed DESC, n.slug"),
		[NOTE_BY_CHANGE] = LIST("n.changed DESC, n.id"),
	};
#undef LIST
	return rows(s, a,
		    db_query(&s->db, err, sql[filter->order], "sssii", filter->tag,
			     filter->lang, filter->prefix,
			     (int64_t)(filter->limit ? filter->limit : DEFAULT_LIMIT),
			     (int64_t)filter->skip),
		    ret, err);
}

bool note_backlinks(struct store *s, struct arena *a, struct str slug,
		    struct note_list *ret, struct err *err)
{
	return rows(s, a,
		    db_query(&s->db, err,
			     "SELECT " COLUMNS FROM
			     "WHERE n.id IN (SELECT note FROM link WHERE target = ?1) "
			     "AND n.slug <> ?1 ORDER BY n.slug",
			     "s", slug),
		    ret, err);
}

bool note_targets(struct store *s, struct arena *a, struct str slug, struct str_list *ret,
		  struct err *err)
{
	sqlite3_stmt *q = db_query(&s->db, err,
				   "SELECT target FROM link WHERE note = (SELECT id FROM "
				   "note WHERE slug = ?1) ORDER BY target",
				   "s", slug);
	struct str_list list = { 0 };
	int more = -1;

	while (q && (more = db_step(&s->db, q, err)) > 0)
		*ARENA_PUSH(a, &list) = arena_str(a, db_col(q, 0));
	if (more < 0)
		return false;
	*ret = list;
	return true;
}

bool note_tags(struct store *s, struct arena *a, struct tag_list *ret, struct err *err)
{
	sqlite3_stmt *q = db_query(&s->db, err,
				   "SELECT name, count(*) c FROM tag GROUP BY name "
				   "ORDER BY c DESC, name",
				   "");
	struct tag_list list = { 0 };
	int more = -1;

	while (q && (more = db_step(&s->db, q, err)) > 0)
		*ARENA_PUSH(a, &list) = (struct tag_count){
			arena_str(a, db_col(q, 0)),
			(size_t)sqlite3_column_int64(q, 1),
		};
	if (more < 0)
		return false;
	*ret = list;
	return true;
}

void note_used(struct store *s, struct str slug, enum note_use use)
{
	static const double weight[] = {
		[NOTE_OPENED] = 1, [NOTE_COPIED] = 2, [NOTE_RUN] = 3
	};
	int64_t now = store_now(s), id = 0, at = now;
	sqlite3_stmt *q;
	double score = 0;

	if (s->mode == STORE_READONLY || s->depth || !note_id(s, slug, &id, NULL))
		return;
	q = db_query(&s->db, NULL, "SELECT score, at FROM usage WHERE note = ?1", "i",
		     id);
	if (q && db_step(&s->db, q, NULL) > 0) {
		score = sqlite3_column_double(q, 0);
		at = sqlite3_column_int64(q, 1);
		sqlite3_reset(q);
	}
	store_goes_first(s);
	/* a count that a power cut loses is no loss: no sync for it */
	db_try(&s->db, "PRAGMA synchronous = OFF");
	if (db_run(&s->db, NULL, "INSERT OR REPLACE INTO usage VALUES (?1, ?2, ?3)",
		   "idi", id, use_decayed(score, at, now) + weight[use], now))
		s->generation++;
	if (!s->no_sync)
		db_try(&s->db, "PRAGMA synchronous = FULL");
}
