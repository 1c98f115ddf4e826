/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys as data. A keys.conf has sections, one a kind of view, and in each a line a key:
 *
 *     [list]
 *     j  Down     down        move down
 *
 * Words before the two-blank gap are keys, then comes the command, then after a further
 * two-blank gap the words for help (user files may leave them out). "-" as the command
 * takes a key away. Lines that start with "# " are comments. The built-in file is read
 * first, the user's over it.
 *
 * Key names: a printable character stands for itself; Space, Enter, Esc, Tab, S-Tab,
 * Backspace, Delete, Insert, Up, Down, Left, Right, Home, End, PgUp, PgDn, F1..F12; C-x
 * and M-x with one of those or a character.
 */
#ifndef APP_KEYMAP_H
#define APP_KEYMAP_H

#include "base/arena.h"
#include "base/strbuf.h"

struct key_binding {
	struct str section, key, command, help;
};

struct keymap {
	struct arena *arena;
	struct key_binding *v;
	size_t n, cap;
};

/** Add the bindings of `text`; later ones replace earlier ones of the same section and
 *  key. ERR_PARSE names the line; bindings before it are kept. */
bool keymap_parse(struct keymap *map, struct str text, const char *name, struct err *err)
	MUST_CHECK;
/** One binding, if the section has none for the key yet. The strings are copied. */
void keymap_add(struct keymap *map, const char *section, const char *key,
		const char *command, const char *help);
/** The binding of a key in the first of the NULL-terminated sections that has it. */
const struct key_binding *keymap_find(const struct keymap *map,
				      const char *const *sections, struct str key);
/** Is this a name keymap_parse() takes for a key? */
bool keymap_is_key(struct str name);
/** The map in the syntax it is read in: parse(print(map)) == map. */
void keymap_print(struct strbuf *b, const struct keymap *map);

#endif
