/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a key's or the prompt's words to what happens: actions of the view, actions of the
 * workbench, commands; and what a command answered, on the screen.
 */
#include <signal.h>

#include "terminal.h"
#include "workbench_priv.h"

/* ---- commands ---- */

/* "%pid" and its like stand for the subject. */
static const struct {
	struct str name;
	enum ref_kind kind;
} subjects[] = {
	{ STR("%note"), REF_NOTE },     { STR("%pid"), REF_PID },
	{ STR("%tid"), REF_TID },       { STR("%path"), REF_PATH },
	{ STR("%hunk"), REF_HUNK },     { STR("%patch"), REF_PATCH },
	{ STR("%commit"), REF_COMMIT }, { STR("%vm"), REF_VM },
	{ STR("%knob"), REF_KNOB },     { STR("%tag"), REF_TAG },
};

void wb_add_quoted(struct strbuf *b, struct str id)
{
	strbuf_addc(b, '\'');
	for (size_t i = 0; i < id.n; i++) {
		if (id.p[i] == '\'')
			strbuf_addz(b, "'\\''");
		else
			strbuf_addc(b, id.p[i]);
	}
	strbuf_addc(b, '\'');
}

/* The subject as `kind`: a thread "PID/TID" is also its process. */
static bool as_kind(struct ref ref, enum ref_kind kind, struct str *ret)
{
	ptrdiff_t slash = str_chr(ref.id, '/');

	*ret = ref.id;
	if (ref.kind == REF_TID && kind == REF_PID && slash > 0)
		*ret = str_n(ref.id.p, (size_t)slash);
	else if (ref.kind != kind)
		return false;
	return true;
}

/* Fill %kind from the view's subject; false when the subject is of another kind. */
static bool fill_in(struct workbench *wb, const struct view *view, struct str command,
		    struct strbuf *b)
{
	struct ref ref = { 0 };

	if (view && view->ops->subject)
		ref = view->ops->subject(view);
	while (command.n) {
		size_t i = 0;
		struct str id;

		while (i < ARRAY_SIZE(subjects) && !str_starts(command, subjects[i].name))
			i++;
		if (i == ARRAY_SIZE(subjects)) {
			strbuf_addc(b, command.p[0]);
			command = str_from(command, 1);
			continue;
		}
		if (!as_kind(ref, subjects[i].kind, &id)) {
			wb_say(wb, STYLE_WARN, "there is no %s under the cursor",
			       subjects[i].name.p + 1);
			return false;
		}
		wb_add_quoted(b, id);
		command = str_from(command, subjects[i].name.n);
	}
	return true;
}

void wb_show(struct workbench *wb, const struct result *result, struct arena *arena,
	     struct str title)
{
	struct record *record;

	switch (result->kind) {
	case RESULT_DOC:
		wb_push_view(wb, doc_view_new(wb, result->doc, arena, title));
		return;
	case RESULT_RECORD:
		wb_push_view(wb, panel_view_new(wb, result->record, arena, title));
		return;
	case RESULT_TABLE:
		record = record_new(arena);
		record_set(record, "rows", "", cell_table(result->table));
		wb_push_view(wb, panel_view_new(wb, record, arena, title));
		return;
	case RESULT_BYTES: {
		struct doc *doc = doc_new(arena);

		STR_EACH_LINE (line, result->bytes) {
			doc_line(doc, LINE_TEXT);
			doc_span(doc, STYLE_TEXT, line);
		}
		wb_push_view(wb, doc_view_new(wb, doc, arena, title));
		return;
	}
	case RESULT_NONE:
		break;
	}
	arena_free(arena);
}

/* The view that shows what a command is about, alive: that of its tab, or a panel for a
 * source. NULL: its result is shown once. */
static const struct view_ops *view_for(const struct workbench *wb,
				       const struct command *cmd)
{
	for (size_t t = 0; t < TABS; t++)
		if (wb->tabs[t].ops && wb->tabs[t].command &&
		    !strcmp(cmd->name, wb->tabs[t].command))
			return wb->tabs[t].ops;
	return cmd->source ? &panel_view_ops : NULL;
}

static bool try_view(struct workbench *wb, struct arena *arena, struct str line,
		     struct err *err)
{
	const struct view_ops *ops;
	const struct command *cmd;
	struct args args;
	struct str *words;
	size_t n, used;

	if (!command_split(arena, line, &words, &n, err) || !n)
		return false;
	cmd = command_find(words, n, &used);
	if (cmd && cmd->flags & COMMAND_JOB) {
		wb_push_view(wb, doc_view_run(wb, line));
		return true;
	}
	ops = cmd ? view_for(wb, cmd) : NULL;
	if (!ops)
		return false;
	if (!command_bind(wb->ctx, cmd, words + used, n - used, &args, err) ||
	    !wb_push(wb, ops, &args, err))
		wb_error(wb, err);
	return true;
}

void wb_eval(struct workbench *wb, struct str line)
{
	struct arena *before = wb->ctx->arena, *arena = arena_new();
	struct str text = arena_str(arena, str_trim(line));
	struct result result;
	struct err err;

	snprintf(wb->last_command, sizeof(wb->last_command), STR_FMT, STR_ARG(text));
	wb->stop = false;
	wb->ctx->arena = arena;
	if (try_view(wb, arena, text, &err)) {
		wb->ctx->arena = before;
		arena_free(arena);
		return;
	}
	wb->running = true;
	if (command_eval(wb->ctx, text, &result, &err)) {
		if (result.said.n)
			wb_say(wb, STYLE_TEXT, STR_FMT, STR_ARG(result.said));
		wb->ctx->arena = before;
		wb_notice(wb, NOTICE_NOTES);
		wb_show(wb, &result, arena, text);
	} else {
		wb_error(wb, &err);
		wb->ctx->arena = before;
		arena_free(arena);
	}
	wb->running = false;
	wb->redraw = true;
}

static void open_note(struct workbench *wb, const struct ref *ref)
{
	wb_go_to_tab(wb, 0);
	while (wb->tabs[0].n > 1)
		wb_pop(wb);
	if (wb_top(wb)->ops == &note_view_ops)
		note_view_show(wb_top(wb), ref->id);
	else if (wb_top(wb)->ops == &note_wait_ops)
		note_wait_for(wb_top(wb), ref->id);
}

static void open_command(struct workbench *wb, const struct ref *ref)
{
	wb_eval(wb, ref->id);
}

static void open_url(struct workbench *wb, const struct ref *ref)
{
	wb_copy(wb, ref->id, ref->id.p);
}

static void open_pid(struct workbench *wb, const struct ref *ref)
{
	wb_eval(wb, arena_strf(wb->arena, "threads " STR_FMT, STR_ARG(ref->id)));
}

static void open_tid(struct workbench *wb, const struct ref *ref)
{
	wb_eval(wb, arena_strf(wb->arena, "threads detail " STR_FMT, STR_ARG(ref->id)));
}

static void open_source(struct workbench *wb, const struct ref *ref)
{
	wb_eval(wb, arena_strf(wb->arena, "source " STR_FMT, STR_ARG(ref->id)));
}

void wb_open_ref(struct workbench *wb, const struct ref *ref)
{
	static void (*const openers[])(struct workbench *, const struct ref *) = {
		[REF_NOTE] = open_note, [REF_COMMAND] = open_command,
		[REF_URL] = open_url,   [REF_PID] = open_pid,
		[REF_TID] = open_tid,   [REF_SOURCE] = open_source,
	};

	if ((size_t)ref->kind < ARRAY_SIZE(openers) && openers[ref->kind])
		openers[ref->kind](wb, ref);
	else
		wb_say(wb, STYLE_TEXT, STR_FMT, STR_ARG(ref->id));
}

/* ---- actions of the workbench ---- */

static void act_back(struct workbench *wb, struct view *view, struct str arg)
{
	wb_pop(wb);
}

static void act_quit(struct workbench *wb, struct view *view, struct str arg)
{
	wb->quit = true;
}

static void act_prompt(struct workbench *wb, struct view *view, struct str arg)
{
	STRBUF_AUTO(preset, 1 << 16);

	if (!fill_in(wb, view, arg, &preset))
		return;
	/* what follows is typed behind it */
	if (preset.n && !str_ends(strbuf_str(&preset), STR(" ")))
		strbuf_addc(&preset, ' ');
	question_prompt(wb, strbuf_str(&preset));
}

/* "choose threads": from a list that narrows, its first argument. */
static void act_choose(struct workbench *wb, struct view *view, struct str arg)
{
	const struct param *param;
	const struct command *command;
	size_t used;

	command = command_find(&arg, 1, &used);
	param = command ? command->params : NULL;
	if (param && param->name && param->type && param->type->complete)
		question_choose(wb, command);
	else
		wb_say(wb, STYLE_WARN, "\"" STR_FMT "\" has nothing to choose from",
		       STR_ARG(arg));
}

static void act_help(struct workbench *wb, struct view *view, struct str arg)
{
	struct arena *arena = arena_new();

	wb_push_view(wb,
		     doc_view_new(wb, frame_help(arena, wb, view), arena, STR("Keys")));
}

static void act_tab(struct workbench *wb, struct view *view, struct str arg)
{
	for (size_t t = 0; t < TABS; t++)
		if (str_eq(arg, str_of(wb->tabs[t].name)))
			wb_go_to_tab(wb, t);
}

static void act_next_tab(struct workbench *wb, struct view *view, struct str arg)
{
	wb_go_to_tab(wb, (wb->tab + 1) % TABS);
}

static void act_previous_tab(struct workbench *wb, struct view *view, struct str arg)
{
	wb_go_to_tab(wb, (wb->tab + TABS - 1) % TABS);
}

static void act_redraw(struct workbench *wb, struct view *view, struct str arg)
{
	term_redraw_all();
	wb->redraw = true;
}

static void act_suspend(struct workbench *wb, struct view *view, struct str arg)
{
	wb_suspend(wb);
}

void wb_suspend(struct workbench *wb)
{
	term_suspend();
	raise(SIGSTOP);
	term_resume();
	wb_lay_out(wb);
	wb->redraw = true;
}

static void act_repeat(struct workbench *wb, struct view *view, struct str arg)
{
	if (wb->last_command[0])
		wb_eval(wb, str_of(wb->last_command));
}

static void act_copy(struct workbench *wb, struct view *view, struct str arg)
{
	struct ref ref =
		view && view->ops->subject ? view->ops->subject(view) : (struct ref){ 0 };

	if (ref.id.n)
		wb_copy(wb, ref.id, "it");
	else
		wb_say(wb, STYLE_WARN, "there is nothing to copy under the cursor");
}

/* Of several lines the first, and how many follow. */
static const char *shown_lines(struct arena *a, struct str text)
{
	struct str rest = text, line = STR("");
	size_t n = 0;

	str_line(&rest, &line);
	while (str_line(&rest, &(struct str){ 0 }))
		n++;
	return arena_printf(a, STR_FMT "%s", STR_ARG(str_chomp(line)),
			    n ? arena_printf(a, " and %zu lines more", n) : "");
}

static void act_shell_line(struct workbench *wb, struct view *view, struct str arg)
{
	STRBUF_AUTO(b, 1 << 16);

	if (view && view->ops->shell_line)
		view->ops->shell_line(view, &b);
	if (b.n)
		wb_copy(wb, strbuf_str(&b), shown_lines(view->arena, strbuf_str(&b)));
	else
		wb_say(wb, STYLE_WARN, "no shell line shows this");
}

static const struct {
	const char *name;
	void (*run)(struct workbench *wb, struct view *view, struct str arg);
} wb_actions[] = {
	{ "back", act_back },
	{ "stop", act_back },
	{ "quit", act_quit },
	{ "prompt", act_prompt },
	{ "choose", act_choose },
	{ "help", act_help },
	{ "tab", act_tab },
	{ "next-tab", act_next_tab },
	{ "previous-tab", act_previous_tab },
	{ "redraw", act_redraw },
	{ "suspend", act_suspend },
	{ "repeat", act_repeat },
	{ "copy", act_copy },
	{ "copy-shell-line", act_shell_line },
};

static bool run_action(struct view *view, const struct action *actions, struct str name,
		       struct str arg)
{
	for (const struct action *a = actions; a && a->name; a++) {
		if (str_eq(name, str_of(a->name))) {
			a->run(view, arg);
			return true;
		}
	}
	return false;
}

void wb_do(struct workbench *wb, struct view *view, struct str command)
{
	STRBUF_AUTO(filled, 1 << 16);
	struct str rest = command, name = STR("");

	str_word(&rest, &name);
	/* "prompt du " keeps its blank: what follows is typed behind it */
	(void)str_skip(&rest, STR(" "));
	if (view && (run_action(view, view->ops->actions, name, rest) ||
		     run_action(view, view->ops->more_actions, name, rest))) {
		wb->redraw = true;
		return;
	}
	if (view && view->ops->move && view->ops->move(view, name)) {
		wb->redraw = true;
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(wb_actions); i++) {
		if (str_eq(name, str_of(wb_actions[i].name))) {
			wb_actions[i].run(wb, view, rest);
			return;
		}
	}
	if (fill_in(wb, view, command, &filled))
		wb_eval(wb, strbuf_str(&filled));
}

void wb_command(struct workbench *wb, struct str line)
{
	AUTO(arena) a = arena_new();
	struct str *words;
	size_t n, used;
	struct err err;

	if (command_split(a, line, &words, &n, &err) && n &&
	    command_find(words, n, &used))
		wb_eval(wb, line);
	else
		wb_do(wb, wb_top(wb), line);
}
