/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command of a note being filled in: the whole command as it grows, its fields, what it
 * may do; then copied, put on the prompt line that kcrib was opened over, or run after a
 * yes. Values are typed on
 * readline's line, with the completions of their type.
 */
#include "app/form.h"
#include "base/utf8.h"
#include "store/note_store.h"
#include "workbench_priv.h"

struct form_state {
	struct form *form;
	size_t number;
	bool asking;
};

static struct form_state *state(const struct view *view)
{
	return view->state;
}

/* ---- asking for values ------------------------------------------------------- */

static void ask(struct view *view);

static void candidates(const struct question *q, struct arena *a, struct completions *ret)
{
	struct form_state *f = state(q->view);

	form_complete(f->form, form_at(f->form), a, STR(""), ret);
}

static void got_value(struct view *view, struct str text)
{
	struct form_state *f = state(view);
	struct err err;

	f->asking = false;
	view->dirty = true;
	if (!form_set(f->form, form_at(f->form), text, &err)) {
		wb_error(view->wb, &err);
		return;
	}
	form_next(f->form);
	ask(view);
}

/* There it stands, editable: nothing runs before Enter is pressed in the shell. */
static void put_on_prompt(struct view *view)
{
	struct form_state *f = state(view);
	struct workbench *wb = view->wb;
	struct err err;

	if (!form_command(f->form, wb->arena, wb->dialect, &wb->chosen, &err)) {
		wb_error(wb, &err);
		return;
	}
	form_remember(f->form);
	note_used(ctx_store(wb->ctx, &err), form_slug(f->form), NOTE_COPIED);
	wb->quit = true;
}

static void ask(struct view *view)
{
	struct form_state *f = state(view);
	const struct form_field *field;
	STRBUF_AUTO(label, 200);

	if (form_at(f->form) >= form_count(f->form)) {
		if (view->wb->for_prompt)
			put_on_prompt(view);
		return;
	}
	field = form_field(f->form, form_at(f->form));
	utf8_add_safe(&label, field->name, false);
	strbuf_addf(&label, " (" STR_FMT "): ", STR_ARG(field->type));
	f->asking = true;
	/* values used before are among the completions */
	wb_prompt(view->wb, strbuf_z(&label), NULL,
		  field->value.p ? field->value : field->preset, got_value, view);
	question_offer(view->wb);
	question_complete(view->wb, candidates);
}

/* ---- drawing ----------------------------------------------------------------- */

static int draw_command(const struct form_state *f, const struct surface *s, int y)
{
	AUTO(arena) a = arena_new();
	struct doc *d = doc_new(a), *wrapped;
	struct str command;
	struct err err;

	if (!form_command(f->form, a, DIALECT_SH, &command, &err)) {
		surface_textf(s, 3, y, STYLE_BAD, "%s", err.msg);
		return y + 1;
	}
	STR_EACH_LINE (line, command) {
		doc_line(d, LINE_TEXT)->hang = 2;
		doc_span(d, STYLE_CODE, line);
	}
	wrapped = doc_wrap(a, d, s->w > 8 ? (size_t)s->w - 6 : 2);
	for (size_t i = 0; i < wrapped->n && y < s->h; i++)
		surface_line(s, 3, y++, &wrapped->v[i], 0);
	return y;
}

static int draw_fields(const struct form_state *f, const struct surface *s, int y)
{
	size_t width = 0;

	for (size_t i = 0; i < form_count(f->form); i++)
		if (utf8_width(form_field(f->form, i)->name) > width)
			width = utf8_width(form_field(f->form, i)->name);
	for (size_t i = 0; i < form_count(f->form) && y < s->h; i++, y++) {
		const struct form_field *field = form_field(f->form, i);
		bool now = i == form_at(f->form);

		surface_text(s, 3, y, now ? STYLE_STRONG : STYLE_DIM, field->name);
		if (field->value.p)
			surface_text(s, 5 + (int)width, y, STYLE_TEXT, field->value);
		else
			surface_textf(s, 5 + (int)width, y, STYLE_DIM, "<" STR_FMT ">",
				      STR_ARG(field->type));
	}
	return y;
}

static void draw(const struct view *view, const struct surface *s)
{
	const struct form_state *f = state(view);
	AUTO(arena) a = arena_new();
	struct danger danger = form_danger(f->form, a);
	int y = 1;

	surface_textf(s, 1, 0, STYLE_HEAD1, "command %zu of " STR_FMT, f->number,
		      STR_ARG(form_slug(f->form)));
	y = draw_command(f, s, y + 1) + 1;
	y = draw_fields(f, s, y) + 1;
	if (danger.level != DANGER_NONE)
		surface_textf(s, 3, y,
			      danger.level == DANGER_ROOT ? STYLE_WARN : STYLE_BAD,
			      "%s: " STR_FMT,
			      danger.level == DANGER_ROOT ? "needs root" : "destroys",
			      STR_ARG(danger.why));
}

static const char *const *sections(const struct view *view)
{
	static const char *const names[] = { "form", NULL };
	static const char *const over_prompt[] = { "form-prompt", "form", NULL };

	return view->wb->for_prompt ? over_prompt : names;
}

/* ---- actions ----------------------------------------------------------------- */

static bool finished(struct view *view, struct arena *a, struct str *ret)
{
	struct form_state *f = state(view);
	struct err err;

	if (form_at(f->form) < form_count(f->form)) {
		ask(view);
		return false;
	}
	if (form_command(f->form, a, DIALECT_SH, ret, &err))
		return true;
	wb_error(view->wb, &err);
	return false;
}

static void act_copy(struct view *view, struct str arg)
{
	AUTO(arena) a = arena_new();
	struct str command;

	if (!finished(view, a, &command))
		return;
	wb_copy(view->wb, command, "the command");
	form_remember(state(view)->form);
}

static void run_now(struct view *view, struct str unused)
{
	struct form_outcome outcome;
	struct err err;
	bool ok;

	ok = form_run(state(view)->form, false, &outcome, &err);
	if (ok)
		wb_say(view->wb, outcome.exit_code ? STYLE_WARN : STYLE_GOOD,
		       "exit code %d after %.1f s", outcome.exit_code, outcome.seconds);
	else
		wb_error(view->wb, &err);
	wb_notice(view->wb, NOTICE_TREE);
}

static void ask_twice(struct view *view, struct str unused)
{
	wb_confirm(view->wb, run_now, view,
		   "it needs root or destroys something: really run it?");
}

/* The whole command stands on the screen; a dangerous one is asked for twice. */
static void act_run(struct view *view, struct str arg)
{
	struct form_state *f = state(view);
	AUTO(arena) a = arena_new();
	struct str command;
	struct danger danger;
	struct err err;

	if (!finished(view, a, &command))
		return;
	if (!form_may_run(f->form, &err)) {
		wb_error(view->wb, &err);
		return;
	}
	danger = form_danger(f->form, a);
	wb_confirm(view->wb, danger.level != DANGER_NONE ? ask_twice : run_now, view,
		   "run the command above?");
}

static void act_back_field(struct view *view, struct str arg)
{
	if (form_back(state(view)->form))
		ask(view);
	else
		wb_say(view->wb, STYLE_TEXT, "this is the first value");
}

static void act_fill(struct view *view, struct str arg)
{
	AUTO(arena) a = arena_new();
	struct str command;

	if (finished(view, a, &command))
		act_run(view, arg);
}

static void act_prompt(struct view *view, struct str arg)
{
	ask(view);
}

static const struct action actions[] = {
	{ "fill", act_fill },
	{ "put-on-prompt", act_prompt },
	{ "copy-command", act_copy },
	{ "run-command", act_run },
	{ "back-field", act_back_field },
	{ 0 },
};

const struct view_ops form_view_ops = {
	.name = "a command",
	.sections = sections,
	.size = sizeof(struct form_state),
	.actions = actions,
	.draw = draw,
};

void form_view_open(struct workbench *wb, struct str slug, size_t number)
{
	struct view *view = view_new(wb, &form_view_ops, NULL);
	struct form_state *f = state(view);
	struct err err;

	f->number = number;
	if (!form_open(wb->ctx, view->arena, slug, number, &f->form, &err)) {
		arena_free(view->arena);
		wb_error(wb, &err);
		return;
	}
	if (wb_push_view(wb, view))
		ask(view);
}
