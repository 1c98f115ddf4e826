/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread sampler: recorded machines first, then this one, compared with what /proc,
 * ps and the threads' own clocks say.
 */
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/spawn.h"
#include "sys/sched.h"
#include "sys/task.h"
#include "sys/task_detail.h"

struct machine {
	struct arena *a;
	struct root *root;
	struct task_sampler *s;
	struct task_sample last;
};

static void machine_open(struct machine *m, const char *name, struct task_opts opts)
{
	m->a = arena_new();
	assert_ok(root_open(
		name ? arena_printf(m->a, "%s/roots/%s", getenv("KCRIB_TESTS"), name)
		     : "/",
		&m->root, &err));
	assert_ok(task_sampler_new(m->root, &opts, &m->s, &err));
}

static void machine_close(struct machine *m)
{
	task_sampler_free(m->s);
	root_free(m->root);
	arena_free(m->a);
}

static void sample(struct machine *m)
{
	assert_ok(task_sampler_sample(m->s, m->a, &m->last, &err));
}

static struct task *row_or_null(const struct machine *m, pid_t tid)
{
	for (size_t i = 0; i < m->last.n; i++)
		if (m->last.v[i].tid == tid)
			return &m->last.v[i];
	return NULL;
}

static struct task *row(const struct machine *m, pid_t tid)
{
	struct task *t = row_or_null(m, tid);

	if (!t) {
		fail_msg("thread %d is not in the sample", (int)tid);
		abort(); /* not reached: fail_msg() leaves the test */
	}
	return t;
}

static struct task *full(const struct machine *m, pid_t tid)
{
	struct task *t = row(m, tid);

	task_sampler_fill(m->s, m->a, t, TASK_ALL_FACTS);
	if (!t->full) {
		fail_msg("thread %d has ended", (int)tid);
		abort(); /* not reached */
	}
	return t;
}

static void assert_close(double got, double want, double within)
{
	if (!(fabs(got - want) <= within))
		fail_msg("got %f, want %f +- %f", got, want, within);
}

/* ---- recorded machines ------------------------------------------------------- */

static void one_record_has_no_shares_and_says_why(void **state)
{
	struct machine m;
	struct task *t;

	machine_open(&m, "threads-quiet", (struct task_opts){ .pid = 10435 });
	sample(&m);
	sample(&m);
	assert_int_equal(m.last.n, 8);
	assert_false(m.last.shares);
	t = full(&m, 10443);
	assert_int_equal(t->absent[TASK_CPU_PCT], TASK_RECORDED);
	assert_int_equal(t->absent[TASK_WAIT_PCT], TASK_RECORDED);
	assert_int_equal(t->cpu_ns, 2106875);
	assert_int_equal(t->wait_ns, 2098858418);
	assert_str(t->full->wchan, "hrtimer_nanosleep");
	assert_str(t->full->syscall, "clock_nanosleep");
	assert_str(t->full->why, "sleeps for a time it chose");
	assert_str(t->full->affinity, "0-1");
	assert_int_equal(t->full->policy, 0);
	assert_int_equal(t->absent[TASK_IO], TASK_NO_KERNEL);
	t = full(&m, 10437);
	assert_int_equal(t->state, 'R');
	assert_int_equal(t->absent[TASK_WCHAN], TASK_RUNNING);
	assert_int_equal(t->absent[TASK_SYSCALL], TASK_RUNNING);
	machine_close(&m);
}

static void two_records_give_shares_births_and_deaths(void **state)
{
	struct machine m;

	machine_open(&m, "threads-two", (struct task_opts){ 0 });
	sample(&m);
	assert_int_equal(m.last.n, 3);
	assert_int_equal(row(&m, 100)->absent[TASK_CPU_PCT], TASK_FIRST);
	assert_int_equal(row(&m, 100)->mark, TASK_SAME);
	sample(&m);
	assert_true(m.last.shares);
	assert_close(m.last.interval_s, 2, 1e-9);
	assert_int_equal(m.last.n, 4);
	assert_close(row(&m, 100)->cpu_pct, 37, 1e-4);
	assert_close(row(&m, 100)->wait_pct, 6, 1e-4);
	assert_close(row(&m, 101)->cpu_pct, 0, 0);
	assert_int_equal(row(&m, 102)->mark, TASK_GONE);
	assert_str(row(&m, 102)->comm, "short");
	assert_int_equal(row(&m, 103)->mark, TASK_NEW);
	assert_close(row(&m, 103)->cpu_pct, 10, 1e-4);
	assert_close(m.last.processes[0].cpu_pct, 47, 1e-4);
	sample(&m);
	assert_null(row_or_null(&m, 102));
	assert_int_equal(row(&m, 103)->mark, TASK_SAME);
	machine_close(&m);
}

static void rows_come_by_process_and_thread_the_gone_among_them(void **state)
{
	struct machine m;

	machine_open(&m, "threads-two", (struct task_opts){ 0 });
	sample(&m);
	sample(&m);
	for (size_t i = 1; i < m.last.n; i++)
		assert_true(m.last.v[i - 1].tid < m.last.v[i].tid);
	assert_int_equal(m.last.nprocesses, 1);
	assert_str(m.last.processes[0].comm, "burner");
	assert_int_equal(m.last.processes[0].n, 4);
	machine_close(&m);
}

static void the_past_shows_who_lived_and_what_they_used(void **state)
{
	struct task_sample past;
	struct machine m;
	double v[8];

	machine_open(&m, "threads-two", (struct task_opts){ 0 });
	sample(&m);
	sample(&m);
	sample(&m);
	assert_int_equal(task_sampler_moments(m.s), 3);
	assert_ok(task_sampler_look_back(m.s, 1, m.a, &past, &err));
	m.last = past;
	assert_int_equal(past.n, 3);
	assert_null(row_or_null(&m, 102));
	assert_close(row(&m, 100)->cpu_pct, 37, 1e-4);
	assert_int_equal(row(&m, 103)->mark, TASK_NEW);
	assert_int_equal(row(&m, 103)->absent[TASK_WCHAN], TASK_NOT_KEPT);
	assert_ok(task_sampler_look_back(m.s, 2, m.a, &past, &err));
	m.last = past;
	assert_int_equal(past.n, 3);
	assert_str(row(&m, 102)->comm, "short");
	assert_null(row_or_null(&m, 103));
	assert_err(task_sampler_look_back(m.s, 3, m.a, &past, &err), ERR_NOTFOUND);
	sample(&m);
	assert_int_equal(task_sampler_spark(m.s, row(&m, 100), v, 8), 3);
	assert_close(v[0], 37, 0.01);
	machine_close(&m);
}

static void hostile_names_are_only_names(void **state)
{
	struct machine m;

	machine_open(&m, "threads-hostile", (struct task_opts){ .pid = 7 });
	sample(&m);
	assert_int_equal(m.last.n, 5);
	assert_str(row(&m, 7)->comm, "a) R 1 1 (b");
	assert_int_equal(row(&m, 7)->state, 'S');
	assert_str(row(&m, 8)->comm, "\x1b]0;owned\x07");
	assert_str(row(&m, 9)->comm, ") S (\n");
	assert_int_equal(row(&m, 10)->role->kind, ROLE_NONE);
	assert_int_equal(row(&m, 11)->comm.n, 0);
	machine_close(&m);
}

static void a_thread_that_ends_between_listing_and_reading_is_left_out(void **state)
{
	struct machine m;
	struct task *t;

	machine_open(&m, "threads-dying", (struct task_opts){ 0 });
	sample(&m);
	assert_int_equal(m.last.n, 3);
	assert_int_equal(m.last.nprocesses, 2);
	assert_null(row_or_null(&m, 21));
	sample(&m);
	assert_int_equal(m.last.n, 3);
	t = full(&m, 40); /* its wchan is a link that leads out of the record */
	assert_true(t->absent[TASK_WCHAN] != TASK_PRESENT);
	machine_close(&m);
}

static void a_process_that_is_not_there_is_an_error(void **state)
{
	struct machine m;

	machine_open(&m, "threads-quiet", (struct task_opts){ .pid = 4 });
	assert_err(task_sampler_sample(m.s, m.a, &m.last, &err), ERR_NOTFOUND);
	machine_close(&m);
}

static void without_schedstat_ticks_serve_and_waiting_is_absent(void **state)
{
	struct machine m;
	struct task *t;

	machine_open(&m, "threads-5.10", (struct task_opts){ 0 });
	sample(&m);
	t = full(&m, 50);
	assert_str(t->full->syscall, "epoll_pwait"); /* arm64: 22 */
	assert_str(t->full->target, "anon_inode:[eventpoll]");
	sample(&m);
	assert_int_equal(m.last.way, TASK_BY_STAT);
	assert_close(row(&m, 50)->cpu_pct, 37, 1e-4);
	assert_int_equal(row(&m, 50)->absent[TASK_CPU_PCT], TASK_PRESENT);
	assert_int_equal(row(&m, 50)->absent[TASK_WAIT_PCT], TASK_NO_KERNEL);
	machine_close(&m);
}

static void vcpus_are_known_without_names(void **state)
{
	struct machine m;
	struct task *t;

	machine_open(&m, "threads-qemu", (struct task_opts){ .pid = 4300 });
	sample(&m);
	t = full(&m, 4301);
	assert_string_equal(t->role->words, "vCPU 0");
	assert_int_equal(t->role->how, ROLE_BY_SYSCALL);
	t = full(&m, 4302); /* in the guest: no system call to see, but debugfs tells */
	assert_string_equal(t->role->words, "vCPU 1");
	assert_int_equal(t->role->how, ROLE_BY_DEBUGFS);
	t = full(&m, 4303); /* shows the vCPU's own system call, and is none */
	assert_int_equal(t->role->kind, ROLE_KVM);
	assert_int_equal(full(&m, 4304)->role->kind, ROLE_NONE);
	machine_close(&m);
}

static void what_a_vcpu_waits_for_is_said(void **state)
{
	struct machine m;
	struct task *t;

	machine_open(&m, "threads-qemu", (struct task_opts){ .pid = 4211 });
	sample(&m);
	sample(&m);
	t = full(&m, 4218);
	assert_str(t->full->why, "its guest CPU is idle (HLT)");
	assert_str(t->full->request, "KVM_RUN");
	assert_str(t->full->target, "anon_inode:kvm-vcpu:0");
	t = full(&m, 4219);
	assert_str(t->full->why, "waits for a CPU 3.1 % of the time");
	assert_int_equal(t->full->node, 1);
	assert_close(t->cpu_pct, 98.7, 1e-4);
	t = full(&m, 4221);
	assert_str(t->full->why, "waits for its peer to read a socket: socket:[99]");
	machine_close(&m);
}

static void the_kernels_threads_are_shown_only_when_asked_for(void **state)
{
	struct machine m;

	machine_open(&m, "threads-qemu", (struct task_opts){ 0 });
	sample(&m);
	sample(&m);
	assert_int_equal(m.last.nprocesses, 3);
	assert_null(row_or_null(&m, 15));
	machine_close(&m);
	machine_open(&m, "threads-qemu", (struct task_opts){ .kernel = true });
	sample(&m);
	assert_int_equal(m.last.nprocesses, 10);
	assert_string_equal(row(&m, 15)->role->words, "soft interrupts of CPU 1");
	assert_true(row(&m, 15)->kernel);
	assert_str(full(&m, 18)->full->why, "no work is queued");
	assert_int_equal(row(&m, 18)->absent[TASK_SYSCALL], TASK_NOT_IN_ONE);
	machine_close(&m);
}

static void processes_are_listed_with_their_threads(void **state)
{
	AUTO(arena) a = arena_new();
	struct processes all;
	struct process p;
	struct machine m;

	machine_open(&m, "threads-quiet", (struct task_opts){ 0 });
	assert_ok(task_processes(m.root, a, &all, &err));
	assert_int_equal(all.n, 1);
	assert_str(all.v[0].comm, "liveload");
	assert_str(all.v[0].args, "./liveload -t 3 -k 2 -b 1:37:100 -w 1:50 -s 60");
	assert_int_equal(all.v[0].threads, 8);
	assert_err(task_process(m.root, a, 1, &p, &err), ERR_NOTFOUND);
	machine_close(&m);
}

static void details_of_a_recorded_thread_are_whole(void **state)
{
	struct task_detail d;
	struct machine m;

	machine_open(&m, "threads-quiet", (struct task_opts){ 0 });
	assert_ok(task_detail_read(m.root, m.a, 10435, 10443, &d, &err));
	assert_str(d.comm, "wake/0");
	assert_int_equal(d.nlimits, 16);
	assert_str(d.limits[7].name, "Max open files");
	assert_str(d.limits[7].soft, "20000");
	assert_str(d.limits[7].unit, "files");
	assert_true(str_find(d.stack.text, STR("hrtimer_nanosleep")) >= 0);
	assert_int_equal(d.fds_why, TASK_NO_KERNEL);
	assert_err(task_detail_read(m.root, m.a, 10435, 9, &d, &err), ERR_NOTFOUND);
	machine_close(&m);
}

static void nothing_is_done_to_a_recorded_machine(void **state)
{
	struct sched_action action = { .kind = SCHED_DO_NICE,
				       .pid = 10435,
				       .tid = 10435 };
	struct machine m;

	machine_open(&m, "threads-quiet", (struct task_opts){ 0 });
	assert_err(sched_target(m.root, &action, &err), ERR_DENIED);
	machine_close(&m);
}

/* ---- this machine ------------------------------------------------------------ */

static uint64_t clock_of(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* A thread that burns `per_mille` of each 10 ms, and tells its own clock. */
struct burner {
	pthread_t thread;
	clockid_t clock;
	unsigned per_mille;
	atomic_int tid;
	atomic_bool stop;
};

static void *burn(void *arg)
{
	enum { PERIOD_NS = 10000000 };
	struct burner *b = arg;
	uint64_t next = clock_of(CLOCK_MONOTONIC);

	prctl(PR_SET_NAME, "burner");
	atomic_store(&b->tid, (int)gettid());
	while (!atomic_load(&b->stop)) {
		uint64_t begin = clock_of(CLOCK_THREAD_CPUTIME_ID);
		struct timespec ts;

		while (clock_of(CLOCK_THREAD_CPUTIME_ID) - begin <
		       (uint64_t)PERIOD_NS / 1000 * b->per_mille)
			;
		next += PERIOD_NS;
		ts = (struct timespec){ (time_t)(next / 1000000000),
					(long)(next % 1000000000) };
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	}
	return NULL;
}

static void burner_start(struct burner *b, unsigned per_mille)
{
	*b = (struct burner){ .per_mille = per_mille };
	assert_int_equal(pthread_create(&b->thread, NULL, burn, b), 0);
	assert_int_equal(pthread_getcpuclockid(b->thread, &b->clock), 0);
	while (!atomic_load(&b->tid))
		sched_yield();
}

static void burner_stop(struct burner *b)
{
	atomic_store(&b->stop, true);
	pthread_join(b->thread, NULL);
}

/* The truth at a sample: the burner's own clock and the time, before and after it. */
struct moment {
	uint64_t cpu_before, cpu_after, at_before, at_after;
};

static struct moment sample_moment(struct machine *m, const struct burner *b)
{
	struct moment x;

	x.cpu_before = clock_of(b->clock);
	x.at_before = clock_of(CLOCK_MONOTONIC);
	sample(m);
	x.at_after = clock_of(CLOCK_MONOTONIC);
	x.cpu_after = clock_of(b->clock);
	return x;
}

/* Between two moments the true share lies between these bounds; the sampler may be off by
 * `within` beyond them. */
static void check_share(double seen, const struct moment *from, const struct moment *to,
			double within)
{
	double lo = 100.0 * (double)(to->cpu_before - from->cpu_after) /
		    (double)(to->at_after - from->at_before);
	double hi = 100.0 * (double)(to->cpu_after - from->cpu_before) /
		    (double)(to->at_before - from->at_after);

	if (!(seen >= lo - within && seen <= hi + within))
		fail_msg("%f %% is not within %f of %f..%f", seen, within, lo, hi);
}

/* The kernel adds up a running thread's time at ticks and switches, so one sample may be
 * behind by a tick at each end; over several samples that cancels out but once. */
static void check_burner(unsigned per_mille, struct task_opts opts)
{
	enum { ROUNDS = 3 };
	struct timespec tick;
	struct moment v[ROUNDS + 1];
	double sum = 0, seen;
	struct burner b;
	struct machine m;

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	burner_start(&b, per_mille);
	opts.pid = getpid();
	machine_open(&m, NULL, opts);
	v[0] = sample_moment(&m, &b);
	for (int i = 1; i <= ROUNDS; i++) {
		usleep(1000000);
		v[i] = sample_moment(&m, &b);
		seen = row(&m, b.tid)->cpu_pct;
		check_share(seen, &v[i - 1], &v[i],
			    0.2 + 100 * (double)tick.tv_nsec / 1e9);
		sum += seen * m.last.interval_s;
	}
	check_share(sum / ((double)(v[ROUNDS].at_before - v[0].at_before) / 1e9), &v[0],
		    &v[ROUNDS], 0.2);
	burner_stop(&b);
	machine_close(&m);
}

static void shares_are_those_of_the_threads_own_clock(void **state)
{
	check_burner(370, (struct task_opts){ 0 });
}

static void small_shares_are_seen_too(void **state)
{
	struct burner b;
	struct machine m;
	struct moment from, to;

	burner_start(&b, 5);
	machine_open(&m, NULL, (struct task_opts){ .pid = getpid() });
	from = sample_moment(&m, &b);
	usleep(1000000);
	to = sample_moment(&m, &b);
	check_share(row(&m, b.tid)->cpu_pct, &from, &to, 0.05);
	burner_stop(&b);
	machine_close(&m);
}

static void every_way_of_reading_gives_the_same(void **state)
{
	check_burner(200, (struct task_opts){ .no_keep = true, .no_taskstats = true });
	check_burner(200, (struct task_opts){ .no_keep = true });
	check_burner(200, (struct task_opts){ .no_taskstats = true, .no_gate = true });
}

struct crowd {
	pthread_t v[100];
	size_t n;
	pthread_mutex_t lock; /* held by the test: the crowd waits for it */
};

static void *wait_for_lock(void *arg)
{
	struct crowd *c = arg;

	pthread_mutex_lock(&c->lock);
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

static void crowd_start(struct crowd *c, size_t n)
{
	pthread_mutex_init(&c->lock, NULL);
	pthread_mutex_lock(&c->lock);
	c->n = n;
	for (size_t i = 0; i < n; i++)
		assert_int_equal(pthread_create(&c->v[i], NULL, wait_for_lock, c), 0);
}

static void crowd_end(struct crowd *c)
{
	pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < c->n; i++)
		pthread_join(c->v[i], NULL);
}

static size_t count(const struct machine *m, enum task_mark mark)
{
	size_t n = 0;

	for (size_t i = 0; i < m->last.n; i++)
		n += m->last.v[i].mark == mark;
	return n;
}

static void births_and_deaths_are_marked_for_one_sample(void **state)
{
	struct crowd c;
	struct machine m;

	machine_open(&m, NULL, (struct task_opts){ .pid = getpid() });
	sample(&m);
	assert_int_equal(m.last.n, 1);
	crowd_start(&c, 100);
	sample(&m);
	assert_int_equal(m.last.n, 101);
	assert_int_equal(count(&m, TASK_NEW), 100);
	sample(&m);
	assert_int_equal(count(&m, TASK_NEW), 0);
	sample(&m); /* now with kept descriptors, and without listing */
	assert_int_equal(m.last.n, 101);
	crowd_end(&c);
	sample(&m);
	assert_int_equal(count(&m, TASK_GONE), 100);
	assert_int_equal(m.last.n, 101);
	sample(&m);
	assert_int_equal(m.last.n, 1);
	machine_close(&m);
}

static void threads_that_change_places_are_noticed(void **state)
{
	struct crowd first, second;
	struct machine m;

	machine_open(&m, NULL, (struct task_opts){ .pid = getpid() });
	crowd_start(&first, 20);
	for (int i = 0; i < 4; i++)
		sample(&m);
	crowd_end(&first);
	crowd_start(&second, 20); /* as many as before: the count says nothing */
	sample(&m);
	assert_int_equal(count(&m, TASK_GONE), 20);
	assert_int_equal(count(&m, TASK_NEW), 20);
	crowd_end(&second);
	machine_close(&m);
}

static void a_sample_in_slices_is_the_same_sample(void **state)
{
	struct crowd c;
	struct machine m;
	size_t steps = 0;
	bool done = false;

	crowd_start(&c, 100);
	machine_open(&m, NULL, (struct task_opts){ .pid = getpid() });
	assert_ok(task_sampler_begin(m.s, &err));
	while (!done) {
		assert_ok(task_sampler_step(m.s, 0, &done, &err));
		steps++;
	}
	assert_true(steps > 3);
	assert_ok(task_sampler_finish(m.s, m.a, &m.last, &err));
	assert_int_equal(m.last.n, 101);
	assert_err(task_sampler_finish(m.s, m.a, &m.last, &err), ERR_INTERNAL);
	crowd_end(&c);
	machine_close(&m);
}

/* A child that sleeps in pause(): an idle process that is not us. */
static pid_t child_start(void)
{
	int ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "idle (one)");
		close(ready[1]);
		(void)!read(ready[0], &c, 1); /* until the parent closes its end */
		for (;;)
			pause();
	}
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void child_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Sample until the thread is in `state`, at most two seconds. */
static struct task *wait_state(struct machine *m, pid_t tid, char want)
{
	for (int i = 0; i < 200; i++) {
		struct task *t;

		sample(m);
		t = full(m, tid);
		if (t->state == want &&
		    (want != 'S' || str_eq(t->full->syscall, STR("pause"))))
			return t;
		usleep(10000);
	}
	fail_msg("thread %d never was in state %c", (int)tid, want);
	abort(); /* not reached */
}

/* ---- a process of many threads that is not us -------------------------------- */

enum { SLEEPERS = 200 };

struct office {
	pid_t pid;
	int wake, done; /* pipes: "run a little, number n", and the thread that did */
};

/* In the child: each waits for its byte; one more may burn half a CPU. */
struct sleeper {
	int wake[2], done;
};

static void *sleeper_main(void *arg)
{
	enum { BURST_NS = 3000000 };
	struct sleeper *s = arg;
	pid_t tid = gettid();
	char c;

	while (read(s->wake[0], &c, 1) == 1) {
		uint64_t begin = clock_of(CLOCK_THREAD_CPUTIME_ID);

		while (clock_of(CLOCK_THREAD_CPUTIME_ID) - begin < BURST_NS)
			;
		(void)!write(s->done, &tid, sizeof(tid));
	}
	return NULL;
}

/* Start all, say so, then hand each order to its thread. */
static void office_child(bool burning, int orders, int done)
{
	static struct sleeper v[SLEEPERS];
	static struct burner burner;
	pthread_attr_t attr;
	pthread_t thread;
	unsigned char n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	burner.per_mille = 500;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	if (burning && pthread_create(&burner.thread, &attr, burn, &burner))
		_exit(1);
	for (size_t i = 0; i < SLEEPERS; i++) {
		v[i].done = done;
		if (pipe(v[i].wake) ||
		    pthread_create(&thread, &attr, sleeper_main, &v[i]))
			_exit(1);
	}
	(void)!write(done, "", 1);
	while (read(orders, &n, 1) == 1)
		if (n < SLEEPERS)
			(void)!write(v[n].wake[1], "", 1);
	_exit(0);
}

static void office_open(struct office *o, bool burning)
{
	int orders[2], done[2];
	char c;

	assert_int_equal(pipe(orders), 0);
	assert_int_equal(pipe(done), 0);
	o->pid = fork();
	assert_true(o->pid >= 0);
	if (!o->pid) {
		close(orders[1]);
		close(done[0]);
		office_child(burning, orders[0], done[1]);
	}
	close(orders[0]);
	close(done[1]);
	o->wake = orders[1];
	o->done = done[0];
	assert_int_equal(read(o->done, &c, 1), 1);
}

static void office_close(struct office *o)
{
	close(o->wake);
	close(o->done);
	child_end(o->pid);
}

static pid_t office_run(struct office *o, unsigned n)
{
	unsigned char order = (unsigned char)n;
	pid_t tid;

	assert_int_equal(write(o->wake, &order, 1), 1);
	assert_int_equal(read(o->done, &tid, sizeof(tid)), sizeof(tid));
	return tid;
}

static size_t count_ran(const struct machine *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->last.n; i++)
		n += m->last.v[i].cpu_pct > 0;
	return n;
}

static size_t reads(const struct machine *m)
{
	return m->last.read + m->last.kept + m->last.batched;
}

/* Until all wait for their byte, at most ten seconds: who is still on the way to it would
 * be seen to run. Without a burner nothing runs from then on. */
static void office_settle(const struct office *o)
{
	char folder[32], file[64], line[256];
	size_t asleep = 0;

	snprintf(folder, sizeof(folder), "/proc/%d/task", (int)o->pid);
	for (int i = 0; i < 1000 && asleep != SLEEPERS + 1; i++) {
		DIR *d = opendir(folder);

		assert_non_null(d);
		asleep = 0;
		for (struct dirent *e = readdir(d); e; e = readdir(d)) {
			int fd;
			ssize_t n;

			snprintf(file, sizeof(file), "%.20s/stat", e->d_name);
			fd = openat(dirfd(d), file, O_RDONLY | O_CLOEXEC);
			if (fd < 0 || e->d_name[0] == '.')
				continue;
			n = read(fd, line, sizeof(line) - 1);
			line[n > 0 ? n : 0] = 0;
			close(fd);
			asleep += strstr(line, ") S ") != NULL;
		}
		closedir(d);
		if (i && asleep != SLEEPERS + 1)
			usleep(10000);
	}
	assert_int_equal(asleep, SLEEPERS + 1);
}

enum { WOKEN = 20 };

static unsigned woken(unsigned i)
{
	return i % WOKEN * 9;
}

static void only_threads_that_ran_are_read(void **state)
{
	struct office o;
	struct machine m;

	office_open(&o, false);
	office_settle(&o);
	machine_open(&m, NULL, (struct task_opts){ .pid = o.pid });
	for (int i = 0; i < 3; i++)
		sample(&m);
	for (unsigned i = 0; i < 2 * WOKEN; i++) {
		pid_t tid = office_run(&o, woken(i));

		office_settle(&o);
		sample(&m);
		/* who wakes for the first time is found by reading all */
		if (i >= WOKEN)
			assert_in_range(reads(&m), 1, SLEEPERS / 2);
		if (!(row(&m, tid)->cpu_pct > 0))
			fail_msg("thread %d ran and was not seen", (int)tid);
		/* it, and the main thread that handed it the order */
		assert_in_range(count_ran(&m), 1, 2);
	}
	office_close(&o);
	machine_close(&m);
}

/* While another never stops for long, and whatever the sampler proved before. */
static void no_thread_that_ran_is_missed_or_made_more_of(void **state)
{
	enum { TOGETHER = 10 };
	pid_t tid[TOGETHER];
	struct office o;
	struct machine m;

	office_open(&o, true);
	machine_open(&m, NULL, (struct task_opts){ .pid = o.pid });
	for (int i = 0; i < 3; i++)
		sample(&m);
	for (unsigned i = 0; i < 8 * TOGETHER; i += TOGETHER) {
		sample(&m);
		for (unsigned j = 0; j < TOGETHER; j++)
			tid[j] = office_run(&o, woken(i + j));
		sample(&m);
		for (unsigned j = 0; j < TOGETHER; j++) {
			double pct = row(&m, tid[j])->cpu_pct;

			/* one after the other, and as long as the others */
			if (!(pct > 0 && pct < 50))
				fail_msg("thread %d: %.3f %%", (int)tid[j], pct);
		}
	}
	office_close(&o);
	machine_close(&m);
}

/* The time a sample takes must not count twice or be lost. */
static void a_slow_sample_leaves_the_next_one_exact(void **state)
{
	uint64_t cpu, at;
	struct office o;
	struct machine m;
	clockid_t clock;
	bool done = false;

	office_open(&o, true);
	assert_int_equal(clock_getcpuclockid(o.pid, &clock), 0);
	machine_open(&m, NULL, (struct task_opts){ .pid = o.pid, .no_gate = true });
	sample(&m);
	assert_ok(task_sampler_begin(m.s, &err));
	cpu = clock_of(clock);
	at = clock_of(CLOCK_MONOTONIC);
	while (!done) {
		assert_ok(task_sampler_step(m.s, 0, &done, &err));
		usleep(100000);
	}
	assert_ok(task_sampler_finish(m.s, m.a, &m.last, &err));
	sample(&m);
	cpu = clock_of(clock) - cpu;
	at = clock_of(CLOCK_MONOTONIC) - at;
	/* the burner is nearly all that runs there; it may not get its half of a CPU */
	assert_close(m.last.processes[0].cpu_pct, 100.0 * (double)cpu / (double)at, 12);
	office_close(&o);
	machine_close(&m);
}

static void an_idle_process_is_not_read_at_all(void **state)
{
	pid_t pid = child_start();
	struct machine m;

	machine_open(&m, NULL, (struct task_opts){ .pid = pid });
	wait_state(&m, pid, 'S');
	sample(&m);
	sample(&m);
	assert_int_equal(m.last.gated, 1);
	assert_int_equal(m.last.read + m.last.kept + m.last.batched, 0);
	assert_int_equal(m.last.n, 1);
	assert_close(row(&m, pid)->cpu_pct, 0, 0);
	assert_str(row(&m, pid)->comm, "idle (one)");
	child_end(pid);
	sample(&m);
	assert_int_equal(row(&m, pid)->mark, TASK_GONE);
	assert_err(task_sampler_sample(m.s, m.a, &m.last, &err), ERR_NOTFOUND);
	machine_close(&m);
}

static void ps_says_the_same_of_an_idle_thread(void **state)
{
	pid_t pid = child_start();
	struct machine m;
	struct task *t;
	STRBUF_AUTO(out, 4096);
	STRBUF_AUTO(want, 4096);
	int status;

	if (!spawn_find("ps")) {
		child_end(pid);
		skip();
	}
	machine_open(&m, NULL, (struct task_opts){ .pid = pid });
	t = wait_state(&m, pid, 'S');
	assert_ok(spawn_run(
		&(struct spawn){
			.argv = (const char *const[]){ "ps", "-L", "-o",
						       "lwp=,state=,ni=,pri=,psr=,"
						       "comm=",
						       "-p",
						       arena_printf(m.a, "%d", (int)pid),
						       NULL },
			.out = &out },
		&status, &err));
	strbuf_addf(&want, "%d %c %d %d %d idle (one)", (int)pid, t->state,
		    (int)t->full->nice, 39 - (int)t->full->priority, t->full->cpu);
	{
		struct str rest = strbuf_str(&out), word;
		STRBUF_AUTO(got, 4096);

		while (str_word(&rest, &word))
			strbuf_addf(&got, "%s" STR_FMT, got.n ? " " : "", STR_ARG(word));
		assert_str(str_trim(strbuf_str(&got)), strbuf_z(&want));
	}
	child_end(pid);
	machine_close(&m);
}

static void our_own_main_thread_is_as_proc_has_it(void **state)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(buf, 65536);
	struct str value;
	struct machine m;
	struct task *t;

	machine_open(&m, NULL, (struct task_opts){ .pid = getpid() });
	sample(&m);
	t = full(&m, getpid());
	assert_ok(root_read(m.root, "proc/self/status", &buf, &err));
	assert_true(proc_key(strbuf_str(&buf), STR("Cpus_allowed_list"), &value));
	assert_true(str_eq(t->full->affinity, value));
	assert_true(proc_key(strbuf_str(&buf), STR("Name"), &value));
	assert_true(str_eq(t->comm, value));
	assert_int_equal(t->state, 'R');
	assert_int_equal(t->role->kind, ROLE_MAIN);
	machine_close(&m);
}

static void all_processes_hold_every_thread_of_proc_exactly_once(void **state)
{
	struct machine m;
	struct crowd c;
	size_t ours = 0;

	crowd_start(&c, 10);
	machine_open(&m, NULL, (struct task_opts){ .kernel = true });
	sample(&m);
	for (size_t i = 0; i < m.last.n; i++) {
		ours += m.last.v[i].pid == getpid();
		if (i && m.last.v[i].pid == m.last.v[i - 1].pid)
			assert_true(m.last.v[i].tid > m.last.v[i - 1].tid);
		if (i)
			assert_true(m.last.v[i].pid >= m.last.v[i - 1].pid);
	}
	assert_int_equal(ours, 11);
	crowd_end(&c);
	machine_close(&m);
}

/* ---- actions ----------------------------------------------------------------- */

static void act(struct machine *m, struct sched_action *action, const char *want)
{
	struct sched_preview p;
	struct str now;

	assert_ok(sched_target(m->root, action, &err));
	assert_ok(sched_preview(m->root, m->a, action, &p, &err));
	assert_ok(sched_do(m->root, m->a, action, &now, &err));
	if (want)
		assert_str(now, want);
	else
		assert_false(str_eq(now, p.before));
}

static void changes_are_previewed_made_and_read_back(void **state)
{
	pid_t pid = child_start();
	int base = getpriority(PRIO_PROCESS, 0); /* nice(1) may have started us */
	struct sched_action action = { .kind = SCHED_DO_NICE,
				       .pid = pid,
				       .tid = pid,
				       .nice = base < 19 ? base + 1 : base };
	struct sched_preview p;
	struct machine m;
	cpu_set_t cpus;
	int first = 0;

	machine_open(&m, NULL, (struct task_opts){ .pid = pid });
	assert_ok(sched_target(m.root, &action, &err));
	assert_ok(sched_preview(m.root, m.a, &action, &p, &err));
	assert_str(p.before, arena_printf(m.a, "nice %d", base));
	assert_str(p.after, arena_printf(m.a, "nice %d", action.nice));
	assert_true(p.no_change == (base == action.nice));
	sample(&m);
	assert_int_equal(full(&m, pid)->full->nice,
			 base); /* the preview changed nothing */
	if (base != action.nice)
		act(&m, &action, arena_printf(m.a, "nice %d", action.nice));

	action = (struct sched_action){
		.kind = SCHED_DO_POLICY, .pid = pid, .tid = pid, .policy = SCHED_BATCH
	};
	act(&m, &action, "batch");

	assert_int_equal(sched_getaffinity(pid, sizeof(cpus), &cpus), 0);
	while (!CPU_ISSET(first, &cpus))
		first++;
	action = (struct sched_action){ .kind = SCHED_DO_AFFINITY,
					.pid = pid,
					.tid = pid };
	action.cpus = arena_strf(m.a, "%d", first);
	act(&m, &action, arena_printf(m.a, "CPUs %d", first));

	action = (struct sched_action){ .kind = SCHED_DO_SIGNAL,
					.pid = pid,
					.tid = pid,
					.process = true,
					.signal = SIGSTOP };
	act(&m, &action, "state T");
	action.signal = SIGCONT;
	act(&m, &action, NULL); /* runs or sleeps again: either is right */
	child_end(pid);
	machine_close(&m);
}

static void what_cannot_be_is_refused_before_anything_happens(void **state)
{
	pid_t pid = child_start();
	struct sched_action action = {
		.kind = SCHED_DO_NICE, .pid = pid, .tid = pid, .nice = 99
	};
	struct sched_preview p;
	struct machine m;

	machine_open(&m, NULL, (struct task_opts){ .pid = pid });
	assert_ok(sched_target(m.root, &action, &err));
	assert_err(sched_preview(m.root, m.a, &action, &p, &err), ERR_USAGE);
	action.kind = SCHED_DO_POLICY;
	action.policy = SCHED_FIFO; /* and no priority */
	assert_err(sched_preview(m.root, m.a, &action, &p, &err), ERR_USAGE);
	action.kind = SCHED_DO_AFFINITY;
	action.cpus = STR("8000");
	assert_err(sched_preview(m.root, m.a, &action, &p, &err), ERR_USAGE);
	action.start++; /* another thread with the same number */
	action.kind = SCHED_DO_SIGNAL;
	action.signal = SIGKILL;
	assert_err(sched_preview(m.root, m.a, &action, &p, &err), ERR_CONFLICT);
	assert_int_equal(kill(pid, 0), 0);
	child_end(pid);
	machine_close(&m);
}

static void details_of_this_process_are_its_own(void **state)
{
	struct task_detail d;
	struct machine m;
	int fds[2];
	bool seen = false;

	assert_int_equal(pipe(fds), 0);
	machine_open(&m, NULL, (struct task_opts){ 0 });
	assert_ok(task_detail_read(m.root, m.a, getpid(), getpid(), &d, &err));
	for (size_t i = 0; i < d.nfds; i++)
		seen |= d.fds[i].fd == fds[0] &&
			str_starts(d.fds[i].target, STR("pipe:["));
	assert_true(seen);
	assert_true(d.mappings > 10);
	assert_true(d.nlimits >= 16);
	assert_true(str_ends(d.exe.text, STR("test_task")));
	close(fds[0]);
	close(fds[1]);
	machine_close(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_record_has_no_shares_and_says_why),
		TEST(two_records_give_shares_births_and_deaths),
		TEST(rows_come_by_process_and_thread_the_gone_among_them),
		TEST(the_past_shows_who_lived_and_what_they_used),
		TEST(hostile_names_are_only_names),
		TEST(a_thread_that_ends_between_listing_and_reading_is_left_out),
		TEST(a_process_that_is_not_there_is_an_error),
		TEST(without_schedstat_ticks_serve_and_waiting_is_absent),
		TEST(vcpus_are_known_without_names),
		TEST(what_a_vcpu_waits_for_is_said),
		TEST(the_kernels_threads_are_shown_only_when_asked_for),
		TEST(processes_are_listed_with_their_threads),
		TEST(details_of_a_recorded_thread_are_whole),
		TEST(nothing_is_done_to_a_recorded_machine),
		TEST(shares_are_those_of_the_threads_own_clock),
		TEST(small_shares_are_seen_too),
		TEST(every_way_of_reading_gives_the_same),
		TEST(births_and_deaths_are_marked_for_one_sample),
		TEST(threads_that_change_places_are_noticed),
		TEST(a_sample_in_slices_is_the_same_sample),
		TEST(only_threads_that_ran_are_read),
		TEST(no_thread_that_ran_is_missed_or_made_more_of),
		TEST(a_slow_sample_leaves_the_next_one_exact),
		TEST(an_idle_process_is_not_read_at_all),
		TEST(ps_says_the_same_of_an_idle_thread),
		TEST(our_own_main_thread_is_as_proc_has_it),
		TEST(all_processes_hold_every_thread_of_proc_exactly_once),
		TEST(changes_are_previewed_made_and_read_back),
		TEST(what_cannot_be_is_refused_before_anything_happens),
		TEST(details_of_this_process_are_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
