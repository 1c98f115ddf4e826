/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Laying out a record: see panel_rows.h. Widths are measured over the first thousand
 * rows of a table, so that a table of 30,000 threads costs no more than a screenful.
 */
#include "panel_rows.h"

#include "base/utf8.h"
#include "model/render.h"

enum { MEASURED_ROWS = 1000, GAP = 2, FLEX_MIN = 12 };

static bool cell_has(const struct cell *cell, struct str word)
{
	STRBUF_AUTO(text, 4096);
	STRBUF_AUTO(folded, 8192);

	cell_format(&text, cell);
	utf8_fold(&folded, strbuf_str(&text));
	return str_find(strbuf_str(&folded), word) >= 0;
}

static double number_of(const struct cell *cell)
{
	switch (cell->type) {
	case CELL_INT:
	case CELL_BYTES:
	case CELL_PAGES:
	case CELL_BOOL:
		return (double)cell->i;
	case CELL_REAL:
	case CELL_PERCENT:
	case CELL_SECONDS:
	case CELL_RATE:
		return cell->real;
	case CELL_NONE:
	case CELL_TEXT:
	case CELL_SPARK:
	case CELL_LIST:
	case CELL_TABLE:
	case CELL_RECORD:
		break;
	}
	return 0;
}

/* What a word said to the cells above: of thousands of rows most say the same. */
struct answer {
	struct cell cell;
	bool given, has;
};

static bool cell_has_again(const struct cell *cell, struct str word, struct answer *above)
{
	if (!above->given || !cell_same(cell, &above->cell))
		*above = (struct answer){ *cell, true, cell_has(cell, word) };
	return above->has;
}

/* A word of a filter: "cpu_pct>5", "state=R", "role=vcpu", or text that stands in any
 * cell. */
struct condition {
	ptrdiff_t col; /* -1: any */
	char op;       /* '<', '>', or '=': `want` stands in the cell */
	struct str want;
	bool number; /* `want` is one: `limit` */
	double limit;
};

static struct condition condition_read(const struct table *t, struct str word)
{
	struct condition c = { .col = -1, .op = '=', .want = word };

	for (size_t i = 1; i + 1 < word.n && c.col < 0; i++) {
		if (!strchr("<>=", word.p[i]))
			continue;
		c.col = table_column(t, str_n(word.p, i));
		if (c.col < 0)
			continue;
		c.op = word.p[i];
		c.want = str_from(word, i + 1);
	}
	c.number = str_to_double(c.want, &c.limit);
	return c;
}

/* `above` has an entry for each column. */
static bool row_fits(const struct table *t, const struct row *row,
		     const struct condition *want, struct answer *above)
{
	size_t from = want->col < 0 ? 0 : (size_t)want->col;
	size_t to = want->col < 0 ? t->ncols : from + 1;

	for (size_t c = from; c < to; c++) {
		struct cell cell = row_cell(t, row, c);

		if (want->op == '=' && cell_has_again(&cell, want->want, &above[c]))
			return true;
		if (want->op == '=' || !want->number || cell.type == CELL_NONE)
			continue;
		if (want->op == '<' ? number_of(&cell) < want->limit
				    : number_of(&cell) > want->limit)
			return true;
	}
	return false;
}

/* Keep the rows that fit all words, which are looked for one after the other. */
static void filter_rows(struct arena *a, struct table *t, struct str filter)
{
	STRBUF_AUTO(folded, 4096);
	struct str rest, word;

	utf8_fold(&folded, filter);
	rest = strbuf_str(&folded);
	while (str_word(&rest, &word)) {
		struct condition want = condition_read(t, word);
		struct answer *above = arena_array(a, struct answer, t->ncols);
		size_t n = 0;

		for (size_t i = 0; i < t->n; i++)
			if (row_fits(t, &t->v[i], &want, above))
				t->v[n++] = t->v[i];
		t->n = n;
	}
}

/* Parents and children: sorted by a column they would be torn apart. */
bool panel_rows_is_tree(const struct table *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].depth)
			return true;
	return false;
}

static const struct table *choose_rows(struct arena *a, const struct table *t,
				       const struct panel_choice *choice)
{
	struct table *out = arena_new_of(a, struct table);
	ptrdiff_t col = choice->sort.n ? table_column(t, choice->sort) : -1;

	*out = *t;
	out->arena = a;
	out->v = arena_array(a, struct row, t->n);
	if (t->n)
		memcpy(out->v, t->v, t->n * sizeof(*out->v));
	filter_rows(a, out, choice->filter);
	if (t->n && !out->n)
		out->empty = "No row fits the filter: / changes it.";
	if (col >= 0 && !panel_rows_is_tree(t))
		table_sort(out, (size_t)col, choice->descending);
	return out;
}

static bool wanted(const struct column *col)
{
	return !(col->flags & (COLUMN_HIDDEN | COLUMN_NOTABLE));
}

static int column_width(const struct table *t, size_t c)
{
	const struct column *col = &t->cols[c];
	size_t w = utf8_width(str_of(col->title));
	size_t n = t->n < MEASURED_ROWS ? t->n : MEASURED_ROWS;
	struct cell above = { 0 };

	if (col->min > w)
		w = col->min;
	for (size_t i = 0; i < n; i++) {
		STRBUF_AUTO(b, 4096);
		struct cell cell = row_cell(t, &t->v[i], c);
		size_t cw;

		if (i && c && cell_same(&cell, &above))
			continue;
		above = cell;
		cell_format(&b, &cell);
		cw = utf8_width(strbuf_str(&b)) +
		     (c == 0 ? 2 * (size_t)t->v[i].depth : 0);
		if (cw > w)
			w = cw;
	}
	if (col->max && w > col->max)
		w = col->max;
	return (int)w;
}

/* As many columns as fit, from the first on; a flexible one takes what is left and gives
 * up its width first. The first column never scrolls away. */
static void choose_columns(struct arena *a, struct shown_table *st, int width,
			   size_t skip)
{
	const struct table *t = st->table;
	int flex_min = width / 4 > FLEX_MIN ? width / 4 : FLEX_MIN;
	ptrdiff_t flex = -1;
	int used = 0;

	st->rest = t->ncols;
	st->columns = arena_array(a, size_t, t->ncols + 1);
	st->widths = arena_array(a, int, t->ncols + 1);
	for (size_t c = 0, seen = 0; c < t->ncols; c++) {
		int w;

		if (!wanted(&t->cols[c]) || (seen++ && seen - 1 <= skip))
			continue;
		w = column_width(t, c);
		if (t->cols[c].flags & COLUMN_FLEX && w > flex_min)
			w = flex_min;
		if (used + w > width && st->ncolumns) {
			st->rest = c;
			break;
		}
		if (t->cols[c].flags & COLUMN_FLEX)
			flex = (ptrdiff_t)st->ncolumns;
		st->columns[st->ncolumns] = c;
		st->widths[st->ncolumns++] = w;
		used += w + GAP;
	}
	if (flex >= 0) {
		int full = column_width(t, st->columns[flex]);
		int left = width - (used - GAP);

		st->widths[flex] +=
			full - st->widths[flex] < left ? full - st->widths[flex] : left;
	}
}

static void add(struct panel_rows *rows, enum visual_kind kind, size_t field, size_t row)
{
	*ARENA_PUSH(rows->arena, rows) =
		(struct visual){ kind, (unsigned)field & 0xffffff, (uint32_t)row };
}

/* A title that says more than fits takes a second line. */
static void add_title(struct panel_rows *rows, size_t field, struct str title, int width)
{
	struct str fit = utf8_fit(title, (size_t)(width > 0 ? width : 0));
	ptrdiff_t blank = str_rchr(fit, ' ');

	if (!title.n)
		return;
	add(rows, VISUAL_TITLE, field, 0);
	if (fit.n < title.n && blank > 0)
		add(rows, VISUAL_TITLE, field, (size_t)blank + 1);
}

static bool is_block(const struct cell *cell)
{
	return cell->type == CELL_TABLE || cell->type == CELL_RECORD;
}

/* Which table is the main one; room for all that will be shown. */
static void survey(struct panel_rows *rows, const struct record *record)
{
	enum { AROUND = 4 }; /* title, heading and blank of a table */
	size_t most = 0, all = record->n;

	for (size_t i = 0; i < record->n; i++) {
		const struct field *f = &record->v[i];

		if (!f->title || f->cell.type != CELL_TABLE)
			continue;
		rows->ntables++;
		all += f->cell.table->n + AROUND;
		if (f->cell.table->n >= most) {
			most = f->cell.table->n;
			rows->main = i;
		}
	}
	rows->tables = arena_array(rows->arena, struct shown_table, rows->ntables + 1);
	rows->v = arena_array(rows->arena, struct visual, all);
	rows->cap = all;
}

void panel_rows_make(struct panel_rows *ret, struct arena *a, const struct record *record,
		     const struct panel_choice *choice, int width)
{
	struct panel_choice plain = { .first_column = choice->first_column };

	*ret = (struct panel_rows){ .arena = a };
	survey(ret, record);
	ret->ntables = 0;
	for (size_t i = 0; i < record->n; i++)
		if (record->v[i].title && !is_block(&record->v[i].cell))
			add(ret, VISUAL_FACT, i, 0);
	for (size_t i = 0; i < record->n; i++) {
		const struct field *f = &record->v[i];
		struct shown_table *st;

		if (!f->title || f->cell.type != CELL_TABLE)
			continue;
		st = &ret->tables[ret->ntables++];
		st->field = i;
		st->table =
			choose_rows(a, f->cell.table, i == ret->main ? choice : &plain);
		choose_columns(a, st, width, choice->first_column);
		if (ret->n)
			add(ret, VISUAL_BLANK, i, 0);
		add_title(ret, i, str_of(f->title), width);
		add(ret, VISUAL_HEADING, i, 0);
		for (size_t r = 0; r < st->table->n; r++)
			add(ret, VISUAL_ROW, i, r);
	}
}

const struct shown_table *panel_rows_table(const struct panel_rows *rows, size_t i)
{
	for (size_t t = 0; i < rows->n && t < rows->ntables; t++)
		if (rows->tables[t].field == rows->v[i].field)
			return &rows->tables[t];
	return NULL;
}

const struct row *panel_rows_row(const struct panel_rows *rows, size_t i)
{
	const struct shown_table *st = panel_rows_table(rows, i);

	if (!st || rows->v[i].kind != VISUAL_ROW)
		return NULL;
	return &st->table->v[rows->v[i].row];
}

static enum style row_style(const struct row *row, const struct cell *cell)
{
	static const enum style styles[] = {
		[MARK_NONE] = STYLE_TEXT, [MARK_NEW] = STYLE_NEW,
		[MARK_GONE] = STYLE_GONE, [MARK_GOOD] = STYLE_GOOD,
		[MARK_WARN] = STYLE_WARN, [MARK_BAD] = STYLE_BAD,
		[MARK_DIM] = STYLE_DIM,
	};

	if (cell->type == CELL_NONE)
		return STYLE_DIM;
	return styles[row->mark];
}

static bool to_the_right(const struct column *col)
{
	return col->type != CELL_TEXT && col->type != CELL_LIST &&
	       col->type != CELL_SPARK && col->type != CELL_BOOL &&
	       !(col->flags & COLUMN_LEFT);
}

/* `s` is the cell: as wide as its column. */
static void draw_cell(const struct surface *s, bool right, enum style style,
		      struct str text)
{
	int w = (int)utf8_width(text);

	if (w > s->w) {
		surface_text(s, 0, 0, style, utf8_fit(text, (size_t)s->w - 1));
		surface_text(s, s->w - 1, 0, STYLE_DIM, STR("…"));
	} else {
		surface_text(s, right ? s->w - w : 0, 0, style, text);
	}
}

static void draw_row(const struct shown_table *st, const struct row *row,
		     const struct surface *s, int y)
{
	int x = 2;

	for (size_t i = 0; i < st->ncolumns && x < s->w; i++) {
		const struct column *col = &st->table->cols[st->columns[i]];
		struct surface place = surface_sub(s, x, y, st->widths[i], 1);
		enum style style = STYLE_DIM;
		STRBUF_AUTO(b, 4096);

		if (row) {
			struct cell cell = row_cell(st->table, row, st->columns[i]);

			if (st->columns[i] == 0)
				strbuf_pad(&b, ' ', 2 * (size_t)row->depth);
			cell_format(&b, &cell);
			style = row_style(row, &cell);
		} else {
			strbuf_addz(&b, col->title);
		}
		if (place.w)
			draw_cell(&place, to_the_right(col), style, strbuf_str(&b));
		x += st->widths[i] + GAP;
	}
}

void panel_rows_heading(const struct shown_table *st, const struct surface *s, int y)
{
	draw_row(st, NULL, s, y);
}

bool panel_rows_cut(const struct panel_rows *rows)
{
	for (size_t i = 0; i < rows->ntables; i++)
		for (size_t c = rows->tables[i].rest; c < rows->tables[i].table->ncols;
		     c++)
			if (wanted(&rows->tables[i].table->cols[c]))
				return true;
	return false;
}

/* Title and text of a cell that is longer than `shown`; returns where the next begins. */
static int draw_rest(const struct shown_table *st, const struct row *row, size_t column,
		     int shown, const struct surface *s)
{
	struct cell cell = row_cell(st->table, row, column);
	STRBUF_AUTO(b, 4096);
	int x = 0;

	if (cell.type == CELL_NONE || cell.type >= CELL_SPARK || s->w <= 0)
		return 0;
	cell_format(&b, &cell);
	if (!b.n || (int)utf8_width(strbuf_str(&b)) <= shown)
		return 0;
	x += surface_text(s, x, 0, STYLE_DIM, str_of(st->table->cols[column].title));
	x += surface_text(s, x, 0, STYLE_DIM, STR(": "));
	x += surface_text(s, x, 0, STYLE_TEXT, strbuf_str(&b));
	return x + 2 * GAP;
}

void panel_rows_rest(const struct shown_table *st, const struct row *row,
		     const struct surface *s, int y)
{
	int x = 2;

	for (size_t i = 0; i < st->ncolumns; i++) {
		struct surface place = surface_sub(s, x, y, s->w - x, 1);

		x += draw_rest(st, row, st->columns[i], st->widths[i], &place);
	}
	for (size_t c = st->rest; c < st->table->ncols && x < s->w; c++) {
		struct surface place = surface_sub(s, x, y, s->w - x, 1);

		if (wanted(&st->table->cols[c]))
			x += draw_rest(st, row, c, 0, &place);
	}
}

static void draw_fact(const struct record *record, size_t i, const struct surface *s,
		      int y)
{
	const struct field *f = &record->v[i];
	STRBUF_AUTO(b, 1 << 16);
	size_t width = 0;

	for (size_t k = 0; k < record->n; k++)
		if (record->v[k].title && !is_block(&record->v[k].cell) &&
		    utf8_width(str_of(record->v[k].title)) > width)
			width = utf8_width(str_of(record->v[k].title));
	surface_text(s, 2, y, STYLE_DIM, str_of(f->title));
	cell_format(&b, &f->cell);
	if (f->cell.type == CELL_NONE && f->cell.why.n)
		strbuf_addf(&b, " (" STR_FMT ")", STR_ARG(f->cell.why));
	surface_text(s, 2 + (int)width + GAP, y,
		     f->cell.type == CELL_NONE ? STYLE_DIM : STYLE_TEXT, strbuf_str(&b));
}

static void draw_title(const struct panel_rows *rows, const struct record *record,
		       size_t i, const struct surface *s, int y)
{
	const struct visual *v = &rows->v[i];
	struct str title = str_of(record->v[v->field].title);

	if (i + 1 < rows->n && rows->v[i + 1].kind == VISUAL_TITLE)
		title.n = rows->v[i + 1].row;
	surface_text(s, v->row ? 3 : 1, y, v->row ? STYLE_DIM : STYLE_HEAD2,
		     str_from(title, v->row));
}

void panel_rows_draw(const struct panel_rows *rows, const struct record *record, size_t i,
		     const struct surface *s, int y)
{
	const struct visual *v = &rows->v[i];
	const struct shown_table *st = panel_rows_table(rows, i);

	switch (v->kind) {
	case VISUAL_FACT:
		draw_fact(record, v->field, s, y);
		break;
	case VISUAL_TITLE:
		draw_title(rows, record, i, s, y);
		break;
	case VISUAL_HEADING:
		if (st && !st->table->n && st->table->empty)
			surface_text(s, 2, y, STYLE_DIM, str_of(st->table->empty));
		else if (st)
			draw_row(st, NULL, s, y);
		break;
	case VISUAL_ROW:
		if (st)
			draw_row(st, panel_rows_row(rows, i), s, y);
		break;
	case VISUAL_BLANK:
		break;
	}
}
