/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one door through which patch sees files. libgit2 (repo), a plain folder and memory
 * (tests, fuzzing) stand behind it. Paths are relative to the tree, with '/', and were
 * checked by path_check() before they come here.
 */
#ifndef PATCH_TREE_H
#define PATCH_TREE_H

#include "base/arena.h"

struct tree_file {
	struct str bytes; /* target of a symlink; "Subproject commit <id>\n" of a
			     submodule */
	unsigned mode;    /* 0100644, 0100755, 0120000, 0160000 */
};

struct tree_meta; /* author, date, message: known to the session, not to the engine */

struct tree_ops {
	/* The file, its bytes in the arena or in memory that lives as long.
	 * ERR_NOTFOUND when there is none; ERR_DENIED when the way leads through a
	 * symlink. */
	bool (*read)(void *ctx, struct str path, struct arena *a, struct tree_file *ret,
		     struct err *err);
	/* Only the mode: 0 when absent, 0040000 for a folder. No error, no content. */
	unsigned (*mode)(void *ctx, struct str path);
	/* May `path` not be reached because of what stands at `folder`, above it? NULL:
	 * by mode(), where a file or a symlink stands there. */
	bool (*blocks)(void *ctx, struct str folder, struct str path);
	/* A blob by hex id or unique prefix. ERR_NOTFOUND, ERR_AMBIGUOUS. NULL: this
	 * tree has no blobs. */
	bool (*blob)(void *ctx, struct str oid, struct arena *a, struct str *ret,
		     struct err *err);
	/* Replace or create; parents are made. */
	bool (*write)(void *ctx, struct str path, struct str bytes, unsigned mode,
		      struct err *err);
	/* Remove; parents that become empty go too. */
	bool (*remove)(void *ctx, struct str path, struct err *err);
	/* What `path`, a file or folder that is not there, is called now, as history
	 * has it. The new name may have gone since. NULL: this tree has no history. */
	bool (*renamed)(void *ctx, struct str path, struct arena *a, struct str *ret);
	/* renamed() will be asked about these: history is gone through once for all of
	 * them. NULL where it is. */
	void (*expect)(void *ctx, const struct str *paths, size_t n);
	/* Call visit for every path until it returns false. NULL: no such list. */
	void (*each)(void *ctx, bool (*visit)(void *arg, struct str path, unsigned mode),
		     void *arg);
	/* Record what was written as a commit. NULL: no commits here. */
	bool (*commit)(void *ctx, const struct tree_meta *meta, char ret_oid[65],
		       struct err *err);
};

struct tree {
	const struct tree_ops *ops;
	void *ctx;
};

/** A tree in memory. Bytes are copied into the arena it was made with. */
struct tree *tree_memory_new(struct arena *a);
void tree_memory_put(struct tree *t, struct str path, struct str bytes, unsigned mode);
/** What `renamed` says of a path. */
void tree_memory_put_rename(struct tree *t, struct str from, struct str to);
/** A blob that `blob` finds by any prefix of `oid`. */
void tree_memory_put_blob(struct tree *t, struct str oid, struct str bytes);

/** True when a folder on the way to `path` is a symlink in the tree (or a file). */
bool tree_path_blocked(const struct tree *t, struct str path);

#endif
