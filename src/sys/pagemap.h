/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PMD-mapped huge pages of one process by PAGEMAP_SCAN (since 6.7), in pieces that each
 * take well under a millisecond, so that a walk over a large process can stop at any
 * piece and go on later. Source: Documentation/admin-guide/mm/pagemap.rst.
 */
#ifndef SYS_PAGEMAP_H
#define SYS_PAGEMAP_H

#include "base/root.h"
#include "sys/mountinfo.h"

/* Which devices are behind shared memory and hugetlbfs, the kernel's own mounts too. */
struct pagemap_devs {
	uint64_t *shmem, *hugetlb; /* makedev() numbers */
	size_t n_shmem, n_hugetlb;
};

struct pagemap_kinds {
	uint64_t anon, shmem, file; /* bytes */
};

struct pagemap_walk;

/** Does this kernel have the request? Asks it once about our own process. */
bool pagemap_scan_works(void);
/** Live machine only. Memfds of each kind are made to learn the kernel's own mounts. */
struct pagemap_devs pagemap_devs(const struct root *root, struct arena *a);

/** Begin; ERR_DENIED without the right to look at the process. `devs` must outlive it. */
bool pagemap_open(const struct root *root, int64_t pid, uint64_t pmd_size,
		  const struct pagemap_devs *devs, struct pagemap_walk **ret,
		  struct err *err) MUST_CHECK;
void pagemap_walk_free(struct pagemap_walk *walk);
/** One piece: a page of maps, or up to 1 GiB of one mapping. False at the end; then
 *  `*ret` holds the sums, and `*ret_ok` says whether the process lived until then. */
bool pagemap_step(struct pagemap_walk *walk, struct pagemap_kinds *ret, bool *ret_ok);

#endif
