/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The panel: any record on the screen, live or not. A live one samples its source on a
 * worker thread, keeps the samples of the last minutes, and holds the row under the
 * cursor through every refresh. Which columns, keys and words it has is the source's.
 */
#include <stdlib.h>
#include <unistd.h>

#include "app/job.h"
#include "base/file.h"
#include "base/utf8.h"
#include "model/render.h"
#include "panel_rows.h"
#include "ui/list.h"
#include "workbench_priv.h"

enum { HISTORY = 120, HISTORY_BYTES = 64 << 20, GRAPH_ROWS = 8 };

struct sample {
	struct arena *arena;
	struct record *record;
	int64_t at_ms;
};

struct panel_state {
	const struct source_ops *ops; /* NULL: a record that stands still */
	void *source;
	struct sample samples[HISTORY]; /* oldest first */
	size_t nsamples, shown;
	bool paused, graph, hidden;
	bool held; /* the user has chosen a row */
	struct job *job;
	struct watch *timer;
	struct sample coming;  /* being filled by the worker */
	struct ctx source_ctx; /* what open() got: the worker's own handles */

	struct str title;
	struct arena *arena; /* of the rows */
	struct panel_rows rows;
	struct list list;
	int w, h;
	char sort[64], filter[256];
	bool descending;
	size_t first_column;
};

static struct panel_state *state(const struct view *view)
{
	return view->state;
}

static const struct record *record_of(const struct panel_state *p)
{
	return p->nsamples ? p->samples[p->shown].record : NULL;
}

/* ---- rows -------------------------------------------------------------------- */

enum { SO_WHAT = 12, HEADLINE = 2 }; /* columns that a line of it has less */

/* Lines that a sentence may take of a screen so high. */
static int lines_max(int h)
{
	return h < 12 ? 1 : 4;
}

/* Takes the next line of a sentence off it. */
static struct str next_line(struct str *rest, int w, int less)
{
	struct str fit = utf8_fit(*rest, (size_t)(w > less ? w - less : 1));
	ptrdiff_t blank = str_rchr(fit, ' ');
	struct str line = fit;

	if (fit.n < rest->n && blank > 0)
		line.n = (size_t)blank;
	*rest = str_trim(str_from(*rest, line.n));
	return line;
}

static int lines_of(const struct panel_state *p, struct str sentence, int less)
{
	int n = 0;

	while (n < lines_max(p->h) && sentence.n) {
		next_line(&sentence, p->w, less);
		n++;
	}
	return n;
}

/* Lines above the list: headline, "so what", and one that is blank until the heading of
 * a long table has to stay in sight. */
static int head_height(const struct panel_state *p)
{
	const struct record *r = record_of(p);

	if (!r)
		return 0;
	return lines_of(p, r->headline, HEADLINE) + lines_of(p, r->so_what, SO_WHAT) + 1;
}

static bool same_ref(const struct ref *a, const struct ref *b)
{
	return a->kind == b->kind && a->kind != REF_NONE && str_eq(a->id, b->id);
}

/* Until the user has chosen a row, the panel shows its top. */
static void go_to_first_row(struct panel_state *p)
{
	size_t i = 0;

	while (i < p->rows.n && p->rows.v[i].kind != VISUAL_ROW)
		i++;
	p->list.top = 0;
	list_go(&p->list, i);
}

/* Rows of the shown record; the cursor stays on the object it was on, and where that is
 * gone, on the line it was on. */
static void remake(struct panel_state *p)
{
	const struct row *under = panel_rows_row(&p->rows, p->list.cursor);
	struct panel_choice choice = { str_of(p->sort), p->descending, str_of(p->filter),
				       p->first_column };
	struct arena *old = p->arena;
	struct ref ref = under ? under->ref : (struct ref){ 0 };
	size_t offset = p->list.cursor - p->list.top;

	int height = p->h - head_height(p) - (p->graph ? GRAPH_ROWS + 1 : 0);

	if (!record_of(p))
		return;
	p->arena = arena_new();
	panel_rows_make(&p->rows, p->arena, record_of(p), &choice, p->w - 3);
	height -= panel_rows_cut(&p->rows); /* the rest of the row under the cursor */
	list_set_h(&p->list, height > 0 ? (size_t)height : 0);
	list_set_n(&p->list, p->rows.n);
	for (size_t i = 0; p->held && ref.kind != REF_NONE && i < p->rows.n; i++) {
		const struct row *row = panel_rows_row(&p->rows, i);

		if (!row || !same_ref(&row->ref, &ref))
			continue;
		p->list.cursor = i;
		p->list.top = i > offset ? i - offset : 0;
		break;
	}
	list_go(&p->list, p->list.cursor);
	if (!under || !p->held)
		go_to_first_row(p);
	arena_free(old);
}

/* ---- sampling ---------------------------------------------------------------- */

static void drop_oldest(struct panel_state *p)
{
	arena_free(p->samples[0].arena);
	memmove(p->samples, p->samples + 1, --p->nsamples * sizeof(p->samples[0]));
	if (p->shown)
		p->shown--;
}

static void keep(struct panel_state *p, struct sample s)
{
	size_t bytes = arena_used(s.arena);

	for (size_t i = 0; i < p->nsamples; i++)
		bytes += arena_used(p->samples[i].arena);
	while (p->nsamples == HISTORY || (p->nsamples > 1 && bytes > HISTORY_BYTES)) {
		bytes -= arena_used(p->samples[0].arena);
		drop_oldest(p);
	}
	p->samples[p->nsamples++] = s;
	if (!p->paused)
		p->shown = p->nsamples - 1;
}

static bool work(struct job *job, void *arg, struct err *err)
{
	struct panel_state *p = arg;

	return p->ops->sample(p->source, p->coming.arena, &p->coming.record, err);
}

static void done(void *owner, void *arg, bool ok, const struct err *err)
{
	struct view *view = owner;
	struct panel_state *p = state(view);

	p->job = NULL;
	if (!ok) {
		arena_free(p->coming.arena);
		p->coming = (struct sample){ 0 };
		wb_error(view->wb, err);
		return;
	}
	p->coming.at_ms = loop_now_ms();
	keep(p, p->coming);
	p->coming = (struct sample){ 0 };
	if (!p->paused)
		remake(p);
	view->dirty = true;
}

static void tell_visible(struct panel_state *p)
{
	struct ref refs[512];
	size_t n = 0;

	for (size_t i = p->list.top; i < p->list.top + p->list.h && i < p->rows.n; i++) {
		const struct row *row = panel_rows_row(&p->rows, i);

		if (row && n < ARRAY_SIZE(refs))
			refs[n++] = row->ref;
	}
	if (p->ops->visible)
		p->ops->visible(p->source, refs, n);
}

static void on_timer(void *arg)
{
	static const struct job_ops ops = { work, done, NULL };
	struct view *view = arg;
	struct panel_state *p = state(view);
	struct err err;

	if (p->job || p->hidden)
		return;
	tell_visible(p);
	p->coming.arena = arena_new();
	if (!job_start(view->wb->loop, &ops, view, p, &p->job, &err)) {
		arena_free(p->coming.arena);
		p->coming = (struct sample){ 0 };
		wb_error(view->wb, &err);
	}
}

static bool open_view(struct view *view, const struct args *args, struct err *err)
{
	struct panel_state *p = state(view);
	const struct source_ops *ops = args->command->source;

	p->ops = ops;
	p->source = arena_alloc(view->arena, ops->size);
	p->title = str_of(ops->title);
	if (ops->sort) {
		p->descending = ops->sort[0] == '-';
		snprintf(p->sort, sizeof(p->sort), "%s", ops->sort + p->descending);
	}
	/* the source lives longer than the command that opened it; what it reads through
	 * is opened here, so that the copy owns nothing */
	if (!ctx_root(view->wb->ctx, err))
		return false;
	p->source_ctx = *view->wb->ctx;
	p->source_ctx.arena = view->arena;
	if (!ops->open(p->source, &p->source_ctx, args, err))
		return false;
	/* the first sample too is the worker's: 30,000 threads take their time */
	on_timer(view);
	if (ops->period_ms)
		p->timer = loop_add_timer(view->wb->loop,
					  ops->period_ms < 250 ? ops->period_ms : 250,
					  ops->period_ms, on_timer, view);
	return true;
}

static void close_view(struct view *view)
{
	struct panel_state *p = state(view);

	loop_remove(view->wb->loop, p->timer);
	job_abandon(p->job);
	arena_free(p->coming.arena);
	while (p->nsamples)
		arena_free(p->samples[--p->nsamples].arena);
	if (p->ops)
		p->ops->close(p->source);
	arena_free(p->arena);
}

static void notice(struct view *view, enum notice_kind kind)
{
	struct panel_state *p = state(view);

	if (kind == NOTICE_HIDDEN || kind == NOTICE_SHOWN)
		p->hidden = kind == NOTICE_HIDDEN;
}

/* ---- drawing ----------------------------------------------------------------- */

static void layout(struct view *view, int w, int h)
{
	struct panel_state *p = state(view);

	p->w = w;
	p->h = h;
	remake(p);
}

/* The figures of the sort column for one object over the kept samples. */
static size_t collect(const struct panel_state *p, const struct ref *ref, double *v,
		      size_t max)
{
	size_t n = 0;

	for (size_t i = p->nsamples > max ? p->nsamples - max : 0; i < p->nsamples; i++) {
		const struct record *r = p->samples[i].record;
		const struct table *t =
			p->rows.main < r->n && r->v[p->rows.main].cell.type == CELL_TABLE
				? r->v[p->rows.main].cell.table
				: NULL;
		ptrdiff_t col = t ? table_column(t, str_of(p->sort)) : -1;

		v[n] = 0;
		for (size_t k = 0; col >= 0 && k < t->n; k++) {
			struct cell cell;

			if (!same_ref(&t->v[k].ref, ref))
				continue;
			cell = row_cell(t, &t->v[k], (size_t)col);
			if (cell.type == CELL_INT || cell.type == CELL_BYTES ||
			    cell.type == CELL_PAGES)
				v[n] = (double)cell.i;
			else if (cell.type != CELL_NONE && cell.type != CELL_TEXT)
				v[n] = cell.real;
			break;
		}
		n++;
	}
	return n;
}

static const char *sort_title(const struct panel_state *p)
{
	const struct shown_table *st = panel_rows_table(&p->rows, p->list.cursor);
	ptrdiff_t col = st ? table_column(st->table, str_of(p->sort)) : -1;

	return col < 0 ? p->sort : st->table->cols[col].title;
}

static void draw_graph(const struct panel_state *p, const struct surface *s)
{
	static const char *const blocks[] = {
		" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"
	};
	const struct row *row = panel_rows_row(&p->rows, p->list.cursor);
	double v[HISTORY], top = 0;
	size_t n;

	if (!row)
		return;
	n = collect(p, &row->ref, v, ARRAY_SIZE(v));
	for (size_t i = 0; i < n; i++)
		top = v[i] > top ? v[i] : top;
	surface_textf(s, 2, 0, STYLE_DIM, "%s of " STR_FMT ", highest %.1f, now %.1f",
		      sort_title(p), STR_ARG(row->ref.id), top, n ? v[n - 1] : 0);
	for (size_t i = 0; i < n && top > 0; i++) {
		double eighths = v[i] / top * (GRAPH_ROWS - 1) * 8;

		for (int y = 1; y < GRAPH_ROWS; y++) {
			double left = eighths - (GRAPH_ROWS - 1 - y) * 8;
			int k = left >= 8 ? 8 : left > 0 ? (int)left : 0;

			surface_text(s, 2 + (int)i, y, STYLE_LINK, str_of(blocks[k]));
		}
	}
}

/* From column x on; returns the line below. What is left after the last line is not
 * hidden: a mark says that there is more. */
static int draw_sentence(const struct surface *s, int x, int y, enum style style,
			 struct str text)
{
	for (int n = 1; n <= lines_max(s->h) && text.n; n++) {
		struct str line = next_line(&text, s->w, x + 1);
		int end = x + surface_text(s, x, y++, style, line);

		if (n == lines_max(s->h) && text.n)
			surface_text(s, end, y - 1, style, STR("…"));
	}
	return y;
}

/* Returns the first line of the list. */
static int draw_head(const struct panel_state *p, const struct record *r,
		     const struct surface *s)
{
	const struct shown_table *st = panel_rows_table(&p->rows, p->list.top);
	int y = 0;

	if (r->headline.n)
		y = draw_sentence(s, 1, y, STYLE_STRONG, r->headline);
	if (r->so_what.n) {
		int x = 1 + surface_text(s, 1, y, STYLE_WARN, STR("so what: "));

		y = draw_sentence(s, x, y, STYLE_WARN, r->so_what);
	}
	if (st && p->rows.v[p->list.top].kind == VISUAL_ROW)
		panel_rows_heading(st, s, y);
	return y + 1;
}

static void draw(const struct view *view, const struct surface *s)
{
	const struct panel_state *p = state(view);
	const struct record *r = record_of(p);
	const struct row *row = panel_rows_row(&p->rows, p->list.cursor);
	struct surface body, graph;
	int y;

	if (!r) {
		surface_text(s, 1, 0, STYLE_DIM, STR("Reading the machine..."));
		return;
	}
	y = draw_head(p, r, s);
	body = surface_sub(s, 0, y, s->w, (int)p->list.h);
	for (size_t i = 0; i < p->list.h && p->list.top + i < p->rows.n; i++)
		panel_rows_draw(&p->rows, r, p->list.top + i, &body, (int)i);
	if (p->rows.n)
		surface_emphasise(&body, (int)(p->list.cursor - p->list.top),
				  EMPHASIS_CURSOR);
	if (row && panel_rows_cut(&p->rows))
		panel_rows_rest(panel_rows_table(&p->rows, p->list.cursor), row, s,
				y + (int)p->list.h);
	if (p->graph) {
		graph = surface_sub(s, 0, s->h - GRAPH_ROWS, s->w, GRAPH_ROWS);
		draw_graph(p, &graph);
	}
}

static struct ref subject(const struct view *view)
{
	const struct row *row =
		panel_rows_row(&state(view)->rows, state(view)->list.cursor);

	return row ? row->ref : (struct ref){ 0 };
}

static bool is_tree(const struct panel_state *p)
{
	const struct shown_table *st = panel_rows_table(&p->rows, p->list.cursor);

	return st && panel_rows_is_tree(st->table);
}

static void status(const struct view *view, struct strbuf *b)
{
	const struct panel_state *p = state(view);

	strbuf_add(b, p->title);
	if (p->filter[0])
		strbuf_addf(b, "  /%s", p->filter);
	if (is_tree(p))
		strbuf_addz(b, "  tree");
	else if (p->sort[0])
		strbuf_addf(b, "  by %s%s", p->sort, p->descending ? " down" : "");
	if (p->paused && p->nsamples)
		strbuf_addf(b, "  || %.0f s ago",
			    (double)(p->samples[p->nsamples - 1].at_ms -
				     p->samples[p->shown].at_ms) /
				    1000);
	else if (p->ops && p->ops->period_ms)
		strbuf_addf(b, "  %g s |>", p->ops->period_ms / 1000.0);
}

/* What each column is, in which unit, and where the figure comes from. */
static void help(const struct view *view, struct doc *d)
{
	const struct panel_state *p = state(view);
	const struct record *record = record_of(p);

	/* before the first sample there is no record, and no column */
	for (size_t t = 0; record && t < p->rows.ntables; t++) {
		const struct table *table = p->rows.tables[t].table;
		const char *title = record->v[p->rows.tables[t].field].title;

		doc_line(d, LINE_TEXT);
		doc_textf(d, STYLE_HEAD2, "columns%s%s", *title ? " of " : "", title);
		for (size_t c = 0; c < table->ncols; c++) {
			const struct column *col = &table->cols[c];
			struct line *line;

			if (!col->help || !*col->help || col->flags & COLUMN_NOTABLE)
				continue;
			line = doc_line(d, LINE_TEXT);
			line->indent = 2;
			line->hang = 2;
			doc_spanf(d, STYLE_STRONG, "%s", col->title);
			doc_spanf(d, STYLE_TEXT, "  %s", col->help);
			doc_spanf(d, STYLE_DIM, "  (%s)", col->key);
		}
	}
}

static const char *const *sections(const struct view *view)
{
	static const char *const names[] = { "panel", "move", NULL };
	static const char *own[8][4];
	const struct panel_state *p = state(view);

	if (!p->ops)
		return names;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		if (own[i][0] && strcmp(own[i][0], p->ops->name) != 0)
			continue;
		own[i][0] = p->ops->name;
		own[i][1] = "panel";
		own[i][2] = "move";
		return own[i];
	}
	return names;
}

/* ---- actions ----------------------------------------------------------------- */

static void act_enter(struct view *view, struct str arg)
{
	struct ref ref = subject(view);

	if (ref.kind == REF_NONE)
		wb_say(view->wb, STYLE_TEXT, "this line opens nothing");
	else
		wb_open_ref(view->wb, &ref);
}

static void set_sort(struct view *view, struct str text)
{
	struct panel_state *p = state(view);
	const struct shown_table *st = panel_rows_table(&p->rows, p->list.cursor);

	if (!st || table_column(st->table, str_trim(text)) < 0) {
		wb_say(view->wb, STYLE_WARN, "no column \"" STR_FMT "\"", STR_ARG(text));
		return;
	}
	snprintf(p->sort, sizeof(p->sort), STR_FMT, STR_ARG(str_trim(text)));
	p->descending = st->table->cols[table_column(st->table, str_trim(text))].type !=
			CELL_TEXT;
	remake(p);
}

/* Without a name: the next column that is shown. */
static void act_sort(struct view *view, struct str arg)
{
	struct panel_state *p = state(view);
	const struct shown_table *st = panel_rows_table(&p->rows, p->list.cursor);
	size_t next = 0;

	if (arg.n) {
		set_sort(view, arg);
		return;
	}
	for (size_t i = 0; st && i < st->ncolumns; i++)
		if (str_eq(str_of(p->sort), str_of(st->table->cols[st->columns[i]].key)))
			next = (i + 1) % st->ncolumns;
	if (st && st->ncolumns)
		set_sort(view, str_of(st->table->cols[st->columns[next]].key));
}

static void act_reverse(struct view *view, struct str arg)
{
	state(view)->descending = !state(view)->descending;
	remake(state(view));
}

static void set_filter(struct view *view, struct str text)
{
	struct panel_state *p = state(view);

	snprintf(p->filter, sizeof(p->filter), STR_FMT, STR_ARG(text));
	remake(p);
}

static void act_filter(struct view *view, struct str arg)
{
	wb_prompt(view->wb, "filter (words, column>value): ", "filter",
		  str_of(state(view)->filter), set_filter, view);
}

static void act_pause(struct view *view, struct str arg)
{
	struct panel_state *p = state(view);

	p->paused = !p->paused;
	p->shown = p->nsamples ? p->nsamples - 1 : 0;
	remake(p);
}

static void step(struct view *view, int by)
{
	struct panel_state *p = state(view);

	p->paused = true;
	if (by < 0 && !p->shown)
		wb_say(view->wb, STYLE_TEXT, "this is the oldest sample kept");
	else if (by > 0 && p->shown + 1 >= p->nsamples)
		p->paused = false;
	else
		p->shown = (size_t)((ptrdiff_t)p->shown + by);
	remake(p);
}

static void act_older(struct view *view, struct str arg)
{
	step(view, -1);
}

static void act_newer(struct view *view, struct str arg)
{
	step(view, 1);
}

static void act_columns_left(struct view *view, struct str arg)
{
	struct panel_state *p = state(view);

	p->first_column -= p->first_column > 0;
	remake(p);
}

static void act_columns_right(struct view *view, struct str arg)
{
	state(view)->first_column++;
	remake(state(view));
}

static void act_graph(struct view *view, struct str arg)
{
	struct surface s = wb_content();

	state(view)->graph = !state(view)->graph;
	layout(view, s.w, s.h);
}

static void act_copy_row(struct view *view, struct str arg)
{
	struct panel_state *p = state(view);
	const struct shown_table *st = panel_rows_table(&p->rows, p->list.cursor);
	const struct row *row = panel_rows_row(&p->rows, p->list.cursor);
	STRBUF_AUTO(b, 1 << 16);

	if (!row) {
		wb_say(view->wb, STYLE_WARN, "there is no row under the cursor");
		return;
	}
	for (size_t i = 0; i < st->ncolumns; i++) {
		struct cell cell = row_cell(st->table, row, st->columns[i]);

		if (i)
			strbuf_addc(&b, '\t');
		cell_format(&b, &cell);
	}
	wb_copy(view->wb, strbuf_str(&b), "the row");
}

static void shell_line(const struct view *view, struct strbuf *b)
{
	const struct panel_state *p = state(view);
	struct ref ref = subject(view);

	if (p->ops && p->ops->shell_line)
		p->ops->shell_line(p->source, &ref, b);
}

static void export_to(struct view *view, struct str name)
{
	struct panel_state *p = state(view);
	AUTO(arena) a = arena_new();
	const char *path = arena_cstr(a, str_trim(name));
	STRBUF_AUTO(b, 256 << 20);
	struct err err;

	if (!*path)
		return;
	record_json(&b, record_of(p));
	if (access(path, F_OK) == 0)
		wb_say(view->wb, STYLE_WARN, "%s exists; choose another name", path);
	else if (!file_write_atomic(path, strbuf_str(&b), 0644, &err))
		wb_error(view->wb, &err);
	else
		wb_say(view->wb, STYLE_GOOD, "written to %s as JSON", path);
}

static void act_export(struct view *view, struct str arg)
{
	wb_prompt(view->wb, "write as JSON to: ", "export", STR(""), export_to, view);
}

static void act_note(struct view *view, struct str arg)
{
	const struct panel_state *p = state(view);
	struct ref ref = { REF_NOTE, str_of(p->ops ? p->ops->note : NULL) };

	if (ref.id.n)
		wb_open_ref(view->wb, &ref);
	else
		wb_say(view->wb, STYLE_TEXT, "no note is about this");
}

static const struct action actions[] = {
	{ "enter", act_enter },
	{ "sort", act_sort },
	{ "reverse", act_reverse },
	{ "filter", act_filter },
	{ "pause", act_pause },
	{ "older", act_older },
	{ "newer", act_newer },
	{ "columns-left", act_columns_left },
	{ "columns-right", act_columns_right },
	{ "graph", act_graph },
	{ "copy-row", act_copy_row },
	{ "export", act_export },
	{ "note", act_note },
	{ 0 },
};

static bool move(struct view *view, struct str name)
{
	state(view)->held = true;
	return list_action(&state(view)->list, name);
}

static bool mouse(struct view *view, const struct mouse *m)
{
	struct panel_state *p = state(view);

	p->held |= m->wheel || m->click;
	if (m->wheel)
		list_scroll(&p->list, m->wheel);
	if (m->click && list_click(&p->list, m->y - head_height(p)) && m->double_click)
		act_enter(view, STR(""));
	return true;
}

const struct view_ops panel_view_ops = {
	.name = "a panel",
	.sections = sections,
	.size = sizeof(struct panel_state),
	.actions = actions,
	.move = move,
	.open = open_view,
	.notice = notice,
	.draw = draw,
	.layout = layout,
	.subject = subject,
	.mouse = mouse,
	.status = status,
	.help = help,
	.shell_line = shell_line,
	.close = close_view,
};

struct view *panel_view_new(struct workbench *wb, const struct record *record,
			    struct arena *arena, struct str title)
{
	struct view *view = view_new(wb, &panel_view_ops, NULL);
	struct panel_state *p = state(view);

	p->title = arena_str(view->arena, title);
	p->samples[0] = (struct sample){ arena, (struct record *)(uintptr_t)record, 0 };
	p->nsamples = 1;
	return view;
}
