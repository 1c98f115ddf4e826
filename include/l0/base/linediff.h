/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The difference of two texts as a unified diff (POSIX diff -u, GNU manual "Unified
 * Format"), for showing revisions to people.
 */
#ifndef BASE_LINEDIFF_H
#define BASE_LINEDIFF_H

#include "base/strbuf.h"

enum {
	LINEDIFF_CONTEXT = 3,
	/* Texts that differ in more lines are shown as replaced in one piece. */
	LINEDIFF_EDITS = 1500,
};

/** Append "--- old_name", "+++ new_name" and the hunks; nothing when the texts are equal.
 *  The shortest script of line changes (Myers 1986): time and memory grow with the square
 *  of the changes, not of the texts. Bytes are passed on as they are. */
void line_diff(struct strbuf *out, struct str before, struct str after,
	       struct str old_name, struct str new_name);

#endif
