/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spans being collected before it is known where they go: a paragraph, a heading, a cell
 * of a table. Live parts of the text ({?probe}, {{sys:...}}, linux:path#symbol) are
 * resolved here.
 */
#ifndef NOTE_INLINE_H
#define NOTE_INLINE_H

#include "note/markdown.h"

/* One piece of running text: style, link, and whether it is code. */
struct ink {
	enum style style;
	struct ref ref;
};

/** Append `text` to `line`, live parts resolved. */
void inline_text(struct arena *a, struct line *line, struct str text, struct ink ink,
		 const struct note_live *live);
/** Append the content of a code span. */
void inline_code(struct arena *a, struct line *line, struct str text, struct ink ink);
/** Is the whole text one source reference? */
bool inline_is_source(struct str text);
/** An HTML entity such as "&amp;" or "&#960;" as UTF-8; others stay as written. */
void inline_entity(struct strbuf *b, struct str entity);

/* A table: cells are lines, row by row. */
struct md_cell {
	struct line line;
	int align; /* -1 left, 0 centre, 1 right */
};
struct md_table {
	struct md_cell *v;
	size_t n, cap;
	size_t columns;
};
/** Append the table, at most `width` columns wide; where that cannot be, as one block of
 *  "heading: cell" lines a row. */
void md_table_draw(struct doc *d, const struct md_table *t, int indent, size_t width);

#endif
