/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory nodes of the machine. A machine without NUMA has one, node 0.
 * Source: Documentation/ABI/stable/sysfs-devices-node.
 */
#ifndef SYS_NUMA_H
#define SYS_NUMA_H

#include "sys/meminfo.h"

struct numa_node {
	int id;
	struct meminfo meminfo; /* MemTotal, MemFree and the huge-page lines */
};

struct numa {
	struct numa_node *v;
	size_t n, cap;
	const char *why; /* n == 0: the reason */
};

/** A kernel list "0-3,8"; at most 1024 numbers, ascending or not, else ERR_LIMIT. */
struct numa_ids {
	int *v;
	size_t n, cap;
};
bool numa_list_parse(struct arena *a, struct str text, struct numa_ids *ret,
		     struct err *err) MUST_CHECK;
struct numa numa_read(const struct root *root, struct arena *a);

#endif
