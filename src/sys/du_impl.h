/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree of a disk usage scan. A folder's entries are one block of memory, written by
 * the worker that reads the folder and published whole; after that only flags change.
 * Totals live in the folders and are added to all ancestors at once, so that they are
 * true at any time.
 */
#ifndef SYS_DU_IMPL_H
#define SYS_DU_IMPL_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "sys/du.h"

enum { DU_GONE = 128 }; /* in du_entry.flags: deleted since */

struct du_entry {
	uint64_t disk, apparent;
	uint32_t name; /* offset in the block, NUL-terminated there */
	uint32_t mtime;
	uint32_t folder; /* DU_NONE: it is none, or lies on another file system */
	uint8_t name_len, type;
	_Atomic uint8_t flags;
	uint8_t spare;
};

struct du_dir {
	_Atomic(struct du_entry *) entries; /* NULL until published */
	_Atomic uint64_t disk, apparent, items;
	uint64_t ino;
	uint32_t dev, parent;
	uint32_t slot; /* its entry in `parent` */
	uint32_t n;
	_Atomic uint32_t pending; /* unread folders in it and below, itself included */
	_Atomic uint32_t errors;
};

/* Every name of every file that has several. */
struct du_links;

struct du_handle {
	int fd;
	atomic_uint refs;
};

/* A folder to read, and an open one to find it in. */
struct du_task {
	uint32_t folder;
	struct du_handle *parent;
};

enum { DU_BLOCK = 4096, DU_BLOCKS = 65536, DU_WORKERS = 16 };

struct du {
	struct du_options opt;
	char *path;
	int fd; /* of the start, or of the folder of a start that is a file */
	struct stat start;
	struct du_dir **blocks;
	struct du_links *links;
	struct du_past *past;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	uint32_t n_dirs, free_dirs;
	struct du_task *stack;
	size_t n_stack, cap_stack, busy;
	struct du_error *errors;
	size_t n_errors;
	pthread_t threads[DU_WORKERS];
	size_t n_threads;
	struct timespec begun, ended;

	atomic_bool cancelled, limited;
	_Atomic uint64_t error_count, last_wake_ms;
	atomic_int open_handles;
};

static inline struct du_dir *du_dir_at(const struct du *du, uint32_t id)
{
	return &du->blocks[id / DU_BLOCK][id % DU_BLOCK];
}

static inline struct du_entry *du_entries(const struct du_dir *dir)
{
	return atomic_load_explicit(&dir->entries, memory_order_acquire);
}

/* A folder that is dropped, until its id is used again. */
#define DU_GONE_DEV UINT32_MAX

static inline bool du_is_gone(const struct du *du, uint32_t folder, uint32_t slot)
{
	const struct du_dir *dir = du_dir_at(du, folder);

	return dir->dev == DU_GONE_DEV ||
	       (atomic_load(&du_entries(dir)[slot].flags) & DU_GONE);
}

/** Name of an entry of the block that begins at `entries`. */
static inline struct str du_name(const struct du_entry *entries, const struct du_entry *e)
{
	return str_n((const char *)entries + e->name, e->name_len);
}

static inline const char *du_name_z(const struct du_entry *entries,
				    const struct du_entry *e)
{
	return (const char *)entries + e->name;
}

/** Add to a folder and all above it; modulo 2^64, so that it subtracts too. */
void du_charge(struct du *du, uint32_t folder, uint64_t disk, uint64_t apparent,
	       uint64_t items);
/** One more error in a folder and all above it. */
void du_charge_error(struct du *du, uint32_t folder);
/** A new folder; du->lock is held. DU_NONE when there are too many. */
uint32_t du_new_dir(struct du *du);
/** Forget a folder's content: off the totals of it and of all above, its errors too. The
 *  folder's own size goes as well. No worker may run. */
void du_drop(struct du *du, uint32_t folder);
/** Open a folder from the start, never through a symbolic link. -1 and errno. */
int du_open_folder(const struct du *du, uint32_t folder);
bool du_running(const struct du *du);

/* Walks over the folders below `top`, parents first. */
struct du_walk {
	uint32_t top, folder, slot;
	size_t depth;
};
/** The next folder, or DU_NONE at the end. `top` itself is not given. */
uint32_t du_walk_next(const struct du *du, struct du_walk *w);
/** The row of an entry, without its growth. */
void du_fill_row(const struct du *du, const struct du_entry *entries,
		 const struct du_entry *e, struct du_row *ret);
/** Path relative to the start. */
struct str du_path_below(const struct du *du, struct arena *a, uint32_t folder,
			 struct str name);
/** An entry of a folder by its name, or NULL. */
const struct du_entry *du_entry_named(const struct du *du, uint32_t folder,
				      struct str name);

struct du_links *du_links_new(void);
void du_links_free(struct du_links *links);
/** One name more of a file with several; charges it where the total belongs. */
void du_links_add(struct du *du, uint32_t folder, uint32_t slot, uint64_t dev,
		  uint64_t ino);
/** Forget the names that are gone; the next name of such a file is charged. */
void du_links_forget(struct du *du);

void du_past_free(struct du_past *past);
/** Disk bytes of a folder in the earlier scan. */
bool du_past_find(const struct du_past *past, uint64_t path_hash, uint64_t *ret);
/** Hash of a folder's path relative to the start. */
uint64_t du_path_hash(const struct du *du, uint32_t folder);
uint64_t du_path_hash_add(uint64_t hash, struct str name);

#endif
