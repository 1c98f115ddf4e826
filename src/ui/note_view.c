/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The notes view: a search line, what it found, and the note beside it; on a narrow
 * terminal the list and the note take turns. Typing goes to the search line until the
 * focus is moved into the note.
 */
#include "note_view.h"
#include "app/live.h"
#include "base/utf8.h"
#include "model/render.h"
#include "note/frontmatter.h"
#include "note/markdown.h"

enum {
	SPLIT_FROM = 76,
	LIST_MIN = 20, /* columns the rule leaves to the list and to the note */
	NOTE_MIN = 30,
	LIVE_DELAY_MS = 120,
	LIVE_PERIOD_MS = 2000
};

/* ---- the note pane ----------------------------------------------------------- */

static size_t pane_width(const struct note_state *n)
{
	int w = n->list_w ? n->w - n->list_w - 3 : n->w - 2;

	return w > 1 ? (size_t)w : 1;
}

static struct doc *render(struct view *view, struct arena *a, bool live)
{
	struct note_state *n = note_state_of(view);
	struct note_style style = {
		live ? ctx_note_live(view->wb->ctx, a, str_of(n->slug), n->bytes) : NULL,
		pane_width(n)
	};

	return note_doc(a, n->bytes, &style);
}

/* Live parts are asked for only when the eye rests: never between two keys. */
static void refresh_live(void *arg)
{
	struct view *view = arg;
	struct note_state *n = note_state_of(view);
	struct arena *arena = arena_new();
	struct str bytes = arena_str(arena, n->bytes);

	n->live_timer = NULL;
	if (!n->slug[0] || n->reference) {
		arena_free(arena);
		return;
	}
	n->bytes = bytes;
	pager_refresh(&n->pager, render(view, arena, true));
	arena_free(n->note_arena);
	n->note_arena = arena;
	if (note_is_live(n->bytes))
		n->live_timer = loop_add_timer(view->wb->loop, LIVE_PERIOD_MS, 0,
					       refresh_live, view);
	view->dirty = true;
}

/* The same note again stays where it was scrolled to: someone else may have saved it. */
static void set_text(struct view *view, struct arena *arena, struct str slug,
		     struct str bytes)
{
	struct note_state *n = note_state_of(view);
	AUTO(arena) old = n->note_arena;
	bool again = slug.n && str_eq(slug, str_of(n->slug));
	struct doc *doc;

	n->note_arena = arena;
	n->bytes = bytes;
	snprintf(n->slug, sizeof(n->slug), STR_FMT, STR_ARG(slug));
	pager_mark(&n->pager, n->found.shown.n ? n->found.shown : strbuf_str(&n->query));
	doc = bytes.p ? render(view, arena, false) : NULL;
	if (again)
		pager_refresh(&n->pager, doc);
	else
		pager_set(&n->pager, doc);
	loop_remove(view->wb->loop, n->live_timer);
	n->live_timer = NULL;
	if (bytes.p && !n->reference && note_is_live(bytes))
		n->live_timer = loop_add_timer(view->wb->loop, LIVE_DELAY_MS, 0,
					       refresh_live, view);
	view->dirty = true;
}

static bool fetch(struct note_state *n, struct arena *a, struct str name,
		  struct note *ret, struct err *err)
{
	if (!n->reference)
		return note_get(n->store, a, name, ret, err) ||
		       (err->code == ERR_NOTFOUND &&
			note_find(n->store, a, name, ret, err));
	*ret = (struct note){ .slug = name };
	return reference_get(n->store, a, name, &ret->bytes, err);
}

void note_show(struct view *view, struct str slug, bool trail)
{
	struct note_state *n = note_state_of(view);
	struct arena *arena = arena_new();
	struct note note;
	struct err err;

	if (!fetch(n, arena, slug, &note, &err)) {
		arena_free(arena);
		wb_error(view->wb, &err);
		return;
	}
	if (trail && n->slug[0] && !str_eq(note.slug, str_of(n->slug))) {
		if (n->trail_n == TRAIL_MAX)
			memmove(n->trail, n->trail + 1,
				--n->trail_n * sizeof(n->trail[0]));
		memcpy(n->trail[n->trail_n++], n->slug, sizeof(n->slug));
	}
	set_text(view, arena, note.slug, note.bytes);
}

void note_preview(struct view *view)
{
	struct note_state *n = note_state_of(view);

	n->trail_n = 0;
	if (n->list.cursor < n->found.n)
		note_show(view, n->found.v[n->list.cursor].slug, false);
	else
		set_text(view, arena_new(), STR(""), STR_NONE);
}

void note_view_show(struct view *view, struct str slug)
{
	struct note_state *n = note_state_of(view);

	n->reference = false;
	note_show(view, slug, true);
	n->reading = n->slug[0] != '\0';
	note_used(n->store, str_of(n->slug), NOTE_OPENED);
}

/* ---- view -------------------------------------------------------------------- */

static bool open_view(struct view *view, const struct args *args, struct err *err)
{
	struct note_state *n = note_state_of(view);

	n->query = (struct strbuf)STRBUF(SEARCH_TEXT_MAX);
	n->store = ctx_store(view->wb->ctx, err);
	if (!n->store || !searcher_open(n->store, &n->quick, err))
		return false;
	n->undecided = note_count_conflicts(n->store);
	if (*store_notice(n->store))
		wb_say(view->wb, STYLE_WARN, "%s", store_notice(n->store));
	else if (n->undecided)
		wb_say(view->wb, STYLE_WARN,
		       "%zu of your edited notes changed in kcrib too: M-u decides",
		       n->undecided);
	note_query_run(view);
	return true;
}

static void close_view(struct view *view)
{
	struct note_state *n = note_state_of(view);

	loop_remove(view->wb->loop, n->live_timer);
	note_query_close(view);
	pager_free(&n->pager);
	arena_free(n->note_arena);
}

static void layout(struct view *view, int w, int h)
{
	struct note_state *n = note_state_of(view);

	n->w = w;
	n->h = h;
	n->list_w = w >= SPLIT_FROM ? (w * 2 / 5 < 64 ? w * 2 / 5 : 64) : 0;
	if (n->list_w && n->rule)
		n->list_w = n->rule > w - NOTE_MIN ? w - NOTE_MIN : n->rule;
	list_set_h(&n->list, h > 1 ? (size_t)h - 1 : 0);
	pager_layout(&n->pager, (int)pane_width(n), h > 1 ? h - 1 : 0);
}

static void draw(const struct view *view, const struct surface *s)
{
	const struct note_state *n = note_state_of(view);
	struct surface pane;

	note_query_draw(view, s);
	if (!n->found.n && !n->reading)
		return;
	if (n->list_w)
		surface_vline(s, n->list_w, 1, s->h - 1);
	else if (!n->reading)
		return;
	pane = surface_sub(s, n->list_w ? n->list_w + 2 : 1, 1, (int)pane_width(n),
			   s->h - 1);
	pager_draw(&n->pager, &pane);
}

static const char *const *sections(const struct view *view)
{
	static const char *const typing[] = { "search", NULL };
	static const char *const reading[] = { "note", "move", NULL };

	return note_state_of(view)->reading ? reading : typing;
}

static struct ref subject(const struct view *view)
{
	const struct note_state *n = note_state_of(view);
	struct ref link = pager_link(&n->pager);

	if (n->reading && link.kind != REF_NONE)
		return link;
	return (struct ref){ n->slug[0] ? REF_NOTE : REF_NONE, str_of(n->slug) };
}

static void status(const struct view *view, struct strbuf *b)
{
	const struct note_state *n = note_state_of(view);
	struct cell count = cell_pages(n->reference ? reference_count(n->store)
						    : store_count(n->store));

	if (n->undecided)
		strbuf_addf(b, "M-u: %zu to decide  ", n->undecided);
	cell_format(b, &count);
	strbuf_addz(b, n->reference ? " pages" : " notes");
	if (store_mode(n->store) == STORE_READONLY)
		strbuf_addz(b, "  read-only");
	else if (store_mode(n->store) == STORE_MEMORY)
		strbuf_addz(b, "  not saved");
}

static void notice(struct view *view, enum notice_kind kind)
{
	struct note_state *n = note_state_of(view);
	char slug[sizeof(n->slug)];
	bool reading = n->reading;

	if (kind == NOTICE_RESIZE && n->slug[0])
		pager_refresh(&n->pager, render(view, n->note_arena, false));
	if (kind != NOTICE_NOTES && !(kind == NOTICE_TICK && store_changed(n->store)))
		return;
	memcpy(slug, n->slug, sizeof(slug));
	note_query_again(view);
	/* the note in the pane may have changed under it, or be gone */
	if (reading && slug[0] && note_exists(n->store, str_of(slug)))
		note_show(view, str_of(slug), false);
	else if (reading)
		n->reading = false;
}

static bool type(struct view *view, struct str text)
{
	return note_query_type(view, text);
}

static bool move(struct view *view, struct str name)
{
	struct note_state *n = note_state_of(view);

	if (n->reading)
		return pager_action(&n->pager, name);
	if (!list_action(&n->list, name))
		return false;
	note_preview(view);
	return true;
}

/* ---- actions ----------------------------------------------------------------- */

static void act_enter(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);

	if (!n->slug[0])
		return;
	n->reading = true;
	if (!n->reference)
		note_used(n->store, str_of(n->slug), NOTE_OPENED);
}

static void act_list(struct view *view, struct str arg)
{
	note_state_of(view)->reading = false;
}

static void act_search(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);

	n->reading = false;
	n->at = n->query.n;
	n->literal = !n->query.n;
}

static void act_follow(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);
	struct ref ref = pager_link(&n->pager);

	if (ref.kind == REF_NOTE)
		note_show(view, ref.id, true);
	else if (ref.kind != REF_NONE)
		wb_open_ref(view->wb, &ref);
	else
		wb_say(view->wb, STYLE_TEXT, "Tab chooses a link, Enter follows it");
}

static void act_previous_note(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);
	char slug[sizeof(n->slug)];

	if (!n->trail_n) {
		n->reading = false;
		return;
	}
	memcpy(slug, n->trail[--n->trail_n], sizeof(slug));
	note_show(view, str_of(slug), false);
}

/* The twin in the other language; without one, which language the search prefers. */
static void act_language(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);
	AUTO(arena) a = arena_new();
	struct frontmatter fm;
	struct err err;

	if (n->reading && frontmatter_parse(a, n->bytes, &fm, &err) && fm.translation.n) {
		note_show(view, arena_str(a, fm.translation), true);
		return;
	}
	if (n->reading) {
		wb_say(view->wb, STYLE_TEXT, "this note has no twin in another language");
		return;
	}
	snprintf(n->lang, sizeof(n->lang), "%s",
		 !n->lang[0]              ? "zh"
		 : !strcmp(n->lang, "zh") ? "en"
					  : "");
	note_query_run(view);
	wb_say(view->wb, STYLE_TEXT, "language first: %s",
	       n->lang[0] ? n->lang : "yours");
}

/* About the note that is shown, also while a link in it is chosen. */
static void about_note(struct view *view, const char *command)
{
	struct note_state *n = note_state_of(view);
	AUTO(arena) a = arena_new();

	if (n->slug[0] && !n->reference)
		wb_eval(view->wb, arena_strf(a, "%s %s", command, n->slug));
}

static void act_backlinks(struct view *view, struct str arg)
{
	about_note(view, "backlinks");
}

static void act_history(struct view *view, struct str arg)
{
	about_note(view, "history");
}

static void act_copy_note(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);

	wb_copy(view->wb, n->bytes, "the note");
	note_used(n->store, str_of(n->slug), NOTE_COPIED);
}

static void act_command(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);
	uint64_t number;

	if (!str_to_u64(arg, &number) || !pager_go_to_command(&n->pager, (int)number)) {
		wb_say(view->wb, STYLE_WARN, "this note has no command " STR_FMT,
		       STR_ARG(arg));
		return;
	}
	form_view_open(view->wb, str_of(n->slug), (size_t)number);
}

static const struct action own_actions[] = {
	{ "enter", act_enter },
	{ "focus-note", act_enter },
	{ "list", act_list },
	{ "search", act_search },
	{ "follow", act_follow },
	{ "previous-note", act_previous_note },
	{ "language", act_language },
	{ "backlinks", act_backlinks },
	{ "history", act_history },
	{ "copy-note", act_copy_note },
	{ "command", act_command },
	{ "edit", note_act_edit },
	{ "new", note_act_new },
	{ "rename", note_act_rename },
	{ "delete-note", note_act_delete },
	{ "conflicts", note_act_conflicts },
	{ 0 },
};

/* The rule between the panes follows the mouse from the press on it to the release. */
static bool drag_rule(struct view *view, const struct mouse *m)
{
	struct note_state *n = note_state_of(view);

	if (m->click && n->list_w && m->x == n->list_w && m->y >= 1) {
		n->dragging = true;
		return true;
	}
	if (!n->dragging)
		return false;
	n->dragging = !m->release;
	n->rule = m->x < LIST_MIN ? LIST_MIN : m->x;
	layout(view, n->w, n->h);
	if (n->slug[0])
		pager_refresh(&n->pager, render(view, n->note_arena, false));
	return true;
}

static void click_note(struct view *view, const struct mouse *m)
{
	struct note_state *n = note_state_of(view);
	int left = n->list_w ? n->list_w + 2 : 1;

	n->reading = true;
	if (pager_click(&n->pager, m->x - left, m->y - 1))
		act_follow(view, STR(""));
}

static void click_list(struct view *view, const struct mouse *m)
{
	struct note_state *n = note_state_of(view);

	if (!list_click(&n->list, m->y - 1))
		return;
	n->reading = false;
	note_preview(view);
	if (m->double_click)
		act_enter(view, STR(""));
}

static bool mouse(struct view *view, const struct mouse *m)
{
	struct note_state *n = note_state_of(view);
	bool in_list = n->list_w ? m->x < n->list_w : !n->reading;

	if (drag_rule(view, m))
		return true;
	if (in_list && m->wheel) {
		list_scroll(&n->list, m->wheel);
		note_preview(view);
	} else if (m->wheel) {
		for (int i = 0; i < (m->wheel < 0 ? -m->wheel : m->wheel); i++)
			pager_action(&n->pager, m->wheel < 0 ? STR("up") : STR("down"));
	}
	if (m->click)
		(in_list ? click_list : click_note)(view, m);
	return true;
}

const struct view_ops note_view_ops = {
	.name = "Notes",
	.sections = sections,
	.size = sizeof(struct note_state),
	.actions = own_actions,
	.more_actions = note_query_actions,
	.move = move,
	.open = open_view,
	.notice = notice,
	.draw = draw,
	.layout = layout,
	.subject = subject,
	.type = type,
	.mouse = mouse,
	.status = status,
	.close = close_view,
};
