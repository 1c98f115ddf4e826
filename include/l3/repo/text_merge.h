/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three versions of one text, and what differs between two.
 */
#ifndef REPO_TEXT_MERGE_H
#define REPO_TEXT_MERGE_H

#include "base/arena.h"

struct text_versions {
	struct str base, ours, theirs;
};
/** Merge line by line. `ret->p` is NULL when both changed the same lines: neither side
 *  may be lost. */
bool text_merge(struct arena *a, const struct text_versions *v, struct str *ret,
		struct err *err) MUST_CHECK;
/** A unified diff of two versions, "name" in its header; empty when they are equal. */
bool text_diff(struct arena *a, struct str from, struct str to, const char *name,
	       struct str *ret, struct err *err) MUST_CHECK;

#endif
