/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mounts: see sys/mountinfo.h. Names are copied and decoded once; everything else that is
 * kept is a copy too, so the text may go.
 */
#include "sys/mountinfo.h"

enum { MAX_MOUNTS = 65536, MAX_TEXT = 16 << 20 };

static int octal(struct str s)
{
	int v = 0;

	if (s.n < 3)
		return -1;
	for (size_t i = 0; i < 3; i++) {
		if (s.p[i] < '0' || s.p[i] > '7')
			return -1;
		v = v * 8 + (s.p[i] - '0');
	}
	return v <= 0xff ? v : -1;
}

/* Blank, tab, newline and backslash stand as \040, \011, \012 and \134. */
static struct str decode(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int byte = s.p[i] == '\\' ? octal(str_from(s, i + 1)) : -1;

		out[n++] = byte < 0 ? s.p[i] : (char)byte;
		if (byte >= 0)
			i += 3;
	}
	return str_n(out, n);
}

static bool parse_dev(struct str word, struct mount *m)
{
	uint64_t major, minor;

	if (!str_eat_u64(&word, 10, &major) || !str_skip(&word, STR(":")) ||
	    !str_to_u64(word, &minor) || major > UINT32_MAX || minor > UINT32_MAX)
		return false;
	m->major = (unsigned)major;
	m->minor = (unsigned)minor;
	return true;
}

static bool parse_line(struct arena *a, struct str line, struct mount *ret)
{
	struct str rest = line, id, parent, dev, word = STR("");
	struct mount m = { 0 };

	if (!str_word(&rest, &id) || !str_word(&rest, &parent) ||
	    !str_word(&rest, &dev) || !parse_dev(dev, &m) || !str_word(&rest, &m.root) ||
	    !str_word(&rest, &m.point) || !str_word(&rest, &m.options))
		return false;
	while (!str_eq(word, STR("-")))
		if (!str_word(&rest, &word))
			return false;
	if (!str_word(&rest, &m.type) || !str_word(&rest, &m.source))
		return false;
	if (!str_word(&rest, &m.super))
		m.super = STR("");
	m.root = decode(a, m.root);
	m.point = decode(a, m.point);
	m.source = decode(a, m.source);
	m.options = arena_str(a, m.options);
	m.type = arena_str(a, m.type);
	m.super = arena_str(a, m.super);
	*ret = m;
	return true;
}

/* The older file: no device, no root, both kinds of options in one word. */
static bool parse_old_line(struct arena *a, struct str line, struct mount *ret)
{
	struct mount m = { .root = STR("/") };
	struct str rest = line;

	if (!str_word(&rest, &m.source) || !str_word(&rest, &m.point) ||
	    !str_word(&rest, &m.type) || !str_word(&rest, &m.options))
		return false;
	m.source = decode(a, m.source);
	m.point = decode(a, m.point);
	m.type = arena_str(a, m.type);
	m.options = arena_str(a, m.options);
	m.super = m.options;
	*ret = m;
	return true;
}

static bool parse(struct arena *a, struct str text,
		  bool (*one)(struct arena *, struct str, struct mount *),
		  struct mounts *ret, struct err *err)
{
	struct mounts list = { .why = "nothing is mounted" };
	struct mount m;

	STR_EACH_LINE (line, text) {
		if (!line.n)
			continue;
		if (!one(a, line, &m))
			return err_set(err, ERR_PARSE,
				       "reading mounts: " STR_FMT ": not a mount",
				       STR_ARG(line));
		if (list.n == MAX_MOUNTS)
			return err_set(err, ERR_LIMIT, "reading mounts: over %d",
				       MAX_MOUNTS);
		*ARENA_PUSH(a, &list) = m;
	}
	*ret = list;
	return true;
}

bool mountinfo_parse(struct arena *a, struct str text, struct mounts *ret,
		     struct err *err)
{
	return parse(a, text, parse_line, ret, err);
}

bool mounts_parse(struct arena *a, struct str text, struct mounts *ret, struct err *err)
{
	return parse(a, text, parse_old_line, ret, err);
}

struct mounts mountinfo_read(const struct root *root, struct arena *a)
{
	static const struct {
		const char *path;
		bool (*parse)(struct arena *, struct str, struct mounts *, struct err *);
	} ways[] = {
		{ "proc/self/mountinfo", mountinfo_parse },
		{ "proc/1/mountinfo", mountinfo_parse },
		{ "proc/mounts", mounts_parse },
	};
	struct mounts list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		STRBUF_AUTO(buf, MAX_TEXT);
		struct err err;

		if (root_read(root, ways[i].path, &buf, &err) &&
		    ways[i].parse(a, strbuf_str(&buf), &list, &err))
			return list;
		list.why = figure_why(root, a, ways[i].path, &err);
	}
	return list;
}

bool mount_option(struct str options, const char *name, struct str *ret)
{
	struct str piece;

	while (options.n && str_cut(&options, ',', &piece)) {
		if (!str_skip(&piece, str_of(name)))
			continue;
		if (!piece.n || str_skip(&piece, STR("="))) {
			*ret = piece;
			return true;
		}
	}
	return false;
}

bool mount_size(struct str text, uint64_t *ret)
{
	static const char units[] = "KMGT";
	unsigned shift = 0;
	uint64_t v;

	if (!str_eat_u64(&text, 10, &v))
		return false;
	for (unsigned i = 0; text.n && i < 4; i++)
		if ((text.p[0] & ~0x20) == units[i])
			shift = 10 * (i + 1);
	if (shift)
		text = str_from(text, 1);
	str_skip(&text, STR("B"));
	if (text.n || v > UINT64_MAX >> shift)
		return false;
	*ret = v << shift;
	return true;
}
