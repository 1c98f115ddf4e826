/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The editor: see app/editor.h. The shell gets the user's words and, apart from them, the
 * file's name.
 */
#include "app/editor.h"

#include <stdlib.h>

#include "base/spawn.h"

static const char *words(void)
{
	const char *visual = getenv("VISUAL"), *plain = getenv("EDITOR");

	if (visual && *visual)
		return visual;
	return plain && *plain ? plain : "vi";
}

bool editor_run(struct ctx *ctx, const char *path, size_t line, struct err *err)
{
	const char *editor = words();
	const char *from = line ? arena_printf(ctx->arena, "+%zu", line) : path;
	const char *argv[] = {
		"sh",   "-c", arena_printf(ctx->arena, "%s \"$@\"", editor),
		editor, from, line ? path : NULL,
		NULL
	};
	struct spawn what = { .argv = argv, .inherit_stdin = true };
	int status = 0;
	bool ok;

	ctx_terminal(ctx, TERMINAL_LENT);
	ok = spawn_run(&what, &status, err);
	ctx_terminal(ctx, TERMINAL_BACK);
	if (ok && spawn_exit_code(status))
		return err_set(err, ERR_CANCELLED, "editing: %s ended with code %d",
			       editor, spawn_exit_code(status));
	return ok;
}
