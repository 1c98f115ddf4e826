/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU and waiting time of threads by the cheapest way that works here: see sys/task.h.
 * Where a kernel has no schedstat (CONFIG_SCHED_INFO off) utime + stime serve: ticks of
 * 10 ms, and no waiting time.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "task_impl.h"

enum { KEEP_WHILE = 8 }; /* samples since a thread ran: worth a descriptor */

static bool same_name(const struct thread *t, struct str comm)
{
	return str_eq(str_n(t->comm, t->comm_n), comm);
}

/* Path of a file of a thread, below its process's task folder. */
static const char *thread_file(char buf[64], pid_t tid, const char *file)
{
	snprintf(buf, 64, "%d/%s", (int)tid, file);
	return buf;
}

static bool read_stat(struct task_sampler *s, pid_t tid, char *buf, struct proc_stat *ret)
{
	char path[64];
	ssize_t n =
		proc_dir_read(&s->dir, thread_file(path, tid, "stat"), buf, SMALL_FILE);

	return n > 0 && proc_stat_parse(str_n(buf, (size_t)n), ret, NULL);
}

bool task_read_stat(struct task_sampler *s, struct thread *t)
{
	char buf[SMALL_FILE];
	struct proc_stat st;

	if (!read_stat(s, t->tid, buf, &st))
		return false;
	if (!same_name(t, st.comm)) {
		if (st.comm.n > sizeof(t->comm))
			st.comm.n = sizeof(t->comm);
		if (st.comm.n)
			memcpy(t->comm, st.comm.p, st.comm.n);
		t->comm_n = (uint8_t)st.comm.n;
		if (t->role.how <= ROLE_BY_NAME)
			t->role = role_from_name(str_n(t->comm, t->comm_n),
						 t->role.kind == ROLE_MAIN, t->kernel);
	}
	t->state = st.state;
	t->start = st.start;
	t->kernel = st.flags & PROC_KTHREAD;
	t->stat_runs = t->cpu.cpu_ns;
	return true;
}

static float share(uint64_t was, uint64_t is, uint64_t over_ns)
{
	double pct;

	if (is < was || !over_ns)
		return 0;
	pct = 100.0 * (double)(is - was) / (double)over_ns;
	return pct > 100 ? 100 : (float)pct;
}

/* Time of a reading. Where there are very many, a few share one look at the clock: they
 * are some ten microseconds apart. */
static uint64_t read_time(struct task_sampler *s, const struct proc *p)
{
	enum { EXACT = 1024, TOGETHER = 8 };

	if (p->n <= EXACT || s->reads++ % TOGETHER == 0)
		s->read_ns = task_now_ns(s);
	return s->read_ns;
}

/* New figures: shares since the sample before, or since the thread was last known idle.
 * In one sample a thread may be read again, to see whether it still runs. */
static void take(struct task_sampler *s, struct proc *p, struct thread *t,
		 struct proc_schedstat cpu)
{
	uint64_t now = read_time(s, p);

	if (t->at_ns < s->began_ns) {
		t->was = t->cpu;
		t->was_ns = t->at_ns && t->at_ns < p->walk_ns ? p->asof_ns : t->at_ns;
	}
	p->sum_ns += cpu.cpu_ns - t->cpu.cpu_ns;
	t->cpu = cpu;
	t->at_ns = now;
	if (t->born > s->moment)
		t->stat_runs = cpu.cpu_ns; /* its state was read just before */
	if (t->was_ns && t->was_ns < now && cpu.cpu_ns >= t->was.cpu_ns) {
		t->cpu_pct = share(t->was.cpu_ns, cpu.cpu_ns, now - t->was_ns);
		t->wait_pct = share(t->was.wait_ns, cpu.wait_ns, now - t->was_ns);
	}
	if (t->was_ns && cpu.cpu_ns != t->was.cpu_ns)
		t->ran = s->moment + 1;
}

/* Without schedstat: ticks. A thread that cannot even be read so has ended. */
static void take_ticks(struct task_sampler *s, struct proc *p, struct thread *t)
{
	const uint64_t tick_ns = 1000000000 / PROC_USER_HZ;
	char buf[SMALL_FILE];
	struct proc_stat st;

	if (!read_stat(s, t->tid, buf, &st)) {
		t->dead = true;
		return;
	}
	t->ticks = true;
	t->state = st.state;
	take(s, p, t,
	     (struct proc_schedstat){ .cpu_ns = (st.utime + st.stime) * tick_ns });
	t->stat_runs = t->cpu.cpu_ns;
	s->counts.read++;
}

static void take_text(struct task_sampler *s, struct proc *p, struct thread *t,
		      const char *buf, ssize_t n)
{
	struct proc_schedstat cpu;

	if (n > 0 && proc_schedstat_parse(str_n(buf, (size_t)n), &cpu)) {
		take(s, p, t, cpu);
	} else if (n == -ENOENT) {
		take_ticks(s, p, t);
		s->no_schedstat |= !t->dead;
	} else if (n >= 0) {
		take_ticks(s, p, t); /* schedstat that counts nothing: "" */
	} else {
		t->dead = true;
	}
}

/* From the descriptor kept open. It belongs to this very thread: after its end it answers
 * ESRCH, even when the number was given to another. */
static void read_kept(struct task_sampler *s, struct proc *p, struct thread *t)
{
	char buf[128];
	ssize_t n = proc_fd_read(t->fd, buf, sizeof(buf));

	s->counts.kept++;
	if (n > 0) {
		take_text(s, p, t, buf, n);
		return;
	}
	close(t->fd);
	t->fd = -1;
	s->fds_left++;
	t->dead = true;
}

static void read_once(struct task_sampler *s, struct proc *p, struct thread *t, bool keep)
{
	char buf[128], path[64];
	int fd = proc_dir_openat(&s->dir, thread_file(path, t->tid, "schedstat"),
				 O_RDONLY);
	ssize_t n;

	if (fd == -EMFILE || fd == -ENFILE)
		s->fds_left = 0;
	if (fd < 0) {
		take_text(s, p, t, NULL, fd == -EACCES || fd == -EPERM ? -ENOENT : fd);
		return;
	}
	s->counts.read++;
	n = proc_fd_read(fd, buf, sizeof(buf));
	take_text(s, p, t, buf, n);
	if (keep && !t->dead && n > 0) {
		t->fd = fd;
		s->fds_left--;
	} else {
		close(fd);
	}
}

void task_read_cpu(struct task_sampler *s, struct proc *p, size_t i)
{
	struct thread *t = &p->v[i];

	if (t->fd >= 0) {
		read_kept(s, p, t);
	} else if (s->no_schedstat) {
		take_ticks(s, p, t);
	} else if (t->ran && s->moment - t->ran < KEEP_WHILE && s->fds_left) {
		read_once(s, p, t, true);
	} else if (s->link) {
		s->batch[s->nbatch].tid = t->tid;
		s->batch_thread[s->nbatch++] = i;
		if (s->nbatch == TASKSTATS_BATCH)
			task_flush_batch(s, p);
	} else {
		read_once(s, p, t, false);
	}
}

void task_flush_batch(struct task_sampler *s, struct proc *p)
{
	size_t n = s->nbatch;

	if (!n)
		return;
	s->nbatch = 0;
	if (!taskstats_ask(s->link, s->batch, n, NULL)) {
		taskstats_close(s->link);
		s->link = NULL;
		for (size_t i = 0; i < n; i++)
			read_once(s, p, &p->v[s->batch_thread[i]], false);
		return;
	}
	s->counts.batched += n;
	for (size_t i = 0; i < n; i++) {
		struct thread *t = &p->v[s->batch_thread[i]];

		if (s->batch[i].found)
			take(s, p, t, s->batch[i].cpu);
		else
			read_once(s, p, t, false); /* ended, or another PID namespace */
	}
}
