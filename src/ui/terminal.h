/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal: starting and restoring it, colours, and what is written past curses.
 * Only this file, surface.c and input.c include curses.
 */
#ifndef UI_TERMINAL_H
#define UI_TERMINAL_H

#include "base/err.h"
#include "base/str.h"
#include "model/doc.h"

enum term_colors { TERM_MONO, TERM_16, TERM_256, TERM_RGB };

struct term_options {
	const char *theme; /* "dark", "light" or "auto" */
	bool no_color;
	bool mouse;
	int headless_w, headless_h; /* above 0: no terminal, cells can be read back */
};

/** Take the terminal. ERR_DENIED when it cannot move its cursor (TERM=dumb). */
bool term_start(const struct term_options *opt, struct err *err) MUST_CHECK;
/** Give it back as it was; harmless when not started. */
void term_stop(void);
/** Give it to a child and take it again. */
void term_suspend(void);
void term_resume(void);
void term_size(int *ret_w, int *ret_h);
/** Ask the kernel for the new size after SIGWINCH. */
void term_resized(void);
void term_redraw_all(void);
/** Where the cursor stands in the frame that is being drawn; else it has none. */
void term_place_cursor(int x, int y);
/** Send what the frame has changed, as one write. */
void term_show_frame(void);
/** Bytes sent as they are: clipboard sequences made here, never foreign text. */
void term_send(struct str bytes);
/** Read back a headless screen: one line of text without trailing blanks. */
struct str term_read_line(struct arena *a, int y);
/** The same for styles: one letter a cell, for golden screens. */
struct str term_read_styles(struct arena *a, int y);

#endif
