/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list narrowed while one types: what fits, in which order, and which keys are its own.
 */
#include "check.h"

#include "choice.h"

static struct choice *processes(void)
{
	static const struct completion v[] = {
		{ STR("17"), STR("systemd   1 thread   /sbin/init") },
		{ STR("170"), STR("sshd   1 thread   sshd: listener") },
		{ STR("4300"),
		  STR("qemu-system-x86   5 threads   qemu -name guest=Web") },
		{ STR("4400"), STR("qemu-system-x86   4 threads   qemu -name guest=db") },
		{ STR("5"), STR("Xorg   2 threads   /usr/bin/Xorg 4300") },
	};
	const struct completions all = { (struct completion *)(uintptr_t)v, ARRAY_SIZE(v),
					 ARRAY_SIZE(v) };
	struct choice *c = choice_new();

	choice_offer(c, &all);
	return c;
}

/* The texts that fit, best first. */
static void fits(struct choice *c, const char *typed, const char *want)
{
	STRBUF_AUTO(b, 256);
	bool cursor;

	choice_narrow(c, str_of(typed), 10);
	for (size_t i = 0; i < choice_rows(c); i++)
		strbuf_addf(&b, "%s" STR_FMT, i ? " " : "",
			    STR_ARG(choice_row(c, i, &cursor)->text));
	assert_str(strbuf_str(&b), want);
	assert_int_equal(choice_all(c), 5);
}

static void everything_fits_nothing_typed_in_the_order_offered(void **state)
{
	AUTO(choice) c = processes();

	fits(c, "", "17 170 4300 4400 5");
	assert_str(choice_taken(c)->text, "17");
}

static void equality_comes_first_then_beginnings_then_places_inside(void **state)
{
	AUTO(choice) c = processes();

	fits(c, "17", "17 170");
	fits(c, "4300", "4300 5");
	fits(c, "sys", "17 4300 4400");
	fits(c, "ini", "17");
	fits(c, "istener", "170");
}

static void letters_in_order_fit_a_name_but_not_a_command_line(void **state)
{
	AUTO(choice) c = processes();

	fits(c, "qsx", "4300 4400");
	fits(c, "lstnr", "");
	assert_null(choice_taken(c));
}

static void each_word_must_fit_and_case_does_not_matter(void **state)
{
	AUTO(choice) c = processes();

	fits(c, "QEMU web", "4300");
	fits(c, "xorg", "5");
	fits(c, "qemu nobody", "");
}

static void the_cursor_moves_and_stays_until_something_else_is_typed(void **state)
{
	AUTO(choice) c = processes();

	choice_narrow(c, STR("qemu"), 10);
	choice_move(c, STR("down"));
	assert_str(choice_taken(c)->text, "4400");
	choice_narrow(c, STR("qemu"), 10);
	assert_str(choice_taken(c)->text, "4400");
	choice_narrow(c, STR("qem"), 10);
	assert_str(choice_taken(c)->text, "4300");
}

static void only_so_many_rows_are_shown_and_they_follow_the_cursor(void **state)
{
	AUTO(choice) c = processes();
	bool cursor;

	choice_narrow(c, STR(""), 2);
	assert_int_equal(choice_rows(c), 2);
	assert_int_equal(choice_fitting(c), 5);
	for (int i = 0; i < 9; i++)
		choice_move(c, STR("down"));
	assert_str(choice_row(c, 1, &cursor)->text, "5");
	assert_true(cursor);
}

static void its_keys_are_cut_off_what_the_terminal_sent(void **state)
{
	struct str sent = STR("\033[B\r"), text = STR("a\t");

	assert_str(choice_key(&sent), "down");
	assert_str(sent, "\r");
	assert_str(choice_key(&sent), "");
	assert_str(choice_key(&text), "");
	assert_str(text, "a\t");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_fits_nothing_typed_in_the_order_offered),
		TEST(equality_comes_first_then_beginnings_then_places_inside),
		TEST(letters_in_order_fit_a_name_but_not_a_command_line),
		TEST(each_word_must_fit_and_case_does_not_matter),
		TEST(the_cursor_moves_and_stays_until_something_else_is_typed),
		TEST(only_so_many_rows_are_shown_and_they_follow_the_cursor),
		TEST(its_keys_are_cut_off_what_the_terminal_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
