/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Line differences: the form of diff -u, the shortest script, and that it leads from the
 * one text to the other.
 */
#include "check.h"

#include "base/arena.h"
#include "base/linediff.h"

static const char *diff(struct arena *a, struct str before, struct str after)
{
	STRBUF_AUTO(b, 1 << 22);

	line_diff(&b, before, after, STR("a"), STR("b"));
	return arena_cstr(a, strbuf_str(&b));
}

static void a_change_has_three_lines_around_it(void **state)
{
	AUTO(arena) a = arena_new();

	assert_string_equal(diff(a, STR("1\n2\n3\n4\n5\n6\n7\n8\n9\n"),
				 STR("1\n2\n3\n4\nfive\n6\n7\n8\n9\n")),
			    "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n"
			    " 7\n 8\n");
}

static void nothing_is_said_of_equal_texts(void **state)
{
	AUTO(arena) a = arena_new();

	assert_string_equal(diff(a, STR("x\n"), STR("x\n")), "");
	assert_string_equal(diff(a, STR(""), STR("")), "");
}

static void empty_ranges_and_missing_line_ends_are_named_as_diff_names_them(void **state)
{
	AUTO(arena) a = arena_new();

	assert_string_equal(diff(a, STR(""), STR("x\n")),
			    "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n");
	assert_string_equal(diff(a, STR("x\ny"), STR("x\n")),
			    "--- a\n+++ b\n@@ -1,2 +1 @@\n x\n-y\n"
			    "\\ No newline at end of file\n");
}

static void far_changes_are_hunks_of_their_own(void **state)
{
	AUTO(arena) a = arena_new();
	const char *out = diff(a, STR("a\n1\n2\n3\n4\n5\n6\n7\nb\n"),
			       STR("A\n1\n2\n3\n4\n5\n6\n7\nB\n"));

	assert_non_null(strstr(out, "@@ -1,4 +1,4 @@"));
	assert_non_null(strstr(out, "@@ -6,4 +6,4 @@"));
}

/* Apply a diff of whole texts: what stays and comes is the new text. */
static struct str new_side(struct arena *a, struct str before, struct str diff_text)
{
	STRBUF_AUTO(out, 1 << 22);
	struct str rest = before, line;
	uint64_t at = 0, from;

	STR_EACH_LINE (d, diff_text) {
		if (str_starts(d, STR("--- ")) || str_starts(d, STR("+++ ")))
			continue;
		if (str_skip(&d, STR("@@ -"))) {
			assert_true(str_eat_u64(&d, 10, &from));
			for (; at + 1 < from && str_line(&rest, &line); at++)
				strbuf_add(&out, line);
			continue;
		}
		if (d.p[0] != '+') {
			assert_true(str_line(&rest, &line));
			at++;
		}
		if (d.p[0] != '-') {
			strbuf_add(&out, str_from(d, 1));
			strbuf_addc(&out, '\n');
		}
	}
	strbuf_add(&out, rest);
	return arena_str(a, strbuf_str(&out));
}

static void a_diff_leads_from_one_text_to_the_other(void **state)
{
	uint64_t seed = 42;

	for (int round = 0; round < 300; round++) {
		AUTO(arena) a = arena_new();
		STRBUF_AUTO(x, 4096);
		STRBUF_AUTO(y, 4096);

		for (int i = 0; i < 60; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			/* few different lines, so that there is much to align */
			if (seed >> 60 != 0)
				strbuf_addf(&x, "line %d\n", (int)(seed >> 33) % 9);
			if (seed >> 60 != 1)
				strbuf_addf(&y, "line %d\n",
					    (int)(seed >> (seed >> 61 ? 33 : 40)) % 9);
		}
		assert_true(
			str_eq(new_side(a, strbuf_str(&x),
					str_of(diff(a, strbuf_str(&x), strbuf_str(&y)))),
			       strbuf_str(&y)));
	}
}

static void texts_with_nothing_in_common_end_too(void **state)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(x, 1 << 20);
	STRBUF_AUTO(y, 1 << 20);

	for (int i = 0; i < 5000; i++) {
		strbuf_addf(&x, "old %d\n", i);
		strbuf_addf(&y, "new %d\n", i);
	}
	assert_non_null(
		strstr(diff(a, strbuf_str(&x), strbuf_str(&y)), "@@ -1,5000 +1,5000 @@"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_change_has_three_lines_around_it),
		TEST(nothing_is_said_of_equal_texts),
		TEST(empty_ranges_and_missing_line_ends_are_named_as_diff_names_them),
		TEST(far_changes_are_hunks_of_their_own),
		TEST(a_diff_leads_from_one_text_to_the_other),
		TEST(texts_with_nothing_in_common_end_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
