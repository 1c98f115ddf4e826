/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is searched: two contentless indexes over the notes and the table of words. A
 * contentless index forgets a text only when it is told the same text again, so what
 * goes in is always computed by index_of() from the stored bytes; when the computation
 * changes (codec or tokenizer version) both indexes are made anew.
 *
 * Whoever saves a note does not wait for more than the index: its words are counted, the
 * segments merged and the log put into the file by store_tidy(), in short steps. An
 * operation that brought a good part of all notes does it all, with one pass over the
 * index for the words. Counts that a crash loses are a little wrong weight.
 */
#include "base/strbuf.h"
#include "impl.h"
#include "store/tokenizer.h"

enum {
	WORD_MAX = 40,
	PENDING_MAX = 32 << 20, /* bytes that wait for the index */
	COUNTED_AT_ONCE = 4,    /* notes, in one step */
	LOG_PAGES = 200,        /* worth putting into the file */
	LOG_MAX = 4000,         /* nobody was idle for long */
	MERGE_CLOCK = 64,       /* steps of sqlite, about 4 pages of a merge */
	MERGE_MAX = 20,         /* of those in one step of ours: about 5 ms */
};

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

/* ---- words --------------------------------------------------------------------- */

/* Words of one note, each once: an open hash table. */
struct word_set {
	struct arena *a;
	struct str *v;
	size_t n, cap;
};

static bool word_put(struct word_set *set, struct str word)
{
	size_t i = str_hash(word) & (set->cap - 1);

	for (; set->v[i].p; i = (i + 1) & (set->cap - 1))
		if (str_eq(set->v[i], word))
			return false;
	set->v[i] = word;
	set->n++;
	return true;
}

static bool collect(void *arg, const struct token *t)
{
	struct word_set *set = arg;
	struct word_set old = *set;

	if (t->word.n < 2 || t->word.n > WORD_MAX || t->word.p[0] == '-')
		return true;
	if (set->n * 2 >= set->cap) {
		set->cap *= 2;
		set->n = 0;
		set->v = arena_array(set->a, struct str, set->cap);
		for (size_t i = 0; i < old.cap; i++)
			if (old.v[i].p)
				word_put(set, old.v[i]);
	}
	if (word_put(set, t->word)) {
		size_t i = str_hash(t->word) & (set->cap - 1);

		while (!str_eq(set->v[i], t->word))
			i = (i + 1) & (set->cap - 1);
		set->v[i] = arena_str(set->a, t->word);
	}
	return true;
}

/* A level goes up with one in 2^level of the notes that hold the word, chosen by a hash:
 * a common word costs a look-up, not a write. */
static bool count_words(struct store *s, int64_t id, const struct indexed *what,
			struct err *err)
{
	struct word_set set = { .a = arena_new(), .cap = 256 };
	struct str parts[] = { what->title, what->names, what->body };
	bool ok = true;

	set.v = arena_array(set.a, struct str, set.cap);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		tokenize(parts[i], TOKEN_TEXT, collect, &set);
	for (size_t i = 0; ok && i < set.cap; i++) {
		uint64_t chance;

		if (!set.v[i].p)
			continue;
		chance = (str_hash(set.v[i]) ^ (uint64_t)id) * 0x9e3779b97f4a7c15;
		ok = db_run(&s->db, err,
			    "INSERT INTO word VALUES (?1, 0) ON CONFLICT (word) DO "
			    "UPDATE SET level = level + 1 "
			    "WHERE ?2 & ((1 << level) - 1) = 0",
			    "si", set.v[i], (int64_t)(chance >> 24));
	}
	arena_free(set.a);
	return ok;
}

/* All words with their exact counts, by one pass over the index. */
static bool recount_words(struct store *s, struct err *err)
{
	sqlite3_stmt *q;
	int more = -1;

	if (!db_exec(&s->db,
		     "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING "
		     "fts5vocab(main, whole, row); DELETE FROM word;",
		     err))
		return false;
	q = db_query(&s->db, err, "SELECT term, doc FROM temp.vocabulary", "");
	while (q && (more = db_step(&s->db, q, err)) > 0) {
		struct str word = db_col(q, 0);
		int64_t docs = sqlite3_column_int64(q, 1);
		int64_t level = 63 - __builtin_clzll((unsigned long long)docs | 1);

		if (word.n < 2 || word.n > WORD_MAX || word.p[0] == '-')
			continue;
		if (!db_run(&s->db, err, "INSERT OR IGNORE INTO word VALUES (?1, ?2)",
			    "si", word, level)) {
			sqlite3_reset(q);
			return false;
		}
	}
	return q && more == 0;
}

static bool words_of(struct store *s, int64_t id, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct note_text text = { 0 };
	struct indexed what;
	sqlite3_stmt *q = db_query(&s->db, err,
				   "SELECT slug, bytes FROM note WHERE id = ?1", "i", id);
	int more = q ? db_step(&s->db, q, err) : -1;
	struct str slug;

	if (more <= 0)
		return more == 0;
	slug = arena_str(a, db_col(q, 0));
	s->codec->parse(s->codec->arg, a, slug, arena_str(a, db_col(q, 1)), &text);
	sqlite3_reset(q);
	what = index_of(a, &text, slug);
	return count_words(s, id, &what, err);
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
	       recount_words(s, err);
}

void index_committed(struct store *s)
{
	if (!s->saved.n)
		return;
	s->segments = true;
	for (size_t i = 0; i < s->saved.n && !in_bulk(s); i++)
		*ARENA_PUSH(s->uncounted_arena, &s->uncounted) = s->saved.v[i];
}

/* ---- when idle ------------------------------------------------------------------ */

static int log_grew(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct store *s = arg;

	s->log_pages = pages;
	if (pages >= LOG_MAX)
		sqlite3_wal_checkpoint_v2(h, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return SQLITE_OK;
}

void index_watch_log(struct store *s)
{
	sqlite3_wal_hook(s->db.h, log_grew, s);
}

static bool count_some(struct store *s)
{
	bool ok = true;

	if (s->counted == s->uncounted.n || !db_run(&s->db, NULL, "BEGIN IMMEDIATE", ""))
		return false;
	for (int i = 0; ok && i < COUNTED_AT_ONCE && s->counted < s->uncounted.n; i++)
		ok = words_of(s, s->uncounted.v[s->counted++], NULL);
	if (!ok || !db_run(&s->db, NULL, "COMMIT", ""))
		db_try(&s->db, "ROLLBACK");
	if (s->counted == s->uncounted.n) {
		s->counted = 0;
		s->uncounted = (struct id_list){ 0 };
		arena_reset(s->uncounted_arena);
	}
	return true;
}

enum merged { NOT_NOW, NOTHING, SOME };

static int count_down(void *left)
{
	return --*(int *)left < 0;
}

/* FTS5 stops a merge between two words only, and among a million notes the list of one
 * common word is megabytes: whoever types would feel it. Such a step is taken back and
 * left for the closing. It comes up only where segments join the bulk of the index, once
 * in some hundred saves, and the small ones are merged meanwhile. */
static enum merged merge(struct store *s, const char *sql)
{
	int before = sqlite3_total_changes(s->db.h), left = MERGE_MAX;
	bool ok;

	if (!s->closing)
		sqlite3_progress_handler(s->db.h, MERGE_CLOCK, count_down, &left);
	ok = db_run(&s->db, NULL, sql, "");
	sqlite3_progress_handler(s->db.h, 0, NULL, NULL);
	if (!ok)
		return left < 0 ? NOTHING : NOT_NOW;
	/* fewer than two changed rows: nothing was merged (fts5.html, "merge") */
	return sqlite3_total_changes(s->db.h) - before < 2 ? NOTHING : SOME;
}

static bool merge_some(struct store *s)
{
	static const char *const sql[] = {
		"INSERT INTO head (head, rank) VALUES ('merge', 4)",
		"INSERT INTO whole (whole, rank) VALUES ('merge', 4)",
	};

	for (size_t i = 0; s->segments && i < ARRAY_SIZE(sql); i++) {
		enum merged did = merge(s, sql[i]);

		if (did != NOTHING)
			return did == SOME;
	}
	s->segments = false;
	return false;
}

static bool empty_log(struct store *s)
{
	if (s->log_pages < LOG_PAGES)
		return false;
	s->log_pages = 0;
	sqlite3_wal_checkpoint_v2(s->db.h, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return true;
}

bool store_tidy(struct store *s, int budget_ms)
{
	static bool (*const steps[])(struct store *) = { count_some, empty_log,
							 merge_some };
	struct timespec now, start;
	bool more = s->mode != STORE_READONLY && !s->depth;

	clock_gettime(CLOCK_MONOTONIC, &start);
	now = start;
	/* nothing here is missed after a power cut, and another writer goes first */
	if (more && !s->no_sync)
		db_try(&s->db, "PRAGMA synchronous = NORMAL");
	db_patience(&s->db, false);
	while (more && (now.tv_sec - start.tv_sec) * 1000 +
				       (now.tv_nsec - start.tv_nsec) / 1000000 <
			       budget_ms) {
		more = false;
		for (size_t i = 0; i < ARRAY_SIZE(steps) && !more; i++)
			more = steps[i](s);
		clock_gettime(CLOCK_MONOTONIC, &now);
	}
	db_patience(&s->db, true);
	if (s->mode != STORE_READONLY && !s->no_sync)
		db_try(&s->db, "PRAGMA synchronous = FULL");
	return more;
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
	return tell_all(s, err) && recount_words(s, err);
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
