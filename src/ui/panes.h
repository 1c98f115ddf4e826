/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three panes of a reject as lines with styles: what the patch expected, what is
 * here, what it would become. Pure: an item and a candidate in, docs out.
 */
#ifndef UI_PANES_H
#define UI_PANES_H

#include "app/rejects.h"

struct panes {
	struct doc *expected, *here, *become;
	size_t first; /* line of the file (1-based) on which `here` and `become` begin */
	size_t focus; /* row of `here` where the change begins */
};

/** `context` lines of the file around the change; `words`: mark what differs inside
 *  lines. `c` NULL: no place is chosen, `here` shows the file from `line` on. */
void panes_make(struct panes *ret, struct arena *a, const struct desk_item *item,
		const struct place_candidate *c, size_t line, size_t context, bool words);

#endif
