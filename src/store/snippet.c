/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snippets. Lines that may fit are found by looking for the query's phrases as plain
 * bytes, which is many times faster than tokenizing a whole text; only those lines are
 * then compared word by word.
 */
#include "snippet.h"

enum {
	LINES_TRIED = 3,   /* of each phrase */
	SNIPPET_MAX = 160, /* bytes */
	BEFORE = 40,       /* bytes kept before the first match */
	SCANNED = 8 * 1024,
};

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Offset of `needle` in `s`, ASCII letters without case, or -1. */
static ptrdiff_t find_caseless(struct str s, struct str needle)
{
	char first[2];
	struct str rest = s;

	if (!needle.n)
		return -1;
	first[0] = lower(needle.p[0]);
	first[1] = (char)(first[0] >= 'a' && first[0] <= 'z' ? first[0] - 32 : first[0]);
	while (rest.n >= needle.n) {
		const char *p = memchr(rest.p, first[0], rest.n);
		const char *other = first[1] == first[0]
					    ? NULL
					    : memchr(rest.p, first[1],
						     p ? (size_t)(p - rest.p) : rest.n);

		if (other)
			p = other;
		if (!p)
			return -1;
		rest = str_from(rest, (size_t)(p - rest.p));
		if (str_casestarts(rest, needle))
			return p - s.p;
		rest = str_from(rest, 1);
	}
	return -1;
}

static struct str line_around(struct str body, size_t at)
{
	size_t from = at, to = at;

	while (from > 0 && body.p[from - 1] != '\n')
		from--;
	while (to < body.n && body.p[to] != '\n')
		to++;
	return str_trim(str_sub(body, from, to - from));
}

/* Cut a long line around its first match, at whole characters; marks move along. */
static struct str shorten(struct str line, struct search_marks *marks)
{
	size_t from = 0, to = line.n, n = 0;

	if (line.n > SNIPPET_MAX) {
		if (marks->n && marks->v[0].at > BEFORE)
			from = marks->v[0].at - BEFORE;
		while (from && from < line.n &&
		       ((unsigned char)line.p[from] & 0xc0) == 0x80)
			from--;
		to = from + SNIPPET_MAX < line.n ? from + SNIPPET_MAX : line.n;
		while (to < line.n && ((unsigned char)line.p[to] & 0xc0) == 0x80)
			to--;
	}
	for (size_t i = 0; i < marks->n; i++) {
		struct search_mark m = marks->v[i];

		if (m.at < from || m.at + m.n > to)
			continue;
		m.at -= from;
		marks->v[n++] = m;
	}
	marks->n = n;
	return str_sub(line, from, to - from);
}

struct str snippet(const struct name_words *w, struct arena *a, const struct query *q,
		   struct str body, struct search_marks *ret_marks)
{
	struct str best = STR_NONE, line, rest;
	double most = 0;

	body = str_sub(body, 0, SCANNED);
	for (size_t i = 0; i < q->n; i++) {
		for (size_t k = 0; k < q->v[i].n; k++) {
			struct str at = body;
			ptrdiff_t hit;

			for (int tries = 0; tries < LINES_TRIED; tries++) {
				struct search_marks marks = { 0 };
				double found;

				hit = find_caseless(at, q->v[i].v[k].text);
				if (hit < 0)
					break;
				line = line_around(body, (size_t)(at.p + hit - body.p));
				found = name_marks(w, a, str_sub(line, 0, 2000), &marks);
				if (found > most) {
					most = found;
					best = line;
					*ret_marks = marks;
				}
				at = str_n(line.p + line.n,
					   (size_t)(body.p + body.n - line.p - line.n));
			}
		}
	}
	/* nothing of it is in the body: the first line that says something */
	for (rest = body; !best.n && str_line(&rest, &line);)
		if (line.p[0] != '#' && line.p[0] != '`')
			best = str_trim(line);
	return arena_str(a, shorten(best, ret_marks));
}
