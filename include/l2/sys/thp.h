/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transparent huge pages: the settings of the machine, khugepaged, and every size below
 * and at the PMD (mTHP, since 6.8) with the counters its stats/ folder has. Counters and
 * files that this program does not know are kept under their own names.
 * Source: Documentation/admin-guide/mm/transhuge.rst.
 */
#ifndef SYS_THP_H
#define SYS_THP_H

#include "sys/figure.h"

struct thp {
	struct setting enabled, defrag, shmem_enabled;
	struct figure use_zero_page;
	struct figure pmd_size;      /* bytes */
	struct named_settings other; /* further files of the folder */
	struct counters khugepaged;  /* settings and progress, as the folder has them */
	const char *why;             /* not NULL: no THP at all, and the reason */
};

struct mthp {
	uint64_t size; /* bytes */
	struct setting enabled, shmem_enabled;
	struct counters stats;       /* .why where the kernel has no stats/ (6.8, 6.9) */
	struct named_settings other; /* further files of the folder */
};

struct mthps {
	struct mthp *v; /* ascending by size */
	size_t n, cap;
	const char *why;
};

struct thp thp_read(const struct root *root, struct arena *a);
struct mthps mthp_read(const struct root *root, struct arena *a);
/** Some counters are levels, not sums: nr_anon, nr_anon_partially_mapped. */
bool thp_is_level(struct str counter);
/** Of the files in khugepaged/, the two that tell progress and not a setting. */
bool thp_is_progress(struct str file);
/** Bytes of anonymous memory in folios of this size: nr_anon * size. */
struct figure mthp_anon_bytes(const struct mthp *m);

#endif
