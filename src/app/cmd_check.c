/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The probes of notes, answered by this machine.
 */
#include "app/machine.h"
#include "app/trust.h"
#include "commands.h"
#include "note/format.h"
#include "note/frontmatter.h"
#include "store/note_store.h"

struct checking {
	struct ctx *ctx;
	struct table *t;
	struct imports imports;
	const struct probe_door *door, *wary; /* for trusted notes, and for others */
	bool any_false;
};

static void check_one(struct checking *c, const struct note *note,
		      const struct fm_pair *pair, bool trusted)
{
	static const enum row_mark marks[] = { MARK_GOOD, MARK_BAD, MARK_WARN };
	struct arena *a = c->ctx->arena;
	struct row *row = table_add(c->t);
	struct probe_result r = { .state = PROBE_UNKNOWN,
				  .why = STR(""),
				  .source = STR("") };
	struct probe p;
	struct err err;

	if (probe_parse(a, pair->value, &p, &err))
		probe_run(a, &p, trusted ? c->door : c->wary, &r);
	else
		r.why = arena_strf(a, "%s", err.msg);
	row->mark = marks[r.state];
	row->ref = (struct ref){ REF_NOTE, note->slug };
	row_set(c->t, row, "slug", cell_text(note->slug));
	row_set(c->t, row, "probe", cell_text(pair->name));
	row_set(c->t, row, "state", cell_text(str_of(probe_state_name(r.state))));
	row_set(c->t, row, "reason", cell_text(r.why));
	row_set(c->t, row, "source", cell_text(r.source));
	row_set(c->t, row, "claim", cell_text(pair->value));
	c->any_false |= r.state == PROBE_FALSE;
}

static void check_note(struct checking *c, const struct note *note)
{
	struct frontmatter *fm = arena_new_of(c->ctx->arena, struct frontmatter);
	const struct import *entry = imports_find(&c->imports, note->slug);
	bool trusted = !entry || imports_trusts(&c->imports, entry);

	if (!frontmatter_parse(c->ctx->arena, note_native(c->ctx->arena, note->bytes), fm,
			       NULL))
		return;
	for (size_t i = 0; i < fm->probes.n; i++)
		check_one(c, note, &fm->probes.v[i], trusted);
}

static bool check_all(struct checking *c, struct store *store, struct err *err)
{
	struct note_list list = { 0 };
	struct note_filter filter = { .limit = SIZE_MAX >> 2 };

	if (!note_list(store, c->ctx->arena, &filter, &list, err))
		return false;
	for (size_t i = 0; i < list.n; i++) {
		struct note note;

		if (ctx_cancelled(c->ctx))
			return err_set(err, ERR_CANCELLED, "checking: stopped");
		if (note_get(store, c->ctx->arena, list.v[i].slug, &note, NULL) &&
		    str_find(note.bytes, STR("probes:")) >= 0)
			check_note(c, &note);
	}
	return true;
}

static bool run_check(struct ctx *ctx, const struct args *args, struct result *result,
		      struct err *err)
{
	static const struct column columns[] = {
		{ "slug", "note", CELL_TEXT, 0, 0, 0, "the note" },
		{ "probe", "probe", CELL_TEXT, 0, 0, 0, "its name in the front matter" },
		{ "state", "here", CELL_TEXT, 0, 0, 0,
		  "true here, not here, or cannot tell" },
		{ "reason", "because", CELL_TEXT, COLUMN_FLEX, 0, 0, "what was found" },
		{ "source", "looked at", CELL_TEXT, 0, 0, 0, "where it was found" },
		{ "claim", "claim", CELL_TEXT, COLUMN_NOTABLE, 0, 0,
		  "the probe as it is written" },
	};
	struct store *store = ctx_store(ctx, err);
	const struct value *slug = args_get(args, "note");
	struct checking c = { .ctx = ctx };
	struct note note;

	if (!store || !imports_load(ctx, ctx->arena, &c.imports, err))
		return false;
	c.door = machine_door(ctx, ctx->arena, true);
	c.wary = machine_door(ctx, ctx->arena, false);
	if (!c.door || !c.wary)
		return ctx_root(ctx, err) != NULL;
	c.t = table_new(ctx->arena, columns, ARRAY_SIZE(columns));
	c.t->empty =
		"No probes: a note names them under \"probes:\" in its front matter.";
	if (slug) {
		if (!note_find(store, ctx->arena, slug->text, &note, err))
			return false;
		check_note(&c, &note);
	} else if (!check_all(&c, store, err)) {
		return false;
	}
	*result = (struct result){ .kind = RESULT_TABLE,
				   .table = c.t,
				   .exit_code = c.any_false };
	return true;
}

const struct command commands_check[] = {
	{ "check", "ask this machine whether what notes claim is true here",
	  "One row a probe: true here, not here, or cannot tell, with the reason. The exit "
	  "code is 1 when one is not true here.",
	  (const struct param[]){
		  { "note", 0, 0, &argtype_text, "SLUG", "only this note" }, { 0 } },
	  0, run_check, NULL },
	{ 0 },
};
