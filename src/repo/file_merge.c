/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merging a file by libgit2, and git rerere behind it: see repo/file_merge.h.
 */
#include "repo/file_merge.h"
#include "base/file.h"
#include "base/spawn.h"
#include "priv.h"

/* git looks for a NUL byte this far (buffer_is_binary of its xdiff interface). */
enum { BINARY_LOOK = 8000, MARKER_SIZE = 7, MARKER_SIZE_MAX = 1000 };

enum driver { DRIVER_TEXT, DRIVER_BINARY, DRIVER_UNION };

static const char *attribute(const struct repo *repo, const char *path, const char *name)
{
	const char *value = NULL;

	return git_attr_get(&value, repo->git, 0, path, name) == 0 ? value : NULL;
}

static unsigned short marker_size(const struct repo *repo, const char *path)
{
	const char *value = attribute(repo, path, "conflict-marker-size");
	uint64_t n;

	if (value && str_to_u64(str_of(value), &n) && n > 0 && n < MARKER_SIZE_MAX)
		return (unsigned short)n;
	return MARKER_SIZE;
}

static enum driver driver_of(const struct repo *repo, const char *path, struct arena *a)
{
	const char *value = attribute(repo, path, "merge");
	const char *name = NULL;

	switch (git_attr_value(value)) {
	case GIT_ATTR_VALUE_FALSE:
		return DRIVER_BINARY;
	case GIT_ATTR_VALUE_TRUE:
		return DRIVER_TEXT;
	case GIT_ATTR_VALUE_STRING:
		name = value;
		break;
	case GIT_ATTR_VALUE_UNSPECIFIED:
		name = repo_config(repo, a, "merge.default");
		break;
	}
	if (name && !strcmp(name, "binary"))
		return DRIVER_BINARY;
	return name && !strcmp(name, "union") ? DRIVER_UNION : DRIVER_TEXT;
}

static uint32_t style(const struct repo *repo, struct arena *a)
{
	const char *name = repo_config(repo, a, "merge.conflictstyle");

	if (name && !strcmp(name, "diff3"))
		return GIT_MERGE_FILE_STYLE_DIFF3;
	if (name && !strcmp(name, "zdiff3"))
		return GIT_MERGE_FILE_STYLE_ZDIFF3;
	return GIT_MERGE_FILE_STYLE_MERGE;
}

static bool is_binary(struct str s)
{
	return str_chr(str_sub(s, 0, BINARY_LOOK), '\0') >= 0;
}

static git_merge_file_input input(struct str s)
{
	git_merge_file_input in = GIT_MERGE_FILE_INPUT_INIT;

	in.ptr = s.n ? s.p : "";
	in.size = s.n;
	return in;
}

bool repo_merge_file(struct repo *repo, const struct merge_names *names,
		     const struct text_versions *v, struct arena *a,
		     struct merged_file *ret, struct err *err)
{
	git_merge_file_options opt = GIT_MERGE_FILE_OPTIONS_INIT;
	git_merge_file_input base = input(v->base), ours = input(v->ours);
	git_merge_file_input theirs = input(v->theirs);
	git_merge_file_result result = { 0 };
	const char *path = arena_cstr(a, names->path);
	enum driver driver = driver_of(repo, path, a);
	int rc;

	if (driver == DRIVER_BINARY || is_binary(v->base) || is_binary(v->ours) ||
	    is_binary(v->theirs)) {
		*ret = (struct merged_file){ v->ours, true, true };
		return true;
	}
	opt.our_label = names->ours;
	opt.their_label = names->theirs;
	opt.ancestor_label = names->base;
	opt.marker_size = marker_size(repo, path);
	opt.flags = style(repo, a);
	if (driver == DRIVER_UNION)
		opt.favor = GIT_MERGE_FILE_FAVOR_UNION;
	rc = git_merge_file(&result, &base, &ours, &theirs, &opt);
	if (rc < 0)
		return repo_git_err(err, rc, "merging %s", path);
	ret->bytes = arena_str(a, str_n(result.ptr, result.len));
	ret->conflict = !result.automergeable;
	ret->binary = false;
	git_merge_file_result_free(&result);
	return true;
}

bool repo_rerere(const struct repo *repo, const char *word, struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *argv[] = { "git", "rerere", word, NULL };
	struct spawn spawn = { .argv = argv, .dir = repo_workdir(repo) };
	const char *cache = arena_printf(a, "%s/rr-cache", repo->commondir);
	int status;

	return !repo_config_bool(repo, "rerere.enabled", file_exists(cache)) ||
	       spawn_run(&spawn, &status, err);
}
