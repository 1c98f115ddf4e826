/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a symbol is defined in C text: see note/source_symbol.h. A line is judged by its
 * form alone; the best of all lines with the word wins.
 */
#include "note/source_symbol.h"

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

/* Offset of the whole word in the line, or -1. */
static ptrdiff_t find_word(struct str line, struct str word)
{
	size_t from = 0;
	ptrdiff_t at;

	while ((at = str_find(str_from(line, from), word)) >= 0) {
		size_t i = from + (size_t)at, end = i + word.n;

		if ((!i || !is_word(line.p[i - 1])) &&
		    (end == line.n || !is_word(line.p[end])))
			return (ptrdiff_t)i;
		from = i + 1;
	}
	return -1;
}

/* How much the line looks like the definition: 0 none, the larger the better. */
/* long: one line for each form of a definition */
static int judge(struct str line, struct str word, size_t at)
{
	struct str before = str_rtrim(str_n(line.p, at));
	struct str after = str_trim(str_from(line, at + word.n));
	bool at_start = line.n && is_word(line.p[0]);

	if (str_ends(before, STR("#define")))
		return 9;
	if (str_ends(before, STR("struct")) || str_ends(before, STR("union")) ||
	    str_ends(before, STR("enum")))
		return str_starts(after, STR("{")) ? 9 : 1;
	if (str_starts(before, STR("DEFINE_")) ||
	    str_starts(before, STR("SYSCALL_DEFINE")))
		return 7;
	if (at_start && str_starts(after, STR("(")))
		return str_ends(after, STR(";")) ? 4 : 8;
	if (at_start && before.n &&
	    (str_starts(after, STR("=")) || str_starts(after, STR("["))))
		return 7;
	if (!at_start && !before.n &&
	    (str_starts(after, STR(",")) || str_starts(after, STR("="))))
		return 6; /* an enumerator */
	if (at_start && str_starts(before, STR("typedef")))
		return 6;
	return str_starts(str_trim(line), STR("*")) ? 0 : 1;
}

size_t source_find_symbol(struct str text, struct str symbol)
{
	size_t number = 0, best_line = 0;
	int best = 0;

	STR_EACH_LINE (line, text) {
		ptrdiff_t at = symbol.n ? find_word(line, symbol) : -1;
		int score;

		number++;
		if (at < 0)
			continue;
		score = judge(line, symbol, (size_t)at);
		if (score > best) {
			best = score;
			best_line = number;
		}
	}
	return best_line;
}
