/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The poll loop: see base/loop.h. Watches form one list; a removed one is only marked
 * and swept after the round, so callbacks may remove anything. Signals and wake-ups from
 * other threads arrive through one non-blocking pipe, which makes loop_wake() safe in a
 * signal handler. Cost of a round: linear in the number of watches, of which there are
 * a dozen.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/loop.h"

enum watch_kind {
	WATCH_FD,
	WATCH_TIMER,
	WATCH_SIGNAL,
	WATCH_CHILD,
	WATCH_WAKE,
	WATCH_IDLE
};

struct watch {
	struct watch *next;
	enum watch_kind kind;
	bool gone;
	void *arg;
	union {
		struct {
			int fd;
			short events, revents;
			void (*fn)(void *, short);
		} io;
		struct {
			int64_t due, every;
			void (*fn)(void *);
		} timer;
		struct {
			int sig;
			struct sigaction old;
			void (*fn)(void *, int);
		} signal;
		struct {
			pid_t pid;
			void (*fn)(void *, pid_t, int);
		} child;
		void (*plain)(void *);
	};
};

struct loop {
	struct watch *watches;
	struct pollfd *fds;
	size_t fds_cap;
	int wake[2];
	int jobs;
	bool stop, child_watch;
};

/* What a signal handler may touch: which signals came, and whom to wake. */
static volatile sig_atomic_t pending[65];
static atomic_int wake_fd = -1;

static void ring(int fd)
{
	int saved = errno;
	char c = 0;

	if (fd >= 0 && write(fd, &c, 1) < 0) {
		/* a full pipe already means "awake" */
	}
	errno = saved;
}

static void on_signal(int sig)
{
	pending[sig] = 1;
	ring(atomic_load(&wake_fd));
}

int64_t loop_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool loop_new(struct loop **ret, struct err *err)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		abort();
	if (pipe2(loop->wake, O_CLOEXEC | O_NONBLOCK) < 0) {
		free(loop);
		return err_sys(err, errno, "making the event loop");
	}
	atomic_store(&wake_fd, loop->wake[1]);
	*ret = loop;
	return true;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	for (struct watch *w = loop->watches, *next; w; w = next) {
		next = w->next;
		loop_remove(loop, w);
		free(w);
	}
	atomic_store(&wake_fd, -1);
	close(loop->wake[0]);
	close(loop->wake[1]);
	free(loop->fds);
	free(loop);
}

static struct watch *add(struct loop *loop, enum watch_kind kind, void *arg)
{
	struct watch *w = calloc(1, sizeof(*w)), **tail = &loop->watches;

	if (!w)
		abort();
	w->kind = kind;
	w->arg = arg;
	while (*tail)
		tail = &(*tail)->next;
	*tail = w;
	return w;
}

struct watch *loop_add_fd(struct loop *loop, int fd, short events,
			  void (*fn)(void *arg, short revents), void *arg)
{
	struct watch *w = add(loop, WATCH_FD, arg);

	w->io.fd = fd;
	w->io.events = events;
	w->io.fn = fn;
	return w;
}

struct watch *loop_add_timer(struct loop *loop, int64_t first_ms, int64_t every_ms,
			     void (*fn)(void *arg), void *arg)
{
	struct watch *w = add(loop, WATCH_TIMER, arg);

	w->timer.due = loop_now_ms() + first_ms;
	w->timer.every = every_ms;
	w->timer.fn = fn;
	return w;
}

static void catch_signal(int sig, struct sigaction *old)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, old);
}

struct watch *loop_add_signal(struct loop *loop, int sig, void (*fn)(void *arg, int sig),
			      void *arg)
{
	struct watch *w = add(loop, WATCH_SIGNAL, arg);

	w->signal.sig = sig;
	w->signal.fn = fn;
	catch_signal(sig, &w->signal.old);
	return w;
}

struct watch *loop_add_child(struct loop *loop, pid_t pid,
			     void (*fn)(void *arg, pid_t pid, int status), void *arg)
{
	struct watch *w = add(loop, WATCH_CHILD, arg);

	w->child.pid = pid;
	w->child.fn = fn;
	if (!loop->child_watch) {
		catch_signal(SIGCHLD, NULL);
		loop->child_watch = true;
	}
	loop_wake(loop); /* it may have ended already */
	return w;
}

struct watch *loop_add_wake(struct loop *loop, void (*fn)(void *arg), void *arg)
{
	struct watch *w = add(loop, WATCH_WAKE, arg);

	w->plain = fn;
	return w;
}

struct watch *loop_add_idle(struct loop *loop, void (*fn)(void *arg), void *arg)
{
	struct watch *w = add(loop, WATCH_IDLE, arg);

	w->plain = fn;
	return w;
}

void loop_remove(struct loop *loop, struct watch *w)
{
	(void)loop;
	if (!w || w->gone)
		return;
	w->gone = true;
	if (w->kind == WATCH_SIGNAL)
		sigaction(w->signal.sig, &w->signal.old, NULL);
}

void loop_wake(struct loop *loop)
{
	ring(loop->wake[1]);
}

void loop_count_job(struct loop *loop, int by)
{
	loop->jobs += by;
}

int loop_jobs(const struct loop *loop)
{
	return loop->jobs;
}

void loop_stop(struct loop *loop)
{
	loop->stop = true;
	loop_wake(loop);
}

static void sweep(struct loop *loop)
{
	for (struct watch **at = &loop->watches; *at;) {
		struct watch *w = *at;

		if (w->gone) {
			*at = w->next;
			free(w);
		} else {
			at = &w->next;
		}
	}
}

/* The poll set: slot 0 is the pipe, then the descriptor watches in list order. */
static size_t gather(struct loop *loop, int64_t now, int *timeout)
{
	size_t n = 1;

	for (struct watch *w = loop->watches; w; w = w->next) {
		if (n + 1 >= loop->fds_cap) {
			loop->fds_cap = loop->fds_cap ? loop->fds_cap * 2 : 16;
			loop->fds =
				realloc(loop->fds, loop->fds_cap * sizeof(*loop->fds));
			if (!loop->fds)
				abort();
		}
		if (w->gone)
			continue;
		if (w->kind == WATCH_FD) {
			loop->fds[n++] = (struct pollfd){ w->io.fd, w->io.events, 0 };
		} else if (w->kind == WATCH_TIMER) {
			int64_t left = w->timer.due > now ? w->timer.due - now : 0;

			if (*timeout < 0 || left < *timeout)
				*timeout = (int)(left > 1 << 30 ? 1 << 30 : left);
		}
	}
	if (!loop->fds)
		loop->fds = calloc(loop->fds_cap = 16, sizeof(*loop->fds));
	if (!loop->fds)
		abort();
	loop->fds[0] = (struct pollfd){ loop->wake[0], POLLIN, 0 };
	return n;
}

static bool drain(struct loop *loop)
{
	char sink[256];
	bool any = false;

	while (read(loop->wake[0], sink, sizeof(sink)) > 0)
		any = true;
	return any;
}

static void run_child(struct loop *loop, struct watch *w)
{
	void (*fn)(void *, pid_t, int) = w->child.fn;
	pid_t pid = w->child.pid;
	void *arg = w->arg;
	int status;

	if (waitpid(pid, &status, WNOHANG) != pid)
		return;
	loop_remove(loop, w);
	fn(arg, pid, status);
}

static void run_woken(struct loop *loop)
{
	bool came[ARRAY_SIZE(pending)];

	for (size_t i = 0; i < ARRAY_SIZE(pending); i++) {
		came[i] = pending[i];
		if (came[i])
			pending[i] = 0;
	}
	for (struct watch *w = loop->watches; w; w = w->next) {
		if (w->gone)
			continue;
		if (w->kind == WATCH_SIGNAL && came[w->signal.sig])
			w->signal.fn(w->arg, w->signal.sig);
		else if (w->kind == WATCH_CHILD)
			run_child(loop, w);
		else if (w->kind == WATCH_WAKE)
			w->plain(w->arg);
	}
}

static void run_timer(struct loop *loop, struct watch *w, int64_t now)
{
	if (w->timer.every) {
		w->timer.due += w->timer.every;
		if (w->timer.due <= now)
			w->timer.due = now + w->timer.every;
	} else {
		loop_remove(loop, w);
	}
	w->timer.fn(w->arg);
}

static void run_fds(struct loop *loop, size_t n)
{
	struct watch *w;
	size_t i = 1;

	/* callbacks may change the list, so the answers go to the watches first */
	for (w = loop->watches; w && i < n; w = w->next)
		if (!w->gone && w->kind == WATCH_FD)
			w->io.revents = loop->fds[i++].revents;
	for (w = loop->watches; w; w = w->next) {
		short revents;

		if (w->gone || w->kind != WATCH_FD || !w->io.revents)
			continue;
		revents = w->io.revents;
		w->io.revents = 0;
		w->io.fn(w->arg, revents);
	}
}

bool loop_once(struct loop *loop, int timeout_ms, struct err *err)
{
	size_t n = gather(loop, loop_now_ms(), &timeout_ms);
	int64_t now;

	if (poll(loop->fds, n, timeout_ms) < 0 && errno != EINTR)
		return err_sys(err, errno, "waiting for events");
	if (drain(loop))
		run_woken(loop);
	run_fds(loop, n);
	now = loop_now_ms();
	for (struct watch *w = loop->watches; w; w = w->next)
		if (!w->gone && w->kind == WATCH_TIMER && w->timer.due <= now)
			run_timer(loop, w, now);
	for (struct watch *w = loop->watches; w; w = w->next)
		if (!w->gone && w->kind == WATCH_IDLE)
			w->plain(w->arg);
	sweep(loop);
	return true;
}

bool loop_run(struct loop *loop, struct err *err)
{
	loop->stop = false;
	while (!loop->stop)
		if (!loop_once(loop, -1, err))
			return false;
	return true;
}
