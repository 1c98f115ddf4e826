/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples of huge pages as tables and records: the words and columns of the Pages panel
 * and of --json. Only the table of knobs
 * reads files, for the values.
 */
#ifndef APP_PAGES_H
#define APP_PAGES_H

#include "model/table.h"
#include "sys/hugepage.h"
#include "sys/hugeproc.h"
#include "sys/knob.h"
#include "sys/smaps.h"

struct pages_view {
	const struct hugepage_sample *now;
	const struct hugepage_sample *older;   /* NULL: figures since boot, no rates */
	const struct hugeproc_rows *processes; /* NULL: not asked for */
};

/** The whole panel. */
struct record *pages_record(struct arena *a, const struct pages_view *view);
/** One process by mapping. */
struct record *pages_map_record(struct arena *a, int64_t pid, const struct smaps *maps,
				struct str enabled, uint64_t pmd_size);
/** What can be set, and what it is set to now. */
struct table *pages_knobs_table(struct arena *a, const struct root *root,
				const struct knobs *knobs);
struct record *pages_preview_record(struct arena *a, const struct knob_preview *p);
struct record *pages_change_record(struct arena *a, const struct knob_change *c);

#endif
