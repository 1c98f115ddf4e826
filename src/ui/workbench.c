/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The workbench: tabs, each with a stack of views; keys become commands through the key
 * table; after each batch of events the screen is drawn once. Everything runs on one
 * thread; jobs and timers come in through the loop.
 */
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/config.h"
#include "app/job.h"
#include "base/file.h"
#include "base/utf8.h"
#include "input.h"
#include "keys_conf.h"
#include "patch_view.h"
#include "store/store.h"
#include "terminal.h"
#include "workbench_priv.h"

struct ctx *wb_ctx(struct workbench *wb)
{
	return wb->ctx;
}

struct loop *wb_loop(struct workbench *wb)
{
	return wb->loop;
}

/* ---- views and tabs ---------------------------------------------------------- */

struct view *wb_top(const struct workbench *wb)
{
	const struct tab *tab = &wb->tabs[wb->tab];

	return tab->n ? tab->stack[tab->n - 1] : NULL;
}

struct surface wb_content(void)
{
	struct surface s = { 0 };

	term_size(&s.w, &s.h);
	s.y = 1;
	s.h = s.h > 2 ? s.h - 2 : 0;
	return s;
}

struct view *view_new(struct workbench *wb, const struct view_ops *ops,
		      struct arena *arena)
{
	struct view *view;

	if (!arena)
		arena = arena_new();
	view = arena_new_of(arena, struct view);
	*view = (struct view){ ops, wb, arena, arena_alloc(arena, ops->size), true };
	return view;
}

static void view_free(struct workbench *wb, struct view *view)
{
	question_drop(wb, view);
	if (view->ops->close)
		view->ops->close(view);
	arena_free(view->arena);
}

static void tell(struct view *view, enum notice_kind kind)
{
	if (view->ops->notice)
		view->ops->notice(view, kind);
	view->dirty = true;
}

void wb_lay_out(struct workbench *wb)
{
	struct view *view = wb_top(wb);
	struct surface s = wb_content();

	if (view && view->ops->layout)
		view->ops->layout(view, s.w, s.h);
}

bool wb_push_view(struct workbench *wb, struct view *view)
{
	struct tab *tab = &wb->tabs[wb->tab];
	struct view *below = wb_top(wb);

	if (tab->n == STACK_MAX) {
		view_free(wb, view);
		wb_say(wb, STYLE_WARN, "no more than %d views deep: q goes back",
		       STACK_MAX);
		return false;
	}
	if (below)
		tell(below, NOTICE_HIDDEN);
	tab->stack[tab->n++] = view;
	wb_lay_out(wb);
	tell(view, NOTICE_SHOWN);
	wb->redraw = true;
	return true;
}

bool wb_push(struct workbench *wb, const struct view_ops *ops, const struct args *args,
	     struct err *err)
{
	struct view *view = view_new(wb, ops, NULL);

	if (ops->open && !ops->open(view, args, err)) {
		arena_free(view->arena);
		return false;
	}
	return wb_push_view(wb, view);
}

void wb_replace(struct workbench *wb, struct view *old, struct view *view)
{
	for (size_t t = 0; t < TABS; t++)
		for (size_t i = 0; i < wb->tabs[t].n; i++)
			if (wb->tabs[t].stack[i] == old)
				wb->tabs[t].stack[i] = view;
	view_free(wb, old);
	wb_lay_out(wb);
	if (wb_top(wb) == view)
		tell(view, NOTICE_SHOWN);
	wb->redraw = true;
}

void wb_pop(struct workbench *wb)
{
	struct tab *tab = &wb->tabs[wb->tab];

	if (tab->n <= 1) {
		/* only the first view of the first tab leaves */
		if (wb->tab == 0)
			wb->quit = true;
		else
			wb_do(wb, NULL, STR("tab notes"));
		return;
	}
	view_free(wb, tab->stack[--tab->n]);
	wb_lay_out(wb);
	tell(wb_top(wb), NOTICE_SHOWN);
	wb->redraw = true;
}

void wb_notice(struct workbench *wb, enum notice_kind kind)
{
	for (size_t t = 0; t < TABS; t++)
		for (size_t i = 0; i < wb->tabs[t].n; i++)
			tell(wb->tabs[t].stack[i], kind);
}

/* What each tab opens with: a view, or the panel of a command with a source. */
static const struct {
	const char *name, *title;
	const struct view_ops *ops;
	const char *command;
} tab_table[TABS] = {
	{ "notes", "Notes", &note_view_ops, NULL },
	{ "patches", "Patches", &patch_view_ops, "rej" },
	{ "threads", "Threads", NULL, "threads" },
	{ "pages", "Pages", NULL, "hugepages" },
	{ "disk", "Disk", &disk_view_ops, "du" },
};

static bool open_tab(struct workbench *wb, size_t t, struct err *err)
{
	if (wb->tabs[t].n)
		return true;
	if (tab_table[t].ops)
		return wb_push(wb, tab_table[t].ops, NULL, err);
	wb_eval(wb, str_of(tab_table[t].command));
	return true;
}

/* A screen that is up does not wait for the file of the notes. */
static bool must_wait(const struct workbench *wb, size_t t)
{
	return tab_table[t].ops == &note_view_ops && !wb->tabs[t].n && !wb->ctx->store_;
}

void wb_go_to_tab(struct workbench *wb, size_t t)
{
	size_t before = wb->tab;
	struct view *view = wb_top(wb);
	struct err err;

	if (view)
		tell(view, NOTICE_HIDDEN);
	wb->tab = t;
	if (must_wait(wb, t) ? !wb_push(wb, &note_wait_ops, NULL, &err)
			     : !open_tab(wb, t, &err))
		wb_error(wb, &err);
	if (!wb->tabs[t].n)
		wb->tab = before;
	wb_lay_out(wb);
	if (wb_top(wb))
		tell(wb_top(wb), NOTICE_SHOWN);
	wb->redraw = true;
}

/* ---- messages ---------------------------------------------------------------- */

void wb_say(struct workbench *wb, enum style style, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(wb->message, sizeof(wb->message), fmt, ap);
	va_end(ap);
	wb->message_style = style;
}

void wb_error(struct workbench *wb, const struct err *err)
{
	wb_say(wb, err->code == ERR_CANCELLED ? STYLE_TEXT : STYLE_BAD, "%s%s%s",
	       err->msg, err->hint[0] ? " - " : "", err->hint);
}

/* ---- events ------------------------------------------------------------------ */

static const char *const global_sections[] = { "global", NULL };

static void press(struct workbench *wb, const struct event *ev)
{
	struct view *view = wb_top(wb);
	const struct key_binding *b = NULL;
	struct str key = str_of(ev->key);

	if (!ev->key[0] || question_key(wb, ev->key))
		return;
	wb->message[0] = '\0';
	wb->redraw = true;
	if (view && view->ops->sections)
		b = keymap_find(&wb->keys, view->ops->sections(view), key);
	if (!b && view && ev->printable && view->ops->type &&
	    view->ops->type(view, str_eq(key, STR("Space")) ? STR(" ") : key))
		return;
	if (!b)
		b = keymap_find(&wb->keys, global_sections, key);
	if (b)
		wb_do(wb, view, b->command);
	else
		wb_say(wb, STYLE_DIM, "%s does nothing here; ? shows the keys", ev->key);
}

static void click(struct workbench *wb, struct mouse m)
{
	struct view *view = wb_top(wb);
	struct surface s = wb_content();

	if (m.y == 0 && m.click) {
		int x = 1;

		for (size_t t = 0; t < TABS; t++) {
			int w = (int)strlen(tab_table[t].title) + 2;

			if (m.x >= x - 1 && m.x < x + w - 1)
				wb_go_to_tab(wb, t);
			x += w;
		}
		return;
	}
	m.y -= s.y;
	if (view && view->ops->mouse && view->ops->mouse(view, &m))
		wb->redraw = true;
}

static void paste_text(struct workbench *wb, struct str text)
{
	struct view *view = wb_top(wb);

	if (view && view->ops->type && view->ops->type(view, text))
		wb->redraw = true;
}

static void on_terminal(void *arg, short revents)
{
	struct workbench *wb = arg;
	struct event ev;

	if (revents & (POLLHUP | POLLERR)) {
		wb->quit = true;
		return;
	}
	while (!wb->quit) {
		if (wb->question.line) {
			char bytes[4096];
			struct pollfd fd = { STDIN_FILENO, POLLIN, 0 };
			ssize_t n;

			if (poll(&fd, 1, 0) <= 0)
				return;
			n = read(STDIN_FILENO, bytes, sizeof(bytes));
			if (n <= 0) {
				wb->quit = n == 0;
				return;
			}
			question_feed(wb, str_n(bytes, (size_t)n));
			continue;
		}
		ev = input_next(&wb->paste);
		if (ev.kind == EVENT_NONE)
			return;
		if (ev.kind == EVENT_KEY)
			press(wb, &ev);
		else if (ev.kind == EVENT_MOUSE)
			click(wb, ev.mouse);
		else
			paste_text(wb, strbuf_str(ev.paste));
	}
}

static void on_end(void *arg, int sig)
{
	((struct workbench *)arg)->quit = true;
}

static void on_resize(void *arg, int sig)
{
	struct workbench *wb = arg;

	term_resized();
	wb_lay_out(wb);
	wb_notice(wb, NOTICE_RESIZE);
	wb->redraw = true;
}

static void on_suspend(void *arg, int sig)
{
	wb_suspend(arg);
}

static bool tidy_work(struct job *job, void *arg, struct err *err)
{
	store_tidy_work(arg);
	return true;
}

static void tidy_done(void *owner, void *arg, bool ok, const struct err *err)
{
	((struct workbench *)owner)->tidy = NULL;
	store_tidy_end(arg);
}

/* What the saves of notes have put off is done aside, at the next tick. */
static void tidy(struct workbench *wb)
{
	static const struct job_ops ops = { tidy_work, tidy_done, NULL };
	struct store *s = wb->ctx->store_;
	struct err err;

	if (s && !wb->tidy && store_tidy_begin(s) &&
	    !job_start(wb->loop, &ops, wb, s, &wb->tidy, &err))
		store_tidy_end(s);
}

static void tidy_leave(struct workbench *wb)
{
	if (!wb->tidy)
		return;
	store_goes_first(wb->ctx->store_);
	job_abandon(wb->tidy);
	store_tidy_end(wb->ctx->store_);
}

static void on_tick(void *arg)
{
	struct workbench *wb = arg;
	struct view *view = wb_top(wb);

	tidy(wb);
	if (view && view->ops->notice)
		view->ops->notice(view, NOTICE_TICK);
}

static void on_idle(void *arg)
{
	struct workbench *wb = arg;

	if (wb->quit)
		loop_stop(wb->loop);
	else
		wb_draw(wb);
}

void wb_draw(struct workbench *wb)
{
	struct view *view = wb_top(wb);

	if (!wb->redraw && !(view && view->dirty))
		return;
	wb->redraw = false;
	frame_draw(wb);
	if (view)
		view->dirty = false;
}

/* ---- life -------------------------------------------------------------------- */

/* Panels bring keys of their own: a section named after the source. */
static void add_source_keys(struct keymap *keys)
{
	size_t n;
	const struct command *const *all = command_list(&n);

	for (size_t i = 0; i < n; i++) {
		const struct source_ops *ops = all[i]->source;

		for (const struct binding *b = ops ? ops->keys : NULL; b && b->key; b++)
			keymap_add(keys, ops->name, b->key, b->command, b->help);
	}
}

static void read_keys(struct workbench *wb)
{
	STRBUF_AUTO(b, 1 << 20);
	const char *path;
	struct err err;

	wb->keys.arena = wb->arena;
	if (!keymap_parse(&wb->keys, str_n(keys_conf, keys_conf_n), "built in", &err))
		wb_error(wb, &err);
	add_source_keys(&wb->keys);
	if (!file_xdg(wb->arena, "XDG_CONFIG_HOME", ".config", "keys.conf", &path,
		      &err) ||
	    !file_exists(path))
		return;
	if (!file_read(path, &b, &err) ||
	    !keymap_parse(&wb->keys, strbuf_str(&b), path, &err))
		wb_error(wb, &err);
}

static void watch_signals(struct workbench *wb)
{
	static const struct {
		int sig;
		void (*fn)(void *, int);
	} signals[] = {
		{ SIGTERM, on_end }, { SIGHUP, on_end },      { SIGINT, on_end },
		{ SIGQUIT, on_end }, { SIGWINCH, on_resize }, { SIGTSTP, on_suspend },
	};

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		loop_add_signal(wb->loop, signals[i].sig, signals[i].fn, wb);
}

bool workbench_new(struct ctx *ctx, const struct workbench_options *opt,
		   struct workbench **ret, struct err *err)
{
	const char *no_color = getenv("NO_COLOR");
	struct term_options term = { .no_color = no_color && *no_color,
				     .mouse = opt->mouse,
				     .headless_w = opt->headless_w,
				     .headless_h = opt->headless_h };
	struct workbench *wb;
	struct str theme;

	wb = calloc(1, sizeof(*wb));
	if (!wb)
		abort();
	wb->ctx = ctx;
	wb->arena = arena_new();
	wb->paste = (struct strbuf)STRBUF(1 << 20);
	wb->headless = opt->headless_w > 0;
	wb->for_prompt = opt->for_prompt;
	wb->dialect = opt->dialect;
	wb->ui_before = ctx->ui;
	theme = config_get(ctx_config(ctx), "ui.theme", STR("auto"));
	term.theme = opt->theme ? opt->theme : arena_cstr(wb->arena, theme);
	for (size_t t = 0; t < TABS; t++) {
		wb->tabs[t].name = tab_table[t].name;
		wb->tabs[t].title = tab_table[t].title;
		wb->tabs[t].ops = tab_table[t].ops;
		wb->tabs[t].command = tab_table[t].command;
	}
	if (!loop_new(&wb->loop, err) || !term_start(&term, err)) {
		workbench_free(wb);
		return false;
	}
	outside_talk(wb);
	read_keys(wb);
	if (!wb->headless) {
		loop_add_fd(wb->loop, STDIN_FILENO, POLLIN, on_terminal, wb);
		watch_signals(wb);
	}
	loop_add_timer(wb->loop, 1000, 1000, on_tick, wb);
	loop_add_idle(wb->loop, on_idle, wb);
	wb->redraw = true;
	*ret = wb;
	return true;
}

void workbench_free(struct workbench *wb)
{
	if (!wb)
		return;
	for (size_t t = 0; t < TABS; t++)
		while (wb->tabs[t].n)
			view_free(wb, wb->tabs[t].stack[--wb->tabs[t].n]);
	question_close(wb);
	tidy_leave(wb);
	wb->ctx->ui = wb->ui_before;
	term_stop();
	loop_free(wb->loop);
	strbuf_free(&wb->paste);
	arena_free(wb->arena);
	free(wb);
}

bool workbench_goto(struct workbench *wb, struct str view, struct err *err)
{
	struct str rest = view, name = STR("notes");

	str_word(&rest, &name);
	for (size_t t = 0; t < TABS; t++) {
		if (!str_eq(name, str_of(tab_table[t].name)) &&
		    !(tab_table[t].command && str_eq(name, str_of(tab_table[t].command))))
			continue;
		wb->tab = t;
		if (str_trim(rest).n && tab_table[t].command) {
			wb_eval(wb, arena_strf(wb->arena, "%s" STR_FMT,
					       tab_table[t].command, STR_ARG(rest)));
			return true;
		}
		if (!open_tab(wb, t, err))
			return false;
		if (str_trim(rest).n && wb_top(wb)->ops->type)
			wb_top(wb)->ops->type(wb_top(wb), str_trim(rest));
		return true;
	}
	err_set(err, ERR_USAGE, "opening the workbench: no view \"" STR_FMT "\"",
		STR_ARG(name));
	return err_hint(err, "views: notes patches threads pages disk");
}

/* What a refresh gives back is what the next one asks for, a second later: kept, it costs
 * no page faults. */
static void keep_memory(void)
{
#ifdef M_TRIM_THRESHOLD
	(void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

bool workbench_run(struct workbench *wb, struct err *err)
{
	keep_memory();
	wb_lay_out(wb);
	wb_draw(wb);
	return loop_run(wb->loop, err);
}

bool workbench_chosen(const struct workbench *wb, struct arena *a, struct str *ret)
{
	if (wb->chosen.p)
		*ret = arena_str(a, wb->chosen);
	return wb->chosen.p != NULL;
}

/* What a terminal sends for a key by name. */
static const char *key_bytes(const char *key)
{
	static const char *const named[][2] = {
		{ "Enter", "\r" },     { "Esc", "\033" },     { "Tab", "\t" },
		{ "Space", " " },      { "Up", "\033[A" },    { "Down", "\033[B" },
		{ "PgUp", "\033[5~" }, { "PgDn", "\033[6~" }, { "C-n", "\016" },
		{ "C-p", "\020" },     { "C-u", "\025" },     { "Backspace", "\177" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		if (!strcmp(key, named[i][0]))
			return named[i][1];
	return key;
}

void workbench_key(struct workbench *wb, const char *key)
{
	struct event ev = { .kind = EVENT_KEY };
	uint32_t cp;
	struct str rest = str_of(key);

	snprintf(ev.key, sizeof(ev.key), "%s", key);
	ev.printable = (utf8_next(&rest, &cp) && !rest.n) || !strcmp(key, "Space");
	if (wb->question.line) {
		question_feed(wb, str_of(key_bytes(key)));
	} else {
		press(wb, &ev);
	}
	wb_draw(wb);
}

void workbench_settle(struct workbench *wb)
{
	struct err err;

	while (loop_jobs(wb->loop) && loop_once(wb->loop, 1000, &err))
		;
	wb_draw(wb);
}

void workbench_screen(struct workbench *wb, struct strbuf *b, bool styles)
{
	AUTO(arena) a = arena_new();
	int w, h;

	wb->redraw = true;
	wb_draw(wb);
	term_size(&w, &h);
	for (int y = 0; y < h; y++) {
		strbuf_add(b, styles ? term_read_styles(a, y) : term_read_line(a, y));
		strbuf_addc(b, '\n');
	}
}
