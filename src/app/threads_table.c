/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples of threads as tables and sentences: see threads.h. Cells are set by index, not
 * by key: with ten thousand rows that is most of the cost.
 */
#include <math.h>

#include "base/utf8.h"
#include "sys/sched.h"
#include "threads.h"

enum {
	COL_PID,
	COL_PROCESS,
	COL_TID,
	COL_ROLE,
	COL_CPU_PCT,
	COL_SPARK,
	COL_WAIT_PCT,
	COL_STATE,
	COL_WHY,
	COL_LAST_CPU,
	COL_COMM,
	COL_CPU_TIME,
	COL_POLICY,
	COL_PRIORITY,
	COL_NICE,
	COL_AFFINITY,
	COL_WCHAN,
	COL_SYSCALL,
	COL_TARGET,
	COL_NVCSW,
	COL_NIVCSW,
	COL_MINFLT,
	COL_MAJFLT,
	PANEL_COLS, /* the others are hidden there: ten thousand rows are cheaper without
		     */
	COL_NODE = PANEL_COLS,
	COL_READ,
	COL_WRITE,
	COL_CGROUP,
	COL_ROLE_BY,
	COLS,
};
enum { PROCESS_COLS = 2, SPARK = 8 };

/* clang-format off */
static const struct column columns[COLS] = {
	[COL_PID] = { "pid", "PID", CELL_INT, 0, 0, 0, "process the thread belongs to" },
	[COL_PROCESS] = { "process", "process", CELL_TEXT, 0, 0, 16, "name of that process" },
	[COL_TID] = { "tid", "TID", CELL_INT, 0, 0, 0,
		"thread id; the first thread's is the PID" },
	[COL_ROLE] = { "role", "role", CELL_TEXT, 0, 0, 24,
		"what the thread is there for; its name where that is all that is known" },
	[COL_CPU_PCT] = { "cpu_pct", "CPU %", CELL_PERCENT, 0, 6, 0,
		"share of one CPU since the last sample, from nanoseconds of schedstat" },
	[COL_SPARK] = { "cpu_history", "history", CELL_SPARK, COLUMN_NOJSON, SPARK, SPARK,
		"CPU % of the last samples" },
	[COL_WAIT_PCT] = { "wait_pct", "wait %", CELL_PERCENT, 0, 6, 0,
		"share of time ready to run but waiting for a CPU (schedstat)" },
	[COL_STATE] = { "state", "S", CELL_TEXT, 0, 1, 1,
		"R running or ready, S asleep, D waits uninterruptibly, T stopped, Z ended, "
		"I idle kernel thread" },
	[COL_WHY] = { "why", "why not running", CELL_TEXT, COLUMN_FLEX, 15, 0,
		"from state, wait channel and system call" },
	[COL_LAST_CPU] = { "last_cpu", "CPU", CELL_INT, 0, 0, 0, "CPU it ran on last" },
	[COL_COMM] = { "comm", "name", CELL_TEXT, 0, 0, 16, "what the thread calls itself" },
	[COL_CPU_TIME] = { "cpu_time_s", "CPU time", CELL_SECONDS, 0, 0, 0,
		"time on a CPU since its birth" },
	[COL_POLICY] = { "policy", "policy", CELL_TEXT, 0, 0, 0, "scheduling policy" },
	[COL_PRIORITY] = { "priority", "prio", CELL_INT, 0, 0, 0,
		"20 + nice; -1 - priority for real-time threads" },
	[COL_NICE] = { "nice", "nice", CELL_INT, 0, 0, 0, "-20 (most) to 19 (least)" },
	[COL_AFFINITY] = { "affinity", "may run on", CELL_TEXT, COLUMN_LEFT, 0, 16,
		"CPUs it may run on" },
	[COL_NODE] = { "numa_node", "node", CELL_INT, COLUMN_HIDDEN, 0, 0,
		"NUMA node of its last CPU" },
	[COL_WCHAN] = { "wchan", "wait channel", CELL_TEXT, 0, 0, 24,
		"kernel function it sleeps in" },
	[COL_SYSCALL] = { "syscall", "system call", CELL_TEXT, 0, 0, 20, "that it is in" },
	[COL_TARGET] = { "syscall_target", "on", CELL_TEXT, 0, 0, 30,
		"what the call is about: its request, its descriptor" },
	[COL_NVCSW] = { "nvcsw", "gave up", CELL_INT, 0, 0, 0,
		"voluntary context switches: it had to wait" },
	[COL_NIVCSW] = { "nivcsw", "pushed off", CELL_INT, 0, 0, 0,
		"involuntary context switches: another was more urgent" },
	[COL_MINFLT] = { "minflt", "minor faults", CELL_INT, 0, 0, 0,
		"page faults that needed no I/O" },
	[COL_MAJFLT] = { "majflt", "major faults", CELL_INT, 0, 0, 0,
		"page faults that read from a disk" },
	[COL_READ] = { "read_bytes", "read", CELL_BYTES, COLUMN_HIDDEN, 0, 0,
		"bytes it caused to be read from disks" },
	[COL_WRITE] = { "write_bytes", "written", CELL_BYTES, COLUMN_HIDDEN, 0, 0,
		"bytes it caused to be written to disks" },
	[COL_CGROUP] = { "cgroup", "cgroup", CELL_TEXT, COLUMN_HIDDEN, 0, 0, "its control group" },
	[COL_ROLE_BY] = { "role_by", "role known", CELL_TEXT, COLUMN_HIDDEN, 0, 0,
		"how the role is known" },
};
/* clang-format on */

static struct cell absent(const struct task *t, enum task_fact fact)
{
	return cell_none(task_absent_words((enum task_absent)t->absent[fact]));
}

static bool has(const struct task *t, enum task_fact fact)
{
	return t->absent[fact] == TASK_PRESENT;
}

static void set_spark(struct arena *a, struct cell *cell, const struct task_sampler *s,
		      const struct task *t)
{
	double v[SPARK];
	size_t n = s ? task_sampler_spark(s, t, v, SPARK) : 0;
	struct cells *list;
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any |= v[i] > 0;
	if (!any)
		return;
	list = arena_new_of(a, struct cells);
	list->v = arena_array(a, struct cell, n);
	list->n = list->cap = n;
	for (size_t i = 0; i < n; i++)
		list->v[i] = isnan(v[i]) ? cell_none("not born yet") : cell_percent(v[i]);
	*cell = (struct cell){ .type = CELL_SPARK, .list = list };
}

static void set_stat(struct cell *c, const struct task *t)
{
	static const unsigned char all[] = { COL_LAST_CPU, COL_POLICY, COL_PRIORITY,
					     COL_NICE,     COL_MINFLT, COL_MAJFLT };
	const struct task_full *f = t->full;
	const char *policy;

	if (!f || !has(t, TASK_STAT)) {
		for (size_t i = 0; i < ARRAY_SIZE(all); i++)
			c[all[i]] = absent(t, TASK_STAT);
		return;
	}
	policy = sched_policy_name(f->policy);
	c[COL_LAST_CPU] =
		f->cpu >= 0 ? cell_int(f->cpu) : cell_none("this kernel does not say");
	c[COL_POLICY] = policy ? cell_text(str_of(policy))
			       : cell_none("a policy this program does not know");
	c[COL_PRIORITY] = cell_int(f->priority);
	c[COL_NICE] = cell_int(f->nice);
	c[COL_MINFLT] = cell_int((int64_t)f->minflt);
	c[COL_MAJFLT] = cell_int((int64_t)f->majflt);
}

static struct str target_of(struct arena *a, const struct task_full *f)
{
	if (f->request.n && f->target.n)
		return arena_strf(a, STR_FMT " " STR_FMT, STR_ARG(f->request),
				  STR_ARG(f->target));
	if (f->request.n)
		return f->request;
	if (f->target.n)
		return arena_strf(a, "fd %d " STR_FMT, f->syscall_fd, STR_ARG(f->target));
	return f->syscall_fd >= 0 ? arena_strf(a, "fd %d", f->syscall_fd) : STR_NONE;
}

/* Facts that each have a file of their own. */
static void set_files(struct arena *a, struct cell *c, const struct task *t)
{
	static const struct task_full none = { .syscall_fd = -1 };
	const struct task_full *f = t->full ? t->full : &none;
	struct str target = target_of(a, f);
	const struct {
		unsigned char col, fact;
		struct cell cell;
	} set[] = {
		{ COL_NVCSW, TASK_SWITCHES, cell_int((int64_t)f->nvcsw) },
		{ COL_NIVCSW, TASK_SWITCHES, cell_int((int64_t)f->nivcsw) },
		{ COL_AFFINITY, TASK_AFFINITY, cell_text(f->affinity) },
		{ COL_WCHAN, TASK_WCHAN, cell_text(f->wchan) },
		{ COL_SYSCALL, TASK_SYSCALL, cell_text(f->syscall) },
		{ COL_NODE, TASK_NODE, cell_int(f->node) },
		{ COL_CGROUP, TASK_CGROUP, cell_text(f->cgroup) },
		{ COL_READ, TASK_IO, cell_bytes(f->read_bytes) },
		{ COL_WRITE, TASK_IO, cell_bytes(f->write_bytes) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(set); i++)
		c[set[i].col] = t->full && has(t, set[i].fact) ? set[i].cell
							       : absent(t, set[i].fact);
	if (target.n && t->full && has(t, TASK_SYSCALL))
		c[COL_TARGET] = cell_text(target);
}

/* Words of a role; the same as in the row before cost nothing. */
static struct cell role_cell(struct arena *a, const struct task *t, struct cell before)
{
	struct str words = str_of(t->role.words);

	if (!words.n)
		return cell_none("its name says nothing this program knows");
	if (before.type == CELL_TEXT && str_eq(before.text, words))
		return before;
	return cell_text(arena_str(a, words));
}

static struct cell name_cell(struct arena *a, const struct task *t, struct cell before)
{
	if (before.type == CELL_TEXT && str_eq(before.text, t->comm))
		return before;
	return cell_text(arena_str(a, t->comm));
}

static struct cell state_cell(char state)
{
	static const char letters[] = "RSDTtZXIPKW";
	const char *at = state ? strchr(letters, state) : NULL;

	return cell_text(at ? str_n(at, 1) : STR("?"));
}

/* What every row has. */
static void set_row(struct arena *a, struct cell *c, const struct task *t)
{
	c[COL_TID] = cell_int(t->tid);
	c[COL_ROLE] = role_cell(a, t, c[COL_ROLE]);
	c[COL_CPU_PCT] =
		has(t, TASK_CPU_PCT) ? cell_percent(t->cpu_pct) : absent(t, TASK_CPU_PCT);
	c[COL_WAIT_PCT] = has(t, TASK_WAIT_PCT) ? cell_percent(t->wait_pct)
						: absent(t, TASK_WAIT_PCT);
	c[COL_STATE] = t->state ? state_cell(t->state) : absent(t, TASK_STAT);
	c[COL_COMM] = name_cell(a, t, c[COL_COMM]);
	c[COL_CPU_TIME] = has(t, TASK_CPU_TIME) ? cell_seconds((double)t->cpu_ns / 1e9)
						: absent(t, TASK_CPU_TIME);
	c[COL_ROLE_BY] = t->role.how != ROLE_BY_NOTHING
				 ? cell_text(str_of(role_how_words(t->role.how)))
				 : cell_none("");
}

/* What only rows have that were read in full. */
static void set_full(struct arena *a, struct cell *c, const struct task_sampler *s,
		     const struct task *t)
{
	c[COL_WHY] = cell_text(t->full->why);
	c[COL_TARGET] = c[COL_SPARK] = cell_none("");
	set_spark(a, &c[COL_SPARK], s, t);
	set_stat(c, t);
	set_files(a, c, t);
}

/* The cells of rows that were not read in full, all alike: thousands share them. */
static void set_bare(struct cell *c, enum task_absent why)
{
	struct task none = { 0 };

	memset(none.absent, (int)why, sizeof(none.absent));
	c[COL_WHY] = absent(&none, TASK_STAT);
	c[COL_TARGET] = c[COL_SPARK] = cell_none("");
	set_stat(c, &none);
	set_files(NULL, c, &none);
}

static enum row_mark mark_of(const struct task *t)
{
	if (t->mark == TASK_NEW)
		return MARK_NEW;
	if (t->mark == TASK_GONE)
		return MARK_GONE;
	if (t->state == 'D')
		return MARK_WARN;
	return t->wait_pct >= 10 ? MARK_WARN : MARK_NONE;
}

/* Name of the main thread of a process; processes stand by PID. */
static struct str process_name(const struct task_sample *sample, pid_t pid)
{
	size_t lo = 0, hi = sample->nprocesses;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (sample->processes[mid].pid < pid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < sample->nprocesses ? sample->processes[lo].comm : STR("");
}

/* "PID/TID", written by hand: printf would be a third of the cost of a row. */
static struct ref ref_of(struct arena *a, const struct task *t)
{
	char buf[32], *p = buf + sizeof(buf);
	pid_t ids[] = { t->tid, t->pid };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		unsigned id = (unsigned)ids[i];

		if (i)
			*--p = '/';
		do
			*--p = (char)('0' + id % 10);
		while (id /= 10);
	}
	return (struct ref){ REF_TID,
			     arena_str(a, str_n(p, (size_t)(buf + sizeof(buf) - p))) };
}

struct table *threads_table(struct arena *a, const struct task_sampler *s,
			    const struct task_sample *sample, unsigned flags)
{
	bool process = flags & THREADS_PROCESS;
	const struct task *v = sample->v;
	size_t skip = process ? 0 : PROCESS_COLS;
	size_t cols = (flags & THREADS_PANEL ? PANEL_COLS : COLS) - skip;
	struct table *t = table_new(a, columns + skip, cols);
	struct cell bare[COLS] = { 0 }, all[COLS] = { 0 };
	enum task_absent why = TASK_PRESENT;
	struct str name = STR("");

	t->empty = "No threads: the process has ended, or it is not yours to see.";
	for (size_t i = 0; i < sample->n; i++) {
		struct cell *c = v[i].full ? all : bare;
		struct row *row;

		if (v[i].mark == TASK_GONE && !(flags & THREADS_GONE))
			continue;
		row = table_add(t);
		if (process && (!i || v[i].pid != v[i - 1].pid))
			name = arena_str(a, process_name(sample, v[i].pid));
		c[COL_PID] = cell_int(v[i].pid);
		c[COL_PROCESS] = cell_text(name);
		set_row(a, c, &v[i]);
		if (v[i].full) {
			set_full(a, c, s, &v[i]);
		} else if (why != v[i].absent[TASK_STAT]) {
			why = (enum task_absent)v[i].absent[TASK_STAT];
			set_bare(c, why);
		}
		memcpy(row->cells, c + skip, cols * sizeof(*c));
		row->ref = ref_of(a, &v[i]);
		row->mark = mark_of(&v[i]);
	}
	return t;
}

struct record *threads_unavailable(struct arena *a, const struct table *t)
{
	struct record *r = record_new(a);

	for (size_t c = 0; c < t->ncols; c++) {
		if (t->cols[c].flags & COLUMN_NOJSON)
			continue;
		for (size_t i = 0; i < t->n; i++) {
			const struct cell *cell = &t->v[i].cells[c];

			if (cell->type != CELL_NONE || !cell->why.n)
				continue;
			record_set(r, t->cols[c].key, NULL, cell_text(cell->why));
			break;
		}
	}
	return r;
}

bool threads_sort(struct table *t, struct str key, struct err *err)
{
	bool down = str_skip(&key, STR("-")), up = !down && str_skip(&key, STR("+"));
	ptrdiff_t col = table_column(t, key);
	STRBUF_AUTO(names, 4096);

	if (col >= 0) {
		enum cell_type type = t->cols[col].type;

		/* Shares and amounts are wanted largest first. */
		down |= !up && (type == CELL_PERCENT || type == CELL_SECONDS ||
				type == CELL_BYTES);
		table_sort(t, (size_t)col, down);
		return true;
	}
	for (size_t i = 0; i < t->ncols; i++)
		strbuf_addf(&names, "%s%s", i ? ", " : "", t->cols[i].key);
	err_set(err, ERR_USAGE, "threads: no column \"" STR_FMT "\" to sort by",
		STR_ARG(key));
	return err_hint(err, "columns: %s", strbuf_z(&names));
}

/* Stable: processes keep the order their first row had, threads theirs below the main. */
void threads_tree(struct table *t)
{
	ptrdiff_t pid = table_column(t, STR("pid")), tid = table_column(t, STR("tid"));
	struct row *v = arena_array(t->arena, struct row, t->n);
	bool *taken = arena_array(t->arena, bool, t->n);
	size_t n = 0;

	if (pid < 0 || tid < 0)
		return;
	for (size_t i = 0; i < t->n; i++) {
		int64_t of = t->v[i].cells[pid].i;
		size_t head = n;

		if (taken[i])
			continue;
		for (size_t k = i; k < t->n; k++) {
			if (taken[k] || t->v[k].cells[pid].i != of)
				continue;
			taken[k] = true;
			v[n] = t->v[k];
			v[n].depth = 1;
			if (v[n].cells[tid].i == of) {
				struct row main_row = v[n];

				memmove(v + head + 1, v + head, (n - head) * sizeof(*v));
				main_row.depth = 0;
				v[head] = main_row;
			}
			n++;
		}
	}
	t->v = v;
	t->cap = t->n;
}

/* ---- words ------------------------------------------------------------------------- */

struct str threads_who(struct arena *a, const struct task *task)
{
	STRBUF_AUTO(b, 256);

	if (task->role.words[0] && task->role.kind != ROLE_MAIN)
		utf8_add_safe(&b, str_of(task->role.words), false);
	else
		utf8_add_safe(&b, task->comm, false);
	strbuf_addf(&b, " (%d)", (int)task->tid);
	return arena_str(a, strbuf_str(&b));
}

struct sums {
	double cpu, wait;
	size_t living, fresh, gone, waiting, stuck, ran, vcpus, vcpus_idle;
	const struct task *waits_most, *stuck_one, *busiest;
};

static struct sums sum_up(const struct task_sample *sample)
{
	enum { WORTH_SAYING = 1 }; /* percent of time in a run queue */
	struct sums s = { 0 };

	for (size_t i = 0; i < sample->n; i++) {
		const struct task *t = &sample->v[i];

		s.gone += t->mark == TASK_GONE;
		s.fresh += t->mark == TASK_NEW;
		if (t->mark == TASK_GONE)
			continue;
		s.living++;
		s.vcpus += t->role.kind == ROLE_VCPU;
		s.vcpus_idle += t->role.kind == ROLE_VCPU && t->full &&
				str_starts(t->full->wchan, STR("kvm_vcpu_"));
		if (t->state == 'D') {
			s.stuck++;
			s.stuck_one = t;
		}
		if (!has(t, TASK_CPU_PCT))
			continue;
		s.cpu += t->cpu_pct;
		s.ran += t->cpu_pct > 0;
		if (!s.busiest || t->cpu_pct > s.busiest->cpu_pct)
			s.busiest = t;
		if (!has(t, TASK_WAIT_PCT))
			continue;
		s.wait += t->wait_pct;
		s.waiting += t->wait_pct >= WORTH_SAYING;
		if (t->wait_pct >= WORTH_SAYING &&
		    (!s.waits_most || t->wait_pct > s.waits_most->wait_pct))
			s.waits_most = t;
	}
	return s;
}

static struct str headline(struct arena *a, const struct task_sample *sample,
			   const struct sums *s)
{
	STRBUF_AUTO(b, 1024);

	if (sample->nprocesses > 1)
		strbuf_addf(&b, "%zu processes   ", sample->nprocesses);
	strbuf_addf(&b, "%zu thread%s", s->living, s->living == 1 ? "" : "s");
	if (sample->shares)
		strbuf_addf(&b, "   CPU %.1f %%   wait %.1f %%", s->cpu, s->wait);
	if (s->fresh)
		strbuf_addf(&b, "   %zu new", s->fresh);
	if (s->gone)
		strbuf_addf(&b, "   %zu gone", s->gone);
	if (sample->age_s > 0)
		strbuf_addf(&b, "   %.0f s ago", sample->age_s);
	return arena_str(a, strbuf_str(&b));
}

static void say_waiting(struct strbuf *b, struct arena *a, const struct sums *s)
{
	if (!s->waits_most)
		return;
	strbuf_addf(b, STR_FMT " waits for a CPU %.0f %% of the time",
		    STR_ARG(threads_who(a, s->waits_most)), s->waits_most->wait_pct);
	if (s->waiting > 1)
		strbuf_addf(b, ", and %zu more wait at least 1 %%", s->waiting - 1);
	strbuf_addz(b, "; ");
}

static void say_stuck(struct strbuf *b, struct arena *a, const struct sums *s)
{
	if (!s->stuck)
		return;
	strbuf_addf(b, STR_FMT, STR_ARG(threads_who(a, s->stuck_one)));
	if (s->stuck > 1)
		strbuf_addf(b, " and %zu more", s->stuck - 1);
	strbuf_addz(b, s->stuck > 1 ? " wait" : " waits");
	strbuf_addz(b, " uninterruptibly");
	if (s->stuck_one->full && s->stuck_one->full->wchan.n)
		strbuf_addf(b, " (" STR_FMT ")", STR_ARG(s->stuck_one->full->wchan));
	strbuf_addz(b, "; ");
}

static void say_vcpus(struct strbuf *b, const struct sums *s)
{
	if (s->vcpus_idle)
		strbuf_addf(b, "%zu of %zu vCPU%s %s idle by choice (HLT); ",
			    s->vcpus_idle, s->vcpus, s->vcpus == 1 ? "" : "s",
			    s->vcpus_idle == 1 ? "is" : "are");
}

static struct str so_what(struct arena *a, const struct task_sample *sample,
			  const struct sums *s)
{
	enum { WHOLE = 95 }; /* percent of a CPU */
	STRBUF_AUTO(b, 2048);

	if (!sample->n)
		return STR("");
	say_stuck(&b, a, s);
	say_waiting(&b, a, s);
	if (s->busiest && s->busiest->cpu_pct >= WHOLE)
		strbuf_addf(&b, STR_FMT " takes a whole CPU; ",
			    STR_ARG(threads_who(a, s->busiest)));
	say_vcpus(&b, s);
	if (!b.n && !sample->shares)
		return arena_strf(
			a, "shares are not known: %s.",
			task_absent_words(
				(enum task_absent)sample->v[0].absent[TASK_CPU_PCT]));
	if (!b.n && !s->ran)
		return STR("nothing runs: all threads wait for something to happen.");
	if (!b.n)
		return arena_strf(a, "no thread waits for a CPU; %zu of %zu ran.", s->ran,
				  s->living);
	strbuf_truncate(&b, b.n - 2);
	strbuf_addc(&b, '.');
	return arena_str(a, strbuf_str(&b));
}

void threads_words(struct arena *a, const struct task_sample *sample,
		   struct str *ret_headline, struct str *ret_so_what)
{
	struct sums s = sum_up(sample);

	*ret_headline = headline(a, sample, &s);
	*ret_so_what = so_what(a, sample, &s);
}
