/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the thread sampler share: task.c walks, task_cpu.c reads shares,
 * task_fill.c reads the rest, task_history.c remembers. Private to sys.
 */
#ifndef SYS_TASK_IMPL_H
#define SYS_TASK_IMPL_H

#include <math.h>

#include "proc_dir.h"
#include "sys/syscalls.h"
#include "sys/task.h"
#include "sys/why.h"
#include "taskstats.h"

enum {
	COMM_MAX = 64,  /* fs/proc: names of kworkers are longer than 15 bytes */
	SPARK_MAX = 60, /* samples: a minute at 1 s */
	PROCESSES_MAX = 1 << 20,
	THREADS_MAX = 1 << 22, /* PID_MAX_LIMIT */
	SMALL_FILE = 8192,
};

struct spark {
	uint32_t moment; /* of the newest figure */
	uint32_t born;
	uint16_t v[SPARK_MAX]; /* 1/100 %, at index moment % SPARK_MAX */
};

struct thread {
	pid_t tid;
	int fd; /* its schedstat, kept open; -1 */
	uint32_t serial, born;
	uint64_t start;
	struct proc_schedstat cpu, was; /* newest; of the sample before */
	uint64_t at_ns, was_ns;         /* when they were read; 0: never */
	uint64_t stat_runs;             /* cpu.cpu_ns when `state` was read */
	uint32_t ran;                   /* newest sample that saw it run */
	float cpu_pct, wait_pct;        /* NaN: not known */
	char state;
	bool kernel, dead, is_new, ticks /* `cpu` comes from utime + stime */;
	uint8_t comm_n;
	char comm[COMM_MAX];
	struct role role;
	struct spark *spark;
	uint32_t row; /* in the newest moment; UINT32_MAX: none */
};

struct proc {
	pid_t pid;
	bool seen, gated, kernel, vm_asked, gone;
	uint64_t clock_ns; /* of the process CPU clock; 0: never read */
	/* The newest walk: when it began, and until when threads not read are known idle.
	 */
	uint64_t walk_ns, asof_ns;
	/* The account: the process clock is the sum of the clocks of its threads and of
	 * those that have ended. So when what was read adds up, the others did not run.
	 */
	uint64_t sum_ns;   /* of cpu.cpu_ns of its threads */
	uint64_t ended_ns; /* CPU time of threads that have ended */
	bool account;      /* both are known */
	bool busy;         /* a thread ran between the last two walks */
	uint64_t sum_before;
	struct thread *v;
	size_t n, cap;
	uint32_t vm_round;
	struct arena *vm_arena;
	struct role_vm vm;
};

/* One row of the look-back, only for threads that did something or were looked at. */
struct past_row {
	uint32_t serial;
	float cpu_pct, wait_pct;
	uint16_t wchan;  /* index of the interned name + 1; 0: not read */
	int16_t syscall; /* -1: none or not read */
	int16_t cpu;
	char state;
};

/* A thread that ended, with what a look-back needs to show it alive. */
struct past_thread {
	pid_t pid;
	struct thread t;
};

struct moment {
	uint64_t at_ns;
	double interval_s;
	struct past_row *v;
	size_t n;
	struct past_thread *gone; /* noticed at this moment */
	size_t ngone;
};

/* How much of a process is read in this walk. */
enum reading {
	READ_ACTIVE, /* who ran of late, and a few of the others in turn */
	READ_KNOWN,  /* who ever was seen to run, once more if need be */
	READ_AGAIN,  /* once more who ran of late: it may have gone on */
	READ_REST,   /* everybody who was not read yet */
	READ_LAST,   /* once more who ran: the account is made anew */
};

enum phase {
	PHASE_IDLE,
	PHASE_LIST,
	PHASE_PROC,
	PHASE_TIDS,
	PHASE_READ,
	PHASE_STATES,
	PHASE_DONE
};

struct task_sampler {
	const struct root *root; /* the caller's */
	struct root *later;      /* second sample of a recorded machine, or NULL */
	const struct root *now;  /* one of the two */
	bool live;
	struct task_opts opts;
	enum syscall_abi abi;

	struct proc *v;
	size_t n, cap;

	struct taskstats_link *link; /* NULL: not to be had */
	unsigned fds_left;
	bool no_schedstat;

	/* the walk in progress */
	enum phase phase;
	size_t proc_at, thread_at, state_at;
	struct proc_dir dir;
	pid_t *tids;
	size_t ntids, tids_cap;
	enum reading reading;
	unsigned tries;
	uint64_t least_ns; /* of the tries to make the account */
	bool listed;       /* the threads of this process were listed in this walk */
	uint64_t read_ns;  /* time of the last readings */
	unsigned reads;
	char *numbers;
	struct taskstats_answer batch[TASKSTATS_BATCH];
	size_t batch_thread[TASKSTATS_BATCH]; /* index into the process's threads */
	size_t nbatch;
	struct past_thread *gone; /* of this walk */
	size_t ngone, gone_cap;
	uint64_t began_ns, cpu_ns; /* start of the walk; CPU time spent on it */
	struct task_sample counts; /* gated, read, kept, batched */

	/* what was */
	uint32_t serial, moment; /* last given; number of the newest sample, from 1 */
	uint64_t last_ns;        /* start of the sample before; 0: none */
	struct moment *past;     /* oldest first */
	size_t npast, past_cap, past_bytes;
	char **wchans;
	size_t nwchans;
	int16_t *node_of_cpu; /* NULL: not read yet, or no NUMA nodes here */
	size_t ncpus;
	bool nodes_read;
	uint32_t vm_round;
};

/* task.c */
struct proc *task_find_proc(struct task_sampler *s, pid_t pid);
struct thread *task_find_thread(struct proc *p, pid_t tid);
uint64_t task_now_ns(const struct task_sampler *s);
void *task_grow(void *v, size_t n, size_t *cap, size_t size);

/* task_cpu.c */
/** Read name, state, start and flags of a thread; false when it is not there any more. */
bool task_read_stat(struct task_sampler *s, struct thread *t);
/** Read or queue the CPU figures of thread `i` of `p`; a thread that ended becomes dead.
 */
void task_read_cpu(struct task_sampler *s, struct proc *p, size_t i);
/** Nanoseconds of the CPU clock of a whole process; 0 when there is no such process. */
uint64_t task_process_clock(pid_t pid);

/* task_account.c */
/** How to begin reading this process. */
enum reading task_reading(const struct task_sampler *s, const struct proc *p);
/** Is thread `i` to be read in the present pass? */
bool task_wanted(const struct task_sampler *s, const struct proc *p, size_t i);
/** A pass over all threads is done: is another needed? Sets s->reading. */
bool task_read_on(struct task_sampler *s, struct proc *p);
/** Ask for what was queued. */
void task_flush_batch(struct task_sampler *s, struct proc *p);
void task_thread_drop(struct task_sampler *s, struct thread *t);

/* task_fill.c */
/** Learn what the threads of a virtual machine are; cheap for every other process. */
void task_learn_vm(struct task_sampler *s, struct proc *p);
/** The row of a thread; `before` is the row above, or NULL: a name and a role like that
 *  one's are shared with it, which in a pool of thousands is the rule. */
struct task task_row(const struct task_sampler *s, const struct proc *p,
		     const struct thread *t, struct arena *a, const struct task *before);

/* task_history.c */
void task_past_push(struct task_sampler *s, double interval_s);
void task_past_note(struct task_sampler *s, const struct thread *t,
		    const struct task_full *full, long nr);
void task_past_free(struct task_sampler *s);
void task_spark_push(struct task_sampler *s, struct thread *t);

#endif
