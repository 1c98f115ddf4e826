/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What git writes behind the @@ of a hunk: the line that begins the function, and so a
 * witness of the place that the hunk's own lines do not give.
 */
#include "place_internal.h"

#define SECTION_MIN 8 /* bytes of a section line that say something */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

/* git's rule where no driver is named: a section begins with a letter, _ or $. */
static bool begins_section(struct str line)
{
	char c = line.n ? line.p[0] : ' ';

	return is_word(c) ? c < '0' || c > '9' : c == '$';
}

/* The function a section line defines: the name before its first parenthesis. Empty where
 * that is no C, or where nothing stands before the name: then it may be a macro's use, of
 * which there are many. */
static struct str function_name(struct str line)
{
	ptrdiff_t open = str_chr(line, '(');
	size_t end = open > 0 ? (size_t)open : 0, at;

	while (end && line.p[end - 1] == ' ')
		end--;
	for (at = end; at && is_word(line.p[at - 1]);)
		at--;
	return at ? str_sub(line, at, end - at) : STR_NONE;
}

void charge_reading(struct work *w)
{
	w->steps -= w->steps < w->im.n ? w->steps : w->im.n;
}

static bool same_section(struct str line, struct str want, struct str name)
{
	return str_starts(line, want) || (name.n && str_eq(function_name(line), name));
}

static bool begins_function(struct str line)
{
	return begins_section(line) && function_name(str_trim(line)).n &&
	       !str_ends(str_trim(line), STR(";"));
}

/* What old line `old` is inside of: a function that begins in the hunk, or what its
 * header names. */
static struct str section_of(const struct sides *s, size_t old)
{
	while (old && !begins_function(s->pre[old - 1]))
		old--;
	return str_trim(old ? s->pre[old - 1] : s->hunk->section);
}

int section_agrees(struct work *w, const struct sides *s, size_t old, size_t line)
{
	struct str want = section_of(s, old), name = function_name(want);
	size_t i = line < w->im.n ? line : w->im.n;

	if (want.n < SECTION_MIN)
		return 0;
	while (i && !begins_section(w->im.lines[i - 1]))
		i--;
	if (i && same_section(str_trim(w->im.lines[i - 1]), want, name))
		return 1;
	/* Outside C a section is any line that begins with a letter, and a declaration
	 * has no inside: no witness against. */
	if ((!name.n && str_chr(want, '{') < 0) || str_ends(want, STR(";")))
		return 0;
	charge_reading(w);
	for (size_t k = 0; k < w->im.n; k++)
		if (begins_section(w->im.lines[k]) &&
		    same_section(str_trim(w->im.lines[k]), want, name))
			return -1;
	return 0;
}

/* A line in column one, not a label, that ends the section before it. */
static size_t next_section(const struct image *im, size_t line)
{
	while (++line < im->n)
		if (begins_section(im->lines[line]) && str_chr(im->lines[line], ':') < 0)
			break;
	return line;
}

/* A declaration of several lines looks like the definition, but for the body. */
static bool has_body(const struct image *im, size_t from, size_t to)
{
	for (size_t k = from; k < to; k++)
		if (str_chr(im->lines[k], '{') >= 0)
			return true;
	return false;
}

bool section_lines(struct work *w, const struct sides *s, size_t *ret_from,
		   size_t *ret_to)
{
	struct str want = str_trim(s->hunk->section), name = function_name(want);
	size_t from = NO_LINE, to = w->im.n;

	if (want.n < SECTION_MIN)
		return false;
	charge_reading(w);
	for (size_t k = 0; k < w->im.n; k++) {
		struct str line = str_trim(w->im.lines[k]);
		size_t end;

		if (!begins_section(w->im.lines[k]) || !same_section(line, want, name))
			continue;
		end = next_section(&w->im, k);
		if (!has_body(&w->im, k, end))
			continue;
		if (from != NO_LINE)
			return false;
		from = k;
		to = end;
	}
	if (from == NO_LINE)
		return false;
	*ret_from = from;
	*ret_to = to;
	return true;
}
