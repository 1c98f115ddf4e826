/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A folder as patch's tree: reading and looking around. What is written goes through the
 * desk itself, which keeps the bytes before.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk_priv.h"
#include "repo/tree.h"

static unsigned git_mode(const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return 0040000;
	if (S_ISLNK(st->st_mode))
		return 0120000;
	return st->st_mode & 0100 ? 0100755 : 0100644;
}

static unsigned door_mode(void *ctx, struct str path)
{
	struct desk *d = ctx;
	struct stat st;
	bool there;

	if (!files_stat(d->files, path, &st, &there, NULL) || !there)
		return 0;
	return git_mode(&st);
}

static bool door_read(void *ctx, struct str path, struct arena *a, struct tree_file *ret,
		      struct err *err)
{
	struct desk *d = ctx;

	ret->mode = door_mode(d, path);
	return files_read(d->files, path, a, &ret->bytes, err);
}

static bool door_blob(void *ctx, struct str oid, struct arena *a, struct str *ret,
		      struct err *err)
{
	struct desk *d = ctx;
	struct repo_id id;

	if (!d->repo)
		return err_set(err, ERR_NOTFOUND, "no repository is here");
	return repo_blob_find(d->repo, oid, &id, err) &&
	       repo_blob_read(d->repo, &id, a, ret, err);
}

static bool door_write(void *ctx, struct str path, struct str bytes, unsigned mode,
		       struct err *err)
{
	return err_set(err, ERR_DENIED, "the desk only reads here");
}

static bool door_remove(void *ctx, struct str path, struct err *err)
{
	return err_set(err, ERR_DENIED, "the desk only reads here");
}

struct walk {
	bool (*fn)(void *arg, struct str path);
	void *arg;
	size_t seen, most;
	bool ended;
};

static void walk_folder(struct walk *w, int fd, struct str path);

static void walk_entry(struct walk *w, DIR *dir, const struct dirent *e, struct str path)
{
	AUTO(arena) a = arena_new();
	struct str name = path.n ? arena_strf(a, STR_FMT "/%s", STR_ARG(path), e->d_name)
				 : str_of(e->d_name);
	struct stat st;

	if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
	    !strcmp(e->d_name, ".git") ||
	    fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (S_ISDIR(st.st_mode)) {
		walk_folder(w,
			    openat(dirfd(dir), e->d_name,
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
			    name);
	} else if (S_ISREG(st.st_mode)) {
		w->ended = ++w->seen > w->most || !w->fn(w->arg, name);
	}
}

static void walk_folder(struct walk *w, int fd, struct str path)
{
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (!w->ended && (e = readdir(dir)))
		walk_entry(w, dir, e, path);
	closedir(dir);
}

void desk_walk(struct desk *d, const char *below, bool (*fn)(void *arg, struct str path),
	       void *arg)
{
	AUTO(arena) a = arena_new();
	/* a folder outside any repository may be a whole disk: it gets a short look */
	struct walk w = { fn, arg, 0, d->repo ? DESK_MAX_FILES : DESK_MAX_LOOSE, false };
	const char *dir = *below ? arena_printf(a, "%s/%s", d->top, below) : d->top;

	walk_folder(&w, open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), str_of(below));
}

struct each {
	struct desk *d;
	bool (*visit)(void *arg, struct str path, unsigned mode);
	void *arg;
};

static bool each_one(void *arg, struct str path)
{
	struct each *e = arg;

	if (str_ends(path, STR(".rej")) || str_ends(path, STR(".orig")))
		return true;
	return e->visit(e->arg, path, 0100644);
}

static void door_each(void *ctx, bool (*visit)(void *arg, struct str path, unsigned mode),
		      void *arg)
{
	struct each e = { ctx, visit, arg };

	desk_walk(ctx, "", each_one, &e);
}

struct tree desk_door(struct desk *d)
{
	static const struct tree_ops ops = {
		.read = door_read,
		.mode = door_mode,
		.blob = door_blob,
		.write = door_write,
		.remove = door_remove,
		.each = door_each,
	};

	return (struct tree){ &ops, d };
}
