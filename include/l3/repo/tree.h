/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tree of the repository held in memory: folders are loaded when a path first leads
 * through them, changed files stay at hand for the next patch, and writing the tree
 * writes only the folders that changed. Serves patch's tree door (patch/tree.h).
 *
 * Cost: a change touches the folders on its path; 80,000 other files cost nothing.
 */
#ifndef REPO_TREE_H
#define REPO_TREE_H

#include "patch/tree.h"
#include "repo/repo.h"

struct repo_tree;

struct repo_id {
	unsigned char b[20];
};
struct repo_entry {
	unsigned mode; /* 0: no such entry */
	struct repo_id id;
};
/* What happened to one path between two marks. */
struct repo_change {
	struct str path;
	struct repo_entry old, new;
};
struct repo_changes {
	struct repo_change *v;
	size_t n, cap;
};

/** The tree of a commit or of a tree object; "" is the empty tree. */
bool repo_tree_open(struct repo *repo, const char *hex, struct repo_tree **ret,
		    struct err *err) MUST_CHECK;
void repo_tree_free(struct repo_tree *rt);
DEFINE_FREEP(repo_tree)

/** The door: read, mode, blob, write, remove, each. Bytes that read() gives live until
 *  repo_tree_settle(). write() stores the blob at once. */
struct tree repo_tree_door(struct repo_tree *rt);
/** Free file bytes that were replaced. */
void repo_tree_settle(struct repo_tree *rt);

struct repo_entry repo_tree_entry(struct repo_tree *rt, struct str path);
/** Do files lie below this path? */
bool repo_tree_is_folder(struct repo_tree *rt, struct str path);
/** Set an entry whose object exists already; mode 0 removes. */
bool repo_tree_set(struct repo_tree *rt, struct str path, struct repo_entry entry,
		   struct err *err) MUST_CHECK;
/** Write the folders that changed; the id of the whole. */
bool repo_tree_write(struct repo_tree *rt, struct repo_id *ret, struct err *err)
	MUST_CHECK;
/** Paths whose entry differs from what it was at the last mark, sorted. */
void repo_tree_changes(struct repo_tree *rt, struct arena *a, struct repo_changes *ret);
void repo_tree_mark(struct repo_tree *rt);
/** Was the path changed since the mark? */
bool repo_tree_touched(struct repo_tree *rt, struct str path);

/** Paths that differ between two trees or commits (hex, "" empty), sorted. */
bool repo_tree_diff(struct repo *repo, const char *from, const char *to, struct arena *a,
		    struct repo_changes *ret, struct err *err) MUST_CHECK;

/** Store a blob; find its id only. */
bool repo_blob_write(struct repo *repo, struct str bytes, struct repo_id *ret,
		     struct err *err) MUST_CHECK;
struct repo_id repo_blob_id(struct str bytes);
bool repo_blob_read(struct repo *repo, const struct repo_id *id, struct arena *a,
		    struct str *ret, struct err *err) MUST_CHECK;
/** By hex or unique prefix: ERR_NOTFOUND, ERR_AMBIGUOUS. */
bool repo_blob_find(struct repo *repo, struct str hex, struct repo_id *ret,
		    struct err *err) MUST_CHECK;
void repo_id_hex(const struct repo_id *id, char ret_hex[REPO_HEX + 1]);
bool repo_id_parse(struct str hex, struct repo_id *ret);
static inline bool repo_entry_eq(struct repo_entry a, struct repo_entry b)
{
	return a.mode == b.mode && (!a.mode || !memcmp(&a.id, &b.id, sizeof(a.id)));
}

#endif
