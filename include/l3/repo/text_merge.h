/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three versions of one text, and what differs between two.
 */
#ifndef REPO_TEXT_MERGE_H
#define REPO_TEXT_MERGE_H

#include "base/arena.h"

/** Merge line by line. `*ret_clean` false: both changed the same lines; `*ret` is then
 *  empty, as neither side may be lost. */
bool text_merge(struct arena *a, struct str base, struct str ours, struct str theirs,
		struct str *ret, bool *ret_clean, struct err *err) MUST_CHECK;
/** A unified diff of two versions, "name" in its header; empty when they are equal. */
bool text_diff(struct arena *a, struct str from, struct str to, const char *name,
	       struct str *ret, struct err *err) MUST_CHECK;

#endif
