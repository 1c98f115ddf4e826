/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes by huge pages: see sys/hugeproc.h. A pass has three phases, each of which can
 * stop when the budget is spent: list /proc, read stat of each process (4.5 us; rss,
 * faults and name in one), walk those whose value does not stand. The values of the last
 * pass stay on show until newer ones replace them.
 *
 * A refresh stops before the step that would pass the budget, not after it: steps of a
 * kind are expected to cost what the dearest of late did, a smaps_rollup what it cost for
 * this very process the last time, or what its rss says. What showing the rows takes is
 * kept back.
 *
 * Of status (5.7 us) only HugetlbPages is wanted, and only while a pool has pages out.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "pagemap.h"
#include "sys/hugeproc.h"
#include "sys/proc_stat.h"
#include "sys/smaps.h"

enum { MAX_PROCESSES = 1 << 22, COMM = 64, LIST_STEP = 64 };

/* CPU that smaps_rollup takes for a GiB of small pages where nothing is known yet: 3.7
 * were measured on an idle machine, twice as much and more with others in its caches. */
static const double ROLLUP_MS_PER_GIB = 8;
/* A fork shares huge pages and moves no counter: look again at least this often. */
static const uint64_t LONGEST_NS = 30000000000;

enum state { UNREAD, STANDS, SMALL, DENIED, TOO_LARGE };

struct entry {
	int64_t pid;
	uint64_t start, rss, minflt;
	uint64_t anon, shmem, file, hugetlb;
	uint64_t fresh_ns;          /* when read or last shown unchanged */
	uint64_t cost_ns, cost_rss; /* CPU of its last smaps_rollup; rss then; 0: none */
	uint64_t epoch;             /* collapse and split counters when it was read */
	enum state state;
	bool valued, has_hugetlb, rollup;
	char comm[COMM];
};

struct entries {
	struct entry *v;
	size_t n, cap;
};

enum phase { IDLE, LIST, STAT, READ };

/* Steps of a refresh that cost much alike each time. */
enum step {
	STEP_LIST,
	STEP_STAT,
	STEP_ORDER,
	STEP_PIECE,
	STEP_ROLLUP, /* of a process in which other costs than the walk prevail */
	STEP_LARGE_ROLLUP,
	STEP_SHOW,
	STEPS
};
enum { LARGE = 64 << 20 }; /* rss whose walk prevails */

struct hugeproc_scan {
	uint64_t budget;       /* ns of CPU for a refresh; 0: no bound */
	struct arena *own;     /* devs */
	struct entries shown;  /* by pid */
	struct entries coming; /* of the pass under way */
	size_t *order;         /* indexes into shown to be read, largest rss first */
	size_t n_order, next;
	DIR *dir;
	struct pagemap_walk *walk;
	struct pagemap_devs devs;
	bool scan_works, asked, no_scan;
	enum phase phase;
	uint64_t gate, pass_gate; /* of the last whole pass; of the one under way */
	uint64_t pass_ns;         /* when the last whole pass ended */
	uint64_t dear[STEPS];     /* ns: the dearest of late */
	double rollup_rate;       /* ns for a byte of rss */
	bool passed;
};

/* What one refresh works with. */
struct run {
	struct hugeproc_scan *scan;
	const struct root *root;
	const struct hugepage_sample *now;
	uint64_t began, budget; /* ns of CPU; budget 0: no bound */
	uint64_t epoch;
	bool pools_used;
	size_t read, steps;
	enum step doing; /* the step under way, and since when */
	uint64_t since;
};

struct hugeproc_scan *hugeproc_scan_new(double budget_ms)
{
	struct hugeproc_scan *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->own = arena_new();
	s->budget = (uint64_t)(budget_ms * 1e6);
	s->rollup_rate = ROLLUP_MS_PER_GIB * 1e6 / (1 << 30);
	return s;
}

static void drop_pass(struct hugeproc_scan *s)
{
	if (s->dir)
		closedir(s->dir);
	s->dir = NULL;
	pagemap_walk_free(s->walk);
	s->walk = NULL;
	free(s->coming.v);
	s->coming = (struct entries){ 0 };
	free(s->order);
	s->order = NULL;
	s->n_order = s->next = 0;
	s->phase = IDLE;
}

void hugeproc_scan_free(struct hugeproc_scan *s)
{
	if (!s)
		return;
	drop_pass(s);
	free(s->shown.v);
	arena_free(s->own);
	free(s);
}

void hugeproc_use_rollup(struct hugeproc_scan *s)
{
	s->no_scan = true;
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* The step under way is over: remember the dearest, and forget it slowly. */
static uint64_t step_over(struct run *r)
{
	enum { FORGET = 64 };
	uint64_t now = cpu_ns(), cost = now - r->since, *dear = &r->scan->dear[r->doing];

	if (r->steps) {
		*dear -= *dear / FORGET;
		if (cost > *dear)
			*dear = cost;
	}
	r->since = now;
	return now;
}

static void begin_step(struct run *r, enum step step)
{
	r->doing = step;
	r->steps++;
}

/* Would this step pass the budget, if it costs `expect` ns? Asked before each. The first
 * of a refresh is always taken, so that a pass ends however small the budget is. */
static bool too_dear(struct run *r, enum step next, uint64_t expect)
{
	uint64_t used = step_over(r) - r->began, left = expect + r->scan->dear[STEP_SHOW];
	/* a quarter more: a busy machine has colder caches now than then */
	bool stop = r->budget && r->steps && used + left + left / 4 > r->budget;

	if (!stop)
		begin_step(r, next);
	return stop;
}

static bool spent(struct run *r, enum step next)
{
	return too_dear(r, next, r->scan->dear[next]);
}

static struct entry *add_entry(struct entries *list)
{
	if (list->n == list->cap) {
		list->cap = list->cap ? list->cap * 2 : 256;
		list->v = realloc(list->v, list->cap * sizeof(*list->v));
		if (!list->v)
			abort();
	}
	list->v[list->n] = (struct entry){ 0 };
	return &list->v[list->n++];
}

static int by_pid(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* ---- the gates ----------------------------------------------------------------- */

static uint64_t mix(uint64_t h, uint64_t v)
{
	return (h ^ v) * 0x100000001b3;
}

/* A fingerprint of every global figure that moves when a process gets or loses a huge
 * page. */
static uint64_t gate_of(const struct hugepage_sample *s)
{
	static const char *const levels[] = { "AnonHugePages",
					      "ShmemHugePages",
					      "ShmemPmdMapped",
					      "FileHugePages",
					      "FilePmdMapped",
					      "Hugetlb",
					      NULL };
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < s->vmstat.n; i++)
		if (str_starts(s->vmstat.v[i].name, STR("thp_")))
			h = mix(h, s->vmstat.v[i].v);
	for (size_t i = 0; levels[i]; i++)
		h = mix(h, meminfo_get(&s->meminfo, levels[i]).v);
	for (size_t i = 0; i < s->pools.n; i++)
		h = mix(mix(mix(h, s->pools.v[i].free.v), s->pools.v[i].total.v),
			s->pools.v[i].reserved.v);
	return h;
}

/* Counters that change a process's huge pages without a fault of its own. */
static uint64_t epoch_of(const struct hugepage_sample *s)
{
	static const char *const names[] = { "thp_collapse_alloc", "thp_split_pmd",
					     "thp_split_page", "thp_file_mapped", NULL };
	uint64_t sum = 0;

	for (size_t i = 0; names[i]; i++)
		sum = mix(sum, counters_get(&s->vmstat, names[i]).v);
	return sum;
}

/* ---- phase 1: list -------------------------------------------------------------- */

static bool begin(struct run *r, struct err *err)
{
	struct hugeproc_scan *s = r->scan;
	int fd = root_openat(r->root, "proc", O_RDONLY | O_DIRECTORY, err);

	if (fd < 0)
		return false;
	s->dir = fdopendir(fd);
	if (!s->dir) {
		close(fd);
		return err_set(err, ERR_IO, "listing /proc: no memory");
	}
	if (!s->asked && root_is_live(r->root)) {
		s->scan_works = pagemap_scan_works();
		s->devs = pagemap_devs(r->root, s->own);
	}
	s->asked = true;
	s->pass_gate = gate_of(r->now);
	s->phase = LIST;
	return true;
}

static bool list(struct run *r)
{
	struct hugeproc_scan *s = r->scan;
	struct dirent *e;
	uint64_t pid;

	for (size_t i = 0; s->dir; i++) {
		if (i % LIST_STEP == 0 && spent(r, STEP_LIST))
			return false;
		e = readdir(s->dir);
		if (!e) {
			closedir(s->dir);
			s->dir = NULL;
		} else if (str_to_u64(str_of(e->d_name), &pid) && pid &&
			   pid <= INT32_MAX && s->coming.n < MAX_PROCESSES) {
			add_entry(&s->coming)->pid = (int64_t)pid;
		}
	}
	if (spent(r, STEP_ORDER))
		return false;
	if (s->coming.n)
		qsort(s->coming.v, s->coming.n, sizeof(*s->coming.v), by_pid);
	s->next = 0;
	s->phase = STAT;
	return true;
}

/* ---- phase 2: stat ------------------------------------------------------------- */

static bool read_stat(const struct run *r, struct entry *e)
{
	STRBUF_AUTO(buf, 4096);
	struct proc_stat stat;
	char path[64];

	snprintf(path, sizeof(path), "proc/%lld/stat", (long long)e->pid);
	if (!root_read(r->root, path, &buf, NULL) ||
	    !proc_stat_parse(strbuf_str(&buf), &stat, NULL))
		return false;
	snprintf(e->comm, sizeof(e->comm), STR_FMT, STR_ARG(stat.comm));
	e->start = stat.start;
	e->minflt = stat.minflt;
	e->rss = stat.rss_pages > 0 ? (uint64_t)stat.rss_pages * r->now->page_size : 0;
	return true;
}

static void read_hugetlb(const struct run *r, struct entry *e)
{
	STRBUF_AUTO(buf, 1 << 16);
	struct str value, word;
	char path[64];
	uint64_t kb;

	snprintf(path, sizeof(path), "proc/%lld/status", (long long)e->pid);
	if (!root_read(r->root, path, &buf, NULL))
		return;
	if (proc_key(strbuf_str(&buf), STR("HugetlbPages"), &value) &&
	    str_word(&value, &word) && str_to_u64(word, &kb) && kb <= UINT64_MAX >> 10) {
		e->hugetlb = kb << 10;
		e->has_hugetlb = true;
	}
}

/* Gate 3, or at least the old value until a newer one is read. */
static void carry_over(const struct run *r, struct entry *e)
{
	const struct entries *shown = &r->scan->shown;
	const struct entry *old = NULL;

	if (shown->n)
		old = bsearch(e, shown->v, shown->n, sizeof(*shown->v), by_pid);
	if (!old || old->start != e->start)
		return;
	e->anon = old->anon;
	e->shmem = old->shmem;
	e->file = old->file;
	e->valued = old->valued;
	e->rollup = old->rollup;
	e->epoch = old->epoch;
	e->fresh_ns = old->fresh_ns;
	e->cost_ns = old->cost_ns;
	e->cost_rss = old->cost_rss;
	if (old->state == STANDS && old->rss == e->rss && old->minflt == e->minflt &&
	    old->epoch == r->epoch) {
		e->state = STANDS;
		e->fresh_ns = r->now->time_ns;
	}
	/* Without a fault nobody gets a first page of a pool. */
	e->has_hugetlb = old->has_hugetlb && !old->hugetlb && old->minflt == e->minflt;
}

static void classify(const struct run *r, struct entry *e)
{
	carry_over(r, e);
	if (e->rss < r->now->pmd_size) {
		e->anon = e->shmem = e->file = 0;
		e->state = SMALL;
		e->valued = true;
		e->fresh_ns = r->now->time_ns;
	}
	e->has_hugetlb |= !r->pools_used;
	if (!e->has_hugetlb)
		read_hugetlb(r, e);
}

static void order_reads(struct hugeproc_scan *s)
{
	struct entries *list = &s->shown;

	s->order = calloc(list->n + 1, sizeof(*s->order));
	if (!s->order)
		abort();
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].state == UNREAD)
			s->order[s->n_order++] = i;
}

static int by_rss(const void *a, const void *b, void *arg)
{
	const struct entry *v = arg;
	uint64_t x = v[*(const size_t *)a].rss, y = v[*(const size_t *)b].rss;

	return (x < y) - (x > y);
}

static bool stat_all(struct run *r)
{
	struct hugeproc_scan *s = r->scan;
	size_t kept = 0;

	for (; s->next < s->coming.n; s->next++) {
		struct entry *e = &s->coming.v[s->next];

		if (spent(r, STEP_STAT))
			return false;
		if (read_stat(r, e))
			classify(r, e);
		else
			e->pid = 0; /* ended since it was listed */
	}
	if (spent(r, STEP_ORDER))
		return false;
	for (size_t i = 0; i < s->coming.n; i++)
		if (s->coming.v[i].pid)
			s->coming.v[kept++] = s->coming.v[i];
	s->coming.n = kept;
	free(s->shown.v);
	s->shown = s->coming;
	s->coming = (struct entries){ 0 };
	order_reads(s);
	qsort_r(s->order, s->n_order, sizeof(*s->order), by_rss, s->shown.v);
	s->next = 0;
	s->phase = READ;
	return true;
}

/* ---- phase 3: walk ------------------------------------------------------------- */

static void store(struct run *r, struct entry *e, struct pagemap_kinds k, bool rollup)
{
	e->anon = k.anon;
	e->shmem = k.shmem;
	e->file = k.file;
	e->rollup = rollup;
	e->epoch = r->epoch;
	e->fresh_ns = r->now->time_ns;
	e->state = STANDS;
	e->valued = true;
	r->read++;
}

static void refuse(struct entry *e, const struct err *err)
{
	e->valued = false;
	e->state = err->code == ERR_DENIED ? DENIED : SMALL;
}

/* False when the budget ended first. */
static bool read_scan(struct run *r, struct entry *e)
{
	struct hugeproc_scan *s = r->scan;
	struct pagemap_kinds kinds = { 0 };
	struct err err;
	bool ok;

	if (!s->walk &&
	    !pagemap_open(r->root, e->pid, r->now->pmd_size, &s->devs, &s->walk, &err)) {
		refuse(e, &err);
		return true;
	}
	while (pagemap_step(s->walk, &kinds, &ok))
		if (spent(r, STEP_PIECE))
			return false;
	pagemap_walk_free(s->walk);
	s->walk = NULL;
	if (ok)
		store(r, e, kinds, false);
	else
		refuse(e, &(struct err){ .code = ERR_NOTFOUND });
	return true;
}

/* CPU that a smaps_rollup of this process will take. Many mappings make it dearer than
 * its rss says, which is known once it was read. */
static uint64_t expect_rollup(const struct run *r, const struct entry *e)
{
	double rate = r->scan->rollup_rate;
	uint64_t ns;

	if (!root_is_live(r->root))
		return 0;
	if (e->cost_rss && (double)e->cost_ns / (double)e->cost_rss > rate)
		rate = (double)e->cost_ns / (double)e->cost_rss;
	ns = (uint64_t)(rate * (double)e->rss);
	if (!e->cost_rss && e->rss < LARGE && ns < r->scan->dear[STEP_ROLLUP])
		ns = r->scan->dear[STEP_ROLLUP];
	return ns;
}

/* What it did take: for its next time, and for others as large. */
static void learn_rollup(struct hugeproc_scan *s, struct entry *e, uint64_t cost_ns)
{
	enum { SLOWLY = 8 };
	double rate = (double)cost_ns / (double)(e->rss + 1);

	e->cost_ns = cost_ns;
	e->cost_rss = e->rss;
	if (e->rss < LARGE)
		return;
	if (rate < s->rollup_rate)
		rate = s->rollup_rate - (s->rollup_rate - rate) / SLOWLY;
	s->rollup_rate = rate;
}

/* False when it has to wait for a refresh with more of its budget left. */
static bool read_rollup(struct run *r, struct entry *e)
{
	uint64_t expect = expect_rollup(r, e);
	AUTO(arena) a = arena_new();
	struct smaps_map sum;
	uint64_t from;
	struct err err;
	bool ok;

	if (r->budget && expect > r->budget) {
		e->state = TOO_LARGE;
		e->valued = false;
		return true;
	}
	if (too_dear(r, e->rss < LARGE ? STEP_ROLLUP : STEP_LARGE_ROLLUP, expect))
		return false;
	from = r->since;
	ok = smaps_rollup(r->root, a, e->pid, &sum, &err);
	learn_rollup(r->scan, e, step_over(r) - from);
	if (!ok)
		refuse(e, &err);
	else
		store(r, e,
		      (struct pagemap_kinds){ sum.anon_huge, sum.shmem_huge,
					      sum.file_huge },
		      true);
	return true;
}

static bool read_all(struct run *r)
{
	struct hugeproc_scan *s = r->scan;
	bool by_scan = s->scan_works && !s->no_scan && root_is_live(r->root);

	for (; s->next < s->n_order; s->next++) {
		struct entry *e = &s->shown.v[s->order[s->next]];

		if (by_scan && spent(r, STEP_PIECE))
			return false;
		if (!(by_scan ? read_scan(r, e) : read_rollup(r, e)))
			return false;
	}
	drop_pass(s);
	s->gate = s->pass_gate;
	s->pass_ns = r->now->time_ns;
	s->passed = true;
	return true;
}

/* ---- what is shown ------------------------------------------------------------- */

static uint64_t sum_of(const struct hugeproc_row *row)
{
	return row->anon.v + row->shmem.v + row->file.v + row->hugetlb.v;
}

static int by_sum(const void *a, const void *b)
{
	const struct hugeproc_row *x = a, *y = b;
	uint64_t m = sum_of(x), n = sum_of(y);

	if (m != n)
		return m < n ? 1 : -1;
	if (x->rss != y->rss)
		return x->rss < y->rss ? 1 : -1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static const char *why_unknown(const struct entry *e)
{
	switch (e->state) {
	case DENIED:
		return "another user's process: needs root (CAP_SYS_PTRACE)";
	case TOO_LARGE:
		return "reading it would cost more than the budget of a refresh; open it to "
		       "read it once";
	case UNREAD:
	case STANDS:
	case SMALL:
		break;
	}
	return "not read yet";
}

static struct figure figure_or(bool known, uint64_t v, const char *why)
{
	return known ? figure_of(v) : figure_none(why);
}

/* Rows are processes with some huge page, and those too large to find out. */
static bool is_row(const struct entry *e)
{
	if (e->hugetlb || e->state == TOO_LARGE)
		return true;
	return e->valued && e->state != DENIED && (e->anon || e->shmem || e->file);
}

static const char *source_of(const struct entry *e)
{
	if (!e->valued || e->state == SMALL)
		return "";
	return e->rollup ? "smaps_rollup" : "PAGEMAP_SCAN";
}

static struct hugeproc_row row_of(const struct run *r, struct arena *a,
				  const struct entry *e)
{
	const char *why = why_unknown(e);
	uint64_t now = r->now->time_ns;
	uint64_t age = e->valued && now > e->fresh_ns ? now - e->fresh_ns : 0;

	return (struct hugeproc_row){
		.pid = e->pid,
		.start = e->start,
		.comm = arena_str(a, str_of(e->comm)),
		.rss = e->rss,
		.anon = figure_or(e->valued, e->anon, why),
		.shmem = figure_or(e->valued, e->shmem, why),
		.file = figure_or(e->valued, e->file, why),
		.hugetlb = figure_or(e->has_hugetlb, e->hugetlb,
				     "status has no HugetlbPages"),
		.age_s = (double)age / 1e9,
		.source = source_of(e),
	};
}

static void show(const struct run *r, struct arena *a, struct hugeproc_rows *ret)
{
	const struct entries *list = &r->scan->shown;

	for (size_t i = 0; i < list->n; i++) {
		const struct entry *e = &list->v[i];

		ret->small += e->state == SMALL;
		ret->denied += e->state == DENIED;
		if (is_row(e))
			*ARENA_PUSH(a, ret) = row_of(r, a, e);
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_sum);
	ret->processes = list->n;
}

static const char *why_missing(struct arena *a, const struct hugeproc_scan *s,
			       const struct hugeproc_rows *rows)
{
	if (rows->denied)
		return arena_printf(a,
				    "%zu of %zu processes may not be read: needs root "
				    "(CAP_SYS_PTRACE)",
				    rows->denied, rows->processes);
	if (!s->passed)
		return "the first pass over all processes is still under way";
	return rows->n ? NULL : "no process has a PMD-mapped or HugeTLB page";
}

/* Nothing moved: every value of the last whole pass is as good as new. */
static void freshen(const struct run *r)
{
	struct entries *list = &r->scan->shown;

	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].state == STANDS || list->v[i].state == SMALL)
			list->v[i].fresh_ns = r->now->time_ns;
}

bool hugeproc_refresh(struct hugeproc_scan *s, const struct root *root, struct arena *a,
		      const struct hugepage_sample *now, struct hugeproc_rows *ret,
		      struct err *err)
{
	uint64_t began = cpu_ns();
	struct run r = { .scan = s,
			 .root = root,
			 .now = now,
			 .began = began,
			 .since = began,
			 .budget = s->budget,
			 .epoch = epoch_of(now),
			 .pools_used = hugetlb_in_use(&now->pools) };
	struct hugeproc_rows rows = { 0 };

	rows.unmoved = s->phase == IDLE && s->passed && gate_of(now) == s->gate &&
		       now->time_ns - s->pass_ns < LONGEST_NS;
	if (rows.unmoved)
		freshen(&r);
	else if (s->phase == IDLE && !begin(&r, err))
		return false;
	if ((s->phase != LIST || list(&r)) && (s->phase != STAT || stat_all(&r)) &&
	    s->phase == READ)
		(void)read_all(&r);
	step_over(&r);
	begin_step(&r, STEP_SHOW);
	show(&r, a, &rows);
	step_over(&r);
	rows.read = r.read;
	rows.waiting = s->phase == READ ? s->n_order - s->next : 0;
	rows.why = why_missing(a, s, &rows);
	rows.cpu_ms = (double)(cpu_ns() - r.began) / 1e6;
	*ret = rows;
	return true;
}
