/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What counts as a word. "a b|c" reads: a, then b and c on one position.
 */
#include "check.h"

#include "base/strbuf.h"
#include "store/tokenizer.h"

static bool print(void *arg, const struct token *t)
{
	struct strbuf *b = arg;

	if (b->n)
		strbuf_addc(b, t->same ? '|' : ' ');
	strbuf_add(b, t->word);
	return true;
}

struct example {
	const char *text, *want;
};

static void check(const struct example *v, size_t n, enum token_mode mode)
{
	for (size_t i = 0; i < n; i++) {
		STRBUF_AUTO(b, 10000);

		assert_true(tokenize(str_of(v[i].text), mode, print, &b));
		if (strcmp(strbuf_z(&b), v[i].want) != 0)
			fail_msg("%s: %s, not %s", v[i].text, strbuf_z(&b), v[i].want);
	}
}

static void texts_hold_every_variant(void **state)
{
	static const struct example v[] = {
		{ "Hello, World", "hello world" },
		{ "KVM_EXIT_IO vcpu->run->exit_reason",
		  "kvm exit io vcpu run exit reason" },
		{ "transparent_hugepage/enabled", "transparent hugepage enabled" },
		{ "mTHP MigrationState", "mthp|thp migrationstate|migration|state" },
		{ "HTTPServer vCPUs VMs", "httpserver|http|server vcpus|cpus vms" },
		{ "x86 2M 0x8004", "x86 2m 0x8004" },
		{ "大页表", "大页|大 页表|页 表" },
		{ "页", "页" },
		{ "KVM退出", "kvm 退出|退 出" },
		{ "ps -T -t", "ps t|-T t|-t" },
		{ "du --max-depth=1", "du max|--max-depth depth 1" },
		{ "`-3` [-k] git-am x->y a - b", "3|-3 k|-k git am x y a b" },
		{ "ＡＢＣ Größe", "abc größe" },
		{ "", "" },
		{ "... --- ///", "" },
	};

	check(v, sizeof(v) / sizeof(*v), TOKEN_TEXT);
}

static void queries_have_one_token_a_position(void **state)
{
	static const struct example v[] = {
		{ "mTHP", "mthp" },
		{ "大页表", "大页 页表" },
		{ "页", "页" },
		{ "-T", "-T" },
		{ "--max-depth", "--max-depth" },
		{ "--max-depth=1", "--max-depth depth 1" },
		{ "KVM_EXIT_IO", "kvm exit io" },
	};

	check(v, sizeof(v) / sizeof(*v), TOKEN_QUERY);
}

static bool stop_at_two(void *arg, const struct token *t)
{
	return ++*(int *)arg < 2;
}

static void the_caller_may_stop(void **state)
{
	int n = 0;

	assert_false(tokenize(STR("a b c d"), TOKEN_TEXT, stop_at_two, &n));
	assert_int_equal(n, 2);
}

static bool longest(void *arg, const struct token *t)
{
	if (t->word.n > *(size_t *)arg)
		*(size_t *)arg = t->word.n;
	return true;
}

static void a_word_is_cut_at_the_limit(void **state)
{
	char text[1000];
	size_t n = 0;

	memset(text, 'x', sizeof(text));
	tokenize(str_n(text, sizeof(text)), TOKEN_TEXT, longest, &n);
	assert_int_equal(n, TOKEN_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(texts_hold_every_variant),
		TEST(queries_have_one_token_a_position),
		TEST(the_caller_may_stop),
		TEST(a_word_is_cut_at_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
