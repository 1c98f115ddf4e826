/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions about a scanned tree that no single folder answers: its largest files, which
 * types they are of, how old. Each is one walk over the entries in memory.
 */
#include <stdlib.h>

#include "du_impl.h"

/* Calls `fn` for every entry below a folder that is charged and no folder. */
static void each_file(const struct du *du, uint32_t top,
		      void (*fn)(void *arg, uint32_t folder,
				 const struct du_entry *entries,
				 const struct du_entry *e),
		      void *arg)
{
	struct du_walk w = { .top = top, .folder = top };

	for (uint32_t id = top; id != DU_NONE; id = du_walk_next(du, &w)) {
		const struct du_dir *dir = du_dir_at(du, id);
		const struct du_entry *entries = du_entries(dir);

		for (uint32_t i = 0; entries && i < dir->n; i++)
			if (entries[i].type != DU_FOLDER &&
			    !(atomic_load(&entries[i].flags) &
			      (DU_GONE | DU_SHARED | DU_OTHER_FS)))
				fn(arg, id, entries, &entries[i]);
	}
}

/* ---- the largest ---- */

struct found {
	uint64_t disk;
	uint32_t folder;
	const struct du_entry *entries, *e;
};

/* A heap with the smallest on top. */
struct heap {
	struct found *v;
	size_t n, limit;
};

static void sift_down(struct heap *h, size_t at)
{
	for (;;) {
		size_t child = at * 2 + 1;
		struct found tmp = h->v[at];

		if (child >= h->n)
			return;
		if (child + 1 < h->n && h->v[child + 1].disk < h->v[child].disk)
			child++;
		if (h->v[child].disk >= tmp.disk)
			return;
		h->v[at] = h->v[child];
		h->v[child] = tmp;
		at = child;
	}
}

static void offer(void *arg, uint32_t folder, const struct du_entry *entries,
		  const struct du_entry *e)
{
	struct found one = { e->disk, folder, entries, e };
	struct heap *h = arg;

	if (h->n < h->limit) {
		h->v[h->n++] = one;
		if (h->n == h->limit)
			for (size_t i = h->n / 2; i-- > 0;)
				sift_down(h, i);
	} else if (h->n && h->v[0].disk < one.disk) {
		h->v[0] = one;
		sift_down(h, 0);
	}
}

static int larger_first(const void *a, const void *b)
{
	const struct du_large *x = a, *y = b;

	if (x->row.disk != y->row.disk)
		return x->row.disk < y->row.disk ? 1 : -1;
	return str_cmp(x->path, y->path);
}

size_t du_largest(const struct du *du, struct arena *a, uint32_t folder, size_t limit,
		  struct du_large **ret)
{
	struct heap h = { .v = calloc(limit + 1, sizeof(h.v[0])), .limit = limit };

	if (!h.v)
		abort();
	each_file(du, folder, offer, &h);
	*ret = arena_array(a, struct du_large, h.n);
	for (size_t i = 0; i < h.n; i++) {
		const struct found *f = &h.v[i];

		du_fill_row(du, f->entries, f->e, &(*ret)[i].row);
		(*ret)[i].path =
			du_path_below(du, a, f->folder, du_name(f->entries, f->e));
	}
	if (h.n)
		qsort(*ret, h.n, sizeof(**ret), larger_first);
	free(h.v);
	return h.n;
}

/* ---- by type ---- */

enum { MAX_TYPES = 65536, TYPE_LEN = 16 };

/* Types in a hash table of fixed size: endings beyond it count as "(other)". */
struct types {
	struct du_group *slots;
	struct arena *arena;
	struct du_group other;
	size_t n;
};

/* ".c" of "x.c"; the first dot of a hidden file makes no type. */
static struct str ending(struct str name)
{
	ptrdiff_t dot = str_rchr(name, '.');

	if (dot <= 0 || name.n - (size_t)dot > TYPE_LEN || (size_t)dot + 1 == name.n)
		return STR("(none)");
	return str_from(name, (size_t)dot);
}

static struct du_group *group_of(struct types *t, struct str type)
{
	size_t at = str_hash(type) & (2 * MAX_TYPES - 1);

	while (t->slots[at].name.p && !str_eq(t->slots[at].name, type))
		at = (at + 1) & (2 * MAX_TYPES - 1);
	if (t->slots[at].name.p)
		return &t->slots[at];
	if (t->n == MAX_TYPES)
		return &t->other;
	t->n++;
	t->slots[at].name = arena_str(t->arena, type);
	return &t->slots[at];
}

static void add_to(struct du_group *group, const struct du_entry *e)
{
	group->disk += e->disk;
	group->apparent += e->apparent;
	group->files++;
}

static void count_type(void *arg, uint32_t folder, const struct du_entry *entries,
		       const struct du_entry *e)
{
	add_to(group_of(arg, ending(du_name(entries, e))), e);
}

static int larger_group(const void *a, const void *b)
{
	const struct du_group *x = a, *y = b;

	if (x->disk != y->disk)
		return x->disk < y->disk ? 1 : -1;
	return str_cmp(x->name, y->name);
}

size_t du_by_type(const struct du *du, struct arena *a, uint32_t folder, size_t limit,
		  struct du_group **ret)
{
	struct types t = { .arena = a, .other.name = STR("(other)") };
	size_t n = 0, shown;

	t.slots = calloc((size_t)2 * MAX_TYPES, sizeof(t.slots[0]));
	if (!t.slots)
		abort();
	each_file(du, folder, count_type, &t);
	for (size_t i = 0; i < (size_t)2 * MAX_TYPES; i++)
		if (t.slots[i].name.p)
			t.slots[n++] = t.slots[i];
	qsort(t.slots, n, sizeof(t.slots[0]), larger_group);
	shown = limit && n > limit ? limit : n;
	*ret = arena_array(a, struct du_group, shown + 1);
	memcpy(*ret, t.slots, shown * sizeof(**ret));
	for (size_t i = shown; i < n; i++) {
		t.other.disk += t.slots[i].disk;
		t.other.apparent += t.slots[i].apparent;
		t.other.files += t.slots[i].files;
	}
	if (t.other.files)
		(*ret)[shown++] = t.other;
	free(t.slots);
	return shown;
}

/* ---- by age ---- */

static const struct {
	const char *name;
	int64_t seconds;
} AGES[] = {
	{ "last day", 86400 },        { "last week", 7 * 86400 },
	{ "last month", 30 * 86400 }, { "last quarter", 91 * 86400 },
	{ "last year", 365 * 86400 }, { "older", INT64_MAX },
};

struct ages {
	int64_t now;
	struct du_group v[ARRAY_SIZE(AGES)];
};

static void count_age(void *arg, uint32_t folder, const struct du_entry *entries,
		      const struct du_entry *e)
{
	struct ages *ages = arg;
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(AGES) &&
	       ages->now - (int64_t)e->mtime > AGES[i].seconds)
		i++;
	add_to(&ages->v[i], e);
}

size_t du_by_age(const struct du *du, struct arena *a, uint32_t folder, int64_t now,
		 struct du_group **ret)
{
	struct ages ages = { .now = now };

	each_file(du, folder, count_age, &ages);
	*ret = arena_array(a, struct du_group, ARRAY_SIZE(AGES));
	for (size_t i = 0; i < ARRAY_SIZE(AGES); i++) {
		(*ret)[i] = ages.v[i];
		(*ret)[i].name = str_of(AGES[i].name);
	}
	return ARRAY_SIZE(AGES);
}
