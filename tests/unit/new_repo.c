/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "check.h"
#include "git2_lazy.h"
#include "new_repo.h"

#include "base/spawn.h"

int new_repo(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	git_repository *made = NULL;
	struct err err = { 0 };

	snprintf(p->dir, sizeof(p->dir), "/tmp/kcrib-repo.XXXXXX");
	if (!mkdtemp(p->dir) || !git2_load(&err))
		return -1;
	setenv("GIT_COMMITTER_NAME", "C", 1);
	setenv("GIT_COMMITTER_EMAIL", "c@example.org", 1);
	setenv("GIT_COMMITTER_DATE", "1700000000 +0100", 1);
	unsetenv("GIT_DIR");
	git_libgit2_init();
	if (git_repository_init(&made, p->dir, 0) < 0)
		return -1;
	git_repository_free(made);
	p->a = arena_new();
	*state = p;
	return repo_open(p->dir, &p->repo, &err) ? 0 : -1;
}

void remove_all(const char *path)
{
	const char *argv[] = { "rm", "-rf", path, NULL };
	struct spawn rm = { .argv = argv };
	int status;

	if (!spawn_run(&rm, &status, NULL))
		print_error("# %s stays\n", path);
}

int drop_repo(void **state)
{
	struct place *p = *state;

	repo_free(p->repo);
	arena_free(p->a);
	remove_all(p->dir);
	free(p);
	git_libgit2_shutdown();
	return 0;
}
