/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filters between work tree and object database. libgit2 does line ends and $Id$; a
 * driver (filter.NAME.clean, filter.NAME.smudge) is the user's own shell line and is run
 * here as git runs it: the file on standard input, %f its quoted name. Of a driver that
 * fails, "required" makes an error; otherwise the bytes stay as they are. Refused: a
 * driver that is only a process (filter.NAME.process), and working-tree-encoding. What
 * else is read from the attribute files: the rule for whitespace.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"
#include "patch/am.h"
#include "priv.h"

#define FILTERED_MAX ((size_t)1 << 30)

static git_attr_value_t attribute(struct repo *repo, const char *path, const char *name,
				  const char **ret_value)
{
	*ret_value = NULL;
	if (git_attr_get(ret_value, repo->git, 0, path, name) < 0)
		return GIT_ATTR_VALUE_UNSPECIFIED;
	return git_attr_value(*ret_value);
}

/* $Id$ becomes the id of the blob, so that one is needed. */
static int blob_for_id(struct repo *repo, const char *path, struct str bytes,
		       git_blob **ret)
{
	const char *value;
	git_oid id;
	int rc;

	if (attribute(repo, path, "ident", &value) != GIT_ATTR_VALUE_TRUE)
		return 0;
	rc = git_blob_create_from_buffer(&id, repo->git, bytes.p ? bytes.p : "", bytes.n);
	return rc < 0 ? rc : git_blob_lookup(ret, repo->git, &id);
}

static bool builtin(struct repo *repo, const char *path, git_filter_mode_t mode,
		    struct arena *a, struct str *bytes, struct err *err)
{
	git_filter_list *list = NULL;
	git_blob *blob = NULL;
	git_buf out = { 0 };
	int rc = 0;

	if (mode == GIT_FILTER_TO_WORKTREE)
		rc = blob_for_id(repo, path, *bytes, &blob);
	if (rc == 0)
		rc = git_filter_list_load(&list, repo->git, NULL, path, mode,
					  GIT_FILTER_ALLOW_UNSAFE);
	if (rc == 0 && list) {
		if (blob)
			rc = git_filter_list_apply_to_blob(&out, list, blob);
		else
			rc = git_filter_list_apply_to_buffer(
				&out, list, bytes->p ? bytes->p : "", bytes->n);
		if (rc == 0)
			*bytes = arena_str(a, str_n(out.ptr, out.size));
	}
	git_buf_dispose(&out);
	git_filter_list_free(list);
	git_blob_free(blob);
	return rc == 0 || repo_git_err(err, rc, "converting line ends of %s", path);
}

static const char *driver_key(const struct repo *repo, struct arena *a, const char *name,
			      const char *key)
{
	const char *line =
		repo_config(repo, a, arena_printf(a, "filter.%s.%s", name, key));

	return line && line[0] ? line : NULL;
}

/* Bytes that only git can convert must not be taken for the file's own. */
static bool check_known(struct repo *repo, const char *path, struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *value;

	if (attribute(repo, path, "working-tree-encoding", &value) ==
	    GIT_ATTR_VALUE_STRING)
		return err_set(err, ERR_CONFLICT,
			       "%s: working-tree-encoding=%s is known to git am only",
			       path, value);
	if (attribute(repo, path, "filter", &value) == GIT_ATTR_VALUE_STRING &&
	    driver_key(repo, a, value, "process") &&
	    !driver_key(repo, a, value, "clean") && !driver_key(repo, a, value, "smudge"))
		return err_set(err, ERR_CONFLICT,
			       "%s: filter.%s.process is known to git am only", path,
			       value);
	return true;
}

/* The driver's shell line with %f replaced, or NULL when there is none. */
static const char *driver_line(struct repo *repo, struct arena *a, const char *path,
			       git_filter_mode_t mode, bool *ret_required)
{
	const char *name, *line;
	STRBUF_AUTO(out, (size_t)1 << 16);

	if (attribute(repo, path, "filter", &name) != GIT_ATTR_VALUE_STRING)
		return NULL;
	*ret_required = repo_config_bool(
		repo, arena_printf(a, "filter.%s.required", name), false);
	line = driver_key(repo, a, name, mode == GIT_FILTER_TO_ODB ? "clean" : "smudge");
	if (!line)
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
	struct spawn what = { .argv = argv,
			      .dir = repo->workdir,
			      .out = &out,
			      .input = bytes->p ? *bytes : STR("") };
	struct err why;
	int status = 0;

	if (!line)
		return true;
	if (!spawn_run(&what, &status, &why) || status)
		return !required ||
		       err_set(err, ERR_IO, "%s: the filter \"%s\" failed", path, line);
	*bytes = arena_str(a, strbuf_str(&out));
	return true;
}

/* Files that speak of every path: info/attributes, core.attributesFile, /etc. */
static bool has_general(struct repo *repo)
{
	AUTO(arena) a = arena_new();
	const char *home = getenv("HOME"), *xdg = getenv("XDG_CONFIG_HOME");
	const char *crlf = repo_config(repo, a, "core.autocrlf");

	if (crlf && strcmp(crlf, "false") != 0)
		return true;
	return repo_config(repo, a, "core.attributesfile") ||
	       file_exists(arena_printf(a, "%s/info/attributes", repo->commondir)) ||
	       file_exists("/etc/gitattributes") ||
	       (xdg && xdg[0] &&
		file_exists(arena_printf(a, "%s/git/attributes", xdg))) ||
	       (home && file_exists(arena_printf(a, "%s/.config/git/attributes", home)));
}

static bool has_attributes(struct repo *repo, struct str folder)
{
	char path[4096];

	snprintf(path, sizeof(path), STR_FMT "%s.gitattributes", STR_ARG(folder),
		 folder.n ? "/" : "");
	return faccessat(repo->work_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* True when nothing can name a filter for this path, so that the long way through all
 * attribute files need not be gone. The answer for a folder is kept for the next path. */
static bool is_plain(struct repo *repo, const char *path)
{
	struct str folder = str_sub(str_of(path), 0,
				    (size_t)(str_rchr(str_of(path), '/') < 0
						     ? 0
						     : str_rchr(str_of(path), '/')));
	struct str part = folder;

	if (!repo->general_known) {
		repo->general = has_general(repo);
		repo->general_known = true;
	}
	if (repo->general)
		return false;
	/* A run may write .gitattributes itself. */
	if (str_eq(str_from(str_of(path), folder.n + !!folder.n),
		   STR(".gitattributes"))) {
		free(repo->plain_folder);
		repo->plain_folder = NULL;
		return false;
	}
	if (repo->plain_folder && str_eq(str_of(repo->plain_folder), folder))
		return true;
	for (;;) {
		if (has_attributes(repo, part))
			return false;
		if (!part.n)
			break;
		part = str_sub(part, 0,
			       str_rchr(part, '/') < 0 ? 0 : (size_t)str_rchr(part, '/'));
	}
	free(repo->plain_folder);
	repo->plain_folder = strndup(folder.p ? folder.p : "", folder.n);
	return true;
}

bool repo_filter(struct repo *repo, const char *path, git_filter_mode_t mode,
		 struct arena *a, struct str *bytes, struct err *err)
{
	if (is_plain(repo, path))
		return true;
	if (!check_known(repo, path, err))
		return false;
	if (mode == GIT_FILTER_TO_ODB)
		return driver(repo, path, mode, a, bytes, err) &&
		       builtin(repo, path, mode, a, bytes, err);
	return builtin(repo, path, mode, a, bytes, err) &&
	       driver(repo, path, mode, a, bytes, err);
}

bool repo_ws_rule(struct repo *repo, struct ws_rule *ret, struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *words = repo_config(repo, a, "core.whitespace");

	*ret = WS_RULE_DEFAULT;
	return !words || ws_rule_parse(str_of(words), ret, err);
}

bool repo_path_ws_rule(struct repo *repo, struct str path, struct ws_rule *rule,
		       struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *name = arena_cstr(a, path), *value;

	if (!path.n || is_plain(repo, name))
		return true;
	switch (attribute(repo, name, "whitespace", &value)) {
	case GIT_ATTR_VALUE_TRUE:
		*rule = ws_rule_all(*rule);
		return true;
	case GIT_ATTR_VALUE_FALSE:
		*rule = ws_rule_none(*rule);
		return true;
	case GIT_ATTR_VALUE_STRING:
		return ws_rule_parse(str_of(value), rule, err);
	case GIT_ATTR_VALUE_UNSPECIFIED:
		break;
	}
	return true;
}
