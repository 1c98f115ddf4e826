/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which threads of a process need not be read, and why that is no guess.
 *
 * The CPU clock of a process is the sum of sum_exec_runtime over its threads, and of what
 * those had that have ended (kernel/sched/cputime.c, thread_group_cputime()); schedstat
 * shows the same variable of one thread. Reading the clock costs one call for thousands
 *of threads. So: read the threads that ran of late, then the clock. Every thread's time
 *only grows, so
 *
 *	clock - (newest reading of each thread) - (time of those that ended)
 *
 * is the time that threads not read have run since they were, plus what the others ran
 * since just now. When it is zero, both are zero: those not read did not run, which is
 * what a reading of each would have said. Else those are read that ever ran, for they may
 * have woken; then those that are running once more, for they may have passed a tick in
 * between; after some tries everybody is read.
 *
 * The time of ended threads is what is left over after everybody was read. It may be
 *taken a few microseconds too large when threads run meanwhile, and then so much could
 *stay unseen once: so the smallest of some tries counts, it only ever shrinks, and each
 *sample reads a few idle threads in turn.
 */
#include "task_impl.h"

enum {
	FEW = 64,   /* threads: with fewer, all are read */
	LATELY = 8, /* samples: who ran in them is read first */
	ROUND = 64, /* samples in which each idle thread has its turn */
	TRIES = 4,
};

enum reading task_reading(const struct task_sampler *s, const struct proc *p)
{
	return p->account && !s->listed ? READ_ACTIVE : READ_REST;
}

bool task_wanted(const struct task_sampler *s, const struct proc *p, size_t i)
{
	const struct thread *t = &p->v[i];
	size_t slice = p->n / ROUND + 1, turn = (size_t)s->moment * slice % p->n;

	switch (s->reading) {
	case READ_ACTIVE:
		return (t->ran && s->moment - t->ran < LATELY) ||
		       (i + p->n - turn) % p->n < slice;
	case READ_KNOWN:
		return t->ran && t->at_ns < s->began_ns;
	case READ_AGAIN:
	case READ_LAST:
		return t->at_ns >= s->began_ns && t->cpu.cpu_ns != t->was.cpu_ns;
	case READ_REST:
		break;
	}
	return t->at_ns < s->began_ns || !s->live;
}

static bool next_pass(struct task_sampler *s, enum reading reading)
{
	s->tries = reading == s->reading ? s->tries + 1 : 0;
	s->reading = reading;
	return true;
}

/* Do the readings add up to the clock? Then the threads not read are idle until now. */
static bool check_account(struct task_sampler *s, struct proc *p)
{
	uint64_t now = task_now_ns(s), clock = task_process_clock(p->pid);

	if (!clock || clock < p->sum_ns)
		return false;
	if (clock - p->sum_ns < p->ended_ns)
		p->ended_ns = clock - p->sum_ns;
	p->asof_ns = now;
	return clock - p->sum_ns == p->ended_ns;
}

/* Everybody was read: what is left over belongs to those that ended. */
static bool make_account(struct task_sampler *s, struct proc *p)
{
	uint64_t clock = task_process_clock(p->pid), rest;

	if (s->reading == READ_REST) {
		p->sum_ns = 0;
		for (size_t i = 0; i < p->n; i++)
			p->sum_ns += p->v[i].cpu.cpu_ns;
		s->least_ns = UINT64_MAX;
	}
	if (!clock || clock < p->sum_ns)
		return false;
	rest = clock - p->sum_ns;
	if (rest < s->least_ns)
		s->least_ns = rest;
	p->ended_ns = s->least_ns;
	p->account = true;
	return true;
}

bool task_read_on(struct task_sampler *s, struct proc *p)
{
	if (s->reading < READ_REST) {
		if (check_account(s, p))
			return false;
		if (s->reading == READ_ACTIVE)
			return next_pass(s, READ_KNOWN);
		return next_pass(s, s->reading == READ_AGAIN && s->tries + 1 >= TRIES
					    ? READ_REST
					    : READ_AGAIN);
	}
	p->account = false;
	p->asof_ns = task_now_ns(s);
	if (!p->seen || !s->live || s->opts.no_gate || p->n < FEW || s->no_schedstat ||
	    !make_account(s, p) || (s->reading == READ_LAST && s->tries + 1 >= TRIES))
		return false;
	return next_pass(s, READ_LAST);
}
