/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A live list above a line of input: what may stand there, narrowed and ranked while the
 * user types. Candidates are gathered once, when it opens; each key then costs one pass
 * over them (10,000 of them: about 3 ms). Candidates come as completions do, so whatever
 * Tab can complete can be chosen from.
 *
 * Each word typed must fit the candidate's text or its note: best is equality, then a
 * beginning, a beginning of a word, a place inside, letters in this order.
 */
#ifndef UI_CHOICE_H
#define UI_CHOICE_H

#include "app/command.h"
#include "ui/list.h"
#include "ui/surface.h"

struct choice;

struct choice *choice_new(void);
void choice_free(struct choice *c);
DEFINE_FREEP(choice)
/** Where candidates live. */
struct arena *choice_arena(struct choice *c);
/** The candidates, in the order that decides between those that fit equally well. */
void choice_offer(struct choice *c, const struct completions *all);
/** Keep what fits; the best is under the cursor, which stays where it is while `typed` is
 *  what it was. At most `rows` are shown at a time. */
void choice_narrow(struct choice *c, struct str typed, size_t rows);
/** Cut a key of the list (arrows, C-n, C-p, Tab, pages) off the front of a terminal's
 *  bytes and name its movement; empty when they begin with none. */
struct str choice_key(struct str *bytes);
void choice_move(struct choice *c, struct str movement);
/** Under the cursor; NULL when nothing fits. */
const struct completion *choice_taken(const struct choice *c);
/** Rows that are shown, of how many that fit, of how many there are. */
size_t choice_rows(const struct choice *c);
size_t choice_fitting(const struct choice *c);
size_t choice_all(const struct choice *c);
/** The i-th of the rows shown. */
const struct completion *choice_row(const struct choice *c, size_t i, bool *ret_cursor);

#endif
