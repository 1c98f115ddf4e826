/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Front matter: one pass over the lines, see note/frontmatter.h. Values are views into
 * the note; only quoted scalars with escapes are copied. A field ends with its last line
 * of content, so blank lines and comments between fields belong to nobody and survive
 * every edit.
 */
#include "note/frontmatter.h"
#include "base/utf8.h"

/* Where the reader stands. `end` is the offset of the closing line. */
struct reader {
	struct arena *a;
	struct str bytes;
	size_t at, end, line;
	struct err *err;
};

static bool bad(struct reader *r, size_t line, const char *why)
{
	return err_set(r->err, ERR_PARSE, "reading front matter: line %zu: %s", line,
		       why);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The line at `at`, without its end; `*ret_next` is where the one after it begins. */
static struct str line_at(const struct reader *r, size_t at, size_t *ret_next)
{
	struct str rest = str_sub(r->bytes, at, r->end - at), line;

	if (!str_line(&rest, &line)) {
		*ret_next = r->end;
		return STR("");
	}
	*ret_next = at + line.n;
	return str_chomp(line);
}

static size_t indent_of(struct str line)
{
	size_t n = 0;

	while (n < line.n && is_blank(line.p[n]))
		n++;
	return n;
}

/* Blank, or nothing but a comment. */
static bool is_empty(struct str line)
{
	size_t n = indent_of(line);

	return n == line.n || line.p[n] == '#';
}

static bool is_item(struct str line)
{
	size_t n = indent_of(line);

	return n < line.n && line.p[n] == '-' &&
	       (n + 1 == line.n || is_blank(line.p[n + 1]));
}

/* Offset of the colon that ends the key of "key: value", or -1. */
static ptrdiff_t key_end(struct str line)
{
	if (line.n && (line.p[0] == '"' || line.p[0] == '\''))
		return -1;
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '#' && (i == 0 || is_blank(line.p[i - 1])))
			return -1;
		if (line.p[i] == ':' && (i + 1 == line.n || is_blank(line.p[i + 1])))
			return i ? (ptrdiff_t)i : -1;
	}
	return -1;
}

/* One escape after a backslash in a double-quoted scalar. */
static bool unescape(struct str *s, struct strbuf *out)
{
	static const char from[] = "nt0abfrve\"\\/ ", to[] = "\n\t\0\a\b\f\r\v\033\"\\/ ";
	const char *at;
	uint64_t cp;
	struct str hex;
	char c;

	if (!s->n)
		return false;
	c = s->p[0];
	*s = str_from(*s, 1);
	if (c == 'u' || c == 'x') {
		size_t width = c == 'u' ? 4 : 2;

		hex = str_sub(*s, 0, width);
		if (hex.n != width || !str_eat_u64(&hex, 16, &cp) || hex.n)
			return false;
		utf8_put(out, cp >= 0xd800 && cp <= 0xdfff ? UTF8_BAD : (uint32_t)cp);
		*s = str_from(*s, width);
		return true;
	}
	at = memchr(from, c, sizeof(from) - 1);
	if (!at)
		return false;
	strbuf_addc(out, to[at - from]);
	return true;
}

/* A quoted scalar at the front of *s, which then begins after the closing quote. */
static bool eat_quoted(struct reader *r, struct str *s, struct str *ret)
{
	STRBUF_AUTO(out, FM_MAX_BYTES);
	char quote = s->p[0];
	bool copied = false;
	size_t i;

	*s = str_from(*s, 1);
	for (i = 0; i < s->n; i++) {
		if (s->p[i] == '\\' && quote == '"') {
			struct str rest = str_from(*s, i + 1);

			strbuf_add(&out, str_n(s->p, i));
			if (!unescape(&rest, &out))
				return false;
			*s = rest;
			copied = true;
			i = (size_t)-1;
			continue;
		}
		if (s->p[i] == quote && quote == '\'' && i + 1 < s->n &&
		    s->p[i + 1] == '\'') {
			strbuf_add(&out, str_n(s->p, i + 1));
			*s = str_from(*s, i + 2);
			copied = true;
			i = (size_t)-1;
			continue;
		}
		if (s->p[i] == quote)
			break;
	}
	if (i >= s->n)
		return false;
	strbuf_add(&out, str_n(s->p, i));
	*ret = copied ? arena_str(r->a, strbuf_str(&out)) : str_n(s->p, i);
	*s = str_from(*s, i + 1);
	return true;
}

/* A plain scalar up to one of `stops` or a comment; trimmed. */
static struct str eat_plain(struct str *s, const char *stops)
{
	size_t i = 0;
	struct str v;

	while (i < s->n && !memchr(stops, s->p[i], strlen(stops)) && s->p[i] != '\n' &&
	       !(s->p[i] == '#' && (i == 0 || is_blank(s->p[i - 1]))))
		i++;
	v = str_trim(str_n(s->p, i));
	*s = str_from(*s, i);
	return v;
}

/* A whole scalar value: nothing but a comment may follow it. */
static bool scalar(struct reader *r, struct str text, size_t line, struct str *ret)
{
	text = str_trim(text);
	if (text.n && (text.p[0] == '"' || text.p[0] == '\'')) {
		if (!eat_quoted(r, &text, ret))
			return bad(r, line,
				   "a quote is not closed or an escape is unknown");
		text = str_trim(text);
		if (text.n && text.p[0] != '#')
			return bad(r, line, "text after the closing quote");
		return true;
	}
	if (text.n && strchr("|>&*!{@`", text.p[0]))
		return bad(r, line, "this part of YAML is not read; put it in quotes");
	*ret = eat_plain(&text, "");
	return true;
}

static bool push(struct reader *r, struct str_list *list, struct str s, size_t line)
{
	if (list->n >= FM_MAX_ITEMS)
		return err_set(r->err, ERR_LIMIT,
			       "reading front matter: line %zu: more than %d items", line,
			       FM_MAX_ITEMS);
	*ARENA_PUSH(r->a, list) = s;
	return true;
}

/* Pass over blanks, line ends, commas and comments between two items. */
static void skip_between(struct str *s)
{
	while (s->n) {
		ptrdiff_t lf;

		if (s->p[0] == '#') {
			lf = str_chr(*s, '\n');
			*s = str_from(*s, lf < 0 ? s->n : (size_t)lf);
		} else if (strchr(" \t\r\n,", s->p[0])) {
			*s = str_from(*s, 1);
		} else {
			return;
		}
	}
}

static bool list_item(struct reader *r, struct fm_field *f, struct str *s)
{
	struct str item;

	if (s->p[0] == '[' || s->p[0] == '{')
		return bad(r, f->line, "a list inside a list");
	if (s->p[0] != '"' && s->p[0] != '\'')
		item = eat_plain(s, ",]");
	else if (!eat_quoted(r, s, &item))
		return bad(r, f->line, "a quote is not closed");
	return !item.n || push(r, &f->list, item, f->line);
}

/* Where the lines that may belong to a list end: they are indented or begin with ']'. */
static size_t list_end(const struct reader *r, size_t at)
{
	for (; at < r->end; at++)
		if (r->bytes.p[at] == '\n' &&
		    (at + 1 == r->end || !memchr(" \t\r\n]", r->bytes.p[at + 1], 5)))
			break;
	return at;
}

/* "[a, 'b', ...]" from `at`, over line ends where need be. */
static bool inline_list(struct reader *r, size_t at, struct fm_field *f)
{
	struct str s = str_sub(r->bytes, at + 1, list_end(r, at) - at - 1);

	for (skip_between(&s); s.n && s.p[0] != ']'; skip_between(&s))
		if (!list_item(r, f, &s))
			return false;
	if (!s.n)
		return bad(r, f->line, "the list is not closed with ']'");
	f->kind = FM_LIST;
	f->value_n = (size_t)(s.p + 1 - r->bytes.p) - f->value;
	if (!is_empty(line_at(r, f->value + f->value_n, &at)))
		return bad(r, f->line, "text after the list");
	return true;
}

/* One line of a block: "- item" or "name: value". */
static bool block_line(struct reader *r, struct fm_field *f, struct str line, size_t no)
{
	struct str text = str_trim(line), value;
	struct fm_pair *pair;
	ptrdiff_t colon;

	if (is_item(line)) {
		if (f->kind == FM_MAP)
			return bad(r, no, "a list item inside a map");
		f->kind = FM_LIST;
		return scalar(r, str_from(text, 1), no, &value) &&
		       push(r, &f->list, value, no);
	}
	colon = key_end(text);
	if (colon < 0 || f->kind == FM_LIST)
		return bad(r, no, "neither \"- item\" nor \"name: value\"");
	f->kind = FM_MAP;
	if (!scalar(r, str_from(text, (size_t)colon + 1), no, &value))
		return false;
	if (f->map.n >= FM_MAX_ITEMS)
		return err_set(r->err, ERR_LIMIT,
			       "reading front matter: line %zu: more than %d items", no,
			       FM_MAX_ITEMS);
	pair = ARENA_PUSH(r->a, &f->map);
	pair->name = str_trim(str_n(text.p, (size_t)colon));
	pair->value = value;
	pair->line = no;
	return true;
}

/* The indented lines below "key:", or list items at its own indent. */
static bool block(struct reader *r, struct fm_field *f)
{
	size_t at = r->at, next, indent = 0, no = r->line;

	for (; at < r->end; at = next, no++) {
		struct str line = line_at(r, at, &next);

		if (is_empty(line))
			continue;
		if (!indent_of(line) && !is_item(line))
			break;
		if (f->kind == FM_SCALAR)
			indent = indent_of(line);
		else if (indent_of(line) != indent)
			return bad(r, no, "nested deeper than one level");
		if (!block_line(r, f, line, no))
			return false;
		f->value_n = (size_t)(line.p + line.n - r->bytes.p) - f->value;
		f->n = next - f->at;
		r->at = next;
		r->line = no + 1;
	}
	return true;
}

/* Pass over a value beyond the subset: all that is indented below the key. */
static void skip_other(struct reader *r, struct fm_field *f, size_t from, size_t line)
{
	size_t next;

	f->kind = FM_OTHER;
	f->scalar = STR_NONE;
	f->list = (struct str_list){ 0 };
	f->map = (struct fm_map){ 0 };
	r->at = from;
	r->line = line;
	while (r->at < r->end) {
		struct str text = line_at(r, r->at, &next);

		if (text.n && !indent_of(text) && !is_item(text) && text.p[0] != ']' &&
		    text.p[0] != '}')
			break;
		r->at = next;
		r->line++;
	}
	f->n = r->at - f->at;
	f->value_n = str_rtrim(str_sub(r->bytes, f->value, r->at - f->value)).n;
}

static bool is_used(struct str key)
{
	static const char *const keys[] = { "title",   "lang",   "translation", "since",
					    "until",   "track",  "tags",        "aliases",
					    "sources", "params", "probes" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (str_eq(key, str_of(keys[i])))
			return true;
	return false;
}

static bool field_value(struct reader *r, struct fm_field *f, struct str line)
{
	struct str text = str_trim(str_from(line, f->value - f->at));
	size_t lines = 0;

	if (text.n && text.p[0] == '[') {
		if (!inline_list(r, (size_t)(text.p - r->bytes.p), f))
			return false;
		line_at(r, f->value + f->value_n, &r->at);
		for (size_t i = f->at; i < r->at; i++)
			lines += r->bytes.p[i] == '\n';
		r->line = f->line + (lines ? lines : 1);
		f->n = r->at - f->at;
		return true;
	}
	if (!text.n || text.p[0] == '#') {
		f->value_n = 0;
		return block(r, f);
	}
	if (!scalar(r, text, f->line, &f->scalar))
		return false;
	f->value_n = line.n - (f->value - f->at);
	if (text.p[0] != '"' && text.p[0] != '\'' && f->scalar.p) {
		/* a comment behind it is not part of the value */
		f->value_n = (size_t)(f->scalar.p + f->scalar.n - r->bytes.p) - f->value;
	}
	return true;
}

static bool field(struct reader *r, struct fm_field *f)
{
	size_t next, line_no = r->line;
	struct str line = line_at(r, r->at, &next);
	ptrdiff_t colon = key_end(line);

	if (colon < 0 || indent_of(line))
		return bad(r, r->line, "not \"key: value\"");
	f->key = str_trim(str_n(line.p, (size_t)colon));
	f->line = r->line;
	f->at = r->at;
	f->n = next - r->at;
	f->value = r->at + (size_t)colon + 1;
	r->at = next;
	r->line++;
	if (field_value(r, f, line))
		return true;
	if (is_used(f->key))
		return false;
	skip_other(r, f, next, line_no + 1);
	return true;
}

/* "tags: git, patch" is meant as a list. */
static bool as_list(struct reader *r, const struct fm_field *f, struct str_list *ret)
{
	struct str rest = f->scalar, item;

	if (f->kind == FM_LIST) {
		*ret = f->list;
		return true;
	}
	if (f->kind != FM_SCALAR)
		return bad(r, f->line, "a list is wanted here");
	ret->n = 0;
	while (rest.n && str_cut(&rest, ',', &item))
		if (str_trim(item).n && !push(r, ret, str_trim(item), f->line))
			return false;
	return true;
}

static bool as_map(struct reader *r, const struct fm_field *f, struct fm_map *ret)
{
	if (f->kind != FM_MAP && (f->kind != FM_SCALAR || f->scalar.n))
		return bad(r, f->line, "\"name: value\" lines are wanted here");
	*ret = f->map;
	return true;
}

static bool take(struct reader *r, struct frontmatter *fm, const struct fm_field *f)
{
	const struct {
		struct str key;
		struct str *scalar;
		struct str_list *list;
		struct fm_map *map;
	} known[] = {
		{ STR("title"), &fm->title, NULL, NULL },
		{ STR("lang"), &fm->lang, NULL, NULL },
		{ STR("translation"), &fm->translation, NULL, NULL },
		{ STR("since"), &fm->since, NULL, NULL },
		{ STR("until"), &fm->until, NULL, NULL },
		{ STR("track"), &fm->track, NULL, NULL },
		{ STR("tags"), NULL, &fm->tags, NULL },
		{ STR("aliases"), NULL, &fm->aliases, NULL },
		{ STR("sources"), NULL, &fm->sources, NULL },
		{ STR("params"), NULL, NULL, &fm->params },
		{ STR("probes"), NULL, NULL, &fm->probes },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!str_eq(f->key, known[i].key))
			continue;
		if (known[i].list)
			return as_list(r, f, known[i].list);
		if (known[i].map)
			return as_map(r, f, known[i].map);
		if (f->kind != FM_SCALAR)
			return bad(r, f->line, "one value is wanted here");
		*known[i].scalar = f->scalar;
	}
	return true;
}

/* Find the two "---" lines. False: there is no front matter. */
static bool bounds(struct str bytes, size_t *ret_from, size_t *ret_end, size_t *ret_body)
{
	struct str rest = bytes, line;
	size_t at;

	str_skip(&rest, STR("\xef\xbb\xbf"));
	if (!str_line(&rest, &line) || !str_eq(str_chomp(line), STR("---")))
		return false;
	*ret_from = (size_t)(rest.p - bytes.p);
	while (at = (size_t)(rest.p - bytes.p), str_line(&rest, &line)) {
		struct str text = str_chomp(line);

		if (str_eq(text, STR("---")) || str_eq(text, STR("..."))) {
			*ret_end = at;
			*ret_body = at + line.n;
			return true;
		}
	}
	return false;
}

bool frontmatter_parse(struct arena *a, struct str bytes, struct frontmatter *ret,
		       struct err *err)
{
	struct frontmatter fm = { .body_line = 1 };
	struct reader r = { .a = a, .bytes = bytes, .line = 2, .err = err };
	size_t next;

	if (!bounds(bytes, &r.at, &r.end, &fm.body)) {
		*ret = fm;
		return true;
	}
	if (r.end > FM_MAX_BYTES)
		return err_set(err, ERR_LIMIT, "reading front matter: more than %d bytes",
			       FM_MAX_BYTES);
	fm.present = true;
	while (r.at < r.end) {
		struct fm_field *f;

		if (is_empty(line_at(&r, r.at, &next))) {
			r.at = next;
			r.line++;
			continue;
		}
		if (fm.fields.n >= FM_MAX_ITEMS)
			return err_set(err, ERR_LIMIT,
				       "reading front matter: more than %d keys",
				       FM_MAX_ITEMS);
		f = ARENA_PUSH(a, &fm.fields);
		if (!field(&r, f) || !take(&r, &fm, f))
			return false;
	}
	fm.body_line = r.line + 1;
	*ret = fm;
	return true;
}

const struct fm_field *frontmatter_field(const struct frontmatter *fm, struct str key)
{
	for (size_t i = fm->fields.n; i > 0; i--)
		if (str_eq(fm->fields.v[i - 1].key, key))
			return &fm->fields.v[i - 1];
	return NULL;
}

/* Would a reader take these bytes, unquoted, for something else than this text? */
static bool needs_quotes(struct str v)
{
	if (!v.n || str_trim(v).n != v.n || strchr("-?:,[]{}#&*!|>'\"%@`", v.p[0]))
		return true;
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (c < 0x20 || c == 0x7f || strchr(",[]{}\\\"", c))
			return true;
		if (c == ':' && (i + 1 == v.n || is_blank(v.p[i + 1])))
			return true;
		if (c == '#' && is_blank(v.p[i - 1]))
			return true;
	}
	return false;
}

void frontmatter_quote(struct strbuf *out, struct str value)
{
	if (needs_quotes(value))
		strbuf_add_quoted(out, value);
	else
		strbuf_add(out, value);
}

/* Put `value`, already in its syntax, in the place of the field; empty removes it. */
static bool put(struct strbuf *out, struct str bytes, struct str key, struct str value,
		struct err *err)
{
	AUTO(arena) a = arena_new();
	struct frontmatter fm;
	const struct fm_field *f;
	const char *eol = "\n";
	size_t from, end, body;
	ptrdiff_t lf = str_chr(bytes, '\n');

	if (!frontmatter_parse(a, bytes, &fm, err))
		return false;
	if (lf > 0 && bytes.p[lf - 1] == '\r')
		eol = "\r\n";
	f = frontmatter_field(&fm, key);
	if (f && !value.n) {
		strbuf_add(out, str_n(bytes.p, f->at));
		strbuf_add(out, str_from(bytes, f->at + f->n));
	} else if (f) {
		strbuf_add(out, str_n(bytes.p, f->value));
		strbuf_addc(out, ' ');
		strbuf_add(out, value);
		strbuf_add(out, str_from(bytes, f->value + f->value_n));
	} else if (!value.n) {
		strbuf_add(out, bytes);
	} else if (fm.present && bounds(bytes, &from, &end, &body)) {
		strbuf_add(out, str_n(bytes.p, end));
		strbuf_addf(out, STR_FMT ": " STR_FMT "%s", STR_ARG(key), STR_ARG(value),
			    eol);
		strbuf_add(out, str_from(bytes, end));
	} else {
		strbuf_addf(out, "---%s" STR_FMT ": " STR_FMT "%s---%s", eol,
			    STR_ARG(key), STR_ARG(value), eol, eol);
		strbuf_add(out, bytes);
	}
	return strbuf_ok(out, "changing front matter", err);
}

bool frontmatter_set(struct strbuf *out, struct str bytes, struct str key,
		     struct str value, struct err *err)
{
	STRBUF_AUTO(text, FM_MAX_BYTES);

	if (value.n)
		frontmatter_quote(&text, value);
	return strbuf_ok(&text, "changing front matter", err) &&
	       put(out, bytes, key, strbuf_str(&text), err);
}

bool frontmatter_set_list(struct strbuf *out, struct str bytes, struct str key,
			  const struct str_list *list, struct err *err)
{
	STRBUF_AUTO(text, FM_MAX_BYTES);

	for (size_t i = 0; i < list->n; i++) {
		strbuf_addz(&text, i ? ", " : "[");
		frontmatter_quote(&text, list->v[i]);
	}
	if (list->n)
		strbuf_addc(&text, ']');
	return strbuf_ok(&text, "changing front matter", err) &&
	       put(out, bytes, key, strbuf_str(&text), err);
}
