/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU lists: see sys/cpulist.h. Numbers pass through a bitmap, so order and repetition in
 * the text do not matter.
 */
#include "sys/cpulist.h"
#include "base/strbuf.h"

struct range {
	uint64_t first, last, used, group;
};

static bool parse_range(struct str piece, struct range *ret)
{
	struct range r = { .used = 1, .group = 1 };

	if (!str_eat_u64(&piece, 10, &r.first))
		return false;
	r.last = r.first;
	if (str_skip(&piece, STR("-")) && !str_eat_u64(&piece, 10, &r.last))
		return false;
	if (str_skip(&piece, STR(":")) &&
	    (!str_eat_u64(&piece, 10, &r.used) || !str_skip(&piece, STR("/")) ||
	     !str_eat_u64(&piece, 10, &r.group)))
		return false;
	if (piece.n || r.last < r.first || !r.group || r.used > r.group)
		return false;
	*ret = r;
	return true;
}

bool cpulist_parse(struct arena *a, struct str text, struct cpulist *ret, struct err *err)
{
	bool set[CPULIST_MAX] = { false };
	struct str rest = str_trim(text), piece;
	struct cpulist list = { 0 };

	while (rest.n && str_cut(&rest, ',', &piece)) {
		struct range r;

		if (!parse_range(str_trim(piece), &r))
			return err_set(err, ERR_PARSE,
				       "\"" STR_FMT "\" is not a CPU list such as 0-3,8",
				       STR_ARG(text));
		if (r.last >= CPULIST_MAX)
			return err_set(err, ERR_LIMIT, "CPU %llu: more than %d CPUs",
				       (unsigned long long)r.last, (int)CPULIST_MAX);
		for (uint64_t i = r.first; i <= r.last; i++)
			set[i] |= (i - r.first) % r.group < r.used;
	}
	for (unsigned i = 0; i < CPULIST_MAX; i++)
		if (set[i])
			*ARENA_PUSH(a, &list) = i;
	*ret = list;
	return true;
}

struct str cpulist_print(struct arena *a, const struct cpulist *list)
{
	STRBUF_AUTO(b, 1 << 17);

	for (size_t i = 0, k; i < list->n; i = k + 1) {
		for (k = i; k + 1 < list->n && list->v[k + 1] == list->v[k] + 1;)
			k++;
		strbuf_addf(&b, "%s%u", i ? "," : "", list->v[i]);
		if (k > i)
			strbuf_addf(&b, "-%u", list->v[k]);
	}
	return arena_str(a, strbuf_str(&b));
}

bool cpulist_has(const struct cpulist *list, unsigned cpu)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i] == cpu)
			return true;
	return false;
}
