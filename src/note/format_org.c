/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Org files: headings with tags, drawers, source blocks, fixed-width lines and links.
 *
 *     * Check the dirty ring size                             :kvm:migration:
 *     #+begin_src sh
 *     grep -c . /sys/kernel/debug/kvm/...
 *     #+end_src
 */
#include "sheet.h"

struct org {
	struct sheet *s;
	struct strbuf out;
	bool drawer, fixed;
	struct str block; /* "src", "example", ...: inside of it; empty: outside */
};

static void add_tag(struct sheet *s, struct str tag)
{
	for (size_t i = 0; i < s->tags.n; i++)
		if (str_eq(s->tags.v[i], tag))
			return;
	if (tag.n && s->tags.n < FM_MAX_ITEMS)
		*ARENA_PUSH(s->a, &s->tags) = tag;
}

/* ":a:b:" at the end of a heading. */
static struct str take_tags(struct sheet *s, struct str heading)
{
	ptrdiff_t blank = str_rchr(heading, ' ');
	struct str tags = str_from(heading, (size_t)(blank + 1)), tag;

	if (tags.n < 3 || tags.p[0] != ':' || tags.p[tags.n - 1] != ':')
		return heading;
	tags = str_sub(tags, 1, tags.n - 2);
	while (str_cut(&tags, ':', &tag))
		add_tag(s, tag);
	return str_rtrim(str_n(heading.p, (size_t)(blank + 1)));
}

static void heading(struct org *o, struct str line)
{
	size_t level = 0;
	struct str text;

	while (level < line.n && line.p[level] == '*')
		level++;
	text = take_tags(o->s, str_trim(str_from(line, level)));
	if (!o->s->title.n)
		o->s->title = text;
	strbuf_addc(&o->out, '\n');
	strbuf_pad(&o->out, '#', level + 1 > 6 ? 6 : level + 1);
	strbuf_addf(&o->out, " " STR_FMT "\n\n", STR_ARG(text));
}

static bool is_heading(struct str line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == '*')
		n++;
	return n && n < line.n && line.p[n] == ' ';
}

/* [[target][text]] as [text](target), a single [[target]] as it is. */
static void with_links(struct strbuf *out, struct str line)
{
	while (line.n) {
		ptrdiff_t at = str_find(line, STR("[[")), end, mid;
		struct str in;

		end = at < 0 ? -1 : str_find(str_from(line, (size_t)at), STR("]]"));
		if (end < 0) {
			strbuf_add(out, line);
			return;
		}
		strbuf_add(out, str_n(line.p, (size_t)at));
		in = str_sub(line, (size_t)at + 2, (size_t)end - 2);
		mid = str_find(in, STR("]["));
		if (mid >= 0)
			strbuf_addf(out, "[" STR_FMT "](<" STR_FMT ">)",
				    STR_ARG(str_from(in, (size_t)mid + 2)),
				    STR_ARG(str_n(in.p, (size_t)mid)));
		else
			strbuf_addf(out, "[[" STR_FMT "]]", STR_ARG(in));
		line = str_from(line, (size_t)(at + end) + 2);
	}
}

static bool keyword(struct org *o, struct str line)
{
	struct str rest = line, tag;

	if (!str_skip(&rest, STR("#+")))
		return false;
	if (str_casestarts(rest, STR("title:")))
		o->s->title = str_trim(str_from(rest, 6));
	if (str_casestarts(rest, STR("filetags:"))) {
		rest = str_trim(str_from(rest, 9));
		while (str_cut(&rest, ':', &tag))
			add_tag(o->s, str_trim(tag));
		return true;
	}
	if (!str_casestarts(rest, STR("begin_")))
		return true;
	rest = str_from(rest, 6);
	(void)str_word(&rest, &o->block);
	(void)str_word(&rest, &tag);
	strbuf_addf(&o->out, "\n~~~~" STR_FMT "\n",
		    STR_ARG(str_caseeq(o->block, STR("src")) && rest.p && tag.n
				    ? tag
				    : STR("text")));
	return true;
}

static void in_block(struct org *o, struct str line)
{
	struct str rest = str_trim(line);

	if (str_skip(&rest, STR("#+")) && str_casestarts(rest, STR("end_")) &&
	    str_caseeq(str_from(rest, 4), o->block)) {
		o->block = STR("");
		strbuf_addz(&o->out, "~~~~\n\n");
		return;
	}
	/* ",*" and ",#+" are escapes of what would be a heading or a keyword */
	if (str_starts(line, STR(",*")) || str_starts(line, STR(",#+")))
		line = str_from(line, 1);
	strbuf_addf(&o->out, STR_FMT "\n", STR_ARG(line));
}

static void org_line(struct org *o, struct str line)
{
	struct str text = str_trim(line);
	bool fixed = str_starts(text, STR(": ")) || str_eq(text, STR(":"));

	if (o->block.n) {
		in_block(o, line);
		return;
	}
	if (o->fixed != fixed)
		strbuf_addz(&o->out, o->fixed ? "~~~~\n\n" : "\n~~~~text\n");
	o->fixed = fixed;
	if (fixed) {
		strbuf_addf(&o->out, STR_FMT "\n", STR_ARG(str_from(text, 2)));
	} else if (o->drawer) {
		o->drawer = !str_caseeq(text, STR(":END:"));
	} else if (is_heading(line)) {
		heading(o, line);
	} else if (text.n > 2 && text.p[0] == ':' && text.p[text.n - 1] == ':') {
		o->drawer = true;
	} else if (!keyword(o, text)) {
		with_links(&o->out, line);
		strbuf_addc(&o->out, '\n');
	}
}

bool org_read(struct sheet *s, struct str path, struct str bytes)
{
	struct org o = { .s = s, .out = STRBUF(8 << 20), .block = STR("") };

	STR_EACH_LINE (line, bytes)
		org_line(&o, line);
	if (o.block.n || o.fixed)
		strbuf_addz(&o.out, "~~~~\n");
	s->body = arena_str(s->a, strbuf_str(&o.out));
	strbuf_free(&o.out);
	if (!s->title.n)
		s->title = sheet_stem(path);
	add_tag(s, STR("org"));
	return true;
}

void org_write(const struct sheet *s, struct strbuf *out, struct str_list *lost)
{
	strbuf_addf(out, "#+TITLE: " STR_FMT "\n", STR_ARG(s->title));
	if (s->tags.n) {
		strbuf_addz(out, "#+FILETAGS: :");
		for (size_t i = 0; i < s->tags.n; i++)
			strbuf_addf(out, STR_FMT ":", STR_ARG(s->tags.v[i]));
		strbuf_addc(out, '\n');
	}
	for (size_t i = 0; i < s->items.n; i++) {
		struct str about = s->items.v[i].about;
		ptrdiff_t lf = str_chr(about, '\n');

		strbuf_addf(
			out, "\n* " STR_FMT "\n#+begin_src sh\n",
			STR_ARG(about.n ? (lf < 0 ? about : str_n(about.p, (size_t)lf))
					: STR("Command")));
		STR_EACH_LINE (line, s->items.v[i].command) {
			bool escape =
				str_starts(line, STR("*")) || str_starts(line, STR("#+"));

			strbuf_addf(out, "%s" STR_FMT "\n", escape ? "," : "",
				    STR_ARG(line));
		}
		strbuf_addz(out, "#+end_src\n");
	}
	for (size_t i = 0; i < s->params.n; i++)
		*ARENA_PUSH(s->a, lost) =
			arena_strf(s->a, "<" STR_FMT ">: its type and default",
				   STR_ARG(s->params.v[i].name));
}
