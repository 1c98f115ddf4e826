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

static int min3(int a, int b, int c)
{
	int m = a < b ? a : b;

	return m < c ? m : c;
}

/* Rows of the table of distances, three of them for the swaps (optimal alignment). */
int edit_distance(struct str a, struct str b, bool prefix)
{
	int row[3][WORD_LONGEST + 3], *two = row[0], *one = row[1], *now = row[2];
	int best = 3;

	if (a.n > WORD_LONGEST || (!prefix && b.n > WORD_LONGEST))
		return 3;
	b = str_sub(b, 0, prefix ? a.n + 2 : WORD_LONGEST);
	if (b.n > WORD_LONGEST + 2 || a.n > b.n + 2)
		return 3;
	for (size_t j = 0; j <= b.n; j++)
		one[j] = (int)j;
	for (size_t i = 1; i <= a.n; i++) {
		int *spare = two, least = 3;

		now[0] = (int)i;
		for (size_t j = 1; j <= b.n; j++) {
			now[j] = min3(one[j] + 1, now[j - 1] + 1,
				      one[j - 1] + (a.p[i - 1] != b.p[j - 1]));
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1] && two[j - 2] + 1 < now[j])
				now[j] = two[j - 2] + 1;
			if (now[j] < least)
				least = now[j];
		}
		if (least > 2 && now[0] > 2)
			return 3;
		two = one;
		one = now;
		now = spare;
	}
	if (!prefix)
		return one[b.n] < 3 ? one[b.n] : 3;
	for (size_t j = 0; j <= b.n; j++)
		if (one[j] < best)
			best = one[j];
	return best;
}

/* How much nearer: fewer edits, then the same first letter, then the commoner word. */
static int rank_of(int distance, struct str typed, struct str w, int level, bool whole)
{
	return distance * 1000 - (typed.p[0] == w.p[0] ? 300 : 0) - level * 10 -
	       (whole ? 150 : 0);
}

size_t vocabulary_near(const struct vocabulary *v, struct str typed, bool prefix,
		       struct str *ret, size_t max)
{
	uint32_t letters = letters_of(typed);
	int ranks[8], limit = typed.n <= SHORT ? 1 : 2;
	size_t n = 0;

	if (!wanted(typed) || max > ARRAY_SIZE(ranks))
		return 0;
	for (size_t i = 0; i < v->n; i++) {
		const struct entry *e = &v->v[i];
		struct str w;
		size_t at;
		int d, rank;

		if (e->n + 2u < typed.n || (!prefix && e->n > typed.n + 2) ||
		    __builtin_popcount(letters & ~e->letters) > limit ||
		    (!prefix && __builtin_popcount(e->letters & ~letters) > limit))
			continue;
		w = str_n(v->text.p + e->at, e->n);
		d = edit_distance(typed, w, prefix);
		if (d > limit || d == 0)
			continue;
		rank = rank_of(d, typed, w, e->level,
			       prefix && edit_distance(typed, w, false) == d);
		for (at = n; at > 0 && ranks[at - 1] > rank; at--)
			;
		if (at >= max)
			continue;
		if (n < max)
			n++;
		for (size_t k = n - 1; k > at; k--) {
			ranks[k] = ranks[k - 1];
			ret[k] = ret[k - 1];
		}
		ranks[at] = rank;
		ret[at] = w;
	}
	return n;
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
