/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A query as the search sees it: terms, each with the phrases that would satisfy it.
 */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "base/strbuf.h"
#include "db.h"

enum {
	TERMS_MAX = 24,
	PHRASES_MAX = 8,   /* of one term */
	MATCH_MAX = 65536, /* bytes of an FTS5 expression */
};

/* One way to satisfy a term: a phrase of tokens in a row. */
struct phrase {
	struct str text;
	bool prefix;    /* the last token may be unfinished */
	double quality; /* 1: as typed; less for stems, parts and repairs */
};

enum term_kind { TERM_WORD, TERM_FLAG, TERM_CJK };

struct term {
	enum term_kind kind;
	struct phrase v[PHRASES_MAX];
	size_t n;
	double weight; /* rare words weigh more */
	int level;     /* binary logarithm of the notes that hold it; -1: unknown word */
	bool last;     /* may be unfinished */
	size_t repaired; /* index of its first repaired phrase; 0: none */
};

struct query {
	struct term v[TERMS_MAX];
	size_t n;
	bool pasted; /* an error message: parts of it may be private to where it came from
		      */
	bool cjk;
	double log_notes; /* binary logarithm of the number of notes */
	struct str shown; /* the query after repairs; empty when nothing was repaired */
};

/** Split what was typed into terms, each with its one phrase. Stop words go when
 *  anything else is there; paths, numbers and addresses go from a pasted message. */
void query_parse(struct arena *a, struct str text, bool whole_words, struct query *ret);
/** Look up how rare the terms are. */
bool query_weigh(struct db *db, struct query *q, double log_notes, struct err *err)
	MUST_CHECK;
/** The same again for terms that were repaired: what was meant is less rare. */
bool query_weigh_repaired(struct db *db, struct query *q, struct err *err) MUST_CHECK;
/** Further phrases for each term: stems, synonyms, joined and divided words, a flag's
 *  letters, the pairs of a long CJK run (which become terms of their own). */
bool query_widen(struct db *db, struct arena *a, struct query *q, struct err *err)
	MUST_CHECK;

/** About how many notes hold all terms, if none had to do with another. */
double query_rows(const struct query *q);
/** The term that is being typed, as long as it fits nearly everything, as a set. */
uint32_t query_unfinished(const struct query *q);

enum match_how { MATCH_ALL, MATCH_ANY };

enum { MATCH_PHRASES = 2 * TERMS_MAX * PHRASES_MAX, MATCH_IGNORED = 255 };

/* An FTS5 expression, and which term each of its phrases, as FTS5 numbers them, is of. */
struct match {
	struct strbuf text;
	uint8_t term[MATCH_PHRASES]; /* MATCH_IGNORED: stands there a second time */
	uint8_t phrase[MATCH_PHRASES];
	size_t n;
	size_t prefix_max;
};
/** MATCH_ANY asks for one of the rarest terms, as many of them as some `rows` notes hold;
 *  the others only add to the score. With `prefix_max` more rows fit, but an index with
 *  prefixes of so many letters gives them at once. */
struct match_want {
	enum match_how how;
	size_t rows;
	size_t prefix_max; /* 0: exact */
};
/** Free with strbuf_free(&out->text). */
void query_match(struct match *out, const struct query *q, struct match_want want);
void phrase_add(struct term *t, struct str text, bool prefix, double quality);

/** Is it an English word that is in every text: "the", "how"? Case is ignored. */
bool stop_word(struct str w);
/** Is it one, or a Chinese word that asks to be shown or told something: "查看"? */
bool says_little(struct str w);
/** Words, with a blank between them, that are asked for the same thing as the lower-case
 *  or Chinese word `w`, itself among them; empty when there are none. */
struct str synonyms(struct str w);
/** Length of the Chinese word at the beginning of `s` that asks or joins and names
 *  nothing ("怎么", "的"), or 0. */
size_t particle(struct str s);

/* The words of all notes, for the spelling repair. */
struct vocabulary;
/** Read them; takes about a second for a million notes. ERR_CANCELLED when `*stop`. */
bool vocabulary_load(struct db *db, const atomic_bool *stop, struct vocabulary **ret,
		     struct err *err) MUST_CHECK;
void vocabulary_free(struct vocabulary *v);
/** The words nearest to `typed`, best first: at most `max` of the least distance, which
 *  is 1 for short words and 2 for others. With `prefix` the beginning of a word is
 *  enough. */
size_t vocabulary_near(const struct vocabulary *v, struct str typed, bool prefix,
		       struct str *ret, size_t max);
/** Put repaired words in the place of unknown ones. Returns how many. */
size_t query_repair(struct arena *a, const struct vocabulary *v, struct query *q,
		    int level);

#endif
