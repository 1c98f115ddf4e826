/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options that every command has. Main reads them off argv; the generator of man page and
 * completions reads the same table.
 */
#ifndef CLI_GLOBALS_H
#define CLI_GLOBALS_H

#include "app/ctx.h"

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct globals {
	struct ctx *ctx;
	enum color color;
	bool help, version;
};

struct global_option {
	const char *name;    /* "--root"; NULL when there is only a letter */
	char letter;         /* 'q', or 0 */
	const char *metavar; /* of its value; NULL: takes none */
	const char *help;    /* one line, no full stop */
	bool (*set)(struct globals *g, const char *value);
};

/** Ends with .help NULL. */
extern const struct global_option global_options[];

/** argv into words (argc of them at most), global options taken out and set. A command's
 *  own option of the same name stays with the command. */
bool globals_read(struct globals *g, int argc, char **argv, struct str *words,
		  size_t *ret_n, struct err *err) MUST_CHECK;

#endif
