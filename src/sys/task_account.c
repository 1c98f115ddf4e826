/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which threads of a process need not be read, and why that is no guess.
 *
 * The CPU clock of a process is the sum of sum_exec_runtime over its threads, and of what
 * those had that have ended (kernel/sched/cputime.c, thread_group_cputime()); schedstat
 * shows the same variable of one thread. Reading the clock costs one call for thousands
 * of threads. So: read the threads that ran of late, then the clock. Every thread's time
 * only grows, so
 *
 *	clock - (newest reading of each thread) - (time of those that ended)
 *
 * is the time that threads not read have run since they were, plus what the others ran
 * since just now. When it is zero, both are zero: those not read did not run, which is
 * what a reading of each would have said. Else those are read that ever ran, for they may
 * have woken or gone on in between; then those that ran of late once more; after some
 * tries everybody is read.
 *
 * The time of ended threads is what is left over after everybody was read. Threads that
 * run meanwhile make it too large, so the smallest of some tries counts. When it turns
 * out later that it was too large still, that much may have been run unseen: everybody is
 * read again. And each sample reads a few idle threads in turn.
 */
#include "task_impl.h"

enum {
	FEW = 64,   /* threads: with fewer, all are read */
	LATELY = 8, /* samples: who ran in them is read first */
	ROUND = 64, /* samples in which each idle thread has its turn */
	TRIES = 4,
};

/* What the clock of a process says to the readings of its threads. */
enum sum {
	SUM_PROVEN, /* nobody else ran */
	SUM_OPEN,   /* somebody did, or one went on since it was read */
	SUM_BROKEN, /* the time of ended threads was taken too large */
};

enum reading task_reading(const struct task_sampler *s, const struct proc *p)
{
	return p->account && !s->listed ? READ_ACTIVE : READ_REST;
}

static bool ran_lately(const struct task_sampler *s, const struct thread *t)
{
	return t->ran && s->moment + 1 - t->ran <= LATELY;
}

bool task_wanted(const struct task_sampler *s, const struct proc *p, size_t i)
{
	const struct thread *t = &p->v[i];
	size_t slice = p->n / ROUND + 1, turn = (size_t)s->moment * slice % p->n;

	switch (s->reading) {
	case READ_ACTIVE:
		return ran_lately(s, t) || (i + p->n - turn) % p->n < slice;
	case READ_KNOWN:
		return t->ran;
	case READ_AGAIN:
	case READ_LAST:
		return ran_lately(s, t);
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
static enum sum check_account(struct task_sampler *s, struct proc *p)
{
	uint64_t now = task_now_ns(s), clock = task_process_clock(p->pid);

	if (!clock || clock < p->sum_ns || clock - p->sum_ns < p->ended_ns)
		return SUM_BROKEN;
	if (clock - p->sum_ns > p->ended_ns)
		return SUM_OPEN;
	p->asof_ns = now;
	return SUM_PROVEN;
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
		enum sum sum = check_account(s, p);

		if (sum == SUM_PROVEN)
			return false;
		if (sum == SUM_BROKEN ||
		    (s->reading == READ_AGAIN && s->tries + 1 >= TRIES))
			return next_pass(s, READ_REST);
		return next_pass(s, s->reading == READ_ACTIVE ? READ_KNOWN : READ_AGAIN);
	}
	p->account = false;
	p->asof_ns = task_now_ns(s);
	if (!p->seen || !s->live || s->opts.no_gate || p->n < FEW || s->no_schedstat ||
	    !make_account(s, p) || (s->reading == READ_LAST && s->tries + 1 >= TRIES))
		return false;
	return next_pass(s, READ_LAST);
}
