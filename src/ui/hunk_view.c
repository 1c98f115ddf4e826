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

enum { WIDE = 110, HEAD = 3, CONTEXT = 12, PANE_MIN = 4, PANES = 3 };

struct hunk_state {
	struct reject_list *list; /* the Patches view's, which lies below */
	unsigned id, round;
	size_t at;              /* where it stands in the list of that round */
	bool gone;              /* it does not stand there any more */
	bool waits;             /* for what history says of its file */
	uint64_t file_stamp;    /* of the file that is shown */
	struct arena *arena;    /* of what is shown of it: */
	struct desk_item shown; /* the item, in the file of the candidate */
	size_t candidate;       /* 0-based */
	bool choosing;          /* moving the cursor to a line of the file */
	bool at_line;           /* laid at `line`, not where a candidate is */
	size_t line;            /* 1-based */
	size_t count;           /* digits typed before a movement */
	char pattern[256];      /* what was looked for last while choosing */
	bool plain;             /* no word differences */
	struct arena *drawn;    /* of the panes */
	struct place_candidate laid;
	bool fits; /* `laid` is what it would become at `line` */
	struct panes panes;
	struct pager pane[PANES];
	int w, h;
};

static struct hunk_state *state(const struct view *view)
{
	return view->state;
}

/* Of one that is not gone. */
static const struct desk_item *item_of(const struct hunk_state *h)
{
	return &h->list->items.v[h->at];
}

static const struct place_candidate *candidate_of(const struct hunk_state *h)
{
	const struct placement *place = &h->shown.place;

	if (h->at_line || h->choosing)
		return h->fits ? &h->laid : NULL;
	return h->candidate < place->n_candidates ? &place->candidates[h->candidate]
						  : NULL;
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
	return h->gone || item_of(h)->status != DESK_OPEN;
}

/* What it would become is shown where something is laid somewhere. */
static size_t n_panes(const struct hunk_state *h)
{
	return candidate_of(h) ? PANES : PANES - 1;
}

/* Where several panes would be nothing but titles, one stands alone: the result, or the
 * file while a line is chosen, or the patch where no place is likely or asked for. */
static bool is_alone(const struct hunk_state *h)
{
	return is_decided(h) || (!is_wide(h) && h->h - HEAD < PANES * PANE_MIN);
}

static size_t alone(const struct hunk_state *h)
{
	if (is_decided(h))
		return 0;
	return h->choosing ? 1 : candidate_of(h) ? 2 : 0;
}

/* Where a pane stands below the two lines about the reject. */
static struct surface pane_at(const struct hunk_state *h, size_t i)
{
	int n = (int)n_panes(h), k = (int)i, body = h->h - HEAD;
	int from = body * k / n, to = body * (k + 1) / n;

	if (is_alone(h))
		return (struct surface){ 1, HEAD, h->w - 2, body };
	if (is_wide(h))
		return (struct surface){ h->w / n * k + 1, HEAD, h->w / n - 2, body };
	return (struct surface){ 1, HEAD + from, h->w - 2, to - from };
}

static void show_panes(struct hunk_state *h)
{
	struct panes_at at = { .line = h->line, .context = CONTEXT, .words = !h->plain };
	struct doc *docs[PANES];
	struct err none;

	for (size_t i = 0; i < PANES; i++)
		pager_set(&h->pane[i], NULL);
	arena_free(h->drawn);
	h->drawn = arena_new();
	h->fits = (h->at_line || h->choosing) && h->shown.hunk &&
		  place_at_line(h->shown.bytes, h->shown.hunk, h->line, h->drawn,
				&h->laid, &none);
	at.candidate = candidate_of(h);
	panes_make(&h->panes, h->drawn, &h->shown, &at);
	docs[0] = h->panes.expected;
	docs[1] = h->panes.here;
	docs[2] = h->panes.become;
	for (size_t i = 0; i < PANES; i++) {
		struct surface s = pane_at(h, i);

		pager_layout(&h->pane[i], s.w, s.h - 1);
		pager_set(&h->pane[i], docs[i]);
	}
	if (h->choosing || !at.candidate)
		pager_centre(&h->pane[1], h->line - h->panes.first);
	if (is_wide(h))
		return;
	/* where only a few lines fit, the change itself stands in the middle */
	pager_centre(&h->pane[0], change_in_patch(&h->shown));
	if (!h->choosing && at.candidate)
		pager_centre(&h->pane[1], h->panes.focus);
	pager_centre(&h->pane[2], h->panes.focus);
}

/* What is shown of the item with its present candidate. */
static void show_item(struct view *view)
{
	struct hunk_state *h = state(view);
	const struct desk_item *item = item_of(h);
	const struct placement *place = &item->place;
	struct err err;

	h->choosing = h->at_line = false;
	h->count = 0;
	if (h->candidate >= place->n_candidates)
		h->candidate = 0;
	h->shown = *item;
	arena_free(h->arena);
	h->arena = arena_new();
	if (place->n_candidates &&
	    !desk_item_with(h->list->desk, item, &place->candidates[h->candidate],
			    h->arena, &h->shown, &err))
		wb_error(view->wb, &err);
	h->line = item->hunk && item->hunk->old.start ? item->hunk->old.start : 1;
	h->file_stamp = desk_file_stamp(h->list->desk, h->shown.file);
	show_panes(h);
	view->dirty = true;
}

static bool load(struct view *view, unsigned id)
{
	struct hunk_state *h = state(view);
	struct reject_list *l = h->list;
	struct err err;

	if (h->id != id)
		h->candidate = 0;
	h->id = l->last = id;
	h->round = l->round;
	h->gone = !reject_list_find(l, id, &h->at);
	view->dirty = true;
	if (h->gone)
		return false;
	h->waits = item_of(h)->status == DESK_OPEN && !item_of(h)->placed &&
		   l->waits(l->arg, item_of(h));
	if (!h->waits && !desk_place(l->desk, l->arena, &l->items, h->at, &err)) {
		wb_error(view->wb, &err);
		h->gone = true;
		return false;
	}
	show_item(view);
	return true;
}

/* Another program, or a command, changed what the list was read from, or the file. */
static void notice(struct view *view, enum notice_kind kind)
{
	struct hunk_state *h = state(view);

	if (kind == NOTICE_TICK && !h->choosing &&
	    (reject_list_is_stale(h->list) ||
	     (!is_decided(h) &&
	      desk_file_stamp(h->list->desk, h->shown.file) != h->file_stamp)))
		wb_notice(view->wb, NOTICE_TREE);
	if (h->round != h->list->round || (kind == NOTICE_PLACES && h->waits))
		load(view, h->id);
}

static void close_view(struct view *view)
{
	struct hunk_state *h = state(view);

	for (size_t i = 0; i < PANES; i++)
		pager_free(&h->pane[i]);
	arena_free(h->arena);
	arena_free(h->drawn);
}

/* ---- drawing ----------------------------------------------------------------- */

static void layout(struct view *view, int w, int height)
{
	struct hunk_state *h = state(view);

	h->w = w;
	h->h = height;
	if (!h->gone)
		show_panes(h);
}

/* "2 of 3 open", or what was decided about it. */
static void add_standing(const struct hunk_state *h, struct strbuf *b)
{
	const struct desk_items *items = &h->list->items;
	size_t n = 0;

	if (is_decided(h)) {
		strbuf_addz(b, "decided");
		return;
	}
	for (size_t i = 0; i <= h->at; i++)
		n += items->v[i].status == DESK_OPEN;
	strbuf_addf(b, "%zu of %zu%s open", n, items->open, items->unread ? "+" : "");
}

static void draw_head(const struct hunk_state *h, const struct surface *s)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(standing, 64);
	const struct desk_item *item = item_of(h);
	int x = 1;

	add_standing(h, &standing);
	x += surface_text(s, x, 0, STYLE_STRONG, item->path);
	x += surface_textf(s, x, 0, STYLE_DIM, "   %s   ", strbuf_z(&standing));
	if (!is_wide(h) && item->hunk)
		x += surface_textf(s, x, 0, STYLE_HUNK, "line %zu",
				   item->hunk->old.start);
	else
		x += surface_text(s, x, 0, STYLE_HUNK, rejects_header(a, item));
	if (h->shown.file.n && !str_eq(h->shown.file, item->path))
		surface_textf(s, x + 2, 0, STYLE_WARN, "now in " STR_FMT,
			      STR_ARG(h->shown.file));
	surface_textf(s, 1, 1, STYLE_WARN, "why: " STR_FMT,
		      STR_ARG(rejects_why(a, item)));
}

static void title_here(const struct hunk_state *h, struct strbuf *b)
{
	const struct place_candidate *c = candidate_of(h);

	if (h->choosing && h->count)
		strbuf_addf(b, "choose a line: %zu, %zu", h->line, h->count);
	else if (h->choosing)
		strbuf_addf(b, "choose a line: %zu", h->line);
	else if (h->at_line)
		strbuf_addf(b, "here, at the line you chose");
	else if (h->waits)
		strbuf_addz(b, "here: there is no such file; asking where it went");
	else if (!h->shown.file.n)
		strbuf_addz(b, "here: there is no such file");
	else if (!c)
		strbuf_addf(b, "here, around line %zu: no place is likely; m chooses one",
			    h->line);
	else
		strbuf_addf(b, "here, line %zu (%zu of %zu, sure %.2f)", c->line,
			    h->candidate + 1, h->shown.place.n_candidates, c->score);
}

static void draw_pane(const struct hunk_state *h, size_t i, const struct surface *s)
{
	struct surface body = surface_sub(s, 0, 1, s->w, s->h - 1);
	STRBUF_AUTO(title, 256);

	if (is_decided(h))
		strbuf_addf(&title, "the patch: %s; u takes that back",
			    desk_status_name(item_of(h)->status));
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

	if (h->gone) {
		surface_text(s, 1, 1, STYLE_WARN,
			     STR("This reject is no longer here: it was resolved or "
				 "removed outside."));
		return;
	}
	draw_head(h, s);
	for (size_t i = 0; i < n_panes(h); i++) {
		struct surface at = pane_at(h, i), pane;

		if (is_alone(h) && i != alone(h))
			continue;
		pane = surface_sub(s, at.x, at.y, at.w, at.h);
		draw_pane(h, i, &pane);
		if (i && is_wide(h) && !is_alone(h))
			surface_vline(s, at.x - 2, HEAD, at.h);
	}
}

static struct ref subject(const struct view *view)
{
	struct hunk_state *h = state(view);

	if (h->gone)
		return (struct ref){ 0 };
	return (struct ref){ REF_HUNK, arena_strf(h->arena, "%u", h->id) };
}

static void status(const struct view *view, struct strbuf *b)
{
	strbuf_addf(b, "%zu open", state(view)->list->items.open);
}

static void shell_line(const struct view *view, struct strbuf *b)
{
	const struct hunk_state *h = state(view);

	if (!h->gone)
		rejects_shell_line(b, desk_top(h->list->desk), &h->shown,
				   candidate_of(h));
}

static const char *const *sections(const struct view *view)
{
	static const char *const names[] = { "hunk", "move", NULL };
	static const char *const choosing[] = { "hunk-choose", "move", NULL };
	static const char *const decided[] = { "hunk-decided", "move", NULL };
	static const char *const gone[] = { "hunk-gone", "move", NULL };

	if (state(view)->gone)
		return gone;
	if (is_decided(state(view)))
		return decided;
	return state(view)->choosing ? choosing : names;
}

/* ---- deciding ---------------------------------------------------------------- */

/* The next open reject behind (or before) this one. */
static void go_to_open(struct view *view, int step)
{
	struct hunk_state *h = state(view);
	size_t at;

	if (reject_list_next_open(h->list, h->gone ? 0 : h->at, step, &at))
		load(view, h->list->items.v[at].id);
	else if (h->list->items.open)
		wb_say(view->wb, STYLE_TEXT, "this is the only open reject");
	else
		wb_say(view->wb, STYLE_TEXT, "nothing is open any more");
}

static void after_decision(struct view *view, const char *what)
{
	struct hunk_state *h = state(view);
	size_t open = h->list->items.open;

	reject_list_settle(h->list);
	load(view, h->id);
	if (!open) {
		wb_say(view->wb, STYLE_GOOD,
		       "%s; nothing is open any more: C continues, u takes it "
		       "back",
		       what);
		return;
	}
	go_to_open(view, 1);
	wb_say(view->wb, STYLE_GOOD, "%s; %zu open; u takes it back", what, open);
}

/* What it was decided upon is not there any more: shown anew, with why nothing was done.
 */
static void failed(struct view *view, const struct err *err)
{
	if (err->code == ERR_CONFLICT || err->code == ERR_NOTFOUND)
		wb_notice(view->wb, NOTICE_TREE);
	wb_error(view->wb, err);
}

/* What is about the file can wait until it is known which one it is. */
static bool is_waiting(struct view *view)
{
	if (state(view)->waits)
		wb_say(view->wb, STYLE_TEXT,
		       "history is being asked where the file went");
	return state(view)->waits;
}

static void act_take(struct view *view, struct str arg)
{
	struct hunk_state *h = state(view);
	const struct place_candidate *c = candidate_of(h);
	struct err err;

	if (is_waiting(view))
		return;
	if (!c)
		wb_say(view->wb, STYLE_WARN,
		       "there is no place to take: m chooses a line, e "
		       "edits the file, d drops the hunk");
	else if (desk_take(h->list->desk, &h->list->items, &h->shown, c, &err))
		after_decision(view, "taken");
	else
		failed(view, &err);
}

static void act_drop(struct view *view, struct str arg)
{
	struct hunk_state *h = state(view);
	struct err err;

	if (desk_drop(h->list->desk, &h->list->items, &h->shown, &err))
		after_decision(view, "dropped");
	else
		failed(view, &err);
}

/* What it would become goes to the editor, or the file where nothing is laid. */
static void act_edit(struct view *view, struct str arg)
{
	struct hunk_state *h = state(view);
	struct ctx *ctx = view->wb->ctx;
	AUTO(arena) a = arena_new();
	struct arena *before = ctx->arena;
	struct err err;
	bool ok;

	if (is_waiting(view))
		return;
	ctx->arena = a;
	ok = rejects_edit(ctx, h->list->desk, &h->list->items, &h->shown, candidate_of(h),
			  &err);
	ctx->arena = before;
	if (ok)
		after_decision(view, "edited");
	else
		failed(view, &err);
}

/* What was decided last lies open again, and is gone to. */
static void act_undo(struct view *view, struct str arg)
{
	struct hunk_state *h = state(view);
	AUTO(arena) a = arena_new();
	unsigned id = h->id;
	struct str what;
	struct err err;

	if (!desk_undo(h->list->desk, a, &id, &what, &err)) {
		failed(view, &err);
		return;
	}
	h->id = id;
	wb_notice(view->wb, NOTICE_TREE);
	wb_say(view->wb, STYLE_GOOD, "undone: " STR_FMT, STR_ARG(what));
}

static void act_continue(struct view *view, struct str arg)
{
	struct workbench *wb = view->wb;

	size_t open = state(view)->list->items.open;

	if (open) {
		wb_say(wb, STYLE_WARN, "%zu reject%s open: ] goes to the next", open,
		       open == 1 ? " is" : "s are");
		return;
	}
	wb_pop(wb);
	wb_do(wb, wb_top(wb), STR("continue"));
}

/* ---- places ------------------------------------------------------------------ */

static void step_candidate(struct view *view, int by)
{
	struct hunk_state *h = state(view);
	size_t n = h->shown.place.n_candidates;

	if (!n) {
		wb_say(view->wb, STYLE_TEXT, "no place is likely; m chooses a line");
		return;
	}
	if (n == 1 && !h->at_line)
		wb_say(view->wb, STYLE_TEXT, "this is the only place");
	if (!h->at_line)
		h->candidate = (h->candidate + n + (size_t)by) % n;
	show_item(view);
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

/* ---- choosing a line --------------------------------------------------------- */

static void act_choose(struct view *view, struct str arg)
{
	struct hunk_state *h = state(view);
	const struct place_candidate *c = candidate_of(h);

	if (!h->shown.hunk || !h->shown.file.n) {
		wb_say(view->wb, STYLE_WARN, "there is no file to choose a line in");
		return;
	}
	if (c)
		h->line = c->line;
	h->choosing = true;
	h->count = 0;
	show_panes(h);
	wb_say(view->wb, STYLE_TEXT, "Enter lays it; 120G or /text moves");
}

static void act_lay(struct view *view, struct str arg)
{
	struct hunk_state *h = state(view);

	h->choosing = false;
	h->at_line = h->fits;
	if (!h->fits)
		wb_say(view->wb, STYLE_WARN, "it cannot lie at line %zu", h->line);
	show_panes(h);
}

static void act_leave_choice(struct view *view, struct str arg)
{
	show_item(view);
}

static size_t n_lines(struct str bytes)
{
	size_t n = bytes.n && bytes.p[bytes.n - 1] != '\n';

	for (size_t i = 0; i < bytes.n; i++)
		n += bytes.p[i] == '\n';
	return n;
}

/* "12j", "120G": digits come before a movement and leave with it. */
static bool type(struct view *view, struct str text)
{
	struct hunk_state *h = state(view);
	uint64_t digit;

	if (!h->choosing || text.n != 1 || !str_to_u64(text, &digit))
		return false;
	if (h->count < 100000000)
		h->count = h->count * 10 + (size_t)digit;
	return true;
}

static bool move_line(struct hunk_state *h, struct str name)
{
	struct list list = { .n = n_lines(h->shown.bytes) + 1,
			     .cursor = h->line - 1,
			     .h = (size_t)h->pane[1].h };
	size_t times = h->count ? h->count : 1;

	if (h->count && (str_eq(name, STR("bottom")) || str_eq(name, STR("top"))))
		list_go(&list, h->count - 1);
	else if (!list_action(&list, name))
		return false;
	for (size_t i = 1; i < times && i < list.n; i++)
		if (str_eq(name, STR("up")) || str_eq(name, STR("down")))
			list_action(&list, name);
	h->count = 0;
	h->line = list.cursor + 1;
	show_panes(h);
	return true;
}

/* The next line that has the text, behind the present one or before it, around the end.
 */
static void find_line(struct view *view, int step)
{
	struct hunk_state *h = state(view);
	struct str pattern = str_of(h->pattern);
	size_t n = 0, first = 0, before = 0, after = 0, last = 0;

	STR_EACH_LINE (line, h->shown.bytes) {
		n++;
		if (str_find(line, pattern) < 0)
			continue;
		last = n;
		first = first ? first : n;
		before = n < h->line ? n : before;
		after = !after && n > h->line ? n : after;
	}
	if (!last) {
		wb_say(view->wb, STYLE_WARN, "no line has \"%s\"", h->pattern);
		return;
	}
	if (step > 0)
		h->line = after ? after : first;
	else
		h->line = before ? before : last;
	show_panes(h);
	view->dirty = true;
}

static void find_text(struct view *view, struct str text)
{
	struct hunk_state *h = state(view);

	if (text.n)
		snprintf(h->pattern, sizeof(h->pattern), STR_FMT, STR_ARG(text));
	if (h->pattern[0] && h->choosing)
		find_line(view, 1);
}

static void act_find(struct view *view, struct str arg)
{
	wb_prompt(view->wb, "/", "find", STR(""), find_text, view);
}

static void act_find_next(struct view *view, struct str arg)
{
	if (state(view)->pattern[0])
		find_line(view, 1);
}

static void act_find_previous(struct view *view, struct str arg)
{
	if (state(view)->pattern[0])
		find_line(view, -1);
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
	{ "find", act_find },
	{ "find-next", act_find_next },
	{ "find-previous", act_find_previous },
	{ "history", act_history },
	{ "note", act_note },
	{ 0 },
};

/* While choosing, movements move the line; otherwise they scroll the panes together. */
static bool move(struct view *view, struct str name)
{
	struct hunk_state *h = state(view);
	bool known = false;

	if (h->choosing)
		return move_line(h, name);
	for (size_t i = 0; i < PANES; i++)
		known |= pager_action(&h->pane[i], name);
	return known;
}

const struct view_ops hunk_view_ops = {
	.name = "a reject",
	.sections = sections,
	.size = sizeof(struct hunk_state),
	.actions = actions,
	.move = move,
	.type = type,
	.notice = notice,
	.draw = draw,
	.layout = layout,
	.subject = subject,
	.status = status,
	.shell_line = shell_line,
	.close = close_view,
};

void hunk_view_open(struct workbench *wb, struct reject_list *list, unsigned id)
{
	struct view *view = view_new(wb, &hunk_view_ops, NULL);

	state(view)->list = list;
	if (load(view, id)) {
		wb_push_view(wb, view);
		return;
	}
	close_view(view);
	arena_free(view->arena);
}
