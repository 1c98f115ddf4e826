/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of a note as aligned lines. Columns are as wide as their content; where that is
 * too wide the widest ones shrink and their cells wrap; where even that leaves columns
 * too narrow to read, each row becomes a block of "heading: cell" lines.
 */
#include "base/utf8.h"
#include "inline.h"

enum { GAP = 2, NARROWEST = 8 };

static size_t line_width(const struct line *line)
{
	size_t w = 0;

	for (size_t i = 0; i < line->n; i++)
		w += utf8_width(line->v[i].text);
	return w;
}

static const struct md_cell *cell_at(const struct md_table *t, size_t row, size_t col)
{
	return &t->v[row * t->columns + col];
}

/* Shrink the widest column until all fit; false when one would get too narrow. */
static bool fit(size_t *w, size_t n, size_t width)
{
	size_t total = GAP * (n - 1), widest;

	for (size_t i = 0; i < n; i++)
		total += w[i];
	while (total > width) {
		widest = 0;
		for (size_t i = 1; i < n; i++)
			if (w[i] > w[widest])
				widest = i;
		if (w[widest] <= NARROWEST)
			return false;
		w[widest]--;
		total--;
	}
	return true;
}

static void pad(struct doc *d, size_t n)
{
	static const char blanks[] = "                                                  ";

	for (; n; n -= n < sizeof(blanks) - 1 ? n : sizeof(blanks) - 1)
		doc_span(d, STYLE_TEXT,
			 str_n(blanks, n < sizeof(blanks) - 1 ? n : sizeof(blanks) - 1));
}

static void put_spans(struct doc *d, const struct line *line, bool head)
{
	for (size_t i = 0; i < line->n; i++) {
		struct span s = line->v[i];

		if (head && s.style == STYLE_TEXT)
			s.style = STYLE_STRONG;
		*ARENA_PUSH(d->arena, &d->v[d->n - 1]) = s;
	}
}

/* One visual line of a cell, padded to its column. */
static void put_cell(struct doc *d, const struct line *line, size_t width, int align,
		     bool last, bool head)
{
	size_t have = line ? line_width(line) : 0;
	size_t room = width > have ? width - have : 0;
	size_t left = align < 0 ? 0 : align > 0 ? room : room / 2;

	pad(d, left);
	if (line)
		put_spans(d, line, head);
	if (!last)
		pad(d, room - left + GAP);
}

/* Where a line was broken the blank is still there: it would shift the next column. */
static void trim_lines(struct doc *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].n)
			d->v[i].v[d->v[i].n - 1].text =
				str_rtrim(d->v[i].v[d->v[i].n - 1].text);
}

static void draw_row(struct doc *d, const struct md_table *t, size_t row, const size_t *w,
		     int indent)
{
	struct doc *cells[MARKDOWN_COLUMNS];
	size_t height = 1;

	for (size_t c = 0; c < t->columns; c++) {
		struct doc one = { .arena = d->arena,
				   .n = 1,
				   .v = arena_new_of(d->arena, struct line) };

		one.v[0] = cell_at(t, row, c)->line;
		cells[c] = doc_wrap(d->arena, &one, w[c]);
		trim_lines(cells[c]);
		if (cells[c]->n > height)
			height = cells[c]->n;
	}
	for (size_t y = 0; y < height; y++) {
		doc_line(d, LINE_CODE)->indent = indent;
		for (size_t c = 0; c < t->columns; c++)
			put_cell(d, y < cells[c]->n ? &cells[c]->v[y] : NULL, w[c],
				 cell_at(t, row, c)->align, c + 1 == t->columns,
				 row == 0);
	}
}

static void draw_rule(struct doc *d, const struct md_table *t, const size_t *w,
		      int indent)
{
	STRBUF_AUTO(b, 1 << 16);

	doc_line(d, LINE_CODE)->indent = indent;
	for (size_t c = 0; c < t->columns; c++) {
		for (size_t i = 0; i < w[c]; i++)
			strbuf_addz(&b, "\u2500");
		if (c + 1 < t->columns)
			strbuf_pad(&b, ' ', GAP);
	}
	doc_span(d, STYLE_BULLET, strbuf_str(&b));
}

/* A row as a block: the first cell, then the others with their headings. */
static void draw_block(struct doc *d, const struct md_table *t, size_t row, int indent)
{
	struct line *line = doc_line(d, LINE_TEXT);

	line->indent = indent;
	line->hang = 2;
	put_spans(d, &cell_at(t, row, 0)->line, true);
	for (size_t c = 1; c < t->columns; c++) {
		if (!cell_at(t, row, c)->line.n)
			continue;
		line = doc_line(d, LINE_TEXT);
		line->indent = indent + 2;
		line->hang = 2;
		put_spans(d, &cell_at(t, 0, c)->line, false);
		doc_span(d, STYLE_DIM, STR(": "));
		put_spans(d, &cell_at(t, row, c)->line, false);
	}
}

void md_table_draw(struct doc *d, const struct md_table *t, int indent, size_t width)
{
	size_t w[MARKDOWN_COLUMNS] = { 0 }, rows;

	if (!t->columns || t->columns > MARKDOWN_COLUMNS)
		return;
	rows = t->n / t->columns;
	for (size_t i = 0; i < rows * t->columns; i++) {
		size_t have = line_width(&t->v[i].line);

		if (have > w[i % t->columns])
			w[i % t->columns] = have;
	}
	for (size_t c = 0; c < t->columns; c++)
		w[c] = w[c] ? w[c] : 1;
	if (!fit(w, t->columns, width > (size_t)indent ? width - (size_t)indent : 1)) {
		for (size_t r = 1; r < rows; r++)
			draw_block(d, t, r, indent);
		return;
	}
	for (size_t r = 0; r < rows; r++) {
		draw_row(d, t, r, w, indent);
		if (r == 0)
			draw_rule(d, t, w, indent);
	}
}
