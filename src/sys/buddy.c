/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Free blocks and fragmentation: see sys/buddy.h. Both files are a few lines; extfrag
 * needs debugfs and root.
 */
#include "sys/buddy.h"

enum { MAX_ZONES = 1024, MAX_TEXT = 1 << 20 };

/* "Node 0, zone   Normal" off the front of a line. */
static bool eat_zone(struct str *line, int *ret_node, struct str *ret_name)
{
	struct str word;
	uint64_t node;

	if (!str_skip(line, STR("Node ")) || !str_eat_u64(line, 10, &node) ||
	    node > INT32_MAX || !str_skip(line, STR(", zone")))
		return false;
	if (!str_word(line, &word))
		return false;
	*ret_node = (int)node;
	*ret_name = word;
	return true;
}

bool buddy_parse(struct arena *a, struct str text, struct buddy *ret, struct err *err)
{
	struct buddy list = { .why = "no zone in /proc/buddyinfo" };

	STR_EACH_LINE (line, text) {
		struct buddy_zone zone = { 0 };
		struct str word;

		if (!eat_zone(&line, &zone.node, &zone.name))
			continue;
		while (str_word(&line, &word)) {
			if (zone.orders == BUDDY_ORDERS ||
			    !str_to_u64(word, &zone.free[zone.orders]) ||
			    zone.free[zone.orders] > UINT32_MAX)
				return err_set(err, ERR_PARSE,
					       "reading buddyinfo: zone " STR_FMT
					       ": not a count of blocks",
					       STR_ARG(zone.name));
			zone.orders++;
		}
		if (list.n == MAX_ZONES)
			return err_set(err, ERR_LIMIT, "reading buddyinfo: over %d zones",
				       MAX_ZONES);
		zone.name = arena_str(a, zone.name);
		*ARENA_PUSH(a, &list) = zone;
	}
	*ret = list;
	return true;
}

/* "-1.000" and "0.066" in thousandths. */
static bool parse_index(struct str word, int *ret)
{
	bool minus = str_skip(&word, STR("-"));
	uint64_t whole, frac = 0;

	if (!str_eat_u64(&word, 10, &whole) || whole > 1000)
		return false;
	if (str_skip(&word, STR(".")) && (word.n != 3 || !str_eat_u64(&word, 10, &frac)))
		return false;
	*ret = (int)(whole * 1000 + frac) * (minus ? -1 : 1);
	return !word.n;
}

bool extfrag_parse(struct arena *a, struct str text, struct extfrag *ret, struct err *err)
{
	struct extfrag list = { .why = "no zone in extfrag_index" };

	STR_EACH_LINE (line, text) {
		struct extfrag_zone zone = { 0 };
		struct str word;

		if (!eat_zone(&line, &zone.node, &zone.name))
			continue;
		while (str_word(&line, &word)) {
			if (zone.orders == BUDDY_ORDERS ||
			    !parse_index(word, &zone.index[zone.orders]))
				return err_set(err, ERR_PARSE,
					       "reading extfrag_index: zone " STR_FMT
					       ": not an index",
					       STR_ARG(zone.name));
			zone.orders++;
		}
		if (list.n == MAX_ZONES)
			return err_set(err, ERR_LIMIT,
				       "reading extfrag_index: over %d zones", MAX_ZONES);
		zone.name = arena_str(a, zone.name);
		*ARENA_PUSH(a, &list) = zone;
	}
	*ret = list;
	return true;
}

struct buddy buddy_read(const struct root *root, struct arena *a)
{
	STRBUF_AUTO(buf, MAX_TEXT);
	struct buddy list = { 0 };
	struct err err;

	if (!root_read(root, "proc/buddyinfo", &buf, &err) ||
	    !buddy_parse(a, strbuf_str(&buf), &list, &err))
		list = (struct buddy){ .why = figure_why(root, a, "proc/buddyinfo",
							 &err) };
	return list;
}

struct extfrag extfrag_read(const struct root *root, struct arena *a)
{
	static const char *const path = "sys/kernel/debug/extfrag/extfrag_index";
	STRBUF_AUTO(buf, MAX_TEXT);
	struct extfrag list = { 0 };
	struct err err;

	if (!root_read(root, path, &buf, &err) ||
	    !extfrag_parse(a, strbuf_str(&buf), &list, &err))
		list = (struct extfrag){
			.why = err.code == ERR_NOTFOUND
				       ? "debugfs is not mounted or has no extfrag"
				       : figure_why(root, a, path, &err)
		};
	return list;
}

void buddy_print(struct strbuf *b, const struct buddy *buddy)
{
	for (size_t i = 0; i < buddy->n; i++) {
		const struct buddy_zone *z = &buddy->v[i];

		strbuf_addf(b, "Node %d, zone ", z->node);
		strbuf_pad(b, ' ', z->name.n < 8 ? 8 - z->name.n : 0);
		strbuf_add(b, z->name);
		strbuf_addc(b, ' ');
		for (unsigned o = 0; o < z->orders; o++)
			strbuf_addf(b, "%6llu ", (unsigned long long)z->free[o]);
		strbuf_addc(b, '\n');
	}
}

uint64_t buddy_blocks(const struct buddy_zone *zone, unsigned order)
{
	uint64_t sum = 0;

	for (unsigned o = order; o < zone->orders; o++)
		sum += zone->free[o] << (o - order);
	return sum;
}

struct figure buddy_total(const struct buddy *buddy, int node, unsigned order)
{
	uint64_t sum = 0;

	if (!buddy->n)
		return figure_none(buddy->why);
	for (size_t i = 0; i < buddy->n; i++)
		if ((node < 0 || buddy->v[i].node == node) &&
		    !str_eq(buddy->v[i].name, STR("DMA")))
			sum += buddy_blocks(&buddy->v[i], order);
	return figure_of(sum);
}

bool buddy_order(uint64_t size, uint64_t page_size, unsigned *ret)
{
	unsigned order = 0;

	while (page_size && order < 63 && page_size << order < size)
		order++;
	if (!page_size || page_size << order != size)
		return false;
	*ret = order;
	return true;
}
