/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tokenizer: see store/tokenizer.h. One pass, no allocation. ASCII, which is nearly
 * everything, is classified by a table and never reaches utf8proc.
 */
#include "store/tokenizer.h"
#include "base/arena.h"
#include "base/utf8.h"

struct scan {
	struct str text;
	enum token_mode mode;
	bool (*fn)(void *arg, const struct token *token);
	void *arg;
	/* a flag whose first part has not been met yet */
	size_t flag_at, flag_end;
	bool stopped;
};

enum script { OTHER, WORD, CJK };

static bool ascii_word(unsigned char c)
{
	return (unsigned)(c | 32) - 'a' < 26 || (unsigned)c - '0' < 10;
}

static enum script script_of(uint32_t cp)
{
	if (cp < 0x80)
		return ascii_word((unsigned char)cp) ? WORD : OTHER;
	if (utf8_is_cjk(cp))
		return CJK;
	return utf8_is_word(cp) ? WORD : OTHER;
}

/* The code point at `at`; `*ret_next` is the offset after it. */
static uint32_t peek(const struct scan *s, size_t at, size_t *ret_next)
{
	struct str rest;
	uint32_t cp = 0;

	if ((unsigned char)s->text.p[at] < 0x80) {
		*ret_next = at + 1;
		return (unsigned char)s->text.p[at];
	}
	rest = str_from(s->text, at);
	utf8_next(&rest, &cp);
	*ret_next = s->text.n - rest.n;
	return cp;
}

static void emit(struct scan *s, struct str word, size_t at, size_t end, bool same)
{
	struct token t = { str_sub(word, 0, TOKEN_MAX), at, end, same };

	if (!s->stopped && word.n)
		s->stopped = !s->fn(s->arg, &t);
}

/* Fold text[at, end) into `buf` of TOKEN_MAX bytes, whole code points only. */
static struct str fold(const struct scan *s, size_t at, size_t end, char *buf)
{
	size_t n = 0, next;

	for (; at < end && n < TOKEN_MAX && (unsigned char)s->text.p[at] < 0x80; at++) {
		char c = s->text.p[at];

		buf[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	for (; at < end; at = next) {
		uint32_t cp = utf8_fold_cp(peek(s, at, &next));
		char one[8];
		struct strbuf b = { .p = one,
				    .cap = sizeof(one),
				    .max = sizeof(one) - 1 };

		if (cp < 0x80) {
			one[0] = (char)cp;
			b.n = 1;
		} else {
			utf8_put(&b, cp);
		}
		if (n + b.n > TOKEN_MAX)
			break;
		memcpy(buf + n, one, b.n);
		n += b.n;
	}
	return str_n(buf, n);
}

static bool upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* Does a part of a CamelCase word begin at `i`? Between lower and upper case, and before
 * the last capital of an acronym that a word follows; a plural s belongs to its acronym.
 */
static bool part_begins(struct str w, size_t i)
{
	if (!upper(w.p[i]))
		return false;
	if (lower(w.p[i - 1]))
		return true;
	return upper(w.p[i - 1]) && i + 1 < w.n && lower(w.p[i + 1]) &&
	       !(w.p[i + 1] == 's' && i + 2 == w.n);
}

static void emit_parts(struct scan *s, size_t at, size_t end)
{
	struct str w = str_sub(s->text, at, end - at);
	char buf[TOKEN_MAX];
	size_t from = 0;

	for (size_t i = 1; i <= w.n; i++) {
		if (i < w.n && !part_begins(w, i))
			continue;
		if (i - from >= 2 && i - from < w.n)
			emit(s, fold(s, at + from, at + i, buf), at + from, at + i, true);
		from = i;
	}
}

/* A run of letters and digits. */
static size_t word(struct scan *s, size_t at)
{
	size_t end = at, next;
	char buf[TOKEN_MAX];

	while (end < s->text.n && ascii_word((unsigned char)s->text.p[end]))
		end++;
	while (end < s->text.n && script_of(peek(s, end, &next)) == WORD)
		end = next;
	emit(s, fold(s, at, end, buf), at, end, false);
	if (s->mode == TOKEN_TEXT) {
		if (s->flag_end)
			emit(s, str_sub(s->text, s->flag_at, s->flag_end - s->flag_at),
			     s->flag_at, s->flag_end, true);
		emit_parts(s, at, end);
	}
	s->flag_end = 0;
	return end;
}

static size_t cjk(struct scan *s, size_t at)
{
	size_t first = at, next, after;

	while (at < s->text.n && script_of(peek(s, at, &next)) == CJK) {
		bool pair = next < s->text.n && script_of(peek(s, next, &after)) == CJK;

		if (pair)
			emit(s, str_sub(s->text, at, after - at), at, after, false);
		if (s->mode == TOKEN_TEXT || (!pair && at == first))
			emit(s, str_sub(s->text, at, next - at), at, next, pair);
		at = next;
	}
	return at;
}

/* A flag stands at the beginning, or after a blank, a bracket or a quote. */
static bool flag_may_begin(struct str t, size_t at)
{
	unsigned char before = at ? (unsigned char)t.p[at - 1] : ' ';

	return before < 0x80 && !ascii_word(before) && !memchr("-_/.>+", before, 6);
}

/* End of the flag that begins with the dash at `at`; 0 when it is none. */
static size_t flag_end(const struct scan *s, size_t at)
{
	struct str t = s->text;
	size_t i = at + 1, next;

	if (!flag_may_begin(t, at))
		return 0;
	if (i < t.n && t.p[i] == '-')
		i++;
	if (i >= t.n || !ascii_word((unsigned char)t.p[i]))
		return 0;
	while (i < t.n &&
	       (ascii_word((unsigned char)t.p[i]) || t.p[i] == '-' || t.p[i] == '_'))
		i++;
	/* a letter of another alphabet goes on: this is a word with a dash before it */
	if (i < t.n && script_of(peek(s, i, &next)) == WORD)
		return 0;
	while (t.p[i - 1] == '-' || t.p[i - 1] == '_')
		i--;
	return i;
}

/* A flag in a query is one token; its first part is not looked for. With a value the
 * other parts follow, so that the phrase fits the positions of a text. */
static size_t flag(struct scan *s, size_t at, size_t end)
{
	size_t i = at, next;

	if (s->mode == TOKEN_TEXT) {
		s->flag_at = at;
		s->flag_end = end;
		return at + 1;
	}
	emit(s, str_sub(s->text, at, end - at), at, end, false);
	if (end + 1 >= s->text.n || s->text.p[end] != '=' ||
	    script_of(peek(s, end + 1, &next)) != WORD)
		return end;
	while (i < end && s->text.p[i] == '-')
		i++;
	while (i < end && s->text.p[i] != '-' && s->text.p[i] != '_')
		i++;
	return i;
}

bool tokenize(struct str text, enum token_mode mode,
	      bool (*fn)(void *arg, const struct token *token), void *arg)
{
	struct scan s = { .text = text, .mode = mode, .fn = fn, .arg = arg };
	size_t at = 0, next, end;

	while (at < text.n && !s.stopped) {
		enum script c = script_of(peek(&s, at, &next));

		if (c == WORD) {
			at = word(&s, at);
		} else if (c == CJK) {
			s.flag_end = 0;
			at = cjk(&s, at);
		} else if (text.p[at] == '-' && (end = flag_end(&s, at))) {
			at = flag(&s, at, end);
		} else {
			at = next;
		}
	}
	return !s.stopped;
}
