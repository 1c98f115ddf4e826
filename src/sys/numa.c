/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NUMA nodes: see sys/numa.h.
 */
#include "sys/numa.h"
#include "sys/cpulist.h"

static const char *const lines[] = { "MemTotal",  "MemFree",  "AnonHugePages", "Shmem*",
				     "FileHuge*", "FilePmd*", "HugePages_*",   NULL };

struct numa numa_read(const struct root *root, struct arena *a)
{
	static const char *const path = "sys/devices/system/node/online";
	struct numa list = { 0 };
	struct cpulist ids;
	struct err err;
	struct str text;

	if (!root_read_line(root, a, path, &text, &err) ||
	    !cpulist_parse(a, text, &ids, &err)) {
		list.why = figure_why(root, a, path, &err);
		return list;
	}
	for (size_t i = 0; i < ids.n; i++) {
		const char *file = arena_printf(
			a, "sys/devices/system/node/node%u/meminfo", ids.v[i]);

		*ARENA_PUSH(a, &list) = (struct numa_node){
			.id = (int)ids.v[i], .meminfo = meminfo_read(root, a, file, lines)
		};
	}
	return list;
}
