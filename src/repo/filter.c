/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filters between work tree and object database. libgit2 does line ends and $Id$; a
 * driver (filter.NAME.clean, filter.NAME.smudge) is the user's own shell line and is run
 * here as git runs it: the file on standard input, %f its quoted name. Of a driver that
 * fails, "required" makes an error; otherwise the bytes stay as they are.
 */
#include "base/spawn.h"
#include "patch/am.h"
#include "priv.h"

#define FILTERED_MAX ((size_t)1 << 30)

static bool builtin(struct repo *repo, const char *path, git_filter_mode_t mode,
		    struct arena *a, struct str *bytes, struct err *err)
{
	git_filter_list *list = NULL;
	git_buf out = { 0 };
	int rc;

	rc = git_filter_list_load(&list, repo->git, NULL, path, mode,
				  GIT_FILTER_ALLOW_UNSAFE);
	if (rc == 0 && list) {
		rc = git_filter_list_apply_to_buffer(&out, list, bytes->p ? bytes->p : "",
						     bytes->n);
		if (rc == 0)
			*bytes = arena_str(a, str_n(out.ptr, out.size));
	}
	git_buf_dispose(&out);
	git_filter_list_free(list);
	return rc == 0 || repo_git_err(err, rc, "converting line ends of %s", path);
}

/* The driver's shell line with %f replaced, or NULL when there is none. */
static const char *driver_line(struct repo *repo, struct arena *a, const char *path,
			       git_filter_mode_t mode, bool *ret_required)
{
	const char *name = NULL, *line;
	STRBUF_AUTO(out, (size_t)1 << 16);

	if (git_attr_get(&name, repo->git, 0, path, "filter") < 0 ||
	    git_attr_value(name) != GIT_ATTR_VALUE_STRING)
		return NULL;
	*ret_required = repo_config_bool(
		repo, arena_printf(a, "filter.%s.required", name), false);
	line = repo_config(repo, a,
			   arena_printf(a, "filter.%s.%s", name,
					mode == GIT_FILTER_TO_ODB ? "clean" : "smudge"));
	if (!line || !line[0])
		return NULL;
	for (; *line; line++) {
		if (line[0] == '%' && line[1] == 'f') {
			am_quote(str_of(path), &out);
			line++;
		} else {
			strbuf_addc(&out, *line);
		}
	}
	return arena_cstr(a, strbuf_str(&out));
}

static bool driver(struct repo *repo, const char *path, git_filter_mode_t mode,
		   struct arena *a, struct str *bytes, struct err *err)
{
	bool required = false;
	const char *line = driver_line(repo, a, path, mode, &required);
	const char *argv[] = { "sh", "-c", line, NULL };
	STRBUF_AUTO(out, FILTERED_MAX);
	struct spawn what = { .argv = argv, .dir = repo->workdir, .out = &out,
			      .input = bytes->p ? *bytes : STR("") };
	struct err why;
	int status = 0;

	if (!line)
		return true;
	if (!spawn_run(&what, &status, &why) || status)
		return !required || err_set(err, ERR_IO, "%s: the filter \"%s\" failed",
					    path, line);
	*bytes = arena_str(a, strbuf_str(&out));
	return true;
}

bool repo_filter(struct repo *repo, const char *path, git_filter_mode_t mode,
		 struct arena *a, struct str *bytes, struct err *err)
{
	if (mode == GIT_FILTER_TO_ODB)
		return driver(repo, path, mode, a, bytes, err) &&
		       builtin(repo, path, mode, a, bytes, err);
	return builtin(repo, path, mode, a, bytes, err) &&
	       driver(repo, path, mode, a, bytes, err);
}
