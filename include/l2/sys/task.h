/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads as they are now. A sampler keeps what it must remember between two samples of
 * one process or of all, and reads as little as it can:
 *
 *   process CPU clock unchanged -> nobody ran: no file is opened at all
 *   else the list of TIDs, and per thread its schedstat: from a descriptor that was kept
 *   open, from a taskstats netlink batch (CAP_NET_ADMIN), or by open, read and close
 *   stat, status, wchan, syscall ... only for rows that are asked for
 *
 * Shares are differences of nanoseconds over the time between the two readings of that
 * very thread, so a sample taken in slices stays exact. A thread on a CPU right now is
 * behind by up to one tick (4 ms at HZ=250).
 *
 * A sampler belongs to one thread at a time; a finished sample owns all it shows.
 */
#ifndef SYS_TASK_H
#define SYS_TASK_H

#include "base/arena.h"
#include "base/root.h"
#include "sys/role.h"

/* Facts of a thread that may be absent, each with its own reason. */
enum task_fact {
	TASK_CPU_PCT,
	TASK_WAIT_PCT,
	TASK_CPU_TIME,
	TASK_WAIT_TIME,
	TASK_STAT,     /* state, policy, priority, nice, last CPU, faults, start */
	TASK_SWITCHES, /* of status */
	TASK_AFFINITY, /* of status */
	TASK_WCHAN,
	TASK_SYSCALL,
	TASK_NODE,
	TASK_CGROUP,
	TASK_IO,
	TASK_FACTS,
};
#define TASK_ALL_FACTS ((1u << TASK_FACTS) - 1)

enum task_absent {
	TASK_PRESENT,
	TASK_NOT_ASKED,  /* an expensive fact of a row that is not shown */
	TASK_FIRST,      /* a share needs two samples */
	TASK_RECORDED,   /* a recorded machine has one sample */
	TASK_DENIED,     /* the kernel does not show it to this user */
	TASK_NO_KERNEL,  /* this kernel, or this record, has no such file */
	TASK_RUNNING,    /* the kernel does not look at a thread that runs */
	TASK_ENDED,      /* it ended before it was read */
	TASK_NOT_KEPT,   /* the look-back keeps only shares and states */
	TASK_UNREADABLE, /* the file says something this program does not understand */
	TASK_NOT_IN_ONE, /* it is in no system call, or sleeps nowhere: nothing to name */
};
/** "needs root or the same user", ... as it stands in "unavailable". */
const char *task_absent_words(enum task_absent why);

enum task_mark { TASK_SAME, TASK_NEW, TASK_GONE };

/* What is read for rows that are asked for; views live in the sample's arena. */
struct task_full {
	int64_t priority, nice;
	unsigned rt_priority;
	int policy;
	int cpu;  /* last run on */
	int node; /* NUMA node of that CPU */
	uint64_t minflt, majflt;
	double guest_s, blkio_s;
	uint64_t nvcsw, nivcsw;
	struct str affinity; /* "0-3,8" */
	struct str wchan;
	struct str syscall; /* name, or the number as text */
	struct str request; /* "KVM_RUN", "FUTEX_WAIT"; empty: none */
	struct str target;  /* what the call's descriptor is; empty: none */
	int syscall_fd;     /* -1: none */
	struct str cgroup;
	uint64_t read_bytes, write_bytes;
	struct str why; /* "why is it not running", one sentence */
};

/* Ten thousand of them are made each second: no byte is left between the members. */
struct task {
	pid_t pid, tid;
	uint64_t start; /* ticks since boot: with the TID, who it is */
	struct str comm;
	const struct role *role;
	double cpu_pct, wait_pct;
	uint64_t cpu_ns, wait_ns, runs;
	const struct task_full *full; /* NULL: TASK_NOT_ASKED */
	uint32_t serial;              /* for task_sampler_spark() */
	enum task_mark mark : 8;
	bool kernel;
	char state;                 /* of the last reading; 0: never read */
	uint8_t absent[TASK_FACTS]; /* enum task_absent */
};

struct task_process {
	pid_t pid;
	struct str comm;
	bool kernel, vm;
	size_t first, n; /* its rows in task_sample.v; gone threads are among them */
	double cpu_pct, wait_pct; /* sums over its threads */
};

enum task_way { TASK_BY_SCHEDSTAT, TASK_BY_TASKSTATS, TASK_BY_STAT };

struct task_sample {
	struct task *v; /* by PID, then TID */
	size_t n;
	struct task_process *processes;
	size_t nprocesses;
	bool shares;                /* there was a sample before: shares are known */
	double interval_s;          /* since the sample before */
	double age_s;               /* 0; of a look-back: how long ago */
	double cost_s;              /* CPU time this sample took */
	size_t gated;               /* processes whose clock stood still */
	size_t read, kept, batched; /* threads by open, kept descriptor, taskstats */
	enum task_way way;          /* where the shares come from */
};

struct task_opts {
	pid_t pid;            /* one process; 0: all */
	bool kernel;          /* with the kernel's own threads (only for all) */
	unsigned max_fds;     /* descriptors to keep; 0: half of what the limit leaves */
	size_t history_bytes; /* of the look-back; 0: 16 MiB */
	bool no_gate, no_keep, no_taskstats; /* measure and test the other ways */
};

struct task_sampler;

bool task_sampler_new(const struct root *root, const struct task_opts *opts,
		      struct task_sampler **ret, struct err *err) MUST_CHECK;
void task_sampler_free(struct task_sampler *s);
DEFINE_FREEP(task_sampler)

/** One whole sample: begin, all steps, finish. ERR_NOTFOUND when the one process ended.
 */
bool task_sampler_sample(struct task_sampler *s, struct arena *a, struct task_sample *ret,
			 struct err *err) MUST_CHECK;
/** The same in slices: begin once, step until done, finish once. A step stops after about
 *  `budget_us`; finish costs about 0.1 us a thread. */
bool task_sampler_begin(struct task_sampler *s, struct err *err) MUST_CHECK;
bool task_sampler_step(struct task_sampler *s, uint64_t budget_us, bool *ret_done,
		       struct err *err) MUST_CHECK;
bool task_sampler_finish(struct task_sampler *s, struct arena *a, struct task_sample *ret,
			 struct err *err) MUST_CHECK;

/** Read the expensive facts (a set of 1u << enum task_fact) of one row of the newest
 *  sample, about 20 us; what cannot be had is marked in absent[]. */
void task_sampler_fill(struct task_sampler *s, struct arena *a, struct task *task,
		       unsigned facts);

/** CPU % of the last up to `max` samples of a row, oldest first; NaN before its birth. */
size_t task_sampler_spark(const struct task_sampler *s, const struct task *task,
			  double *ret, size_t max);

/** How many samples can be looked back at; 1 is the newest. Bounded by history_bytes. */
size_t task_sampler_moments(const struct task_sampler *s);
/** The sample `back` samples before the newest: who lived, shares, states, wait channels
 *  and system calls that were read then. ERR_NOTFOUND when it is not kept any more. */
bool task_sampler_look_back(struct task_sampler *s, size_t back, struct arena *a,
			    struct task_sample *ret, struct err *err) MUST_CHECK;

/* ---- processes, for choosers and completion --------------------------------------- */

struct process {
	pid_t pid;
	uint64_t start;
	struct str comm;
	struct str args; /* command line, blanks between words; empty for the kernel's */
	int64_t threads;
	bool kernel;
};
struct processes {
	struct process *v;
	size_t n, cap;
};
/** All that can be seen, by PID; one that ends meanwhile is left out. */
bool task_processes(const struct root *root, struct arena *a, struct processes *ret,
		    struct err *err) MUST_CHECK;
/** The process of this PID; ERR_NOTFOUND when there is none. A TID finds its process. */
bool task_process(const struct root *root, struct arena *a, pid_t pid,
		  struct process *ret, struct err *err) MUST_CHECK;

#endif
