/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Searching, in two stages. First rows are streamed from the index, newest
 * first, each with the score of kcrib_rank(), and the best CANDIDATES are kept;
 * then those are looked at closely: how well the query fits the title or one
 * alias, language, use. When the whole query finds nothing convincing it is
 * widened (stems, parts, joined words), then repaired, then any of its words
 * will do.
 *
 * search_quick() is the same with a budget, which grows with the store: among
 * few notes it is hardly ever used up; among many the complete index of titles
 * comes first, then the newest bodies. The clock is looked at from within the
 * statement, for the index may turn a thousand pages before its first row.
 */
#include <math.h>

#include "base/utf8.h"
#include "impl.h"
#include "rank.h"
#include "snippet.h"
#include "store/tokenizer.h"

enum {
	CANDIDATES = 36,      /* looked at closely, unless more hits are wanted */
	WIDE_CANDIDATES = 60, /* the same when any word will do */
	CANDIDATES_MAX = 200,
	INDEXED_PREFIX = 5, /* longest prefix in the index of bodies: schema */
	FEW = 8,            /* so few rows are not worth a quick look */
	NEWEST = 20000,     /* rows whose bodies search_quick() looks at among many */
	SMALL = 2000,       /* so few notes are looked through whole: no clock needed */
	CLOCK_EVERY = 48,   /* steps of sqlite between two looks at the clock, about
			     * 5 rows or 12 pages of the index */
	ANY_ROWS = 1000,
	NAMES_ROWS = 8 * ANY_ROWS, /* the same of names, which are fewer */
	RARE = 3,   /* a word of so high a level may be another one misspelt */
	ENOUGH = 8, /* hits that need no widening */
	DEFAULT_LIMIT = 20,
};

/* Time that search_quick() may take for its rows, by the number of notes. What follows, a
 * close look at the best, takes about 0.5 ms. */
static const struct budget {
	int64_t notes;
	int64_t us;
	bool all;    /* time enough for all bodies */
	bool coarse; /* only what the index answers at once */
} budgets[] = {
	{ 30000, 900, true, false },
	{ 300000, 5000, false, false },
	{ INT64_MAX, 9000, false, true },
};

struct candidate {
	int64_t id;
	double score;
	uint32_t terms;
};

struct searcher {
	struct db db;
	struct ranker ranker;
	struct vocabulary *vocabulary;
	atomic_bool stop;
	int64_t data_version;

	/* the query that runs */
	const struct search_query *wanted;
	struct str lang;                       /* the preferred language */
	struct candidate best[CANDIDATES_MAX]; /* a heap, the worst on top */
	size_t n, room;
	size_t seen;                 /* rows of the last pass */
	bool cut;                    /* a budget ended it */
	const struct budget *budget; /* of a quick search */
	int64_t start_us;
	int64_t until_us; /* when the pass that runs is over */
	size_t any_rows;  /* about how many rows a search for any word may see */
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool is_late(const struct searcher *q)
{
	return q->until_us < INT64_MAX && now_us() > q->until_us;
}

/* Every page of the index is read by a statement of its own: its steps count too. */
static int on_progress(void *arg)
{
	struct searcher *q = arg;

	return atomic_load_explicit(&q->stop, memory_order_relaxed) || is_late(q);
}

bool searcher_open(const struct store *s, struct searcher **ret, struct err *err)
{
	struct searcher *q = calloc(1, sizeof(*q));
	bool memory = s->mode == STORE_MEMORY;

	if (!q)
		abort();
	/* a memory store is shared by name; a folder without write permission has no log
	 */
	if (!db_open(&q->db, s->path, memory ? DB_WRITE : DB_READ, s->vfs, err) ||
	    (!memory &&
	     !db_int(&q->db, NULL, &q->data_version, "PRAGMA data_version", "") &&
	     (db_close(&q->db), !db_open(&q->db, s->path, DB_IMMUTABLE, s->vfs, err))) ||
	    !db_exec(&q->db, "PRAGMA query_only = 1; PRAGMA cache_size = -8000;", err) ||
	    !ranker_register(&q->db, &q->ranker, err)) {
		searcher_free(q);
		return false;
	}
	q->until_us = INT64_MAX;
	sqlite3_progress_handler(q->db.h, CLOCK_EVERY, on_progress, q);
	*ret = q;
	return true;
}

void searcher_free(struct searcher *q)
{
	if (!q)
		return;
	if (q->db.h)
		db_close(&q->db);
	vocabulary_free(q->vocabulary);
	free(q);
}

void searcher_interrupt(struct searcher *q)
{
	atomic_store(&q->stop, true);
	sqlite3_interrupt(q->db.h);
}

bool searcher_warm(struct searcher *q, struct err *err)
{
	return q->vocabulary || vocabulary_load(&q->db, &q->stop, &q->vocabulary, err);
}

/* ---- candidates ----------------------------------------------------------------- */

static void sink(struct candidate *v, size_t n, size_t i)
{
	for (;;) {
		size_t least = i, l = 2 * i + 1;
		struct candidate t;

		if (l < n && v[l].score < v[least].score)
			least = l;
		if (l + 1 < n && v[l + 1].score < v[least].score)
			least = l + 1;
		if (least == i)
			return;
		t = v[i];
		v[i] = v[least];
		v[least] = t;
		i = least;
	}
}

static void keep(struct searcher *q, struct candidate c, bool fresh)
{
	if (q->n == q->room && c.score <= q->best[0].score)
		return;
	/* a later pass meets the rows of an earlier one again */
	for (size_t i = 0; !fresh && i < q->n; i++) {
		if (q->best[i].id != c.id)
			continue;
		if (c.score > q->best[i].score) {
			q->best[i] = c;
			for (size_t k = q->n; k-- > 0;)
				sink(q->best, q->n, k);
		}
		return;
	}
	if (q->n == q->room) {
		q->best[0] = c;
		sink(q->best, q->n, 0);
		return;
	}
	q->best[q->n++] = c;
	for (size_t i = q->n - 1; i > 0 && q->best[i].score < q->best[(i - 1) / 2].score;
	     i = (i - 1) / 2) {
		struct candidate t = q->best[i];

		q->best[i] = q->best[(i - 1) / 2];
		q->best[(i - 1) / 2] = t;
	}
}

enum corpus { HEAD, WHOLE, REFERENCE };

#define ROWS(table)                                                                       \
	"SELECT rowid, kcrib_rank(" table ") FROM " table " WHERE " table                 \
	" MATCH ?1 AND rowid > ?2 AND (?3 = '' OR +rowid IN (SELECT note FROM tag WHERE " \
	"name = ?3)) ORDER BY rowid DESC"

/* One pass over an index: which, from which row on, and up to which share of
 * the budget of a quick search. */
struct range {
	enum corpus corpus;
	int64_t from;
	double share;
	size_t prefix_max; /* see struct match_want */
};

/* Stream the rows of one expression through the ranker. */
static bool stream(struct searcher *q, enum corpus corpus, struct str expression,
		   int64_t from, struct err *err)
{
	static const char *const sql[] = { [HEAD] = ROWS("head"),
					   [WHOLE] = ROWS("whole"),
					   [REFERENCE] = ROWS("reference_whole") };
	sqlite3_stmt *rows = db_query(&q->db, err, sql[corpus], "sis", expression, from,
				      q->wanted->tag);
	bool fresh = q->n == 0;
	int more = -1;

	q->seen = 0;
	while (rows && (more = db_step(&q->db, rows, err)) > 0) {
		q->seen++;
		keep(q,
		     (struct candidate){ sqlite3_column_int64(rows, 0), q->ranker.score,
					 q->ranker.terms },
		     fresh);
	}
	return more == 0;
}

/* A pass that is out of time has given what it had. */
static bool pass(struct searcher *q, const struct query *query, enum match_how how,
		 struct range range, struct err *err)
{
	struct match match;
	bool ok;

	query_match(&match, query,
		    (struct match_want){ how, q->any_rows, range.prefix_max });
	ranker_use(&q->ranker, query, &match);
	if (q->budget) {
		/* what comes last finds something too */
		int64_t least = now_us() + q->budget->us / 16;

		q->until_us =
			q->start_us + (int64_t)((double)q->budget->us * range.share);
		if (q->until_us < least)
			q->until_us = least;
	}
	ok = strbuf_ok(&match.text, "searching", err) &&
	     stream(q, range.corpus, strbuf_str(&match.text), range.from, err);
	if (!ok && err->code == ERR_CANCELLED && is_late(q))
		ok = q->cut = true;
	q->until_us = INT64_MAX;
	strbuf_free(&match.text);
	return ok;
}

/* ---- a close look --------------------------------------------------------------- */

struct looked_at {
	struct candidate c;
	struct search_hit hit;
	double fit; /* of the best name */
};

/* A note steps back behind its translation; one that has none is the best there is. */
static double language_factor(struct str have, struct str want, bool asked,
			      bool translated)
{
	if (!have.n || !want.n)
		return 0.95;
	if (str_starts(have, str_sub(want, 0, 2)))
		return 1;
	return asked ? 0.7 : translated ? 0.88 : 0.95;
}

/* "git am --reject: apply the hunks that fit" is called by what stands before it. */
static struct str before_colon(struct str title)
{
	ptrdiff_t at = str_find(title, STR(": ")), wide = str_find(title, STR("："));

	if (wide >= 0 && (at < 0 || wide < at))
		at = wide;
	return at > 0 ? str_n(title.p, (size_t)at) : title;
}

/* The slug of "thp.zh" says no more than "thp". */
static struct str untranslated(struct str slug, struct str lang)
{
	size_t end = slug.n - lang.n;

	return lang.n && slug.n > lang.n + 1 && slug.p[end - 1] == '.' &&
			       str_eq(str_from(slug, end), lang)
		       ? str_n(slug.p, end - 1)
		       : slug;
}

/* How well the best of title, slug and aliases fits. */
static double best_name(const struct name_words *w, struct str title, struct str slug,
			struct str aliases, bool pasted)
{
	double best = 0;
	struct str name = title;
	bool more = true;

	for (int i = 0; more; i++) {
		struct name_fit fit = name_fit(w, name);
		double value = fit.recall * (0.5 + 0.5 * fit.precision);

		if (fit.recall > 0.99 && fit.precision > 0.99)
			value += fit.guessed ? 0.1 : 0.6;
		/* the message that a note is about stands whole in what was pasted */
		if (pasted && fit.precision > 0.99 && fit.places >= 2)
			value = fmax(value, 0.6 + 0.4 * fit.recall);
		best = fmax(best, value);
		if (i == 0)
			name = before_colon(title);
		else if (i == 1)
			name = slug;
		else
			more = aliases.n && str_cut(&aliases, '\n', &name);
	}
	return best;
}

/* Without words nothing has to fit. */
static bool look_at_note(struct searcher *q, struct arena *a, const struct name_words *w,
			 bool pasted, struct looked_at *l, struct err *err)
{
	sqlite3_stmt *row =
		db_query(&q->db, err,
			 "SELECT note.slug, title, lang, tags, aliases, "
			 "length(note.bytes) - note.body, score, at, "
			 "shipped.note IS NOT NULL, translation != '' "
			 "FROM note LEFT JOIN usage ON usage.note = note.id "
			 "LEFT JOIN shipped ON shipped.note = note.id WHERE note.id = ?1",
			 "i", l->c.id);
	int more = row ? db_step(&q->db, row, err) : -1;
	double score, use;
	struct str aliases;

	if (more <= 0) {
		l->hit.score = -1; /* deleted between two statements */
		return more == 0;
	}
	l->hit.id = l->c.id;
	l->hit.slug = arena_str(a, db_col(row, 0));
	l->hit.title = arena_str(a, db_col(row, 1));
	l->hit.lang = arena_str(a, db_col(row, 2));
	list_split(a, arena_str(a, db_col(row, 3)), '\n', &l->hit.tags);
	aliases = db_col(row, 4);
	if (w)
		l->fit =
			best_name(w, l->hit.title, untranslated(l->hit.slug, l->hit.lang),
				  aliases, pasted);
	use = use_decayed(sqlite3_column_double(row, 6), sqlite3_column_int64(row, 7),
			  (int64_t)time(NULL));
	score = l->c.score + 8 * l->fit;
	/* a note with aliases was written to be found; if it ships, for just these
	 * questions, and what the user opened once is worth as much: both before what
	 * was imported by the thousand. A step of a course has no aliases: it is read
	 * after the one before it. */
	if (aliases.n)
		score *= 1.4;
	if (use > 0 || (aliases.n && sqlite3_column_int64(row, 8)))
		score *= 1.4;
	/* a long text holds every word by chance */
	score /= 1 + 0.1 * log2(1 + (double)sqlite3_column_int64(row, 5) / 3000);
	score += fmin(0.5 * log2(1 + use), 2.5);
	l->hit.score =
		score * language_factor(l->hit.lang, q->lang, q->wanted->lang.n > 0,
					sqlite3_column_int(row, 9) != 0);
	sqlite3_reset(row);
	return true;
}

static bool look_at_reference(struct searcher *q, struct arena *a,
			      const struct name_words *w, struct looked_at *l,
			      struct err *err)
{
	sqlite3_stmt *row = db_query(&q->db, err,
				     "SELECT name, title, length(bytes) FROM reference "
				     "WHERE id = ?1",
				     "i", l->c.id);
	int more = row ? db_step(&q->db, row, err) : -1;

	if (more <= 0) {
		l->hit.score = -1;
		return more == 0;
	}
	l->hit.id = l->c.id;
	l->hit.slug = arena_str(a, db_col(row, 0));
	l->hit.title = arena_str(a, db_col(row, 1));
	l->fit = best_name(w, l->hit.title, l->hit.slug, STR(""), false);
	l->hit.score = (l->c.score + 8 * l->fit) /
		       (1 + 0.06 * log2(1 + (double)sqlite3_column_int64(row, 2) / 3000));
	sqlite3_reset(row);
	return true;
}

static int best_first(const void *a, const void *b)
{
	const struct looked_at *x = a, *y = b;

	if (x->hit.score != y->hit.score)
		return x->hit.score < y->hit.score ? 1 : -1;
	return str_cmp(x->hit.slug, y->hit.slug);
}

struct answer {
	enum search_how how;
	struct looked_at v[CANDIDATES_MAX];
	size_t n;
};

static bool look(struct searcher *q, struct arena *a, const struct query *query,
		 struct answer *ret, struct err *err)
{
	struct name_words *w = name_words_new(a, query);

	q->lang = q->wanted->lang;
	if (!q->lang.n)
		q->lang = query->cjk ? STR("zh") : STR("en");
	ret->n = 0;
	for (size_t i = 0; i < q->n; i++) {
		struct looked_at *l = &ret->v[ret->n++];

		*l = (struct looked_at){ .c = q->best[i] };
		if (!(q->wanted->reference
			      ? look_at_reference(q, a, w, l, err)
			      : look_at_note(q, a, w, query->pasted, l, err)))
			return false;
		if (l->hit.score < 0)
			ret->n--;
	}
	qsort(ret->v, ret->n, sizeof(*ret->v), best_first);
	return true;
}

/* ---- the stages ----------------------------------------------------------------- */

/* The newest bodies; the titles, of all notes, before or after. */
static bool quick_passes(struct searcher *q, const struct query *query,
			 enum match_how how, struct err *err)
{
	double share = how == MATCH_ALL ? 0.5 : 1;
	struct range titles = { HEAD, 0, share, 0 };
	struct range bodies = { WHOLE, 0, share, 0 };
	int64_t last = 0;
	size_t seen;

	if (q->budget->all) {
		titles.share *= 1.3;
		if (!pass(q, query, how, bodies, err))
			return false;
		seen = q->seen;
		if (q->cut && !pass(q, query, how, titles, err))
			return false;
		q->seen = seen;
		return true;
	}
	q->cut = true;
	titles.share *= 0.6;
	if (!db_int(&q->db, err, &last, "SELECT max(id) FROM note", ""))
		return false;
	if (q->budget->coarse) {
		titles.prefix_max = TOKEN_MAX;
		bodies.prefix_max = INDEXED_PREFIX;
	}
	bodies.from = last - NEWEST;
	if (!pass(q, query, how, titles, err))
		return false;
	/* the index would look through all notes for the next that has every word */
	if (q->budget->coarse && how == MATCH_ALL && query->n > 1 &&
	    query_rows(query) * NEWEST < FEW * exp2(query->log_notes))
		return true;
	return pass(q, query, how, bodies, err);
}

/* Passes over the corpus that is wanted. */
static bool passes(struct searcher *q, const struct query *query, enum match_how how,
		   struct err *err)
{
	const struct term *only = query->n == 1 ? &query->v[0] : NULL;
	struct range range = { WHOLE, 0, 1, 0 };

	if (q->wanted->reference)
		range.corpus = REFERENCE;
	else if (only && only->last && only->v[0].text.n == 1)
		range.corpus = HEAD; /* one letter says nothing about a body */
	else if (q->budget)
		return quick_passes(q, query, how, err);
	return pass(q, query, how, range, err);
}

/* Does the first hit have every word? */
static bool has_all(const struct query *query, const struct answer *answer)
{
	uint32_t all = (1u << query->n) - 1;

	all &= ~query_unfinished(query);
	return answer->n && (answer->v[0].c.terms & all) == all;
}

/* Is the first hit plainly about the query? */
static bool convincing(const struct query *query, const struct answer *answer)
{
	return has_all(query, answer) &&
	       (answer->v[0].fit > 0.55 ||
		(query->n <= 2 && answer->v[0].c.score > 3 && answer->n >= ENOUGH));
}

static void show_repairs(struct arena *a, struct query *query)
{
	STRBUF_AUTO(shown, 4096);

	for (size_t i = 0; i < query->n; i++) {
		const struct term *t = &query->v[i];

		strbuf_addf(&shown, "%s" STR_FMT, i ? " " : "",
			    STR_ARG(t->v[t->repaired].text));
	}
	query->shown = arena_str(a, strbuf_str(&shown));
}

static bool repair(struct searcher *q, struct arena *a, struct query *query, int level,
		   struct err *err)
{
	bool needed = false;

	for (size_t i = 0; i < query->n; i++)
		needed |= query->v[i].kind != TERM_CJK && query->v[i].level <= level;
	if (!needed)
		return true;
	if (q->budget && !q->vocabulary) {
		q->cut = true;
		return true;
	}
	if (!searcher_warm(q, err))
		return false;
	if (!query_repair(a, q->vocabulary, query, level))
		return true;
	show_repairs(a, query);
	return query_weigh_repaired(&q->db, query, err);
}

/* The rarest word may be the one that says nothing: names are few enough to look for the
 * commoner ones in them too. */
static bool names_of_any_word(struct searcher *q, const struct query *query,
			      struct err *err)
{
	size_t rows = q->any_rows, seen = q->seen;
	bool ok;

	if (q->budget || q->wanted->reference || rows >= NAMES_ROWS)
		return true;
	q->any_rows = NAMES_ROWS;
	ok = pass(q, query, MATCH_ANY, (struct range){ HEAD, 0, 1, 0 }, err);
	q->any_rows = rows;
	if (q->seen < seen)
		q->seen = seen;
	return ok;
}

/* Search for any of the words, widened. */
static bool any_word(struct searcher *q, struct arena *a, struct query *query,
		     struct answer *answer, struct err *err)
{
	if (q->room < WIDE_CANDIDATES)
		q->room = WIDE_CANDIDATES;
	return query_widen(&q->db, a, query, err) && passes(q, query, MATCH_ANY, err) &&
	       names_of_any_word(q, query, err) && look(q, a, query, answer, err);
}

/* No note has all the words as they are typed. */
static bool mend(struct searcher *q, struct arena *a, struct query *query,
		 struct answer *answer, struct err *err)
{
	if (query->pasted)
		return any_word(q, a, query, answer, err);
	if (!repair(q, a, query, -1, err) || !any_word(q, a, query, answer, err))
		return false;
	if (has_all(query, answer) || query->shown.n)
		return true;
	/* a word that exists may be another one misspelt */
	return repair(q, a, query, RARE, err) &&
	       (!query->shown.n || any_word(q, a, query, answer, err));
}

/* All words; if that does not convince, widened and repaired, and any of them will do. */
static bool stages(struct searcher *q, struct arena *a, struct query *query,
		   struct answer *answer, struct err *err)
{
	size_t strict;

	answer->how = SEARCH_ALL;
	if (!passes(q, query, MATCH_ALL, err) || !look(q, a, query, answer, err))
		return false;
	if (convincing(query, answer))
		return true;
	strict = q->seen;
	if (!strict) {
		if (!mend(q, a, query, answer, err))
			return false;
		answer->how = query->shown.n ? SEARCH_REPAIRED : SEARCH_ANY;
		return true;
	}
	if (!any_word(q, a, query, answer, err))
		return false;
	q->seen = strict;
	return true;
}

/* ---- hits ----------------------------------------------------------------------- */

static bool hit_snippet(struct searcher *q, struct arena *a, const struct name_words *w,
			const struct query *query, struct search_hit *hit,
			struct err *err)
{
	sqlite3_stmt *row = db_query(
		&q->db, err,
		q->wanted->reference ? "SELECT 0, bytes FROM reference WHERE id = ?1"
				     : "SELECT body, bytes FROM note WHERE id = ?1",
		"i", hit->id);
	int more = row ? db_step(&q->db, row, err) : -1;

	if (more <= 0)
		return more == 0;
	hit->snippet =
		snippet(w, a, query,
			str_from(db_col(row, 1), (size_t)sqlite3_column_int64(row, 0)),
			&hit->snippet_marks);
	sqlite3_reset(row);
	return true;
}

static bool deliver(struct searcher *q, struct arena *a, const struct query *query,
		    const struct answer *answer, struct search_result *ret,
		    struct err *err)
{
	size_t limit = q->wanted->limit ? q->wanted->limit : DEFAULT_LIMIT;
	struct name_words *w = name_words_new(a, query);

	for (size_t i = 0; i < answer->n && i < limit; i++) {
		struct search_hit *hit = ARENA_PUSH(a, ret);

		*hit = answer->v[i].hit;
		if (query->n)
			name_marks(w, a, hit->title, &hit->title_marks);
		if (q->wanted->snippets && !hit_snippet(q, a, w, query, hit, err))
			return false;
	}
	if (ret->total < ret->n)
		ret->total = ret->n;
	return true;
}

/* Nothing was typed: what is used most, then what is newest. */
static bool favourites(struct searcher *q, struct arena *a, struct search_result *ret,
		       struct err *err)
{
	static const char sql[] =
		"SELECT id FROM (SELECT note AS id, 0 AS kind, score AS by FROM usage WHERE "
		"?2 = '' OR note IN (SELECT note FROM tag WHERE name = ?2) ORDER BY score "
		"DESC LIMIT ?1) UNION ALL SELECT id FROM (SELECT id FROM note WHERE (?2 = '' "
		"OR id IN (SELECT note FROM tag WHERE name = ?2)) AND id NOT IN (SELECT note "
		"FROM usage) ORDER BY changed DESC, id LIMIT ?1) LIMIT ?1";
	struct query none = { 0 };
	struct answer *answer = arena_new_of(a, struct answer);
	int64_t limit = (int64_t)(q->wanted->limit ? q->wanted->limit : DEFAULT_LIMIT);
	sqlite3_stmt *row;
	int more = -1;

	if (q->wanted->reference)
		return true;
	row = db_query(&q->db, err, sql, "is",
		       limit < CANDIDATES_MAX ? limit : CANDIDATES_MAX, q->wanted->tag);
	while (row && (more = db_step(&q->db, row, err)) > 0 && q->n < CANDIDATES_MAX)
		q->best[q->n++] =
			(struct candidate){ .id = sqlite3_column_int64(row, 0) };
	if (more < 0)
		return false;
	for (size_t i = 0; i < q->n; i++) {
		struct looked_at *l = &answer->v[answer->n];

		*l = (struct looked_at){ .c = q->best[i] };
		if (!look_at_note(q, a, NULL, false, l, err))
			return false;
		answer->n += l->hit.score >= 0;
	}
	return deliver(q, a, &none, answer, ret, err);
}

static const struct budget *budget_of(int64_t notes)
{
	const struct budget *b = budgets;

	if (notes <= SMALL)
		return NULL;
	while (notes > b->notes)
		b++;
	return b;
}

/* The first answer is one screen. */
static size_t room_of(const struct searcher *q)
{
	return q->budget ? CANDIDATES : CANDIDATES_MAX;
}

static bool search(struct searcher *q, struct arena *a, const struct search_query *wanted,
		   bool quick, struct search_result *ret, struct err *err)
{
	struct search_result result = { .complete = true };
	struct query *query = arena_new_of(a, struct query);
	struct answer *answer = arena_new_of(a, struct answer);
	int64_t notes = 0;

	q->wanted = wanted;
	q->n = 0;
	q->cut = false;
	q->start_us = now_us();
	if (!db_int(&q->db, err, &notes,
		    wanted->reference ? "SELECT value FROM fact WHERE name = 'references'"
				      : "SELECT value FROM fact WHERE name = 'notes'",
		    ""))
		return false;
	q->budget = quick ? budget_of(notes) : NULL;
	q->room = room_of(q);
	q->any_rows = notes / 25 > ANY_ROWS ? (size_t)(notes / 25) : ANY_ROWS;
	query_parse(a, wanted->text, wanted->whole_words, query);
	if (!query->n) {
		if (!str_trim(wanted->text).n && !favourites(q, a, &result, err))
			return false;
	} else {
		if (!query_weigh(&q->db, query, log2((double)notes + 2), err) ||
		    !stages(q, a, query, answer, err))
			return false;
		result.how = answer->how;
		result.total = q->seen;
		result.complete = !q->cut && (!q->budget || q->n < q->room);
		if (!deliver(q, a, query, answer, &result, err))
			return false;
	}
	result.shown = query->shown;
	result.ms = (double)(now_us() - q->start_us) / 1000;
	*ret = result;
	return true;
}

/* One read transaction, so that all statements see the same notes. */
static bool in_one_view(struct searcher *q, struct arena *a,
			const struct search_query *wanted, bool quick,
			struct search_result *ret, struct err *err)
{
	bool ok;

	atomic_store(&q->stop, false);
	if (!db_run(&q->db, err, "BEGIN", ""))
		return false;
	ok = search(q, a, wanted, quick, ret, err);
	if (!sqlite3_get_autocommit(q->db.h))
		db_try(&q->db, "COMMIT");
	return ok;
}

bool search_quick(struct searcher *q, struct arena *a, const struct search_query *query,
		  struct search_result *ret, struct err *err)
{
	return in_one_view(q, a, query, true, ret, err);
}

bool search_full(struct searcher *q, struct arena *a, const struct search_query *query,
		 struct search_result *ret, struct err *err)
{
	return in_one_view(q, a, query, false, ret, err);
}

const char *search_how_name(enum search_how how)
{
	static const char *const names[] = { [SEARCH_ALL] = "all words",
					     [SEARCH_REPAIRED] = "showing results for",
					     [SEARCH_ANY] = "some of the words" };

	return names[how];
}
