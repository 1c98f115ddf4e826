/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Searching the notes that ship among others: tests/spec/search/, and the
 * promises of store/search.h one by one. The other notes are made of words by chance, but
 * of the words of the real ones too, so that they compete.
 */
#include <unistd.h>

#include "check.h"

#include "app/note_codec.h"
#include "base/file.h"
#include "store/builtins.h"
#include "store/note_store.h"
#include "store/search.h"

enum {
	OTHERS = 1500,
	WORDS = 60,         /* of one of them */
	RIGHT_PERCENT = 97, /* asked of a spec; search.sh asks among real texts */
};

static struct store *s;
static struct searcher *q;

/* ---- other notes ------------------------------------------------------------- */

static uint64_t seed = 88172645463325252u;

static uint64_t chance(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

/* A word by chance: of a real note, or made of syllables. */
static void add_word(struct strbuf *b)
{
	static const char *const syllables[] = { "ka",  "lo", "mi", "re",  "tu",  "sen",
						 "dor", "ix", "pa", "qua", "ven", "zy" };

	if (chance(3) == 0 && builtin_note_count) {
		const struct builtin *from = &builtin_notes[chance(builtin_note_count)];
		struct str rest =
			str_sub(str_n(from->bytes, from->n), chance(from->n), 200);
		struct str word;

		/* not the first: it may be half a word */
		if (str_word(&rest, &word) && str_word(&rest, &word) && word.n < 20 &&
		    str_chr(word, '\n') < 0 && str_chr(word, '[') < 0) {
			strbuf_add(b, word);
			return;
		}
	}
	for (uint64_t i = chance(3) + 1; i > 0; i--)
		strbuf_addz(b, syllables[chance(12)]);
}

static void add_other(size_t number)
{
	STRBUF_AUTO(b, 1 << 16);
	char slug[32];

	strbuf_addz(&b, "# ");
	for (int i = 0; i < 4; i++) {
		add_word(&b);
		strbuf_addc(&b, ' ');
	}
	strbuf_addz(&b, "\n\n");
	for (int i = 0; i < WORDS; i++) {
		add_word(&b);
		strbuf_addc(&b, i % 12 == 11 ? '\n' : ' ');
	}
	snprintf(slug, sizeof(slug), "other-%zu", number);
	assert_ok(note_save(s, str_of(slug), strbuf_str(&b), &err));
}

static int setup(void **state)
{
	struct store_options opt = { .codec = &note_codec,
				     .builtins = builtin_notes,
				     .builtin_count = builtin_note_count,
				     .builtin_version = builtin_notes_version };

	assert_ok(store_open(&opt, &s, &err));
	assert_ok(store_begin(s, "others", &err));
	for (size_t i = 0; i < OTHERS; i++)
		add_other(i);
	assert_ok(store_commit(s, &err));
	assert_ok(searcher_open(s, &q, &err));
	return 0;
}

static int teardown(void **state)
{
	searcher_free(q);
	store_free(s);
	return 0;
}

static struct search_result ask(struct arena *a, const char *text)
{
	struct search_query query = { .text = str_of(text), .snippets = true };
	struct search_result r;

	assert_ok(search_full(q, a, &query, &r, &err));
	return r;
}

static void first_is(const char *text, const char *slug)
{
	AUTO(arena) a = arena_new();
	struct search_result r = ask(a, text);

	if (!r.n)
		fail_msg("\"%s\" finds nothing", text);
	assert_str(r.v[0].slug, slug);
}

/* ---- the spec ---------------------------------------------------------------- */

static bool twin(struct str got, struct str want)
{
	return str_starts(got, want) && str_eq(str_from(got, want.n), STR(".zh"));
}

static void most_are_right(const char *spec)
{
	const char *tests = getenv("KCRIB_TESTS");
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(text, 1 << 20);
	STRBUF_AUTO(wrong, 1 << 16);
	size_t asked = 0, right = 0;

	assert_non_null(tests);
	assert_ok(file_read(arena_printf(a, "%s/spec/search/%s", tests, spec), &text,
			    &err));
	STR_EACH_LINE (line, strbuf_str(&text)) {
		struct str kind, words = STR(""), slug = STR("");
		struct search_result r;

		if (!line.n || line.p[0] == '#')
			continue;
		assert_true(str_cut(&line, '\t', &kind) && str_cut(&line, '\t', &words) &&
			    str_cut(&line, '\t', &slug));
		r = ask(a, arena_cstr(a, words));
		asked++;
		if (r.n && (str_eq(r.v[0].slug, slug) || twin(r.v[0].slug, slug)))
			right++;
		else
			strbuf_addf(&wrong, "\n  " STR_FMT ": " STR_FMT ", not " STR_FMT,
				    STR_ARG(words), STR_ARG(r.n ? r.v[0].slug : STR("-")),
				    STR_ARG(slug));
	}
	assert_true(asked > 100);
	if (right * 100 < asked * RIGHT_PERCENT)
		fail_msg("%zu of %zu right:%s", right, asked, strbuf_z(&wrong));
}

static void the_right_note_comes_first(void **state)
{
	most_are_right("queries.spec");
}

static void the_right_note_comes_first_for_other_words(void **state)
{
	most_are_right("held-out.spec");
}

static void the_right_note_comes_first_for_words_of_a_stranger(void **state)
{
	most_are_right("unseen.spec");
}

/* ---- promises ---------------------------------------------------------------- */

static void identifiers_flags_and_symbols_are_found(void **state)
{
	first_is("KVM_EXIT_IO", "kvm-exit-reasons");
	first_is("MAP_HUGETLB", "map-hugetlb");
	first_is("mTHP", "mthp");
	first_is("ps -T", "ps-threads");
	first_is("git am --reject", "git-am-reject");
}

static void flags_are_found_put_together_and_with_another_value(void **state)
{
	first_is("top -Hp 1234", "top-threads");
	first_is("--show-current-patch=raw", "git-am-conflict");
	first_is("b4 am -o . -t", "b4-lore");
}

static void numbers_of_a_message_are_not_looked_for(void **state)
{
	first_is("task khugepaged:42 stalled: 120 seconds", "khugepaged");
	first_is("error: slot=65537 KVM_SET_USER_MEMORY_REGION failed",
		 "kvm-address-spaces");
}

static void words_that_only_ask_are_left_out(void **state)
{
	AUTO(arena) a = arena_new();

	first_is("查看 qemu trace events", "qemu-tracing");
	assert_int_equal(ask(a, "查看 qemu trace events").how, SEARCH_ALL);
}

static void a_note_that_is_not_translated_is_found_in_the_other_language(void **state)
{
	first_is("打补丁 忽略空白差异", "git-am-whitespace");
}

static void an_unfinished_word_finds_already(void **state)
{
	AUTO(arena) a = arena_new();

	first_is("khugepa", "khugepaged");
	assert_true(ask(a, "khugepa").how == SEARCH_ALL);
}

static void a_misspelt_word_is_repaired_and_said(void **state)
{
	AUTO(arena) a = arena_new();
	struct search_result r = ask(a, "khugepagde");

	assert_int_equal(r.how, SEARCH_REPAIRED);
	assert_str(r.shown, "khugepaged");
	assert_true(r.n && str_starts(r.v[0].slug, STR("khugepaged")));
}

static void chinese_words_of_one_two_and_more_characters_are_found(void **state)
{
	const char *words[] = { "页", "大页", "透明大页", "KVM退出" };
	AUTO(arena) a = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct search_result r = ask(a, words[i]);

		if (!r.n)
			fail_msg("%s finds nothing", words[i]);
		assert_str(r.v[0].lang, "zh");
	}
}

static void the_wanted_language_comes_first(void **state)
{
	AUTO(arena) a = arena_new();
	struct search_query query = { .text = STR("hugetlbfs"), .lang = STR("zh") };
	struct search_result r;

	assert_ok(search_full(q, a, &query, &r, &err));
	assert_str(r.v[0].slug, "hugetlbfs.zh");
	query.lang = STR("en");
	assert_ok(search_full(q, a, &query, &r, &err));
	assert_str(r.v[0].slug, "hugetlbfs");
}

static void a_tag_limits_the_answer(void **state)
{
	AUTO(arena) a = arena_new();
	struct search_query query = { .text = STR("patch"), .tag = STR("git") };
	struct search_result r;

	assert_ok(search_full(q, a, &query, &r, &err));
	assert_true(r.n > 0);
	for (size_t i = 0; i < r.n; i++) {
		bool has = false;

		for (size_t k = 0; k < r.v[i].tags.n; k++)
			has |= str_eq(r.v[i].tags.v[k], STR("git"));
		assert_true(has);
	}
}

static void marks_stand_on_the_words(void **state)
{
	AUTO(arena) a = arena_new();
	struct search_result r = ask(a, "khugepaged");
	const struct search_hit *hit = &r.v[0];

	assert_true(r.n && hit->title_marks.n > 0 && hit->snippet.n > 0);
	assert_true(str_casestarts(str_from(hit->title, hit->title_marks.v[0].at),
				   STR("khugepaged")));
	for (size_t i = 0; i < r.n; i++)
		for (size_t k = 0; k < r.v[i].snippet_marks.n; k++)
			assert_true(r.v[i].snippet_marks.v[k].at +
					    r.v[i].snippet_marks.v[k].n <=
				    r.v[i].snippet.n);
}

static void use_lifts_a_note(void **state)
{
	AUTO(arena) a = arena_new();
	struct search_result r = ask(a, "qemu");
	struct str second;

	assert_true(r.n > 1);
	second = r.v[1].slug;
	for (int i = 0; i < 30; i++)
		note_used(s, second, NOTE_RUN);
	r = ask(a, "qemu");
	assert_true(str_eq(r.v[0].slug, second));
	/* nothing typed: what is used comes first too */
	r = ask(a, "");
	assert_true(r.n > 10 && str_eq(r.v[0].slug, second));
}

static void nothing_that_is_typed_is_an_error(void **state)
{
	const char *odd[] = { "\"",
			      "*",
			      "a\" OR \"b",
			      "NEAR(",
			      "-",
			      "(((",
			      "title:x",
			      "\xff\xfe",
			      "AND",
			      "^x",
			      ("a b c d e f g h i j k l m n o p q r s "
			       "t u v w x y z aa bb cc dd ee") };
	AUTO(arena) a = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
		(void)ask(a, odd[i]);
}

static void a_new_word_is_known_to_the_spelling_after_tidying(void **state)
{
	struct search_query query = { .text = STR("quokaberry"), .whole_words = true };
	AUTO(searcher) fresh = NULL;
	AUTO(arena) a = arena_new();
	struct search_result r;

	assert_ok(note_save(s, STR("new"), STR("# New\n\nquokkaberry tart\n"), &err));
	while (store_tidy(s, 5))
		;
	assert_ok(searcher_open(s, &fresh, &err));
	assert_ok(search_full(fresh, a, &query, &r, &err));
	assert_int_equal(r.how, SEARCH_REPAIRED);
	assert_str(r.shown, "quokkaberry");
	assert_ok(note_delete(s, STR("new"), &err));
}

static void a_stopped_search_says_so_and_the_next_one_runs(void **state)
{
	AUTO(arena) a = arena_new();

	/* outside a search it must do no harm */
	searcher_interrupt(q);
	assert_true(ask(a, "huge").n > 0);
}

/* The words of all notes in one query are more than a key has time for, on a slow machine
 * at least: whether it ends in time or not, it is an answer, and the whole one follows.
 */
static void a_first_answer_out_of_time_is_no_error(void **state)
{
	struct search_query query = { .text = STR("error: ka lo mi re tu sen dor ix pa "
						  "qua ven zy huge page patch git k") };
	AUTO(arena) a = arena_new();
	struct search_result first, whole;

	assert_ok(store_begin(s, "more", &err));
	for (size_t i = 0; i < 600; i++)
		add_other(OTHERS + i);
	assert_ok(store_commit(s, &err));
	assert_ok(search_quick(q, a, &query, &first, &err));
	assert_ok(search_full(q, a, &query, &whole, &err));
	assert_true(whole.complete && whole.n > 0);
	/* and the connection is as good as before */
	assert_ok(search_quick(q, a, &query, &first, &err));
	first_is("khugepaged", "khugepaged");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_right_note_comes_first),
		TEST(the_right_note_comes_first_for_other_words),
		TEST(the_right_note_comes_first_for_words_of_a_stranger),
		TEST(identifiers_flags_and_symbols_are_found),
		TEST(flags_are_found_put_together_and_with_another_value),
		TEST(numbers_of_a_message_are_not_looked_for),
		TEST(words_that_only_ask_are_left_out),
		TEST(a_note_that_is_not_translated_is_found_in_the_other_language),
		TEST(an_unfinished_word_finds_already),
		TEST(a_misspelt_word_is_repaired_and_said),
		TEST(chinese_words_of_one_two_and_more_characters_are_found),
		TEST(the_wanted_language_comes_first),
		TEST(a_tag_limits_the_answer),
		TEST(marks_stand_on_the_words),
		TEST(use_lifts_a_note),
		TEST(nothing_that_is_typed_is_an_error),
		TEST(a_new_word_is_known_to_the_spelling_after_tidying),
		TEST(a_stopped_search_says_so_and_the_next_one_runs),
		TEST(a_first_answer_out_of_time_is_no_error),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
