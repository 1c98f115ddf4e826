/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notes as docs. Whatever the bytes are: no line end inside of a line, every command has
 * its line in the doc, in order, and the list of commands agrees with the numbers there.
 */
#include "note/markdown.h"
#include "property.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(arena) arena = arena_new();
	struct note_commands commands = { 0 };
	struct doc *d = note_doc(arena, fuzz_input(data, n), NULL);
	size_t next = 1;

	note_commands(arena, fuzz_input(data, n), &commands);
	for (size_t i = 0; i < d->n; i++) {
		PROPERTY(d->v[i].indent >= 0 && d->v[i].hang >= 0);
		for (size_t k = 0; k < d->v[i].n; k++)
			PROPERTY(str_chr(d->v[i].v[k].text, '\n') < 0);
		if (d->v[i].command)
			PROPERTY((size_t)d->v[i].command == next++);
	}
	PROPERTY(next == commands.n + 1);
	for (size_t i = 0; i < commands.n; i++) {
		PROPERTY(commands.v[i].number == i + 1 && commands.v[i].line >= 1);
		PROPERTY(str_trim(commands.v[i].text).n);
	}
	return 0;
}
