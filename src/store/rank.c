/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranking of one row: see rank.h. For each term the best column it stands in counts:
 * title before names before body; in the body the number of places counts a little.
 * Terms that stand side by side as in the query count extra.
 */
#include <math.h>

#include "rank.h"

enum { TITLE, NAMES, BODY, COLUMNS };

enum {
	HITS_MAX = 400, /* places looked at in one row */
	NEAR = 3,       /* positions between neighbours that still belong together */
};

static const double column_value[COLUMNS] = { 6, 5, 1 };

struct found {
	double best[COLUMNS];
	int body_hits;
};

/* What one term is worth in this row. */
static double term_value(const struct found *f)
{
	double head = fmax(f->best[TITLE] * column_value[TITLE],
			   f->best[NAMES] * column_value[NAMES]);
	double body = f->best[BODY] * (1 + 0.4 * log2(1 + f->body_hits));

	if (body > 3)
		body = 3;
	return head > 0 ? head + 0.3 * body : body;
}

static void rank(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *ctx,
		 int argc, sqlite3_value **argv)
{
	struct ranker *r = api->xUserData(fts);
	struct found found[TERMS_MAX] = { 0 };
	int hits = 0, last_term = -2, last_column = -1, last_at = 0;
	double sum = 0, got = 0, near = 0;

	(void)ctx;
	(void)argc;
	(void)argv;
	r->terms = 0;
	r->repaired = false;
	r->score = 0;
	if (api->xInstCount(fts, &hits) != SQLITE_OK)
		return;
	for (int i = 0; i < hits && i < HITS_MAX; i++) {
		int phrase, column, at, term;

		if (api->xInst(fts, i, &phrase, &column, &at) != SQLITE_OK ||
		    phrase < 0 || (size_t)phrase >= r->phrases || column >= COLUMNS)
			continue;
		term = r->term_of[phrase];
		r->terms |= 1u << term;
		if (r->quality[phrase] > found[term].best[column])
			found[term].best[column] = r->quality[phrase];
		found[term].body_hits += column == BODY;
		if (term == last_term + 1 && column == last_column &&
		    at - last_at <= NEAR && at > last_at)
			near += r->query->v[term].weight * (column == BODY ? 0.1 : 0.4);
		last_term = term;
		last_column = column;
		last_at = at;
	}
	for (size_t i = 0; i < r->query->n; i++) {
		if (!(r->terms >> i & 1))
			continue;
		got += r->query->v[i].weight;
		sum += r->query->v[i].weight * term_value(&found[i]);
	}
	if (near > r->weight)
		near = r->weight;
	r->score = (sum + near) / r->weight * (0.3 + 0.7 * got / r->weight);
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
