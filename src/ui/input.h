/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys, mouse and pasted text from the terminal, with the names that keys.conf uses.
 */
#ifndef UI_INPUT_H
#define UI_INPUT_H

#include "base/strbuf.h"
#include "ui/view.h"

enum event_kind { EVENT_NONE, EVENT_KEY, EVENT_MOUSE, EVENT_PASTE };

struct event {
	enum event_kind kind;
	char key[24];       /* name: "a", "C-n", "Enter" */
	bool printable;     /* the key is one character of text */
	struct mouse mouse; /* x, y on the screen */
	struct strbuf *paste;
};

/** The next event that waits, without blocking; EVENT_NONE when there is none.
 *  `paste` collects pasted text. */
struct event input_next(struct strbuf *paste);

#endif
