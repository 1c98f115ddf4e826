/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of words, for the spelling repair and for weights: each word with about the
 * binary logarithm of the number of notes that hold it. A saved note adds its words; an
 * operation that brought many has all counted anew, by one pass over the index.
 */
#include "impl.h"
#include "store/tokenizer.h"

enum { WORD_MAX = 40 };

static bool is_counted(struct str word)
{
	return word.n >= 2 && word.n <= WORD_MAX && word.p[0] != '-';
}

/* Words of one note, each once: an open hash table. */
struct word_set {
	struct arena *a;
	struct str *v;
	size_t n, cap;
};

/* The place of a word, or where it belongs. */
static struct str *place_of(const struct word_set *set, struct str word)
{
	size_t i = str_hash(word) & (set->cap - 1);

	while (set->v[i].p && !str_eq(set->v[i], word))
		i = (i + 1) & (set->cap - 1);
	return &set->v[i];
}

static void grow(struct word_set *set)
{
	struct word_set old = *set;

	set->cap *= 2;
	set->v = arena_array(set->a, struct str, set->cap);
	for (size_t i = 0; i < old.cap; i++)
		if (old.v[i].p)
			*place_of(set, old.v[i]) = old.v[i];
}

static bool collect(void *arg, const struct token *t)
{
	struct word_set *set = arg;
	struct str *place;

	if (!is_counted(t->word))
		return true;
	if (set->n * 2 >= set->cap)
		grow(set);
	place = place_of(set, t->word);
	if (!place->p) {
		*place = arena_str(set->a, t->word);
		set->n++;
	}
	return true;
}

struct str_list words_of(struct arena *a, const struct indexed *what)
{
	struct word_set set = { .a = a, .cap = 256 };
	struct str parts[] = { what->title, what->names, what->body };
	struct str_list list = { 0 };

	set.v = arena_array(a, struct str, set.cap);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		tokenize(parts[i], TOKEN_TEXT, collect, &set);
	for (size_t i = 0; i < set.cap; i++)
		if (set.v[i].p)
			*ARENA_PUSH(a, &list) = set.v[i];
	return list;
}

/* A level goes up with one in 2^level of the notes that hold the word, chosen by a hash:
 * a common word costs a look-up, not a write. */
bool words_add(struct db *db, int64_t id, const struct str_list *words,
	       const atomic_bool *stop, struct err *err)
{
	for (size_t i = 0; i < words->n; i++) {
		uint64_t chance =
			(str_hash(words->v[i]) ^ (uint64_t)id) * 0x9e3779b97f4a7c15;

		if (atomic_load(stop))
			return err_set(err, ERR_CANCELLED, "counting words: stopped");
		if (!db_run(db, err,
			    "INSERT INTO word VALUES (?1, 0) ON CONFLICT (word) DO "
			    "UPDATE SET level = level + 1 "
			    "WHERE ?2 & ((1 << level) - 1) = 0",
			    "si", words->v[i], (int64_t)(chance >> 24)))
			return false;
	}
	return true;
}

bool words_recount(struct db *db, struct err *err)
{
	sqlite3_stmt *q;
	int more = -1;

	if (!db_exec(db,
		     "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING "
		     "fts5vocab(main, whole, row); DELETE FROM word;",
		     err))
		return false;
	q = db_query(db, err, "SELECT term, doc FROM temp.vocabulary", "");
	while (q && (more = db_step(db, q, err)) > 0) {
		struct str word = db_col(q, 0);
		int64_t docs = sqlite3_column_int64(q, 1);
		int64_t level = 63 - __builtin_clzll((unsigned long long)docs | 1);

		if (is_counted(word) &&
		    !db_run(db, err, "INSERT OR IGNORE INTO word VALUES (?1, ?2)", "si",
			    word, level)) {
			sqlite3_reset(q);
			return false;
		}
	}
	return q && more == 0;
}
