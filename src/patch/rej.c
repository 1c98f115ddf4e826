/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reject files: see patch/rej.h. All three makers write unified hunks; they differ in
 * the lines above them:
 *
 *     diff a/x.c b/x.c<TAB>(rejected hunks)      git
 *     --- x.c<TAB>date / +++ x.c<TAB>date        GNU patch, of a unified patch
 *     --- x.c / +++ x.c                          GNU patch, of a git patch
 */
#include "patch/rej.h"

void rej_print(const struct filepatch *f, struct strbuf *out)
{
	filepatch_print(f, out);
}

/* Context format begins "*** x.c" and each hunk with fifteen stars. */
static bool context_format(struct str text)
{
	return str_starts(text, STR("*** ")) ||
	       str_find(str_sub(text, 0, 4096), STR("\n***************")) >= 0 ||
	       str_starts(text, STR("***************"));
}

/* Hunks under a head of ours, so that the reader takes them. */
static bool parse_hunks(struct str hunks, unsigned line, struct str path, struct arena *a,
			struct patch *ret, struct err *err)
{
	static const char head[] = "--- a/x\n+++ b/x\n";
	struct diff_options under = DIFF_OPTIONS_DEFAULT;
	struct str text = arena_strf(a, "%s" STR_FMT, head, STR_ARG(hunks));

	under.origin.line = line > 2 ? line - 2 : 1;
	if (!diff_parse(text, &under, a, ret, err))
		return false;
	ret->n = 1; /* a reject is of one file */
	for (size_t i = 0; i < ret->n; i++) {
		for (size_t k = 0; k < ret->v[i].n_hunks; k++)
			ret->v[i].hunks[k].origin.line -= 2 + under.origin.line - line;
		ret->v[i].old_path = ret->v[i].new_path = path;
		ret->v[i].kind = FILEPATCH_MODIFY;
		ret->v[i].maybe_create = false;
	}
	return true;
}

bool rej_parse(struct str text, struct str path, struct arena *a, struct patch *ret_patch,
	       struct err *err)
{
	struct diff_options opt = DIFF_OPTIONS_DEFAULT;
	struct str rest = text, line;
	unsigned number = 1;

	if (context_format(text))
		return err_set(err, ERR_PARSE,
			       "a context diff: make it with patch "
			       "--reject-format=unified");
	if (str_starts(text, STR("diff --git ")))
		return diff_parse(text, &opt, a, ret_patch, err);
	for (; str_line(&rest, &line); number++) {
		if (str_starts(line, STR("@@ -")))
			return parse_hunks(str_n(line.p, line.n + rest.n), number, path,
					   a, ret_patch, err);
	}
	return err_set(err, ERR_PARSE, "no hunk in it");
}

struct str rej_path(struct str path, struct arena *a)
{
	return arena_strf(a, STR_FMT ".rej", STR_ARG(path));
}
