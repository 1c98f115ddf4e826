/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as vmstat ("name value" lines) and as meminfo. Property: parse(print(x)) == x
 * for both.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sys/meminfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BIG = 64 << 20 };

static void must(bool holds, const char *property)
{
	if (holds)
		return;
	fprintf(stderr, "property broken: %s\n", property);
	abort();
}

static void check_counters(struct arena *a, struct str text)
{
	struct counters one, two;
	STRBUF_AUTO(printed, BIG);
	struct err err;

	if (!counters_parse(a, text, NULL, &one, &err))
		return;
	for (size_t i = 0; i < one.n; i++) {
		strbuf_add(&printed, one.v[i].name);
		strbuf_addf(&printed, " %llu\n", (unsigned long long)one.v[i].v);
	}
	must(counters_parse(a, strbuf_str(&printed), NULL, &two, &err), err.msg);
	must(one.n == two.n, "no counter is lost");
	for (size_t i = 0; i < one.n; i++)
		must(str_eq(one.v[i].name, two.v[i].name) && one.v[i].v == two.v[i].v,
		     "a printed counter is read as it was");
}

static void check_meminfo(struct arena *a, struct str text)
{
	STRBUF_AUTO(printed, BIG);
	struct meminfo one, two;
	struct err err;

	if (!meminfo_parse(a, text, NULL, &one, &err))
		return;
	for (size_t i = 0; i < one.n; i++) {
		const struct meminfo_line *line = &one.v[i];

		strbuf_addz(&printed, "Node 0 ");
		strbuf_add(&printed, line->name);
		strbuf_addf(&printed, ": %llu%s\n",
			    (unsigned long long)(line->count ? line->v : line->v / 1024),
			    line->count ? "" : " kB");
	}
	must(meminfo_parse(a, strbuf_str(&printed), NULL, &two, &err), err.msg);
	must(one.n == two.n, "no line is lost");
	for (size_t i = 0; i < one.n; i++)
		must(str_eq(one.v[i].name, two.v[i].name) && one.v[i].v == two.v[i].v &&
			     one.v[i].count == two.v[i].count,
		     "a printed line is read as it was");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	AUTO(arena) a = arena_new();

	check_counters(a, text);
	check_meminfo(a, text);
	return 0;
}
