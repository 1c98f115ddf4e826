/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many small files below one folder of /proc, fast: one descriptor for the folder, names
 * relative to it, bytes into a buffer of the caller. Private to sys; the ordinary door is
 * base/root.h.
 */
#ifndef SYS_PROC_DIR_H
#define SYS_PROC_DIR_H

#include <sys/types.h>

#include "base/root.h"

struct proc_dir {
	int fd; /* -1: not open */
	bool live;
};

/** 0, or -errno. */
int proc_dir_open(const struct root *root, const char *path, struct proc_dir *ret);
void proc_dir_close(struct proc_dir *dir);
/** A descriptor for reading, or -errno; no name leads out of a recorded tree. */
int proc_dir_openat(const struct proc_dir *dir, const char *name, int flags);
/** At most n bytes of a file from its start: their number, or -errno. */
ssize_t proc_dir_read(const struct proc_dir *dir, const char *name, void *buf, size_t n);
/** pread() from the start that EINTR does not disturb; the number, or -errno. */
ssize_t proc_fd_read(int fd, void *buf, size_t n);

enum { PROC_NUMBERS_BUF = 32768 };
/** The next numeric names, at most `max` (which must be PROC_NUMBERS_BUF / 24); 0 at the
 *  end; -errno. */
ssize_t proc_dir_numbers(const struct proc_dir *dir, char *buf, pid_t *ret, size_t max);

#endif
