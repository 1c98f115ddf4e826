/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal: see terminal.h. Whatever way the program ends, the terminal is given
 * back: in order through term_stop(), on a crash by a handler that only writes bytes
 * prepared beforehand. A headless screen is a curses screen on /dev/null whose cells are
 * read back, so tests see exactly what a terminal would be sent.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "curses_here.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/utf8.h"
#include "terminal.h"
#include "theme.h"

/* last: it defines macros with everyday names */
#include <term.h>
#undef lines
#undef columns

#define MODES_ON  "\033[?2004h" /* bracketed paste */
#define DRAGS_ON  "\033[?1002h" /* movement while a button is held */
#define MODES_OFF "\033[?2004l\033[?1006l\033[?1003l\033[?1002l\033[?1000l"

static struct {
	SCREEN *screen;
	FILE *null; /* headless */
	bool light, headless, mouse;
	enum term_colors colors;
	struct termios before;
	bool have_before;
	bool cursor; /* at: */
	int cursor_x, cursor_y;
	char rescue[256]; /* what the crash handler writes */
	size_t rescue_n;
} term;

static const int crashes[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };

static void on_crash(int sig)
{
	if (term.screen && !term.headless) {
		if (write(STDOUT_FILENO, term.rescue, term.rescue_n) < 0)
			term.rescue_n = 0;
		if (term.have_before)
			tcsetattr(STDIN_FILENO, TCSANOW, &term.before);
	}
	signal(sig, SIG_DFL);
	raise(sig);
}

static void add_rescue(const char *bytes)
{
	struct str s = str_of(bytes);

	if (!bytes || bytes == (char *)-1 || term.rescue_n + s.n > sizeof(term.rescue))
		return;
	memcpy(term.rescue + term.rescue_n, s.p, s.n);
	term.rescue_n += s.n;
}

static void prepare_rescue(void)
{
	term.rescue_n = 0;
	add_rescue(MODES_OFF);
	add_rescue(tigetstr("sgr0"));
	add_rescue(tigetstr("cnorm"));
	add_rescue(tigetstr("rmkx"));
	add_rescue(tigetstr("rmcup"));
	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++)
		signal(crashes[i], on_crash);
}

static bool is_light(const char *theme)
{
	const char *env = getenv("COLORFGBG");
	struct str ground;

	if (theme && strcmp(theme, "auto") != 0)
		return !strcmp(theme, "light");
	if (!env)
		return false;
	/* rxvt's and konsole's "foreground;background": 7 and 15 are whites */
	ground = str_from(str_of(env), (size_t)(str_rchr(str_of(env), ';') + 1));
	return str_eq(ground, STR("7")) || str_eq(ground, STR("15"));
}

static enum term_colors count_colors(bool no_color)
{
	if (no_color || !has_colors())
		return TERM_MONO;
	if (tigetflag("RGB") > 0)
		return TERM_RGB;
	return COLORS >= 256 ? TERM_256 : TERM_16;
}

static int color_of(const struct hue *hue)
{
	switch (term.colors) {
	case TERM_RGB:
		return hue->rgb;
	case TERM_256:
		return hue->of256;
	case TERM_16:
		return hue->of16 >= COLORS ? -1 : hue->of16;
	case TERM_MONO:
		break;
	}
	return -1;
}

static void make_pairs(void)
{
	if (term.colors == TERM_MONO)
		return;
	start_color();
	use_default_colors();
	for (int i = 0; i < STYLE_COUNT; i++) {
		const struct look *look = theme_look(term.light, (enum style)i);

		init_extended_pair(i + 1, color_of(&look->fg), color_of(&look->bg));
	}
}

/* The attributes of a style as curses wants them; the pair is style + 1. */
attr_t look_attrs(enum style style)
{
	static const struct {
		unsigned flag;
		attr_t attr;
	} map[] = {
		{ LOOK_BOLD, A_BOLD },       { LOOK_DIM, A_DIM },
		{ LOOK_ITALIC, A_ITALIC },   { LOOK_UNDERLINE, A_UNDERLINE },
		{ LOOK_REVERSE, A_REVERSE },
	};
	const struct look *look = theme_look(term.light, style);
	attr_t attrs = 0;

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (look->flags & map[i].flag)
			attrs |= map[i].attr;
	/* dim text and a grey colour together are too faint */
	if (term.colors != TERM_MONO)
		attrs &= ~(attr_t)A_DIM;
	return attrs;
}

int look_pair(enum style style)
{
	return term.colors == TERM_MONO ? 0 : (int)style + 1;
}

static bool start_headless(const struct term_options *opt, struct err *err)
{
	char lines[16], columns[16];

	snprintf(lines, sizeof(lines), "%d", opt->headless_h);
	snprintf(columns, sizeof(columns), "%d", opt->headless_w);
	setenv("LINES", lines, 1);
	setenv("COLUMNS", columns, 1);
	term.null = fopen("/dev/null", "r+");
	if (!term.null)
		return err_sys(err, errno, "opening /dev/null");
	term.headless = true;
	term.screen = newterm("xterm-256color", term.null, term.null);
	if (!term.screen)
		return err_set(err, ERR_NOTFOUND,
			       "starting a headless screen: no terminfo entry for "
			       "xterm-256color");
	return true;
}

/* A terminal that says it shows 16 million colours, under an entry that says 256. */
static const char *best_name(const char *name)
{
	const char *claim = getenv("COLORTERM");
	int status;

	if (!claim || (strcmp(claim, "truecolor") != 0 && strcmp(claim, "24bit") != 0) ||
	    !str_eq(str_of(name), STR("xterm-256color")))
		return name;
	if (setupterm("xterm-direct", STDOUT_FILENO, &status) != OK)
		return name;
	del_curterm(cur_term);
	return "xterm-direct";
}

static bool start_real(struct err *err)
{
	const char *name = getenv("TERM");
	int status = 0;
	char *cup;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(err, ERR_DENIED,
			       "opening the workbench: this is not a terminal");
	if (!name || !*name || setupterm(name, STDOUT_FILENO, &status) != OK) {
		err_set(err, ERR_DENIED,
			"opening the workbench: unknown terminal TERM=%s",
			name ? name : "");
		return err_hint(err, "set TERM to what your terminal is, for instance "
				     "TERM=xterm; the commands work without: kcrib help");
	}
	cup = tigetstr("cup");
	del_curterm(cur_term);
	if (!cup || cup == (char *)-1) {
		err_set(err, ERR_DENIED,
			"opening the workbench: a terminal of type \"%s\" cannot place its "
			"cursor",
			name);
		return err_hint(err,
				"the commands work here: kcrib find, kcrib show; kcrib "
				"help lists them");
	}
	term.have_before = tcgetattr(STDIN_FILENO, &term.before) == 0;
	term.screen = newterm(best_name(name), stdout, stdin);
	if (!term.screen)
		return err_set(err, ERR_IO, "opening the workbench: the terminal %s",
			       name);
	return true;
}

/* Until a screen has been left once, curses writes at every move of the cursor, 45 times
 * for a page, and after that once a page. With colours, coming back would reset the
 * palette, which is the user's: before them it does not. */
static void write_whole_frames(void)
{
	endwin();
	doupdate();
}

bool term_start(const struct term_options *opt, struct err *err)
{
	if (opt->headless_w > 0 ? !start_headless(opt, err) : !start_real(err))
		return false;
	set_term(term.screen);
	if (!term.headless)
		write_whole_frames();
	term.light = is_light(opt->theme);
	term.colors = count_colors(opt->no_color);
	make_pairs();
	raw();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	meta(stdscr, TRUE);
	set_escdelay(25);
	leaveok(stdscr, FALSE);
	typeahead(-1); /* else each line is flushed on its own to look for keys */
	if (term.headless)
		return true;
	if (opt->mouse) {
		/* presses and releases as they come: no clicks that curses makes of them
		 */
		mousemask(BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON4_PRESSED |
				  BUTTON5_PRESSED | REPORT_MOUSE_POSITION,
			  NULL);
		mouseinterval(0);
		term_send(STR(DRAGS_ON));
		term.mouse = true;
	}
	define_key("\033[200~", KEY_PASTE_BEGIN);
	define_key("\033[201~", KEY_PASTE_END);
	term_send(STR(MODES_ON));
	prepare_rescue();
	return true;
}

void term_stop(void)
{
	if (!term.screen)
		return;
	for (size_t i = 0; !term.headless && i < ARRAY_SIZE(crashes); i++)
		signal(crashes[i], SIG_DFL);
	if (!term.headless)
		term_send(STR(MODES_OFF));
	endwin();
	delscreen(term.screen);
	if (term.null)
		fclose(term.null);
	memset(&term, 0, sizeof(term));
}

void term_suspend(void)
{
	if (term.headless)
		return;
	term_send(STR(MODES_OFF));
	endwin();
}

void term_resume(void)
{
	if (term.headless)
		return;
	term_resized();
	term_send(STR(MODES_ON));
	if (term.mouse)
		term_send(STR(DRAGS_ON));
	term_redraw_all();
}

void term_size(int *ret_w, int *ret_h)
{
	getmaxyx(stdscr, *ret_h, *ret_w);
}

void term_resized(void)
{
	struct winsize ws;

	if (!term.headless && ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 &&
	    ws.ws_col > 0 && ws.ws_row > 0)
		resizeterm(ws.ws_row, ws.ws_col);
	clearok(curscr, TRUE);
}

void term_redraw_all(void)
{
	clearok(curscr, TRUE);
}

void term_place_cursor(int x, int y)
{
	term.cursor = true;
	term.cursor_x = x;
	term.cursor_y = y;
}

void term_show_frame(void)
{
	/* last: what is drawn moves it */
	if (term.cursor)
		move(term.cursor_y, term.cursor_x);
	curs_set(term.cursor);
	term.cursor = false;
	refresh();
}

void term_send(struct str bytes)
{
	struct err err;

	if (!term.headless && !file_write_fd(STDOUT_FILENO, bytes, "terminal", &err))
		return; /* a terminal that is gone is noticed by its hang-up */
}

struct str term_read_line(struct arena *a, int y)
{
	STRBUF_AUTO(b, 1 << 16);
	int w, h;

	term_size(&w, &h);
	for (int x = 0; x < w; x++) {
		wchar_t text[CCHARW_MAX + 1] = { 0 };
		attr_t attrs;
		short pair;
		cchar_t cell;
		int cols = 0;

		if (mvin_wch(y, x, &cell) == ERR ||
		    getcchar(&cell, text, &attrs, &pair, NULL) == ERR)
			continue;
		for (size_t i = 0; text[i]; i++) {
			utf8_put(&b, (uint32_t)text[i]);
			cols += utf8_cp_width((uint32_t)text[i]);
		}
		if (cols > 1)
			x += cols - 1;
	}
	return arena_str(a, str_rtrim(strbuf_str(&b)));
}

struct str term_read_styles(struct arena *a, int y)
{
	static const char letters[] = ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP";
	STRBUF_AUTO(b, 1 << 16);
	int w, h;

	term_size(&w, &h);
	for (int x = 0; x < w; x++) {
		wchar_t text[CCHARW_MAX + 1] = { 0 };
		attr_t attrs = 0;
		short pair = 0;
		cchar_t cell;

		if (mvin_wch(y, x, &cell) == ERR ||
		    getcchar(&cell, text, &attrs, &pair, NULL) == ERR)
			continue;
		if (attrs & A_REVERSE)
			strbuf_addc(&b, '#');
		else
			strbuf_addc(&b, letters[pair <= 1 ? 0 : pair - 1]);
	}
	return arena_str(a, str_rtrim(strbuf_str(&b)));
}
