/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disk usage of a tree: scanned by several workers, readable while it is scanned.
 *
 * Totals are those of du(1): blocks and sizes as stat(2) gives them, a file with several
 * names counted once, folders counted too. With several names the one whose folder has
 * the smallest (device, inode) is charged, so two scans of one tree agree to the byte in
 * every folder, whatever the workers' order was.
 *
 * Memory: 33 bytes and the name for a file, 113 bytes and the name for a folder, up to
 * 60 more for a name of a file that has several; 10 million entries with names of 16
 * bytes, a tenth of them folders, take about 550 MB. More than `max_entries` end the scan
 * with an entry in the error list, never with an endless one.
 *
 * Symbolic links are never followed below the start, so there are no loops; a folder that
 * is its own ancestor through a bind mount, or more than 20,000 deep, is listed as an
 * error and left out.
 *
 * Threads: du_start() makes the workers. All other functions belong to one thread, the
 * owner's, and may be called while they run: what they give is then partial but true.
 */
#ifndef SYS_DU_H
#define SYS_DU_H

#include "base/arena.h"
#include "base/root.h"
#include "base/strbuf.h"

#define DU_MAX_ENTRIES ((uint64_t)200000000)
#define DU_MAX_ERRORS  1000 /* listed; all are counted */

/* Ids of folders. */
#define DU_ROOT ((uint32_t)0)
#define DU_NONE UINT32_MAX

struct du;

struct du_options {
	unsigned workers;     /* 2..16; 0: two for each processor */
	bool one_fs;          /* -x: leave out what lies on another file system */
	uint64_t max_entries; /* 0: DU_MAX_ENTRIES */
	/** Called on a worker's thread, ten times a second and at the end; may be NULL.
	 * It may do no more than ring a bell, as loop_wake() does. */
	void (*wake)(void *arg);
	void *wake_arg;
};

/* ---- scan ---- */

/** Begin to scan `path` (followed if it is a symbolic link itself). Returns at once. */
bool du_start(const char *path, const struct du_options *opt, struct du **ret,
	      struct err *err) MUST_CHECK;
/** Wait for the end. ERR_CANCELLED after du_cancel(); unreadable folders are no error. */
bool du_wait(struct du *du, struct err *err) MUST_CHECK;
/** Ask the workers to stop; what was found stays readable. From any thread. */
void du_cancel(struct du *du);
/** Cancel, wait, forget. */
void du_free(struct du *du);
DEFINE_FREEP(du)

struct du_progress {
	uint64_t entries, disk, apparent, errors; /* found so far */
	uint64_t folders_left;                    /* known but not read yet */
	double seconds;                           /* since the start */
	double rate;                              /* entries per second */
	bool running, cancelled, limited;         /* limited: max_entries was reached */
};
void du_progress(const struct du *du, struct du_progress *ret);

/** Scan one folder again; its old content is dropped first. ERR_BUSY while a scan runs.
 */
bool du_rescan(struct du *du, uint32_t folder, struct err *err) MUST_CHECK;

/* ---- read ---- */

enum du_type { DU_FILE, DU_FOLDER, DU_LINK, DU_OTHER };

enum du_flags {
	DU_SHARED = 1,   /* one of several names of a file, charged to another name */
	DU_OTHER_FS = 2, /* left out by -x */
	DU_UNREAD = 4,   /* a folder that could not be read */
	DU_PARTIAL = 8,  /* a folder whose scan goes on */
	DU_SPARSE = 16,  /* takes less disk than its size says */
	DU_NAMES = 32,   /* a file with several names */
};

struct du_row {
	struct str name;
	enum du_type type;
	unsigned flags;
	uint32_t folder;         /* id, or DU_NONE for what is no folder */
	uint64_t disk, apparent; /* bytes that it adds; folders with all below them */
	uint64_t alone;          /* disk bytes without regard to other names */
	uint64_t entries;        /* names in it and below, itself included */
	uint64_t errors;         /* folders in it and below that could not be read */
	int64_t mtime;           /* seconds since 1970 */
	bool has_growth;
	int64_t growth; /* disk bytes since the scan given to du_compare() */
};

struct du_rows {
	struct du_row *v;
	size_t n, cap;
	uint64_t hidden; /* rows that the filter or the limit left out */
};

enum du_sort {
	DU_BY_DISK,
	DU_BY_APPARENT,
	DU_BY_NAME,
	DU_BY_ENTRIES,
	DU_BY_TIME,
	DU_BY_GROWTH
};

struct du_query {
	enum du_sort sort; /* largest, latest first; names from A to Z */
	bool reverse;
	struct str glob; /* of names; n == 0: all */
	size_t limit;    /* rows; 0: all */
};

/** The row of a folder itself. */
void du_folder(const struct du *du, uint32_t folder, struct du_row *ret);
/** What is in a folder, sorted. Names live as long as the scan. */
void du_list(const struct du *du, struct arena *a, uint32_t folder,
	     const struct du_query *query, struct du_rows *ret);
/** DU_NONE above the start. */
uint32_t du_parent(const struct du *du, uint32_t folder);
/** Path of an entry of a folder, or of the folder where `name` is empty. */
struct str du_path(const struct du *du, struct arena *a, uint32_t folder,
		   struct str name);
/** The folder at a path relative to the start ("a/b"), or DU_NONE. */
uint32_t du_find(const struct du *du, struct str path);

struct du_error {
	struct str path;
	int sys; /* errno */
};
/** The first DU_MAX_ERRORS errors, in the order they were met. */
size_t du_errors(const struct du *du, struct arena *a, struct du_error **ret);

/* ---- reports over a folder and all below it ---- */

struct du_large {
	struct str path; /* relative to the start */
	struct du_row row;
};
/** The `limit` largest files, largest first. Time n log limit. */
size_t du_largest(const struct du *du, struct arena *a, uint32_t folder, size_t limit,
		  struct du_large **ret);

struct du_group {
	struct str name; /* ".c", "(none)", "last week" */
	uint64_t disk, apparent, files;
};
/** By the ending of the name, largest first, the rest as "(other)" behind `limit`. */
size_t du_by_type(const struct du *du, struct arena *a, uint32_t folder, size_t limit,
		  struct du_group **ret);
/** By age of the last change at time `now`: day, week, month, quarter, year, older. */
size_t du_by_age(const struct du *du, struct arena *a, uint32_t folder, int64_t now,
		 struct du_group **ret);

/* ---- growth ---- */

/** Where the figures of the last scan of this path are kept: below $XDG_STATE_HOME. */
bool du_past_file(struct du *du, struct arena *a, const char **ret, struct err *err)
	MUST_CHECK;
/** Write the figures of all folders, for the next scan to compare with. */
bool du_save(const struct du *du, const char *file, int64_t now, struct err *err)
	MUST_CHECK;
/** Compare with such a file: rows then have growth. `*ret_when`: time of that scan.
 *  ERR_NOTFOUND when there is none yet. */
bool du_compare(struct du *du, const char *file, int64_t *ret_when, struct err *err)
	MUST_CHECK;

/* ---- what df sees and du does not ---- */

struct du_deleted {
	int64_t pid;
	uint64_t fd, disk, apparent;
	struct str comm, path; /* path: as it was, without " (deleted)" */
};
struct du_deleted_list {
	struct du_deleted *v; /* largest first */
	size_t n, cap;
	size_t hidden; /* processes that may not be looked into */
};
/** Files without a name that processes keep open: on the start's file system, each once.
 *  None on a recorded tree. */
bool du_deleted(const struct du *du, const struct root *root, struct arena *a,
		struct du_deleted_list *ret, struct err *err) MUST_CHECK;

struct du_df {
	uint64_t total, used, available; /* bytes, as df(1) */
	bool whole; /* the start is the root of its file system: the gap means something
		     */
};
bool du_df(const struct du *du, struct du_df *ret, struct err *err) MUST_CHECK;

/* ---- delete ---- */

/** Remove an entry of a folder with all below it. `typed` is what the user typed to
 *  confirm: the entry's own name, else ERR_USAGE. Resolved beneath the start without
 *  symbolic links; another file system is not entered; a file that is not the one that
 *  was scanned is ERR_CONFLICT. What was removed is taken off the totals, also when a
 *  part stays (then an error says which). ERR_BUSY while a scan runs. */
bool du_delete(struct du *du, uint32_t folder, struct str name, struct str typed,
	       struct err *err) MUST_CHECK;

#endif
