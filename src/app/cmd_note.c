/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notes on the command line and at the prompt: find, show, list, change, and take back.
 */
#include <inttypes.h>
#include <unistd.h>

#include "app/editor.h"
#include "app/live.h"
#include "base/file.h"
#include "base/linediff.h"
#include "base/utf8.h"
#include "commands.h"
#include "note/frontmatter.h"
#include "note/links.h"
#include "store/note_store.h"
#include "store/search.h"

enum { DIFF_MAX = 16 << 20, FIND_LIMIT = 20, FIND_MOST = 200 };

/* ---- finding and listing --------------------------------------------------------- */

static const struct column find_columns[] = {
	{ "slug", "note", CELL_TEXT, 0, 0, 32, "its name" },
	{ "title", "title", CELL_TEXT, COLUMN_FLEX, 0, 0, "" },
	{ "lang", "lang", CELL_TEXT, 0, 0, 5, "language of the note" },
	{ "tags", "tags", CELL_LIST, COLUMN_HIDDEN, 0, 24, "" },
	{ "score", "score", CELL_REAL, COLUMN_HIDDEN, 0, 0, "how well it fits" },
	{ "snippet", "where", CELL_TEXT, COLUMN_FLEX, 0, 0, "a line with the words" },
};

static const struct column list_columns[] = {
	{ "slug", "note", CELL_TEXT, 0, 0, 40, "its name" },
	{ "title", "title", CELL_TEXT, COLUMN_FLEX, 0, 0, "" },
	{ "lang", "lang", CELL_TEXT, 0, 0, 5, "language of the note" },
	{ "tags", "tags", CELL_LIST, 0, 0, 30, "" },
	{ "origin", "from", CELL_TEXT, 0, 0, 0,
	  "own, built-in, or built-in and edited since" },
	{ "changed_s", "changed", CELL_INT, COLUMN_HIDDEN, 0, 0,
	  "seconds since 1970 of the last change" },
};

static struct cell text_list(struct arena *a, const struct str_list *list)
{
	struct cells *cells = arena_new_of(a, struct cells);

	for (size_t i = 0; i < list->n; i++)
		*ARENA_PUSH(a, cells) = cell_text(list->v[i]);
	return cell_list(cells);
}

static void give_table(struct result *result, const struct table *t)
{
	result->kind = RESULT_TABLE;
	result->table = t;
	result->exit_code = t->n ? 0 : 1;
}

/* All words of a positional that may be given many times, joined by blanks. */
static struct str joined(struct arena *a, const struct args *args, const char *name)
{
	STRBUF_AUTO(b, 1 << 16);
	const struct value *v;

	for (size_t i = 0; (v = args_nth(args, name, i)); i++)
		strbuf_addf(&b, "%s" STR_FMT, i ? " " : "", STR_ARG(v->text));
	return arena_str(a, strbuf_str(&b));
}

/* "zh" of LC_ALL, LC_MESSAGES or LANG; empty where these name no language. */
static struct str locale_language(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct str v = str_of(getenv(names[i]));

		if (!v.n)
			continue;
		if (v.n < 2 || v.p[0] == 'C' || str_eq(v, STR("POSIX")))
			return STR("");
		return str_n(v.p, 2);
	}
	return STR("");
}

static void add_hit(struct table *t, const struct search_hit *hit)
{
	struct row *row = table_add(t);

	row->ref = (struct ref){ REF_NOTE, hit->slug };
	row_set(t, row, "slug", cell_text(hit->slug));
	row_set(t, row, "title", cell_text(hit->title));
	row_set(t, row, "lang", cell_text(hit->lang));
	row_set(t, row, "tags", text_list(t->arena, &hit->tags));
	row_set(t, row, "score", cell_real(hit->score));
	row_set(t, row, "snippet", cell_text(hit->snippet));
}

static bool run_find(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	struct store *s = ctx_store(ctx, err);
	int64_t limit = args_int(args, "limit", FIND_LIMIT);
	struct table *t = table_new(ctx->arena, find_columns, ARRAY_SIZE(find_columns));
	struct search_query query = { .text = joined(ctx->arena, args, "words"),
				      .tag = args_text(args, "tag", STR("")),
				      .lang = args_text(args, "lang", locale_language()),
				      .reference = args_has(args, "reference"),
				      .snippets = true };
	struct search_result found;
	AUTO(searcher) q = NULL;

	if (limit < 1)
		return err_set(err, ERR_USAGE, "find: --limit: not a count");
	query.limit = limit < FIND_MOST ? (size_t)limit : FIND_MOST;
	if (!s || !searcher_open(s, &q, err) ||
	    !search_full(q, ctx->arena, &query, &found, err))
		return false;
	for (size_t i = 0; i < found.n; i++)
		add_hit(t, &found.v[i]);
	if (found.how == SEARCH_REPAIRED && found.n)
		result->said = arena_strf(ctx->arena, "showing results for " STR_FMT,
					  STR_ARG(found.shown));
	else if (found.how == SEARCH_ANY && found.n)
		result->said = STR("no note has all the words; these have some");
	if (result->said.n && !ctx->json)
		ctx_say(ctx, STR_FMT, STR_ARG(result->said));
	t->empty = "No note has any of these words.";
	give_table(result, t);
	return true;
}

static void add_notes(struct table *t, const struct note_list *list)
{
	static const char *const origins[] = { [NOTE_OWN] = "own",
					       [NOTE_BUILTIN] = "built-in",
					       [NOTE_BUILTIN_EDITED] = "edited" };

	for (size_t i = 0; i < list->n; i++) {
		const struct note *n = &list->v[i];
		struct row *row = table_add(t);

		row->ref = (struct ref){ REF_NOTE, n->slug };
		row_set(t, row, "slug", cell_text(n->slug));
		row_set(t, row, "title", cell_text(n->title));
		row_set(t, row, "lang", cell_text(n->lang));
		row_set(t, row, "tags", text_list(t->arena, &n->tags));
		row_set(t, row, "origin", cell_text(str_of(origins[n->origin])));
		row_set(t, row, "changed_s", cell_int(n->changed_s));
	}
}

static bool run_list(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	struct store *s = ctx_store(ctx, err);
	struct table *t = table_new(ctx->arena, list_columns, ARRAY_SIZE(list_columns));
	struct note_filter filter = { .tag = args_text(args, "tag", STR("")),
				      .lang = args_text(args, "lang", STR("")),
				      .limit = INT32_MAX };
	struct note_list list;

	if (!s || !note_list(s, ctx->arena, &filter, &list, err))
		return false;
	add_notes(t, &list);
	t->empty = "No such notes; kcrib new makes one.";
	give_table(result, t);
	return true;
}

static bool run_backlinks(struct ctx *ctx, const struct args *args, struct result *result,
			  struct err *err)
{
	struct store *s = ctx_store(ctx, err);
	struct table *t = table_new(ctx->arena, list_columns, ARRAY_SIZE(list_columns));
	struct note note;
	struct note_list list;

	if (!s ||
	    !note_find(s, ctx->arena, args_text(args, "note", STR("")), &note, err) ||
	    !note_backlinks(s, ctx->arena, note.slug, &list, err))
		return false;
	add_notes(t, &list);
	t->empty = "No note links here.";
	give_table(result, t);
	return true;
}

static bool run_tags(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	static const struct column columns[] = {
		{ "tag", "tag", CELL_TEXT, 0, 0, 0, "" },
		{ "notes", "notes", CELL_INT, 0, 0, 0, "how many notes have it" },
	};
	struct store *s = ctx_store(ctx, err);
	struct table *t = table_new(ctx->arena, columns, ARRAY_SIZE(columns));
	struct tag_list list;

	(void)args;
	if (!s || !note_tags(s, ctx->arena, &list, err))
		return false;
	for (size_t i = 0; i < list.n; i++) {
		struct row *row = table_add(t);

		row->ref = (struct ref){ REF_TAG, list.v[i].name };
		row_set(t, row, "tag", cell_text(list.v[i].name));
		row_set(t, row, "notes", cell_int((int64_t)list.v[i].notes));
	}
	t->empty = "No note has a tag.";
	give_table(result, t);
	return true;
}

/* ---- showing --------------------------------------------------------------------- */

/* The note that an argument names. */
static bool named(struct ctx *ctx, const struct args *args, struct store **ret_store,
		  struct note *ret, struct err *err)
{
	*ret_store = ctx_store(ctx, err);
	return *ret_store && note_find(*ret_store, ctx->arena,
				       args_text(args, "note", STR("")), ret, err);
}

static bool run_show(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	struct note_style style = { 0 };
	struct store *s;
	struct note note;

	if (!named(ctx, args, &s, &note, err))
		return false;
	note_used(s, note.slug, NOTE_OPENED);
	if (args_has(args, "raw")) {
		result->kind = RESULT_BYTES;
		result->bytes = note.bytes;
		return true;
	}
	if (!args_has(args, "plain"))
		style.live = ctx_note_live(ctx, ctx->arena, note.slug, note.bytes);
	result->kind = RESULT_DOC;
	result->doc = note_doc(ctx->arena, note.bytes, &style);
	return true;
}

/* ---- changing -------------------------------------------------------------------- */

static void said(struct ctx *ctx, struct result *result, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
static void said(struct ctx *ctx, struct result *result, const char *fmt, ...)
{
	STRBUF_AUTO(b, 1000);
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&b, fmt, ap);
	va_end(ap);
	result->said = arena_str(ctx->arena, strbuf_str(&b));
	ctx_say(ctx, STR_FMT, STR_ARG(result->said));
}

/* What a new note is called: its title, else its first heading, else its file. */
static struct str name_for(struct ctx *ctx, struct str bytes, struct str file)
{
	struct frontmatter fm = { 0 };
	ptrdiff_t at = str_rchr(file, '/');

	if (frontmatter_parse(ctx->arena, bytes, &fm, NULL) && fm.title.n)
		return note_slug_from(ctx->arena, fm.title);
	STR_EACH_LINE (line, str_from(bytes, fm.body)) {
		if (str_skip(&line, STR("# ")) && str_trim(line).n)
			return note_slug_from(ctx->arena, str_trim(line));
	}
	file = str_from(file, at < 0 ? 0 : (size_t)at + 1);
	if (str_ends(file, STR(".md")))
		file.n -= 3;
	return note_slug_from(ctx->arena, str_eq(file, STR("-")) ? STR("note") : file);
}

static struct str free_name(struct ctx *ctx, struct store *s, struct str name)
{
	struct str slug = name;

	for (int i = 2; note_exists(s, slug); i++)
		slug = arena_strf(ctx->arena, STR_FMT "-%d", STR_ARG(name), i);
	return slug;
}

/* A file to edit in; it stays where it is when its text could not be saved. */
static bool edit_text(struct ctx *ctx, struct str text, struct strbuf *ret,
		      const char **ret_path, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	char *path = arena_printf(ctx->arena, "%s/kcrib-XXXXXX.md",
				  tmp && *tmp ? tmp : "/tmp");
	int fd = mkostemps(path, 3, 0);
	bool ok;

	if (fd < 0)
		return err_set(err, ERR_IO, "editing: %s: no file can be made", path);
	*ret_path = path;
	ok = file_write_fd(fd, text, path, err);
	close(fd);
	return ok && editor_run(ctx, path, 0, err) && file_read(path, ret, err);
}

/* The name that was asked for, or a free one made of the text. */
static bool choose_name(struct ctx *ctx, const struct args *args, struct store *s,
			struct str bytes, struct str *ret, struct err *err)
{
	struct str slug = args_text(args, "name", STR_NONE);

	if (!slug.p) {
		*ret = free_name(ctx, s,
				 name_for(ctx, bytes, args_text(args, "file", STR_NONE)));
		return true;
	}
	if (!note_slug_ok(slug))
		return err_set(err, ERR_USAGE, "new: " STR_FMT ": not a name for a note",
			       STR_ARG(slug));
	if (note_exists(s, slug))
		return err_set(err, ERR_CONFLICT,
			       "new: " STR_FMT ": there is such a note", STR_ARG(slug));
	*ret = slug;
	return true;
}

/* A note written by hand counts as used from the first day on: see the ranking. */
static void tell_new(struct ctx *ctx, struct store *s, struct result *result,
		     struct str slug, bool by_hand)
{
	if (by_hand)
		note_used(s, slug, NOTE_OPENED);
	said(ctx, result, "saved " STR_FMT, STR_ARG(slug));
}

static bool run_new(struct ctx *ctx, const struct args *args, struct result *result,
		    struct err *err)
{
	static const struct str start = { "# Title\n\n", 9 };
	struct store *s = ctx_store(ctx, err);
	struct str file = args_text(args, "file", STR_NONE), slug, text;
	STRBUF_AUTO(b, STORE_NOTE_MAX);
	const char *path = NULL;
	bool empty;

	if (!s)
		return false;
	if (!file.p && !ctx->interactive)
		return err_set(err, ERR_USAGE,
			       "new: name a file, or - for standard input");
	if (!(file.p ? file_read(arena_cstr(ctx->arena, file), &b, err)
		     : edit_text(ctx, start, &b, &path, err)))
		return false;
	text = strbuf_str(&b);
	empty = !str_trim(text).n || (path && str_eq(text, start));
	if (!empty && (!choose_name(ctx, args, s, text, &slug, err) ||
		       !note_save(s, slug, text, err)))
		return path ? err_hint(err, "your text is kept in %s", path) : false;
	if (path)
		unlink(path);
	result->exit_code = empty;
	if (empty)
		said(ctx, result, "nothing to save");
	else
		tell_new(ctx, s, result, slug, path != NULL);
	return true;
}

static bool run_edit(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	STRBUF_AUTO(b, STORE_NOTE_MAX);
	const char *path = NULL;
	struct store *s;
	struct note note;

	if (!named(ctx, args, &s, &note, err) ||
	    !edit_text(ctx, note.bytes, &b, &path, err))
		return false;
	if (str_eq(strbuf_str(&b), note.bytes)) {
		unlink(path);
		said(ctx, result, "nothing was changed");
		return true;
	}
	if (!note_save_over(s, note.slug, note.bytes, strbuf_str(&b), err))
		return err_hint(err, "your text is kept in %s", path);
	unlink(path);
	said(ctx, result, "saved " STR_FMT "; kcrib undo takes it back",
	     STR_ARG(note.slug));
	return true;
}

static bool run_rm(struct ctx *ctx, const struct args *args, struct result *result,
		   struct err *err)
{
	struct store *s = ctx_store(ctx, err);
	const struct value *v;
	size_t n = 0;

	if (!s || !store_begin(s,
			       arena_printf(ctx->arena, "deletion of " STR_FMT,
					    STR_ARG(joined(ctx->arena, args, "note"))),
			       err))
		return false;
	for (; (v = args_nth(args, "note", n)); n++) {
		/* the whole name: what is deleted is never guessed */
		if (!note_delete(s, v->text, err)) {
			store_rollback(s);
			return false;
		}
	}
	if (!store_commit(s, err))
		return false;
	said(ctx, result,
	     n == 1 ? "deleted %zu note; kcrib undo brings it back"
		    : "deleted %zu notes; kcrib undo brings them back",
	     n);
	return true;
}

static bool run_rename(struct ctx *ctx, const struct args *args, struct result *result,
		       struct err *err)
{
	struct str from = args_text(args, "note", STR("")),
		   to = args_text(args, "to", STR(""));
	struct store *s = ctx_store(ctx, err);
	size_t links;

	if (!s)
		return false;
	if (!note_slug_ok(to)) {
		err_set(err, ERR_USAGE, "rename: " STR_FMT ": not a name for a note",
			STR_ARG(to));
		return err_hint(err, "lower-case letters, digits, '-', '.' and '_'");
	}
	if (!note_rename(s, from, to, &links, err))
		return false;
	said(ctx, result,
	     "renamed " STR_FMT " to " STR_FMT "; links changed in %zu notes",
	     STR_ARG(from), STR_ARG(to), links);
	return true;
}

static bool run_undo(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	struct store *s = ctx_store(ctx, err);
	bool redo = args_has(args, "redo");
	struct str what;

	if (!s || !(redo ? note_redo(s, ctx->arena, &what, err)
			 : note_undo(s, ctx->arena, &what, err)))
		return false;
	said(ctx, result, "%s: " STR_FMT, redo ? "done again" : "taken back",
	     STR_ARG(what));
	return true;
}

/* ---- history --------------------------------------------------------------------- */

static bool run_history(struct ctx *ctx, const struct args *args, struct result *result,
			struct err *err)
{
	static const struct column columns[] = {
		{ "id", "revision", CELL_INT, COLUMN_LEFT, 0, 0,
		  "as kcrib diff takes it" },
		{ "kind", "change", CELL_TEXT, 0, 0, 0, "" },
		{ "time_s", "time_s", CELL_INT, COLUMN_HIDDEN, 0, 0,
		  "seconds since 1970" },
		{ "when", "when", CELL_TEXT, COLUMN_NOJSON, 0, 0, "local time" },
		{ "slug", "note", CELL_TEXT, 0, 0, 40, "its name after it" },
		{ "was", "was", CELL_TEXT, 0, 0, 40, "its name before, if another" },
		{ "size_bytes", "size", CELL_BYTES, 0, 0, 0, "of the text after it" },
	};
	struct store *s = ctx_store(ctx, err);
	struct table *t = table_new(ctx->arena, columns, ARRAY_SIZE(columns));
	struct revision_list list;

	if (!s ||
	    !note_history(s, ctx->arena, args_text(args, "note", STR("")), &list, err))
		return false;
	for (size_t i = 0; i < list.n; i++) {
		const struct revision *r = &list.v[i];
		struct row *row = table_add(t);
		time_t when = (time_t)r->time_s;
		struct tm tm = { 0 };
		char text[40];

		localtime_r(&when, &tm);
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
		row->ref =
			(struct ref){ REF_COMMAND,
				      arena_strf(ctx->arena, "diff " STR_FMT " %" PRId64,
						 STR_ARG(r->slug), r->id) };
		row_set(t, row, "id", cell_int(r->id));
		row_set(t, row, "kind", cell_text(str_of(revision_kind_name(r->kind))));
		row_set(t, row, "time_s", cell_int(r->time_s));
		row_set(t, row, "when", cell_text(arena_strf(ctx->arena, "%s", text)));
		row_set(t, row, "slug", cell_text(r->slug));
		if (r->was.n)
			row_set(t, row, "was", cell_text(r->was));
		row_set(t, row, "size_bytes", cell_bytes(r->bytes));
	}
	give_table(result, t);
	return true;
}

static bool run_diff(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	struct store *s = ctx_store(ctx, err);
	struct str slug = args_text(args, "note", STR("")), before, after;
	struct revision_list list;
	STRBUF_AUTO(b, DIFF_MAX);
	struct doc *doc;
	int64_t id;

	if (!s || !note_history(s, ctx->arena, slug, &list, err))
		return false;
	id = args_int(args, "revision", list.n ? list.v[0].id : 0);
	if (!note_revision_before(s, ctx->arena, id, &before, err) ||
	    !note_revision(s, ctx->arena, id, &after, err))
		return false;
	line_diff(&b, before, after,
		  arena_strf(ctx->arena, "a/" STR_FMT ".md", STR_ARG(slug)),
		  arena_strf(ctx->arena, "b/" STR_FMT ".md", STR_ARG(slug)));
	if (!strbuf_ok(&b, "comparing revisions", err))
		return false;
	doc = doc_new(ctx->arena);
	doc_diff(doc, arena_str(ctx->arena, strbuf_str(&b)));
	result->kind = RESULT_DOC;
	result->doc = doc;
	result->exit_code = b.n ? 0 : 1;
	return true;
}

/* ---- the table ------------------------------------------------------------------- */

#define NOTE_PARAM(text)                                                                 \
	{                                                                                \
		"note", 0, PARAM_REQUIRED, &argtype_note, "NOTE", text                   \
	}
#define TAG_PARAM                                                                        \
	{                                                                                \
		"tag", 't', PARAM_OPTION, &argtype_tag, NULL, "only notes with this tag" \
	}

const struct command commands_note[] = {
	{ "backlinks", "the notes that link to a note", NULL,
	  (const struct param[]){ NOTE_PARAM("name, title or alias"), { 0 } }, 0,
	  run_backlinks, NULL },
	{ "diff", "what a revision of a note changed",
	  "Without a number the last revision is shown; kcrib history NOTE lists them.",
	  (const struct param[]){ NOTE_PARAM("its name"),
				  { "revision", 0, 0, &argtype_int, "REVISION",
				    "number of the revision" },
				  { 0 } },
	  0, run_diff, NULL },
	{ "edit", "change a note in $VISUAL or $EDITOR", NULL,
	  (const struct param[]){ NOTE_PARAM("name, title or alias"), { 0 } },
	  COMMAND_CHANGES | COMMAND_TERMINAL, run_edit, NULL },
	{ "find", "look for notes, best first",
	  "All words must be in a note, the last one may be unfinished. When none has them\n"
	  "all, misspelt words are repaired, and then any of the words will do; both is\n"
	  "said. A pasted error message finds its recipe. The language of the locale is\n"
	  "preferred; without one, the script of the words decides.",
	  (const struct param[]){
		  { "words", 0, PARAM_REQUIRED | PARAM_MANY, &argtype_text, "WORDS",
		    "what to look for" },
		  { "limit", 0, PARAM_OPTION, &argtype_int, "N",
		    "at most so many, 20 without it, never more than 200" },
		  { "tag", 0, PARAM_OPTION, &argtype_tag, NULL,
		    "only notes with this tag" },
		  { "lang", 0, PARAM_OPTION, &argtype_text, "LANG",
		    "the preferred language: en, zh" },
		  { "reference", 0, PARAM_SWITCH | PARAM_OPTION, NULL, NULL,
		    "in the second corpus: manual pages, documentation" },
		  { 0 } },
	  COMMAND_PASS, run_find, NULL },
	{ "history", "the revisions of a note, newest first", NULL,
	  (const struct param[]){ NOTE_PARAM("its name, also of a deleted note"), { 0 } },
	  0, run_history, NULL },
	{ "list", "all notes by name", NULL,
	  (const struct param[]){ TAG_PARAM,
				  { "lang", 'L', PARAM_OPTION, &argtype_text, "LANG",
				    "only notes in this language" },
				  { 0 } },
	  0, run_list, NULL },
	{ "new", "make a note from a file, standard input or an editor",
	  "The note is called after its title, its first heading or its file.",
	  (const struct param[]){
		  { "file", 0, 0, &argtype_path, "FILE",
		    "a Markdown file, or - for standard input" },
		  { "name", 0, PARAM_OPTION, &argtype_text, "NAME", "call it so" },
		  { 0 } },
	  COMMAND_CHANGES | COMMAND_TERMINAL, run_new, NULL },
	{ "rename", "give a note another name; links to it follow", NULL,
	  (const struct param[]){
		  NOTE_PARAM("its name"),
		  { "to", 0, PARAM_REQUIRED, &argtype_text, "NAME", "the new name" },
		  { 0 } },
	  COMMAND_CHANGES, run_rename, NULL },
	{ "rm", "delete notes; undo brings them back", NULL,
	  (const struct param[]){ { "note", 0, PARAM_REQUIRED | PARAM_MANY, &argtype_note,
				    "NOTE", "the whole name" },
				  { 0 } },
	  COMMAND_CHANGES, run_rm, NULL },
	{ "show", "a note, with what is alive in it", NULL,
	  (const struct param[]){ NOTE_PARAM("name, title or alias"),
				  { "raw", 0, PARAM_SWITCH | PARAM_OPTION, NULL, NULL,
				    "its bytes as they were saved" },
				  { "plain", 0, PARAM_SWITCH | PARAM_OPTION, NULL, NULL,
				    "as text, without looking at this machine" },
				  { 0 } },
	  0, run_show, NULL },
	{ "tags", "all tags and how many notes have them", NULL, NULL, 0, run_tags,
	  NULL },
	{ "undo", "take back the last change of notes",
	  "Each save, rename and delete can be taken back, the last one first.",
	  (const struct param[]){ { "redo", 0, PARAM_SWITCH | PARAM_OPTION, NULL, NULL,
				    "do again what was taken back" },
				  { 0 } },
	  COMMAND_CHANGES, run_undo, NULL },
	{ 0 },
};
