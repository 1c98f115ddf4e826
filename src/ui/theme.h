/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The themes: looks of styles, without a word of curses.
 */
#ifndef UI_THEME_H
#define UI_THEME_H

#include "model/doc.h"

enum look_flags {
	LOOK_BOLD = 1,
	LOOK_DIM = 2,
	LOOK_ITALIC = 4,
	LOOK_UNDERLINE = 8,
	LOOK_REVERSE = 16,
};

/* One colour as three kinds of terminals name it; -1: the terminal's own. */
struct hue {
	int of16, of256, rgb;
};

struct look {
	struct hue fg, bg;
	unsigned flags;
};

const struct look *theme_look(bool on_light, enum style style);

#endif
