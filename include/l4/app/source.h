/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live data. A source is opened with a command's arguments and sampled again and again;
 * each sample is a record: headline, "so what", facts and tables. The command line
 * prints one sample (or one each --watch seconds), the workbench shows the same rows.
 * A source may be sampled from a worker thread, but from one thread at a time, and it
 * touches nothing but its own state and the arena.
 */
#ifndef APP_SOURCE_H
#define APP_SOURCE_H

#include "app/command.h"

struct binding {
	const char *key;     /* "t", "C-n", "Enter": as keys.conf names keys */
	const char *command; /* "threads %pid": %kind is filled from the subject */
	const char *help;    /* for the ? page */
};

struct source_ops {
	const char *name;  /* "threads": also the name of the panel */
	const char *title; /* "Threads" */
	const char *note;  /* slug of the note that explains it */
	size_t size;       /* bytes of private state, zeroed before open */
	int period_ms;     /* default time between samples; 0: only when asked */
	bool warm_up;      /* shares need two samples: the CLI waits one period between */
	bool (*open)(void *self, struct ctx *ctx, const struct args *args,
		     struct err *err);
	bool (*sample)(void *self, struct arena *a, struct record **ret, struct err *err);
	/** Rows [first, first + n) of the main table are on the screen: their expensive
	 *  facts are wanted in the next sample. May be NULL. */
	void (*visible)(void *self, const struct ref *refs, size_t n);
	/** The plain shell line that shows the same. May be NULL. */
	void (*shell_line)(void *self, const struct ref *subject, struct strbuf *b);
	void (*close)(void *self);
	const struct binding *keys; /* ends with .key NULL; may be NULL */
	const char *sort; /* column to sort by at first; '-' in front: descending */
};

#endif
