/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sheets of cheat: a file without extension, perhaps with front matter (tags, syntax),
 * then paragraphs; comment lines say what the lines below them do:
 *
 *     # To list the threads of a process:
 *     ps -T -p <pid>
 */
#include "note/placeholder.h"
#include "sheet.h"

static void flush(struct sheet *s, struct strbuf *about, struct strbuf *command)
{
	struct str text = str_trim(strbuf_str(command));

	if (text.n)
		sheet_item(s, str_trim(strbuf_str(about)), text);
	strbuf_clear(command);
	if (text.n)
		strbuf_clear(about);
}

bool cheat_read(struct sheet *s, struct str path, struct str bytes)
{
	STRBUF_AUTO(about, 1 << 20);
	STRBUF_AUTO(command, 1 << 20);
	struct frontmatter fm = { 0 };
	struct str body = bytes;

	if (frontmatter_parse(s->a, bytes, &fm, NULL) && fm.present) {
		body = str_from(bytes, fm.body);
		s->tags = fm.tags;
	}
	STR_EACH_LINE (line, body) {
		struct str text = str_rtrim(line);

		if (!text.n) {
			flush(s, &about, &command);
		} else if (text.p[0] == '#' && !command.n) {
			while (str_skip(&text, STR("#")))
				;
			strbuf_addf(&about, "%s" STR_FMT, about.n ? " " : "",
				    STR_ARG(str_trim(text)));
		} else {
			strbuf_addf(&command, STR_FMT "\n", STR_ARG(text));
		}
	}
	flush(s, &about, &command);
	s->title = path;
	*ARENA_PUSH(s->a, &s->tags) = STR("cheat");
	return s->items.n > 0;
}

static void write_about(struct strbuf *out, struct str about)
{
	STR_EACH_LINE (line, about)
		strbuf_addf(out, "# " STR_FMT "\n", STR_ARG(line));
}

void cheat_write(const struct sheet *s, struct strbuf *out, struct str_list *lost)
{
	if (s->tags.n) {
		strbuf_addz(out, "---\nsyntax: bash\ntags: [ ");
		for (size_t i = 0; i < s->tags.n; i++)
			strbuf_addf(out, "%s" STR_FMT, i ? ", " : "",
				    STR_ARG(s->tags.v[i]));
		strbuf_addz(out, " ]\n---\n");
	}
	for (size_t i = 0; i < s->items.n; i++) {
		if (i)
			strbuf_addc(out, '\n');
		write_about(out, s->items.v[i].about);
		strbuf_addf(out, STR_FMT "\n", STR_ARG(s->items.v[i].command));
	}
	for (size_t i = 0; i < s->params.n; i++)
		*ARENA_PUSH(s->a, lost) =
			arena_strf(s->a, "<" STR_FMT ">: its type and default",
				   STR_ARG(s->params.v[i].name));
}
