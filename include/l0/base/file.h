/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ordinary files: whole in, whole out, and never half.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/strbuf.h"

/** Append the whole file to `buf`, at most buf->max; "-" is standard input. */
bool file_read(const char *path, struct strbuf *buf, struct err *err) MUST_CHECK;
/** The same from a descriptor until its end. EINTR and short reads are handled. */
bool file_read_fd(int fd, struct strbuf *buf, const char *name, struct err *err)
	MUST_CHECK;
/** Write all bytes; EINTR and short writes are handled. */
bool file_write_fd(int fd, struct str data, const char *name, struct err *err) MUST_CHECK;
/** Replace a file: written beside it, synced, renamed over it. After a crash either the
 *  old or the new content is there, whole. */
bool file_write_atomic(const char *path, struct str data, mode_t mode, struct err *err)
	MUST_CHECK;
/** The end of that, for whoever wrote `tmp` by other rules: close it and, where all went
 *  well so far (`ok`), rename it to `path`; else it is removed. True: it is there. */
bool file_finish(int fd, bool ok, const char *tmp, const char *path, struct err *err)
	MUST_CHECK;
/** Make a folder and its parents, mode 0700 for those that are made. */
bool file_mkdirs(const char *path, struct err *err) MUST_CHECK;
bool file_exists(const char *path);

/** Append the content of a gzip file in memory; ERR_PARSE when it is none, ERR_LIMIT when
 * it would pass out->max. */
bool file_gunzip(struct str gz, struct strbuf *out, const char *name, struct err *err)
	MUST_CHECK;

/** "$VAR/kcrib/name", or "$HOME/fallback/kcrib/name": the XDG base directories. Without a
 *  HOME, the one of the user database. */
bool file_xdg(struct arena *a, const char *var, const char *fallback, const char *name,
	      const char **ret, struct err *err) MUST_CHECK;

#endif
