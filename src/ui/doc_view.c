/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any doc as a view: help, diffs, backlinks, what a command answered. A command that
 * takes its time runs as a job; until its doc is there the view says how far it is, and
 * Esc asks it to stop with what it has.
 */
#include "app/job.h"
#include "model/render.h"
#include "pager.h"
#include "workbench_priv.h"

/* A command on the worker's thread, with a context of its own. */
struct doc_work {
	struct job *job; /* NULL: it is done */
	struct ctx ctx;
	struct str line;
	struct result result;
	uint64_t so_far, total;
	bool stopping;
};

struct doc_state {
	struct pager pager;
	struct str title;
	struct doc_work *work; /* NULL: the doc was there from the start */
};

static struct doc_state *state(const struct view *view)
{
	return view->state;
}

/* ---- a command as a job ------------------------------------------------------ */

enum { REPORT_EACH = 64 };

static bool is_cancelled(void *arg)
{
	return job_cancelled(arg);
}

static void report(void *arg, uint64_t so_far, uint64_t total)
{
	if (so_far % REPORT_EACH == 0)
		job_report(arg, so_far, total);
}

static bool work(struct job *job, void *arg, struct err *err)
{
	struct doc_work *w = arg;

	w->ctx.ui = (struct ctx_ui){ .cancelled = is_cancelled,
				     .progress = report,
				     .arg = job };
	return command_eval(&w->ctx, w->line, &w->result, err);
}

static void done(void *owner, void *arg, bool ok, const struct err *err)
{
	struct view *view = owner;
	struct doc_work *w = arg;

	w->job = NULL;
	view->dirty = true;
	/* one that was stopped shows what it had found */
	if (!w->result.doc) {
		struct doc *why = doc_new(view->arena);

		doc_textf(why, STYLE_BAD, "%s", ok ? "nothing" : err->msg);
		w->result.doc = why;
	}
	pager_set(&state(view)->pager, w->result.doc);
}

static void progress(void *owner, uint64_t so_far, uint64_t total)
{
	struct view *view = owner;
	struct doc_work *w = state(view)->work;

	w->so_far = so_far;
	w->total = total;
	view->dirty = true;
}

static bool is_running(const struct view *view)
{
	const struct doc_work *w = state(view)->work;

	return w && w->job;
}

static void draw_running(const struct doc_work *w, const struct surface *s)
{
	int x = surface_text(s, 0, 0, STYLE_HEAD1, w->line);

	if (w->stopping)
		surface_text(s, x + 2, 0, STYLE_WARN, STR("stopping"));
	else if (w->so_far)
		surface_textf(
			s, x + 2, 0, STYLE_DIM, "%llu of at most %llu; Esc stops it",
			(unsigned long long)w->so_far, (unsigned long long)w->total);
	else
		surface_text(s, x + 2, 0, STYLE_DIM, STR("running; Esc stops it"));
}

/* Esc: first the job, then the view. */
static void act_back(struct view *view, struct str arg)
{
	struct doc_work *w = state(view)->work;

	if (!is_running(view)) {
		wb_pop(view->wb);
		return;
	}
	w->stopping = true;
	job_cancel(w->job);
}

/* ---- the view ---------------------------------------------------------------- */

static const char *const *sections(const struct view *view)
{
	static const char *const names[] = { "doc", "move", NULL };

	return names;
}

static void layout(struct view *view, int w, int h)
{
	pager_layout(&state(view)->pager, w > 2 ? w - 2 : w, h);
}

static void draw(const struct view *view, const struct surface *s)
{
	struct surface inner = surface_sub(s, 1, 0, s->w - 2, s->h);

	if (is_running(view))
		draw_running(state(view)->work, &inner);
	else
		pager_draw(&state(view)->pager, &inner);
}

static struct ref subject(const struct view *view)
{
	return pager_link(&state(view)->pager);
}

static void status(const struct view *view, struct strbuf *b)
{
	const struct pager *p = &state(view)->pager;
	size_t n = p->wrapped ? p->wrapped->n : 0;

	strbuf_add(b, state(view)->title);
	if (n > (size_t)p->h)
		strbuf_addf(b, "  %zu %%",
			    (p->top + (size_t)p->h) * 100 / n > 100
				    ? 100
				    : (p->top + (size_t)p->h) * 100 / n);
}

static void act_follow(struct view *view, struct str arg)
{
	struct ref ref = pager_link(&state(view)->pager);

	if (ref.kind == REF_NONE)
		wb_say(view->wb, STYLE_TEXT, "Tab chooses a link, Enter follows it");
	else
		wb_open_ref(view->wb, &ref);
}

static void find_text(struct view *view, struct str text)
{
	pager_find(&state(view)->pager, text);
}

static void act_find(struct view *view, struct str arg)
{
	wb_prompt(view->wb, "/", "find", STR(""), find_text, view);
}

static void act_copy_doc(struct view *view, struct str arg)
{
	STRBUF_AUTO(b, 4 << 20);

	doc_text(&b, state(view)->pager.doc, (struct text_style){ 0 });
	wb_copy(view->wb, strbuf_str(&b), "the text");
}

static bool move(struct view *view, struct str name)
{
	return pager_action(&state(view)->pager, name);
}

static const struct action actions[] = {
	{ "follow", act_follow }, { "find", act_find }, { "copy-doc", act_copy_doc },
	{ "back", act_back },     { "stop", act_back }, { 0 },
};

static bool mouse(struct view *view, const struct mouse *m)
{
	struct pager *p = &state(view)->pager;

	for (int i = 0; i < m->wheel; i++)
		pager_action(p, STR("down"));
	for (int i = 0; i > m->wheel; i--)
		pager_action(p, STR("up"));
	if (m->click && pager_click(p, m->x - 1, m->y))
		act_follow(view, STR(""));
	return true;
}

static void close_view(struct view *view)
{
	struct doc_work *w = state(view)->work;

	pager_free(&state(view)->pager);
	if (!w)
		return;
	job_abandon(w->job);
	ctx_close(&w->ctx);
}

const struct view_ops doc_view_ops = {
	.name = "a text",
	.sections = sections,
	.size = sizeof(struct doc_state),
	.actions = actions,
	.move = move,
	.draw = draw,
	.layout = layout,
	.subject = subject,
	.mouse = mouse,
	.status = status,
	.close = close_view,
};

struct view *doc_view_new(struct workbench *wb, const struct doc *doc,
			  struct arena *arena, struct str title)
{
	struct view *view = view_new(wb, &doc_view_ops, arena);

	state(view)->title = arena_str(arena, title);
	pager_set(&state(view)->pager, doc);
	return view;
}

struct view *doc_view_run(struct workbench *wb, struct str line)
{
	static const struct job_ops ops = { work, done, progress };
	struct arena *arena = arena_new();
	struct view *view = doc_view_new(wb, doc_new(arena), arena, line);
	struct doc_work *w = arena_new_of(arena, struct doc_work);
	struct err err;

	ctx_init(&w->ctx);
	w->ctx.root_dir = wb->ctx->root_dir;
	w->ctx.db = wb->ctx->db;
	w->ctx.dir = wb->ctx->dir;
	w->line = state(view)->title;
	state(view)->work = w;
	if (!job_start(wb->loop, &ops, view, w, &w->job, &err))
		done(view, w, false, &err);
	return view;
}
