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
	HITS_MAX = 400, /* places looked at in one row */
	NEAR = 3,       /* positions between neighbours that still belong together */
	PASSAGE = 80,   /* positions of a passage */
};

static const double column_value[COLUMNS] = { 6, 5, 1 };

struct found {
	double best[COLUMNS];
	int body_hits;
};

/* What one term is worth in this row. */
static double term_value(const struct found *f, bool in_window)
{
	double head = fmax(f->best[TITLE] * column_value[TITLE],
			   f->best[NAMES] * column_value[NAMES]);
	double body = f->best[BODY] * (1 + 0.4 * log2(1 + f->body_hits));

	if (body > 3)
		body = 3;
	if (!in_window)
		body *= 0.3;
	return head > 0 ? head + 0.3 * body : body;
}

/* The places of the terms in the body, in order: a passage that has many of them. */
struct window {
	struct {
		int at, term;
	} v[HITS_MAX];
	size_t n, from;
	int count[TERMS_MAX];
	double weight, best;
	uint32_t terms, best_terms;
};

static void window_add(struct window *w, const struct query *q, int at, int term)
{
	w->v[w->n].at = at;
	w->v[w->n++].term = term;
	if (!w->count[term]++) {
		w->weight += q->v[term].weight;
		w->terms |= 1u << term;
	}
	for (; w->v[w->from].at < at - PASSAGE; w->from++) {
		int old = w->v[w->from].term;

		if (--w->count[old])
			continue;
		w->weight -= q->v[old].weight;
		w->terms &= ~(1u << old);
	}
	if (w->weight > w->best) {
		w->best = w->weight;
		w->best_terms = w->terms;
	}
}

/* Read the places of this row. Returns the bonus for neighbours. */
static double read_places(const Fts5ExtensionApi *api, Fts5Context *fts, struct ranker *r,
			  struct found *found, struct window *w)
{
	int hits = 0, last_term = -2, last_column = -1, last_at = 0;
	double near = 0;

	if (api->xInstCount(fts, &hits) != SQLITE_OK)
		return 0;
	for (int i = 0; i < hits && i < HITS_MAX; i++) {
		int phrase, column, at, term;

		if (api->xInst(fts, i, &phrase, &column, &at) != SQLITE_OK ||
		    phrase < 0 || (size_t)phrase >= r->phrases || column >= COLUMNS)
			continue;
		term = r->term_of[phrase];
		r->terms |= 1u << term;
		if (r->quality[phrase] > found[term].best[column])
			found[term].best[column] = r->quality[phrase];
		if (column == BODY) {
			found[term].body_hits++;
			window_add(w, r->query, at, term);
		}
		if (term == last_term + 1 && column == last_column &&
		    at - last_at <= NEAR && at > last_at)
			near += r->query->v[term].weight * (column == BODY ? 0.1 : 0.4);
		last_term = term;
		last_column = column;
		last_at = at;
	}
	return near < r->weight ? near : r->weight;
}

static void rank(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *ctx,
		 int argc, sqlite3_value **argv)
{
	struct ranker *r = api->xUserData(fts);
	struct found found[TERMS_MAX] = { 0 };
	struct window w;
	double sum, got = 0;

	(void)ctx;
	(void)argc;
	(void)argv;
	w.n = w.from = 0;
	w.weight = w.best = 0;
	w.terms = w.best_terms = 0;
	memset(w.count, 0, sizeof(w.count));
	r->terms = 0;
	sum = read_places(api, fts, r, found, &w);
	for (size_t i = 0; i < r->query->n; i++) {
		bool head = found[i].best[TITLE] > 0 || found[i].best[NAMES] > 0;
		bool near = w.best_terms >> i & 1;
		double weight = r->query->v[i].weight;

		if (!(r->terms >> i & 1))
			continue;
		got += head || near ? weight : 0.3 * weight;
		sum += weight * term_value(&found[i], near);
	}
	r->score = sum / r->weight * (0.2 + 0.8 * got / r->weight);
}

bool ranker_register(struct db *db, struct ranker *r, struct err *err)
{
	fts5_api *api = db_fts5(db->h);

	if (!api || api->xCreateFunction(api, "kcrib_rank", r, rank, NULL) != SQLITE_OK)
		return err_set(err, ERR_INTERNAL, "opening %s: no rank function",
			       db->what);
	return true;
}

void ranker_use(struct ranker *r, const struct query *q)
{
	r->query = q;
	r->phrases = 0;
	r->weight = 0;
	for (size_t i = 0; i < q->n; i++) {
		r->weight += q->v[i].weight;
		for (size_t k = 0; k < q->v[i].n; k++) {
			r->term_of[r->phrases] = (uint8_t)i;
			r->quality[r->phrases++] = q->v[i].v[k].quality;
		}
	}
}
