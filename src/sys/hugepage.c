/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sample and the rates: see sys/hugepage.h. The sample only calls the readers of its
 * parts; a rate is a difference of two counters with a known time between them.
 */
#include <time.h>
#include <unistd.h>

#include "sys/hugepage.h"

const char hugepage_mthp_blind[] =
	"AnonHugePages cannot see mTHP: that shows only in the row of its size";

static const char *const vmstat_names[] = {
	"thp_*",         "compact_*",     "htlb_*", "*_khugepaged",
	"nr_*hugepages", "nr_*pmdmapped", NULL
};
static const char *const meminfo_names[] = { "*Huge*",       "*PmdMapped", "Hugetlb",
					     "DirectMap*",   "MemTotal",   "MemFree",
					     "MemAvailable", NULL };

static const char not_asked[] = "not read this time";

static uint64_t uptime_ns(const struct root *root, struct arena *a)
{
	struct str line, word;
	double s;

	if (!root_read_line(root, a, "proc/uptime", &line, NULL) ||
	    !str_word(&line, &word) || !str_to_double(word, &s))
		return 0;
	return (uint64_t)(s * 1e9);
}

static uint64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* The PMD size from the kernel, else the default huge page, else that of x86-64. */
static void find_pmd(struct hugepage_sample *s)
{
	struct figure size = s->thp.pmd_size;
	struct figure dflt = meminfo_get(&s->meminfo, "Hugepagesize");

	if (size.known && buddy_order(size.v, s->page_size, &s->pmd_order)) {
		s->pmd_size = size.v;
		return;
	}
	if (dflt.known && dflt.v <= 512 << 20 &&
	    buddy_order(dflt.v, s->page_size, &s->pmd_order)) {
		s->pmd_size = dflt.v;
		s->pmd_guess = "no hpage_pmd_size here: the default HugeTLB size";
		return;
	}
	s->pmd_order = 9;
	s->pmd_size = s->page_size << s->pmd_order;
	s->pmd_guess = "no hpage_pmd_size here: 512 base pages, as on x86-64";
}

const struct hugepage_sample *hugepage_sample(const struct root *root, struct arena *a,
					      unsigned parts)
{
	struct hugepage_sample *s = arena_new_of(a, struct hugepage_sample);

	s->uptime_ns = uptime_ns(root, a);
	s->time_ns = root_is_live(root) ? monotonic_ns() : s->uptime_ns;
	s->page_size = root_is_live(root) ? (uint64_t)sysconf(_SC_PAGESIZE) : 4096;
	s->meminfo = meminfo_read(root, a, "proc/meminfo", meminfo_names);
	s->vmstat = counters_read(root, a, "proc/vmstat", vmstat_names);
	s->thp.why = s->mthp.why = s->pools.why = not_asked;
	s->mounts.why = s->cgroups.why = s->buddy.why = s->extfrag.why = not_asked;
	if (parts & HUGEPAGE_THP) {
		s->thp = thp_read(root, a);
		s->mthp = mthp_read(root, a);
	} else {
		s->thp.pmd_size = figure_read(
			root, a, "sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
	}
	find_pmd(s);
	if (parts & HUGEPAGE_POOLS) {
		s->numa = numa_read(root, a);
		s->pools = hugetlb_read(root, a, &s->numa, &s->meminfo);
	}
	if (parts & HUGEPAGE_REASONS) {
		s->buddy = buddy_read(root, a);
		s->extfrag = extfrag_read(root, a);
	}
	if (parts & HUGEPAGE_CGROUPS) {
		struct mounts mounts = mountinfo_read(root, a);

		s->mounts = hugetlb_mounts_of(a, &mounts);
		s->cgroups = hugetlb_cgroups_read(root, a, &mounts, &s->pools);
	}
	return s;
}

static struct counters keep_counters(struct arena *a, const struct counters *c)
{
	struct counters copy = { .why = "not in the sample before" };

	for (size_t i = 0; i < c->n; i++)
		*ARENA_PUSH(a, &copy) =
			(struct counter){ arena_str(a, c->v[i].name), c->v[i].v };
	return copy;
}

const struct hugepage_sample *hugepage_keep(struct arena *a,
					    const struct hugepage_sample *sample)
{
	struct hugepage_sample *s = arena_new_of(a, struct hugepage_sample);

	s->time_ns = sample->time_ns;
	s->vmstat = keep_counters(a, &sample->vmstat);
	s->thp.khugepaged = keep_counters(a, &sample->thp.khugepaged);
	for (size_t i = 0; i < sample->mthp.n; i++)
		*ARENA_PUSH(a, &s->mthp) = (struct mthp){
			.size = sample->mthp.v[i].size,
			.stats = keep_counters(a, &sample->mthp.v[i].stats),
		};
	return s;
}

static struct rate rate_none(const char *why)
{
	return (struct rate){ .why = why };
}

static struct rate rate_of(struct figure older, struct figure newer, double seconds)
{
	if (!newer.known)
		return rate_none(newer.why);
	if (!older.known)
		return rate_none("not in the sample before");
	if (seconds <= 0)
		return rate_none("no time between the samples");
	if (newer.v < older.v)
		return rate_none("the counter went back");
	return (struct rate){ .known = true,
			      .per_s = (double)(newer.v - older.v) / seconds };
}

static struct named_rates rates_of(struct arena *a, const struct counters *older,
				   const struct counters *newer, double seconds)
{
	struct named_rates list = { 0 };

	for (size_t i = 0; i < newer->n; i++) {
		const struct counter *c = &newer->v[i];
		const char *name = arena_cstr(a, c->name);

		if (!thp_is_level(c->name))
			*ARENA_PUSH(a, &list) =
				(struct named_rate){ c->name,
						     rate_of(counters_get(older, name),
							     figure_of(c->v), seconds) };
	}
	return list;
}

struct rate named_rates_get(const struct named_rates *rates, const char *name)
{
	for (size_t i = 0; i < rates->n; i++)
		if (str_eq(rates->v[i].name, str_of(name)))
			return rates->v[i].rate;
	return rate_none("this kernel has no such counter");
}

struct rate hugepage_hit_pct(uint64_t alloc, uint64_t fallback)
{
	if (!alloc && !fallback)
		return rate_none("nothing asked for a page of this size");
	return (struct rate){ .known = true,
			      .per_s = 100.0 * (double)alloc /
				       ((double)alloc + (double)fallback) };
}

static const struct mthp *mthp_of(const struct mthps *list, uint64_t size)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].size == size)
			return &list->v[i];
	return NULL;
}

static struct mthp_rates mthp_rates_of(struct arena *a, const struct mthps *older,
				       const struct mthp *newer, double seconds)
{
	static const struct counters none = { .why = "not in the sample before" };
	const struct mthp *before = mthp_of(older, newer->size);
	struct mthp_rates r = { .size = newer->size };
	double asked;

	r.stats = rates_of(a, before ? &before->stats : &none, &newer->stats, seconds);
	r.alloc = named_rates_get(&r.stats, "anon_fault_alloc");
	r.fallback = named_rates_get(&r.stats, "anon_fault_fallback");
	r.split = named_rates_get(&r.stats, "split");
	if (!r.alloc.known || !r.fallback.known) {
		r.hit_pct = rate_none(r.alloc.known ? r.fallback.why : r.alloc.why);
		return r;
	}
	asked = r.alloc.per_s + r.fallback.per_s;
	r.hit_pct = asked > 0 ? (struct rate){ .known = true,
					       .per_s = 100 * r.alloc.per_s / asked }
			      : hugepage_hit_pct(0, 0);
	return r;
}

const struct hugepage_rates *hugepage_rates(struct arena *a,
					    const struct hugepage_sample *older,
					    const struct hugepage_sample *newer)
{
	struct hugepage_rates *r = arena_new_of(a, struct hugepage_rates);
	const struct counters *was = &older->thp.khugepaged, *is = &newer->thp.khugepaged;

	r->seconds = newer->time_ns > older->time_ns
			     ? (double)(newer->time_ns - older->time_ns) / 1e9
			     : 0;
	r->vmstat = rates_of(a, &older->vmstat, &newer->vmstat, r->seconds);
	r->collapsed = rate_of(counters_get(was, "pages_collapsed"),
			       counters_get(is, "pages_collapsed"), r->seconds);
	r->full_scans = rate_of(counters_get(was, "full_scans"),
				counters_get(is, "full_scans"), r->seconds);
	r->n_mthp = newer->mthp.n;
	r->mthp = arena_array(a, struct mthp_rates, r->n_mthp);
	for (size_t i = 0; i < r->n_mthp; i++)
		r->mthp[i] =
			mthp_rates_of(a, &older->mthp, &newer->mthp.v[i], r->seconds);
	return r;
}
