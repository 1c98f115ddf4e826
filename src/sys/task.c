/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread sampler's walk: see sys/task.h. It is a small state machine, so that it can
 * stop after any few hundred microseconds: list the processes, then for each look at its
 * clock, list its threads, merge them with those known, read their CPU figures; at last
 * refresh the states of threads that ran, a bounded number a sample, in turn.
 *
 * Processes are kept by PID, threads of a process by TID, so that merging is one pass.
 */
#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "task_impl.h"

enum {
	CHUNK = 64,       /* threads between two looks at the clock */
	STATES_MAX = 512, /* states refreshed a sample, about 1.5 ms */
	TIDS_CHUNK = PROC_NUMBERS_BUF / 24 + 1,
};

void *task_grow(void *v, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap ? *cap * 2 : 16;

	if (n < *cap)
		return v;
	v = reallocarray(v, want, size);
	if (!v)
		abort();
	*cap = want;
	return v;
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts = { 0 };

	if (clock_gettime(id, &ts) < 0)
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* On a recorded machine time is what its uptime says. */
uint64_t task_now_ns(const struct task_sampler *s)
{
	STRBUF_AUTO(buf, 256);
	double uptime;
	struct str rest, word;

	if (s->live)
		return clock_ns(CLOCK_MONOTONIC);
	if (!root_read(s->now, "proc/uptime", &buf, NULL))
		return 1;
	rest = strbuf_str(&buf);
	if (!str_word(&rest, &word) || !str_to_double(word, &uptime))
		return 1;
	return (uint64_t)(uptime * 1e9);
}

/* posix-cpu-timers: needs no permission and opens no file. */
uint64_t task_process_clock(pid_t pid)
{
	enum { CPUCLOCK_SCHED = 2 };

	return clock_ns((clockid_t)(~(unsigned)pid << 3 | CPUCLOCK_SCHED));
}

static unsigned fd_share(const struct task_opts *opts)
{
	enum { OTHERS = 64 }; /* descriptors the rest of the program may want */
	struct rlimit limit;

	if (opts->no_keep)
		return 0;
	if (opts->max_fds)
		return opts->max_fds;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur <= OTHERS)
		return 0;
	if (limit.rlim_cur > 1 << 20)
		limit.rlim_cur = 1 << 20;
	return (unsigned)(limit.rlim_cur - OTHERS) / 2;
}

bool task_sampler_new(const struct root *root, const struct task_opts *opts,
		      struct task_sampler **ret, struct err *err)
{
	struct task_sampler *s = calloc(1, sizeof(*s));
	STRBUF_AUTO(later, 8192);

	if (!s)
		abort();
	s->root = s->now = root;
	s->live = root_is_live(root);
	s->opts = *opts;
	s->abi = syscall_abi_of(root);
	s->dir.fd = -1;
	s->numbers = malloc(PROC_NUMBERS_BUF);
	if (!s->numbers)
		abort();
	if (!s->opts.history_bytes)
		s->opts.history_bytes = 16 << 20;
	if (s->live) {
		s->fds_left = fd_share(opts);
		if (!opts->no_taskstats && !taskstats_open(&s->link, NULL))
			s->link = NULL;
	} else if (root_exists(root, "later/proc")) {
		strbuf_addf(&later, "%s/later", root_path(root));
		if (!root_open(strbuf_z(&later), &s->later, err)) {
			task_sampler_free(s);
			return false;
		}
	}
	*ret = s;
	return true;
}

static void proc_free(struct task_sampler *s, struct proc *p)
{
	for (size_t i = 0; i < p->n; i++)
		task_thread_drop(s, &p->v[i]);
	free(p->v);
	arena_free(p->vm_arena);
}

void task_sampler_free(struct task_sampler *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		proc_free(s, &s->v[i]);
	for (size_t i = 0; i < s->ngone; i++)
		free(s->gone[i].t.spark);
	task_past_free(s);
	proc_dir_close(&s->dir);
	taskstats_close(s->link);
	root_free(s->later);
	free(s->node_of_cpu);
	free(s->gone);
	free(s->numbers);
	free(s->tids);
	free(s->v);
	free(s);
}

static int by_pid(const void *key, const void *entry)
{
	pid_t a = *(const pid_t *)key, b = ((const struct proc *)entry)->pid;

	return (a > b) - (a < b);
}

struct proc *task_find_proc(struct task_sampler *s, pid_t pid)
{
	return s->n ? bsearch(&pid, s->v, s->n, sizeof(*s->v), by_pid) : NULL;
}

static int by_tid(const void *key, const void *entry)
{
	pid_t a = *(const pid_t *)key, b = ((const struct thread *)entry)->tid;

	return (a > b) - (a < b);
}

struct thread *task_find_thread(struct proc *p, pid_t tid)
{
	return p->n ? bsearch(&tid, p->v, p->n, sizeof(*p->v), by_tid) : NULL;
}

/* ---- listing --------------------------------------------------------------------- */

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* A slice of the folder that is open; `*ret_end` when it is read to the end. */
static bool list_some(struct task_sampler *s, bool *ret_end, struct err *err)
{
	ssize_t got;

	if (s->ntids + TIDS_CHUNK > s->tids_cap) {
		s->tids_cap = s->tids_cap * 2 + TIDS_CHUNK;
		s->tids = reallocarray(s->tids, s->tids_cap, sizeof(*s->tids));
		if (!s->tids)
			abort();
	}
	got = proc_dir_numbers(&s->dir, s->numbers, s->tids + s->ntids, TIDS_CHUNK);
	if (got > 0 && s->ntids > THREADS_MAX)
		return err_set(err, ERR_LIMIT, "listing threads: more than %d",
			       (int)THREADS_MAX);
	*ret_end = got <= 0;
	if (got > 0)
		s->ntids += (size_t)got;
	else
		qsort(s->tids, s->ntids, sizeof(*s->tids), compare_pids);
	return true;
}

/* A thread ended: it is shown as gone once, and kept for looking back. */
static void bury(struct task_sampler *s, const struct proc *p, struct thread *t)
{
	if (t->fd >= 0) {
		close(t->fd);
		t->fd = -1;
		s->fds_left++;
	}
	s->gone = task_grow(s->gone, s->ngone, &s->gone_cap, sizeof(*s->gone));
	s->gone[s->ngone++] = (struct past_thread){ p->pid, *t };
}

void task_thread_drop(struct task_sampler *s, struct thread *t)
{
	if (t->fd >= 0) {
		close(t->fd);
		s->fds_left++;
	}
	free(t->spark);
	t->fd = -1;
	t->spark = NULL;
}

static void proc_end(struct task_sampler *s, struct proc *p)
{
	for (size_t i = 0; i < p->n; i++)
		bury(s, p, &p->v[i]);
	p->n = 0;
	p->gone = true;
}

/* Make the process list that of s->tids: keep, add, bury. */
static void merge_processes(struct task_sampler *s)
{
	struct proc *old = s->v, *v;
	size_t n = s->n, i = 0;

	v = calloc(s->ntids + 1, sizeof(*v));
	if (!v)
		abort();
	for (size_t k = 0; k < s->ntids; k++) {
		while (i < n && old[i].pid < s->tids[k])
			proc_end(s, &old[i]), proc_free(s, &old[i]), i++;
		if (i < n && old[i].pid == s->tids[k])
			v[k] = old[i++];
		else
			v[k] = (struct proc){ .pid = s->tids[k] };
	}
	for (; i < n; i++)
		proc_end(s, &old[i]), proc_free(s, &old[i]);
	free(old);
	s->v = v;
	s->n = s->cap = s->ntids;
}

static struct thread thread_new(struct task_sampler *s, const struct proc *p, pid_t tid)
{
	struct thread t = { .tid = tid,
			    .fd = -1,
			    .serial = ++s->serial,
			    .born = s->moment + 1,
			    .cpu_pct = NAN,
			    .wait_pct = NAN,
			    .row = UINT32_MAX };

	/* It was born since the sample before, with nothing on its clock then. */
	t.is_new = s->last_ns != 0;
	if (s->last_ns && (s->live || s->later))
		t.at_ns = p->seen ? p->asof_ns : s->last_ns;
	return t;
}

/* Make the thread list of `p` that of s->tids. A new thread that cannot be read any more
 * ended between the listing and now: it was never seen, so it is not shown. */
static void merge_threads(struct task_sampler *s, struct proc *p)
{
	struct thread *v, *old = p->v;
	size_t n = 0, i = 0, k = 0;
	bool same = p->n == s->ntids;

	for (; same && k < p->n; k++)
		same = p->v[k].tid == s->tids[k];
	if (same)
		return;
	v = calloc(s->ntids + 1, sizeof(*v));
	if (!v)
		abort();
	for (k = 0; k < s->ntids; k++) {
		while (i < p->n && old[i].tid < s->tids[k])
			bury(s, p, &old[i++]);
		if (i < p->n && old[i].tid == s->tids[k])
			v[n++] = old[i++];
		else
			v[n++] = thread_new(s, p, s->tids[k]);
	}
	while (i < p->n)
		bury(s, p, &old[i++]);
	free(old);
	p->v = v;
	p->n = p->cap = n;
}

/* ---- the walk -------------------------------------------------------------------- */

bool task_sampler_begin(struct task_sampler *s, struct err *err)
{
	for (size_t i = 0; i < s->ngone; i++)
		free(s->gone[i].t.spark);
	s->ngone = s->ntids = s->nbatch = 0;
	s->counts = (struct task_sample){ 0 };
	s->cpu_ns = 0;
	if (s->moment && s->later)
		s->now = s->later;
	s->began_ns = task_now_ns(s);
	proc_dir_close(&s->dir);
	if (s->opts.pid) {
		s->tids = task_grow(s->tids, 0, &s->tids_cap, sizeof(*s->tids));
		s->tids[s->ntids++] = s->opts.pid;
	} else {
		int e = proc_dir_open(s->now, "proc", &s->dir);

		if (e < 0)
			return err_sys(err, -e, "listing processes: /proc");
	}
	s->phase = PHASE_LIST;
	return true;
}

static bool step_list(struct task_sampler *s, struct err *err)
{
	bool end = true;

	if (s->dir.fd >= 0 && !list_some(s, &end, err))
		return false;
	if (!end)
		return true;
	proc_dir_close(&s->dir);
	merge_processes(s);
	s->proc_at = 0;
	s->phase = PHASE_PROC;
	return true;
}

/* A thread of the kernel that nobody asked for. */
static bool hidden(const struct task_sampler *s, const struct proc *p)
{
	return p->kernel && !s->opts.kernel && !s->opts.pid;
}

/* The number was given to another process: forget the one that had it. */
static void proc_renew(struct task_sampler *s, struct proc *p)
{
	struct proc fresh = { .pid = p->pid };

	proc_end(s, p);
	proc_free(s, p);
	*p = fresh;
}

/* Has nobody in this process run since the last sample? Then nothing in it changed: a
 * thread is born, ends or falls asleep only by running. */
static bool step_gate(struct task_sampler *s, struct proc *p)
{
	uint64_t ns;

	/* A busy one with an account has its clock read after its threads anyway. */
	if (!s->live || s->opts.no_gate || (p->account && p->busy))
		return false;
	ns = task_process_clock(p->pid);
	if (ns && ns < p->clock_ns)
		proc_renew(s, p);
	if (ns && p->seen && ns == p->clock_ns) {
		p->walk_ns = p->asof_ns = task_now_ns(s);
		s->counts.gated++;
		return true;
	}
	p->clock_ns = ns;
	return false;
}

/* A task folder has one link a thread and two of its own. When that fits what is known,
 * and each known thread answers, the list is the same and need not be read. */
static bool same_count(const struct task_sampler *s, const struct proc *p)
{
	struct stat st;

	return s->live && p->seen && p->n && fstat(s->dir.fd, &st) == 0 &&
	       st.st_nlink == p->n + 2;
}

static void step_proc(struct task_sampler *s)
{
	struct proc *p;
	char path[64];

	if (s->proc_at == s->n) {
		s->phase = PHASE_STATES;
		s->thread_at = s->proc_at = 0;
		s->state_at = 0;
		return;
	}
	p = &s->v[s->proc_at];
	p->gated = step_gate(s, p) || hidden(s, p);
	if (p->gated) {
		s->proc_at++;
		return;
	}
	snprintf(path, sizeof(path), "proc/%d/task", (int)p->pid);
	if (proc_dir_open(s->now, path, &s->dir) < 0) {
		proc_end(s, p);
		s->proc_at++;
		return;
	}
	s->ntids = 0;
	s->thread_at = 0;
	s->listed = !same_count(s, p);
	s->reading = task_reading(s, p);
	s->tries = 0;
	s->phase = s->listed ? PHASE_TIDS : PHASE_READ;
}

static bool step_tids(struct task_sampler *s, struct err *err)
{
	struct proc *p = &s->v[s->proc_at];
	bool end;

	if (!list_some(s, &end, err))
		return false;
	if (!end)
		return true;
	if (!s->ntids)
		proc_end(s, p);
	else
		merge_threads(s, p);
	s->thread_at = 0;
	s->phase = PHASE_READ;
	return true;
}

/* First sight of a thread: name, state, and whether the kernel owns it. */
static void meet(struct task_sampler *s, struct proc *p, struct thread *t)
{
	if (!task_read_stat(s, t)) {
		t->dead = true;
		return;
	}
	if (t->tid == p->pid || p->n == 1)
		p->kernel = t->kernel;
	t->role = role_from_name(str_n(t->comm, t->comm_n), t->tid == p->pid, t->kernel);
}

/* Take dead threads out; those that were shown before are buried. True if any was. */
static bool sweep(struct task_sampler *s, struct proc *p)
{
	size_t n = 0, had = p->n;

	for (size_t i = 0; i < p->n; i++) {
		if (!p->v[i].dead)
			p->v[n++] = p->v[i];
		else if (p->v[i].born <= s->moment)
			bury(s, p, &p->v[i]);
		else
			task_thread_drop(s, &p->v[i]);
	}
	p->n = n;
	p->gone |= !n;
	return n < had;
}

/* A chunk of threads; false when it was the last one of this pass. */
static bool read_chunk(struct task_sampler *s, struct proc *p)
{
	size_t left = CHUNK;

	s->reads = 0;
	for (; left && s->thread_at < p->n; s->thread_at++) {
		struct thread *t = &p->v[s->thread_at];

		if (!t->comm_n && !t->state)
			meet(s, p, t);
		if (hidden(s, p))
			return false;
		if (t->dead || !task_wanted(s, p, s->thread_at))
			continue;
		task_read_cpu(s, p, s->thread_at);
		left--;
	}
	task_flush_batch(s, p);
	return s->thread_at < p->n;
}

static void step_read(struct task_sampler *s)
{
	struct proc *p = &s->v[s->proc_at];

	if (read_chunk(s, p))
		return;
	s->thread_at = 0;
	if (sweep(s, p)) {
		p->account = false;
		s->reading = READ_REST;
		/* one may have taken the place of the one that ended */
		s->phase = s->listed ? PHASE_READ : PHASE_TIDS;
		s->listed = true;
		return;
	}
	if (p->n && !hidden(s, p) && task_read_on(s, p))
		return;
	p->seen = true;
	p->busy = p->sum_ns != p->sum_before;
	p->sum_before = p->sum_ns;
	p->walk_ns = s->began_ns;
	proc_dir_close(&s->dir);
	if (!p->gone && !p->kernel)
		task_learn_vm(s, p);
	s->proc_at++;
	s->phase = PHASE_PROC;
}

/* States of a chunk of threads that ran since theirs was read, in turn from where the
 * last sample stopped, so that with very many busy threads each gets its turn. False when
 * this process has no more for this sample. */
static bool states_chunk(struct task_sampler *s, struct proc *p)
{
	size_t end = s->thread_at + CHUNK;
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/task", (int)p->pid);
	for (; s->thread_at < end && s->thread_at < p->n; s->thread_at++) {
		size_t turn = (s->thread_at + (size_t)s->moment * STATES_MAX) % p->n;
		struct thread *t = &p->v[turn];

		if (t->stat_runs == t->cpu.cpu_ns || t->born > s->moment)
			continue;
		if (s->dir.fd < 0 && proc_dir_open(s->now, path, &s->dir) < 0)
			return false;
		(void)task_read_stat(s, t);
		if (++s->state_at >= STATES_MAX)
			return false;
	}
	return s->thread_at < p->n;
}

static void step_states(struct task_sampler *s)
{
	if (s->proc_at == s->n || s->state_at >= STATES_MAX) {
		s->phase = PHASE_DONE;
		return;
	}
	if (!s->v[s->proc_at].gated && states_chunk(s, &s->v[s->proc_at]))
		return;
	proc_dir_close(&s->dir);
	s->thread_at = 0;
	s->proc_at++;
}

static bool step_one(struct task_sampler *s, struct err *err)
{
	switch (s->phase) {
	case PHASE_LIST:
		return step_list(s, err);
	case PHASE_PROC:
		step_proc(s);
		return true;
	case PHASE_TIDS:
		return step_tids(s, err);
	case PHASE_READ:
		step_read(s);
		return true;
	case PHASE_STATES:
		step_states(s);
		return true;
	case PHASE_IDLE:
	case PHASE_DONE:
		break;
	}
	return err_set(err, ERR_INTERNAL, "sampling threads: no sample was begun");
}

bool task_sampler_step(struct task_sampler *s, uint64_t budget_us, bool *ret_done,
		       struct err *err)
{
	uint64_t cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	uint64_t end = clock_ns(CLOCK_MONOTONIC);
	bool ok = true;

	if (__builtin_add_overflow(end, budget_us * 1000, &end) ||
	    budget_us > UINT64_MAX / 1000)
		end = UINT64_MAX;
	while (ok && s->phase != PHASE_DONE) {
		ok = step_one(s, err);
		if (end != UINT64_MAX && clock_ns(CLOCK_MONOTONIC) >= end)
			break;
	}
	s->cpu_ns += clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	*ret_done = s->phase == PHASE_DONE;
	return ok;
}

bool task_sampler_sample(struct task_sampler *s, struct arena *a, struct task_sample *ret,
			 struct err *err)
{
	bool done;

	return task_sampler_begin(s, err) &&
	       task_sampler_step(s, UINT64_MAX, &done, err) &&
	       task_sampler_finish(s, a, ret, err);
}

/* ---- the result ------------------------------------------------------------------ */

static void add_row(struct task_sampler *s, struct arena *a, struct task_sample *out,
		    struct proc *p, const struct thread *t, enum task_mark mark)
{
	struct task_process *process = &out->processes[out->nprocesses];
	struct task *row = &out->v[out->n++];

	*row = task_row(s, p, t, a, out->n > 1 ? row - 1 : NULL);
	row->mark = mark;
	if (mark == TASK_GONE)
		memset(row->absent, TASK_ENDED, sizeof(row->absent));
	if (!process->n++ || t->tid == p->pid)
		process->comm = row->comm;
	if (!isnan(row->cpu_pct) && mark != TASK_GONE) {
		process->cpu_pct += row->cpu_pct;
		process->wait_pct += row->wait_pct;
	}
}

/* Rows of one process by TID; s->gone[*at..] are those that ended, in the same order. */
static void add_process(struct task_sampler *s, struct arena *a, struct task_sample *out,
			struct proc *p, size_t *at)
{
	struct task_process *process = &out->processes[out->nprocesses];
	size_t g = *at, i = 0;

	*process = (struct task_process){
		.pid = p->pid, .kernel = p->kernel, .vm = p->vm.vm, .first = out->n
	};
	while (i < p->n || (g < s->ngone && s->gone[g].pid == p->pid)) {
		bool gone = g < s->ngone && s->gone[g].pid == p->pid &&
			    (i == p->n || s->gone[g].t.tid <= p->v[i].tid);
		const struct thread *t = gone ? &s->gone[g++].t : &p->v[i++];

		add_row(s, a, out, p, t,
			gone        ? TASK_GONE
			: t->is_new ? TASK_NEW
				    : TASK_SAME);
	}
	*at = g;
	if (process->n)
		out->nprocesses++;
}

static int by_pid_tid(const void *a, const void *b)
{
	const struct past_thread *x = a, *y = b;

	if (x->pid != y->pid)
		return (x->pid > y->pid) - (x->pid < y->pid);
	return (x->t.tid > y->t.tid) - (x->t.tid < y->t.tid);
}

/* Living processes and those of which only ended threads are left, by PID. */
static void add_all(struct task_sampler *s, struct arena *a, struct task_sample *out)
{
	size_t g = 0;

	if (s->ngone)
		qsort(s->gone, s->ngone, sizeof(*s->gone), by_pid_tid);
	for (size_t i = 0; i < s->n || g < s->ngone;) {
		struct proc left = { 0 };

		if (g < s->ngone && (i == s->n || s->gone[g].pid < s->v[i].pid)) {
			left.pid = s->gone[g].pid;
			left.kernel = s->gone[g].t.kernel;
			add_process(s, a, out, &left, &g);
		} else if (hidden(s, &s->v[i])) {
			i++;
		} else {
			add_process(s, a, out, &s->v[i++], &g);
		}
	}
}

/* Who was not read is known not to have run: that is a share, too. */
static void settle(struct task_sampler *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct proc *p = &s->v[i];

		for (size_t k = 0; k < p->n; k++) {
			struct thread *t = &p->v[k];

			if (s->live && t->at_ns < s->began_ns)
				t->cpu_pct = t->wait_pct = 0;
			task_spark_push(s, t);
		}
	}
}

static void unmark_new(struct task_sampler *s)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->v[i].n; k++)
			s->v[i].v[k].is_new = false;
}

bool task_sampler_finish(struct task_sampler *s, struct arena *a, struct task_sample *ret,
			 struct err *err)
{
	uint64_t cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	struct task_sample out = s->counts;
	size_t rows = s->ngone;

	if (s->phase != PHASE_DONE)
		return err_set(err, ERR_INTERNAL, "sampling threads: not done yet");
	s->phase = PHASE_IDLE;
	if (s->opts.pid && (!s->n || s->v[0].gone) && !s->ngone)
		return err_set(err, ERR_NOTFOUND, "reading threads: %d: no such process",
			       (int)s->opts.pid);
	s->moment++;
	settle(s);
	for (size_t i = 0; i < s->n; i++)
		rows += s->v[i].n;
	out.v = arena_array(a, struct task, rows);
	out.processes = arena_array(a, struct task_process, s->n + s->ngone + 1);
	add_all(s, a, &out);
	out.shares = s->last_ns && (s->live || s->later);
	out.interval_s = s->last_ns ? (double)(s->began_ns - s->last_ns) / 1e9 : 0;
	out.way = s->no_schedstat ? TASK_BY_STAT
		  : out.batched   ? TASK_BY_TASKSTATS
				  : TASK_BY_SCHEDSTAT;
	task_past_push(s, out.interval_s);
	unmark_new(s);
	s->last_ns = s->began_ns;
	s->cpu_ns += clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	out.cost_s = (double)s->cpu_ns / 1e9;
	*ret = out;
	return true;
}
