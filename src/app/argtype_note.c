/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments that are notes or tags of them.
 */
#include "app/command.h"
#include "store/note_store.h"

enum { OFFERED = 200 };

static void offer(struct arena *a, struct completions *ret, struct str text,
		  struct str note)
{
	*ARENA_PUSH(a, ret) = (struct completion){ text, note };
}

static void complete_note(struct ctx *ctx, struct arena *a, struct str prefix,
			  struct completions *ret)
{
	struct note_filter filter = { .prefix = prefix, .limit = OFFERED };
	struct note_list list;
	struct store *s = ctx_store(ctx, NULL);

	if (!s || !note_list(s, a, &filter, &list, NULL))
		return;
	for (size_t i = 0; i < list.n; i++)
		offer(a, ret, list.v[i].slug, list.v[i].title);
}

static void complete_tag(struct ctx *ctx, struct arena *a, struct str prefix,
			 struct completions *ret)
{
	struct store *s = ctx_store(ctx, NULL);
	struct tag_list list;

	if (!s || !note_tags(s, a, &list, NULL))
		return;
	for (size_t i = 0; i < list.n; i++)
		if (str_starts(list.v[i].name, prefix))
			offer(a, ret, list.v[i].name,
			      arena_strf(a, "%zu notes", list.v[i].notes));
}

const struct argtype argtype_note = { "note", NULL, complete_note };
const struct argtype argtype_tag = { "tag", NULL, complete_tag };
