/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quoted-printable, base64 and encoded words: see transfer.h. Each is linear.
 */
#include "transfer.h"

struct str transfer_until_nul(struct str s)
{
	ptrdiff_t at = str_chr(s, '\0');

	return at < 0 ? s : str_n(s.p, (size_t)at);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int hex_pair(struct str s)
{
	int hi, lo;

	if (s.n < 2)
		return -1;
	hi = hex_digit(s.p[0]);
	lo = hex_digit(s.p[1]);
	return hi < 0 || lo < 0 ? -1 : hi << 4 | lo;
}

void transfer_decode_q(struct str s, bool word, struct strbuf *out)
{
	const char *stop = word ? "=_" : "=";

	s = transfer_until_nul(s);
	while (s.n) {
		size_t plain = 0;
		int byte;

		while (plain < s.n && s.p[plain] != stop[0] && s.p[plain] != stop[word])
			plain++;
		strbuf_add(out, str_n(s.p, plain));
		s = str_from(s, plain);
		if (!s.n)
			return;
		if (s.p[0] == '_') {
			strbuf_addc(out, ' ');
			s = str_from(s, 1);
			continue;
		}
		if (s.n == 1 || s.p[1] == '\n')
			return;
		byte = hex_pair(str_from(s, 1));
		strbuf_addc(out, byte < 0 ? '=' : (char)byte);
		s = str_from(s, byte < 0 ? 1 : 3);
	}
}

static int base64_digit(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '/')
		return c == '+' ? 62 : 63;
	return -1;
}

void transfer_decode_b(struct str s, struct strbuf *out)
{
	unsigned bits = 0, have = 0;

	s = transfer_until_nul(s);
	for (size_t i = 0; i < s.n; i++) {
		int digit = base64_digit((unsigned char)s.p[i]);

		if (digit < 0)
			continue;
		bits = (bits << 6 | (unsigned)digit) & 0xffff;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		strbuf_addc(out, (char)(bits >> have & 0xff));
	}
}

/* "=?iso-8859-1?Q?Foo=FCbar?= baz" */
struct word {
	struct str charset, text;
	char encoding;
};

/* Take the word off `*s`, which begins behind its "=?". */
static bool cut_word(struct str *s, struct word *ret)
{
	ptrdiff_t mark = str_chr(*s, '?'), end;

	if (mark < 0)
		return false;
	ret->charset = str_n(s->p, (size_t)mark);
	*s = str_from(*s, (size_t)mark + 1);
	if (s->n < 2 || s->p[1] != '?')
		return false;
	ret->encoding = s->p[0];
	*s = str_from(*s, 2);
	end = str_find(*s, STR("?="));
	if (end < 0)
		return false;
	ret->text = str_n(s->p, (size_t)end);
	*s = str_from(*s, (size_t)end + 2);
	return true;
}

static bool add_word(struct charset *cs, const struct word *word, struct strbuf *out,
		     struct err *err)
{
	STRBUF_AUTO(raw, word->text.n + 1);

	if (word->encoding == 'q' || word->encoding == 'Q')
		transfer_decode_q(word->text, true, &raw);
	else if (word->encoding == 'b' || word->encoding == 'B')
		transfer_decode_b(word->text, &raw);
	else
		return err_set(err, ERR_PARSE, "reading a header: unknown encoding %c",
			       word->encoding > ' ' ? word->encoding : '?');
	if (!charset_is_target(cs, word->charset))
		return charset_convert(cs, word->charset, strbuf_str(&raw), out, err);
	strbuf_add(out, strbuf_str(&raw));
	return true;
}

bool transfer_decode_words(struct charset *cs, struct str value, struct strbuf *out,
			   struct err *err)
{
	struct str rest = transfer_until_nul(value);
	bool first = true;
	ptrdiff_t at;

	while ((at = str_find(rest, STR("=?"))) >= 0) {
		struct str before = str_n(rest.p, (size_t)at);
		struct word word;

		if (first || str_trim(before).n)
			strbuf_add(out, before);
		first = false;
		rest = str_from(rest, (size_t)at + 2);
		if (!cut_word(&rest, &word))
			return err_set(err, ERR_PARSE,
				       "reading a header: an encoded word does not end");
		if (!add_word(cs, &word, out, err))
			return false;
	}
	strbuf_add(out, rest);
	return strbuf_ok(out, "reading a header", err);
}
