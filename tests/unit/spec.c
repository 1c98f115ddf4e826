/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spec.h"
#include "check.h"

#include <stdlib.h>

#include "base/file.h"

static void unescape(struct str s, struct strbuf *out)
{
	static const char FROM[] = "rts\\", TO[] = "\r\t \\";

	for (size_t i = 0; i < s.n; i++) {
		const char *at;
		uint64_t byte;
		struct str hex;

		if (s.p[i] != '\\' || i + 1 == s.n) {
			strbuf_addc(out, s.p[i]);
			continue;
		}
		at = strchr(FROM, s.p[++i]);
		hex = str_sub(s, i + 1, 2);
		if (at && *at) {
			strbuf_addc(out, TO[at - FROM]);
		} else if (s.p[i] == 'x' && str_eat_u64(&hex, 16, &byte)) {
			strbuf_addc(out, (char)byte);
			i += 2;
		} else {
			fail_msg("spec: unknown escape \\%c", s.p[i]);
		}
	}
}

static void end_section(struct arena *a, struct spec_section *section, struct str raw)
{
	STRBUF_AUTO(text, 1 << 20);

	unescape(raw, &text);
	section->text = arena_str(a, strbuf_str(&text));
}

static void add_section(struct arena *a, struct spec *spec, struct str line, size_t n)
{
	struct spec_section *section;
	struct spec_case *c;

	assert_true(spec->n > 0);
	c = &spec->v[spec->n - 1];
	section = ARENA_PUSH(a, c);
	*section = (struct spec_section){ .line = n };
	line = str_from(line, 1);
	str_word(&line, &section->name);
	section->words = str_trim(line);
}

void spec_read(struct arena *a, const char *path, struct spec *ret)
{
	struct str rest, line, raw;
	struct spec_section *open = NULL;
	STRBUF_AUTO(file, 1 << 20);
	struct spec spec = { 0 };

	assert_ok(file_read(arena_printf(a, "%s/%s", getenv("KCRIB_TESTS"), path), &file,
			    &err));
	rest = arena_str(a, strbuf_str(&file));
	raw = str_n(rest.p, 0);
	for (size_t n = 1; str_line(&rest, &line); n++) {
		if (line.p[0] != '%') {
			raw.n += line.n;
			continue;
		}
		line = str_chomp(line);
		/* the blank line between two cases is of neither */
		if (str_starts(line, STR("%% ")) &&
		    (str_ends(raw, STR("\n\n")) || str_eq(raw, STR("\n"))))
			raw.n--;
		if (open)
			end_section(a, open, raw);
		open = NULL;
		raw = str_n(rest.p, 0);
		if (str_skip(&line, STR("%% "))) {
			*ARENA_PUSH(a, &spec) = (struct spec_case){ line, n, NULL, 0, 0 };
		} else {
			add_section(a, &spec, line, n);
			open = &spec.v[spec.n - 1].v[spec.v[spec.n - 1].n - 1];
		}
	}
	if (open)
		end_section(a, open, raw);
	*ret = spec;
}

const struct spec_section *spec_find(const struct spec_case *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->v[i].name, str_of(name)))
			return &c->v[i];
	return NULL;
}
