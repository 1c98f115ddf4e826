/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readers of the one-line and key-value files of /proc/PID/task/TID. Pure: text in,
 * numbers and views out; nothing is allocated. Formats:
 * Documentation/filesystems/proc.rst and proc_pid_stat(5).
 */
#ifndef SYS_PROC_STAT_H
#define SYS_PROC_STAT_H

#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

enum {
	PROC_KTHREAD = 0x00200000, /* proc_stat.flags: a thread of the kernel itself */
	PROC_USER_HZ = 100,        /* ticks a second of utime, stime, start */
};

struct proc_stat {
	pid_t id;        /* PID or TID, whichever folder it came from */
	struct str comm; /* view into the text; any byte but NUL, ')' and blanks too */
	char state;      /* one of RSDTtZXIPKW */
	pid_t ppid, pgrp, session;
	unsigned flags;
	uint64_t minflt, majflt;
	uint64_t utime, stime; /* ticks */
	int64_t priority;      /* 20 + nice; -1 - rt_priority for real-time threads */
	int64_t nice;
	int64_t threads;
	uint64_t start; /* ticks since boot */
	int64_t rss_pages;
	int cpu; /* that it ran on last; -1 when the kernel does not say */
	unsigned rt_priority;
	int policy;     /* SCHED_*; -1 when the kernel does not say */
	uint64_t blkio; /* ticks waited for block I/O */
	uint64_t guest; /* ticks spent in a guest */
};

/** The line of a `stat` file, with or without its line end. The name ends at the LAST
 * ')'; a kernel may give more fields than known or stop after `start`. ERR_PARSE
 * otherwise. */
bool proc_stat_parse(struct str text, struct proc_stat *ret, struct err *err) MUST_CHECK;

struct proc_schedstat {
	uint64_t cpu_ns, wait_ns,
		runs; /* on a CPU, ready but waiting for one, times run */
};
/** "12345678 987654 42\n". False when it is not that. */
bool proc_schedstat_parse(struct str text, struct proc_schedstat *ret) MUST_CHECK;

/** Value of "Key:\tvalue" in a file like `status`, trimmed. False when the key is not
 * there. */
bool proc_key(struct str text, struct str key, struct str *ret) MUST_CHECK;
bool proc_key_u64(struct str text, struct str key, uint64_t *ret) MUST_CHECK;

enum proc_syscall_kind {
	PROC_SYSCALL_RUNNING, /* on a CPU: the kernel does not look */
	PROC_SYSCALL_NONE, /* blocked, but not inside a system call (a fault, a signal) */
	PROC_SYSCALL_IN,
};
struct proc_syscall {
	enum proc_syscall_kind kind;
	long nr;
	uint64_t args[6];
	uint64_t sp, pc;
};
/** "16 0xd 0xae80 0x0 0x0 0x0 0x0 0x7f.. 0x7f..", "-1 0x7f.. 0x7f..", or "running". */
bool proc_syscall_parse(struct str text, struct proc_syscall *ret) MUST_CHECK;

#endif
