/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of imports: see app/trust.h. The file:
 *
 *     folder<TAB>/home/me/team-notes
 *     note<TAB>tar<TAB>tldr<TAB>9f0c...<TAB>0<TAB>/src/tldr/pages/common/tar.md
 */
#include "app/trust.h"
#include "base/file.h"
#include "note/format.h"
#include "store/note_store.h"

enum { LIST_MAX = 256 << 20 };

static const char *list_path(struct ctx *ctx, struct arena *a, struct err *err)
{
	struct store *s = ctx_store(ctx, err);

	return s ? arena_printf(a, "%s.imports", store_path(s)) : NULL;
}

static size_t slot_of(const struct imports *list, struct str slug)
{
	size_t at = str_hash(slug) & (list->nslots - 1);

	while (list->slots[at] && !str_eq(list->slots[at]->slug, slug))
		at = (at + 1) & (list->nslots - 1);
	return at;
}

static void grow_table(struct imports *list)
{
	if (list->nslots && (list->n + 1) * 2 < list->nslots)
		return;
	list->nslots = list->nslots ? list->nslots * 2 : 256;
	list->slots = arena_array(list->arena, struct import *, list->nslots);
	for (size_t i = 0; i < list->n; i++)
		list->slots[slot_of(list, list->v[i]->slug)] = list->v[i];
}

struct import *imports_find(const struct imports *list, struct str slug)
{
	return list->nslots ? list->slots[slot_of(list, slug)] : NULL;
}

struct import *imports_add(struct imports *list, struct str slug)
{
	struct import *entry = imports_find(list, slug);

	if (entry)
		return entry;
	grow_table(list);
	entry = arena_new_of(list->arena, struct import);
	entry->slug = arena_str(list->arena, slug);
	*ARENA_PUSH(list->arena, list) = entry;
	list->slots[slot_of(list, slug)] = entry;
	return entry;
}

static bool parse_line(struct imports *list, struct str line)
{
	struct str kind, slug, format, hash, trusted;
	struct import *entry;

	if (!str_cut(&line, '\t', &kind))
		return true;
	if (str_eq(kind, STR("folder"))) {
		*ARENA_PUSH(list->arena, &list->folders) = line;
		return true;
	}
	if (!str_eq(kind, STR("note")) || !str_cut(&line, '\t', &slug) ||
	    !str_cut(&line, '\t', &format) || !str_cut(&line, '\t', &hash) ||
	    !str_cut(&line, '\t', &trusted))
		return false;
	entry = imports_add(list, slug);
	entry->format = format;
	entry->path = line;
	entry->trusted = str_eq(trusted, STR("1"));
	return str_eat_u64(&hash, 16, &entry->original);
}

bool imports_load(struct ctx *ctx, struct arena *a, struct imports *ret, struct err *err)
{
	const char *path = list_path(ctx, a, err);
	STRBUF_AUTO(b, LIST_MAX);
	struct imports list = { .arena = a };
	size_t number = 0;

	if (!path)
		return false;
	if (file_exists(path) && !file_read(path, &b, err))
		return false;
	STR_EACH_LINE (line, arena_str(a, strbuf_str(&b))) {
		number++;
		if (!parse_line(&list, line))
			return err_set(err, ERR_PARSE, "reading %s: line %zu", path,
				       number);
	}
	*ret = list;
	return true;
}

bool imports_save(struct ctx *ctx, const struct imports *list, struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *path = list_path(ctx, a, err);
	STRBUF_AUTO(b, LIST_MAX);

	if (!path)
		return false;
	for (size_t i = 0; i < list->folders.n; i++)
		strbuf_addf(&b, "folder\t" STR_FMT "\n", STR_ARG(list->folders.v[i]));
	for (size_t i = 0; i < list->n; i++) {
		const struct import *e = list->v[i];

		strbuf_addf(
			&b, "note\t" STR_FMT "\t" STR_FMT "\t%016llx\t%d\t" STR_FMT "\n",
			STR_ARG(e->slug), STR_ARG(e->format),
			(unsigned long long)e->original, e->trusted, STR_ARG(e->path));
	}
	return strbuf_ok(&b, "the list of imports", err) &&
	       file_write_atomic(path, strbuf_str(&b), 0600, err);
}

bool imports_trusts(const struct imports *list, const struct import *entry)
{
	if (entry->trusted)
		return true;
	for (size_t i = 0; i < list->folders.n; i++) {
		struct str rest = entry->path;

		if (str_skip(&rest, list->folders.v[i]) && (!rest.n || rest.p[0] == '/'))
			return true;
	}
	return false;
}

/* A note that was renamed after its import still says so, by its front matter or by its
 * bytes. */
static bool came_renamed(struct ctx *ctx, struct arena *a, const struct imports *list,
			 struct str slug)
{
	struct store *store = ctx_store(ctx, NULL);
	struct str original;
	struct note note;
	uint64_t hash;

	if (!store || !note_get(store, a, slug, &note, NULL) ||
	    note.origin == NOTE_BUILTIN)
		return false;
	if (note_format_file(a, note.bytes).n)
		return true;
	(void)note_format_of(a, note.bytes, &original);
	hash = str_hash(original);
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i]->original == hash && !imports_trusts(list, list->v[i]))
			return true;
	return false;
}

bool note_is_trusted(struct ctx *ctx, struct str slug)
{
	AUTO(arena) a = arena_new();
	struct imports list;
	struct import *entry;
	struct err err;

	if (!imports_load(ctx, a, &list, &err))
		return false;
	entry = imports_find(&list, slug);
	return entry ? imports_trusts(&list, entry) : !came_renamed(ctx, a, &list, slug);
}

bool note_must_be_trusted(struct ctx *ctx, struct str slug, struct err *err)
{
	if (note_is_trusted(ctx, slug))
		return true;
	err_set(err, ERR_DENIED,
		"running a command of " STR_FMT ": the note was imported", STR_ARG(slug));
	return err_hint(err, "read it, then: kcrib trust " STR_FMT, STR_ARG(slug));
}
