/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranking of one row: see rank.h. For each term the best column it stands in counts:
 * title before names before body. Words of the body count in full only where they stand
 * in one passage: a manual of a hundred pages has every word somewhere. Terms that stand
 * side by side as in the query count extra.
 */
#include <math.h>

#include "rank.h"

enum { TITLE, NAMES, BODY, COLUMNS };

enum {
	HITS_MAX = 24, /* places of one phrase that are looked at */
	PLACES_MAX = 192,
	NEAR = 3,     /* positions between neighbours that still belong together */
	PASSAGE = 80, /* positions of a passage */
};

static const double column_value[COLUMNS] = { 6, 5, 1 };
static const double BOTH = 0.1; /* of the lesser one */

/* log2(1 + n) for the number of places in the body */
static const double log2_of[] = {
	0,    1,    1.58, 2,    2.32, 2.58, 2.81, 3,    3.17, 3.32, 3.46, 3.58, 3.70,
	3.81, 3.91, 4,    4.09, 4.17, 4.25, 4.32, 4.39, 4.46, 4.52, 4.58, 4.64,
};

struct found {
	double best[COLUMNS];
	unsigned body_hits; /* of its best phrase, at most HITS_MAX */
};

/* What one term is worth in this row. */
static double term_value(const struct found *f, bool in_window)
{
	double title = f->best[TITLE] * column_value[TITLE];
	double names = f->best[NAMES] * column_value[NAMES];
	/* among a million notes many have a word in the title */
	double head = fmax(title, names) + BOTH * fmin(title, names);
	double body = f->best[BODY] * (1 + 0.4 * log2_of[f->body_hits]);

	if (body > 3)
		body = 3;
	if (!in_window)
		body *= 0.3;
	return head > 0 ? head + 0.3 * body : body;
}

/* Places of the terms in the body. */
struct place {
	int at, term;
};
struct places {
	struct place v[PLACES_MAX];
	size_t n;
};

/* Phrases come one after the other, each in order: nearly sorted, and few. */
static void sort_places(struct places *p)
{
	for (size_t i = 1; i < p->n; i++) {
		struct place t = p->v[i];
		size_t k = i;

		for (; k > 0 && p->v[k - 1].at > t.at; k--)
			p->v[k] = p->v[k - 1];
		p->v[k] = t;
	}
}

/* The terms of the passage that has the most of them, by weight; and a bonus for terms
 * that follow each other as in the query. */
static uint32_t best_passage(const struct query *q, struct places *p, double *near)
{
	int count[TERMS_MAX] = { 0 };
	double weight = 0, best = 0;
	uint32_t terms = 0, best_terms = 0;
	size_t from = 0;

	sort_places(p);
	for (size_t i = 0; i < p->n; i++) {
		int at = p->v[i].at, term = p->v[i].term;

		if (i && term == p->v[i - 1].term + 1 && at > p->v[i - 1].at &&
		    at - p->v[i - 1].at <= NEAR)
			*near += q->v[term].weight * 0.1;
		if (!count[term]++) {
			weight += q->v[term].weight;
			terms |= 1u << term;
		}
		for (; p->v[from].at < at - PASSAGE; from++) {
			int old = p->v[from].term;

			if (--count[old])
				continue;
			weight -= q->v[old].weight;
			terms &= ~(1u << old);
		}
		if (weight > best) {
			best = weight;
			best_terms = terms;
		}
	}
	return best_terms;
}

/* Note where one phrase stands. Columns come in order, so its title is seen first. */
static void read_phrase(const Fts5ExtensionApi *api, Fts5Context *fts, struct ranker *r,
			int phrase, struct found *found, struct places *places)
{
	int term = r->match->term[phrase], column, at, n = 0;
	unsigned hits = 0;
	Fts5PhraseIter it;
	double quality;

	if (term == MATCH_IGNORED)
		return;
	quality = r->query->v[term].v[r->match->phrase[phrase]].quality;
	if (api->xPhraseFirst(fts, phrase, &it, &column, &at) != SQLITE_OK)
		return;
	for (; column >= 0 && n < HITS_MAX;
	     api->xPhraseNext(fts, &it, &column, &at), n++) {
		if (column >= COLUMNS)
			continue;
		r->terms |= 1u << term;
		if (quality > found[term].best[column])
			found[term].best[column] = quality;
		if (column != BODY)
			continue;
		hits++;
		if (places->n < PLACES_MAX)
			places->v[places->n++] = (struct place){ at, term };
	}
	if (hits > found[term].body_hits)
		found[term].body_hits = hits;
}

static void rank(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *ctx,
		 int argc, sqlite3_value **argv)
{
	struct ranker *r = api->xUserData(fts);
	struct found found[TERMS_MAX];
	struct places places;
	double sum = 0, near = 0, got = 0;
	uint32_t passage = ~0u;

	(void)ctx;
	(void)argc;
	(void)argv;
	memset(found, 0, r->query->n * sizeof(*found));
	places.n = 0;
	r->terms = 0;
	for (size_t i = 0; i < r->match->n; i++)
		read_phrase(api, fts, r, (int)i, found, &places);
	if (r->query->n > 1)
		passage = best_passage(r->query, &places, &near);
	for (size_t i = 0; i < r->query->n; i++) {
		bool head = found[i].best[TITLE] > 0 || found[i].best[NAMES] > 0;
		bool close = passage >> i & 1;
		double weight = r->query->v[i].weight;

		if (!(r->terms >> i & 1))
			continue;
		got += head || close ? weight : 0.3 * weight;
		sum += weight * term_value(&found[i], close);
	}
	if (near > r->weight)
		near = r->weight;
	r->score =
		(sum + near) / r->weight * (r->least + (1 - r->least) * got / r->weight);
}

bool ranker_register(struct db *db, struct ranker *r, struct err *err)
{
	fts5_api *api = db_fts5(db->h);

	if (!api || api->xCreateFunction(api, "kcrib_rank", r, rank, NULL) != SQLITE_OK)
		return err_set(err, ERR_INTERNAL, "opening %s: no rank function",
			       db->what);
	return true;
}

void ranker_use(struct ranker *r, const struct query *q, const struct match *m)
{
	r->query = q;
	r->match = m;
	r->weight = 0;
	/* half of a pasted message may be about somebody's own tree */
	r->least = q->pasted ? 0.5 : 0.2;
	for (size_t i = 0; i < q->n; i++)
		r->weight += q->v[i].weight;
}
