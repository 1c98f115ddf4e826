/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A handle below which /proc and /sys are read. On the live machine it is "/"; a test or
 * `--root DIR` hands in a recorded tree. Every path is relative to it ("proc/stat",
 * "sys/kernel/mm/..."); a leading slash is ignored. Recorded trees are opened with
 * RESOLVE_BENEATH semantics: no path and no symlink leads out of them.
 */
#ifndef BASE_ROOT_H
#define BASE_ROOT_H

#include "base/arena.h"
#include "base/strbuf.h"

struct root;

bool root_open(const char *dir, struct root **ret, struct err *err) MUST_CHECK;
void root_free(struct root *root);
DEFINE_FREEP(root)

/** True for the running machine: only then ioctls, netlink and clocks mean anything. */
bool root_is_live(const struct root *root);
/** Directory descriptor, owned by the root: for callers that keep many files open. */
int root_fd(const struct root *root);
const char *root_path(const struct root *root);

/** Whole file into `buf` (appended). Files of /proc report size 0: read until the end. */
bool root_read(const struct root *root, const char *path, struct strbuf *buf,
	       struct err *err) MUST_CHECK;
/** First line, without its line end, as a copy in the arena. */
bool root_read_line(const struct root *root, struct arena *a, const char *path,
		    struct str *ret, struct err *err) MUST_CHECK;
bool root_read_u64(const struct root *root, const char *path, uint64_t *ret,
		   struct err *err) MUST_CHECK;
/** Target of a symbolic link. */
bool root_readlink(const struct root *root, struct arena *a, const char *path,
		   struct str *ret, struct err *err) MUST_CHECK;
bool root_exists(const struct root *root, const char *path);
/** Open for reading; the descriptor is the caller's. -1 with `err` filled on failure. */
int root_openat(const struct root *root, const char *path, int flags, struct err *err);

struct root_list {
	struct str *v; /* names, sorted, without "." and ".." */
	size_t n, cap;
};
bool root_list(const struct root *root, struct arena *a, const char *path,
	       struct root_list *ret, struct err *err) MUST_CHECK;

/** Write to a setting. Refused with ERR_DENIED on a recorded tree. */
bool root_write(const struct root *root, const char *path, struct str value,
		struct err *err) MUST_CHECK;

#endif
