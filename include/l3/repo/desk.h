/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reject desk: every *.rej of a tree, hunk by hunk, with the file as it is now, why
 * the hunk found no place, and where it may belong; and the user's decisions about them.
 *
 * A decision changes the file and takes the hunk out of its .rej, and can be undone: the
 * bytes before it are kept first, in the session's folder of an am in progress (what
 * --abort gives back includes them), else in the state folder. An undo refuses when the
 * file has changed since.
 */
#ifndef REPO_DESK_H
#define REPO_DESK_H

#include "patch/am.h"
#include "repo/repo.h"

enum desk_status { DESK_OPEN, DESK_TAKEN, DESK_DROPPED, DESK_EDITED };

struct desk_item {
	unsigned id;             /* stays the same while the desk is in use */
	struct str rej;          /* the .rej it lies in, from the top */
	struct str path;         /* the file that the patch names */
	struct str file;         /* the file it belongs to now; empty: none was found,
				  * or it was not placed yet */
	struct filepatch patch;  /* the whole header and this hunk alone */
	const struct hunk *hunk; /* NULL: about the file as such */
	enum desk_status status;

	/* of open ones, after desk_place(): */
	bool placed;
	struct placement place;        /* cause, and candidates best first */
	struct str bytes;              /* `file` as it is now */
	const struct filepatch *whole; /* the desk's own: of which this is a hunk, and */
	size_t nth;                    /* the number of the hunk in it */
};
struct desk_items {
	struct desk_item *v;
	size_t n, cap;
	size_t open;            /* how many of them are */
	size_t unread;          /* .rej files that were not read yet */
	struct am_words broken; /* of each that is no reject: why */
	struct am_words left;   /* of each of a patch left behind by another git: so */
};

struct desk;

/** The desk of the tree around `dir`: the rejects of the am in progress, or every *.rej
 *  below `dir`, in a repository or not. `state`: folder for what must be kept. */
bool desk_open(const char *dir, const char *state, struct desk **ret, struct err *err)
	MUST_CHECK;
void desk_free(struct desk *desk);
DEFINE_FREEP(desk)
/** Top folder of all paths. */
const char *desk_top(const struct desk *desk);
/** Is an am in progress? Then "--continue" follows when nothing is open. */
bool desk_in_session(const struct desk *desk);

/** Read all .rej files anew, of the am that is in progress now; one that cannot be read
 *  is told among the items and hides no other. Nothing is placed yet: who asks where an
 *  item belongs calls desk_place(). What history said of files that are gone is known
 *  from the list before while HEAD is the same. ERR_LIMIT above 100,000 hunks. */
bool desk_list(struct desk *desk, struct arena *a, struct desk_items *ret,
	       struct err *err) MUST_CHECK;
/** The same in steps, for a list that is looked at while it is read: begin with their
 *  names, then read so many files more, until `unread` is 0. The items move. One listing
 *  at a time; `a` lives as long as it. */
bool desk_list_begin(struct desk *desk, struct arena *a, struct desk_items *ret,
		     struct err *err) MUST_CHECK;
bool desk_list_more(struct desk *desk, struct desk_items *items, size_t files,
		    struct err *err) MUST_CHECK;
/** Where does the i-th item belong in the tree as it is? Placed once; a decided one is
 *  left alone. Of a file with hundreds of hunks all are placed. */
bool desk_place(struct desk *desk, struct arena *a, struct desk_items *items, size_t i,
		struct err *err) MUST_CHECK;

/* History, before desk_place() needs it: which may walk it for a second, where a file is
 * not there. What the walk finds can be told to the desk by a worker. */

/** Would desk_place() have to walk? */
bool desk_must_walk(struct desk *desk, const struct desk_item *item);
struct desk_history;
/** A walk for all files that open items name and that are not there. */
struct desk_history *desk_history_new(struct desk *desk, const struct desk_items *items);
/** On any thread: the desk has no part in it. */
bool desk_history_walk(struct desk_history *history, struct err *err) MUST_CHECK;
void desk_learn(struct desk *desk, const struct desk_history *history);
void desk_history_free(struct desk_history *history);

/** How many other files were read to place items of this list: what placing costs. */
size_t desk_looked(const struct desk *desk);
/** The item of an id among a list, or NULL. */
struct desk_item *desk_find(const struct desk_items *items, unsigned id);

/** A file of the tree as it is now; one that is not there is empty. */
bool desk_read(struct desk *desk, struct str path, struct arena *a, struct str *ret,
	       struct err *err) MUST_CHECK;
/** The item as it is with a candidate, or NULL, laid on it: one in another file brings
 *  that file and its bytes with it, in the arena. */
bool desk_item_with(struct desk *desk, const struct desk_item *item,
		    const struct place_candidate *c, struct arena *a,
		    struct desk_item *ret, struct err *err) MUST_CHECK;
/** What the file would be with the candidate taken; nothing is written. */
bool desk_preview(const struct desk_item *item, const struct place_candidate *c,
		  struct arena *a, struct str *ret_bytes, struct err *err) MUST_CHECK;

/* A decision about an item of a list, or about what desk_item_with() made of it. The list
 * says so afterwards, without being read again: the item is decided, and what else was
 * placed in its file is to be placed anew. ERR_CONFLICT when the file, the .rej or the am
 * in progress is not what was looked at. */

/** Take a candidate: write the file, take the hunk out of the .rej. */
bool desk_take(struct desk *desk, struct desk_items *items, const struct desk_item *item,
	       const struct place_candidate *c, struct err *err) MUST_CHECK;
/** The user's own result for the file. */
bool desk_put(struct desk *desk, struct desk_items *items, const struct desk_item *item,
	      struct str bytes, struct err *err) MUST_CHECK;
/** Leave the hunk out. */
bool desk_drop(struct desk *desk, struct desk_items *items, const struct desk_item *item,
	       struct err *err) MUST_CHECK;
/** Take the last decision back; lists are to be read anew. `*ret_id`: what it was about;
 *  `*ret_what` in the arena: "taken 3 of mm/x.c.rej". ERR_NOTFOUND when there is none;
 *  ERR_CONFLICT when the file changed since. */
bool desk_undo(struct desk *desk, struct arena *a, unsigned *ret_id, struct str *ret_what,
	       struct err *err) MUST_CHECK;

/** Another value when the am in progress or a .rej of the last list changed (of the first
 *  thousand of them), whoever did it. Costs a stat(2) each. */
uint64_t desk_stamp(struct desk *desk);
/** The same of one file of the tree. */
uint64_t desk_file_stamp(struct desk *desk, struct str path);

const char *desk_status_name(enum desk_status status);

#endif
