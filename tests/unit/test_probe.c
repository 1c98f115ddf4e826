/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probes: the language, and the three answers with their reasons, by a machine that is
 * made up here.
 */
#include "check.h"

#include "note/probe.h"

static bool no(struct err *err, enum err_code code, const char *why)
{
	return err_set(err, code, "%s", why);
}

static bool fake_read(void *arg, struct arena *a, struct str path, struct str *ret,
		      struct err *err)
{
	static const struct {
		const char *path, *text;
	} files[] = {
		{ "/sys/thp", "always [madvise] never\n" },
		{ "/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu pse msr\n" },
		{ "/proc/sys/vm/overcommit_memory", "0\n" },
		{ "/proc/sys/kernel/core_pattern", "core\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (str_eq(path, str_of(files[i].path))) {
			*ret = str_of(files[i].text);
			return true;
		}
	}
	if (str_eq(path, STR("/root-only")))
		return no(err, ERR_DENIED, "needs root");
	return no(err, ERR_NOTFOUND, "no such file");
}

static bool fake_exists(void *arg, struct str path, struct err *err)
{
	struct str text;

	return fake_read(arg, NULL, path, &text, err);
}

static bool fake_kernel(void *arg, struct arena *a, struct str *ret, struct err *err)
{
	*ret = STR("6.8.0-rc3-00012-gabc");
	return true;
}

static bool fake_config(void *arg, struct arena *a, struct str name, struct str *ret,
			struct err *err)
{
	*ret = str_eq(name, STR("CONFIG_A"))   ? STR("y")
	       : str_eq(name, STR("CONFIG_M")) ? STR("m")
					       : STR("n");
	return true;
}

static bool fake_command(void *arg, struct str name, struct err *err)
{
	return str_eq(name, STR("git")) || no(err, ERR_NOTFOUND, "not installed");
}

static bool fake_version(void *arg, struct arena *a, struct str name, struct str *ret,
			 struct err *err)
{
	*ret = STR("git version 2.39.5 (Debian 1:2.39.5-0)\n");
	return true;
}

static bool fake_cap(void *arg, int64_t number, int64_t *ret, struct err *err)
{
	*ret = number == 118 ? 2 : 0;
	return true;
}

static const struct probe_door door = { fake_read,   fake_exists,  fake_kernel,
					fake_config, fake_command, fake_version,
					fake_cap,    NULL };

static void every_kind_of_probe_gives_its_answer(void **state)
{
	static const struct {
		const char *spec;
		enum probe_state want;
	} cases[] = {
		{ "file /sys/thp exists", PROBE_TRUE },
		{ "file /none exists", PROBE_FALSE },
		{ "file /root-only exists", PROBE_UNKNOWN },
		{ "file /sys/thp matches \"\\[(always|madvise)\\]\"", PROBE_TRUE },
		{ "file /sys/thp matches \"\\[always\\]\"", PROBE_FALSE },
		{ "file /sys/thp holds \"[madvise]\"", PROBE_TRUE },
		{ "file /root-only matches \"x\"", PROBE_UNKNOWN },
		{ "cpu-flag pse", PROBE_TRUE },
		{ "cpu-flag ps", PROBE_FALSE },
		{ "sysctl vm.overcommit_memory = 0", PROBE_TRUE },
		{ "sysctl vm.overcommit_memory >= 1", PROBE_FALSE },
		{ "sysctl kernel.core_pattern = core", PROBE_TRUE },
		{ "sysctl kernel.none = 1", PROBE_FALSE },
		{ "config CONFIG_A = y", PROBE_TRUE },
		{ "config CONFIG_M = y", PROBE_TRUE },
		{ "config CONFIG_N = y", PROBE_FALSE },
		{ "config CONFIG_N != y", PROBE_TRUE },
		{ "kernel >= 6.7", PROBE_TRUE },
		{ "kernel >= 6.8", PROBE_FALSE },
		{ "kernel < 6.8", PROBE_TRUE },
		{ "kernel >= 6.8-rc2", PROBE_TRUE },
		{ "program git >= 2.30", PROBE_TRUE },
		{ "program git >= 2.40", PROBE_FALSE },
		{ "program none >= 1.0", PROBE_FALSE },
		{ "program git", PROBE_TRUE },
		{ "command git", PROBE_TRUE },
		{ "command none", PROBE_FALSE },
		{ "kvm-cap 118 >= 2", PROBE_TRUE },
		{ "kvm-cap 118 = 1", PROBE_FALSE },
		{ "kvm-cap 118", PROBE_TRUE },
		{ "kvm-cap 1", PROBE_FALSE },
	};
	AUTO(arena) a = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct probe_result r;
		struct probe p;

		assert_ok(probe_parse(a, str_of(cases[i].spec), &p, &err));
		probe_run(a, &p, &door, &r);
		if (r.state != cases[i].want)
			fail_msg("%s: %s: " STR_FMT, cases[i].spec,
				 probe_state_name(r.state), STR_ARG(r.why));
		assert_true(r.why.n > 0);
		assert_true(r.source.n > 0);
	}
}

static void what_is_outside_of_the_language_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"shell ls",
		"file",
		"file x exists",
		"file /x",
		"file /x exists y",
		"file /x matches \"(\"",
		"file /x matches",
		"sysctl a",
		"sysctl a exists",
		"cpu-flag",
		"cpu-flag a = b",
		"config CONFIG_X >= 2",
		"kernel",
		"kernel 6.8",
		"kernel ~ 6",
		"program",
		"program /bin/sh >= 1",
		"program -x >= 1",
		"program x matches \"y\"",
		"command",
		"command ../x",
		"command a b",
		"kvm-cap x",
		"kvm-cap 1 exists 2",
	};
	AUTO(arena) a = arena_new();
	struct probe p;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_err(probe_parse(a, str_of(cases[i]), &p, &err), ERR_PARSE);
}

static void versions_have_an_order(void **state)
{
	static const char *const rising[] = { "2.30",    "2.39.5",   "2.40",
					      "6.8-rc1", "6.8-rc12", "6.8",
					      "6.8.1",   "6.10",     "10.0" };

	for (size_t i = 0; i < ARRAY_SIZE(rising); i++)
		for (size_t k = 0; k < ARRAY_SIZE(rising); k++) {
			int got = version_cmp(str_of(rising[i]), str_of(rising[k]));

			if ((got > 0) - (got < 0) != (i > k) - (i < k))
				fail_msg("%s and %s: %d", rising[i], rising[k], got);
		}
	assert_int_equal(version_cmp(STR("6.8"), STR("6.8.0")), 0);
	assert_int_equal(version_cmp(STR("6.1.0-18-amd64"), STR("6.1")), 0);
	assert_str(version_find(STR("QEMU emulator version 7.2.22 (Debian)")), "7.2.22");
	assert_str(version_find(STR("getconf (Debian GLIBC 2.36-9) 2.36")), "2.36-9");
	assert_str(version_find(STR("no version")), "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_kind_of_probe_gives_its_answer),
		TEST(what_is_outside_of_the_language_is_refused),
		TEST(versions_have_an_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
