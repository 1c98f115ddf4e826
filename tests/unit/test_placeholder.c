/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Placeholders: found where they are meant, left alone where brackets mean something
 * else, filled so that a real shell gives back exactly the value.
 */
#include <stdlib.h>

#include "check.h"

#include "base/spawn.h"
#include "note/placeholder.h"

/* "pid:int|size:choice 1 2 = 2" as a params map. */
static struct fm_map params_of(struct arena *a, const char *spec)
{
	struct fm_map map = { 0 };
	struct str rest = str_of(spec), item;

	while (str_cut(&rest, '|', &item)) {
		ptrdiff_t colon = str_chr(item, ':');

		*ARENA_PUSH(a, &map) =
			(struct fm_pair){ str_n(item.p, (size_t)colon),
					  str_from(item, (size_t)colon + 1), 1 };
	}
	return map;
}

static struct str names_of(struct arena *a, const char *command, const char *params)
{
	struct fm_map map = params_of(a, params);
	struct template t;
	STRBUF_AUTO(b, 4096);

	template_parse(a, str_of(command), &map, &t);
	for (size_t i = 0; i < t.slots.n; i++)
		strbuf_addf(&b, "%s" STR_FMT, i ? " " : "",
			    STR_ARG(t.blanks.v[t.slots.v[i].blank].name));
	return arena_str(a, strbuf_str(&b));
}

static void placeholders_are_told_from_redirections(void **state)
{
	static const struct {
		const char *command, *params, *names;
	} cases[] = {
		{ "ps -T -p <pid>", "", "pid" },
		{ "wiggle --replace <file> <file>.rej", "", "file file" },
		{ "cat <file >out", "", "" },
		{ "sort <in>out", "", "" },
		{ "sort <in>out", "in:path", "in" },
		{ "sort <in>>out", "", "" },
		{ "cat <<EOF\n<name>\nEOF\nx <y>", "", "name y" },
		{ "cat <<EOF>out\nEOF>out\nx", "", "" },
		{ "cat <<'A' <<B\n<x>\nA\n<y>\nB\nz <z>", "", "x y z" },
		{ "diff <(a <x>) <(b)", "", "x" },
		{ "[ a<b ] && c>d", "", "" },
		{ "awk '$1<$2 && $3>$4'", "", "" },
		{ "cat <<<word", "", "" },
		{ "grep '\\<word\\>' <file>", "", "file" },
		{ "echo \\<word\\>", "", "" },
		{ "echo '<b>bold</b>' <x>", "", "x" },
		{ "nix -I <nixpkgs>", "nixpkgs:literal", "" },
		{ "perl -ne 'while (<STDIN>) {}'", "", "" },
		{ "dd bs=<size>M", "", "size" },
		{ "ls <dir>/x # <why>", "", "dir why" },
		{ "echo \"<a> `f <b>` $(g '<c>')\"", "", "a b c" },
		{ "cat <\346\226\207\344\273\266>", "", "\346\226\207\344\273\266" },
		{ "x <9> <> <a b> <-x>", "", "" },
		{ "cat <<-E\n\t<x>\n\tE\n<y>", "", "x y" },
	};
	AUTO(arena) a = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct str got = names_of(a, cases[i].command, cases[i].params);

		if (!str_eq(got, str_of(cases[i].names)))
			fail_msg("%s: got \"" STR_FMT "\", want \"%s\"", cases[i].command,
				 STR_ARG(got), cases[i].names);
	}
}

static void a_parameter_says_type_choices_default_and_suggestions(void **state)
{
	AUTO(arena) a = arena_new();
	struct blank b;

	assert_ok(blank_parse(a, STR("m"), STR("choice 2M 1G = 2M"), &b, &err));
	assert_str(b.type, "choice");
	assert_int_equal(b.choices.n, 2);
	assert_str(b.preset, "2M");
	assert_ok(blank_parse(a, STR("t"), STR("text = v6 $ git -C <dir> tag | head"), &b,
			      &err));
	assert_str(b.suggest, "git -C <dir> tag | head");
	assert_str(b.preset, "v6");
	assert_int_equal(b.needs.n, 1);
	assert_str(b.needs.v[0], "dir");
	assert_ok(blank_parse(a, STR("f"), STR("path..."), &b, &err));
	assert_true(b.many);
	assert_str(b.type, "path");
	assert_ok(blank_parse(a, STR("x"), STR(""), &b, &err));
	assert_str(b.type, "text");
	assert_err(blank_parse(a, STR("x"), STR("int 4"), &b, &err), ERR_PARSE);
}

static void what_a_suggestion_needs_is_asked_first(void **state)
{
	AUTO(arena) a = arena_new();
	struct fm_map map =
		params_of(a, "tag:text $ git -C <dir> tag <tag>|dir:path $ ls <x>|"
			     "x:text $ ls <dir>");
	struct template t;

	template_parse(a, STR("git show <tag>"), &map, &t);
	assert_int_equal(t.blanks.n, 3);
	assert_str(t.blanks.v[2].name, "tag");
	assert_int_equal(t.slots.n, 1);
	assert_int_equal(t.slots.v[0].blank, 2);
}

static struct str fill(struct arena *a, const char *command, const char *params,
		       struct str value, enum shell_dialect dialect, struct err *err)
{
	struct fm_map map = params_of(a, params);
	struct template t;
	struct str values[8];
	STRBUF_AUTO(b, 1 << 20);

	template_parse(a, str_of(command), &map, &t);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		values[i] = value;
	if (!template_fill(&t, values, dialect, &b, err))
		return STR_NONE;
	return arena_str(a, strbuf_str(&b));
}

static void values_are_quoted_for_where_they_stand(void **state)
{
	static const struct {
		const char *command, *params, *value, *want;
	} cases[] = {
		{ "kill <pid>", "", "42", "kill 42" },
		{ "cat <f>", "", "a b", "cat 'a b'" },
		{ "cat <f>", "", "", "cat ''" },
		{ "cat <f>", "", "it's", "cat 'it'\\''s'" },
		{ "cat 'x<f>'", "", "it's", "cat 'xit'\\''s'" },
		{ "cat \"x<f>\"", "", "$(id)`id`\"\\",
		  "cat \"x\\$(id)\\`id\\`\\\"\\\\\"" },
		{ "rm <f>", "f:path", "-rf", "rm ./-rf" },
		{ "rm --x=<f>", "f:path", "-rf", "rm --x=-rf" },
		{ "vi <f>", "f:path...", "a 'b c' d", "vi a 'b c' d" },
		{ "cat <f>", "", "~/x", "cat '~/x'" },
	};
	AUTO(arena) a = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = { 0 };
		struct str got = fill(a, cases[i].command, cases[i].params,
				      str_of(cases[i].value), DIALECT_SH, &err);

		assert_str(got, cases[i].want);
	}
}

static void what_cannot_be_quoted_is_refused(void **state)
{
	static const struct {
		const char *command, *value;
	} cases[] = {
		{ "cat <<'E'\n<x>\nE", "a\nE\nrm -rf /" },
		{ "cat <<E\n<x>\nE", "E" },
		{ "true # <x>", "a\nrm -rf /" },
		{ "echo $((<x> + 1))", "a[$(id)]" },
		{ "echo $'<x>'", "a'b" },
		{ "echo ${y:-<x>}", "$(id)" },
		{ "echo `echo \\`echo <x>\\``", "$(id)" },
		{ "echo <x>", "\033[31m" },
	};
	AUTO(arena) a = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = { 0 };
		struct str got = fill(a, cases[i].command, "", str_of(cases[i].value),
				      DIALECT_SH, &err);

		if (got.p)
			fail_msg("%s with %s gave " STR_FMT, cases[i].command,
				 cases[i].value, STR_ARG(got));
		assert_int_equal(err.code, ERR_DENIED);
	}
}

/* ---- a real shell gives back the value --------------------------------------- */

static struct str nasty(struct arena *a, unsigned *seed)
{
	static const char *const bits[] = {
		"'",     "\"",  "\\", "$(id)", "`id`", "$HOME", "${x}",
		"\n",    ";",   "&&", "|",     "*",    "~",     "!",
		"-rf",   " ",   "a",  "EOF",   "#",    "<",     ">",
		"\t",    "\\n", "%s", "$$",    "''",   "\"\"",  "\346\226\207",
		"{a,b}", "[x]", "=",  "(",     ")",    "\\'",   "\\\"",
		"\\`",   "$",   "`",  "\\\n",  "?",    "^",     "\\\\",
		"!!",    "a=b",
	};
	STRBUF_AUTO(b, 4096);

	for (unsigned n = (unsigned)rand_r(seed) % 7; n; n--)
		strbuf_addz(&b, bits[(unsigned)rand_r(seed) % ARRAY_SIZE(bits)]);
	return arena_str(a, strbuf_str(&b));
}

static const struct context {
	const char *command;
	const char *before, *after; /* what stands around the value in the output */
	bool trims;                 /* a substitution takes line ends off */
	bool fish;
} contexts[] = {
	{ "printf %s <v>", "", "", false, true },
	{ "printf %s x<v>y", "x", "y", false, true },
	{ "printf %s 'x<v>y'", "x", "y", false, true },
	{ "printf %s \"x<v>y\"", "x", "y", false, true },
	{ "printf %s \"$(printf %s <v>; echo _)\"", "", "_", false, false },
	{ "printf %s \"$(printf %s \"x<v>y\")\"", "x", "y", false, false },
	{ "printf %s \"$(printf %s 'x<v>y')\"", "x", "y", false, false },
	{ "x=`printf %s_ <v>`; printf %s \"$x\"", "", "_", false, false },
	{ "x=`printf %s 'x<v>y'`; printf %s \"$x\"", "x", "y", false, false },
	{ "x=`printf %s \"x<v>y\"`; printf %s \"$x\"", "x", "y", false, false },
	{ "printf %s \"`printf %s_ <v>`\"", "", "_", false, false },
	{ "printf %s \"`printf %s 'x<v>y'`\"", "x", "y", false, false },
	{ "cat <<EOF\nx<v>y\nEOF", "x", "y\n", false, false },
	{ "cat <<'EOF'\nx<v>y\nEOF", "x", "y\n", false, false },
	{ "cat <<-EOF\nx<v>y\n\tEOF", "x", "y\n", false, false },
	{ "x=$(cat <<EOF\nx<v>y\nEOF\n); printf %s \"$x\"", "x", "y", false, false },
	{ "printf %s x # <v>", "x", NULL, false, false },
	{ "(printf %s <v>)", "", "", false, false },
	{ "if true; then printf %s <v>; fi", "", "", false, false },
};

enum { ROUNDS = 150 };

static void round_trip(const char *shell, const struct context *c,
		       enum shell_dialect dialect, unsigned *seed)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(script, 4 << 20);
	STRBUF_AUTO(want, 4 << 20);
	STRBUF_AUTO(got, 4 << 20);
	STRBUF_AUTO(errout, 1 << 20);
	const char *argv[] = { shell, "-s", NULL };
	const char *fish[] = { shell, "--no-config", NULL };
	struct spawn what = { .argv = dialect == DIALECT_FISH ? fish : argv,
			      .out = &got,
			      .errout = &errout,
			      .timeout_ms = 60000 };
	int status;

	for (int i = 0; i < ROUNDS; i++) {
		struct str v = nasty(a, seed);
		struct err err = { 0 };
		struct str line = fill(a, c->command, "v:text", v, dialect, &err);

		if (!line.p) {
			assert_int_equal(err.code, ERR_DENIED);
			continue;
		}
		strbuf_add(&script, line);
		strbuf_addz(&script, "\nprintf '\\036'\n");
		strbuf_addf(&want, "%s" STR_FMT "%s\036", c->before,
			    STR_ARG(c->after ? v : STR("")), c->after ? c->after : "");
	}
	what.input = strbuf_str(&script);
	assert_ok(spawn_run(&what, &status, &err));
	if (!str_eq(strbuf_str(&got), strbuf_str(&want))) {
		size_t at = 0;

		while (at < got.n && at < want.n && got.p[at] == want.p[at])
			at++;
		at = at > 40 ? at - 40 : 0;
		fail_msg("%s: %s:\n got ...%.200s\nwant ...%.200s\nstderr %s", shell,
			 c->command, strbuf_z(&got) + at, strbuf_z(&want) + at,
			 strbuf_z(&errout));
	}
}

static void a_real_shell_gives_back_every_value(void **state)
{
	static const char *const shells[] = { "sh", "bash", "zsh" };
	unsigned seed = 20240;

	for (size_t s = 0; s < ARRAY_SIZE(shells); s++) {
		if (!spawn_find(shells[s]))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(contexts); i++)
			round_trip(shells[s], &contexts[i], DIALECT_SH, &seed);
	}
	for (size_t i = 0; spawn_find("fish") && i < ARRAY_SIZE(contexts); i++)
		if (contexts[i].fish)
			round_trip("fish", &contexts[i], DIALECT_FISH, &seed);
}

/* ---- danger ------------------------------------------------------------------ */

static void dangerous_commands_are_marked(void **state)
{
	static const struct {
		const char *command;
		enum danger_level level;
	} cases[] = {
		{ "ps -T -p <pid>", DANGER_NONE },
		{ "grep -r rm .", DANGER_NONE },
		{ "echo 'rm -rf /'", DANGER_NONE },
		{ "git log --oneline", DANGER_NONE },
		{ "cat /sys/kernel/mm/x < /dev/null 2>/dev/null", DANGER_NONE },
		{ "git clean -n", DANGER_NONE },
		{ "git checkout main", DANGER_NONE },
		{ "dd if=/dev/sda bs=1 | xxd", DANGER_NONE },
		{ "echo x | sudo tee /sys/y", DANGER_ROOT },
		{ "echo 1 > /proc/sys/vm/drop_caches", DANGER_ROOT },
		{ "rm -rf <dir>", DANGER_DESTROYS },
		{ "\\rm x", DANGER_DESTROYS },
		{ "/bin/rm x", DANGER_DESTROYS },
		{ "ls; rm x", DANGER_DESTROYS },
		{ "sudo rm x", DANGER_DESTROYS },
		{ "sudo -E nice rm x", DANGER_DESTROYS },
		{ "echo $(rm x)", DANGER_DESTROYS },
		{ "echo \"`rm x`\"", DANGER_DESTROYS },
		{ "find . -name x -delete", DANGER_DESTROYS },
		{ "find . -exec rm {} +", DANGER_DESTROYS },
		{ "ls | xargs rm", DANGER_DESTROYS },
		{ "git reset --hard HEAD", DANGER_DESTROYS },
		{ "git clean -xdf", DANGER_DESTROYS },
		{ "git checkout -- f", DANGER_DESTROYS },
		{ "A=b rm x", DANGER_DESTROYS },
		{ "if true; then rm x; fi", DANGER_DESTROYS },
		{ "dd if=x of=/dev/sda", DANGER_DESTROYS },
		{ "cat x >/dev/sda", DANGER_DESTROYS },
		{ "curl http://x | sh", DANGER_DESTROYS },
		{ "mkfs.ext4 /dev/x", DANGER_DESTROYS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct danger d = command_danger(str_of(cases[i].command));

		if (d.level != cases[i].level)
			fail_msg("%s: %d, not %d (" STR_FMT ")", cases[i].command,
				 d.level, cases[i].level, STR_ARG(d.why));
	}
}

/* ---- any bytes --------------------------------------------------------------- */

static void unfilled_commands_come_back_byte_by_byte(void **state)
{
	static const char alphabet[] = "<>ab$(){}`'\"\\\n #EOF|;&-_=!";
	unsigned seed = 7;

	for (int round = 0; round < 20000; round++) {
		AUTO(arena) a = arena_new();
		char text[64];
		size_t n = (unsigned)rand_r(&seed) % sizeof(text);
		struct template t;
		struct str values[SLOTS_MAX] = { { NULL, 0 } };
		STRBUF_AUTO(b, 1 << 16);

		for (size_t i = 0; i < n; i++)
			text[i] = alphabet[(unsigned)rand_r(&seed) %
					   (sizeof(alphabet) - 1)];
		template_parse(a, str_n(text, n), NULL, &t);
		assert_ok(template_fill(&t, values, DIALECT_SH, &b, &err));
		assert_true(str_eq(strbuf_str(&b), str_n(text, n)));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(placeholders_are_told_from_redirections),
		TEST(a_parameter_says_type_choices_default_and_suggestions),
		TEST(what_a_suggestion_needs_is_asked_first),
		TEST(values_are_quoted_for_where_they_stand),
		TEST(what_cannot_be_quoted_is_refused),
		TEST(a_real_shell_gives_back_every_value),
		TEST(dangerous_commands_are_marked),
		TEST(unfilled_commands_come_back_byte_by_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
