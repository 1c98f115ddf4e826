/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sheets: see sheet.h.
 */
#include "sheet.h"
#include "base/utf8.h"

enum { NAME_BYTES = 40, FENCE_MAX = 16, ITEMS_MAX = 20000 };

struct str sheet_stem(struct str path)
{
	struct str name = str_from(path, (size_t)(str_rchr(path, '/') + 1));
	ptrdiff_t dot = str_chr(name, '.');

	return dot > 0 ? str_n(name.p, (size_t)dot) : name;
}

/* Letters, digits and '-', the first one a letter. */
static struct str clean_name(struct arena *a, struct str text)
{
	STRBUF_AUTO(b, 256);
	uint32_t cp;

	while (b.n < NAME_BYTES && utf8_next(&text, &cp)) {
		bool digit = cp >= '0' && cp <= '9';

		if (utf8_is_word(cp) && cp != UTF8_BAD) {
			if (digit && !b.n)
				strbuf_addz(&b, "n");
			utf8_put(&b, cp);
		} else if (b.n && b.p[b.n - 1] != '-') {
			strbuf_addc(&b, '-');
		}
	}
	while (b.n && b.p[b.n - 1] == '-')
		strbuf_truncate(&b, b.n - 1);
	return b.n ? arena_str(a, strbuf_str(&b)) : STR("value");
}

static const struct fm_pair *find_param(const struct sheet *s, struct str name)
{
	for (size_t i = 0; i < s->params.n; i++)
		if (str_eq(s->params.v[i].name, name))
			return &s->params.v[i];
	return NULL;
}

struct str sheet_param(struct sheet *s, struct str text, struct str spec)
{
	struct str base = clean_name(s->a, text), name = base;
	const struct fm_pair *have;

	for (unsigned i = 2; (have = find_param(s, name)) && !str_eq(have->value, spec);
	     i++)
		name = arena_strf(s->a, STR_FMT "-%u", STR_ARG(base), i);
	if (!have && s->params.n < FM_MAX_ITEMS)
		*ARENA_PUSH(s->a, &s->params) =
			(struct fm_pair){ name, arena_str(s->a, spec), 0 };
	return name;
}

/* "<name>" at the front of the text: its name, or empty. */
static struct str looks_like_slot(struct str s)
{
	ptrdiff_t end = str_chr(str_n(s.p, s.n < 66 ? s.n : 66), '>');
	struct str name = end > 1 ? str_sub(s, 1, (size_t)end - 1) : STR(""), rest = name;
	uint32_t cp;

	while (utf8_next(&rest, &cp))
		if (!utf8_is_word(cp) && cp != '-' && cp != '_')
			return STR("");
	return name;
}

void sheet_literal(struct sheet *s, struct strbuf *command, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		struct str name =
			text.p[i] == '<' ? looks_like_slot(str_from(text, i)) : STR("");

		if (name.n && !find_param(s, name) && s->params.n < FM_MAX_ITEMS)
			*ARENA_PUSH(s->a, &s->params) =
				(struct fm_pair){ arena_str(s->a, name), STR("literal"),
						  0 };
	}
	strbuf_add(command, text);
}

void sheet_item(struct sheet *s, struct str about, struct str command)
{
	if (s->items.n < ITEMS_MAX)
		*ARENA_PUSH(s->a, &s->items) =
			(struct sheet_item){ arena_str(s->a, about),
					     arena_str(s->a, command), STR("") };
}

/* ---- as Markdown ------------------------------------------------------------- */

static void put_list(struct strbuf *b, const char *key, const struct str_list *list)
{
	if (!list->n)
		return;
	strbuf_addf(b, "%s: [", key);
	for (size_t i = 0; i < list->n; i++) {
		strbuf_addz(b, i ? ", " : "");
		strbuf_add_quoted(b, list->v[i]);
	}
	strbuf_addz(b, "]\n");
}

static void put_scalar(struct strbuf *b, const char *key, struct str value)
{
	if (!value.n)
		return;
	strbuf_addf(b, "%s: ", key);
	frontmatter_quote(b, value);
	strbuf_addc(b, '\n');
}

/* A fence longer than any run of backticks in the text. */
static void put_fenced(struct strbuf *b, struct str text)
{
	size_t longest = 2, run = 0;

	for (size_t i = 0; i < text.n; i++) {
		run = text.p[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	longest = longest + 1 > FENCE_MAX ? FENCE_MAX : longest + 1;
	strbuf_pad(b, '`', longest);
	strbuf_addf(b, "sh\n" STR_FMT "\n", STR_ARG(text));
	strbuf_pad(b, '`', longest);
	strbuf_addz(b, "\n\n");
}

/* Plain words into Markdown: what would be markup is escaped. */
static void put_words(struct strbuf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] && strchr("\\*_[]#~|", s.p[i]) &&
		    !(s.p[i] == '_' && i && i + 1 < s.n))
			strbuf_addc(b, '\\');
		strbuf_addc(b, s.p[i]);
	}
}

struct str sheet_markdown(const struct sheet *s)
{
	STRBUF_AUTO(b, 8 << 20);

	strbuf_addz(&b, "---\n");
	put_scalar(&b, "title", s->title);
	put_scalar(&b, "lang", s->lang);
	put_list(&b, "tags", &s->tags);
	put_list(&b, "aliases", &s->aliases);
	if (s->params.n)
		strbuf_addz(&b, "params:\n");
	for (size_t i = 0; i < s->params.n; i++) {
		strbuf_addf(&b, "  " STR_FMT ": ", STR_ARG(s->params.v[i].name));
		frontmatter_quote(&b, s->params.v[i].value);
		strbuf_addc(&b, '\n');
	}
	strbuf_add(&b, s->fields);
	strbuf_addz(&b, "---\n");
	if (s->body.n)
		strbuf_add(&b, s->body);
	else if (s->about.n)
		strbuf_addf(&b, STR_FMT "\n\n", STR_ARG(s->about));
	for (size_t i = 0; i < s->items.n && !s->body.n; i++) {
		if (s->items.v[i].about.n) {
			put_words(&b, s->items.v[i].about);
			strbuf_addz(&b, "\n\n");
		}
		put_fenced(&b, s->items.v[i].command);
	}
	return arena_str(s->a, strbuf_str(&b));
}
