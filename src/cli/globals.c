/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options that every command has: see globals.h. They may stand before or after the
 * command's name; what a command calls its own is left to it.
 */
#include "globals.h"
#include "app/command.h"

static bool set_json(struct globals *g, const char *value)
{
	g->ctx->json = true;
	return true;
}

static bool set_quiet(struct globals *g, const char *value)
{
	g->ctx->quiet = true;
	return true;
}

static bool set_root(struct globals *g, const char *value)
{
	g->ctx->root_dir = value;
	return true;
}

static bool set_db(struct globals *g, const char *value)
{
	g->ctx->db = value;
	return true;
}

static bool set_dir(struct globals *g, const char *value)
{
	g->ctx->dir = value;
	return true;
}

static bool set_help(struct globals *g, const char *value)
{
	g->help = true;
	return true;
}

static bool set_version(struct globals *g, const char *value)
{
	g->version = true;
	return true;
}

static bool set_color(struct globals *g, const char *value)
{
	static const char *const names[] = { "auto", "always", "never" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(value, names[i])) {
			g->color = (enum color)i;
			return true;
		}
	}
	return false;
}

const struct global_option global_options[] = {
	{ "--json", 0, NULL, "print one JSON value and nothing else", set_json },
	{ "--root", 0, "DIR", "read /proc and /sys below DIR", set_root },
	{ "--db", 0, "FILE", "keep the notes in FILE", set_db },
	{ NULL, 'C', "DIR", "run as if started in DIR", set_dir },
	{ "--color", 0, "WHEN", "auto, always or never; NO_COLOR counts for auto",
	  set_color },
	{ "--quiet", 'q', NULL, "say nothing of the progress", set_quiet },
	{ "--help", 'h', NULL, "what the command does and takes", set_help },
	{ "--version", 0, NULL, "the version of kcrib", set_version },
	{ 0 },
};

static bool is_letter(const struct global_option *opt, struct str word)
{
	return opt->letter && word.n == 2 && word.p[0] == '-' && word.p[1] == opt->letter;
}

/* Does the command itself have this option? Then it is not ours. */
static bool is_commands_own(const struct command *cmd, const struct global_option *opt)
{
	for (const struct param *p = cmd ? cmd->params : NULL; p && p->name; p++)
		if (p->flags & PARAM_OPTION &&
		    ((opt->name && !strcmp(p->name, opt->name + 2)) ||
		     (opt->letter && p->letter == opt->letter)))
			return true;
	return false;
}

/* The option that `word` names; `*ret_glued` is what stands behind its "=", or NULL. */
static const struct global_option *find(const struct command *cmd, struct str word,
					const char **ret_glued)
{
	for (const struct global_option *opt = global_options; opt->help; opt++) {
		struct str rest = word;

		*ret_glued = NULL;
		if (is_commands_own(cmd, opt))
			continue;
		/* behind a command that passes words on, "-q" is such a word */
		if ((!cmd || !(cmd->flags & COMMAND_PASS)) && is_letter(opt, word))
			return opt;
		if (opt->name && str_eq(word, str_of(opt->name)))
			return opt;
		if (opt->name && opt->metavar && str_skip(&rest, str_of(opt->name)) &&
		    str_skip(&rest, STR("="))) {
			*ret_glued = rest.p;
			return opt;
		}
	}
	return NULL;
}

bool globals_read(struct globals *g, int argc, char **argv, struct str *words,
		  size_t *ret_n, struct err *err)
{
	const struct command *cmd = NULL;
	size_t n = 0, used;
	bool plain = false; /* after "--" */

	for (int i = 1; i < argc; i++) {
		struct str word = str_of(argv[i]);
		const struct global_option *opt;
		const char *value = NULL;

		opt = plain ? NULL : find(cmd, word, &value);
		if (!opt) {
			plain |= str_eq(word, STR("--"));
			words[n++] = word;
			/* options before the command's name are all global */
			if (!str_starts(word, STR("-")))
				cmd = command_find(words, n, &used);
			continue;
		}
		if (opt->metavar && !value)
			value = argv[++i]; /* NULL behind the last one */
		if (opt->metavar && !value)
			return err_set(err, ERR_USAGE,
				       "option " STR_FMT ": a value is missing",
				       STR_ARG(word));
		if (!opt->set(g, value))
			return err_set(err, ERR_USAGE,
				       "option " STR_FMT ": unknown value \"%s\"",
				       STR_ARG(word), value);
	}
	*ret_n = n;
	return true;
}
