/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clipped drawing on the curses screen: see ui/surface.h. Text is made safe, then cut at
 * whole grapheme clusters, so a wide character or a combining mark never straddles the
 * edge.
 */
#include <stdarg.h>
#include <wchar.h>

#include "curses_here.h"

#include "base/utf8.h"
#include "terminal.h"
#include "ui/surface.h"

struct surface surface_sub(const struct surface *s, int x, int y, int w, int h)
{
	struct surface sub;

	if (x < 0)
		x = 0;
	if (y < 0)
		y = 0;
	sub.x = s->x + x;
	sub.y = s->y + y;
	sub.w = w < s->w - x ? w : s->w - x;
	sub.h = h < s->h - y ? h : s->h - y;
	if (sub.w < 0)
		sub.w = 0;
	if (sub.h < 0)
		sub.h = 0;
	return sub;
}

static bool inside(const struct surface *s, int x, int y)
{
	return x >= 0 && x < s->w && y >= 0 && y < s->h;
}

/* Write text that is safe already; returns the columns used. */
static int put(const struct surface *s, int x, int y, enum style style, struct str text)
{
	struct str fit = utf8_fit(text, (size_t)(s->w - x));
	int pair = look_pair(style);

	attr_set(look_attrs(style), (short)pair, &pair);
	mvaddnstr(s->y + y, s->x + x, fit.p, (int)fit.n);
	return (int)utf8_width(fit);
}

int surface_text(const struct surface *s, int x, int y, enum style style, struct str text)
{
	STRBUF_AUTO(safe, 1 << 16);

	if (!inside(s, x, y) || !text.n)
		return 0;
	if (utf8_is_safe(text, false))
		return put(s, x, y, style, text);
	for (size_t i = 0; i < text.n; i++) {
		size_t n = 0;

		/* a tab is blanks up to the next stop, counted from the text's begin */
		while (i + n < text.n && text.p[i + n] != '\t')
			n++;
		utf8_add_safe(&safe, str_sub(text, i, n), false);
		i += n;
		if (i < text.n)
			strbuf_pad(&safe, ' ', 8 - utf8_width(strbuf_str(&safe)) % 8);
	}
	return put(s, x, y, style, strbuf_str(&safe));
}

int surface_textf(const struct surface *s, int x, int y, enum style style,
		  const char *fmt, ...)
{
	STRBUF_AUTO(b, 1 << 16);
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&b, fmt, ap);
	va_end(ap);
	return surface_text(s, x, y, style, strbuf_str(&b));
}

void surface_clear_line(const struct surface *s, int x, int y)
{
	int none = 0;

	if (!inside(s, x, y))
		return;
	attr_set(A_NORMAL, 0, &none);
	mvhline(s->y + y, s->x + x, ' ', s->w - x);
}

void surface_clear(const struct surface *s)
{
	for (int y = 0; y < s->h; y++)
		surface_clear_line(s, 0, y);
}

void surface_vline(const struct surface *s, int x, int y, int h)
{
	for (int i = 0; i < h; i++)
		surface_text(s, x, y + i, STYLE_BULLET, STR("│"));
}

void surface_emphasise(const struct surface *s, int y, enum emphasis e)
{
	static const attr_t attrs[] = {
		[EMPHASIS_NONE] = A_NORMAL,
		[EMPHASIS_CURSOR] = A_REVERSE,
		[EMPHASIS_BAR] = A_REVERSE,
		[EMPHASIS_DIM] = A_DIM,
	};

	if (inside(s, 0, y))
		mvchgat(s->y + y, s->x, s->w, attrs[e], 0, NULL);
}

void surface_cursor(const struct surface *s, int x, int y)
{
	if (inside(s, x, y))
		term_place_cursor(s->x + x, s->y + y);
}

void surface_line(const struct surface *s, int x, int y, const struct line *line,
		  int skip)
{
	int at = line->indent - skip;

	if (line->kind == LINE_RULE) {
		for (int i = x; i < s->w; i++)
			surface_text(s, i, y, STYLE_BULLET, STR("─"));
		return;
	}
	for (size_t i = 0; i < line->n && x + at < s->w; i++) {
		struct str text = line->v[i].text;
		int w = (int)utf8_width(text);

		if (at < 0) {
			struct str hidden = utf8_fit(text, (size_t)-at);

			text = str_from(text, hidden.n);
			w -= (int)utf8_width(hidden);
			at = w > 0 ? 0 : at + (int)utf8_width(hidden);
		}
		if (at >= 0 && text.n)
			at += surface_text(s, x + at, y, line->v[i].style, text);
	}
}
