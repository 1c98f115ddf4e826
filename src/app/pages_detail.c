/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The drill-down of one process and the answers of `hugepages set` and `undo`: see
 * pages.h.
 */
#include "pages.h"

static const struct column map_columns[] = {
	{ "start", "start", CELL_TEXT, 0, 0, 0, "first address" },
	{ "size_bytes", "size", CELL_BYTES, 0, 0, 0, "length of the mapping" },
	{ "rss_bytes", "rss", CELL_BYTES, 0, 0, 0, "of it resident" },
	{ "thp_anon_bytes", "THP anon", CELL_BYTES, 0, 0, 0, "AnonHugePages" },
	{ "thp_shmem_bytes", "shmem", CELL_BYTES, 0, 0, 0, "ShmemPmdMapped" },
	{ "thp_file_bytes", "file", CELL_BYTES, 0, 0, 0, "FilePmdMapped" },
	{ "hugetlb_bytes", "HugeTLB", CELL_BYTES, 0, 0, 0,
	  "Shared_Hugetlb + Private_Hugetlb" },
	{ "thp_eligible", "eligible", CELL_BOOL, 0, 0, 0, "THPeligible" },
	{ "verdict", "why", CELL_TEXT, 0, 0, 0, "why it has none, or that it has" },
	{ "path", "path", CELL_TEXT, COLUMN_FLEX, 0, 0, "what is mapped" },
	{ "perms", "perms", CELL_TEXT, COLUMN_HIDDEN, 0, 0,
	  "rwx, p private or s shared" },
	{ "kernel_page_bytes", "page", CELL_BYTES, COLUMN_HIDDEN, 0, 0,
	  "KernelPageSize" },
	{ "mmu_page_bytes", "MMU page", CELL_BYTES, COLUMN_HIDDEN, 0, 0, "MMUPageSize" },
	{ "vm_flags", "flags", CELL_TEXT, COLUMN_HIDDEN, 0, 0,
	  "VmFlags: hg asked for huge pages, nh against, ht HugeTLB" },
};

static void add_map(struct arena *a, struct table *t, const struct smaps_map *m,
		    struct str enabled, uint64_t pmd_size)
{
	struct row *row = table_add(t);

	if (smaps_huge(m))
		row->mark = MARK_GOOD;
	row_set(t, row, "start",
		cell_text(arena_strf(a, "%llx", (unsigned long long)m->start)));
	row_set(t, row, "size_bytes", cell_bytes(m->end - m->start));
	row_set(t, row, "rss_bytes", cell_bytes(m->rss));
	row_set(t, row, "thp_anon_bytes", cell_bytes(m->anon_huge));
	row_set(t, row, "thp_shmem_bytes", cell_bytes(m->shmem_huge));
	row_set(t, row, "thp_file_bytes", cell_bytes(m->file_huge));
	row_set(t, row, "hugetlb_bytes",
		cell_bytes(m->shared_hugetlb + m->private_hugetlb));
	row_set(t, row, "thp_eligible",
		m->thp_eligible.known ? cell_bool(m->thp_eligible.v)
				      : cell_none(m->thp_eligible.why));
	row_set(t, row, "verdict",
		cell_text(str_of(smaps_verdict(m, enabled, pmd_size))));
	row_set(t, row, "path", cell_text(m->path));
	row_set(t, row, "perms", cell_text(arena_str(a, str_of(m->perms))));
	row_set(t, row, "kernel_page_bytes", cell_bytes(m->kernel_page));
	row_set(t, row, "mmu_page_bytes", cell_bytes(m->mmu_page));
	row_set(t, row, "vm_flags", cell_text(m->flags));
}

struct record *pages_map_record(struct arena *a, int64_t pid, const struct smaps *maps,
				struct str enabled, uint64_t pmd_size)
{
	struct table *t = table_new(a, map_columns, ARRAY_SIZE(map_columns));
	struct record *r = record_new(a);
	uint64_t rss = 0, thp = 0, pools = 0, could = 0;

	t->empty = "No mappings: a kernel thread, or a process that ended.";
	for (size_t i = 0; i < maps->n; i++) {
		const struct smaps_map *m = &maps->v[i];
		uint64_t huge = m->anon_huge + m->shmem_huge + m->file_huge;

		add_map(a, t, m, enabled, pmd_size);
		rss += m->rss;
		thp += huge;
		pools += m->shared_hugetlb + m->private_hugetlb;
		if (m->thp_eligible.known && m->thp_eligible.v && m->rss > huge)
			could += m->rss - huge;
	}
	r->headline = arena_strf(a,
				 "process %lld: %zu mappings, rss %llu MiB, THP %llu "
				 "MiB, HugeTLB %llu MiB",
				 (long long)pid, maps->n, (unsigned long long)rss >> 20,
				 (unsigned long long)thp >> 20,
				 (unsigned long long)pools >> 20);
	r->so_what = arena_strf(a,
				"%.1f %% of its resident memory is in PMD-mapped huge "
				"pages; %llu MiB more are eligible. %s.",
				rss ? 100.0 * (double)thp / (double)rss : 0.0,
				(unsigned long long)could >> 20, hugepage_mthp_blind);
	record_set(r, "pid", NULL, cell_int(pid));
	record_set(r, "rss_bytes", NULL, cell_bytes(rss));
	record_set(r, "thp_bytes", NULL, cell_bytes(thp));
	record_set(r, "hugetlb_bytes", NULL, cell_bytes(pools));
	record_set(r, "eligible_bytes", NULL, cell_bytes(could));
	record_set(r, "mappings", "Mappings", cell_table(t));
	return r;
}

static const struct column knob_columns[] = {
	{ "knob", "knob", CELL_TEXT, 0, 0, 0, "the name that `hugepages set` takes" },
	{ "value", "value", CELL_TEXT, 0, 0, 0, "what it is set to" },
	{ "what", "what it is", CELL_TEXT, COLUMN_FLEX, 0, 0, "what it does" },
	{ "path", "file", CELL_TEXT, COLUMN_HIDDEN, 0, 0, "the file of the setting" },
};

struct table *pages_knobs_table(struct arena *a, const struct root *root,
				const struct knobs *knobs)
{
	struct table *t = table_new(a, knob_columns, ARRAY_SIZE(knob_columns));

	t->empty = "No settings: /sys/kernel/mm is not here (a container?).";
	for (size_t i = 0; i < knobs->n; i++) {
		const struct knob *k = &knobs->v[i];
		struct setting value = knob_value(root, a, k);
		struct row *row = table_add(t);

		row->ref = (struct ref){ REF_KNOB, k->id };
		row_set(t, row, "knob", cell_text(k->id));
		row_set(t, row, "value",
			value.known ? cell_text(value.text) : cell_none(value.why));
		row_set(t, row, "what", cell_text(str_of(k->what)));
		row_set(t, row, "path", cell_text(arena_strf(a, "/%s", k->path)));
	}
	return t;
}

struct record *pages_preview_record(struct arena *a, const struct knob_preview *p)
{
	struct record *r = record_new(a);

	r->headline = arena_strf(a, STR_FMT ": " STR_FMT " -> " STR_FMT,
				 STR_ARG(p->knob.id), STR_ARG(p->now), STR_ARG(p->after));
	record_set(r, "knob", NULL, cell_text(p->knob.id));
	record_set(r, "path", "file", cell_text(arena_strf(a, "/%s", p->knob.path)));
	record_set(r, "what", "what it is", cell_text(str_of(p->knob.what)));
	record_set(r, "now", "now", cell_text(p->now));
	record_set(r, "after", "after", cell_text(p->after));
	record_set(r, "means", "which means", cell_text(p->means));
	record_set(r, "outlook", "outlook", cell_text(p->outlook));
	record_set(r, "can_give_pages",
		   p->knob.kind == KNOB_POOL ? "kernel could give" : NULL,
		   p->can_give.known ? cell_pages(p->can_give.v)
				     : cell_none(p->can_give.why));
	record_set(r, "allowed", NULL, cell_bool(p->allowed));
	record_set(r, "command", "by hand", cell_text(p->command));
	if (!p->allowed)
		record_set(r, "why_not", "not from here", cell_text(str_of(p->why_not)));
	return r;
}

struct record *pages_change_record(struct arena *a, const struct knob_change *c)
{
	struct record *r = record_new(a);

	r->headline = c->sentence;
	record_set(r, "knob", NULL, cell_text(c->knob.id));
	record_set(r, "path", NULL, cell_text(arena_strf(a, "/%s", c->knob.path)));
	record_set(r, "before", NULL, cell_text(c->before));
	record_set(r, "asked", NULL, cell_text(c->asked));
	record_set(r, "got", NULL, cell_text(c->got));
	record_set(r, "as_asked", NULL, cell_bool(c->as_asked));
	record_set(r, "message", NULL, cell_text(c->sentence));
	return r;
}
