/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every unit test includes: cmocka and the few checks it lacks.
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"

/* Memory and time mean nothing with a sanitizer in between. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define TEST(fn) cmocka_unit_test(fn)

/* assert_ok(call(..., &err)): on failure the error's own words are printed. */
#define assert_ok(call)                                                                  \
	do {                                                                             \
		struct err err = { 0 };                                                  \
		if (!(call))                                                             \
			fail_msg("%s: %s", #call, err.msg);                              \
	} while (0)

#define assert_err(call, want)                                                           \
	do {                                                                             \
		struct err err = { 0 };                                                  \
		if (call)                                                                \
			fail_msg("%s succeeded", #call);                                 \
		if (err.code != (want))                                                  \
			fail_msg("%s: %s, not %s: %s", #call, err_code_name(err.code),   \
				 err_code_name(want), err.msg);                          \
	} while (0)

#define assert_str(got, want)                                                            \
	do {                                                                             \
		struct str g_ = (got), w_ = str_of(want);                                \
		if (!str_eq(g_, w_))                                                     \
			fail_msg("got \"" STR_FMT "\", want \"" STR_FMT "\"",            \
				 STR_ARG(g_), STR_ARG(w_));                              \
	} while (0)

#endif
