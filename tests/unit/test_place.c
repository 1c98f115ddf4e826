/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The placement engine: the cases of tests/spec/patch, the parts that have no words
 * there, and git apply as an oracle on generated shifts.
 */
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "spec.h"

#include "base/file.h"
#include "base/spawn.h"
#include "patch/paths.h"
#include "patch/place.h"
#include "patch/rej.h"

enum { BIG = 1 << 20 };

static unsigned mode_of(struct str words)
{
	return str_find(words, STR("symlink")) >= 0      ? 0120000
	       : str_find(words, STR("executable")) >= 0 ? 0100755
							 : 0100644;
}

static struct str first_word(struct str words)
{
	struct str word = STR("");

	str_word(&words, &word);
	return word;
}

/* "%after path no-newline": the text without its last LF. */
static struct str text_of(const struct spec_section *s)
{
	bool cut = str_find(s->words, STR(" no-newline")) >= 0 && s->text.n;

	return str_sub(s->text, 0, s->text.n - cut);
}

/* "%patch reverse whitespace=fix -C1 search": options of the run. */
static struct place_options options_of(struct str words)
{
	struct place_options opt = PLACE_OPTIONS_DEFAULT;
	struct str word;

	while (str_word(&words, &word)) {
		opt.reverse |= str_eq(word, STR("reverse"));
		opt.ignore_space |= str_eq(word, STR("ignore-space"));
		if (str_eq(word, STR("search")))
			opt.engines = PLACE_SEARCH_ONLY;
		if (str_skip(&word, STR("-C")))
			opt.min_context = (unsigned)(word.p[0] - '0');
		else if (str_skip(&word, STR("whitespace=")))
			assert_ok(ws_action_parse(word, &opt.ws, &err));
	}
	return opt;
}

/* What the spec says of one file patch, a line each. */
static void tell(const struct filepatch *f, const struct place_result *r,
		 struct strbuf *out)
{
	if (r->file.cause) {
		strbuf_addf(out, STR_FMT ": %s, %s", STR_ARG(filepatch_path(f)),
			    place_status_name(r->file.status),
			    place_cause_name(r->file.cause));
		if (r->found_path.n)
			strbuf_addf(out, ", now " STR_FMT, STR_ARG(r->found_path));
		strbuf_addc(out, '\n');
	}
	for (size_t i = 0; i < r->n_hunks && r->file.status != PLACE_REJECTED &&
			   r->file.status != PLACE_ALREADY;
	     i++) {
		const struct placement *p = &r->hunks[i];

		strbuf_addz(out, place_status_name(p->status));
		if (p->line)
			strbuf_addf(out, " at %zu", p->line);
		if (p->cause)
			strbuf_addf(out, ", %s", place_cause_name(p->cause));
		if (p->status == PLACE_ALIGNED || p->status == PLACE_MERGED)
			strbuf_addf(out, ", %s", place_evidence_name(p->evidence));
		for (size_t k = 0; k < p->n_candidates; k++) {
			strbuf_addf(out, "%s%zu", k ? " or " : "; perhaps at ",
				    p->candidates[k].line);
			if (p->candidates[k].path.n)
				strbuf_addf(out, " of " STR_FMT,
					    STR_ARG(p->candidates[k].path));
		}
		strbuf_addc(out, '\n');
	}
}

static void write_result(struct tree *t, struct arena *a, struct place_result *r)
{
	STRBUF_AUTO(rej, BIG);

	if (r->changed && r->remove_path.n)
		assert_ok(t->ops->remove(t->ctx, r->remove_path, &err));
	if (r->changed && r->path.n)
		assert_ok(t->ops->write(t->ctx, r->path, r->post, r->mode, &err));
	if (r->file.status != PLACE_REJECTED && !r->n_rejected)
		return;
	rej_print(&r->rejects, &rej);
	tree_memory_put(t, rej_path(r->path.n ? r->path : filepatch_path(&r->rejects), a),
			strbuf_str(&rej), 0100644);
}

static void run_patch(struct tree *t, const struct spec_section *s, struct strbuf *told)
{
	AUTO(arena) a = arena_new();
	struct place_options opt = options_of(s->words);
	struct patch patch;

	assert_ok(diff_parse(s->text, &DIFF_OPTIONS_DEFAULT, a, &patch, &err));
	for (size_t i = 0; i < patch.n; i++) {
		struct place_result r;

		assert_ok(place_file(t, &patch.v[i], &opt, a, &r, &err));
		tell(&patch.v[i], &r, told);
		write_result(t, a, &r);
	}
}

static void compare(const char *file, const struct spec_case *c, const char *what,
		    struct str got, struct str want)
{
	if (!str_eq(got, want))
		fail_msg("%s:%zu: " STR_FMT ": %s is\n" STR_FMT "--- not\n" STR_FMT, file,
			 c->line, STR_ARG(c->title), what, STR_ARG(got), STR_ARG(want));
}

static void check_file(const char *file, const struct spec_case *c, struct tree *t,
		       struct arena *a, const struct spec_section *s)
{
	struct str path = first_word(s->words);
	unsigned mode = t->ops->mode(t->ctx, path);
	struct tree_file f;

	if (str_eq(s->name, STR("gone"))) {
		compare(file, c, "the file", mode ? path : STR("gone"), STR("gone"));
		return;
	}
	if (!mode)
		fail_msg("%s:%zu: no " STR_FMT, file, s->line, STR_ARG(path));
	assert_ok(t->ops->read(t->ctx, path, a, &f, &err));
	compare(file, c, arena_cstr(a, path), f.bytes, text_of(s));
	assert_int_equal(f.mode, mode_of(s->words));
}

/* "old.c became new.c", a line each. */
static void put_renames(struct tree *t, struct str text)
{
	STR_EACH_LINE (line, text) {
		struct str from = STR(""), became = STR(""), to = STR("");

		assert_true(str_word(&line, &from) && str_word(&line, &became) &&
			    str_word(&line, &to));
		tree_memory_put_rename(t, from, to);
	}
}

static void run_case(const char *file, const struct spec_case *c, struct arena *a)
{
	struct tree *t = tree_memory_new(a);
	STRBUF_AUTO(told, BIG);

	for (size_t i = 0; i < c->n; i++) {
		const struct spec_section *s = &c->v[i];

		if (str_eq(s->name, STR("before")))
			tree_memory_put(t, first_word(s->words), text_of(s),
					mode_of(s->words));
		else if (str_eq(s->name, STR("blob")))
			tree_memory_put_blob(t, first_word(s->words), s->text);
		else if (str_eq(s->name, STR("history")))
			put_renames(t, s->text);
		else if (str_eq(s->name, STR("patch")))
			run_patch(t, s, &told);
		else if (str_eq(s->name, STR("placement")))
			compare(file, c, "the placement", strbuf_str(&told), s->text);
		else
			check_file(file, c, t, a, s);
	}
}

static void run_spec(const char *file)
{
	AUTO(arena) a = arena_new();
	struct spec spec;

	spec_read(a, file, &spec);
	assert_true(spec.n > 0);
	for (size_t i = 0; i < spec.n; i++)
		run_case(file, &spec.v[i], a);
}

static void spec_search(void **state)
{
	run_spec("spec/patch/search.spec");
}

static void spec_causes(void **state)
{
	run_spec("spec/patch/causes.spec");
}

static void spec_lists(void **state)
{
	run_spec("spec/patch/lists.spec");
}

static void spec_files(void **state)
{
	run_spec("spec/patch/files.spec");
}

static void paths_that_leave_the_tree_are_refused(void **state)
{
	char far[4097];
	static const char *const bad[] = {
		"",
		"/etc/passwd",
		"../x",
		"a/../../x",
		"a/./b",
		"a//b",
		".git/config",
		".GIT/config",
		"a/.gIt/hooks",
		"git~1/x",
		".git./x",
		".git /x",
		".git::$INDEX_ALLOCATION/x",
		"a\\.git\\config",
		"x/.g\xe2\x80\x8cit/y",
		".git\xef\xbb\xbf/x",
		"a/.Git... /b",
		".git:x/y",
	};
	static const char *const good[] = { "a",           "a/b.c",      ".gitignore",
					    "a/.github/x", "git",        "a..b/c",
					    "~1",          "\xff\xfe/x", "a\\b" };

	memset(far, 'x', sizeof(far));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_err(path_check(str_of(bad[i]), 0100644, &err), ERR_DENIED);
	assert_err(path_check(str_n(far, 256), 0100644, &err), ERR_DENIED);
	assert_ok(path_check(str_n(far, 255), 0100644, &err));
	for (size_t i = 255; i < sizeof(far); i += 256)
		far[i] = '/';
	assert_err(path_check(str_n(far, 4097), 0100644, &err), ERR_DENIED);
	assert_ok(path_check(str_n(far, 4095), 0100644, &err));
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_ok(path_check(str_of(good[i]), 0100644, &err));
	assert_ok(path_check(STR(".gitmodules"), 0100644, &err));
	assert_err(path_check(STR(".gitmodules"), 0120000, &err), ERR_DENIED);
	assert_err(path_check(STR("GITMOD~1"), 0120000, &err), ERR_DENIED);
}

static void whitespace_is_mended_as_git_does(void **state)
{
	static const char *const pairs[][2] = {
		{ "a  \n", "a\n" },
		{ "  \ta\n", "\ta\n" },
		{ "\t  \tb\t\n", "\t\tb\n" },
		{ "a\r\n", "a\n" },
		{ "        a\n", "        a\n" },
		{ "          \tx", "\t\tx" },
	};
	struct ws_rule rule = WS_RULE_DEFAULT;

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		STRBUF_AUTO(out, 100);

		ws_fix(str_of(pairs[i][0]), rule, &out);
		assert_str(strbuf_str(&out), pairs[i][1]);
	}
	assert_ok(ws_rule_parse(STR("indent-with-non-tab,-trailing-space,tabwidth=4"),
				&rule, &err));
	assert_int_equal(ws_check(STR("     a \n"), rule), WS_INDENT_WITH_NON_TAB);
	assert_ok(ws_rule_parse(STR("nonsense,blank-at-eof"), &rule, &err));
	assert_err(ws_rule_parse(STR("tab-in-indent,indent"), &rule, &err), ERR_PARSE);
}

static struct str numbered(struct arena *a, size_t from, size_t to, size_t skip)
{
	STRBUF_AUTO(b, BIG);

	for (size_t i = from; i < to; i++)
		if (i % 7 != skip)
			strbuf_addf(&b, "line %zu of the file\n", i % 50 + i / 3);
	return arena_str(a, strbuf_str(&b));
}

/* One change in the middle of 100 lines, printed as a diff by hand. */
static void change_at(struct strbuf *diff, struct str base, size_t line)
{
	struct str rest = base, l;
	size_t n = 0;

	strbuf_addf(diff, "--- a/f\n+++ b/f\n@@ -%zu,7 +%zu,8 @@\n", line, line);
	while (str_line(&rest, &l)) {
		n++;
		if (n < line || n >= line + 7)
			continue;
		strbuf_addc(diff, n == line + 3 ? '-' : ' ');
		strbuf_add(diff, l);
		if (n == line + 3)
			strbuf_addz(diff, "+one new line\n+another new line\n");
	}
}

/* What git apply makes of it, or NULL when it refuses. */
static char *git_result(struct arena *a, const char *dir, struct str file,
			struct str diff)
{
	const char *argv[] = { "git", "apply", "p.diff", NULL };
	STRBUF_AUTO(bytes, BIG);
	STRBUF_AUTO(noise, BIG);
	char *path = arena_printf(a, "%s/f", dir);
	int status;

	assert_ok(file_write_atomic(path, file, 0644, &err));
	assert_ok(file_write_atomic(arena_printf(a, "%s/p.diff", dir), diff, 0644, &err));
	assert_ok(spawn_run(
		&(struct spawn){
			.argv = argv, .dir = dir, .out = &noise, .errout = &noise },
		&status, &err));
	if (spawn_exit_code(status))
		return NULL;
	assert_ok(file_read(path, &bytes, &err));
	return arena_cstr(a, strbuf_str(&bytes));
}

static void shifted_hunks_go_where_git_apply_puts_them(void **state)
{
	AUTO(arena) a = arena_new();
	char dir[] = "/tmp/kcrib-place-XXXXXX";
	size_t placed = 0;

	if (!spawn_find("git"))
		skip();
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < 40; i++) {
		struct str base = numbered(a, 0, 100, 9), now;
		struct place_options opt = PLACE_OPTIONS_DEFAULT;
		STRBUF_AUTO(diff, BIG);
		struct place_result r;
		struct patch patch;
		char *want;

		opt.engines = PLACE_SEARCH_ONLY;
		now = numbered(a, i % 4 * 11, 100 + i, i % 5 == 0 ? i % 7 : 9);
		change_at(&diff, base, 5 + i * 2);
		assert_ok(diff_parse(strbuf_str(&diff), &DIFF_OPTIONS_DEFAULT, a, &patch,
				     &err));
		assert_ok(place_bytes(now, &patch.v[0], &opt, a, &r, &err));
		want = git_result(a, dir, now, strbuf_str(&diff));
		assert_int_equal(!r.n_rejected, want != NULL);
		if (want)
			assert_str(r.post, want);
		placed += want != NULL;
	}
	assert_true(placed > 5 && placed < 40);
	unlink(arena_printf(a, "%s/f", dir));
	unlink(arena_printf(a, "%s/p.diff", dir));
	assert_int_equal(rmdir(dir), 0);
}

static void a_candidate_outside_the_file_is_refused(void **state)
{
	AUTO(arena) a = arena_new();
	struct str line = STR("x\n"), post;
	struct place_edit e = { 3, 1, 1, &line };
	struct place_candidate c = { .edits = &e, .n_edits = 1 };

	assert_err(place_apply_candidate(STR("a\nb\nc\n"), &c, a, &post, &err),
		   ERR_CONFLICT);
	e.line = 1;
	assert_ok(place_apply_candidate(STR("a\nb\nc\n"), &c, a, &post, &err));
	assert_str(post, "a\nx\nc\n");
	e = (struct place_edit){ 3, 0, 1, &line };
	assert_ok(place_apply_candidate(STR("a\nb\nc"), &c, a, &post, &err));
	assert_str(post, "a\nb\nc\nx\n");
}

static void foreign_lines_between_removed_ones_stay(void **state)
{
	AUTO(arena) a = arena_new();
	struct place_options opt = PLACE_OPTIONS_DEFAULT;
	struct str text = STR("--- a/f\n+++ b/f\n@@ -1,4 +1,3 @@\n before\n-first gone\n"
			      "-second gone\n+came instead\n behind\n"),
		   file = STR("before\nfirst gone\nforeign\nsecond gone\nbehind\n"), post;
	struct placement pl;
	struct patch patch;

	assert_ok(diff_parse(text, &DIFF_OPTIONS_DEFAULT, a, &patch, &err));
	assert_ok(place_candidates(file, &patch.v[0].hunks[0], &opt, a, &pl, &err));
	assert_int_equal(pl.status, PLACE_REJECTED);
	assert_ok(place_apply_candidate(file, &pl.candidates[0], a, &post, &err));
	assert_str(post, "before\nforeign\ncame instead\nbehind\n");
}

static void the_users_line_takes_the_hunk_as_far_as_its_lines_go(void **state)
{
	AUTO(arena) a = arena_new();
	struct str text = STR("--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"),
		   post;
	struct place_candidate c;
	struct patch patch;

	assert_ok(diff_parse(text, &DIFF_OPTIONS_DEFAULT, a, &patch, &err));
	assert_ok(place_at_line(STR("x\nb\ny\n"), &patch.v[0].hunks[0], 2, a, &c, &err));
	assert_ok(place_apply_candidate(STR("x\nb\ny\n"), &c, a, &post, &err));
	assert_str(post, "x\nB\ny\n");
	assert_err(place_at_line(STR("x\n"), &patch.v[0].hunks[0], 9, a, &c, &err),
		   ERR_CONFLICT);
}

static void thousands_of_hopeless_hunks_cost_bounded_time(void **state)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(file, 64 << 20);
	STRBUF_AUTO(diff, 64 << 20);
	struct place_options opt = PLACE_OPTIONS_DEFAULT;
	struct place_result r;
	struct patch patch;

	for (size_t i = 0; i < 10000; i++)
		strbuf_addf(&file, "common line\nline %zu\n", i);
	strbuf_addz(&diff, "--- a/f\n+++ b/f\n");
	for (size_t i = 0; i < 10000; i++)
		strbuf_addf(&diff,
			    "@@ -%zu,3 +%zu,3 @@\n common line\n-old %zu\n+new\n"
			    " common line\n",
			    i * 2 + 1, i * 2 + 1, i);
	assert_ok(diff_parse(strbuf_str(&diff), &DIFF_OPTIONS_DEFAULT, a, &patch, &err));
	assert_ok(place_bytes(strbuf_str(&file), &patch.v[0], &opt, a, &r, &err));
	assert_int_equal(r.n_rejected, 10000);
	assert_str(r.post, strbuf_z(&file));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(spec_search),
		TEST(spec_causes),
		TEST(spec_lists),
		TEST(spec_files),
		TEST(paths_that_leave_the_tree_are_refused),
		TEST(whitespace_is_mended_as_git_does),
		TEST(shifted_hunks_go_where_git_apply_puts_them),
		TEST(a_candidate_outside_the_file_is_refused),
		TEST(foreign_lines_between_removed_ones_stay),
		TEST(the_users_line_takes_the_hunk_as_far_as_its_lines_go),
		TEST(thousands_of_hopeless_hunks_cost_bounded_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
