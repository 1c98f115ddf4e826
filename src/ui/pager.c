/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pager: see pager.h. Wrapping is done once per doc and width; drawing walks only
 * the visible lines.
 */
#include <stdio.h>

#include "base/utf8.h"
#include "pager.h"

void pager_free(struct pager *p)
{
	arena_free(p->arena);
	*p = (struct pager){ 0 };
}

static void wrap(struct pager *p)
{
	if (!p->arena)
		p->arena = arena_new();
	arena_reset(p->arena);
	p->has_link = false;
	p->wrapped = p->doc && p->w > 0 ? doc_wrap(p->arena, p->doc, (size_t)p->w) : NULL;
}

static size_t last_top(const struct pager *p)
{
	size_t n = p->wrapped ? p->wrapped->n : 0;

	return n > (size_t)p->h ? n - (size_t)p->h : 0;
}

void pager_set(struct pager *p, const struct doc *doc)
{
	p->doc = doc;
	p->top = 0;
	p->skip = 0;
	wrap(p);
}

void pager_refresh(struct pager *p, const struct doc *doc)
{
	p->doc = doc;
	wrap(p);
	if (p->top > last_top(p))
		p->top = last_top(p);
}

void pager_layout(struct pager *p, int w, int h)
{
	p->h = h;
	if (w != p->w) {
		p->w = w;
		wrap(p);
	}
	if (p->top > last_top(p))
		p->top = last_top(p);
}

void pager_mark(struct pager *p, struct str words)
{
	STRBUF_AUTO(b, sizeof(p->mark) - 1);

	utf8_fold(&b, words);
	snprintf(p->mark, sizeof(p->mark), "%s", strbuf_z(&b));
}

static bool in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Bytes of `text` at which a marked word begins, or -1; the longest such word. */
static ptrdiff_t next_mark(struct str marks, struct str text, size_t from, size_t *ret_n)
{
	for (size_t at = from; at < text.n; at++) {
		struct str rest = marks, word;

		*ret_n = 0;
		if (at && in_word(text.p[at - 1]) && in_word(text.p[at]))
			continue;
		while (str_word(&rest, &word))
			if (word.n > 1 && word.n > *ret_n &&
			    str_starts(str_from(text, at), word))
				*ret_n = word.n;
		if (*ret_n)
			return (ptrdiff_t)at;
	}
	return -1;
}

/* Over a line already drawn. Where folding changes the length of a span, its bytes no
 * longer say where the words stand: such a span stays as it is. */
static void draw_marks(const struct pager *p, const struct surface *s, int y,
		       const struct line *line)
{
	struct str marks = str_of(p->mark);
	int x = line->indent;

	for (size_t i = 0; i < line->n; i++) {
		struct str text = line->v[i].text;
		STRBUF_AUTO(folded, 1 << 16);
		size_t n = 0;
		ptrdiff_t at;

		utf8_fold(&folded, text);
		for (size_t from = 0; folded.n == text.n; from = (size_t)at + n) {
			at = next_mark(marks, strbuf_str(&folded), from, &n);
			if (at < 0)
				break;
			surface_text(s, x + (int)utf8_width(str_n(text.p, (size_t)at)), y,
				     STYLE_MATCH, str_sub(text, (size_t)at, n));
		}
		x += (int)utf8_width(text);
	}
}

void pager_draw(const struct pager *p, const struct surface *s)
{
	size_t n = p->wrapped ? p->wrapped->n : 0;

	for (int y = 0; y < s->h && p->top + (size_t)y < n; y++) {
		const struct line *line = &p->wrapped->v[p->top + (size_t)y];

		surface_line(s, 0, y, line, line->kind == LINE_CODE ? p->skip : 0);
		if (p->mark[0] && !(line->kind == LINE_CODE && p->skip))
			draw_marks(p, s, y, line);
		if (line->command && line->command < 10 && line->indent >= 3)
			surface_textf(s, line->indent - 3, y, STYLE_KEYWORD, "%d",
				      line->command);
		if (p->has_link && p->link_line == p->top + (size_t)y) {
			const struct span *span = &line->v[p->link_span];
			int x = line->indent;

			for (size_t i = 0; i < p->link_span; i++)
				x += (int)utf8_width(line->v[i].text);
			surface_text(s, x, y, STYLE_MATCH, span->text);
		}
	}
}

static void scroll_to(struct pager *p, size_t line)
{
	if (line < p->top || line >= p->top + (size_t)p->h)
		p->top = line > (size_t)p->h / 3 ? line - (size_t)p->h / 3 : 0;
	if (p->top > last_top(p))
		p->top = last_top(p);
}

void pager_centre(struct pager *p, size_t line)
{
	size_t half = (size_t)(p->h > 0 ? p->h : 0) / 2;

	p->top = line > half ? line - half : 0;
	if (p->top > last_top(p))
		p->top = last_top(p);
}

/* The next span that can be followed, in reading order or against it, from just behind
 * (or before) the chosen one; without one, from the top of the window. */
static bool seek_link(struct pager *p, int step)
{
	ptrdiff_t n = p->wrapped ? (ptrdiff_t)p->wrapped->n : 0;
	ptrdiff_t line = p->has_link ? (ptrdiff_t)p->link_line : (ptrdiff_t)p->top;
	ptrdiff_t span = p->has_link ? (ptrdiff_t)p->link_span + step : 0;

	while (line >= 0 && line < n) {
		const struct line *l = &p->wrapped->v[line];

		for (; span >= 0 && span < (ptrdiff_t)l->n; span += step) {
			if (l->v[span].ref.kind == REF_NONE)
				continue;
			p->has_link = true;
			p->link_line = (size_t)line;
			p->link_span = (size_t)span;
			scroll_to(p, p->link_line);
			return true;
		}
		line += step;
		span = step < 0 && line >= 0 ? (ptrdiff_t)p->wrapped->v[line].n - 1 : 0;
	}
	return false;
}

static bool line_has(const struct line *line, struct str needle)
{
	STRBUF_AUTO(text, 1 << 16);

	for (size_t i = 0; i < line->n; i++)
		utf8_fold(&text, line->v[i].text);
	return str_find(strbuf_str(&text), needle) >= 0;
}

static bool seek_text(struct pager *p, size_t from, int step)
{
	STRBUF_AUTO(needle, 1024);
	size_t n = p->wrapped ? p->wrapped->n : 0;

	utf8_fold(&needle, str_of(p->find));
	for (size_t i = from; needle.n && i < n; i += (size_t)step) {
		if (line_has(&p->wrapped->v[i], strbuf_str(&needle))) {
			p->top = i < last_top(p) ? i : last_top(p);
			return true;
		}
	}
	return false;
}

void pager_find(struct pager *p, struct str text)
{
	snprintf(p->find, sizeof(p->find), STR_FMT, STR_ARG(text));
	if (!seek_text(p, p->top, 1))
		seek_text(p, 0, 1);
}

bool pager_action(struct pager *p, struct str name)
{
	struct list window = { .n = p->wrapped ? p->wrapped->n : 0, .h = (size_t)p->h };

	if (str_eq(name, STR("next-link")))
		return seek_link(p, 1);
	if (str_eq(name, STR("previous-link")))
		return seek_link(p, -1);
	if (str_eq(name, STR("find-next")))
		return seek_text(p, p->top + 1, 1);
	if (str_eq(name, STR("find-previous")))
		return p->top && seek_text(p, p->top - 1, -1);
	if (str_eq(name, STR("columns-right")) || str_eq(name, STR("columns-left"))) {
		p->skip += name.n == 13 ? 8 : -8;
		p->skip = p->skip < 0 ? 0 : p->skip;
		return true;
	}
	/* a page has no cursor: the window itself moves as a cursor of height one */
	window.cursor = p->top;
	window.top = p->top;
	if (!list_action(&window, name))
		return false;
	p->top = window.cursor < last_top(p) ? window.cursor : last_top(p);
	return true;
}

struct ref pager_link(const struct pager *p)
{
	if (!p->has_link)
		return (struct ref){ 0 };
	return p->wrapped->v[p->link_line].v[p->link_span].ref;
}

bool pager_go_to_command(struct pager *p, int number)
{
	for (size_t i = 0; p->wrapped && i < p->wrapped->n; i++) {
		if (p->wrapped->v[i].command == number) {
			scroll_to(p, i);
			return true;
		}
	}
	return false;
}

bool pager_click(struct pager *p, int x, int y)
{
	const struct line *line;
	int at;

	if (y < 0 || !p->wrapped || p->top + (size_t)y >= p->wrapped->n)
		return false;
	line = &p->wrapped->v[p->top + (size_t)y];
	at = line->indent;
	for (size_t i = 0; i < line->n; i++) {
		int w = (int)utf8_width(line->v[i].text);

		if (x >= at && x < at + w && line->v[i].ref.kind != REF_NONE) {
			p->has_link = true;
			p->link_line = p->top + (size_t)y;
			p->link_span = i;
			return true;
		}
		at += w;
	}
	return false;
}
