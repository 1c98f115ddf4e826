/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.conf. What was read prints as text that reads as the same bindings, in the same
 * order; a key that is bound is a key by name; nothing in a map can act on a terminal.
 */
#include "app/keymap.h"
#include "base/utf8.h"
#include "property.h"

static void same(const struct key_binding *a, const struct key_binding *b)
{
	PROPERTY(str_eq(a->section, b->section));
	PROPERTY(str_eq(a->key, b->key));
	PROPERTY(str_eq(a->command, b->command));
	PROPERTY(str_eq(a->help, b->help));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(arena) arena = arena_new();
	struct keymap map = { .arena = arena }, again = { .arena = arena };
	STRBUF_AUTO(printed, 1 << 22);
	struct err err = { 0 };

	if (!keymap_parse(&map, fuzz_input(data, n), "fuzz", &err))
		PROPERTY(err.code == ERR_PARSE && err.msg[0]);
	keymap_print(&printed, &map);
	PROPERTY(utf8_is_safe(strbuf_str(&printed), true));
	PROPERTY(keymap_parse(&again, strbuf_str(&printed), "printed", &err));
	PROPERTY(map.n == again.n);
	for (size_t i = 0; i < map.n; i++) {
		PROPERTY(keymap_is_key(map.v[i].key));
		PROPERTY(map.v[i].command.n && map.v[i].section.n);
		same(&map.v[i], &again.v[i]);
	}
	return 0;
}
