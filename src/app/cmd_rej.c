/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kcrib rej: what found no place, and what becomes of it.
 */
#include <unistd.h>

#include "base/spawn.h"
#include "commands.h"
#include "repo/rejects.h"

struct opened {
	struct repo *repo;
	struct session *session;
	struct rejects *rejects;
};

static void opened_close(struct opened *o)
{
	rejects_free(o->rejects);
	session_free(o->session);
	repo_free(o->repo);
}

static bool open_rejects(struct ctx *ctx, struct opened *o, struct err *err)
{
	static const struct session_io silent = { 0 };
	const char *dir = ctx->dir ? ctx->dir : ".";
	struct err why = { 0 };

	if (!repo_open(dir, &o->repo, &why) && why.code != ERR_NOTFOUND) {
		*err = why;
		return false;
	}
	/* Without an identity there is no am, but there may be rejects. */
	if (o->repo && !repo_is_bare(o->repo) &&
	    !session_open(o->repo, &silent, &o->session, &why))
		o->session = NULL;
	return rejects_open_list(o->repo, o->session, dir, &o->rejects, err);
}

static const struct column candidate_columns[] = {
	{ "line", "Line", CELL_INT, 0, 0, 0, "where it would go, in the file as it is" },
	{ "score", "Score", CELL_REAL, 0, 0, 0, "share of the old lines that stand there" },
	{ "engine", "Engine", CELL_TEXT, 0, 0, 0, "what found the place" },
	{ "path", "Path", CELL_TEXT, COLUMN_FLEX, 0, 0, "another file, where it is one" },
};

static const struct column columns[] = {
	{ "id", "Id", CELL_INT, 0, 0, 0, "for kcrib rej take, drop, edit" },
	{ "status", "Status", CELL_TEXT, 0, 0, 0, "open, taken, dropped, edited" },
	{ "path", "Path", CELL_TEXT, COLUMN_FLEX, 0, 0, "the file the patch names" },
	{ "file_now", "Now", CELL_TEXT, COLUMN_HIDDEN, 0, 0, "what that file is called now" },
	{ "header", "Hunk", CELL_TEXT, 0, 0, 40, "the hunk's header" },
	{ "cause", "Cause", CELL_TEXT, 0, 0, 0, "why it found no place" },
	{ "why", "Why", CELL_TEXT, COLUMN_HIDDEN, 0, 0, "the cause in a sentence" },
	{ "candidates", "Places", CELL_TABLE, COLUMN_NOTABLE, 0, 0, "best first" },
};

static struct table *candidate_table(struct arena *a, const struct reject *x)
{
	struct table *t = table_new(a, candidate_columns, ARRAY_SIZE(candidate_columns));

	for (size_t i = 0; i < x->place.n_candidates; i++) {
		const struct place_candidate *c = &x->place.candidates[i];
		struct row *row = table_add(t);

		row_set(t, row, "line", cell_int((int64_t)c->line));
		row_set(t, row, "score", cell_real(c->score));
		row_set(t, row, "engine", cell_text(str_of(place_engine_name(c->engine))));
		if (c->path.n)
			row_set(t, row, "path", cell_text(arena_str(a, c->path)));
	}
	return t;
}

static struct str header_of(struct arena *a, const struct reject *x)
{
	STRBUF_AUTO(text, 65536);

	if (x->hunk)
		hunk_print_header(x->hunk, &text);
	else
		strbuf_addz(&text, "the whole file");
	return arena_str(a, strbuf_str(&text));
}

static bool add_row(struct ctx *ctx, struct table *t, struct opened *o, struct reject *x,
		    struct err *err)
{
	struct row *row = table_add(t);
	struct arena *a = ctx->arena;

	if (x->status == REJECT_OPEN && !rejects_look(o->rejects, x, err))
		return false;
	row_set(t, row, "id", cell_int(x->id));
	row_set(t, row, "status", cell_text(str_of(reject_status_name(x->status))));
	row_set(t, row, "path", cell_text(arena_str(a, x->path)));
	if (x->file_now.n)
		row_set(t, row, "file_now", cell_text(arena_str(a, x->file_now)));
	row_set(t, row, "header", cell_text(header_of(a, x)));
	if (x->status == REJECT_OPEN) {
		row_set(t, row, "cause",
			cell_text(str_of(place_cause_name(x->place.cause))));
		row_set(t, row, "why", cell_text(arena_str(a, x->place.why)));
	}
	row_set(t, row, "candidates", cell_table(candidate_table(a, x)));
	row->mark = x->status == REJECT_OPEN ? MARK_BAD : MARK_DIM;
	row->ref = (struct ref){ REF_HUNK, arena_strf(a, "%u", x->id) };
	return true;
}

static bool run_list(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	struct table *t = table_new(ctx->arena, columns, ARRAY_SIZE(columns));
	struct opened o = { 0 };
	struct reject *v;
	bool ok = open_rejects(ctx, &o, err);
	size_t n = 0;

	t->empty = "no rejects: neither an am that stopped on some, nor .rej files below "
		   "this folder";
	if (ok)
		v = rejects_list(o.rejects, &n);
	for (size_t i = 0; ok && i < n; i++) {
		result->exit_code |= v[i].status == REJECT_OPEN;
		ok = add_row(ctx, t, &o, &v[i], err);
	}
	opened_close(&o);
	result->kind = RESULT_TABLE;
	result->table = t;
	return ok;
}

/* Open the list and find the reject that the argument names. */
static bool find(struct ctx *ctx, const struct args *args, struct opened *o,
		 struct reject **ret, struct err *err)
{
	return open_rejects(ctx, o, err) &&
	       rejects_find(o->rejects, (unsigned)args_int(args, "id", 0), ret, err);
}

static void done(struct ctx *ctx, struct result *result, const struct reject *x,
		 struct str where)
{
	struct record *r = record_new(ctx->arena);

	result->said = arena_strf(ctx->arena, "reject %u: %s" STR_FMT, x->id,
				  reject_status_name(x->status), STR_ARG(where));
	record_set(r, "id", "Reject", cell_int(x->id));
	record_set(r, "status", "Status", cell_text(str_of(reject_status_name(x->status))));
	record_set(r, "path", "Path", cell_text(arena_str(ctx->arena, x->path)));
	result->kind = RESULT_RECORD;
	result->record = r;
}

static void show_result(struct ctx *ctx, struct opened *o, struct reject *x,
			struct strbuf *b)
{
	for (size_t i = 0; i < x->place.n_candidates; i++) {
		const struct place_candidate *c = &x->place.candidates[i];

		strbuf_addf(b, "candidate %zu: " STR_FMT " line %zu, score %.2f, %s\n",
			    i + 1, STR_ARG(c->path.n ? c->path : x->file_now), c->line,
			    c->score, place_engine_name(c->engine));
		for (size_t k = 0; k < c->n_edits; k++) {
			strbuf_addf(b, "  at line %zu: -%zu lines\n", c->edits[k].line + 1,
				    c->edits[k].n_old);
			for (size_t m = 0; m < c->edits[k].n_new; m++)
				strbuf_addf(b, "  +" STR_FMT "\n",
					    STR_ARG(str_chomp(c->edits[k].new[m])));
		}
	}
}

static bool run_show(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	struct table *t = table_new(ctx->arena, columns, ARRAY_SIZE(columns));
	STRBUF_AUTO(text, (size_t)64 << 20);
	struct opened o = { 0 };
	struct reject *x;
	bool ok = find(ctx, args, &o, &x, err) && rejects_look(o.rejects, x, err) &&
		  add_row(ctx, t, &o, x, err);

	if (ok && ctx->json) {
		result->kind = RESULT_TABLE;
		result->table = t;
	} else if (ok) {
		strbuf_addf(&text, "reject %u, %s: " STR_FMT "\n", x->id,
			    reject_status_name(x->status), STR_ARG(x->place.why));
		strbuf_add(&text, x->text);
		show_result(ctx, &o, x, &text);
		result->kind = RESULT_BYTES;
		result->bytes = arena_str(ctx->arena, strbuf_str(&text));
	}
	opened_close(&o);
	return ok;
}

static bool run_take(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	int64_t n = args_int(args, "candidate", 1), line = args_int(args, "line", 0);
	struct opened o = { 0 };
	struct reject *x;
	bool ok = find(ctx, args, &o, &x, err);

	if (ok && (n < 1 || line < 0))
		ok = err_set(err, ERR_USAGE, "rej take: candidates and lines count from 1");
	if (ok)
		ok = line ? rejects_take_at(o.rejects, x, (size_t)line, err) :
			    rejects_take(o.rejects, x, (size_t)n - 1, err);
	if (ok)
		done(ctx, result, x, STR(""));
	opened_close(&o);
	return ok;
}

static bool run_drop(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	struct opened o = { 0 };
	struct reject *x;
	bool ok = find(ctx, args, &o, &x, err) && rejects_drop(o.rejects, x, err);

	if (ok)
		done(ctx, result, x, STR(""));
	opened_close(&o);
	return ok;
}

static const char *editor(void)
{
	static const char *const names[] = { "GIT_EDITOR", "VISUAL", "EDITOR" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (getenv(names[i]) && getenv(names[i])[0])
			return getenv(names[i]);
	return "vi";
}

/* The user's editor is a shell line (git-var(1)); "+N" goes to a line. */
static bool edit_file(struct ctx *ctx, struct str path, size_t line, struct err *err)
{
	const char *tool = editor();
	const char *argv[] = { "sh", "-c", arena_printf(ctx->arena, "%s \"$@\"", tool),
			       tool, arena_printf(ctx->arena, "+%zu", line),
			       arena_cstr(ctx->arena, path), NULL };
	struct spawn what = { .argv = argv, .inherit_stdin = true };
	int status;

	if (!spawn_run(&what, &status, err))
		return false;
	return !status || err_set(err, ERR_IO, "editing " STR_FMT ": %s failed",
				  STR_ARG(path), tool);
}

static bool run_edit(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	struct opened o = { 0 };
	struct reject *x;
	struct str path;
	size_t line;
	bool ok = find(ctx, args, &o, &x, err) &&
		  rejects_edit_begin(o.rejects, x, &path, &line, err) &&
		  edit_file(ctx, path, line, err) && rejects_edit_end(o.rejects, x, err);

	if (ok)
		done(ctx, result, x, STR(""));
	opened_close(&o);
	return ok;
}

static bool run_undo(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	struct opened o = { 0 };
	struct reject *x;
	unsigned id;
	bool ok = open_rejects(ctx, &o, err) && rejects_undo(o.rejects, &id, err) &&
		  rejects_find(o.rejects, id, &x, err);

	if (ok)
		done(ctx, result, x, STR(" again"));
	opened_close(&o);
	return ok;
}

#define ID                                                                               \
	{                                                                                \
		"id", 0, PARAM_REQUIRED, &argtype_int, "ID", "as kcrib rej lists it", NULL \
	}

const struct command commands_rej[] = {
	{ "rej", "the rejects of the am in progress, or the .rej files below this folder",
	  "Exits 1 while some are open.", NULL, 0, run_list, NULL },
	{ "rej drop", "leave this hunk out", NULL, (const struct param[]){ ID, { 0 } },
	  COMMAND_CHANGES, run_drop, NULL },
	{ "rej edit", "put it in by hand, in the editor", NULL,
	  (const struct param[]){ ID, { 0 } }, COMMAND_CHANGES | COMMAND_TERMINAL, run_edit,
	  NULL },
	{ "rej show", "one reject: what it is, why, and where it may belong", NULL,
	  (const struct param[]){ ID, { 0 } }, 0, run_show, NULL },
	{ "rej take", "put it where a candidate says",
	  "The first candidate is taken when none is named.",
	  (const struct param[]){ ID,
				  { "candidate", 0, PARAM_OPTION, &argtype_int, "N",
				    "the N-th candidate", NULL },
				  { "line", 0, PARAM_OPTION, &argtype_int, "LINE",
				    "at this line of the file instead", NULL },
				  { 0 } },
	  COMMAND_CHANGES, run_take, NULL },
	{ "rej undo", "take back the last decision", NULL, NULL, COMMAND_CHANGES, run_undo,
	  NULL },
	{ 0 },
};
