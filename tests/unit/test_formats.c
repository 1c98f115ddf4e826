/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Foreign formats: what each becomes here, and that its bytes come back.
 */
#include <stdlib.h>

#include "check.h"

#include "note/format.h"
#include "note/markdown.h"
#include "note/placeholder.h"

static struct foreign import(struct arena *a, enum note_format format, const char *path,
			     const char *text)
{
	struct foreign f = { 0 };
	struct str original;

	assert_ok(format_import(a, format, str_of(path), str_of(text), &f, &err));
	(void)note_format_of(a, f.bytes, &original);
	assert_true(str_eq(original, str_of(text)));
	return f;
}

/* The commands, a line each, as they are shown. */
static struct str commands_of(struct arena *a, struct str bytes)
{
	struct note_commands c = { 0 };
	STRBUF_AUTO(b, 1 << 20);

	note_commands(a, bytes, &c);
	for (size_t i = 0; i < c.n; i++)
		strbuf_addf(&b, STR_FMT "\n", STR_ARG(c.v[i].text));
	return arena_str(a, strbuf_str(&b));
}

static struct blank blank_of(struct arena *a, struct str bytes, size_t command,
			     const char *name)
{
	struct frontmatter fm = { 0 };
	struct note_commands c = { 0 };
	struct template t;

	note_commands(a, bytes, &c);
	assert_ok(frontmatter_parse(a, note_native(a, bytes), &fm, &err));
	template_parse(a, c.v[command].text, &fm.params, &t);
	for (size_t i = 0; i < t.blanks.n; i++)
		if (str_eq(t.blanks.v[i].name, str_of(name)))
			return t.blanks.v[i];
	fail_msg("no <%s> in " STR_FMT, name, STR_ARG(c.v[command].text));
	return (struct blank){ 0 };
}

static const char tldr[] =
	"# tar\n\n> Archiving utility.\n> More information: <https://x.org>.\n\n"
	"- [c]reate:\n\n`tar {{[-c|--create]}}f {{path/to/x.tar}} {{a|b}} {{1..5}} {{file1 file2 ...}}`\n\n"
	"- Braces:\n\n`git stash show {{stash@{0}}} \\{\\{x\\}\\} <y>`\n";

static void a_tldr_page_keeps_its_placeholders(void **state)
{
	AUTO(arena) a = arena_new();
	struct foreign f = import(a, FORMAT_TLDR, "pages/common/tar.md", tldr);

	assert_str(f.slug, "tar");
	assert_str(commands_of(a, f.bytes),
		   "tar --createf <path-to-x-tar> <a-b> <n1-5> <file1-file2>\n"
		   "git stash show <stash-0> {{x}} <y>\n");
	assert_str(blank_of(a, f.bytes, 0, "path-to-x-tar").preset, "path/to/x.tar");
	assert_str(blank_of(a, f.bytes, 0, "path-to-x-tar").type, "path");
	assert_int_equal(blank_of(a, f.bytes, 0, "a-b").choices.n, 2);
	assert_str(blank_of(a, f.bytes, 0, "n1-5").type, "int");
	assert_true(blank_of(a, f.bytes, 0, "file1-file2").many);
	assert_str(blank_of(a, f.bytes, 1, "stash-0").preset, "stash@{0}");
	/* <y> is no placeholder of tldr */
	assert_int_equal(str_find(note_native(a, f.bytes), STR("y: literal")) > 0, true);
}

static void a_tldr_page_knows_platform_and_language(void **state)
{
	AUTO(arena) a = arena_new();
	struct foreign f =
		import(a, FORMAT_TLDR, "pages.zh/linux/ss.md", "# ss\n\n> x.\n");
	struct frontmatter fm = { 0 };

	assert_str(f.slug, "ss.linux.zh");
	assert_ok(frontmatter_parse(a, f.bytes, &fm, &err));
	assert_str(fm.lang, "zh");
	assert_str(fm.tags.v[1], "linux");
	assert_str(note_format_file(a, f.bytes), "pages.zh/linux/ss.md");
}

static void a_navi_sheet_keeps_scopes_and_suggestions(void **state)
{
	static const char text[] =
		"% kvm, trace\n# Trace exits\nperf kvm -p <pid>\n\n  more\n"
		"$ pid: pgrep -a qemu --- --column 1\n; note\n"
		"% other\n# Other\nkill <pid>\n$ pid: pgrep x\n";
	AUTO(arena) a = arena_new();
	struct foreign f = import(a, FORMAT_NAVI, "x.cheat", text);

	assert_str(commands_of(a, f.bytes),
		   "perf kvm -p <pid>\n\n  more\nkill <pid-2>\n");
	assert_true(str_starts(blank_of(a, f.bytes, 0, "pid").suggest,
			       STR("pgrep -a qemu | awk")));
	assert_str(blank_of(a, f.bytes, 1, "pid-2").suggest, "pgrep x");
}

static void a_cheat_sheet_is_paragraphs(void **state)
{
	static const char text[] =
		"---\nsyntax: bash\ntags: [ kernel, git ]\n---\n# Apply:\n"
		"git am <mbox>\ngit log\n\n# Two\n# lines\nls\n";
	AUTO(arena) a = arena_new();
	struct foreign f = import(a, FORMAT_CHEAT, "am", text);

	assert_str(commands_of(a, f.bytes), "git am <mbox>\ngit log\nls\n");
	assert_true(str_find(f.bytes, STR("kernel")) > 0);
}

static void pet_snippets_keep_defaults_and_lines(void **state)
{
	static const char text[] =
		"[[snippets]]\n  Description = \"Boot\"\n"
		"  command = \"q -k <img=a/b c> '<x=|_1_||_2_|>'\"\n  tag = [\"qemu\",\n \"b\"]\n"
		"[[snippets]]\n description='two'\n command = '''\na\nb <img>'''\n output = \"\"\n";
	AUTO(arena) a = arena_new();
	struct foreign f = import(a, FORMAT_PET, "s.toml", text);

	assert_str(commands_of(a, f.bytes), "q -k <img> '<x>'\na\nb <img-2>\n");
	assert_str(blank_of(a, f.bytes, 0, "img").preset, "a/b c");
	assert_int_equal(blank_of(a, f.bytes, 0, "x").choices.n, 2);
}

static void any_tag_of_a_snippet_stays_in_its_list(void **state)
{
	static const char text[] =
		"[[snippets]]\n  description = \"d\"\n  command = \"c\"\n"
		"  tag = [\"two\\nlang: zh\", \"q\\\"\\\\\"]\n";
	AUTO(arena) a = arena_new();
	struct foreign f = import(a, FORMAT_PET, "s.toml", text);
	struct frontmatter fm;

	assert_ok(frontmatter_parse(a, note_native(a, f.bytes), &fm, NULL));
	assert_int_equal(fm.tags.n, 3);
	assert_str(fm.tags.v[0], "two^Jlang: zh"); /* as all that is imported */
	assert_str(fm.tags.v[1], "q\"\\");
}

static void org_blocks_are_commands(void **state)
{
	static const char text[] =
		"#+TITLE: T\n* TODO Check :kvm:\n:PROPERTIES:\n:ID: 1\n:END:\n#+begin_src sh\n"
		",* a\nb\n#+end_src\n#+BEGIN_SRC c\nint x;\n#+END_SRC\n: fixed\nend\n";
	AUTO(arena) a = arena_new();
	struct foreign f = import(a, FORMAT_ORG, "x.org", text);

	assert_str(commands_of(a, f.bytes), "* a\nb\n");
	assert_true(str_find(f.bytes, STR("kvm")) > 0);
	assert_true(str_find(note_native(a, f.bytes), STR(":ID:")) < 0);
}

static void markdown_of_others_gives_its_tags(void **state)
{
	static const char text[] =
		"---\ntitle: N\ndate: 2020-01-01\nkeywords: [a]\nx: {b: c}\n---\n"
		"# N\nsome #kernel/mm and #42 `#no` #\n```sh\n# not\n```\n#end";
	AUTO(arena) a = arena_new();
	struct foreign f = import(a, FORMAT_MARKDOWN, "d/Note Name.md", text);
	struct frontmatter fm = { 0 };

	assert_ok(frontmatter_parse(a, f.bytes, &fm, &err));
	assert_int_equal(fm.tags.n, 3);
	assert_str(fm.tags.v[0], "a");
	assert_str(fm.tags.v[1], "kernel/mm");
	assert_str(fm.tags.v[2], "end");
	assert_str(fm.title, "N");
}

static void an_own_note_is_taken_as_it_is(void **state)
{
	static const char text[] = "---\ntitle: x\ntags: [a]\n---\nbody\n";
	AUTO(arena) a = arena_new();
	struct foreign f = import(a, FORMAT_MARKDOWN, "x.md", text);

	assert_str(f.bytes, text);
}

static void formats_are_found_out(void **state)
{
	static const struct {
		const char *path, *text;
		int want; /* -1: none */
	} cases[] = {
		{ "a/tar.md", tldr, FORMAT_TLDR },
		{ "a/x.md", "# x\n\ntext\n", FORMAT_MARKDOWN },
		{ "x.cheat", "% a\n", FORMAT_NAVI },
		{ "x.cheat.md", "% a\n", FORMAT_NAVI },
		{ "s.toml", "[[snippets]]\n", FORMAT_PET },
		{ "x.org", "* a\n", FORMAT_ORG },
		{ "sub/tar", "ls\n", FORMAT_CHEAT },
		{ "7z", "ls\n", FORMAT_CHEAT },
		{ "LICENSE", "x\n", -1 },
		{ "x.png", "x\n", -1 },
	};
	enum note_format got;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool found =
			format_detect(str_of(cases[i].path), str_of(cases[i].text), &got);

		assert_int_equal(found ? (int)got : -1, cases[i].want);
	}
	assert_false(format_detect(STR("x.md"), STR("a\0b"), &got));
}

/* From a format to another and back: the same commands, or a word about what was lost. */
static void commands_survive_other_formats_or_are_listed(void **state)
{
	static const char text[] =
		"---\ntitle: T\ntags: [a]\nparams:\n  m: choice x y = y\n"
		"  f: path = a/b\n---\nDo it:\n\n```sh\nrun <m> <f> {{z}}\n```\n\n"
		"Many:\n\n```sh\na\n\nb <f>\n```\n";
	AUTO(arena) a = arena_new();

	for (enum note_format to = FORMAT_TLDR; to < FORMAT_COUNT; to++) {
		STRBUF_AUTO(out, 1 << 20);
		struct str_list lost = { 0 };
		struct note_commands before = { 0 }, after = { 0 };
		struct foreign back;
		bool listed = false;

		assert_true(format_export(a, to, STR("t"), str_of(text), &out, &lost));
		assert_ok(format_import(a, to, format_file_name(a, to, STR("t")),
					strbuf_str(&out), &back, &err));
		note_commands(a, str_of(text), &before);
		note_commands(a, back.bytes, &after);
		for (size_t i = 0; i < lost.n; i++)
			listed |= str_find(lost.v[i], STR("command 2")) >= 0;
		/* cheat divides at blank lines: its two halves are two commands */
		if (to == FORMAT_CHEAT)
			assert_int_equal(after.n, 3);
		else
			assert_int_equal(after.n + (listed ? 1 : 0), before.n);
		assert_true(str_find(after.v[0].text, STR("run <")) == 0);
		assert_true(str_find(after.v[0].text, STR("{{z}}")) > 0);
	}
}

static void any_text_comes_back_byte_by_byte(void **state)
{
	static const char *const bits[] = {
		"# a\n",
		"> b\n",
		"- c:\n",
		"`d {{e}}`\n",
		"\n",
		"% t\n",
		"$ v: w\n",
		"[[snippets]]\n",
		"command = \"x <y=z>\"\n",
		"* h :t:\n",
		"#+begin_src sh\n",
		"#+end_src\n",
		"---\n",
		"tags: [q]\n",
		"\r\n",
		"\377\n",
		"title: x\n",
		": f\n",
		"#tag ",
		"```\n",
		"\t",
		"\033[31m",
	};
	unsigned seed = 3;

	for (int round = 0; round < 3000; round++) {
		AUTO(arena) a = arena_new();
		STRBUF_AUTO(b, 4096);
		enum note_format format = (enum note_format)(round % FORMAT_COUNT);
		struct foreign f;
		struct str original;

		for (int n = rand_r(&seed) % 12; n >= 0; n--)
			strbuf_addz(&b, bits[(unsigned)rand_r(&seed) % ARRAY_SIZE(bits)]);
		if (!format_import(a, format, STR("x"), strbuf_str(&b), &f, NULL))
			continue;
		(void)note_format_of(a, f.bytes, &original);
		assert_true(str_eq(original, strbuf_str(&b)));
		assert_true(str_eq(note_format_replace(a, f.bytes, original), f.bytes));
		(void)note_native(a, f.bytes);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_tldr_page_keeps_its_placeholders),
		TEST(a_tldr_page_knows_platform_and_language),
		TEST(a_navi_sheet_keeps_scopes_and_suggestions),
		TEST(a_cheat_sheet_is_paragraphs),
		TEST(pet_snippets_keep_defaults_and_lines),
		TEST(any_tag_of_a_snippet_stays_in_its_list),
		TEST(org_blocks_are_commands),
		TEST(markdown_of_others_gives_its_tags),
		TEST(an_own_note_is_taken_as_it_is),
		TEST(formats_are_found_out),
		TEST(commands_survive_other_formats_or_are_listed),
		TEST(any_text_comes_back_byte_by_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
