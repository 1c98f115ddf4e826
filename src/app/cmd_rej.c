/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rejects on the command line: what found no place, why, and what to do with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/editor.h"
#include "app/rejects.h"
#include "base/file.h"
#include "commands.h"
#include "patch/am.h"
#include "patch/image.h"
#include "repo/history.h"

bool rejects_desk(struct ctx *ctx, struct desk **ret, struct err *err)
{
	const char *state;

	return file_xdg(ctx->arena, "XDG_STATE_HOME", ".local/state", "rejects", &state,
			err) &&
	       desk_open(".", state, ret, err);
}

struct str rejects_header(struct arena *a, const struct desk_item *item)
{
	static const char *const kinds[] = { "modify", "create", "delete", "rename",
					     "copy" };
	STRBUF_AUTO(b, 4096);

	if (!item->hunk)
		return str_of(item->patch.binary ? "binary" : kinds[item->patch.kind]);
	hunk_print_header(item->hunk, &b);
	return arena_str(a, strbuf_str(&b));
}

struct str rejects_why(struct arena *a, const struct desk_item *item)
{
	if (item->status != DESK_OPEN)
		return arena_strf(a, "%s by you", desk_status_name(item->status));
	if (!item->placed)
		return STR("looking for its place");
	if (item->place.why.n)
		return item->place.why;
	if (item->place.status != PLACE_REJECTED)
		return arena_strf(a, "it fits now, at line %zu", item->place.line);
	return str_of(place_cause_name(item->place.cause));
}

/* ---- a candidate as a diff --------------------------------------------------- */

static void add_side(struct strbuf *b, char kind, struct str line)
{
	strbuf_addc(b, kind);
	strbuf_add(b, line);
	if (!line.n || line.p[line.n - 1] != '\n')
		strbuf_addz(b, "\n\\ No newline at end of file\n");
}

static void one_edit(struct strbuf *b, const struct image *im, const struct place_edit *e,
		     size_t context, ptrdiff_t *shift)
{
	size_t from = e->line > context ? e->line - context : 0;
	size_t end = e->line + e->n_old;
	size_t to = end + context < im->n ? end + context : im->n;

	if (end > im->n)
		return;
	strbuf_addf(b, "@@ -%zu,%zu +%zu,%zu @@\n", from + 1, to - from,
		    (size_t)((ptrdiff_t)from + 1 + *shift),
		    to - from - e->n_old + e->n_new);
	for (size_t i = from; i < e->line; i++)
		add_side(b, ' ', im->lines[i]);
	for (size_t i = e->line; i < end; i++)
		add_side(b, '-', im->lines[i]);
	for (size_t i = 0; i < e->n_new; i++)
		add_side(b, '+', e->new[i]);
	for (size_t i = end; i < to; i++)
		add_side(b, ' ', im->lines[i]);
	*shift += (ptrdiff_t)e->n_new - (ptrdiff_t)e->n_old;
}

void rejects_candidate_diff(struct strbuf *b, struct arena *a, struct str bytes,
			    const struct place_candidate *c, size_t context)
{
	struct image im;
	ptrdiff_t shift = 0;

	if (!image_init(&im, bytes, a, NULL))
		return;
	for (size_t i = 0; i < c->n_edits; i++)
		one_edit(b, &im, &c->edits[i], context, &shift);
}

/* Row of the file, 1-based, where the change begins; without a place where the patch has
 * it. */
static size_t line_to_edit(const struct desk_item *item, const struct place_candidate *c)
{
	if (!c && item->place.n_candidates)
		c = &item->place.candidates[0];
	if (c && c->n_edits)
		return c->edits[0].line + 1;
	return c ? c->line : item->hunk ? item->hunk->old.start : 0;
}

void rejects_shell_line(struct strbuf *b, const char *top, const struct desk_item *item,
			const struct place_candidate *c)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(diff, (size_t)1 << 24);
	struct str file = item->file.n ? item->file : item->path;
	struct str path = arena_strf(a, "%s/" STR_FMT, top, STR_ARG(file));
	struct str rej = arena_strf(a, "%s/" STR_FMT, top, STR_ARG(item->rej));

	if (c)
		rejects_candidate_diff(&diff, a, item->bytes, c, 3);
	if (!diff.n) {
		strbuf_addf(b, "vi +%zu ", line_to_edit(item, c));
		am_quote(path, b);
		strbuf_addz(b, "; rm ");
		am_quote(rej, b);
		return;
	}
	strbuf_addz(b, "patch ");
	am_quote(path, b);
	strbuf_addz(b, " <<'END'\n");
	strbuf_add(b, strbuf_str(&diff));
	strbuf_addz(b, "END\n");
}

/* ---- list -------------------------------------------------------------------- */

static const struct column candidate_columns[] = {
	{ "line", "Line", CELL_INT, 0, 0, 0,
	  "where it would begin, in the file as it is" },
	{ "score", "Score", CELL_REAL, 0, 0, 0,
	  "0..1, share of the old lines that stand" },
	{ "engine", "Engine", CELL_TEXT, 0, 0, 0, "what found the place" },
	{ "path", "File", CELL_TEXT, COLUMN_NOJSON, 0, 0,
	  "another file than the patch's" },
};

static const struct column item_columns[] = {
	{ "id", "Id", CELL_INT, 0, 0, 0, "its number, for show, take, drop and edit" },
	{ "status", "Status", CELL_TEXT, 0, 0, 0, "open, taken, dropped or edited" },
	{ "path", "Path", CELL_TEXT, 0, 0, 50, "the file that the patch names" },
	{ "file_now", "File now", CELL_TEXT, COLUMN_HIDDEN, 0, 0,
	  "the file it belongs to now; null when there is none" },
	{ "header", "Hunk", CELL_TEXT, 0, 0, 40,
	  "its @@ line, or what happens to the file" },
	{ "places", "Places", CELL_INT, COLUMN_NOJSON, 0, 0,
	  "how many places may be right" },
	{ "cause", "Cause", CELL_TEXT, COLUMN_NOTABLE, 0, 0, "why it found no place" },
	{ "why", "Why", CELL_TEXT, COLUMN_FLEX, 0, 0, "the cause in a sentence" },
	{ "candidates", "Candidates", CELL_TABLE, COLUMN_NOTABLE, 0, 0,
	  "places, the most likely first" },
};

static struct table *candidates_of(struct arena *a, const struct desk_item *item)
{
	struct table *t = table_new(a, candidate_columns, ARRAY_SIZE(candidate_columns));

	t->empty = "no place is likely";
	for (size_t i = 0; i < item->place.n_candidates; i++) {
		const struct place_candidate *c = &item->place.candidates[i];
		struct row *row = table_add(t);

		row_set(t, row, "line", cell_int((int64_t)c->line));
		row_set(t, row, "score", cell_real(c->score));
		row_set(t, row, "engine",
			cell_text(str_of(place_engine_name(c->engine))));
		if (c->path.n)
			row_set(t, row, "path", cell_text(c->path));
	}
	return t;
}

static void add_item(struct table *t, const struct desk_item *item)
{
	struct arena *a = t->arena;
	struct row *row = table_add(t);

	row->ref = (struct ref){ REF_HUNK, arena_strf(a, "%u", item->id) };
	row->mark = item->status == DESK_OPEN ? MARK_WARN : MARK_DIM;
	row_set(t, row, "id", cell_int(item->id));
	row_set(t, row, "status", cell_text(str_of(desk_status_name(item->status))));
	row_set(t, row, "path", cell_text(item->path));
	row_set(t, row, "file_now",
		item->file.n ? cell_text(item->file) : cell_none("no file fits"));
	row_set(t, row, "header", cell_text(rejects_header(a, item)));
	row_set(t, row, "places", cell_int((int64_t)item->place.n_candidates));
	if (item->status == DESK_OPEN)
		row_set(t, row, "cause",
			cell_text(str_of(place_cause_name(item->place.cause))));
	row_set(t, row, "why", cell_text(rejects_why(a, item)));
	row_set(t, row, "candidates", cell_table(candidates_of(a, item)));
}

static bool run_rej(struct ctx *ctx, const struct args *args, struct result *result,
		    struct err *err)
{
	AUTO(desk) desk = NULL;
	struct desk_items items;
	struct table *t = table_new(ctx->arena, item_columns, ARRAY_SIZE(item_columns));

	if (!rejects_desk(ctx, &desk, err) || !desk_list(desk, ctx->arena, &items, err))
		return false;
	if (!items.n && items.broken.n)
		return err_set(err, ERR_PARSE, STR_FMT, STR_ARG(items.broken.v[0]));
	for (size_t i = 0; i < items.broken.n; i++)
		ctx_warn(ctx, STR_FMT, STR_ARG(items.broken.v[i]));
	for (size_t i = 0; i < items.left.n; i++)
		ctx_warn(ctx, STR_FMT, STR_ARG(items.left.v[i]));
	t->empty =
		"No rejects here: no am is stopped and no *.rej lies below this folder.";
	for (size_t i = 0; i < items.n; i++) {
		if (!desk_place(desk, ctx->arena, &items, i, err))
			return false;
		add_item(t, &items.v[i]);
	}
	result->kind = RESULT_TABLE;
	result->table = t;
	result->exit_code = items.open ? 1 : 0;
	return true;
}

/* ---- one reject -------------------------------------------------------------- */

struct work {
	struct desk *desk;
	struct desk_items items;
	const struct desk_item *item;
};

static bool find_item(struct ctx *ctx, int64_t id, struct work *w, struct err *err)
{
	struct desk_item *item;

	if (!desk_list(w->desk, ctx->arena, &w->items, err))
		return false;
	w->item = item = id > 0 ? desk_find(&w->items, (unsigned)id) : NULL;
	if (item)
		return desk_place(w->desk, ctx->arena, &w->items,
				  (size_t)(item - w->items.v), err);
	err_set(err, ERR_NOTFOUND, "rej: no reject %lld", (long long)id);
	return err_hint(err, "kcrib rej lists them");
}

static bool open_item(struct ctx *ctx, const struct args *args, struct work *ret,
		      struct err *err)
{
	if (!rejects_desk(ctx, &ret->desk, err))
		return false;
	if (find_item(ctx, args_int(args, "id", 0), ret, err))
		return true;
	desk_free(ret->desk);
	ret->desk = NULL;
	return false;
}

static void show_candidate(struct ctx *ctx, struct doc *d, const struct work *w, size_t i)
{
	const struct desk_item *item = w->item;
	const struct place_candidate *c = &item->place.candidates[i];
	struct str bytes = item->bytes;
	STRBUF_AUTO(diff, 16 << 20);

	doc_line(d, LINE_TEXT);
	doc_textf(d, STYLE_HEAD3,
		  "place %zu of %zu: line %zu%s" STR_FMT ", score %.2f (%s, %s)", i + 1,
		  item->place.n_candidates, c->line, c->path.n ? " of " : "",
		  STR_ARG(c->path), c->score, place_engine_name(c->engine),
		  place_evidence_name(c->evidence));
	if (!c->path.n || str_eq(c->path, item->file) ||
	    desk_read(w->desk, c->path, ctx->arena, &bytes, NULL))
		rejects_candidate_diff(&diff, ctx->arena, bytes, c, 3);
	doc_diff(d, strbuf_str(&diff));
}

static bool run_show(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	struct doc *d = doc_new(ctx->arena);
	STRBUF_AUTO(text, 64 << 20);
	struct work w = { 0 };

	if (!open_item(ctx, args, &w, err))
		return false;
	filepatch_print(&w.item->patch, &text);
	doc_textf(d, STYLE_HEAD1, "reject %u: " STR_FMT, w.item->id,
		  STR_ARG(w.item->path));
	doc_textf(d, STYLE_WARN, STR_FMT, STR_ARG(rejects_why(ctx->arena, w.item)));
	if (w.item->file.n && !str_eq(w.item->file, w.item->path))
		doc_textf(d, STYLE_TEXT, "it belongs to " STR_FMT " now",
			  STR_ARG(w.item->file));
	doc_line(d, LINE_TEXT);
	doc_diff(d, strbuf_str(&text));
	for (size_t i = 0; i < w.item->place.n_candidates; i++)
		show_candidate(ctx, d, &w, i);
	result->kind = RESULT_DOC;
	result->doc = d;
	desk_free(w.desk);
	return true;
}

/* What to do when nothing is open any more. */
static void say_next(struct ctx *ctx, struct desk *desk)
{
	struct desk_items items;

	if (!desk_list(desk, ctx->arena, &items, NULL))
		return;
	if (items.open)
		ctx_say(ctx, "%zu rejects are open", items.open);
	else if (desk_in_session(desk))
		ctx_say(ctx, "no reject is open: kcrib am --continue");
}

/* --line, else --candidate, else the first: what is laid where. */
static bool chosen_place(struct ctx *ctx, const struct args *args, const struct work *w,
			 struct place_candidate *here, const struct place_candidate **ret,
			 struct err *err)
{
	int64_t n = args_int(args, "candidate", 1), line = args_int(args, "line", 0);

	if (line > 0 && !w->item->hunk)
		return err_set(err, ERR_USAGE, "rej: this reject has no lines");
	if (line > 0) {
		*ret = here;
		return place_at_line(w->item->bytes, w->item->hunk, (size_t)line,
				     ctx->arena, here, err);
	}
	if (n >= 1 && (size_t)n <= w->item->place.n_candidates) {
		*ret = &w->item->place.candidates[n - 1];
		return true;
	}
	err_set(err, ERR_NOTFOUND, "rej: reject %u has %zu places, not %lld", w->item->id,
		w->item->place.n_candidates, (long long)n);
	return err_hint(err, "--line L lays it at a line; rej edit and rej drop always "
			     "work");
}

static bool take(struct ctx *ctx, const struct args *args, struct work *w,
		 struct result *result, struct err *err)
{
	struct place_candidate here;
	const struct place_candidate *c;

	if (!chosen_place(ctx, args, w, &here, &c, err) ||
	    !desk_take(w->desk, &w->items, w->item, c, err))
		return false;
	result->said = arena_strf(ctx->arena, "took %u into " STR_FMT " at line %zu",
				  w->item->id,
				  STR_ARG(c->path.n ? c->path : w->item->file), c->line);
	return true;
}

static bool drop(struct ctx *ctx, const struct args *args, struct work *w,
		 struct result *result, struct err *err)
{
	if (!desk_drop(w->desk, &w->items, w->item, err))
		return false;
	result->said = arena_strf(ctx->arena, "dropped %u of " STR_FMT, w->item->id,
				  STR_ARG(w->item->path));
	return true;
}

/* ---- editing ----------------------------------------------------------------- */

/* A file of its own for the editor, named after the real one, with a date no editor
 * leaves: so it is seen whether it was written, also as it was. */
static bool make_edit_file(struct ctx *ctx, const struct desk_item *item,
			   struct str bytes, const char **ret, struct err *err)
{
	static const struct timespec long_ago[2] = { { 1, 0 }, { 1, 0 } };
	struct str name = item->file.n ? item->file : item->path;
	const char *dir, *path;

	name = str_from(name, (size_t)(str_rchr(name, '/') + 1));
	if (!file_xdg(ctx->arena, "XDG_STATE_HOME", ".local/state", "edit", &dir, err) ||
	    !file_mkdirs(dir, err))
		return false;
	path = arena_printf(ctx->arena, "%s/reject-%u.%d-" STR_FMT, dir, item->id,
			    (int)getpid(), STR_ARG(name));
	if (!file_write_atomic(path, bytes, 0600, err))
		return false;
	if (utimensat(AT_FDCWD, path, long_ago, 0) < 0)
		return err_sys(err, errno, "editing: %s", path);
	*ret = path;
	return true;
}

static bool was_written(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_mtim.tv_sec != 1;
}

bool rejects_edit(struct ctx *ctx, struct desk *desk, struct desk_items *items,
		  const struct desk_item *item, const struct place_candidate *c,
		  struct err *err)
{
	STRBUF_AUTO(after, (size_t)1 << 30);
	struct desk_item at;
	const char *path = NULL;
	struct str start;
	bool ok;

	if (!desk_item_with(desk, item, c, ctx->arena, &at, err))
		return false;
	start = at.bytes;
	if ((c && !desk_preview(&at, c, ctx->arena, &start, err)) ||
	    !make_edit_file(ctx, &at, start, &path, err))
		return false;
	ok = editor_run(ctx, path, line_to_edit(item, c), err) &&
	     file_read(path, &after, err);
	if (ok && (!was_written(path) || str_eq(strbuf_str(&after), at.bytes)))
		ok = err_set(err, ERR_CANCELLED, "rej edit: nothing was changed");
	if (!ok) {
		unlink(path);
		return false;
	}
	if (!desk_put(desk, items, &at, strbuf_str(&after), err))
		return err_hint(err, "your text is kept in %s", path);
	unlink(path);
	return true;
}

static bool edit(struct ctx *ctx, const struct args *args, struct work *w,
		 struct result *result, struct err *err)
{
	struct place_candidate here;
	const struct place_candidate *c = NULL;
	struct str file;

	if ((args_given(args, "candidate") || args_given(args, "line")) &&
	    !chosen_place(ctx, args, w, &here, &c, err))
		return false;
	file = c && c->path.n ? c->path : w->item->file.n ? w->item->file : w->item->path;
	if (!rejects_edit(ctx, w->desk, &w->items, w->item, c, err))
		return false;
	result->said = arena_strf(ctx->arena, "edited " STR_FMT " for reject %u",
				  STR_ARG(file), w->item->id);
	return true;
}

static bool decide(struct ctx *ctx, const struct args *args, struct result *result,
		   bool (*fn)(struct ctx *, const struct args *, struct work *,
			      struct result *, struct err *),
		   struct err *err)
{
	struct work w = { 0 };
	bool ok;

	if (!open_item(ctx, args, &w, err))
		return false;
	ok = fn(ctx, args, &w, result, err);
	if (ok) {
		ctx_say(ctx, STR_FMT, STR_ARG(result->said));
		say_next(ctx, w.desk);
	}
	desk_free(w.desk);
	return ok;
}

/* ---- why: who changed the expected lines ------------------------------------- */

enum { WALK_MOST = 20000, COMMITS_SHOWN = 10 };

static bool is_cancelled(void *arg, size_t walked)
{
	ctx_progress(arg, walked, WALK_MOST);
	return ctx_cancelled(arg);
}

static void say_commit(struct doc *d, unsigned id, const struct history_commit *c)
{
	AUTO(arena) a = arena_new();
	char day[32];
	time_t t = (time_t)c->time_s;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	doc_line(d, LINE_TEXT)->hang = 4;
	doc_link(d, str_n(c->hex.p, 12),
		 (struct ref){ REF_COMMAND, arena_strf(a, "rej why %u --commit " STR_FMT,
						       id, STR_ARG(c->hex)) });
	doc_spanf(d, STYLE_DIM, "  %s  " STR_FMT "  ", day, STR_ARG(c->author));
	doc_spanf(d, STYLE_TEXT, STR_FMT, STR_ARG(c->subject));
	doc_spanf(d, STYLE_DIM, "  (took %u of the expected lines away)", c->lines);
}

static struct str *expected_lines(struct arena *a, const struct desk_item *item,
				  size_t *ret_n)
{
	struct str *v = arena_array(a, struct str, (item->hunk ? item->hunk->n : 0) + 1);

	*ret_n = 0;
	for (size_t i = 0; item->hunk && i < item->hunk->n; i++)
		if (item->hunk->lines[i].kind != '+')
			v[(*ret_n)++] = item->hunk->lines[i].text;
	return v;
}

static bool list_commits(struct ctx *ctx, struct repo *repo, const struct desk_item *item,
			 struct doc *d, struct err *err)
{
	struct history_query q = { .path = item->file.n ? item->file : item->path,
				   .most_commits = WALK_MOST,
				   .most_hits = COMMITS_SHOWN,
				   .cancelled = is_cancelled,
				   .arg = ctx };
	struct history_list list;

	q.lines = expected_lines(ctx->arena, item, &q.n);
	if (!history_of_lines(repo, &q, ctx->arena, &list, err))
		return false;
	doc_line(d, LINE_TEXT);
	if (!list.n)
		doc_textf(
			d, STYLE_TEXT,
			"None of the last %zu commits took an expected line away: the patch "
			"was made on something this branch never had.",
			list.walked);
	for (size_t i = 0; i < list.n; i++)
		say_commit(d, item->id, &list.v[i]);
	if (list.stopped && list.n < COMMITS_SHOWN)
		doc_textf(d, STYLE_DIM, "stopped after %zu commits", list.walked);
	return true;
}

static bool run_why(struct ctx *ctx, const struct args *args, struct result *result,
		    struct err *err)
{
	struct str commit = args_text(args, "commit", STR(""));
	struct doc *d = doc_new(ctx->arena);
	AUTO(repo) repo = NULL;
	STRBUF_AUTO(diff, 64 << 20);
	struct work w = { 0 };
	bool ok;

	if (!open_item(ctx, args, &w, err))
		return false;
	ok = repo_open(".", &repo, err);
	if (ok && commit.n) {
		ok = history_show(repo, arena_cstr(ctx->arena, commit),
				  w.item->file.n ? w.item->file : w.item->path, &diff,
				  err);
		doc_diff(d, strbuf_str(&diff));
	} else if (ok) {
		doc_textf(d, STYLE_HEAD1, "why: " STR_FMT, STR_ARG(w.item->path));
		doc_textf(d, STYLE_WARN, STR_FMT,
			  STR_ARG(rejects_why(ctx->arena, w.item)));
		ok = list_commits(ctx, repo, w.item, d, err);
	}
	desk_free(w.desk);
	result->kind = RESULT_DOC;
	result->doc = d;
	return ok;
}

static bool run_take(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	return decide(ctx, args, result, take, err);
}

static bool run_drop(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	return decide(ctx, args, result, drop, err);
}

static bool run_edit(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	return decide(ctx, args, result, edit, err);
}

static bool run_undo(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	AUTO(desk) desk = NULL;
	struct str what;
	unsigned id;

	if (!rejects_desk(ctx, &desk, err) ||
	    !desk_undo(desk, ctx->arena, &id, &what, err))
		return false;
	result->said = arena_strf(ctx->arena, "undone: " STR_FMT, STR_ARG(what));
	ctx_say(ctx, STR_FMT, STR_ARG(result->said));
	return true;
}

#define ID_PARAM                                                                         \
	{                                                                                \
		"id", 0, PARAM_REQUIRED, &argtype_int, "ID", "its number in kcrib rej"   \
	}
#define PLACE_PARAMS                                                                     \
	{ "candidate",  'n', PARAM_OPTION,                                               \
	  &argtype_int, "N", "the N-th place instead of the first" },                    \
	{                                                                                \
		"line", 'l', PARAM_OPTION, &argtype_int, "L",                            \
			"lay it at this line of the file"                                \
	}

const struct command commands_rej[] = {
	{ "rej", "the rejects of the am in progress, or all below this folder",
	  "Each hunk that found no place: why, and where it may belong. Exits 1 while any\n"
	  "is open.",
	  NULL, 0, run_rej, NULL },
	{ "rej drop", "leave a reject out", NULL,
	  (const struct param[]){ ID_PARAM, { 0 } }, COMMAND_CHANGES, run_drop, NULL },
	{ "rej edit", "edit the file a reject belongs to, in $EDITOR",
	  "Without options the file as it is; with a place, what that would make of it.\n"
	  "Left without being written, nothing changes.",
	  (const struct param[]){ ID_PARAM, PLACE_PARAMS, { 0 } },
	  COMMAND_CHANGES | COMMAND_TERMINAL, run_edit, NULL },
	{ "rej show", "one reject: what it expected, and its places", NULL,
	  (const struct param[]){ ID_PARAM, { 0 } }, 0, run_show, NULL },
	{ "rej take", "put a reject where it belongs",
	  "Without options its most likely place is taken; rej show lists them all.",
	  (const struct param[]){ ID_PARAM, PLACE_PARAMS, { 0 } }, COMMAND_CHANGES,
	  run_take, NULL },
	{ "rej why", "why a reject does not fit, and which commits changed its lines",
	  "Walks back from HEAD and names the commits that took expected lines away; Esc\n"
	  "or Ctrl-C stops it.",
	  (const struct param[]){ ID_PARAM,
				  { "commit", 0, PARAM_OPTION, &argtype_text, "HEX",
				    "what this commit did to the file" },
				  { 0 } },
	  COMMAND_JOB, run_why, NULL },
	{ "rej undo", "take the last decision about a reject back", NULL, NULL,
	  COMMAND_CHANGES, run_undo, NULL },
	{ 0 },
};
