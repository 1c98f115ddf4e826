/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How well a row fits: our auxiliary function of FTS5. It needs neither the document
 * frequencies of bm25 (a pass over the whole posting list before the first row) nor the
 * docsize table (a look-up a row); weights come from the table of words. Its findings are
 * left in the ranker of the connection, so that nothing is boxed into SQL values.
 */
#ifndef STORE_RANK_H
#define STORE_RANK_H

#include "query.h"

struct ranker {
	/* set by ranker_use() for the expression that runs */
	const struct query *query;
	const struct match *match;
	double weight; /* of all terms */
	double least;  /* share of its score that a row keeps when few terms are there */

	/* about the row the statement stands on */
	double score;   /* 0 .. about 10 */
	uint32_t terms; /* which terms were found */
	bool repaired;  /* a repaired phrase was among what was found */
};

/** Make kcrib_rank(table) known to a connection. */
bool ranker_register(struct db *db, struct ranker *r, struct err *err) MUST_CHECK;
void ranker_use(struct ranker *r, const struct query *q, const struct match *m);

/** How well the query fits a short name: `recall` is the share of the query (by weight)
 *  that stands in the name, `precision` the share of the name that was asked for. */
struct name_fit {
	double recall, precision;
	size_t places; /* words of the name */
	bool guessed;  /* a word of it only begins with one of the query */
};
struct name_words; /* the query's tokens, ready to compare */
struct name_words *name_words_new(struct arena *a, const struct query *q);
struct name_fit name_fit(const struct name_words *w, struct str name);
/** The places in `text` where words of the query stand, with the weight found. */
struct search_marks;
double name_marks(const struct name_words *w, struct arena *a, struct str text,
		  struct search_marks *ret);

#endif
