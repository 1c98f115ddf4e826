/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Docs: see model/doc.h.
 */
#include <stdarg.h>

#include "base/strbuf.h"
#include "model/doc.h"
#include "model/render.h"

struct doc *doc_new(struct arena *a)
{
	struct doc *d = arena_new_of(a, struct doc);

	d->arena = a;
	return d;
}

struct line *doc_line(struct doc *d, enum line_kind kind)
{
	struct line *line = ARENA_PUSH(d->arena, d);

	*line = (struct line){ .kind = kind };
	return line;
}

static void add_span(struct doc *d, struct span span)
{
	struct line *line = d->n ? &d->v[d->n - 1] : doc_line(d, LINE_TEXT);

	*ARENA_PUSH(d->arena, line) = span;
}

void doc_span(struct doc *d, enum style style, struct str text)
{
	if (text.n)
		add_span(d, (struct span){ arena_str(d->arena, text), style, { 0 } });
}

void doc_link(struct doc *d, struct str text, struct ref ref)
{
	ref.id = arena_str(d->arena, ref.id);
	add_span(d, (struct span){ arena_str(d->arena, text), STYLE_LINK, ref });
}

void doc_spanf(struct doc *d, enum style style, const char *fmt, ...)
{
	STRBUF_AUTO(b, 1 << 20);
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&b, fmt, ap);
	va_end(ap);
	doc_span(d, style, strbuf_str(&b));
}

void doc_textf(struct doc *d, enum style style, const char *fmt, ...)
{
	STRBUF_AUTO(b, 1 << 20);
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&b, fmt, ap);
	va_end(ap);
	doc_line(d, LINE_TEXT);
	doc_span(d, style, strbuf_str(&b));
}

static enum style diff_style(struct str line)
{
	static const struct {
		struct str start;
		enum style style;
	} rules[] = {
		{ STR("+++"), STYLE_STRONG },   { STR("---"), STYLE_STRONG },
		{ STR("diff "), STYLE_STRONG }, { STR("index "), STYLE_DIM },
		{ STR("@@"), STYLE_HUNK },      { STR("+"), STYLE_ADD },
		{ STR("-"), STYLE_DEL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (str_starts(line, rules[i].start))
			return rules[i].style;
	return STYLE_TEXT;
}

void doc_diff(struct doc *d, struct str diff)
{
	STR_EACH_LINE (line, diff) {
		doc_line(d, LINE_CODE);
		doc_span(d, diff_style(line), line);
	}
}

static void add_lines(struct doc *d, struct str text)
{
	STR_EACH_LINE (line, text) {
		doc_line(d, LINE_CODE);
		doc_span(d, STYLE_CODE, line);
	}
}

void doc_table(struct doc *d, const struct table *t)
{
	STRBUF_AUTO(b, 16 << 20);

	table_text(&b, t, (struct text_style){ 0 });
	add_lines(d, strbuf_str(&b));
}

void doc_record(struct doc *d, const struct record *r)
{
	STRBUF_AUTO(b, 16 << 20);

	record_text(&b, r, (struct text_style){ 0 });
	add_lines(d, strbuf_str(&b));
}
