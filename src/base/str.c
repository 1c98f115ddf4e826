/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * String views. Everything here is linear in the length of the view (str_glob is
 * linear in string times stars) and allocates nothing.
 */
#include <math.h>
#include <stdio.h>

#include "base/str.h"

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int d = n ? memcmp(a.p, b.p, n) : 0;

	return d ? d : (a.n > b.n) - (a.n < b.n);
}

bool str_caseeq(struct str a, struct str b)
{
	return a.n == b.n && str_casestarts(a, b);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_n(s.p, prefix.n), prefix);
}

bool str_casestarts(struct str s, struct str prefix)
{
	if (s.n < prefix.n)
		return false;
	for (size_t i = 0; i < prefix.n; i++)
		if (lower(s.p[i]) != lower(prefix.p[i]))
			return false;
	return true;
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

ptrdiff_t str_chr(struct str s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;

	return at ? at - s.p : -1;
}

ptrdiff_t str_rchr(struct str s, char c)
{
	const char *at = s.n ? memrchr(s.p, c, s.n) : NULL;

	return at ? at - s.p : -1;
}

ptrdiff_t str_find(struct str s, struct str needle)
{
	const char *at;

	if (!needle.n)
		return 0;
	at = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
	return at ? at - s.p : -1;
}

struct str str_sub(struct str s, size_t from, size_t n)
{
	s = str_from(s, from);
	if (s.n > n)
		s.n = n;
	return s;
}

struct str str_from(struct str s, size_t from)
{
	if (from > s.n)
		from = s.n;
	return (struct str){ s.p ? s.p + from : NULL, s.n - from };
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct str str_rtrim(struct str s)
{
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_trim(struct str s)
{
	while (s.n && blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	return str_rtrim(s);
}

bool str_skip(struct str *s, struct str prefix)
{
	if (!str_starts(*s, prefix))
		return false;
	*s = str_from(*s, prefix.n);
	return true;
}

bool str_cut(struct str *rest, char sep, struct str *ret_piece)
{
	ptrdiff_t at;

	if (!rest->p)
		return false;
	at = str_chr(*rest, sep);
	if (at < 0) {
		*ret_piece = *rest;
		*rest = STR_NONE;
	} else {
		*ret_piece = str_n(rest->p, (size_t)at);
		*rest = str_from(*rest, (size_t)at + 1);
	}
	return true;
}

bool str_word(struct str *rest, struct str *ret_word)
{
	size_t i = 0, start;

	while (i < rest->n && (rest->p[i] == ' ' || rest->p[i] == '\t'))
		i++;
	start = i;
	while (i < rest->n && rest->p[i] != ' ' && rest->p[i] != '\t')
		i++;
	if (i == start)
		return false;
	*ret_word = str_sub(*rest, start, i - start);
	*rest = str_from(*rest, i);
	return true;
}

bool str_line(struct str *rest, struct str *ret_line)
{
	ptrdiff_t at;
	size_t n;

	if (!rest->n)
		return false;
	at = str_chr(*rest, '\n');
	n = at < 0 ? rest->n : (size_t)at + 1;
	*ret_line = str_n(rest->p, n);
	*rest = str_from(*rest, n);
	return true;
}

struct str str_chomp(struct str line)
{
	if (line.n && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

bool str_eat_u64(struct str *s, unsigned base, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i = 0;

	for (; i < s->n && (unsigned)digit(s->p[i]) < base; i++) {
		if (__builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, (unsigned)digit(s->p[i]), &v))
			return false;
	}
	if (!i)
		return false;
	*s = str_from(*s, i);
	*ret = v;
	return true;
}

bool str_to_u64(struct str s, uint64_t *ret)
{
	unsigned base = 10;
	uint64_t v;

	if (str_skip(&s, STR("0x")) || str_skip(&s, STR("0X")))
		base = 16;
	if (!str_eat_u64(&s, base, &v) || s.n)
		return false;
	*ret = v;
	return true;
}

bool str_to_i64(struct str s, int64_t *ret)
{
	bool minus = str_skip(&s, STR("-"));
	uint64_t v;

	if (!str_to_u64(s, &v) || v > (uint64_t)INT64_MAX + minus)
		return false;
	*ret = minus ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

bool str_to_double(struct str s, double *ret)
{
	bool minus = str_skip(&s, STR("-"));
	uint64_t whole = 0, frac = 0;
	double scale = 1;
	struct str at;

	if (!str_eat_u64(&s, 10, &whole))
		return false;
	if (str_skip(&s, STR("."))) {
		at = s;
		if (!str_eat_u64(&s, 10, &frac))
			return false;
		scale = pow(10, (double)(s.p - at.p));
	}
	if (s.n)
		return false;
	*ret = ((double)whole + (double)frac / scale) * (minus ? -1 : 1);
	return true;
}

uint64_t str_hash(struct str s)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3;
	return h;
}

/* Match one pattern element at *pat against `c`; advances *pat past it. */
static bool glob_one(struct str *pat, unsigned char c)
{
	size_t i = 1;
	bool hit = false, not ;

	if (pat->p[0] != '[' || str_chr(*pat, ']') < 1) {
		bool same = pat->p[0] == '?' || (unsigned char)pat->p[0] == c;

		*pat = str_from(*pat, 1);
		return same;
	}
	not = pat->n > 1 && (pat->p[1] == '!' || pat->p[1] == '^');
	for (i += not ; i < pat->n && (pat->p[i] != ']' || i == 1u + not ); i++) {
		unsigned char lo = (unsigned char)pat->p[i], hi = lo;

		if (i + 2 < pat->n && pat->p[i + 1] == '-' && pat->p[i + 2] != ']') {
			hi = (unsigned char)pat->p[i + 2];
			i += 2;
		}
		hit |= c >= lo && c <= hi;
	}
	*pat = str_from(*pat, i + 1);
	return hit != not ;
}

bool str_glob(struct str s, struct str pattern)
{
	struct str back_s = STR_NONE, back_p = STR_NONE;

	while (s.n) {
		if (pattern.n && pattern.p[0] == '*') {
			pattern = str_from(pattern, 1);
			back_p = pattern;
			back_s = s;
			continue;
		}
		if (pattern.n && glob_one(&pattern, (unsigned char)s.p[0])) {
			s = str_from(s, 1);
			continue;
		}
		if (!back_s.n)
			return false;
		back_s = str_from(back_s, 1);
		s = back_s;
		pattern = back_p;
	}
	while (pattern.n && pattern.p[0] == '*')
		pattern = str_from(pattern, 1);
	return !pattern.n;
}
