/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notes of other programs in. A file gets one note; the list of imports remembers which,
 * and what the file was then. A second import updates what changed, merges it where the
 * note was edited meanwhile, and leaves everything else alone. All of it is one
 * operation of the store: stopped or killed, nothing of it is there.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/trust.h"
#include "base/file.h"
#include "base/utf8.h"
#include "commands.h"
#include "note/format.h"
#include "repo/text_merge.h"
#include "store/note_store.h"

enum {
	DEPTH_MAX = 32,
	FILES_MAX = 200000,
	SLUG_TRIES = 1000,
	REPORT_EVERY = 500,
	NAMED_MAX = 20, /* of the files that were passed over */
};

struct importing {
	struct ctx *ctx;
	struct store *store;
	struct imports *list;
	struct arena *a; /* for one file */
	bool any;        /* format: find out */
	enum note_format format;
	size_t top; /* length of the folder's path, for the relative one */
	size_t files, made, updated, same, merged, conflicts, skipped;
	struct str_list notes; /* what to tell */
};

static void tell(struct importing *im, const char *what, const char *path,
		 const char *why)
{
	if (im->notes.n < NAMED_MAX)
		*ARENA_PUSH(im->ctx->arena, &im->notes) = arena_strf(
			im->ctx->arena, "%s: %s%s%s", what, path, *why ? ": " : "", why);
}

/* ---- one file ---------------------------------------------------------------- */

/* The name for a file: the one it had, or the first that is free. */
static bool find_slug(struct importing *im, struct str wanted, const char *path,
		      struct import **ret_entry, struct str *ret_slug)
{
	struct str slug = wanted;

	for (unsigned i = 2; i < SLUG_TRIES; i++) {
		struct import *entry = imports_find(im->list, slug);

		if (entry ? str_eq(entry->path, str_of(path))
			  : !note_exists(im->store, slug)) {
			*ret_entry = entry;
			*ret_slug = slug;
			return true;
		}
		slug = arena_strf(im->a, STR_FMT ".%u", STR_ARG(wanted), i);
	}
	return false;
}

/* The text that the file had when it was imported, from the note's history. */
static bool find_base(struct importing *im, const struct import *entry, struct str *ret)
{
	struct revision_list list = { 0 };
	struct str bytes, original;

	if (!note_history(im->store, im->a, entry->slug, &list, NULL))
		return false;
	for (size_t i = 0; i < list.n; i++) {
		if (!list.v[i].bytes ||
		    !note_revision(im->store, im->a, list.v[i].id, &bytes, NULL))
			continue;
		(void)note_format_of(im->a, bytes, &original);
		if (str_hash(original) == entry->original) {
			*ret = original;
			return true;
		}
	}
	return false;
}

static bool save_beside(struct importing *im, struct str slug, struct str bytes,
			const char *path, struct err *err)
{
	struct str name = arena_strf(im->a, STR_FMT ".new", STR_ARG(slug));
	struct import *entry = imports_add(im->list, name);

	entry->format = STR("markdown");
	entry->path = arena_str(im->ctx->arena, str_of(path));
	im->conflicts++;
	tell(im, "edited here and there", path, arena_cstr(im->a, name));
	return note_save(im->store, name, bytes, err);
}

/* The file changed and the note was edited: merge what can be, keep the edits anyway. */
static bool update_edited(struct importing *im, struct import *entry,
			  struct str mine_note, const struct foreign *new,
			  const char *path, struct err *err)
{
	struct text_versions v = { 0 };
	struct str merged = STR_NONE;

	(void)note_format_of(im->a, mine_note, &v.ours);
	(void)note_format_of(im->a, new->bytes, &v.theirs);
	if (find_base(im, entry, &v.base) && !text_merge(im->a, &v, &merged, err))
		return false;
	if (!merged.p)
		return save_beside(im, entry->slug, new->bytes, path, err);
	im->merged++;
	return note_save(im->store, entry->slug,
			 note_format_replace(im->a, mine_note, merged), err);
}

static bool update(struct importing *im, struct import *entry, const struct foreign *new,
		   uint64_t hash, const char *path, struct err *err)
{
	struct note note;
	struct str original;
	bool edited;

	if (hash == entry->original) {
		/* also when the note was edited or deleted since: that stays */
		im->same++;
		return true;
	}
	if (!note_get(im->store, im->a, entry->slug, &note, NULL)) {
		im->made++;
		entry->trusted = false;
		return note_save(im->store, entry->slug, new->bytes, err);
	}
	(void)note_format_of(im->a, note.bytes, &original);
	edited = str_hash(original) != entry->original;
	/* what is trusted is the text that was read */
	entry->trusted = false;
	if (edited)
		return update_edited(im, entry, note.bytes, new, path, err);
	im->updated++;
	return note_save(im->store, entry->slug, new->bytes, err);
}

static bool import_bytes(struct importing *im, const char *path, struct str bytes,
			 struct err *err)
{
	struct str relative = str_from(str_of(path), im->top), slug, original;
	enum note_format format = im->format;
	struct import *entry;
	struct foreign new;
	struct err why = { 0 };
	uint64_t hash;

	if (im->any && !format_detect(relative, bytes, &format)) {
		im->skipped++;
		return true;
	}
	if (!format_import(im->a, format, relative, bytes, &new, &why)) {
		im->skipped++;
		tell(im, "passed over", path, why.msg);
		return true;
	}
	if (!find_slug(im, new.slug, path, &entry, &slug))
		return err_set(err, ERR_LIMIT, "importing %s: no free name", path);
	(void)note_format_of(im->a, new.bytes, &original);
	hash = str_hash(original);
	im->files++;
	if (entry) {
		if (!update(im, entry, &new, hash, path, err))
			return err_wrap(err, "importing %s", path);
		entry->original = hash;
		return true;
	}
	entry = imports_add(im->list, slug);
	entry->format = str_of(format_name(format));
	entry->path = arena_str(im->ctx->arena, str_of(path));
	entry->original = hash;
	im->made++;
	return note_save(im->store, slug, new.bytes, err);
}

/* ---- walking ----------------------------------------------------------------- */

static bool import_file(struct importing *im, int dir, const char *name, const char *path,
			struct err *err)
{
	STRBUF_AUTO(b, FORMAT_FILE_MAX);
	struct err why = { 0 };
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct arena_mark mark = arena_mark(im->a);
	bool ok;

	if (fd < 0) {
		im->skipped++;
		tell(im, "passed over", path, strerror(errno));
		return true;
	}
	ok = file_read_fd(fd, &b, path, &why);
	close(fd);
	if (!ok) {
		im->skipped++;
		tell(im, "passed over", path, why.msg);
		return true;
	}
	ok = import_bytes(im, path, strbuf_str(&b), err);
	arena_rewind(im->a, mark);
	if ((im->files + im->skipped) % REPORT_EVERY == 0)
		ctx_say(im->ctx, "%zu files", im->files + im->skipped);
	return ok;
}

static bool import_folder(struct importing *im, int fd, const char *path, unsigned depth,
			  struct err *err);

static bool import_entry(struct importing *im, int dir, const char *name,
			 const char *path, unsigned depth, struct err *err)
{
	struct stat st;
	int fd;

	if (ctx_cancelled(im->ctx))
		return err_set(err, ERR_CANCELLED,
			       "importing: stopped, nothing was changed");
	if (im->files >= FILES_MAX)
		return err_set(err, ERR_LIMIT, "importing: more than %d files",
			       FILES_MAX);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return true;
	if (S_ISREG(st.st_mode))
		return import_file(im, dir, name, path, err);
	if (S_ISLNK(st.st_mode)) {
		im->skipped++;
		tell(im, "passed over", path, "a symbolic link");
	}
	if (!S_ISDIR(st.st_mode) || depth >= DEPTH_MAX)
		return true;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 || import_folder(im, fd, path, depth + 1, err);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* In the order of names, so that the same folder gives the same notes. */
static bool import_folder(struct importing *im, int fd, const char *path, unsigned depth,
			  struct err *err)
{
	struct dirent **names = NULL;
	int n = scandirat(fd, ".", &names, NULL, by_name);
	bool ok = true;

	for (int i = 0; i < n; i++) {
		/* "..md" is tldr's page of the command "." */
		if (ok &&
		    (names[i]->d_name[0] != '.' || !strcmp(names[i]->d_name, "..md"))) {
			char *inner = arena_printf(im->ctx->arena, "%s/%s", path,
						   names[i]->d_name);

			ok = import_entry(im, fd, names[i]->d_name, inner, depth, err);
		}
		free(names[i]);
	}
	free(names);
	close(fd);
	return ok;
}

static bool import_path(struct importing *im, const char *path, struct err *err)
{
	char *full = realpath(path, NULL);
	struct stat st;
	const char *kept;
	int fd;

	if (!full)
		return err_sys(err, errno, "importing %s", path);
	kept = arena_cstr(im->ctx->arena, str_of(full));
	free(full);
	fd = open(kept, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, errno, "importing %s", path);
	if (S_ISDIR(st.st_mode)) {
		im->top = strlen(kept) + 1;
		return import_folder(im, fd, kept, 0, err);
	}
	close(fd);
	im->top = (size_t)str_rchr(str_of(kept), '/') + 1;
	return import_file(im, AT_FDCWD, kept, kept, err);
}

/* ---- the command ------------------------------------------------------------- */

static bool import_all(struct importing *im, const struct args *args, struct err *err)
{
	const struct value *v;

	if (!store_begin(im->store, "import", err))
		return false;
	for (size_t i = 0; (v = args_nth(args, "path", i)); i++) {
		if (!import_path(im, arena_cstr(im->ctx->arena, v->text), err)) {
			store_rollback(im->store);
			return false;
		}
	}
	/* the list first: a foreign note must never look like an own one */
	if (!imports_save(im->ctx, im->list, err)) {
		store_rollback(im->store);
		return false;
	}
	return store_commit(im->store, err);
}

static void report(const struct importing *im, struct result *result)
{
	struct record *r = record_new(im->ctx->arena);

	record_set(r, "files", "files", cell_int((int64_t)im->files));
	record_set(r, "new", "new", cell_int((int64_t)im->made));
	record_set(r, "updated", "updated", cell_int((int64_t)im->updated));
	record_set(r, "merged", "merged with your edits", cell_int((int64_t)im->merged));
	record_set(r, "conflicts", "kept yours, the new text beside",
		   cell_int((int64_t)im->conflicts));
	record_set(r, "unchanged", "unchanged", cell_int((int64_t)im->same));
	record_set(r, "skipped", "passed over", cell_int((int64_t)im->skipped));
	for (size_t i = 0; i < im->notes.n; i++)
		ctx_warn(im->ctx, STR_FMT, STR_ARG(im->notes.v[i]));
	result->kind = RESULT_RECORD;
	result->record = r;
	result->said = arena_strf(im->ctx->arena, "%zu new, %zu updated, %zu unchanged",
				  im->made, im->updated, im->same);
}

static bool run_import(struct ctx *ctx, const struct args *args, struct result *result,
		       struct err *err)
{
	struct str format = args_text(args, "format", STR("auto"));
	struct imports list;
	struct importing im = { .ctx = ctx, .list = &list, .a = arena_new() };
	bool ok;

	im.any = str_eq(format, STR("auto"));
	if (!im.any && !format_find(format, &im.format))
		return err_set(err, ERR_USAGE, "unknown format " STR_FMT,
			       STR_ARG(format));
	im.store = ctx_store(ctx, err);
	ok = im.store && imports_load(ctx, ctx->arena, &list, err) &&
	     import_all(&im, args, err);
	if (ok)
		report(&im, result);
	arena_free(im.a);
	return ok;
}

static const char *const formats[] = { "auto",  "markdown", "tldr", "navi",
				       "cheat", "pet",      "org",  NULL };

const struct command commands_import[] = {
	{ "import", "bring in notes of other programs, or bring them up to date",
	  "Takes files and folders of Markdown (zk, nb, Obsidian), tldr pages, navi cheats, "
	  "cheat sheets, pet snippets and Org. The original text is kept; a second import "
	  "updates what changed and keeps your edits. Nothing of an imported note runs "
	  "before kcrib trust.",
	  (const struct param[]){ { "path", 0, PARAM_REQUIRED | PARAM_MANY, &argtype_path,
				    "PATH", "files and folders" },
				  { "format", 0, PARAM_OPTION, &argtype_text, "FORMAT",
				    "auto finds out by itself", formats },
				  { 0 } },
	  COMMAND_CHANGES, run_import, NULL },
	{ 0 },
};
