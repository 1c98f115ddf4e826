/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame: one line on top that says where you are, one below that says what you can
 * do now, and the help page behind `?`. All words come from the key table.
 */
#include "curses_here.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "terminal.h"
#include "workbench_priv.h"

static void draw_top(const struct workbench *wb, const struct surface *s)
{
	const struct view *view = wb_top(wb);
	STRBUF_AUTO(status, 4096);
	int x = 1, w;

	surface_clear_line(s, 0, 0);
	for (size_t t = 0; t < TABS; t++) {
		enum style style = t == wb->tab ? STYLE_HEAD1 : STYLE_DIM;

		x += surface_text(s, x, 0, style, str_of(wb->tabs[t].title));
		if (t == 1 && wb->open_rejects)
			x += surface_textf(s, x, 0, STYLE_WARN, " %zu!",
					   wb->open_rejects);
		x += 2;
	}
	if (view && view->ops->status)
		view->ops->status(view, &status);
	w = (int)utf8_width(strbuf_str(&status));
	if (x + w + 1 < s->w)
		surface_text(s, s->w - w - 1, 0, STYLE_DIM, strbuf_str(&status));
}

/* "read: open the note" -> "read"; a help text without a colon is no hint. */
static struct str hint_of(const struct key_binding *b)
{
	ptrdiff_t colon = str_find(b->help, STR(": "));

	return colon > 0 ? str_n(b->help.p, (size_t)colon) : STR("");
}

static int draw_hint(const struct surface *s, int x, const struct key_binding *b)
{
	struct str label = hint_of(b), words = str_from(b->help, label.n + 2);
	int used;

	if (!label.n || x + (int)utf8_width(label) + (int)utf8_width(words) + 3 > s->w)
		return 0;
	used = surface_text(s, x, 0, STYLE_STRONG, label);
	used += 1 + surface_text(s, x + used + 1, 0, STYLE_DIM, words);
	return used + 2;
}

/* A key that an earlier binding shown here has taken: its hint would be a lie. */
static bool is_taken(const struct key_binding *const *shown, size_t n,
		     const struct key_binding *b)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(shown[i]->key, b->key))
			return true;
	return false;
}

static void draw_hints(const struct workbench *wb, const struct surface *s)
{
	const struct key_binding *shown[64];
	size_t nshown = 0;
	static const char *const global[] = { "global", NULL };
	const struct view *view = wb_top(wb);
	const char *const *groups[] = {
		view && view->ops->sections ? view->ops->sections(view) : NULL, global
	};
	int x = 1;

	for (size_t g = 0; g < ARRAY_SIZE(groups); g++) {
		for (size_t k = 0; groups[g] && groups[g][k]; k++) {
			for (size_t i = 0; i < wb->keys.n; i++) {
				const struct key_binding *b = &wb->keys.v[i];

				/* keys of one line of keys.conf: the first one stands for
				 * all */
				if (!str_eq(b->section, str_of(groups[g][k])) ||
				    (i &&
				     str_eq(b->command, wb->keys.v[i - 1].command)) ||
				    is_taken(shown, nshown, b))
					continue;
				x += draw_hint(s, x, b);
				if (nshown < ARRAY_SIZE(shown))
					shown[nshown++] = b;
			}
		}
	}
}

/* A message that is too long for the line grows upwards: its end is often the reason. */
static void draw_message(const struct workbench *wb, const struct surface *s)
{
	AUTO(arena) a = arena_new();
	struct doc *d = doc_new(a);
	int n;

	doc_textf(d, wb->message_style, "%s", wb->message);
	d = doc_wrap(a, d, s->w > 2 ? (size_t)s->w - 2 : 1);
	n = (int)d->n < s->y ? (int)d->n : s->y;
	for (int i = 0; i < n; i++) {
		struct surface row = { s->x, s->y - n + 1 + i, s->w, 1 };
		const struct line *line = &d->v[i];
		int x = 1;

		surface_clear_line(&row, 0, 0);
		for (size_t k = 0; k < line->n; k++)
			x += surface_text(&row, x, 0, wb->message_style, line->v[k].text);
	}
}

static void draw_bottom(const struct workbench *wb, const struct surface *s)
{
	surface_clear_line(s, 0, 0);
	if (wb->question.line || wb->question.yes_no)
		question_draw(wb, s);
	else if (wb->message[0])
		draw_message(wb, s);
	else
		draw_hints(wb, s);
}

void frame_draw(const struct workbench *wb)
{
	const struct view *view = wb_top(wb);
	struct surface all = { 0 }, content = wb_content(), line;

	getmaxyx(stdscr, all.h, all.w);
	surface_clear(&content);
	if (view)
		view->ops->draw(view, &content);
	line = surface_sub(&all, 0, 0, all.w, 1);
	draw_top(wb, &line);
	line = surface_sub(&all, 0, all.h - 1, all.w, 1);
	draw_bottom(wb, &line);
	term_show_frame();
}

struct str frame_path(struct arena *a, struct str path)
{
	const char *home = getenv("HOME");
	struct str rest = path;

	if (!home || !home[0] || !home[1] || !str_skip(&rest, str_of(home)) ||
	    (rest.n && rest.p[0] != '/'))
		return path;
	return arena_strf(a, "~" STR_FMT, STR_ARG(rest));
}

/* ---- help -------------------------------------------------------------------- */

static void help_section(struct doc *d, const struct keymap *map, const char *section)
{
	bool any = false;

	for (size_t i = 0; i < map->n; i++) {
		const struct key_binding *b = &map->v[i];
		struct str words = b->help, label = hint_of(b);
		size_t first = i;

		if (!str_eq(b->section, str_of(section)) || str_eq(b->command, STR("-")))
			continue;
		/* keys of one line of keys.conf share their command: one line here too */
		while (first > 0 && str_eq(map->v[first - 1].section, b->section) &&
		       str_eq(map->v[first - 1].command, b->command))
			first--;
		if (first != i)
			continue;
		if (!any) {
			doc_line(d, LINE_TEXT);
			doc_textf(d, STYLE_HEAD2, "%s", section);
		}
		any = true;
		if (label.n)
			words = str_from(b->help, label.n + 2);
		doc_line(d, LINE_CODE)->indent = 2;
		for (size_t k = i; k < map->n && str_eq(map->v[k].command, b->command) &&
				   str_eq(map->v[k].section, b->section);
		     k++)
			doc_spanf(d, STYLE_STRONG, STR_FMT " ", STR_ARG(map->v[k].key));
		doc_spanf(d, STYLE_TEXT, " " STR_FMT, STR_ARG(words));
		doc_spanf(d, STYLE_DIM, "  (" STR_FMT ")", STR_ARG(b->command));
	}
}

struct doc *frame_help(struct arena *a, const struct workbench *wb,
		       const struct view *view)
{
	struct doc *d = doc_new(a);
	const char *const *sections =
		view && view->ops->sections ? view->ops->sections(view) : NULL;

	doc_textf(d, STYLE_HEAD1, "Keys%s%s", view ? " in " : "",
		  view ? view->ops->name : "");
	doc_line(d, LINE_TEXT);
	doc_textf(d, STYLE_TEXT,
		  "In brackets the command behind a key; keys.conf may bind it to others "
		  "(kcrib-keys(5)). Every command also works at the : prompt.");
	for (; sections && *sections; sections++)
		help_section(d, &wb->keys, *sections);
	help_section(d, &wb->keys, "global");
	if (view && view->ops->help)
		view->ops->help(view, d);
	return d;
}
