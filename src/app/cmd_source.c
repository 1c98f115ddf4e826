/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source references of notes, resolved in the user's own tree: files of a folder
 * (linux.path), or of a commit of the repository there (linux.rev).
 */
#include "app/config.h"
#include "base/file.h"
#include "commands.h"
#include "note/code_lines.h"
#include "note/source_symbol.h"
#include "repo/repo.h"
#include "repo/tree.h"

enum { SOURCE_MAX = 16 << 20, LINES_BEFORE = 8, LINES_AFTER = 32 };

struct reference {
	struct str tree, path, symbol; /* "linux", "mm/x.c", "f" */
};

static bool parse(struct str text, struct reference *ret, struct err *err)
{
	struct reference r = { .symbol = STR("") };
	struct str rest = text, part;

	if (!str_cut(&rest, ':', &r.tree) || !rest.p || !rest.n)
		return err_set(err, ERR_USAGE,
			       "\"" STR_FMT "\" is not tree:path#symbol, such as "
			       "linux:mm/rmap.c#try_to_unmap",
			       STR_ARG(text));
	(void)str_cut(&rest, '#', &r.path);
	if (rest.p)
		r.symbol = rest;
	for (rest = r.path; str_cut(&rest, '/', &part);)
		if (!part.n || str_eq(part, STR("..")))
			return err_set(err, ERR_DENIED,
				       "\"" STR_FMT "\" leads out of the tree",
				       STR_ARG(text));
	*ret = r;
	return true;
}

static bool read_commit(struct ctx *ctx, const char *dir, const char *rev,
			struct str path, struct str *ret, struct err *err)
{
	AUTO(repo) repo = NULL;
	AUTO(repo_tree) tree = NULL;
	struct repo_entry entry;
	char hex[REPO_HEX + 1];

	if (!repo_open(dir, &repo, err) || !repo_resolve(repo, rev, hex, err) ||
	    !repo_tree_open(repo, hex, &tree, err))
		return false;
	entry = repo_tree_entry(tree, path);
	if (!entry.mode)
		return err_set(err, ERR_NOTFOUND, STR_FMT " is gone in %s", STR_ARG(path),
			       rev);
	return repo_blob_read(repo, &entry.id, ctx->arena, ret, err);
}

static bool read_source(struct ctx *ctx, const struct reference *r, struct str *ret,
			struct err *err)
{
	const struct config *c = ctx_config(ctx);
	char *key = arena_printf(ctx->arena, STR_FMT ".path", STR_ARG(r->tree));
	char *rev_key = arena_printf(ctx->arena, STR_FMT ".rev", STR_ARG(r->tree));
	struct str dir = config_get(c, key, STR("")),
		   rev = config_get(c, rev_key, STR(""));
	STRBUF_AUTO(b, SOURCE_MAX);
	char *path;

	if (!dir.n) {
		err_set(err, ERR_NOTFOUND, "no " STR_FMT " tree is configured",
			STR_ARG(r->tree));
		return err_hint(err,
				"in the configuration: [" STR_FMT "] path = /your/tree",
				STR_ARG(r->tree));
	}
	if (rev.n)
		return read_commit(ctx, arena_cstr(ctx->arena, dir),
				   arena_cstr(ctx->arena, rev), r->path, ret, err);
	path = arena_printf(ctx->arena, STR_FMT "/" STR_FMT, STR_ARG(dir),
			    STR_ARG(r->path));
	if (!file_exists(path))
		return err_set(err, ERR_NOTFOUND, STR_FMT " is gone from " STR_FMT,
			       STR_ARG(r->path), STR_ARG(dir));
	if (!file_read(path, &b, err))
		return false;
	*ret = arena_str(ctx->arena, strbuf_str(&b));
	return true;
}

/* The lines around the definition, numbered. */
static void show(struct doc *d, struct str text, size_t line)
{
	size_t number = 0, from = line > LINES_BEFORE ? line - LINES_BEFORE : 1;
	STRBUF_AUTO(b, 1 << 20);

	STR_EACH_LINE (one, text)
		if (++number >= from && number < from + LINES_BEFORE + LINES_AFTER)
			strbuf_addf(&b, STR_FMT "\n", STR_ARG(one));
	code_text(d, STR("c"), strbuf_str(&b));
}

static bool run_source(struct ctx *ctx, const struct args *args, struct result *result,
		       struct err *err)
{
	struct doc *d = doc_new(ctx->arena);
	struct reference r = { 0 };
	struct str text = STR("");
	size_t line = 1;

	if (!parse(args_text(args, "reference", STR("")), &r, err) ||
	    !read_source(ctx, &r, &text, err))
		return false;
	if (r.symbol.n)
		line = source_find_symbol(text, r.symbol);
	if (line)
		doc_textf(d, STYLE_HEAD2, STR_FMT ", line %zu", STR_ARG(r.path), line);
	else
		doc_textf(d, STYLE_WARN, STR_FMT " is gone from " STR_FMT,
			  STR_ARG(r.symbol), STR_ARG(r.path));
	if (line)
		show(d, text, line);
	*result = (struct result){ .kind = RESULT_DOC, .doc = d, .exit_code = !line };
	return true;
}

const struct command commands_source[] = {
	{ "source", "show the code that a note refers to, in your own tree",
	  "Settings: linux.path is your tree, linux.rev (optional) a commit in it; qemu.path "
	  "likewise. The exit code is 1 when the symbol is gone.",
	  (const struct param[]){ { "reference", 0, PARAM_REQUIRED, &argtype_text,
				    "TREE:PATH[#SYMBOL]",
				    "such as linux:mm/rmap.c#try_to_unmap" },
				  { 0 } },
	  0, run_source, NULL },
	{ 0 },
};
