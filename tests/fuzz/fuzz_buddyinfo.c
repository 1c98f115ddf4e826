/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as /proc/buddyinfo, and as extfrag_index. Properties:
 *  - parse(print(x)) == x;
 *  - what a zone can hand out of one order is its own blocks and two for each of the
 * next;
 *  - an index keeps to the digits it may have.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sys/buddy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *property)
{
	if (holds)
		return;
	fprintf(stderr, "property broken: %s\n", property);
	abort();
}

static void same_zone(const struct buddy_zone *a, const struct buddy_zone *b)
{
	must(a->node == b->node && str_eq(a->name, b->name) && a->orders == b->orders &&
		     !memcmp(a->free, b->free, sizeof(a->free)),
	     "a printed zone is read as it was");
	for (unsigned o = 0; o + 1 < a->orders; o++)
		must(buddy_blocks(a, o) == a->free[o] + 2 * buddy_blocks(a, o + 1),
		     "blocks of one order are its own and two of each of the next");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(printed, 64 << 20);
	struct extfrag extfrag;
	struct buddy one, two;
	struct err err;

	if (extfrag_parse(a, text, &extfrag, &err))
		for (size_t i = 0; i < extfrag.n; i++)
			for (unsigned o = 0; o < extfrag.v[i].orders; o++)
				must(abs(extfrag.v[i].index[o]) < 1001000,
				     "an index has at most four digits before its point");
	if (!buddy_parse(a, text, &one, &err))
		return 0;
	buddy_print(&printed, &one);
	must(buddy_parse(a, strbuf_str(&printed), &two, &err), err.msg);
	must(one.n == two.n, "no zone is lost");
	for (size_t i = 0; i < one.n; i++)
		same_zone(&one.v[i], &two.v[i]);
	return 0;
}
