/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deleting from a scanned tree. Every name is resolved beneath the start by openat2(2)
 * with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and RESOLVE_NO_XDEV, then removed relative to
 * the open folder: a folder that somebody swaps for a link is not followed. Where the
 * kernel has no openat2 (before 5.6) nothing is deleted.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "du_impl.h"

/* A tree deeper than this is refused: each level holds one descriptor. */
enum { MAX_DEPTH = 500 };

static int open_beneath(int at, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
			   RESOLVE_NO_XDEV,
	};

	return (int)syscall(SYS_openat2, at, path, &how, sizeof(how));
}

/* The open folder that the user looked at. */
static int open_shown(const struct du *du, uint32_t folder, struct err *err)
{
	struct arena *a = arena_new();
	struct str path = du_path_below(du, a, folder, STR_NONE);
	int fd = open_beneath(du->fd, path.n ? path.p : ".");

	if (fd < 0)
		err_sys(err, errno, "deleting in %s", du_path(du, a, folder, STR_NONE).p);
	arena_free(a);
	return fd;
}

struct failure {
	int sys; /* the first errno; 0: none */
	char name[NAME_MAX + 1];
};

static void fail(struct failure *f, const char *name, int sys)
{
	if (f->sys)
		return;
	f->sys = sys;
	snprintf(f->name, sizeof(f->name), "%s", name);
}

static void remove_entry(int at, const char *name, bool is_dir, int depth,
			 struct failure *f);

static void remove_content(int fd, int depth, struct failure *f)
{
	DIR *dir = fdopendir(fd);
	struct dirent *d;

	if (!dir) {
		fail(f, ".", errno);
		close(fd);
		return;
	}
	while ((d = readdir(dir))) {
		struct stat st;

		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		if (fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			fail(f, d->d_name, errno);
		else
			remove_entry(dirfd(dir), d->d_name, S_ISDIR(st.st_mode),
				     depth + 1, f);
	}
	closedir(dir);
}

static void remove_entry(int at, const char *name, bool is_dir, int depth,
			 struct failure *f)
{
	if (is_dir) {
		int fd = depth < MAX_DEPTH ? open_beneath(at, name) : -1;

		if (fd < 0) {
			fail(f, name, depth < MAX_DEPTH ? errno : ENAMETOOLONG);
			return;
		}
		remove_content(fd, depth, f);
	}
	if (unlinkat(at, name, is_dir ? AT_REMOVEDIR : 0) < 0)
		fail(f, name, errno);
}

/* Is it still what was scanned? A file that grew or a name that was used again is not. */
static bool is_unchanged(int at, const char *name, const struct du_entry *e)
{
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (e->type == DU_FOLDER)
		return S_ISDIR(st.st_mode);
	return !S_ISDIR(st.st_mode) && S_ISREG(st.st_mode) == (e->type == DU_FILE) &&
	       S_ISLNK(st.st_mode) == (e->type == DU_LINK) &&
	       (uint64_t)st.st_size == e->apparent && (uint32_t)st.st_mtime == e->mtime;
}

/* Take an entry with all below it off the totals. */
static void forget(struct du *du, uint32_t folder, struct du_entry *e)
{
	uint64_t items = 1;

	if (e->folder != DU_NONE) {
		struct du_dir *dir = du_dir_at(du, e->folder);

		du_drop(du, e->folder);
		dir->dev = DU_GONE_DEV;
		dir->parent = du->free_dirs;
		du->free_dirs = e->folder;
		items = 0; /* du_drop() took it */
	}
	if (e->folder == DU_NONE && !(atomic_load(&e->flags) & (DU_SHARED | DU_OTHER_FS)))
		du_charge(du, folder, -e->disk, -e->apparent, 0);
	du_charge(du, folder, 0, 0, -items);
	atomic_fetch_or(&e->flags, DU_GONE);
	if (e->folder == DU_NONE)
		du_links_forget(du);
}

static bool check(const struct du *du, const struct du_entry *e, struct str name,
		  struct str typed, struct err *err)
{
	if (du_running(du))
		return err_set(err, ERR_BUSY, "deleting " STR_FMT ": a scan is running",
			       STR_ARG(name));
	if (!e)
		return err_set(err, ERR_NOTFOUND, "deleting " STR_FMT ": no such entry",
			       STR_ARG(name));
	if (atomic_load(&e->flags) & DU_OTHER_FS)
		return err_set(err, ERR_DENIED,
			       "deleting " STR_FMT ": on another file system",
			       STR_ARG(name));
	if (str_eq(typed, name))
		return true;
	err_set(err, ERR_USAGE, "deleting " STR_FMT ": not confirmed", STR_ARG(name));
	return err_hint(err, "type its name exactly");
}

bool du_delete(struct du *du, uint32_t folder, struct str name, struct str typed,
	       struct err *err)
{
	struct du_entry *e =
		(struct du_entry *)(uintptr_t)du_entry_named(du, folder, name);
	struct failure failure = { 0 };
	const char *z;
	bool same;
	int fd;

	if (!check(du, e, name, typed, err))
		return false;
	fd = open_shown(du, folder, err);
	if (fd < 0)
		return false;
	z = du_name_z(du_entries(du_dir_at(du, folder)), e);
	same = is_unchanged(fd, z, e);
	if (same)
		remove_entry(fd, z, e->type == DU_FOLDER, 0, &failure);
	close(fd);
	if (!same) {
		err_set(err, ERR_CONFLICT,
			"deleting " STR_FMT ": it changed since the scan", STR_ARG(name));
		return err_hint(err, "scan the folder again and look");
	}
	if (!failure.sys) {
		forget(du, folder, e);
		return true;
	}
	/* a part may be gone: see what is left */
	if (e->folder != DU_NONE && du_rescan(du, e->folder, NULL))
		(void)!du_wait(du, NULL);
	err_sys(err, failure.sys, "deleting " STR_FMT ": %s", STR_ARG(name),
		failure.name);
	return false;
}
