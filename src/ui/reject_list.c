/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of rejects: see reject_list.h.
 */
#include "reject_list.h"
#include "workbench_priv.h"

enum {
	READ_FIRST = 200, /* .rej files read before the first screen */
	READ_MORE = 500,  /* and at a time behind it */
};

static void stop_reading(struct reject_list *l)
{
	if (l->reading)
		loop_remove(l->wb->loop, l->reading);
	l->reading = NULL;
}

static void fail(struct reject_list *l, const struct err *err)
{
	snprintf(l->error, sizeof(l->error), "%s", err->msg);
	l->items.unread = 0;
}

static void read_behind(void *arg);

/* Read so many, and come back for the rest when everything else is done. */
static void read_some(struct reject_list *l, size_t files)
{
	struct err err;

	stop_reading(l);
	if (!desk_list_more(l->desk, &l->items, files, &err))
		fail(l, &err);
	l->wb->open_rejects = l->items.open;
	if (l->items.unread)
		l->reading = loop_add_timer(l->wb->loop, 1, 0, read_behind, l);
}

static void read_behind(void *arg)
{
	struct reject_list *l = arg;

	l->reading = NULL;
	read_some(l, READ_MORE);
	l->more(l->arg);
}

static bool open_desk(struct reject_list *l, struct err *err)
{
	struct ctx *ctx = l->wb->ctx;
	struct arena *before = ctx->arena;
	bool ok;

	if (l->desk)
		return true;
	ctx->arena = l->arena;
	ok = rejects_desk(ctx, &l->desk, err);
	ctx->arena = before;
	return ok;
}

void reject_list_read(struct reject_list *l)
{
	struct err err;

	stop_reading(l);
	arena_free(l->arena);
	l->arena = arena_new();
	l->items = (struct desk_items){ 0 };
	l->error[0] = '\0';
	l->round++;
	if (!open_desk(l, &err) || !desk_list_begin(l->desk, l->arena, &l->items, &err)) {
		fail(l, &err);
		return;
	}
	reject_list_settle(l);
	read_some(l, READ_FIRST);
}

void reject_list_forget(struct reject_list *l)
{
	stop_reading(l);
	desk_free(l->desk);
	arena_free(l->arena);
	l->desk = NULL;
	l->arena = NULL;
	l->items = (struct desk_items){ 0 };
}

bool reject_list_is_stale(const struct reject_list *l)
{
	return l->desk && desk_stamp(l->desk) != l->stamp;
}

void reject_list_settle(struct reject_list *l)
{
	l->stamp = desk_stamp(l->desk);
	l->wb->open_rejects = l->items.open;
}

bool reject_list_find(struct reject_list *l, unsigned id, size_t *ret_at)
{
	const struct desk_item *item = desk_find(&l->items, id);

	while (!item && l->items.unread) {
		read_some(l, READ_MORE);
		item = desk_find(&l->items, id);
	}
	if (item)
		*ret_at = (size_t)(item - l->items.v);
	return item != NULL;
}

bool reject_list_next_open(struct reject_list *l, size_t at, int step, size_t *ret_at)
{
	for (size_t i = 1; i < l->items.n || l->items.unread; i++) {
		size_t k;

		while (at + i >= l->items.n && l->items.unread)
			read_some(l, READ_MORE);
		k = (at + (step > 0 ? i : l->items.n - i)) % l->items.n;
		if (l->items.v[k].status == DESK_OPEN) {
			*ret_at = k;
			return true;
		}
	}
	return false;
}
