/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings in the syntax of git-config(1), read without libgit2 so that starting needs
 * neither it nor a repository. Includes are not followed.
 */
#include "app/config.h"
#include "base/strbuf.h"

struct setting {
	struct str key; /* section and name folded to lower case */
	struct str value;
};

struct config {
	struct setting *v;
	size_t n, cap;
};

static void add_lower(struct strbuf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		strbuf_addc(b, s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32)
							      : s.p[i]);
}

/* [section] or [section "sub"] -> "section." or "section.sub." */
static bool parse_section(struct str line, struct strbuf *prefix)
{
	ptrdiff_t quote = str_chr(line, '"');
	struct str sub;

	if (!str_ends(line, STR("]")))
		return false;
	strbuf_clear(prefix);
	if (quote < 0) {
		add_lower(prefix, str_trim(str_sub(line, 1, line.n - 2)));
	} else {
		sub = str_trim(str_sub(line, (size_t)quote, line.n - (size_t)quote - 1));
		if (sub.n < 2 || !str_ends(sub, STR("\"")))
			return false;
		add_lower(prefix, str_trim(str_sub(line, 1, (size_t)quote - 1)));
		strbuf_addc(prefix, '.');
		strbuf_add(prefix, str_sub(sub, 1, sub.n - 2));
	}
	strbuf_addc(prefix, '.');
	return prefix->n > 1 && prefix->p[0] != '.';
}

/* Quotes may open and close anywhere; outside of them # and ; start a comment. */
static bool parse_value(struct str raw, struct strbuf *b)
{
	bool quoted = false;
	size_t keep = 0;

	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];

		if (c == '"') {
			quoted = !quoted;
			keep = b->n;
		} else if (c == '\\' && i + 1 < raw.n) {
			c = raw.p[++i];
			strbuf_addc(b, c == 'n' ? '\n' : c == 't' ? '\t' : c);
			keep = b->n;
		} else if (!quoted && (c == '#' || c == ';')) {
			break;
		} else {
			strbuf_addc(b, c);
			if (quoted || (c != ' ' && c != '\t'))
				keep = b->n;
		}
	}
	strbuf_truncate(b, keep);
	return !quoted;
}

static bool parse_setting(struct arena *a, struct config *c, struct str prefix,
			  struct str line)
{
	ptrdiff_t eq = str_chr(line, '=');
	struct str name = str_trim(eq < 0 ? line : str_n(line.p, (size_t)eq));
	STRBUF_AUTO(key, 4096);
	STRBUF_AUTO(value, 1 << 16);

	if (!name.n || !prefix.n)
		return false;
	strbuf_add(&key, prefix);
	add_lower(&key, name);
	if (eq < 0)
		strbuf_addz(&value, "true");
	else if (!parse_value(str_trim(str_from(line, (size_t)eq + 1)), &value))
		return false;
	*ARENA_PUSH(a, c) = (struct setting){ arena_str(a, strbuf_str(&key)),
					      arena_str(a, strbuf_str(&value)) };
	return true;
}

bool config_parse(struct arena *a, struct str text, const char *name, struct config **ret,
		  struct err *err)
{
	struct config *c = arena_new_of(a, struct config);
	STRBUF_AUTO(prefix, 4096);
	size_t number = 0;

	STR_EACH_LINE (line, text) {
		bool ok = true;

		number++;
		line = str_trim(line);
		if (!line.n || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (line.p[0] == '[')
			ok = parse_section(line, &prefix);
		else
			ok = parse_setting(a, c, strbuf_str(&prefix), line);
		if (!ok) {
			err_set(err, ERR_PARSE,
				"reading settings: %s line %zu: \"" STR_FMT
				"\" is neither [section] nor name = value",
				name, number, STR_ARG(line));
			return err_hint(err, "the syntax is that of git-config(1)");
		}
	}
	*ret = c;
	return true;
}

struct str config_get(const struct config *c, const char *key, struct str fallback)
{
	for (size_t i = c->n; i-- > 0;)
		if (str_eq(c->v[i].key, str_of(key)))
			return c->v[i].value;
	return fallback;
}

bool config_bool(const struct config *c, const char *key, bool fallback)
{
	static const char *const yes[] = { "true", "yes", "on", "1" };
	struct str v = config_get(c, key, STR_NONE);

	if (!v.p)
		return fallback;
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		if (str_caseeq(v, str_of(yes[i])))
			return true;
	return false;
}

int64_t config_int(const struct config *c, const char *key, int64_t fallback)
{
	int64_t v;

	return str_to_i64(config_get(c, key, STR("")), &v) ? v : fallback;
}

bool config_nth(const struct config *c, size_t i, struct str *ret_key,
		struct str *ret_value)
{
	if (i >= c->n)
		return false;
	*ret_key = c->v[i].key;
	*ret_value = c->v[i].value;
	return true;
}
