/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of input with everything readline gives: history, completion, the user's
 * inputrc. It is driven through readline's callback interface, so a panel goes on ticking
 * while somebody types. Readline keeps global state: one line at a time.
 *
 * The owner feeds the terminal's raw bytes and shows line_text() with the cursor at
 * line_cursor(); this file never writes to the terminal.
 */
#ifndef APP_LINE_H
#define APP_LINE_H

#include "app/command.h"

struct line_ops {
	/** Offer completions of the word at the end of `before`; `*ret_from`: its start.
	 */
	void (*complete)(void *arg, struct arena *a, struct str before, size_t *ret_from,
			 struct completions *ret);
	/** Enter was pressed. The line is closed already. */
	void (*accept)(void *arg, struct str text);
	/** Left by C-c, C-g, C-d on an empty line, or Esc. The line is closed already. */
	void (*leave)(void *arg);
	void *arg;
};

struct line_input;

/** Begin a line with `preset` in it. `history` names its own history file below the state
 *  folder ("commands", "value-pid"); NULL keeps none. */
struct line_input *line_open(const struct line_ops *ops, const char *history,
			     struct str preset);
/** What stands in it is only offered: Enter takes it, a movement or Tab begins to edit
 * it, the first character typed replaces it. */
void line_offer(struct line_input *in);
bool line_is_offer(const struct line_input *in);
/** Empty it. */
void line_clear(struct line_input *in);
/** Raw bytes from the terminal. May call accept or leave, after which `in` is gone. */
void line_feed(struct line_input *in, struct str bytes);
struct str line_text(const struct line_input *in);
/** Byte offset of the cursor in line_text(). */
size_t line_cursor(const struct line_input *in);
/** What the last Tab could not decide between; empty when it could. */
const struct completions *line_choices(const struct line_input *in);
/** Give up the line without a callback. NULL is fine. */
void line_close(struct line_input *in);

#endif
