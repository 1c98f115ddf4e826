/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Front matter and links. A field lies inside the note and in the order of the file; a
 * value that is set reads back as itself while the body keeps every byte; a link that is
 * renamed is then a link to the new name.
 */
#include "note/frontmatter.h"
#include "note/links.h"
#include "property.h"

static void set_and_read_back(struct arena *a, struct str note,
			      const struct frontmatter *fm)
{
	/* the beginning of the note itself serves as a value */
	struct str value = str_trim(str_sub(note, note.n / 2, 40));
	STRBUF_AUTO(out, 1 << 20);
	struct frontmatter again;

	if (!value.n || memchr(value.p, '\0', value.n) ||
	    !frontmatter_set(&out, note, STR("title"), value, NULL))
		return;
	PROPERTY(frontmatter_parse(a, strbuf_str(&out), &again, NULL));
	PROPERTY(str_eq(again.title, value));
	PROPERTY(
		str_eq(str_from(strbuf_str(&out), again.body), str_from(note, fm->body)));
}

static void rename_link(struct arena *a, struct str note)
{
	struct note_links before = { 0 }, after = { 0 };
	STRBUF_AUTO(out, 1 << 20);
	size_t renamed = 0;
	struct frontmatter fm = { 0 };

	if (!frontmatter_parse(a, note, &fm, NULL) || fm.present)
		return;
	note_links(a, note, &before);
	if (!before.n)
		return;
	note_relink(&out, note, before.v[0].target, STR("new-name"));
	note_links(a, strbuf_str(&out), &after);
	PROPERTY(after.n == before.n);
	for (size_t i = 0; i < after.n; i++)
		renamed += str_eq(after.v[i].target, STR("new-name"));
	PROPERTY(renamed >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(arena) a = arena_new();
	struct str note = fuzz_input(data, n);
	struct frontmatter fm;
	struct err err = { 0 };
	size_t at = 0;

	rename_link(a, note);
	if (!frontmatter_parse(a, note, &fm, &err)) {
		PROPERTY(err.code == ERR_PARSE || err.code == ERR_LIMIT);
		return 0;
	}
	PROPERTY(fm.body <= n && fm.present == (fm.body > 0));
	for (size_t i = 0; i < fm.fields.n; i++) {
		const struct fm_field *f = &fm.fields.v[i];

		PROPERTY(f->at >= at && f->n > 0 && f->at + f->n <= fm.body);
		PROPERTY(f->value > f->at && f->value + f->value_n <= f->at + f->n);
		at = f->at + f->n;
	}
	set_and_read_back(a, note, &fm);
	return 0;
}
