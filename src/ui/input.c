/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys by name: curses codes and control characters become the names of keys.conf.
 */
#include <wchar.h>

#include "curses_here.h"

#include "base/loop.h"
#include "base/utf8.h"
#include "input.h"

static const struct {
	wint_t code;
	const char *name;
} named[] = {
	{ KEY_UP, "Up" },
	{ KEY_DOWN, "Down" },
	{ KEY_LEFT, "Left" },
	{ KEY_RIGHT, "Right" },
	{ KEY_HOME, "Home" },
	{ KEY_END, "End" },
	{ KEY_PPAGE, "PgUp" },
	{ KEY_NPAGE, "PgDn" },
	{ KEY_DC, "Delete" },
	{ KEY_IC, "Insert" },
	{ KEY_BACKSPACE, "Backspace" },
	{ KEY_BTAB, "S-Tab" },
	{ KEY_ENTER, "Enter" },
	{ KEY_F(1), "F1" },
	{ KEY_F(2), "F2" },
	{ KEY_F(3), "F3" },
	{ KEY_F(4), "F4" },
	{ KEY_F(5), "F5" },
	{ KEY_F(6), "F6" },
	{ KEY_F(7), "F7" },
	{ KEY_F(8), "F8" },
	{ KEY_F(9), "F9" },
	{ KEY_F(10), "F10" },
	{ KEY_F(11), "F11" },
	{ KEY_F(12), "F12" },
	{ KEY_SLEFT, "S-Left" },
	{ KEY_SRIGHT, "S-Right" },
	{ KEY_SR, "S-Up" },
	{ KEY_SF, "S-Down" },
};

/* long: one case for each form in which terminals send a key */
static void name_key(struct event *ev, bool is_code, wint_t c)
{
	STRBUF_AUTO(b, sizeof(ev->key) - 1);

	for (size_t i = 0; is_code && i < ARRAY_SIZE(named); i++)
		if (named[i].code == c)
			strbuf_addz(&b, named[i].name);
	if (is_code) {
		/* a key without a name is no key */
	} else if (c == '\r' || c == '\n') {
		strbuf_addz(&b, "Enter");
	} else if (c == '\t') {
		strbuf_addz(&b, "Tab");
	} else if (c == 27) {
		strbuf_addz(&b, "Esc");
	} else if (c == 127 || c == 8) {
		strbuf_addz(&b, "Backspace");
	} else if (c == ' ') {
		strbuf_addz(&b, "Space");
	} else if (c < 32) {
		strbuf_addf(&b, "C-%c", (int)(c ? c + 96 : '@'));
	} else {
		utf8_put(&b, (uint32_t)c);
	}
	ev->printable = !is_code && c >= 32 && c != 127;
	memcpy(ev->key, strbuf_z(&b), b.n + 1);
}

/* What waited when curses last told of the mouse, the newest first: several events that
 * arrive together are one KEY_MOUSE, and getmouse() hands them out backwards. */
static struct {
	MEVENT v[8]; /* as many as curses keeps */
	size_t n;
} mice;

static void collect_mice(void)
{
	while (mice.n < ARRAY_SIZE(mice.v) && getmouse(&mice.v[mice.n]) == OK)
		mice.n++;
}

static struct event mouse_event(void)
{
	static int64_t last_ms;
	static int last_x, last_y;
	struct event ev = { .kind = EVENT_MOUSE };
	int64_t now = loop_now_ms();
	MEVENT m = mice.v[--mice.n];

	ev.mouse.x = m.x;
	ev.mouse.y = m.y;
	if (m.bstate & BUTTON4_PRESSED)
		ev.mouse.wheel = -3;
	if (m.bstate & BUTTON5_PRESSED)
		ev.mouse.wheel = 3;
	ev.mouse.drag = m.bstate & REPORT_MOUSE_POSITION;
	ev.mouse.click = !ev.mouse.drag && m.bstate & BUTTON1_PRESSED;
	ev.mouse.release = m.bstate & BUTTON1_RELEASED;
	if (ev.mouse.click) {
		ev.mouse.double_click =
			now - last_ms < 400 && m.x == last_x && m.y == last_y;
		last_ms = now;
		last_x = m.x;
		last_y = m.y;
	}
	return ev;
}

/* Pasted text, up to its end mark: it is text, whatever keys it looks like. */
static struct event paste_event(struct strbuf *paste)
{
	wint_t c;
	int got;

	strbuf_clear(paste);
	timeout(200);
	while ((got = get_wch(&c)) != ERR) {
		if (got == KEY_CODE_YES && c == KEY_PASTE_END)
			break;
		if (got == OK)
			utf8_put(paste, c == '\r' ? '\n' : (uint32_t)c);
	}
	timeout(0);
	return (struct event){ .kind = EVENT_PASTE, .paste = paste };
}

struct event input_next(struct strbuf *paste)
{
	struct event ev = { .kind = EVENT_KEY }, meta;
	wint_t c;
	int got;

	if (mice.n)
		return mouse_event();
	got = get_wch(&c);
	if (got == ERR)
		return (struct event){ 0 };
	if (got == KEY_CODE_YES && c == KEY_MOUSE) {
		collect_mice();
		return mice.n ? mouse_event() : ev;
	}
	if (got == KEY_CODE_YES && c == KEY_PASTE_BEGIN)
		return paste_event(paste);
	if (got == KEY_CODE_YES && c == KEY_RESIZE)
		return ev;
	name_key(&ev, got == KEY_CODE_YES, c);
	if (got == OK && c == 27 && (got = get_wch(&c)) != ERR) {
		meta = (struct event){ .kind = EVENT_KEY };
		name_key(&meta, got == KEY_CODE_YES, c);
		snprintf(ev.key, sizeof(ev.key), "M-%.20s", meta.key);
		ev.printable = false;
	}
	return ev;
}
