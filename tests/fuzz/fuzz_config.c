/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file of settings. What was read has a key with a section, is found by that key
 * unless a later line of the same key replaced it, and an error names its line.
 */
#include "app/config.h"
#include "property.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(arena) arena = arena_new();
	struct str key, value;
	struct config *c;
	struct err err = { 0 };

	if (!config_parse(arena, fuzz_input(data, n), "fuzz", &c, &err)) {
		PROPERTY(err.code == ERR_PARSE && strstr(err.msg, "fuzz line "));
		return 0;
	}
	for (size_t i = 0; config_nth(c, i, &key, &value); i++) {
		PROPERTY(str_chr(key, '.') > 0);
		if (!memchr(key.p, '\0', key.n))
			PROPERTY(config_get(c, arena_cstr(arena, key), STR_NONE).p);
	}
	return 0;
}
