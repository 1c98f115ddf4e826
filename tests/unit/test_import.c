/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Import and export as one operation each: stopped, nothing of it is there; done twice,
 * nothing changes; out again, the same bytes.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#include "app/command.h"
#include "app/trust.h"
#include "base/file.h"
#include "base/spawn.h"
#include "store/note_store.h"

enum { FILES = 120 };

struct fixture {
	struct ctx ctx;
	char dir[64];
	unsigned questions; /* how often "stop?" was asked */
	unsigned stop_at;   /* say yes at this one; 0: never */
};

static bool cancelled(void *arg)
{
	struct fixture *fx = arg;

	return ++fx->questions == fx->stop_at;
}

static void write_pages(struct fixture *fx)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/in/pages/common", fx->dir);
	assert_ok(file_mkdirs(path, &err));
	for (int i = 0; i < FILES; i++) {
		STRBUF_AUTO(b, 4096);

		strbuf_addf(&b, "# p%d\n\n> Page %d.\n\n- Do:\n\n`do%d {{x}}`\n%s", i, i,
			    i, i % 3 ? "" : "\r\n");
		snprintf(path, sizeof(path), "%s/in/pages/common/p%d.md", fx->dir, i);
		assert_ok(file_write_atomic(path, strbuf_str(&b), 0600, &err));
	}
}

static int set_up(void **state)
{
	static struct fixture fx;
	struct err err;

	snprintf(fx.dir, sizeof(fx.dir), "/tmp/kcrib-import-XXXXXX");
	if (!mkdtemp(fx.dir))
		return -1;
	setenv("XDG_STATE_HOME", fx.dir, 1);
	setenv("XDG_DATA_HOME", fx.dir, 1);
	setenv("XDG_CONFIG_HOME", fx.dir, 1);
	ctx_init(&fx.ctx);
	fx.ctx.ui = (struct ctx_ui){ .cancelled = cancelled, .arg = &fx };
	write_pages(&fx);
	*state = &fx;
	return ctx_store(&fx.ctx, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *fx = *state;
	const char *argv[] = { "rm", "-rf", fx->dir, NULL };
	struct spawn what = { .argv = argv };
	int status;

	ctx_close(&fx->ctx);
	return spawn_run(&what, &status, NULL) ? status : -1;
}

static bool eval(struct fixture *fx, const char *words, struct err *err)
{
	struct result result;

	return command_eval(&fx->ctx,
			    arena_strf(fx->ctx.arena, "%s %s/in", words, fx->dir),
			    &result, err);
}

static void a_stopped_import_leaves_nothing(void **state)
{
	struct fixture *fx = *state;
	size_t before = store_count(fx->ctx.store_);

	for (unsigned at = 1; at < FILES; at += 17) {
		struct imports list;

		fx->questions = 0;
		fx->stop_at = at;
		assert_err(eval(fx, "import", &err), ERR_CANCELLED);
		assert_int_equal(store_count(fx->ctx.store_), before);
		assert_false(note_exists(fx->ctx.store_, STR("p0")));
		assert_ok(imports_load(&fx->ctx, fx->ctx.arena, &list, &err));
		assert_int_equal(list.n, 0);
	}
	fx->stop_at = 0;
}

static void an_import_done_twice_is_done_once(void **state)
{
	struct fixture *fx = *state;
	struct revision_list list = { 0 };
	size_t before = store_count(fx->ctx.store_);

	assert_ok(eval(fx, "import", &err));
	assert_int_equal(store_count(fx->ctx.store_), before + FILES);
	assert_ok(eval(fx, "import", &err));
	assert_int_equal(store_count(fx->ctx.store_), before + FILES);
	assert_ok(note_history(fx->ctx.store_, fx->ctx.arena, STR("p7"), &list, &err));
	assert_int_equal(list.n, 1);
	assert_false(note_is_trusted(&fx->ctx, STR("p7")));
}

static void one_undo_takes_the_whole_import_back(void **state)
{
	struct fixture *fx = *state;
	size_t before = store_count(fx->ctx.store_);
	struct str what;

	assert_ok(note_undo(fx->ctx.store_, fx->ctx.arena, &what, &err));
	assert_int_equal(store_count(fx->ctx.store_), before - FILES);
	assert_ok(note_redo(fx->ctx.store_, fx->ctx.arena, &what, &err));
	assert_int_equal(store_count(fx->ctx.store_), before);
}

static void what_goes_out_is_what_came_in(void **state)
{
	struct fixture *fx = *state;
	struct result result;

	assert_ok(command_eval(&fx->ctx,
			       arena_strf(fx->ctx.arena, "export %s/out", fx->dir),
			       &result, &err));
	for (int i = 0; i < FILES; i++) {
		STRBUF_AUTO(in, 4096);
		STRBUF_AUTO(out, 4096);
		char path[256];

		snprintf(path, sizeof(path), "%s/in/pages/common/p%d.md", fx->dir, i);
		assert_ok(file_read(path, &in, &err));
		snprintf(path, sizeof(path), "%s/out/pages/common/p%d.md", fx->dir, i);
		assert_ok(file_read(path, &out, &err));
		assert_true(str_eq(strbuf_str(&in), strbuf_str(&out)));
	}
}

static void nothing_is_written_out_of_the_folder(void **state)
{
	static const char evil[] =
		"---\nformat: tldr\nfile: \"../../escaped.md\"\ntitle: x\n---\n"
		"# x\n\n> y.\n";
	struct fixture *fx = *state;
	struct result result;
	char path[256];

	assert_ok(note_save(fx->ctx.store_, STR("evil"), str_of(evil), &err));
	assert_ok(command_eval(&fx->ctx,
			       arena_strf(fx->ctx.arena, "export %s/a/b/c", fx->dir),
			       &result, &err));
	snprintf(path, sizeof(path), "%s/a/escaped.md", fx->dir);
	assert_false(file_exists(path));
	snprintf(path, sizeof(path), "%s/a/b/c/evil.md", fx->dir);
	assert_true(file_exists(path));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_stopped_import_leaves_nothing),
		TEST(an_import_done_twice_is_done_once),
		TEST(one_undo_takes_the_whole_import_back),
		TEST(what_goes_out_is_what_came_in),
		TEST(nothing_is_written_out_of_the_folder),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
