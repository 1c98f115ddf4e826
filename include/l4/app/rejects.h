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
/** The plain shell lines that do what taking the candidate does; without one (NULL), that
 *  open the file where the patch has it. `top`: of the tree. */
void rejects_shell_line(struct strbuf *b, const char *top, const struct desk_item *item,
			const struct place_candidate *c);
/** The user's editor on the file of an item: with a candidate what that would make of it,
 *  else (NULL) the file as it is. ERR_CANCELLED when the editor failed or wrote nothing.
 */
bool rejects_edit(struct ctx *ctx, struct desk *desk, struct desk_items *items,
		  const struct desk_item *item, const struct place_candidate *c,
		  struct err *err) MUST_CHECK;
/** What a candidate would change, as unified hunks with `context` lines around. */
void rejects_candidate_diff(struct strbuf *b, struct arena *a, struct str bytes,
			    const struct place_candidate *c, size_t context);

#endif
