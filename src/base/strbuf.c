/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growing text with a mandatory maximum: see base/strbuf.h. Appending is amortised
 * linear; running out of memory aborts.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/strbuf.h"

void strbuf_free(struct strbuf *b)
{
	free(b->p);
	b->p = NULL;
	b->n = b->cap = 0;
}

void strbuf_clear(struct strbuf *b)
{
	b->over = false;
	strbuf_truncate(b, 0);
}

void strbuf_truncate(struct strbuf *b, size_t n)
{
	if (n > b->n)
		return;
	b->n = n;
	if (b->p)
		b->p[n] = '\0';
}

char *strbuf_reserve(struct strbuf *b, size_t n)
{
	size_t need, cap;
	char *p;

	if (n > b->max - b->n)
		return NULL;
	need = b->n + n + 1;
	if (need > b->cap) {
		cap = b->cap ? b->cap : 64;
		while (cap < need)
			cap *= 2;
		p = realloc(b->p, cap);
		if (!p) {
			fputs("kcrib: out of memory\n", stderr);
			abort();
		}
		b->p = p;
		b->cap = cap;
	}
	return b->p + b->n;
}

void strbuf_wrote(struct strbuf *b, size_t n)
{
	b->n += n;
	b->p[b->n] = '\0';
}

void strbuf_add(struct strbuf *b, struct str s)
{
	char *to;

	if (s.n > b->max - b->n) {
		b->over = true;
		s.n = b->max - b->n;
	}
	to = strbuf_reserve(b, s.n);
	if (s.n)
		memcpy(to, s.p, s.n);
	strbuf_wrote(b, s.n);
}

void strbuf_addz(struct strbuf *b, const char *z)
{
	strbuf_add(b, str_of(z));
}

void strbuf_addc(struct strbuf *b, char c)
{
	strbuf_add(b, str_n(&c, 1));
}

void strbuf_pad(struct strbuf *b, char c, size_t n)
{
	while (n--)
		strbuf_addc(b, c);
}

void strbuf_vaddf(struct strbuf *b, const char *fmt, va_list ap)
{
	char small[256];
	va_list again;
	char *to;
	int n;

	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	if (n >= 0 && (size_t)n < sizeof(small)) {
		strbuf_add(b, str_n(small, (size_t)n));
	} else if (n >= 0) {
		to = strbuf_reserve(b, (size_t)n);
		if (to) {
			vsnprintf(to, (size_t)n + 1, fmt, again);
			strbuf_wrote(b, (size_t)n);
		} else {
			b->over = true;
		}
	}
	va_end(again);
}

void strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(b, fmt, ap);
	va_end(ap);
}

void strbuf_add_quoted(struct strbuf *b, struct str s)
{
	strbuf_addc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			strbuf_addf(b, "\\%c", c);
		else if (c == '\n')
			strbuf_addz(b, "\\n");
		else if (c == '\t')
			strbuf_addz(b, "\\t");
		else if (c < 0x20 || c == 0x7f)
			strbuf_addf(b, "\\u%04X", c);
		else
			strbuf_addc(b, (char)c);
	}
	strbuf_addc(b, '"');
}

bool strbuf_ok(const struct strbuf *b, const char *what, struct err *err)
{
	if (!b->over)
		return true;
	return err_set(err, ERR_LIMIT, "%s: larger than %zu bytes", what, b->max);
}
