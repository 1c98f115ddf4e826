/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plain folder as a tree: see repo/folder.h.
 */
#include "repo/folder.h"
#include "priv.h"
#include "repo/renames.h"

enum { DIR_MODE = 0040000, LINK_MODE = 0120000, SUB_MODE = 0160000 };

static unsigned mode_of(const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return DIR_MODE;
	if (S_ISLNK(st->st_mode))
		return LINK_MODE;
	return st->st_mode & 0100 ? 0100755 : 0100644;
}

static unsigned folder_mode(void *ctx, struct str path)
{
	struct folder_tree *f = ctx;
	struct stat st;
	bool there;

	if (!files_stat(f->files, path, &st, &there, NULL) || !there)
		return 0;
	if (f->work && S_ISDIR(st.st_mode) &&
	    repo_work_entry(f->work, path).mode == SUB_MODE)
		return SUB_MODE;
	return mode_of(&st);
}

static bool folder_read(void *ctx, struct str path, struct arena *a,
			struct tree_file *ret, struct err *err)
{
	struct folder_tree *f = ctx;
	struct stat st;
	bool there;

	if (f->work)
		return repo_work_read(f->work, path, a, ret, err);
	if (!files_stat(f->files, path, &st, &there, err))
		return false;
	if (!there || S_ISDIR(st.st_mode))
		return err_set(err, ERR_NOTFOUND, "reading " STR_FMT ": no such file",
			       STR_ARG(path));
	ret->mode = mode_of(&st);
	return files_read(f->files, path, a, &ret->bytes, err);
}

static bool folder_blob(void *ctx, struct str oid, struct arena *a, struct str *ret,
			struct err *err)
{
	struct folder_tree *f = ctx;
	struct repo_id id;

	if (!f->repo)
		return err_set(err, ERR_NOTFOUND, "looking up a blob: no repository");
	return repo_blob_find(f->repo, oid, &id, err) &&
	       repo_blob_read(f->repo, &id, a, ret, err);
}

static bool folder_renamed(void *ctx, struct str path, struct arena *a, struct str *ret)
{
	struct folder_tree *f = ctx;

	return f->repo && repo_renames_find(f->repo, path, a, ret);
}

static void folder_expect(void *ctx, const struct str *paths, size_t n)
{
	struct folder_tree *f = ctx;

	if (f->repo)
		repo_renames_expect(f->repo, paths, n);
}

static bool folder_write(void *ctx, struct str path, struct str bytes, unsigned mode,
			 struct err *err)
{
	struct folder_tree *f = ctx;

	if (f->work)
		return repo_work_write(f->work, path, bytes, mode, err);
	return files_write(f->files, path, bytes, mode, err);
}

static bool folder_remove(void *ctx, struct str path, struct err *err)
{
	struct folder_tree *f = ctx;

	return files_remove(f->files, path, err);
}

static void folder_each(void *ctx,
			bool (*visit)(void *arg, struct str path, unsigned mode),
			void *arg)
{
	struct folder_tree *f = ctx;

	if (f->work)
		repo_work_each(f->work, visit, arg);
	else if (f->walk)
		f->walk(f->walk_arg, visit, arg);
}

struct tree folder_tree_door(struct folder_tree *f)
{
	static const struct tree_ops ops = {
		.read = folder_read,
		.mode = folder_mode,
		.blob = folder_blob,
		.write = folder_write,
		.remove = folder_remove,
		.renamed = folder_renamed,
		.expect = folder_expect,
		.each = folder_each,
	};

	return (struct tree){ &ops, f };
}
