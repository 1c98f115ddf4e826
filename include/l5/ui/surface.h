/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where views draw: a clipped rectangle of cells. Coordinates are relative to it, nothing
 * reaches outside of it, and text passes utf8_add_safe() on its way, so no view can send
 * an escape sequence. Styles are the model's; colours are the theme's business.
 */
#ifndef UI_SURFACE_H
#define UI_SURFACE_H

#include "model/doc.h"

struct surface {
	int x, y, w, h; /* on the screen */
};

/* How a run of cells stands out beside its style. */
enum emphasis { EMPHASIS_NONE, EMPHASIS_CURSOR, EMPHASIS_BAR, EMPHASIS_DIM };

/** The part of `s` at (x, y), at most w by h, clipped to `s`. */
struct surface surface_sub(const struct surface *s, int x, int y, int w, int h);
/** Text at (x, y), cut at the right edge; returns the columns used. */
int surface_text(const struct surface *s, int x, int y, enum style style,
		 struct str text);
int surface_textf(const struct surface *s, int x, int y, enum style style,
		  const char *fmt, ...) PRINTF_LIKE(5, 6);
/** Blank from x to the right edge. */
void surface_clear_line(const struct surface *s, int x, int y);
void surface_clear(const struct surface *s);
/** The same character down a column or along a row: the rule between panes. */
void surface_vline(const struct surface *s, int x, int y, int h);
/** Change how a whole line of cells already drawn looks: the cursor line. */
void surface_emphasise(const struct surface *s, int y, enum emphasis e);
/** Put the terminal's cursor there; without a call it is hidden. */
void surface_cursor(const struct surface *s, int x, int y);
/** One visual line of a wrapped doc from column `skip` on. */
void surface_line(const struct surface *s, int x, int y, const struct line *line,
		  int skip);

#endif
