/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The notes that ship, compiled in from data/notes by data/embed.py.
 */
#ifndef STORE_BUILTINS_H
#define STORE_BUILTINS_H

#include "store/store.h"

extern const struct builtin builtin_notes[]; /* sorted by slug */
extern const size_t builtin_note_count;
extern const int64_t builtin_notes_version; /* another one for every other set of texts */

#endif
