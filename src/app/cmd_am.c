/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kcrib am: the options of git am, its words and its exit codes (0, or 128 when it
 * stopped), over repo/session.h. With --json one object a mail, with its hunks.
 */
#include <unistd.h>

#include "commands.h"
#include "patch_result.h"
#include "repo/session.h"

enum { EXIT_STOPPED = 128 };

/* ---- what is told while it runs ---- */

struct talk {
	struct ctx *ctx;
	struct table *mails;
};

static void out(void *arg, struct str text)
{
	struct talk *t = arg;

	ctx_raw(t->ctx, t->ctx->json, text);
}

static void errout(void *arg, struct str text)
{
	struct talk *t = arg;

	ctx_raw(t->ctx, true, text);
}

static bool ask(void *arg, char *line, size_t size)
{
	fflush(stdout);
	return fgets(line, (int)size, stdin) != NULL;
}

static bool cancelled(void *arg)
{
	struct talk *t = arg;

	return ctx_cancelled(t->ctx);
}

static const struct column mail_columns[] = {
	{ "number", "#", CELL_INT, 0, 0, 0, "the mail's place in the series" },
	{ "status", "Status", CELL_TEXT, 0, 0, 0,
	  "applied, stopped, skipped, empty, already" },
	{ "commit", "Commit", CELL_TEXT, 0, 0, 12, "the commit that was made" },
	{ "subject", "Subject", CELL_TEXT, COLUMN_FLEX, 0, 0,
	  "first line of the message" },
	{ "threeway", "3-way", CELL_BOOL, COLUMN_HIDDEN, 0, 0,
	  "by a three-way merge of whole files" },
	{ "hunks", "Hunks", CELL_TABLE, COLUMN_NOTABLE, 0, 0, "each hunk and its fate" },
};

static void mail_done(void *arg, const struct session_mail *m)
{
	struct talk *t = arg;
	struct row *row;

	if (!t->ctx->json)
		return;
	row = table_add(t->mails);
	row_set(t->mails, row, "number", cell_int(m->number));
	row_set(t->mails, row, "status", cell_text(str_of(m->status)));
	if (m->commit)
		row_set(t->mails, row, "commit",
			cell_text(arena_str(t->ctx->arena, str_of(m->commit))));
	row_set(t->mails, row, "subject",
		cell_text(arena_str(t->ctx->arena, m->subject)));
	row_set(t->mails, row, "threeway", cell_bool(m->threeway));
	row_set(t->mails, row, "hunks",
		cell_table(hunk_table(t->ctx->arena, m->applied)));
}

/* ---- options ---- */

static bool bad_value(struct ctx *ctx, const struct arg *arg, struct err *err)
{
	return err_set(err, ERR_USAGE, "invalid value for '--%s': '" STR_FMT "'",
		       arg->param->name, STR_ARG(arg->value.text));
}

/* A word out of `words`; its place in the list. */
static bool one_of(const char *const *words, struct str text, int *ret)
{
	for (int i = 0; words[i]; i++) {
		if (str_eq(text, str_of(words[i]))) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static bool set_empty(struct ctx *ctx, struct session_options *o, const struct arg *arg,
		      struct err *err)
{
	static const char *const words[] = { "stop", "drop", "keep", NULL };
	int i;

	if (!one_of(words, arg->value.text, &i))
		return bad_value(ctx, arg, err);
	o->empty = (enum session_empty)i;
	return true;
}

static bool set_quoted_cr(struct ctx *ctx, struct session_options *o,
			  const struct arg *arg, struct err *err)
{
	static const char *const words[] = { "warn", "nowarn", "strip", NULL };

	if (!one_of(words, arg->value.text, &o->quoted_cr))
		return err_set(err, ERR_USAGE,
			       "bad action '" STR_FMT "' for '--quoted-cr'",
			       STR_ARG(arg->value.text));
	return true;
}

static bool set_format(struct ctx *ctx, struct session_options *o, const struct arg *arg,
		       struct err *err)
{
	o->format = arg->negated ? MAIL_FORMAT_UNKNOWN : mail_format_of(arg->value.text);
	if (!arg->negated && !o->format)
		return bad_value(ctx, arg, err);
	return true;
}

static bool set_keep(struct ctx *ctx, struct session_options *o, const struct arg *arg,
		     struct err *err)
{
	o->keep = arg->negated                        ? MAIL_KEEP_NOTHING
		  : !strcmp(arg->param->name, "keep") ? MAIL_KEEP_SUBJECT
						      : MAIL_KEEP_NONPATCH;
	return true;
}

static bool set_scissors(struct ctx *ctx, struct session_options *o,
			 const struct arg *arg, struct err *err)
{
	o->scissors = !arg->negated;
	return true;
}

static bool set_keep_cr(struct ctx *ctx, struct session_options *o, const struct arg *arg,
			struct err *err)
{
	o->keep_cr = !arg->negated;
	return true;
}

static bool set_rerere(struct ctx *ctx, struct session_options *o, const struct arg *arg,
		       struct err *err)
{
	o->rerere = !arg->negated;
	return true;
}

static bool set_signoff(struct ctx *ctx, struct session_options *o, const struct arg *arg,
			struct err *err)
{
	o->signoff = o->sign_off_now = !arg->negated;
	return true;
}

static bool set_gpg_sign(struct ctx *ctx, struct session_options *o,
			 const struct arg *arg, struct err *err)
{
	o->sign_key = arg->negated     ? NULL
		      : arg->has_value ? arena_cstr(ctx->arena, arg->value.text)
				       : "";
	return true;
}

static bool set_resolvemsg(struct ctx *ctx, struct session_options *o,
			   const struct arg *arg, struct err *err)
{
	o->resolvemsg = arg->negated ? NULL : arena_cstr(ctx->arena, arg->value.text);
	return true;
}

/* Handed on to apply, in the form git keeps it in. */
static bool pass_on(struct ctx *ctx, struct session_options *o, const struct arg *arg,
		    struct err *err)
{
	const struct param *p = arg->param;
	struct am_apply_options check = am_apply_options_default();
	struct str word;

	if (arg->negated)
		word = arena_strf(ctx->arena, "--no-%s", p->name);
	else if (p->flags & PARAM_SWITCH)
		word = arena_strf(ctx->arena, "--%s", p->name);
	else if (p->letter)
		word = arena_strf(ctx->arena, "-%c" STR_FMT, p->letter,
				  STR_ARG(arg->value.text));
	else
		word = arena_strf(ctx->arena, "--%s=" STR_FMT, p->name,
				  STR_ARG(arg->value.text));
	if (!am_apply_option(&check, word, ctx->arena, err))
		return false;
	*ARENA_PUSH(ctx->arena, &o->apply) = word;
	return true;
}

#define FLAG(member)                                                                     \
	static bool set_##member(struct ctx *ctx, struct session_options *o,             \
				 const struct arg *arg, struct err *err)                 \
	{                                                                                \
		o->member = !arg->negated;                                               \
		return true;                                                             \
	}
FLAG(interactive)
FLAG(threeway)
FLAG(quiet)
FLAG(utf8)
FLAG(message_id)
FLAG(committer_date_is_author_date)
FLAG(ignore_date)
FLAG(dry_run)

static bool set_nothing(struct ctx *ctx, struct session_options *o, const struct arg *arg,
			struct err *err)
{
	return true;
}

/* ---- the table of options ---- */

enum {
	SWITCH = PARAM_OPTION | PARAM_SWITCH,
	EITHER = SWITCH | PARAM_NEGATABLE,
	VALUE = PARAM_OPTION,
	EACH = PARAM_OPTION | PARAM_MANY,
	MAYBE = PARAM_OPTION | PARAM_OPTVALUE,
};

static const struct param params[] = {
	{ "interactive", 'i', EITHER, NULL, NULL, "ask before each patch", NULL },
	{ "3way", '3', EITHER, NULL, NULL, "fall back on a three-way merge", NULL },
	{ "quiet", 'q', EITHER, NULL, NULL, "only errors", NULL },
	{ "signoff", 's', EITHER, NULL, NULL, "add a Signed-off-by line", NULL },
	{ "utf8", 'u', EITHER, NULL, NULL, "recode messages to UTF-8 (as usual)", NULL },
	{ "keep", 'k', EITHER, NULL, NULL, "leave the subject as it is", NULL },
	{ "keep-non-patch", 0, EITHER, NULL, NULL,
	  "leave brackets without PATCH in the subject", NULL },
	{ "message-id", 'm', EITHER, NULL, NULL, "add the Message-Id to the message",
	  NULL },
	{ "keep-cr", 0, EITHER, NULL, NULL, "leave CR at line ends", NULL },
	{ "scissors", 'c', EITHER, NULL, NULL, "drop what stands above a scissors line",
	  NULL },
	{ "quoted-cr", 0, VALUE, &argtype_text, "ACTION",
	  "CR LF in base64: warn, nowarn or strip", NULL },
	{ "whitespace", 0, EACH, &argtype_text, "ACTION",
	  "nowarn, warn, fix, error, error-all", NULL },
	{ "ignore-space-change", 0, SWITCH, NULL, NULL, "blanks in context may differ",
	  NULL },
	{ "ignore-whitespace", 0, SWITCH, NULL, NULL, "the same", NULL },
	{ "directory", 0, EACH, &argtype_path, "ROOT", "put this before all paths",
	  NULL },
	{ "exclude", 0, EACH, &argtype_text, "PATTERN", "leave these paths alone", NULL },
	{ "include", 0, EACH, &argtype_text, "PATTERN", "touch only these paths", NULL },
	{ "context", 'C', EACH, &argtype_text, "N", "lines of context that must fit",
	  NULL },
	{ "strip", 'p', EACH, &argtype_text, "N", "leading folders to cut off paths",
	  NULL },
	{ "patch-format", 0, VALUE | PARAM_NEGATABLE, &argtype_text, "FORMAT",
	  "mbox, mboxrd, stgit, stgit-series or hg", NULL },
	{ "reject", 0, EITHER, NULL, NULL,
	  "apply what is certain, keep the rest as rejects", NULL },
	{ "resolvemsg", 0, VALUE | PARAM_NEGATABLE, &argtype_text, "TEXT",
	  "say this when it stops", NULL },
	{ "continue", 0, SWITCH, NULL, NULL, "go on: the patch is resolved", NULL },
	{ "resolved", 'r', SWITCH, NULL, NULL, "the same", NULL },
	{ "skip", 0, SWITCH, NULL, NULL, "leave this patch out and go on", NULL },
	{ "abort", 0, SWITCH, NULL, NULL, "give up: everything as it was before", NULL },
	{ "quit", 0, SWITCH, NULL, NULL, "give up: everything as it is now", NULL },
	{ "show-current-patch", 0, MAYBE, &argtype_text, "diff|raw",
	  "show the patch it stopped at", NULL },
	{ "allow-empty", 0, SWITCH, NULL, NULL, "record the empty patch as a commit",
	  NULL },
	{ "retry", 0, SWITCH, NULL, NULL, "try the patch it stopped at once more", NULL },
	{ "committer-date-is-author-date", 0, EITHER, NULL, NULL,
	  "take the author's date for both", NULL },
	{ "ignore-date", 0, EITHER, NULL, NULL, "take the present for the author's date",
	  NULL },
	{ "rerere-autoupdate", 0, EITHER, NULL, NULL, "stage what rerere resolved",
	  NULL },
	{ "gpg-sign", 'S', MAYBE | PARAM_NEGATABLE, &argtype_text, "KEY", "sign commits",
	  NULL },
	{ "empty", 0, VALUE, &argtype_text, "ACTION",
	  "mails without a patch: stop, drop or keep", NULL },
	{ "dry-run", 'n', EITHER, NULL, NULL, "say what would happen, write nothing",
	  NULL },
	{ "verify", 0, EITHER | PARAM_HIDDEN, NULL, NULL, "run hooks (as usual)", NULL },
	{ "binary", 'b', EITHER | PARAM_HIDDEN, NULL, NULL, "no longer needed", NULL },
	{ "mbox", 0, PARAM_MANY, &argtype_path, "MBOX|MAILDIR",
	  "mails; - or none: standard input", NULL },
	{ 0 },
};

static const struct {
	const char *name;
	bool (*set)(struct ctx *ctx, struct session_options *o, const struct arg *arg,
		    struct err *err);
} setters[] = {
	{ "interactive", set_interactive },
	{ "3way", set_threeway },
	{ "quiet", set_quiet },
	{ "signoff", set_signoff },
	{ "utf8", set_utf8 },
	{ "keep", set_keep },
	{ "keep-non-patch", set_keep },
	{ "message-id", set_message_id },
	{ "keep-cr", set_keep_cr },
	{ "scissors", set_scissors },
	{ "quoted-cr", set_quoted_cr },
	{ "whitespace", pass_on },
	{ "ignore-space-change", pass_on },
	{ "ignore-whitespace", pass_on },
	{ "directory", pass_on },
	{ "exclude", pass_on },
	{ "include", pass_on },
	{ "context", pass_on },
	{ "strip", pass_on },
	{ "patch-format", set_format },
	{ "reject", pass_on },
	{ "resolvemsg", set_resolvemsg },
	{ "committer-date-is-author-date", set_committer_date_is_author_date },
	{ "ignore-date", set_ignore_date },
	{ "rerere-autoupdate", set_rerere },
	{ "gpg-sign", set_gpg_sign },
	{ "empty", set_empty },
	{ "dry-run", set_dry_run },
	{ "verify", set_nothing },
	{ "binary", set_nothing },
};

static bool set_options(struct ctx *ctx, const struct args *args,
			struct session_options *o, struct err *err)
{
	for (size_t i = 0; i < args->n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(setters); k++)
			if (!strcmp(args->v[i].param->name, setters[k].name) &&
			    !setters[k].set(ctx, o, &args->v[i], err))
				return false;
	if (ctx->quiet && !args_given(args, "quiet"))
		o->quiet = true;
	return true;
}

/* ---- what to do ---- */

enum mode {
	MODE_NONE,
	MODE_CONTINUE,
	MODE_SKIP,
	MODE_ABORT,
	MODE_QUIT,
	MODE_SHOW_RAW,
	MODE_SHOW_DIFF,
	MODE_ALLOW_EMPTY,
	MODE_RETRY,
};

static const struct {
	const char *name;
	enum mode mode;
} modes[] = {
	{ "continue", MODE_CONTINUE }, { "resolved", MODE_CONTINUE },
	{ "skip", MODE_SKIP },         { "abort", MODE_ABORT },
	{ "quit", MODE_QUIT },         { "allow-empty", MODE_ALLOW_EMPTY },
	{ "retry", MODE_RETRY },       { "show-current-patch", MODE_SHOW_RAW },
};

static bool find_mode(const struct args *args, enum mode *ret, struct err *err)
{
	const char *first = NULL;

	*ret = MODE_NONE;
	for (size_t i = 0; i < args->n; i++) {
		const struct arg *arg = &args->v[i];
		enum mode mode = MODE_NONE;

		for (size_t k = 0; k < ARRAY_SIZE(modes); k++)
			if (!strcmp(arg->param->name, modes[k].name))
				mode = modes[k].mode;
		if (!mode)
			continue;
		if (mode == MODE_SHOW_RAW && arg->has_value) {
			if (str_eq(arg->value.text, STR("diff")))
				mode = MODE_SHOW_DIFF;
			else if (!str_eq(arg->value.text, STR("raw")))
				return bad_value(NULL, arg, err);
		}
		if (*ret && *ret != mode)
			return err_set(
				err, ERR_USAGE,
				"options '--%s' and '--%s' cannot be used together",
				first, arg->param->name);
		*ret = mode;
		first = arg->param->name;
	}
	return true;
}

static bool start(struct session *s, struct ctx *ctx, const struct args *args, int *code,
		  struct err *err)
{
	struct {
		const char **v;
		size_t n, cap;
	} paths = { 0 };
	const struct value *v;

	if (session_is_stray(s))
		return err_set(err, ERR_CONFLICT,
			       "Stray %s directory found.\n"
			       "Use \"git am --abort\" to remove it.",
			       session_folder(s));
	for (size_t i = 0; (v = args_nth(args, "mbox", i)); i++)
		*ARENA_PUSH(ctx->arena, &paths) = arena_cstr(ctx->arena, v->text);
	if (session_options(s)->interactive && !paths.n)
		return err_set(err, ERR_USAGE,
			       "interactive mode requires patches on the command line");
	return session_start(s, paths.v, paths.n, code, err);
}

static bool show(struct session *s, struct ctx *ctx, bool raw, struct result *result,
		 struct err *err)
{
	STRBUF_AUTO(text, (size_t)1 << 30);

	if (!session_show(s, raw, &text, err))
		return false;
	result->kind = RESULT_BYTES;
	result->bytes = arena_str(ctx->arena, strbuf_str(&text));
	return true;
}

static bool resume(struct session *s, struct ctx *ctx, enum mode mode,
		   struct result *result, struct err *err)
{
	int *code = &result->exit_code;

	switch (mode) {
	case MODE_CONTINUE:
	case MODE_ALLOW_EMPTY:
		return session_continue(s, mode == MODE_ALLOW_EMPTY, code, err);
	case MODE_SKIP:
		return session_skip(s, code, err);
	case MODE_ABORT:
		return session_abort(s, code, err);
	case MODE_QUIT:
		return session_quit(s, err);
	case MODE_SHOW_RAW:
	case MODE_SHOW_DIFF:
		return show(s, ctx, mode == MODE_SHOW_RAW, result, err);
	case MODE_NONE:
	case MODE_RETRY:
		break;
	}
	return session_retry(s, code, err);
}

static bool act(struct session *s, struct ctx *ctx, const struct args *args,
		struct result *result, struct err *err)
{
	enum mode mode;

	if (!find_mode(args, &mode, err))
		return false;
	if (session_in_progress(s)) {
		if (args_nth(args, "mbox", 0) || (mode == MODE_NONE && !isatty(0)))
			return err_set(err, ERR_CONFLICT,
				       "previous rebase directory %s still exists but "
				       "mbox given.",
				       session_folder(s));
		if (mode != MODE_ABORT && mode != MODE_QUIT && session_is_stuck(s, err))
			return false;
		return resume(s, ctx, mode, result, err);
	}
	if (session_is_stray(s) && (mode == MODE_ABORT || mode == MODE_QUIT))
		return resume(s, ctx, mode, result, err);
	if (mode != MODE_NONE && !session_is_stray(s))
		return err_set(err, ERR_CONFLICT,
			       "Resolve operation not in progress, we are not resuming.");
	return start(s, ctx, args, &result->exit_code, err);
}

/* Its own questions, and those of gpg, are asked on the terminal. */
static bool act_and_ask(struct session *s, struct ctx *ctx, const struct args *args,
			struct result *result, struct err *err)
{
	const struct session_options *o = session_options(s);
	bool ok, asks;

	if (!set_options(ctx, args, session_options(s), err))
		return false;
	asks = o->interactive || o->sign_key;
	if (asks)
		ctx_terminal(ctx, TERMINAL_LENT);
	ok = act(s, ctx, args, result, err);
	if (asks)
		ctx_terminal(ctx, TERMINAL_BACK_WHEN_READ);
	return ok;
}

static void say_fatal(struct ctx *ctx, const struct err *err)
{
	const char *kind = err->code == ERR_USAGE ? "error" : "fatal";

	if (str_eq(str_of(err->msg), STR("Patch format detection failed.")))
		ctx_raw(ctx, true, arena_strf(ctx->arena, "%s\n", err->msg));
	else
		ctx_raw(ctx, true, arena_strf(ctx->arena, "%s: %s\n", kind, err->msg));
	if (err->hint[0])
		ctx_raw(ctx, true, arena_strf(ctx->arena, "hint: %s\n", err->hint));
}

static bool run_am(struct ctx *ctx, const struct args *args, struct result *result,
		   struct err *err)
{
	struct talk talk = { ctx, table_new(ctx->arena, mail_columns,
					    ARRAY_SIZE(mail_columns)) };
	const struct session_io io = { &talk, out, errout, ask, mail_done, cancelled };
	AUTO(repo) repo = NULL;
	AUTO(session) s = NULL;
	struct err why = { 0 };

	if (!repo_open(ctx->dir ? ctx->dir : ".", &repo, &why) ||
	    !session_open(repo, &io, &s, &why) ||
	    !act_and_ask(s, ctx, args, result, &why)) {
		say_fatal(ctx, &why);
		result->exit_code = why.code == ERR_USAGE ? 129 : EXIT_STOPPED;
	}
	if (ctx->json && result->kind == RESULT_NONE) {
		result->kind = RESULT_TABLE;
		result->table = talk.mails;
	}
	return true;
}

const struct command commands_am[] = {
	{ "am", "apply mailed patches as commits, as git am does",
	  "The commits are those that git am would make. With --reject, what is certain\n"
	  "is placed even where context changed or history says that the file has\n"
	  "another name now, and the rest becomes rejects: see kcrib rej. State is git's\n"
	  "own, so that git am --continue can go on.\n"
	  "Exits 0 when all is done, 128 when it stopped.",
	  params, COMMAND_CHANGES | COMMAND_TERMINAL, run_am, NULL },
	{ 0 },
};
