/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands about kcrib itself.
 */
#include "app/config.h"
#include "base/utf8.h"
#include "commands.h"

enum { COMPLETIONS_BYTES = 1 << 22 };

static bool run_help(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	const struct command *cmd = NULL;
	struct str words[8];
	const struct value *v;
	size_t n = 0, used;

	while (n < ARRAY_SIZE(words) && (v = args_nth(args, "command", n)))
		words[n++] = v->text;
	if (n) {
		cmd = command_find(words, n, &used);
		if (!cmd) {
			err_set(err, ERR_NOTFOUND, "help: no command \"" STR_FMT "\"",
				STR_ARG(words[0]));
			return err_hint(err, "kcrib help lists all commands");
		}
	}
	result->kind = RESULT_DOC;
	result->doc = command_help(ctx->arena, cmd);
	return true;
}

static bool run_config(struct ctx *ctx, const struct args *args, struct result *result,
		       struct err *err)
{
	static const struct column columns[] = {
		{ "key", "setting", CELL_TEXT, 0, 0, 0, "section.name of the setting" },
		{ "value", "value", CELL_TEXT, COLUMN_FLEX, 0, 0, "its value" },
	};
	struct table *t = table_new(ctx->arena, columns, ARRAY_SIZE(columns));
	struct str key, value;

	t->empty = "No settings: $XDG_CONFIG_HOME/kcrib/config is empty or absent.";
	for (size_t i = 0; config_nth(ctx_config(ctx), i, &key, &value); i++) {
		struct row *row = table_add(t);

		row_set(t, row, "key", cell_text(key));
		row_set(t, row, "value", cell_text(value));
	}
	result->kind = RESULT_TABLE;
	result->table = t;
	return true;
}

static bool run_ui(struct ctx *ctx, const struct args *args, struct result *result,
		   struct err *err)
{
	STRBUF_AUTO(view, 4096);
	const struct value *v;

	for (size_t i = 0; (v = args_nth(args, "view", i)); i++)
		strbuf_addf(&view, "%s" STR_FMT, i ? " " : "", STR_ARG(v->text));
	if (!ctx->workbench)
		return err_set(err, ERR_CONFLICT, "ui: the workbench is open already");
	return ctx->workbench(ctx, strbuf_str(&view), err);
}

/* One completion a line, a tab, and a few words about it: for the completions of shells.
 * What could act on a terminal is not offered. */
static bool run_complete(struct ctx *ctx, const struct args *args, struct result *result,
			 struct err *err)
{
	struct completions found;
	STRBUF_AUTO(b, COMPLETIONS_BYTES);
	size_t from;

	command_complete(ctx, ctx->arena, args_text(args, "line", STR("")), &from,
			 &found);
	for (size_t i = 0; i < found.n; i++) {
		if (!utf8_is_safe(found.v[i].text, false))
			continue;
		strbuf_add(&b, found.v[i].text);
		strbuf_addc(&b, '\t');
		utf8_add_safe(&b, found.v[i].note, false);
		strbuf_addc(&b, '\n');
	}
	if (!strbuf_ok(&b, "completing", err))
		return false;
	result->kind = RESULT_BYTES;
	result->bytes = arena_str(ctx->arena, strbuf_str(&b));
	result->exit_code = found.n ? 0 : 1;
	return true;
}

const struct command commands_meta[] = {
	{ "complete", "what could stand at the end of a command line", NULL,
	  (const struct param[]){ { "line", 0, PARAM_REQUIRED, &argtype_text, "LINE",
				    "the command line up to the cursor" },
				  { 0 } },
	  COMMAND_HIDDEN, run_complete, NULL },
	{ "help", "what a command does and takes", NULL,
	  (const struct param[]){ { "command", 0, PARAM_MANY, &argtype_command, "COMMAND",
				    "the command to explain; all of them without one" },
				  { 0 } },
	  0, run_help, NULL },
	{ "config", "the settings in force", NULL, NULL, 0, run_config, NULL },
	{ "ui", "open the workbench, at a view if one is named",
	  "Views: notes, patches, threads, pages, disk; words behind the name are the\n"
	  "arguments of the view's command: kcrib ui threads 4242.",
	  (const struct param[]){ { "view", 0, PARAM_MANY, &argtype_text, "VIEW [ARGS]",
				    "the view to open and what it shows" },
				  { 0 } },
	  COMMAND_TERMINAL, run_ui, NULL },
	{ 0 },
};
