/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rejects that the Patches view lists and the hunk view decides about: one desk, so
 * that history is asked once, and one list read from it. The Patches view owns it; a hunk
 * view lies above that one and borrows it. There may be a hundred thousand: they are read
 * bit by bit behind the first screen.
 */
#ifndef UI_REJECT_LIST_H
#define UI_REJECT_LIST_H

#include "app/rejects.h"
#include "ui/view.h"

struct reject_list {
	struct workbench *wb;
	struct desk *desk;       /* NULL: none could be opened */
	struct arena *arena;     /* of the items and their places */
	struct desk_items items; /* they move while more are read */
	struct watch *reading;   /* while there are more */
	uint64_t stamp;          /* what was read, as of then */
	unsigned round;          /* one more at each reading anew: ids stay, places go */
	unsigned last;           /* id of the one that was looked at last; 0: none */
	void (*more)(void *arg); /* told when more were read behind the screen */
	/* asked before one is placed: must it wait for what history says? */
	bool (*waits)(void *arg, const struct desk_item *item);
	void *arg;
	char error[sizeof(((struct err *)0)->msg)]; /* why nothing more is read; or "" */
};

/** Read anew what is there. */
void reject_list_read(struct reject_list *l);
/** With a new desk: nothing is known from before. */
void reject_list_forget(struct reject_list *l);
/** Did anybody change the am in progress or a reject since it was read? */
bool reject_list_is_stale(const struct reject_list *l);
/** A decision of ours was: what was read is what is there. */
void reject_list_settle(struct reject_list *l);
/** Where an id stands; reads on until it comes. False: there is none. */
bool reject_list_find(struct reject_list *l, unsigned id, size_t *ret_at);
/** The next open one behind `at` (or before it), around the end; reads on where the list
 *  ends. False: there is no other. */
bool reject_list_next_open(struct reject_list *l, size_t at, int step, size_t *ret_at);

#endif
