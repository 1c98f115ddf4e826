/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The three-way merge of one file patch, for am_apply.c alone. */
#ifndef PATCH_AM_THREEWAY_H
#define PATCH_AM_THREEWAY_H

#include "patch/am.h"

struct threeway {
	const struct am_target *to;
	const struct tree *tree; /* as the file patches before this one left it */
	const struct place_options *opt;
	struct arena *a;
};

/* `file` holds what placing its hunks gave. Where the blob it was made on is known, that
 * becomes what a merge gives; where not, it stays, and is told. */
bool threeway_file(const struct threeway *t, struct am_file *file, struct err *err)
	MUST_CHECK;

#endif
