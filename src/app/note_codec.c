/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the store must know of a note, found by the note module: the one place where the
 * two meet.
 */
#include "app/note_codec.h"
#include "base/utf8.h"
#include "note/frontmatter.h"
#include "note/links.h"

/* A change here, or in what front matter means, needs a new number. */
enum { CODEC_VERSION = 1 };

/* "# Heading" of the first line that is one; the slug when there is none. */
static struct str heading(struct str body, struct str slug)
{
	STR_EACH_LINE (line, body) {
		if (str_skip(&line, STR("# ")) && str_trim(line).n)
			return str_trim(line);
	}
	return slug;
}

/* Without a word about it: Chinese when a third of the title is. */
static struct str guess_lang(struct str title)
{
	size_t cjk = 0, all = 0;
	uint32_t cp;

	while (utf8_next(&title, &cp)) {
		cjk += utf8_is_cjk(cp);
		all++;
	}
	return cjk * 3 >= all && cjk ? STR("zh") : STR("en");
}

static void parse(void *arg, struct arena *a, struct str slug, struct str bytes,
		  struct note_text *ret)
{
	struct frontmatter fm = { 0 };
	struct note_links links = { 0 };

	(void)arg;
	/* a note with broken front matter is still a note: all of it is body then */
	if (!frontmatter_parse(a, bytes, &fm, NULL))
		fm = (struct frontmatter){ 0 };
	*ret = (struct note_text){ .translation = fm.translation,
				   .tags = fm.tags,
				   .aliases = fm.aliases };
	ret->body = str_from(bytes, fm.body);
	ret->title = fm.title.n ? fm.title : heading(ret->body, slug);
	ret->lang = fm.lang.n ? fm.lang : guess_lang(ret->title);
	note_links(a, ret->body, &links);
	for (size_t i = 0; i < links.n; i++)
		*ARENA_PUSH(a, &ret->links) = links.v[i].target;
}

static bool relink(void *arg, struct arena *a, struct str bytes, struct str from,
		   struct str to, struct str *ret_bytes)
{
	STRBUF_AUTO(out, STORE_NOTE_MAX);

	(void)arg;
	if (!note_relink(&out, bytes, from, to) || out.over)
		return false;
	*ret_bytes = arena_str(a, strbuf_str(&out));
	return true;
}

const struct note_codec note_codec = { .version = CODEC_VERSION,
				       .parse = parse,
				       .relink = relink };
