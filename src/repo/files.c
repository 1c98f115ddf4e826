/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files below one folder: see repo/files.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "repo/files.h"

#define FILES_MAX_BYTES ((size_t)1 << 30)

struct files {
	int top;
	char *spare;
	bool spare_made;
	char *last; /* the folder last used, and its descriptor */
	int last_fd;
};

bool files_open(const char *top, const char *spare, struct files **ret, struct err *err)
{
	struct files *f;
	int fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, errno, "opening %s", top);
	f = calloc(1, sizeof(*f));
	if (!f)
		abort();
	*f = (struct files){ .top = fd, .spare = strdup(spare), .last_fd = -1 };
	*ret = f;
	return true;
}

static void forget_last(struct files *f)
{
	if (f->last_fd >= 0)
		close(f->last_fd);
	f->last_fd = -1;
	free(f->last);
	f->last = NULL;
}

void files_free(struct files *f)
{
	if (!f)
		return;
	forget_last(f);
	close(f->top);
	free(f->spare);
	free(f);
}

/* One component at a time, for kernels before 5.6 and for making folders. */
static int walk_by_hand(int top, const char *dir, bool make)
{
	struct str rest = str_of(dir), name;
	int fd = fcntl(top, F_DUPFD_CLOEXEC, 0);

	while (fd >= 0 && str_cut(&rest, '/', &name)) {
		char z[NAME_MAX + 1];
		int next;

		if (!name.n || name.n > NAME_MAX || str_eq(name, STR("..")) ||
		    str_eq(name, STR("."))) {
			close(fd);
			errno = EXDEV;
			return -1;
		}
		memcpy(z, name.p, name.n);
		z[name.n] = '\0';
		next = openat(fd, z, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0 && errno == ENOENT && make && mkdirat(fd, z, 0777) == 0)
			next = openat(fd, z,
				      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0 && errno == ENOTDIR) {
			struct stat st;

			/* O_NOFOLLOW | O_DIRECTORY says ENOTDIR for a symlink too. */
			if (fstatat(fd, z, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			    S_ISLNK(st.st_mode))
				errno = ELOOP;
			else
				errno = ENOTDIR;
		}
		int e = errno;
		close(fd);
		errno = e;
		fd = next;
	}
	return fd;
}

static int open_dir(int top, const char *dir, bool make)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	int fd;

	if (!*dir)
		return fcntl(top, F_DUPFD_CLOEXEC, 0);
	fd = (int)syscall(SYS_openat2, top, dir, &how, sizeof(how));
	if (fd >= 0)
		return fd;
	if (errno == ENOSYS || errno == EPERM || errno == EINVAL || errno == EAGAIN ||
	    (errno == ENOENT && make))
		return walk_by_hand(top, dir, make);
	return -1;
}

static bool cannot_open(struct str path, int errnum, struct err *err)
{
	if (errnum != ELOOP && errnum != EXDEV)
		return err_sys(err, errnum, "opening " STR_FMT, STR_ARG(path));
	err_set(err, ERR_DENIED, "opening " STR_FMT ": beyond a symbolic link",
		STR_ARG(path));
	if (err)
		err->sys = ELOOP;
	return false;
}

/* The folder of `path` as a descriptor that stays ours, and the name inside it. */
static bool parent_of(struct files *f, struct str path, bool make, int *ret_fd,
		      char name[NAME_MAX + 1], struct err *err)
{
	ptrdiff_t slash = str_rchr(path, '/');
	struct str leaf = str_from(path, (size_t)(slash + 1));
	char dir[PATH_MAX];

	if (path.n >= sizeof(dir) || leaf.n > NAME_MAX || !leaf.n ||
	    memchr(path.p, '\0', path.n))
		return err_set(err, ERR_DENIED, "opening " STR_FMT ": not a usable path",
			       STR_ARG(path));
	memcpy(name, leaf.p, leaf.n);
	name[leaf.n] = '\0';
	if (!strcmp(name, ".") || !strcmp(name, "..") || path.p[0] == '/')
		return err_set(err, ERR_DENIED, "opening " STR_FMT ": it leaves the tree",
			       STR_ARG(path));
	memcpy(dir, path.p, slash > 0 ? (size_t)slash : 0);
	dir[slash > 0 ? slash : 0] = '\0';
	if (f->last && !strcmp(f->last, dir)) {
		*ret_fd = f->last_fd;
		return true;
	}
	forget_last(f);
	f->last_fd = open_dir(f->top, dir, make);
	if (f->last_fd < 0)
		return cannot_open(path, errno, err);
	f->last = strdup(dir);
	*ret_fd = f->last_fd;
	return true;
}

/* No such folder, or a file in its place. */
static bool is_missing(const struct err *why)
{
	return why->sys == ENOENT || why->sys == ENOTDIR;
}

bool files_stat(struct files *f, struct str path, struct stat *ret, bool *ret_there,
		struct err *err)
{
	char name[NAME_MAX + 1];
	struct err why = { 0 };
	int dir;

	*ret_there = false;
	if (!parent_of(f, path, false, &dir, name, &why)) {
		if (is_missing(&why))
			return true;
		if (err)
			*err = why;
		return false;
	}
	if (fstatat(dir, name, ret, AT_SYMLINK_NOFOLLOW) == 0)
		*ret_there = true;
	else if (errno != ENOENT && errno != ENOTDIR)
		return err_sys(err, errno, "looking at " STR_FMT, STR_ARG(path));
	return true;
}

bool files_is_there(struct files *f, struct str path)
{
	struct stat st;
	bool there;

	return files_stat(f, path, &st, &there, NULL) && there;
}

bool files_is_empty(struct files *f, struct str path)
{
	char name[NAME_MAX + 1];
	bool empty = true;
	struct dirent *e;
	int dir, fd;
	DIR *d;

	if (!parent_of(f, path, false, &dir, name, NULL))
		return false;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	d = fd >= 0 ? fdopendir(fd) : NULL;
	if (!d)
		return false;
	while (empty && (e = readdir(d)))
		empty = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..");
	closedir(d);
	return empty;
}

static bool read_link(int dir, const char *name, struct arena *a, struct str *ret)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));

	if (n < 0)
		return false;
	*ret = arena_str(a, str_n(target, (size_t)n));
	return true;
}

bool files_read(struct files *f, struct str path, struct arena *a, struct str *ret,
		struct err *err)
{
	STRBUF_AUTO(buf, FILES_MAX_BYTES);
	char name[NAME_MAX + 1], shown[256];
	int dir, fd;
	bool ok;

	if (!parent_of(f, path, false, &dir, name, err))
		return false;
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 && errno == ELOOP && read_link(dir, name, a, ret))
		return true;
	if (fd < 0)
		return err_sys(err, errno, "reading " STR_FMT, STR_ARG(path));
	snprintf(shown, sizeof(shown), STR_FMT, STR_ARG(path));
	ok = file_read_fd(fd, &buf, shown, err);
	close(fd);
	if (ok)
		*ret = arena_str(a, strbuf_str(&buf));
	return ok;
}

static bool fill(int fd, struct str bytes, const char *shown, struct err *err)
{
	bool ok = file_write_fd(fd, bytes, shown, err);

	if (close(fd) < 0 && ok)
		return err_sys(err, errno, "writing %s", shown);
	return ok;
}

/* Where a file is to stand: the open folder, its name there, the path that users know. */
struct spot {
	int dir;
	const char *name, *shown;
};

/* Room for a new name: an empty folder goes, a full one is an error. */
static bool make_room(const struct spot *at, struct err *err)
{
	struct stat st;

	if (fstatat(at->dir, at->name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISDIR(st.st_mode))
		return true;
	if (unlinkat(at->dir, at->name, AT_REMOVEDIR) == 0)
		return true;
	return err_sys(err, errno, "writing %s: a folder stands there", at->shown);
}

static bool write_in_place(const struct spot *at, struct str bytes, mode_t mode,
			   struct err *err)
{
	int fd;

	if (unlinkat(at->dir, at->name, 0) < 0 && errno != ENOENT)
		return err_sys(err, errno, "replacing %s", at->shown);
	fd = openat(at->dir, at->name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return err_sys(err, errno, "writing %s", at->shown);
	return fill(fd, bytes, at->shown, err);
}

static bool write_file(struct files *f, const struct spot *at, struct str bytes,
		       mode_t mode, struct err *err)
{
	char tmp[PATH_MAX];
	int fd, e;

	snprintf(tmp, sizeof(tmp), "%s/file", f->spare);
	if (!f->spare_made) {
		if (!file_mkdirs(f->spare, err))
			return false;
		unlink(tmp);
	}
	f->spare_made = true;
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return err_sys(err, errno, "writing %s", tmp);
	if (!fill(fd, bytes, at->shown, err)) {
		unlink(tmp);
		return false;
	}
	if (renameat(AT_FDCWD, tmp, at->dir, at->name) == 0)
		return true;
	e = errno;
	unlink(tmp);
	if (e == EXDEV)
		return write_in_place(at, bytes, mode, err);
	return err_sys(err, e, "writing %s", at->shown);
}

static bool write_link(const struct spot *at, struct str target, struct err *err)
{
	char z[PATH_MAX];

	if (target.n >= sizeof(z) || memchr(target.p, '\0', target.n))
		return err_set(err, ERR_LIMIT, "writing %s: not a usable link target",
			       at->shown);
	memcpy(z, target.p, target.n);
	z[target.n] = '\0';
	if (unlinkat(at->dir, at->name, 0) < 0 && errno != ENOENT)
		return err_sys(err, errno, "replacing %s", at->shown);
	if (symlinkat(z, at->dir, at->name) < 0)
		return err_sys(err, errno, "writing %s", at->shown);
	return true;
}

bool files_write_as(struct files *f, struct str path, struct str bytes, mode_t st_mode,
		    struct err *err)
{
	char name[NAME_MAX + 1], shown[256];
	int dir;

	if (!parent_of(f, path, true, &dir, name, err))
		return false;
	snprintf(shown, sizeof(shown), STR_FMT, STR_ARG(path));
	const struct spot at = { dir, name, shown };

	if (S_ISDIR(st_mode)) {
		if (mkdirat(dir, name, 0777) == 0)
			return true;
		if (errno == EEXIST && unlinkat(dir, name, 0) == 0 &&
		    mkdirat(dir, name, 0777) == 0)
			return true;
		if (errno != EISDIR && errno != EPERM)
			return err_sys(err, errno, "making folder %s", shown);
		return true;
	}
	if (!make_room(&at, err))
		return false;
	if (S_ISLNK(st_mode))
		return write_link(&at, bytes, err);
	return write_file(f, &at, bytes, st_mode & 07777, err);
}

bool files_write(struct files *f, struct str path, struct str bytes, unsigned mode,
		 struct err *err)
{
	static const struct {
		unsigned git;
		mode_t st;
	} modes[] = {
		{ 0100644, S_IFREG | 0666 },
		{ 0100755, S_IFREG | 0777 },
		{ 0120000, S_IFLNK },
		{ 0160000, S_IFDIR },
	};

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (modes[i].git == mode)
			return files_write_as(f, path, bytes, modes[i].st, err);
	return files_write_as(f, path, bytes, S_IFREG | (mode & 0100 ? 0777 : 0666), err);
}

bool files_remove(struct files *f, struct str path, struct err *err)
{
	char name[NAME_MAX + 1];
	struct err why = { 0 };
	ptrdiff_t slash;
	int dir;

	if (!parent_of(f, path, false, &dir, name, &why)) {
		if (is_missing(&why) || why.sys == ELOOP)
			return true;
		if (err)
			*err = why;
		return false;
	}
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT &&
	    !(errno == EISDIR || errno == EPERM || errno == ENOTDIR))
		return err_sys(err, errno, "removing " STR_FMT, STR_ARG(path));
	if (unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno == ENOTEMPTY)
		return true;
	while ((slash = str_rchr(path, '/')) > 0) {
		path = str_sub(path, 0, (size_t)slash);
		forget_last(f);
		if (!parent_of(f, path, false, &dir, name, NULL) ||
		    unlinkat(dir, name, AT_REMOVEDIR) < 0)
			break;
	}
	return true;
}

/* Across file systems, or for a symlink: a copy with the same permissions. */
static bool copy_out(struct files *f, struct str path, const struct stat *st,
		     const char *to, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct str bytes;
	int fd;

	if (!files_read(f, path, a, &bytes, err))
		return false;
	unlink(to);
	if (S_ISLNK(st->st_mode))
		return symlink(arena_cstr(a, bytes), to) == 0 ||
		       err_sys(err, errno, "writing %s", to);
	fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st->st_mode & 0777);
	if (fd < 0)
		return err_sys(err, errno, "writing %s", to);
	return fill(fd, bytes, to, err);
}

bool files_keep(struct files *f, struct str path, const char *to, bool link,
		struct err *err)
{
	char name[NAME_MAX + 1];
	struct stat st;
	int dir;

	if (!parent_of(f, path, false, &dir, name, err))
		return false;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "keeping " STR_FMT, STR_ARG(path));
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_NOTFOUND, "keeping " STR_FMT ": it is a folder",
			       STR_ARG(path));
	link = link && S_ISREG(st.st_mode);
	if (link && linkat(dir, name, AT_FDCWD, to, 0) == 0)
		return true;
	if (link && errno == EEXIST && unlink(to) == 0 &&
	    linkat(dir, name, AT_FDCWD, to, 0) == 0)
		return true;
	return copy_out(f, path, &st, to, err);
}

bool files_same(struct files *f, struct str path, const char *from)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(buf, FILES_MAX_BYTES);
	struct str mine, target;
	struct stat st, other;
	bool there;

	if (!files_stat(f, path, &st, &there, NULL) || !there ||
	    lstat(from, &other) < 0 || st.st_mode != other.st_mode ||
	    st.st_size != other.st_size || !files_read(f, path, a, &mine, NULL))
		return false;
	if (S_ISLNK(other.st_mode))
		return read_link(AT_FDCWD, from, a, &target) && str_eq(mine, target);
	return file_read(from, &buf, NULL) && str_eq(mine, strbuf_str(&buf));
}

bool files_adopt(struct files *f, struct str path, const char *from, struct err *err)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(buf, FILES_MAX_BYTES);
	char name[NAME_MAX + 1], shown[256], target[PATH_MAX];
	struct stat st;
	ssize_t n;
	int dir;

	if (!parent_of(f, path, true, &dir, name, err))
		return false;
	snprintf(shown, sizeof(shown), STR_FMT, STR_ARG(path));
	if (!make_room(&(struct spot){ dir, name, shown }, err))
		return false;
	if (renameat(AT_FDCWD, from, dir, name) == 0) {
		/* Two names of one file: rename(2) then leaves both. */
		unlink(from);
		return true;
	}
	if (errno != EXDEV || lstat(from, &st) < 0)
		return err_sys(err, errno, "giving back %s", shown);
	if (S_ISLNK(st.st_mode)) {
		n = readlink(from, target, sizeof(target));
		if (n < 0)
			return err_sys(err, errno, "reading %s", from);
		strbuf_add(&buf, str_n(target, (size_t)n));
	} else if (!file_read(from, &buf, err)) {
		return false;
	}
	if (!files_write_as(f, path, strbuf_str(&buf), st.st_mode, err))
		return false;
	unlink(from);
	return true;
}
