/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running text with live parts: see inline.h. The text is scanned once; what looks like a
 * live part and is none stays as it is written.
 */
#include "inline.h"
#include "base/utf8.h"

enum { LIVE_MAX = 512 /* bytes of one live part, its braces included */ };

static void add(struct arena *a, struct line *line, struct ink ink, struct str text)
{
	if (text.n)
		*ARENA_PUSH(a, line) =
			(struct span){ arena_str(a, text), ink.style, ink.ref };
}

/* ---- {?probe} and {{sys:...}} ------------------------------------------------ */

static void add_probe(struct arena *a, struct line *line, struct str name,
		      const struct note_live *live)
{
	static const enum style styles[] = { STYLE_GOOD, STYLE_BAD, STYLE_WARN };
	struct probe_result r = { .state = PROBE_UNKNOWN };
	struct ink ink = { .style = STYLE_DIM };
	struct str text;

	if (!live || !live->probe) {
		add(a, line, ink, arena_strf(a, "[probe " STR_FMT "]", STR_ARG(name)));
		return;
	}
	live->probe(live->arg, a, name, &r);
	ink.style = styles[r.state];
	text = arena_strf(a, "[%s%s" STR_FMT "]", probe_state_name(r.state),
			  r.why.n && r.state != PROBE_TRUE ? ": " : "",
			  STR_ARG(r.state == PROBE_TRUE ? STR("") : r.why));
	add(a, line, ink, text);
}

static void add_value(struct arena *a, struct line *line, struct str what,
		      const struct note_live *live)
{
	struct err err = { 0 };
	struct str value;

	if (!live || !live->value)
		add(a, line, (struct ink){ .style = STYLE_DIM },
		    arena_strf(a, "[" STR_FMT "]", STR_ARG(what)));
	else if (live->value(live->arg, a, what, &value, &err))
		add(a, line, (struct ink){ .style = STYLE_STRONG }, value);
	else
		add(a, line, (struct ink){ .style = STYLE_WARN },
		    arena_strf(a, "[%s]", err.msg));
}

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789-_.",
			    s.p[i]) ||
		    !s.p[i])
			return false;
	return s.n > 0;
}

/* Length of the live part at the front of `s`, which begins with '{', or 0. */
static size_t braces_length(struct str s, struct str *ret_in, bool *ret_value)
{
	struct str near = str_n(s.p, s.n < LIVE_MAX ? s.n : LIVE_MAX);
	bool value = str_starts(s, STR("{{"));
	ptrdiff_t end = str_find(near, value ? STR("}}") : STR("}"));
	struct str in;

	if (end < 2)
		return 0;
	in = str_trim(str_sub(s, 2, (size_t)end - 2));
	*ret_in = in;
	*ret_value = value;
	if (!value)
		return s.p[1] == '?' && is_name(in) ? (size_t)end + 1 : 0;
	return str_starts(in, STR("sys:")) || str_starts(in, STR("proc:"))
		       ? (size_t)end + 2
		       : 0;
}

/* ---- linux:path#symbol ------------------------------------------------------- */

static bool is_source_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("/._-+#", c));
}

/* Length of a source reference at the front of `s`, sentence stops left out. */
static size_t source_length(struct str s)
{
	size_t n = 6;

	if (!str_starts(s, STR("linux:")) && !str_starts(s, STR("qemu:")))
		return 0;
	n = (size_t)str_chr(s, ':') + 1;
	while (n < s.n && n < LIVE_MAX && is_source_byte(s.p[n]))
		n++;
	while (n && (s.p[n - 1] == '.' || s.p[n - 1] == '-'))
		n--;
	return str_find(str_n(s.p, n), STR("/")) > 0 || str_chr(str_n(s.p, n), '.') > 0
		       ? n
		       : 0;
}

static bool at_word_start(struct str text, size_t i)
{
	return i == 0 || !is_source_byte(text.p[i - 1]);
}

static void add_source(struct arena *a, struct line *line, struct str s)
{
	struct ink ink = { STYLE_LINK, { REF_SOURCE, arena_str(a, s) } };

	add(a, line, ink, s);
}

void inline_text(struct arena *a, struct line *line, struct str text, struct ink ink,
		 const struct note_live *live)
{
	size_t from = 0, i = 0, n;
	struct str in;
	bool value;

	while (i < text.n) {
		struct str s = str_from(text, i);

		if (s.p[0] == '{' && (n = braces_length(s, &in, &value))) {
			add(a, line, ink, str_sub(text, from, i - from));
			(value ? add_value : add_probe)(a, line, in, live);
		} else if (!ink.ref.kind && at_word_start(text, i) &&
			   (n = source_length(s))) {
			add(a, line, ink, str_sub(text, from, i - from));
			add_source(a, line, str_n(s.p, n));
		} else {
			i++;
			continue;
		}
		i += n;
		from = i;
	}
	add(a, line, ink, str_from(text, from));
}

void inline_code(struct arena *a, struct line *line, struct str text, struct ink ink)
{
	if (!ink.ref.kind && text.n && source_length(text) == text.n) {
		add_source(a, line, text);
		return;
	}
	if (ink.style != STYLE_LINK)
		ink.style = STYLE_CODE;
	add(a, line, ink, text);
}

bool inline_is_source(struct str text)
{
	return text.n && source_length(text) == text.n;
}

void inline_entity(struct strbuf *b, struct str entity)
{
	static const struct {
		const char *name;
		uint32_t cp;
	} table[] = {
		{ "&amp;", '&' },      { "&lt;", '<' },       { "&gt;", '>' },
		{ "&quot;", '"' },     { "&apos;", '\'' },    { "&nbsp;", 0xa0 },
		{ "&mdash;", 0x2014 }, { "&ndash;", 0x2013 }, { "&hellip;", 0x2026 },
		{ "&rarr;", 0x2192 },  { "&larr;", 0x2190 },  { "&times;", 0xd7 },
		{ "&copy;", 0xa9 },    { "&le;", 0x2264 },    { "&ge;", 0x2265 },
	};
	struct str s = entity;
	uint64_t v;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (str_eq(entity, str_of(table[i].name))) {
			utf8_put(b, table[i].cp);
			return;
		}
	}
	if (str_skip(&s, STR("&#"))) {
		bool hex = str_skip(&s, STR("x")) || str_skip(&s, STR("X"));

		if (str_eat_u64(&s, hex ? 16 : 10, &v)) {
			utf8_put(b, v && v < 0x110000 ? (uint32_t)v : UTF8_BAD);
			return;
		}
	}
	strbuf_add(b, entity);
}
