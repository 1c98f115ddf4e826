/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of commands and what is done with a line of words: split, find, bind, run.
 */
#include <glob.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/source.h"
#include "commands.h"

enum { COMMANDS_MAX = 256, WORDS_MAX = 4096 };

/* One array a cmd_*.c file, a line each, so that branches meet without a conflict. */
/* clang-format off */
static const struct command *const groups[] = {
	commands_am,
	commands_apply,
	commands_check,
	commands_du,
	commands_export,
	commands_hugepages,
	commands_import,
	commands_meta,
	commands_note,
	commands_rej,
	commands_run,
	commands_series,
	commands_source,
	commands_sync,
	commands_task,
	commands_threads,
};
/* clang-format on */

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct command *const *)a)->name,
		      (*(const struct command *const *)b)->name);
}

const struct command *const *command_list(size_t *ret_n)
{
	static const struct command *all[COMMANDS_MAX];
	static size_t n;

	if (!n) {
		for (size_t g = 0; g < ARRAY_SIZE(groups); g++)
			for (const struct command *c = groups[g]; c->name; c++)
				all[n++] = c;
		qsort(all, n, sizeof(all[0]), by_name);
	}
	*ret_n = n;
	return all;
}

/* Does `name` ("rej take") stand at the front of the words? How many words is it? */
static size_t match_name(struct str name, const struct str *words, size_t n)
{
	struct str word;
	size_t used = 0;

	while (str_word(&name, &word)) {
		if (used >= n || !str_eq(words[used], word))
			return 0;
		used++;
	}
	return used;
}

const struct command *command_find(const struct str *words, size_t n, size_t *ret_used)
{
	const struct command *hit = NULL;
	size_t count, best = 0;
	const struct command *const *all = command_list(&count);

	for (size_t i = 0; i < count; i++) {
		size_t used = match_name(str_of(all[i]->name), words, n);

		if (used > best) {
			best = used;
			hit = all[i];
		}
	}
	*ret_used = best;
	return hit;
}

/* One sample; a source of shares gets a first one and its period to measure over. */
static bool run_source(struct ctx *ctx, const struct args *args, struct result *ret,
		       struct err *err)
{
	const struct source_ops *ops = args->command->source;
	void *self = arena_alloc(ctx->arena, ops->size);
	struct record *record = NULL;
	bool ok;

	if (!ops->open(self, ctx, args, err))
		return false;
	ok = ops->sample(self, ctx->arena, &record, err);
	if (ok && ops->warm_up) {
		usleep((useconds_t)ops->period_ms * 1000);
		ok = ops->sample(self, ctx->arena, &record, err);
	}
	ops->close(self);
	if (ok)
		*ret = (struct result){ .kind = RESULT_RECORD, .record = record };
	return ok;
}

bool command_run(struct ctx *ctx, const struct args *args, struct result *ret,
		 struct err *err)
{
	*ret = (struct result){ 0 };
	if (args->command->run)
		return args->command->run(ctx, args, ret, err);
	return run_source(ctx, args, ret, err);
}

/* Append one shell word to `word`; false for an open quote. */
static bool take_word(struct str *rest, struct strbuf *word)
{
	char quote = 0;

	while (rest->n) {
		char c = rest->p[0];

		if (!quote && (c == ' ' || c == '\t' || c == '\n'))
			break;
		*rest = str_from(*rest, 1);
		if (c == quote) {
			quote = 0;
		} else if (!quote && (c == '\'' || c == '"')) {
			quote = c;
		} else if (c == '\\' && quote != '\'' && rest->n) {
			strbuf_addc(word, rest->p[0]);
			*rest = str_from(*rest, 1);
		} else {
			strbuf_addc(word, c);
		}
	}
	return !quote;
}

bool command_split(struct arena *a, struct str line, struct str **ret, size_t *ret_n,
		   struct err *err)
{
	struct {
		struct str *v;
		size_t n, cap;
	} words = { 0 };

	for (line = str_trim(line); line.n; line = str_trim(line)) {
		STRBUF_AUTO(word, 1 << 20);

		if (!take_word(&line, &word))
			return err_set(err, ERR_USAGE,
				       "reading the command: a quote is open");
		if (words.n >= WORDS_MAX)
			return err_set(err, ERR_LIMIT,
				       "reading the command: more than %d words",
				       WORDS_MAX);
		*ARENA_PUSH(a, &words) = arena_str(a, strbuf_str(&word));
	}
	*ret = words.v;
	*ret_n = words.n;
	return true;
}

/* A beginning, a part, a longer form, or a slip of the fingers. */
static bool may_mean(struct str typed, struct str name)
{
	return str_starts(name, typed) || str_starts(typed, name) ||
	       (typed.n > 2 && str_find(name, typed) >= 0) ||
	       str_edits(typed, name, false) <= (typed.n > 3 ? 2 : 1);
}

bool command_unknown(struct str name, struct err *err)
{
	STRBUF_AUTO(near, 200);
	size_t n;
	const struct command *const *all = command_list(&n);

	for (size_t i = 0; i < n; i++) {
		struct str known = str_of(all[i]->name);

		if (str_chr(known, ' ') < 0 && may_mean(name, known))
			strbuf_addf(&near, "%s" STR_FMT, near.n ? ", " : "",
				    STR_ARG(known));
	}
	err_set(err, ERR_USAGE, "unknown command: " STR_FMT, STR_ARG(name));
	return err_hint(err, "%s%s%skcrib help lists all commands",
			near.n ? "did you mean " : "", strbuf_z(&near),
			near.n ? "? " : "");
}

static bool takes_paths(const struct command *cmd)
{
	for (const struct param *p = cmd->params; p && p->name; p++)
		if (p->type == &argtype_path && !(p->flags & PARAM_OPTION))
			return true;
	return false;
}

/* "~/series/" and "*.patch" where a command takes paths: on the command line a shell has
 * done that. A word that names nothing stays as it is. */
static bool expand_paths(struct arena *a, struct str **words, size_t *n, struct err *err)
{
	struct {
		struct str *v;
		size_t n, cap;
	} all = { 0 };

	for (size_t i = 0; i < *n; i++) {
		struct str word = (*words)[i];
		glob_t found = { 0 };

		if (str_starts(word, STR("-")) ||
		    glob(arena_cstr(a, word), GLOB_NOESCAPE | GLOB_TILDE, NULL, &found))
			*ARENA_PUSH(a, &all) = word;
		for (size_t k = 0; k < found.gl_pathc && all.n <= WORDS_MAX; k++)
			*ARENA_PUSH(a, &all) = arena_str(a, str_of(found.gl_pathv[k]));
		globfree(&found);
	}
	if (all.n > WORDS_MAX)
		return err_set(err, ERR_LIMIT, "reading the command: more than %d words",
			       WORDS_MAX);
	*words = all.v;
	*n = all.n;
	return true;
}

bool command_eval(struct ctx *ctx, struct str line, struct result *ret, struct err *err)
{
	const struct command *cmd;
	struct args args;
	struct str *words;
	size_t n, used;

	*ret = (struct result){ 0 };
	if (!command_split(ctx->arena, line, &words, &n, err))
		return false;
	if (!n)
		return true;
	cmd = command_find(words, n, &used);
	if (!cmd) {
		return command_unknown(words[0], err);
	}
	words += used;
	n -= used;
	return (!takes_paths(cmd) || expand_paths(ctx->arena, &words, &n, err)) &&
	       command_bind(ctx, cmd, words, n, &args, err) &&
	       command_run(ctx, &args, ret, err);
}
