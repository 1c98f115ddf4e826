/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why no huge page: hugepage_why() of sys/hugepage.h. The causes are tried from the most
 * certain to the least; the sentence names the figures it rests on.
 *
 * What the kernel does (mm/page_alloc.c, mm/compaction.c): a fault asks for one block of
 * PMD order; when none is free, defrag decides whether the fault compacts memory itself,
 * wakes kcompactd, or takes small pages at once; a memory control group at its limit
 * refuses the charge even when a block was there.
 */
#include "sys/hugepage.h"

/* What was counted in the time of interest, or since boot. */
static uint64_t counted(const struct hugepage_sample *older,
			const struct hugepage_sample *newer, const char *name)
{
	struct figure is = counters_get(&newer->vmstat, name);
	struct figure was = older ? counters_get(&older->vmstat, name) : figure_of(0);

	return is.known && was.known && is.v > was.v ? is.v - was.v : 0;
}

static uint64_t free_pages(const struct buddy *buddy, const struct extfrag_zone *e)
{
	for (size_t i = 0; i < buddy->n; i++)
		if (buddy->v[i].node == e->node && str_eq(buddy->v[i].name, e->name))
			return buddy_blocks(&buddy->v[i], 0);
	return 0;
}

/* Of the zones where an allocation would fail, the one with most free memory tells most
 * about fragmentation. DMA is kept for devices. */
static void find_extfrag(struct arena *a, const struct hugepage_sample *s,
			 struct hugepage_why *w)
{
	uint64_t most = 0;

	w->extfrag = figure_none(s->extfrag.n ? "every zone has a block of this order"
					      : s->extfrag.why);
	w->zone = STR("");
	for (size_t i = 0; i < s->extfrag.n; i++) {
		const struct extfrag_zone *e = &s->extfrag.v[i];
		uint64_t pages = free_pages(&s->buddy, e);

		if (str_eq(e->name, STR("DMA")) || s->pmd_order >= e->orders ||
		    e->index[s->pmd_order] < 0 || (w->extfrag.known && pages <= most))
			continue;
		most = pages;
		w->extfrag = figure_of((uint64_t)e->index[s->pmd_order]);
		w->zone = arena_strf(a, "node %d " STR_FMT, e->node, STR_ARG(e->name));
	}
}

static int find_empty_node(const struct hugepage_sample *s)
{
	for (size_t i = 0; i < s->buddy.n; i++)
		if (!buddy_total(&s->buddy, s->buddy.v[i].node, s->pmd_order).v)
			return s->buddy.v[i].node;
	return -1;
}

/* Does a fault that finds no block compact memory before it gives up? */
static bool fault_waits(struct str defrag)
{
	return str_eq(defrag, STR("always")) || str_eq(defrag, STR("madvise")) ||
	       str_eq(defrag, STR("defer+madvise")) || !defrag.n;
}

static bool all_sizes_off(const struct hugepage_sample *s)
{
	for (size_t i = 0; i < s->mthp.n; i++) {
		struct str chosen = setting_chosen(s->mthp.v[i].enabled);

		if (s->mthp.v[i].enabled.known && !str_eq(chosen, STR("never")) &&
		    !str_eq(chosen, STR("inherit")))
			return false;
	}
	return true;
}

static enum hugepage_cause find_cause(const struct hugepage_sample *s,
				      const struct hugepage_why *w)
{
	bool none_free = w->free_blocks.known && !w->free_blocks.v;

	if (!s->thp.enabled.known && !counters_find(&s->vmstat, "thp_fault_alloc"))
		return HUGEPAGE_NO_THP;
	if (str_eq(setting_chosen(s->thp.enabled), STR("never")) && all_sizes_off(s))
		return HUGEPAGE_OFF;
	if (!w->alloc && !w->fallback)
		return HUGEPAGE_QUIET;
	if (!w->fallback)
		return HUGEPAGE_ALL_GOT;
	if (w->charge * 2 >= w->fallback)
		return HUGEPAGE_CHARGE;
	if (!none_free)
		return w->empty_node < 0 ? HUGEPAGE_BLOCKS_FREE : HUGEPAGE_NODE_EMPTY;
	if (!fault_waits(w->defrag))
		return HUGEPAGE_NO_WAITING;
	if (!w->extfrag.known)
		return HUGEPAGE_NO_BLOCK;
	return w->extfrag.v >= 500 ? HUGEPAGE_FRAGMENTED : HUGEPAGE_NO_MEMORY;
}

static const char *size_words(struct arena *a, uint64_t size)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	unsigned u = 0;

	while (u + 1 < ARRAY_SIZE(units) && size >= 1024 && size % 1024 == 0) {
		size /= 1024;
		u++;
	}
	return arena_printf(a, "%llu %s", (unsigned long long)size, units[u]);
}

/* "in the last 1.0 s" */
static const char *when(struct arena *a, double seconds)
{
	if (seconds <= 0)
		return "since boot";
	return arena_printf(a, "in the last %.*f s", seconds < 10, seconds);
}

static void add_compaction(struct strbuf *b, const struct hugepage_why *w)
{
	strbuf_addf(b, ", compaction: %llu stalls, %llu failed",
		    (unsigned long long)w->stall, (unsigned long long)w->compact_fail);
	if (w->defrag.n)
		strbuf_addf(b, ", defrag " STR_FMT, STR_ARG(w->defrag));
}

static void add_blocks(struct strbuf *b, const struct hugepage_sample *s,
		       const struct hugepage_why *w)
{
	if (w->free_blocks.known)
		strbuf_addf(b, " (free blocks of order %u: %llu", s->pmd_order,
			    (unsigned long long)w->free_blocks.v);
	else
		strbuf_addf(b, " (free blocks unknown: %s", w->free_blocks.why);
	if (w->cause == HUGEPAGE_NODE_EMPTY)
		strbuf_addf(b, ", none on node %d", w->empty_node);
	if (w->extfrag.known)
		strbuf_addf(b, ", extfrag %llu.%03llu in " STR_FMT,
			    (unsigned long long)w->extfrag.v / 1000,
			    (unsigned long long)w->extfrag.v % 1000, STR_ARG(w->zone));
	add_compaction(b, w);
	if (!s->thp.enabled.known)
		strbuf_addf(b, ", settings unknown: %s", s->thp.enabled.why);
	if (w->charge)
		strbuf_addf(b, ", charge failures %llu", (unsigned long long)w->charge);
	strbuf_addc(b, ')');
}

static const char *const reasons[HUGEPAGE_BLOCKS_FREE + 1] = {
	[HUGEPAGE_CHARGE] = "the memory control group of the task was at its limit",
	[HUGEPAGE_FRAGMENTED] = "no free %s block, and free memory is fragmented",
	[HUGEPAGE_NO_MEMORY] = "no free %s block, and too little free memory",
	[HUGEPAGE_NO_BLOCK] = "no free %s block",
	[HUGEPAGE_NO_WAITING] = "no free %s block, and defrag lets no fault wait for one",
	[HUGEPAGE_NODE_EMPTY] = "a node has no free %s block, and faults there look at "
				"their own node first",
	[HUGEPAGE_BLOCKS_FREE] =
		"%s blocks are free now, so they were short for a moment, "
		"on another node, or below the watermark",
};

static void add_reason(struct strbuf *b, enum hugepage_cause cause, const char *size)
{
	struct str text = str_of(reasons[cause]);
	ptrdiff_t at = str_find(text, STR("%s"));

	if (at < 0) {
		strbuf_add(b, text);
		return;
	}
	strbuf_add(b, str_sub(text, 0, (size_t)at));
	strbuf_addz(b, size);
	strbuf_add(b, str_from(text, (size_t)at + 2));
}

/* The causes without a fault that fell back. */
static void add_calm(struct strbuf *b, struct arena *a, const struct hugepage_sample *s,
		     const struct hugepage_why *w)
{
	if (w->cause == HUGEPAGE_NO_THP) {
		strbuf_addf(b, "No transparent huge pages: %s",
			    s->thp.why ? s->thp.why : s->thp.enabled.why);
		return;
	}
	if (w->cause == HUGEPAGE_OFF)
		strbuf_addz(b,
			    "THP is off (enabled: never): every fault takes small pages");
	if (w->cause == HUGEPAGE_QUIET)
		strbuf_addf(b, "No fault asked for a %s page %s",
			    size_words(a, s->pmd_size), when(a, w->seconds));
	if (w->cause == HUGEPAGE_QUIET &&
	    str_eq(setting_chosen(s->thp.enabled), STR("madvise")))
		strbuf_addz(b, ": only areas that ask with madvise get one");
	if (w->cause == HUGEPAGE_ALL_GOT)
		strbuf_addf(b, "All %llu THP faults %s got their page",
			    (unsigned long long)w->alloc, when(a, w->seconds));
	add_blocks(b, s, w);
}

static void say(struct arena *a, const struct hugepage_sample *s, struct hugepage_why *w)
{
	STRBUF_AUTO(b, 2048);

	if (reasons[w->cause]) {
		strbuf_addf(&b, "%.1f %% of THP faults fell back %s (%llu of %llu): ",
			    100.0 * (double)w->fallback /
				    ((double)w->alloc + (double)w->fallback),
			    when(a, w->seconds), (unsigned long long)w->fallback,
			    (unsigned long long)(w->alloc + w->fallback));
		add_reason(&b, w->cause, size_words(a, s->pmd_size));
		add_blocks(&b, s, w);
	} else {
		add_calm(&b, a, s, w);
	}
	strbuf_addc(&b, '.');
	w->sentence = arena_str(a, strbuf_str(&b));
}

struct hugepage_why hugepage_why(struct arena *a, const struct hugepage_sample *older,
				 const struct hugepage_sample *newer)
{
	struct hugepage_why w = {
		.alloc = counted(older, newer, "thp_fault_alloc"),
		.fallback = counted(older, newer, "thp_fault_fallback"),
		.charge = counted(older, newer, "thp_fault_fallback_charge"),
		.stall = counted(older, newer, "compact_stall"),
		.compact_fail = counted(older, newer, "compact_fail"),
		.compact_success = counted(older, newer, "compact_success"),
		.free_blocks = buddy_total(&newer->buddy, -1, newer->pmd_order),
		.defrag = setting_chosen(newer->thp.defrag),
	};

	if (older && newer->time_ns > older->time_ns)
		w.seconds = (double)(newer->time_ns - older->time_ns) / 1e9;
	w.empty_node = find_empty_node(newer);
	find_extfrag(a, newer, &w);
	w.cause = find_cause(newer, &w);
	say(a, newer, &w);
	return w;
}
