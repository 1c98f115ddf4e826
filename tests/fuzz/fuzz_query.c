/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queries against a small store. Whatever is typed is answered; hits come in the order of
 * their score, within the limit, and marks lie inside what they mark; and a query whose
 * words are the body of a note finds that note.
 */
#include "property.h"
#include "store/note_store.h"
#include "store/search.h"

static void parse(void *arg, struct arena *a, struct str slug, struct str bytes,
		  struct note_text *ret)
{
	(void)arg;
	(void)a;
	*ret = (struct note_text){ .title = slug, .lang = STR("en"), .body = bytes };
}

static const struct note_codec codec = { .version = 1, .parse = parse };

static void check_marks(const struct search_marks *marks, struct str text)
{
	for (size_t i = 0; i < marks->n; i++)
		PROPERTY(marks->v[i].at + marks->v[i].n <= text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const notes[] = {
		"git am --reject leaves .rej files",
		"透明大页 and KVM_EXIT_IO in vcpu->run",
		"khugepaged collapses pages, see -T and -t"
	};
	static struct store *s;
	static struct searcher *q;
	AUTO(arena) a = arena_new();
	struct search_query query = { .text = fuzz_input(data, n),
				      .limit = 2,
				      .snippets = true };
	struct search_result r;

	if (!s) {
		struct store_options opt = { .codec = &codec };

		PROPERTY(store_open(&opt, &s, NULL) && searcher_open(s, &q, NULL));
		for (int i = 0; i < 3; i++)
			PROPERTY(note_save(s, str_n(&"abc"[i], 1), str_of(notes[i]),
					   NULL));
	}
	PROPERTY(search_full(q, a, &query, &r, NULL));
	PROPERTY(r.n <= 2 && r.total >= r.n);
	for (size_t i = 0; i < r.n; i++) {
		PROPERTY(i == 0 || r.v[i - 1].score >= r.v[i].score);
		check_marks(&r.v[i].title_marks, r.v[i].title);
		check_marks(&r.v[i].snippet_marks, r.v[i].snippet);
	}
	query.text = str_of(notes[n % 3]);
	PROPERTY(search_full(q, a, &query, &r, NULL));
	PROPERTY(r.n && str_eq(r.v[0].slug, str_n(&"abc"[n % 3], 1)));
	return 0;
}
