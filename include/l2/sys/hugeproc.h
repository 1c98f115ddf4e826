/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which processes have huge pages, at a bounded cost a refresh. Asking the kernel means a
 * walk over page tables (3.6 ms for each GiB of small pages), so a value is kept until
 * something shows that it may have changed:
 *   1. no global counter of huge pages moved: nothing is read at all;
 *   2. rss below one huge page: the process cannot have one;
 *   3. rss and minor faults of the process and the collapse and split counters unmoved:
 *      its value stands;
 *   4. the rest is read, largest first, until the CPU budget is spent; the next refresh
 *      goes on from there.
 * PAGEMAP_SCAN (6.7) is walked in pieces and can stop anywhere; smaps_rollup cannot, so
 * on older kernels a process too large for the budget is named but not read.
 */
#ifndef SYS_HUGEPROC_H
#define SYS_HUGEPROC_H

#include "sys/hugepage.h"

struct hugeproc_scan;

struct hugeproc_row {
	int64_t pid;
	uint64_t start; /* starttime of stat: notices a reused PID */
	struct str comm;
	uint64_t rss;                    /* bytes */
	struct figure anon, shmem, file; /* bytes, PMD-mapped THP */
	struct figure hugetlb;           /* bytes, all sizes */
	double age_s;                    /* since the value was read or shown unchanged */
	const char *source;              /* "PAGEMAP_SCAN", "smaps_rollup" or "" */
};

struct hugeproc_rows {
	struct hugeproc_row *v; /* by the sum of what is known, largest first */
	size_t n, cap;
	size_t processes; /* in the machine, as last listed */
	size_t small;     /* of these: below one huge page, not read */
	size_t denied;    /* not ours to read */
	size_t waiting;   /* still to be read in this pass */
	size_t read;      /* page tables walked in this refresh */
	bool unmoved;     /* gate 1 closed: no read was needed */
	double cpu_ms;    /* spent by this refresh */
	const char *why;  /* n == 0 or some are missing: the reason, else NULL */
};

/** `budget_ms` of CPU bounds each refresh; 0: read everything at once. */
struct hugeproc_scan *hugeproc_scan_new(double budget_ms);
void hugeproc_scan_free(struct hugeproc_scan *scan);
DEFINE_FREEP(hugeproc_scan)

/** One refresh. `now` supplies the clock, the PMD size and the counters for the gates (it
 *  needs HUGEPAGE_POOLS). Fails only when /proc itself cannot be listed. */
bool hugeproc_refresh(struct hugeproc_scan *scan, const struct root *root,
		      struct arena *a, const struct hugepage_sample *now,
		      struct hugeproc_rows *ret, struct err *err) MUST_CHECK;
/** Use smaps_rollup even where PAGEMAP_SCAN exists: tests compare the two. */
void hugeproc_use_rollup(struct hugeproc_scan *scan);

#endif
