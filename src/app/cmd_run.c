/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a note's commands from the command line: run, pick, trust, widget. What runs
 * was shown whole and was said yes to, on a terminal.
 */
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "app/form.h"
#include "app/trust.h"
#include "base/file.h"
#include "commands.h"
#include "note/markdown.h"
#include "store/note_store.h"
#include "store/search.h"

enum { PICK_HITS = 9 };

/* "thp#2" */
static bool split_target(struct str text, struct str *ret_slug, size_t *ret_number,
			 struct err *err)
{
	ptrdiff_t hash = str_rchr(text, '#');
	uint64_t number = 0;

	*ret_slug = hash < 0 ? text : str_n(text.p, (size_t)hash);
	if (hash >= 0 &&
	    (!str_to_u64(str_from(text, (size_t)hash + 1), &number) || !number))
		return err_set(err, ERR_USAGE, "\"" STR_FMT "\": after # comes a number",
			       STR_ARG(text));
	*ret_number = (size_t)number;
	return true;
}

/* NAME=VALUE words of the command line. */
static bool take_values(struct form *f, const struct args *args, struct err *err)
{
	const struct value *v;

	for (size_t i = 0; (v = args_nth(args, "value", i)); i++) {
		ptrdiff_t eq = str_chr(v->text, '=');
		struct str name = str_n(v->text.p, eq > 0 ? (size_t)eq : 0);
		size_t at = form_find(f, name);

		if (eq <= 0)
			return err_set(err, ERR_USAGE,
				       "\"" STR_FMT "\" is not NAME=VALUE",
				       STR_ARG(v->text));
		if (at == form_count(f))
			return err_set(err, ERR_USAGE,
				       "the command has no placeholder <" STR_FMT ">",
				       STR_ARG(name));
		if (!form_set(f, at, str_from(v->text, (size_t)eq + 1), err))
			return false;
	}
	return true;
}

/* "pid, such as 4211 (qemu), 4288" */
static const char *question(struct form *f, struct arena *a, size_t i)
{
	const struct form_field *field = form_field(f, i);
	struct completions list = { 0 };
	STRBUF_AUTO(b, 1024);

	form_complete(f, i, a, STR(""), &list);
	strbuf_add(&b, field->name);
	for (size_t k = 0; k < list.n && k < 8; k++)
		strbuf_addf(&b, "%s" STR_FMT "%s" STR_FMT, k ? ", " : " (",
			    STR_ARG(list.v[k].text), list.v[k].note.n ? " " : "",
			    STR_ARG(list.v[k].note));
	strbuf_addz(&b, list.n > 8 ? ", ...)" : list.n ? ")" : "");
	return arena_cstr(a, strbuf_str(&b));
}

/* Ask for what is missing; "<" goes back one field. */
static bool ask_values(struct ctx *ctx, struct form *f, bool use_presets, struct err *err)
{
	while (form_at(f) < form_count(f)) {
		size_t i = form_at(f);
		const struct form_field *field = form_field(f, i);
		struct str value = field->preset;

		if (field->value.p) {
			form_next(f);
			continue;
		}
		if (!ctx->interactive || use_presets) {
			if (!field->preset.n)
				return err_set(err, ERR_USAGE,
					       "a value for <" STR_FMT "> is missing",
					       STR_ARG(field->name));
		} else if (!ctx->ui.ask ||
			   !ctx->ui.ask(ctx->ui.arg, question(f, ctx->arena, i),
					field->preset, ctx->arena, &value)) {
			return err_set(err, ERR_CANCELLED, "left");
		}
		if (ctx->interactive && str_eq(value, STR("<"))) {
			form_back(f);
			continue;
		}
		if (!form_set(f, i, value, err)) {
			if (!ctx->interactive)
				return false;
			ctx_warn(ctx, "%s", err->msg);
			continue;
		}
		form_next(f);
	}
	return true;
}

static bool say_yes(struct ctx *ctx, struct form *f, struct str command, struct err *err)
{
	struct danger danger = form_danger(f, ctx->arena);

	if (!ctx->interactive) {
		err_set(err, ERR_DENIED,
			"running a command of " STR_FMT
			": nobody is at the terminal to say yes",
			STR_ARG(form_slug(f)));
		return err_hint(err, "--print writes the finished command instead");
	}
	ctx_say(ctx, STR_FMT, STR_ARG(command));
	if (danger.level != DANGER_NONE)
		ctx_warn(ctx, "careful: " STR_FMT, STR_ARG(danger.why));
	if (ctx_confirm(ctx, "Run it?") &&
	    (danger.level == DANGER_NONE ||
	     ctx_confirm(ctx, "Really? " STR_FMT ".", STR_ARG(danger.why))))
		return true;
	return err_set(err, ERR_CANCELLED, "not run");
}

static bool run_run(struct ctx *ctx, const struct args *args, struct result *result,
		    struct err *err)
{
	struct form_outcome outcome;
	struct str slug, command;
	struct form *f;
	size_t number = 0;

	if (!split_target(args_text(args, "command", STR("")), &slug, &number, err) ||
	    !form_open(ctx, ctx->arena, slug, number, &f, err))
		return false;
	/* refused before any question, and before any suggestion command */
	if (!args_has(args, "print") && !form_may_run(f, err))
		return false;
	if (!take_values(f, args, err) || !ask_values(ctx, f, false, err) ||
	    !form_command(f, ctx->arena, DIALECT_SH, &command, err))
		return false;
	if (args_has(args, "print")) {
		result->kind = RESULT_BYTES;
		result->bytes = arena_strf(ctx->arena, STR_FMT "\n", STR_ARG(command));
		return true;
	}
	if (!say_yes(ctx, f, command, err) ||
	    !form_run(f, args_has(args, "keep"), &outcome, err))
		return false;
	if (outcome.output.n) {
		result->kind = RESULT_BYTES;
		result->bytes = outcome.output;
	}
	result->exit_code = outcome.exit_code;
	result->said = arena_strf(ctx->arena, "exit code %d after %.2f s",
				  outcome.exit_code, outcome.seconds);
	return true;
}

/* ---- pick: for the prompt line of a shell ------------------------------------ */

/* A shell's line editor leaves the terminal raw; questions want whole lines. */
static bool cook_terminal(struct termios *ret_before)
{
	struct termios cooked;

	if (tcgetattr(STDIN_FILENO, ret_before) < 0)
		return false;
	cooked = *ret_before;
	cooked.c_lflag |= ICANON | ECHO | ECHOE | ISIG;
	cooked.c_iflag |= ICRNL;
	cooked.c_oflag |= OPOST | ONLCR;
	return tcsetattr(STDIN_FILENO, TCSANOW, &cooked) == 0;
}

static bool ask_line(struct ctx *ctx, const char *what, struct str preset,
		     struct str *ret, struct err *err)
{
	if (ctx->ui.ask && ctx->ui.ask(ctx->ui.arg, what, preset, ctx->arena, ret))
		return true;
	return err_set(err, ERR_CANCELLED, "left");
}

static bool pick_note(struct ctx *ctx, struct str words, struct str *ret_slug,
		      struct err *err)
{
	struct store *store = ctx_store(ctx, err);
	struct search_query query = { .text = words, .limit = PICK_HITS };
	struct search_result found = { 0 };
	struct str answer;
	AUTO(searcher) q = NULL;
	uint64_t n;

	if (!store || !searcher_open(store, &q, err) ||
	    !search_full(q, ctx->arena, &query, &found, err))
		return false;
	if (!found.n)
		return err_set(err, ERR_NOTFOUND, "no note fits \"" STR_FMT "\"",
			       STR_ARG(words));
	for (size_t i = 0; i < found.n; i++)
		ctx_warn(ctx, "%zu  " STR_FMT, i + 1, STR_ARG(found.v[i].title));
	if (!ask_line(ctx, "note", STR("1"), &answer, err))
		return false;
	if (!str_to_u64(answer, &n) || n < 1 || n > found.n)
		return err_set(err, ERR_USAGE, "no note number " STR_FMT,
			       STR_ARG(answer));
	*ret_slug = found.v[n - 1].slug;
	return true;
}

static bool pick_number(struct ctx *ctx, struct str slug, size_t *ret, struct err *err)
{
	struct note_commands list = { 0 };
	struct note note;
	struct str answer = STR("1");
	uint64_t n;

	if (!note_get(ctx_store(ctx, err), ctx->arena, slug, &note, err))
		return false;
	note_commands(ctx->arena, note.bytes, &list);
	for (size_t i = 0; i < list.n; i++)
		ctx_warn(ctx, "%zu  " STR_FMT, i + 1, STR_ARG(list.v[i].text));
	if (list.n > 1 && !ask_line(ctx, "command", STR("1"), &answer, err))
		return false;
	if (!str_to_u64(answer, &n) || n < 1 || n > list.n)
		return err_set(err, ERR_NOTFOUND, "no command number " STR_FMT,
			       STR_ARG(answer));
	*ret = (size_t)n;
	return true;
}

static bool pick(struct ctx *ctx, struct str words, enum shell_dialect dialect,
		 struct str *ret, struct err *err)
{
	struct form *f;
	struct str slug;
	size_t number = 0;

	if (!str_trim(words).n && !ask_line(ctx, "search", STR(""), &words, err))
		return false;
	if (!pick_note(ctx, words, &slug, err) || !pick_number(ctx, slug, &number, err) ||
	    !form_open(ctx, ctx->arena, slug, number, &f, err) ||
	    !ask_values(ctx, f, false, err) ||
	    !form_command(f, ctx->arena, dialect, ret, err))
		return false;
	form_remember(f);
	note_used(ctx_store(ctx, err), slug, NOTE_COPIED);
	return true;
}

/* By questions and answers in lines: for terminals that show no screen. */
static bool pick_in_lines(struct ctx *ctx, struct str words, enum shell_dialect dialect,
			  struct str *ret, struct err *err)
{
	struct termios before;
	bool cooked = cook_terminal(&before);
	bool ok = pick(ctx, words, dialect, ret, err);

	if (cooked)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	return ok;
}

static bool run_pick(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	enum shell_dialect dialect =
		str_eq(args_text(args, "shell", STR("")), STR("fish")) ? DIALECT_FISH
								       : DIALECT_SH;
	struct str command, text;
	STRBUF_AUTO(words, 4096);
	const struct value *v;
	bool chosen;

	for (size_t i = 0; (v = args_nth(args, "words", i)); i++)
		strbuf_addf(&words, "%s" STR_FMT, i ? " " : "", STR_ARG(v->text));
	if (!ctx->interactive)
		return err_set(err, ERR_DENIED, "pick: it needs a terminal to ask on");
	text = arena_str(ctx->arena, strbuf_str(&words));
	chosen = ctx->choose && ctx->choose(ctx, text, dialect, &command, err);
	if (!chosen && ctx->choose && err->code != ERR_DENIED)
		return false;
	if (!chosen && !pick_in_lines(ctx, text, dialect, &command, err))
		return false;
	result->kind = RESULT_BYTES;
	result->bytes = arena_strf(ctx->arena, STR_FMT "\n", STR_ARG(command));
	return true;
}

/* ---- widget ------------------------------------------------------------------ */

static const char widget_bash[] =
	"# kcrib: Ctrl-G opens it over the prompt; the chosen command stands there, editable.\n"
	"__kcrib_widget() {\n"
	"\tlocal chosen\n"
	"\tchosen=$(kcrib pick --shell bash -- \"$READLINE_LINE\" </dev/tty) || return\n"
	"\tREADLINE_LINE=$chosen\n"
	"\tREADLINE_POINT=${#chosen}\n"
	"}\n"
	"bind -x '\"\\C-g\": __kcrib_widget'\n";

static const char widget_zsh[] =
	"# kcrib: Ctrl-G opens it over the prompt; the chosen command stands there, editable.\n"
	"__kcrib_widget() {\n"
	"\tlocal chosen\n"
	"\tzle -I\n"
	"\tchosen=$(kcrib pick --shell zsh -- \"$BUFFER\" </dev/tty)\n"
	"\tif [[ -n $chosen ]]; then\n"
	"\t\tBUFFER=$chosen\n"
	"\t\tCURSOR=${#BUFFER}\n"
	"\tfi\n"
	"\tzle reset-prompt\n"
	"}\n"
	"zle -N __kcrib_widget\n"
	"bindkey '^G' __kcrib_widget\n";

static const char widget_fish[] =
	"# kcrib: Ctrl-G opens it over the prompt; the chosen command stands there, editable.\n"
	"function __kcrib_widget\n"
	"\tset -l chosen (kcrib pick --shell fish -- (commandline) </dev/tty | string collect)\n"
	"\tif test -n \"$chosen\"\n"
	"\t\tcommandline -r -- $chosen\n"
	"\tend\n"
	"\tcommandline -f repaint\n"
	"end\n"
	"bind \\cg __kcrib_widget\n";

static bool run_widget(struct ctx *ctx, const struct args *args, struct result *result,
		       struct err *err)
{
	static const struct {
		const char *shell, *text;
	} widgets[] = {
		{ "bash", widget_bash },
		{ "zsh", widget_zsh },
		{ "fish", widget_fish },
	};
	struct str shell = args_text(args, "shell", STR(""));

	for (size_t i = 0; i < ARRAY_SIZE(widgets); i++) {
		if (str_eq(shell, str_of(widgets[i].shell))) {
			result->kind = RESULT_BYTES;
			result->bytes = str_of(widgets[i].text);
			return true;
		}
	}
	return err_set(err, ERR_USAGE, "no widget for the shell " STR_FMT,
		       STR_ARG(shell));
}

/* ---- trust ------------------------------------------------------------------- */

static bool run_trust(struct ctx *ctx, const struct args *args, struct result *result,
		      struct err *err)
{
	struct str what = args_text(args, "what", STR(""));
	bool trusted = !args_has(args, "no");
	struct imports list;
	struct import *entry;
	char *folder;

	if (!imports_load(ctx, ctx->arena, &list, err))
		return false;
	entry = imports_find(&list, what);
	/* renamed since it was imported: it gets a line of its own */
	if (!entry && !note_is_trusted(ctx, what)) {
		entry = imports_add(&list, what);
		entry->format = STR("renamed");
		entry->path = STR("");
	}
	if (entry) {
		entry->trusted = trusted;
	} else {
		folder = str_chr(what, '/') >= 0
				 ? realpath(arena_cstr(ctx->arena, what), NULL)
				 : NULL;
		if (!folder)
			return err_set(
				err, ERR_NOTFOUND,
				"trust " STR_FMT
				": neither an imported note nor a folder (with a /)",
				STR_ARG(what));
		for (size_t i = 0; i < list.folders.n; i++)
			if (str_eq(list.folders.v[i], str_of(folder)))
				list.folders.v[i--] = list.folders.v[--list.folders.n];
		if (trusted)
			*ARENA_PUSH(ctx->arena, &list.folders) =
				arena_str(ctx->arena, str_of(folder));
		free(folder);
	}
	result->said = arena_strf(ctx->arena, STR_FMT " is %s", STR_ARG(what),
				  trusted ? "trusted" : "not trusted any more");
	return imports_save(ctx, &list, err);
}

static const char *const shells[] = { "bash", "zsh", "fish", NULL };

const struct command commands_run[] = {
	{ "run", "fill in a command of a note, show it, and run it after a yes",
	  "NAME=VALUE gives a placeholder its value; others are asked for on a terminal, "
	  "where \"<\" goes back one field. Nothing of an imported note runs before it is "
	  "trusted. The exit code is the command's.",
	  (const struct param[]){ { "command", 0, PARAM_REQUIRED, &argtype_text,
				    "SLUG[#N]",
				    "the note, and the number of the command in it" },
				  { "value", 0, PARAM_MANY, &argtype_text, "NAME=VALUE",
				    "values of placeholders" },
				  { "print", 0, PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
				    "only print the finished command" },
				  { "keep", 0, PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
				    "keep output, exit code and duration with the note" },
				  { 0 } },
	  COMMAND_TERMINAL | COMMAND_CHANGES, run_run, NULL },
	{ "pick", "choose and fill in a command, and print it for the prompt line",
	  "What kcrib widget binds to a key. The workbench opens on the terminal, or, where "
	  "that shows no screen, questions in lines; the finished command goes to standard "
	  "output and is not run.",
	  (const struct param[]){ { "words", 0, PARAM_MANY, &argtype_text, "WORDS",
				    "what to search for" },
				  { "shell", 0, PARAM_OPTION, &argtype_text, "SHELL",
				    "quote values for this shell", shells },
				  { 0 } },
	  COMMAND_TERMINAL, run_pick, NULL },
	{ "trust", "let an imported note, or all notes of a folder, run commands", NULL,
	  (const struct param[]){ { "what", 0, PARAM_REQUIRED, &argtype_text,
				    "SLUG|FOLDER",
				    "an imported note, or a folder (with a /)" },
				  { "no", 0, PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
				    "take the trust back" },
				  { 0 } },
	  COMMAND_CHANGES, run_trust, NULL },
	{ "widget", "print shell code that puts a chosen command on the prompt line",
	  "In ~/.bashrc: eval \"$(kcrib widget bash)\". In ~/.zshrc: eval \"$(kcrib widget "
	  "zsh)\". In config.fish: kcrib widget fish | source. The key is Ctrl-G.",
	  (const struct param[]){ { "shell", 0, PARAM_REQUIRED, &argtype_text, "SHELL",
				    "the shell", shells },
				  { 0 } },
	  0, run_widget, NULL },
	{ 0 },
};
