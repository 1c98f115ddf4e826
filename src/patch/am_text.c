/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The texts of an am session: sign-off, author script, quoting. See patch/am.h.
 */
#include <ctype.h>

#include "base/strbuf.h"
#include "patch/am.h"

struct str am_subject(struct str msg)
{
	struct str line = STR("");

	return str_line(&msg, &line) ? str_n(line.p, line.n - str_ends(line, STR("\n")))
				     : STR("");
}

void am_strip_space(struct str text, struct strbuf *out)
{
	bool started = false, gap = false;
	struct str line;

	while (str_line(&text, &line)) {
		line = str_rtrim(line);
		if (!line.n) {
			gap = true;
			continue;
		}
		if (gap && started)
			strbuf_addc(out, '\n');
		strbuf_add(out, line);
		strbuf_addc(out, '\n');
		started = true;
		gap = false;
	}
}

/* ---- trailers, by the rules of git-interpret-trailers(1) ---- */

static bool is_blank(struct str line)
{
	return !str_trim(line).n;
}

/* "token: value" or "token : value": letters, digits and '-'. */
static bool is_trailer(struct str line)
{
	size_t i = 0;

	while (i < line.n && (isalnum((unsigned char)line.p[i]) || line.p[i] == '-'))
		i++;
	if (!i)
		return false;
	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	return i < line.n && line.p[i] == ':';
}

static bool is_git_made(struct str line)
{
	return str_starts(line, STR("Signed-off-by: ")) ||
	       str_starts(line, STR("(cherry picked from commit "));
}

struct footer {
	bool is;         /* the last paragraph is one of trailers */
	bool last, some; /* it ends with, or holds, the wanted line */
};

/* The line that ends at `*end`; moves `*end` to its begin. */
static struct str line_before(struct str text, size_t *end)
{
	size_t from = *end, to = *end;

	if (from && text.p[from - 1] == '\n')
		from--;
	while (from && text.p[from - 1] != '\n')
		from--;
	*end = from;
	return str_n(text.p + from, to - from);
}

static size_t title_end(struct str text)
{
	struct str rest = text, line;
	size_t at = 0;

	while (str_line(&rest, &line) && (line.p[0] == '#' || !is_blank(line)))
		at += line.n;
	return at;
}

static struct footer find_footer(struct str text, struct str want)
{
	size_t title = title_end(text), end = text.n, good = 0, bad = 0, maybe = 0;
	struct footer f = { 0 };
	bool made = false, started = false, first = true;

	while (end > title) {
		struct str line = line_before(text, &end);

		if (end < title)
			break;
		if (is_blank(line)) {
			if (!started)
				continue;
			bad += maybe;
			f.is = (made && good * 3 >= bad) || (good && !bad);
			return f;
		}
		started = true;
		if (line.p[0] == '#') {
			bad += maybe;
			maybe = 0;
			continue;
		}
		if (str_eq(line, want)) {
			f.some = true;
			f.last = first;
		}
		if (is_git_made(line) || is_trailer(line)) {
			made = made || is_git_made(line);
			good++;
			maybe = 0;
		} else if (isspace((unsigned char)line.p[0])) {
			maybe++;
			continue;
		} else {
			bad += 1 + maybe;
			maybe = 0;
		}
		first = false;
	}
	return (struct footer){ 0 };
}

void am_sign_off(struct strbuf *msg, struct str who)
{
	STRBUF_AUTO(line, 65536);
	struct footer f;

	strbuf_addf(&line, "Signed-off-by: " STR_FMT "\n", STR_ARG(who));
	if (msg->n && msg->p[msg->n - 1] != '\n')
		strbuf_addc(msg, '\n');
	if (str_eq(strbuf_str(msg), strbuf_str(&line)))
		return;
	f = find_footer(strbuf_str(msg), strbuf_str(&line));
	if (f.is && f.last)
		return;
	if (!f.is) {
		if (!msg->n)
			strbuf_addc(msg, '\n');
		if (msg->n == 1 || msg->p[msg->n - 2] != '\n')
			strbuf_addc(msg, '\n');
	}
	strbuf_add(msg, strbuf_str(&line));
}

/* ---- quoting ---- */

void am_quote(struct str word, struct strbuf *out)
{
	strbuf_addc(out, '\'');
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '\'' || word.p[i] == '!')
			strbuf_addf(out, "'\\%c'", word.p[i]);
		else
			strbuf_addc(out, word.p[i]);
	}
	strbuf_addc(out, '\'');
}

/* One quoted word at the front of `*s`: pieces in quotes, \' and \! between them. */
static bool unquote_one(struct str *s, struct strbuf *out)
{
	ptrdiff_t end;

	if (!str_skip(s, STR("'")))
		return false;
	for (;;) {
		end = str_chr(*s, '\'');
		if (end < 0)
			return false;
		strbuf_add(out, str_sub(*s, 0, (size_t)end));
		*s = str_from(*s, (size_t)end + 1);
		if (s->n < 3 || s->p[0] != '\\' || s->p[2] != '\'' ||
		    (s->p[1] != '\'' && s->p[1] != '!'))
			return true;
		strbuf_addc(out, s->p[1]);
		*s = str_from(*s, 3);
	}
}

bool am_unquote(struct str text, struct arena *a, struct am_words *ret, struct err *err)
{
	STRBUF_AUTO(word, (size_t)1 << 20);
	struct am_words list = { 0 };

	for (text = str_trim(text); text.n; text = str_trim(text)) {
		strbuf_clear(&word);
		if (!unquote_one(&text, &word) ||
		    (text.n && !isspace((unsigned char)text.p[0])))
			return err_set(err, ERR_PARSE,
				       "reading quoted words: bad quoting");
		*ARENA_PUSH(a, &list) = arena_str(a, strbuf_str(&word));
	}
	*ret = list;
	return true;
}

/* ---- author script ---- */

static const char *const author_keys[] = { "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL",
					   "GIT_AUTHOR_DATE" };

void am_author_print(const struct am_author *who, struct strbuf *out)
{
	const struct str values[] = { who->name, who->email, who->date };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		strbuf_addf(out, "%s=", author_keys[i]);
		am_quote(values[i], out);
		strbuf_addc(out, '\n');
	}
}

/* One "KEY='value'": the value may hold line ends. */
static bool author_entry(struct str *text, struct arena *a, struct str values[3],
			 bool seen[3], struct err *err)
{
	STRBUF_AUTO(word, (size_t)1 << 20);
	size_t which = ARRAY_SIZE(author_keys);

	for (size_t i = 0; i < ARRAY_SIZE(author_keys); i++) {
		struct str rest = *text;

		if (str_skip(&rest, str_of(author_keys[i])) &&
		    str_skip(&rest, STR("="))) {
			*text = rest;
			which = i;
			break;
		}
	}
	if (which == ARRAY_SIZE(author_keys) || seen[which] ||
	    !unquote_one(text, &word) || (text->n && !str_skip(text, STR("\n"))))
		return err_set(err, ERR_PARSE, "could not parse author script");
	seen[which] = true;
	values[which] = arena_str(a, strbuf_str(&word));
	return true;
}

bool am_author_parse(struct str text, struct arena *a, struct am_author *ret,
		     struct err *err)
{
	struct str values[3] = { 0 };
	bool seen[3] = { 0 };

	while (text.n)
		if (!author_entry(&text, a, values, seen, err))
			return false;
	if (!seen[0] || !seen[1] || !seen[2])
		return err_set(err, ERR_PARSE, "could not parse author script");
	*ret = (struct am_author){ values[0], values[1], values[2] };
	return true;
}
