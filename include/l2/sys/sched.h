/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be done to a thread: signal, nice value, CPUs, scheduling policy. Each in
 * three steps: a preview says what it means, what is there now and which shell line does
 * the same; then it is done, to that very thread (a reused number is noticed); then the
 * kernel is asked what became of it.
 */
#ifndef SYS_SCHED_H
#define SYS_SCHED_H

#include "sys/task.h"

/** "other", "fifo", "rr", "batch", "idle", "deadline", "ext"; NULL if not known. */
const char *sched_policy_name(int policy);
bool sched_policy_parse(struct str text, int *ret, struct err *err) MUST_CHECK;
/** "TERM", "SIGTERM", "15"; without case. */
bool sched_signal_parse(struct str text, int *ret, struct err *err) MUST_CHECK;
/** "TERM", "RTMIN+3"; never NULL. */
const char *sched_signal_name(struct arena *a, int signal);

enum sched_kind { SCHED_DO_SIGNAL, SCHED_DO_NICE, SCHED_DO_AFFINITY, SCHED_DO_POLICY };

struct sched_action {
	enum sched_kind kind;
	pid_t pid, tid;
	uint64_t start; /* of the thread, as proc_stat.start: who is meant */
	bool process;   /* signal: the whole process instead of this thread */
	int signal;
	int nice;
	struct str cpus; /* list: "0-3,8" */
	int policy;
	int rt_priority; /* 1..99 for fifo and rr, else 0 */
};

struct sched_preview {
	struct str
		what; /* "send TERM to thread 4219 (CPU 1/KVM) of qemu-system-x86 4211" */
	struct str means;  /* what that does, where it is not obvious */
	struct str before; /* the value now: "nice 0", "CPUs 0-3" */
	struct str after;  /* the value asked for */
	struct str
		shell; /* the plain shell line that does the same; empty: there is none */
	struct str undo; /* the shell line that takes it back; empty: cannot be */
	bool no_change;  /* it is already so */
};

/** Who is meant, from a live machine: fills `start`. ERR_NOTFOUND; ERR_DENIED on a
 *  recorded one. */
bool sched_target(const struct root *root, struct sched_action *action, struct err *err)
	MUST_CHECK;
/** Changes nothing. Fails when the thread is not the one meant any more, or when what is
 *  asked for cannot be (no such CPU, priority out of range). */
bool sched_preview(const struct root *root, struct arena *a,
		   const struct sched_action *action, struct sched_preview *ret,
		   struct err *err) MUST_CHECK;
/** Do it; `*ret_now` is what the kernel says afterwards ("nice 5", "CPUs 0-1", "ended").
 *  ERR_CONFLICT when that is not what was asked for. */
bool sched_do(const struct root *root, struct arena *a, const struct sched_action *action,
	      struct str *ret_now, struct err *err) MUST_CHECK;

#endif
