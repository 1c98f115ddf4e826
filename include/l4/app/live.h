/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is alive in a note, answered by this machine: probes, {{sys:...}} values and
 * ```kcrib blocks, read through the context's root handle.
 */
#ifndef APP_LIVE_H
#define APP_LIVE_H

#include "app/ctx.h"
#include "note/markdown.h"

/** The answers for one note, in `a`; valid as long as it and the context. Nothing is read
 *  before note_doc() asks. */
const struct note_live *ctx_note_live(struct ctx *ctx, struct arena *a, struct str slug,
				      struct str bytes);
/** Has the note anything to ask for? A cheap look at the text. */
bool note_is_live(struct str bytes);

#endif
