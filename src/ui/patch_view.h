/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Patches view, and the hunk view that lies above it.
 */
#ifndef UI_PATCH_VIEW_H
#define UI_PATCH_VIEW_H

#include "reject_list.h"
#include "workbench_priv.h"

extern const struct view_ops patch_view_ops, hunk_view_ops;

/** Open the hunk view on a reject of the list, which outlives it. */
void hunk_view_open(struct workbench *wb, struct reject_list *list, unsigned id);

#endif
