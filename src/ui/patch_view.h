/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the Patches view and the hunk view share: the desk and the list read from it.
 */
#ifndef UI_PATCH_VIEW_H
#define UI_PATCH_VIEW_H

#include "app/rejects.h"
#include "workbench_priv.h"

extern const struct view_ops patch_view_ops, hunk_view_ops;

/** Open the hunk view on a reject. */
void hunk_view_open(struct workbench *wb, unsigned id);
/** The desk of the present folder, for a view's whole life; the session's handles are
 *  opened anew each time, since git may work beside us. */
bool patch_desk(struct workbench *wb, struct arena *a, struct desk **ret,
		struct err *err);
/** Tell every view that rejects changed, and count the open ones for the frame. */
void patch_changed(struct workbench *wb, const struct desk_items *items);

#endif
