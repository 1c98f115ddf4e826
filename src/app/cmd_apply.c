/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kcrib apply: patches into the files as they are, without commits. The same engine as
 * am; --reject takes what is certain and leaves the rest as .rej files.
 */
#include "base/file.h"
#include "commands.h"
#include "patch/diffstat.h"
#include "patch/mail.h"
#include "patch/rej.h"
#include "patch_result.h"
#include "repo/file_merge.h"
#include "repo/folder.h"

enum { SUB_MODE = 0160000 };

struct target {
	struct repo *repo;
	struct repo_work *work;
	struct files *files; /* where there is no repository */
	struct folder_tree tree;
	struct am_apply_options o;
	bool check, index, cached; /* cached: the index alone, no file */
	bool threeway;
	bool counting;   /* what the patches change is shown at the end */
	bool count_only; /* and nothing else is done */
	bool allow_empty;
	struct patch counted;
};

static void target_free(struct target *t)
{
	repo_work_free(t->work);
	repo_free(t->repo);
	files_free(t->files);
}

static bool open_target(struct ctx *ctx, struct target *t, struct err *err)
{
	const char *dir = ctx->dir ? ctx->dir : ".";
	struct err why = { 0 };

	if (repo_open(dir, &t->repo, &why) && !repo_is_bare(t->repo)) {
		const char *spare = repo_path(t->repo, ctx->arena, "kcrib-spare");

		if (!repo_work_open(t->repo, spare, &t->work, err))
			return false;
		t->tree = (struct folder_tree){ repo_work_files(t->work), t->work,
						t->repo };
		t->o.diff.prefix_here = str_of(repo_prefix(t->repo));
		return true;
	}
	if (why.code && why.code != ERR_NOTFOUND) {
		*err = why;
		return false;
	}
	if (t->index)
		return err_set(err, ERR_CONFLICT, "apply: --%s outside a repository",
			       t->threeway ? "3way"
			       : t->cached ? "cached"
					   : "index");
	if (!files_open(dir, arena_printf(ctx->arena, "%s/.kcrib-spare", dir), &t->files,
			err))
		return false;
	t->tree = (struct folder_tree){ t->files, NULL, NULL };
	return true;
}

/* ---- options ---- */

static bool set_from_config(struct ctx *ctx, struct target *t, struct err *err)
{
	const char *ws, *ignore;

	if (!t->repo)
		return true;
	ws = repo_config(t->repo, ctx->arena, "apply.whitespace");
	ignore = repo_config(t->repo, ctx->arena, "apply.ignorewhitespace");
	if (ignore && !strcmp(ignore, "change"))
		t->o.place.ignore_space = true;
	if (!repo_ws_rule(t->repo, &t->o.place.ws_rule, err))
		return false;
	return !ws ||
	       am_apply_option(&t->o, arena_strf(ctx->arena, "--whitespace=%s", ws),
			       ctx->arena, err);
}

/* Options that am_apply_option() does not know. */
static bool is_ours(const char *name)
{
	static const char *const names[] = { "check",  "index",      "cached",  "3way",
					     "strict", "stat",       "numstat", "summary",
					     "apply",  "allow-empty" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static bool set_options(struct ctx *ctx, const struct args *args, struct target *t,
			struct err *err)
{
	for (size_t i = 0; i < args->n; i++) {
		const struct arg *arg = &args->v[i];
		const struct param *p = arg->param;
		struct str word;

		if (!(p->flags & PARAM_OPTION) || arg->negated || is_ours(p->name))
			continue;
		if (p->flags & PARAM_SWITCH)
			word = arena_strf(ctx->arena, "--%s", p->name);
		else if (p->letter)
			word = arena_strf(ctx->arena, "-%c" STR_FMT, p->letter,
					  STR_ARG(arg->value.text));
		else
			word = arena_strf(ctx->arena, "--%s=" STR_FMT, p->name,
					  STR_ARG(arg->value.text));
		if (!am_apply_option(&t->o, word, ctx->arena, err))
			return false;
	}
	if (t->o.reject && t->threeway)
		return err_set(err, ERR_USAGE,
			       "options '--reject' and '--3way' cannot be used together");
	t->o.index = t->index;
	t->o.check = t->check;
	if (t->o.reject && !args_has(args, "strict"))
		t->o.place.engines = PLACE_WITH_ALL;
	return true;
}

/* ---- one patch ---- */

/* A tracked file that is missing in the tree is no change of the user's to git. */
static bool bring_back(struct target *t, struct str path, struct repo_entry entry,
		       struct err *err)
{
	struct tree door = folder_tree_door(&t->tree);
	struct repo_change change = { path, entry, entry };
	struct repo_changes one = { .v = &change, .n = 1 };

	return entry.mode == SUB_MODE || files_is_there(t->tree.files, path) ||
	       tree_path_blocked(&door, path) || repo_work_checkout(t->work, &one, err);
}

static bool check_path(void *arg, struct str path, bool creating, struct arena *a,
		       struct str *ret_why, struct err *err)
{
	struct target *t = arg;
	struct repo_entry entry;
	bool agrees = true;

	if (!t->index)
		return true;
	entry = repo_work_entry(t->work, path);
	if (!entry.mode) {
		if (!creating)
			*ret_why = arena_strf(a, STR_FMT ": does not exist in index",
					      STR_ARG(path));
		return true;
	}
	if (t->cached)
		return true;
	if (!t->check && !bring_back(t, path, entry, err))
		return false;
	/* What both made is looked at once more, as ours. */
	if (creating && t->threeway)
		return true;
	if (!repo_work_agrees(t->work, path, &agrees, err))
		return false;
	if (!agrees)
		*ret_why = arena_strf(a, STR_FMT ": does not match index", STR_ARG(path));
	return true;
}

static bool ws_rule(void *arg, struct str path, struct ws_rule *rule, struct err *err)
{
	struct target *t = arg;

	return !t->repo || repo_path_ws_rule(t->repo, path, rule, err);
}

static bool merge(void *arg, struct str path, const struct am_versions *v,
		  struct arena *a, struct am_merged *ret, struct err *err)
{
	const struct merge_names names = { path, "base", "ours", "theirs" };
	const struct text_versions versions = { v->base, v->ours, v->theirs };
	struct target *t = arg;
	struct merged_file merged;

	if (!repo_merge_file(t->repo, &names, &versions, a, &merged, err))
		return false;
	*ret = (struct am_merged){ merged.bytes, merged.conflict, merged.binary };
	return true;
}

static bool write_rejects(struct ctx *ctx, struct target *t, const struct am_applied *r,
			  struct err *err)
{
	STRBUF_AUTO(text, (size_t)1 << 30);

	for (size_t i = 0; i < r->n; i++) {
		const struct place_result *p = &r->v[i].result;
		struct str path;

		if (!p->n_rejected && p->file.status != PLACE_REJECTED)
			continue;
		path = rej_path(filepatch_path(&p->rejects), ctx->arena);
		strbuf_clear(&text);
		rej_print(&p->rejects, &text);
		if (!strbuf_ok(&text, "reject", err) ||
		    !files_write(t->tree.files, path, strbuf_str(&text), 0100644, err))
			return false;
	}
	return true;
}

static bool store_sides(struct target *t, const struct am_applied *r, struct err *err)
{
	struct repo_id id;

	for (size_t i = 0; i < r->n; i++) {
		const struct am_versions *v = r->v[i].conflict;

		if (v && ((v->base.p && !repo_blob_write(t->repo, v->base, &id, err)) ||
			  !repo_blob_write(t->repo, v->ours, &id, err) ||
			  !repo_blob_write(t->repo, v->theirs, &id, err)))
			return false;
	}
	return true;
}

static bool stage_sides(struct target *t, const struct am_file *file, struct err *err)
{
	const struct am_versions *v = file->conflict;
	unsigned mode = file->result.mode;
	const struct repo_entry side[3] = {
		{ v->base.p ? mode : 0, repo_blob_id(v->base) },
		{ mode, repo_blob_id(v->ours) },
		{ mode, repo_blob_id(v->theirs) },
	};

	return repo_work_stage_conflict(t->work, file->result.path, side, err);
}

/* A file goes into the index as it is; of a submodule the patch alone knows the commit.
 */
static bool stage_made(struct target *t, const struct am_file *file, struct err *err)
{
	struct tree index = repo_work_index(t->work);
	const struct place_result *p = &file->result;

	if (file->conflict)
		return stage_sides(t, file, err);
	if (t->cached)
		return true;
	if (p->mode == SUB_MODE)
		return index.ops->write(index.ctx, p->path, p->post, p->mode, err);
	return repo_work_add(t->work, p->path, err);
}

/* What goes leaves the index before it is looked at in the tree: where its folder stood
 * a symlink may be now. */
static bool stage(struct target *t, const struct am_applied *r, struct err *err)
{
	static const struct repo_entry gone;

	if (!t->index)
		return true;
	for (size_t i = 0; !t->cached && i < r->n; i++) {
		const struct place_result *p = &r->v[i].result;

		if (p->changed && p->remove_path.n &&
		    !repo_work_stage(t->work, p->remove_path, gone, err))
			return false;
	}
	for (size_t i = 0; i < r->n; i++) {
		const struct place_result *p = &r->v[i].result;

		if (p->changed && p->path.n && !stage_made(t, &r->v[i], err))
			return false;
	}
	return repo_work_save(t->work, err);
}

/* --json: one object a patch, as am gives one a mail. */
static const struct column input_columns[] = {
	{ "patch", "Patch", CELL_TEXT, 0, 0, 0, "its file, or - for standard input" },
	{ "status", "Status", CELL_TEXT, 0, 0, 0, "applied, conflicts, or stopped" },
	{ "hunks", "Hunks", CELL_TABLE, 0, 0, 0, "what became of each hunk" },
};

/* What became of all inputs. */
struct inputs {
	struct table *table;
	bool failed;
};

static void add_input(struct table *inputs, const char *name, const struct am_applied *r)
{
	struct row *row = table_add(inputs);
	struct str status = r->n_failed || r->ws_stop ? STR("stopped")
			    : r->n_conflicts          ? STR("conflicts")
						      : STR("applied");

	row_set(inputs, row, "patch", cell_text(str_of(name)));
	row_set(inputs, row, "status", cell_text(status));
	row_set(inputs, row, "hunks", cell_table(hunk_table(inputs->arena, r)));
}

static bool read_input(const char *name, struct strbuf *text, struct err *err)
{
	STRBUF_AUTO(raw, DIFF_MAX_BYTES);

	if (!file_read(name, &raw, err))
		return false;
	if (mail_is_packed(strbuf_str(&raw)))
		return mail_unpack(strbuf_str(&raw), name, text, err);
	*text = raw;
	raw = (struct strbuf){ 0 };
	return true;
}

/* ---- counting ---- */

static const struct counter {
	const char *option;
	void (*print)(const struct patch *p, struct strbuf *out);
} counters[] = {
	{ "stat", diffstat_print_graph },
	{ "numstat", diffstat_print_numbers },
	{ "summary", diffstat_print_summary },
};

static bool counts(const struct args *args)
{
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		if (args_has(args, counters[i].option))
			return true;
	return false;
}

/* Keep of a patch what is wanted, as it will be applied. */
static bool count(struct ctx *ctx, struct target *t, const struct patch *p,
		  struct err *err)
{
	struct patch way = *p;

	if (!t->counting)
		return true;
	if (t->o.place.reverse && !patch_reverse(p, ctx->arena, &way, err))
		return false;
	for (size_t i = 0; i < way.n; i++)
		if (am_path_wanted(&t->o, filepatch_path(&way.v[i])))
			*ARENA_PUSH(ctx->arena, &t->counted) = way.v[i];
	return true;
}

static const struct column counted_columns[] = {
	{ "path", "Path", CELL_TEXT, 0, 0, 0, "the file" },
	{ "old_path", "Old path", CELL_TEXT, 0, 0, 0,
	  "its name before a rename or copy" },
	{ "change", "Change", CELL_TEXT, 0, 0, 0,
	  "modify, create, delete, rename or copy" },
	{ "added", "Added", CELL_INT, 0, 0, 0, "lines" },
	{ "removed", "Removed", CELL_INT, 0, 0, 0, "lines" },
	{ "binary", "Binary", CELL_BOOL, 0, 0, 0, "a binary patch has no lines" },
};

static struct table *counted_table(struct arena *a, const struct patch *p)
{
	static const char *const changes[] = {
		[FILEPATCH_MODIFY] = "modify", [FILEPATCH_CREATE] = "create",
		[FILEPATCH_DELETE] = "delete", [FILEPATCH_RENAME] = "rename",
		[FILEPATCH_COPY] = "copy",
	};
	struct table *t = table_new(a, counted_columns, ARRAY_SIZE(counted_columns));

	for (size_t i = 0; i < p->n; i++) {
		const struct filepatch *f = &p->v[i];
		struct diffstat s = diffstat_of(f);
		struct row *row = table_add(t);

		row_set(t, row, "path", cell_text(filepatch_path(f)));
		if (f->kind == FILEPATCH_RENAME || f->kind == FILEPATCH_COPY)
			row_set(t, row, "old_path", cell_text(f->old_path));
		row_set(t, row, "change", cell_text(str_of(changes[f->kind])));
		row_set(t, row, "added", cell_int((int64_t)s.added));
		row_set(t, row, "removed", cell_int((int64_t)s.removed));
		row_set(t, row, "binary", cell_bool(f->binary));
	}
	return t;
}

static bool show_counted(struct ctx *ctx, const struct target *t, const struct args *args,
			 struct result *result, struct err *err)
{
	STRBUF_AUTO(out, DIFF_MAX_BYTES);

	if (ctx->json) {
		result->kind = RESULT_TABLE;
		result->table = counted_table(ctx->arena, &t->counted);
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		if (args_has(args, counters[i].option))
			counters[i].print(&t->counted, &out);
	result->kind = RESULT_BYTES;
	result->bytes = arena_str(ctx->arena, strbuf_str(&out));
	return strbuf_ok(&out, "counts", err);
}

static bool parse_input(struct ctx *ctx, const struct target *t, struct str text,
			struct patch *ret, struct err *err)
{
	struct err why;

	/* What is counted is named after the input is closed. */
	if (t->counting)
		text = arena_str(ctx->arena, text);
	if (diff_parse(text, &t->o.diff, ctx->arena, ret, &why))
		return true;
	*ret = (struct patch){ 0 };
	if (why.code == ERR_NOTFOUND && t->allow_empty)
		return true;
	*err = why;
	return false;
}

/* What a conflict is to be resolved from is stored first, the index is written last. */
static bool write_all(struct ctx *ctx, struct target *t, const struct tree *door,
		      const struct am_applied *r, struct err *err)
{
	if (t->index && !repo_work_check_lock(t->work, err))
		return false;
	if (!store_sides(t, r, err) || !am_write(door, r, err) ||
	    !write_rejects(ctx, t, r, err) || !stage(t, r, err))
		return false;
	return !r->n_conflicts || t->cached || repo_rerere(t->repo, NULL, err);
}

static bool apply_patch(struct ctx *ctx, struct target *t, const char *name,
			const struct patch *p, struct inputs *all, struct err *err)
{
	struct tree door =
		t->cached ? repo_work_index(t->work) : folder_tree_door(&t->tree);
	struct am_target to = { &door, check_path, ws_rule, t,
				t->threeway ? merge : NULL };
	STRBUF_AUTO(words, (size_t)64 << 20);
	struct am_applied r;

	if (!am_apply(&to, p, &t->o, ctx->arena, &r, err))
		return false;
	am_print(&r, &t->o, strcmp(name, "-") ? name : "<stdin>", &words);
	ctx_raw(ctx, true, strbuf_str(&words));
	if (ctx->json)
		add_input(all->table, name, &r);
	all->failed |= r.n_failed || r.ws_stop || (r.n_conflicts && !t->check);
	/* Faults in one patch keep those behind it from being written too. */
	t->check |= r.ws_stop;
	if (t->check || !am_applied_ok(&r, &t->o))
		return true;
	return write_all(ctx, t, &door, &r, err);
}

/* One input, whole: `name` is a file, or "-". */
static bool apply_input(struct ctx *ctx, struct target *t, const char *name,
			struct inputs *all, struct err *err)
{
	STRBUF_AUTO(text, DIFF_MAX_BYTES);
	struct patch p;

	if (!read_input(name, &text, err) ||
	    !parse_input(ctx, t, strbuf_str(&text), &p, err) || !count(ctx, t, &p, err))
		return false;
	return t->count_only || !p.n || apply_patch(ctx, t, name, &p, all, err);
}

static bool apply_all(struct ctx *ctx, struct target *t, const struct args *args,
		      struct result *result, struct err *err)
{
	struct inputs all = { .table = table_new(ctx->arena, input_columns,
						 ARRAY_SIZE(input_columns)) };
	const struct value *v;
	size_t i = 0;

	do {
		const char *name = "-";

		v = args_nth(args, "patch", i++);
		if (v)
			name = arena_cstr(ctx->arena, v->text);
		else if (i > 1)
			break;
		if (!apply_input(ctx, t, name, &all, err))
			return false;
	} while (v);
	result->exit_code = all.failed;
	if (t->counting)
		return show_counted(ctx, t, args, result, err);
	if (ctx->json) {
		result->kind = RESULT_TABLE;
		result->table = all.table;
	}
	return true;
}

static bool run_apply(struct ctx *ctx, const struct args *args, struct result *result,
		      struct err *err)
{
	struct target t = { .o = am_apply_options_default() };
	bool ok;

	t.check = args_has(args, "check");
	t.cached = args_has(args, "cached");
	t.counting = counts(args);
	t.count_only = t.counting && !t.check && !args_has(args, "apply");
	t.allow_empty = args_has(args, "allow-empty");
	t.threeway = args_has(args, "3way");
	t.index = t.cached || t.threeway || args_has(args, "index");
	ok = open_target(ctx, &t, err) && set_from_config(ctx, &t, err) &&
	     set_options(ctx, args, &t, err) && apply_all(ctx, &t, args, result, err);
	target_free(&t);
	return ok;
}

enum {
	SWITCH = PARAM_OPTION | PARAM_SWITCH,
	EACH = PARAM_OPTION | PARAM_MANY,
};

const struct command commands_apply[] = {
	{ "apply", "apply patches to the files as they are",
	  "Nothing is committed. Without --reject a patch is applied whole or not at all,\n"
	  "exactly where git apply would. With --reject, what is certain is placed and\n"
	  "the rest is left in .rej files, which kcrib rej resolves.\n"
	  "Added lines are judged by core.whitespace and the attribute whitespace; what\n"
	  "happens then says --whitespace, or else apply.whitespace.\n"
	  "With -3, files whose blobs the repository has are merged; what conflicts gets\n"
	  "markers in the file and three stages in the index, and the exit status is 1.\n"
	  "A rename or copy onto a file that is there is refused; a merge driver of your\n"
	  "own (merge.<name>.driver) is not run.",
	  (const struct param[]){
		  { "reject", 0, SWITCH, NULL, NULL,
		    "apply what is certain, keep the rest as rejects", NULL },
		  { "check", 0, SWITCH, NULL, NULL, "only say what would happen", NULL },
		  { "stat", 0, SWITCH, NULL, NULL,
		    "only count the changed lines of each file", NULL },
		  { "numstat", 0, SWITCH, NULL, NULL, "the same for programs", NULL },
		  { "summary", 0, SWITCH, NULL, NULL,
		    "only say which files come, go, move or change mode", NULL },
		  { "apply", 0, SWITCH, NULL, NULL,
		    "with --stat, --numstat, --summary: apply too", NULL },
		  { "index", 0, SWITCH, NULL, NULL, "change the index too", NULL },
		  { "cached", 0, SWITCH, NULL, NULL, "change the index and no file",
		    NULL },
		  { "strict", 0, SWITCH, NULL, NULL,
		    "with --reject: place a hunk only where git apply would", NULL },
		  { "3way", '3', SWITCH, NULL, NULL,
		    "merge where the blobs are known; implies --index", NULL },
		  { "reverse", 'R', SWITCH, NULL, NULL, "take the patches back", NULL },
		  { "strip", 'p', EACH, &argtype_text, "N",
		    "leading folders to cut off paths", NULL },
		  { "context", 'C', EACH, &argtype_text, "N",
		    "lines of context that must fit", NULL },
		  { "directory", 0, EACH, &argtype_path, "ROOT",
		    "put this before all paths", NULL },
		  { "exclude", 0, EACH, &argtype_text, "PATTERN",
		    "leave these paths alone", NULL },
		  { "include", 0, EACH, &argtype_text, "PATTERN",
		    "touch only these paths", NULL },
		  { "whitespace", 0, EACH, &argtype_text, "ACTION",
		    "bad blanks: nowarn, warn, fix, error, error-all", NULL },
		  { "ignore-space-change", 0, SWITCH, NULL, NULL,
		    "blanks in context may differ", NULL },
		  { "ignore-whitespace", 0, SWITCH, NULL, NULL, "the same", NULL },
		  { "unidiff-zero", 0, SWITCH, NULL, NULL,
		    "hunks have no context on purpose", NULL },
		  { "recount", 0, SWITCH, NULL, NULL,
		    "believe the lines, not the hunk header", NULL },
		  { "inaccurate-eof", 0, SWITCH, NULL, NULL,
		    "the patch does not know final newlines", NULL },
		  { "allow-overlap", 0, SWITCH, NULL, NULL, "hunks may overlap", NULL },
		  { "allow-empty", 0, SWITCH, NULL, NULL,
		    "an input without a patch is no error", NULL },
		  { "verbose", 'v', SWITCH, NULL, NULL, "say more", NULL },
		  { "binary", 0, SWITCH | PARAM_HIDDEN, NULL, NULL, "no longer needed",
		    NULL },
		  { "allow-binary-replacement", 0, SWITCH | PARAM_HIDDEN, NULL, NULL,
		    "no longer needed", NULL },
		  { "patch", 0, PARAM_MANY, &argtype_path, "PATCH",
		    "files; - or none: standard input", NULL },
		  { 0 } },
	  COMMAND_CHANGES, run_apply, NULL },
	{ 0 },
};
