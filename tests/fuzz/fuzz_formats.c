/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Foreign formats. What can be imported keeps its very bytes; its native form has front
 * matter that can be read; going out in its own format gives the bytes back.
 */
#include "note/format.h"
#include "note/frontmatter.h"
#include "note/markdown.h"
#include "property.h"

static void round_trip(struct arena *a, enum note_format format, struct str bytes)
{
	struct foreign f;
	struct frontmatter fm = { 0 };
	struct str original, native;
	struct note_commands commands = { 0 };
	struct str_list lost = { 0 };
	STRBUF_AUTO(out, 64 << 20);

	if (!format_import(a, format, STR("pages/common/x.md"), bytes, &f, NULL))
		return;
	(void)note_format_of(a, f.bytes, &original);
	PROPERTY(str_eq(original, bytes) || str_eq(f.bytes, bytes));
	native = note_native(a, f.bytes);
	if (native.p != f.bytes.p)
		PROPERTY(frontmatter_parse(a, native, &fm, NULL));
	note_commands(a, f.bytes, &commands);
	for (enum note_format to = 0; to < FORMAT_COUNT; to++)
		if (to != format)
			(void)format_export(a, to, STR("x"), f.bytes, &out, &lost);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(arena) arena = arena_new();
	struct str bytes = fuzz_input(data, n);
	enum note_format format;

	for (format = 0; format < FORMAT_COUNT; format++)
		round_trip(arena, format, bytes);
	(void)format_detect(STR("x.md"), bytes, &format);
	return 0;
}
