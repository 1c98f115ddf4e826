/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notes as docs: what a reader sees for each kind of Markdown, which lines are commands,
 * and that hostile texts cost no more than honest ones.
 */
#include <stdlib.h>
#include <time.h>

#include "check.h"

#include "base/file.h"
#include "model/render.h"
#include "note/markdown.h"
#include "note/placeholder.h"

static struct str shown_at(struct arena *a, const char *text,
			   const struct note_live *live, size_t width)
{
	struct note_style style = { live, width };
	STRBUF_AUTO(b, 1 << 24);

	doc_text(&b, note_doc(a, str_of(text), &style), (struct text_style){ 0 });
	return arena_str(a, strbuf_str(&b));
}

static void each_kind_of_block_is_drawn(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "# A\nb\n", "A\n\nb\n" },
		{ "## A\nb\n", "A\nb\n" },
		{ "a\nb\n\nc\n", "a b\n\nc\n" },
		{ "\345\206\205\n\346\240\270\n", "\345\206\205\346\240\270\n" },
		{ "\345\206\205\nx\n", "\345\206\205 x\n" },
		{ "a  \nb\n", "a\nb\n" },
		{ "- a\n- b\n  - c\n", "\342\200\242 a\n\342\200\242 b\n  - c\n" },
		{ "1. a\n2. b\n", "1. a\n2. b\n" },
		{ "- [ ] a\n- [x] b\n", "[ ] a\n[x] b\n" },
		{ "> a\n", "  a\n" },
		{ "```text\na  b\n\tc\n```\n", "    a  b\n        c\n" },
		{ "a `b` *c* **d** ~~e~~ &amp; \\*\n", "a b c d e & *\n" },
		{ "[[x|words]] and [[y]]\n", "words and y\n" },
		{ "see <pid> here\n", "see <pid> here\n" },
		{ "---\ntitle: T\n---\nb\n", "T\n\nb\n" },
		{ "---\ntitle: T\n---\n# H\nb\n", "H\n\nb\n" },
		{ "|a|b|\n|---|--:|\n|x|1|\n|\345\206\205\346\240\270|22|\n",
		  "a      b\n\342\224\200\342\224\200\342\224\200\342\224\200  \342\224\200\342\224\200\n"
		  "x      1\n\345\206\205\346\240\270  22\n" },
	};
	AUTO(arena) a = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct str got = shown_at(a, cases[i].text, NULL, 90);

		if (!str_eq(got, str_of(cases[i].shown)))
			fail_msg("%s: got\n" STR_FMT "want\n%s", cases[i].text,
				 STR_ARG(got), cases[i].shown);
	}
}

static void a_table_that_is_too_wide_wraps_and_then_falls_apart(void **state)
{
	static const char text[] = "|name|what it is for|\n|---|---|\n"
				   "|one|a long sentence about the first thing|\n";
	AUTO(arena) a = arena_new();

	assert_true(
		str_find(shown_at(a, text, NULL, 30),
			 STR("one   a long sentence about\n      the first thing\n")) >
		0);
	assert_str(shown_at(a, text, NULL, 12),
		   "one\n  what it is for: a long sentence about the first thing\n");
}

static const struct span *find_span(const struct doc *d, const char *text)
{
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < d->v[i].n; k++)
			if (str_eq(d->v[i].v[k].text, str_of(text)))
				return &d->v[i].v[k];
	fail_msg("no span \"%s\"", text);
	return NULL;
}

static void links_say_what_they_lead_to(void **state)
{
	static const struct {
		const char *text;
		enum ref_kind kind;
		const char *id;
	} cases[] = {
		{ "words", REF_NOTE, "thp" },
		{ "hugetlb", REF_NOTE, "hugetlb" },
		{ "page", REF_URL, "https://x.org/a_b" },
		{ "https://y.org", REF_URL, "https://y.org" },
		{ "linux:mm/a.c#b_c", REF_SOURCE, "linux:mm/a.c#b_c" },
		{ "linux:mm/d.c", REF_SOURCE, "linux:mm/d.c" },
		{ "other", REF_NOTE, "o" },
	};
	AUTO(arena) a = arena_new();
	struct doc *d =
		note_doc(a,
			 STR("[[thp|words]] [[hugetlb#x]]\n[page](https://x.org/a_b) "
			     "https://y.org `linux:mm/a.c#b_c`, linux:mm/d.c. "
			     "[other](o.md)\n"),
			 NULL);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		/* a heading in a link is part of what is shown, not of where it leads */
		const struct span *s = find_span(d, i == 1 ? "hugetlb#x" : cases[i].text);

		assert_int_equal(s->ref.kind, cases[i].kind);
		assert_str(s->ref.id, cases[i].id);
	}
}

static void commands_are_numbered_where_they_begin(void **state)
{
	static const char text[] =
		"---\ntitle: x\nparams:\n  pid: pid\n---\n# x\n\nList:\n\n"
		"```sh\nps -p <pid>\ncat <<E\n\n# a\nE\n```\n\n"
		"```c\nint x;\n```\n"
		"`ls <dir>`\n\na `b` c\n\n"
		"```console\n$ a \\\n> b\nout\n# c 'd\ne'\n```\n";
	AUTO(arena) a = arena_new();
	struct note_commands c = { 0 };
	struct doc *d = note_doc(a, str_of(text), NULL);
	int seen = 0;

	note_commands(a, str_of(text), &c);
	assert_int_equal(c.n, 4);
	assert_str(c.v[0].text, "ps -p <pid>\ncat <<E\n\n# a\nE");
	assert_str(c.v[0].about, "List:");
	assert_int_equal(c.v[0].line, 11);
	assert_str(c.v[1].text, "ls <dir>");
	assert_int_equal(c.v[1].line, 21);
	assert_str(c.v[2].text, "a \\\nb");
	assert_str(c.v[3].text, "c 'd\ne'");
	assert_int_equal(c.v[3].line, 29);
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].command)
			assert_int_equal(d->v[i].command, ++seen);
	assert_int_equal(seen, 4);
	assert_int_equal(find_span(d, "<pid>")->style, STYLE_PLACEHOLDER);
	assert_int_equal(find_span(d, "<dir>")->style, STYLE_PLACEHOLDER);
}

/* ---- live parts -------------------------------------------------------------- */

static void probe(void *arg, struct arena *a, struct str name, struct probe_result *ret)
{
	ret->state = str_eq(name, STR("yes"))  ? PROBE_TRUE
		     : str_eq(name, STR("no")) ? PROBE_FALSE
					       : PROBE_UNKNOWN;
	ret->why = STR("because");
}

static bool value(void *arg, struct arena *a, struct str what, struct str *ret,
		  struct err *err)
{
	*ret = arena_strf(a, "<" STR_FMT ">", STR_ARG(what));
	return true;
}

static const struct doc *block(void *arg, struct arena *a, struct str command,
			       struct err *err)
{
	struct doc *d = doc_new(a);

	if (str_eq(command, STR("bad"))) {
		err_set(err, ERR_USAGE, "no such command");
		return NULL;
	}
	doc_textf(d, STYLE_TEXT, "ran " STR_FMT, STR_ARG(command));
	return d;
}

static const struct note_live live = { probe, value, block, NULL };

static void live_parts_are_asked_for(void **state)
{
	AUTO(arena) a = arena_new();

	assert_str(shown_at(a, "A. {?yes} B {?no} {?x}\n", &live, 90),
		   "A. [true here] B [not here: because] [cannot tell: because]\n");
	assert_str(shown_at(a, "{{sys:/a_b/c_d}} `{{sys:/x}}` {{x}}\n", &live, 90),
		   "<sys:/a_b/c_d> {{sys:/x}} {{x}}\n");
	assert_str(shown_at(a, "```kcrib threads 1\n```\n", &live, 90),
		   "  ran threads 1\n");
	assert_str(shown_at(a, "```kcrib bad\n```\n", &live, 90),
		   "  kcrib bad: no such command\n");
}

/* ---- limits ------------------------------------------------------------------ */

static double cost(const char *piece, size_t n)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(b, 16 << 20);
	struct timespec t0, t1;

	while (b.n < n)
		strbuf_addz(&b, piece);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t0);
	(void)note_doc(a, strbuf_str(&b), NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t1);
	return (double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) / 1e9;
}

static void hostile_texts_cost_no_more_than_their_length(void **state)
{
	static const char *const pieces[] = {
		"[",
		"[[",
		"[a](",
		"![[",
		"*a_ ",
		"`",
		"> ",
		"- ",
		"<a",
		"{",
		"{{sys:",
		"linux:",
		"&a",
		"~~a ",
		"__a ",
		"http://a.",
		"|x",
		"a\n",
		"a\n\n",
		"{?",
		"```\n",
		"```sh\n",
		"```sh\n<ab>c ",
		"$(",
		"\n```console\n$ '\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		double s = cost(pieces[i], 400000);

		/* 40 ms is usual; quadratic would be minutes */
		if (s > 8)
			fail_msg("%s: %.1f s", pieces[i], s);
	}
}

static void nothing_is_read_outside_of_the_text(void **state)
{
	static const char alphabet[] = "[]|`*_{}?<>#-+ \n\n!()~:$'\"&;ab1.\\";
	unsigned seed = 5;

	for (int round = 0; round < 3000; round++) {
		AUTO(arena) a = arena_new();
		size_t n = (unsigned)rand_r(&seed) % 120;
		char *text = malloc(n ? n : 1);
		struct note_style style = { &live, 20 };

		for (size_t i = 0; i < n; i++)
			text[i] = alphabet[(unsigned)rand_r(&seed) %
					   (sizeof(alphabet) - 1)];
		(void)note_doc(a, str_n(text, n), &style);
		free(text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(each_kind_of_block_is_drawn),
		TEST(a_table_that_is_too_wide_wraps_and_then_falls_apart),
		TEST(links_say_what_they_lead_to),
		TEST(commands_are_numbered_where_they_begin),
		TEST(live_parts_are_asked_for),
		TEST(hostile_texts_cost_no_more_than_their_length),
		TEST(nothing_is_read_outside_of_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
