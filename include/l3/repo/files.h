/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files below one folder, and never outside it: each path is opened with openat2's
 * RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, or, on kernels without it, component by
 * component with O_NOFOLLOW. A symlink on the way is ERR_DENIED, naming the path.
 *
 * A file is replaced whole: written in a spare folder (that of the session, inside
 * .git), then renamed over the old one. A kill leaves the old or the new file.
 */
#ifndef REPO_FILES_H
#define REPO_FILES_H

#include <sys/stat.h>

#include "base/arena.h"

struct files;

/** `top` is the folder; `spare` one on the same file system, made when needed. Where it
 *  is on another one, files are written in place. */
bool files_open(const char *top, const char *spare, struct files **ret, struct err *err)
	MUST_CHECK;
void files_free(struct files *f);
DEFINE_FREEP(files)

/** lstat(2). `*ret_there` false when there is no such file, or none can be. */
bool files_stat(struct files *f, struct str path, struct stat *ret, bool *ret_there,
		struct err *err) MUST_CHECK;
bool files_is_there(struct files *f, struct str path);
/** Is it a folder with nothing in it? */
bool files_is_empty(struct files *f, struct str path);
/** Content of a file, or the target of a symlink. ERR_NOTFOUND, ERR_LIMIT (1 GB). */
bool files_read(struct files *f, struct str path, struct arena *a, struct str *ret,
		struct err *err) MUST_CHECK;
/** Replace or create; folders on the way are made. `mode` is git's: 0100644, 0100755,
 *  0120000 (bytes are the target), 0160000 (an empty folder). */
bool files_write(struct files *f, struct str path, struct str bytes, unsigned mode,
		 struct err *err) MUST_CHECK;
/** The same with the permissions of stat(2), for giving back what was there. */
bool files_write_as(struct files *f, struct str path, struct str bytes, mode_t st_mode,
		    struct err *err) MUST_CHECK;
/** Remove a file or an empty folder, and folders above that become empty. Not there is
 *  no error, and beyond a symlink nothing of ours is there; a folder that is not empty
 *  stays. */
bool files_remove(struct files *f, struct str path, struct err *err) MUST_CHECK;
/** Make `to` (a name outside, on any file system) hold what `path` holds. With `link` by
 *  a hard link where possible: fast, but it changes the file's ctime, so it is for files
 *  that are about to be replaced. ERR_NOTFOUND when there is none. */
bool files_keep(struct files *f, struct str path, const char *to, bool link,
		struct err *err) MUST_CHECK;
/** Does `from` (a name outside) hold the same bytes, type and permissions? */
bool files_same(struct files *f, struct str path, const char *from);
/** Move `from` (a name outside) to `path`, over what is there. */
bool files_adopt(struct files *f, struct str path, const char *from, struct err *err)
	MUST_CHECK;

#endif
