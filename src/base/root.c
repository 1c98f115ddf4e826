/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rooted reads: see base/root.h. One openat2() per file; on the live root plain
 * resolution (procfs uses magic links), on a recorded one RESOLVE_IN_ROOT.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/root.h"

struct root {
	int fd;
	bool live;
	char *path;
};

bool root_open(const char *dir, struct root **ret, struct err *err)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct root *root;

	if (fd < 0)
		return err_sys(err, errno, "opening root %s", dir);
	root = calloc(1, sizeof(*root));
	if (!root)
		abort();
	root->fd = fd;
	root->live = !strcmp(dir, "/");
	root->path = strdup(dir);
	*ret = root;
	return true;
}

void root_free(struct root *root)
{
	if (!root)
		return;
	close(root->fd);
	free(root->path);
	free(root);
}

bool root_is_live(const struct root *root)
{
	return root->live;
}

int root_fd(const struct root *root)
{
	return root->fd;
}

const char *root_path(const struct root *root)
{
	return root->path;
}

static const char *relative(const char *path)
{
	while (*path == '/')
		path++;
	return *path ? path : ".";
}

static int open_below(const struct root *root, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned)flags | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT };
	long fd;

	path = relative(path);
	if (root->live)
		return openat(root->fd, path, flags | O_CLOEXEC);
	fd = syscall(SYS_openat2, root->fd, path, &how, sizeof(how));
	return (int)fd;
}

int root_openat(const struct root *root, const char *path, int flags, struct err *err)
{
	int fd = open_below(root, path, flags);

	if (fd < 0)
		err_sys(err, errno, "opening /%s", relative(path));
	return fd;
}

bool root_read(const struct root *root, const char *path, struct strbuf *buf,
	       struct err *err)
{
	int fd = root_openat(root, path, O_RDONLY | O_NOCTTY, err);
	bool ok;

	if (fd < 0)
		return false;
	ok = file_read_fd(fd, buf, path, err);
	close(fd);
	return ok;
}

bool root_read_line(const struct root *root, struct arena *a, const char *path,
		    struct str *ret, struct err *err)
{
	STRBUF_AUTO(buf, 1 << 16);
	struct str rest, line = STR("");

	if (!root_read(root, path, &buf, err))
		return false;
	rest = strbuf_str(&buf);
	str_line(&rest, &line);
	*ret = arena_str(a, str_chomp(line));
	return true;
}

bool root_read_u64(const struct root *root, const char *path, uint64_t *ret,
		   struct err *err)
{
	STRBUF_AUTO(buf, 4096);

	if (!root_read(root, path, &buf, err))
		return false;
	if (!str_to_u64(str_trim(strbuf_str(&buf)), ret))
		return err_set(err, ERR_PARSE, "reading /%s: not a number",
			       relative(path));
	return true;
}

bool root_readlink(const struct root *root, struct arena *a, const char *path,
		   struct str *ret, struct err *err)
{
	char target[4096];
	ssize_t n;
	int fd;

	if (root->live) {
		n = readlinkat(root->fd, relative(path), target, sizeof(target));
	} else {
		fd = open_below(root, path, O_PATH | O_NOFOLLOW);
		n = fd < 0 ? -1 : readlinkat(fd, "", target, sizeof(target));
		if (fd >= 0)
			close(fd);
	}
	if (n < 0)
		return err_sys(err, errno, "reading link /%s", relative(path));
	*ret = arena_str(a, str_n(target, (size_t)n));
	return true;
}

bool root_exists(const struct root *root, const char *path)
{
	int fd = open_below(root, path, O_PATH);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

bool root_list(const struct root *root, struct arena *a, const char *path,
	       struct root_list *ret, struct err *err)
{
	struct root_list list = { 0 };
	int fd = root_openat(root, path, O_RDONLY | O_DIRECTORY, err);
	struct dirent *e;
	DIR *dir;

	if (fd < 0)
		return false;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return err_sys(err, errno, "listing /%s", relative(path));
	}
	while ((e = readdir(dir)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			*ARENA_PUSH(a, &list) = arena_str(a, str_of(e->d_name));
	closedir(dir);
	if (list.n)
		qsort(list.v, list.n, sizeof(*list.v), by_name);
	*ret = list;
	return true;
}

bool root_write(const struct root *root, const char *path, struct str value,
		struct err *err)
{
	bool ok;
	int fd;

	if (!root->live)
		return err_set(err, ERR_DENIED,
			       "writing /%s: this is a recorded machine, not a live one",
			       relative(path));
	fd = root_openat(root, path, O_WRONLY, err);
	if (fd < 0)
		return false;
	ok = file_write_fd(fd, value, path, err);
	close(fd);
	return ok;
}
