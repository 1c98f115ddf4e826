/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Placeholders. The input is a command, a zero byte, and a value. Unfilled, a command
 * comes back byte by byte; a plain value stands where its placeholder stood; in double
 * and single quotes a value leaves the number of open quotes as it was.
 */
#include "note/placeholder.h"
#include "property.h"

static size_t slots_of(struct arena *a, struct str text)
{
	struct template t;

	template_parse(a, text, NULL, &t);
	return t.slots.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(arena) arena = arena_new();
	struct str text = fuzz_input(data, n), value = STR("x");
	struct str values[SLOTS_MAX];
	struct template t;
	struct err err = { 0 };
	STRBUF_AUTO(same, 1 << 24);
	STRBUF_AUTO(plain, 1 << 24);
	STRBUF_AUTO(filled, 1 << 26);
	ptrdiff_t zero = str_chr(text, '\0');

	if (zero >= 0) {
		value = str_from(text, (size_t)zero + 1);
		text = str_n(text.p, (size_t)zero);
	}
	template_parse(arena, text, NULL, &t);
	(void)command_danger(text);
	for (size_t i = 0; i < SLOTS_MAX; i++)
		values[i] = STR_NONE;
	PROPERTY(template_fill(&t, values, DIALECT_SH, &same, NULL));
	PROPERTY(str_eq(strbuf_str(&same), text));
	for (size_t i = 0; i < t.slots.n; i++) {
		const struct slot *s = &t.slots.v[i];

		PROPERTY(s->at + s->n <= text.n && text.p[s->at] == '<' &&
			 text.p[s->at + s->n - 1] == '>' && s->blank < t.blanks.n);
		PROPERTY(!i || s->at >= s[-1].at + s[-1].n);
	}
	for (size_t i = 0; i < SLOTS_MAX; i++)
		values[i] = STR("x");
	/* a value may be refused, as the end of a here-document say, but never grow */
	PROPERTY(!template_fill(&t, values, DIALECT_SH, &plain, &err)
			 ? err.code == ERR_DENIED
			 : plain.n <= text.n);
	for (size_t i = 0; i < SLOTS_MAX; i++)
		values[i] = value;
	if (template_fill(&t, values, DIALECT_SH, &filled, NULL))
		(void)slots_of(arena, strbuf_str(&filled));
	return 0;
}
