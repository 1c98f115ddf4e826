/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notes shared through a folder that is a git repository. What others changed comes in as
 * one operation of the store, is marked as coming from elsewhere, and runs nothing before
 * it is trusted.
 */
#include <time.h>

#include "app/config.h"
#include "app/trust.h"
#include "base/file.h"
#include "commands.h"
#include "note/links.h"
#include "repo/sync.h"
#include "repo/text_merge.h"
#include "store/note_store.h"

enum { ROUNDS = 5 };

struct syncing {
	struct ctx *ctx;
	struct store *store;
	struct sync *sync;
	const char *dir;
	const char *fact;
	struct imports imports;
	struct doc *report;
	size_t taken, deleted, conflicts;
};

static bool store_files(struct syncing *s, struct sync_files *ret, struct err *err)
{
	struct note_filter filter = { .limit = SIZE_MAX >> 2 };
	struct note_list list = { 0 };
	struct arena *a = s->ctx->arena;

	if (!note_list(s->store, a, &filter, &list, err))
		return false;
	for (size_t i = 0; i < list.n; i++) {
		struct note note;

		if (list.v[i].origin == NOTE_BUILTIN)
			continue;
		if (!note_get(s->store, a, list.v[i].slug, &note, err))
			return false;
		*ARENA_PUSH(a, ret) = (struct sync_file){
			arena_strf(a, STR_FMT ".md", STR_ARG(note.slug)), note.bytes
		};
	}
	return true;
}

static struct str slug_of(const struct sync_file *f)
{
	return str_n(f->name.p, f->name.n - 3);
}

/* Each changed note gets its line in the list of imports before it is in the store. */
static bool mark(struct syncing *s, const struct sync_files *changed, struct err *err)
{
	size_t marked = 0;

	for (size_t i = 0; i < changed->n; i++) {
		struct import *entry;

		if (!changed->v[i].bytes.p || !note_slug_ok(slug_of(&changed->v[i])))
			continue;
		entry = imports_add(&s->imports, slug_of(&changed->v[i]));
		entry->format = STR("sync");
		entry->path = arena_strf(s->ctx->arena, "%s/" STR_FMT, s->dir,
					 STR_ARG(changed->v[i].name));
		entry->original = str_hash(changed->v[i].bytes);
		entry->trusted = false;
		marked++;
	}
	return !marked || imports_save(s->ctx, &s->imports, err);
}

static bool take_one(struct syncing *s, const struct sync_file *f, struct err *err)
{
	struct str slug = slug_of(f);

	if (!note_slug_ok(slug)) {
		ctx_warn(s->ctx, "passed over: " STR_FMT " is no name for a note",
			 STR_ARG(f->name));
		return true;
	}
	if (!f->bytes.p) {
		s->deleted++;
		return note_delete(s->store, slug, err);
	}
	s->taken++;
	return note_save(s->store, slug, f->bytes, err);
}

/* Which of its merges a folder's notes were last taken from. */
static const char *fact_name(struct ctx *ctx, const char *dir)
{
	char *full = realpath(dir, NULL);
	const char *name = arena_printf(ctx->arena, "sync %s", full ? full : dir);

	free(full);
	return name;
}

static bool take(struct syncing *s, const struct sync_files *changed, struct err *err)
{
	uint64_t now = sync_mark(s->sync);

	if (!changed->n)
		return store_fact(s->store, s->fact) == now ||
		       store_set_fact(s->store, s->fact, now, err);
	if (!mark(s, changed, err) || !store_begin(s->store, "sync", err))
		return false;
	for (size_t i = 0; i < changed->n; i++) {
		if (!take_one(s, &changed->v[i], err)) {
			store_rollback(s->store);
			return false;
		}
	}
	if (!store_set_fact(s->store, s->fact, now, err)) {
		store_rollback(s->store);
		return false;
	}
	return store_commit(s->store, err);
}

/* Both texts and what differs: the loser is a note of its own, so nothing is lost. */
static bool report_conflicts(struct syncing *s, const struct sync_conflicts *list,
			     struct err *err)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct sync_conflict *c = &list->v[i];
		struct str diff;

		s->conflicts++;
		doc_textf(
			s->report, STYLE_WARN, STR_FMT ": %s", STR_ARG(c->name),
			c->beside.n
				? "changed here and there; yours stays"
				: "deleted on one side, changed on the other; it stays");
		if (!c->beside.n)
			continue;
		doc_textf(s->report, STYLE_TEXT, "theirs is kept as " STR_FMT,
			  STR_ARG(c->beside));
		if (!text_diff(s->ctx->arena, c->ours, c->theirs,
			       arena_cstr(s->ctx->arena, c->name), &diff, err))
			return false;
		doc_diff(s->report, diff);
	}
	return true;
}

static bool round_trip(struct syncing *s, bool *ret_again, struct err *err)
{
	struct sync_files mine = { 0 }, changed = { 0 };
	struct sync_conflicts conflicts = { 0 };

	sync_took(s->sync, store_fact(s->store, s->fact));
	return sync_fetch(s->sync, err) && store_files(s, &mine, err) &&
	       sync_merge(s->sync, s->ctx->arena, &mine, &changed, &conflicts, err) &&
	       take(s, &changed, err) && report_conflicts(s, &conflicts, err) &&
	       sync_accept(s->sync, err) && sync_push(s->sync, ret_again, err);
}

static bool find_folder(struct ctx *ctx, const struct args *args, const char **ret,
			struct err *err)
{
	struct str dir =
		args_text(args, "dir", config_get(ctx_config(ctx), "sync.dir", STR("")));

	if (dir.n) {
		*ret = arena_cstr(ctx->arena, dir);
		return true;
	}
	return file_xdg(ctx->arena, "XDG_DATA_HOME", ".local/share", "shared", ret, err);
}

static bool run_sync(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	struct str remote = args_text(
		args, "remote", config_get(ctx_config(ctx), "sync.remote", STR("")));
	struct syncing s = { .ctx = ctx, .report = doc_new(ctx->arena) };
	AUTO(sync) sync = NULL;
	bool again = true;

	s.store = ctx_store(ctx, err);
	if (!s.store || !imports_load(ctx, ctx->arena, &s.imports, err) ||
	    !find_folder(ctx, args, &s.dir, err) || !file_mkdirs(s.dir, err) ||
	    !sync_open(s.dir, remote.n ? arena_cstr(ctx->arena, remote) : NULL,
		       time(NULL), &sync, err))
		return false;
	s.sync = sync;
	s.fact = fact_name(ctx, s.dir);
	for (int i = 0; again && i < ROUNDS; i++)
		if (!round_trip(&s, &again, err))
			return false;
	if (again)
		return err_set(err, ERR_BUSY,
			       "sending the shared notes: others are faster");
	doc_textf(s.report, STYLE_TEXT, "%zu taken over, %zu deleted, %zu conflicts%s",
		  s.taken, s.deleted, s.conflicts,
		  sync_has_remote(sync) ? "" : "; no remote yet: --remote URL");
	*result = (struct result){ .kind = RESULT_DOC,
				   .doc = s.report,
				   .exit_code = s.conflicts ? 1 : 0 };
	return true;
}

const struct command commands_sync[] = {
	{ "sync", "share your notes through a git repository",
	  "Keeps a folder of your notes as a git repository: takes in what was edited there "
	  "and what the remote has, merges note by note, sends the result. Where both sides "
	  "changed the same lines yours stays, theirs is kept beside as a note of its own, "
	  "and the exit code is 1. Settings: sync.dir, sync.remote.",
	  (const struct param[]){ { "dir", 0, 0, &argtype_path, "DIR", "the folder" },
				  { "remote", 0, PARAM_OPTION, &argtype_text, "URL",
				    "where to fetch from and send to, from now on" },
				  { 0 } },
	  COMMAND_CHANGES, run_sync, NULL },
	{ 0 },
};
