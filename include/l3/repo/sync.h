/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A folder of notes as a git repository that others share. Three histories meet: what the
 * store holds, what was edited in the folder by hand, and what the remote has. Each is a
 * commit; they are merged note by note, three-way. Where both sides changed the same
 * lines, ours stays and theirs is kept beside as "<note>.conflict.md": nothing is
 * overwritten, on either side.
 *
 * refs/kcrib/store is the commit whose files store and folder are known to hold. It moves
 * last, so a run that was killed anywhere is done again. refs/kcrib/next is the merge
 * that the store is taking over meanwhile; the store keeps its mark in the same
 * transaction as the notes. By it the next run knows whether the store took them: what
 * came from others must not count as an edit of ours, nor what we wrote into the folder
 * as one by hand.
 */
#ifndef REPO_SYNC_H
#define REPO_SYNC_H

#include "base/arena.h"

enum { SYNC_FILE_MAX = 4 << 20, SYNC_FILES_MAX = 200000 };

struct sync;

struct sync_file {
	struct str name;  /* "thp.md" */
	struct str bytes; /* .p == NULL: it is gone */
};
struct sync_files {
	struct sync_file *v;
	size_t n, cap;
};
struct sync_conflict {
	struct str name, ours, theirs; /* .p == NULL: deleted there */
	struct str
		beside; /* the file that holds what did not win; empty: nothing to keep */
};
struct sync_conflicts {
	struct sync_conflict *v;
	size_t n, cap;
};

/** Open the folder, made and initialised when needed. `remote` may be NULL: the one that
 *  is configured. `now` is the clock; commits never go back behind their parents. */
bool sync_open(const char *dir, const char *remote, int64_t now, struct sync **ret,
	       struct err *err) MUST_CHECK;
void sync_free(struct sync *s);
DEFINE_FREEP(sync)

/** Has it a remote? */
bool sync_has_remote(const struct sync *s);
/** Get the remote's branch. A remote without one yet is fine. */
bool sync_fetch(struct sync *s, struct err *err) MUST_CHECK;
/** What the store kept of sync_mark() when it last took notes over; 0: never. To be said
 *  before sync_merge(). */
void sync_took(struct sync *s, uint64_t mark);
/** Merge the store's notes with the folder's files and the remote's. `*ret_changed`: what
 *  the store has to take over, by comparison with `store`. */
bool sync_merge(struct sync *s, struct arena *a, const struct sync_files *store,
		struct sync_files *ret_changed, struct sync_conflicts *ret_conflicts,
		struct err *err) MUST_CHECK;
/** Names the last merge: the store keeps it together with what it takes. Never 0. */
uint64_t sync_mark(const struct sync *s);
/** The store holds what sync_merge() said: write the folder's files and move the refs. */
bool sync_accept(struct sync *s, struct err *err) MUST_CHECK;
/** Publish. `*ret_again`: the remote has moved on meanwhile; fetch and merge again. */
bool sync_push(struct sync *s, bool *ret_again, struct err *err) MUST_CHECK;

#endif
