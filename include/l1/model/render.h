/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The renderers that need no screen: text for pipes and terminals, JSON for scripts, and
 * the formatting of one cell that the screen shares.
 */
#ifndef MODEL_RENDER_H
#define MODEL_RENDER_H

#include "base/strbuf.h"
#include "model/doc.h"

struct text_style {
	bool color;   /* ANSI colours */
	size_t width; /* columns to wrap at; 0: no limit */
};

/** One cell as a person reads it: thousands separated, sizes in binary units, absent
 *  as "-". Safe for a terminal. */
void cell_format(struct strbuf *b, const struct cell *cell);
/** The line of blocks for a history of figures, scaled to `top` (0: to its maximum). */
void spark_format(struct strbuf *b, const double *v, size_t n, double top);

/** Titles, then rows, padded; every cell passes utf8_add_safe. */
void table_text(struct strbuf *b, const struct table *t, struct text_style style);
void record_text(struct strbuf *b, const struct record *r, struct text_style style);
void doc_text(struct strbuf *b, const struct doc *d, struct text_style style);

/** One JSON value, compact, UTF-8 (malformed bytes become U+FFFD), no newline.
 *  A table is an array of objects, a record an object; a row with absent cells gets an
 *  "unavailable" object {key: reason} where a reason is known. */
void table_json(struct strbuf *b, const struct table *t);
void record_json(struct strbuf *b, const struct record *r);
/** {"text": "..."} */
void doc_json(struct strbuf *b, const struct doc *d);

#endif
