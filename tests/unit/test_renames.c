/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where files went, as history has it. The histories are made here, commit by commit;
 * tests/cli/renames.sh holds git log against the same.
 */
#include <stdlib.h>

#include <git2.h>

#include "check.h"
#include "new_repo.h"
#include "rename_pairs.h"

#include "base/spawn.h"
#include "base/strbuf.h"
#include "repo/renames.h"
#include "repo/tree.h"

/* Twenty lines that begin with `word`; those from `changed` on are others. */
static const char *text(struct place *p, const char *word, int changed)
{
	STRBUF_AUTO(b, 4096);

	for (int i = 0; i < 20; i++)
		strbuf_addf(&b, "%s line %02d%s\n", word, i, i < changed ? "" : "!!");
	return arena_cstr(p->a, strbuf_str(&b));
}

static git_tree *tree_of(struct place *p, const char *const *files)
{
	AUTO(repo_tree) t = NULL;
	git_tree *tree = NULL;
	struct tree door;
	struct repo_id id;
	git_oid oid;

	assert_ok(repo_tree_open(p->repo, "", &t, &err));
	door = repo_tree_door(t);
	for (; *files; files += 2)
		assert_ok(door.ops->write(door.ctx, str_of(files[0]), str_of(files[1]),
					  0100644, &err));
	assert_ok(repo_tree_write(t, &id, &err));
	memcpy(&oid, &id, sizeof(oid));
	assert_int_equal(git_tree_lookup(&tree, p->repo->git, &oid), 0);
	return tree;
}

/* A commit that holds these files and nothing else; HEAD becomes it. */
static git_oid commit(struct place *p, const git_oid *first, const git_oid *second,
		      const char *const *files)
{
	git_tree *tree = tree_of(p, files);
	git_commit *parents[2] = { NULL, NULL };
	const git_commit *given[2];
	char name[] = "A", email[] = "a@b";
	git_signature who = { .name = name, .email = email };
	git_reference *ref = NULL;
	size_t n = 0;
	git_oid id;

	if (first)
		assert_int_equal(git_commit_lookup(&parents[n++], p->repo->git, first),
				 0);
	if (second)
		assert_int_equal(git_commit_lookup(&parents[n++], p->repo->git, second),
				 0);
	given[0] = parents[0];
	given[1] = parents[1];
	assert_int_equal(git_commit_create(&id, p->repo->git, NULL, &who, &who, NULL, "x",
					   tree, n, given),
			 0);
	assert_int_equal(git_reference_create(&ref, p->repo->git, "refs/heads/master",
					      &id, 1, NULL),
			 0);
	git_reference_free(ref);
	git_commit_free(parents[0]);
	git_commit_free(parents[1]);
	git_tree_free(tree);
	return id;
}

#define COMMIT(first, second, ...)                                                       \
	commit(p, first, second, (const char *const[]){ __VA_ARGS__, NULL })

static const char *now(struct place *p, const char *path)
{
	struct str to;

	return repo_renames_find(p->repo, str_of(path), p->a, &to) ? arena_cstr(p->a, to)
								   : "nowhere";
}

static void an_unborn_branch_knows_nothing(void **state)
{
	assert_string_equal(now(*state, "old.c"), "nowhere");
}

static void a_file_is_followed_through_all_its_names(void **state)
{
	struct place *p = *state;
	const char *a = text(p, "a", 20), *b = text(p, "a", 15), *c = text(p, "a", 9);
	git_oid one = COMMIT(NULL, NULL, "old.c", a, "x", "1");
	git_oid two = COMMIT(&one, NULL, "mid.c", b, "x", "1");
	git_oid three = COMMIT(&two, NULL, "mid.c", b, "x", "2");
	git_oid four = COMMIT(&three, NULL, "in/new.c", c, "x", "2");

	assert_string_equal(now(p, "old.c"), "in/new.c");
	assert_string_equal(now(p, "mid.c"), "in/new.c");
	assert_string_equal(now(p, "in/new.c"), "nowhere");
	assert_string_equal(now(p, "never.c"), "nowhere");
	/* HEAD moves, and with the next question what is known */
	COMMIT(&four, NULL, "x", "2");
	assert_string_equal(now(p, "else.c"), "nowhere");
	assert_string_equal(now(p, "old.c"), "nowhere");
}

static void what_was_deleted_went_nowhere(void **state)
{
	struct place *p = *state;
	git_oid one = COMMIT(NULL, NULL, "old.c", text(p, "a", 20), "x", "1");

	COMMIT(&one, NULL, "x", "1", "other.c", text(p, "b", 20));
	assert_string_equal(now(p, "old.c"), "nowhere");
}

static void a_file_that_came_back_is_there(void **state)
{
	struct place *p = *state;
	const char *a = text(p, "a", 20);
	git_oid one = COMMIT(NULL, NULL, "old.c", a);
	git_oid two = COMMIT(&one, NULL, "new.c", a);

	COMMIT(&two, NULL, "old.c", a);
	assert_string_equal(now(p, "old.c"), "nowhere");
	assert_string_equal(now(p, "new.c"), "old.c");
}

static void the_last_name_counts_where_a_file_went_twice(void **state)
{
	struct place *p = *state;
	const char *a = text(p, "a", 20);
	git_oid one = COMMIT(NULL, NULL, "old.c", a);
	git_oid two = COMMIT(&one, NULL, "first.c", a);
	git_oid three = COMMIT(&two, NULL, "old.c", a, "first.c", a);

	COMMIT(&three, NULL, "first.c", a, "second.c", a);
	assert_string_equal(now(p, "old.c"), "second.c");
}

static void a_rename_on_a_branch_is_found_through_the_merge(void **state)
{
	struct place *p = *state;
	const char *a = text(p, "a", 20), *b = text(p, "b", 20);
	git_oid base = COMMIT(NULL, NULL, "old.c", a, "was.c", b, "x", "1");
	git_oid side = COMMIT(&base, NULL, "new.c", a, "was.c", b, "x", "1");
	git_oid main = COMMIT(&base, NULL, "old.c", a, "is.c", b, "x", "2");
	git_oid merge = COMMIT(&main, &side, "new.c", a, "is.c", b, "x", "2");

	COMMIT(&merge, NULL, "new.c", a, "is.c", b, "x", "3");
	assert_string_equal(now(p, "old.c"), "new.c");
	assert_string_equal(now(p, "was.c"), "is.c");
}

static void a_rename_made_by_the_merge_itself_is_found(void **state)
{
	struct place *p = *state;
	const char *a = text(p, "a", 20);
	git_oid base = COMMIT(NULL, NULL, "old.c", a);
	git_oid side = COMMIT(&base, NULL, "old.c", a, "y", "1");
	git_oid main = COMMIT(&base, NULL, "old.c", a, "x", "1");

	COMMIT(&main, &side, "new.c", a, "x", "1", "y", "1");
	assert_string_equal(now(p, "old.c"), "new.c");
}

static void a_folder_goes_where_most_of_its_files_went(void **state)
{
	struct place *p = *state;
	const char *a = text(p, "a", 20), *b = text(p, "b", 20), *c = text(p, "c", 20);
	git_oid one =
		COMMIT(NULL, NULL, "old/a.c", a, "old/in/b.c", b, "old/c.c", c, "t", "1",
		       "two/a.c", text(p, "d", 20), "two/b.c", text(p, "e", 20));

	COMMIT(&one, NULL, "new/a.c", a, "new/in/b.c", b, "else/c.c", c, "t", "1",
	       "one/a.c", text(p, "d", 20), "three/b.c", text(p, "e", 20));
	assert_string_equal(now(p, "old"), "new");
	assert_string_equal(now(p, "old/in"), "new/in");
	assert_string_equal(now(p, "old/c.c"), "else/c.c");
	/* as many here as there */
	assert_string_equal(now(p, "two"), "nowhere");
}

static void all_that_is_expected_is_found_at_once(void **state)
{
	enum { N = 300 };
	struct place *p = *state;
	const char *before[2 * N + 1] = { 0 }, *after[2 * N + 1] = { 0 };
	struct str paths[N + 2];
	git_oid one;

	for (int i = 0; i < N; i++) {
		before[2 * i] = arena_printf(p->a, "d%d/f-%d.c", i % 7, i);
		after[2 * i] = arena_printf(p->a, "d%d/f/%d.c", i % 7, i);
		before[2 * i + 1] = after[2 * i + 1] = arena_printf(p->a, "%d\n", i);
		paths[i] = str_of(before[2 * i]);
	}
	/* one is below what another calls a file */
	paths[N] = STR("d0/f-0.c/x");
	paths[N + 1] = STR("");
	one = commit(p, NULL, NULL, before);
	commit(p, &one, NULL, after);
	repo_renames_expect(p->repo, paths, ARRAY_SIZE(paths));
	for (int i = 0; i < N; i++)
		assert_string_equal(now(p, before[2 * i]), after[2 * i]);
	assert_string_equal(now(p, "d0/f-0.c/x"), "nowhere");
}

/* ---- one commit ---- */

static unsigned percent(struct place *p, const char *old, const char *new)
{
	git_tree *was = tree_of(p, (const char *const[]){ "a", old, NULL });
	git_tree *is = tree_of(p, (const char *const[]){ "b", new, NULL });
	struct rename_pairs pairs;

	rename_pairs(p->repo, was, is, p->a, &pairs);
	git_tree_free(was);
	git_tree_free(is);
	return pairs.n ? pairs.v[0].percent : 0;
}

/* Two handles, as a view and its worker have them. The answer is made wrong on the way,
 * so that it is seen whose it is. */
static void what_another_handle_found_is_known(void **state)
{
	struct place *p = *state;
	const char *a = text(p, "a", 20);
	git_oid one = COMMIT(NULL, NULL, "a.c", a), two = COMMIT(&one, NULL, "b.c", a);
	AUTO(repo) other = NULL;
	struct rename_answers answers;
	struct str to;

	assert_ok(repo_open(p->dir, &other, &err));
	assert_true(repo_renames_find(other, STR("a.c"), p->a, &to));
	assert_false(repo_renames_find(other, STR("never.c"), p->a, &to));
	repo_renames_export(other, p->a, &answers);
	for (size_t i = 0; i < answers.n; i++)
		if (str_eq(answers.v[i].path, STR("never.c")))
			answers.v[i].to = STR("b.c");
	assert_false(repo_renames_knows(p->repo, STR("a.c")));
	repo_renames_import(p->repo, &answers);
	assert_true(repo_renames_knows(p->repo, STR("a.c")));
	assert_true(repo_renames_knows(p->repo, STR("never.c")));
	assert_false(repo_renames_knows(p->repo, STR("else.c")));
	assert_string_equal(now(p, "a.c"), "b.c");
	assert_string_equal(now(p, "never.c"), "b.c");
	assert_string_equal(now(p, "else.c"), "nowhere");
	/* of another HEAD it is no answer */
	COMMIT(&two, NULL, "c.c", a);
	repo_renames_import(p->repo, &answers);
	assert_false(repo_renames_knows(p->repo, STR("a.c")));
	assert_string_equal(now(p, "a.c"), "c.c");
}

static void files_are_as_alike_as_git_says(void **state)
{
	struct place *p = *state;
	const char *same = text(p, "a", 20);

	assert_int_equal(percent(p, same, same), 100);
	/* ten lines of ten bytes: three others, their order does not matter */
	assert_int_equal(
		percent(p,
			"aaaaaaaa1\naaaaaaaa2\naaaaaaaa3\naaaaaaaa4\naaaaaaaa5\n"
			"aaaaaaaa6\naaaaaaaa7\naaaaaaaa8\naaaaaaaa9\naaaaaaaa0\n",
			"aaaaaaaa7\naaaaaaaa2\naaaaaaaa3\naaaaaaaa4\naaaaaaaa5\n"
			"aaaaaaaa6\naaaaaaaa1\nbbbbbbbb8\nbbbbbbbb9\nbbbbbbbb0\n"),
		70);
	/* half is enough, less is not */
	assert_int_equal(percent(p, "aaaaaaaa1\naaaaaaaa2\n", "aaaaaaaa1\nbbbbbbbb2\n"),
			 50);
	assert_int_equal(percent(p, "aaaaaaaa1\naaaaaaaa2\n", "aaaaaaaa1\nbbbbbbbbbb2\n"),
			 0);
	/* the ends of lines are no difference */
	assert_int_equal(
		percent(p, "aaaaaaaa1\naaaaaaaa2\n", "aaaaaaaa1\r\naaaaaaaa2\r\n"), 90);
	assert_int_equal(percent(p, "", ""), 100);
	assert_int_equal(percent(p, "", "a\n"), 0);
}

static void a_file_keeps_its_name_where_it_can(void **state)
{
	struct place *p = *state;
	const char *a = text(p, "a", 20);
	git_tree *was = tree_of(p, (const char *const[]){ "x/b.c", a, "x/a.c", a, "y/c.c",
							  text(p, "c", 20), NULL });
	git_tree *is = tree_of(p, (const char *const[]){ "z/a.c", a, "z/b.c", a, "z/c.c",
							 text(p, "c", 16), "z/d.c",
							 text(p, "c", 18), NULL });
	struct rename_pairs pairs;

	rename_pairs(p->repo, was, is, p->a, &pairs);
	assert_int_equal(pairs.n, 3);
	assert_str(rename_pairs_of(&pairs, STR("x/a.c"))->to, "z/a.c");
	assert_str(rename_pairs_of(&pairs, STR("x/b.c"))->to, "z/b.c");
	/* d.c is more alike, but c.c has its name and is alike enough */
	assert_str(rename_pairs_of(&pairs, STR("y/c.c"))->to, "z/c.c");
	assert_null(rename_pairs_of(&pairs, STR("y/d.c")));
	git_tree_free(was);
	git_tree_free(is);
}

static void of_two_the_more_alike_is_the_one(void **state)
{
	struct place *p = *state;
	git_tree *was = tree_of(p, (const char *const[]){ "a", text(p, "a", 20), "b",
							  text(p, "a", 12), NULL });
	git_tree *is = tree_of(p, (const char *const[]){ "c", text(p, "a", 11), "d",
							 text(p, "a", 19), NULL });
	struct rename_pairs pairs;

	rename_pairs(p->repo, was, is, p->a, &pairs);
	assert_int_equal(pairs.n, 2);
	assert_str(rename_pairs_of(&pairs, STR("a"))->to, "d");
	assert_str(rename_pairs_of(&pairs, STR("b"))->to, "c");
	git_tree_free(was);
	git_tree_free(is);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_unborn_branch_knows_nothing),
		TEST(a_file_is_followed_through_all_its_names),
		TEST(what_was_deleted_went_nowhere),
		TEST(a_file_that_came_back_is_there),
		TEST(the_last_name_counts_where_a_file_went_twice),
		TEST(a_rename_on_a_branch_is_found_through_the_merge),
		TEST(a_rename_made_by_the_merge_itself_is_found),
		TEST(a_folder_goes_where_most_of_its_files_went),
		TEST(all_that_is_expected_is_found_at_once),
		TEST(what_another_handle_found_is_known),
		TEST(files_are_as_alike_as_git_says),
		TEST(a_file_keeps_its_name_where_it_can),
		TEST(of_two_the_more_alike_is_the_one),
	};
	struct CMUnitTest each[ARRAY_SIZE(tests)];

	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		each[i] = tests[i];
		each[i].setup_func = new_repo;
		each[i].teardown_func = drop_repo;
	}
	return cmocka_run_group_tests_name("renames", each, NULL, NULL);
}
