/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of one walk through a note: markdown.c follows the blocks and spans,
 * md_code.c draws code blocks, numbers commands and asks for live blocks.
 */
#ifndef NOTE_MD_H
#define NOTE_MD_H

#include "inline.h"
#include "note/frontmatter.h"

enum {
	CODE_INDENT = 4, /* room for the number of a command */
	DEFAULT_WIDTH = 90,
	ABOUT_MAX = 1000,
	MARKS_MAX = 64,      /* list and quote marks at the front of one line */
	CONSOLE_LINES = 200, /* of one command typed at a prompt */
};

struct container {
	bool list, ordered, tight;
	unsigned number;
	char delimiter;
	int indent;
};

struct md {
	struct arena *a;
	struct doc *d;
	struct str body;
	size_t body_line; /* number of its first line */
	struct note_style style;
	const struct fm_map *params;
	struct note_commands commands;
	struct str about; /* the last words: what the next command is about */

	struct container stack[MARKDOWN_NEST + 1];
	size_t depth;      /* containers open; those beyond the stack only count */
	int indent;        /* of what is written now */
	struct str marker; /* of a list item that has no line yet */
	unsigned quotes, heading, strong, emph, strike, code;
	struct ref ref;
	bool line_open, gap, first_heading, soft_break;
	uint32_t last; /* last character written, for soft breaks in Chinese */

	struct strbuf text;  /* pending running text */
	struct strbuf block; /* content of a code block or span */
	struct str info;     /* of the fence */
	const char *code_at; /* where the code began, in the input */
	size_t counted_to, counted_lines;

	bool wants_about;     /* only those who ask for commands do */
	bool plain_paragraph; /* a paragraph outside of lists and quotes */
	unsigned p_codes, p_others;
	size_t p_line; /* index of its line */

	struct md_table table;
	bool in_cell;
};

/** A list item without text of its own still shows its marker. */
void md_flush_marker(struct md *md);
/** The line that is being written is complete. */
void md_end_line(struct md *md);
/** The content of a code block, md->block, whose fence said md->info. */
void md_code_block(struct md *md);
/** Number a command; 0 when there are too many. `at` is where it stands in the input. */
int md_add_command(struct md *md, struct str text, struct str lang, const char *at);

#endif
