/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Huge pages of the machine at one moment, what changed between two moments, and why an
 * allocation of a huge page falls back to small ones. A sample is plain data in the
 * caller's arena and needs no root; what cannot be read carries its reason.
 * Cost of a whole sample on 6.18 with nine mTHP sizes: about 1 ms of CPU.
 */
#ifndef SYS_HUGEPAGE_H
#define SYS_HUGEPAGE_H

#include "sys/buddy.h"
#include "sys/hugetlb.h"
#include "sys/thp.h"

enum hugepage_parts {
	HUGEPAGE_POOLS = 1,   /* pools, nodes */
	HUGEPAGE_THP = 2,     /* settings, khugepaged, mTHP */
	HUGEPAGE_REASONS = 4, /* buddyinfo, extfrag */
	HUGEPAGE_CGROUPS =
		8, /* mounts and control groups: a walk, not for every refresh */
	HUGEPAGE_ALL = 15,
};

struct hugepage_sample {
	uint64_t time_ns;   /* CLOCK_MONOTONIC; of a recording: its /proc/uptime */
	uint64_t uptime_ns; /* 0: unknown */
	uint64_t page_size; /* bytes of a base page */
	uint64_t pmd_size;  /* bytes; a guess where the kernel does not say, see below */
	unsigned pmd_order;
	const char *pmd_guess; /* not NULL: how pmd_size was guessed */
	struct numa numa;
	struct meminfo meminfo;
	struct counters vmstat; /* thp_*, compact_*, htlb_* and the levels beside them */
	struct hugetlb pools;
	struct hugetlb_mounts mounts;
	struct hugetlb_cgroups cgroups;
	struct thp thp;
	struct mthps mthp;
	struct buddy buddy;
	struct extfrag extfrag;
};

struct rate {
	bool known;
	double per_s;
	const char *why;
};

struct named_rate {
	struct str name;
	struct rate rate;
};

struct named_rates {
	struct named_rate *v;
	size_t n, cap;
};

struct mthp_rates {
	uint64_t size;
	struct rate alloc, fallback, split; /* anonymous faults; folios split */
	struct rate hit_pct;                /* alloc / (alloc + fallback) in percent */
	struct named_rates stats;           /* every counter that is a sum */
};

struct hugepage_rates {
	double seconds; /* between the samples */
	struct named_rates vmstat;
	struct rate collapsed, full_scans; /* khugepaged */
	struct mthp_rates *mthp;           /* one for each of newer->mthp, in its order */
	size_t n_mthp;
};

/** Never fails and never returns NULL. Parts not asked for stay empty; .why says so. */
const struct hugepage_sample *hugepage_sample(const struct root *root, struct arena *a,
					      unsigned parts);
/** A copy of the counters of a sample, all that hugepage_rates() and hugepage_why() need
 *  of an older one: a live view keeps this and lets the sample go. */
const struct hugepage_sample *hugepage_keep(struct arena *a,
					    const struct hugepage_sample *sample);
/** Differences per second. A counter that is missing in `older` or went back has no rate
 *  and a reason; so has everything when no time passed. */
const struct hugepage_rates *hugepage_rates(struct arena *a,
					    const struct hugepage_sample *older,
					    const struct hugepage_sample *newer);
/** By name; unknown when there is none. */
struct rate named_rates_get(const struct named_rates *rates, const char *name);
/** alloc / (alloc + fallback) in percent; unknown when nothing was asked for. */
struct rate hugepage_hit_pct(uint64_t alloc, uint64_t fallback);

enum hugepage_cause {
	HUGEPAGE_NO_THP,      /* the kernel has none */
	HUGEPAGE_OFF,         /* enabled=never */
	HUGEPAGE_QUIET,       /* nothing asked for a huge page */
	HUGEPAGE_ALL_GOT,     /* everything asked for was given */
	HUGEPAGE_CHARGE,      /* the memory control group refused */
	HUGEPAGE_FRAGMENTED,  /* no free block, memory enough: fragmentation */
	HUGEPAGE_NO_MEMORY,   /* no free block, too little memory */
	HUGEPAGE_NO_BLOCK,    /* no free block, extfrag unknown */
	HUGEPAGE_NODE_EMPTY,  /* a node has no free block, others have */
	HUGEPAGE_NO_WAITING,  /* none free without work, and defrag does not let a fault
				 wait */
	HUGEPAGE_BLOCKS_FREE, /* refused although blocks are free now */
};

struct hugepage_why {
	enum hugepage_cause cause;
	double seconds; /* the time the figures are about; 0: since boot */
	uint64_t alloc, fallback, charge, stall, compact_fail, compact_success;
	struct figure free_blocks; /* of PMD order, DMA zone left out */
	int empty_node;            /* the first node without one, or -1 */
	struct figure extfrag;     /* thousandths at PMD order, of the zone with most free
				      pages among those without a block */
	struct str zone;           /* that zone: "node 0 Normal" */
	struct str defrag;         /* the chosen setting */
	struct str sentence;       /* all of it in one sentence */
};

/** Why no huge page. `older` NULL: since boot. */
struct hugepage_why hugepage_why(struct arena *a, const struct hugepage_sample *older,
				 const struct hugepage_sample *newer);

/** What no per-process figure shows, for the screen. */
extern const char hugepage_mthp_blind[];

#endif
