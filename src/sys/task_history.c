/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last minutes in bounded memory: see sys/task.h. A moment keeps a row only for
 * threads that ran, waited or were looked at; who lived then follows from the births and
 * deaths. Names of ended threads are kept with the moment that saw them end, so that
 * dropping the oldest moment drops all that only it needed.
 */
#include "task_impl.h"

enum { WCHANS_MAX = 4096 };

static void moment_free(struct task_sampler *s, struct moment *m)
{
	s->past_bytes -= m->n * sizeof(*m->v) + m->ngone * sizeof(*m->gone);
	free(m->v);
	free(m->gone);
}

void task_past_free(struct task_sampler *s)
{
	for (size_t i = 0; i < s->npast; i++)
		moment_free(s, &s->past[i]);
	for (size_t i = 0; i < s->nwchans; i++)
		free(s->wchans[i]);
	free(s->wchans);
	free(s->past);
}

void task_spark_push(struct task_sampler *s, struct thread *t)
{
	struct spark *k = t->spark;
	bool known = !isnan(t->cpu_pct);

	if (!k) {
		if (!known || t->cpu_pct <= 0)
			return;
		k = t->spark = calloc(1, sizeof(*k));
		if (!k)
			abort();
		k->moment = s->moment;
	}
	for (uint32_t m = k->moment + 1; m < s->moment && m < k->moment + SPARK_MAX; m++)
		k->v[m % SPARK_MAX] = 0;
	k->v[s->moment % SPARK_MAX] = known ? (uint16_t)(t->cpu_pct * 100) : 0;
	k->moment = s->moment;
}

size_t task_sampler_spark(const struct task_sampler *s, const struct task *task,
			  double *ret, size_t max)
{
	struct task_sampler *quiet = (struct task_sampler *)(uintptr_t)s;
	struct proc *p = task_find_proc(quiet, task->pid);
	const struct thread *t = p ? task_find_thread(p, task->tid) : NULL;
	size_t n = 0;
	uint32_t from;

	if (!t || t->serial != task->serial || isnan(t->cpu_pct))
		return 0;
	if (max > SPARK_MAX)
		max = SPARK_MAX;
	/* Shares begin with the second sample. */
	from = s->moment > max ? s->moment - (uint32_t)max + 1 : 2;
	for (uint32_t m = from; m <= s->moment; m++)
		ret[n++] = m < t->born ? NAN
			   : t->spark  ? t->spark->v[m % SPARK_MAX] / 100.0
				       : 0;
	return n;
}

static size_t count_active(const struct task_sampler *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->v[i].n; k++)
			n += s->v[i].v[k].cpu_pct > 0 || s->v[i].v[k].wait_pct > 0;
	return n;
}

static void take_rows(struct task_sampler *s, struct moment *m)
{
	m->v = calloc(count_active(s) + 1, sizeof(*m->v));
	if (!m->v)
		abort();
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->v[i].n; k++) {
			struct thread *t = &s->v[i].v[k];

			t->row = UINT32_MAX;
			if (!(t->cpu_pct > 0 || t->wait_pct > 0))
				continue;
			t->row = (uint32_t)m->n;
			m->v[m->n++] = (struct past_row){ .serial = t->serial,
							  .cpu_pct = t->cpu_pct,
							  .wait_pct = t->wait_pct,
							  .syscall = -1,
							  .cpu = -1,
							  .state = t->state };
		}
}

void task_past_push(struct task_sampler *s, double interval_s)
{
	struct moment m = { .at_ns = s->began_ns, .interval_s = interval_s };

	take_rows(s, &m);
	m.gone = calloc(s->ngone + 1, sizeof(*m.gone));
	if (!m.gone)
		abort();
	for (size_t i = 0; i < s->ngone; i++) {
		m.gone[i] = s->gone[i];
		m.gone[i].t.spark = NULL;
	}
	m.ngone = s->ngone;
	s->past_bytes += m.n * sizeof(*m.v) + m.ngone * sizeof(*m.gone);
	s->past = task_grow(s->past, s->npast, &s->past_cap, sizeof(*s->past));
	s->past[s->npast++] = m;
	while (s->npast > 1 &&
	       (s->past_bytes > s->opts.history_bytes || s->npast > 3600)) {
		moment_free(s, &s->past[0]);
		memmove(s->past, s->past + 1, --s->npast * sizeof(*s->past));
	}
}

/* Number of a wait channel's name, 1 and up; 0 when there are too many of them. */
static uint16_t intern(struct task_sampler *s, struct str name)
{
	for (size_t i = 0; i < s->nwchans; i++)
		if (str_eq(str_of(s->wchans[i]), name))
			return (uint16_t)(i + 1);
	if (s->nwchans == WCHANS_MAX || !name.n)
		return 0;
	if (!s->wchans)
		s->wchans = calloc(WCHANS_MAX, sizeof(*s->wchans));
	if (!s->wchans)
		abort();
	s->wchans[s->nwchans] = strndup(name.p, name.n);
	if (!s->wchans[s->nwchans])
		abort();
	return (uint16_t)++s->nwchans;
}

void task_past_note(struct task_sampler *s, const struct thread *t,
		    const struct task_full *full, long nr)
{
	struct moment *m = s->npast ? &s->past[s->npast - 1] : NULL;
	struct past_row *row;

	if (!m || t->row >= m->n)
		return;
	row = &m->v[t->row];
	row->state = t->state;
	row->wchan = intern(s, full->wchan);
	row->syscall = nr >= 0 && nr <= INT16_MAX ? (int16_t)nr : -1;
	row->cpu = (int16_t)full->cpu;
}

size_t task_sampler_moments(const struct task_sampler *s)
{
	return s->npast;
}

/* ---- looking back ------------------------------------------------------------------ */

struct look {
	struct task_sampler *s;
	struct arena *a;
	const struct past_row *rows; /* of that moment, by serial */
	size_t nrows;
	uint32_t moment;
	struct task *v;
	size_t n;
};

static int by_serial(const void *a, const void *b)
{
	uint32_t x = ((const struct past_row *)a)->serial;
	uint32_t y = ((const struct past_row *)b)->serial;

	return (x > y) - (x < y);
}

static struct task_full *past_full(struct look *l, const struct past_row *row,
				   struct task *task)
{
	struct task_full *full = arena_new_of(l->a, struct task_full);
	const char *name = syscall_name(l->s->abi, row->syscall);

	full->policy = full->node = full->syscall_fd = -1;
	full->cpu = row->cpu;
	full->wchan = row->wchan ? arena_str(l->a, str_of(l->s->wchans[row->wchan - 1]))
				 : STR_NONE;
	full->syscall = name ? str_of(name) : STR_NONE;
	if (row->wchan)
		task->absent[TASK_WCHAN] = TASK_PRESENT;
	if (name)
		task->absent[TASK_SYSCALL] = TASK_PRESENT;
	full->why = why_not_running(l->a, &(struct why_in){ .state = row->state,
							    .wait_pct = row->wait_pct,
							    .cpu = row->cpu,
							    .wchan = full->wchan,
							    .syscall = full->syscall,
							    .kernel = task->kernel });
	return full;
}

static void look_at(struct look *l, pid_t pid, const struct thread *t)
{
	struct past_row key = { .serial = t->serial };
	struct proc p = { .pid = pid };
	const struct past_row *row;
	struct task *task = &l->v[l->n++];

	*task = task_row(l->s, &p, t, l->a, NULL);
	for (size_t i = TASK_STAT; i < TASK_FACTS; i++)
		task->absent[i] = TASK_NOT_KEPT;
	task->absent[TASK_CPU_TIME] = task->absent[TASK_WAIT_TIME] = TASK_NOT_KEPT;
	task->cpu_pct = task->wait_pct = 0;
	task->absent[TASK_CPU_PCT] = task->absent[TASK_WAIT_PCT] = TASK_PRESENT;
	task->mark = t->born == l->moment && l->moment > 1 ? TASK_NEW : TASK_SAME;
	row = l->nrows ? bsearch(&key, l->rows, l->nrows, sizeof(key), by_serial) : NULL;
	if (!row) {
		task->state = 'S';
		return;
	}
	task->state = row->state;
	task->cpu_pct = row->cpu_pct;
	task->wait_pct = row->wait_pct;
	if (row->wchan || row->syscall >= 0)
		task->full = past_full(l, row, task);
}

static int by_pid_tid(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	if (x->pid != y->pid)
		return (x->pid > y->pid) - (x->pid < y->pid);
	return (x->tid > y->tid) - (x->tid < y->tid);
}

static size_t count_all(const struct task_sampler *s, size_t from)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->v[i].n;
	for (size_t i = from; i < s->npast; i++)
		n += s->past[i].ngone;
	return n;
}

static void group(struct look *l, struct task_sample *out)
{
	out->v = l->v;
	out->n = l->n;
	out->processes = arena_array(l->a, struct task_process, l->n + 1);
	for (size_t i = 0; i < l->n; i++) {
		struct task_process *p = &out->processes[out->nprocesses];

		if (!i || l->v[i].pid != l->v[i - 1].pid)
			*p = (struct task_process){ .pid = l->v[i].pid,
						    .comm = l->v[i].comm,
						    .kernel = l->v[i].kernel,
						    .first = i };
		p->n++;
		p->cpu_pct += l->v[i].cpu_pct;
		p->wait_pct += l->v[i].wait_pct;
		if (l->v[i].tid == l->v[i].pid)
			p->comm = l->v[i].comm;
		if (i + 1 == l->n || l->v[i + 1].pid != l->v[i].pid)
			out->nprocesses++;
	}
}

bool task_sampler_look_back(struct task_sampler *s, size_t back, struct arena *a,
			    struct task_sample *ret, struct err *err)
{
	struct look l = { .s = s, .a = a };
	struct task_sample out = { .shares = true };
	struct past_row *rows;
	const struct moment *m;
	size_t at;

	if (back >= s->npast)
		return err_set(err, ERR_NOTFOUND,
			       "looking back: %zu samples: only %zu are kept", back,
			       s->npast);
	at = s->npast - 1 - back;
	m = &s->past[at];
	rows = arena_array(a, struct past_row, m->n);
	memcpy(rows, m->v, m->n * sizeof(*rows));
	qsort(rows, m->n, sizeof(*rows), by_serial);
	l.rows = rows;
	l.nrows = m->n;
	l.moment = s->moment - (uint32_t)back;
	l.v = arena_array(a, struct task, count_all(s, at + 1));
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->v[i].n; k++)
			if (s->v[i].v[k].born <= l.moment &&
			    (!s->v[i].kernel || s->opts.kernel || s->opts.pid))
				look_at(&l, s->v[i].pid, &s->v[i].v[k]);
	for (size_t i = at + 1; i < s->npast; i++)
		for (size_t k = 0; k < s->past[i].ngone; k++)
			if (s->past[i].gone[k].t.born <= l.moment)
				look_at(&l, s->past[i].gone[k].pid,
					&s->past[i].gone[k].t);
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), by_pid_tid);
	group(&l, &out);
	out.interval_s = m->interval_s;
	out.age_s = (double)(s->past[s->npast - 1].at_ns - m->at_ns) / 1e9;
	*ret = out;
	return true;
}
