/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diffs in and out.
 */
#include "check.h"

#include "patch/diff.h"
#include "patch/diffstat.h"

enum { BIG = 1 << 20 };

static struct patch parse(struct arena *a, const char *text)
{
	struct patch patch = { 0 };

	assert_ok(diff_parse(str_of(text), &DIFF_OPTIONS_DEFAULT, a, &patch, &err));
	return patch;
}

static void prints_as(const char *text)
{
	AUTO(arena) a = arena_new();
	struct patch patch = parse(a, text);
	STRBUF_AUTO(out, BIG);

	for (size_t i = 0; i < patch.n; i++)
		filepatch_print(&patch.v[i], &out);
	assert_str(strbuf_str(&out), text);
}

static void fails_with(const char *text, enum err_code code, const char *words)
{
	AUTO(arena) a = arena_new();
	struct patch patch;
	struct err err = { 0 };

	assert_false(diff_parse(str_of(text), &DIFF_OPTIONS_DEFAULT, a, &patch, &err));
	assert_int_equal(err.code, code);
	if (!strstr(err.msg, words))
		fail_msg("\"%s\" lacks \"%s\"", err.msg, words);
}

static void what_git_prints_comes_back_byte_for_byte(void **state)
{
	prints_as("diff --git a/x.c b/x.c\nindex 0123abc..4567def 100644\n--- a/x.c\n"
		  "+++ b/x.c\n@@ -1,2 +1,3 @@ int f(void)\n a\n-b\n+c\n+d\n");
	prints_as("diff --git a/old b/new\nsimilarity index 90%\nrename from old\n"
		  "rename to new\nindex 0123abc..4567def 100755\n--- a/old\n+++ b/new\n"
		  "@@ -1 +1 @@\n-a\n+b\n");
	prints_as("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n");
	prints_as("diff --git a/x b/x\nnew file mode 120000\nindex 0000000..4567def\n"
		  "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+target\n"
		  "\\ No newline at end of file\n");
	prints_as("diff --git a/x b/x\ndeleted file mode 100644\nindex 4567def..0000000\n"
		  "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n");
	prints_as("diff --git a/a b/b\ncopy from a\ncopy to b\n");
	prints_as("diff --git \"a/t\\303\\244b\\tx\" \"b/t\\303\\244b\\tx\"\n"
		  "old mode 100644\nnew mode 100755\n");
	prints_as(
		"diff --git a/plain b/plain\n--- a/plain\n+++ b/plain\n@@ -1 +1 @@\n-a\n"
		"+b\r\n");
}

static void prose_around_patches_is_skipped(void **state)
{
	AUTO(arena) a = arena_new();
	struct patch p = parse(a, "Hello\n---\n x | 2 +-\n\ndiff --git a/x b/x\n"
				  "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n-- \n2.39.5\n");

	assert_int_equal(p.n, 1);
	assert_int_equal(p.v[0].n_hunks, 1);
	assert_int_equal(p.v[0].hunks[0].origin.line, 8);
	assert_int_equal(p.v[0].hunks[0].n, 2);
}

static void traditional_headers_name_one_file(void **state)
{
	AUTO(arena) a = arena_new();
	struct patch p;

	p = parse(a, "--- linux/x.c.orig\t2005-01-01 00:00:00.000000000 +0100\n"
		     "+++ linux/x.c\t2005-01-02 00:00:00.000000000 +0100\n"
		     "@@ -1 +1 @@\n-a\n+b\n");
	assert_str(p.v[0].old_path, "x.c");
	assert_int_equal(p.v[0].kind, FILEPATCH_MODIFY);
	p = parse(a, "--- a/new.c\t1970-01-01 01:00:00.000000000 +0100\n+++ b/new.c\t"
		     "2005-01-02 00:00:00 +0100\n@@ -0,0 +1 @@\n+b\n");
	assert_int_equal(p.v[0].kind, FILEPATCH_CREATE);
	p = parse(a, "--- x.c 2010-07-05 19:41:17 -0500\n+++ x.c\n@@ -1 +1 @@\n-a\n+b\n");
	assert_str(p.v[0].new_path, "x.c");
}

/* Some diffs quote the prefix they were given, and not the name behind it. */
static void a_quote_that_ends_within_the_name_belongs_to_it(void **state)
{
	AUTO(arena) a = arena_new();
	struct diff_options opt = DIFF_OPTIONS_DEFAULT;
	struct patch p;

	opt.strip = 2;
	opt.strip_given = true;
	assert_ok(
		diff_parse(STR("--- \"a/\"sub/x\n+++ \"b/\"sub/x\n@@ -1 +1 @@\n-a\n+b\n"),
			   &opt, a, &p, &err));
	assert_str(p.v[0].old_path, "x");
	p = parse(a, "--- \"a/x y\"\n+++ \"b/x y\"\n@@ -1 +1 @@\n-a\n+b\n");
	assert_str(p.v[0].old_path, "x y");
}

static void strip_and_directory_shape_the_path(void **state)
{
	AUTO(arena) a = arena_new();
	struct diff_options opt = DIFF_OPTIONS_DEFAULT;
	struct patch p;

	opt.strip = 2;
	opt.strip_given = true;
	opt.directory = STR("sub");
	assert_ok(diff_parse(STR("diff --git a/t/x b/t/x\n--- a/t/x\n+++ b/t/x\n@@ -1 "
				 "+1 @@\n-a\n+b\n"),
			     &opt, a, &p, &err));
	assert_str(p.v[0].old_path, "sub/x");
}

static void lying_counts_are_named_with_their_line(void **state)
{
	static const char head[] = "diff --git a/x b/x\n--- a/x\n+++ b/x\n";
	AUTO(arena) a = arena_new();

	fails_with(arena_printf(a, "%s@@ -1,3 +1,3 @@\n a\n-b\n+c\n", head), ERR_PARSE,
		   "line 8");
	fails_with(arena_printf(a, "%s@@ -1,1 +1,1 @@\n a\n", head), ERR_PARSE,
		   "changes nothing");
	fails_with(arena_printf(a, "%s@@ -1,2000000000 +1 @@\n-a\n+b\n", head), ERR_PARSE,
		   "corrupt patch");
	fails_with(arena_printf(a, "%s@@ -x +y @@\n", head), ERR_PARSE, "line 4");
	fails_with("@@ -1 +1 @@\n-a\n+b\n", ERR_PARSE, "without header");
	fails_with("only words\n", ERR_NOTFOUND, "No valid patches");
	fails_with("diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n"
		   "@@ -1 +1 @@\n-a\n+b\n",
		   ERR_PARSE, "depends on old contents");
}

/* git writes a plain file of whatever is no symlink and no submodule. */
static void modes_become_those_that_a_tree_knows(void **state)
{
	static const struct {
		const char *word;
		unsigned mode;
	} cases[] = {
		{ "100644", 0100644 }, { "100755", 0100755 }, { "100666", 0100644 },
		{ "104755", 0100755 }, { "010644", 0100644 }, { "644", 0100644 },
		{ "120777", 0120000 }, { "160000", 0160000 },
	};
	AUTO(arena) a = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct patch p = parse(a, arena_printf(a,
						       "diff --git a/f b/f\n"
						       "new file mode %s\n",
						       cases[i].word));

		assert_int_equal(p.v[0].new_mode, cases[i].mode);
	}
	fails_with("diff --git a/f b/f\nnew file mode 040000\n", ERR_PARSE,
		   "invalid mode on line 2");
	fails_with("diff --git a/f b/f\nold mode 777777\n", ERR_PARSE,
		   "invalid mode on line 2");
}

static void headers_that_contradict_themselves_are_refused(void **state)
{
	static const struct {
		const char *header, *says;
	} cases[] = {
		{ "diff --git a/f b/f\nnew file mode 100644\n--- /dev/null\n+++ b/g\n"
		  "@@ -0,0 +1 @@\n+1\n",
		  "line 4: inconsistent new filename" },
		{ "diff --git a/f b/f\ndeleted file mode 100644\n--- a/g\n+++ /dev/null\n"
		  "@@ -1 +0,0 @@\n-1\n",
		  "line 3: inconsistent old filename" },
		{ "diff --git a/f b/g\nrename from f\nrename to g\n--- a/x\n+++ b/g\n"
		  "@@ -1 +1 @@\n-1\n+2\n",
		  "line 4: inconsistent old filename" },
		{ "diff --git a/f b/g\ncopy from f\ncopy to g\n--- a/f\n+++ b/x\n"
		  "@@ -1 +1 @@\n-1\n+2\n",
		  "line 5: inconsistent new filename" },
		{ "diff --git a/f b/g\nrename from f\nrename to g\n--- a/f\n"
		  "+++ /dev/null\n@@ -1 +0,0 @@\n-1\n",
		  "line 5: inconsistent new filename" },
		{ "diff --git a/f b/f\nnew file mode 100644\n--- a/f\n+++ b/f\n"
		  "@@ -0,0 +1 @@\n+1\n",
		  "line 3: expected /dev/null" },
		{ "diff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ b/f\n"
		  "@@ -1 +0,0 @@\n-1\n",
		  "line 4: expected /dev/null" },
		{ "diff --git a/f b/f\n--- a/f\nnew file mode 100644\n"
		  "@@ -0,0 +1 @@\n+1\n",
		  "inconsistent old filename" },
		{ "diff --git a/f b/f\ndeleted file mode 100644\nnew file mode 100644\n",
		  "inconsistent header lines 2 and 3" },
		{ "diff --git a/f b/g\nrename from f\ncopy to g\n",
		  "inconsistent header lines 2 and 3" },
		{ "diff --git a/f b/f\nindex 0000000..d00491f\n--- a/f\n"
		  "@@ -0,0 +1 @@\n+1\n",
		  "lacks filename information" },
		{ "diff --git a/f b/f\nindex d00491f..0000000\n+++ b/f\n"
		  "@@ -1 +0,0 @@\n-1\n",
		  "lacks filename information" },
		{ "diff --git a/f b/g\nrename from f\n", "lacks filename information" },
		{ "diff --git a/f b/g\nnew file mode 100644\n",
		  "lacks filename information" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		fails_with(cases[i].header, ERR_PARSE, cases[i].says);
}

/* Names that "diff --git" does not share are those of the other lines. */
static void names_may_stand_in_one_place_only(void **state)
{
	AUTO(arena) a = arena_new();
	struct patch p;

	p = parse(a, "diff --git a/f b/g\nnew file mode 100644\n--- /dev/null\n+++ b/g\n"
		     "@@ -0,0 +1 @@\n+1\n");
	assert_int_equal(p.v[0].kind, FILEPATCH_CREATE);
	assert_str(p.v[0].new_path, "g");
	p = parse(a, "diff --git a/f b/f\ndeleted file mode 100644\n");
	assert_int_equal(p.v[0].kind, FILEPATCH_DELETE);
	assert_str(p.v[0].old_path, "f");
	p = parse(a, "diff --git a/z b/z\n--- a/x\n+++ b/y\n@@ -1 +1 @@\n-1\n+2\n");
	assert_int_equal(p.v[0].kind, FILEPATCH_RENAME);
	assert_str(p.v[0].old_path, "x");
	assert_str(p.v[0].new_path, "y");
}

static void recount_believes_the_lines(void **state)
{
	AUTO(arena) a = arena_new();
	struct diff_options opt = DIFF_OPTIONS_DEFAULT;
	struct patch p;

	opt.recount = true;
	assert_ok(diff_parse(STR("--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n a\n-b\n+c\n+d\n"),
			     &opt, a, &p, &err));
	assert_int_equal(p.v[0].hunks[0].old.count, 2);
	assert_int_equal(p.v[0].hunks[0].new.count, 3);
}

static void a_blank_a_mailer_ate_is_a_context_line(void **state)
{
	AUTO(arena) a = arena_new();
	struct patch p = parse(a, "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n\n-b\n+c\n\n");

	assert_int_equal(p.v[0].hunks[0].n, 4);
	assert_int_equal(p.v[0].hunks[0].lines[0].kind, ' ');
	assert_str(p.v[0].hunks[0].lines[0].text, "\n");
}

static void binary_patches_go_there_and_back(void **state)
{
	AUTO(arena) a = arena_new();
	/* made by git diff --binary: "\0one" to "\0two two" */
	struct filepatch f = { .git = true,
			       .binary = true,
			       .similarity = -1,
			       .old_path = STR("x"),
			       .new_path = STR("x"),
			       .old_oid = STR("0123456"),
			       .new_oid = STR("789abcd"),
			       .old_mode = 0100644,
			       .new_mode = 0100644,
			       .forward = { BINARY_LITERAL, str_n("\0two two", 8) },
			       .backward = { BINARY_LITERAL, str_n("\0one", 4) } };
	STRBUF_AUTO(out, BIG);
	struct patch p;
	struct filepatch r;
	struct str bytes;

	filepatch_print(&f, &out);
	p = parse(a, strbuf_z(&out));
	assert_true(p.v[0].binary);
	assert_ok(binary_apply(&p.v[0].forward, STR(""), a, &bytes, &err));
	assert_true(str_eq(bytes, f.forward.data));
	assert_ok(filepatch_reverse(&p.v[0], a, &r, &err));
	assert_ok(binary_apply(&r.forward, STR(""), a, &bytes, &err));
	assert_true(str_eq(bytes, f.backward.data));
}

static void a_delta_of_other_bytes_is_refused(void **state)
{
	AUTO(arena) a = arena_new();
	/* source 4 bytes, result 6: copy all, insert "xy" */
	struct binary_part part = { BINARY_DELTA, str_n("\x04\x06\x90\x04\x02xy", 7) };
	struct str bytes;

	assert_ok(binary_apply(&part, STR("abcd"), a, &bytes, &err));
	assert_str(bytes, "abcdxy");
	assert_err(binary_apply(&part, STR("abc"), a, &bytes, &err), ERR_CONFLICT);
	part.data = str_n("\x04\x06\x91\x02\x04\x02xy", 8);
	assert_err(binary_apply(&part, STR("abcd"), a, &bytes, &err), ERR_CONFLICT);
}

static void what_claims_too_much_costs_nothing(void **state)
{
	fails_with("diff --git a/x b/x\nindex 0123456..789abcd 100644\nGIT binary patch\n"
		   "literal 1000000000\nAcmV\n\n",
		   ERR_PARSE, "line 5");
	fails_with("diff --git a/x b/x\nindex 0123456..789abcd 100644\nGIT binary patch\n"
		   "literal 1000000000\n\n",
		   ERR_PARSE, "too short");
}

static struct patch parse_in(struct arena *a, const char *folder, const char *text)
{
	struct diff_options opt = DIFF_OPTIONS_DEFAULT;
	struct patch patch = { 0 };

	opt.prefix_here = str_of(folder);
	assert_ok(diff_parse(str_of(text), &opt, a, &patch, &err));
	return patch;
}

static void traditional_names_fit_the_folder_one_stands_in(void **state)
{
	AUTO(arena) a = arena_new();
	static const char *const headers[][2] = {
		{ "a/sub/dir/f", "b/sub/dir/f" },
		{ "sub/dir/f", "sub/dir/f" },
		{ "f", "f" },
		{ "f.orig", "f" },
		{ "x/f", "y/f" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		struct patch p =
			parse_in(a, "sub/dir",
				 arena_printf(a, "--- %s\n+++ %s\n@@ -1 +1 @@\n-a\n+b\n",
					      headers[i][0], headers[i][1]));

		assert_str(p.v[0].new_path, "sub/dir/f");
	}
}

static void a_tab_before_the_date_belongs_to_the_name(void **state)
{
	AUTO(arena) a = arena_new();
	struct patch p = parse(a, "--- a/x\ty\t2010-07-05 19:41:17.620000023 -0500\n"
				  "+++ b/x\ty\t2010-07-05 19:41:18 -0500\n"
				  "@@ -1 +1 @@\n-a\n+b\n"
				  "--- a/z\tnote\n+++ b/z\tnote\n@@ -1 +1 @@\n-a\n+b\n");

	assert_str(p.v[0].new_path, "x\ty");
	assert_str(p.v[1].new_path, "z");
}

static const char counted[] =
	"diff --git a/lib/old.c b/lib/new.c\nsimilarity index 90%\n"
	"rename from lib/old.c\nrename to lib/new.c\n--- a/lib/old.c\n"
	"+++ b/lib/new.c\n@@ -1 +1,2 @@\n-a\n+b\n+c\n"
	"diff --git a/x b/x\nold mode 100644\nnew mode 100755\n"
	"diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n"
	"@@ -1,2 +0,0 @@\n-1\n-2\n"
	"diff --git a/b\303\244r b/b\303\244r\nnew file mode 100644\n--- /dev/null\n"
	"+++ b/b\303\244r\n@@ -0,0 +1 @@\n+1\n"
	"diff --git a/r b/r\ndissimilarity index 82%\n--- a/r\n+++ b/r\n"
	"@@ -1 +1 @@\n-1\n+2\n";

static void a_patch_is_counted_as_git_prints_it(void **state)
{
	AUTO(arena) a = arena_new();
	struct patch p = parse(a, counted);
	STRBUF_AUTO(graph, BIG);
	STRBUF_AUTO(numbers, BIG);
	STRBUF_AUTO(summary, BIG);

	diffstat_print_graph(&p, &graph);
	assert_str(strbuf_str(&graph),
		   " lib/new.c    |    3 ++-\n x            |    0 \n"
		   " gone         |    2 --\n \"b\\303\\244r\" |    1 +\n"
		   " r            |    2 +-\n"
		   " 5 files changed, 4 insertions(+), 4 deletions(-)\n");
	diffstat_print_numbers(&p, &numbers);
	assert_str(strbuf_str(&numbers), "2\t1\tlib/new.c\n0\t0\tx\n0\t2\tgone\n"
					 "1\t0\t\"b\\303\\244r\"\n1\t1\tr\n");
	diffstat_print_summary(&p, &summary);
	assert_str(strbuf_str(&summary), " rename lib/{old.c => new.c} (90%)\n"
					 " mode change 100644 => 100755 x\n"
					 " delete mode 100644 gone\n"
					 " create mode 100644 \"b\\303\\244r\"\n"
					 " rewrite r (82%)\n");
}

static void long_names_and_numbers_are_scaled(void **state)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(text, BIG);
	STRBUF_AUTO(out, BIG);
	struct patch p;

	strbuf_addz(&text, "--- /dev/null\n+++ b/a-folder-with-a-long-name/another-one/"
			   "and-a-long-file.c\n@@ -0,0 +1,400 @@\n");
	for (int i = 0; i < 400; i++)
		strbuf_addz(&text, "+\n");
	p = parse(a, strbuf_z(&text));
	diffstat_print_graph(&p, &out);
	assert_str(strbuf_str(&out),
		   " .../another-one/and-a-long-file.c                  |"
		   "  400 ++++++++++++++++++++\n"
		   " 1 file changed, 400 insertions(+)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_git_prints_comes_back_byte_for_byte),
		TEST(prose_around_patches_is_skipped),
		TEST(traditional_headers_name_one_file),
		TEST(a_quote_that_ends_within_the_name_belongs_to_it),
		TEST(strip_and_directory_shape_the_path),
		TEST(lying_counts_are_named_with_their_line),
		TEST(modes_become_those_that_a_tree_knows),
		TEST(headers_that_contradict_themselves_are_refused),
		TEST(names_may_stand_in_one_place_only),
		TEST(recount_believes_the_lines),
		TEST(a_blank_a_mailer_ate_is_a_context_line),
		TEST(binary_patches_go_there_and_back),
		TEST(a_delta_of_other_bytes_is_refused),
		TEST(what_claims_too_much_costs_nothing),
		TEST(traditional_names_fit_the_folder_one_stands_in),
		TEST(a_tab_before_the_date_belongs_to_the_name),
		TEST(a_patch_is_counted_as_git_prints_it),
		TEST(long_names_and_numbers_are_scaled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
