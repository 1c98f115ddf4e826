/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Front matter and links: read what people write, change one thing and no other byte.
 */
#include "check.h"

#include "note/frontmatter.h"
#include "note/links.h"

static const char sample[] = "---\n"
			     "title: \"git am --reject: apply \\\"what\\\" fits\"\n"
			     "# a comment\n"
			     "lang: en   # and another\n"
			     "tags: [git, 'it''s', \"a, b\"]\n"
			     "aliases:\n"
			     "- 补丁冲突\n"
			     "- \".rej\"\n"
			     "\n"
			     "sources:\n"
			     "  - git-am(1)\n"
			     "params:\n"
			     "  size: choice 2M 1G = 2M\n"
			     "probes:\n"
			     "  thp: file /sys/x matches \"\\[(always)\\]\"\n"
			     "other: |\n"
			     "  kept as it is\n"
			     "  to its end\n"
			     "x-list: [1,\n"
			     "  2]\n"
			     "---\n"
			     "Body\n";

static struct frontmatter parsed(struct arena *a, const char *text)
{
	struct frontmatter fm;

	assert_ok(frontmatter_parse(a, str_of(text), &fm, &err));
	return fm;
}

static void front_matter_gives_every_kind_of_value(void **state)
{
	AUTO(arena) a = arena_new();
	struct frontmatter fm = parsed(a, sample);

	assert_true(fm.present);
	assert_str(fm.title, "git am --reject: apply \"what\" fits");
	assert_str(fm.lang, "en");
	assert_int_equal(fm.tags.n, 3);
	assert_str(fm.tags.v[1], "it's");
	assert_str(fm.tags.v[2], "a, b");
	assert_int_equal(fm.aliases.n, 2);
	assert_str(fm.aliases.v[0], "补丁冲突");
	assert_str(fm.aliases.v[1], ".rej");
	assert_str(fm.sources.v[0], "git-am(1)");
	assert_str(fm.params.v[0].value, "choice 2M 1G = 2M");
	assert_str(fm.probes.v[0].value, "file /sys/x matches \"\\[(always)\\]\"");
	assert_int_equal(fm.probes.v[0].line, 15);
	assert_str(str_from(str_of(sample), fm.body), "Body\n");
	assert_int_equal(fm.body_line, 22);
	assert_int_equal(frontmatter_field(&fm, STR("other"))->kind, FM_OTHER);
	assert_int_equal(frontmatter_field(&fm, STR("x-list"))->list.n, 2);
}

static void a_text_without_front_matter_is_all_body(void **state)
{
	AUTO(arena) a = arena_new();
	const char *texts[] = { "", "no\n---\n", "---\nnever closed\n", " ---\n---\n" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct frontmatter fm = parsed(a, texts[i]);

		assert_false(fm.present);
		assert_int_equal(fm.body, 0);
	}
}

static void what_cannot_be_read_names_its_line(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "---\nlang: en\ntitle: \"open\n---\n", "line 3" },
		{ "---\ntags: [a, b\n---\n", "line 2" },
		{ "---\ntitle: [a]\n---\n", "line 2" },
		{ "---\njust words\n---\n", "line 2" },
		{ "---\nparams:\n  a: b\n    c: d\n---\n", "line 4" },
		{ "---\ntags:\n  - a\n  b: c\n---\n", "line 4" },
		{ "---\ntitle: |\n  block\n---\n", "line 2" },
	};
	AUTO(arena) a = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frontmatter fm;
		struct err err = { 0 };

		assert_false(frontmatter_parse(a, str_of(cases[i].text), &fm, &err));
		assert_int_equal(err.code, ERR_PARSE);
		if (str_find(str_of(err.msg), str_of(cases[i].want)) < 0)
			fail_msg("case %zu: %s", i, err.msg);
	}
}

static void setting_a_field_keeps_every_other_byte(void **state)
{
	static const struct {
		const char *text, *key, *value, *want;
	} cases[] = {
		{ "---\r\ntitle: a # c\r\nx: y\r\n---\r\nB", "title", "b: c",
		  "---\r\ntitle: \"b: c\" # c\r\nx: y\r\n---\r\nB" },
		{ "---\n# c\nx: y\n---\nB", "title", "T",
		  "---\n# c\nx: y\ntitle: T\n---\nB" },
		{ "B", "title", "T", "---\ntitle: T\n---\nB" },
		{ "---\ntags:\n  - a\n\n  - b\nx: y\n---\n", "tags", "c",
		  "---\ntags: c\nx: y\n---\n" },
		{ "---\ntitle: a\nx: y\n---\n", "title", "", "---\nx: y\n---\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		STRBUF_AUTO(out, 1000);

		assert_ok(frontmatter_set(&out, str_of(cases[i].text),
					  str_of(cases[i].key), str_of(cases[i].value),
					  &err));
		assert_str(strbuf_str(&out), cases[i].want);
	}
}

static void a_quoted_value_reads_back_as_itself(void **state)
{
	const char *values[] = { "plain",       "a: b", "- x", "\"q\"",     "tab\there",
				 "#",           "x #y", "[",   "line\nend", " blank ",
				 "back\\slash", "补丁", "~",   "a:" };
	AUTO(arena) a = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		STRBUF_AUTO(out, 1000);
		struct frontmatter fm;

		assert_ok(frontmatter_set(&out, STR("B"), STR("title"), str_of(values[i]),
					  &err));
		assert_ok(frontmatter_parse(a, strbuf_str(&out), &fm, &err));
		assert_str(fm.title, values[i]);
	}
}

static void links_stand_in_text_and_not_in_code(void **state)
{
	AUTO(arena) a = arena_new();
	struct note_links links = { 0 };

	note_links(a,
		   STR("See [[thp]] and [[mthp#sizes|the sizes]].\n"
		       "`[[ -f x ]]` and ``a ` [[b]]``\n"
		       "```sh\nif [[ -n y ]]; then\n```\n"
		       "~~~\n[[no]]\n```\n[[no]]\n~~~\n"
		       "\\[[no]] [[ ]] [[a\nb]] ` [[yes]]\n"),
		   &links);
	assert_int_equal(links.n, 3);
	assert_str(links.v[0].target, "thp");
	assert_str(links.v[1].target, "mthp");
	assert_str(links.v[1].label, "the sizes");
	assert_str(links.v[2].target, "yes");
}

static void relinking_changes_links_and_translation_only(void **state)
{
	STRBUF_AUTO(out, 1000);

	assert_int_equal(
		note_relink(
			&out,
			STR("---\ntranslation: old # twin\n---\n"
			    "[[old]] [[ old | old words ]] [[older]] `[[old]]` old\n"),
			STR("old"), STR("new")),
		3);
	assert_str(strbuf_str(&out),
		   "---\ntranslation: new # twin\n---\n"
		   "[[new]] [[ new | old words ]] [[older]] `[[old]]` old\n");
}

static void slugs_are_names_that_any_file_system_takes(void **state)
{
	AUTO(arena) a = arena_new();

	assert_str(note_slug_from(a, STR("Huge pages: who gets them?")),
		   "huge-pages-who-gets-them");
	assert_str(note_slug_from(a, STR("../../etc")), "etc");
	assert_str(note_slug_from(a, STR("???")), "note");
	assert_str(note_slug_from(a, STR("透明大页 THP")), "透明大页-thp");
	assert_true(note_slug_ok(STR("git-am-reject.zh")));
	assert_false(note_slug_ok(STR("../x")));
	assert_false(note_slug_ok(STR(".hidden")));
	assert_false(note_slug_ok(STR("-n")));
	assert_false(note_slug_ok(STR("Upper")));
	assert_false(note_slug_ok(STR("a b")));
	assert_false(note_slug_ok(STR("a\033b")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(front_matter_gives_every_kind_of_value),
		TEST(a_text_without_front_matter_is_all_body),
		TEST(what_cannot_be_read_names_its_line),
		TEST(setting_a_field_keeps_every_other_byte),
		TEST(a_quoted_value_reads_back_as_itself),
		TEST(links_stand_in_text_and_not_in_code),
		TEST(relinking_changes_links_and_translation_only),
		TEST(slugs_are_names_that_any_file_system_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
