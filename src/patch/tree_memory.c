/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tree in memory, for tests and fuzzing: lists that are searched from the front, so
 * cost is linear in the number of files. Also the check every tree shares.
 */
#include "patch/tree.h"

struct memory_file {
	struct str path, bytes;
	unsigned mode; /* 0: removed */
};

struct memory {
	struct tree tree;
	struct arena *a;
	struct {
		struct memory_file *v;
		size_t n, cap;
	} files, blobs, renames; /* of a blob the path is its id, of a rename the
				  * bytes are the new name */
};

static struct memory_file *find(struct memory *m, struct str path)
{
	for (size_t i = 0; i < m->files.n; i++)
		if (m->files.v[i].mode && str_eq(m->files.v[i].path, path))
			return &m->files.v[i];
	return NULL;
}

static bool memory_read(void *ctx, struct str path, struct arena *a,
			struct tree_file *ret, struct err *err)
{
	const struct memory_file *f = find(ctx, path);

	if (!f)
		return err_set(err, ERR_NOTFOUND, "reading " STR_FMT ": no such file",
			       STR_ARG(path));
	*ret = (struct tree_file){ f->bytes, f->mode };
	return true;
}

static unsigned memory_mode(void *ctx, struct str path)
{
	struct memory *m = ctx;
	const struct memory_file *f = find(m, path);

	if (f)
		return f->mode;
	for (size_t i = 0; i < m->files.n; i++) {
		struct str p = m->files.v[i].path;

		if (m->files.v[i].mode && str_starts(p, path) && p.n > path.n &&
		    p.p[path.n] == '/')
			return 0040000;
	}
	return 0;
}

static bool memory_blob(void *ctx, struct str oid, struct arena *a, struct str *ret,
			struct err *err)
{
	struct memory *m = ctx;
	const struct memory_file *hit = NULL;

	for (size_t i = 0; i < m->blobs.n; i++) {
		if (!oid.n || !str_starts(m->blobs.v[i].path, oid))
			continue;
		if (hit)
			return err_set(err, ERR_AMBIGUOUS, "blob " STR_FMT ": several",
				       STR_ARG(oid));
		hit = &m->blobs.v[i];
	}
	if (!hit)
		return err_set(err, ERR_NOTFOUND, "blob " STR_FMT ": not here",
			       STR_ARG(oid));
	*ret = hit->bytes;
	return true;
}

static bool memory_renamed(void *ctx, struct str path, struct arena *a, struct str *ret)
{
	struct memory *m = ctx;

	for (size_t i = 0; i < m->renames.n; i++) {
		if (str_eq(m->renames.v[i].path, path)) {
			*ret = m->renames.v[i].bytes;
			return true;
		}
	}
	return false;
}

static bool memory_write(void *ctx, struct str path, struct str bytes, unsigned mode,
			 struct err *err)
{
	struct memory *m = ctx;
	struct memory_file *f = find(m, path);

	if (!f) {
		f = ARENA_PUSH(m->a, &m->files);
		f->path = arena_str(m->a, path);
	}
	f->bytes = arena_str(m->a, bytes);
	f->mode = mode;
	return true;
}

static bool memory_remove(void *ctx, struct str path, struct err *err)
{
	struct memory_file *f = find(ctx, path);

	if (!f)
		return err_set(err, ERR_NOTFOUND, "removing " STR_FMT ": no such file",
			       STR_ARG(path));
	f->mode = 0;
	return true;
}

static void memory_each(void *ctx,
			bool (*visit)(void *arg, struct str path, unsigned mode),
			void *arg)
{
	struct memory *m = ctx;

	for (size_t i = 0; i < m->files.n; i++)
		if (m->files.v[i].mode &&
		    !visit(arg, m->files.v[i].path, m->files.v[i].mode))
			return;
}

struct tree *tree_memory_new(struct arena *a)
{
	static const struct tree_ops ops = {
		.read = memory_read,
		.mode = memory_mode,
		.blob = memory_blob,
		.write = memory_write,
		.remove = memory_remove,
		.renamed = memory_renamed,
		.each = memory_each,
	};
	struct memory *m = arena_new_of(a, struct memory);

	m->a = a;
	m->tree = (struct tree){ &ops, m };
	return &m->tree;
}

void tree_memory_put(struct tree *t, struct str path, struct str bytes, unsigned mode)
{
	struct err err;

	if (!memory_write(t->ctx, path, bytes, mode, &err))
		return;
}

void tree_memory_put_blob(struct tree *t, struct str oid, struct str bytes)
{
	struct memory *m = t->ctx;
	struct memory_file *f = ARENA_PUSH(m->a, &m->blobs);

	*f = (struct memory_file){ arena_str(m->a, oid), arena_str(m->a, bytes),
				   0100644 };
}

void tree_memory_put_rename(struct tree *t, struct str from, struct str to)
{
	struct memory *m = t->ctx;
	struct memory_file *f = ARENA_PUSH(m->a, &m->renames);

	*f = (struct memory_file){ arena_str(m->a, from), arena_str(m->a, to), 0 };
}

static bool blocks(const struct tree *t, struct str folder, struct str path)
{
	unsigned mode;

	if (t->ops->blocks)
		return t->ops->blocks(t->ctx, folder, path);
	mode = t->ops->mode(t->ctx, folder);
	return mode && mode != 0040000;
}

bool tree_path_blocked(const struct tree *t, struct str path)
{
	for (size_t i = 1; i < path.n; i++)
		if (path.p[i] == '/' && blocks(t, str_sub(path, 0, i), path))
			return true;
	return false;
}
