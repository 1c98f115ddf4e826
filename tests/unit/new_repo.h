/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An empty repository in a folder of its own, for one test. */
#ifndef TESTS_NEW_REPO_H
#define TESTS_NEW_REPO_H

#include "base/arena.h"
#include "repo/repo.h"

struct place {
	char dir[64];
	struct repo *repo;
	struct arena *a;
};

/** For cmocka: `*state` is the struct place. */
int new_repo(void **state);
int drop_repo(void **state);
void remove_all(const char *path);

#endif
