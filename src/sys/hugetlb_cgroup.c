/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hugetlb controller of both cgroup versions. A walk over the group folders, bounded
 * by HUGETLB_CGROUPS_MAX; a group is kept when it holds pages, has a limit below "none",
 * or was refused once. A charge belongs to the group the task was in at the fault, so
 * pages faulted before a move stay with the old group.
 */
#include <fcntl.h>
#include <unistd.h>

#include "sys/hugetlb.h"

enum { MAX_DEPTH = 16 };

/* File names after "hugetlb.2MB."; v1 and v2 count the same things. */
struct names {
	int version;
	const char *current, *max, *rsvd_current, *rsvd_max, *refused;
};

static const struct names v1 = { 1,
				 "usage_in_bytes",
				 "limit_in_bytes",
				 "rsvd.usage_in_bytes",
				 "rsvd.limit_in_bytes",
				 "failcnt" };
static const struct names v2 = {
	2, "current", "max", "rsvd.current", "rsvd.max", "events"
};

struct walk {
	const struct root *root;
	struct arena *a;
	const struct hugetlb *pools;
	const struct names *names;
	const char *top; /* mount of the hierarchy, relative to the root */
	struct hugetlb_cgroups *list;
};

/* "2MB", as mem_fmt() of mm/hugetlb_cgroup.c writes a size. */
static const char *size_word(struct arena *a, uint64_t size)
{
	unsigned shift = size >= 1 << 30 ? 30 : size >= 1 << 20 ? 20 : 10;

	return arena_printf(a, "%llu%cB", (unsigned long long)size >> shift,
			    shift == 30   ? 'G'
			    : shift == 20 ? 'M'
					  : 'K');
}

static struct figure read_file(const struct walk *w, const char *dir, const char *size,
			       const char *name)
{
	const char *path = arena_printf(w->a, "%s/hugetlb.%s.%s", dir, size, name);

	return figure_read(w->root, w->a, path);
}

/* "max", and the largest value a page counter can hold, mean: no limit. */
static struct figure limit_of(struct figure f)
{
	return f.known && f.v < 1ULL << 62 ? f : figure_none("no limit");
}

static struct figure refusals(const struct walk *w, const char *dir, const char *size)
{
	struct counters c;

	if (w->names->version == 1)
		return read_file(w, dir, size, w->names->refused);
	c = counters_read(
		w->root, w->a,
		arena_printf(w->a, "%s/hugetlb.%s.%s", dir, size, w->names->refused),
		NULL);
	return counters_get(&c, "max");
}

static void read_group(const struct walk *w, const char *dir, uint64_t size)
{
	const char *word = size_word(w->a, size);
	const struct names *n = w->names;
	struct str path = str_from(str_of(dir), strlen(w->top));
	struct hugetlb_cgroup g = { .path = path.n ? path : STR("/"),
				    .version = n->version,
				    .size = size };

	g.current = read_file(w, dir, word, n->current);
	if (!g.current.known)
		return;
	g.max = limit_of(read_file(w, dir, word, n->max));
	g.rsvd_current = read_file(w, dir, word, n->rsvd_current);
	g.rsvd_max = limit_of(read_file(w, dir, word, n->rsvd_max));
	g.refused = refusals(w, dir, word);
	if (g.current.v || g.max.known || g.rsvd_max.known || g.rsvd_current.v ||
	    g.refused.v)
		*ARENA_PUSH(w->a, w->list) = g;
}

static bool has_controller(const struct walk *w, const char *dir)
{
	for (size_t i = 0; i < w->pools->n; i++)
		if (root_exists(w->root,
				arena_printf(w->a, "%s/hugetlb.%s.%s", dir,
					     size_word(w->a, w->pools->v[i].size),
					     w->names->current)))
			return true;
	return false;
}

static bool is_folder(const struct root *root, const char *path)
{
	int fd = root_openat(root, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, NULL);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* A v2 group without the files has none below either, except the root group, which
 * never has them. */
static void walk(const struct walk *w, const char *dir, int depth)
{
	struct root_list names;
	struct arena_mark mark;

	if (w->list->visited == HUGETLB_CGROUPS_MAX || depth > MAX_DEPTH) {
		w->list->cut = true;
		return;
	}
	w->list->visited++;
	if (has_controller(w, dir))
		for (size_t i = 0; i < w->pools->n; i++)
			read_group(w, dir, w->pools->v[i].size);
	else if (depth)
		return;
	if (!root_list(w->root, w->a, dir, &names, NULL))
		return;
	for (size_t i = 0; i < names.n; i++) {
		size_t before = w->list->n;

		const char *path;

		mark = arena_mark(w->a);
		path = arena_printf(w->a, "%s/" STR_FMT, dir, STR_ARG(names.v[i]));
		if (is_folder(w->root, path))
			walk(w, path, depth + 1);
		if (w->list->n == before)
			arena_rewind(w->a, mark);
	}
}

static const struct names *hierarchy(const struct mount *m)
{
	struct str unused;

	if (str_eq(m->type, STR("cgroup2")))
		return &v2;
	if (str_eq(m->type, STR("cgroup")) && mount_option(m->super, "hugetlb", &unused))
		return &v1;
	return NULL;
}

struct hugetlb_cgroups hugetlb_cgroups_read(const struct root *root, struct arena *a,
					    const struct mounts *mounts,
					    const struct hugetlb *pools)
{
	struct hugetlb_cgroups list = { 0 };
	bool any = false;

	for (size_t i = 0; i < mounts->n; i++) {
		const struct names *names = hierarchy(&mounts->v[i]);
		struct str point = mounts->v[i].point;
		struct walk w = { root, a, pools, names, NULL, &list };

		if (!names)
			continue;
		any = true;
		str_skip(&point, STR("/"));
		w.top = arena_cstr(a, point);
		walk(&w, w.top, 0);
	}
	if (!mounts->n)
		list.why = mounts->why;
	else if (!any)
		list.why = "no cgroup hierarchy with the hugetlb controller is mounted";
	else
		list.why = "no control group holds, limits or was refused huge pages";
	return list;
}

struct hugetlb_cgroups hugetlb_cgroups_keep(struct arena *a,
					    const struct hugetlb_cgroups *groups)
{
	struct hugetlb_cgroups copy = { .visited = groups->visited,
					.cut = groups->cut,
					.why = arena_cstr(a, str_of(groups->why)) };

	for (size_t i = 0; i < groups->n; i++) {
		struct hugetlb_cgroup g = groups->v[i];

		g.path = arena_str(a, g.path);
		g.current = figure_keep(a, g.current);
		g.max = figure_keep(a, g.max);
		g.rsvd_current = figure_keep(a, g.rsvd_current);
		g.rsvd_max = figure_keep(a, g.rsvd_max);
		g.refused = figure_keep(a, g.refused);
		*ARENA_PUSH(a, &copy) = g;
	}
	return copy;
}
