/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * References from notes into C sources: linux:mm/huge_memory.c#has_transparent_hugepage.
 */
#ifndef NOTE_SOURCE_SYMBOL_H
#define NOTE_SOURCE_SYMBOL_H

#include "base/str.h"

/** The line, from 1, where the text defines the symbol as far as its form tells; a line
 *  that only uses it when there is no better one; 0 when the word is not there at all. */
size_t source_find_symbol(struct str text, struct str symbol);

#endif
