/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reject files. Written by us they are complete patches: `diff --git`, mode, rename and
 * index lines, "---", "+++" and the hunks that found no place; `git apply`, `patch` and
 * diff_parse() read them. Read are also those of git ("diff a/x b/x\t(rejected hunks)")
 * and of GNU patch (unified, with or without names; context format is refused).
 */
#ifndef PATCH_REJ_H
#define PATCH_REJ_H

#include "patch/diff.h"

/** Append the reject of one file: the whole header of `f` and its n hunks. Hunks are
 *  numbered for their old side (as they stood in the patch). */
void rej_print(const struct filepatch *f, struct strbuf *out);

/** Read a reject file of any of the three makers. `path` is the file the .rej lies
 *  beside (the name without ".rej"), taken where the reject itself names none. Errors
 *  do not name it. */
bool rej_parse(struct str text, struct str path, struct arena *a, struct patch *ret_patch,
	       struct err *err) MUST_CHECK;

/** "dir/file.c" -> "dir/file.c.rej". */
struct str rej_path(struct str path, struct arena *a);

#endif
