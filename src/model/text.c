/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results as plain text. Every byte that came from outside passes utf8_add_safe(), so
 * nothing printed here can act on a terminal; the only escape sequences are the colours
 * written by this file, and only when asked for.
 */
#include <inttypes.h>
#include <math.h>

#include "base/utf8.h"
#include "model/render.h"

/* SGR parameters of each style; the screen has a table of its own. */
static const char *const sgr[STYLE_COUNT] = {
	[STYLE_HEAD1] = "1;36",
	[STYLE_HEAD2] = "1;36",
	[STYLE_HEAD3] = "1",
	[STYLE_STRONG] = "1",
	[STYLE_EMPH] = "3",
	[STYLE_STRIKE] = "9",
	[STYLE_CODE] = "33",
	[STYLE_LINK] = "4;34",
	[STYLE_QUOTE] = "2",
	[STYLE_BULLET] = "2",
	[STYLE_COMMENT] = "2",
	[STYLE_KEYWORD] = "35",
	[STYLE_STRING] = "32",
	[STYLE_NUMBER] = "36",
	[STYLE_PLACEHOLDER] = "1;33",
	[STYLE_ADD] = "32",
	[STYLE_DEL] = "31",
	[STYLE_HUNK] = "36",
	[STYLE_ADD_WORD] = "1;32",
	[STYLE_DEL_WORD] = "1;31",
	[STYLE_MATCH] = "1;33",
	[STYLE_GOOD] = "32",
	[STYLE_WARN] = "33",
	[STYLE_BAD] = "1;31",
	[STYLE_DIM] = "2",
	[STYLE_NEW] = "32",
	[STYLE_GONE] = "9;2",
};

static void add_grouped(struct strbuf *b, int64_t v)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64,
			 v < 0 ? 0 - (uint64_t)v : (uint64_t)v);

	if (v < 0)
		strbuf_addc(b, '-');
	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			strbuf_addc(b, ',');
		strbuf_addc(b, digits[i]);
	}
}

static void add_bytes(struct strbuf *b, uint64_t v)
{
	static const char *const units[] = {
		"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"
	};
	double scaled = (double)v;
	size_t u = 0;

	while (scaled >= 1023.95 && u + 1 < ARRAY_SIZE(units)) {
		scaled /= 1024;
		u++;
	}
	if (!u || scaled == floor(scaled))
		strbuf_addf(b, "%.0f %s", scaled, units[u]);
	else
		strbuf_addf(b, "%.1f %s", scaled, units[u]);
}

static void add_seconds(struct strbuf *b, double s)
{
	if (s < 0.001 && s > 0)
		strbuf_addf(b, "%.0f us", s * 1e6);
	else if (s < 1 && s > 0)
		strbuf_addf(b, "%.0f ms", s * 1e3);
	else if (s < 60)
		strbuf_addf(b, "%.2f s", s);
	else if (s < 3600)
		strbuf_addf(b, "%d:%02d", (int)s / 60, (int)s % 60);
	else
		strbuf_addf(b, "%d:%02d:%02d", (int)(s / 3600), (int)fmod(s, 3600) / 60,
			    (int)fmod(s, 60));
}

void spark_format(struct strbuf *b, const double *v, size_t n, double top)
{
	static const char *const blocks[] = {
		" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"
	};

	if (top <= 0)
		for (size_t i = 0; i < n; i++)
			top = fmax(top, v[i]);
	for (size_t i = 0; i < n; i++) {
		double share = top > 0 ? v[i] / top : 0;
		int k = isnan(v[i]) ? 0 : 1 + (int)(share * 7.001);

		strbuf_addz(b, blocks[k < 0 ? 0 : k > 8 ? 8 : k]);
	}
}

static void add_list(struct strbuf *b, const struct cells *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			strbuf_addz(b, " ");
		cell_format(b, &list->v[i]);
	}
}

static void add_spark(struct strbuf *b, const struct cells *list)
{
	double v[256];
	size_t n = list->n < ARRAY_SIZE(v) ? list->n : ARRAY_SIZE(v);

	for (size_t i = 0; i < n; i++)
		v[i] = list->v[i].type == CELL_NONE ? NAN : list->v[i].real;
	spark_format(b, v, n, 0);
}

/* long: one case for each type of cell */
void cell_format(struct strbuf *b, const struct cell *cell)
{
	switch (cell->type) {
	case CELL_NONE:
		strbuf_addz(b, "-");
		break;
	case CELL_TEXT:
		utf8_add_safe(b, cell->text, false);
		break;
	case CELL_INT:
		strbuf_addf(b, "%" PRId64, cell->i);
		break;
	case CELL_PAGES:
		add_grouped(b, cell->i);
		break;
	case CELL_REAL:
		strbuf_addf(b, "%.2f", cell->real);
		break;
	case CELL_BOOL:
		strbuf_addz(b, cell->i ? "yes" : "no");
		break;
	case CELL_BYTES:
		add_bytes(b, (uint64_t)cell->i);
		break;
	case CELL_PERCENT:
		strbuf_addf(b, "%.1f", cell->real);
		break;
	case CELL_SECONDS:
		add_seconds(b, cell->real);
		break;
	case CELL_RATE:
		strbuf_addf(b, cell->real < 10 ? "%.1f" : "%.0f", cell->real);
		break;
	case CELL_SPARK:
		add_spark(b, cell->list);
		break;
	case CELL_LIST:
		add_list(b, cell->list);
		break;
	case CELL_TABLE:
		strbuf_addf(b, "%zu rows", cell->table->n);
		break;
	case CELL_RECORD:
		strbuf_addz(b, "...");
		break;
	}
}

static bool to_the_right(const struct column *col)
{
	return col->type != CELL_TEXT && col->type != CELL_LIST &&
	       col->type != CELL_SPARK && col->type != CELL_BOOL &&
	       !(col->flags & COLUMN_LEFT);
}

static bool shown(const struct column *col)
{
	return !(col->flags & (COLUMN_HIDDEN | COLUMN_NOTABLE));
}

static void add_padded(struct strbuf *b, struct str text, size_t width, bool right,
		       bool last)
{
	size_t w = utf8_width(text);
	size_t pad = width > w ? width - w : 0;

	if (right)
		strbuf_pad(b, ' ', pad);
	strbuf_add(b, text);
	if (!right && !last)
		strbuf_pad(b, ' ', pad);
}

struct grid {
	struct str *texts; /* (n + 1) * ncols; row 0 holds the titles */
	size_t *widths;
	size_t last; /* index of the last shown column */
};

static struct grid measure(struct arena *a, const struct table *t)
{
	struct grid g = { arena_array(a, struct str, (t->n + 1) * (t->ncols + 1)),
			  arena_array(a, size_t, t->ncols + 1), 0 };

	for (size_t r = 0; r <= t->n; r++) {
		for (size_t c = 0; c < t->ncols; c++) {
			STRBUF_AUTO(b, 1 << 20);
			size_t w;

			if (!shown(&t->cols[c]))
				continue;
			g.last = c;
			if (!r) {
				strbuf_addz(&b, t->cols[c].title);
			} else {
				struct cell cell = row_cell(t, &t->v[r - 1], c);

				if (c == 0)
					strbuf_pad(&b, ' ',
						   2 * (size_t)t->v[r - 1].depth);
				cell_format(&b, &cell);
			}
			g.texts[r * t->ncols + c] = arena_str(a, strbuf_str(&b));
			w = utf8_width(strbuf_str(&b));
			if (w > g.widths[c])
				g.widths[c] = w;
		}
	}
	return g;
}

void table_text(struct strbuf *b, const struct table *t, struct text_style style)
{
	AUTO(arena) a = arena_new();
	struct grid g;

	if (!t->n && t->empty) {
		strbuf_addf(b, "%s\n", t->empty);
		return;
	}
	g = measure(a, t);
	for (size_t r = 0; r <= t->n; r++) {
		bool first = true;

		if (style.color && !r)
			strbuf_addz(b, "\033[1m");
		for (size_t c = 0; c < t->ncols; c++) {
			if (!shown(&t->cols[c]))
				continue;
			if (!first)
				strbuf_addz(b, "  ");
			first = false;
			add_padded(b, g.texts[r * t->ncols + c], g.widths[c],
				   to_the_right(&t->cols[c]), c == g.last);
		}
		if (style.color && !r)
			strbuf_addz(b, "\033[m");
		strbuf_addc(b, '\n');
	}
}

static bool is_block(const struct cell *cell)
{
	return cell->type == CELL_TABLE || cell->type == CELL_RECORD;
}

static void add_facts(struct strbuf *b, const struct record *r)
{
	size_t width = 0;

	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].title && !is_block(&r->v[i].cell) &&
		    utf8_width(str_of(r->v[i].title)) > width)
			width = utf8_width(str_of(r->v[i].title));
	for (size_t i = 0; i < r->n; i++) {
		const struct field *f = &r->v[i];

		if (!f->title || is_block(&f->cell))
			continue;
		add_padded(b, str_of(f->title), width, false, false);
		strbuf_addz(b, "  ");
		cell_format(b, &f->cell);
		if (f->cell.type == CELL_NONE && f->cell.why.n) {
			strbuf_addz(b, " (");
			utf8_add_safe(b, f->cell.why, false);
			strbuf_addc(b, ')');
		}
		strbuf_addc(b, '\n');
	}
}

void record_text(struct strbuf *b, const struct record *r, struct text_style style)
{
	if (r->headline.n) {
		utf8_add_safe(b, r->headline, false);
		strbuf_addc(b, '\n');
	}
	if (r->so_what.n) {
		strbuf_addz(b, "so what: ");
		utf8_add_safe(b, r->so_what, false);
		strbuf_addc(b, '\n');
	}
	add_facts(b, r);
	for (size_t i = 0; i < r->n; i++) {
		const struct field *f = &r->v[i];

		if (!f->title || !is_block(&f->cell))
			continue;
		if (b->n)
			strbuf_addc(b, '\n');
		if (*f->title)
			strbuf_addf(b, "%s\n", f->title);
		if (f->cell.type == CELL_TABLE)
			table_text(b, f->cell.table, style);
		else
			record_text(b, f->cell.record, style);
	}
}

static void add_span(struct strbuf *b, const struct span *span, struct text_style style)
{
	const char *code = style.color ? sgr[span->style] : NULL;

	if (code)
		strbuf_addf(b, "\033[%sm", code);
	/* a tab is harmless and code has many */
	utf8_add_safe(b, span->text, true);
	if (code)
		strbuf_addz(b, "\033[m");
}

void doc_text(struct strbuf *b, const struct doc *d, struct text_style style)
{
	AUTO(arena) a = arena_new();
	const struct doc *wrapped = style.width ? doc_wrap(a, d, style.width) : d;

	for (size_t i = 0; i < wrapped->n; i++) {
		const struct line *line = &wrapped->v[i];

		if (line->kind == LINE_RULE) {
			strbuf_addz(b, "----------------------------------------\n");
			continue;
		}
		if (line->n)
			strbuf_pad(b, ' ', (size_t)line->indent);
		for (size_t k = 0; k < line->n; k++)
			add_span(b, &line->v[k], style);
		strbuf_addc(b, '\n');
	}
}
