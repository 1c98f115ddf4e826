/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of hunks, as a table: shared by am and apply.
 */
#ifndef APP_PATCH_RESULT_H
#define APP_PATCH_RESULT_H

#include "app/command.h"
#include "patch/am.h"

/** {"path","status","line","offset","cause","engine"}, a row a hunk; a file patch without
 *  hunks has one row. `applied` may be NULL: an empty table. */
struct table *hunk_table(struct arena *a, const struct am_applied *applied);

#endif
