/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What df(1) counts and du(1) does not: files that have no name any more but are still
 * open, found through the links of /proc/PID/fd (proc(5)), and the figures of the whole
 * file system.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "du_impl.h"

static const struct str DELETED = { " (deleted)", 10 };

struct search {
	const struct du *du;
	const struct root *root;
	struct arena *arena;
	struct du_deleted_list list;
	struct {
		ino_t *v;
		size_t n, cap;
	} inodes; /* of `list`: each file once */
};

static bool is_known(struct search *s, ino_t ino)
{
	for (size_t i = 0; i < s->inodes.n; i++)
		if (s->inodes.v[i] == ino)
			return true;
	*ARENA_PUSH(s->arena, &s->inodes) = ino;
	return false;
}

/* One link of /proc/PID/fd: "/tmp/x (deleted)". */
static void look_at(struct search *s, int64_t pid, struct str fd)
{
	char path[64];
	struct du_deleted d = { .pid = pid };
	struct stat st;
	struct str target;
	struct err err;

	snprintf(path, sizeof(path), "proc/%lld/fd/%.*s", (long long)pid, (int)fd.n,
		 fd.p);
	if (!str_to_u64(fd, &d.fd) ||
	    !root_readlink(s->root, s->arena, path, &target, &err) ||
	    !str_ends(target, DELETED))
		return;
	/* behind a recorded link there is no file to look at */
	if (!root_is_live(s->root) || fstatat(root_fd(s->root), path, &st, 0) < 0)
		return;
	if (!S_ISREG(st.st_mode) || st.st_nlink || st.st_dev != s->du->start.st_dev ||
	    is_known(s, st.st_ino))
		return;
	snprintf(path, sizeof(path), "proc/%lld/comm", (long long)pid);
	if (!root_read_line(s->root, s->arena, path, &d.comm, &err))
		d.comm = STR("?");
	d.path = str_n(target.p, target.n - DELETED.n);
	d.disk = (uint64_t)st.st_blocks * 512;
	d.apparent = (uint64_t)st.st_size;
	*ARENA_PUSH(s->arena, &s->list) = d;
}

static bool look_into(struct search *s, int64_t pid)
{
	struct root_list fds = { 0 };
	struct err err = { 0 };
	char path[64];

	snprintf(path, sizeof(path), "proc/%lld/fd", (long long)pid);
	if (!root_list(s->root, s->arena, path, &fds, &err))
		return err.code != ERR_DENIED;
	for (size_t i = 0; i < fds.n; i++)
		look_at(s, pid, fds.v[i]);
	return true;
}

static int larger_first(const void *a, const void *b)
{
	const struct du_deleted *x = a, *y = b;

	return (x->disk < y->disk) - (x->disk > y->disk);
}

bool du_deleted(const struct du *du, const struct root *root, struct arena *a,
		struct du_deleted_list *ret, struct err *err)
{
	struct search s = { .du = du, .root = root, .arena = a };
	struct root_list processes = { 0 };
	int64_t pid;

	if (!root_list(root, a, "proc", &processes, err))
		return err_wrap(err, "looking for deleted files");
	for (size_t i = 0; i < processes.n; i++)
		if (str_to_i64(processes.v[i], &pid))
			s.list.hidden += !look_into(&s, pid);
	if (s.list.n)
		qsort(s.list.v, s.list.n, sizeof(s.list.v[0]), larger_first);
	*ret = s.list;
	return true;
}

bool du_df(const struct du *du, struct du_df *ret, struct err *err)
{
	struct du_df df = { 0 };
	struct statvfs fs;
	struct stat up;

	if (statvfs(du->path, &fs) < 0)
		return err_sys(err, errno, "asking for the file system of %s", du->path);
	df.total = (uint64_t)fs.f_blocks * fs.f_frsize;
	df.used = (uint64_t)(fs.f_blocks - fs.f_bfree) * fs.f_frsize;
	df.available = (uint64_t)fs.f_bavail * fs.f_frsize;
	/* a mount point lies on another device than the folder it stands in; "/" is its
	 * own */
	if (du->fd >= 0 && fstatat(du->fd, "..", &up, 0) == 0)
		df.whole = up.st_dev != du->start.st_dev || up.st_ino == du->start.st_ino;
	*ret = df;
	return true;
}
