/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of /proc/meminfo and of a node's meminfo that huge pages and free memory are
 * about. The HugePages_* lines are counts of the default size only; Hugetlb is the bytes
 * of all sizes. Source: Documentation/filesystems/proc.rst, meminfo.
 */
#ifndef SYS_MEMINFO_H
#define SYS_MEMINFO_H

#include "sys/figure.h"

struct meminfo_line {
	struct str name;
	uint64_t v; /* bytes, or pages of the default huge size when `count` */
	bool count;
};

struct meminfo {
	struct meminfo_line *v;
	size_t n, cap;
	const char *why; /* n == 0: the reason */
};

/** "Name:   123 kB", with "Node 0 " in front or not. `wanted` as in name_wanted(). */
bool meminfo_parse(struct arena *a, struct str text, const char *const *wanted,
		   struct meminfo *ret, struct err *err) MUST_CHECK;
struct meminfo meminfo_read(const struct root *root, struct arena *a, const char *path,
			    const char *const *wanted);
struct figure meminfo_get(const struct meminfo *m, const char *name);

#endif
