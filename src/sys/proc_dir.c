/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small files below one folder: see proc_dir.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc_dir.h"

int proc_dir_open(const struct root *root, const char *path, struct proc_dir *ret)
{
	struct err err;
	int fd = root_openat(root, path, O_RDONLY | O_DIRECTORY, &err);

	if (fd < 0)
		return err.sys ? -err.sys : -EIO;
	*ret = (struct proc_dir){ .fd = fd, .live = root_is_live(root) };
	return 0;
}

void proc_dir_close(struct proc_dir *dir)
{
	if (dir->fd >= 0)
		close(dir->fd);
	dir->fd = -1;
}

int proc_dir_openat(const struct proc_dir *dir, const char *name, int flags)
{
	struct open_how how = { .flags = (unsigned)(flags | O_CLOEXEC),
				.resolve = RESOLVE_BENEATH };
	int fd;

	if (dir->live)
		fd = openat(dir->fd, name, flags | O_CLOEXEC);
	else
		fd = (int)syscall(SYS_openat2, dir->fd, name, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

ssize_t proc_fd_read(int fd, void *buf, size_t n)
{
	ssize_t got;

	do
		got = pread(fd, buf, n, 0);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

ssize_t proc_dir_read(const struct proc_dir *dir, const char *name, void *buf, size_t n)
{
	int fd = proc_dir_openat(dir, name, O_RDONLY);
	ssize_t got;

	if (fd < 0)
		return fd;
	got = proc_fd_read(fd, buf, n);
	close(fd);
	return got;
}

ssize_t proc_dir_numbers(const struct proc_dir *dir, char *buf, pid_t *ret, size_t max)
{
	size_t n = 0;

	while (!n) {
		long got = syscall(SYS_getdents64, dir->fd, buf, PROC_NUMBERS_BUF);

		if (got <= 0)
			return got < 0 ? -errno : 0;
		for (long at = 0; at < got;) {
			const struct dirent64 *e = (const void *)(buf + at);
			uint64_t id;

			at += e->d_reclen;
			if (n < max && str_to_u64(str_of(e->d_name), &id) && id &&
			    id <= INT32_MAX)
				ret[n++] = (pid_t)id;
		}
	}
	return (ssize_t)n;
}
