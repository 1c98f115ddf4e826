/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UTF-8 for terminals: see base/utf8.h. ASCII takes short cuts everywhere, since nearly
 * all text here is ASCII; the rest asks utf8proc.
 */
#include <utf8proc.h>

#include "base/utf8.h"

bool utf8_next(struct str *s, uint32_t *ret_cp)
{
	utf8proc_int32_t cp;
	utf8proc_ssize_t n;

	if (!s->n)
		return false;
	if ((unsigned char)s->p[0] < 0x80) {
		*ret_cp = (unsigned char)s->p[0];
		*s = str_from(*s, 1);
		return true;
	}
	n = utf8proc_iterate((const utf8proc_uint8_t *)s->p,
			     (utf8proc_ssize_t)(s->n < 4 ? s->n : 4), &cp);
	if (n <= 0) {
		cp = UTF8_BAD;
		n = 1;
	}
	*ret_cp = (uint32_t)cp;
	*s = str_from(*s, (size_t)n);
	return true;
}

/* Bytes at the beginning that are printable ASCII: each a character of one column. */
static size_t printable(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f)
		n++;
	return n;
}

void utf8_put(struct strbuf *b, uint32_t cp)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t n = utf8proc_encode_char((utf8proc_int32_t)cp, bytes);

	strbuf_add(b, str_n((const char *)bytes, (size_t)n));
}

bool utf8_valid(struct str s)
{
	while (s.n) {
		utf8proc_int32_t cp;
		utf8proc_ssize_t n = 1;

		if ((unsigned char)s.p[0] >= 0x80)
			n = utf8proc_iterate((const utf8proc_uint8_t *)s.p,
					     (utf8proc_ssize_t)(s.n < 4 ? s.n : 4), &cp);
		if (n <= 0)
			return false;
		s = str_from(s, (size_t)n);
	}
	return true;
}

int utf8_cp_width(uint32_t cp)
{
	if (cp < 0x7f)
		return cp >= 0x20;
	return utf8proc_charwidth((utf8proc_int32_t)cp);
}

size_t utf8_width(struct str s)
{
	size_t w = 0;

	while (s.n) {
		size_t run = printable(s);
		uint32_t cp;

		w += run;
		s = str_from(s, run);
		if (utf8_next(&s, &cp))
			w += (size_t)utf8_cp_width(cp);
	}
	return w;
}

size_t utf8_grapheme(struct str s)
{
	struct str rest = s;
	utf8proc_int32_t state = 0;
	uint32_t cp, next;

	if (!utf8_next(&rest, &cp))
		return 0;
	for (;;) {
		struct str before = rest;

		if (!rest.n || ((unsigned char)rest.p[0] < 0x80 && cp < 0x80))
			break;
		utf8_next(&rest, &next);
		if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)cp,
						     (utf8proc_int32_t)next, &state)) {
			rest = before;
			break;
		}
		cp = next;
	}
	return (size_t)(rest.p - s.p);
}

struct str utf8_fit(struct str s, size_t columns)
{
	struct str rest = s;
	size_t w = 0;

	while (rest.n) {
		size_t run = printable(rest), n, one;

		/* the last of them may carry a mark */
		run -= run && run < rest.n;
		if (run >= columns - w)
			return str_n(s.p, s.n - rest.n + columns - w);
		rest = str_from(rest, run);
		w += run;
		n = utf8_grapheme(rest);
		one = utf8_width(str_n(rest.p, n));
		if (w + one > columns)
			break;
		w += one;
		rest = str_from(rest, n);
	}
	return str_n(s.p, s.n - rest.n);
}

uint32_t utf8_fold_cp(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
	if (cp >= 0xff01 && cp <= 0xff5e) /* full-width forms of ASCII */
		return utf8_fold_cp(cp - 0xff01 + '!');
	if (cp == 0x3000)
		return ' ';
	return (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
}

void utf8_fold(struct strbuf *b, struct str s)
{
	uint32_t cp;

	while (utf8_next(&s, &cp)) {
		if (cp < 0x80)
			strbuf_addc(b, (char)utf8_fold_cp(cp));
		else
			utf8_put(b, utf8_fold_cp(cp));
	}
}

bool utf8_is_cjk(uint32_t cp)
{
	return (cp >= 0x3400 && cp <= 0x9fff) || (cp >= 0x3040 && cp <= 0x30ff) ||
	       (cp >= 0xac00 && cp <= 0xd7a3) || (cp >= 0xf900 && cp <= 0xfaff) ||
	       (cp >= 0x20000 && cp <= 0x3ffff);
}

bool utf8_is_word(uint32_t cp)
{
	utf8proc_category_t cat;

	if (cp < 0x80)
		return (cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z') ||
		       (cp >= 'A' && cp <= 'Z');
	/* letters, marks and numbers are the categories 1 to 11 of utf8proc */
	cat = utf8proc_category((utf8proc_int32_t)cp);
	return cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_NO;
}

/* Code points above 0xa0 that have no picture but change how others are shown. */
static bool invisible(uint32_t cp)
{
	return (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) ||
	       cp == 0x2028 || cp == 0x2029 || cp == 0x200e || cp == 0x200f ||
	       cp == 0xfeff || cp == 0x061c || cp == 0x180e ||
	       (cp >= 0xfff9 && cp <= 0xfffb) || (cp >= 0xe0000 && cp <= 0xe0fff);
}

static bool plain(uint32_t cp, bool keep_lines)
{
	if (cp < 0x20)
		return keep_lines && (cp == '\n' || cp == '\t');
	return cp < 0x7f || (cp >= 0xa0 && !invisible(cp));
}

void utf8_add_safe(struct strbuf *b, struct str s, bool keep_lines)
{
	while (s.n) {
		struct str at = s;
		uint32_t cp;

		utf8_next(&s, &cp);
		if (cp == UTF8_BAD && at.n - s.n == 1)
			strbuf_addf(b, "\\x%02x", (unsigned char)at.p[0]);
		else if (plain(cp, keep_lines))
			strbuf_add(b, str_n(at.p, at.n - s.n));
		else if (cp < 0x20 || cp == 0x7f)
			strbuf_addf(b, "^%c", (int)(cp ^ 0x40));
		else
			strbuf_addf(b, "<%x>", cp);
	}
}

bool utf8_is_safe(struct str s, bool keep_lines)
{
	for (;;) {
		struct str at = str_from(s, printable(s));
		uint32_t cp;

		s = at;
		if (!utf8_next(&s, &cp))
			return true;
		if ((cp == UTF8_BAD && at.n - s.n == 1) || !plain(cp, keep_lines))
			return false;
	}
}
