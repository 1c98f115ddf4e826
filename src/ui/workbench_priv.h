/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the workbench share: workbench.c (views and keys), frame.c (the two
 * frame lines), question.c (prompt and questions), outside.c (clipboard and children).
 */
#ifndef UI_WORKBENCH_PRIV_H
#define UI_WORKBENCH_PRIV_H

#include "app/keymap.h"
#include "app/line.h"
#include "choice.h"
#include "ui/workbench.h"

enum { TABS = 5, STACK_MAX = 32 };

struct tab {
	const char *name, *title;
	const struct view_ops *ops; /* what it opens with, or NULL: */
	const char *command;        /* the command whose panel it is */
	struct view *stack[STACK_MAX];
	size_t n;
};

/* What the bottom line asks. */
struct question {
	struct line_input *line; /* readline holds the text; NULL: none, or yes/no */
	bool yes_no;
	char label[256];
	void (*fn)(struct view *view, struct str text);
	/* what may be chosen from, when it is not commands; may be NULL */
	void (*complete)(const struct question *q, struct arena *a,
			 struct completions *ret);
	struct choice *choice;         /* the list that is open, or NULL */
	const struct command *command; /* the answer becomes its argument; or NULL */
	struct offer *offer;           /* of `command`, while it is looked for */
	struct view *view;
};

struct workbench {
	struct ctx *ctx;
	struct loop *loop;
	struct arena *arena;
	struct keymap keys;
	struct tab tabs[TABS];
	size_t tab;
	struct question question;
	struct job *tidy; /* of the store; NULL: none runs */
	struct strbuf paste;
	char message[512];
	enum style message_style;
	char last_command[1024]; /* for "." */
	bool redraw, quit, headless, running;
	bool stop; /* Esc or C-c while a command runs */
	bool away; /* the terminal is lent to a command */
	size_t open_rejects;
	struct ctx_ui
		ui_before; /* how the context talked before, and talks again after */
	bool for_prompt;
	enum shell_dialect dialect;
	struct str chosen; /* for the prompt line; .p == NULL: nothing yet */
};

/* workbench.c */
struct view *wb_top(const struct workbench *wb);
void wb_go_to_tab(struct workbench *wb, size_t t);
void wb_lay_out(struct workbench *wb);
void wb_draw(struct workbench *wb);
struct surface wb_content(void);

/* command.c */
void wb_do(struct workbench *wb, struct view *view, struct str command);
/** What was typed at the `:` prompt: a command, else an action. */
void wb_command(struct workbench *wb, struct str line);
/** As one word of a command line. */
void wb_add_quoted(struct strbuf *b, struct str id);
/** To the shell; fg comes back. */
void wb_suspend(struct workbench *wb);

/* frame.c */
void frame_draw(const struct workbench *wb);
struct doc *frame_help(struct arena *a, const struct workbench *wb,
		       const struct view *view);

/** A path as people say it: "~" for the home folder. */
struct str frame_path(struct arena *a, struct str path);

/* question.c */
void question_feed(struct workbench *wb, struct str bytes);
/** True when the key answered a yes/no question. */
bool question_key(struct workbench *wb, const char *key);
/** What stands in the line just asked for is only offered: typing replaces it. */
void question_offer(struct workbench *wb);
/** What may answer the question just asked: Tab, or an arrow, opens a list of it that
 *  narrows while the user types. */
void question_complete(struct workbench *wb,
		       void (*fn)(const struct question *q, struct arena *a,
				  struct completions *ret));
/** Choose the first argument of a command from what its type offers, and run it. */
void question_choose(struct workbench *wb, const struct command *command);
/** Give the question up, whatever it is. */
void question_close(struct workbench *wb);
void question_draw(const struct workbench *wb, const struct surface *bottom);
void question_drop(struct workbench *wb, const struct view *view);
/** The `:` prompt with some words in it already. */
void question_prompt(struct workbench *wb, struct str preset);

/* outside.c */
void outside_talk(struct workbench *wb);

/* the views that tabs open */
extern const struct view_ops disk_view_ops, doc_view_ops, note_view_ops, note_wait_ops,
	panel_view_ops;
/** Hand a doc or a static record to a view that is about to be opened. */
struct view *doc_view_new(struct workbench *wb, const struct doc *doc,
			  struct arena *arena, struct str title);
/** A view for the doc of a command that runs as a job: it comes when it is done. */
struct view *doc_view_run(struct workbench *wb, struct str line);
struct view *panel_view_new(struct workbench *wb, const struct record *record,
			    struct arena *arena, struct str title);
/** Fill in a command of a note, then copy or run it. */
void form_view_open(struct workbench *wb, struct str slug, size_t number);
/** Open a note by its name in the notes view. */
void note_view_show(struct view *view, struct str slug);
/** The same, as soon as the notes are open. */
void note_wait_for(struct view *view, struct str slug);
struct view *view_new(struct workbench *wb, const struct view_ops *ops,
		      struct arena *arena);
bool wb_push_view(struct workbench *wb, struct view *view);
/** Put a view where another one is, which ends. */
void wb_replace(struct workbench *wb, struct view *old, struct view *view);

#endif
