/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forms: the fields of a command, one after the other and back, what is offered, what is
 * remembered, and that an imported note runs nothing.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

#include "app/form.h"
#include "app/trust.h"
#include "base/file.h"
#include "base/spawn.h"
#include "store/note_store.h"

static const char note[] =
	"---\ntitle: F\nparams:\n  dir: path\n  size: choice 2M 1G = 1G\n  n: int\n"
	"  tag: text $ printf '%s\\n' a-<dir> b-<dir> c\n---\n"
	"```sh\nshow <tag> --size=<size> \"<n>\"\n```\n"
	"`printf '%s;' \"$0\" <n>`\n";

struct fixture {
	struct ctx ctx;
	char dir[64];
};

static int set_up(void **state)
{
	static struct fixture fx;
	struct err err;

	/* a folder of its own for store, state and history */
	snprintf(fx.dir, sizeof(fx.dir), "/tmp/kcrib-form-XXXXXX");
	if (!mkdtemp(fx.dir))
		return -1;
	setenv("XDG_STATE_HOME", fx.dir, 1);
	setenv("XDG_DATA_HOME", fx.dir, 1);
	setenv("XDG_CONFIG_HOME", fx.dir, 1);
	ctx_init(&fx.ctx);
	*state = &fx;
	return ctx_store(&fx.ctx, &err) &&
			       note_save(fx.ctx.store_, STR("f"), str_of(note), &err)
		       ? 0
		       : -1;
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

static struct form *open_form(struct fixture *fx, size_t number)
{
	struct form *f = NULL;

	assert_ok(form_open(&fx->ctx, fx->ctx.arena, STR("f"), number, &f, &err));
	return f;
}

static struct str command(const struct form *f, struct arena *a)
{
	struct str text = STR("");

	assert_ok(form_command(f, a, DIALECT_SH, &text, &err));
	return text;
}

static void fields_come_in_the_order_they_need_each_other(void **state)
{
	struct fixture *fx = *state;
	struct form *f = open_form(fx, 1);

	assert_int_equal(form_count(f), 4);
	assert_str(form_field(f, 0)->name, "dir");
	assert_str(form_field(f, 1)->name, "tag");
	assert_str(form_field(f, 2)->name, "size");
	assert_str(form_field(f, 2)->preset, "1G");
	assert_ptr_equal(form_field(f, 3)->argtype, &argtype_int);
}

static void the_command_grows_and_one_can_go_back(void **state)
{
	struct fixture *fx = *state;
	struct form *f = open_form(fx, 1);

	assert_str(command(f, fx->ctx.arena), "show <tag> --size=<size> \"<n>\"");
	assert_ok(form_set(f, form_find(f, STR("tag")), STR("it's"), &err));
	assert_str(command(f, fx->ctx.arena), "show 'it'\\''s' --size=<size> \"<n>\"");
	assert_false(form_back(f));
	form_next(f);
	form_next(f);
	assert_true(form_back(f));
	assert_int_equal(form_at(f), 1);
	/* the value is offered again, not forgotten */
	assert_str(form_field(f, 1)->preset, "it's");
	assert_null(form_field(f, 1)->value.p);
	assert_str(command(f, fx->ctx.arena), "show <tag> --size=<size> \"<n>\"");
}

static void values_are_checked_by_their_type(void **state)
{
	struct fixture *fx = *state;
	struct form *f = open_form(fx, 1);

	assert_err(form_set(f, form_find(f, STR("n")), STR("x"), &err), ERR_PARSE);
	assert_err(form_set(f, form_find(f, STR("size")), STR("4K"), &err), ERR_USAGE);
	assert_ok(form_set(f, form_find(f, STR("n")), STR("12"), &err));
	assert_ok(form_set(f, form_find(f, STR("size")), STR("2M"), &err));
}

static bool offers(struct form *f, struct arena *a, size_t i, const char *prefix,
		   const char *text)
{
	struct completions list = { 0 };

	form_complete(f, i, a, str_of(prefix), &list);
	for (size_t k = 0; k < list.n; k++)
		if (str_eq(list.v[k].text, str_of(text)))
			return true;
	return false;
}

static void a_suggestion_uses_the_fields_before_it(void **state)
{
	struct fixture *fx = *state;
	struct form *f = open_form(fx, 1);

	/* before <dir> is known there is nothing to run */
	assert_false(offers(f, fx->ctx.arena, 1, "", "c"));
	assert_ok(form_set(f, 0, STR("x y"), &err));
	assert_true(offers(f, fx->ctx.arena, 1, "", "a-x y"));
	assert_true(offers(f, fx->ctx.arena, 1, "b", "b-x y"));
	assert_false(offers(f, fx->ctx.arena, 1, "b", "c"));
	assert_true(offers(f, fx->ctx.arena, 2, "2", "2M"));
}

static void values_are_remembered_by_name(void **state)
{
	struct fixture *fx = *state;
	struct form *f = open_form(fx, 2);

	assert_ok(form_set(f, 0, STR("41"), &err));
	form_remember(f);
	assert_ok(form_set(f, 0, STR("42"), &err));
	form_remember(f);
	f = open_form(fx, 1);
	assert_str(form_field(f, 3)->preset, "42");
	assert_true(offers(f, fx->ctx.arena, 3, "4", "41"));
}

static void a_run_is_kept_with_the_note(void **state)
{
	struct fixture *fx = *state;
	struct form *f = open_form(fx, 2);
	struct form_outcome o = { 0 };
	struct note after;

	assert_ok(form_set(f, 0, STR("7"), &err));
	assert_ok(form_run(f, true, &o, &err));
	assert_int_equal(o.exit_code, 0);
	assert_str(o.output, "sh;7;");
	assert_ok(note_get(fx->ctx.store_, fx->ctx.arena, STR("f"), &after, &err));
	assert_true(str_find(after.bytes,
			     STR("$ printf '%s;' \"$0\" 7\nsh;7;\n[exit 0, ")) > 0);
	assert_ok(note_save(fx->ctx.store_, STR("f"), str_of(note), &err));
}

static void an_imported_note_runs_nothing_before_it_is_trusted(void **state)
{
	struct fixture *fx = *state;
	struct imports list;
	struct form_outcome o;
	struct form *f;

	assert_ok(imports_load(&fx->ctx, fx->ctx.arena, &list, &err));
	imports_add(&list, STR("f"))->path = STR("/somewhere/f.md");
	imports_find(&list, STR("f"))->format = STR("markdown");
	assert_ok(imports_save(&fx->ctx, &list, &err));
	f = open_form(fx, 1);
	assert_ok(form_set(f, 0, STR("x"), &err));
	assert_false(form_field(f, 1)->suggests);
	assert_false(offers(f, fx->ctx.arena, 1, "", "c"));
	for (size_t i = 1; i < form_count(f); i++)
		assert_ok(form_set(f, i, i == 2 ? STR("2M") : STR("1"), &err));
	assert_err(form_run(f, false, &o, &err), ERR_DENIED);
	*ARENA_PUSH(fx->ctx.arena, &list.folders) = STR("/some");
	assert_ok(imports_save(&fx->ctx, &list, &err));
	assert_false(note_is_trusted(&fx->ctx, STR("f")));
	list.folders.v[0] = STR("/somewhere");
	assert_ok(imports_save(&fx->ctx, &list, &err));
	assert_true(note_is_trusted(&fx->ctx, STR("f")));
	assert_true(form_field(open_form(fx, 1), 1)->suggests);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(fields_come_in_the_order_they_need_each_other),
		TEST(the_command_grows_and_one_can_go_back),
		TEST(values_are_checked_by_their_type),
		TEST(a_suggestion_uses_the_fields_before_it),
		TEST(values_are_remembered_by_name),
		TEST(a_run_is_kept_with_the_note),
		TEST(an_imported_note_runs_nothing_before_it_is_trusted),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
