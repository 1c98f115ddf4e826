/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a save puts off. Its note is found at once; the words are counted, the segments of
 * the index merged and the log put into the file when nobody waits: by whoever closes the
 * store, for a moment, or by a worker with a connection of its own. That one merges a
 * segment among a million notes, or waits for the disk, as long as it takes, and gives
 * way to a save at once: store_goes_first() interrupts it, what it had begun is rolled
 * back and left for the next time. Counts that a crash loses are a little wrong weight.
 */
#include "impl.h"

enum {
	LOG_PAGES = 200, /* worth putting into the file */
	LOG_MAX = 4000,  /* nobody was idle for long */
};

/* The worker's side. */
struct aside {
	struct db db;
	struct tidy todo;
	bool busy; /* between begin and end */
};

/* ---- steps ---------------------------------------------------------------------- */

/* One is done; there was nothing; something else goes first. */
enum step { DONE, NOTHING, NOT_NOW };

/* None of a note that is gone again. */
static bool note_words(struct tidy *t, struct arena *a, int64_t id, struct str_list *ret)
{
	sqlite3_stmt *q = db_query(t->db, NULL,
				   "SELECT slug, bytes FROM note WHERE id = ?1", "i", id);
	int more = q ? db_step(t->db, q, NULL) : -1;
	struct note_text text = { 0 };
	struct indexed what;
	struct str slug;

	if (more <= 0)
		return more == 0;
	slug = arena_str(a, db_col(q, 0));
	t->codec->parse(t->codec->arg, a, slug, arena_str(a, db_col(q, 1)), &text);
	sqlite3_reset(q);
	what = index_of(a, &text, slug);
	*ret = words_of(a, &what);
	return true;
}

static enum step count_one(struct tidy *t)
{
	AUTO(arena) a = arena_new();
	struct str_list words = { 0 };
	int64_t id;

	if (!t->uncounted.n)
		return NOTHING;
	id = t->uncounted.v[t->uncounted.n - 1];
	if (!note_words(t, a, id, &words) || !db_run(t->db, NULL, "BEGIN IMMEDIATE", ""))
		return NOT_NOW;
	if (!words_add(t->db, id, &words, &t->stop, NULL) ||
	    !db_run(t->db, NULL, "COMMIT", "")) {
		db_try(t->db, "ROLLBACK");
		return NOT_NOW;
	}
	if (!--t->uncounted.n) {
		t->uncounted = (struct id_list){ 0 };
		arena_reset(t->arena);
	}
	return DONE;
}

static enum step empty_log(struct tidy *t)
{
	if (t->log_pages < LOG_PAGES)
		return NOTHING;
	t->log_pages = 0;
	sqlite3_wal_checkpoint_v2(t->db->h, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return DONE;
}

static enum step merge(struct tidy *t, const char *sql)
{
	int before = sqlite3_total_changes(t->db->h);

	if (!db_run(t->db, NULL, sql, ""))
		return NOT_NOW;
	/* fewer than two changed rows: nothing was merged (fts5.html, "merge") */
	return sqlite3_total_changes(t->db->h) - before < 2 ? NOTHING : DONE;
}

static enum step merge_some(struct tidy *t)
{
	static const char *const sql[] = {
		"INSERT INTO head (head, rank) VALUES ('merge', 4)",
		"INSERT INTO whole (whole, rank) VALUES ('merge', 4)",
	};

	for (size_t i = 0; t->segments && i < ARRAY_SIZE(sql); i++) {
		enum step did = merge(t, sql[i]);

		if (did != NOTHING)
			return did;
	}
	t->segments = false;
	return NOTHING;
}

static enum step one_step(struct tidy *t)
{
	static enum step (*const steps[])(struct tidy *) = { count_one, empty_log,
							     merge_some };
	enum step did = NOTHING;

	for (size_t i = 0; i < ARRAY_SIZE(steps) && did == NOTHING; i++)
		did = steps[i](t);
	return did;
}

static bool is_wanted(const struct tidy *t)
{
	return t->uncounted.n || t->segments || t->log_pages >= LOG_PAGES;
}

/* ---- what is to do -------------------------------------------------------------- */

static int log_grew(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct tidy *t = arg;

	t->log_pages = pages;
	if (pages >= LOG_MAX)
		sqlite3_wal_checkpoint_v2(h, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return SQLITE_OK;
}

void tidy_init(struct tidy *t, struct db *db, const struct note_codec *codec)
{
	t->db = db;
	t->codec = codec;
	t->arena = arena_new();
}

void tidy_watch(struct tidy *t)
{
	sqlite3_wal_hook(t->db->h, log_grew, t);
}

void tidy_later(struct tidy *t, const struct id_list *saved)
{
	for (size_t i = 0; i < saved->n; i++)
		*ARENA_PUSH(t->arena, &t->uncounted) = saved->v[i];
	t->segments = true;
}

static void hand_over(struct tidy *from, struct tidy *to)
{
	for (size_t i = 0; i < from->uncounted.n; i++)
		*ARENA_PUSH(to->arena, &to->uncounted) = from->uncounted.v[i];
	to->segments |= from->segments;
	if (to->log_pages < from->log_pages)
		to->log_pages = from->log_pages;
	from->uncounted = (struct id_list){ 0 };
	arena_reset(from->arena);
	from->segments = false;
	from->log_pages = 0;
}

/* ---- here and now --------------------------------------------------------------- */

bool store_tidy(struct store *s, int budget_ms)
{
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
		more = one_step(&s->todo) == DONE;
		clock_gettime(CLOCK_MONOTONIC, &now);
	}
	db_patience(&s->db, true);
	if (s->mode != STORE_READONLY && !s->no_sync)
		db_try(&s->db, "PRAGMA synchronous = FULL");
	return more;
}

/* ---- aside ---------------------------------------------------------------------- */

static struct aside *aside_new(const struct store *s)
{
	struct aside *aside = calloc(1, sizeof(*aside));

	if (!aside)
		abort();
	tidy_init(&aside->todo, &aside->db, s->codec);
	if (!db_open(&aside->db, s->path, DB_WRITE, s->vfs, NULL)) {
		aside_free(aside);
		return NULL;
	}
	tidy_watch(&aside->todo);
	db_patience(&aside->db, false);
	db_try(&aside->db,
	       s->no_sync ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = NORMAL");
	return aside;
}

void aside_free(struct aside *aside)
{
	if (!aside)
		return;
	if (aside->db.h)
		db_close(&aside->db);
	arena_free(aside->todo.arena);
	free(aside);
}

bool store_tidy_begin(struct store *s)
{
	/* in memory a writer would shut out the readers, and there is no disk to wait for
	 */
	if (s->mode != STORE_WRITABLE || s->depth || !is_wanted(&s->todo))
		return false;
	if (!s->aside)
		s->aside = aside_new(s);
	if (!s->aside || s->aside->busy)
		return false;
	hand_over(&s->todo, &s->aside->todo);
	atomic_store(&s->aside->todo.stop, false);
	s->aside->busy = true;
	return true;
}

void store_tidy_work(struct store *s)
{
	struct tidy *t = &s->aside->todo;

	while (!atomic_load(&t->stop) && one_step(t) == DONE)
		;
}

void store_tidy_end(struct store *s)
{
	hand_over(&s->aside->todo, &s->todo);
	s->db.corrupt |= s->aside->db.corrupt;
	s->aside->busy = false;
}

void store_goes_first(struct store *s)
{
	if (!s->aside || !s->aside->busy)
		return;
	atomic_store(&s->aside->todo.stop, true);
	sqlite3_interrupt(s->aside->db.h);
}
