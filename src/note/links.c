/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wikilinks: see note/links.h. One pass over the text; code is passed over with the same
 * two rules Markdown has for it, fences at the start of a line and runs of backticks.
 */
#include "note/links.h"
#include "base/utf8.h"
#include "note/frontmatter.h"

enum { SLUG_MAX = 100, LINK_MAX = 400 };

/* Length of the run of `c` at the front. */
static size_t run(struct str s, char c)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == c)
		n++;
	return n;
}

/* A line that opens or closes a fence: up to three blanks, then ``` or ~~~. */
static size_t fence(struct str line, char *ret_char)
{
	size_t blanks = run(line, ' '), n;

	if (blanks > 3 || blanks == line.n)
		return 0;
	*ret_char = line.p[blanks];
	if (*ret_char != '`' && *ret_char != '~')
		return 0;
	n = run(str_from(line, blanks), *ret_char);
	return n >= 3 ? n : 0;
}

/* Offset after the code span that begins at the front of `s`, or after its backticks
 * when nothing closes them. */
static size_t skip_span(struct str s)
{
	size_t open = run(s, '`'), at = open;

	while (at < s.n) {
		ptrdiff_t tick = str_chr(str_from(s, at), '`');
		size_t n;

		if (tick < 0)
			break;
		at += (size_t)tick;
		n = run(str_from(s, at), '`');
		if (n == open)
			return at + n;
		at += n;
	}
	return open;
}

/* The link at the front of `s`; 0 when there is none. */
static size_t parse_link(struct str s, struct note_link *ret)
{
	struct str in, target;
	ptrdiff_t end, bar, hash;

	if (!str_starts(s, STR("[[")))
		return 0;
	in = str_sub(s, 2, LINK_MAX);
	end = str_find(in, STR("]]"));
	if (end <= 0 || str_chr(str_n(in.p, (size_t)end), '\n') >= 0 ||
	    str_chr(str_n(in.p, (size_t)end), '[') >= 0)
		return 0;
	in.n = (size_t)end;
	bar = str_chr(in, '|');
	target = bar < 0 ? in : str_n(in.p, (size_t)bar);
	ret->label = str_trim(bar < 0 ? in : str_from(in, (size_t)bar + 1));
	hash = str_chr(target, '#');
	if (hash >= 0)
		target.n = (size_t)hash;
	ret->target = str_trim(target);
	if (!ret->target.n)
		return 0;
	if (!ret->label.n)
		ret->label = ret->target;
	return in.n + 4;
}

static void paragraph_links(struct arena *a, struct str whole, struct str text,
			    struct note_links *ret)
{
	size_t i = 0;

	for (;;) {
		struct str at;
		struct note_link link = { 0 };
		size_t n = 1;

		while (i < text.n && text.p[i] != '[' && text.p[i] != '`' &&
		       text.p[i] != '\\')
			i++;
		if (i >= text.n)
			return;
		at = str_from(text, i);
		if (at.p[0] == '`') {
			n = skip_span(at);
		} else if (at.p[0] == '\\') {
			n = 2;
		} else if (at.p[0] == '[') {
			n = parse_link(at, &link);
			if (n) {
				link.at = (size_t)(at.p - whole.p);
				link.n = n;
				*ARENA_PUSH(a, ret) = link;
			}
			n = n ? n : 1;
		}
		i += n;
	}
}

void note_links(struct arena *a, struct str body, struct note_links *ret)
{
	struct str rest = body, line, text = STR_NONE;
	size_t open = 0;
	char with = 0, c;

	while (str_line(&rest, &line)) {
		size_t n = fence(line, &c);

		if (open) {
			if (n >= open && c == with)
				open = 0;
			continue;
		}
		if (n || !str_trim(line).n) {
			paragraph_links(a, body, text, ret);
			text = STR_NONE;
			open = n;
			with = n ? c : 0;
			continue;
		}
		text = text.p ? str_n(text.p, text.n + line.n) : line;
	}
	paragraph_links(a, body, text, ret);
}

size_t note_relink(struct strbuf *out, struct str bytes, struct str from, struct str to)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(head, 2 * FM_MAX_BYTES);
	struct frontmatter fm = { 0 };
	struct note_links links = { 0 };
	struct str body;
	size_t count = 0, done = 0;

	if (!frontmatter_parse(a, bytes, &fm, NULL))
		fm = (struct frontmatter){ 0 };
	if (str_eq(fm.translation, from) &&
	    frontmatter_set(&head, str_n(bytes.p, fm.body), STR("translation"), to,
			    NULL)) {
		strbuf_add(out, strbuf_str(&head));
		count++;
	} else {
		strbuf_add(out, str_n(bytes.p, fm.body));
	}
	body = str_from(bytes, fm.body);
	note_links(a, body, &links);
	for (size_t i = 0; i < links.n; i++) {
		const struct note_link *l = &links.v[i];
		size_t at = (size_t)(l->target.p - body.p);

		if (!str_eq(l->target, from))
			continue;
		strbuf_add(out, str_sub(body, done, at - done));
		strbuf_add(out, to);
		done = at + from.n;
		count++;
	}
	strbuf_add(out, str_from(body, done));
	return count;
}

bool note_slug_ok(struct str slug)
{
	struct str rest = slug;
	uint32_t cp;

	if (!slug.n || slug.n > SLUG_MAX || slug.p[0] == '.' || slug.p[0] == '-')
		return false;
	while (utf8_next(&rest, &cp)) {
		if (cp == UTF8_BAD || utf8_fold_cp(cp) != cp)
			return false;
		if (!utf8_is_word(cp) && cp != '-' && cp != '.' && cp != '_' && cp != '+')
			return false;
	}
	return true;
}

struct str note_slug_from(struct arena *a, struct str title)
{
	STRBUF_AUTO(b, SLUG_MAX);
	bool gap = false;
	uint32_t cp;

	while (utf8_next(&title, &cp)) {
		cp = utf8_fold_cp(cp);
		if (!utf8_is_word(cp) && cp != '_') {
			gap = b.n > 0;
			continue;
		}
		if (b.n + 5 > SLUG_MAX)
			break;
		if (gap)
			strbuf_addc(&b, '-');
		gap = false;
		utf8_put(&b, cp);
	}
	if (!b.n || !note_slug_ok(strbuf_str(&b))) {
		strbuf_clear(&b);
		strbuf_addz(&b, "note");
	}
	return arena_str(a, strbuf_str(&b));
}
