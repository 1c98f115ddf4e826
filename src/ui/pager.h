/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A doc in a window: scrolling, links, searching. A widget for views; it neither owns the
 * doc nor draws outside the surface it is given.
 */
#ifndef UI_PAGER_H
#define UI_PAGER_H

#include "model/doc.h"
#include "ui/list.h"
#include "ui/surface.h"

struct pager {
	const struct doc *doc; /* as written */
	struct doc *wrapped;   /* for `w` columns, in `arena` */
	struct arena *arena;
	int w, h;
	size_t top;
	int skip;                    /* columns scrolled to the right */
	size_t link_line, link_span; /* the chosen link, in `wrapped` */
	bool has_link;
	char find[128];
	char mark[256]; /* words to mark, folded */
};

void pager_free(struct pager *p);
/** Show a doc from its top; it must outlive the pager or the next call. */
void pager_set(struct pager *p, const struct doc *doc);
/** The same text made anew (a live block): the place on the screen is kept. */
void pager_refresh(struct pager *p, const struct doc *doc);
void pager_layout(struct pager *p, int w, int h);
void pager_draw(const struct pager *p, const struct surface *s);
/** A movement by name, as list_action() knows them, or "next-link", "previous-link",
 *  "find-next", "find-previous", "columns-left", "columns-right". */
bool pager_action(struct pager *p, struct str name);
/** Scroll so that this visual line stands in the middle, where there is more than fits.
 */
void pager_centre(struct pager *p, size_t line);
/** Mark these words wherever a word begins with one of them. */
void pager_mark(struct pager *p, struct str words);
/** Look for text from the top of the window on. */
void pager_find(struct pager *p, struct str text);
/** What the chosen link leads to, or REF_NONE. */
struct ref pager_link(const struct pager *p);
/** The first visual line of command `number`, scrolled into sight. */
bool pager_go_to_command(struct pager *p, int number);
/** Follow the click at (x, y): true when a link is there and is now chosen. */
bool pager_click(struct pager *p, int x, int y);

#endif
