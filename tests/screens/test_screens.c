/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Golden screens: each *.screen file is a story. Its lines are
 *
 *     size 80 24          the terminal (first)
 *     root NAME           tests/roots/NAME instead of this machine: a folder, or an
 *                         archive as tests/unit/roots.h unpacks it
 *     make NAME           run tests/screens/NAME.sh in a new folder and go there
 *     sh LINE             run a shell line there, as somebody beside the workbench
 *     env NAME=VALUE      for the workbench to be opened
 *     open VIEW           the view to start with
 *     type TEXT           characters, one key each
 *     key NAME ...        keys by name
 *     at-once NAME        one key, and what the screen says before any worker is heard
 *     wait TEXT           until the screen says so (what a timer brings)
 *     gone TEXT           until it says so no more
 *     expect              the screen, up to the line "end"
 *     styles              the same as letters of styles
 *
 * KCRIB_UPDATE=1 writes what is seen into the files; the difference is then reviewed.
 */
#include <locale.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "roots.h"

#include "base/file.h"
#include "base/spawn.h"
#include "base/utf8.h"
#include "ui/workbench.h"

struct story {
	const char *name;
	struct ctx ctx;
	struct workbench *wb;
	struct workbench_options opt;
	struct strbuf seen; /* the file as it should be */
	struct recorded machine;
	char home[64];
	bool differs;
};

enum { WAIT_ROUNDS = 400, WAIT_ROUND_MS = 50 };

static void make_home(struct story *s)
{
	const char *vars[] = { "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME" };

	snprintf(s->home, sizeof(s->home), "/tmp/kcrib-screens-XXXXXX");
	assert_non_null(mkdtemp(s->home));
	setenv("HOME", s->home, 1);
	for (size_t i = 0; i < ARRAY_SIZE(vars); i++)
		setenv(vars[i], s->home, 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TZ", "UTC", 1);
	assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
	unsetenv("NO_COLOR");
	unsetenv("TMUX");
}

static void drop_home(struct story *s)
{
	const char *argv[] = { "rm", "-rf", s->home, NULL };
	struct spawn rm = { .argv = argv };
	int status;

	assert_ok(spawn_run(&rm, &status, &err));
}

static void start(struct story *s, struct str view)
{
	if (s->wb)
		return;
	assert_ok(workbench_new(&s->ctx, &s->opt, &s->wb, &err));
	assert_ok(workbench_goto(s->wb, view, &err));
	workbench_settle(s->wb);
}

static void press_each(struct story *s, struct str text)
{
	uint32_t cp;

	while (utf8_next(&text, &cp)) {
		STRBUF_AUTO(key, 8);

		utf8_put(&key, cp);
		workbench_key(s->wb, cp == ' ' ? "Space" : strbuf_z(&key));
		workbench_settle(s->wb);
	}
}

static void press_named(struct story *s, struct str keys)
{
	struct str key;

	while (str_word(&keys, &key)) {
		AUTO(arena) a = arena_new();

		workbench_key(s->wb, arena_cstr(a, key));
		workbench_settle(s->wb);
	}
}

static void do_at_once(struct story *s, struct str arg)
{
	start(s, STR(""));
	workbench_key(s->wb, arena_cstr(s->ctx.keep, arg));
}

static void do_size(struct story *s, struct str arg)
{
	struct str w = STR(""), h = STR("");
	uint64_t wide = 80, high = 24;

	str_word(&arg, &w);
	str_word(&arg, &h);
	assert_true(str_to_u64(w, &wide) && str_to_u64(h, &high));
	s->opt.headless_w = (int)wide;
	s->opt.headless_h = (int)high;
}

static void do_root(struct story *s, struct str arg)
{
	if (str_ends(arg, STR(".tar.gz")) || str_ends(arg, STR(".tree"))) {
		recorded_open(&s->machine, arena_cstr(s->ctx.keep, arg));
		s->ctx.root_dir = s->machine.dir;
		return;
	}
	s->ctx.root_dir = arena_printf(s->ctx.keep, "%s/roots/" STR_FMT,
				       getenv("KCRIB_TESTS"), STR_ARG(arg));
}

static void run(const char *const *argv, const char *dir)
{
	STRBUF_AUTO(out, 1 << 20);
	struct spawn sh = { .argv = argv, .dir = dir, .out = &out };
	int status = -1;

	assert_ok(spawn_run(&sh, &status, &err));
	assert_int_equal(spawn_exit_code(status), 0);
}

static void do_make(struct story *s, struct str arg)
{
	const char *dir = arena_printf(s->ctx.keep, "%s/work", s->home);
	const char *script = arena_printf(s->ctx.keep, "%s/screens/" STR_FMT ".sh",
					  getenv("KCRIB_TESTS"), STR_ARG(arg));

	assert_ok(file_mkdirs(dir, &err));
	run((const char *[]){ "sh", script, NULL }, dir);
	assert_int_equal(chdir(dir), 0);
}

static void do_sh(struct story *s, struct str arg)
{
	run((const char *[]){ "sh", "-c", arena_cstr(s->ctx.keep, arg), NULL }, NULL);
}

static void do_env(struct story *s, struct str arg)
{
	ptrdiff_t eq = str_chr(arg, '=');

	assert_true(eq > 0);
	setenv(arena_cstr(s->ctx.keep, str_n(arg.p, (size_t)eq)),
	       arena_cstr(s->ctx.keep, str_from(arg, (size_t)eq + 1)), 1);
}

static void do_open(struct story *s, struct str arg)
{
	start(s, arg);
}

static void do_type(struct story *s, struct str arg)
{
	start(s, STR(""));
	press_each(s, arg);
}

static void do_key(struct story *s, struct str arg)
{
	start(s, STR(""));
	press_named(s, arg);
}

static void wait_for(struct story *s, struct str arg, bool there)
{
	STRBUF_AUTO(screen, 1 << 20);

	start(s, STR(""));
	for (int i = 0; i < WAIT_ROUNDS; i++) {
		strbuf_clear(&screen);
		workbench_screen(s->wb, &screen, false);
		if ((str_find(strbuf_str(&screen), arg) >= 0) == there)
			return;
		assert_ok(loop_once(wb_loop(s->wb), WAIT_ROUND_MS, &err));
	}
	fail_msg("%s: \"" STR_FMT "\" never %s:\n%s", s->name, STR_ARG(arg),
		 there ? "came" : "went", strbuf_z(&screen));
}

static void do_wait(struct story *s, struct str arg)
{
	wait_for(s, arg, true);
}

static void do_gone(struct story *s, struct str arg)
{
	wait_for(s, arg, false);
}

static const struct {
	const char *word;
	void (*run)(struct story *s, struct str arg);
} steps[] = {
	{ "size", do_size }, { "root", do_root },       { "make", do_make },
	{ "sh", do_sh },     { "env", do_env },         { "open", do_open },
	{ "type", do_type }, { "key", do_key },         { "wait", do_wait },
	{ "gone", do_gone }, { "at-once", do_at_once },
};

/* Compare the block up to "end" with the screen; `*rest` moves behind it. */
static void expect(struct story *s, struct str *rest, bool styles)
{
	STRBUF_AUTO(screen, 1 << 20);
	struct str from = *rest, line = STR("");
	size_t n = 0;

	start(s, STR(""));
	while (str_line(rest, &line) && !str_eq(str_chomp(line), STR("end")))
		n += line.n;
	workbench_screen(s->wb, &screen, styles);
	if (!str_eq(str_n(from.p, n), strbuf_str(&screen))) {
		s->differs = true;
		fprintf(stderr, "%s: the screen differs; seen:\n%s", s->name,
			strbuf_z(&screen));
	}
	strbuf_add(&s->seen, strbuf_str(&screen));
	strbuf_addz(&s->seen, "end\n");
}

static void tell(struct story *s, struct str text)
{
	struct str line;

	while (str_line(&text, &line)) {
		struct str arg = str_chomp(line), word = STR("");

		strbuf_add(&s->seen, line);
		if (!arg.n || arg.p[0] == '#' || !str_word(&arg, &word))
			continue;
		if (str_eq(word, STR("expect")) || str_eq(word, STR("styles"))) {
			expect(s, &text, str_eq(word, STR("styles")));
			continue;
		}
		for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
			if (str_eq(word, str_of(steps[i].word)))
				steps[i].run(s, str_trim(arg));
	}
}

static void screen_is_as_told(void **state)
{
	const char *path = *state;
	struct story s = { .name = strrchr(path, '/') + 1, .seen = STRBUF(1 << 22) };
	STRBUF_AUTO(text, 1 << 22);

	s.opt = (struct workbench_options){ 80, 24, false, "dark" };
	make_home(&s);
	ctx_init(&s.ctx);
	s.ctx.root_dir = "/nonexistent";
	assert_ok(file_read(path, &text, &err));
	tell(&s, strbuf_str(&text));
	workbench_free(s.wb);
	ctx_close(&s.ctx);
	recorded_close(&s.machine);
	assert_int_equal(chdir("/"), 0);
	drop_home(&s);
	if (s.differs && getenv("KCRIB_UPDATE"))
		assert_ok(file_write_atomic(path, strbuf_str(&s.seen), 0644, &err));
	else if (s.differs)
		fail_msg("%s: KCRIB_UPDATE=1 takes the new screens", s.name);
	strbuf_free(&s.seen);
}

int main(void)
{
	AUTO(arena) a = arena_new();
	AUTO(root) root = NULL;
	struct root_list files;
	struct CMUnitTest tests[256];
	const char *folder = arena_printf(a, "%s/screens", getenv("KCRIB_TESTS"));
	struct err err;
	size_t n = 0;

	if (!root_open(folder, &root, &err) || !root_list(root, a, ".", &files, &err)) {
		print_error("%s\n", err.msg);
		return 1;
	}
	for (size_t i = 0; i < files.n && n < ARRAY_SIZE(tests); i++) {
		if (!str_ends(files.v[i], STR(".screen")))
			continue;
		tests[n++] = (struct CMUnitTest){
			.name = files.v[i].p,
			.test_func = screen_is_as_told,
			.initial_state = arena_printf(a, "%s/" STR_FMT, folder,
						      STR_ARG(files.v[i])),
		};
	}
	return _cmocka_run_group_tests("screens", tests, n, NULL, NULL);
}
