/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user's own editor on a file of ours: $VISUAL, else $EDITOR, else vi. The value may
 * have arguments ("code --wait") and is a shell's words, as git takes it.
 */
#ifndef APP_EDITOR_H
#define APP_EDITOR_H

#include "app/ctx.h"

/** Edit the file and wait for the end. `line`: to begin at, as "+N"; 0: the editor's own
 *  place. ERR_CANCELLED, which names it, when it could not run or ended with a code. */
bool editor_run(struct ctx *ctx, const char *path, size_t line, struct err *err)
	MUST_CHECK;

#endif
