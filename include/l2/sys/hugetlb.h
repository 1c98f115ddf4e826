/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HugeTLB: the pools of huge pages by size and node, where hugetlbfs is mounted, and what
 * the control groups may take and took.
 * Source: Documentation/admin-guide/mm/hugetlbpage.rst; cgroup-v2.rst, section HugeTLB;
 * cgroup-v1/hugetlb.rst.
 */
#ifndef SYS_HUGETLB_H
#define SYS_HUGETLB_H

#include "sys/meminfo.h"
#include "sys/mountinfo.h"
#include "sys/numa.h"

struct hugetlb_node {
	int node;
	struct figure total, free,
		surplus; /* pages; the kernel has no reserve per node */
};

struct hugetlb_nodes {
	struct hugetlb_node *v;
	size_t n, cap;
};

struct hugetlb_pool {
	uint64_t size; /* bytes of one page */
	/* pages; `total` includes the surplus, `free` includes the reserved */
	struct figure total, free, reserved, surplus, overcommit, mempolicy;
	struct figure usable; /* free - reserved: what a new mapping may still take */
	struct figure demote_size; /* bytes that a page can be split into (since 5.16) */
	struct hugetlb_nodes nodes;
	struct counters other; /* files of the folder that are not named above */
};

struct hugetlb {
	struct hugetlb_pool *v; /* ascending by size */
	size_t n, cap;
	const char *why;  /* n == 0: the reason */
	const char *note; /* not NULL: the pools come from a lesser source, and which */
};

struct hugetlb_mount {
	struct str point;
	uint64_t page_size;         /* bytes; 0: the default size */
	struct figure limit, floor; /* bytes: size=, min_size= */
};

struct hugetlb_mounts {
	struct hugetlb_mount *v;
	size_t n, cap;
	const char *why;
};

/* One control group that holds, may not exceed, or was refused pages of one size. */
struct hugetlb_cgroup {
	struct str path;                      /* below the mount of its hierarchy */
	int version;                          /* 1 or 2 */
	uint64_t size;                        /* bytes of one page */
	struct figure current, max;           /* bytes; max unknown: no limit */
	struct figure rsvd_current, rsvd_max; /* the same for reservations (since 5.7) */
	struct figure refused;                /* times the limit was hit */
};

struct hugetlb_cgroups {
	struct hugetlb_cgroup *v;
	size_t n, cap;
	size_t visited;  /* groups looked at */
	bool cut;        /* there were more than HUGETLB_CGROUPS_MAX */
	const char *why; /* n == 0: the reason */
};

enum { HUGETLB_CGROUPS_MAX = 4096 };

/** "hugepages-2048kB" -> bytes. */
bool hugetlb_dir_size(struct str name, uint64_t *ret);
/** The pools of /sys/kernel/mm/hugepages and of the nodes; without sysfs the default pool
 *  as `meminfo` tells it. */
struct hugetlb hugetlb_read(const struct root *root, struct arena *a,
			    const struct numa *numa, const struct meminfo *meminfo);
struct hugetlb_mounts hugetlb_mounts_of(struct arena *a, const struct mounts *mounts);
/** Walks the hierarchies with the hugetlb controller: 3 to 6 reads a group and size, so
 *  not for every refresh. */
struct hugetlb_cgroups hugetlb_cgroups_read(const struct root *root, struct arena *a,
					    const struct mounts *mounts,
					    const struct hugetlb *pools);
/** Copies that live in another arena: both change seldom and are read seldom. */
struct hugetlb_mounts hugetlb_mounts_keep(struct arena *a,
					  const struct hugetlb_mounts *mounts);
struct hugetlb_cgroups hugetlb_cgroups_keep(struct arena *a,
					    const struct hugetlb_cgroups *groups);
/** Any page taken from any pool? Then some process may have HugetlbPages. */
bool hugetlb_in_use(const struct hugetlb *pools);

#endif
