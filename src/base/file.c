/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ordinary files, whole: see base/file.h. Nothing here follows more than one name, and a
 * replaced file is synced before the rename and its folder after it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { CHUNK = 64 * 1024 };

static bool too_large(const char *name, const struct strbuf *buf, struct err *err)
{
	return err_set(err, ERR_LIMIT, "reading %s: larger than %zu bytes", name,
		       buf->max);
}

bool file_read_fd(int fd, struct strbuf *buf, const char *name, struct err *err)
{
	for (;;) {
		size_t room = buf->max - buf->n;
		char *to = strbuf_reserve(buf, room < CHUNK ? room : CHUNK);
		char one;
		ssize_t n;

		n = room ? read(fd, to, room < CHUNK ? room : CHUNK) : read(fd, &one, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "reading %s", name);
		if (n && !room)
			return too_large(name, buf, err);
		strbuf_wrote(buf, room ? (size_t)n : 0);
		if (!n)
			return true;
	}
}

/* What is too large is not read first, where its size is known. */
static bool read_sized(int fd, struct strbuf *buf, const char *name, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		off_t at = lseek(fd, 0, SEEK_CUR);

		if (at >= 0 && at < st.st_size &&
		    (uintmax_t)(st.st_size - at) > buf->max - buf->n)
			return too_large(name, buf, err);
	}
	return file_read_fd(fd, buf, name, err);
}

bool file_read(const char *path, struct strbuf *buf, struct err *err)
{
	bool ok;
	int fd;

	if (!strcmp(path, "-"))
		return read_sized(STDIN_FILENO, buf, "standard input", err);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, errno, "opening %s", path);
	ok = read_sized(fd, buf, path, err);
	close(fd);
	return ok;
}

bool file_write_fd(int fd, struct str data, const char *name, struct err *err)
{
	while (data.n) {
		ssize_t n = write(fd, data.p, data.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "writing %s", name);
		data = str_from(data, (size_t)n);
	}
	return true;
}

static void sync_folder(const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	int fd;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
}

bool file_finish(int fd, bool ok, const char *tmp, const char *path, struct err *err)
{
	if (close(fd) < 0 && ok)
		ok = err_sys(err, errno, "writing %s", path);
	if (ok && rename(tmp, path) < 0)
		ok = err_sys(err, errno, "writing %s", path);
	if (!ok)
		unlink(tmp);
	return ok;
}

bool file_write_atomic(const char *path, struct str data, mode_t mode, struct err *err)
{
	char tmp[PATH_MAX];
	bool ok;
	int fd;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path) >= sizeof(tmp))
		return err_set(err, ERR_LIMIT, "writing %s: the name is too long", path);
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "writing %s", path);
	ok = file_write_fd(fd, data, path, err);
	if (ok && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		ok = err_sys(err, errno, "writing %s", path);
	if (!file_finish(fd, ok, tmp, path, err))
		return false;
	sync_folder(path);
	return true;
}

bool file_mkdirs(const char *path, struct err *err)
{
	char part[PATH_MAX];
	size_t n = strlen(path);

	if (n >= sizeof(part))
		return err_set(err, ERR_LIMIT, "making folder %s: the name is too long",
			       path);
	for (size_t i = 1; i <= n; i++) {
		if (i < n && path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST && errno != EISDIR)
			return err_sys(err, errno, "making folder %s", part);
	}
	return true;
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* $HOME, or what the system has for this user. */
static const char *home_folder(void)
{
	const char *home = getenv("HOME");
	const struct passwd *user;

	if (home && home[0])
		return home;
	user = getpwuid(getuid());
	return user && user->pw_dir && user->pw_dir[0] == '/' ? user->pw_dir : NULL;
}

bool file_xdg(struct arena *a, const char *var, const char *fallback, const char *name,
	      const char **ret, struct err *err)
{
	const char *base = getenv(var), *home;

	if (base && base[0] == '/')
		*ret = arena_printf(a, "%s/kcrib/%s", base, name);
	else if ((home = home_folder()))
		*ret = arena_printf(a, "%s/%s/kcrib/%s", home, fallback, name);
	else {
		err_set(err, ERR_NOTFOUND, "finding the folder for %s: HOME is not set",
			name);
		return err_hint(err, "set HOME or %s", var);
	}
	return true;
}
