/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * meminfo of the machine and of a node: see sys/meminfo.h.
 */
#include "sys/meminfo.h"

enum { MAX_LINES = 1024, MAX_TEXT = 1 << 18 };

/* "AnonHugePages:    116736 kB", after an optional "Node 0 ". */
static bool parse_line(struct str line, struct meminfo_line *ret)
{
	struct str rest = line, name, value, unit = STR("");
	struct meminfo_line out;
	uint64_t node;

	if (str_skip(&rest, STR("Node ")) && !str_eat_u64(&rest, 10, &node))
		return false;
	if (!str_cut(&rest, ':', &name) || !str_word(&rest, &value) ||
	    !str_to_u64(value, &out.v))
		return false;
	str_word(&rest, &unit);
	out.name = str_trim(name);
	out.count = !unit.n;
	if (unit.n && (!str_eq(unit, STR("kB")) || out.v > UINT64_MAX / 1024))
		return false;
	if (!out.count)
		out.v *= 1024;
	*ret = out;
	return out.name.n > 0;
}

bool meminfo_parse(struct arena *a, struct str text, const char *const *wanted,
		   struct meminfo *ret, struct err *err)
{
	struct meminfo list = { .why = "no such line in meminfo" };
	struct meminfo_line item;

	STR_EACH_LINE (line, text) {
		if (!parse_line(line, &item) || !name_wanted(item.name, wanted))
			continue;
		if (list.n == MAX_LINES)
			return err_set(err, ERR_LIMIT, "reading meminfo: over %d lines",
				       MAX_LINES);
		item.name = arena_str(a, item.name);
		*ARENA_PUSH(a, &list) = item;
	}
	*ret = list;
	return true;
}

struct meminfo meminfo_read(const struct root *root, struct arena *a, const char *path,
			    const char *const *wanted)
{
	STRBUF_AUTO(buf, MAX_TEXT);
	struct meminfo list = { 0 };
	struct err err;

	if (!root_read(root, path, &buf, &err) ||
	    !meminfo_parse(a, strbuf_str(&buf), wanted, &list, &err))
		list = (struct meminfo){ .why = figure_why(root, a, path, &err) };
	return list;
}

struct figure meminfo_get(const struct meminfo *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_eq(m->v[i].name, str_of(name)))
			return figure_of(m->v[i].v);
	return figure_none(m->n ? "this kernel's meminfo has no such line" : m->why);
}
