/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NUMA nodes: see sys/numa.h.
 */
#include "sys/numa.h"

enum { MAX_NODES = 1024 };

static const char *const lines[] = { "MemTotal", "MemFree",  "AnonHugePages",
				     "Shmem*",	 "FileHuge*", "FilePmd*",
				     "HugePages_*", NULL };

bool numa_list_parse(struct arena *a, struct str text, struct numa_ids *ret,
		     struct err *err)
{
	struct str rest = str_trim(text), piece;
	struct numa_ids list = { 0 };

	while (rest.n && str_cut(&rest, ',', &piece)) {
		uint64_t from, to;

		if (!str_eat_u64(&piece, 10, &from))
			return err_set(err, ERR_PARSE, "reading a node list: " STR_FMT,
				       STR_ARG(text));
		to = from;
		if (str_skip(&piece, STR("-")) && !str_eat_u64(&piece, 10, &to))
			to = 0;
		if (piece.n || to < from || to > INT32_MAX)
			return err_set(err, ERR_PARSE, "reading a node list: " STR_FMT,
				       STR_ARG(text));
		if (to - from >= MAX_NODES - list.n)
			return err_set(err, ERR_LIMIT, "reading a node list: over %d",
				       MAX_NODES);
		for (uint64_t id = from; id <= to; id++)
			*ARENA_PUSH(a, &list) = (int)id;
	}
	*ret = list;
	return true;
}

struct numa numa_read(const struct root *root, struct arena *a)
{
	static const char *const path = "sys/devices/system/node/online";
	struct numa list = { 0 };
	struct numa_ids ids;
	struct err err;
	struct str text;

	if (!root_read_line(root, a, path, &text, &err) ||
	    !numa_list_parse(a, text, &ids, &err)) {
		list.why = figure_why(root, a, path, &err);
		return list;
	}
	for (size_t i = 0; i < ids.n; i++) {
		const char *file = arena_printf(
			a, "sys/devices/system/node/node%d/meminfo", ids.v[i]);

		*ARENA_PUSH(a, &list) = (struct numa_node){
			.id = ids.v[i], .meminfo = meminfo_read(root, a, file, lines)
		};
	}
	return list;
}
