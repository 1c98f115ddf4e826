/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Patches: the series of the am in progress with the rejects of the patch it stopped at,
 * or every .rej below the folder. Enter goes into a reject; the rest are am's own steps.
 * There may be a hundred thousand: they are read bit by bit behind the first screen, and
 * only what is seen is placed.
 */
#include <time.h>

#include "app/job.h"
#include "app/series.h"
#include "base/utf8.h"
#include "patch_view.h"
#include "reject_list.h"
#include "ui/list.h"

enum row_kind { ROW_PATCH, ROW_REJECT, ROW_BROKEN, ROW_LEFT };

struct patch_row {
	enum row_kind kind;
	size_t at; /* among the patches, the rejects, or what is told of .rej files */
};

enum { PLACE_FOR_MS = 8 }; /* at a time: a key that comes meanwhile is answered soon */

struct patch_state {
	struct arena *arena; /* of series and rows */
	struct series_list series;
	struct reject_list rejects;
	struct watch *placing;        /* while some on the screen were not looked for */
	struct job *walking;          /* while history is asked where their files went */
	struct desk_history *history; /* that is being asked */
	unsigned walked;              /* the round of the list it was asked for */
	struct patch_row *rows;
	struct list list;
	unsigned want; /* id of the reject to stand on when it is read; 0: none */
	char folder[512];
};

static struct patch_state *state(const struct view *view)
{
	return view->state;
}

static const struct desk_item *item_of(const struct patch_state *p, size_t row)
{
	if (row >= p->list.n || p->rows[row].kind != ROW_REJECT)
		return NULL;
	return &p->rejects.items.v[p->rows[row].at];
}

static const struct series_patch *patch_of(const struct patch_state *p, size_t row)
{
	if (row >= p->list.n || p->rows[row].kind != ROW_PATCH)
		return NULL;
	return &p->series.v[p->rows[row].at];
}

/* ---- reading ----------------------------------------------------------------- */

static void add_rows(struct patch_state *p, size_t *n, enum row_kind kind, size_t count)
{
	for (size_t i = 0; i < count; i++)
		p->rows[(*n)++] = (struct patch_row){ kind, i };
}

/* The rejects stand below the patch they belong to: the one it stopped at. Those that
 * cannot be read, and those of a patch left behind, come last. */
static size_t make_rows(struct patch_state *p)
{
	const struct desk_items *items = &p->rejects.items;
	size_t n = 0;

	arena_drop(p->arena, p->rows);
	p->rows =
		arena_array(p->arena, struct patch_row,
			    p->series.n + items->n + items->broken.n + items->left.n + 1);
	for (size_t i = 0; i < p->series.n; i++) {
		p->rows[n++] = (struct patch_row){ ROW_PATCH, i };
		if (p->series.v[i].state == SERIES_CURRENT)
			add_rows(p, &n, ROW_REJECT, items->n);
	}
	if (!p->series.n)
		add_rows(p, &n, ROW_REJECT, items->n);
	add_rows(p, &n, ROW_BROKEN, items->broken.n);
	add_rows(p, &n, ROW_LEFT, items->left.n);
	return n;
}

/* Onto the reject that is wanted, as soon as it is read. */
static void go_to_wanted(struct patch_state *p)
{
	for (size_t i = 0; p->want && i < p->list.n; i++) {
		const struct desk_item *item = item_of(p, i);

		if (item && item->id == p->want) {
			list_go(&p->list, i);
			p->want = 0;
		}
	}
}

static void go_to_first_open(struct patch_state *p)
{
	for (size_t i = 0; i < p->list.n; i++) {
		const struct desk_item *item = item_of(p, i);

		if (item && item->status == DESK_OPEN) {
			list_go(&p->list, i);
			return;
		}
	}
}

static void place_more(void *arg);

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void stop_placing(struct view *view)
{
	struct patch_state *p = state(view);

	if (!p->placing)
		return;
	loop_remove(view->wb->loop, p->placing);
	loop_count_job(view->wb->loop, -1);
	p->placing = NULL;
}

static void place_seen(struct view *view);

static bool walk(struct job *job, void *arg, struct err *err)
{
	return desk_history_walk(arg, err);
}

static void walked(void *owner, void *arg, bool ok, const struct err *err)
{
	struct view *view = owner;
	struct patch_state *p = state(view);

	if (ok && p->rejects.desk)
		desk_learn(p->rejects.desk, p->history);
	desk_history_free(p->history);
	p->history = NULL;
	p->walking = NULL;
	place_seen(view);
	view->dirty = true;
	/* the hunk view above may wait for it, too */
	if (wb_top(view->wb) != view)
		wb_notice(view->wb, NOTICE_PLACES);
}

/* Must this one wait for what history says? It is asked once a list, on a worker. */
static bool must_wait(void *arg, const struct desk_item *item)
{
	static const struct job_ops ops = { walk, walked, NULL };
	struct view *view = arg;
	struct patch_state *p = state(view);
	struct reject_list *l = &p->rejects;
	struct err err;

	if ((!p->walking && p->walked == l->round) || !desk_must_walk(l->desk, item))
		return false;
	if (p->walking)
		return true;
	p->walked = l->round;
	p->history = desk_history_new(l->desk, &l->items);
	if (job_start(view->wb->loop, &ops, view, p->history, &p->walking, &err))
		return true;
	desk_history_free(p->history);
	p->history = NULL;
	return false;
}

/* Where the rejects on the screen belong, as far as that is found at once; the rest
 * follows behind it. */
static void place_seen(struct view *view)
{
	struct patch_state *p = state(view);
	struct reject_list *l = &p->rejects;
	double end = now_ms() + PLACE_FOR_MS;
	struct err err;

	stop_placing(view);
	for (size_t i = p->list.top; i < p->list.n && i < p->list.top + p->list.h; i++) {
		const struct desk_item *item = item_of(p, i);

		if (!item || item->placed || item->status != DESK_OPEN ||
		    must_wait(view, item))
			continue;
		if (now_ms() > end) {
			p->placing =
				loop_add_timer(view->wb->loop, 1, 0, place_more, view);
			loop_count_job(view->wb->loop, 1);
			return;
		}
		if (!desk_place(l->desk, l->arena, &l->items, p->rows[i].at, &err)) {
			snprintf(l->error, sizeof(l->error), "%s", err.msg);
			return;
		}
	}
}

static void place_more(void *arg)
{
	struct view *view = arg;

	state(view)->placing = NULL;
	loop_count_job(view->wb->loop, -1);
	place_seen(view);
	view->dirty = true;
}

static void list_rows(void *arg)
{
	struct view *view = arg;
	struct patch_state *p = state(view);

	list_set_n(&p->list, make_rows(p));
	go_to_wanted(p);
	view->dirty = true;
}

/* The same behind the first screen. */
static void list_more(void *arg)
{
	list_rows(arg);
	if (wb_top(((struct view *)arg)->wb) == arg)
		place_seen(arg);
}

static void forget(struct view *view)
{
	struct patch_state *p = state(view);

	stop_placing(view);
	arena_free(p->arena);
	p->arena = NULL;
	p->rows = NULL;
	p->list.n = 0;
}

static void read_all(struct view *view)
{
	struct patch_state *p = state(view);
	struct err err = { 0 };

	forget(view);
	p->arena = arena_new();
	reject_list_read(&p->rejects);
	if (!series_in_progress(p->arena, &p->series, &err))
		snprintf(p->rejects.error, sizeof(p->rejects.error), "%s", err.msg);
	if (p->rejects.desk)
		snprintf(p->folder, sizeof(p->folder), "%s", desk_top(p->rejects.desk));
}

static void say_where(struct view *view);

static void keep_cursor(struct patch_state *p)
{
	const struct desk_item *item = item_of(p, p->list.cursor);

	if (item)
		p->want = item->id;
}

/* The cursor stays on its reject, or its patch; where the am went on, it goes with it. */
static void reload(struct view *view)
{
	struct patch_state *p = state(view);
	size_t n_before = p->series.n;
	unsigned before = p->series.current;

	keep_cursor(p);
	read_all(view);
	list_rows(view);
	if (p->series.current != before || p->series.n != n_before) {
		p->want = 0;
		go_to_first_open(p);
		say_where(view);
	}
	if (wb_top(view->wb) == view)
		place_seen(view);
}

static bool open_view(struct view *view, const struct args *args, struct err *err)
{
	struct patch_state *p = state(view);

	p->rejects.wb = view->wb;
	p->rejects.more = list_more;
	p->rejects.waits = must_wait;
	p->rejects.arg = view;
	read_all(view);
	list_rows(view);
	go_to_first_open(p);
	place_seen(view);
	return true;
}

static void close_view(struct view *view)
{
	struct patch_state *p = state(view);

	job_abandon(p->walking);
	desk_history_free(p->history);
	forget(view);
	reject_list_forget(&p->rejects);
}

static void notice(struct view *view, enum notice_kind kind)
{
	struct patch_state *p = state(view);

	if (kind == NOTICE_TREE || kind == NOTICE_NOTES ||
	    ((kind == NOTICE_SHOWN || kind == NOTICE_TICK) &&
	     reject_list_is_stale(&p->rejects))) {
		reload(view);
	} else if (kind == NOTICE_SHOWN) {
		p->want = p->rejects.last;
		list_rows(view);
		place_seen(view);
	}
}

/* ---- drawing ----------------------------------------------------------------- */

static void layout(struct view *view, int w, int h)
{
	list_set_h(&state(view)->list, h > 2 ? (size_t)h - 2 : 0);
	place_seen(view);
}

static void draw_patch(const struct patch_state *p, const struct series_patch *patch,
		       const struct surface *s, int y)
{
	static const struct {
		const char *mark;
		enum style style;
	} looks[] = {
		[SERIES_DONE] = { "ok", STYLE_GOOD },
		[SERIES_LEFT] = { "--", STYLE_DIM },
		[SERIES_CURRENT] = { " !", STYLE_BAD },
		[SERIES_WAITS] = { "  ", STYLE_DIM },
	};

	surface_text(s, 1, y, looks[patch->state].style,
		     str_of(looks[patch->state].mark));
	surface_textf(s, 4, y, STYLE_DIM, "%3u/%zu", patch->number, p->series.n);
	surface_text(s, 13, y, patch->state == SERIES_WAITS ? STYLE_DIM : STYLE_TEXT,
		     patch->subject);
}

static void draw_reject(const struct desk_item *item, const struct surface *s, int y,
			int x)
{
	static const struct {
		const char *mark;
		enum style style;
	} looks[] = {
		[DESK_OPEN] = { "!", STYLE_BAD },
		[DESK_TAKEN] = { "=", STYLE_GOOD },
		[DESK_DROPPED] = { "-", STYLE_DIM },
		[DESK_EDITED] = { "~", STYLE_GOOD },
	};
	AUTO(arena) a = arena_new();
	bool open = item->status == DESK_OPEN;
	int at = x;

	at += surface_text(s, at, y, looks[item->status].style,
			   str_of(looks[item->status].mark));
	at += 1 + surface_text(s, at + 1, y, open ? STYLE_STRONG : STYLE_DIM, item->path);
	if (item->hunk)
		at += surface_textf(s, at, y, open ? STYLE_STRONG : STYLE_DIM, ":%zu",
				    item->hunk->old.start);
	else
		at += 2 + surface_text(s, at + 2, y, STYLE_HUNK, rejects_header(a, item));
	if (open && item->place.n_candidates)
		at += 2 + surface_textf(s, at + 2, y, STYLE_GOOD, "%zu place%s",
					item->place.n_candidates,
					item->place.n_candidates == 1 ? "" : "s");
	surface_text(s, at + 2, y, STYLE_DIM, rejects_why(a, item));
}

static void draw_row(const struct patch_state *p, const struct patch_row *row,
		     const struct surface *s, int y)
{
	const struct desk_items *items = &p->rejects.items;
	int x = p->series.n ? 13 : 1;

	switch (row->kind) {
	case ROW_PATCH:
		draw_patch(p, &p->series.v[row->at], s, y);
		break;
	case ROW_REJECT:
		draw_reject(&items->v[row->at], s, y, x);
		break;
	case ROW_BROKEN:
		surface_textf(s, x, y, STYLE_BAD, "? " STR_FMT,
			      STR_ARG(items->broken.v[row->at]));
		break;
	case ROW_LEFT:
		surface_textf(s, x, y, STYLE_WARN, "  " STR_FMT,
			      STR_ARG(items->left.v[row->at]));
		break;
	}
}

static void draw_head(const struct patch_state *p, const struct surface *s)
{
	AUTO(arena) a = arena_new();
	int x = 1;

	if (p->series.n) {
		x += surface_textf(s, x, 0, STYLE_HEAD1, "am %u/%zu", p->series.current,
				   p->series.n);
		x += 2;
	}
	x += surface_text(s, x, 0, STYLE_TEXT, frame_path(a, str_of(p->folder)));
	if (p->rejects.items.open)
		surface_textf(s, x + 2, 0, STYLE_BAD, "%zu open%s", p->rejects.items.open,
			      p->rejects.items.unread ? ", reading more" : "");
	else if (p->series.n)
		surface_text(s, x + 2, 0, STYLE_GOOD,
			     STR("nothing is open: C continues the series"));
}

static void draw_empty(const struct patch_state *p, const struct surface *s)
{
	if (p->rejects.error[0]) {
		surface_textf(s, 2, 2, STYLE_BAD, "%s", p->rejects.error);
		return;
	}
	surface_text(s, 2, 2, STYLE_TEXT,
		     STR("No am is in progress and no *.rej lies below this folder."));
	surface_text(s, 2, 4, STYLE_DIM,
		     STR("a  apply a series: kcrib am --reject FILE"));
	surface_text(s, 2, 5, STYLE_DIM,
		     STR("o  look at a series first: what would fit, what would not"));
	surface_text(s, 2, 6, STYLE_DIM, STR("n  the note about rejects"));
}

static void draw(const struct view *view, const struct surface *s)
{
	const struct patch_state *p = state(view);
	struct surface body = surface_sub(s, 0, 2, s->w, s->h - 2);

	draw_head(p, s);
	if (!p->list.n)
		draw_empty(p, s);
	for (size_t i = 0; i < p->list.h && p->list.top + i < p->list.n; i++)
		draw_row(p, &p->rows[p->list.top + i], &body, (int)i);
	if (p->list.n)
		surface_emphasise(&body, (int)(p->list.cursor - p->list.top),
				  EMPHASIS_CURSOR);
}

static const struct desk_item *under_cursor(const struct patch_state *p)
{
	return item_of(p, p->list.cursor);
}

static struct ref subject(const struct view *view)
{
	struct patch_state *p = state(view);
	const struct desk_item *item = under_cursor(p);

	if (!item)
		return (struct ref){ 0 };
	return (struct ref){ REF_HUNK, arena_strf(p->arena, "%u", item->id) };
}

static void status(const struct view *view, struct strbuf *b)
{
	const struct patch_state *p = state(view);

	if (p->series.n)
		strbuf_addf(b, "am %u/%zu", p->series.current, p->series.n);
}

/* What the plain tools would do. */
static void shell_line(const struct view *view, struct strbuf *b)
{
	const struct patch_state *p = state(view);
	const struct desk_item *item = under_cursor(p);

	if (item)
		strbuf_addf(b, "git apply --reject " STR_FMT "; $EDITOR " STR_FMT,
			    STR_ARG(item->rej), STR_ARG(item->path));
	else if (p->series.n)
		strbuf_addz(b, "git am --show-current-patch=diff; git add -u && "
			       "git am --continue");
}

static const char *const *sections(const struct view *view)
{
	static const char *const am[] = { "patches", "patches-am", "move", NULL };
	static const char *const idle[] = { "patches", "patches-idle", "move", NULL };

	return state(view)->series.n ? am : idle;
}

/* ---- actions ----------------------------------------------------------------- */

static void act_enter(struct view *view, struct str arg)
{
	struct patch_state *p = state(view);
	const struct desk_item *item = under_cursor(p);
	const struct series_patch *patch = patch_of(p, p->list.cursor);

	if (item && item->status == DESK_OPEN)
		hunk_view_open(view->wb, &p->rejects, item->id);
	else if (item)
		wb_eval(view->wb, arena_strf(p->arena, "rej show %u", item->id));
	else if (patch)
		wb_eval(view->wb,
			arena_strf(p->arena, "series --patch %u", patch->number));
	else if (p->list.n)
		wb_say(view->wb, STYLE_TEXT,
		       "look at this file by hand, and remove it when it is done with");
}

static void act_reload(struct view *view, struct str arg)
{
	struct patch_state *p = state(view);

	keep_cursor(p);
	p->list.n = 0;
	reject_list_forget(&p->rejects);
	reload(view);
}

static bool is_all_dropped(const struct patch_state *p)
{
	for (size_t i = 0; i < p->rejects.items.n; i++)
		if (p->rejects.items.v[i].status != DESK_DROPPED)
			return false;
	return p->rejects.items.n > 0;
}

/* Where the am stands now. git's last line at a stop is about giving up. */
static void say_where(struct view *view)
{
	const struct patch_state *p = state(view);

	if (!p->series.n)
		wb_say(view->wb, STYLE_GOOD, "no am is in progress any more");
	else if (is_all_dropped(p))
		wb_say(view->wb, STYLE_WARN,
		       "patch %u of %zu changes nothing without its rejects: S leaves it "
		       "out",
		       p->series.current, p->series.n);
	else if (p->rejects.items.open)
		wb_say(view->wb, STYLE_WARN, "patch %u of %zu left %zu reject%s",
		       p->series.current, p->series.n, p->rejects.items.open,
		       p->rejects.items.open == 1 ? "" : "s");
}

/* Where the am went on, reload() says so; where it did not, am itself did. `over`: what
 * to say when that was its end. */
static void run(struct view *view, const char *command, const char *over)
{
	const struct patch_state *p = state(view);
	unsigned before = p->series.current;

	wb_eval(view->wb, str_of(command));
	if (!p->series.n)
		wb_say(view->wb, STYLE_GOOD, "%s", over);
	else if (p->series.current == before && is_all_dropped(p))
		say_where(view);
}

static void act_continue(struct view *view, struct str arg)
{
	struct patch_state *p = state(view);

	if (!p->series.n)
		wb_say(view->wb, STYLE_TEXT, "no am is in progress");
	else if (p->rejects.items.open)
		wb_say(view->wb, STYLE_WARN,
		       "%zu reject%s open: take, drop or edit first",
		       p->rejects.items.open,
		       p->rejects.items.open == 1 ? " is" : "s are");
	else
		run(view, "am --continue --resolvemsg=''", "all patches are in");
}

static void skip_now(struct view *view, struct str unused)
{
	run(view, "am --skip --resolvemsg=''", "the series is through");
}

static void abort_now(struct view *view, struct str unused)
{
	run(view, "am --abort", "the series is given up");
}

static void act_skip(struct view *view, struct str arg)
{
	if (state(view)->series.n)
		wb_confirm(view->wb, skip_now, view, "leave patch %u out and go on?",
			   state(view)->series.current);
}

static void act_abort(struct view *view, struct str arg)
{
	if (state(view)->series.n)
		wb_confirm(view->wb, abort_now, view,
			   "give the series up and go back to where it began?");
}

static void act_note(struct view *view, struct str arg)
{
	struct ref ref = { REF_NOTE, STR("git-am-reject") };

	wb_open_ref(view->wb, &ref);
}

static const struct action actions[] = {
	{ "enter", act_enter },
	{ "reload", act_reload },
	{ "continue", act_continue },
	{ "skip-patch", act_skip },
	{ "abort-series", act_abort },
	{ "note", act_note },
	{ 0 },
};

static bool move(struct view *view, struct str name)
{
	bool known = list_action(&state(view)->list, name);

	state(view)->want = 0;
	place_seen(view);
	return known;
}

static bool mouse(struct view *view, const struct mouse *m)
{
	struct patch_state *p = state(view);

	if (m->wheel)
		list_scroll(&p->list, m->wheel);
	place_seen(view);
	if (m->click && list_click(&p->list, m->y - 2) && m->double_click)
		act_enter(view, STR(""));
	return true;
}

const struct view_ops patch_view_ops = {
	.name = "Patches",
	.sections = sections,
	.size = sizeof(struct patch_state),
	.actions = actions,
	.move = move,
	.open = open_view,
	.notice = notice,
	.draw = draw,
	.layout = layout,
	.subject = subject,
	.mouse = mouse,
	.status = status,
	.shell_line = shell_line,
	.close = close_view,
};
