/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The repository below a session: trees in memory, files that never leave their folder,
 * many objects in one pack. The repositories are made by libgit2's own init.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <git2.h>

#include "check.h"
#include "new_repo.h"
#include "objects.h"
#include "sha1.h"

#include "base/file.h"
#include "base/spawn.h"
#include "repo/files.h"
#include "repo/repo.h"
#include "repo/work.h"

static void the_committer_is_the_one_of_the_environment(void **state)
{
	struct place *p = *state;
	struct repo_ident who;
	struct str line;

	assert_ok(repo_committer(p->repo, p->a, &who, &err));
	assert_ok(repo_ident_print(p->a, &who, &line, &err));
	assert_str(line, "C <c@example.org> 1700000000 +0100");
	assert_str(repo_ident_clean(p->a, STR(" \"A. <U> Thor.\", ")), "A. U Thor");
	who.name = STR("");
	assert_err(repo_ident_print(p->a, &who, &line, &err), ERR_NOTFOUND);
}

static void sha1_of_the_standard_is_met(void **state)
{
	unsigned char sum[20];
	struct sha1 s;

	sha1_init(&s);
	sha1_add(&s, STR("abc"));
	sha1_end(&s, sum);
	assert_memory_equal(sum,
			    "\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2"
			    "\x6c\x9c\xd0\xd8\x9d",
			    20);
}

static void a_tree_written_from_memory_is_the_tree_of_git(void **state)
{
	struct place *p = *state;
	AUTO(repo_tree) t = NULL;
	struct tree door;
	struct repo_id id;
	char hex[REPO_HEX + 1];

	assert_ok(repo_tree_open(p->repo, "", &t, &err));
	door = repo_tree_door(t);
	/* "a-b" sorts before the folder "a", "a0" after it */
	assert_ok(door.ops->write(door.ctx, STR("a/x"), STR("x\n"), 0100644, &err));
	assert_ok(door.ops->write(door.ctx, STR("a-b"), STR("y\n"), 0100755, &err));
	assert_ok(door.ops->write(door.ctx, STR("a0"), STR("x"), 0120000, &err));
	assert_ok(repo_tree_write(t, &id, &err));
	repo_id_hex(&id, hex);
	assert_string_equal(hex, "dd459b4a8dc8f9c6df5fe24c5cbdef3d246e8bb1");
	assert_err(door.ops->write(door.ctx, STR("a0/in"), STR(""), 0100644, &err),
		   ERR_DENIED);
	assert_ok(door.ops->remove(door.ctx, STR("a/x"), &err));
	assert_int_equal(door.ops->mode(door.ctx, STR("a")), 0);
}

static void changes_are_told_against_the_mark(void **state)
{
	struct place *p = *state;
	AUTO(repo_tree) t = NULL;
	struct repo_changes c;
	struct tree door;

	assert_ok(repo_tree_open(p->repo, "", &t, &err));
	door = repo_tree_door(t);
	assert_ok(door.ops->write(door.ctx, STR("f"), STR("1"), 0100644, &err));
	repo_tree_mark(t);
	assert_ok(door.ops->write(door.ctx, STR("f"), STR("2"), 0100644, &err));
	assert_ok(door.ops->write(door.ctx, STR("g"), STR("3"), 0100644, &err));
	assert_ok(door.ops->remove(door.ctx, STR("g"), &err));
	repo_tree_changes(t, p->a, &c);
	assert_int_equal(c.n, 1);
	assert_str(c.v[0].path, "f");
	assert_ok(door.ops->write(door.ctx, STR("f"), STR("1"), 0100644, &err));
	repo_tree_changes(t, p->a, &c);
	assert_int_equal(c.n, 0);
}

static void many_objects_become_a_pack_that_can_be_read(void **state)
{
	struct place *p = *state;
	git_oid first = { { 0 } }, id;
	struct str bytes;

	objects_collect(p->repo);
	for (int i = 0; i < 300; i++) {
		bytes = arena_strf(p->a, "object %d\n", i);
		assert_ok(objects_put(p->repo, bytes, GIT_OBJECT_BLOB, i ? &id : &first,
				      &err));
	}
	assert_true(objects_find(p->repo, &first, &bytes));
	assert_ok(objects_save(p->repo, &err));
	assert_false(objects_find(p->repo, &first, &bytes));
	for (int i = 0; i < 300; i++) {
		struct str want = arena_strf(p->a, "object %d\n", i);
		struct repo_id rid = repo_blob_id(want);

		assert_ok(repo_blob_read(p->repo, &rid, p->a, &bytes, &err));
		assert_true(str_eq(bytes, want));
	}
}

static void files_stay_in_their_folder(void **state)
{
	struct place *p = *state;
	AUTO(files) f = NULL;
	const char *in = arena_printf(p->a, "%s/in", p->dir);
	const char *out = arena_printf(p->a, "%s/out", p->dir);
	struct str bytes;

	assert_int_equal(mkdir(in, 0700) | mkdir(out, 0700), 0);
	assert_int_equal(symlink(out, arena_printf(p->a, "%s/link", in)), 0);
	assert_ok(files_open(in, arena_printf(p->a, "%s/spare", p->dir), &f, &err));
	assert_err(files_write(f, STR("link/x"), STR("x"), 0100644, &err), ERR_DENIED);
	assert_err(files_write(f, STR("../x"), STR("x"), 0100644, &err), ERR_DENIED);
	assert_err(files_write(f, STR("/tmp/x"), STR("x"), 0100644, &err), ERR_DENIED);
	assert_err(files_write(f, STR("a/../../x"), STR("x"), 0100644, &err), ERR_DENIED);
	assert_false(file_exists(arena_printf(p->a, "%s/x", out)));
	assert_int_equal(symlink("x", arena_printf(p->a, "%s/x", out)), 0);
	assert_ok(files_remove(f, STR("link/x"), &err));
	assert_int_equal(unlink(arena_printf(p->a, "%s/x", out)), 0);
	assert_ok(files_write(f, STR("new/deep/x"), STR("x"), 0100755, &err));
	assert_ok(files_read(f, STR("new/deep/x"), p->a, &bytes, &err));
	assert_str(bytes, "x");
	/* the link itself may be replaced; what it points to stays */
	assert_ok(files_write(f, STR("link"), STR("y"), 0100644, &err));
	assert_true(file_exists(out));
	assert_ok(files_remove(f, STR("new/deep/x"), &err));
	assert_false(file_exists(arena_printf(p->a, "%s/new", in)));
}

static void a_kept_file_comes_back_with_all_its_bytes(void **state)
{
	struct place *p = *state;
	AUTO(files) f = NULL;
	const char *copy = arena_printf(p->a, "%s/copy", p->dir);
	struct str bytes;

	assert_ok(files_open(p->dir, arena_printf(p->a, "%s/spare", p->dir), &f, &err));
	assert_ok(files_write(f, STR("f"), STR("old"), 0100755, &err));
	assert_ok(files_keep(f, STR("f"), copy, true, &err));
	assert_ok(files_write(f, STR("f"), STR("new"), 0100644, &err));
	assert_false(files_same(f, STR("f"), copy));
	assert_ok(files_adopt(f, STR("f"), copy, &err));
	assert_ok(files_read(f, STR("f"), p->a, &bytes, &err));
	assert_str(bytes, "old");
	assert_false(file_exists(copy));
}

static void a_lock_of_another_git_is_told_and_left(void **state)
{
	struct place *p = *state;
	AUTO(repo_work) w = NULL;
	const char *lock = repo_path(p->repo, p->a, "index.lock");
	int fd;

	assert_ok(repo_work_open(p->repo, repo_path(p->repo, p->a, "spare"), &w, &err));
	assert_ok(repo_work_check_lock(w, &err));
	fd = open(lock, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_err(repo_work_check_lock(w, &err), ERR_BUSY);
	assert_true(file_exists(lock));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_committer_is_the_one_of_the_environment),
		TEST(sha1_of_the_standard_is_met),
		TEST(a_tree_written_from_memory_is_the_tree_of_git),
		TEST(changes_are_told_against_the_mark),
		TEST(many_objects_become_a_pack_that_can_be_read),
		TEST(files_stay_in_their_folder),
		TEST(a_kept_file_comes_back_with_all_its_bytes),
		TEST(a_lock_of_another_git_is_told_and_left),
	};
	struct CMUnitTest each[ARRAY_SIZE(tests)];

	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		each[i] = tests[i];
		each[i].setup_func = new_repo;
		each[i].teardown_func = drop_repo;
	}
	return cmocka_run_group_tests_name("repo", each, NULL, NULL);
}
