/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cursor and window of any list: pure arithmetic. `n` rows, `h` of them visible from
 * `top` on, one under the cursor.
 */
#ifndef UI_LIST_H
#define UI_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct list {
	size_t n, cursor, top, h;
};

/** New number of rows; the cursor stays as near as it can. */
void list_set_n(struct list *l, size_t n);
void list_set_h(struct list *l, size_t h);
/** Go to a row, clipped; the window follows with a line of context where it can. */
void list_go(struct list *l, size_t row);
void list_move(struct list *l, long by);
/** Scroll the window; the cursor stays inside of it. */
void list_scroll(struct list *l, long by);
/** A click `y` lines below the first visible row: go there. False when no row stands
 *  there, which is where a double click must do nothing. */
bool list_click(struct list *l, int y);
/** "up", "down", "page-up", "page-down", "half-up", "half-down", "top", "bottom",
 *  "screen-top", "screen-middle", "screen-bottom", "centre": true when it was one. */
bool list_action(struct list *l, struct str name);

#endif
