/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One reject, the heart of kcrib: what the patch expected, what is here, what it would
 * become, side by side or, on a narrow terminal, one below the other; and one key for
 * each thing that can be done about it.
 */
#include "base/utf8.h"
#include "pager.h"
#include "panes.h"
#include "patch_view.h"

enum { WIDE = 110, HEAD = 3, CONTEXT = 12, PANE_MIN = 4 };

struct hunk_state {
	struct arena *arena;
	struct desk_items items;
	const struct desk_item *item;
	unsigned id;
	size_t candidate; /* 0-based */
	bool choosing;    /* moving the cursor to a line of the file */
	size_t line;      /* 1-based, while choosing */
	struct place_candidate chosen;
	bool has_chosen, plain; /* plain: no word differences */
	struct panes panes;
	struct pager pane[3];
	int w, h;
};

static struct hunk_state *state(const struct view *view)
{
	return view->state;
}

static const struct place_candidate *candidate_of(const struct hunk_state *h)
{
	if (h->has_chosen)
		return &h->chosen;
	if (h->candidate >= h->item->place.n_candidates)
		return NULL;
	return &h->item->place.candidates[h->candidate];
}

/* ---- reading ----------------------------------------------------------------- */

static bool is_wide(const struct hunk_state *h)
{
	return h->w >= WIDE;
}

/* Row of the first changed line: what the other panes show first, too. */
static size_t change_in_patch(const struct desk_item *item)
{
	size_t row = 0;

	while (item->hunk && row < item->hunk->n && item->hunk->lines[row].kind == ' ')
		row++;
	return row;
}

static bool is_decided(const struct hunk_state *h)
{
	return h->item && h->item->status != DESK_OPEN;
}

/* Where three panes would be nothing but titles, one stands alone: the result, or the
 * file while a line is chosen, or the patch where no place is likely or asked for. */
static bool is_alone(const struct hunk_state *h)
{
	return is_decided(h) || (!is_wide(h) && h->h - HEAD < 3 * PANE_MIN);
}

static size_t alone(const struct hunk_state *h)
{
	if (is_decided(h))
		return 0;
	return h->choosing ? 1 : candidate_of(h) ? 2 : 0;
}

static int stacked_height(const struct hunk_state *h)
{
	return is_alone(h) ? h->h - HEAD : (h->h - HEAD) / 3;
}

static void lay_panes(struct hunk_state *h)
{
	for (size_t i = 0; i < 3; i++) {
		if (is_wide(h) && !is_alone(h))
			pager_layout(&h->pane[i], h->w / 3 - 2, h->h - HEAD - 2);
		else
			pager_layout(&h->pane[i], h->w - 2, stacked_height(h) - 1);
	}
}

static void show_panes(struct hunk_state *h)
{
	struct panes_at at = { candidate_of(h), h->line, CONTEXT, !h->plain };
	struct doc *docs[3];

	lay_panes(h);
	panes_make(&h->panes, h->arena, h->item, &at);
	docs[0] = h->panes.expected;
	docs[1] = h->panes.here;
	docs[2] = h->panes.become;
	for (size_t i = 0; i < 3; i++)
		pager_set(&h->pane[i], docs[i]);
	if (is_wide(h))
		return;
	/* where only a few lines fit, the change itself stands in the middle */
	pager_centre(&h->pane[0], change_in_patch(h->item));
	pager_centre(&h->pane[1], h->panes.focus);
	pager_centre(&h->pane[2], h->panes.focus);
}

/* A candidate in another file brings that file's bytes with it. */
static void load_other_file(struct view *view)
{
	struct hunk_state *h = state(view);
	const struct place_candidate *c = candidate_of(h);
	AUTO(desk) desk = NULL;
	struct desk_item *other;
	struct err err;

	if (!c || !c->path.n || str_eq(c->path, h->item->file))
		return;
	other = arena_new_of(h->arena, struct desk_item);
	*other = *h->item;
	other->file = c->path;
	if (patch_desk(view->wb, h->arena, &desk, &err) &&
	    desk_read(desk, c->path, h->arena, &other->bytes, &err))
		h->item = other;
	else
		wb_error(view->wb, &err);
}

static bool load(struct view *view, unsigned id)
{
	struct hunk_state *h = state(view);
	AUTO(desk) desk = NULL;
	struct arena *arena = arena_new();
	struct desk_items items;
	struct desk_item *item;
	struct err err;

	if (!patch_desk(view->wb, arena, &desk, &err) ||
	    !desk_list(desk, arena, &items, &err)) {
		arena_free(arena);
		wb_error(view->wb, &err);
		return false;
	}
	item = desk_find(&items, id);
	if (!item) {
		arena_free(arena);
		return false;
	}
	if (!desk_place(desk, arena, &items, (size_t)(item - items.v), &err)) {
		arena_free(arena);
		wb_error(view->wb, &err);
		return false;
	}
	for (size_t i = 0; i < 3; i++)
		pager_set(&h->pane[i], NULL);
	arena_free(h->arena);
	h->arena = arena;
	h->items = items;
	h->item = item;
	if (h->id != id)
		h->candidate = 0;
	h->id = id;
	h->has_chosen = h->choosing = false;
	view->wb->open_rejects = items.open;
	load_other_file(view);
	show_panes(h);
	view->dirty = true;
	return true;
}

static void close_view(struct view *view)
{
	struct hunk_state *h = state(view);

	for (size_t i = 0; i < 3; i++)
		pager_free(&h->pane[i]);
	arena_free(h->arena);
}

/* ---- drawing ----------------------------------------------------------------- */

static void layout(struct view *view, int w, int height)
{
	struct hunk_state *h = state(view);
	h->w = w;
	h->h = height;
	if (h->id)
		show_panes(h);
}

/* "2 of 3 open", or what was decided about it. */
static void add_standing(const struct hunk_state *h, struct strbuf *b)
{
	size_t at = 0;

	for (size_t i = 0; i < h->items.n; i++) {
		at += h->items.v[i].status == DESK_OPEN;
		if (h->items.v[i].id != h->id)
			continue;
		if (h->items.v[i].status == DESK_OPEN)
			strbuf_addf(b, "%zu of %zu open", at, h->items.open);
		else
			strbuf_addz(b, "decided");
		return;
	}
}

static size_t position(const struct hunk_state *h, size_t *ret_of)
{
	size_t at = 0;

	*ret_of = h->items.n;
	for (size_t i = 0; i < h->items.n; i++)
		if (h->items.v[i].id == h->id)
			at = i + 1;
	return at;
}

static void draw_head(const struct hunk_state *h, const struct surface *s)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(standing, 64);
	int x = 1;

	add_standing(h, &standing);
	x += surface_text(s, x, 0, STYLE_STRONG, h->item->path);
	x += surface_textf(s, x, 0, STYLE_DIM, "   %s   ", strbuf_z(&standing));
	if (!is_wide(h) && h->item->hunk)
		x += surface_textf(s, x, 0, STYLE_HUNK, "line %zu",
				   h->item->hunk->old.start);
	else
		x += surface_text(s, x, 0, STYLE_HUNK, rejects_header(a, h->item));
	if (h->item->file.n && !str_eq(h->item->file, h->item->path))
		surface_textf(s, x + 2, 0, STYLE_WARN, "now in " STR_FMT,
			      STR_ARG(h->item->file));
	surface_textf(s, 1, 1, STYLE_WARN, "why: " STR_FMT,
		      STR_ARG(rejects_why(a, h->item)));
}

static void title_here(const struct hunk_state *h, struct strbuf *b)
{
	const struct place_candidate *c = candidate_of(h);

	if (h->choosing)
		strbuf_addf(b, "choose a line: %zu", h->line);
	else if (h->has_chosen)
		strbuf_addf(b, "here, at the line you chose");
	else if (!h->item->file.n)
		strbuf_addz(b, "here: there is no such file");
	else if (!c)
		strbuf_addz(b, "here: no place is likely; m chooses one");
	else
		strbuf_addf(b, "here, line %zu (%zu of %zu, sure %.2f)", c->line,
			    h->candidate + 1, h->item->place.n_candidates, c->score);
}

static void draw_pane(const struct hunk_state *h, size_t i, const struct surface *s)
{
	struct surface body = surface_sub(s, 0, 1, s->w, s->h - 1);
	STRBUF_AUTO(title, 256);

	if (is_decided(h))
		strbuf_addf(&title, "the patch: %s; u takes that back",
			    desk_status_name(h->item->status));
	else if (i == 0)
		strbuf_addz(&title, "the patch");
	else if (i == 1)
		title_here(h, &title);
	else
		strbuf_addz(&title, "would become");
	surface_text(s, 0, 0, STYLE_HEAD2, strbuf_str(&title));
	pager_draw(&h->pane[i], &body);
	if (i == 1 && h->choosing && h->line >= h->panes.first)
		surface_emphasise(&body,
				  (int)(h->line - h->panes.first) - (int)h->pane[1].top,
				  EMPHASIS_CURSOR);
}

static void draw(const struct view *view, const struct surface *s)
{
	const struct hunk_state *h = state(view);
	int third = s->w / 3, body = s->h - HEAD, stacked = stacked_height(h);

	draw_head(h, s);
	if (is_alone(h)) {
		struct surface pane = surface_sub(s, 1, HEAD, s->w - 2, body);

		draw_pane(h, alone(h), &pane);
		return;
	}
	for (int i = 0; i < 3; i++) {
		struct surface pane =
			is_wide(h) ? surface_sub(s, i * third + 1, HEAD, third - 2, body)
				   : surface_sub(s, 1, HEAD + i * stacked, s->w - 2,
						 stacked);

		draw_pane(h, (size_t)i, &pane);
		if (i && is_wide(h))
			surface_vline(s, i * third - 1, HEAD, body);
	}
}

static struct ref subject(const struct view *view)
{
	const struct hunk_state *h = state(view);

	if (!h->item)
		return (struct ref){ 0 };
	return (struct ref){ REF_HUNK, arena_strf(h->arena, "%u", h->id) };
}

static void status(const struct view *view, struct strbuf *b)
{
	strbuf_addf(b, "%zu open", state(view)->items.open);
}

static void shell_line(const struct view *view, struct strbuf *b)
{
	const struct hunk_state *h = state(view);

	if (h->item)
		strbuf_addf(b, "wiggle --replace " STR_FMT " " STR_FMT,
			    STR_ARG(h->item->path), STR_ARG(h->item->rej));
}

static const char *const *sections(const struct view *view)
{
	static const char *const names[] = { "hunk", "move", NULL };
	static const char *const choosing[] = { "hunk-choose", "move", NULL };
	static const char *const decided[] = { "hunk-decided", "move", NULL };

	if (is_decided(state(view)))
		return decided;
	return state(view)->choosing ? choosing : names;
}

/* ---- deciding ---------------------------------------------------------------- */

/* The next open reject behind (or before) this one; the list of all when none is left. */
static void go_to_open(struct view *view, int step)
{
	struct hunk_state *h = state(view);
	size_t of, at = position(h, &of);

	for (size_t i = 1; i <= of; i++) {
		size_t k = (at + of - 1 + (step > 0 ? i : of * 2 - i)) % of;

		if (h->items.v[k].status == DESK_OPEN && h->items.v[k].id != h->id) {
			load(view, h->items.v[k].id);
			return;
		}
	}
	if (h->items.open)
		wb_say(view->wb, STYLE_TEXT, "this is the only open reject");
}

static void after_decision(struct view *view, const char *what)
{
	struct hunk_state *h = state(view);
	struct workbench *wb = view->wb;
	unsigned id = h->id;

	if (!load(view, id))
		return;
	wb_notice(wb, NOTICE_TREE);
	if (h->items.open) {
		wb_say(wb, STYLE_GOOD, "%s; %zu open; u takes it back", what,
		       h->items.open);
		go_to_open(view, 1);
	} else {
		wb_say(wb, STYLE_GOOD,
		       "%s; nothing is open any more: C continues, u takes it "
		       "back",
		       what);
	}
}

static void act_take(struct view *view, struct str arg)
{
	struct hunk_state *h = state(view);
	const struct place_candidate *c = candidate_of(h);
	AUTO(desk) desk = NULL;
	struct err err;

	if (!c) {
		wb_say(view->wb, STYLE_WARN,
		       "there is no place to take: m chooses a line, e "
		       "edits the file, d drops the hunk");
		return;
	}
	if (patch_desk(view->wb, h->arena, &desk, &err) &&
	    desk_take(desk, h->item, c, &err))
		after_decision(view, "taken");
	else
		wb_error(view->wb, &err);
}

static void act_drop(struct view *view, struct str arg)
{
	struct hunk_state *h = state(view);
	AUTO(desk) desk = NULL;
	struct err err;

	if (patch_desk(view->wb, h->arena, &desk, &err) && desk_drop(desk, h->item, &err))
		after_decision(view, "dropped");
	else
		wb_error(view->wb, &err);
}

static void act_edit(struct view *view, struct str arg)
{
	struct hunk_state *h = state(view);

	wb_eval(view->wb, arena_strf(h->arena, "rej edit %u", h->id));
	/* left without a change, the reject is as open as before and the words say so */
	if (load(view, h->id) && h->item->status != DESK_OPEN)
		after_decision(view, "edited");
}

/* Of the decided rejects of before, the one that is open now; 0: none. */
static unsigned reopened(const struct hunk_state *h, const struct desk_items *now)
{
	for (size_t i = 0; i < h->items.n; i++) {
		const struct desk_item *item = desk_find(now, h->items.v[i].id);

		if (h->items.v[i].status != DESK_OPEN && item &&
		    item->status == DESK_OPEN)
			return item->id;
	}
	return 0;
}

static void act_undo(struct view *view, struct str arg)
{
	struct hunk_state *h = state(view);
	AUTO(desk) desk = NULL;
	AUTO(arena) a = arena_new();
	struct desk_items now;
	struct str what;
	unsigned id = 0;
	struct err err;

	if (!patch_desk(view->wb, a, &desk, &err) || !desk_undo(desk, a, &what, &err)) {
		wb_error(view->wb, &err);
		return;
	}
	if (desk_list(desk, a, &now, &err))
		id = reopened(h, &now);
	load(view, id ? id : h->id);
	wb_notice(view->wb, NOTICE_TREE);
	wb_say(view->wb, STYLE_GOOD, "undone: " STR_FMT, STR_ARG(what));
}

static void act_continue(struct view *view, struct str arg)
{
	struct workbench *wb = view->wb;

	if (state(view)->items.open) {
		wb_say(wb, STYLE_WARN, "%zu rejects are open", state(view)->items.open);
		return;
	}
	wb_pop(wb);
	wb_do(wb, wb_top(wb), STR("continue"));
}

/* ---- places ------------------------------------------------------------------ */

static void step_candidate(struct view *view, int by)
{
	struct hunk_state *h = state(view);
	size_t n = h->item->place.n_candidates;

	h->has_chosen = false;
	if (!n) {
		wb_say(view->wb, STYLE_TEXT, "no place is likely; m chooses a line");
		return;
	}
	h->candidate = (h->candidate + n + (size_t)by) % n;
	load(view, h->id);
}

static void act_next_place(struct view *view, struct str arg)
{
	step_candidate(view, 1);
}

static void act_previous_place(struct view *view, struct str arg)
{
	step_candidate(view, -1);
}

static void act_next_open(struct view *view, struct str arg)
{
	go_to_open(view, 1);
}

static void act_previous_open(struct view *view, struct str arg)
{
	go_to_open(view, -1);
}

static void act_words(struct view *view, struct str arg)
{
	state(view)->plain = !state(view)->plain;
	show_panes(state(view));
}

static void act_choose(struct view *view, struct str arg)
{
	struct hunk_state *h = state(view);
	const struct place_candidate *c = candidate_of(h);

	if (!h->item->hunk || !h->item->file.n) {
		wb_say(view->wb, STYLE_WARN, "there is no file to choose a line in");
		return;
	}
	h->line = c ? c->line : h->item->hunk->old.start ? h->item->hunk->old.start : 1;
	h->choosing = true;
	wb_say(view->wb, STYLE_TEXT,
	       "move to the line where it begins; Enter lays it there");
}

static void act_lay(struct view *view, struct str arg)
{
	struct hunk_state *h = state(view);
	struct err err;

	h->choosing = false;
	h->has_chosen = place_at_line(h->item->bytes, h->item->hunk, h->line, h->arena,
				      &h->chosen, &err);
	if (!h->has_chosen)
		wb_error(view->wb, &err);
	show_panes(h);
}

static void act_leave_choice(struct view *view, struct str arg)
{
	state(view)->choosing = false;
	show_panes(state(view));
}

static void act_note(struct view *view, struct str arg)
{
	struct ref ref = { REF_NOTE, STR("git-am-reject") };

	wb_open_ref(view->wb, &ref);
}

static void act_history(struct view *view, struct str arg)
{
	struct hunk_state *h = state(view);

	wb_eval(view->wb, arena_strf(h->arena, "rej why %u", h->id));
}

static const struct action actions[] = {
	{ "take", act_take },
	{ "drop", act_drop },
	{ "edit-result", act_edit },
	{ "undo-decision", act_undo },
	{ "continue", act_continue },
	{ "next-place", act_next_place },
	{ "previous-place", act_previous_place },
	{ "next-open", act_next_open },
	{ "previous-open", act_previous_open },
	{ "words", act_words },
	{ "choose-place", act_choose },
	{ "lay-here", act_lay },
	{ "leave-choice", act_leave_choice },
	{ "history", act_history },
	{ "note", act_note },
	{ 0 },
};

/* While choosing, movements move the line; otherwise they scroll the panes together. */
static bool move(struct view *view, struct str name)
{
	struct hunk_state *h = state(view);
	size_t lines = 0;
	struct list list;

	if (!h->choosing) {
		bool known = false;

		for (size_t i = 0; i < 3; i++)
			known |= pager_action(&h->pane[i], name);
		return known;
	}
	for (size_t i = 0; i < h->item->bytes.n; i++)
		lines += h->item->bytes.p[i] == '\n';
	list = (struct list){ .n = lines + 1, .cursor = h->line - 1, .h = 20 };
	if (!list_action(&list, name))
		return false;
	h->line = list.cursor + 1;
	panes_make(&h->panes, h->arena, h->item,
		   &(struct panes_at){ NULL, h->line, (size_t)h->pane[1].h / 2, false });
	pager_set(&h->pane[1], h->panes.here);
	return true;
}

const struct view_ops hunk_view_ops = {
	.name = "a reject",
	.sections = sections,
	.size = sizeof(struct hunk_state),
	.actions = actions,
	.move = move,
	.draw = draw,
	.layout = layout,
	.subject = subject,
	.status = status,
	.shell_line = shell_line,
	.close = close_view,
};

void hunk_view_open(struct workbench *wb, unsigned id)
{
	struct view *view = view_new(wb, &hunk_view_ops, NULL);

	if (load(view, id)) {
		wb_push_view(wb, view);
		return;
	}
	close_view(view);
	arena_free(view->arena);
}
