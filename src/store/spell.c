/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spelling repair: the words of all notes in one block of memory, looked through whole.
 * A word is compared only when its length and its set of letters allow a distance of 2,
 * so a million words take about two milliseconds.
 */
#include "query.h"
#include "store/tokenizer.h"

enum {
	WORD_MIN = 3,
	WORD_LONGEST = 32,
	SHORT = 5, /* up to here one edit only */
	WORDS_LIMIT = 8000000,
	NEAREST_MAX = 8,
};

struct entry {
	uint32_t at;      /* offset of its text */
	uint32_t letters; /* which letters it has; bit 26 for digits, 27 for the rest */
	uint8_t n, level;
};

struct vocabulary {
	struct strbuf text;
	struct entry *v;
	size_t n, cap;
};

static uint32_t letters_of(struct str w)
{
	uint32_t set = 0;

	for (size_t i = 0; i < w.n; i++) {
		char c = w.p[i];

		set |= c >= 'a' && c <= 'z'   ? 1u << (c - 'a')
		       : c >= '0' && c <= '9' ? 1u << 26
					      : 1u << 27;
	}
	return set;
}

/* Is it a word somebody may misspell: letters, perhaps with digits after them? */
static bool wanted(struct str w)
{
	return w.n >= WORD_MIN && w.n <= WORD_LONGEST && w.p[0] >= 'a' && w.p[0] <= 'z';
}

bool vocabulary_load(struct db *db, const atomic_bool *stop, struct vocabulary **ret,
		     struct err *err)
{
	struct vocabulary *v = calloc(1, sizeof(*v));
	sqlite3_stmt *q;
	int more = -1;

	if (!v)
		abort();
	v->text.max = UINT32_MAX;
	q = db_query(db, err, "SELECT word, level FROM word", "");
	while (q && (more = db_step(db, q, err)) > 0) {
		struct str w = db_col(q, 0);

		if (atomic_load_explicit(stop, memory_order_relaxed)) {
			err_set(err, ERR_CANCELLED, "searching: stopped");
			sqlite3_reset(q);
			more = -1;
			break;
		}
		if (!wanted(w) || v->n >= WORDS_LIMIT)
			continue;
		if (v->n == v->cap) {
			v->cap = v->cap ? v->cap * 2 : 4096;
			v->v = realloc(v->v, v->cap * sizeof(*v->v));
			if (!v->v)
				abort();
		}
		v->v[v->n++] =
			(struct entry){ (uint32_t)v->text.n, letters_of(w), (uint8_t)w.n,
					(uint8_t)sqlite3_column_int(q, 1) };
		strbuf_add(&v->text, w);
	}
	if (more < 0) {
		vocabulary_free(v);
		return false;
	}
	*ret = v;
	return true;
}

void vocabulary_free(struct vocabulary *v)
{
	if (!v)
		return;
	strbuf_free(&v->text);
	free(v->v);
	free(v);
}

/* How much nearer: fewer edits, then the same first letter, then letters left out or
 * swapped rather than others typed, then the commoner word. */
static int rank_of(int distance, struct str typed, const struct entry *e, struct str w,
		   bool whole)
{
	uint32_t letters = letters_of(typed);
	bool all_there = !(letters & ~e->letters) || !(e->letters & ~letters);

	return distance * 1000 - (typed.p[0] == w.p[0] ? 300 : 0) - (all_there ? 60 : 0) -
	       e->level * 10 - (whole ? 150 : 0);
}

/* Do length and letters allow so small a distance? */
static bool may_be_near(const struct entry *e, size_t n, uint32_t letters, int limit,
			bool prefix)
{
	if (e->n + 2u < n || __builtin_popcount(letters & ~e->letters) > limit)
		return false;
	return prefix ||
	       (e->n <= n + 2 && __builtin_popcount(e->letters & ~letters) <= limit);
}

/* The best few words so far, best first. */
struct nearest {
	int ranks[NEAREST_MAX];
	struct str *words;
	size_t n, max;
};

static void keep_near(struct nearest *near, int rank, struct str word)
{
	size_t at = near->n;

	while (at > 0 && near->ranks[at - 1] > rank)
		at--;
	if (at >= near->max)
		return;
	if (near->n < near->max)
		near->n++;
	for (size_t k = near->n - 1; k > at; k--) {
		near->ranks[k] = near->ranks[k - 1];
		near->words[k] = near->words[k - 1];
	}
	near->ranks[at] = rank;
	near->words[at] = word;
}

size_t vocabulary_near(const struct vocabulary *v, struct str typed, bool prefix,
		       struct str *ret, size_t max)
{
	struct nearest near = { .words = ret,
				.max = max < NEAREST_MAX ? max : NEAREST_MAX };
	uint32_t letters = letters_of(typed);
	int limit = typed.n <= SHORT ? 1 : 2;

	if (!wanted(typed))
		return 0;
	for (size_t i = 0; i < v->n; i++) {
		const struct entry *e = &v->v[i];
		struct str w = str_n(v->text.p + e->at, e->n);
		int d;

		if (!may_be_near(e, typed.n, letters, limit, prefix))
			continue;
		d = str_edits(typed, w, prefix);
		if (d > limit || d == 0)
			continue;
		keep_near(&near,
			  rank_of(d, typed, e, w,
				  prefix && str_edits(typed, w, false) == d),
			  w);
	}
	return near.n;
}

/* Is it a word, or the beginning of one, of more than a few notes? */
static bool known(const struct vocabulary *v, struct str typed, bool prefix, int level)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct entry *e = &v->v[i];

		if (e->level > level && (prefix ? e->n >= typed.n : e->n == typed.n) &&
		    memcmp(v->text.p + e->at, typed.p, typed.n) == 0)
			return true;
	}
	return false;
}

/* One misspelt token of a term. */
struct repair {
	struct arena *a;
	const struct vocabulary *v;
	struct term *term;
	struct str text; /* the term as typed */
	size_t done;
	int level;       /* words of no higher level are wrong */
	bool whole_term; /* it is the only token */
	struct strbuf out;
};

static bool repair_token(void *arg, const struct token *t)
{
	struct repair *r = arg;
	struct str near[3];
	bool last = t->end == r->text.n && r->term->last;
	size_t n = 0;

	/* in a term of several parts only the unknown ones are wrong */
	if (r->whole_term || !known(r->v, t->word, last, r->level))
		n = vocabulary_near(r->v, t->word, last, near, ARRAY_SIZE(near));

	strbuf_add(&r->out, str_sub(r->text, r->done, t->at - r->done));
	strbuf_add(&r->out, n ? near[0] : t->word);
	r->done = t->end;
	for (size_t i = 0; r->whole_term && i < n; i++)
		phrase_add(r->term, arena_str(r->a, near[i]), false,
			   0.8 - 0.1 * (double)i);
	return true;
}

static bool count(void *arg, const struct token *t)
{
	(void)t;
	++*(size_t *)arg;
	return true;
}

static bool repair_term(struct arena *a, const struct vocabulary *v, struct term *t,
			int level)
{
	struct repair r = {
		.a = a, .v = v, .term = t, .text = t->v[0].text, .out = STRBUF(4096)
	};
	size_t tokens = 0, before = t->n;

	/* a flag is looked for as it is; its letters may be repaired */
	while (t->kind == TERM_FLAG && r.text.n && r.text.p[0] == '-')
		r.text = str_from(r.text, 1);
	tokenize(r.text, TOKEN_QUERY, count, &tokens);
	r.whole_term = tokens == 1;
	tokenize(r.text, TOKEN_QUERY, repair_token, &r);
	if (!r.whole_term && r.out.n)
		phrase_add(t, arena_str(a, strbuf_str(&r.out)), false, 0.8);
	strbuf_free(&r.out);
	if (t->n > before)
		t->repaired = before;
	return t->n > before;
}

size_t query_repair(struct arena *a, const struct vocabulary *v, struct query *q,
		    int level)
{
	size_t done = 0;

	for (size_t i = 0; i < q->n; i++) {
		struct term *t = &q->v[i];

		if (t->kind != TERM_CJK && t->level <= level)
			done += repair_term(a, v, t, level);
	}
	return done;
}
