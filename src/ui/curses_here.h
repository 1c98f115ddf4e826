/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one door to curses, for term.c, surface.c and input.c.
 */
#ifndef UI_CURSES_HERE_H
#define UI_CURSES_HERE_H

#define NCURSES_NOMACROS       1
#define NCURSES_WIDECHAR       1
#define _XOPEN_SOURCE_EXTENDED 1
#include <curses.h>

#include "model/doc.h"

/* Codes of our own, above those of curses. */
enum { KEY_PASTE_BEGIN = 0x1000, KEY_PASTE_END };

attr_t look_attrs(enum style style);
int look_pair(enum style style);

#endif
