/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work that can block: one thread, one arena, one result handed over by pointer. The
 * owner's loop hears of progress and of the end through loop_wake(); nothing else is
 * shared. Cancelling asks; the work function looks at job_cancelled() often.
 */
#ifndef APP_JOB_H
#define APP_JOB_H

#include "base/loop.h"

struct job;

struct job_ops {
	/** On the worker thread. `arg` belongs to the job until done() ran. */
	bool (*work)(struct job *job, void *arg, struct err *err);
	/** On the loop's thread, exactly once; then the job is gone. `ok` is work's
	 * result; a cancelled job ends with ERR_CANCELLED. May be NULL. */
	void (*done)(void *owner, void *arg, bool ok, const struct err *err);
	/** On the loop's thread after job_report(); may be NULL. */
	void (*progress)(void *owner, uint64_t so_far, uint64_t total);
};

/** `arg` is passed to work; `owner` to the callbacks. */
bool job_start(struct loop *loop, const struct job_ops *ops, void *owner, void *arg,
	       struct job **ret, struct err *err) MUST_CHECK;
void job_cancel(struct job *job);
/** Cancel and wait; done() does not run. For owners that go away. NULL is fine. */
void job_abandon(struct job *job);

/* On the worker thread: */
bool job_cancelled(const struct job *job);
void job_report(struct job *job, uint64_t so_far, uint64_t total);

#endif
