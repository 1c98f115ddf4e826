/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disk usage for the shell: the totals of a folder and of what is in it, its largest
 * files, its types and ages, and what df(1) counts beside them.
 */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "model/render.h"
#include "sys/du.h"

enum { MAX_TYPES_SHOWN = 40, MAX_ERRORS_SAID = 10 };

/* ---- the scan ---- */

static void ring(void *arg)
{
	uint64_t one = 1;

	(void)!write(*(int *)arg, &one, sizeof(one));
}

/* Wait for the end without being deaf to the user. */
static bool await(struct ctx *ctx, struct du *du, int bell, struct err *err)
{
	struct pollfd p = { .fd = bell, .events = POLLIN };
	struct du_progress progress;
	uint64_t count;

	for (du_progress(du, &progress); progress.running; du_progress(du, &progress)) {
		poll(&p, 1, 100);
		if (p.revents & POLLIN)
			(void)!read(bell, &count, sizeof(count));
		if (ctx_cancelled(ctx))
			du_cancel(du);
	}
	return du_wait(du, err);
}

static void say_errors(struct ctx *ctx, const struct du *du)
{
	struct du_progress p;
	struct du_error *errors;
	size_t n = du_errors(du, ctx->arena, &errors);

	du_progress(du, &p);
	for (size_t i = 0; i < n && i < MAX_ERRORS_SAID; i++)
		ctx_warn(ctx, "reading " STR_FMT ": %s", STR_ARG(errors[i].path),
			 strerror(errors[i].sys));
	if (p.errors > MAX_ERRORS_SAID)
		ctx_warn(ctx, "%llu more errors",
			 (unsigned long long)(p.errors - MAX_ERRORS_SAID));
}

/* `*bell` must outlive the scan. */
static bool scan(struct ctx *ctx, const struct args *args, int *bell, struct du **ret,
		 struct err *err)
{
	struct du_options opt = { .one_fs = args_has(args, "one-file-system"),
				  .wake = ring,
				  .wake_arg = bell };
	const char *path = arena_cstr(ctx->arena, args_text(args, "path", STR(".")));
	struct du *du = NULL;

	if (!du_start(path, &opt, &du, err))
		return false;
	if (!await(ctx, du, *bell, err)) {
		du_free(du);
		return false;
	}
	say_errors(ctx, du);
	*ret = du;
	return true;
}

/* ---- the tree ---- */

struct shape {
	struct ctx *ctx;
	const struct du *du;
	struct du_query query;
	int64_t depth;
	bool growth;
};

static const struct column tree_columns[] = {
	{ "disk_bytes", "disk", CELL_BYTES, 0, 0, 0,
	  "blocks it takes, stat(2) st_blocks; a file with several names counts once" },
	{ "apparent_bytes", "apparent", CELL_BYTES, 0, 0, 0,
	  "its size, stat(2) st_size" },
	{ "entries", "entries", CELL_INT, 0, 0, 0,
	  "names in it and below, itself included" },
	{ "errors", "errors", CELL_INT, COLUMN_HIDDEN, 0, 0,
	  "folders in it and below that could not be read" },
	{ "growth_bytes", "growth", CELL_BYTES, 0, 0, 0,
	  "disk bytes since the last scan that was kept" },
	{ "type", "type", CELL_TEXT, COLUMN_HIDDEN, 0, 0, "folder, file, link or other" },
	{ "path", "path", CELL_TEXT, COLUMN_FLEX, 0, 0, "where it is" },
	{ "children", "children", CELL_TABLE, COLUMN_NOTABLE, 0, 0,
	  "what is in it, down to --depth" },
};

static const char *type_name(enum du_type type)
{
	static const char *const NAMES[] = { "file", "folder", "link", "other" };

	return NAMES[type];
}

static struct row *add_row(struct shape *s, struct table *t, const struct du_row *row,
			   struct str path, int depth)
{
	struct row *r = table_add(t);

	row_set(t, r, "disk_bytes", cell_bytes(row->disk));
	row_set(t, r, "apparent_bytes", cell_bytes(row->apparent));
	row_set(t, r, "entries", cell_int((int64_t)row->entries));
	row_set(t, r, "errors", cell_int((int64_t)row->errors));
	row_set(t, r, "type", cell_text(str_of(type_name(row->type))));
	row_set(t, r, "path", cell_text(path));
	if (s->growth)
		row_set(t, r, "growth_bytes",
			row->has_growth
				? (struct cell){ .type = CELL_BYTES, .i = row->growth }
				: cell_none("no figure of the last scan"));
	r->ref = (struct ref){ REF_PATH, path };
	r->depth = depth;
	if (row->flags & DU_UNREAD)
		r->mark = MARK_BAD;
	return r;
}

/* The columns that this question has: growth only where it was asked for. */
static struct table *new_table(struct shape *s)
{
	struct column *cols;
	size_t n = 0;

	if (s->growth)
		return table_new(s->ctx->arena, tree_columns, ARRAY_SIZE(tree_columns));
	cols = arena_array(s->ctx->arena, struct column, ARRAY_SIZE(tree_columns));
	for (size_t i = 0; i < ARRAY_SIZE(tree_columns); i++)
		if (strcmp(tree_columns[i].key, "growth_bytes") != 0)
			cols[n++] = tree_columns[i];
	return table_new(s->ctx->arena, cols, n);
}

/* Rows of a folder: nested tables for scripts, one indented table for people. */
static void add_children(struct shape *s, struct table *t, uint32_t folder, int depth)
{
	struct du_rows rows;

	if (folder == DU_NONE || depth >= s->depth)
		return;
	du_list(s->du, s->ctx->arena, folder, &s->query, &rows);
	for (size_t i = 0; i < rows.n; i++) {
		const struct du_row *row = &rows.v[i];
		struct str path = du_path(s->du, s->ctx->arena, folder, row->name);
		struct row *r = add_row(s, t, row, path, depth);

		if (s->ctx->json) {
			struct table *below = new_table(s);

			add_children(s, below, row->folder, depth + 1);
			row_set(t, r, "children", cell_table(below));
		} else {
			add_children(s, t, row->folder, depth + 1);
		}
	}
}

static void add_largest(struct shape *s, struct table *t, size_t limit)
{
	struct du_large *large;
	size_t n = du_largest(s->du, s->ctx->arena, DU_ROOT, limit, &large);

	for (size_t i = 0; i < n; i++) {
		struct str path = du_path(s->du, s->ctx->arena, DU_ROOT, large[i].path);
		struct row *r = add_row(s, t, &large[i].row, path, 0);

		row_set(t, r, "children", cell_table(new_table(s)));
	}
}

/* Compare with the figures kept last time, then keep these. */
static bool use_past(struct shape *s, struct du *du, struct err *err)
{
	struct err why = { 0 };
	const char *file;
	int64_t when;

	if (!du_past_file(du, s->ctx->arena, &file, err))
		return false;
	if (!du_compare(du, file, &when, &why)) {
		if (why.code != ERR_NOTFOUND)
			ctx_warn(s->ctx, "%s", why.msg);
		else
			ctx_say(s->ctx,
				"no earlier scan to compare with; the next one has it");
	}
	return du_save(du, file, (int64_t)time(NULL), err);
}

static void show_tree(struct shape *s, const struct args *args, struct result *result)
{
	struct arena *a = s->ctx->arena;
	struct table *t = new_table(s);
	struct record *r = record_new(a);
	int64_t top = args_int(args, "top", 0);
	STRBUF_AUTO(words, 256);
	struct cell size;
	struct du_row all;

	du_folder(s->du, DU_ROOT, &all);
	t->empty = "Nothing is in it.";
	if (top > 0)
		add_largest(s, t, (size_t)top);
	else
		add_children(s, t, DU_ROOT, 0);
	size = cell_bytes(args_has(args, "apparent") ? all.apparent : all.disk);
	cell_format(&words, &size);
	strbuf_addf(&words, " in %llu entries", (unsigned long long)all.entries);
	if (all.errors)
		strbuf_addf(&words, ", %llu errors", (unsigned long long)all.errors);
	r->headline = arena_str(a, strbuf_str(&words));
	record_set(r, "path", "path", cell_text(du_path(s->du, a, DU_ROOT, STR_NONE)));
	record_set(r, "disk_bytes", "disk", cell_bytes(all.disk));
	record_set(r, "apparent_bytes", "apparent", cell_bytes(all.apparent));
	record_set(r, "entries", "entries", cell_int((int64_t)all.entries));
	record_set(r, "errors", "errors", cell_int((int64_t)all.errors));
	if (all.has_growth)
		record_set(r, "growth_bytes", "growth",
			   (struct cell){ .type = CELL_BYTES, .i = all.growth });
	record_set(r, "children", s->depth > 0 || top > 0 ? "" : NULL, cell_table(t));
	result->kind = RESULT_RECORD;
	result->record = r;
}

/* ---- other questions ---- */

static const struct column group_columns[] = {
	{ "name", "name", CELL_TEXT, 0, 0, 0,
	  "ending of the name, or age of the last change" },
	{ "disk_bytes", "disk", CELL_BYTES, 0, 0, 0, "blocks they take" },
	{ "apparent_bytes", "apparent", CELL_BYTES, 0, 0, 0, "their sizes" },
	{ "files", "files", CELL_INT, 0, 0, 0, "how many" },
};

static void show_groups(struct ctx *ctx, const struct du *du, bool ages,
			struct result *result)
{
	struct table *t = table_new(ctx->arena, group_columns, ARRAY_SIZE(group_columns));
	struct du_group *groups;
	size_t n = ages ? du_by_age(du, ctx->arena, DU_ROOT, (int64_t)time(NULL), &groups)
			: du_by_type(du, ctx->arena, DU_ROOT, MAX_TYPES_SHOWN, &groups);

	for (size_t i = 0; i < n; i++) {
		struct row *r = table_add(t);

		row_set(t, r, "name", cell_text(groups[i].name));
		row_set(t, r, "disk_bytes", cell_bytes(groups[i].disk));
		row_set(t, r, "apparent_bytes", cell_bytes(groups[i].apparent));
		row_set(t, r, "files", cell_int((int64_t)groups[i].files));
	}
	t->empty = "No files.";
	result->kind = RESULT_TABLE;
	result->table = t;
}

static const struct column deleted_columns[] = {
	{ "disk_bytes", "disk", CELL_BYTES, 0, 0, 0,
	  "blocks it holds until it is closed" },
	{ "apparent_bytes", "apparent", CELL_BYTES, 0, 0, 0, "its size" },
	{ "pid", "pid", CELL_INT, 0, 0, 0, "the process that keeps it open" },
	{ "fd", "fd", CELL_INT, 0, 0, 0, "as which descriptor" },
	{ "comm", "command", CELL_TEXT, 0, 0, 0, "/proc/PID/comm" },
	{ "path", "path", CELL_TEXT, COLUMN_FLEX, 0, 0,
	  "its name before it was deleted" },
};

static const struct table *
deleted_table(struct arena *a, const struct du_deleted_list *list, uint64_t *ret_sum)
{
	struct table *t = table_new(a, deleted_columns, ARRAY_SIZE(deleted_columns));

	*ret_sum = 0;
	for (size_t i = 0; i < list->n; i++) {
		const struct du_deleted *d = &list->v[i];
		struct row *r = table_add(t);

		row_set(t, r, "disk_bytes", cell_bytes(d->disk));
		row_set(t, r, "apparent_bytes", cell_bytes(d->apparent));
		row_set(t, r, "pid", cell_int(d->pid));
		row_set(t, r, "fd", cell_int((int64_t)d->fd));
		row_set(t, r, "comm", cell_text(d->comm));
		row_set(t, r, "path", cell_text(d->path));
		r->ref =
			(struct ref){ REF_PID, arena_strf(a, "%lld", (long long)d->pid) };
		*ret_sum += d->disk;
	}
	t->empty = "No process keeps a deleted file open here.";
	return t;
}

/* What df says, what du says, and where the rest is. */
static bool show_gap(struct ctx *ctx, const struct du *du, struct result *result,
		     struct err *err)
{
	struct root *root = ctx_root(ctx, err);
	struct record *r = record_new(ctx->arena);
	const struct table *t;
	struct du_deleted_list deleted;
	struct du_row all;
	struct du_df df;
	uint64_t sum;

	if (!root || !du_df(du, &df, err) ||
	    !du_deleted(du, root, ctx->arena, &deleted, err))
		return false;
	du_folder(du, DU_ROOT, &all);
	t = deleted_table(ctx->arena, &deleted, &sum);
	record_set(r, "total_bytes", "file system", cell_bytes(df.total));
	record_set(r, "used_bytes", "used (df)", cell_bytes(df.used));
	record_set(r, "available_bytes", "available", cell_bytes(df.available));
	record_set(r, "disk_bytes", "found (du)", cell_bytes(all.disk));
	record_set(r, "deleted_bytes", "deleted, open", cell_bytes(sum));
	record_set(r, "gap_bytes", "not explained",
		   df.whole ? (struct cell){ .type = CELL_BYTES,
					     .i = (int64_t)(df.used - all.disk - sum) }
			    : cell_none("the path is not the root of its file system"));
	record_set(r, "hidden_processes", "processes not looked into",
		   cell_int((int64_t)deleted.hidden));
	record_set(r, "deleted", "", cell_table(t));
	result->kind = RESULT_RECORD;
	result->record = r;
	return true;
}

/* ---- the command ---- */

static bool show(struct ctx *ctx, const struct args *args, struct du *du,
		 struct result *result, struct err *err)
{
	struct shape s = { .ctx = ctx,
			   .du = du,
			   .depth = args_int(args, "depth", 1),
			   .growth = args_has(args, "growth") };

	if (args_has(args, "types") || args_has(args, "ages")) {
		show_groups(ctx, du, args_has(args, "ages"), result);
		return true;
	}
	if (args_has(args, "deleted"))
		return show_gap(ctx, du, result, err);
	if (args_has(args, "apparent"))
		s.query.sort = DU_BY_APPARENT;
	if (s.growth && !use_past(&s, du, err))
		return false;
	show_tree(&s, args, result);
	return true;
}

static bool run_du(struct ctx *ctx, const struct args *args, struct result *result,
		   struct err *err)
{
	int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct du *du = NULL;
	bool ok;

	if (bell < 0)
		return err_sys(err, errno, "du: waiting for the scan");
	ok = scan(ctx, args, &bell, &du, err) && show(ctx, args, du, result, err);
	du_free(du);
	close(bell);
	return ok;
}

const struct command commands_du[] = {
	{ "du", "what takes the disk space of a folder",
	  "Totals are those of du(1): a file with several names counts once, symbolic\n"
	  "links are not followed, folders count too. The scan runs in parallel.\n"
	  "--deleted tells why df(1) sees more: files that were deleted but are open.",
	  (const struct param[]){
		  { "path", 0, 0, &argtype_path, "PATH",
		    "the folder; the current one without", NULL },
		  { "depth", 'd', PARAM_OPTION, &argtype_int, "N",
		    "levels to show below the path; 1 without it, 0 shows the total alone",
		    NULL },
		  { "apparent", 0, PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
		    "order by size instead of disk blocks", NULL },
		  { "one-file-system", 'x', PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
		    "leave out what lies on another file system", NULL },
		  { "top", 0, PARAM_OPTION, &argtype_int, "N",
		    "the N largest files instead, wherever they are", NULL },
		  { "growth", 0, PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
		    "compare with the last scan kept so, and keep this one", NULL },
		  { "types", 0, PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
		    "by the endings of names", NULL },
		  { "ages", 0, PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
		    "by the time of the last change", NULL },
		  { "deleted", 0, PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
		    "deleted files that are open, and the gap between df and du", NULL },
		  { 0 } },
	  0, run_du, NULL },
	{ 0 },
};
