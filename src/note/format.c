/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The formats, one row each, and the front matter around a foreign text: see
 * note/format.h.
 */
#include "base/utf8.h"
#include "note/links.h"
#include "note/markdown.h"
#include "sheet.h"

static const struct format {
	const char *name, *extension;
	bool (*read)(struct sheet *s, struct str path, struct str bytes);
	void (*write)(const struct sheet *s, struct strbuf *out, struct str_list *lost);
} formats[FORMAT_COUNT] = {
	[FORMAT_MARKDOWN] = { "markdown", ".md", plain_read, NULL },
	[FORMAT_TLDR] = { "tldr", ".md", tldr_read, tldr_write },
	[FORMAT_NAVI] = { "navi", ".cheat", navi_read, navi_write },
	[FORMAT_CHEAT] = { "cheat", "", cheat_read, cheat_write },
	[FORMAT_PET] = { "pet", ".toml", pet_read, pet_write },
	[FORMAT_ORG] = { "org", ".org", org_read, org_write },
};

const char *format_name(enum note_format format)
{
	return formats[format].name;
}

bool format_find(struct str name, enum note_format *ret)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		if (str_eq(name, str_of(formats[i].name))) {
			*ret = (enum note_format)i;
			return true;
		}
	}
	return false;
}

/* "# name", a blank line, "> ..." */
static bool looks_like_tldr(struct str bytes)
{
	struct str line;
	unsigned seen = 0;

	while (str_line(&bytes, &line) && seen < 2) {
		line = str_trim(line);
		if (!line.n)
			continue;
		if (!str_starts(line, seen ? STR("> ") : STR("# ")))
			return false;
		seen++;
	}
	return seen == 2;
}

static bool looks_like_text(struct str bytes)
{
	struct str head = str_n(bytes.p, bytes.n < 4096 ? bytes.n : 4096);

	return str_chr(head, '\0') < 0;
}

/* The whole ends of names, the longer ones first. */
static const struct {
	const char *end;
	enum note_format format;
} endings[] = {
	{ ".cheat.md", FORMAT_NAVI }, { ".cheat", FORMAT_NAVI },
	{ ".md", FORMAT_MARKDOWN },   { ".toml", FORMAT_PET },
	{ ".org", FORMAT_ORG },       { ".markdown", FORMAT_MARKDOWN },
};

static bool is_small_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool format_detect(struct str path, struct str bytes, enum note_format *ret)
{
	struct str name = str_from(path, (size_t)(str_rchr(path, '/') + 1));

	if (!looks_like_text(bytes))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		if (!str_ends(name, str_of(endings[i].end)))
			continue;
		*ret = endings[i].format;
		if (*ret == FORMAT_MARKDOWN && looks_like_tldr(bytes))
			*ret = FORMAT_TLDR;
		return *ret != FORMAT_PET || str_find(bytes, STR("[[")) >= 0;
	}
	/* a sheet of cheat is called like its command; README and LICENSE are not */
	*ret = FORMAT_CHEAT;
	return str_rchr(name, '.') < 0 && name.n && is_small_or_digit(name.p[0]);
}

struct str format_file_name(struct arena *a, enum note_format format, struct str slug)
{
	return arena_strf(a, STR_FMT "%s", STR_ARG(slug), formats[format].extension);
}

/* ---- import ------------------------------------------------------------------ */

/* tldr pages of one name differ by platform and language; others by their file name. */
static struct str slug_of(struct arena *a, enum note_format format, struct str path,
			  const struct sheet *s)
{
	struct str name = str_from(path, (size_t)(str_rchr(path, '/') + 1)), slug;
	struct str ext = str_of(formats[format].extension), platform;

	if (ext.n && str_ends(name, ext))
		name.n -= ext.n;
	if (str_ends(name, STR(".cheat")))
		name.n -= 6;
	slug = note_slug_ok(name) ? name : note_slug_from(a, name);
	if (format != FORMAT_TLDR)
		return slug;
	platform = s->tags.n > 1 ? s->tags.v[1] : STR("common");
	if (!str_eq(platform, STR("common")))
		slug = arena_strf(a, STR_FMT "." STR_FMT, STR_ARG(slug),
				  STR_ARG(platform));
	if (!str_eq(s->lang, STR("en")))
		slug = arena_strf(a, STR_FMT "." STR_FMT, STR_ARG(slug),
				  STR_ARG(s->lang));
	return note_slug_ok(slug) ? slug : note_slug_from(a, slug);
}

static void put(struct strbuf *b, const char *key, struct str value)
{
	if (!value.n)
		return;
	strbuf_addf(b, "%s: ", key);
	frontmatter_quote(b, value);
	strbuf_addc(b, '\n');
}

static void put_list(struct strbuf *b, const char *key, const struct str_list *list)
{
	if (!list->n)
		return;
	strbuf_addf(b, "%s:\n", key);
	for (size_t i = 0; i < list->n && i < 100; i++) {
		strbuf_addz(b, "  - ");
		frontmatter_quote(b, list->v[i]);
		strbuf_addc(b, '\n');
	}
}

/* Titles and tags of foreign files end up in lists and tables: one line, nothing that
 * acts. */
static struct str safe_line(struct arena *a, struct str s)
{
	STRBUF_AUTO(b, 1024);

	utf8_add_safe(&b, str_n(s.p, s.n < 300 ? s.n : 300), false);
	return arena_str(a, str_trim(strbuf_str(&b)));
}

static void safe_list(struct arena *a, struct str_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		list->v[i] = safe_line(a, list->v[i]);
}

/* A native note that says everything itself is taken as it is. */
static bool is_native(struct arena *a, const struct sheet *s, struct str bytes)
{
	struct frontmatter fm = { 0 };

	return frontmatter_parse(a, bytes, &fm, NULL) && fm.present && fm.title.n &&
	       fm.tags.n == s->tags.n && !frontmatter_field(&fm, STR("format"));
}

bool format_import(struct arena *a, enum note_format format, struct str path,
		   struct str bytes, struct foreign *ret, struct err *err)
{
	struct sheet s = { .a = a };
	STRBUF_AUTO(b, FORMAT_FILE_MAX + FM_MAX_BYTES);

	if (bytes.n > FORMAT_FILE_MAX)
		return err_set(err, ERR_LIMIT,
			       "importing " STR_FMT ": larger than %d bytes",
			       STR_ARG(path), FORMAT_FILE_MAX);
	if (!formats[format].read(&s, path, bytes))
		return err_set(err, ERR_PARSE,
			       "importing " STR_FMT ": not in the format %s",
			       STR_ARG(path), formats[format].name);
	ret->slug = slug_of(a, format, path, &s);
	if (format == FORMAT_MARKDOWN && is_native(a, &s, bytes)) {
		ret->bytes = bytes;
		return true;
	}
	safe_list(a, &s.tags);
	safe_list(a, &s.aliases);
	strbuf_addf(&b, "---\nformat: %s\n", formats[format].name);
	put(&b, "file", safe_line(a, path));
	put(&b, "title", safe_line(a, s.title));
	put(&b, "lang", safe_line(a, s.lang));
	put_list(&b, "tags", &s.tags);
	put_list(&b, "aliases", &s.aliases);
	strbuf_addz(&b, "---\n");
	strbuf_add(&b, bytes);
	ret->bytes = arena_str(a, strbuf_str(&b));
	return true;
}

/* ---- the note and its original ----------------------------------------------- */

static bool wrapper(struct arena *a, struct str bytes, struct frontmatter *fm,
		    enum note_format *ret)
{
	const struct fm_field *field;

	/* most notes are native: look no further than needed */
	if (!str_starts(bytes, STR("---\nformat: ")) ||
	    !frontmatter_parse(a, bytes, fm, NULL) || !fm->present)
		return false;
	field = frontmatter_field(fm, STR("format"));
	return field && field->kind == FM_SCALAR && format_find(field->scalar, ret);
}

enum note_format note_format_of(struct arena *a, struct str bytes,
				struct str *ret_original)
{
	struct frontmatter fm = { 0 };
	enum note_format format;

	*ret_original = bytes;
	if (!wrapper(a, bytes, &fm, &format))
		return FORMAT_MARKDOWN;
	*ret_original = str_from(bytes, fm.body);
	return format;
}

struct str note_format_file(struct arena *a, struct str bytes)
{
	struct frontmatter fm = { 0 };
	enum note_format format;
	const struct fm_field *field;

	if (!wrapper(a, bytes, &fm, &format))
		return STR("");
	field = frontmatter_field(&fm, STR("file"));
	return field && field->kind == FM_SCALAR ? field->scalar : STR("");
}

struct str note_format_replace(struct arena *a, struct str bytes, struct str original)
{
	struct frontmatter fm = { 0 };
	enum note_format format;
	STRBUF_AUTO(b, FORMAT_FILE_MAX * 2 + FM_MAX_BYTES);

	if (!wrapper(a, bytes, &fm, &format))
		return original;
	strbuf_add(&b, str_n(bytes.p, fm.body));
	strbuf_add(&b, original);
	return arena_str(a, strbuf_str(&b));
}

struct str note_native(struct arena *a, struct str bytes)
{
	struct frontmatter fm = { 0 };
	struct sheet s = { .a = a };
	enum note_format format;
	struct str original;

	if (!wrapper(a, bytes, &fm, &format))
		return bytes;
	original = str_from(bytes, fm.body);
	if (!formats[format].read(&s, fm.title, original))
		/* edited so that it is no longer in its format: plain text, then */
		return original;
	s.title = fm.title.n ? fm.title : s.title;
	s.lang = fm.lang.n ? fm.lang : s.lang;
	s.tags = fm.tags;
	s.aliases = fm.aliases;
	return sheet_markdown(&s);
}

/* ---- export ------------------------------------------------------------------ */

static void note_sheet(struct sheet *s, struct str slug, struct str native)
{
	struct note_commands commands = { 0 };
	struct frontmatter fm = { 0 };

	if (!frontmatter_parse(s->a, native, &fm, NULL))
		fm = (struct frontmatter){ 0 };
	s->title = fm.title.n ? fm.title : slug;
	s->tags = fm.tags;
	s->params = fm.params;
	*ARENA_PUSH(s->a, &s->aliases) = slug;
	note_commands(s->a, native, &commands);
	for (size_t i = 0; i < commands.n; i++)
		sheet_item(s, commands.v[i].about, commands.v[i].text);
}

static void list_lost(struct arena *a, struct str native, struct str_list *lost)
{
	static const struct {
		const char *sign, *what;
	} signs[] = {
		{ "\n|", "tables" },
		{ "```kcrib", "live blocks" },
		{ "{?", "probes" },
		{ "{{sys:", "live values" },
		{ "{{proc:", "live values" },
		{ "[[", "links between notes" },
		{ "```c\n", "code that is no command" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (str_find(native, str_of(signs[i].sign)) >= 0)
			*ARENA_PUSH(a, lost) = str_of(signs[i].what);
	*ARENA_PUSH(a, lost) = STR("running text, except what stands before a command");
}

bool format_export(struct arena *a, enum note_format format, struct str slug,
		   struct str bytes, struct strbuf *out, struct str_list *lost)
{
	struct sheet s = { .a = a };
	struct str native, original;

	if (note_format_of(a, bytes, &original) == format) {
		strbuf_add(out, original);
		return true;
	}
	native = note_native(a, bytes);
	if (format == FORMAT_MARKDOWN) {
		strbuf_add(out, native);
		return true;
	}
	note_sheet(&s, slug, native);
	if (!s.items.n)
		return false;
	list_lost(a, native, lost);
	formats[format].write(&s, out, lost);
	return true;
}
