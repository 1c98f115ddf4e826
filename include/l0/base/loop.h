/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one poll loop: descriptors, timers, signals, children, and a wake-up that another
 * thread may ring. It knows no terminal. Callbacks run on the thread that calls
 * loop_run(), one at a time; each may add and remove watches, itself included.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <sys/types.h>

#include "base/arena.h"

struct loop;
struct watch; /* one registration; owned by the loop, ended by loop_remove() */

bool loop_new(struct loop **ret, struct err *err) MUST_CHECK;
void loop_free(struct loop *loop);
DEFINE_FREEP(loop)

/** `events` are POLLIN and POLLOUT; `revents` as poll(2) gives them. */
struct watch *loop_add_fd(struct loop *loop, int fd, short events,
			  void (*fn)(void *arg, short revents), void *arg);
/** First after `first_ms`, then each `every_ms`; every_ms 0 means once (the watch is then
 *  removed before `fn` runs). Timers use CLOCK_MONOTONIC and do not pile up: a late one
 *  fires once. */
struct watch *loop_add_timer(struct loop *loop, int64_t first_ms, int64_t every_ms,
			     void (*fn)(void *arg), void *arg);
/** A signal, delivered between two callbacks. The old disposition returns on removal. */
struct watch *loop_add_signal(struct loop *loop, int sig, void (*fn)(void *arg, int sig),
			      void *arg);
/** End of a child; the watch is removed before `fn` runs. `status` as waitpid(2). */
struct watch *loop_add_child(struct loop *loop, pid_t pid,
			     void (*fn)(void *arg, pid_t pid, int status), void *arg);
/** Runs whenever loop_wake() was called, any number of times, since it last ran. */
struct watch *loop_add_wake(struct loop *loop, void (*fn)(void *arg), void *arg);
/** Runs after each batch of events, before the next poll: the place to draw once. */
struct watch *loop_add_idle(struct loop *loop, void (*fn)(void *arg), void *arg);
void loop_remove(struct loop *loop, struct watch *w);

/** May be called from any thread and from a signal handler. */
void loop_wake(struct loop *loop);
/** One round: wait for at most `timeout_ms` (-1: without limit), run what is due. */
bool loop_once(struct loop *loop, int timeout_ms, struct err *err) MUST_CHECK;
/** Until loop_stop(). */
bool loop_run(struct loop *loop, struct err *err) MUST_CHECK;
void loop_stop(struct loop *loop);
/** Work that runs elsewhere and will ring: counted, so that tests can wait for rest. */
void loop_count_job(struct loop *loop, int by);
int loop_jobs(const struct loop *loop);
/** Milliseconds of CLOCK_MONOTONIC. */
int64_t loop_now_ms(void);

#endif
