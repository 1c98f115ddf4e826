/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Huge pages as tables: see pages.h. Columns are data; the functions only fill them.
 * Field names of --json are part of the interface: sizes in bytes or pages, and the
 * kernel's own names for its counters.
 */
#include "pages.h"

static struct cell figure_bytes(struct figure f)
{
	return f.known ? cell_bytes(f.v) : cell_none(f.why);
}

static struct cell figure_pages(struct figure f)
{
	return f.known ? cell_pages(f.v) : cell_none(f.why);
}

static struct cell chosen_cell(struct setting s)
{
	return s.known ? cell_text(setting_chosen(s)) : cell_none(s.why);
}

static struct cell rate_cell(struct rate r)
{
	return r.known ? cell_rate(r.per_s) : cell_none(r.why);
}

static struct cell percent_cell(struct rate r)
{
	return r.known ? cell_percent(r.per_s) : cell_none(r.why);
}

/* {name: value}; the names live as long as the sample. */
static struct cell counters_cell(struct arena *a, const struct counters *c)
{
	struct record *r;

	if (!c->n)
		return cell_none(c->why);
	r = record_new(a);
	for (size_t i = 0; i < c->n; i++)
		record_set(r, arena_cstr(a, c->v[i].name), NULL,
			   cell_int((int64_t)c->v[i].v));
	return cell_record(r);
}

static struct cell rates_cell(struct arena *a, const struct named_rates *rates)
{
	struct record *r = record_new(a);

	for (size_t i = 0; i < rates->n; i++)
		record_set(r,
			   arena_printf(a, STR_FMT "_per_s", STR_ARG(rates->v[i].name)),
			   NULL, rate_cell(rates->v[i].rate));
	return cell_record(r);
}

/* "2M", as knobs are named. */
static const char *size_word(struct arena *a, uint64_t size)
{
	unsigned shift = size >= 1 << 30 ? 30 : size >= 1 << 20 ? 20 : 10;

	return arena_printf(a, "%llu%c", (unsigned long long)size >> shift,
			    shift == 30   ? 'G'
			    : shift == 20 ? 'M'
					  : 'K');
}

static struct ref knob_ref(struct arena *a, uint64_t size, const char *file)
{
	return (struct ref){ REF_KNOB, arena_strf(a, "%s/%s", size_word(a, size), file) };
}

/* ---- HugeTLB ---------------------------------------------------------------------- */

static const struct column pool_columns[] = {
	{ "size_bytes", "size", CELL_BYTES, 0, 0, 0, "size of one page" },
	{ "total_pages", "total", CELL_PAGES, 0, 0, 0,
	  "pages of the pool, surplus included (nr_hugepages)" },
	{ "free_pages", "free", CELL_PAGES, 0, 0, 0,
	  "not touched yet; the reserved are among them" },
	{ "reserved_pages", "reserved", CELL_PAGES, 0, 0, 0,
	  "promised to mappings that have not touched them" },
	{ "usable_pages", "usable", CELL_PAGES, 0, 0, 0,
	  "free - reserved: what a new mapping can get" },
	{ "surplus_pages", "surplus", CELL_PAGES, 0, 0, 0,
	  "made on demand, go when freed" },
	{ "overcommit_pages", "overcommit", CELL_PAGES, 0, 0, 0,
	  "how many surplus pages may be made" },
	{ "demote_bytes", "demote to", CELL_BYTES, 0, 0, 0,
	  "the size a page can be split into (since 5.16)" },
	{ "share", "free/total by node", CELL_TEXT, COLUMN_NOJSON | COLUMN_FLEX, 0, 0,
	  "pages by NUMA node; the kernel has no reserve by node" },
	{ "nodes", "nodes", CELL_TABLE, COLUMN_NOTABLE, 0, 0, "the same by node" },
	{ "other", "other", CELL_RECORD, COLUMN_NOTABLE, 0, 0,
	  "further files of the folder" },
};

static const struct column node_columns[] = {
	{ "node", "node", CELL_INT, 0, 0, 0, "NUMA node" },
	{ "total_pages", "total", CELL_PAGES, 0, 0, 0, "pages on the node" },
	{ "free_pages", "free", CELL_PAGES, 0, 0, 0, "of these free" },
	{ "surplus_pages", "surplus", CELL_PAGES, 0, 0, 0, "of these surplus" },
};

static struct table *nodes_table(struct arena *a, const struct hugetlb_nodes *nodes)
{
	struct table *t = table_new(a, node_columns, ARRAY_SIZE(node_columns));

	for (size_t i = 0; i < nodes->n; i++) {
		const struct hugetlb_node *n = &nodes->v[i];
		struct row *row = table_add(t);

		row_set(t, row, "node", cell_int(n->node));
		row_set(t, row, "total_pages", figure_pages(n->total));
		row_set(t, row, "free_pages", figure_pages(n->free));
		row_set(t, row, "surplus_pages", figure_pages(n->surplus));
	}
	return t;
}

/* "0: 250/256  1: 248/256" */
static struct cell share_cell(struct arena *a, const struct hugetlb_nodes *nodes)
{
	STRBUF_AUTO(b, 4096);

	if (!nodes->n)
		return cell_none("no figures by node here");
	for (size_t i = 0; i < nodes->n; i++)
		strbuf_addf(&b, "%s%d: %llu/%llu", i ? "  " : "", nodes->v[i].node,
			    (unsigned long long)nodes->v[i].free.v,
			    (unsigned long long)nodes->v[i].total.v);
	return cell_text(arena_str(a, strbuf_str(&b)));
}

static struct table *pools_table(struct arena *a, const struct hugetlb *pools)
{
	struct table *t = table_new(a, pool_columns, ARRAY_SIZE(pool_columns));

	t->empty = arena_printf(a, "No HugeTLB pools: %s.", pools->why ? pools->why : "");
	for (size_t i = 0; i < pools->n; i++) {
		const struct hugetlb_pool *p = &pools->v[i];
		struct row *row = table_add(t);

		row->ref = knob_ref(a, p->size, "nr_hugepages");
		if (p->usable.known && !p->usable.v && p->free.v)
			row->mark = MARK_WARN;
		row_set(t, row, "size_bytes", cell_bytes(p->size));
		row_set(t, row, "total_pages", figure_pages(p->total));
		row_set(t, row, "free_pages", figure_pages(p->free));
		row_set(t, row, "reserved_pages", figure_pages(p->reserved));
		row_set(t, row, "usable_pages", figure_pages(p->usable));
		row_set(t, row, "surplus_pages", figure_pages(p->surplus));
		row_set(t, row, "overcommit_pages", figure_pages(p->overcommit));
		row_set(t, row, "demote_bytes", figure_bytes(p->demote_size));
		row_set(t, row, "share", share_cell(a, &p->nodes));
		row_set(t, row, "nodes", cell_table(nodes_table(a, &p->nodes)));
		row_set(t, row, "other",
			p->other.n ? counters_cell(a, &p->other)
				   : cell_record(record_new(a)));
	}
	return t;
}

static const struct column mount_columns[] = {
	{ "path", "mounted at", CELL_TEXT, COLUMN_FLEX, 0, 0,
	  "where hugetlbfs is mounted" },
	{ "page_size_bytes", "page size", CELL_BYTES, 0, 0, 0, "size of its pages" },
	{ "limit_bytes", "limit", CELL_BYTES, 0, 0, 0, "size=: the most it may hold" },
	{ "min_bytes", "reserved", CELL_BYTES, 0, 0, 0, "min_size=: kept for it" },
};

static struct table *mounts_table(struct arena *a, const struct hugetlb_mounts *mounts)
{
	struct table *t = table_new(a, mount_columns, ARRAY_SIZE(mount_columns));

	t->empty = arena_printf(a, "No hugetlbfs: %s.", mounts->why);
	for (size_t i = 0; i < mounts->n; i++) {
		const struct hugetlb_mount *m = &mounts->v[i];
		struct row *row = table_add(t);
		struct str path = arena_str(a, m->point);

		row->ref = (struct ref){ REF_PATH, path };
		row_set(t, row, "path", cell_text(path));
		row_set(t, row, "page_size_bytes",
			m->page_size ? cell_bytes(m->page_size)
				     : cell_none("the default size"));
		row_set(t, row, "limit_bytes", figure_bytes(m->limit));
		row_set(t, row, "min_bytes", figure_bytes(m->floor));
	}
	return t;
}

static const struct column cgroup_columns[] = {
	{ "path", "control group", CELL_TEXT, COLUMN_FLEX, 0, 0, "below its hierarchy" },
	{ "version", "v", CELL_INT, COLUMN_HIDDEN, 0, 0, "cgroup version" },
	{ "size_bytes", "size", CELL_BYTES, 0, 0, 0, "size of one page" },
	{ "current_bytes", "used", CELL_BYTES, 0, 0, 0,
	  "charged at the fault: pages touched before a move stay with the old group" },
	{ "max_bytes", "limit", CELL_BYTES, 0, 0, 0, "the most it may use" },
	{ "rsvd_current_bytes", "reserved", CELL_BYTES, 0, 0, 0,
	  "reserved by mappings (since 5.7)" },
	{ "rsvd_max_bytes", "reserve limit", CELL_BYTES, 0, 0, 0,
	  "the most it may reserve" },
	{ "refused", "refused", CELL_INT, 0, 0, 0, "times the limit was hit" },
};

static struct table *cgroups_table(struct arena *a, const struct hugetlb_cgroups *groups)
{
	struct table *t = table_new(a, cgroup_columns, ARRAY_SIZE(cgroup_columns));

	t->empty = arena_printf(a, "No limits: %s.", groups->why);
	for (size_t i = 0; i < groups->n; i++) {
		const struct hugetlb_cgroup *g = &groups->v[i];
		struct row *row = table_add(t);

		if (g->refused.known && g->refused.v)
			row->mark = MARK_WARN;
		row_set(t, row, "path", cell_text(arena_str(a, g->path)));
		row_set(t, row, "version", cell_int(g->version));
		row_set(t, row, "size_bytes", cell_bytes(g->size));
		row_set(t, row, "current_bytes", figure_bytes(g->current));
		row_set(t, row, "max_bytes", figure_bytes(g->max));
		row_set(t, row, "rsvd_current_bytes", figure_bytes(g->rsvd_current));
		row_set(t, row, "rsvd_max_bytes", figure_bytes(g->rsvd_max));
		row_set(t, row, "refused",
			g->refused.known ? cell_int((int64_t)g->refused.v)
					 : cell_none(g->refused.why));
	}
	return t;
}

/* ---- THP --------------------------------------------------------------------------- */

static const struct column knob_columns[] = {
	{ "knob", "setting", CELL_TEXT, 0, 0, 0, "the name that `hugepages set` takes" },
	{ "value", "value", CELL_TEXT, COLUMN_FLEX, 0, 0, "in brackets: in force" },
};

static void add_knob(struct table *t, const char *name, const char *knob,
		     struct setting s)
{
	struct row *row = table_add(t);

	row->ref = (struct ref){ REF_KNOB, str_of(knob) };
	row_set(t, row, "knob", cell_text(str_of(name)));
	row_set(t, row, "value", s.known ? cell_text(s.text) : cell_none(s.why));
}

/* "1.5 collapses/s, 0.1 full scans/s; 4096 pages every 10000 ms, defrag 1" */
static struct setting khugepaged_words(struct arena *a, const struct thp *thp,
				       const struct hugepage_rates *rates)
{
	const struct counters *k = &thp->khugepaged;
	struct figure collapsed = counters_get(k, "pages_collapsed");
	struct figure scans = counters_get(k, "full_scans");
	STRBUF_AUTO(b, 512);

	if (!k->n)
		return (struct setting){ .why = k->why };
	if (rates && rates->collapsed.known && rates->full_scans.known)
		strbuf_addf(&b, "%.1f collapses/s, %.1f full scans/s",
			    rates->collapsed.per_s, rates->full_scans.per_s);
	else
		strbuf_addf(&b, "%llu collapses, %llu full scans since boot",
			    (unsigned long long)collapsed.v, (unsigned long long)scans.v);
	strbuf_addf(&b, "; %llu pages every %llu ms, defrag %llu",
		    (unsigned long long)counters_get(k, "pages_to_scan").v,
		    (unsigned long long)counters_get(k, "scan_sleep_millisecs").v,
		    (unsigned long long)counters_get(k, "defrag").v);
	return (struct setting){ .known = true, .text = arena_str(a, strbuf_str(&b)) };
}

/* What one looks at first; `hugepages knobs` has all. */
static struct table *thp_table(struct arena *a, const struct thp *thp,
			       const struct hugepage_rates *rates)
{
	struct table *t = table_new(a, knob_columns, ARRAY_SIZE(knob_columns));

	t->empty = thp->why;
	if (thp->why)
		return t;
	add_knob(t, "enabled", "enabled", thp->enabled);
	add_knob(t, "defrag", "defrag", thp->defrag);
	add_knob(t, "shmem_enabled", "shmem_enabled", thp->shmem_enabled);
	add_knob(t, "khugepaged", "khugepaged/pages_to_scan",
		 khugepaged_words(a, thp, rates));
	return t;
}

static struct cell khugepaged_cell(struct arena *a, const struct thp *thp,
				   const struct hugepage_rates *rates)
{
	struct cell cell = counters_cell(a, &thp->khugepaged);
	struct record *r;

	if (cell.type == CELL_NONE || !rates)
		return cell;
	r = record_new(a);
	*r = *cell.record;
	record_set(r, "pages_collapsed_per_s", NULL, rate_cell(rates->collapsed));
	record_set(r, "full_scans_per_s", NULL, rate_cell(rates->full_scans));
	return cell_record(r);
}

static struct record *thp_record(struct arena *a, const struct hugepage_sample *s,
				 const struct hugepage_rates *rates)
{
	const struct thp *thp = &s->thp;
	struct record *r = record_new(a), *other = record_new(a);

	record_set(r, "enabled", NULL, chosen_cell(thp->enabled));
	record_set(r, "defrag", NULL, chosen_cell(thp->defrag));
	record_set(r, "shmem_enabled", NULL, chosen_cell(thp->shmem_enabled));
	record_set(r, "use_zero_page", NULL,
		   thp->use_zero_page.known ? cell_int((int64_t)thp->use_zero_page.v)
					    : cell_none(thp->use_zero_page.why));
	record_set(r, "pmd_size_bytes", NULL,
		   s->pmd_guess ? cell_none(s->pmd_guess) : cell_bytes(s->pmd_size));
	record_set(r, "khugepaged", NULL, khugepaged_cell(a, thp, rates));
	for (size_t i = 0; i < thp->other.n; i++)
		record_set(other, arena_cstr(a, thp->other.v[i].name), NULL,
			   chosen_cell(thp->other.v[i].value));
	record_set(r, "other", NULL, cell_record(other));
	return r;
}

static const struct column mthp_columns[] = {
	{ "size_bytes", "size", CELL_BYTES, 0, 0, 0, "size of the folios" },
	{ "enabled", "enabled", CELL_TEXT, 0, 0, 0,
	  "who gets them for anonymous memory" },
	{ "shmem_enabled", "shmem", CELL_TEXT, 0, 0, 0, "and for shared memory" },
	{ "in_use_bytes", "in use", CELL_BYTES, 0, 0, 0, "nr_anon x size" },
	{ "faults_per_s", "faults/s", CELL_RATE, 0, 0, 0,
	  "faults that asked for this size: anon_fault_alloc + anon_fault_fallback" },
	{ "hit_pct", "got it %", CELL_PERCENT, 0, 0, 0,
	  "alloc / (alloc + fallback) in this interval" },
	{ "hit_since_boot_pct", "since boot %", CELL_PERCENT, 0, 0, 0,
	  "the same since boot" },
	{ "split_per_s", "split/s", CELL_RATE, 0, 0, 0, "folios split to smaller ones" },
	{ "stats", "stats", CELL_RECORD, COLUMN_NOTABLE, 0, 0,
	  "every counter in the folder stats/" },
	{ "rates", "rates", CELL_RECORD, COLUMN_NOTABLE, 0, 0, "the same per second" },
	{ "other", "other", CELL_RECORD, COLUMN_NOTABLE, 0, 0,
	  "further files of the folder" },
};

static const char no_interval[] = "a rate needs two samples: see --interval";

static void fill_mthp_rates(struct arena *a, struct table *t, struct row *row,
			    const struct mthp_rates *r)
{
	if (!r) {
		row_set(t, row, "faults_per_s", cell_none(no_interval));
		row_set(t, row, "hit_pct", cell_none(no_interval));
		row_set(t, row, "split_per_s", cell_none(no_interval));
		row_set(t, row, "rates", cell_none(no_interval));
		return;
	}
	row_set(t, row, "faults_per_s",
		r->alloc.known && r->fallback.known
			? cell_rate(r->alloc.per_s + r->fallback.per_s)
			: rate_cell(r->alloc.known ? r->fallback : r->alloc));
	row_set(t, row, "hit_pct", percent_cell(r->hit_pct));
	row_set(t, row, "split_per_s", rate_cell(r->split));
	row_set(t, row, "rates", rates_cell(a, &r->stats));
}

static struct table *mthp_table(struct arena *a, const struct mthps *sizes,
				const struct hugepage_rates *rates)
{
	struct table *t = table_new(a, mthp_columns, ARRAY_SIZE(mthp_columns));

	t->empty = arena_printf(a, "No sizes: %s.", sizes->why);
	for (size_t i = 0; i < sizes->n; i++) {
		const struct mthp *m = &sizes->v[i];
		struct figure got = counters_get(&m->stats, "anon_fault_alloc");
		struct figure not = counters_get(&m->stats, "anon_fault_fallback");
		struct record *other = record_new(a);
		struct row *row = table_add(t);

		row->ref = knob_ref(a, m->size,
				    m->enabled.known ? "enabled" : "shmem_enabled");
		for (size_t k = 0; k < m->other.n; k++)
			record_set(other, arena_cstr(a, m->other.v[k].name), NULL,
				   chosen_cell(m->other.v[k].value));
		row_set(t, row, "size_bytes", cell_bytes(m->size));
		row_set(t, row, "enabled", chosen_cell(m->enabled));
		row_set(t, row, "shmem_enabled", chosen_cell(m->shmem_enabled));
		row_set(t, row, "in_use_bytes", figure_bytes(mthp_anon_bytes(m)));
		row_set(t, row, "hit_since_boot_pct",
			got.known && not .known
				? percent_cell(hugepage_hit_pct(got.v, not .v))
				: cell_none(got.known ? not .why : got.why));
		row_set(t, row, "stats", counters_cell(a, &m->stats));
		row_set(t, row, "other", cell_record(other));
		fill_mthp_rates(a, t, row, rates ? &rates->mthp[i] : NULL);
	}
	return t;
}

/* ---- reasons ----------------------------------------------------------------------- */

static const struct column zone_columns[] = {
	{ "node", "node", CELL_INT, 0, 0, 0, "NUMA node" },
	{ "zone", "zone", CELL_TEXT, 0, 0, 0, "memory zone" },
	{ "pmd_blocks", "PMD blocks", CELL_INT, 0, 0, 0,
	  "free blocks of a huge page's order (larger ones count as several)" },
	{ "extfrag", "extfrag", CELL_REAL, 0, 0, 0,
	  "0: too little memory, 1: fragmented; -1: an allocation would succeed" },
	{ "free", "free by order", CELL_LIST, COLUMN_FLEX, 0, 0,
	  "free blocks of order 0, 1, 2 ..." },
};

static struct cell extfrag_cell(const struct hugepage_sample *s,
				const struct buddy_zone *z)
{
	for (size_t i = 0; i < s->extfrag.n; i++) {
		const struct extfrag_zone *e = &s->extfrag.v[i];

		if (e->node == z->node && str_eq(e->name, z->name) &&
		    s->pmd_order < e->orders)
			return cell_real(e->index[s->pmd_order] / 1000.0);
	}
	return cell_none(s->extfrag.n ? "not in extfrag_index" : s->extfrag.why);
}

static struct table *zones_table(struct arena *a, const struct hugepage_sample *s)
{
	struct table *t = table_new(a, zone_columns, ARRAY_SIZE(zone_columns));

	t->empty =
		arena_printf(a, "No free lists: %s.", s->buddy.why ? s->buddy.why : "");
	for (size_t i = 0; i < s->buddy.n; i++) {
		const struct buddy_zone *z = &s->buddy.v[i];
		struct cells *free = arena_new_of(a, struct cells);
		uint64_t blocks = buddy_blocks(z, s->pmd_order);
		struct row *row = table_add(t);

		for (unsigned o = 0; o < z->orders; o++)
			*ARENA_PUSH(a, free) = cell_int((int64_t)z->free[o]);
		if (!blocks && !str_eq(z->name, STR("DMA")))
			row->mark = MARK_WARN;
		row_set(t, row, "node", cell_int(z->node));
		row_set(t, row, "zone", cell_text(z->name));
		row_set(t, row, "pmd_blocks", cell_int((int64_t)blocks));
		row_set(t, row, "extfrag", extfrag_cell(s, z));
		row_set(t, row, "free", cell_list(free));
	}
	return t;
}

static const struct column numa_columns[] = {
	{ "node", "node", CELL_INT, 0, 0, 0, "NUMA node" },
	{ "total_bytes", "memory", CELL_BYTES, 0, 0, 0, "MemTotal of the node" },
	{ "free_bytes", "free", CELL_BYTES, 0, 0, 0, "MemFree of the node" },
	{ "anon_huge_bytes", "THP anon", CELL_BYTES, 0, 0, 0, "AnonHugePages" },
	{ "shmem_huge_bytes", "shmem", CELL_BYTES, 0, 0, 0, "ShmemHugePages" },
	{ "file_huge_bytes", "file", CELL_BYTES, 0, 0, 0, "FileHugePages" },
	{ "pmd_blocks", "PMD blocks", CELL_INT, 0, 0, 0,
	  "free blocks of a huge page's order, DMA zone left out" },
};

static struct table *numa_table(struct arena *a, const struct hugepage_sample *s)
{
	struct table *t = table_new(a, numa_columns, ARRAY_SIZE(numa_columns));

	for (size_t i = 0; i < s->numa.n; i++) {
		const struct numa_node *n = &s->numa.v[i];
		struct figure blocks = buddy_total(&s->buddy, n->id, s->pmd_order);
		struct row *row = table_add(t);

		row_set(t, row, "node", cell_int(n->id));
		row_set(t, row, "total_bytes",
			figure_bytes(meminfo_get(&n->meminfo, "MemTotal")));
		row_set(t, row, "free_bytes",
			figure_bytes(meminfo_get(&n->meminfo, "MemFree")));
		row_set(t, row, "anon_huge_bytes",
			figure_bytes(meminfo_get(&n->meminfo, "AnonHugePages")));
		row_set(t, row, "shmem_huge_bytes",
			figure_bytes(meminfo_get(&n->meminfo, "ShmemHugePages")));
		row_set(t, row, "file_huge_bytes",
			figure_bytes(meminfo_get(&n->meminfo, "FileHugePages")));
		row_set(t, row, "pmd_blocks",
			blocks.known ? cell_int((int64_t)blocks.v)
				     : cell_none(blocks.why));
	}
	return t;
}

static const struct column rate_columns[] = {
	{ "counter", "counter", CELL_TEXT, 0, 0, 0, "name in /proc/vmstat" },
	{ "per_s", "per s", CELL_RATE, 0, 0, 0, "change a second in this interval" },
	{ "total", "since boot", CELL_PAGES, 0, 0, 0, "its value" },
};

/* For people: only what moved. */
static struct table *moving_table(struct arena *a, const struct hugepage_sample *s,
				  const struct hugepage_rates *rates)
{
	struct table *t = table_new(a, rate_columns, ARRAY_SIZE(rate_columns));

	t->empty = "No counter of /proc/vmstat about huge pages or compaction moved.";
	for (size_t i = 0; i < rates->vmstat.n; i++) {
		const struct named_rate *r = &rates->vmstat.v[i];
		const char *name = arena_cstr(a, r->name);
		struct row *row;

		if (!r->rate.known || r->rate.per_s <= 0)
			continue;
		row = table_add(t);
		row_set(t, row, "counter", cell_text(str_of(name)));
		row_set(t, row, "per_s", rate_cell(r->rate));
		row_set(t, row, "total", figure_pages(counters_get(&s->vmstat, name)));
	}
	return t;
}

static struct record *why_record(struct arena *a, const struct hugepage_sample *s,
				 const struct hugepage_why *w)
{
	static const char *const causes[] = {
		[HUGEPAGE_NO_THP] = "no_thp",
		[HUGEPAGE_OFF] = "off",
		[HUGEPAGE_QUIET] = "quiet",
		[HUGEPAGE_ALL_GOT] = "all_got",
		[HUGEPAGE_CHARGE] = "charge",
		[HUGEPAGE_FRAGMENTED] = "fragmented",
		[HUGEPAGE_NO_MEMORY] = "no_memory",
		[HUGEPAGE_NO_BLOCK] = "no_block",
		[HUGEPAGE_NODE_EMPTY] = "node_empty",
		[HUGEPAGE_NO_WAITING] = "no_waiting",
		[HUGEPAGE_BLOCKS_FREE] = "blocks_free",
	};
	struct record *r = record_new(a);

	record_set(r, "cause", NULL, cell_text(str_of(causes[w->cause])));
	record_set(r, "sentence", NULL, cell_text(w->sentence));
	record_set(r, "interval_s", NULL,
		   w->seconds > 0 ? cell_seconds(w->seconds) : cell_none("since boot"));
	record_set(r, "fault_alloc", NULL, cell_int((int64_t)w->alloc));
	record_set(r, "fault_fallback", NULL, cell_int((int64_t)w->fallback));
	record_set(r, "charge_failures", NULL, cell_int((int64_t)w->charge));
	record_set(r, "compact_stall", NULL, cell_int((int64_t)w->stall));
	record_set(r, "compact_fail", NULL, cell_int((int64_t)w->compact_fail));
	record_set(r, "compact_success", NULL, cell_int((int64_t)w->compact_success));
	record_set(r, "pmd_order", NULL, cell_int((int64_t)s->pmd_order));
	record_set(r, "free_pmd_blocks", NULL,
		   w->free_blocks.known ? cell_int((int64_t)w->free_blocks.v)
					: cell_none(w->free_blocks.why));
	record_set(r, "extfrag", NULL,
		   w->extfrag.known ? cell_real((double)w->extfrag.v / 1000)
				    : cell_none(w->extfrag.why));
	record_set(r, "defrag", NULL, chosen_cell(s->thp.defrag));
	return r;
}

/* ---- processes --------------------------------------------------------------- */

static const struct column process_columns[] = {
	{ "pid", "PID", CELL_INT, 0, 0, 0, "process" },
	{ "comm", "name", CELL_TEXT, COLUMN_FLEX, 0, 0, "comm" },
	{ "thp_anon_bytes", "THP anon", CELL_BYTES, 0, 0, 0,
	  "anonymous memory in PMD-mapped huge pages (no mTHP)" },
	{ "thp_shmem_bytes", "shmem", CELL_BYTES, 0, 0, 0, "the same of shared memory" },
	{ "thp_file_bytes", "file", CELL_BYTES, 0, 0, 0, "the same of files" },
	{ "hugetlb_bytes", "HugeTLB", CELL_BYTES, 0, 0, 0,
	  "pages of all pools (status HugetlbPages); not part of rss" },
	{ "rss_bytes", "rss", CELL_BYTES, 0, 0, 0, "resident memory" },
	{ "age_s", "age", CELL_SECONDS, 0, 0, 0,
	  "since the THP figures were read, or shown to be unchanged" },
	{ "source", "source", CELL_TEXT, COLUMN_HIDDEN, 0, 0, "where they come from" },
};

static struct table *processes_table(struct arena *a, const struct hugeproc_rows *rows)
{
	struct table *t = table_new(a, process_columns, ARRAY_SIZE(process_columns));

	t->empty = arena_printf(a, "No process with huge pages to show: %s.",
				rows->why ? rows->why : "none has any");
	for (size_t i = 0; i < rows->n; i++) {
		const struct hugeproc_row *p = &rows->v[i];
		struct row *row = table_add(t);

		row->ref =
			(struct ref){ REF_PID, arena_strf(a, "%lld", (long long)p->pid) };
		row_set(t, row, "pid", cell_int(p->pid));
		row_set(t, row, "comm", cell_text(p->comm));
		row_set(t, row, "thp_anon_bytes", figure_bytes(p->anon));
		row_set(t, row, "thp_shmem_bytes", figure_bytes(p->shmem));
		row_set(t, row, "thp_file_bytes", figure_bytes(p->file));
		row_set(t, row, "hugetlb_bytes", figure_bytes(p->hugetlb));
		row_set(t, row, "rss_bytes", cell_bytes(p->rss));
		row_set(t, row, "age_s",
			p->anon.known ? cell_seconds(p->age_s) : cell_none(p->anon.why));
		row_set(t, row, "source", cell_text(str_of(p->source)));
	}
	return t;
}

static struct record *scan_record(struct arena *a, const struct hugeproc_rows *rows)
{
	struct record *r = record_new(a);

	record_set(r, "processes", NULL, cell_int((int64_t)rows->processes));
	record_set(r, "read", NULL, cell_int((int64_t)rows->read));
	record_set(r, "small", NULL, cell_int((int64_t)rows->small));
	record_set(r, "denied", NULL, cell_int((int64_t)rows->denied));
	record_set(r, "waiting", NULL, cell_int((int64_t)rows->waiting));
	record_set(r, "unmoved", NULL, cell_bool(rows->unmoved));
	record_set(r, "cpu_s", NULL, cell_seconds(rows->cpu_ms / 1000));
	record_set(r, "note", NULL,
		   rows->why ? cell_text(str_of(rows->why)) : cell_none("complete"));
	return r;
}

/* ---- the whole --------------------------------------------------------------- */

static struct cell meminfo_cell(struct arena *a, const struct meminfo *m)
{
	struct record *r = record_new(a);

	if (!m->n)
		return cell_none(m->why);
	for (size_t i = 0; i < m->n; i++) {
		const struct meminfo_line *line = &m->v[i];

		record_set(r,
			   arena_printf(a, STR_FMT "%s", STR_ARG(line->name),
					line->count ? "_pages" : "_bytes"),
			   NULL, line->count ? cell_pages(line->v) : cell_bytes(line->v));
	}
	return cell_record(r);
}

static uint64_t small_folios(const struct hugepage_sample *s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->mthp.n; i++)
		if (s->mthp.v[i].size < s->pmd_size)
			sum += mthp_anon_bytes(&s->mthp.v[i]).v;
	return sum;
}

static struct str headline(struct arena *a, const struct hugepage_sample *s)
{
	struct figure anon = meminfo_get(&s->meminfo, "AnonHugePages");
	STRBUF_AUTO(b, 1024);

	for (size_t i = 0; i < s->pools.n; i++)
		if (s->pools.v[i].total.v)
			strbuf_addf(&b, "%s pool %llu usable of %llu, ",
				    size_word(a, s->pools.v[i].size),
				    (unsigned long long)s->pools.v[i].usable.v,
				    (unsigned long long)s->pools.v[i].total.v);
	if (!b.n)
		strbuf_addz(&b, "HugeTLB pools empty, ");
	strbuf_addf(&b, "THP %llu MiB", (unsigned long long)anon.v >> 20);
	if (small_folios(s))
		strbuf_addf(&b, ", mTHP %llu MiB",
			    (unsigned long long)small_folios(s) >> 20);
	if (s->thp.enabled.known)
		strbuf_addf(&b, ", enabled " STR_FMT,
			    STR_ARG(setting_chosen(s->thp.enabled)));
	return arena_str(a, strbuf_str(&b));
}

/* The pool that would refuse a new mapping comes before THP: it is an error there. */
static struct str so_what(struct arena *a, const struct hugepage_sample *s,
			  const struct hugepage_why *w)
{
	STRBUF_AUTO(b, 4096);

	for (size_t i = 0; i < s->pools.n; i++) {
		const struct hugetlb_pool *p = &s->pools.v[i];

		if (p->total.v && p->usable.known && !p->usable.v)
			strbuf_addf(&b,
				    "A new mapping of %s pages would fail: %llu free, "
				    "all reserved%s. ",
				    size_word(a, p->size), (unsigned long long)p->free.v,
				    p->overcommit.v > p->surplus.v ? ", unless surplus "
								     "pages can be made"
								   : "");
	}
	strbuf_add(&b, w->sentence);
	return arena_str(a, strbuf_str(&b));
}

/* What the figures cannot tell stands above them. */
static const char *processes_title(struct arena *a, const struct hugeproc_rows *rows)
{
	bool gaps = rows->n && rows->why;

	return arena_printf(a, "Processes   %s%s%s", hugepage_mthp_blind,
			    gaps ? "; " : "", gaps ? rows->why : "");
}

static void add_tables(struct arena *a, struct record *r, const struct pages_view *view,
		       const struct hugepage_rates *rates)
{
	const struct hugepage_sample *s = view->now;
	const struct hugeproc_rows *rows = view->processes;

	record_set(r, "pools", "HugeTLB", cell_table(pools_table(a, &s->pools)));
	record_set(r, "thp", NULL, cell_record(thp_record(a, s, rates)));
	record_set(r, NULL, "THP", cell_table(thp_table(a, &s->thp, rates)));
	record_set(r, "mthp", "mTHP", cell_table(mthp_table(a, &s->mthp, rates)));
	record_set(r, "processes", rows ? processes_title(a, rows) : NULL,
		   rows ? cell_table(processes_table(a, rows))
			: cell_none("ask for them with --processes"));
	record_set(r, "free_blocks", "Free blocks", cell_table(zones_table(a, s)));
	record_set(r, "numa", s->numa.n > 1 ? "Nodes" : NULL,
		   s->numa.n ? cell_table(numa_table(a, s)) : cell_none(s->numa.why));
	record_set(r, "mounts", s->mounts.n ? "Mounts" : NULL,
		   cell_table(mounts_table(a, &s->mounts)));
	record_set(r, "cgroups", s->cgroups.n ? "Control groups" : NULL,
		   cell_table(cgroups_table(a, &s->cgroups)));
	if (s->cgroups.cut)
		record_set(r, "cgroups_cut", NULL, cell_bool(true));
	if (rates)
		record_set(r, NULL, "Counters that moved",
			   cell_table(moving_table(a, s, rates)));
}

struct record *pages_record(struct arena *a, const struct pages_view *view)
{
	const struct hugepage_sample *s = view->now;
	const struct hugepage_rates *rates =
		view->older ? hugepage_rates(a, view->older, s) : NULL;
	struct hugepage_why why = hugepage_why(a, view->older, s);
	struct record *r = record_new(a);

	r->headline = headline(a, s);
	r->so_what = so_what(a, s, &why);
	if (s->pools.note)
		record_set(r, NULL, "pools", cell_none(s->pools.note));
	if (s->cgroups.cut)
		record_set(r, NULL, "control groups",
			   cell_none("too many to look at all of them"));
	if (s->pmd_guess)
		record_set(r, NULL, "PMD size", cell_none(s->pmd_guess));
	add_tables(a, r, view, rates);
	record_set(r, "vmstat", NULL, counters_cell(a, &s->vmstat));
	record_set(r, "rates", NULL,
		   rates ? rates_cell(a, &rates->vmstat) : cell_none(no_interval));
	record_set(r, "meminfo", NULL, meminfo_cell(a, &s->meminfo));
	record_set(r, "why", NULL, cell_record(why_record(a, s, &why)));
	if (view->processes)
		record_set(r, "scan", NULL, cell_record(scan_record(a, view->processes)));
	return r;
}
