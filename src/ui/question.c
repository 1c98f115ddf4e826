/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the bottom line asks: the `:` prompt, a line of input, a yes or no. The safe
 * answer is the default: only y says yes.
 */
#include <stdarg.h>

#include "base/utf8.h"
#include "workbench_priv.h"

static void leave(void *arg)
{
	struct workbench *wb = arg;

	wb->question = (struct question){ 0 };
	wb->redraw = true;
}

static void accept(void *arg, struct str text)
{
	struct workbench *wb = arg;
	struct question q = wb->question;

	leave(wb);
	if (q.fn)
		q.fn(q.view, text);
	else
		wb_command(wb, text);
}

static void complete(void *arg, struct arena *a, struct str before, size_t *ret_from,
		     struct completions *ret)
{
	struct workbench *wb = arg;

	if (wb->question.complete)
		wb->question.complete(wb->question.view, a, before, ret_from, ret);
	else if (!wb->question.fn)
		command_complete(wb->ctx, a, before, ret_from, ret);
}

static void open_line(struct workbench *wb, const char *label, const char *history,
		      struct str preset)
{
	struct line_ops ops = { complete, accept, leave, wb };

	snprintf(wb->question.label, sizeof(wb->question.label), "%s", label);
	wb->question.line = line_open(&ops, history, preset);
	wb->redraw = true;
}

void question_prompt(struct workbench *wb, struct str preset)
{
	line_close(wb->question.line);
	wb->question = (struct question){ 0 };
	open_line(wb, ":", "commands", preset);
}

void question_offer(struct workbench *wb)
{
	line_offer(wb->question.line);
}

void question_complete(struct workbench *wb,
		       void (*fn)(struct view *view, struct arena *a, struct str before,
				  size_t *ret_from, struct completions *ret))
{
	wb->question.complete = fn;
}

void wb_prompt(struct workbench *wb, const char *label, const char *history,
	       struct str preset, void (*fn)(struct view *view, struct str text),
	       struct view *view)
{
	line_close(wb->question.line);
	wb->question = (struct question){ .fn = fn, .view = view };
	open_line(wb, label, history, preset);
}

void wb_confirm(struct workbench *wb, void (*fn)(struct view *view, struct str unused),
		struct view *view, const char *fmt, ...)
{
	va_list ap;

	line_close(wb->question.line);
	wb->question = (struct question){ .yes_no = true, .fn = fn, .view = view };
	va_start(ap, fmt);
	vsnprintf(wb->question.label, sizeof(wb->question.label), fmt, ap);
	va_end(ap);
	wb->redraw = true;
}

void question_feed(struct workbench *wb, struct str bytes)
{
	wb->redraw = true;
	line_feed(wb->question.line, bytes);
}

bool question_key(struct workbench *wb, const char *key)
{
	struct question q = wb->question;

	if (!q.yes_no)
		return false;
	leave(wb);
	if (!strcmp(key, "y") || !strcmp(key, "Y"))
		q.fn(q.view, STR("y"));
	else
		wb_say(wb, STYLE_TEXT, "nothing was changed");
	return true;
}

void question_drop(struct workbench *wb, const struct view *view)
{
	if (wb->question.view != view || (!wb->question.line && !wb->question.yes_no))
		return;
	line_close(wb->question.line);
	leave(wb);
}

/* Choices of a Tab stand above the line, as many as fit. */
static void draw_choices(const struct workbench *wb, const struct surface *bottom)
{
	const struct completions *found = line_choices(wb->question.line);
	struct surface s = { 0, 1, bottom->w, bottom->y - 1 };
	int rows = (int)found->n < s.h - 1 ? (int)found->n : s.h - 1;

	if (found->n < 2)
		return;
	for (int i = 0; i < rows; i++) {
		const struct completion *c = &found->v[i];
		int y = s.h - rows + i, x;

		surface_clear_line(&s, 0, y);
		x = surface_text(&s, 2, y, STYLE_STRONG, c->text);
		surface_text(&s, x + 4 > 26 ? x + 4 : 26, y, STYLE_DIM, c->note);
	}
	if ((int)found->n > rows)
		surface_textf(&s, s.w - 12, s.h - 1, STYLE_DIM, "  %zu more  ",
			      found->n - (size_t)rows);
}

void question_draw(const struct workbench *wb, const struct surface *bottom)
{
	const struct question *q = &wb->question;
	struct str text, before;
	int x, room, at;

	if (q->yes_no) {
		x = 1 + surface_text(bottom, 1, 0, STYLE_WARN, str_of(q->label));
		surface_text(bottom, x + 1, 0, STYLE_STRONG, STR("[y/N]"));
		return;
	}
	draw_choices(wb, bottom);
	x = 1 + surface_text(bottom, 1, 0, STYLE_STRONG, str_of(q->label));
	text = line_text(q->line);
	before = str_n(text.p, line_cursor(q->line));
	room = bottom->w - x - 1;
	at = (int)utf8_width(before);
	/* a long line scrolls so that the cursor stays in sight */
	while (at > room && text.n) {
		size_t n = utf8_grapheme(text);

		at -= (int)utf8_width(str_n(text.p, n));
		text = str_from(text, n);
	}
	surface_text(bottom, x, 0, line_is_offer(q->line) ? STYLE_DIM : STYLE_TEXT, text);
	surface_cursor(bottom, x + at, 0);
}
