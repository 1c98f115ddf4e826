/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world outside the screen: the clipboard, children that need the terminal, and how
 * commands talk while they run inside the workbench.
 */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/spawn.h"
#include "base/utf8.h"
#include "input.h"
#include "terminal.h"
#include "workbench_priv.h"

/* ---- clipboard --------------------------------------------------------------- */

static void add_base64(struct strbuf *b, struct str s)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < s.n; i += 3) {
		unsigned v = 0;

		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (i + k < s.n ? (unsigned char)s.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			strbuf_addc(b,
				    i + k > s.n ? '=' : digits[v >> (18 - 6 * k) & 63]);
	}
}

/* OSC 52 reaches the terminal at the user's end of an ssh line. tmux passes it on only in
 * its own envelope, where each ESC is doubled, and screen in a DCS string. */
static void send_osc52(struct str text)
{
	const char *name = getenv("TERM");
	bool tmux = getenv("TMUX") != NULL;
	bool screen = !tmux && name && str_starts(str_of(name), STR("screen"));
	STRBUF_AUTO(b, 8 << 20);

	strbuf_addz(&b, "\033]52;c;");
	add_base64(&b, text);
	strbuf_addc(&b, '\a');
	term_send(strbuf_str(&b));
	if (!tmux && !screen)
		return;
	strbuf_clear(&b);
	strbuf_addz(&b, tmux ? "\033Ptmux;\033\033]52;c;" : "\033P\033]52;c;");
	add_base64(&b, text);
	strbuf_addz(&b, "\a\033\\");
	term_send(strbuf_str(&b));
}

/* A local desktop has a clipboard of its own. */
static bool send_program(struct str text)
{
	static const struct {
		const char *env;
		const char *argv[5];
	} programs[] = {
		{ "WAYLAND_DISPLAY", { "wl-copy", NULL } },
		{ "DISPLAY", { "xclip", "-selection", "clipboard", NULL } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		STRBUF_AUTO(sink, 4096);
		struct spawn what = { .argv = programs[i].argv,
				      .input = text,
				      .errout = &sink,
				      .timeout_ms = 1000 };
		struct err err;
		int status;

		if (getenv(programs[i].env) && spawn_find(programs[i].argv[0]) &&
		    spawn_run(&what, &status, &err) && status == 0)
			return true;
	}
	return false;
}

void wb_copy(struct workbench *wb, struct str text, const char *what)
{
	bool program;

	if (!text.n)
		return;
	send_osc52(text);
	program = !wb->headless && send_program(text);
	wb_say(wb, STYLE_GOOD, "copied %s%s", what, program ? "" : " (OSC 52)");
}

/* ---- lending the terminal ----------------------------------------------------- */

static void wait_for_key(const struct workbench *wb)
{
	char c;

	if (wb->headless)
		return;
	printf("\n[Enter goes back to kcrib] ");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n' && c != '\r')
		;
}

/* ---- commands that talk ------------------------------------------------------ */

/* While the terminal is a command's own, it shows what it says as a shell would. */
static bool is_away(const struct workbench *wb, struct str line)
{
	STRBUF_AUTO(b, 1 << 20);

	if (!wb->away)
		return false;
	utf8_add_safe(&b, line, false);
	printf("%s\n", strbuf_z(&b));
	fflush(stdout);
	return true;
}

static void terminal(void *arg, enum ctx_terminal whose)
{
	struct workbench *wb = arg;

	wb->away = whose == TERMINAL_LENT && !wb->headless;
	if (whose == TERMINAL_LENT) {
		term_suspend();
		return;
	}
	if (whose == TERMINAL_BACK_WHEN_READ)
		wait_for_key(wb);
	term_resume();
	wb->redraw = true;
}

static void say(void *arg, struct str line)
{
	struct workbench *wb = arg;

	if (is_away(wb, line) || !line.n)
		return;
	wb_say(wb, STYLE_TEXT, STR_FMT, STR_ARG(line));
	wb->redraw = true;
	wb_draw(wb);
}

static void warn(void *arg, struct str line)
{
	struct workbench *wb = arg;

	if (is_away(wb, line) || !line.n)
		return;
	wb_say(wb, STYLE_WARN, STR_FMT, STR_ARG(line));
	wb->redraw = true;
}

/* A question in the middle of a command: the bottom line waits for one key. */
static bool confirm(void *arg, const char *question)
{
	struct workbench *wb = arg;
	struct pollfd fd = { STDIN_FILENO, POLLIN, 0 };
	struct event ev = { 0 };

	if (wb->headless)
		return false;
	wb_say(wb, STYLE_WARN, "%s [y/N]", question);
	wb->redraw = true;
	wb_draw(wb);
	do {
		if (poll(&fd, 1, -1) < 0)
			continue;
		ev = input_next(&wb->paste);
	} while (ev.kind != EVENT_KEY || !ev.key[0]);
	wb->message[0] = '\0';
	return !strcmp(ev.key, "y") || !strcmp(ev.key, "Y");
}

static bool ask(void *arg, const char *question, struct str preset, struct arena *a,
		struct str *ret)
{
	return false; /* forms ask before the command runs */
}

/* Esc or C-c while a long command runs. */
static bool cancelled(void *arg)
{
	struct workbench *wb = arg;
	struct pollfd fd = { STDIN_FILENO, POLLIN, 0 };
	struct event ev = { 0 };

	while (!wb->stop && !wb->headless && poll(&fd, 1, 0) > 0) {
		ev = input_next(&wb->paste);
		if (ev.kind == EVENT_NONE)
			break;
		wb->stop = ev.kind == EVENT_KEY &&
			   (!strcmp(ev.key, "Esc") || !strcmp(ev.key, "C-c"));
	}
	return wb->stop;
}

void outside_talk(struct workbench *wb)
{
	wb->ctx->ui = (struct ctx_ui){ .say = say,
				       .warn = warn,
				       .confirm = confirm,
				       .ask = ask,
				       .cancelled = cancelled,
				       .arg = wb,
				       .terminal = terminal };
	wb->ctx->interactive = !wb->headless;
}
