/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a result is, and its two renderers that need no screen.
 */
#include <math.h>

#include "check.h"

#include "base/utf8.h"
#include "model/render.h"

static const struct column columns[] = {
	{ "name", "name", CELL_TEXT, 0, 0, 0, "whose row it is" },
	{ "rss_bytes", "RSS", CELL_BYTES, 0, 0, 0, "resident memory" },
	{ "cpu_pct", "CPU %", CELL_PERCENT, 0, 0, 0, "share of one CPU" },
	{ "note", "note", CELL_TEXT, COLUMN_NOJSON, 0, 0, "only for people" },
	{ "id", "id", CELL_INT, COLUMN_NOTABLE, 0, 0, "only for scripts" },
};

static struct row *add(struct table *t, const char *name, struct cell rss,
		       struct cell cpu)
{
	struct row *row = table_add(t);

	row_set(t, row, "name", cell_text(str_of(name)));
	row_set(t, row, "rss_bytes", rss);
	row_set(t, row, "cpu_pct", cpu);
	row_set(t, row, "note", cell_text(STR("hm")));
	row_set(t, row, "id", cell_int(7));
	return row;
}

static struct table *people(struct arena *a)
{
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));

	add(t, "bash", cell_bytes(3 << 20), cell_percent(0.25));
	add(t, "qemu", cell_bytes(2252341248), cell_percent(98.72))->depth = 1;
	add(t, "gone", cell_none("it ended"), cell_none(NULL));
	return t;
}

static void table_text_aligns_figures_and_hides_what_is_for_scripts(void **state)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(b, 4096);

	table_text(&b, people(a), (struct text_style){ 0 });
	assert_str(strbuf_str(&b), "name        RSS  CPU %  note\n"
				   "bash      3 MiB    0.2  hm\n"
				   "  qemu  2.1 GiB   98.7  hm\n"
				   "gone          -      -  hm\n");
}

static void table_text_says_what_an_empty_table_would_hold(void **state)
{
	AUTO(arena) a = arena_new();
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));
	STRBUF_AUTO(b, 4096);

	t->empty = "No processes: start one.";
	table_text(&b, t, (struct text_style){ 0 });
	assert_str(strbuf_str(&b), "No processes: start one.\n");
}

static void table_json_keeps_numbers_and_says_why_a_fact_is_absent(void **state)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(b, 4096);

	table_json(&b, people(a));
	assert_str(strbuf_str(&b),
		   "[{\"name\":\"bash\",\"rss_bytes\":3145728,\"cpu_pct\":0.25,\"id\":7},"
		   "{\"name\":\"qemu\",\"rss_bytes\":2252341248,\"cpu_pct\":98.72,"
		   "\"id\":7},"
		   "{\"name\":\"gone\",\"rss_bytes\":null,\"cpu_pct\":null,\"id\":7,"
		   "\"unavailable\":{\"rss_bytes\":\"it ended\"}}]");
}

static void table_sort_is_stable_and_puts_absent_cells_last(void **state)
{
	AUTO(arena) a = arena_new();
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));

	add(t, "a", cell_bytes(1), cell_percent(1));
	add(t, "b", cell_none("no"), cell_percent(1));
	add(t, "c", cell_bytes(9), cell_percent(1));
	add(t, "d", cell_bytes(1), cell_percent(1));
	table_sort(t, (size_t)table_column(t, STR("rss_bytes")), true);
	assert_str(t->v[0].cells[0].text, "c");
	assert_str(t->v[1].cells[0].text, "a");
	assert_str(t->v[2].cells[0].text, "d");
	assert_str(t->v[3].cells[0].text, "b");
	table_sort(t, (size_t)table_column(t, STR("rss_bytes")), false);
	assert_str(t->v[0].cells[0].text, "a");
	assert_str(t->v[3].cells[0].text, "b");
	assert_int_equal(table_column(t, STR("no-such")), -1);
}

struct countdown {
	struct cell_maker maker;
	int *asked;
};

static struct cell count_down(const struct cell_maker *self, const void *item,
			      const struct column *column)
{
	int v = *(const int *)item;

	++*((const struct countdown *)self)->asked;
	return column == &columns[1] ? cell_bytes((uint64_t)v)
				     : cell_text(v % 2 ? STR("odd") : STR("even"));
}

static void cells_are_made_when_they_are_asked_for(void **state)
{
	static const int items[] = { 2, 3, 1 };
	AUTO(arena) a = arena_new();
	struct table *t = table_new(a, columns, 2);
	int asked = 0;
	struct countdown maker = { { count_down }, &asked };
	STRBUF_AUTO(b, 4096);

	t->maker = &maker.maker;
	table_reserve(t, ARRAY_SIZE(items));
	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		table_add_item(t, &items[i]);
	row_set(t, table_add(t), "name", cell_text(STR("made before")));
	assert_int_equal(asked, 0);
	table_sort(t, 1, true);
	assert_int_equal(asked, 3); /* the column it is sorted by, of rows with an item */
	assert_str(row_cell(t, &t->v[0], 0).text, "odd");
	assert_ptr_equal(t->v[1].item, &items[0]);
	table_json(&b, t);
	assert_str(strbuf_str(&b), "[{\"name\":\"odd\",\"rss_bytes\":3},"
				   "{\"name\":\"even\",\"rss_bytes\":2},"
				   "{\"name\":\"odd\",\"rss_bytes\":1},"
				   "{\"name\":\"made before\",\"rss_bytes\":null}]");
}

static void a_cell_is_the_same_when_it_reads_the_same(void **state)
{
	const struct cells list = { 0 };
	struct cell cells[] = { cell_int(1),         cell_int(2),    cell_bytes(1),
				cell_none("x"),      cell_none("y"), cell_text(STR("a")),
				cell_text(STR("b")), cell_percent(1) };
	struct cell nested = cell_list(&list);
	char other[] = "a";
	struct cell copy = cell_text(str_of(other));

	for (size_t i = 0; i < ARRAY_SIZE(cells); i++)
		for (size_t k = 0; k < ARRAY_SIZE(cells); k++)
			assert_int_equal(cell_same(&cells[i], &cells[k]), i == k);
	assert_true(cell_same(&cells[5], &copy));
	assert_false(cell_same(&nested, &nested));
}

static void cells_read_as_a_person_reads_them(void **state)
{
	const struct {
		struct cell cell;
		const char *want;
	} cases[] = {
		{ cell_none("x"), "-" },
		{ cell_bytes(0), "0 B" },
		{ cell_bytes(1023), "1023 B" },
		{ cell_bytes(1024), "1 KiB" },
		{ cell_bytes(1536), "1.5 KiB" },
		{ cell_bytes((1 << 20) - 1), "1.0 MiB" },
		{ cell_bytes(UINT64_C(1) << 62), "4 EiB" },
		{ cell_pages(1234567), "1,234,567" },
		{ cell_pages(123), "123" },
		{ cell_int(-1234567), "-1234567" },
		{ cell_percent(99.96), "100.0" },
		{ cell_seconds(0.0000005), "0 us" },
		{ cell_seconds(0.25), "250 ms" },
		{ cell_seconds(59.5), "59.50 s" },
		{ cell_seconds(61), "1:01" },
		{ cell_seconds(3725), "1:02:05" },
		{ cell_rate(4.26), "4.3" },
		{ cell_rate(4090.4), "4090" },
		{ cell_bool(true), "yes" },
		{ cell_text(STR("a\x1b[2Jb\n")), "a^[[2Jb^J" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		STRBUF_AUTO(b, 4096);

		cell_format(&b, &cases[i].cell);
		assert_str(strbuf_str(&b), cases[i].want);
	}
}

static void json_is_whole_for_any_bytes_and_any_figure(void **state)
{
	AUTO(arena) a = arena_new();
	struct record *r = record_new(a);
	STRBUF_AUTO(b, 4096);

	record_set(r, "text", "text", cell_text(STR("\"\\\x01\xff大")));
	record_set(r, "nan", "nan", cell_real(NAN));
	record_set(r, "inf", "inf", cell_percent(INFINITY));
	record_set(r, "big", "big", cell_int(INT64_MAX));
	record_set(r, NULL, "for people", cell_int(1));
	record_json(&b, r);
	assert_str(strbuf_str(&b), "{\"text\":\"\\\"\\\\\\u0001\xef\xbf\xbd大\","
				   "\"nan\":null,\"inf\":null,"
				   "\"big\":9223372036854775807}");
}

static void record_text_puts_the_conclusion_before_the_facts(void **state)
{
	AUTO(arena) a = arena_new();
	struct record *r = record_new(a), *inner = record_new(a);
	STRBUF_AUTO(b, 4096);

	r->headline = STR("Huge pages");
	r->so_what = STR("all is well");
	record_set(r, "total_pages", "total", cell_pages(5120));
	record_set(r, "wchan", "wait channel", cell_none("needs root"));
	record_set(r, "only_json", NULL, cell_int(3));
	record_set(inner, "k", "inner", cell_int(1));
	record_set(r, "more", "More", cell_record(inner));
	record_text(&b, r, (struct text_style){ 0 });
	assert_str(strbuf_str(&b), "Huge pages\n"
				   "so what: all is well\n"
				   "total         5,120\n"
				   "wait channel  - (needs root)\n"
				   "\n"
				   "More\n"
				   "inner  1\n");
	assert_non_null(record_get(r, STR("only_json")));
	assert_null(record_get(r, STR("absent")));
}

static void spark_shows_gaps_and_scales_to_the_largest(void **state)
{
	const double v[] = { 0, 50, 100, NAN };
	STRBUF_AUTO(b, 4096);

	spark_format(&b, v, 4, 0);
	assert_str(strbuf_str(&b), "▁▄█ ");
	strbuf_clear(&b);
	spark_format(&b, v, 3, 200);
	assert_str(strbuf_str(&b), "▁▂▄");
}

static void wrapped(struct strbuf *b, const char *text, size_t width)
{
	AUTO(arena) a = arena_new();
	struct doc *d = doc_new(a);

	doc_line(d, LINE_TEXT)->hang = 2;
	doc_span(d, STYLE_TEXT, str_of(text));
	strbuf_clear(b);
	doc_text(b, d, (struct text_style){ .width = width });
}

static void doc_wrap_breaks_at_blanks_and_between_wide_characters(void **state)
{
	STRBUF_AUTO(b, 4096);

	wrapped(&b, "one two three", 8);
	assert_str(strbuf_str(&b), "one two \n  three\n");
	wrapped(&b, "透明大页谁能用到", 8);
	assert_str(strbuf_str(&b), "透明大页\n  谁能用\n  到\n");
	wrapped(&b, "anotherlongword", 6);
	assert_str(strbuf_str(&b), "anothe\n  rlon\n  gwor\n  d\n");
	wrapped(&b, "", 6);
	assert_str(strbuf_str(&b), "\n");
}

static void doc_wrap_never_passes_the_width_and_loses_nothing(void **state)
{
	static const char text[] =
		"If a 大页 is reserved, free - reserved is what is left; "
		"see hugetlb_reserve_pages() and 透明 pages e\xcc\x81.";

	for (size_t width = 4; width < 60; width++) {
		AUTO(arena) a = arena_new();
		struct doc *d = doc_new(a), *w;
		STRBUF_AUTO(all, 4096);

		doc_line(d, LINE_TEXT);
		doc_span(d, STYLE_TEXT, STR("# "));
		doc_span(d, STYLE_STRONG, str_of(text));
		w = doc_wrap(a, d, width);
		for (size_t i = 0; i < w->n; i++) {
			STRBUF_AUTO(line, 4096);

			for (size_t k = 0; k < w->v[i].n; k++)
				strbuf_add(&line, w->v[i].v[k].text);
			assert_true(str_rtrim(strbuf_str(&line)).n == 0 ||
				    utf8_width(str_rtrim(strbuf_str(&line))) <= width);
			strbuf_add(&all, strbuf_str(&line));
		}
		assert_true(str_eq(str_from(strbuf_str(&all), 2), str_of(text)));
	}
}

static void doc_wrap_keeps_links_and_numbers_the_first_line_only(void **state)
{
	AUTO(arena) a = arena_new();
	struct doc *d = doc_new(a), *w;

	doc_line(d, LINE_TEXT)->command = 3;
	doc_link(d, STR("a long link text"), (struct ref){ REF_NOTE, STR("thp") });
	w = doc_wrap(a, d, 7);
	assert_int_equal(w->n, 3);
	assert_int_equal(w->v[0].command, 3);
	assert_int_equal(w->v[1].command, 0);
	for (size_t i = 0; i < w->n; i++)
		assert_str(w->v[i].v[0].ref.id, "thp");
}

static void colours_come_only_when_asked_for(void **state)
{
	AUTO(arena) a = arena_new();
	struct doc *d = doc_new(a);
	STRBUF_AUTO(b, 4096);

	doc_textf(d, STYLE_BAD, "no\033[0m");
	doc_text(&b, d, (struct text_style){ .color = false });
	assert_str(strbuf_str(&b), "no^[[0m\n");
	strbuf_clear(&b);
	doc_text(&b, d, (struct text_style){ .color = true });
	assert_str(strbuf_str(&b), "\033[1;31mno^[[0m\033[m\n");
}

static void a_diff_is_styled_by_line(void **state)
{
	AUTO(arena) a = arena_new();
	struct doc *d = doc_new(a);

	doc_diff(d, STR("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-old\n+new\n same\n"));
	assert_int_equal(d->n, 6);
	assert_int_equal(d->v[0].v[0].style, STYLE_STRONG);
	assert_int_equal(d->v[2].v[0].style, STYLE_HUNK);
	assert_int_equal(d->v[3].v[0].style, STYLE_DEL);
	assert_int_equal(d->v[4].v[0].style, STYLE_ADD);
	assert_int_equal(d->v[5].v[0].style, STYLE_TEXT);
	assert_int_equal(d->v[5].kind, LINE_CODE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(table_text_aligns_figures_and_hides_what_is_for_scripts),
		TEST(table_text_says_what_an_empty_table_would_hold),
		TEST(table_json_keeps_numbers_and_says_why_a_fact_is_absent),
		TEST(table_sort_is_stable_and_puts_absent_cells_last),
		TEST(cells_are_made_when_they_are_asked_for),
		TEST(a_cell_is_the_same_when_it_reads_the_same),
		TEST(cells_read_as_a_person_reads_them),
		TEST(json_is_whole_for_any_bytes_and_any_figure),
		TEST(record_text_puts_the_conclusion_before_the_facts),
		TEST(spark_shows_gaps_and_scales_to_the_largest),
		TEST(doc_wrap_breaks_at_blanks_and_between_wide_characters),
		TEST(doc_wrap_never_passes_the_width_and_loses_nothing),
		TEST(doc_wrap_keeps_links_and_numbers_the_first_line_only),
		TEST(colours_come_only_when_asked_for),
		TEST(a_diff_is_styled_by_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
