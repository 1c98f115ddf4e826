/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notes as docs: Markdown (CommonMark with tables, task lists, strikethrough and bare
 * addresses, by md4c) in, a struct doc out. What is alive in a note, its probes, values
 * and blocks, is asked of the caller, so that this file reads nothing but its input.
 *
 * Commands are numbered from 1: each ```sh block, each prompt of a ```console block, each
 * paragraph that is nothing but one code span. Everything is one pass; a note beyond the
 * limits is shown as the plain text it is.
 */
#ifndef NOTE_MARKDOWN_H
#define NOTE_MARKDOWN_H

#include "model/doc.h"
#include "note/probe.h"

enum {
	MARKDOWN_MAX = 4 << 20, /* bytes of one note */
	MARKDOWN_NEST = 24,     /* lists and quotes inside each other */
	MARKDOWN_COLUMNS = 64,  /* of one table */
	MARKDOWN_COMMANDS = 10000,
};

/* What the note cannot know by itself. Each function may be NULL. */
struct note_live {
	/** The state of a probe of this note's front matter on this machine. */
	void (*probe)(void *arg, struct arena *a, struct str name,
		      struct probe_result *ret);
	/** "sys:/kernel/mm/..." or "proc:/...": the value, one line, bounded. */
	bool (*value)(void *arg, struct arena *a, struct str what, struct str *ret,
		      struct err *err);
	/** The result of a ```kcrib block's command; NULL with `err` when there is none.
	 */
	const struct doc *(*block)(void *arg, struct arena *a, struct str command,
				   struct err *err);
	void *arg;
};

struct note_style {
	const struct note_live *live; /* NULL: live parts are shown by their names */
	size_t width;                 /* columns that tables may take; 0: 90 */
};

/** The note as a doc, everything in `a`. Front matter is passed over; its title becomes
 *  the heading when the body has none of level 1. Never fails. */
struct doc *note_doc(struct arena *a, struct str bytes, const struct note_style *style);

struct note_command {
	size_t number;    /* 1.. */
	struct str text;  /* as written, without prompt and without the last line end */
	struct str about; /* the words before it: a paragraph, list item or heading */
	struct str lang;  /* "sh", "console", "" for a code span */
	size_t line;      /* of the note, from 1 */
};
struct note_commands {
	struct note_command *v;
	size_t n, cap;
};
/** The commands of a note, numbered as note_doc() numbers them. */
void note_commands(struct arena *a, struct str bytes, struct note_commands *ret);

#endif
