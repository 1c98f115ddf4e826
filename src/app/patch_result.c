/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of hunks, as a table: see patch_result.h.
 */
#include "patch_result.h"

static const struct column hunk_columns[] = {
	{ "path", "Path", CELL_TEXT, COLUMN_FLEX, 0, 0, "the file" },
	{ "status", "Status", CELL_TEXT, 0, 0, 0,
	  "exact, offset, aligned, merged, already, rejected" },
	{ "line", "Line", CELL_INT, 0, 0, 0, "first line of the hunk in the result" },
	{ "offset", "Offset", CELL_INT, 0, 0, 0, "lines from where the patch said" },
	{ "cause", "Cause", CELL_TEXT, 0, 0, 0, "why the plain search failed" },
	{ "engine", "Engine", CELL_TEXT, 0, 0, 0, "what found the place" },
	{ "why", "Why", CELL_TEXT, COLUMN_HIDDEN, 0, 0, "the cause in a sentence" },
};

static void add_row(struct table *t, struct str path, const struct placement *p)
{
	struct row *row = table_add(t);

	row_set(t, row, "path", cell_text(arena_str(t->arena, path)));
	row_set(t, row, "status", cell_text(str_of(place_status_name(p->status))));
	if (p->line)
		row_set(t, row, "line", cell_int((int64_t)p->line));
	if (p->status != PLACE_REJECTED)
		row_set(t, row, "offset", cell_int(p->offset));
	if (p->cause != CAUSE_NONE)
		row_set(t, row, "cause", cell_text(str_of(place_cause_name(p->cause))));
	if (p->engine != ENGINE_NONE)
		row_set(t, row, "engine",
			cell_text(str_of(place_engine_name(p->engine))));
	if (p->why.n)
		row_set(t, row, "why", cell_text(arena_str(t->arena, p->why)));
	row->mark = p->status == PLACE_REJECTED ? MARK_BAD : MARK_NONE;
}

/* A hunk as it stands in a file that was found under another name: that is what placed
 * it, and why the plain search failed. */
static struct placement in_renamed(const struct placement *hunk,
				   const struct placement *file)
{
	struct placement p = *hunk;

	if (p.status == PLACE_REJECTED || p.cause != CAUSE_NONE)
		return p;
	p.engine = file->engine;
	p.cause = file->cause;
	p.why = file->why;
	return p;
}

struct table *hunk_table(struct arena *a, const struct am_applied *applied)
{
	struct table *t = table_new(a, hunk_columns, ARRAY_SIZE(hunk_columns));

	t->empty = "no hunks";
	for (size_t i = 0; applied && i < applied->n; i++) {
		const struct place_result *r = &applied->v[i].result;
		struct str path =
			r->path.n ? r->path : filepatch_path(applied->v[i].patch);

		for (size_t k = 0; k < r->n_hunks; k++) {
			struct placement p = r->hunks[k];

			if (r->found_path.n)
				p = in_renamed(&p, &r->file);
			add_row(t, path, &p);
		}
		if (!r->n_hunks)
			add_row(t, path, &r->file);
	}
	return t;
}
