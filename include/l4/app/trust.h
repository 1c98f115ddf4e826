/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which notes came from elsewhere, from which file, and which of them the user trusts.
 * Kept beside the store ("notes.db.imports"), one line a note; written before the notes
 * are, so that no crash makes a foreign note look like an own one.
 *
 * A note that came from elsewhere runs nothing, suggestion commands included, until the
 * user has trusted it or the folder it came from. Notes that ship and notes that were
 * written here are trusted.
 */
#ifndef APP_TRUST_H
#define APP_TRUST_H

#include "app/ctx.h"

struct import {
	struct str slug, format, path;
	uint64_t original; /* str_hash() of the bytes as they were imported */
	bool trusted;
};

struct imports {
	struct arena *arena;
	struct import **v; /* in the order of the file */
	size_t n, cap;
	struct str_list folders; /* trusted ones, absolute */
	struct import **slots;   /* hash table over slugs */
	size_t nslots;
};

/** Read the list. No list is an empty one. */
bool imports_load(struct ctx *ctx, struct arena *a, struct imports *ret, struct err *err)
	MUST_CHECK;
bool imports_save(struct ctx *ctx, const struct imports *list, struct err *err)
	MUST_CHECK;
/** The entry of a note, or NULL: it did not come from elsewhere. */
struct import *imports_find(const struct imports *list, struct str slug);
/** The entry, made when there is none. */
struct import *imports_add(struct imports *list, struct str slug);
/** May this entry's note run things, by itself or by its folder? */
bool imports_trusts(const struct imports *list, const struct import *entry);
/** The same for a note by name; false also when the list cannot be read. */
bool note_is_trusted(struct ctx *ctx, struct str slug);
/** ERR_DENIED with the way out, unless the note may run things. */
bool note_must_be_trusted(struct ctx *ctx, struct str slug, struct err *err) MUST_CHECK;

#endif
