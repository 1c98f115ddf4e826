/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The notes in the store: their original bytes beside what the codec found in them, every
 * change a revision, every operation undoable. Strings returned live in the arena given.
 */
#ifndef STORE_NOTE_STORE_H
#define STORE_NOTE_STORE_H

#include "store/store.h"

enum note_origin {
	NOTE_OWN,
	NOTE_BUILTIN,        /* as shipped */
	NOTE_BUILTIN_EDITED, /* shipped, then changed by the user */
};

struct note {
	int64_t id;
	struct str slug, title, lang, translation;
	struct str_list tags, aliases;
	struct str bytes; /* empty in lists */
	enum note_origin origin;
	int64_t changed_s; /* seconds since 1970 */
	double use;        /* decayed count of uses, now */
};
struct note_list {
	struct note *v;
	size_t n, cap;
};

bool note_get(struct store *s, struct arena *a, struct str slug, struct note *ret,
	      struct err *err) MUST_CHECK;
/** A note by what a person would write: slug, then title or alias without case, then the
 *  only slug that begins so. ERR_AMBIGUOUS names the first few. */
bool note_find(struct store *s, struct arena *a, struct str name, struct note *ret,
	       struct err *err) MUST_CHECK;
bool note_exists(struct store *s, struct str slug);

enum note_order { NOTE_BY_SLUG, NOTE_BY_USE, NOTE_BY_CHANGE };
struct note_filter {
	struct str tag;    /* empty: all */
	struct str lang;   /* empty: all */
	struct str prefix; /* of the slug, for completion */
	enum note_order order;
	size_t limit, skip; /* limit 0: 1,000 */
};
bool note_list(struct store *s, struct arena *a, const struct note_filter *filter,
	       struct note_list *ret, struct err *err) MUST_CHECK;

/** Save under this slug: a new note or a new revision of it. The same bytes again are no
 *  revision. ERR_LIMIT above STORE_NOTE_MAX. */
bool note_save(struct store *s, struct str slug, struct str bytes, struct err *err)
	MUST_CHECK;
/** The same, but ERR_CONFLICT when the note is no longer what the edit began with: two
 *  editors at once lose nothing. `base` as note_get() gave it. */
bool note_save_over(struct store *s, struct str slug, struct str base, struct str bytes,
		    struct err *err) MUST_CHECK;
bool note_delete(struct store *s, struct str slug, struct err *err) MUST_CHECK;
/** Rename, and point every link in other notes to the new name, as one operation.
 *  `*ret_links` (may be NULL): how many notes were rewritten. */
bool note_rename(struct store *s, struct str from, struct str to, size_t *ret_links,
		 struct err *err) MUST_CHECK;

enum revision_kind {
	REVISION_NEW,
	REVISION_EDIT,
	REVISION_RENAME,
	REVISION_DELETE,
	REVISION_BUILTIN, /* a text that came with the program */
	REVISION_UNDO,
	REVISION_REDO,
};
struct revision {
	int64_t id;
	enum revision_kind kind;
	int64_t time_s;
	struct str slug; /* the name after it */
	struct str was;  /* the name before it, where it is another one */
	size_t bytes;    /* length of the text after it; 0 for a deletion */
};
struct revision_list {
	struct revision *v;
	size_t n, cap;
};
const char *revision_kind_name(enum revision_kind kind);
/** The revisions of a note, also of a deleted one, newest first. */
bool note_history(struct store *s, struct arena *a, struct str slug,
		  struct revision_list *ret, struct err *err) MUST_CHECK;
/** The text after a revision; empty for a deletion. */
bool note_revision(struct store *s, struct arena *a, int64_t id, struct str *ret,
		   struct err *err) MUST_CHECK;
/** The text that the revision replaced; empty when it made the note. */
bool note_revision_before(struct store *s, struct arena *a, int64_t id, struct str *ret,
			  struct err *err) MUST_CHECK;

/** Take the last operation that is not yet undone back, or forth again. `*ret_what` says
 *  what it was ("rename of huge to hugetlb"). ERR_NOTFOUND when there is none left. */
bool note_undo(struct store *s, struct arena *a, struct str *ret_what, struct err *err)
	MUST_CHECK;
bool note_redo(struct store *s, struct arena *a, struct str *ret_what, struct err *err)
	MUST_CHECK;

/** Notes that link to this one / notes and missing names it links to. */
bool note_backlinks(struct store *s, struct arena *a, struct str slug,
		    struct note_list *ret, struct err *err) MUST_CHECK;
bool note_targets(struct store *s, struct arena *a, struct str slug, struct str_list *ret,
		  struct err *err) MUST_CHECK;

struct tag_count {
	struct str name;
	size_t notes;
};
struct tag_list {
	struct tag_count *v;
	size_t n, cap;
};
/** All tags, the most used first. */
bool note_tags(struct store *s, struct arena *a, struct tag_list *ret, struct err *err)
	MUST_CHECK;

enum note_use { NOTE_OPENED, NOTE_COPIED, NOTE_RUN };
/** Remember a use for the ranking; silently nothing in a read-only store. */
void note_used(struct store *s, struct str slug, enum note_use use);

/* A shipped note that changed in this version while the user had changed it too. */
struct note_conflict {
	struct str slug;
	struct str base, mine, theirs; /* the three texts */
};
struct conflict_list {
	struct note_conflict *v;
	size_t n, cap;
};
bool note_conflicts(struct store *s, struct arena *a, struct conflict_list *ret,
		    struct err *err) MUST_CHECK;
enum conflict_choice {
	CONFLICT_KEEP_MINE,
	CONFLICT_TAKE_NEW,
	CONFLICT_KEEP_BOTH, /* the new text stands beside as "<slug>.new" */
};
bool note_resolve(struct store *s, struct str slug, enum conflict_choice choice,
		  struct err *err) MUST_CHECK;

/* The second corpus: texts that are only looked up, never edited (man pages, folders of
 * documentation). It has its own tables and its own results. */
/** Put one text in, replacing what stood under this name: "man:mmap(2)", a path. */
bool reference_save(struct store *s, struct str name, struct str title, struct str text,
		    struct err *err) MUST_CHECK;
bool reference_get(struct store *s, struct arena *a, struct str name,
		   struct str *ret_text, struct err *err) MUST_CHECK;
/** Forget all whose name begins so. */
bool reference_drop(struct store *s, struct str prefix, size_t *ret_count,
		    struct err *err) MUST_CHECK;
size_t reference_count(struct store *s);

#endif
