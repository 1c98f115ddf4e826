/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the notes view share: note_view.c (panes and keys), note_query.c (the
 * search line and its answers), note_edit.c (what changes notes).
 */
#ifndef UI_NOTE_VIEW_H
#define UI_NOTE_VIEW_H

#include "app/job.h"
#include "pager.h"
#include "store/note_store.h"
#include "store/search.h"
#include "workbench_priv.h"

enum { TRAIL_MAX = 64 };

/* A search on the worker: its own connection, query and answer. */
struct full_search {
	struct view *view;
	struct searcher *searcher;
	struct job *job;
	struct arena *arena;
	char text[SEARCH_TEXT_MAX], tag[128], lang[16];
	bool reference;
	struct search_result result;
};

struct note_state {
	struct store *store;
	struct searcher *quick;
	struct full_search full;
	bool again; /* the query changed while the worker was busy */

	struct strbuf query;
	size_t at;    /* cursor in the query, bytes */
	bool literal; /* `/` was pressed: digits are text even on an empty line */
	char tag[128], lang[16];
	bool reference;

	struct arena *found_arena; /* of `found` */
	struct search_result found;
	struct list list;

	bool reading; /* focus is in the note */
	struct arena *note_arena;
	char slug[256]; /* what the pager shows; "" nothing */
	struct str bytes;
	struct pager pager;
	struct watch *live_timer;
	char trail[TRAIL_MAX][256]; /* notes left by following links */
	size_t trail_n;

	int w, h, list_w; /* list_w 0: one pane at a time */
	int rule;         /* where the user dragged the rule to; 0: nowhere yet */
	bool dragging;
	size_t undecided; /* shipped notes that changed where the user had changed them */
};

static inline struct note_state *note_state_of(const struct view *view)
{
	return view->state;
}

/* note_query.c */
/** Search anew for what the line says; the first row comes under the cursor. */
void note_query_run(struct view *view);
/** The same query again after notes changed; the cursor stays on its note. */
void note_query_again(struct view *view);
bool note_query_type(struct view *view, struct str text);
void note_query_draw(const struct view *view, const struct surface *s);
void note_query_close(struct view *view);
extern const struct action note_query_actions[];

/* note_view.c */
/** Show the note in the pane; `trail`: remember the one before. */
void note_show(struct view *view, struct str slug, bool trail);
/** Show what is under the list's cursor. */
void note_preview(struct view *view);

/* note_edit.c */
void note_act_edit(struct view *view, struct str arg);
void note_act_new(struct view *view, struct str arg);
void note_act_rename(struct view *view, struct str arg);
void note_act_delete(struct view *view, struct str arg);
/** Ask about the next shipped note that changed here and in kcrib: mine, new or both. */
void note_act_conflicts(struct view *view, struct str arg);
/** How many wait for that decision. */
size_t note_count_conflicts(struct store *store);

#endif
