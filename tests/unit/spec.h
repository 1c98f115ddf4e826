/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spec files: cases as text that one reads with pleasure. A case begins with "%% " and
 * a sentence; its sections begin with "%name words" and go on to the next '%' at a line's
 * beginning. Lines above the first case are for the reader, and so is the blank line
 * before the next case. Inside sections \r, \t, \s
 * (a blank), \xNN and \\ stand for bytes that an editor would not show or keep.
 */
#ifndef TESTS_SPEC_H
#define TESTS_SPEC_H

#include "base/arena.h"

struct spec_section {
	struct str name, words; /* "mail", "scissors keep=b" */
	struct str text;        /* unescaped */
	size_t line;
};

struct spec_case {
	struct str title;
	size_t line;
	struct spec_section *v;
	size_t n, cap;
};

struct spec {
	struct spec_case *v;
	size_t n, cap;
};

/** Read a spec file below $KCRIB_TESTS; a broken file fails the test. */
void spec_read(struct arena *a, const char *path, struct spec *ret);
/** The first section of that name, or NULL. */
const struct spec_section *spec_find(const struct spec_case *c, const char *name);

#endif
