/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Per-thread accounting over generic netlink (Documentation/accounting/taskstats.rst), in
 * batches: up to 64 requests in one send, their answers in a few receives. Needs
 * CAP_NET_ADMIN and CONFIG_TASKSTATS. Private to sys.
 */
#ifndef SYS_TASKSTATS_H
#define SYS_TASKSTATS_H

#include "base/arena.h"
#include "sys/proc_stat.h"

struct taskstats_link;

enum { TASKSTATS_BATCH = 64 };

/** Opens the link and proves with this very thread that its figures are there;
 *  ERR_DENIED without the capability, ERR_NOTFOUND on a kernel without taskstats. */
bool taskstats_open(struct taskstats_link **ret, struct err *err) MUST_CHECK;
void taskstats_close(struct taskstats_link *link);

struct taskstats_answer {
	pid_t tid;
	bool found; /* false: the thread has ended */
	struct proc_schedstat cpu;
};
/** Fill v[0..n), n <= TASKSTATS_BATCH, whose tids are set. False when the link broke:
 * then read another way. */
bool taskstats_ask(struct taskstats_link *link, struct taskstats_answer *v, size_t n,
		   struct err *err) MUST_CHECK;

#endif
