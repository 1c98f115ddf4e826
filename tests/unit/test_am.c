/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One mail over a tree in memory, and the texts of an am session.
 */
#include "check.h"

#include "base/strbuf.h"
#include "patch/am.h"
#include "patch/date.h"

static struct str signed_off(const char *msg, struct arena *a)
{
	STRBUF_AUTO(text, 65536);

	strbuf_addz(&text, msg);
	am_sign_off(&text, STR("A U <a@x>"));
	return arena_str(a, strbuf_str(&text));
}

static void sign_off_joins_trailers_and_never_doubles_the_last(void **state)
{
	AUTO(arena) a = arena_new();

	assert_str(signed_off("one\n", a), "one\n\nSigned-off-by: A U <a@x>\n");
	assert_str(signed_off("one\n\nAcked-by: B <b@x>\n", a),
		   "one\n\nAcked-by: B <b@x>\nSigned-off-by: A U <a@x>\n");
	assert_str(signed_off("one\n\nSigned-off-by: A U <a@x>\n", a),
		   "one\n\nSigned-off-by: A U <a@x>\n");
	assert_str(signed_off("one\n\nSigned-off-by: A U <a@x>\nAcked-by: B <b@x>\n", a),
		   "one\n\nSigned-off-by: A U <a@x>\nAcked-by: B <b@x>\n"
		   "Signed-off-by: A U <a@x>\n");
	/* a paragraph of prose is no footer, whatever stands in it */
	assert_str(signed_off("one\n\nWhy: because\nit is so.\n", a),
		   "one\n\nWhy: because\nit is so.\n\nSigned-off-by: A U <a@x>\n");
}

static void author_scripts_survive_quotes_and_line_ends(void **state)
{
	AUTO(arena) a = arena_new();
	const struct am_author who = { STR("O'Brien!\nx"), STR("o@x"), STR("1 +0000") };
	STRBUF_AUTO(text, 4096);
	struct am_author back;

	am_author_print(&who, &text);
	assert_str(strbuf_str(&text), "GIT_AUTHOR_NAME='O'\\''Brien'\\!'\nx'\n"
				      "GIT_AUTHOR_EMAIL='o@x'\n"
				      "GIT_AUTHOR_DATE='1 +0000'\n");
	assert_ok(am_author_parse(strbuf_str(&text), a, &back, &err));
	assert_true(str_eq(back.name, who.name) && str_eq(back.date, who.date));
	assert_err(am_author_parse(STR("GIT_AUTHOR_NAME='x'\n"), a, &back, &err),
		   ERR_PARSE);
	assert_err(am_author_parse(STR("GIT_AUTHOR_NAME=x\n"), a, &back, &err),
		   ERR_PARSE);
}

static void words_are_unquoted_as_they_were_quoted(void **state)
{
	AUTO(arena) a = arena_new();
	struct am_words w;

	assert_ok(am_unquote(STR(" '-p2' '--directory=a b'"), a, &w, &err));
	assert_int_equal(w.n, 2);
	assert_str(w.v[1], "--directory=a b");
	assert_err(am_unquote(STR("'open"), a, &w, &err), ERR_PARSE);
	assert_err(am_unquote(STR("'a'b"), a, &w, &err), ERR_PARSE);
}

static void dates_are_read_as_git_reads_them(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "Thu, 7 Apr 2005 15:13:13 -0700", "1112911993 -0700" },
		{ "1112911993 -0700", "1112911993 -0700" },
		{ "@1 +0100", "1 +0100" },
		{ "2005-04-07 22:13:13 +0200", "1112904793 +0200" },
		{ "20050407T221313Z", "1112911993 +0000" },
		{ "Thu Apr 7 15:13:13 2005 +0200", "1112879593 +0200" },
		{ "7 Apr 05 10:13 EST", "1112886780 -0500" },
		{ "29 Feb 2000 00:00:00 +0000", "951782400 +0000" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct date d;
		char buf[48];

		assert_ok(date_parse(str_of(cases[i].text), &d, &err));
		date_print(d, buf);
		assert_string_equal(buf, cases[i].want);
	}
	assert_err(date_parse(STR("yesterday"), &(struct date){ 0 }, &err), ERR_PARSE);
	assert_err(date_parse(STR("Wed, 31 Dec 1969 23:59:59 +0000"), &(struct date){ 0 },
			      &err),
		   ERR_PARSE);
}

/* ---- a mail over a tree ---- */

struct outcome {
	struct arena *a;
	struct tree *tree;
	struct am_applied r;
	struct am_apply_options o;
	bool written;
};

static void apply(struct outcome *x, const char *text)
{
	struct am_target to = { .tree = x->tree };
	struct patch p;

	assert_ok(diff_parse(str_of(text), &x->o.diff, x->a, &p, &err));
	assert_ok(am_apply(&to, &p, &x->o, x->a, &x->r, &err));
	x->written = am_applied_ok(&x->r, &x->o);
	if (x->written)
		assert_ok(am_write(x->tree, &x->r, &err));
}

static void expect(struct outcome *x, const char *path, const char *want)
{
	struct tree_file f;

	if (!want) {
		assert_int_equal(x->tree->ops->mode(x->tree->ctx, str_of(path)), 0);
		return;
	}
	assert_ok(x->tree->ops->read(x->tree->ctx, str_of(path), x->a, &f, &err));
	assert_str(f.bytes, want);
}

static struct outcome fresh(struct arena *a)
{
	struct outcome x = {
		a, tree_memory_new(a), { 0 }, am_apply_options_default(), 0
	};

	tree_memory_put(x.tree, STR("a"), STR("1\n2\n3\n"), 0100644);
	tree_memory_put(x.tree, STR("b"), STR("x\ny\nz\n"), 0100644);
	return x;
}

static void renames_take_their_source_from_before_the_mail(void **state)
{
	AUTO(arena) a = arena_new();
	struct outcome x = fresh(a);

	apply(&x,
	      "diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\n"
	      "diff --git a/b b/a\nsimilarity index 100%\nrename from b\nrename to a\n");
	assert_true(x.written);
	expect(&x, "a", "x\ny\nz\n");
	expect(&x, "b", "1\n2\n3\n");
}

static void a_second_patch_of_a_file_sees_the_first(void **state)
{
	AUTO(arena) a = arena_new();
	struct outcome x = fresh(a);

	apply(&x, "--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n"
		  "--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\n-two\n+zwei\n 3\n");
	assert_true(x.written);
	expect(&x, "a", "1\nzwei\n3\n");
}

static void one_failure_leaves_the_tree_alone(void **state)
{
	AUTO(arena) a = arena_new();
	struct outcome x = fresh(a);
	STRBUF_AUTO(words, 65536);

	apply(&x, "--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n"
		  "--- a/b\n+++ b/b\n@@ -1,3 +1,3 @@\n x\n-no\n+yes\n z\n");
	assert_false(x.written);
	expect(&x, "a", "1\n2\n3\n");
	am_print(&x.r, &x.o, "patch", &words);
	assert_str(strbuf_str(&words),
		   "error: patch failed: b:1\nerror: b: patch does not apply\n");
}

static void with_reject_the_rest_is_kept(void **state)
{
	AUTO(arena) a = arena_new();
	struct outcome x = fresh(a);

	assert_ok(am_apply_option(&x.o, STR("--reject"), a, &err));
	apply(&x, "--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n"
		  "--- a/missing\n+++ b/missing\n@@ -1 +1 @@\n-no\n+yes\n");
	assert_true(x.written);
	expect(&x, "a", "1\ntwo\n3\n");
	assert_int_equal(x.r.n_failed, 1);
	assert_int_equal(x.r.v[1].result.rejects.n_hunks, 1);
}

static void a_path_out_of_the_tree_stops_even_with_reject(void **state)
{
	AUTO(arena) a = arena_new();
	struct outcome x = fresh(a);

	assert_ok(am_apply_option(&x.o, STR("--reject"), a, &err));
	apply(&x,
	      "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n"
	      "diff --git a/.git/hooks/x b/.git/hooks/x\nnew file mode 100755\n"
	      "--- /dev/null\n+++ b/.git/hooks/x\n@@ -0,0 +1 @@\n+boo\n");
	assert_false(x.written);
	expect(&x, "a", "1\n2\n3\n");
	expect(&x, ".git/hooks/x", NULL);
}

/* What git would refuse is no commit without a change. */
static void
a_new_file_that_is_there_already_is_refused_unless_that_was_asked(void **state)
{
	static const char patch[] = "diff --git a/a b/a\nnew file mode 100644\n"
				    "--- /dev/null\n+++ b/a\n@@ -0,0 +1,3 @@\n"
				    "+1\n+2\n+3\n";
	AUTO(arena) a = arena_new();
	struct outcome x = fresh(a);
	STRBUF_AUTO(words, 4096);

	apply(&x, patch);
	assert_false(x.written);
	am_print(&x.r, &x.o, "patch", &words);
	assert_str(strbuf_str(&words), "error: a: already exists in index\n");
	x.o.place.engines = PLACE_WITH_ALL;
	apply(&x, patch);
	assert_true(x.written);
	assert_int_equal(x.r.v[0].result.file.status, PLACE_ALREADY);
}

/* One file patch of the type `mode` whose text is `lines`; why it is refused. */
static const char *refused(struct arena *a, const char *mode, const char *lines)
{
	struct outcome x = fresh(a);

	apply(&x, arena_printf(a,
			       "diff --git a/n b/n\nnew file mode %s\n--- /dev/null\n"
			       "+++ b/n\n@@ -0,0 +1 @@\n+%s",
			       mode, lines));
	expect(&x, "n", x.written ? lines : NULL);
	return arena_cstr(a, x.r.v[0].refused);
}

static void a_symlink_needs_a_target_and_a_submodule_a_commit(void **state)
{
	static const char commit[] =
		"Subproject commit 0123456789012345678901234567890123456789\n";
	AUTO(arena) a = arena_new();
	struct outcome x = fresh(a);
	char *far = arena_alloc(a, 5000);

	memset(far, 'x', 4999);
	far[4999] = 0;
	assert_string_equal(refused(a, "160000", commit), "");
	assert_string_equal(refused(a, "160000", "Subproject commit 0123\n"),
			    "corrupt patch for submodule n");
	assert_string_equal(refused(a, "120000", "a\n"), "");
	assert_string_equal(refused(a, "120000", far), "n: no target of a symbolic link");
	apply(&x, "diff --git a/n b/n\nnew file mode 120000\n"
		  "index 0000000..e69de29\n");
	assert_str(x.r.v[0].refused, "n: no target of a symbolic link");
}

/* Nothing is written before it is known that all of it can be. */
static void a_file_cannot_take_the_name_of_a_folder_the_mail_makes(void **state)
{
	AUTO(arena) a = arena_new();
	struct outcome x = fresh(a);

	apply(&x, "diff --git a/n/in b/n/in\nnew file mode 100644\n--- /dev/null\n"
		  "+++ b/n/in\n@@ -0,0 +1 @@\n+in\n"
		  "diff --git a/n b/n\nnew file mode 120000\n--- /dev/null\n"
		  "+++ b/n\n@@ -0,0 +1 @@\n+..\n\\ No newline at end of file\n");
	assert_false(x.written);
	expect(&x, "n/in", NULL);
	assert_int_equal(x.r.v[1].result.file.cause, CAUSE_FILE_EXISTS);
}

/* "1\0\n2\n" becomes "1\0\nII\n"; "x\0y\n" goes. */
static const char binary_change[] =
	"diff --git a/n b/n\nindex cc22f76d0fbc0549aa9be318daec685b3565d0c6.."
	"9e3c736e329f678b0d9e066178da297d254692db 100644\nGIT binary patch\n"
	"literal 6\nNcmXqH;PUk30ssQb0N4Nk\n\nliteral 5\nMcmXqH;4<O@00D*ocmMzZ\n\n";
static const char binary_end[] =
	"diff --git a/n b/n\ndeleted file mode 100644\nindex "
	"c3b180c2ffcc2b98191fc5dea5b8839fda72f964.."
	"0000000000000000000000000000000000000000\nGIT binary patch\nliteral 0\n"
	"HcmV?d00001\n\nliteral 4\nLcmb<msN@0w0^k7r\n\n";

static void binary_data_fit_only_the_bytes_they_were_made_for(void **state)
{
	static const struct {
		const char *patch;
		struct str before, after;
		bool reverse, fits;
	} cases[] = {
		{ binary_change, { "1\0\n2\n", 5 }, { "1\0\nII\n", 6 }, false, true },
		{ binary_change, { "1\0\n3\n", 5 }, { NULL, 0 }, false, false },
		{ binary_change, { "1\0\nII\n", 6 }, { "1\0\n2\n", 5 }, true, true },
		{ binary_change, { "1\0\nIII\n", 7 }, { NULL, 0 }, true, false },
		{ binary_end, { "x\0y\n", 4 }, { NULL, 0 }, false, true },
		{ binary_end, { "x\0z\n", 4 }, { NULL, 0 }, false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(arena) a = arena_new();
		struct outcome x = fresh(a);
		struct tree_file f;

		tree_memory_put(x.tree, STR("n"), cases[i].before, 0100644);
		x.o.place.reverse = cases[i].reverse;
		apply(&x, cases[i].patch);
		assert_int_equal(x.written, cases[i].fits);
		if (!cases[i].fits)
			assert_true(str_ends(x.r.v[0].result.file.why,
					     STR("not match the current contents.")));
		if (!cases[i].after.n)
			continue;
		assert_ok(x.tree->ops->read(x.tree->ctx, STR("n"), a, &f, &err));
		assert_true(str_eq(f.bytes, cases[i].after));
	}
}

static const char top_c[] = "int top;\nint is;\nint here;\n";

/* "old" is called "new" here, as the one file shows that changes. */
static void files_that_come_or_go_in_a_renamed_folder_are_left_to_the_user(void **state)
{
	AUTO(arena) a = arena_new();
	struct outcome x = {
		a, tree_memory_new(a), { 0 }, am_apply_options_default(), 0
	};

	x.o.reject = true;
	x.o.place.engines = PLACE_WITH_ALL;
	tree_memory_put(x.tree, STR("new/top.c"), str_of(top_c), 0100644);
	tree_memory_put(x.tree, STR("new/lib/gone.c"), STR("gone\n"), 0100644);
	apply(&x,
	      "diff --git a/old/top.c b/old/top.c\n--- a/old/top.c\n+++ b/old/top.c\n"
	      "@@ -1,3 +1,3 @@\n int top;\n-int is;\n+int was;\n int here;\n"
	      "diff --git a/old/lib/gone.c b/old/lib/gone.c\ndeleted file mode 100644\n"
	      "--- a/old/lib/gone.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n"
	      "diff --git a/old/lib/come.c b/old/lib/come.c\nnew file mode 100644\n"
	      "--- /dev/null\n+++ b/old/lib/come.c\n@@ -0,0 +1 @@\n+come\n");
	expect(&x, "new/top.c", "int top;\nint was;\nint here;\n");
	expect(&x, "new/lib/gone.c", "gone\n");
	expect(&x, "old/lib/come.c", NULL);
	assert_int_equal(x.r.n_failed, 2);
	assert_str(x.r.v[1].result.file.why,
		   "there is no such file: its history says it became 'new/lib/gone.c'");
	assert_str(x.r.v[2].result.hunks[0].candidates[0].path, "new/lib/come.c");
}

static void files_can_become_folders_and_back(void **state)
{
	AUTO(arena) a = arena_new();
	struct outcome x = fresh(a);

	apply(&x, "diff --git a/a b/a\ndeleted file mode 100644\n--- a/a\n+++ /dev/null\n"
		  "@@ -1,3 +0,0 @@\n-1\n-2\n-3\n"
		  "diff --git a/a/in b/a/in\nnew file mode 100644\n--- /dev/null\n"
		  "+++ b/a/in\n@@ -0,0 +1 @@\n+in\n");
	assert_true(x.written);
	expect(&x, "a/in", "in\n");
}

/* Move the only file of a tree to another name and back by -R. */
static void moves_there_and_back(const char *from, const char *to)
{
	AUTO(arena) a = arena_new();
	struct outcome x = {
		a, tree_memory_new(a), { 0 }, am_apply_options_default(), 0
	};
	const char *patch = arena_printf(a,
					 "diff --git a/%s b/%s\nsimilarity index 100%%\n"
					 "rename from %s\nrename to %s\n",
					 from, to, from, to);

	tree_memory_put(x.tree, str_of(from), STR("1\n"), 0100644);
	apply(&x, patch);
	assert_true(x.written);
	expect(&x, to, "1\n");
	x.o.place.reverse = true;
	apply(&x, patch);
	assert_true(x.written);
	expect(&x, from, "1\n");
}

static void a_file_can_move_into_a_folder_of_its_name_and_out_of_it(void **state)
{
	moves_there_and_back("foo", "foo/baz");
	moves_there_and_back("foo/baz", "foo");
	moves_there_and_back("foo/a/b", "foo");
	moves_there_and_back("foo/baz", "foo/baz/foo");
}

/* git prints them in the order of their names. */
static const char link_to_folder[] =
	"diff --git a/foo b/foo\ndeleted file mode 120000\n--- a/foo\n+++ /dev/null\n"
	"@@ -1 +0,0 @@\n-bar\n\\ No newline at end of file\n"
	"diff --git a/foo/baz b/foo/baz\nnew file mode 100644\n--- /dev/null\n"
	"+++ b/foo/baz\n@@ -0,0 +1 @@\n+in\n";
static const char folder_to_link[] =
	"diff --git a/foo b/foo\nnew file mode 120000\n--- /dev/null\n+++ b/foo\n"
	"@@ -0,0 +1 @@\n+bar\n\\ No newline at end of file\n"
	"diff --git a/foo/baz b/foo/baz\ndeleted file mode 100644\n--- a/foo/baz\n"
	"+++ /dev/null\n@@ -1 +0,0 @@\n-in\n";
static const char link_to_file[] =
	"diff --git a/foo b/foo\ndeleted file mode 120000\n--- a/foo\n+++ /dev/null\n"
	"@@ -1 +0,0 @@\n-bar\n\\ No newline at end of file\n"
	"diff --git a/foo b/foo\nnew file mode 100644\n--- /dev/null\n+++ b/foo\n"
	"@@ -0,0 +1 @@\n+in\n";

static void a_change_of_type_goes_there_and_back(void **state)
{
	static const struct {
		const char *patch, *before, *after;
	} cases[] = {
		{ link_to_folder, "foo", "foo/baz" },
		{ folder_to_link, "foo/baz", "foo" },
		{ link_to_file, "foo", "foo" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool links = cases[i].patch != folder_to_link;
		AUTO(arena) a = arena_new();
		struct outcome x = {
			a, tree_memory_new(a), { 0 }, am_apply_options_default(), 0
		};

		tree_memory_put(x.tree, str_of(cases[i].before),
				links ? STR("bar") : STR("in\n"),
				links ? 0120000 : 0100644);
		apply(&x, cases[i].patch);
		assert_true(x.written);
		expect(&x, cases[i].after, links ? "in\n" : "bar");
		x.o.place.reverse = true;
		apply(&x, cases[i].patch);
		assert_true(x.written);
		expect(&x, cases[i].before, links ? "bar" : "in\n");
	}
}

/* The symlink goes in the same mail; what it leads to is still not the mail's. */
static void nothing_is_reached_through_a_symlink_that_goes(void **state)
{
	static const char gone[] = "diff --git a/foo b/foo\ndeleted file mode 120000\n"
				   "--- a/foo\n+++ /dev/null\n@@ -1 +0,0 @@\n-bar\n"
				   "\\ No newline at end of file\n";
	static const char *const reach[] = {
		"diff --git a/foo/x b/foo/x\ndeleted file mode 100644\n--- a/foo/x\n"
		"+++ /dev/null\n@@ -1 +0,0 @@\n-in\n",
		"diff --git a/foo/x b/y\nsimilarity index 100%\nrename from foo/x\n"
		"rename to y\n",
		"diff --git a/foo/x b/foo/x\n--- a/foo/x\n+++ b/foo/x\n@@ -1 +1 @@\n-in\n"
		"+out\n",
	};

	for (size_t i = 0; i < 2 * ARRAY_SIZE(reach); i++) {
		AUTO(arena) a = arena_new();
		struct outcome x = fresh(a);

		tree_memory_put(x.tree, STR("foo"), STR("bar"), 0120000);
		tree_memory_put(x.tree, STR("foo/x"), STR("in\n"), 0100644);
		apply(&x, i % 2 ? arena_printf(a, "%s%s", gone, reach[i / 2])
				: arena_printf(a, "%s%s", reach[i / 2], gone));
		assert_false(x.written);
		assert_int_equal(x.r.n_refused, 1);
	}
}

/* A tree that holds every name and counts the looks at it. */
static unsigned counted_mode(void *ctx, struct str path)
{
	size_t *looks = ctx;

	(*looks)++;
	return str_starts(path, STR("old/")) && path.n > 4 ? 0100644 : 0;
}

static bool counted_read(void *ctx, struct str path, struct arena *a,
			 struct tree_file *ret, struct err *err)
{
	if (!counted_mode(ctx, path))
		return err_set(err, ERR_NOTFOUND, "no such file");
	*ret = (struct tree_file){ STR("1\n"), 0100644 };
	return true;
}

static bool counted_write(void *ctx, struct str path, struct str bytes, unsigned mode,
			  struct err *err)
{
	(*(size_t *)ctx)++;
	return true;
}

static bool counted_remove(void *ctx, struct str path, struct err *err)
{
	(*(size_t *)ctx)++;
	return true;
}

static size_t looks_of_renames(unsigned n)
{
	static const struct tree_ops ops = { .mode = counted_mode,
					     .read = counted_read,
					     .write = counted_write,
					     .remove = counted_remove };
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(text, 64 << 20);
	size_t looks = 0;
	struct tree t = { &ops, &looks };
	struct outcome x = { a, &t, { 0 }, am_apply_options_default(), 0 };

	for (unsigned i = 0; i < n; i++)
		strbuf_addf(&text,
			    "diff --git a/old/%u b/new/%u\nsimilarity index 100%%\n"
			    "rename from old/%u\nrename to new/%u\n",
			    i, i, i, i);
	apply(&x, strbuf_z(&text));
	assert_true(x.written);
	assert_int_equal(x.r.n, n);
	return looks;
}

/* Twice the files, twice the looks; and with a look at each other file for each, this
 * many would never come to an end. */
static void a_hundred_thousand_renames_cost_no_more_each_than_ten(void **state)
{
	size_t ten = looks_of_renames(10);

	assert_int_equal(looks_of_renames(20), 2 * ten);
	assert_int_equal(looks_of_renames(100000), 10000 * ten);
}

static void includes_and_excludes_choose_the_first_that_fits(void **state)
{
	AUTO(arena) a = arena_new();
	struct am_apply_options o = am_apply_options_default();

	assert_true(am_path_wanted(&o, STR("any")));
	assert_ok(am_apply_option(&o, STR("--exclude=*.o"), a, &err));
	assert_ok(am_apply_option(&o, STR("--include=src/*"), a, &err));
	assert_true(am_path_wanted(&o, STR("src/a.c")));
	assert_false(am_path_wanted(&o, STR("src/a.o")));
	assert_false(am_path_wanted(&o, STR("doc/a.c")));
	assert_err(am_apply_option(&o, STR("--unknown"), a, &err), ERR_USAGE);
	assert_err(am_apply_option(&o, STR("-px"), a, &err), ERR_USAGE);
}

/* ---- whitespace ---- */

#define ONE_HUNK(range) "--- a/w\n+++ b/w\n@@ " range " @@\n"

static struct outcome blanks(struct arena *a, const char *action, const char *file)
{
	struct outcome x = fresh(a);

	tree_memory_put(x.tree, STR("w"), str_of(file), 0100644);
	assert_ok(
		am_apply_option(&x.o, arena_strf(a, "--whitespace=%s", action), a, &err));
	return x;
}

static void says(struct outcome *x, const char *want)
{
	STRBUF_AUTO(words, 65536);

	am_print(&x->r, &x->o, "patch", &words);
	assert_str(strbuf_str(&words), want);
}

static void blank_lines_at_the_end_are_noted_and_with_fix_left_out(void **state)
{
	AUTO(arena) a = arena_new();
	static const char patch[] = ONE_HUNK("-1,2 +1,5") " 1\n 2\n+3\n+\n+\t\n";
	struct outcome x = blanks(a, "fix", "1\n2\n");

	apply(&x, patch);
	expect(&x, "w", "1\n2\n3\n");
	says(&x, "patch:8: trailing whitespace.\n\t\n"
		 "patch:7: new blank line at EOF.\n+\n"
		 "warning: 1 line applied after fixing whitespace errors.\n");
	x = blanks(a, "warn", "1\n2\n");
	apply(&x, patch);
	expect(&x, "w", "1\n2\n3\n\n\t\n");
	says(&x, "patch:8: trailing whitespace.\n\t\n"
		 "patch:7: new blank line at EOF.\n+\n"
		 "warning: 2 lines add whitespace errors.\n");
	x = blanks(a, "error", "1\n2\n");
	apply(&x, ONE_HUNK("-1,2 +1,3") " 1\n 2\n+\n");
	assert_false(x.written);
}

static void context_that_fits_only_when_mended_is_mended_whole(void **state)
{
	AUTO(arena) a = arena_new();
	static const char patch[] = ONE_HUNK("-1,4 +1,4") " 1 \n 2\n-3\n+three\n 4 \n";
	struct outcome x = blanks(a, "fix", "1 \n2\n3\n4 \n");

	apply(&x, patch);
	expect(&x, "w", "1 \n2\nthree\n4 \n");
	x = blanks(a, "fix", "1 \n2 \n3\n4 \n");
	apply(&x, patch);
	expect(&x, "w", "1\n2\nthree\n4\n");
	x = blanks(a, "warn", "1 \n2 \n3\n4 \n");
	apply(&x, patch);
	assert_false(x.written);
}

static void with_fix_blank_lines_the_file_lacks_do_no_harm(void **state)
{
	AUTO(arena) a = arena_new();
	static const char patch[] = ONE_HUNK("-1,5 +1,6") " 1\n 2\n+new\n 3\n \n \n";
	struct outcome x = blanks(a, "fix", "1\n2\n3\n");

	apply(&x, patch);
	expect(&x, "w", "1\n2\nnew\n3\n\n\n");
	x = blanks(a, "warn", "1\n2\n3\n");
	apply(&x, patch);
	assert_false(x.written);
	/* Blank lines alone say nothing of a place. */
	x = blanks(a, "fix", "1\n");
	apply(&x, ONE_HUNK("-7,3 +7,2") " \n-\n \n");
	assert_false(x.written);
}

static void a_cr_is_no_fault_behind_lines_that_have_it(void **state)
{
	AUTO(arena) a = arena_new();
	struct outcome x = blanks(a, "fix", "1\r\n2\r\n");

	apply(&x, ONE_HUNK("-1,2 +1,3") " 1\r\n+new\r\n 2\r\n");
	expect(&x, "w", "1\r\nnew\r\n2\r\n");
	says(&x, "");
	x = blanks(a, "fix", "1\n2\n");
	apply(&x, ONE_HUNK("-1,2 +1,3") " 1\n+new\r\n 2\n");
	expect(&x, "w", "1\nnew\n2\n");
}

static bool tabs_are_wrong(void *arg, struct str path, struct ws_rule *rule,
			   struct err *why)
{
	if (str_eq(path, STR("w")))
		*rule = (struct ws_rule){ WS_TAB_IN_INDENT, 4 };
	return true;
}

static void each_path_has_its_rule(void **state)
{
	AUTO(arena) a = arena_new();
	struct outcome x = blanks(a, "fix", "1\n");
	struct am_target to = { .tree = x.tree, .ws_rule = tabs_are_wrong };
	struct patch p;

	assert_ok(diff_parse(STR(ONE_HUNK("-1 +1,2") " 1\n+\ttab \n"
						     "--- a/b\n+++ b/b\n@@ -1,3 +1,4 @@\n"
						     " x\n+\ttab \n y\n z\n"),
			     &x.o.diff, a, &p, &err));
	assert_ok(am_apply(&to, &p, &x.o, a, &x.r, &err));
	assert_ok(am_write(x.tree, &x.r, &err));
	expect(&x, "w", "1\n    tab \n");
	expect(&x, "b", "x\n\ttab\ny\nz\n");
	assert_int_equal(x.r.ws.n, 2);
}

static void an_inaccurate_diff_fits_a_file_without_final_newline(void **state)
{
	AUTO(arena) a = arena_new();
	static const char patch[] = ONE_HUNK("-1,2 +1,2") " 1\n-2\n+two\n";
	struct outcome x = blanks(a, "warn", "1\n2");

	apply(&x, patch);
	assert_false(x.written);
	assert_ok(am_apply_option(&x.o, STR("--inaccurate-eof"), a, &err));
	apply(&x, patch);
	expect(&x, "w", "1\ntwo");
}

static void whole_ids_stand_for_binary_data(void **state)
{
#define OLD_ID "1111111111111111111111111111111111111111"
#define NEW_ID "2222222222222222222222222222222222222222"
	AUTO(arena) a = arena_new();
	struct outcome x = fresh(a);
	static const char patch[] = "diff --git a/w b/w\nindex " OLD_ID ".." NEW_ID
				    " 100644\nBinary files a/w and b/w differ\n";

	tree_memory_put(x.tree, STR("w"), STR("old"), 0100644);
	tree_memory_put_blob(x.tree, STR(OLD_ID), STR("old"));
	apply(&x, patch);
	assert_false(x.written);
	tree_memory_put_blob(x.tree, STR(NEW_ID), STR("new"));
	apply(&x, patch);
	expect(&x, "w", "new");
	/* The file is no longer what the ids speak of. */
	apply(&x, patch);
	assert_false(x.written);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sign_off_joins_trailers_and_never_doubles_the_last),
		TEST(author_scripts_survive_quotes_and_line_ends),
		TEST(words_are_unquoted_as_they_were_quoted),
		TEST(dates_are_read_as_git_reads_them),
		TEST(renames_take_their_source_from_before_the_mail),
		TEST(a_second_patch_of_a_file_sees_the_first),
		TEST(one_failure_leaves_the_tree_alone),
		TEST(with_reject_the_rest_is_kept),
		TEST(a_new_file_that_is_there_already_is_refused_unless_that_was_asked),
		TEST(a_symlink_needs_a_target_and_a_submodule_a_commit),
		TEST(a_file_cannot_take_the_name_of_a_folder_the_mail_makes),
		TEST(binary_data_fit_only_the_bytes_they_were_made_for),
		TEST(a_path_out_of_the_tree_stops_even_with_reject),
		TEST(files_that_come_or_go_in_a_renamed_folder_are_left_to_the_user),
		TEST(files_can_become_folders_and_back),
		TEST(a_file_can_move_into_a_folder_of_its_name_and_out_of_it),
		TEST(a_change_of_type_goes_there_and_back),
		TEST(nothing_is_reached_through_a_symlink_that_goes),
		TEST(a_hundred_thousand_renames_cost_no_more_each_than_ten),
		TEST(includes_and_excludes_choose_the_first_that_fits),
		TEST(blank_lines_at_the_end_are_noted_and_with_fix_left_out),
		TEST(context_that_fits_only_when_mended_is_mended_whole),
		TEST(with_fix_blank_lines_the_file_lacks_do_no_harm),
		TEST(a_cr_is_no_fault_behind_lines_that_have_it),
		TEST(each_path_has_its_rule),
		TEST(an_inaccurate_diff_fits_a_file_without_final_newline),
		TEST(whole_ids_stand_for_binary_data),
	};

	return cmocka_run_group_tests_name("am", tests, NULL, NULL);
}
