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

struct numa numa_read(const struct root *root, struct arena *a);

#endif
