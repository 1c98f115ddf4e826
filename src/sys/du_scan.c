/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading one folder: getdents64(2) into a large buffer, fstatat(2) relative to the open
 * folder, one block of memory for what was found. Half a million entries cost their half
 * million stats; everything else here is kept beside that.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "du_scan.h"

enum {
	BUFFER = 128 * 1024,
	SECTOR = 512, /* unit of st_blocks: inode(7) */
	MAX_HANDLES = 400,
	SORT_FROM = 32, /* entries */
	MAX_DEPTH = 20000,
};

static void *grown(void *v, size_t need, size_t *cap, size_t size)
{
	if (need <= *cap)
		return v;
	while (*cap < need)
		*cap = *cap ? *cap * 2 : 256;
	v = realloc(v, *cap * size);
	if (!v)
		abort();
	return v;
}

void du_worker_free(struct du_worker *w)
{
	free(w->buffer);
	free(w->names);
	free(w->items);
	free(w->links);
}

/* ---- names ---- */

static void add_item(struct du_worker *w, const struct dirent64 *d)
{
	size_t len = strlen(d->d_name);

	if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
		return;
	if (len > UINT8_MAX)
		len = UINT8_MAX;
	w->items = grown(w->items, w->n_items + 1, &w->cap_items, sizeof(w->items[0]));
	w->names = grown(w->names, w->n_names + len + 1, &w->cap_names, 1);
	w->items[w->n_items++] =
		(struct du_item){ d->d_ino, (uint32_t)w->n_names, (uint8_t)len };
	memcpy(w->names + w->n_names, d->d_name, len);
	w->names[w->n_names + len] = '\0';
	w->n_names += len + 1;
}

static int by_ino(const void *a, const void *b)
{
	const struct du_item *x = a, *y = b;

	return (x->ino > y->ino) - (x->ino < y->ino);
}

/* All names of an open folder, in the order in which their inodes lie on the disk. */
static bool read_names(struct du_worker *w, int fd)
{
	w->n_items = w->n_names = w->n_links = 0;
	if (!w->buffer)
		w->buffer = malloc(BUFFER);
	if (!w->buffer)
		abort();
	for (;;) {
		ssize_t n = getdents64(fd, w->buffer, BUFFER);

		if (n <= 0) {
			if (n < 0)
				return false;
			break;
		}
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *d = (const void *)(w->buffer + at);

			add_item(w, d);
			at += d->d_reclen;
		}
		if (w->n_names + w->n_items * sizeof(struct du_entry) > UINT32_MAX / 2) {
			errno = EFBIG;
			return false;
		}
	}
	if (w->n_items >= SORT_FROM)
		qsort(w->items, w->n_items, sizeof(w->items[0]), by_ino);
	return true;
}

/* ---- entries ---- */

static enum du_type type_of(mode_t mode)
{
	if (S_ISDIR(mode))
		return DU_FOLDER;
	if (S_ISREG(mode))
		return DU_FILE;
	return S_ISLNK(mode) ? DU_LINK : DU_OTHER;
}

static uint32_t mtime_of(const struct stat *st)
{
	if (st->st_mtime < 0)
		return 0;
	return st->st_mtime > UINT32_MAX ? UINT32_MAX : (uint32_t)st->st_mtime;
}

/* Linux devices fit in 32 bits. */
static uint32_t dev_of(dev_t dev)
{
	return major(dev) << 20 | minor(dev);
}

struct sums {
	uint64_t disk, apparent, items;
	uint32_t folders;
};

static void fill_entry(struct du_worker *w, uint32_t slot, const struct stat *st,
		       struct du_entry *e, struct sums *sums)
{
	unsigned flags = 0;

	e->disk = (uint64_t)st->st_blocks * SECTOR;
	e->apparent = st->st_size > 0 ? (uint64_t)st->st_size : 0;
	e->mtime = mtime_of(st);
	e->type = (uint8_t)type_of(st->st_mode);
	e->folder = DU_NONE;
	sums->items++;
	if (w->du->opt.one_fs && st->st_dev != w->du->start.st_dev) {
		atomic_init(&e->flags, DU_OTHER_FS);
		return;
	}
	if (e->type == DU_FILE && e->disk < e->apparent / SECTOR * SECTOR)
		flags |= DU_SPARSE;
	if (e->type == DU_FOLDER) {
		sums->folders++;
		e->folder = 0; /* an id comes later */
	} else if (st->st_nlink > 1) {
		flags |= DU_NAMES | DU_SHARED;
		w->links = grown(w->links, w->n_links + 1, &w->cap_links,
				 sizeof(w->links[0]));
		w->links[w->n_links++] =
			(struct du_link_seen){ dev_of(st->st_dev), st->st_ino, slot };
	}
	if (!(flags & DU_SHARED)) {
		sums->disk += e->disk;
		sums->apparent += e->apparent;
	}
	atomic_init(&e->flags, (uint8_t)flags);
}

/* A folder found in another one, of which `st` is known. */
static bool add_folder(struct du *du, uint32_t parent, uint32_t slot,
		       const struct stat *st, struct du_entry *e)
{
	struct du_dir *dir;
	uint32_t id;

	pthread_mutex_lock(&du->lock);
	id = du_new_dir(du);
	pthread_mutex_unlock(&du->lock);
	e->folder = id;
	if (id == DU_NONE)
		return false;
	dir = du_dir_at(du, id);
	dir->parent = parent;
	dir->slot = slot;
	dir->dev = dev_of(st->st_dev);
	dir->ino = st->st_ino;
	atomic_store(&dir->disk, e->disk);
	atomic_store(&dir->apparent, e->apparent);
	atomic_store(&dir->items, 1);
	atomic_store(&dir->pending, 1);
	return true;
}

/* Stat all items into a block of entries with their names behind them. */
static struct du_entry *stat_items(struct du_worker *w, int fd, uint32_t folder,
				   struct sums *sums, uint32_t *ret_n)
{
	size_t names = w->n_items * sizeof(struct du_entry);
	struct du_entry *block = malloc(names + w->n_names + 1);
	uint32_t n = 0;

	if (!block)
		abort();
	for (size_t i = 0; i < w->n_items; i++) {
		const struct du_item *item = &w->items[i];
		struct du_entry *e = &block[n];
		struct stat st;

		if (fstatat(fd, w->names + item->name, &st,
			    AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0) {
			/* gone since its name was read: as if it had never been */
			if (errno != ENOENT)
				du_note_error(w->du, folder,
					      str_of(w->names + item->name), errno);
			continue;
		}
		fill_entry(w, n, &st, e, sums);
		if (e->folder != DU_NONE && !add_folder(w->du, folder, n, &st, e))
			du_note_error(w->du, folder, str_of(w->names + item->name),
				      ENFILE);
		e->name = (uint32_t)names + item->name;
		e->name_len = item->name_len;
		n++;
	}
	if (w->n_names)
		memcpy((char *)block + names, w->names, w->n_names);
	*ret_n = n;
	return block;
}

/* ---- one folder ---- */

/* 0, or why a folder must not be entered: it is its own ancestor through a bind mount, or
 * so deep that adding up its ancestors would cost more than reading it. */
static int check_ancestors(const struct du *du, uint32_t folder)
{
	const struct du_dir *dir = du_dir_at(du, folder);
	uint32_t up = dir->parent;
	size_t depth = 0;

	for (; up != DU_NONE; up = du_dir_at(du, up)->parent) {
		if (du_dir_at(du, up)->ino == dir->ino &&
		    du_dir_at(du, up)->dev == dir->dev)
			return ELOOP;
		if (++depth > MAX_DEPTH)
			return ENAMETOOLONG;
	}
	return 0;
}

static int open_task(struct du *du, struct du_task task)
{
	const struct du_dir *dir = du_dir_at(du, task.folder);
	const struct du_entry *entries;

	errno = check_ancestors(du, task.folder);
	if (errno)
		return -1;
	if (!task.parent || task.parent->fd < 0)
		return du_open_folder(du, task.folder);
	entries = du_entries(du_dir_at(du, dir->parent));
	return openat(task.parent->fd, du_name_z(entries, &entries[dir->slot]),
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
}

/* Push the folders of a published block; `fd` stays open until each was opened. */
static void push_folders(struct du *du, const struct du_entry *block, uint32_t n,
			 uint32_t folders, int fd)
{
	uint32_t *ids = malloc(folders * sizeof(ids[0]));
	struct du_handle *handle = malloc(sizeof(*handle));
	uint32_t k = 0;

	if (!ids || !handle)
		abort();
	for (uint32_t i = n; i-- > 0;)
		if (block[i].folder != DU_NONE)
			ids[k++] = block[i].folder;
	handle->fd = fd;
	if (atomic_fetch_add(&du->open_handles, 1) >= MAX_HANDLES) {
		close(fd);
		handle->fd = -1;
	}
	atomic_init(&handle->refs, k);
	if (k)
		du_push(du, ids, k, handle);
	else
		du_handle_put(du, handle);
	free(ids);
}

static void read_open_folder(struct du_worker *w, uint32_t folder, int fd)
{
	struct du *du = w->du;
	struct du_dir *dir = du_dir_at(du, folder);
	struct sums sums = { 0 };
	struct du_entry *block;
	uint32_t n;

	if (!read_names(w, fd))
		du_note_error(du, folder, STR_NONE, errno);
	block = stat_items(w, fd, folder, &sums, &n);
	dir->n = n;
	atomic_store_explicit(&dir->entries, block, memory_order_release);
	du_charge(du, folder, sums.disk, sums.apparent, sums.items);
	for (size_t i = 0; i < w->n_links; i++)
		du_links_add(du, folder, w->links[i].slot, w->links[i].dev,
			     w->links[i].ino);
	if (sums.folders)
		push_folders(du, block, n, sums.folders, fd);
	else
		close(fd);
}

static void finish(struct du *du, uint32_t folder)
{
	/* a folder counts for all above it until it is read */
	for (; folder != DU_NONE; folder = du_dir_at(du, folder)->parent)
		atomic_fetch_sub(&du_dir_at(du, folder)->pending, 1);
}

void du_scan_folder(struct du_worker *w, struct du_task task)
{
	struct du_dir *dir = du_dir_at(w->du, task.folder);
	int fd = open_task(w->du, task), why = errno;

	if (fd < 0) {
		if (dir->parent != DU_NONE) {
			struct du_entry *up = du_entries(du_dir_at(w->du, dir->parent));

			atomic_fetch_or(&up[dir->slot].flags, DU_UNREAD);
		}
		if (why != ENOENT)
			du_note_error(w->du, task.folder, STR_NONE, why);
	} else {
		read_open_folder(w, task.folder, fd);
	}
	if (task.parent)
		du_handle_put(w->du, task.parent);
	finish(w->du, task.folder);
}
