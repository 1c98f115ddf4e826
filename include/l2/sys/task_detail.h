/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything about one thread, on demand: what a person wants to see after Enter. About a
 * dozen files; each section is there, or says why it is not.
 */
#ifndef SYS_TASK_DETAIL_H
#define SYS_TASK_DETAIL_H

#include "sys/task.h"

/* One section that may be absent: `text` or, when `why` is not TASK_PRESENT, nothing. */
struct detail_text {
	struct str text;
	enum task_absent why;
};

struct detail_limit {
	struct str name, soft, hard, unit;
};

struct detail_fd {
	int fd;
	struct str target;
};

/* The maps of the process, summed by what they are. */
struct detail_maps {
	const char *kind; /* "heap", "stack", "code", "files", "anonymous", ... */
	uint64_t bytes;
	size_t n;
};

struct task_detail {
	struct process process;
	pid_t tid;
	struct str comm;
	struct proc_stat stat;
	struct detail_text status; /* whole file, one "Key:\tvalue" a line */
	struct detail_text stack;  /* kernel stack, one function a line, newest first */
	struct detail_text sched;  /* /proc/PID/task/TID/sched */
	struct detail_text cgroup;
	struct detail_text io;
	struct detail_text exe, cwd;
	struct detail_limit *limits;
	size_t nlimits;
	enum task_absent limits_why;
	struct detail_fd *fds; /* at most 4096 are kept */
	size_t nfds, fds_total;
	enum task_absent fds_why;
	struct detail_maps *maps;
	size_t nmaps, mappings;
	enum task_absent maps_why;
};

/** ERR_NOTFOUND when the thread is not there; a section that cannot be read is no error.
 *  Maps beyond 32 MiB of text are cut. */
bool task_detail_read(const struct root *root, struct arena *a, pid_t pid, pid_t tid,
		      struct task_detail *ret, struct err *err) MUST_CHECK;

/** The functions of a kernel stack, without addresses: "[<0>] do_wait+0x5/0x9" becomes
 *  "do_wait". */
struct str stack_function(struct str line);

#endif
