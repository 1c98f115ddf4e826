/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Children: an argument vector, never a shell line. A shell is started only by handing
 * {"sh", "-c", text} to it, where the user has seen the text.
 */
#ifndef BASE_SPAWN_H
#define BASE_SPAWN_H

#include <sys/types.h>

#include "base/strbuf.h"

struct spawn {
	const char *const *argv; /* argv[0] is looked up in PATH; NULL-terminated */
	const char *const *env;  /* "NAME=value" added or replaced; may be NULL */
	const char *dir;         /* working folder; NULL: ours */
	struct str input;        /* fed to standard input; p == NULL: /dev/null */
	struct strbuf *out;      /* standard output; NULL: ours */
	struct strbuf *errout;   /* standard error; NULL: ours */
	int timeout_ms;          /* 0: none; then SIGKILL and ERR_BUSY */
	bool inherit_stdin;      /* keep our standard input (for editors and gpg) */
};

/** Run to the end. `*ret_status` as waitpid(2). False only when it could not run or
 *  its output passed a buffer's maximum (ERR_LIMIT; the child is killed). */
bool spawn_run(const struct spawn *what, int *ret_status, struct err *err) MUST_CHECK;
/** Exit code of a wait status as a shell says it: 128 + signal for a killed child. */
int spawn_exit_code(int status);
/** Is this program in PATH? */
bool spawn_find(const char *name);

#endif
