/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any doc as a view: help, diffs, backlinks, what a command answered.
 */
#include "model/render.h"
#include "pager.h"
#include "workbench_priv.h"

struct doc_state {
	struct pager pager;
	struct str title;
};

static struct doc_state *state(const struct view *view)
{
	return view->state;
}

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
	{ "follow", act_follow },
	{ "find", act_find },
	{ "copy-doc", act_copy_doc },
	{ 0 },
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
	pager_free(&state(view)->pager);
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
