/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as mountinfo and as /proc/mounts. Properties:
 *  - a mount printed with its blanks escaped is read as it was;
 *  - the value of an option stands in the options;
 *  - a size is a plain number or whole KiB.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sys/mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *property)
{
	if (holds)
		return;
	fprintf(stderr, "property broken: %s\n", property);
	abort();
}

static void add_escaped(struct strbuf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == '\\')
			strbuf_addf(b, "\\%03o", c);
		else
			strbuf_addc(b, (char)c);
	}
	strbuf_addc(b, ' ');
}

static void print(struct strbuf *b, const struct mount *m)
{
	strbuf_addf(b, "1 1 %u:%u ", m->major, m->minor);
	add_escaped(b, m->root);
	add_escaped(b, m->point);
	strbuf_add(b, m->options);
	strbuf_addz(b, " shared:1 - ");
	strbuf_add(b, m->type);
	strbuf_addc(b, ' ');
	add_escaped(b, m->source);
	strbuf_add(b, m->super);
	strbuf_addz(b, " end\n");
}

static void same(struct arena *a, const struct mount *m)
{
	STRBUF_AUTO(text, 64 << 20);
	struct mounts again;
	struct str value;
	struct err err;
	uint64_t size;

	print(&text, m);
	must(mountinfo_parse(a, strbuf_str(&text), &again, &err), err.msg);
	must(again.n == 1 && again.v[0].major == m->major && again.v[0].minor == m->minor,
	     "one mount with its device");
	must(str_eq(again.v[0].root, m->root) && str_eq(again.v[0].point, m->point) &&
		     str_eq(again.v[0].source, m->source) &&
		     str_eq(again.v[0].type, m->type) &&
		     str_eq(again.v[0].options, m->options),
	     "a printed mount is read as it was");
	must(!m->super.n || str_eq(again.v[0].super, m->super), "its options too");
	if (mount_option(m->super, "pagesize", &value)) {
		must(value.p >= m->super.p &&
			     value.p + value.n <= m->super.p + m->super.n,
		     "the value stands in the options");
		if (mount_size(value, &size) && value.p[value.n - 1] != 'B')
			must(!size || size % (1 << 10) == 0 || str_to_u64(value, &size),
			     "a size without a unit is a plain number");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	AUTO(arena) a = arena_new();
	struct mounts mounts;
	struct err err;

	if (mountinfo_parse(a, text, &mounts, &err))
		for (size_t i = 0; i < mounts.n; i++)
			same(a, &mounts.v[i]);
	if (mounts_parse(a, text, &mounts, &err))
		for (size_t i = 0; i < mounts.n; i++)
			same(a, &mounts.v[i]);
	STR_EACH_LINE (line, text)
		if (mountinfo_parse(a, line, &mounts, &err) && mounts.n)
			same(a, &mounts.v[0]);
	return 0;
}
