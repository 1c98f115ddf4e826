/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * THP and mTHP settings and counters: see sys/thp.h. Everything is found by listing the
 * folders: about 250 small files on a 6.18 kernel, 0.7 ms of CPU.
 */
#include <stdlib.h>

#include "sys/hugetlb.h"
#include "sys/thp.h"

#define THP "sys/kernel/mm/transparent_hugepage"

bool thp_is_level(struct str counter)
{
	return str_starts(counter, STR("nr_"));
}

bool thp_is_progress(struct str file)
{
	return str_eq(file, STR("pages_collapsed")) || str_eq(file, STR("full_scans"));
}

static bool is_one_of(struct str name, const char *const *known)
{
	for (; *known; known++)
		if (str_eq(name, str_of(*known)))
			return true;
	return false;
}

/* Files of a folder that have no member of their own; sub-folders fail to read. */
static void read_others(const struct root *root, struct arena *a, const char *dir,
			const char *const *known, struct named_settings *ret)
{
	struct root_list files;
	struct setting s;

	if (!root_list(root, a, dir, &files, NULL))
		return;
	for (size_t i = 0; i < files.n; i++) {
		if (is_one_of(files.v[i], known) ||
		    str_starts(files.v[i], STR("hugepages-")))
			continue;
		s = setting_read(
			root, a,
			arena_printf(a, "%s/" STR_FMT, dir, STR_ARG(files.v[i])));
		if (s.known)
			*ARENA_PUSH(a, ret) = (struct named_setting){ files.v[i], s };
	}
}

struct thp thp_read(const struct root *root, struct arena *a)
{
	static const char *const known[] = { "enabled",
					     "defrag",
					     "shmem_enabled",
					     "use_zero_page",
					     "hpage_pmd_size",
					     "khugepaged",
					     NULL };
	struct thp thp = {
		.enabled = setting_read(root, a, THP "/enabled"),
		.defrag = setting_read(root, a, THP "/defrag"),
		.shmem_enabled = setting_read(root, a, THP "/shmem_enabled"),
		.use_zero_page = figure_read(root, a, THP "/use_zero_page"),
		.pmd_size = figure_read(root, a, THP "/hpage_pmd_size"),
		.khugepaged = counters_read_dir(root, a, THP "/khugepaged"),
	};

	if (!root_exists(root, "sys/kernel/mm"))
		thp.why = "no /sys/kernel/mm here: a container or a recording without it";
	else if (!root_exists(root, THP))
		thp.why = "no /" THP ": the kernel was built without "
			  "CONFIG_TRANSPARENT_HUGEPAGE or the CPU lacks the page size";
	read_others(root, a, THP, known, &thp.other);
	return thp;
}

static struct mthp read_size(const struct root *root, struct arena *a, const char *dir,
			     uint64_t size)
{
	static const char *const known[] = { "enabled", "shmem_enabled", "stats", NULL };
	struct mthp m = {
		.size = size,
		.enabled = setting_read(root, a, arena_printf(a, "%s/enabled", dir)),
		.shmem_enabled =
			setting_read(root, a, arena_printf(a, "%s/shmem_enabled", dir)),
		.stats = counters_read_dir(root, a, arena_printf(a, "%s/stats", dir)),
	};

	if (!m.enabled.known)
		m.enabled.why = "not a size for anonymous memory on this kernel";
	if (!m.shmem_enabled.known)
		m.shmem_enabled.why = "not a size for shmem on this kernel (6.11 and on)";
	if (!m.stats.n)
		m.stats.why = "this kernel counts nothing per size (6.10 and on)";
	read_others(root, a, dir, known, &m.other);
	return m;
}

static int by_size(const void *a, const void *b)
{
	const struct mthp *x = a, *y = b;

	return (x->size > y->size) - (x->size < y->size);
}

struct mthps mthp_read(const struct root *root, struct arena *a)
{
	struct mthps list = { 0 };
	struct root_list dirs;
	struct err err;
	uint64_t size;

	if (!root_list(root, a, THP, &dirs, &err)) {
		list.why = figure_why(root, a, THP, &err);
		return list;
	}
	for (size_t i = 0; i < dirs.n; i++)
		if (hugetlb_dir_size(dirs.v[i], &size))
			*ARENA_PUSH(a, &list) = read_size(
				root, a,
				arena_printf(a, THP "/" STR_FMT, STR_ARG(dirs.v[i])),
				size);
	if (list.n)
		qsort(list.v, list.n, sizeof(*list.v), by_size);
	else
		list.why = "this kernel has no sizes below the PMD (mTHP, 6.8 and on)";
	return list;
}

struct figure mthp_anon_bytes(const struct mthp *m)
{
	struct figure nr = counters_get(&m->stats, "nr_anon");

	return nr.known ? figure_of(nr.v * m->size) : nr;
}
