/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HugeTLB pools and mounts: see sys/hugetlb.h. One folder a size, one small file a
 * figure; `demote` is write-only (reading it fails even for root) and never opened.
 */
#include <stdlib.h>

#include "sys/hugetlb.h"

#define POOLS "sys/kernel/mm/hugepages"

/* Files with a member of struct hugetlb_pool of their own. */
static const struct {
	const char *file;
	size_t member;
} figures[] = {
	{ "nr_hugepages", offsetof(struct hugetlb_pool, total) },
	{ "free_hugepages", offsetof(struct hugetlb_pool, free) },
	{ "resv_hugepages", offsetof(struct hugetlb_pool, reserved) },
	{ "surplus_hugepages", offsetof(struct hugetlb_pool, surplus) },
	{ "nr_overcommit_hugepages", offsetof(struct hugetlb_pool, overcommit) },
	{ "nr_hugepages_mempolicy", offsetof(struct hugetlb_pool, mempolicy) },
};

bool hugetlb_dir_size(struct str name, uint64_t *ret)
{
	uint64_t kb;

	if (!str_skip(&name, STR("hugepages-")) || !str_eat_u64(&name, 10, &kb) ||
	    !str_eq(name, STR("kB")) || !kb || kb > UINT64_MAX >> 10)
		return false;
	*ret = kb << 10;
	return true;
}

static struct figure *member(struct hugetlb_pool *pool, struct str file)
{
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		if (str_eq(file, str_of(figures[i].file)))
			return (struct figure *)((char *)pool + figures[i].member);
	return NULL;
}

/* "2048kB", the form of demote_size. */
static struct figure read_size(const struct root *root, struct arena *a, const char *path)
{
	struct setting s = setting_read(root, a, path);
	uint64_t v;

	if (!s.known)
		return figure_none(s.why);
	return mount_size(s.text, &v) ? figure_of(v) : figure_none("not a size");
}

static void read_others(const struct root *root, struct arena *a, const char *dir,
			struct hugetlb_pool *pool)
{
	struct root_list files;
	uint64_t v;

	if (!root_list(root, a, dir, &files, NULL))
		return;
	for (size_t i = 0; i < files.n; i++) {
		struct str name = files.v[i];

		if (member(pool, name) || str_starts(name, STR("demote")))
			continue;
		if (root_read_u64(root,
				  arena_printf(a, "%s/" STR_FMT, dir, STR_ARG(name)), &v,
				  NULL))
			*ARENA_PUSH(a, &pool->other) = (struct counter){ name, v };
	}
}

static void read_nodes(const struct root *root, struct arena *a, const struct numa *numa,
		       struct hugetlb_pool *pool)
{
	for (size_t i = 0; i < numa->n; i++) {
		const char *dir = arena_printf(
			a, "sys/devices/system/node/node%d/hugepages/hugepages-%llukB",
			numa->v[i].id, (unsigned long long)pool->size >> 10);

		if (!root_exists(root, dir))
			continue;
		*ARENA_PUSH(a, &pool->nodes) = (struct hugetlb_node){
			.node = numa->v[i].id,
			.total = figure_read(root, a,
					     arena_printf(a, "%s/nr_hugepages", dir)),
			.free = figure_read(root, a,
					    arena_printf(a, "%s/free_hugepages", dir)),
			.surplus = figure_read(
				root, a, arena_printf(a, "%s/surplus_hugepages", dir)),
		};
	}
}

static struct hugetlb_pool read_pool(const struct root *root, struct arena *a,
				     struct str name, uint64_t size)
{
	const char *dir = arena_printf(a, POOLS "/" STR_FMT, STR_ARG(name));
	struct hugetlb_pool pool = { .size = size };

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		*member(&pool, str_of(figures[i].file)) = figure_read(
			root, a, arena_printf(a, "%s/%s", dir, figures[i].file));
	pool.usable = figure_minus(pool.free, pool.reserved);
	pool.demote_size = read_size(root, a, arena_printf(a, "%s/demote_size", dir));
	if (!pool.demote_size.known)
		pool.demote_size.why = "no smaller size to demote to, or before 5.16";
	read_others(root, a, dir, &pool);
	return pool;
}

/* A container without /sys: meminfo knows the default size. */
static void pool_of_meminfo(const struct root *root, struct arena *a,
			    const struct meminfo *meminfo, struct hugetlb *list)
{
	static const char why[] = "no " POOLS " here, and meminfo does not tell";
	struct figure size = meminfo_get(meminfo, "Hugepagesize");
	struct hugetlb_pool pool = {
		.size = size.v,
		.total = meminfo_get(meminfo, "HugePages_Total"),
		.free = meminfo_get(meminfo, "HugePages_Free"),
		.reserved = meminfo_get(meminfo, "HugePages_Rsvd"),
		.surplus = meminfo_get(meminfo, "HugePages_Surp"),
		.overcommit = figure_read(root, a, "proc/sys/vm/nr_overcommit_hugepages"),
		.mempolicy = figure_none(why),
		.demote_size = figure_none(why),
	};

	if (!size.known || !pool.total.known)
		return;
	pool.usable = figure_minus(pool.free, pool.reserved);
	*ARENA_PUSH(a, list) = pool;
	list->note = arena_printf(a, "%s: the default size from /proc/meminfo only",
				  list->why);
}

static int by_size(const void *a, const void *b)
{
	const struct hugetlb_pool *x = a, *y = b;

	return (x->size > y->size) - (x->size < y->size);
}

struct hugetlb hugetlb_read(const struct root *root, struct arena *a,
			    const struct numa *numa, const struct meminfo *meminfo)
{
	struct hugetlb list = { 0 };
	struct root_list dirs = { 0 };
	struct err err;
	uint64_t size;

	if (!root_list(root, a, POOLS, &dirs, &err))
		list.why = figure_why(root, a, POOLS, &err);
	for (size_t i = 0; i < dirs.n; i++) {
		if (!hugetlb_dir_size(dirs.v[i], &size))
			continue;
		*ARENA_PUSH(a, &list) = read_pool(root, a, dirs.v[i], size);
		read_nodes(root, a, numa, &list.v[list.n - 1]);
	}
	if (!list.n && !list.why)
		list.why = "the kernel has HugeTLB but no page size";
	if (!list.n)
		pool_of_meminfo(root, a, meminfo, &list);
	if (list.n)
		qsort(list.v, list.n, sizeof(*list.v), by_size);
	return list;
}

bool hugetlb_in_use(const struct hugetlb *pools)
{
	for (size_t i = 0; i < pools->n; i++)
		if (figure_minus(pools->v[i].total, pools->v[i].free).v)
			return true;
	return false;
}

static struct figure size_option(struct str options, const char *name)
{
	struct str text;
	uint64_t v;

	if (!mount_option(options, name, &text))
		return figure_none("no such option: no limit");
	return mount_size(text, &v) ? figure_of(v) : figure_none("not a size");
}

struct hugetlb_mounts hugetlb_mounts_of(struct arena *a, const struct mounts *mounts)
{
	struct hugetlb_mounts list = { .why = "no hugetlbfs is mounted" };

	if (!mounts->n)
		list.why = mounts->why;
	for (size_t i = 0; i < mounts->n; i++) {
		const struct mount *m = &mounts->v[i];

		if (!str_eq(m->type, STR("hugetlbfs")))
			continue;
		*ARENA_PUSH(a, &list) = (struct hugetlb_mount){
			.point = m->point,
			.page_size = size_option(m->super, "pagesize").v,
			.limit = size_option(m->super, "size"),
			.floor = size_option(m->super, "min_size"),
		};
	}
	return list;
}

struct hugetlb_mounts hugetlb_mounts_keep(struct arena *a,
					  const struct hugetlb_mounts *mounts)
{
	struct hugetlb_mounts copy = { .why = arena_cstr(a, str_of(mounts->why)) };

	for (size_t i = 0; i < mounts->n; i++) {
		struct hugetlb_mount m = mounts->v[i];

		m.point = arena_str(a, m.point);
		m.limit = figure_keep(a, m.limit);
		m.floor = figure_keep(a, m.floor);
		*ARENA_PUSH(a, &copy) = m;
	}
	return copy;
}
