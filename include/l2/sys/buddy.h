/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The free blocks of the page allocator: /proc/buddyinfo, and the fragmentation index of
 * debugfs (extfrag/extfrag_index), which has the same layout. An order-n block is 2^n
 * contiguous base pages; a huge page of that size needs one.
 * Source: proc(5); Documentation/admin-guide/sysctl/vm.rst, extfrag_threshold.
 */
#ifndef SYS_BUDDY_H
#define SYS_BUDDY_H

#include "sys/figure.h"

enum { BUDDY_ORDERS = 32 };

struct buddy_zone {
	int node;
	struct str name; /* "DMA", "DMA32", "Normal", "Movable" ... */
	unsigned orders; /* how many columns the line has */
	uint64_t free[BUDDY_ORDERS];
};

struct buddy {
	struct buddy_zone *v;
	size_t n, cap;
	const char *why; /* n == 0: the reason */
};

/* Thousandths: 0 towards lack of memory, 1000 towards fragmentation; -1000: a block of
 * this order is free, an allocation would not fail. */
struct extfrag_zone {
	int node;
	struct str name;
	unsigned orders;
	int index[BUDDY_ORDERS];
};

struct extfrag {
	struct extfrag_zone *v;
	size_t n, cap;
	const char *why;
};

/** Lines "Node 0, zone   Normal   526  103 ..."; anything else is skipped. More than 1024
 *  zones: ERR_LIMIT. A figure that does not fit ends its line: ERR_PARSE. */
bool buddy_parse(struct arena *a, struct str text, struct buddy *ret, struct err *err)
	MUST_CHECK;
bool extfrag_parse(struct arena *a, struct str text, struct extfrag *ret, struct err *err)
	MUST_CHECK;
struct buddy buddy_read(const struct root *root, struct arena *a);
struct extfrag extfrag_read(const struct root *root, struct arena *a);
/** The text of /proc/buddyinfo again: buddy_parse(print(x)) == x. */
void buddy_print(struct strbuf *b, const struct buddy *buddy);

/** Blocks of `order` that the zone could hand out now: a block of order n + 1 counts
 *  as two. */
uint64_t buddy_blocks(const struct buddy_zone *zone, unsigned order);
/** The same over all zones of a node (node < 0: all nodes). The DMA zone is left out: its
 *  pages are kept back for devices (lowmem_reserve_ratio). Unknown without buddyinfo. */
struct figure buddy_total(const struct buddy *buddy, int node, unsigned order);
/** log2(size / page_size); false when size is no power-of-two multiple of it. */
bool buddy_order(uint64_t size, uint64_t page_size, unsigned *ret);

#endif
