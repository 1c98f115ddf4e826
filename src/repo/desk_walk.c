/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking around in the folder of a desk: every file below it, once, without following
 * symbolic links.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk_priv.h"

struct walk {
	bool (*fn)(void *arg, struct str path);
	void *arg;
	size_t seen, most;
	bool ended;
	struct arena *a; /* names, while they are looked at */
};

static void walk_folder(struct walk *w, int fd, struct str path);

/* Most file systems say in the folder what an entry is. */
static unsigned char type_of(DIR *dir, const struct dirent *e)
{
	struct stat st;

	if (e->d_type != DT_UNKNOWN)
		return e->d_type;
	if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return DT_UNKNOWN;
	return S_ISDIR(st.st_mode) ? DT_DIR : S_ISREG(st.st_mode) ? DT_REG : DT_UNKNOWN;
}

static void walk_entry(struct walk *w, DIR *dir, const struct dirent *e, struct str path)
{
	struct arena_mark mark = arena_mark(w->a);
	unsigned char type;
	struct str name;

	if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
	    !strcmp(e->d_name, ".git"))
		return;
	type = type_of(dir, e);
	name = path.n ? arena_strf(w->a, STR_FMT "/%s", STR_ARG(path), e->d_name)
		      : arena_str(w->a, str_of(e->d_name));
	if (type == DT_DIR)
		walk_folder(w,
			    openat(dirfd(dir), e->d_name,
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
			    name);
	else if (type == DT_REG)
		w->ended = ++w->seen > w->most || !w->fn(w->arg, name);
	arena_rewind(w->a, mark);
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
	struct walk w = {
		fn, arg, 0, d->repo ? DESK_MAX_FILES : DESK_MAX_LOOSE, false, a
	};
	const char *dir = *below ? arena_printf(a, "%s/%s", d->top, below) : d->top;

	walk_folder(&w, open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), str_of(below));
}

static bool add_around(void *arg, struct str path)
{
	struct desk *d = arg;

	if (!str_ends(path, STR(".rej")) && !str_ends(path, STR(".orig")))
		*ARENA_PUSH(d->arena, &d->around) = arena_str(d->arena, path);
	return true;
}

void desk_each(void *arg, bool (*visit)(void *visit_arg, struct str path, unsigned mode),
	       void *visit_arg)
{
	struct desk *d = arg;

	if (!d->looked)
		desk_walk(d, "", add_around, d);
	d->looked = true;
	for (size_t i = 0; i < d->around.n; i++)
		if (!visit(visit_arg, d->around.v[i], 0100644))
			return;
}
