/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a reject file. Property: what was read, written as our reject, is read
 * again with the same files and hunks, and written the same.
 */
#include "patch/rej.h"
#include "property.h"

enum { BIG = 1 << 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(arena) a = arena_new();
	struct patch p, back;

	if (!rej_parse(fuzz_input(data, n), STR("dir/x.c"), a, &p, NULL))
		return 0;
	for (size_t i = 0; i < p.n; i++) {
		STRBUF_AUTO(text, BIG);
		STRBUF_AUTO(again, BIG);

		rej_print(&p.v[i], &text);
		PROPERTY(rej_parse(strbuf_str(&text), STR("dir/x.c"), a, &back, NULL));
		PROPERTY(back.n == 1 && back.v[0].n_hunks == p.v[i].n_hunks);
		rej_print(&back.v[0], &again);
		PROPERTY(str_eq(strbuf_str(&text), strbuf_str(&again)));
	}
	return 0;
}
