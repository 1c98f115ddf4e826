/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a patch changes, counted: the lines that git-apply(1) prints for --stat, --numstat
 * and --summary. Pure: the patch alone is looked at, no file.
 */
#ifndef PATCH_DIFFSTAT_H
#define PATCH_DIFFSTAT_H

#include "patch/diff.h"

struct diffstat {
	size_t added, removed; /* lines; 0 of a binary patch */
};

struct diffstat diffstat_of(const struct filepatch *f);
/** --stat: " path |   12 +++---" a file, scaled to 80 columns, and the sum. */
void diffstat_print_graph(const struct patch *p, struct strbuf *out);
/** --numstat: "7<TAB>5<TAB>path" a file, "-" for the numbers of a binary one. */
void diffstat_print_numbers(const struct patch *p, struct strbuf *out);
/** --summary: " create mode 100644 path", " rename a/{b => c} (90%)", " mode change
 * 100644
 *  => 100755 path"; nothing of a file whose content alone changes. */
void diffstat_print_summary(const struct patch *p, struct strbuf *out);

#endif
