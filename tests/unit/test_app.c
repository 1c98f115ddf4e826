/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The workbench without a terminal: words to arguments, settings, keys, completion, and
 * the table of commands itself.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#include "app/command.h"
#include "app/config.h"
#include "app/keymap.h"
#include "base/file.h"

/* ---- words to arguments ------------------------------------------------------ */

static bool ran;

static bool run_sample(struct ctx *ctx, const struct args *args, struct result *result,
		       struct err *err)
{
	ran = true;
	return true;
}

static const char *const actions[] = { "nowarn", "warn", "fix", NULL };

/* In the manner of git am. */
static const struct param sample_params[] = {
	{ "3way", '3', PARAM_OPTION | PARAM_SWITCH | PARAM_NEGATABLE, NULL, NULL, "a" },
	{ "signoff", 's', PARAM_OPTION | PARAM_SWITCH, NULL, NULL, "b" },
	{ "keep", 'k', PARAM_OPTION | PARAM_SWITCH, NULL, NULL, "c" },
	{ "keep-cr", 0, PARAM_OPTION | PARAM_SWITCH | PARAM_NEGATABLE, NULL, NULL, "d" },
	{ "whitespace", 0, PARAM_OPTION, &argtype_text, "ACTION", "e", actions },
	{ "strip", 'p', PARAM_OPTION, &argtype_int, "N", "f" },
	{ "gpg-sign", 'S', PARAM_OPTION | PARAM_OPTVALUE, &argtype_text, "ID", "g" },
	{ "size", 0, PARAM_OPTION | PARAM_NEGATABLE, &argtype_size, NULL, "h" },
	{ "wait", 0, PARAM_OPTION | PARAM_MANY, &argtype_duration, NULL, "i" },
	{ "first", 0, PARAM_REQUIRED, &argtype_text, "FIRST", "j" },
	{ "rest", 0, PARAM_MANY, &argtype_text, "REST", "k" },
	{ 0 },
};
static const struct command sample = {
	"sample", "a command to be bound", NULL, sample_params, 0, run_sample, NULL
};

struct bound {
	struct ctx ctx;
	struct args args;
	struct err err;
	bool ok;
};

static void bind_line(struct bound *b, const char *line)
{
	struct str *words;
	size_t n;

	memset(b, 0, sizeof(*b));
	ctx_init(&b->ctx);
	assert_true(command_split(b->ctx.arena, str_of(line), &words, &n, &b->err));
	b->ok = command_bind(&b->ctx, &sample, words, n, &b->args, &b->err);
}

static void binder_takes_options_anywhere_and_bundles_letters(void **state)
{
	struct bound b;

	bind_line(&b, "one -3sk two -p1 three -p 2");
	assert_true(b.ok);
	assert_true(args_has(&b.args, "3way") && args_has(&b.args, "signoff") &&
		    args_has(&b.args, "keep"));
	assert_int_equal(args_int(&b.args, "strip", -1), 2);
	assert_str(args_text(&b.args, "first", STR_NONE), "one");
	assert_str(args_nth(&b.args, "rest", 0)->text, "two");
	assert_str(args_nth(&b.args, "rest", 1)->text, "three");
	assert_null(args_nth(&b.args, "rest", 2));
	ctx_close(&b.ctx);
}

static void binder_lets_a_letter_of_a_bundle_take_the_rest(void **state)
{
	struct bound b;

	bind_line(&b, "-sp12 one");
	assert_true(b.ok && args_has(&b.args, "signoff"));
	assert_int_equal(args_int(&b.args, "strip", -1), 12);
	ctx_close(&b.ctx);
}

static void binder_knows_unique_prefixes_and_prefers_whole_names(void **state)
{
	struct bound b;

	bind_line(&b, "x --sign --whites=fix --keep");
	assert_true(b.ok && args_has(&b.args, "signoff") && args_has(&b.args, "keep") &&
		    !args_has(&b.args, "keep-cr"));
	assert_str(args_text(&b.args, "whitespace", STR_NONE), "fix");
	ctx_close(&b.ctx);
	bind_line(&b, "x --s");
	assert_false(b.ok);
	assert_int_equal(b.err.code, ERR_USAGE);
	assert_non_null(strstr(b.err.msg, "more than one"));
	ctx_close(&b.ctx);
}

static void binder_undoes_with_no_what_may_be_undone(void **state)
{
	struct bound b;

	bind_line(&b, "x --3way --no-3way --size=2M --no-size");
	assert_true(b.ok);
	assert_false(args_has(&b.args, "3way"));
	assert_null(args_get(&b.args, "size"));
	ctx_close(&b.ctx);
	bind_line(&b, "x --no-3way --3way --no-keep-c");
	assert_true(b.ok && args_has(&b.args, "3way"));
	ctx_close(&b.ctx);
	bind_line(&b, "x --no-signoff");
	assert_false(b.ok);
	ctx_close(&b.ctx);
}

static void binder_takes_an_optional_value_only_when_it_is_glued(void **state)
{
	struct bound b;

	bind_line(&b, "-S one");
	assert_true(b.ok && args_has(&b.args, "gpg-sign"));
	assert_null(args_get(&b.args, "gpg-sign"));
	assert_str(args_text(&b.args, "first", STR_NONE), "one");
	ctx_close(&b.ctx);
	bind_line(&b, "-Skey one --gpg-sign=other --wait 1 --wait=250ms");
	assert_true(b.ok);
	assert_str(args_text(&b.args, "gpg-sign", STR_NONE), "other");
	assert_str(args_nth(&b.args, "gpg-sign", 0)->text, "key");
	assert_true(args_nth(&b.args, "wait", 1)->real == 0.25);
	ctx_close(&b.ctx);
}

static void binder_takes_everything_behind_two_dashes_as_it_is(void **state)
{
	struct bound b;

	bind_line(&b, "-- --3way -s --");
	assert_true(b.ok && !args_has(&b.args, "3way"));
	assert_str(args_text(&b.args, "first", STR_NONE), "--3way");
	assert_str(args_nth(&b.args, "rest", 1)->text, "--");
	ctx_close(&b.ctx);
}

static void binder_tells_a_number_from_a_letter(void **state)
{
	struct bound b;

	bind_line(&b, "-7 -3");
	assert_true(b.ok && args_has(&b.args, "3way"));
	assert_str(args_text(&b.args, "first", STR_NONE), "-7");
	ctx_close(&b.ctx);
}

static void binder_names_the_word_that_is_wrong(void **state)
{
	const struct {
		const char *line, *says;
	} cases[] = {
		{ "", "missing: first" },
		{ "x --unknown", "unknown option: --unknown" },
		{ "x -z", "unknown option: -z" },
		{ "x --strip", "option wants a value: --strip" },
		{ "x --signoff=yes", "option takes no value: --signoff=yes" },
		{ "x --whitespace=maybe", "not one of the known values: maybe" },
		{ "x -p one", "strip: \"one\" is not a whole number" },
		{ "x --size=12q", "size: \"12q\" is not a size" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bound b;

		bind_line(&b, cases[i].line);
		assert_false(b.ok);
		assert_int_equal(b.err.code, ERR_USAGE);
		if (!strstr(b.err.msg, cases[i].says))
			fail_msg("\"%s\": %s", cases[i].line, b.err.msg);
		ctx_close(&b.ctx);
	}
}

static void sizes_and_times_know_their_units(void **state)
{
	const struct {
		const char *text;
		int64_t bytes;
	} sizes[] = { { "0", 0 },
		      { "64k", 65536 },
		      { "2M", 2097152 },
		      { "1.5 GiB", 1610612736 },
		      { "1TB", 1099511627776 } };
	struct ctx ctx;
	struct value v;

	ctx_init(&ctx);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_ok(argtype_size.parse(&ctx, str_of(sizes[i].text), &v, &err));
		assert_int_equal(v.i, sizes[i].bytes);
	}
	assert_err(argtype_size.parse(&ctx, STR("99999999T"), &v, &err), ERR_PARSE);
	assert_err(argtype_size.parse(&ctx, STR("-1"), &v, &err), ERR_PARSE);
	assert_ok(argtype_duration.parse(&ctx, STR("2min"), &v, &err));
	assert_true(v.real == 120);
	assert_err(argtype_duration.parse(&ctx, STR("soon"), &v, &err), ERR_PARSE);
	assert_true(argtype_find(STR("size")) == &argtype_size);
	assert_null(argtype_find(STR("sizes")));
	ctx_close(&ctx);
}

/* ---- lines ------------------------------------------------------------------- */

static void split_reads_quotes_as_a_shell_and_expands_nothing(void **state)
{
	AUTO(arena) a = arena_new();
	const char *want[] = { "a b", "c\"d", "e f", "", "$HOME", "*", "g\\h" };
	struct str *words;
	size_t n;

	assert_ok(command_split(a, STR("'a b' c\\\"d \"e f\" '' $HOME * 'g\\h'"), &words,
				&n, &err));
	assert_int_equal(n, ARRAY_SIZE(want));
	for (size_t i = 0; i < n; i++)
		assert_str(words[i], want[i]);
	assert_err(command_split(a, STR("say 'hello"), &words, &n, &err), ERR_USAGE);
}

static void eval_runs_help_and_refuses_what_is_unknown(void **state)
{
	struct ctx ctx;
	struct result result;

	ctx_init(&ctx);
	assert_ok(command_eval(&ctx, STR("help help"), &result, &err));
	assert_int_equal(result.kind, RESULT_DOC);
	assert_err(command_eval(&ctx, STR("no-such-command x"), &result, &err),
		   ERR_USAGE);
	assert_err(command_eval(&ctx, STR("help no-such-command"), &result, &err),
		   ERR_NOTFOUND);
	assert_ok(command_eval(&ctx, STR("   "), &result, &err));
	assert_int_equal(result.kind, RESULT_NONE);
	ctx_close(&ctx);
}

static void run_calls_the_command_that_was_bound(void **state)
{
	struct bound b;
	struct result result;

	bind_line(&b, "x");
	ran = false;
	assert_true(b.ok && command_run(&b.ctx, &b.args, &result, &b.err));
	assert_true(ran);
	assert_int_equal(result.exit_code, 0);
	ctx_close(&b.ctx);
}

/* ---- the table of commands --------------------------------------------------- */

static void the_table_of_commands_has_no_fault(void **state)
{
	STRBUF_AUTO(faults, 1 << 20);

	if (!command_self_test(&faults))
		fail_msg("%s", strbuf_z(&faults));
}

static void every_command_has_a_usage_line_and_a_help_page(void **state)
{
	AUTO(arena) a = arena_new();
	size_t n, used;
	const struct command *const *all = command_list(&n);

	assert_true(n > 2);
	for (size_t i = 0; i < n; i++) {
		STRBUF_AUTO(usage, 1 << 16);
		struct str words[4], rest = str_of(all[i]->name);
		size_t count = 0;

		command_usage(&usage, all[i]);
		assert_true(str_starts(strbuf_str(&usage),
				       arena_strf(a, "kcrib %s", all[i]->name)));
		assert_true(command_help(a, all[i])->n > 2);
		while (count < 4 && str_word(&rest, &words[count]))
			count++;
		assert_true(command_find(words, count, &used) == all[i]);
		assert_int_equal(used, count);
	}
}

static void usage_shows_what_must_be_and_what_may_be(void **state)
{
	STRBUF_AUTO(b, 4096);

	command_usage(&b, &sample);
	assert_str(strbuf_str(&b),
		   "kcrib sample [-3] [-s] [-k] [--keep-cr] [--whitespace=ACTION] [-p N] "
		   "[-S[ID]] [--size=size] [--wait=duration]... FIRST [REST]...");
}

/* ---- completion -------------------------------------------------------------- */

static bool offers(const char *line, const char *text, size_t *ret_from)
{
	struct ctx ctx;
	struct completions found;
	bool hit = false;

	ctx_init(&ctx);
	command_complete(&ctx, ctx.arena, str_of(line), ret_from, &found);
	for (size_t i = 0; i < found.n; i++)
		hit |= str_eq(found.v[i].text, str_of(text));
	for (size_t i = 1; i < found.n; i++)
		assert_false(str_eq(found.v[i].text, found.v[i - 1].text));
	ctx_close(&ctx);
	return hit;
}

static void completion_offers_commands_then_what_they_take(void **state)
{
	size_t from;

	assert_true(offers("", "help", &from));
	assert_int_equal(from, 0);
	assert_true(offers("he", "help", &from));
	assert_false(offers("help", "config", &from));
	assert_true(offers("help con", "config", &from));
	assert_int_equal(from, 5);
	assert_false(offers("help con", "help", &from));
	assert_false(offers("comp", "complete", &from)); /* hidden */
}

static void completion_offers_a_name_of_two_words_word_by_word(void **state)
{
	size_t n, from;
	const struct command *const *all = command_list(&n);

	for (size_t i = 0; i < n; i++) {
		AUTO(arena) a = arena_new();
		struct str name = str_of(all[i]->name), first;

		if (all[i]->flags & COMMAND_HIDDEN)
			continue;
		str_cut(&name, ' ', &first);
		assert_true(offers("", arena_cstr(a, first), &from));
		if (!name.p)
			continue;
		assert_true(offers(arena_printf(a, STR_FMT " ", STR_ARG(first)),
				   arena_cstr(a, name), &from));
		assert_int_equal(from, first.n + 1);
	}
}

static void completion_of_paths_lists_the_folder_but_not_what_is_hidden(void **state)
{
	char dir[] = "/tmp/kcrib-complete-XXXXXX", path[64], old[4096];
	struct completions found = { 0 };
	struct ctx ctx;

	assert_non_null(mkdtemp(dir));
	assert_non_null(getcwd(old, sizeof(old)));
	snprintf(path, sizeof(path), "%s/folder", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/.hidden", dir);
	assert_ok(file_write_atomic(path, STR(""), 0600, &err));
	assert_int_equal(chdir(dir), 0);
	ctx_init(&ctx);
	argtype_path.complete(&ctx, ctx.arena, STR(""), &found);
	assert_int_equal(found.n, 1);
	assert_str(found.v[0].text, "folder/");
	found = (struct completions){ 0 };
	argtype_path.complete(&ctx, ctx.arena, STR(".h"), &found);
	assert_int_equal(found.n, 1);
	assert_str(found.v[0].text, ".hidden");
	ctx_close(&ctx);
	unlink(path);
	rmdir("folder");
	assert_int_equal(chdir(old), 0);
	rmdir(dir);
}

/* ---- settings ---------------------------------------------------------------- */

static void config_reads_the_syntax_of_git(void **state)
{
	AUTO(arena) a = arena_new();
	struct config *c;
	struct str key, value;

	assert_ok(config_parse(a,
			       STR("# comment\n"
				   "[UI]\n"
				   "\tTheme = light  ; why\n"
				   "\tmouse\n"
				   "[remote \"Own Name\"]\r\n"
				   "  url = \" a # b \" tail\\t\\\"x\n"
				   "n = 12\n"
				   "[ui]\n"
				   "theme = dark\n"),
			       "test", &c, &err));
	assert_str(config_get(c, "ui.theme", STR("")), "dark");
	assert_true(config_bool(c, "ui.mouse", false));
	assert_true(config_bool(c, "ui.absent", true));
	assert_str(config_get(c, "remote.Own Name.url", STR("")), " a # b  tail\t\"x");
	assert_int_equal(config_int(c, "remote.Own Name.n", 5), 12);
	assert_int_equal(config_int(c, "ui.theme", 5), 5);
	assert_true(config_nth(c, 0, &key, &value));
	assert_str(key, "ui.theme");
	assert_str(value, "light");
	assert_false(config_nth(c, 5, &key, &value));
}

static void config_names_the_line_it_cannot_read(void **state)
{
	AUTO(arena) a = arena_new();
	const char *broken[] = { "[a]\nb = \"open\n", "[a]\n= 1\n", "b = 1\n[a]\n",
				 "[a\n b = 1\n", "[]\n" };

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		struct config *c;
		struct err err = { 0 };

		assert_false(config_parse(a, str_of(broken[i]), "here", &c, &err));
		assert_int_equal(err.code, ERR_PARSE);
		assert_non_null(strstr(err.msg, "here line "));
	}
}

/* ---- keys -------------------------------------------------------------------- */

static void keys_bind_several_keys_to_a_command_and_carry_its_help(void **state)
{
	AUTO(arena) a = arena_new();
	struct keymap map = { .arena = a };
	const char *const list[] = { "list", "move", NULL }, *const move[] = { "move",
									       NULL };
	const struct key_binding *b;

	assert_ok(keymap_parse(&map,
			       STR("# words\n\n[move]\nj  Down\tdown        move down\n"
				   "x  C-x  threads %pid  x: its  threads\n[list]\nj  -\n"
				   "大  goto 1\n"),
			       "test", &err));
	b = keymap_find(&map, move, STR("Down"));
	assert_non_null(b);
	assert_str(b->command, "down");
	assert_str(b->help, "move down");
	b = keymap_find(&map, list, STR("C-x"));
	assert_str(b->command, "threads %pid");
	assert_str(b->help, "x: its  threads");
	assert_null(keymap_find(&map, list, STR("j"))); /* taken away */
	assert_non_null(keymap_find(&map, list, STR("大")));
	assert_null(keymap_find(&map, move, STR("大")));
}

static void keys_of_the_user_replace_those_built_in(void **state)
{
	AUTO(arena) a = arena_new();
	struct keymap map = { .arena = a };
	const char *const move[] = { "move", NULL };

	assert_ok(keymap_parse(&map, STR("[move]\nj  down\nk  up\n"), "built in", &err));
	assert_ok(keymap_parse(&map, STR("[move]\nj  bottom\n"), "own", &err));
	assert_int_equal(map.n, 2);
	assert_str(keymap_find(&map, move, STR("j"))->command, "bottom");
}

static void keys_may_be_brackets_and_a_hash_begins_a_comment(void **state)
{
	AUTO(arena) a = arena_new();
	struct keymap map = { .arena = a };
	const char *const s[] = { "s", NULL };

	assert_ok(keymap_parse(&map,
			       STR("[s]\n[  previous  [1]\n]  next  [2]\n#  nothing\n"),
			       "test", &err));
	assert_int_equal(map.n, 2);
	assert_str(keymap_find(&map, s, STR("["))->help, "[1]");
	assert_str(keymap_find(&map, s, STR("]"))->command, "next");
	assert_false(keymap_is_key(STR("#")));
}

static void keys_that_cannot_be_read_are_named_by_line(void **state)
{
	const char *broken[] = { "j  down\n",          "[a]\nj\n",
				 "[a]\nNoKey  down\n", "[a]\nC-  down\n",
				 "[a]\nj  a\x1b[2J\n", "[a]\n\n\n" };

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		AUTO(arena) a = arena_new();
		struct keymap map = { .arena = a };
		bool ok;
		struct err err = { 0 };

		ok = keymap_parse(&map, str_of(broken[i]), "here", &err);
		assert_true(ok == (i + 1 == ARRAY_SIZE(broken)));
		if (!ok)
			assert_non_null(strstr(err.msg, "here line "));
	}
}

static void read_builtin_keys(struct strbuf *b)
{
	char path[4096];

	assert_non_null(getenv("KCRIB_TESTS"));
	snprintf(path, sizeof(path), "%s/../data/keys.conf", getenv("KCRIB_TESTS"));
	assert_ok(file_read(path, b, &err));
}

static void the_built_in_keys_print_as_they_are_read(void **state)
{
	AUTO(arena) a = arena_new();
	struct keymap map = { .arena = a }, again = { .arena = a };
	STRBUF_AUTO(text, 1 << 20);
	STRBUF_AUTO(printed, 1 << 20);

	read_builtin_keys(&text);
	assert_ok(keymap_parse(&map, strbuf_str(&text), "keys.conf", &err));
	assert_true(map.n > 100);
	keymap_print(&printed, &map);
	assert_ok(keymap_parse(&again, strbuf_str(&printed), "printed", &err));
	assert_int_equal(again.n, map.n);
	for (size_t i = 0; i < map.n; i++) {
		assert_true(str_eq(map.v[i].key, again.v[i].key));
		assert_true(str_eq(map.v[i].command, again.v[i].command));
		assert_true(str_eq(map.v[i].help, again.v[i].help));
		assert_true(str_eq(map.v[i].section, again.v[i].section));
	}
}

static void the_built_in_keys_all_have_help(void **state)
{
	AUTO(arena) a = arena_new();
	struct keymap map = { .arena = a };
	STRBUF_AUTO(text, 1 << 20);

	read_builtin_keys(&text);
	assert_ok(keymap_parse(&map, strbuf_str(&text), "keys.conf", &err));
	for (size_t i = 0; i < map.n; i++)
		if (!map.v[i].help.n)
			fail_msg("[" STR_FMT "] " STR_FMT " has no help",
				 STR_ARG(map.v[i].section), STR_ARG(map.v[i].key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(binder_takes_options_anywhere_and_bundles_letters),
		TEST(binder_lets_a_letter_of_a_bundle_take_the_rest),
		TEST(binder_knows_unique_prefixes_and_prefers_whole_names),
		TEST(binder_undoes_with_no_what_may_be_undone),
		TEST(binder_takes_an_optional_value_only_when_it_is_glued),
		TEST(binder_takes_everything_behind_two_dashes_as_it_is),
		TEST(binder_tells_a_number_from_a_letter),
		TEST(binder_names_the_word_that_is_wrong),
		TEST(sizes_and_times_know_their_units),
		TEST(split_reads_quotes_as_a_shell_and_expands_nothing),
		TEST(eval_runs_help_and_refuses_what_is_unknown),
		TEST(run_calls_the_command_that_was_bound),
		TEST(the_table_of_commands_has_no_fault),
		TEST(every_command_has_a_usage_line_and_a_help_page),
		TEST(usage_shows_what_must_be_and_what_may_be),
		TEST(completion_offers_commands_then_what_they_take),
		TEST(completion_offers_a_name_of_two_words_word_by_word),
		TEST(completion_of_paths_lists_the_folder_but_not_what_is_hidden),
		TEST(config_reads_the_syntax_of_git),
		TEST(config_names_the_line_it_cannot_read),
		TEST(keys_bind_several_keys_to_a_command_and_carry_its_help),
		TEST(keys_of_the_user_replace_those_built_in),
		TEST(keys_may_be_brackets_and_a_hash_begins_a_comment),
		TEST(keys_that_cannot_be_read_are_named_by_line),
		TEST(the_built_in_keys_print_as_they_are_read),
		TEST(the_built_in_keys_all_have_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
