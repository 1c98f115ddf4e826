/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the bottom line asks: the `:` prompt, a line of input, a yes or no. The safe
 * answer is the default: only y says yes.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "app/job.h"
#include "base/utf8.h"
#include "workbench_priv.h"

/* What may be chosen, looked for on a worker: the processes of a large machine take
 * longer than a key may. The choice is the worker's until it is done. */
struct offer {
	struct job *job;
	struct ctx ctx;
	const struct argtype *type;
	struct choice *choice;
	struct completions all;
};

static void offer_free(struct offer *offer)
{
	if (!offer)
		return;
	job_abandon(offer->job);
	choice_free(offer->choice);
	ctx_close(&offer->ctx);
	free(offer);
}

static void leave(void *arg)
{
	struct workbench *wb = arg;

	offer_free(wb->question.offer);
	choice_free(wb->question.choice);
	wb->question = (struct question){ 0 };
	wb->redraw = true;
}

void question_close(struct workbench *wb)
{
	line_close(wb->question.line);
	leave(wb);
}

/* ---- choosing ------------------------------------------------------------------ */

static void narrow(struct workbench *wb, struct str typed)
{
	choice_narrow(wb->question.choice, typed, (size_t)wb_content().h * 2 / 3);
}

/* Where there is nothing to choose from, the line stays what it is; a value that is only
 * offered gives way to the list. */
static void show_choice(struct workbench *wb, struct choice *choice,
			const struct completions *all)
{
	if (!all->n) {
		choice_free(choice);
		return;
	}
	if (line_is_offer(wb->question.line))
		line_clear(wb->question.line);
	choice_offer(choice, all);
	wb->question.choice = choice;
	narrow(wb, line_text(wb->question.line));
}

static bool look_for_offer(struct job *job, void *arg, struct err *err)
{
	struct offer *o = arg;

	o->type->complete(&o->ctx, choice_arena(o->choice), STR(""), &o->all);
	return true;
}

static void offer_found(void *owner, void *arg, bool ok, const struct err *err)
{
	struct workbench *wb = owner;
	struct offer *o = arg;

	o->job = NULL;
	show_choice(wb, o->choice, &o->all);
	o->choice = NULL;
	wb->question.offer = NULL;
	offer_free(o);
	wb->redraw = true;
}

static void open_choice(struct workbench *wb)
{
	static const struct job_ops ops = { look_for_offer, offer_found, NULL };
	struct question *q = &wb->question;
	struct choice *choice;
	struct completions all = { 0 };
	struct offer *o;
	struct err err;

	if (q->offer)
		return;
	choice = choice_new();
	if (!q->command) {
		q->complete(q, choice_arena(choice), &all);
		show_choice(wb, choice, &all);
		return;
	}
	o = calloc(1, sizeof(*o));
	if (!o)
		abort();
	ctx_init(&o->ctx);
	o->ctx.root_dir = wb->ctx->root_dir;
	o->ctx.db = wb->ctx->db;
	o->type = q->command->params->type;
	o->choice = choice;
	if (job_start(wb->loop, &ops, wb, o, &o->job, &err))
		q->offer = o;
	else
		offer_free(o);
}

/* What Enter means: the row under the cursor while there is a list, else the text. */
static void accept(void *arg, struct str text)
{
	struct workbench *wb = arg;
	struct question q = wb->question;
	STRBUF_AUTO(answer, 1 << 16);

	if (q.choice) {
		narrow(wb, text);
		if (choice_taken(q.choice))
			text = choice_taken(q.choice)->text;
	}
	if (q.command)
		strbuf_addf(&answer, "%s ", q.command->name);
	if (q.command)
		wb_add_quoted(&answer, text);
	else
		strbuf_add(&answer, text);
	leave(wb);
	if (q.fn)
		q.fn(q.view, strbuf_str(&answer));
	else
		wb_command(wb, strbuf_str(&answer));
}

static void complete(void *arg, struct arena *a, struct str before, size_t *ret_from,
		     struct completions *ret)
{
	struct workbench *wb = arg;

	if (!wb->question.fn)
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
	question_close(wb);
	open_line(wb, ":", "commands", preset);
}

void question_offer(struct workbench *wb)
{
	line_offer(wb->question.line);
}

void question_complete(struct workbench *wb,
		       void (*fn)(const struct question *q, struct arena *a,
				  struct completions *ret))
{
	wb->question.complete = fn;
}

void question_choose(struct workbench *wb, const struct command *command)
{
	const struct param *param = command->params;
	STRBUF_AUTO(label, 200);

	question_close(wb);
	wb->question.command = command;
	strbuf_addf(&label, "%s %s: ", command->name,
		    param->metavar ? param->metavar : param->name);
	open_line(wb, strbuf_z(&label), NULL, STR(""));
	open_choice(wb);
}

void wb_prompt(struct workbench *wb, const char *label, const char *history,
	       struct str preset, void (*fn)(struct view *view, struct str text),
	       struct view *view)
{
	question_close(wb);
	wb->question = (struct question){ .fn = fn, .view = view };
	open_line(wb, label, history, preset);
}

void wb_confirm(struct workbench *wb, void (*fn)(struct view *view, struct str unused),
		struct view *view, const char *fmt, ...)
{
	va_list ap;

	question_close(wb);
	wb->question = (struct question){ .yes_no = true, .fn = fn, .view = view };
	va_start(ap, fmt);
	vsnprintf(wb->question.label, sizeof(wb->question.label), fmt, ap);
	va_end(ap);
	wb->redraw = true;
}

static bool can_choose(const struct question *q)
{
	return q->complete || q->command;
}

/* Keys of the list, wherever they stand in what the terminal sent, are not the line's. */
void question_feed(struct workbench *wb, struct str bytes)
{
	wb->redraw = true;
	while (bytes.n && wb->question.line) {
		struct str move = STR(""), text = bytes, rest = bytes;

		for (size_t i = 0; can_choose(&wb->question) && i < bytes.n && !move.n;
		     i++) {
			rest = str_from(bytes, i);
			text = str_n(bytes.p, i);
			move = choice_key(&rest);
		}
		if (!move.n)
			text = bytes, rest = STR("");
		if (text.n)
			line_feed(wb->question.line, text);
		if (wb->question.choice)
			narrow(wb, line_text(wb->question.line));
		if (move.n && wb->question.choice)
			choice_move(wb->question.choice, move);
		else if (move.n)
			open_choice(wb);
		bytes = rest;
	}
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
	question_close(wb);
}

static void draw_offer(const struct surface *s, int y, const struct completion *c)
{
	int x;

	surface_clear_line(s, 0, y);
	x = surface_text(s, 2, y, STYLE_STRONG, c->text);
	surface_text(s, x + 4 > 26 ? x + 4 : 26, y, STYLE_DIM, c->note);
}

/* Choices of a Tab stand above the line, as many as fit. */
static void draw_choices(const struct workbench *wb, const struct surface *bottom)
{
	const struct completions *found = line_choices(wb->question.line);
	struct surface s = { 0, 1, bottom->w, bottom->y - 1 };
	int rows = (int)found->n < s.h - 1 ? (int)found->n : s.h - 1;

	if (found->n < 2)
		return;
	for (int i = 0; i < rows; i++)
		draw_offer(&s, s.h - rows + i, &found->v[i]);
	if ((int)found->n > rows)
		surface_textf(&s, s.w - 12, s.h - 1, STYLE_DIM, "  %zu more  ",
			      found->n - (size_t)rows);
}

/* The list to choose from: the best at the top, and how many there are. */
static void draw_choice(const struct choice *c, const struct surface *bottom)
{
	struct surface s = { 0, 1, bottom->w, bottom->y - 1 };
	int rows = (int)choice_rows(c) < s.h - 1 ? (int)choice_rows(c) : s.h - 1;
	STRBUF_AUTO(count, 64);

	for (int i = 0; i < rows; i++) {
		bool cursor;
		const struct completion *row = choice_row(c, (size_t)i, &cursor);

		draw_offer(&s, s.h - rows + i, row);
		if (cursor)
			surface_emphasise(&s, s.h - rows + i, EMPHASIS_CURSOR);
	}
	strbuf_addf(&count, "%zu of %zu", choice_fitting(c), choice_all(c));
	surface_text(bottom, bottom->w - (int)count.n - 1, 0, STYLE_DIM,
		     strbuf_str(&count));
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
	if (q->choice)
		draw_choice(q->choice, bottom);
	else
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
