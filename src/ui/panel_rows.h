/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record laid out for the screen: its facts, then its tables one below the other, as
 * one list of visual rows over which the cursor moves. Pure: a record and a width in,
 * rows and column widths out.
 */
#ifndef UI_PANEL_ROWS_H
#define UI_PANEL_ROWS_H

#include "model/table.h"
#include "ui/surface.h"

enum visual_kind { VISUAL_FACT, VISUAL_TITLE, VISUAL_HEADING, VISUAL_ROW, VISUAL_BLANK };

/* Small: there is one for each of 30,000 threads. */
struct visual {
	enum visual_kind kind : 8;
	unsigned field : 24; /* of the record: a fact, or the table this row is in */
	uint32_t row; /* VISUAL_ROW: index in the table; VISUAL_TITLE: byte to begin at */
};

/* One table of the record as it is shown. */
struct shown_table {
	size_t field;
	const struct table *table; /* filtered and sorted copy */
	size_t *columns, ncolumns; /* which columns, in order */
	int *widths;
	size_t rest; /* the first column that did not fit, or their number */
};

struct panel_rows {
	struct arena *arena;
	struct visual *v;
	size_t n, cap;
	struct shown_table *tables;
	size_t ntables;
	size_t main; /* the table with the most rows */
};

struct panel_choice {
	struct str sort; /* column key of the main table; "" keeps the order */
	bool descending;
	struct str filter;   /* words that must stand in a row, or column>value */
	size_t first_column; /* scrolled to the right by so many columns */
};

/** Lay out; everything lives in the arena. */
void panel_rows_make(struct panel_rows *ret, struct arena *a, const struct record *record,
		     const struct panel_choice *choice, int width);
void panel_rows_draw(const struct panel_rows *rows, const struct record *record, size_t i,
		     const struct surface *s, int y);
/** The titles of a table's columns, for a line outside of the list. */
void panel_rows_heading(const struct shown_table *st, const struct surface *s, int y);
/** Does a table have more columns than fit? */
bool panel_rows_cut(const struct panel_rows *rows);
/** What a row says beyond the screen, in one line: its cells that were cut, then those of
 *  the columns that did not fit. */
void panel_rows_rest(const struct shown_table *st, const struct row *row,
		     const struct surface *s, int y);
/** Rows below rows: such a table keeps its order. */
bool panel_rows_is_tree(const struct table *t);
const struct row *panel_rows_row(const struct panel_rows *rows, size_t i);
const struct shown_table *panel_rows_table(const struct panel_rows *rows, size_t i);

#endif
