/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running text as a result: a note, a help page, a diff. A doc is a list of lines, a
 * line a list of spans, a span some text with one style and perhaps an object it links
 * to. Docs know nothing of colours or widths: paragraphs stay one line, whoever shows
 * them wraps them at `indent`.
 */
#ifndef MODEL_DOC_H
#define MODEL_DOC_H

#include "model/table.h"

enum style {
	STYLE_TEXT,
	STYLE_HEAD1,
	STYLE_HEAD2,
	STYLE_HEAD3,
	STYLE_STRONG,
	STYLE_EMPH,
	STYLE_STRIKE,
	STYLE_CODE, /* inline code and plain code blocks */
	STYLE_LINK,
	STYLE_QUOTE,
	STYLE_BULLET, /* list markers, table rules */
	STYLE_COMMENT,
	STYLE_KEYWORD,
	STYLE_STRING,
	STYLE_NUMBER,
	STYLE_PLACEHOLDER,
	STYLE_ADD,
	STYLE_DEL,
	STYLE_HUNK,
	STYLE_ADD_WORD,
	STYLE_DEL_WORD,
	STYLE_MATCH, /* what the search found */
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
	STYLE_DIM,
	STYLE_NEW,
	STYLE_GONE,
	STYLE_COUNT,
};

enum line_kind {
	LINE_TEXT, /* wraps at words */
	LINE_CODE, /* never wraps; scrolls or is cut */
	LINE_RULE, /* a horizontal rule, text ignored */
};

struct span {
	struct str text;
	enum style style;
	struct ref ref; /* what Enter on it opens */
};

struct line {
	struct span *v;
	size_t n, cap;
	enum line_kind kind;
	int indent;  /* columns in front of every visual line */
	int hang;    /* further columns in front of all but the first */
	int command; /* number of the command that begins here, 1.., else 0 */
};

struct doc {
	struct arena *arena;
	struct line *v;
	size_t n, cap;
};

struct doc *doc_new(struct arena *a);
/** A new last line; spans are added to it until the next call. */
struct line *doc_line(struct doc *d, enum line_kind kind);
/** Append to the last line (one is made if there is none); the text is copied. */
void doc_span(struct doc *d, enum style style, struct str text);
void doc_link(struct doc *d, struct str text, struct ref ref);
void doc_spanf(struct doc *d, enum style style, const char *fmt, ...) PRINTF_LIKE(3, 4);
/** A whole line of one style. */
void doc_textf(struct doc *d, enum style style, const char *fmt, ...) PRINTF_LIKE(3, 4);
/** The doc as visual lines of at most `width` columns: text lines break at blanks and
 *  between wide characters, a word wider than the line is split; code lines stay whole.
 *  Continuations carry indent + hang as their indent and no command number. The spans'
 *  text is shared with `d`. */
struct doc *doc_wrap(struct arena *a, const struct doc *d, size_t width);
/** A unified diff, coloured by line. */
void doc_diff(struct doc *d, struct str diff);
/** A table as lines, for embedding in a doc. */
void doc_table(struct doc *d, const struct table *t);
void doc_record(struct doc *d, const struct record *r);

#endif
