/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Jobs: see app/job.h. The worker writes three atomics (progress, total, state) and then
 * rings the loop; the loop's thread reads them. The result is published by `state`.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "app/job.h"

enum { RUNNING, FINISHED };

struct job {
	const struct job_ops *ops;
	struct loop *loop;
	struct watch *watch;
	void *owner, *arg;
	pthread_t thread;
	atomic_int state;
	atomic_bool cancelled;
	atomic_uint_fast64_t so_far, total;
	uint64_t told; /* the progress that the owner has seen */
	bool ok;
	struct err err;
};

static void *run(void *arg)
{
	struct job *job = arg;

	job->ok = job->ops->work(job, job->arg, &job->err);
	if (atomic_load(&job->cancelled))
		job->ok = err_set(&job->err, ERR_CANCELLED, "stopped");
	atomic_store(&job->state, FINISHED);
	loop_wake(job->loop);
	return NULL;
}

static void on_wake(void *arg)
{
	struct job *job = arg;
	uint64_t so_far = atomic_load(&job->so_far);

	if (job->ops->progress && so_far != job->told) {
		job->told = so_far;
		job->ops->progress(job->owner, so_far, atomic_load(&job->total));
	}
	if (atomic_load(&job->state) != FINISHED)
		return;
	pthread_join(job->thread, NULL);
	loop_remove(job->loop, job->watch);
	loop_count_job(job->loop, -1);
	if (job->ops->done)
		job->ops->done(job->owner, job->arg, job->ok, &job->err);
	free(job);
}

bool job_start(struct loop *loop, const struct job_ops *ops, void *owner, void *arg,
	       struct job **ret, struct err *err)
{
	struct job *job = calloc(1, sizeof(*job));
	sigset_t all, old;
	int e;

	if (!job)
		abort();
	job->ops = ops;
	job->loop = loop;
	job->owner = owner;
	job->arg = arg;
	/* signals belong to the loop's thread */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	e = pthread_create(&job->thread, NULL, run, job);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (e) {
		free(job);
		return err_sys(err, e, "starting a worker thread");
	}
	job->watch = loop_add_wake(loop, on_wake, job);
	loop_count_job(loop, 1);
	*ret = job;
	return true;
}

void job_cancel(struct job *job)
{
	atomic_store(&job->cancelled, true);
}

void job_abandon(struct job *job)
{
	if (!job)
		return;
	job_cancel(job);
	pthread_join(job->thread, NULL);
	loop_remove(job->loop, job->watch);
	loop_count_job(job->loop, -1);
	free(job);
}

bool job_cancelled(const struct job *job)
{
	return atomic_load(&job->cancelled);
}

void job_report(struct job *job, uint64_t so_far, uint64_t total)
{
	atomic_store(&job->total, total);
	atomic_store(&job->so_far, so_far);
	loop_wake(job->loop);
}
