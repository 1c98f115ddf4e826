/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading libgit2: see git2_lazy.h.
 */
#include <dlfcn.h>
#include <stdatomic.h>

#include <git2/version.h>

#include "base/err.h"
#include "git2_names.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)
/* Its ABI changes with the minor version, and so does its soname. */
#define SONAME "libgit2.so." TEXT(LIBGIT2_VER_MAJOR) "." TEXT(LIBGIT2_VER_MINOR)

bool git2_load(struct err *err);

bool git2_load(struct err *err)
{
	static atomic_bool loaded;
	void *library;

	if (atomic_load(&loaded))
		return true;
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
	atomic_store(&loaded, true);
	return true;
}
