/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * String views: a pointer and a length into memory that somebody else owns and that
 * does not change while the view lives. A view may hold NUL bytes and any encoding.
 * NUL-terminated strings exist only at the borders: libc, SQLite, libgit2, curses.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* A list of views: *ARENA_PUSH(a, &list) = s; */
struct str_list {
	struct str *v;
	size_t n, cap;
};

#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
#define STR_NONE     ((struct str){ NULL, 0 })
/* printf("%.*s") in one word: printf(STR_FMT, STR_ARG(s)) */
#define STR_FMT    "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p

/** View of a NUL-terminated string; NULL gives the empty view. */
static inline struct str str_of(const char *z)
{
	return (struct str){ z, z ? strlen(z) : 0 };
}

static inline struct str str_n(const char *p, size_t n)
{
	return (struct str){ p, n };
}

bool str_eq(struct str a, struct str b);
/** Byte order; a shorter string sorts before a longer one it begins. */
int str_cmp(struct str a, struct str b);
/** ASCII letters compare without case; other bytes exactly. */
bool str_caseeq(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_casestarts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/** Index of the first byte `c`, or -1. */
ptrdiff_t str_chr(struct str s, char c);
/** Index of the last byte `c`, or -1. */
ptrdiff_t str_rchr(struct str s, char c);
/** Index of the first place where `needle` stands, or -1; an empty needle is at 0. */
ptrdiff_t str_find(struct str s, struct str needle);

/** Bytes [from, from + n), clipped to the string. */
struct str str_sub(struct str s, size_t from, size_t n);
/** All from byte `from` on, clipped. */
struct str str_from(struct str s, size_t from);
/** Without ASCII blanks, tabs, CR and LF at both ends / at the end. */
struct str str_trim(struct str s);
struct str str_rtrim(struct str s);
/** Remove `prefix` from the front of `*s` and return true, if it stands there. */
bool str_skip(struct str *s, struct str prefix);

/** Take the piece before the next `sep` off `*rest` and put it in `*ret_piece`; the
 *  separator is dropped. Returns false when nothing is left (`rest->p` is NULL then). */
bool str_cut(struct str *rest, char sep, struct str *ret_piece);
/** The same for runs of ASCII blanks and tabs: words, never empty. */
bool str_word(struct str *rest, struct str *ret_word);
/** Take the next line off `*rest`, its LF included where there is one. */
bool str_line(struct str *rest, struct str *ret_line);
/** A line without its LF or CR LF. */
struct str str_chomp(struct str line);

/* Walk over the lines of `text` (evaluated once), each without its line end. */
#define STR_EACH_LINE(line, text)                                                        \
	for (struct str line##_rest = (text), line;                                      \
	     str_line(&line##_rest, &line) && (line = str_chomp(line), true);)

/** Whole string as a number, nothing else in it; base 10, or 16 with the prefix 0x.
 *  Returns false on anything else, overflow included, and leaves `*ret` alone. */
bool str_to_i64(struct str s, int64_t *ret);
bool str_to_u64(struct str s, uint64_t *ret);
bool str_to_double(struct str s, double *ret);
/** Number at the front in the given base (8, 10 or 16); advances `*s` past its digits. */
bool str_eat_u64(struct str *s, unsigned base, uint64_t *ret);

/** 64-bit hash (FNV-1a); the same in every run and on every machine. */
uint64_t str_hash(struct str s);

/** glob(7) match of the whole string: `*`, `?`, `[a-z]`; `/` is an ordinary byte. */
bool str_glob(struct str s, struct str pattern);

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`,
 *  or, with `prefix`, into a beginning of `b`. More than 2 are 3, and so are words of
 * more than STR_EDITS_LONGEST bytes. */
int str_edits(struct str a, struct str b, bool prefix);
enum { STR_EDITS_LONGEST = 32 };

#endif
