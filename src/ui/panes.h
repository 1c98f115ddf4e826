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

/* Which part of the file the panes show. */
struct panes_at {
	const struct place_candidate *candidate; /* NULL: no place is chosen */
	size_t line;    /* without a candidate: from here on, 1-based */
	size_t context; /* lines of the file around the change */
	bool words;     /* mark what differs inside lines */
};

void panes_make(struct panes *ret, struct arena *a, const struct desk_item *item,
		const struct panes_at *at);

#endif
