/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Markdown of zk, nb and Obsidian: front matter that may be more YAML than ours, tags in
 * the text (#tag, #a/b), keywords for tags, wikilinks as they are.
 */
#include "base/utf8.h"
#include "sheet.h"

enum { TAG_BYTES = 60 };

static bool is_tag_char(uint32_t cp)
{
	return utf8_is_word(cp) || cp == '/' || cp == '-' || cp == '_';
}

static void add_tag(struct sheet *s, struct str tag)
{
	for (size_t i = 0; i < s->tags.n; i++)
		if (str_eq(s->tags.v[i], tag))
			return;
	if (s->tags.n < FM_MAX_ITEMS)
		*ARENA_PUSH(s->a, &s->tags) = tag;
}

/* #tag after a blank or at the start of a line, with at least one letter in it. */
static void line_tags(struct sheet *s, struct str line)
{
	for (size_t i = 0; i + 1 < line.n; i++) {
		struct str rest = str_from(line, i + 1), tag;
		bool letter = false;
		uint32_t cp;

		if (line.p[i] == '`')
			return; /* code may stand in this line: no guessing */
		if (line.p[i] != '#' ||
		    (i && line.p[i - 1] != ' ' && line.p[i - 1] != '\t'))
			continue;
		tag = str_n(rest.p, 0);
		while (utf8_next(&rest, &cp) && is_tag_char(cp)) {
			letter |= cp > '9';
			tag.n = (size_t)(rest.p - tag.p);
		}
		if (letter && tag.n <= TAG_BYTES)
			add_tag(s, tag);
	}
}

static struct str first_heading(struct str body)
{
	STR_EACH_LINE (line, body)
		if (str_skip(&line, STR("# ")) && str_trim(line).n)
			return str_trim(line);
	return STR("");
}

/* A front matter that ours cannot read: where its text begins. */
static size_t foreign_front(struct str bytes)
{
	ptrdiff_t end;

	if (!str_starts(bytes, STR("---\n")) && !str_starts(bytes, STR("---\r\n")))
		return 0;
	end = str_find(bytes, STR("\n---"));
	if (end < 0)
		return 0;
	for (size_t at = (size_t)end + 4; at < bytes.n; at++)
		if (bytes.p[at] == '\n')
			return at + 1;
	return bytes.n;
}

/* Fields that mean something here go through as they are written. */
static void keep_maps(struct sheet *s, const struct frontmatter *fm, struct str bytes)
{
	static const char *const keys[] = { "params", "probes",      "since",
					    "until",  "translation", "sources" };
	STRBUF_AUTO(b, FM_MAX_BYTES);

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct fm_field *f = frontmatter_field(fm, str_of(keys[i]));

		if (f)
			strbuf_add(&b, str_sub(bytes, f->at, f->n));
	}
	s->fields = arena_str(s->a, strbuf_str(&b));
}

bool plain_read(struct sheet *s, struct str path, struct str bytes)
{
	struct frontmatter fm = { 0 };
	const struct fm_field *words;
	bool fenced = false;

	if (frontmatter_parse(s->a, bytes, &fm, NULL)) {
		s->body = str_from(bytes, fm.body);
		s->tags = fm.tags;
		s->aliases = fm.aliases;
		s->lang = fm.lang;
		keep_maps(s, &fm, bytes);
		words = frontmatter_field(&fm, STR("keywords"));
		for (size_t i = 0; words && words->kind == FM_LIST && i < words->list.n;
		     i++)
			add_tag(s, words->list.v[i]);
	} else {
		fm = (struct frontmatter){ 0 };
		s->body = str_from(bytes, foreign_front(bytes));
	}
	STR_EACH_LINE (line, s->body) {
		if (str_starts(line, STR("```")) || str_starts(line, STR("~~~")))
			fenced = !fenced;
		else if (!fenced)
			line_tags(s, line);
	}
	s->title = fm.title.n ? fm.title : first_heading(s->body);
	if (!s->title.n)
		s->title = sheet_stem(path);
	return true;
}
