/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists: see ui/list.h.
 */
#include "ui/list.h"
#include "base/arena.h"

static void follow(struct list *l)
{
	size_t margin = l->h > 4 ? 1 : 0;

	if (!l->h)
		return;
	if (l->cursor < l->top + margin)
		l->top = l->cursor > margin ? l->cursor - margin : 0;
	if (l->cursor + margin + 1 > l->top + l->h)
		l->top = l->cursor + margin + 1 - l->h;
	if (l->top + l->h > l->n)
		l->top = l->n > l->h ? l->n - l->h : 0;
}

void list_set_n(struct list *l, size_t n)
{
	l->n = n;
	if (l->cursor >= n)
		l->cursor = n ? n - 1 : 0;
	follow(l);
}

void list_set_h(struct list *l, size_t h)
{
	l->h = h;
	follow(l);
}

void list_go(struct list *l, size_t row)
{
	l->cursor = row < l->n ? row : l->n ? l->n - 1 : 0;
	follow(l);
}

void list_move(struct list *l, long by)
{
	if (by < 0 && (size_t)-by > l->cursor)
		list_go(l, 0);
	else
		list_go(l, l->cursor + (size_t)by);
}

void list_scroll(struct list *l, long by)
{
	size_t last = l->n > l->h ? l->n - l->h : 0;

	if (by < 0)
		l->top = (size_t)-by > l->top ? 0 : l->top - (size_t)-by;
	else
		l->top = l->top + (size_t)by > last ? last : l->top + (size_t)by;
	if (l->cursor < l->top)
		l->cursor = l->top;
	if (l->h && l->cursor >= l->top + l->h)
		l->cursor = l->top + l->h - 1;
	if (l->cursor >= l->n)
		l->cursor = l->n ? l->n - 1 : 0;
}

bool list_click(struct list *l, int y)
{
	if (y < 0 || (size_t)y >= l->h || l->top + (size_t)y >= l->n)
		return false;
	list_go(l, l->top + (size_t)y);
	return true;
}

enum base { FROM_CURSOR, FROM_START, FROM_END, FROM_TOP, FROM_BOTTOM };

/* A movement: where it counts from, and how many lines and half pages it adds. */
static const struct {
	const char *name;
	enum base base;
	long lines, halves;
} moves[] = {
	{ "up", FROM_CURSOR, -1, 0 },
	{ "down", FROM_CURSOR, 1, 0 },
	{ "page-up", FROM_CURSOR, 0, -2 },
	{ "page-down", FROM_CURSOR, 0, 2 },
	{ "half-up", FROM_CURSOR, 0, -1 },
	{ "half-down", FROM_CURSOR, 0, 1 },
	{ "top", FROM_START, 0, 0 },
	{ "bottom", FROM_END, 0, 0 },
	{ "screen-top", FROM_TOP, 0, 0 },
	{ "screen-middle", FROM_TOP, 0, 1 },
	{ "screen-bottom", FROM_BOTTOM, 0, 0 },
};

bool list_action(struct list *l, struct str name)
{
	size_t from[] = { l->cursor, 0, l->n ? l->n - 1 : 0, l->top, l->top + l->h };

	from[FROM_BOTTOM] -= from[FROM_BOTTOM] > 0;
	if (str_eq(name, STR("centre"))) {
		l->top = l->cursor > l->h / 2 ? l->cursor - l->h / 2 : 0;
		follow(l);
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(moves); i++) {
		if (!str_eq(name, str_of(moves[i].name)))
			continue;
		l->cursor = from[moves[i].base];
		list_move(l, moves[i].lines + moves[i].halves * (long)(l->h / 2));
		return true;
	}
	return false;
}
