/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A view: what fills the screen between the two frame lines. It draws, it knows its
 * subject, and it offers actions by name; which key does what stands in keys.conf. A
 * binding's command is looked for among the view's actions, then the workbench's, then
 * the commands, where %kind is filled in from the subject ("threads %pid").
 */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "app/source.h"
#include "base/loop.h"
#include "ui/surface.h"

struct view;
struct workbench;

struct action {
	const char *name;
	void (*run)(struct view *view, struct str arg);
};

enum notice_kind {
	NOTICE_RESIZE,
	NOTICE_SHOWN,  /* came to the front */
	NOTICE_HIDDEN, /* went behind another */
	NOTICE_NOTES,  /* notes changed, here or in another process */
	NOTICE_TREE,   /* patches or the work tree changed */
	NOTICE_PLACES, /* history said where files of rejects went */
	NOTICE_TICK,   /* a second passed */
};

struct mouse {
	int x, y; /* in the view */
	bool click, double_click, drag, release;
	int wheel; /* lines: negative is up */
};

struct view_ops {
	const char *name; /* what the `?` page calls it */
	/** The sections of keys.conf that hold now, most special first, NULL-ended. While
	 *  text is typed these name no printable keys. */
	const char *const *(*sections)(const struct view *view);
	size_t size;                       /* private state, zeroed before open */
	const struct action *actions;      /* ends with .name NULL */
	const struct action *more_actions; /* a second such table, or NULL */
	/** Movements by name ("down", "page-up", "next-link"): what a list or a pager
	 * inside the view knows. Asked after `actions`; false when it is none. May be
	 * NULL. */
	bool (*move)(struct view *view, struct str name);
	bool (*open)(struct view *view, const struct args *args, struct err *err);
	void (*notice)(struct view *view, enum notice_kind kind);
	/** Changes nothing: may be called at any time. Geometry that actions need is set
	 *  before by layout(). */
	void (*draw)(const struct view *view, const struct surface *s);
	/** The size of the next draw; called before it and after each change. */
	void (*layout)(struct view *view, int w, int h);
	struct ref (*subject)(const struct view *view);
	/** A printable character no binding took; true when used. May be NULL. */
	bool (*type)(struct view *view, struct str text);
	/** May be NULL. */
	bool (*mouse)(struct view *view, const struct mouse *m);
	/** The right end of the frame line. */
	void (*status)(const struct view *view, struct strbuf *b);
	/** What the help page says of this view beside its keys. May be NULL. */
	void (*help)(const struct view *view, struct doc *d);
	/** The shell line that shows the same, for `y`. May be NULL. */
	void (*shell_line)(const struct view *view, struct strbuf *b);
	void (*close)(struct view *view);
};

struct view {
	const struct view_ops *ops;
	struct workbench *wb;
	struct arena *arena; /* lives as long as the view */
	void *state;
	bool dirty; /* draw before the next wait */
};

/* ---- what the workbench does for views --------------------------------------- */

struct ctx *wb_ctx(struct workbench *wb);
struct loop *wb_loop(struct workbench *wb);
/** Push a view on the present tab. The arena becomes the view's (NULL: a new one). */
bool wb_push(struct workbench *wb, const struct view_ops *ops, const struct args *args,
	     struct err *err);
/** Run a line as the `:` prompt would and show what comes of it. */
void wb_eval(struct workbench *wb, struct str line);
/** Show a result as a view; `arena` holds it and becomes the view's. */
void wb_show(struct workbench *wb, const struct result *result, struct arena *arena,
	     struct str title);
/** Words in the bottom line until the next key. */
void wb_say(struct workbench *wb, enum style style, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
void wb_error(struct workbench *wb, const struct err *err);
/** Leave this view; the one below comes to the front. */
void wb_pop(struct workbench *wb);
/** Open the object in the view that fits: a note, a pid, a command's help, a URL. */
void wb_open_ref(struct workbench *wb, const struct ref *ref);
/** Put text on the terminal's clipboard (OSC 52, through tmux too), else wl-copy/xclip.
 */
void wb_copy(struct workbench *wb, struct str text, const char *what);
/** Ask in the bottom line; `fn` gets the answer unless it was left. */
void wb_prompt(struct workbench *wb, const char *label, const char *history,
	       struct str preset, void (*fn)(struct view *view, struct str text),
	       struct view *view);
/** A yes/no question; only y runs `fn`. */
void wb_confirm(struct workbench *wb, void (*fn)(struct view *view, struct str unused),
		struct view *view, const char *fmt, ...) PRINTF_LIKE(4, 5);
/** Tell every view. */
void wb_notice(struct workbench *wb, enum notice_kind kind);

#endif
