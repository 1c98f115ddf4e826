/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tldr pages, client specification 2.3:
 *
 *     # tar
 *
 *     > Archiving utility.
 *     > More information: <https://www.gnu.org/software/tar>.
 *
 *     - Create an archive and write it to a file:
 *
 *     `tar cf {{path/to/target.tar}} {{path/to/file1 path/to/file2 ...}}`
 */
#include "note/placeholder.h"
#include "sheet.h"

enum { EXAMPLES = 8 /* style guide: at most so many a page */ };

/* ---- reading ----------------------------------------------------------------- */

static bool has_blank(struct str s)
{
	return str_chr(s, ' ') >= 0 || str_chr(s, '\t') >= 0;
}

static bool is_path(struct str s)
{
	return str_chr(s, '/') >= 0 || str_starts(s, STR("file")) ||
	       str_starts(s, STR("directory")) || str_starts(s, STR("filename"));
}

/* A default that would be read as something else in `params` is left out. */
static struct str with_default(struct arena *a, const char *type, struct str preset)
{
	struct str word;

	for (struct str rest = preset; str_word(&rest, &word);)
		if (str_eq(word, STR("$")) || str_eq(word, STR("=")))
			return str_of(type);
	return arena_strf(a, "%s = " STR_FMT, type, STR_ARG(preset));
}

/* {{a|b|c}} */
static struct str choices(struct arena *a, struct str text)
{
	STRBUF_AUTO(b, 4096);
	struct str rest = text, one, first = STR("");

	strbuf_addz(&b, "choice");
	while (str_cut(&rest, '|', &one)) {
		if (!one.n || has_blank(one))
			return with_default(a, "text", text);
		if (!first.n)
			first = one;
		strbuf_addf(&b, " " STR_FMT, STR_ARG(one));
	}
	strbuf_addf(&b, " = " STR_FMT, STR_ARG(first));
	return arena_str(a, strbuf_str(&b));
}

static struct str spec_of(struct arena *a, struct str text)
{
	struct str rest = text;
	uint64_t from, to;

	if (str_eat_u64(&rest, 10, &from) && str_skip(&rest, STR("..")) &&
	    str_eat_u64(&rest, 10, &to) && !rest.n)
		return arena_strf(a, "int = %llu", (unsigned long long)from);
	if (str_chr(text, '|') > 0)
		return choices(a, text);
	if (str_ends(text, STR("...")) && has_blank(text))
		return is_path(text) ? STR("path...") : STR("text...");
	return with_default(a, is_path(text) ? "path" : "text", text);
}

/* The placeholder whose "{{" is at the front: its inside. Inner braces are literal, so
 * the closing pair is the last of a run. Returns the bytes used, 0 for none. */
static size_t take_braces(struct str s, struct str *ret_in)
{
	ptrdiff_t end = str_find(str_from(s, 2), STR("}}"));
	size_t n;

	if (end < 0)
		return 0;
	n = (size_t)end + 2;
	while (n + 2 < s.n && s.p[n + 2] == '}')
		n++;
	*ret_in = str_sub(s, 2, n - 2);
	return n + 2;
}

/* {{[-o|--option]}}: the long form. */
static bool option(struct str in, struct str *ret)
{
	struct str shorter;

	if (in.n < 3 || in.p[0] != '[' || in.p[in.n - 1] != ']')
		return false;
	in = str_sub(in, 1, in.n - 2);
	if (!str_cut(&in, '|', &shorter) || !in.p)
		return false;
	*ret = in;
	return true;
}

static void placeholder(struct sheet *s, struct strbuf *b, struct str in)
{
	struct str form;

	in = str_trim(in);
	if (option(in, &form))
		sheet_literal(s, b, form);
	else if (in.n)
		strbuf_addf(b, "<" STR_FMT ">",
			    STR_ARG(sheet_param(s, in, spec_of(s->a, in))));
}

/* `text` without the backticks around it. */
static void command(struct sheet *s, struct strbuf *b, struct str text)
{
	size_t from = 0, n;
	struct str in;

	for (size_t i = 0; i < text.n;) {
		struct str rest = str_from(text, i);

		if (str_starts(rest, STR("{{")) && (n = take_braces(rest, &in))) {
			sheet_literal(s, b, str_sub(text, from, i - from));
			placeholder(s, b, in);
		} else if (str_starts(rest, STR("\\{\\{")) ||
			   str_starts(rest, STR("\\}\\}"))) {
			sheet_literal(s, b, str_sub(text, from, i - from));
			strbuf_addz(b, rest.p[1] == '{' ? "{{" : "}}");
			n = 4;
		} else {
			i++;
			continue;
		}
		i += n;
		from = i;
	}
	sheet_literal(s, b, str_from(text, from));
}

/* "pages.zh_TW/linux/ss.md": platform and language are in the path. */
static void place(struct sheet *s, struct str path)
{
	struct str rest = path, part, platform = STR(""), before = STR("");

	while (str_cut(&rest, '/', &part)) {
		if (str_skip(&before, STR("pages"))) {
			platform = rest.p ? part : STR("");
			if (str_skip(&before, STR(".")))
				s->lang = before;
		}
		before = part;
	}
	*ARENA_PUSH(s->a, &s->tags) = STR("tldr");
	if (platform.n)
		*ARENA_PUSH(s->a, &s->tags) = platform;
	if (!s->lang.n)
		s->lang = STR("en");
}

static void add_about(struct sheet *s, struct str line)
{
	s->about = s->about.n ? arena_strf(s->a, STR_FMT "\n" STR_FMT, STR_ARG(s->about),
					   STR_ARG(line))
			      : line;
}

static struct str first_sentence(struct str about)
{
	STR_EACH_LINE (line, about)
		return str_ends(line, STR(".")) ? str_n(line.p, line.n - 1) : line;
	return STR("");
}

bool tldr_read(struct sheet *s, struct str path, struct str bytes)
{
	struct str about = STR(""), name = STR("");

	place(s, path);
	STR_EACH_LINE (raw, bytes) {
		struct str line = str_trim(raw);

		if (str_skip(&line, STR("# "))) {
			if (name.n)
				return false;
			name = str_trim(line);
		} else if (str_skip(&line, STR("> "))) {
			add_about(s, line);
		} else if (str_skip(&line, STR("- "))) {
			about = line;
		} else if (line.n > 2 && line.p[0] == '`' && line.p[line.n - 1] == '`') {
			STRBUF_AUTO(b, COMMAND_MAX);

			command(s, &b, str_sub(line, 1, line.n - 2));
			sheet_item(s, about, strbuf_str(&b));
			about = STR("");
		} else if (line.n) {
			return false;
		}
	}
	if (!name.n || !s->about.n)
		return false;
	*ARENA_PUSH(s->a, &s->aliases) = name;
	s->title = arena_strf(s->a, STR_FMT ": " STR_FMT, STR_ARG(name),
			      STR_ARG(first_sentence(s->about)));
	return true;
}

/* ---- writing ----------------------------------------------------------------- */

static void write_literal(struct strbuf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool two = i + 1 < s.n && (s.p[i] == '{' || s.p[i] == '}') &&
			   s.p[i + 1] == s.p[i];

		if (two)
			strbuf_addf(out, "\\%c\\%c", s.p[i], s.p[i]);
		else
			strbuf_addc(out, s.p[i]);
		i += two;
	}
}

static void write_blank(struct strbuf *out, const struct blank *b)
{
	strbuf_addz(out, "{{");
	if (b->choices.n)
		for (size_t i = 0; i < b->choices.n; i++)
			strbuf_addf(out, "%s" STR_FMT, i ? "|" : "",
				    STR_ARG(b->choices.v[i]));
	else if (b->preset.n)
		strbuf_add(out, b->preset);
	else if (str_eq(b->type, STR("path")))
		strbuf_addf(out, "path/to/" STR_FMT, STR_ARG(b->name));
	else
		strbuf_add(out, b->name);
	strbuf_addz(out, b->many ? " ...}}" : "}}");
}

static void write_command(const struct sheet *s, struct strbuf *out, struct str text,
			  struct str_list *lost)
{
	struct template t;
	size_t at = 0;

	template_parse(s->a, text, &s->params, &t);
	for (size_t i = 0; i < t.slots.n; i++) {
		const struct blank *b = &t.blanks.v[t.slots.v[i].blank];

		write_literal(out, str_sub(text, at, t.slots.v[i].at - at));
		write_blank(out, b);
		at = t.slots.v[i].at + t.slots.v[i].n;
		if (b->suggest.n)
			*ARENA_PUSH(s->a, lost) =
				arena_strf(s->a, "<" STR_FMT ">: the suggestion command",
					   STR_ARG(b->name));
	}
	write_literal(out, str_from(text, at));
}

static struct str one_line(struct str s)
{
	ptrdiff_t lf = str_chr(s, '\n');

	s = str_trim(lf < 0 ? s : str_n(s.p, (size_t)lf));
	return str_ends(s, STR(":")) || str_ends(s, STR(".")) ? str_n(s.p, s.n - 1) : s;
}

void tldr_write(const struct sheet *s, struct strbuf *out, struct str_list *lost)
{
	size_t written = 0;

	strbuf_addf(out, "# " STR_FMT "\n\n> " STR_FMT ".\n",
		    STR_ARG(s->aliases.n ? s->aliases.v[0] : s->title),
		    STR_ARG(one_line(s->about.n ? s->about : s->title)));
	for (size_t i = 0; i < s->items.n; i++) {
		const struct sheet_item *item = &s->items.v[i];

		if (str_chr(item->command, '\n') >= 0 ||
		    str_chr(item->command, '`') >= 0) {
			*ARENA_PUSH(s->a, lost) = arena_strf(
				s->a, "command %zu: %s", i + 1,
				str_chr(item->command, '\n') >= 0 ? "it has several lines"
								  : "it has backticks");
			continue;
		}
		written++;
		strbuf_addf(out, "\n- " STR_FMT ":\n\n`",
			    STR_ARG(item->about.n ? one_line(item->about) : STR("Run")));
		write_command(s, out, item->command, lost);
		strbuf_addz(out, "`\n");
	}
	if (written > EXAMPLES)
		*ARENA_PUSH(s->a, lost) = arena_strf(
			s->a, "%zu examples: a page has %d at most", written, EXAMPLES);
}
