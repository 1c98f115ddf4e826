/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The notes tab while the notes are being opened. To make their file, or to bring it to
 * the texts of this version, takes longer than a key may: a worker does it, and the notes
 * view then comes in this one's place, with what was typed and asked for meanwhile.
 */
#include <string.h>

#include "app/job.h"
#include "store/search.h"
#include "workbench_priv.h"

struct wait_state {
	struct store_options opt;
	struct store *store; /* the worker's until it is done */
	struct job *job;
	struct strbuf typed;
	char slug[256]; /* the note that is wanted; "" none */
	char error[sizeof(((struct err *)0)->msg)];
};

static struct wait_state *state(const struct view *view)
{
	return view->state;
}

static bool work(struct job *job, void *arg, struct err *err)
{
	struct wait_state *w = arg;

	return store_open(&w->opt, &w->store, err);
}

static void done(void *owner, void *arg, bool ok, const struct err *err)
{
	struct view *view = owner, *notes;
	struct workbench *wb = view->wb;
	struct wait_state *w = arg;
	struct err why = *err;

	w->job = NULL;
	if (ok)
		ctx_store_give(wb->ctx, w->store);
	w->store = NULL;
	notes = view_new(wb, &note_view_ops, NULL);
	if (!ok || !note_view_ops.open(notes, NULL, &why)) {
		arena_free(notes->arena);
		snprintf(w->error, sizeof(w->error), "%s", why.msg);
		view->dirty = true;
		return;
	}
	note_view_ops.type(notes, strbuf_str(&w->typed));
	if (w->slug[0])
		note_view_show(notes, str_of(w->slug));
	wb_replace(wb, view, notes);
}

static bool open_view(struct view *view, const struct args *args, struct err *err)
{
	static const struct job_ops ops = { work, done, NULL };
	struct wait_state *w = state(view);

	w->typed = (struct strbuf)STRBUF(SEARCH_TEXT_MAX);
	return ctx_store_options(view->wb->ctx, &w->opt, err) &&
	       job_start(view->wb->loop, &ops, view, w, &w->job, err);
}

static void close_view(struct view *view)
{
	struct wait_state *w = state(view);

	job_abandon(w->job);
	ctx_store_give(view->wb->ctx, w->store);
	strbuf_free(&w->typed);
}

void note_wait_for(struct view *view, struct str slug)
{
	struct wait_state *w = state(view);

	snprintf(w->slug, sizeof(w->slug), STR_FMT, STR_ARG(slug));
}

/* Text for the search line; a digit or a sign before any is a key of the workbench. */
static bool type(struct view *view, struct str text)
{
	struct wait_state *w = state(view);

	if (!w->typed.n && text.n == 1 && strchr(":?12345", text.p[0]))
		return false;
	strbuf_add(&w->typed, text);
	return true;
}

static void draw(const struct view *view, const struct surface *s)
{
	const struct wait_state *w = state(view);

	if (w->error[0])
		surface_textf(s, 2, 2, STYLE_BAD, "%s", w->error);
	else
		surface_text(s, 2, 2, STYLE_DIM, STR("Opening the notes ..."));
	surface_textf(s, 1, 0, STYLE_TEXT, "> " STR_FMT, STR_ARG(strbuf_str(&w->typed)));
}

const struct view_ops note_wait_ops = {
	.name = "Notes",
	.size = sizeof(struct wait_state),
	.open = open_view,
	.draw = draw,
	.type = type,
	.close = close_view,
};
