/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comparing a query with short texts outside the index: titles, aliases, lines for a
 * snippet. The query's phrases are kept as tokens, the text is tokenized once.
 */
#include "rank.h"
#include "store/search.h"
#include "store/tokenizer.h"

enum { WORDS_MAX = 160 };

struct name_word {
	struct str word;
	uint8_t term, phrase; /* which phrase of which term it belongs to */
	bool prefix;
};

struct name_words {
	const struct query *query;
	struct arena *a;
	struct name_word v[WORDS_MAX];
	size_t n;
	uint64_t first; /* first bytes of the words, the lower six bits of each */
	double weight;
	uint8_t sizes[TERMS_MAX][PHRASES_MAX]; /* tokens of each phrase */
	/* the phrase that is being taken apart */
	size_t term, phrase;
};

static bool add_word(void *arg, const struct token *t)
{
	struct name_words *w = arg;

	if (w->n == WORDS_MAX)
		return false;
	w->v[w->n++] = (struct name_word){ arena_str(w->a, t->word), (uint8_t)w->term,
					   (uint8_t)w->phrase, false };
	w->first |= 1ull << (t->word.p[0] & 63);
	w->sizes[w->term][w->phrase]++;
	return true;
}

struct name_words *name_words_new(struct arena *a, const struct query *q)
{
	struct name_words *w = arena_new_of(a, struct name_words);

	w->query = q;
	w->a = a;
	for (w->term = 0; w->term < q->n; w->term++) {
		const struct term *t = &q->v[w->term];

		w->weight += t->weight;
		for (w->phrase = 0; w->phrase < t->n; w->phrase++) {
			size_t before = w->n;

			tokenize(t->v[w->phrase].text, TOKEN_QUERY, add_word, w);
			if (w->n > before)
				w->v[w->n - 1].prefix = t->v[w->phrase].prefix;
		}
	}
	return w;
}

enum { UNMET_MAX = 32 };

struct fitting {
	const struct name_words *w;
	uint64_t hit[(WORDS_MAX + 63) / 64]; /* words of the query met so far */
	size_t places, places_hit;
	bool place_hit;  /* a token of the present position was asked for */
	size_t place_n;  /* length of the word at the present position */
	bool guessed;    /* some token only begins with what was asked for */
	size_t pair_end; /* end of the CJK pair before this token */
	struct search_mark unmet[UNMET_MAX]; /* places that were not asked for */
	size_t unmet_n;
	/* marks, when wanted */
	struct arena *a;
	struct search_marks *marks;
};

static bool same_word(const struct name_word *w, struct str token)
{
	return w->prefix ? str_starts(token, w->word) : str_eq(token, w->word);
}

static void mark(struct fitting *f, const struct token *t)
{
	struct search_mark *last = f->marks->n ? &f->marks->v[f->marks->n - 1] : NULL;

	if (last && last->at + last->n >= t->at && last->at <= t->at) {
		if (t->end > last->at + last->n)
			last->n = t->end - last->at;
		return;
	}
	if (!last || t->at > last->at)
		*ARENA_PUSH(f->a, f->marks) =
			(struct search_mark){ t->at, t->end - t->at };
}

/* Note which words of the query the token is; is it any, and a whole one? */
static bool meet(struct fitting *f, struct str token, bool *ret_whole)
{
	bool met = false;

	if (!(f->w->first >> (token.p[0] & 63) & 1))
		return false;
	for (size_t i = 0; i < f->w->n; i++) {
		const struct name_word *w = &f->w->v[i];

		if (w->word.p[0] != token.p[0] || !same_word(w, token))
			continue;
		f->hit[i / 64] |= 1ull << (i % 64);
		met = true;
		*ret_whole |= w->word.n == token.n;
	}
	return met;
}

static void new_place(struct fitting *f, const struct token *t, bool met)
{
	f->places++;
	f->places_hit += met;
	f->place_hit = met;
	f->place_n = t->end - t->at;
	if (!met && f->unmet_n < UNMET_MAX)
		f->unmet[f->unmet_n++] = (struct search_mark){ t->at, t->end - t->at };
}

static bool fit_token(void *arg, const struct token *t)
{
	struct fitting *f = arg;
	bool whole = false, met = meet(f, t->word, &whole);
	bool cjk = (unsigned char)t->word.p[0] >= 0x80;

	if (met && f->marks)
		mark(f, t);
	if (t->same && met && !f->place_hit) {
		f->place_hit = true;
		f->places_hit++;
		f->unmet_n -= f->unmet_n > 0;
	}
	/* the last character of a CJK run has no pair of its own: no place either */
	if (!t->same && !(cjk && t->end == f->pair_end)) {
		f->pair_end = cjk ? t->end : 0;
		new_place(f, t, met);
	}
	/* a part of a CamelCase word, or one character of a CJK word, is not it all */
	f->guessed |= met && (!whole || t->end - t->at < f->place_n);
	return true;
}

/* Words of every text, and a number: it is another one each time. */
static bool says_nothing(struct str word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] < '0' || word.p[i] > '9')
			return stop_word(word);
	return true;
}

/* A term is there when all words of one of its phrases are. */
static double terms_found(const struct fitting *f)
{
	uint8_t found[TERMS_MAX][PHRASES_MAX] = { 0 };
	const struct query *q = f->w->query;
	double sum = 0;

	for (size_t i = 0; i < f->w->n; i++)
		if (f->hit[i / 64] >> (i % 64) & 1)
			found[f->w->v[i].term][f->w->v[i].phrase]++;
	for (size_t t = 0; t < q->n; t++) {
		double best = 0;

		for (size_t p = 0; p < q->v[t].n; p++)
			if (f->w->sizes[t][p] && found[t][p] == f->w->sizes[t][p] &&
			    q->v[t].v[p].quality > best)
				best = q->v[t].v[p].quality;
		sum += best * q->v[t].weight;
	}
	return sum;
}

struct name_fit name_fit(const struct name_words *w, struct str name)
{
	struct fitting f = { .w = w };
	struct name_fit fit = { 0 };

	tokenize(name, TOKEN_TEXT, fit_token, &f);
	if (!f.places_hit || w->weight <= 0)
		return fit;
	for (size_t i = 0; i < f.unmet_n; i++)
		f.places -= says_nothing(str_sub(name, f.unmet[i].at, f.unmet[i].n));
	fit.recall = terms_found(&f) / w->weight;
	fit.places = f.places;
	fit.guessed = f.guessed;
	fit.precision = (double)f.places_hit / (double)f.places;
	return fit;
}

double name_marks(const struct name_words *w, struct arena *a, struct str text,
		  struct search_marks *ret)
{
	struct fitting f = { .w = w, .a = a, .marks = ret };

	tokenize(text, TOKEN_TEXT, fit_token, &f);
	return terms_found(&f);
}
