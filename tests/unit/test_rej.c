/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reject files of three makers.
 */
#include "check.h"

#include "patch/rej.h"

enum { BIG = 1 << 20 };

static void our_reject_is_a_whole_patch(void **state)
{
	static const char text[] =
		"diff --git a/old.c b/new.c\nsimilarity index 80%\nrename from old.c\n"
		"rename to new.c\nindex 0123abc..4567def 100644\n--- a/old.c\n+++ b/new.c\n"
		"@@ -10,2 +10,2 @@ f\n a\n-b\n+c\n";
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(out, BIG);
	struct patch p;

	assert_ok(rej_parse(str_of(text), STR("new.c"), a, &p, &err));
	assert_int_equal(p.v[0].kind, FILEPATCH_RENAME);
	rej_print(&p.v[0], &out);
	assert_str(strbuf_str(&out), text);
}

static void git_writes_only_names_and_hunks(void **state)
{
	static const char text[] = "diff a/d/x.c b/d/x.c\t(rejected hunks)\n"
				   "@@ -3,2 +3,3 @@\n a\n+b\n c\n@@ -9 +10 @@\n-x\n+y\n";
	AUTO(arena) a = arena_new();
	struct patch p;

	assert_ok(rej_parse(str_of(text), STR("d/x.c"), a, &p, &err));
	assert_int_equal(p.n, 1);
	assert_int_equal(p.v[0].n_hunks, 2);
	assert_str(p.v[0].old_path, "d/x.c");
	assert_int_equal(p.v[0].hunks[0].origin.line, 2);
	assert_int_equal(p.v[0].hunks[1].old.start, 9);
}

static void patch_writes_names_its_own_way(void **state)
{
	AUTO(arena) a = arena_new();
	struct patch p;

	assert_ok(rej_parse(STR("--- x.c\n+++ x.c\n@@ -1 +1 @@\n-a\n+b\n"), STR("d/x.c"),
			    a, &p, &err));
	assert_str(p.v[0].new_path, "d/x.c");
	assert_ok(rej_parse(STR("@@ -1 +1 @@\n-a\n+b\n"), STR("x.c"), a, &p, &err));
	assert_str(p.v[0].new_path, "x.c");
}

static void context_diffs_are_refused_with_a_way_out(void **state)
{
	AUTO(arena) a = arena_new();
	struct patch p;
	struct err e = { 0 };

	assert_false(
		rej_parse(STR("***************\n*** 1,2 ****\n"), STR("x.c"), a, &p, &e));
	assert_non_null(strstr(e.msg, "--reject-format=unified"));
	assert_err(rej_parse(STR("words\n"), STR("x.c"), a, &p, &err), ERR_PARSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(our_reject_is_a_whole_patch),
		TEST(git_writes_only_names_and_hunks),
		TEST(patch_writes_names_its_own_way),
		TEST(context_diffs_are_refused_with_a_way_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
