/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UTF-8 as terminals and readers see it: code points, columns, case, and the one door
 * through which foreign text becomes safe to show. Malformed bytes are never an error:
 * each counts as one replacement character. Widths and case folding come from utf8proc.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/str.h"
#include "base/strbuf.h"

#define UTF8_BAD 0xfffd

/** Take one code point off `*s`; UTF8_BAD for a malformed byte. False at the end. */
bool utf8_next(struct str *s, uint32_t *ret_cp);
/** Append one code point. */
void utf8_put(struct strbuf *b, uint32_t cp);
bool utf8_valid(struct str s);

/** Columns of one code point: 0 combining, 1, or 2 for wide; control characters 0. */
int utf8_cp_width(uint32_t cp);
/** Columns of a whole string; tabs and control characters count 0. */
size_t utf8_width(struct str s);
/** The longest prefix of whole grapheme clusters that fits in `columns`. */
struct str utf8_fit(struct str s, size_t columns);
/** Length in bytes of the first grapheme cluster; 0 for the empty string. */
size_t utf8_grapheme(struct str s);

/** Lower case by Unicode folding, compatibility forms (full width) folded to their
 *  plain ones. */
void utf8_fold(struct strbuf *b, struct str s);
uint32_t utf8_fold_cp(uint32_t cp);
/** Han, Hiragana, Katakana or Hangul. */
bool utf8_is_cjk(uint32_t cp);
/** A letter or digit of any script. */
bool utf8_is_word(uint32_t cp);

/** Append `s` so that no byte of it can act on a terminal: C0 and C1 controls and DEL as
 *  ^[ or <9b>, malformed bytes as \xNN, bidirectional overrides and other invisible
 *  format characters as <202e>. With `keep_lines`, LF and TAB stay. */
void utf8_add_safe(struct strbuf *b, struct str s, bool keep_lines);
/** True when utf8_add_safe() would not change anything. */
bool utf8_is_safe(struct str s, bool keep_lines);

#endif
