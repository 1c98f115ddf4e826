/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree of a scan, read while it grows: totals, rows, paths. A reader takes a folder's
 * block of entries once it is published; figures are read one by one and may be a moment
 * apart, each is true.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "du_impl.h"

static void charge_one(struct du_dir *dir, uint64_t disk, uint64_t apparent,
		       uint64_t items)
{
	if (disk)
		atomic_fetch_add_explicit(&dir->disk, disk, memory_order_relaxed);
	if (apparent)
		atomic_fetch_add_explicit(&dir->apparent, apparent, memory_order_relaxed);
	if (items)
		atomic_fetch_add_explicit(&dir->items, items, memory_order_release);
}

void du_charge(struct du *du, uint32_t folder, uint64_t disk, uint64_t apparent,
	       uint64_t items)
{
	enum { ENOUGH = 64 };
	uint32_t few[ENOUGH], *chain = few;
	size_t n = 0, cap = ENOUGH;

	/* the start first: no folder ever holds more than the one above it */
	for (; folder != DU_NONE; folder = du_dir_at(du, folder)->parent) {
		if (n == cap) {
			chain = realloc(chain == few ? NULL : chain,
					(cap *= 2) * sizeof(*chain));
			if (!chain)
				abort();
			if (n == ENOUGH)
				memcpy(chain, few, sizeof(few));
		}
		chain[n++] = folder;
	}
	while (n--)
		charge_one(du_dir_at(du, chain[n]), disk, apparent, items);
	if (chain != few)
		free(chain);
}

void du_charge_error(struct du *du, uint32_t folder)
{
	for (; folder != DU_NONE; folder = du_dir_at(du, folder)->parent)
		atomic_fetch_add(&du_dir_at(du, folder)->errors, 1);
}

uint32_t du_new_dir(struct du *du)
{
	uint32_t id = du->free_dirs;

	if (id != DU_NONE) {
		du->free_dirs = du_dir_at(du, id)->parent;
		memset(du_dir_at(du, id), 0, sizeof(struct du_dir));
		return id;
	}
	id = du->n_dirs;
	if (id / DU_BLOCK == DU_BLOCKS)
		return DU_NONE;
	if (!du->blocks[id / DU_BLOCK]) {
		du->blocks[id / DU_BLOCK] = calloc(DU_BLOCK, sizeof(struct du_dir));
		if (!du->blocks[id / DU_BLOCK])
			abort();
	}
	du->n_dirs++;
	return id;
}

/* ---- walking ---- */

uint32_t du_walk_next(const struct du *du, struct du_walk *w)
{
	for (;;) {
		const struct du_dir *dir = du_dir_at(du, w->folder);
		const struct du_entry *entries = du_entries(dir);

		while (entries && w->slot < dir->n) {
			const struct du_entry *e = &entries[w->slot++];

			if (e->folder == DU_NONE || (atomic_load(&e->flags) & DU_GONE))
				continue;
			w->folder = e->folder;
			w->slot = 0;
			w->depth++;
			return w->folder;
		}
		if (w->folder == w->top)
			return DU_NONE;
		w->slot = dir->slot + 1;
		w->folder = dir->parent;
		w->depth--;
	}
}

/* ---- dropping ---- */

struct ids {
	uint32_t *v;
	size_t n, cap;
};

static struct ids folders_below(const struct du *du, uint32_t top)
{
	struct du_walk w = { .top = top, .folder = top };
	struct ids ids = { 0 };
	uint32_t id;

	while ((id = du_walk_next(du, &w)) != DU_NONE) {
		if (ids.n == ids.cap) {
			ids.cap = ids.cap ? ids.cap * 2 : 256;
			ids.v = realloc(ids.v, ids.cap * sizeof(ids.v[0]));
			if (!ids.v)
				abort();
		}
		ids.v[ids.n++] = id;
	}
	return ids;
}

static void free_entries(struct du_dir *dir)
{
	free(du_entries(dir));
	atomic_store(&dir->entries, NULL);
	dir->n = 0;
}

static void drop_errors(struct du *du, uint32_t folder)
{
	uint32_t errors = atomic_load(&du_dir_at(du, folder)->errors);
	struct arena *a = arena_new();
	struct str path = du_path(du, a, folder, STR_NONE);
	size_t kept = 0;

	for (uint32_t up = folder; up != DU_NONE; up = du_parent(du, up))
		atomic_fetch_sub(&du_dir_at(du, up)->errors, errors);
	atomic_fetch_sub(&du->error_count, errors);
	for (size_t i = 0; i < du->n_errors; i++) {
		struct str at = du->errors[i].path;

		if (str_starts(at, path) &&
		    (at.n == path.n || at.p[path.n] == '/' || str_ends(path, STR("/"))))
			free((char *)(uintptr_t)at.p);
		else
			du->errors[kept++] = du->errors[i];
	}
	du->n_errors = kept;
	arena_free(a);
}

void du_drop(struct du *du, uint32_t folder)
{
	struct du_dir *top = du_dir_at(du, folder);
	struct ids below = folders_below(du, folder);
	struct du_entry *entries = du_entries(top);

	drop_errors(du, folder);
	du_charge(du, folder, -atomic_load(&top->disk), -atomic_load(&top->apparent),
		  -atomic_load(&top->items));
	for (size_t i = 0; i < below.n; i++)
		du_dir_at(du, below.v[i])->dev = DU_GONE_DEV;
	for (uint32_t i = 0; entries && i < top->n; i++)
		atomic_fetch_or(&entries[i].flags, DU_GONE);
	du_links_forget(du);
	for (size_t i = 0; i < below.n; i++) {
		struct du_dir *dir = du_dir_at(du, below.v[i]);

		free_entries(dir);
		dir->parent = du->free_dirs;
		du->free_dirs = below.v[i];
	}
	free_entries(top);
	free(below.v);
}

/* ---- paths ---- */

uint32_t du_parent(const struct du *du, uint32_t folder)
{
	return du_dir_at(du, folder)->parent;
}

/* The folders from the start down to this one, the start left out. */
static size_t ancestors(const struct du *du, uint32_t folder, uint32_t **ret)
{
	size_t n = 0, i;

	for (uint32_t at = folder; at != DU_ROOT; at = du_parent(du, at))
		n++;
	*ret = malloc((n + 1) * sizeof(**ret));
	if (!*ret)
		abort();
	for (i = n; i > 0; folder = du_parent(du, folder))
		(*ret)[--i] = folder;
	return n;
}

static struct str folder_name(const struct du *du, uint32_t folder)
{
	const struct du_dir *dir = du_dir_at(du, folder);
	const struct du_entry *entries = du_entries(du_dir_at(du, dir->parent));

	return du_name(entries, &entries[dir->slot]);
}

struct str du_path_below(const struct du *du, struct arena *a, uint32_t folder,
			 struct str name)
{
	STRBUF_AUTO(path, (size_t)1 << 30);
	uint32_t *up;
	size_t n = ancestors(du, folder, &up);

	for (size_t i = 0; i < n; i++) {
		if (i)
			strbuf_addc(&path, '/');
		strbuf_add(&path, folder_name(du, up[i]));
	}
	if (n && name.n)
		strbuf_addc(&path, '/');
	strbuf_add(&path, name);
	free(up);
	return arena_str(a, strbuf_str(&path));
}

struct str du_path(const struct du *du, struct arena *a, uint32_t folder, struct str name)
{
	struct str below = du_path_below(du, a, folder, name), top = str_of(du->path);

	if (!below.n)
		return arena_str(a, top);
	return arena_strf(a, "%s%s" STR_FMT, du->path, str_ends(top, STR("/")) ? "" : "/",
			  STR_ARG(below));
}

uint64_t du_path_hash_add(uint64_t hash, struct str name)
{
	return (hash ^ str_hash(name)) * 0x9e3779b97f4a7c15 + 1;
}

uint64_t du_path_hash(const struct du *du, uint32_t folder)
{
	uint64_t hash = 0;
	uint32_t *up;
	size_t n = ancestors(du, folder, &up);

	for (size_t i = 0; i < n; i++)
		hash = du_path_hash_add(hash, folder_name(du, up[i]));
	free(up);
	return hash;
}

const struct du_entry *du_entry_named(const struct du *du, uint32_t folder,
				      struct str name)
{
	const struct du_dir *dir = du_dir_at(du, folder);
	const struct du_entry *entries = du_entries(dir);

	for (uint32_t i = 0; entries && i < dir->n; i++)
		if (str_eq(du_name(entries, &entries[i]), name) &&
		    !(atomic_load(&entries[i].flags) & DU_GONE))
			return &entries[i];
	return NULL;
}

uint32_t du_find(const struct du *du, struct str path)
{
	uint32_t folder = DU_ROOT;
	struct str name;

	while (str_cut(&path, '/', &name)) {
		const struct du_entry *e;

		if (!name.n || str_eq(name, STR(".")))
			continue;
		e = du_entry_named(du, folder, name);
		if (!e || e->folder == DU_NONE)
			return DU_NONE;
		folder = e->folder;
	}
	return folder;
}

int du_open_folder(const struct du *du, uint32_t folder)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	int at = openat(du->fd, ".", flags), next = at;
	uint32_t *up;
	size_t n = ancestors(du, folder, &up);

	for (size_t i = 0; i < n && at >= 0; i++, at = next) {
		const struct du_dir *dir = du_dir_at(du, up[i]);
		const struct du_entry *entries = du_entries(du_dir_at(du, dir->parent));
		int why;

		next = openat(at, du_name_z(entries, &entries[dir->slot]), flags);
		why = errno;
		close(at);
		errno = why;
	}
	free(up);
	return next;
}

/* ---- rows ---- */

static uint64_t figure(const _Atomic uint64_t *v)
{
	return atomic_load_explicit(v, memory_order_relaxed);
}

static void fill_folder(const struct du *du, uint32_t folder, struct du_row *row)
{
	const struct du_dir *dir = du_dir_at(du, folder);

	row->folder = folder;
	row->disk = row->alone = figure(&dir->disk);
	row->apparent = figure(&dir->apparent);
	row->entries = figure(&dir->items);
	row->errors = atomic_load(&dir->errors);
	if (atomic_load(&dir->pending))
		row->flags |= DU_PARTIAL;
}

static void fill_growth(const struct du *du, uint64_t hash, struct du_row *row)
{
	uint64_t past;

	if (!du->past || row->type != DU_FOLDER || (row->flags & DU_PARTIAL))
		return;
	row->has_growth = true;
	row->growth = (int64_t)row->disk;
	if (du_past_find(du->past, hash, &past))
		row->growth -= (int64_t)past;
}

void du_fill_row(const struct du *du, const struct du_entry *entries,
		 const struct du_entry *e, struct du_row *ret)
{
	struct du_row row = {
		.name = du_name(entries, e),
		.type = (enum du_type)e->type,
		.flags = atomic_load(&e->flags),
		.folder = e->folder,
		.mtime = e->mtime,
		.entries = 1,
		.alone = e->disk,
	};

	if (e->folder != DU_NONE) {
		fill_folder(du, e->folder, &row);
	} else if (!(row.flags & (DU_SHARED | DU_OTHER_FS))) {
		row.disk = e->disk;
		row.apparent = e->apparent;
	}
	*ret = row;
}

void du_folder(const struct du *du, uint32_t folder, struct du_row *ret)
{
	struct du_row row = { .type = DU_FOLDER, .name = str_of(du->path) };

	if (folder != DU_ROOT) {
		const struct du_dir *dir = du_dir_at(du, folder);
		const struct du_entry *entries = du_entries(du_dir_at(du, dir->parent));

		du_fill_row(du, entries, &entries[dir->slot], &row);
	} else {
		fill_folder(du, folder, &row);
		row.mtime = du->start.st_mtime;
		if (!S_ISDIR(du->start.st_mode))
			row.type = S_ISREG(du->start.st_mode) ? DU_FILE : DU_OTHER;
	}
	fill_growth(du, du->past ? du_path_hash(du, folder) : 0, &row);
	*ret = row;
}

/* ---- lists ---- */

static int cmp_u64(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int cmp_i64(int64_t a, int64_t b)
{
	return (a < b) - (a > b);
}

static int cmp_rows(const void *a, const void *b, void *arg)
{
	const struct du_query *query = arg;
	const struct du_row *x = a, *y = b;
	int d = 0;

	switch (query->sort) {
	case DU_BY_DISK:
		d = cmp_u64(x->disk, y->disk);
		break;
	case DU_BY_APPARENT:
		d = cmp_u64(x->apparent, y->apparent);
		break;
	case DU_BY_ENTRIES:
		d = cmp_u64(x->entries, y->entries);
		break;
	case DU_BY_TIME:
		d = cmp_i64(x->mtime, y->mtime);
		break;
	case DU_BY_GROWTH:
		d = cmp_i64(x->growth, y->growth);
		break;
	case DU_BY_NAME:
		break;
	}
	if (!d)
		d = str_cmp(x->name, y->name);
	return query->reverse ? -d : d;
}

void du_list(const struct du *du, struct arena *a, uint32_t folder,
	     const struct du_query *query, struct du_rows *ret)
{
	const struct du_dir *dir = du_dir_at(du, folder);
	const struct du_entry *entries = du_entries(dir);
	uint64_t hash = du->past ? du_path_hash(du, folder) : 0;
	struct du_rows rows = { 0 };

	for (uint32_t i = 0; entries && i < dir->n; i++) {
		struct str name = du_name(entries, &entries[i]);
		struct du_row *row;

		if (atomic_load(&entries[i].flags) & DU_GONE)
			continue;
		if (query->glob.n && !str_glob(name, query->glob)) {
			rows.hidden++;
			continue;
		}
		row = ARENA_PUSH(a, &rows);
		du_fill_row(du, entries, &entries[i], row);
		if (du->past)
			fill_growth(du, du_path_hash_add(hash, name), row);
	}
	if (rows.n)
		qsort_r(rows.v, rows.n, sizeof(rows.v[0]), cmp_rows,
			(void *)(uintptr_t)query);
	if (query->limit && rows.n > query->limit) {
		rows.hidden += rows.n - query->limit;
		rows.n = query->limit;
	}
	*ret = rows;
}
