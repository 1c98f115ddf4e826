/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Charsets by iconv(3). Names are compared as git does, so that "utf8" and "UTF-8" cost
 * no conversion; names that iconv lacks get one second chance.
 */
#include <errno.h>

#include "transfer.h"

void charset_close(struct charset *cs)
{
	if (cs->from[0])
		iconv_close(cs->cd);
	cs->from[0] = '\0';
}

/* "utf8", "UTF-8" and "Utf-8" are one name. */
static bool same_name(struct str a, struct str b)
{
	if (str_casestarts(a, STR("utf")) && str_casestarts(b, STR("utf"))) {
		a = str_from(a, 3);
		b = str_from(b, 3);
		str_skip(&a, STR("-"));
		str_skip(&b, STR("-"));
	}
	return str_caseeq(a, b);
}

bool charset_is_target(const struct charset *cs, struct str name)
{
	return !cs->to || !name.n || same_name(str_of(cs->to), name);
}

/* Spellings in use that iconv(3) may not know. */
static const char *iconv_name(const char *name)
{
	if (same_name(str_of(name), STR("UTF-8")))
		return "UTF-8";
	if (str_caseeq(str_of(name), STR("latin-1")))
		return "ISO-8859-1";
	return name;
}

static bool open_from(struct charset *cs, struct str name, struct err *err)
{
	char from[sizeof(cs->from)];

	if (cs->from[0] && str_eq(str_of(cs->from), name))
		return true;
	charset_close(cs);
	if (name.n >= sizeof(from))
		return err_set(err, ERR_PARSE,
			       "converting text: unknown charset " STR_FMT,
			       STR_ARG(str_sub(name, 0, 40)));
	memcpy(from, name.p, name.n);
	from[name.n] = '\0';
	if (same_name(name, STR("UTF-16LE-BOM")))
		cs->cd = iconv_open(cs->to, "UTF-16");
	else
		cs->cd = iconv_open(cs->to, from);
	/* iconv_t has no other value for "none": iconv_open(3) */
	if (cs->cd == (iconv_t)-1)
		cs->cd = iconv_open(iconv_name(cs->to), iconv_name(from));
	if (cs->cd == (iconv_t)-1)
		return err_set(err, ERR_PARSE, "converting text: unknown charset %s",
			       from);
	memcpy(cs->from, from, sizeof(from));
	return true;
}

bool charset_convert(struct charset *cs, struct str name, struct str text,
		     struct strbuf *out, struct err *err)
{
	char *in = (char *)(uintptr_t)text.p;
	size_t left = text.n;

	if (!open_from(cs, name, err))
		return false;
	iconv(cs->cd, NULL, NULL, NULL, NULL);
	while (left) {
		size_t size = left * 2 + 32, room = size;
		char *to = strbuf_reserve(out, size);
		size_t rc;

		if (!to)
			return err_set(err, ERR_LIMIT, "converting text: too large");
		rc = iconv(cs->cd, &in, &left, &to, &room);
		strbuf_wrote(out, size - room);
		if (rc == (size_t)-1 && errno != E2BIG)
			return err_set(err, ERR_PARSE,
				       "converting text: byte %zu is not " STR_FMT,
				       text.n - left + 1, STR_ARG(name));
	}
	return true;
}
