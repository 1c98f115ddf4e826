/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mappings of a process with what huge pages have to do with them: /proc/PID/smaps,
 * and its sum, smaps_rollup. Reading them walks the page tables: 3.6 ms of CPU for each
 * GiB in small pages, so on demand only. Source: proc(5); Documentation/filesystems/
 * proc.rst, smaps.
 */
#ifndef SYS_SMAPS_H
#define SYS_SMAPS_H

#include "sys/figure.h"

enum { SMAPS_TEXT_MAX = 64 << 20 };

struct smaps_map {
	uint64_t start, end; /* addresses; start < end */
	uint64_t offset, inode;
	unsigned major, minor;
	char perms[5]; /* "rw-p" */
	struct str path;
	/* bytes */
	uint64_t rss, kernel_page, mmu_page, anon, swap;
	uint64_t anon_huge, shmem_huge, file_huge; /* PMD-mapped */
	uint64_t shared_hugetlb, private_hugetlb;
	struct figure thp_eligible; /* 0 or 1 (since 5.0) */
	struct str flags;           /* VmFlags: "rd wr mr mw me ac hg" */
};

struct smaps {
	struct smaps_map *v;
	size_t n, cap;
};

/** Parse smaps or smaps_rollup. A text that does not begin with a mapping, or a mapping
 *  line whose addresses do not rise, is ERR_PARSE; unknown fields are skipped. */
bool smaps_parse(struct arena *a, struct str text, struct smaps *ret, struct err *err)
	MUST_CHECK;
/** /proc/PID/smaps. ERR_NOTFOUND when the process is gone, ERR_DENIED without the right
 *  to look at it, ERR_LIMIT past SMAPS_TEXT_MAX bytes (about 90,000 mappings). */
bool smaps_read(const struct root *root, struct arena *a, int64_t pid, struct smaps *ret,
		struct err *err) MUST_CHECK;
/** /proc/PID/smaps_rollup: one row, the sum of all mappings. */
bool smaps_rollup(const struct root *root, struct arena *a, int64_t pid,
		  struct smaps_map *ret, struct err *err) MUST_CHECK;
/** The line "start-end perms offset dev inode path" of maps and smaps. The path is a view
 *  into `line`. */
bool smaps_head(struct str line, struct smaps_map *ret);

/** Bytes of the mapping in huge pages of any kind that a process can be shown to have. */
uint64_t smaps_huge(const struct smaps_map *m);
/** In a few words why the mapping has no (or not only) huge pages, or that it has.
 *  `enabled` is the chosen THP setting, `pmd_size` in bytes. Static text. */
const char *smaps_verdict(const struct smaps_map *m, struct str enabled,
			  uint64_t pmd_size);

#endif
