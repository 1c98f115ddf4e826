/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growing text on the heap. Invariants: `p` is NULL or NUL-terminated at p[n]; `n`
 * never passes `max`. What would pass it is cut and `over` is set, so that a writer
 * need not check each call: look once at the end with strbuf_ok().
 * You may read p and n; change them only through the functions.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>

#include "base/err.h"
#include "base/str.h"

struct strbuf {
	char *p;
	size_t n, cap, max;
	bool over;
};

/* Every buffer names its maximum. */
#define STRBUF(limit)                                                                    \
	{                                                                                \
		.max = (limit)                                                           \
	}
#define STRBUF_AUTO(name, limit)                                                         \
	__attribute__((cleanup(strbuf_free))) struct strbuf name = STRBUF(limit)

void strbuf_free(struct strbuf *b);
/** Empty it, keep the memory. */
void strbuf_clear(struct strbuf *b);
/** Shorten to n bytes. */
void strbuf_truncate(struct strbuf *b, size_t n);
void strbuf_add(struct strbuf *b, struct str s);
void strbuf_addz(struct strbuf *b, const char *z);
void strbuf_addc(struct strbuf *b, char c);
/** `c` n times. */
void strbuf_pad(struct strbuf *b, char c, size_t n);
void strbuf_addf(struct strbuf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void strbuf_vaddf(struct strbuf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
/** In double quotes, with the escapes that JSON, TOML and YAML share: \" \\ \n \t, and
 *  \u00XX for other control characters. The bytes of the text are left as they are. */
void strbuf_add_quoted(struct strbuf *b, struct str s);
/** Room for at least n further bytes; returns where they go. The caller then says how
 *  many it wrote with strbuf_wrote(). Returns NULL when that would pass the maximum. */
char *strbuf_reserve(struct strbuf *b, size_t n);
void strbuf_wrote(struct strbuf *b, size_t n);

/** View of the content; valid until the next change. */
static inline struct str strbuf_str(const struct strbuf *b)
{
	return (struct str){ b->p ? b->p : "", b->n };
}
/** Content as a C string, never NULL. */
static inline const char *strbuf_z(const struct strbuf *b)
{
	return b->p ? b->p : "";
}
/** False, with ERR_LIMIT raised, when something had to be cut. */
bool strbuf_ok(const struct strbuf *b, const char *what, struct err *err);

#endif
