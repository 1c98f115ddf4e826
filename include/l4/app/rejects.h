/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands about rejects and the Patches view share: words about an item.
 */
#ifndef APP_REJECTS_H
#define APP_REJECTS_H

#include "app/command.h"
#include "repo/desk.h"

/** The desk of the folder the command runs in. */
bool rejects_desk(struct ctx *ctx, struct desk **ret, struct err *err) MUST_CHECK;
/** "-12,7 +12,9 section", or "create", "delete", ... for what is about the file. */
struct str rejects_header(struct arena *a, const struct desk_item *item);
/** Why it found no place: one sentence, never empty. */
struct str rejects_why(struct arena *a, const struct desk_item *item);
/** What a candidate would change, as unified hunks with `context` lines around. */
void rejects_candidate_diff(struct strbuf *b, struct arena *a, struct str bytes,
			    const struct place_candidate *c, size_t context);

#endif
