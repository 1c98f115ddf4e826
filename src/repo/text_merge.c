/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text merge and diff by libgit2: see repo/text_merge.h. Needs no repository.
 */
#include "git2_lazy.h"

#include "base/strbuf.h"
#include "repo/text_merge.h"

static bool git_failed(struct err *err, const char *what)
{
	const git_error *e = git_error_last();

	return err_set(err, ERR_INTERNAL, "%s: %s", what,
		       e ? e->message : "libgit2 failed");
}

bool text_merge(struct arena *a, const struct text_versions *v, struct str *ret,
		struct err *err)
{
	git_merge_file_input in[3] = { GIT_MERGE_FILE_INPUT_INIT,
				       GIT_MERGE_FILE_INPUT_INIT,
				       GIT_MERGE_FILE_INPUT_INIT };
	const struct str texts[3] = { v->base, v->ours, v->theirs };
	git_merge_file_result out = { 0 };
	int rc;

	for (size_t i = 0; i < 3; i++) {
		in[i].ptr = texts[i].n ? texts[i].p : "";
		in[i].size = texts[i].n;
	}
	if (!git2_load(err))
		return false;
	git_libgit2_init();
	rc = git_merge_file(&out, &in[0], &in[1], &in[2], NULL);
	if (rc == 0) {
		*ret = out.automergeable ? arena_str(a, str_n(out.ptr, out.len))
					 : STR_NONE;
		git_merge_file_result_free(&out);
	} else {
		git_failed(err, "merging");
	}
	git_libgit2_shutdown();
	return rc == 0;
}

struct diff_out {
	struct strbuf *b;
};

static int add_line(const git_diff_delta *delta, const git_diff_hunk *hunk,
		    const git_diff_line *line, void *arg)
{
	struct diff_out *out = arg;

	if (line->origin == ' ' || line->origin == '+' || line->origin == '-')
		strbuf_addc(out->b, line->origin);
	strbuf_add(out->b, str_n(line->content, line->content_len));
	return 0;
}

bool text_diff(struct arena *a, struct str from, struct str to, const char *name,
	       struct str *ret, struct err *err)
{
	STRBUF_AUTO(b, 64 << 20);
	struct diff_out out = { &b };
	git_patch *patch = NULL;
	int rc;

	if (!git2_load(err))
		return false;
	git_libgit2_init();
	rc = git_patch_from_buffers(&patch, from.n ? from.p : "", from.n, name,
				    to.n ? to.p : "", to.n, name, NULL);
	if (rc == 0 && patch)
		rc = git_patch_print(patch, add_line, &out);
	if (rc)
		git_failed(err, "comparing");
	git_patch_free(patch);
	git_libgit2_shutdown();
	*ret = arena_str(a, strbuf_str(&b));
	return rc == 0;
}
