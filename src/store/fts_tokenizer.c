/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our tokenizer as FTS5 calls it (https://sqlite.org/fts5.html, "Custom Tokenizers").
 */
#include "db.h"
#include "store/tokenizer.h"

fts5_api *db_fts5(sqlite3 *h)
{
	fts5_api *api = NULL;
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(h, "SELECT fts5(?1)", -1, &q, NULL) == SQLITE_OK) {
		sqlite3_bind_pointer(q, 1, &api, "fts5_api_ptr", NULL);
		(void)sqlite3_step(q);
	}
	sqlite3_finalize(q);
	return api;
}

static int create(void *arg, const char **argv, int argc, Fts5Tokenizer **ret)
{
	static char the_only_one;

	(void)arg;
	(void)argv;
	(void)argc;
	*ret = (Fts5Tokenizer *)&the_only_one;
	return SQLITE_OK;
}

static void delete (Fts5Tokenizer *t)
{
	(void)t;
}

struct bridge {
	void *ctx;
	int (*token)(void *, int, const char *, int, int, int);
	int rc;
};

static bool forward(void *arg, const struct token *t)
{
	struct bridge *b = arg;

	b->rc = b->token(b->ctx, t->same ? FTS5_TOKEN_COLOCATED : 0, t->word.p,
			 (int)t->word.n, (int)t->at, (int)t->end);
	return b->rc == SQLITE_OK;
}

static int run(Fts5Tokenizer *t, void *ctx, int flags, const char *text, int n,
	       int (*token)(void *, int, const char *, int, int, int))
{
	struct bridge b = { ctx, token, SQLITE_OK };

	(void)t;
	tokenize(str_n(text, n > 0 ? (size_t)n : 0),
		 flags & FTS5_TOKENIZE_QUERY ? TOKEN_QUERY : TOKEN_TEXT, forward, &b);
	return b.rc;
}

bool tokenizer_register(struct db *db, struct err *err)
{
	static fts5_tokenizer ours = { create, delete, run };
	fts5_api *api = db_fts5(db->h);

	if (!api || api->iVersion < 2) {
		err_set(err, ERR_INTERNAL, "opening %s: SQLite was built without FTS5",
			db->what);
		return err_hint(err, "install a libsqlite3 with FTS5");
	}
	if (api->xCreateTokenizer(api, "kcrib", NULL, &ours, NULL) != SQLITE_OK)
		return err_set(err, ERR_INTERNAL, "opening %s: no tokenizer", db->what);
	return true;
}
