/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words without a domain.
 */
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#include "base/file.h"
#include "base/loop.h"
#include "base/root.h"
#include "base/spawn.h"
#include "base/strmap.h"
#include "base/utf8.h"

static void err_keeps_code_and_adds_the_reason(void **state)
{
	struct err err;

	assert_false(err_sys(&err, 2, "opening %s", "x"));
	assert_int_equal(err.code, ERR_NOTFOUND);
	err_wrap(&err, "reading notes");
	assert_string_equal(err.msg,
			    "reading notes: opening x: No such file or directory");
}

static void str_cut_gives_every_piece_the_empty_ones_too(void **state)
{
	struct str rest = STR("a::b:"), piece;
	const char *want[] = { "a", "", "b", "" };

	for (size_t i = 0; i < 4; i++) {
		assert_true(str_cut(&rest, ':', &piece));
		assert_str(piece, want[i]);
	}
	assert_false(str_cut(&rest, ':', &piece));
}

static void str_numbers_refuse_what_is_not_wholly_a_number(void **state)
{
	uint64_t u = 7;
	int64_t i;
	double d;

	assert_true(str_to_u64(STR("0x1f"), &u));
	assert_int_equal(u, 31);
	assert_false(str_to_u64(STR("18446744073709551616"), &u));
	assert_false(str_to_u64(STR("12k"), &u));
	assert_false(str_to_u64(STR(""), &u));
	assert_int_equal(u, 31);
	assert_true(str_to_i64(STR("-9223372036854775808"), &i));
	assert_true(i == INT64_MIN);
	assert_false(str_to_i64(STR("9223372036854775808"), &i));
	assert_true(str_to_double(STR("-2.25"), &d));
	assert_true(d == -2.25);
}

static void str_glob_matches_the_whole_string(void **state)
{
	assert_true(str_glob(STR("kvm_exit"), STR("kvm_*")));
	assert_true(str_glob(STR("a.rej"), STR("*.[a-r]ej")));
	assert_false(str_glob(STR("a.Rej"), STR("*.[!A-Z]ej")));
	assert_false(str_glob(STR("kvm_exit"), STR("kvm")));
	assert_true(str_glob(STR(""), STR("**")));
}

static void strbuf_never_passes_its_maximum(void **state)
{
	STRBUF_AUTO(b, 10);
	struct err err;

	strbuf_addz(&b, "12345678");
	strbuf_addf(&b, "%d", 1234);
	assert_str(strbuf_str(&b), "1234567812");
	assert_false(strbuf_ok(&b, "test", &err));
	assert_int_equal(err.code, ERR_LIMIT);
}

static void a_large_array_keeps_its_items_as_it_grows(void **state)
{
	enum { N = 3000000 };
	AUTO(arena) a = arena_new();
	struct {
		uint32_t *v;
		size_t n, cap;
	} list = { 0 };
	struct arena_mark mark = arena_mark(a);
	struct str kept;

	for (uint32_t i = 0; i < N; i++) {
		*ARENA_PUSH(a, &list) = i;
		if (i == N / 2) {
			/* the array is the newest when the mark is made, and grows */
			mark = arena_mark(a);
			kept = arena_str(a, STR("later"));
		}
	}
	for (uint32_t i = 0; i < N; i++)
		assert_int_equal(list.v[i], i);
	for (size_t i = list.n; i < list.cap; i++)
		assert_int_equal(list.v[i], 0);
	assert_str(kept, "later");
	arena_rewind(a, mark);
	assert_int_equal(*(char *)arena_alloc(a, 1), 0);
	assert_int_equal(list.v[N - 1], N - 1);
	mark = arena_mark(a);
	arena_drop(a, list.v);
	arena_drop(a, arena_alloc(a, 1));
	arena_rewind(a, mark);
	assert_str(arena_str(a, STR("again")), "again");
}

static void arena_rewind_gives_back_what_came_later(void **state)
{
	AUTO(arena) a = arena_new();
	struct str kept = arena_str(a, STR("kept"));
	struct arena_mark mark = arena_mark(a);

	for (int i = 0; i < 1000; i++)
		arena_alloc(a, 1000);
	arena_rewind(a, mark);
	assert_str(kept, "kept");
	assert_int_equal(*(char *)arena_alloc(a, 1), 0);
}

static void strmap_keeps_a_number_for_each_of_many_strings(void **state)
{
	AUTO(arena) a = arena_new();
	struct strmap m = { 0 };

	assert_int_equal(strmap_get(&m, STR("absent")), 0);
	for (size_t i = 1; i <= 5000; i++)
		*strmap_at(&m, arena_strf(a, "%zu", i), a) = i;
	*strmap_at(&m, STR(""), a) = 7;
	*strmap_at(&m, STR("12"), a) += 1;
	assert_int_equal(m.n, 5001);
	for (size_t i = 1; i <= 5000; i++)
		assert_int_equal(strmap_get(&m, arena_strf(a, "%zu", i)), i + (i == 12));
	assert_int_equal(strmap_get(&m, STR_NONE), 7);
	assert_int_equal(strmap_get(&m, STR("5001")), 0);
}

static void utf8_safe_text_cannot_act_on_a_terminal(void **state)
{
	STRBUF_AUTO(b, 4096);

	utf8_add_safe(&b, STR("a\x1b[31m\xff\xc2\x9b\n\xe2\x80\xae大页"), false);
	assert_str(strbuf_str(&b), "a^[[31m\\xff<9b>^J<202e>大页");
	assert_false(utf8_is_safe(STR("\x1b"), true));
	assert_true(utf8_is_safe(STR("大\n"), true));
}

static void utf8_fit_never_splits_a_cluster_or_a_wide_character(void **state)
{
	assert_str(utf8_fit(STR("a大页b"), 4), "a大");
	assert_str(utf8_fit(STR("e\xcc\x81x"), 1), "e\xcc\x81");
	assert_str(utf8_fit(STR("the\xcc\x81x"), 2), "th");
	assert_str(utf8_fit(STR("the\xcc\x81x"), 3), "the\xcc\x81");
	assert_str(utf8_fit(STR("the 大x"), 5), "the ");
	assert_str(utf8_fit(STR("plain"), 5), "plain");
	assert_str(utf8_fit(STR("plain"), 4), "plai");
	assert_str(utf8_fit(STR("plain"), 0), "");
	assert_int_equal(utf8_width(STR("a大\xcc\x81")), 3);
}

static void recorded_root_cannot_be_left(void **state)
{
	char dir[] = "/tmp/kcrib-root-XXXXXX", link[64];
	AUTO(root) root = NULL;
	STRBUF_AUTO(b, 4096);

	assert_non_null(mkdtemp(dir));
	snprintf(link, sizeof(link), "%s/out", dir);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_ok(root_open(dir, &root, &err));
	assert_err(root_read(root, "out", &b, &err), ERR_NOTFOUND);
	assert_err(root_read(root, "../../etc/passwd", &b, &err), ERR_NOTFOUND);
	assert_err(root_write(root, "out", STR("x"), &err), ERR_DENIED);
	unlink(link);
	rmdir(dir);
}

static void file_write_atomic_leaves_nothing_beside_the_file(void **state)
{
	char dir[] = "/tmp/kcrib-file-XXXXXX", path[64];
	AUTO(root) root = NULL;
	AUTO(arena) a = arena_new();
	struct root_list list;
	STRBUF_AUTO(b, 4096);

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/f", dir);
	assert_ok(file_write_atomic(path, STR("one"), 0600, &err));
	assert_ok(file_write_atomic(path, STR("two"), 0600, &err));
	assert_ok(file_read(path, &b, &err));
	assert_str(strbuf_str(&b), "two");
	assert_ok(root_open(dir, &root, &err));
	assert_ok(root_list(root, a, ".", &list, &err));
	assert_int_equal(list.n, 1);
	unlink(path);
	rmdir(dir);
}

static void xdg_folders_follow_the_variable_then_home_then_the_user_database(void **state)
{
	AUTO(arena) a = arena_new();
	const char *home = getenv("HOME"), *path;

	setenv("KCRIB_TEST_BASE", "/base", 1);
	assert_ok(file_xdg(a, "KCRIB_TEST_BASE", ".x", "f", &path, &err));
	assert_string_equal(path, "/base/kcrib/f");
	setenv("KCRIB_TEST_BASE", "relative", 1); /* to be ignored, says the standard */
	home = home ? arena_printf(a, "%s", home) : NULL;
	setenv("HOME", "/home/somebody", 1);
	assert_ok(file_xdg(a, "KCRIB_TEST_BASE", ".x", "f", &path, &err));
	assert_string_equal(path, "/home/somebody/.x/kcrib/f");
	setenv("HOME", "", 1);
	if (getpwuid(getuid())) {
		assert_ok(file_xdg(a, "KCRIB_TEST_BASE", ".x", "f", &path, &err));
		assert_true(str_starts(str_of(path), str_of(getpwuid(getuid())->pw_dir)));
	} else {
		assert_err(file_xdg(a, "KCRIB_TEST_BASE", ".x", "f", &path, &err),
			   ERR_NOTFOUND);
	}
	if (home)
		setenv("HOME", home, 1);
	else
		unsetenv("HOME");
	unsetenv("KCRIB_TEST_BASE");
}

static void spawn_feeds_and_collects_more_than_a_pipe_holds(void **state)
{
	const char *argv[] = { "cat", NULL };
	STRBUF_AUTO(in, 1 << 20);
	STRBUF_AUTO(out, 1 << 20);
	int status = -1;

	strbuf_pad(&in, 'x', 300000);
	struct spawn what = { .argv = argv, .input = strbuf_str(&in), .out = &out };
	assert_ok(spawn_run(&what, &status, &err));
	assert_int_equal(spawn_exit_code(status), 0);
	assert_true(str_eq(strbuf_str(&in), strbuf_str(&out)));
}

static void spawn_says_which_program_is_missing(void **state)
{
	const char *argv[] = { "kcrib-no-such-program", NULL };
	struct spawn what = { .argv = argv };
	int status;

	assert_err(spawn_run(&what, &status, &err), ERR_NOTFOUND);
}

struct seen {
	struct loop *loop;
	int timers, signals, children, wakes;
};

static void on_timer(void *arg)
{
	struct seen *s = arg;

	if (++s->timers == 3)
		raise(SIGUSR1);
}

static void on_usr1(void *arg, int sig)
{
	struct seen *s = arg;

	s->signals++;
	loop_wake(s->loop);
}

static void on_wake(void *arg)
{
	struct seen *s = arg;

	if (s->signals)
		s->wakes++;
}

static void on_child(void *arg, pid_t pid, int status)
{
	struct seen *s = arg;

	s->children += WEXITSTATUS(status);
}

static void loop_runs_timers_signals_children_and_wakes(void **state)
{
	struct seen s = { 0 };
	AUTO(loop) loop = NULL;
	pid_t pid;

	assert_ok(loop_new(&loop, &err));
	s.loop = loop;
	loop_add_timer(loop, 1, 1, on_timer, &s);
	loop_add_signal(loop, SIGUSR1, on_usr1, &s);
	loop_add_wake(loop, on_wake, &s);
	pid = fork();
	if (pid == 0)
		_exit(5);
	loop_add_child(loop, pid, on_child, &s);
	while (!s.wakes || !s.children)
		assert_ok(loop_once(loop, 1000, &err));
	assert_int_equal(s.signals, 1);
	assert_int_equal(s.children, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(err_keeps_code_and_adds_the_reason),
		TEST(str_cut_gives_every_piece_the_empty_ones_too),
		TEST(str_numbers_refuse_what_is_not_wholly_a_number),
		TEST(str_glob_matches_the_whole_string),
		TEST(strbuf_never_passes_its_maximum),
		TEST(a_large_array_keeps_its_items_as_it_grows),
		TEST(arena_rewind_gives_back_what_came_later),
		TEST(strmap_keeps_a_number_for_each_of_many_strings),
		TEST(utf8_safe_text_cannot_act_on_a_terminal),
		TEST(utf8_fit_never_splits_a_cluster_or_a_wide_character),
		TEST(recorded_root_cannot_be_left),
		TEST(file_write_atomic_leaves_nothing_beside_the_file),
		TEST(xdg_folders_follow_the_variable_then_home_then_the_user_database),
		TEST(spawn_feeds_and_collects_more_than_a_pipe_holds),
		TEST(spawn_says_which_program_is_missing),
		TEST(loop_runs_timers_signals_children_and_wakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
