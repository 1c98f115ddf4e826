/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding and opening repositories, and their configuration: see repo/repo.h. Opening
 * reads no index and no object; what it costs is libgit2's reading of the configuration
 * files.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"
#include "objects.h"

static const struct {
	int git;
	enum err_code code;
} codes[] = {
	{ GIT_ENOTFOUND, ERR_NOTFOUND },   { GIT_EEXISTS, ERR_CONFLICT },
	{ GIT_EAMBIGUOUS, ERR_AMBIGUOUS }, { GIT_ELOCKED, ERR_BUSY },
	{ GIT_EMODIFIED, ERR_CONFLICT },   { GIT_EOWNER, ERR_DENIED },
	{ GIT_EINVALIDSPEC, ERR_USAGE },
};

bool repo_git_err(struct err *err, int code, const char *fmt, ...)
{
	const git_error *e = git_error_last();
	enum err_code mine = ERR_IO;
	char what[256];
	va_list ap;

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].git == code)
			mine = codes[i].code;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(err, mine, "%s: %s", what, e ? e->message : "no reason given");
}

static char *without_slash(const char *path)
{
	size_t n = path ? strlen(path) : 0;

	while (n > 1 && path[n - 1] == '/')
		n--;
	return path ? strndup(path, n) : NULL;
}

/* What the configuration must not say: libgit2 would read such objects wrongly. */
static bool check_format(const struct repo *repo, struct err *err)
{
	git_config *snap = repo->config;
	git_buf value = { 0 };
	bool sha256 =
		git_config_get_string_buf(&value, snap, "extensions.objectformat") == 0 &&
		strcasecmp(value.ptr, "sha1") != 0;

	git_buf_dispose(&value);
	if (sha256)
		return err_set(err, ERR_CONFLICT,
			       "opening %s: the repository does not use SHA-1 ids",
			       repo->gitdir);
	return true;
}

static int stop_at_first(const git_config_entry *entry, void *arg)
{
	(void)entry;
	(void)arg;
	return 1;
}

/* Has a remote promised to send later what it left out? */
static bool is_partial(const struct repo *repo)
{
	return git_config_foreach_match(repo->config, "^remote\\..*\\.promisor$",
					stop_at_first, NULL) == 1;
}

/* "git cat-file -e" asks the remote that promised the object. */
static bool fetch_object(const struct repo *repo, const git_oid *id)
{
	char hex[REPO_HEX + 1];
	const char *argv[] = { "git", "cat-file", "-e", hex, NULL };
	struct spawn what = { .argv = argv, .dir = repo->gitdir };
	struct err err;
	int status;

	git_oid_tostr(hex, sizeof(hex), id);
	return spawn_run(&what, &status, &err) && spawn_exit_code(status) == 0;
}

int repo_odb_read(struct repo *repo, const git_oid *id, git_odb_object **ret)
{
	int rc = git_odb_read(ret, repo->odb, id);

	if (rc == GIT_ENOTFOUND && is_partial(repo) && fetch_object(repo, id))
		rc = git_odb_read(ret, repo->odb, id);
	return rc;
}

/* git-worktree(1), CONFIGURATION FILE: settings of this worktree alone. */
static int add_worktree_config(struct repo *repo)
{
	AUTO(arena) a = arena_new();
	const char *path = repo_path(repo, a, "config.worktree");

	if (!repo_config_bool(repo, "extensions.worktreeconfig", false) ||
	    !file_exists(path))
		return 0;
	return git_config_add_file_ondisk(repo->config, path, GIT_CONFIG_LEVEL_APP,
					  repo->git, true);
}

static void find_prefix(struct repo *repo, const char *dir)
{
	char real[PATH_MAX], top[PATH_MAX];
	size_t n;

	repo->prefix = strdup("");
	if (!repo->workdir || !realpath(dir, real) || !realpath(repo->workdir, top))
		return;
	n = strlen(top);
	if (!strncmp(real, top, n) && real[n] == '/') {
		free(repo->prefix);
		repo->prefix = strdup(real + n + 1);
	}
}

static int set_index(git_repository *git, const char *path)
{
	git_index *index = NULL;
	int rc = git_index_open(&index, path);

	if (rc == 0)
		rc = git_repository_set_index(git, index);
	git_index_free(index);
	return rc;
}

/* Told what it knows already libgit2 1.5 loses a few bytes. */
static int set_work_tree(git_repository *git, const char *top)
{
	const char *known = git_repository_workdir(git);
	char have[PATH_MAX], want[PATH_MAX];

	if (known && realpath(known, have) && realpath(top, want) && !strcmp(have, want))
		return 0;
	return git_repository_set_workdir(git, top, 0);
}

/* libgit2 reads the variables of git(1) too, but refuses GIT_WORK_TREE. */
static int open_with_work_tree(const char *dir, const char *top, git_repository **ret)
{
	const char *gitdir = getenv("GIT_DIR"), *index = getenv("GIT_INDEX_FILE");
	unsigned flags =
		gitdir ? GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_NO_DOTGIT
		       : 0;
	int rc = git_repository_open_ext(ret, gitdir ? gitdir : dir, flags,
					 getenv("GIT_CEILING_DIRECTORIES"));

	if (rc == 0)
		rc = set_work_tree(*ret, top);
	if (rc == 0 && index)
		rc = set_index(*ret, index);
	return rc;
}

/* As git finds it from here. With GIT_DIR alone the work tree is where one stands, unless
 * the repository says otherwise. */
static int open_here(const char *dir, git_repository **ret)
{
	const char *gitdir = getenv("GIT_DIR"), *top = getenv("GIT_WORK_TREE");
	git_config *config = NULL;
	git_buf value = { 0 };
	int rc;

	if (top)
		return open_with_work_tree(dir, top, ret);
	rc = git_repository_open_ext(ret, gitdir ? NULL : dir,
				     GIT_REPOSITORY_OPEN_FROM_ENV, NULL);
	if (rc < 0 || !gitdir || git_repository_is_bare(*ret))
		return rc;
	if ((rc = git_repository_config(&config, *ret)) < 0)
		return rc;
	if (git_config_get_string_buf(&value, config, "core.worktree") < 0)
		rc = set_work_tree(*ret, ".");
	git_buf_dispose(&value);
	git_config_free(config);
	return rc;
}

static int open_git(const char *dir, git_repository **ret)
{
	if (!strcmp(dir, "."))
		return open_here(dir, ret);
	return git_repository_open_ext(ret, dir, 0, getenv("GIT_CEILING_DIRECTORIES"));
}

bool repo_open(const char *dir, struct repo **ret, struct err *err)
{
	AUTO(repo) repo = NULL;
	int rc;

	if (!git2_load(err))
		return false;
	repo = calloc(1, sizeof(*repo));
	if (!repo)
		abort();
	repo->work_fd = -1;
	git_libgit2_init();
	rc = open_git(dir, &repo->git);
	if (rc < 0) {
		repo_git_err(err, rc, "opening the repository around %s", dir);
		return err_hint(err,
				rc == GIT_ENOTFOUND
					? "run it inside a git work tree, or name one: "
					  "-C DIR"
					: "git itself can work in it: git am, git apply");
	}
	if ((rc = git_repository_config(&repo->config, repo->git)) < 0 ||
	    (rc = git_repository_odb(&repo->odb, repo->git)) < 0)
		return repo_git_err(err, rc, "opening %s",
				    git_repository_path(repo->git));
	repo->gitdir = without_slash(git_repository_path(repo->git));
	repo->commondir = without_slash(git_repository_commondir(repo->git));
	if (!git_repository_is_bare(repo->git))
		repo->workdir = without_slash(git_repository_workdir(repo->git));
	if (repo->workdir)
		repo->work_fd = open(repo->workdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if ((rc = add_worktree_config(repo)) < 0)
		return repo_git_err(err, rc, "reading config.worktree");
	if (repo->workdir && repo->work_fd < 0)
		return err_sys(err, errno, "opening the work tree %s", repo->workdir);
	find_prefix(repo, dir);
	if (!check_format(repo, err))
		return false;
	*ret = repo;
	repo = NULL;
	return true;
}

void repo_free(struct repo *repo)
{
	if (!repo)
		return;
	if (repo->work_fd >= 0)
		close(repo->work_fd);
	objects_free(repo->objects);
	renames_free(repo->renames);
	git_odb_free(repo->odb);
	git_config_free(repo->config);
	git_repository_free(repo->git);
	free(repo->gitdir);
	free(repo->commondir);
	free(repo->workdir);
	free(repo->prefix);
	free(repo->plain_folder);
	free(repo);
	git_libgit2_shutdown();
}

bool repo_is_bare(const struct repo *repo)
{
	return !repo->workdir;
}

const char *repo_gitdir(const struct repo *repo)
{
	return repo->gitdir;
}

const char *repo_workdir(const struct repo *repo)
{
	return repo->workdir;
}

const char *repo_prefix(const struct repo *repo)
{
	return repo->prefix;
}

const char *repo_path(const struct repo *repo, struct arena *a, const char *name)
{
	return arena_printf(a, "%s/%s", repo->gitdir, name);
}

const char *repo_shown_path(const struct repo *repo, struct arena *a, const char *name)
{
	size_t n = repo->workdir ? strlen(repo->workdir) : 0;

	if (n && !strncmp(repo->gitdir, repo->workdir, n) && repo->gitdir[n] == '/')
		return arena_printf(a, "%s/%s", repo->gitdir + n + 1, name);
	return repo_path(repo, a, name);
}

/* GIT_CONFIG_COUNT, GIT_CONFIG_KEY_<n>, GIT_CONFIG_VALUE_<n>: git-config(1). */
static const char *config_from_env(const char *key)
{
	const char *count = getenv("GIT_CONFIG_COUNT"), *found = NULL;
	uint64_t n = 0;

	if (!count || !str_to_u64(str_of(count), &n) || n > 1000)
		return NULL;
	for (uint64_t i = 0; i < n; i++) {
		char name[40];
		const char *k;

		snprintf(name, sizeof(name), "GIT_CONFIG_KEY_%u", (unsigned)i);
		k = getenv(name);
		if (!k || !str_caseeq(str_of(k), str_of(key)))
			continue;
		snprintf(name, sizeof(name), "GIT_CONFIG_VALUE_%u", (unsigned)i);
		found = getenv(name);
	}
	return found;
}

const char *repo_config(const struct repo *repo, struct arena *a, const char *key)
{
	const char *env = config_from_env(key), *found = NULL;
	git_buf value = { 0 };

	if (env)
		return env;
	if (git_config_get_string_buf(&value, repo->config, key) == 0)
		found = arena_cstr(a, str_n(value.ptr, value.size));
	git_buf_dispose(&value);
	return found;
}

bool repo_config_bool(const struct repo *repo, const char *key, bool otherwise)
{
	const char *env = config_from_env(key);
	int yes = otherwise;

	if (env)
		return git_config_parse_bool(&yes, env) == 0 ? yes : otherwise;
	return git_config_get_bool(&yes, repo->config, key) == 0 ? yes : otherwise;
}

const char *repo_hook(const struct repo *repo, struct arena *a, const char *name)
{
	const char *dir = repo_config(repo, a, "core.hookspath"), *path;
	struct stat st;

	if (dir && dir[0] == '~' && dir[1] == '/' && getenv("HOME"))
		dir = arena_printf(a, "%s%s", getenv("HOME"), dir + 1);
	if (dir && dir[0] != '/' && repo->workdir)
		dir = arena_printf(a, "%s/%s", repo->workdir, dir);
	path = dir ? arena_printf(a, "%s/%s", dir, name)
		   : arena_printf(a, "%s/hooks/%s", repo->commondir, name);
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || access(path, X_OK) < 0)
		return NULL;
	return path;
}
