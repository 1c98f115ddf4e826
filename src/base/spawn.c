/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Children: see base/spawn.h. One poll loop feeds standard input and collects both
 * outputs, so neither side can block the other; SIGPIPE from a child that does not read
 * is ignored for the time.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/spawn.h"

struct pipes {
	int in[2], out[2], errout[2];
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_pipes(struct pipes *p)
{
	int *all[] = { &p->in[0],  &p->in[1],     &p->out[0],
		       &p->out[1], &p->errout[0], &p->errout[1] };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		close_fd(all[i]);
}

static bool open_pipes(const struct spawn *what, struct pipes *p, struct err *err)
{
	*p = (struct pipes){ { -1, -1 }, { -1, -1 }, { -1, -1 } };
	if ((what->input.p && pipe2(p->in, O_CLOEXEC) < 0) ||
	    (what->out && pipe2(p->out, O_CLOEXEC) < 0) ||
	    (what->errout && pipe2(p->errout, O_CLOEXEC) < 0)) {
		err_sys(err, errno, "starting %s", what->argv[0]);
		close_pipes(p);
		return false;
	}
	return true;
}

static void set_env(const char *pair)
{
	char name[128];
	const char *eq = strchr(pair, '=');

	if (!eq || (size_t)(eq - pair) >= sizeof(name))
		return;
	memcpy(name, pair, (size_t)(eq - pair));
	name[eq - pair] = '\0';
	setenv(name, eq + 1, 1);
}

_Noreturn static void child(const struct spawn *what, struct pipes *p, int report)
{
	int zero = what->input.p ? p->in[0] : -1;
	int e;

	if (zero < 0 && !what->inherit_stdin)
		zero = open("/dev/null", O_RDONLY);
	if (zero >= 0)
		dup2(zero, 0);
	if (what->out)
		dup2(p->out[1], 1);
	if (what->errout)
		dup2(p->errout[1], 2);
	signal(SIGPIPE, SIG_DFL);
	for (size_t i = 0; what->env && what->env[i]; i++)
		set_env(what->env[i]);
	if (!what->dir || chdir(what->dir) == 0)
		execvp(what->argv[0], (char *const *)(uintptr_t)what->argv);
	e = errno;
	if (write(report, &e, sizeof(e)) < 0)
		_exit(126);
	_exit(127);
}

/* Read what is there; false at the end of the stream. */
static bool collect(int fd, struct strbuf *buf)
{
	char chunk[16384];
	ssize_t n = read(fd, chunk, sizeof(chunk));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	strbuf_add(buf, str_n(chunk, (size_t)n));
	return n > 0;
}

static bool feed(int fd, struct str *input)
{
	ssize_t n = write(fd, input->p, input->n < 65536 ? input->n : 65536);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	*input = str_from(*input, (size_t)n);
	return input->n > 0;
}

/* long: three pipes, a time limit and a size limit are one decision each round */
static bool pump(const struct spawn *what, struct pipes *p, struct err *err)
{
	int64_t end = what->timeout_ms ? loop_now_ms() + what->timeout_ms : 0;
	struct str input = what->input;

	if (p->in[1] >= 0)
		fcntl(p->in[1], F_SETFL, O_NONBLOCK);
	if (!input.n)
		close_fd(&p->in[1]);
	while (p->out[0] >= 0 || p->errout[0] >= 0 || p->in[1] >= 0) {
		struct pollfd fds[3] = { { p->in[1], POLLOUT, 0 },
					 { p->out[0], POLLIN, 0 },
					 { p->errout[0], POLLIN, 0 } };
		int64_t left = end ? end - loop_now_ms() : -1;

		if (end && left <= 0)
			return err_set(err, ERR_BUSY, "running %s: no end after %d ms",
				       what->argv[0], what->timeout_ms);
		if (poll(fds, 3, (int)left) < 0 && errno != EINTR)
			return err_sys(err, errno, "running %s", what->argv[0]);
		if (fds[0].revents && !feed(p->in[1], &input))
			close_fd(&p->in[1]);
		if (fds[1].revents && !collect(p->out[0], what->out))
			close_fd(&p->out[0]);
		if (fds[2].revents && !collect(p->errout[0], what->errout))
			close_fd(&p->errout[0]);
		if ((what->out && !strbuf_ok(what->out, what->argv[0], err)) ||
		    (what->errout && !strbuf_ok(what->errout, what->argv[0], err)))
			return false;
	}
	return true;
}

static bool reap(const struct spawn *what, pid_t pid, int *ret_status, struct err *err)
{
	int64_t end = what->timeout_ms ? loop_now_ms() + what->timeout_ms : 0;
	bool plain = !end;

	for (;;) {
		pid_t got = waitpid(pid, ret_status, plain ? 0 : WNOHANG);

		if (got == pid)
			return true;
		if (got < 0 && errno != EINTR)
			return err_sys(err, errno, "waiting for %s", what->argv[0]);
		if (!plain && loop_now_ms() >= end) {
			kill(pid, SIGKILL);
			plain = true;
		} else if (!plain) {
			poll(NULL, 0, 5);
		}
	}
}

bool spawn_run(const struct spawn *what, int *ret_status, struct err *err)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	struct pipes p;
	int report[2], e = 0, status = 0;
	bool ok;
	pid_t pid;

	if (!open_pipes(what, &p, err))
		return false;
	if (pipe2(report, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		close_pipes(&p);
		return err_sys(err, errno, "starting %s", what->argv[0]);
	}
	if (pid == 0)
		child(what, &p, report[1]);
	close(report[1]);
	close_fd(&p.in[0]);
	close_fd(&p.out[1]);
	close_fd(&p.errout[1]);
	if (read(report[0], &e, sizeof(e)) != sizeof(e))
		e = 0;
	close(report[0]);
	sigaction(SIGPIPE, &ignore, &old);
	ok = e || pump(what, &p, err);
	sigaction(SIGPIPE, &old, NULL);
	close_pipes(&p);
	if (!ok)
		kill(pid, SIGKILL);
	if (!reap(what, pid, &status, ok ? err : NULL))
		return false;
	if (e)
		return err_sys(err, e, "starting %s", what->argv[0]);
	if (ok)
		*ret_status = status;
	return ok;
}

int spawn_exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool spawn_find(const char *name)
{
	const char *path = getenv("PATH");
	struct str rest = str_of(path ? path : "/usr/bin:/bin"), dir;
	char file[4096];

	while (str_cut(&rest, ':', &dir)) {
		snprintf(file, sizeof(file), STR_FMT "/%s", STR_ARG(dir), name);
		if (access(file, X_OK) == 0)
			return true;
	}
	return false;
}
