/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a patch. Properties:
 *  - what is printed is read back, and printed the same again;
 *  - a hunk's counts are those of its lines;
 *  - a patch that was reversed twice is the patch.
 */
#include "patch/diff.h"
#include "property.h"

enum { BIG = 1 << 24 };

static void check_counts(const struct hunk *h)
{
	size_t old = 0, new = 0;

	for (size_t i = 0; i < h->n; i++) {
		old += h->lines[i].kind != '+';
		new += h->lines[i].kind != '-';
	}
	PROPERTY(old == h->old.count && new == h->new.count);
}

static void print(const struct patch *p, struct strbuf *out)
{
	for (size_t i = 0; i < p->n; i++)
		filepatch_print(&p->v[i], out);
}

static void check_reverse(struct arena *a, const struct filepatch *f)
{
	STRBUF_AUTO(once, BIG);
	STRBUF_AUTO(thrice, BIG);
	struct filepatch r;

	/* The first reversal puts removed lines before added ones; from then on the
	 * order is settled. */
	if (!filepatch_reverse(f, a, &r, NULL))
		return;
	filepatch_print(&r, &once);
	PROPERTY(filepatch_reverse(&r, a, &r, NULL));
	PROPERTY(filepatch_reverse(&r, a, &r, NULL));
	filepatch_print(&r, &thrice);
	PROPERTY(str_eq(strbuf_str(&once), strbuf_str(&thrice)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(text, BIG);
	STRBUF_AUTO(again, BIG);
	struct patch p, back;
	struct err err;

	if (!diff_parse(fuzz_input(data, n), &DIFF_OPTIONS_DEFAULT, a, &p, &err))
		return 0;
	for (size_t i = 0; i < p.n; i++) {
		for (size_t k = 0; k < p.v[i].n_hunks; k++)
			check_counts(&p.v[i].hunks[k]);
		check_reverse(a, &p.v[i]);
	}
	print(&p, &text);
	PROPERTY(diff_parse(strbuf_str(&text), &DIFF_OPTIONS_DEFAULT, a, &back, &err));
	print(&back, &again);
	PROPERTY(str_eq(strbuf_str(&text), strbuf_str(&again)));
	return 0;
}
