/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names in diff headers: C quotes, -p, --directory, timestamps. A name is bytes; no
 * encoding is assumed. Whether it may be used at all is decided in paths.c.
 */
#include "diff_internal.h"

/* What follows a backslash in a quoted name, and the byte it means. */
static const char escapes[][2] = {
	{ 'a', '\a' }, { 'b', '\b' }, { 't', '\t' },  { 'n', '\n' }, { 'v', '\v' },
	{ 'f', '\f' }, { 'r', '\r' }, { '\\', '\\' }, { '"', '"' },
};

static bool unescape(struct str *s, char *ret)
{
	unsigned v = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(escapes); i++) {
		if (s->n && escapes[i][0] == s->p[0]) {
			*ret = escapes[i][1];
			*s = str_from(*s, 1);
			return true;
		}
	}
	for (i = 0; i < 3 && i < s->n && s->p[i] >= '0' && s->p[i] <= '7'; i++)
		v = v * 8 + (unsigned)(s->p[i] - '0');
	if (i < 3 || v > 255)
		return false;
	*ret = (char)v;
	*s = str_from(*s, 3);
	return true;
}

bool path_unquote(struct str *s, struct arena *a, struct str *ret_path)
{
	struct str t = *s;
	char *out;
	size_t n = 0;

	if (!str_skip(&t, STR("\"")) || t.n > 4 * DIFF_MAX_PATH)
		return false;
	out = arena_alloc(a, t.n + 1);
	while (t.n && t.p[0] != '"') {
		char c = t.p[0];

		t = str_from(t, 1);
		if (c == '\\' && !unescape(&t, &c))
			return false;
		out[n++] = c;
	}
	if (!str_skip(&t, STR("\"")))
		return false;
	*s = t;
	*ret_path = str_n(out, n);
	return true;
}

bool path_strip(struct str path, unsigned strip, struct str *ret_path)
{
	while (strip--) {
		ptrdiff_t at = str_chr(path, '/');

		if (at < 0)
			return false;
		path = str_from(path, (size_t)at + 1);
	}
	*ret_path = path;
	return path.n > 0;
}

/* "a//b" is "a/b"; a slash at the front stays, for path_check() to refuse. */
static struct str squash(struct str path, struct arena *a)
{
	char *out;
	size_t n = 0;

	if (str_find(path, STR("//")) < 0)
		return path;
	out = arena_alloc(a, path.n);
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] != '/' || !n || out[n - 1] != '/')
			out[n++] = path.p[i];
	return str_n(out, n);
}

static struct str rooted(struct diff_reader *r, struct str path)
{
	if (r->opt->directory.n)
		path = arena_strf(r->a, STR_FMT "/" STR_FMT, STR_ARG(r->opt->directory),
				  STR_ARG(path));
	return squash(path, r->a);
}

bool path_of_name(struct diff_reader *r, struct str name, unsigned strip,
		  struct str *ret_path)
{
	struct str path, rest = name;

	if (!path_unquote(&rest, r->a, &path) || !path_strip(path, strip, &path))
		if (!path_strip(name, strip, &path))
			return false;
	if (path.n > DIFF_MAX_PATH)
		return false;
	*ret_path = rooted(r, path);
	return true;
}

bool path_of_header(struct diff_reader *r, struct str word, unsigned strip,
		    struct str *ret_path)
{
	ptrdiff_t tab = str_starts(word, STR("\"")) ? -1 : str_chr(word, '\t');

	return path_of_name(r, tab < 0 ? word : str_sub(word, 0, (size_t)tab), strip,
			    ret_path);
}

/* a/x b/x without quotes: the one cut at a blank where both sides name the same. */
static bool halves_agree(struct str words, unsigned strip, struct str *ret_path)
{
	struct str first, second;

	for (size_t i = 0; i < words.n; i++) {
		if (words.p[i] != ' ' && words.p[i] != '\t')
			continue;
		if (path_strip(str_sub(words, 0, i), strip, &first) &&
		    path_strip(str_from(words, i + 1), strip, &second) &&
		    str_eq(first, second)) {
			*ret_path = first;
			return true;
		}
	}
	return false;
}

bool path_of_git_line(struct diff_reader *r, struct str words, struct str *ret_path)
{
	struct str first, second;
	ptrdiff_t quote;

	if (words.n > 2 * DIFF_MAX_PATH + 16)
		return false;
	if (words.n && words.p[0] == '"') {
		if (!path_unquote(&words, r->a, &first) || !str_skip(&words, STR(" ")))
			return false;
		second = words;
		if (words.n && words.p[0] == '"' && !path_unquote(&words, r->a, &second))
			return false;
	} else if ((quote = str_find(words, STR(" \""))) > 0) {
		first = str_sub(words, 0, (size_t)quote);
		words = str_from(words, (size_t)quote + 1);
		if (!path_unquote(&words, r->a, &second))
			return false;
	} else {
		if (!halves_agree(words, r->strip, &first))
			return false;
		*ret_path = rooted(r, first);
		return true;
	}
	if (!path_strip(first, r->strip, &first) ||
	    !path_strip(second, r->strip, &second) || !str_eq(first, second))
		return false;
	*ret_path = rooted(r, first);
	return true;
}

/* Does `s` end like `shape`? 'd' stands for a digit, 's' for a sign. */
static bool ends_like(struct str s, const char *shape)
{
	size_t n = strlen(shape);

	if (s.n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s.p[s.n - n + i];

		if (shape[i] == 'd'   ? c < '0' || c > '9'
		    : shape[i] == 's' ? c != '+' && c != '-'
				      : c != shape[i])
			return false;
	}
	return true;
}

struct str path_without_date(struct str word)
{
	ptrdiff_t tab = str_chr(word, '\t');
	struct str s = word;

	/* "name<TAB>2010-07-05 19:41:17.620000023 -0500", and a mailer may have made the
	 * tab a blank; what is before the date may hold tabs of its own */
	if (ends_like(s, " sdddd"))
		s = str_sub(s, 0, s.n - 6);
	else if (ends_like(s, " sdd:dd"))
		s = str_sub(s, 0, s.n - 7);
	for (size_t i = s.n; i > 1 && s.p[i - 1] >= '0' && s.p[i - 1] <= '9'; i--)
		if (s.p[i - 2] == '.') {
			s = str_sub(s, 0, i - 2);
			break;
		}
	if (ends_like(s, "\tdddd-dd-dd dd:dd:dd"))
		return str_sub(s, 0, s.n - 20);
	if (tab >= 0)
		return str_sub(word, 0, (size_t)tab);
	if (!ends_like(s, " dddd-dd-dd dd:dd:dd"))
		return word;
	return str_rtrim(str_sub(s, 0, s.n - 20));
}

bool path_date_is_epoch(struct str word)
{
	struct str date = str_trim(str_from(word, path_without_date(word).n)), zone;
	int64_t hour, min, zone_hour, zone_min;
	ptrdiff_t blank = str_rchr(date, ' ');

	/* The epoch anywhere on earth: 1970-01-01, or the evening before it. */
	if (!str_starts(date, STR("1970-01-01 ")) &&
	    !str_starts(date, STR("1969-12-31 ")))
		return false;
	if (blank < 19 || !str_to_i64(str_sub(date, 11, 2), &hour) ||
	    !str_to_i64(str_sub(date, 14, 2), &min) ||
	    !str_eq(str_sub(date, 16, 3), STR(":00")))
		return false;
	zone = str_from(date, (size_t)blank + 1);
	if (!str_to_i64(str_sub(zone, 1, 2), &zone_hour) ||
	    !str_to_i64(str_sub(zone, zone.n - 2, 2), &zone_min))
		return false;
	zone_min += zone_hour * 60;
	if (zone.p[0] == '-')
		zone_min = -zone_min;
	if (date.p[3] == '9')
		hour -= 24;
	return hour * 60 + min == zone_min;
}

/* Bytes that git writes as \ooo or by letter inside quotes. */
static bool needs_quote(unsigned char c)
{
	return c < 0x20 || c >= 0x7f || c == '"' || c == '\\';
}

void path_print_quoted(struct str prefix, struct str path, struct strbuf *out)
{
	bool quote = false;

	for (size_t i = 0; i < path.n; i++)
		quote |= needs_quote((unsigned char)path.p[i]);
	if (!quote) {
		strbuf_add(out, prefix);
		strbuf_add(out, path);
		return;
	}
	strbuf_addc(out, '"');
	strbuf_add(out, prefix);
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];
		size_t e = 0;

		while (e < ARRAY_SIZE(escapes) && (unsigned char)escapes[e][1] != c)
			e++;
		if (e < ARRAY_SIZE(escapes))
			strbuf_addf(out, "\\%c", escapes[e][0]);
		else if (needs_quote(c))
			strbuf_addf(out, "\\%03o", (unsigned)c);
		else
			strbuf_addc(out, (char)c);
	}
	strbuf_addc(out, '"');
}
