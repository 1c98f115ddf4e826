/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far two words are from each other, as far as that is near.
 */
#include "base/str.h"

static int least_of(int a, int b, int c)
{
	int m = a < b ? a : b;

	return m < c ? m : c;
}

enum { ROW = STR_EDITS_LONGEST + 4, FAR = 3 };

/* One row of the table of distances, from the one and the two before it (optimal string
 * alignment: swaps of neighbours count one). Only cells at most 2 from the diagonal can
 * be near; those beside them are far. Returns the least of the row. */
static int fill_row(struct str a, struct str b, size_t i, int rows[3][ROW])
{
	const int *one = rows[(i - 1) % 3], *two = rows[(i + 1) % 3];
	int *now = rows[i % 3], least;
	size_t from = i > FAR ? i - 2 : 1, to = i + 2 < b.n ? i + 2 : b.n;

	least = now[from - 1] = i < FAR ? (int)i : FAR;
	for (size_t j = from; j <= to; j++) {
		now[j] = least_of(one[j] + 1, now[j - 1] + 1,
				  one[j - 1] + (a.p[i - 1] != b.p[j - 1]));
		if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
		    a.p[i - 2] == b.p[j - 1])
			now[j] = least_of(now[j], two[j - 2] + 1, now[j]);
		if (now[j] < least)
			least = now[j];
	}
	now[to + 1] = FAR;
	return least;
}

int str_edits(struct str a, struct str b, bool prefix)
{
	int rows[3][ROW], best = FAR;
	const int *last = rows[a.n % 3];

	if (a.n > STR_EDITS_LONGEST || (!prefix && b.n > a.n + 2))
		return FAR;
	b = str_sub(b, 0, a.n + 2);
	if (a.n > b.n + 2 || b.n > STR_EDITS_LONGEST + 2)
		return FAR;
	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = (int)j;
	for (size_t i = 1; i <= a.n; i++)
		if (fill_row(a, b, i, rows) >= FAR)
			return FAR;
	for (size_t j = prefix ? (a.n > 2 ? a.n - 2 : 0) : b.n; j <= b.n; j++)
		best = least_of(best, last[j], best);
	return best;
}
