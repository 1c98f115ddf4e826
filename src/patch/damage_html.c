/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of an HTML mail. Only what patches need: tags go, line breaks and blocks end
 * a line, character references are resolved, white space counts inside <pre> alone.
 */
#include "base/utf8.h"

#include "damage.h"

static const struct {
	struct str name, text;
} REFERENCES[] = {
	{ { "lt;", 3 }, { "<", 1 } },   { { "gt;", 3 }, { ">", 1 } },
	{ { "amp;", 4 }, { "&", 1 } },  { { "quot;", 5 }, { "\"", 1 } },
	{ { "apos;", 5 }, { "'", 1 } }, { { "nbsp;", 5 }, { " ", 1 } },
};

/* "#39;" or "#x27;" */
static bool number_reference(struct str *s, struct strbuf *out)
{
	struct str at = *s;
	unsigned base = 10;
	uint64_t cp;

	if (!str_skip(&at, STR("#")))
		return false;
	if (str_skip(&at, STR("x")) || str_skip(&at, STR("X")))
		base = 16;
	if (!str_eat_u64(&at, base, &cp) || cp > 0x10ffff || !str_skip(&at, STR(";")))
		return false;
	if (cp == 0xa0)
		strbuf_addc(out, ' ');
	else
		utf8_put(out, (uint32_t)cp);
	*s = at;
	return true;
}

/* Behind a '&'. */
static void reference(struct str *s, struct strbuf *out)
{
	if (number_reference(s, out))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(REFERENCES); i++) {
		if (str_skip(s, REFERENCES[i].name)) {
			strbuf_add(out, REFERENCES[i].text);
			return;
		}
	}
	strbuf_addc(out, '&');
}

static bool tag_is(struct str tag, const char *name)
{
	struct str n = str_of(name);

	return str_casestarts(tag, n) && (tag.n == n.n || tag.p[n.n] == ' ' ||
					  tag.p[n.n] == '/' || tag.p[n.n] == '>');
}

static void end_line(struct strbuf *out)
{
	if (out->n && out->p[out->n - 1] != '\n')
		strbuf_addc(out, '\n');
}

/* Behind a '<': what the tag does, then past it. */
static void tag(struct str *s, bool *pre, struct strbuf *out)
{
	ptrdiff_t end = str_chr(*s, '>');
	struct str name = str_n(s->p, end < 0 ? s->n : (size_t)end);

	*s = str_from(*s, name.n + 1);
	if (tag_is(name, "br"))
		strbuf_addc(out, '\n');
	else if (tag_is(name, "/p") || tag_is(name, "/div") || tag_is(name, "/tr"))
		end_line(out);
	else if (tag_is(name, "pre"))
		*pre = true;
	else if (tag_is(name, "/pre"))
		*pre = false;
	else if (tag_is(name, "style") || tag_is(name, "script")) {
		end = str_find(*s, STR("</"));
		*s = str_from(*s, end < 0 ? s->n : (size_t)end);
	}
}

void damage_html_text(struct str html, struct strbuf *out)
{
	bool pre = false;

	while (html.n) {
		char c = html.p[0];

		html = str_from(html, 1);
		if (c == '<')
			tag(&html, &pre, out);
		else if (c == '&')
			reference(&html, out);
		else if (pre || (c != '\n' && c != '\r'))
			strbuf_addc(out, c);
	}
}
