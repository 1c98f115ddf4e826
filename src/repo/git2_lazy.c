/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading libgit2: see git2_lazy.h.
 */
#include <dlfcn.h>
#include <sched.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "git2_lazy.h"
#include "git2_names.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)
/* Its ABI changes with the minor version, and so does its soname. */
#define SONAME "libgit2.so." TEXT(LIBGIT2_VER_MAJOR) "." TEXT(LIBGIT2_VER_MINOR)

/* What holds for every repository that is opened, in any thread. */
static void set_options(void)
{
	/* repo.c does what these two ask for and libgit2 does not know */
	static const char *extensions[] = { "partialclone", "worktreeconfig" };

	git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, ARRAY_SIZE(extensions));
	/* Objects are ours: no second hash of what was just read or written. */
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0);
}

static bool load(struct err *err)
{
	void *library;

	library = dlopen(SONAME, RTLD_NOW | RTLD_GLOBAL);
	if (!library) {
		err_set(err, ERR_IO, "loading %s: %s", SONAME, dlerror());
		return err_hint(err, "install libgit2 " LIBGIT2_VERSION
				     "; notes and panels work without it");
	}
	for (int i = 0; i < git2_count; i++) {
		git2_table[i] = dlsym(library, git2_names[i]);
		if (!git2_table[i])
			return err_set(err, ERR_IO, "loading %s: it has no %s", SONAME,
				       git2_names[i]);
	}
	/* never given back: the options would go with the last repository */
	git_libgit2_init();
	set_options();
	return true;
}

bool git2_load(struct err *err)
{
	enum { ABSENT, LOADING, LOADED };
	static atomic_int state;
	int was = ABSENT;
	bool ok;

	/* a job may be here at the same time: one loads, the other waits for it */
	while (!atomic_compare_exchange_strong(&state, &was, LOADING)) {
		if (was == LOADED)
			return true;
		was = ABSENT;
		sched_yield();
	}
	ok = load(err);
	atomic_store(&state, ok ? LOADED : ABSENT);
	return ok;
}
