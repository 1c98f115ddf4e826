/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Huge pages over recorded machines, written-down machines, and this one.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>

#include "roots.h"

#include "sys/hugepage.h"
#include "sys/hugeproc.h"
#include "sys/knob.h"
#include "sys/smaps.h"

#define MiB (1ULL << 20)

static int close_root(void **state)
{
	recorded_close(*state);
	free(*state);
	return 0;
}

static int open_root(void **state, const char *name)
{
	*state = calloc(1, sizeof(struct recorded));
	recorded_open(*state, name);
	return 0;
}

static int pools_root(void **state)
{
	return open_root(state, "pages-pools.tar.gz");
}

static int thp_root(void **state)
{
	return open_root(state, "pages-thp.tar.gz");
}

static int nodes_root(void **state)
{
	return open_root(state, "two-nodes.tree");
}

static int old_root(void **state)
{
	return open_root(state, "kernel-5.10.tree");
}

static int container_root(void **state)
{
	return open_root(state, "container.tree");
}

static int no_thp_root(void **state)
{
	return open_root(state, "no-thp.tree");
}

static void assert_figure(struct figure f, uint64_t want)
{
	if (!f.known)
		fail_msg("unknown (%s), not %llu", f.why, (unsigned long long)want);
	if (f.v != want)
		fail_msg("%llu, not %llu", (unsigned long long)f.v,
			 (unsigned long long)want);
}

static void assert_reason(struct figure f, const char *part)
{
	assert_false(f.known);
	assert_non_null(f.why);
	if (!strstr(f.why, part))
		fail_msg("the reason \"%s\" does not say \"%s\"", f.why, part);
}

static void assert_says(struct str text, const char *part)
{
	if (str_find(text, str_of(part)) < 0)
		fail_msg("\"" STR_FMT "\" does not say \"%s\"", STR_ARG(text), part);
}

static const struct hugepage_sample *sample(struct recorded *r)
{
	return hugepage_sample(r->root, r->arena, HUGEPAGE_ALL);
}

/* ---- pools ----------------------------------------------------------------------- */

static void pools_tell_usable_from_free(void **state)
{
	const struct hugepage_sample *s = sample(*state);
	const struct hugetlb_pool *small = &s->pools.v[0], *large = &s->pools.v[1];

	assert_int_equal(s->pools.n, 2);
	assert_int_equal(small->size, 2 * MiB);
	assert_figure(small->total, 66);
	assert_figure(small->free, 49);
	assert_figure(small->reserved, 49);
	assert_figure(small->usable, 0);
	assert_figure(small->surplus, 2);
	assert_figure(small->overcommit, 16);
	assert_reason(small->demote_size, "no smaller size");
	assert_int_equal(large->size, 1024 * MiB);
	assert_figure(large->usable, 1);
	assert_figure(large->demote_size, 2 * MiB);
	assert_int_equal(small->nodes.n, 1);
	assert_figure(small->nodes.v[0].total, 66);
	assert_figure(small->nodes.v[0].free, 12);
	assert_true(hugetlb_in_use(&s->pools));
}

static void mounts_and_cgroups_of_the_pools_are_found(void **state)
{
	const struct hugepage_sample *s = sample(*state);

	assert_int_equal(s->mounts.n, 2);
	assert_str(s->mounts.v[0].point, "/mnt/lab/mnt2m");
	assert_int_equal(s->mounts.v[0].page_size, 2 * MiB);
	assert_figure(s->mounts.v[0].limit, 64 * MiB);
	assert_int_equal(s->mounts.v[1].page_size, 1024 * MiB);
	assert_reason(s->mounts.v[1].limit, "no limit");
	assert_int_equal(s->cgroups.n, 1);
	assert_str(s->cgroups.v[0].path, "/labhp");
	assert_int_equal(s->cgroups.v[0].version, 2);
	assert_figure(s->cgroups.v[0].current, 26 * MiB);
	assert_figure(s->cgroups.v[0].max, 200 * MiB);
	assert_reason(s->cgroups.v[0].rsvd_max, "no limit");
}

static void two_nodes_each_have_their_share(void **state)
{
	const struct hugepage_sample *s = sample(*state);
	const struct hugetlb_pool *p = &s->pools.v[0];

	assert_int_equal(s->numa.n, 2);
	assert_figure(meminfo_get(&s->numa.v[1].meminfo, "MemFree"), 7340032ULL << 10);
	assert_figure(p->usable, 449);
	assert_int_equal(p->nodes.n, 2);
	assert_figure(p->nodes.v[0].free, 250);
	assert_figure(p->nodes.v[1].free, 248);
	assert_figure(s->pools.v[1].nodes.v[1].total, 0);
	assert_int_equal(s->mounts.n, 2);
	assert_str(s->mounts.v[1].point, "/mnt/huge 1g");
	assert_figure(s->mounts.v[1].limit, 2048 * MiB);
	assert_figure(s->mounts.v[1].floor, 1024 * MiB);
	assert_int_equal(s->cgroups.n, 2);
	assert_str(s->cgroups.v[0].path, "/vm.slice");
	assert_figure(s->cgroups.v[0].refused, 4);
	assert_figure(s->cgroups.v[0].rsvd_current, 30 * MiB);
	assert_str(s->cgroups.v[1].path, "/vm.slice/a b.scope");
	assert_reason(s->cgroups.v[1].max, "no limit");
}

static void a_container_shows_the_default_pool_and_says_why_only_that(void **state)
{
	struct recorded *r = *state;
	const struct hugepage_sample *s = sample(r);

	assert_int_equal(s->pools.n, 1);
	assert_non_null(s->pools.note);
	assert_figure(s->pools.v[0].total, 20);
	assert_figure(s->pools.v[0].usable, 6);
	assert_reason(s->pools.v[0].overcommit, "no /proc/sys here");
	assert_non_null(strstr(s->pools.note, "/sys/kernel"));
	assert_non_null(strstr(s->thp.why, "no /sys/kernel/mm here"));
	assert_int_equal(s->mthp.n, 0);
	assert_non_null(s->mthp.why);
	assert_int_equal(s->buddy.n, 0);
	assert_non_null(strstr(s->buddy.why, "proc/buddyinfo"));
	assert_int_equal(s->mounts.n, 0);
	assert_non_null(s->mounts.why);
	assert_non_null(s->cgroups.why);
	assert_int_equal(s->numa.n, 0);
	assert_non_null(s->numa.why);
	assert_int_equal(s->pmd_size, 2 * MiB);
	assert_non_null(s->pmd_guess);
	assert_str(
		hugepage_why(r->arena, NULL, s).sentence,
		"All 5 THP faults since boot got their page (free blocks unknown: no "
		"/proc/buddyinfo here, compaction: 0 stalls, 0 failed, settings unknown: "
		"no /sys/kernel here).");
}

/* ---- THP -------------------------------------------------------------------------- */

static void sizes_keep_every_counter_also_unknown_ones(void **state)
{
	const struct hugepage_sample *s = sample(*state);
	const struct mthp *m = &s->mthp.v[0];

	assert_int_equal(s->mthp.n, 2);
	assert_int_equal(m->size, 64 << 10);
	assert_str(setting_chosen(m->enabled), "madvise");
	assert_figure(counters_get(&m->stats, "counter_of_tomorrow"), 5);
	assert_figure(mthp_anon_bytes(m), 70 * MiB);
	assert_int_equal(s->thp.other.n, 1);
	assert_str(s->thp.other.v[0].name, "shrink_underused");
	assert_figure(s->thp.use_zero_page, 1);
	assert_figure(counters_get(&s->thp.khugepaged, "full_scans"), 7);
}

static void a_size_without_an_enabled_file_says_so(void **state)
{
	const struct hugepage_sample *s = sample(*state);
	const struct mthp *m = &s->mthp.v[0];

	assert_int_equal(m->size, 8 << 10);
	assert_false(m->enabled.known);
	assert_non_null(m->enabled.why);
	assert_str(setting_chosen(m->shmem_enabled), "never");
	assert_figure(mthp_anon_bytes(&s->mthp.v[3]), 70 * MiB);
	assert_figure(mthp_anon_bytes(&s->mthp.v[8]), 374 * MiB);
	assert_figure(meminfo_get(&s->meminfo, "AnonHugePages"), 372 * MiB);
}

static void an_old_kernel_lacks_sizes_and_the_reason_is_given(void **state)
{
	const struct hugepage_sample *s = sample(*state);

	assert_int_equal(s->mthp.n, 0);
	assert_non_null(strstr(s->mthp.why, "6.8"));
	assert_reason(s->pools.v[0].demote_size, "5.16");
	assert_reason(counters_get(&s->vmstat, "thp_swpout"), "no such counter");
	assert_int_equal(s->cgroups.n, 1);
	assert_int_equal(s->cgroups.v[0].version, 1);
	assert_str(s->cgroups.v[0].path, "/db");
	assert_figure(s->cgroups.v[0].refused, 3);
	assert_figure(s->cgroups.v[0].max, 16 * MiB);
	assert_reason(s->cgroups.v[0].rsvd_current, "no /");
}

static void a_kernel_without_thp_says_so_everywhere(void **state)
{
	struct recorded *r = *state;
	const struct hugepage_sample *s = sample(r);
	struct hugepage_why w = hugepage_why(r->arena, NULL, s);

	assert_false(s->thp.enabled.known);
	assert_non_null(strstr(s->thp.why, "CONFIG_TRANSPARENT_HUGEPAGE"));
	assert_int_equal(w.cause, HUGEPAGE_NO_THP);
	assert_says(w.sentence, "CONFIG_TRANSPARENT_HUGEPAGE");
	assert_figure(s->pools.v[0].total, 4);
}

/* ---- rates ------------------------------------------------------------------------ */

static void rates_are_differences_by_the_clock_of_the_recording(void **state)
{
	struct recorded *r = *state;
	const struct hugepage_sample *older = sample(r), *newer;
	const struct hugepage_rates *rates;

	recorded_write(r, STR("proc/uptime"), STR("1010.00 1.00\n"));
	recorded_write(r, STR("proc/vmstat"),
		       STR("thp_fault_alloc 9800\nthp_fault_fallback 1100\n"
			   "nr_anon_transparent_hugepages 1\nthp_new 5\n"
			   "compact_stall 950\ncompact_fail 929\n"));
#define STATS "sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/"
	recorded_write(r, STR(STATS "anon_fault_alloc"), STR("1700\n"));
	recorded_write(r, STR(STATS "anon_fault_fallback"), STR("100\n"));
	recorded_write(r,
		       STR("sys/kernel/mm/transparent_hugepage/khugepaged/"
			   "pages_collapsed"),
		       STR("55\n"));
	newer = sample(r);
	rates = hugepage_rates(r->arena, older, newer);
	assert_true(rates->seconds == 10);
	assert_true(named_rates_get(&rates->vmstat, "thp_fault_alloc").per_s == 100);
	assert_non_null(strstr(named_rates_get(&rates->vmstat, "thp_fault_fallback").why,
			       "went back"));
	assert_non_null(named_rates_get(&rates->vmstat, "thp_new").why);
	assert_false(
		named_rates_get(&rates->vmstat, "nr_anon_transparent_hugepages").known);
	assert_true(rates->collapsed.per_s == 1.5);
	assert_true(rates->full_scans.known && rates->full_scans.per_s == 0);
	assert_int_equal(rates->n_mthp, 2);
	assert_true(rates->mthp[0].alloc.per_s == 72);
	assert_true(rates->mthp[0].fallback.per_s == 8);
	assert_true(rates->mthp[0].hit_pct.per_s == 90);
	assert_false(rates->mthp[1].hit_pct.known);
	assert_non_null(strstr(rates->mthp[1].hit_pct.why, "nothing asked"));
}

static void no_time_between_samples_is_no_rate(void **state)
{
	struct recorded *r = *state;
	const struct hugepage_sample *s = sample(r);
	const struct hugepage_rates *rates = hugepage_rates(r->arena, s, s);

	assert_false(rates->collapsed.known);
	assert_non_null(strstr(rates->collapsed.why, "no time"));
}

/* ---- why ------------------------------------------------------------------------- */

static void why_names_the_node_that_has_no_block(void **state)
{
	struct recorded *r = *state;
	struct hugepage_why w = hugepage_why(r->arena, NULL, sample(r));

	assert_int_equal(w.cause, HUGEPAGE_NODE_EMPTY);
	assert_int_equal(w.empty_node, 0);
	assert_figure(w.free_blocks, 31);
	assert_figure(w.extfrag, 931);
	assert_str(w.zone, "node 0 Normal");
	assert_str(
		w.sentence,
		"12.0 % of THP faults fell back since boot (1200 of 10000): a node has "
		"no free 2 MiB block, and faults there look at their own node first "
		"(free blocks of order 9: 31, none on node 0, extfrag 0.931 in node 0 Normal, "
		"compaction: 900 stalls, 880 failed, defrag madvise).");
}

static void why_tells_fragmentation_from_lack_of_memory(void **state)
{
	struct recorded *r = *state;
	const char *frag = "sys/kernel/debug/extfrag/extfrag_index";
	struct hugepage_why w;

	recorded_write(r, STR("proc/buddyinfo"),
		       STR("Node 0, zone   Normal 9000 800 4 9 3 9 1 1 1 0 0\n"));
	w = hugepage_why(r->arena, NULL, sample(r));
	assert_int_equal(w.cause, HUGEPAGE_FRAGMENTED);
	assert_figure(w.free_blocks, 0);
	recorded_write(
		r, str_of(frag),
		STR("Node 0, zone Normal -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 "
		    "-1.000 -1.000 -1.000 0.120 0.100\n"));
	assert_int_equal(hugepage_why(r->arena, NULL, sample(r)).cause,
			 HUGEPAGE_NO_MEMORY);
	recorded_write(r, str_of(frag), STR("\n"));
	w = hugepage_why(r->arena, NULL, sample(r));
	assert_int_equal(w.cause, HUGEPAGE_NO_BLOCK);
	assert_reason(w.extfrag, "no zone");
	recorded_write(r, STR("proc/vmstat"),
		       STR("thp_fault_alloc 1\nthp_fault_fallback 9\n"
			   "thp_fault_fallback_charge 8\n"));
	w = hugepage_why(r->arena, NULL, sample(r));
	assert_int_equal(w.cause, HUGEPAGE_CHARGE);
	assert_says(w.sentence, "charge failures 8");
}

static void why_blames_defrag_when_no_fault_may_wait(void **state)
{
	struct recorded *r = *state;
	struct hugepage_why w = hugepage_why(r->arena, NULL, sample(r));

	assert_int_equal(w.cause, HUGEPAGE_NO_WAITING);
	assert_says(w.sentence, "75.0 %");
	assert_says(w.sentence, "defrag lets no fault wait");
	assert_says(w.sentence, "defrag defer");
	assert_reason(w.extfrag, "debugfs");
}

static void why_is_calm_when_nothing_fell_back(void **state)
{
	struct recorded *r = *state;
	const struct hugepage_sample *s = sample(r);
	struct hugepage_why w = hugepage_why(r->arena, NULL, s);

	assert_int_equal(w.cause, HUGEPAGE_ALL_GOT);
	assert_says(w.sentence, "All 2251 THP faults since boot");
	assert_figure(w.free_blocks, 3 + 2 * 751 + 1 + 2 * 45);
	assert_int_equal(hugepage_why(r->arena, s, s).cause, HUGEPAGE_QUIET);
	recorded_write(r, STR("sys/kernel/mm/transparent_hugepage/enabled"),
		       STR("always madvise [never]\n"));
	recorded_write(r,
		       STR("sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled"),
		       STR("always inherit madvise [never]\n"));
	assert_int_equal(hugepage_why(r->arena, NULL, sample(r)).cause, HUGEPAGE_OFF);
}

/* ---- processes --------------------------------------------------------------------- */

static struct hugeproc_rows refresh(struct hugeproc_scan *scan, struct recorded *r)
{
	struct hugeproc_rows rows;

	assert_ok(hugeproc_refresh(scan, r->root, r->arena, sample(r), &rows, &err));
	return rows;
}

static void processes_are_ranked_by_all_kinds_together(void **state)
{
	AUTO(hugeproc_scan) scan = hugeproc_scan_new(0);
	struct recorded *r = *state;
	struct hugeproc_rows rows = refresh(scan, r);

	assert_int_equal(rows.processes, 3);
	assert_int_equal(rows.small, 1);
	assert_int_equal(rows.n, 2);
	assert_int_equal(rows.v[0].pid, 4211);
	assert_figure(rows.v[0].anon, 4096 * MiB);
	assert_figure(rows.v[0].hugetlb, 28 * MiB);
	assert_string_equal(rows.v[0].source, "smaps_rollup");
	assert_int_equal(rows.v[1].pid, 5001);
	assert_str(rows.v[1].comm, ") R 0 (\033[31mbad");
	assert_figure(rows.v[1].shmem, 64 * MiB);
	assert_figure(rows.v[1].file, 2 * MiB);
	assert_null(rows.why);
}

static void pool_pages_count_without_any_rss(void **state)
{
	AUTO(hugeproc_scan) scan = hugeproc_scan_new(0);
	struct hugeproc_rows rows = refresh(scan, *state);

	assert_int_equal(rows.n, 3);
	assert_int_equal(rows.small, 3);
	assert_int_equal(rows.read, 0);
	assert_int_equal(rows.v[0].pid, 13894);
	assert_figure(rows.v[0].hugetlb, 1024 * MiB);
	assert_figure(rows.v[2].hugetlb, 40 * MiB);
}

static void unmoved_counters_need_no_read(void **state)
{
	AUTO(hugeproc_scan) scan = hugeproc_scan_new(0);
	struct recorded *r = *state;
	struct hugeproc_rows rows = refresh(scan, r);

	assert_int_equal(rows.read, 2);
	recorded_write(r, STR("proc/4211/smaps_rollup"), STR("not read\n"));
	recorded_write(r, STR("proc/uptime"), STR("1005.00 1.00\n"));
	rows = refresh(scan, r);
	assert_true(rows.unmoved);
	assert_int_equal(rows.read, 0);
	assert_figure(rows.v[0].anon, 4096 * MiB);
	assert_true(rows.v[0].age_s == 0);
}

static void an_unmoved_process_keeps_its_value_when_others_move(void **state)
{
	AUTO(hugeproc_scan) scan = hugeproc_scan_new(0);
	struct recorded *r = *state;
	struct hugeproc_rows rows = refresh(scan, r);

	recorded_write(r, STR("proc/4211/smaps_rollup"), STR("not read\n"));
	recorded_write(r, STR("proc/5001/stat"),
		       STR("5001 (x) S 1 1 1 0 -1 0 99 0 0 0 5 7 0 0 20 0 1 0 6001 1 "
			   "70000 0\n"));
	recorded_write(r, STR("proc/5001/smaps_rollup"),
		       STR("1000-2000 ---p 00000000 00:00 0 [rollup]\n"
			   "AnonHugePages: 8192 kB\n"));
	recorded_write(r, STR("proc/vmstat"),
		       STR("thp_fault_alloc 8804\n"
			   "thp_collapse_alloc 40\n"
			   "thp_split_page 5\nthp_split_pmd 9\n"));
	rows = refresh(scan, r);
	assert_false(rows.unmoved);
	assert_int_equal(rows.read, 1);
	assert_figure(rows.v[0].anon, 4096 * MiB);
	assert_figure(rows.v[1].anon, 8 * MiB);
	assert_figure(rows.v[1].shmem, 0);
}

static void a_reused_pid_is_read_again(void **state)
{
	AUTO(hugeproc_scan) scan = hugeproc_scan_new(0);
	struct recorded *r = *state;
	struct hugeproc_rows rows = refresh(scan, r);

	recorded_write(r, STR("proc/5001/stat"),
		       STR("5001 (y) S 1 1 1 0 -1 0 10 0 0 0 5 7 0 0 20 0 1 0 7777 1 "
			   "70000 0\n"));
	recorded_write(r, STR("proc/vmstat"), STR("thp_fault_alloc 8801\n"));
	rows = refresh(scan, r);
	assert_str(rows.v[1].comm, "y");
	assert_int_equal(rows.v[1].start, 7777);
}

/* ---- mappings ---------------------------------------------------------------------- */

static void mappings_say_why_they_are_not_huge(void **state)
{
	struct recorded *r = *state;
	struct smaps maps;
	size_t small = 0, huge = 0, never = 0;
	const char *why;

	assert_ok(smaps_read(r->root, r->arena, 2813, &maps, &err));
	for (size_t i = 0; i < maps.n; i++) {
		why = smaps_verdict(&maps.v[i], STR("madvise"), 2 * MiB);
		small += !strcmp(why, "no aligned huge page fits into it");
		huge += maps.v[i].anon_huge > 0;
		never += maps.v[i].thp_eligible.known && maps.v[i].thp_eligible.v &&
			 !maps.v[i].anon_huge;
	}
	assert_int_equal(huge, 1);
	assert_true(small > 40);
	assert_int_equal(never, 41);
	assert_err(smaps_read(r->root, r->arena, 4, &maps, &err), ERR_NOTFOUND);
}

static void verdicts_follow_flags_and_settings(void **state)
{
	struct smaps_map m = { .start = 2 * MiB,
			       .end = 6 * MiB,
			       .rss = 4 * MiB,
			       .flags = STR("rd wr mr mw me ac"),
			       .thp_eligible = figure_of(0) };
	struct str madvise = STR("madvise");

	assert_string_equal(smaps_verdict(&m, madvise, 2 * MiB),
			    "not eligible: enabled is madvise and it did not ask");
	assert_string_equal(smaps_verdict(&m, STR("never"), 2 * MiB),
			    "not eligible: THP is off");
	m.flags = STR("rd nh");
	assert_string_equal(smaps_verdict(&m, madvise, 2 * MiB),
			    "MADV_NOHUGEPAGE was asked for");
	m.flags = STR("rd ht");
	assert_string_equal(smaps_verdict(&m, madvise, 2 * MiB),
			    "HugeTLB: taken from a pool");
	m.flags = STR("rd hg");
	m.anon_huge = 2 * MiB;
	assert_string_equal(smaps_verdict(&m, madvise, 2 * MiB), "partly in huge pages");
}

/* ---- knobs ------------------------------------------------------------------- */

static void knobs_answer_to_all_their_names(void **state)
{
	static const char *const names[][2] = {
		{ "nr_hugepages", "2M/nr_hugepages" },
		{ "2m/NR_HUGEPAGES", "2M/nr_hugepages" },
		{ "hugepages-2048kB/nr_hugepages", "2M/nr_hugepages" },
		{ "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_overcommit_hugepages",
		  "1G/nr_overcommit_hugepages" },
		{ "node1/1G/nr_hugepages", "node1/1G/nr_hugepages" },
		{ "enabled", "enabled" },
		{ "transparent_hugepage/defrag", "defrag" },
		{ "64K/enabled", "64K/enabled" },
		{ "khugepaged/pages_to_scan", "khugepaged/pages_to_scan" },
	};
	struct recorded *r = *state;
	struct knob k;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_ok(knob_find(r->root, r->arena, str_of(names[i][0]), &k, &err));
		assert_str(k.id, names[i][1]);
	}
	assert_int_equal(k.node, -1);
	assert_err(knob_find(r->root, r->arena, STR("4M/enabled"), &k, &err),
		   ERR_NOTFOUND);
	assert_err(knob_find(r->root, r->arena, STR("../../etc/passwd"), &k, &err),
		   ERR_NOTFOUND);
}

static struct knob_preview preview(struct recorded *r, const char *name,
				   const char *value)
{
	struct knob_preview p;
	struct knob k;

	assert_ok(knob_find(r->root, r->arena, str_of(name), &k, &err));
	assert_ok(knob_preview(r->root, r->arena, &k, str_of(value), &p, &err));
	return p;
}

static void a_preview_counts_what_the_kernel_could_give(void **state)
{
	struct recorded *r = *state;
	struct knob_preview p = preview(r, "nr_hugepages", "600");

	assert_str(p.now, "512");
	assert_str(p.after, "600");
	assert_figure(p.can_give, 31);
	assert_str(p.outlook,
		   "asks for 88 more pages; 31 free blocks of order 9 are there: "
		   "the rest only if compaction and reclaim find more");
	assert_str(p.command, "echo 600 | sudo tee "
			      "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
	assert_false(p.allowed);
	assert_string_equal(p.why_not, "this is a recorded machine");
	p = preview(r, "node0/2M/nr_hugepages", "300");
	assert_figure(p.can_give, 0);
	p = preview(r, "node1/2M/nr_hugepages", "260");
	assert_figure(p.can_give, 31);
	assert_says(p.outlook, "enough");
	p = preview(r, "2M/nr_hugepages", "10");
	assert_str(p.outlook,
		   "14 pages are used and 49 reserved: 53 of them stay as surplus "
		   "until they are freed");
	p = preview(r, "1G/nr_hugepages", "4");
	assert_reason(p.can_give, "put together from ranges");
	assert_says(p.outlook, "8 at most");
}

static void a_preview_refuses_what_the_kernel_would(void **state)
{
	struct recorded *r = *state;
	struct knob_preview p;
	struct knob k;

	assert_ok(knob_find(r->root, r->arena, STR("enabled"), &k, &err));
	assert_err(knob_preview(r->root, r->arena, &k, STR("sometimes"), &p, &err),
		   ERR_USAGE);
	assert_err(knob_preview(r->root, r->arena, &k, STR("[madvise]"), &p, &err),
		   ERR_USAGE);
	p = preview(r, "enabled", "always");
	assert_str(p.now, "madvise");
	assert_says(p.means, "every anonymous area");
	assert_ok(knob_find(r->root, r->arena, STR("nr_hugepages"), &k, &err));
	assert_err(knob_preview(r->root, r->arena, &k, STR("1;reboot"), &p, &err),
		   ERR_USAGE);
	assert_err(knob_preview(r->root, r->arena, &k, STR(""), &p, &err), ERR_USAGE);
}

static void a_recorded_machine_cannot_be_changed(void **state)
{
	struct recorded *r = *state;
	struct knob_preview p = preview(r, "defrag", "never");
	const char *journal = arena_printf(r->arena, "%s/state/journal", r->dir);
	struct knob_change c;
	struct err why;

	assert_false(knob_set(r->root, r->arena, &p, journal, &c, &why));
	assert_int_equal(why.code, ERR_DENIED);
	assert_non_null(strstr(why.hint, "echo never | sudo tee /sys/kernel/mm/"));
	assert_false(file_exists(journal));
	assert_err(knob_undo(r->root, r->arena, journal, &c, &err), ERR_NOTFOUND);
	p = preview(r, "defrag", "madvise");
	assert_ok(knob_set(r->root, r->arena, &p, journal, &c, &err));
	assert_str(c.sentence, "defrag is madvise already");
	assert_false(file_exists(journal));
}

/* The journal as an earlier run left it. */
static enum err_code undo(struct recorded *r, const char *journal, const char **ret_msg)
{
	static struct err why;
	struct knob_change c;
	const char *path = arena_printf(r->arena, "%s/journal", r->dir);

	recorded_write(r, STR("journal"), str_of(journal));
	assert_false(knob_undo(r->root, r->arena, path, &c, &why));
	*ret_msg = why.msg;
	return why.code;
}

static void undo_keeps_to_this_boot_and_to_what_we_left(void **state)
{
	struct recorded *r = *state;
	STRBUF_AUTO(text, 4096);
	const char *msg;

	recorded_write(r, STR("proc/sys/kernel/random/boot_id"), STR("now\n"));
	assert_int_equal(undo(r, "before\tdefrag\tnever\tmadvise\tmadvise\n", &msg),
			 ERR_NOTFOUND);
	assert_non_null(strstr(msg, "before this boot"));
	assert_int_equal(undo(r, "now\tdefrag\talways\tnever\tnever\n", &msg),
			 ERR_CONFLICT);
	assert_non_null(strstr(msg, "somebody set it to madvise"));
	/* Ours, or a crash before it was read back: undo goes on to write. */
	assert_int_equal(undo(r, "now\tdefrag\talways\tmadvise\tmadvise\n", &msg),
			 ERR_DENIED);
	assert_int_equal(undo(r, "now\tdefrag\talways\tnever\t?\n", &msg), ERR_DENIED);
	assert_int_equal(undo(r, "now\tno-such\t1\t2\t2\n", &msg), ERR_NOTFOUND);
	/* Not ours: nothing is touched. */
	assert_int_equal(undo(r, "now\tdefrag\n", &msg), ERR_PARSE);
	assert_ok(root_read(r->root, "journal", &text, &err));
	assert_str(strbuf_str(&text), "now\tdefrag\n");
	assert_int_equal(undo(r, "", &msg), ERR_NOTFOUND);
}

/* ---- parsers ----------------------------------------------------------------- */

static void buddyinfo_prints_as_it_was_read(void **state)
{
	struct recorded *r = *state;
	STRBUF_AUTO(text, 1 << 16);
	STRBUF_AUTO(again, 1 << 16);
	struct buddy b;

	assert_ok(root_read(r->root, "proc/buddyinfo", &text, &err));
	assert_ok(buddy_parse(r->arena, strbuf_str(&text), &b, &err));
	buddy_print(&again, &b);
	assert_str(strbuf_str(&again), strbuf_z(&text));
	assert_err(buddy_parse(r->arena, STR("Node 0, zone Normal 1 x 3\n"), &b, &err),
		   ERR_PARSE);
}

/* ---- this machine ------------------------------------------------------------ */

struct live {
	struct root *root;
	struct arena *arena;
};

static int open_live(void **state)
{
	struct live *l = calloc(1, sizeof(*l));

	*state = l;
	l->arena = arena_new();
	return root_open("/", &l->root, NULL) ? 0 : -1;
}

static int close_live(void **state)
{
	struct live *l = *state;

	root_free(l->root);
	arena_free(l->arena);
	free(l);
	return 0;
}

static void live_sample_equals_proc(void **state)
{
	struct live *l = *state;
	const struct hugepage_sample *s =
		hugepage_sample(l->root, l->arena, HUGEPAGE_ALL);
	STRBUF_AUTO(text, 1 << 20);
	struct buddy b;

	if (!s->vmstat.n)
		skip();
	assert_ok(file_read("/proc/buddyinfo", &text, &err));
	assert_ok(buddy_parse(l->arena, strbuf_str(&text), &b, &err));
	assert_int_equal(b.n, s->buddy.n);
	for (size_t i = 0; i < s->pools.n; i++)
		if (s->pools.v[i].size == meminfo_get(&s->meminfo, "Hugepagesize").v)
			assert_figure(meminfo_get(&s->meminfo, "HugePages_Total"),
				      s->pools.v[i].total.v);
	assert_true(s->page_size == (uint64_t)sysconf(_SC_PAGESIZE));
}

/* A process of our own with `n` huge pages as the kernel gives them; skips when it gives
 * none. */
static void *touch_huge(size_t n)
{
	size_t bytes = (n + 1) * 2 * MiB;
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	assert_true(p != MAP_FAILED);
	(void)madvise(p, bytes, MADV_HUGEPAGE);
	for (size_t i = 0; i < bytes; i += 4096)
		p[i] = 1;
	return p;
}

static struct hugeproc_row row_of(const struct hugeproc_rows *rows, int64_t pid)
{
	for (size_t i = 0; i < rows->n; i++)
		if (rows->v[i].pid == pid)
			return rows->v[i];
	fail_msg("no row of process %lld", (long long)pid);
	return (struct hugeproc_row){ 0 };
}

static void live_walk_equals_smaps_rollup(void **state)
{
	AUTO(hugeproc_scan) one = hugeproc_scan_new(0);
	AUTO(hugeproc_scan) two = hugeproc_scan_new(0);
	struct live *l = *state;
	void *p = touch_huge(8);
	const struct hugepage_sample *s =
		hugepage_sample(l->root, l->arena, HUGEPAGE_POOLS);
	struct hugeproc_rows by_scan, by_rollup;
	struct smaps_map sum;
	bool got;

	hugeproc_use_rollup(two);
	assert_ok(hugeproc_refresh(one, l->root, l->arena, s, &by_scan, &err));
	assert_ok(hugeproc_refresh(two, l->root, l->arena, s, &by_rollup, &err));
	assert_ok(smaps_rollup(l->root, l->arena, getpid(), &sum, &err));
	got = sum.anon_huge > 0;
	if (got) {
		assert_figure(row_of(&by_scan, getpid()).anon, sum.anon_huge);
		assert_figure(row_of(&by_rollup, getpid()).anon, sum.anon_huge);
		assert_string_equal(row_of(&by_rollup, getpid()).source, "smaps_rollup");
	}
	munmap(p, 9 * 2 * MiB);
	if (!got) {
		print_message("this machine gives no huge page now\n");
		skip();
	}
}

static void a_refresh_keeps_within_its_budget(void **state)
{
	AUTO(hugeproc_scan) scan = hugeproc_scan_new(1);
	struct live *l = *state;
	struct hugeproc_rows rows;

	for (int i = 0; i < 50; i++) {
		const struct hugepage_sample *s =
			hugepage_sample(l->root, l->arena, HUGEPAGE_POOLS);

		assert_ok(hugeproc_refresh(scan, l->root, l->arena, s, &rows, &err));
		/* One piece may pass the budget: a GiB of small pages is 0.5 ms. */
		if (rows.cpu_ms > 20)
			fail_msg("%.3f ms of CPU in one refresh of 1 ms", rows.cpu_ms);
	}
}

static void a_process_too_large_for_the_budget_is_named_not_read(void **state)
{
	AUTO(hugeproc_scan) scan = hugeproc_scan_new(0.02);
	struct hugeproc_rows rows = { .waiting = 1 };
	struct live *l = *state;
	void *p = touch_huge(16); /* rss of 32 MiB: 0.1 ms of smaps_rollup */
	bool named = false;

	hugeproc_use_rollup(scan);
	for (int i = 0; i < 2000 && !named; i++) {
		const struct hugepage_sample *s =
			hugepage_sample(l->root, l->arena, HUGEPAGE_POOLS);

		assert_ok(hugeproc_refresh(scan, l->root, l->arena, s, &rows, &err));
		for (size_t k = 0; k < rows.n; k++)
			named |= rows.v[k].pid == getpid() && !rows.v[k].anon.known &&
				 strstr(rows.v[k].anon.why, "budget");
		arena_reset(l->arena);
	}
	munmap(p, 17 * 2 * MiB);
	assert_true(named);
}

/* A knob of the live machine that goes back to what it was, come what may. */
static struct {
	struct knob knob;
	struct str before;
	bool taken;
} kept;

static int give_back(void **state)
{
	struct live *l = *state;

	if (kept.taken && !root_write(l->root, kept.knob.path, kept.before, NULL))
		print_message("could not restore %s\n", kept.knob.path);
	kept.taken = false;
	return close_live(state);
}

static void take(struct live *l, const char *name)
{
	struct setting s;

	if (geteuid() || !knob_find(l->root, l->arena, str_of(name), &kept.knob, NULL) ||
	    faccessat(root_fd(l->root), kept.knob.path, W_OK, AT_EACCESS)) {
		print_message("needs root and a writable /sys with %s\n", name);
		skip();
	}
	s = knob_value(l->root, l->arena, &kept.knob);
	assert_true(s.known);
	kept.before = s.text;
	kept.taken = true;
}

static void live_setting_is_changed_read_back_and_undone(void **state)
{
	struct live *l = *state;
	char dir[] = "/tmp/kcrib-journal-XXXXXX";
	const char *journal, *rm[] = { "rm", "-rf", "--", dir, NULL };
	struct spawn clean = { .argv = rm };
	struct knob_preview p;
	struct knob_change c;
	int status;

	take(l, "khugepaged/scan_sleep_millisecs");
	assert_non_null(mkdtemp(dir));
	journal = arena_printf(l->arena, "%s/a/b/journal", dir);
	assert_ok(knob_preview(l->root, l->arena, &kept.knob, STR("12345"), &p, &err));
	assert_true(p.allowed);
	assert_ok(knob_set(l->root, l->arena, &p, journal, &c, &err));
	assert_true(c.as_asked);
	assert_str(knob_value(l->root, l->arena, &kept.knob).text, "12345");

	/* Somebody else changes it: undo must not overwrite that. */
	assert_ok(root_write(l->root, kept.knob.path, STR("23456"), &err));
	assert_err(knob_undo(l->root, l->arena, journal, &c, &err), ERR_CONFLICT);
	assert_ok(root_write(l->root, kept.knob.path, STR("12345"), &err));
	assert_ok(knob_undo(l->root, l->arena, journal, &c, &err));
	assert_true(str_eq(knob_value(l->root, l->arena, &kept.knob).text, kept.before));
	assert_err(knob_undo(l->root, l->arena, journal, &c, &err), ERR_NOTFOUND);
	assert_ok(spawn_run(&clean, &status, &err));
}

static void live_pool_tells_what_it_got(void **state)
{
	struct live *l = *state;
	char dir[] = "/tmp/kcrib-journal-XXXXXX";
	const char *journal, *rm[] = { "rm", "-rf", "--", dir, NULL };
	struct spawn clean = { .argv = rm };
	struct knob_preview p;
	struct knob_change c;
	uint64_t now, got;
	int status;

	take(l, "nr_hugepages");
	assert_non_null(mkdtemp(dir));
	journal = arena_printf(l->arena, "%s/journal", dir);
	assert_true(str_to_u64(kept.before, &now));
	assert_ok(knob_preview(l->root, l->arena, &kept.knob,
			       arena_strf(l->arena, "%llu", (unsigned long long)now + 3),
			       &p, &err));
	assert_ok(knob_set(l->root, l->arena, &p, journal, &c, &err));
	assert_true(str_to_u64(c.got, &got));
	assert_int_equal(c.as_asked, got == now + 3);
	if (!c.as_asked)
		assert_says(c.sentence, "asked ");
	assert_ok(knob_undo(l->root, l->arena, journal, &c, &err));
	assert_true(str_eq(c.got, kept.before));
	assert_ok(spawn_run(&clean, &status, &err));
}

#define ROOT(fn, open) cmocka_unit_test_setup_teardown(fn, open, close_root)
#define LIVE(fn)       cmocka_unit_test_setup_teardown(fn, open_live, close_live)
#define KNOB(fn)       cmocka_unit_test_setup_teardown(fn, open_live, give_back)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOT(pools_tell_usable_from_free, pools_root),
		ROOT(mounts_and_cgroups_of_the_pools_are_found, pools_root),
		ROOT(two_nodes_each_have_their_share, nodes_root),
		ROOT(a_container_shows_the_default_pool_and_says_why_only_that,
		     container_root),
		ROOT(sizes_keep_every_counter_also_unknown_ones, nodes_root),
		ROOT(a_size_without_an_enabled_file_says_so, thp_root),
		ROOT(an_old_kernel_lacks_sizes_and_the_reason_is_given, old_root),
		ROOT(a_kernel_without_thp_says_so_everywhere, no_thp_root),
		ROOT(rates_are_differences_by_the_clock_of_the_recording, nodes_root),
		ROOT(no_time_between_samples_is_no_rate, nodes_root),
		ROOT(why_names_the_node_that_has_no_block, nodes_root),
		ROOT(why_tells_fragmentation_from_lack_of_memory, nodes_root),
		ROOT(why_blames_defrag_when_no_fault_may_wait, old_root),
		ROOT(why_is_calm_when_nothing_fell_back, thp_root),
		ROOT(processes_are_ranked_by_all_kinds_together, nodes_root),
		ROOT(pool_pages_count_without_any_rss, pools_root),
		ROOT(unmoved_counters_need_no_read, nodes_root),
		ROOT(an_unmoved_process_keeps_its_value_when_others_move, nodes_root),
		ROOT(a_reused_pid_is_read_again, nodes_root),
		ROOT(mappings_say_why_they_are_not_huge, thp_root),
		TEST(verdicts_follow_flags_and_settings),
		ROOT(knobs_answer_to_all_their_names, nodes_root),
		ROOT(a_preview_counts_what_the_kernel_could_give, nodes_root),
		ROOT(a_preview_refuses_what_the_kernel_would, nodes_root),
		ROOT(a_recorded_machine_cannot_be_changed, nodes_root),
		ROOT(undo_keeps_to_this_boot_and_to_what_we_left, nodes_root),
		ROOT(buddyinfo_prints_as_it_was_read, nodes_root),
		LIVE(live_sample_equals_proc),
		LIVE(live_walk_equals_smaps_rollup),
		LIVE(a_refresh_keeps_within_its_budget),
		LIVE(a_process_too_large_for_the_budget_is_named_not_read),
		KNOB(live_setting_is_changed_read_back_and_undone),
		KNOB(live_pool_tells_what_it_got),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
