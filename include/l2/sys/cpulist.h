/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of numbers as the kernel writes them for CPUs and nodes: "0-3,8", "0-15:2/4".
 */
#ifndef SYS_CPULIST_H
#define SYS_CPULIST_H

#include "base/arena.h"

struct cpulist {
	unsigned *v; /* ascending, each once */
	size_t n, cap;
};
enum { CPULIST_MAX = 8192 }; /* numbers are below this (NR_CPUS of every distribution) */

/** Ranges a-b, singles, and groups a-b:used/group (Documentation/admin-guide/
 *  kernel-parameters.rst, "cpu lists"). "" is the empty list. */
bool cpulist_parse(struct arena *a, struct str text, struct cpulist *ret, struct err *err)
	MUST_CHECK;
/** The shortest such list, without groups. */
struct str cpulist_print(struct arena *a, const struct cpulist *list);
bool cpulist_has(const struct cpulist *list, unsigned cpu);

#endif
