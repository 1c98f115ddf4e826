/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notes out, as files: each in the format it is kept in, or all in one other format with
 * a list of what that cannot say.
 */
#include "app/trust.h"
#include "base/file.h"
#include "commands.h"
#include "note/format.h"
#include "store/note_store.h"

struct exporting {
	struct ctx *ctx;
	struct store *store;
	struct table *lost;
	const char *dir;
	bool keep; /* each in its own format */
	enum note_format format;
	size_t files, without;
};

/* A relative path that stays below the folder, or empty. */
static struct str inside(struct str path)
{
	struct str rest = path, part;

	while (str_cut(&rest, '/', &part))
		if (!part.n || (part.p[0] == '.' && !str_eq(part, STR("..md"))))
			return STR("");
	return path;
}

static struct str file_of(struct exporting *ex, const struct note *note,
			  enum note_format format)
{
	struct str file = ex->keep ? inside(note_format_file(ex->ctx->arena, note->bytes))
				   : STR("");

	return file.n ? file : format_file_name(ex->ctx->arena, format, note->slug);
}

static bool export_note(struct exporting *ex, const struct note *note, struct err *err)
{
	struct arena *a = ex->ctx->arena;
	STRBUF_AUTO(out, STORE_NOTE_MAX * 2);
	struct str_list lost = { 0 };
	struct str original, file;
	enum note_format own = note_format_of(a, note->bytes, &original);
	enum note_format format = ex->keep ? own : ex->format;
	char *path;

	if (!format_export(a, format, note->slug, note->bytes, &out, &lost)) {
		ex->without++;
		return true;
	}
	for (size_t i = 0; i < lost.n; i++) {
		struct row *row = table_add(ex->lost);

		row_set(ex->lost, row, "slug", cell_text(note->slug));
		row_set(ex->lost, row, "lost", cell_text(lost.v[i]));
	}
	file = file_of(ex, note, format);
	path = arena_printf(a, "%s/" STR_FMT, ex->dir, STR_ARG(file));
	if (!file_mkdirs(arena_cstr(a, str_n(path, (size_t)str_rchr(str_of(path), '/'))),
			 err))
		return false;
	ex->files++;
	return file_write_atomic(path, strbuf_str(&out), 0644, err);
}

static bool export_all(struct exporting *ex, const struct args *args, struct err *err)
{
	struct note_list list = { 0 };
	struct note_filter filter = { .limit = SIZE_MAX >> 2,
				      .tag = args_text(args, "tag", STR("")) };

	if (!note_list(ex->store, ex->ctx->arena, &filter, &list, err))
		return false;
	for (size_t i = 0; i < list.n; i++) {
		struct note note;

		if (ctx_cancelled(ex->ctx))
			return err_set(err, ERR_CANCELLED,
				       "exporting: stopped after %zu files", ex->files);
		if (list.v[i].origin == NOTE_BUILTIN && !args_has(args, "all"))
			continue;
		if (!note_get(ex->store, ex->ctx->arena, list.v[i].slug, &note, err) ||
		    !export_note(ex, &note, err))
			return false;
	}
	return true;
}

static bool run_export(struct ctx *ctx, const struct args *args, struct result *result,
		       struct err *err)
{
	static const struct column columns[] = {
		{ "slug", "note", CELL_TEXT, 0, 0, 0, "the note" },
		{ "lost", "cannot be said there", CELL_TEXT, COLUMN_FLEX, 0, 0,
		  "what the format has no place for" },
	};
	struct str format = args_text(args, "format", STR("auto"));
	struct exporting ex = { .ctx = ctx, .keep = str_eq(format, STR("auto")) };
	struct record *r = record_new(ctx->arena);

	if (!ex.keep && !format_find(format, &ex.format))
		return err_set(err, ERR_USAGE, "unknown format " STR_FMT,
			       STR_ARG(format));
	ex.store = ctx_store(ctx, err);
	ex.dir = arena_cstr(ctx->arena, args_text(args, "dir", STR("")));
	ex.lost = table_new(ctx->arena, columns, ARRAY_SIZE(columns));
	ex.lost->empty = "Everything could be said.";
	if (!ex.store || !export_all(&ex, args, err))
		return false;
	record_set(r, "files", "files", cell_int((int64_t)ex.files));
	record_set(r, "without_commands", "without commands",
		   cell_int((int64_t)ex.without));
	record_set(r, "lost", "not expressed", cell_table(ex.lost));
	result->kind = RESULT_RECORD;
	result->record = r;
	return true;
}

static const char *const formats[] = { "auto",  "markdown", "tldr", "navi",
				       "cheat", "pet",      "org",  NULL };

const struct command commands_export[] = {
	{ "export", "write your notes as files",
	  "Notes go out in the format they are kept in: an imported note that was not touched "
	  "gives back its very bytes. With another format, what that cannot express is "
	  "listed.",
	  (const struct param[]){ { "dir", 0, PARAM_REQUIRED, &argtype_path, "DIR",
				    "the folder; made when it is not there" },
				  { "format", 0, PARAM_OPTION, &argtype_text, "FORMAT",
				    "auto: each in its own", formats },
				  { "tag", 0, PARAM_OPTION, &argtype_text, "TAG",
				    "only notes with this tag" },
				  { "all", 0, PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
				    "the built-in notes, too" },
				  { 0 } },
	  0, run_export, NULL },
	{ 0 },
};
