/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples of threads as tables and sentences: see threads.h. Each column is a function of
 * a thread and the fact it needs, and is asked only for the rows and columns somebody
 * wants: with ten thousand threads, cells were most of the cost of a refresh. Rows that
 * were read in full are few and get their cells at once, two of which need memory.
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

/* What the cells of a table are made from. */
struct thread_rows {
	struct cell_maker maker;
	const struct task_process *processes; /* by PID */
	size_t nprocesses;
};

static struct cell absent(const struct task *t, enum task_fact fact)
{
	return cell_none(task_absent_words((enum task_absent)t->absent[fact]));
}

static bool has(const struct task *t, enum task_fact fact)
{
	return t->absent[fact] == TASK_PRESENT && (fact < TASK_STAT || t->full);
}

/* Name of the main thread of the process. */
static struct cell process_cell(const struct thread_rows *rows, const struct task *t)
{
	size_t lo = 0, hi = rows->nprocesses;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (rows->processes[mid].pid < t->pid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return cell_text(lo < rows->nprocesses ? rows->processes[lo].comm : STR(""));
}

static struct cell pid_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_int(t->pid);
}

static struct cell tid_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_int(t->tid);
}

static struct cell role_cell(const struct thread_rows *rows, const struct task *t)
{
	return t->role->words[0] ? cell_text(str_of(t->role->words))
				 : cell_none("its name says nothing this program knows");
}

static struct cell role_by_cell(const struct thread_rows *rows, const struct task *t)
{
	return t->role->how != ROLE_BY_NOTHING
		       ? cell_text(str_of(role_how_words(t->role->how)))
		       : cell_none("");
}

static struct cell cpu_pct_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_percent(t->cpu_pct);
}

static struct cell wait_pct_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_percent(t->wait_pct);
}

static struct cell cpu_time_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_seconds((double)t->cpu_ns / 1e9);
}

/* The walk may know it without the facts of TASK_STAT. */
static struct cell state_cell(const struct thread_rows *rows, const struct task *t)
{
	static const char letters[] = "RSDTtZXIPKW";
	const char *at = t->state ? strchr(letters, t->state) : NULL;

	if (!t->state)
		return absent(t, TASK_STAT);
	return cell_text(at ? str_n(at, 1) : STR("?"));
}

static struct cell comm_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_text(t->comm);
}

static struct cell why_cell(const struct thread_rows *rows, const struct task *t)
{
	return t->full ? cell_text(t->full->why) : absent(t, TASK_STAT);
}

static struct cell last_cpu_cell(const struct thread_rows *rows, const struct task *t)
{
	return t->full->cpu >= 0 ? cell_int(t->full->cpu)
				 : cell_none("this kernel does not say");
}

static struct cell policy_cell(const struct thread_rows *rows, const struct task *t)
{
	const char *policy = sched_policy_name(t->full->policy);

	return policy ? cell_text(str_of(policy))
		      : cell_none("a policy this program does not know");
}

static struct cell priority_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_int(t->full->priority);
}

static struct cell nice_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_int(t->full->nice);
}

static struct cell minflt_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_int((int64_t)t->full->minflt);
}

static struct cell majflt_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_int((int64_t)t->full->majflt);
}

static struct cell nvcsw_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_int((int64_t)t->full->nvcsw);
}

static struct cell nivcsw_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_int((int64_t)t->full->nivcsw);
}

static struct cell affinity_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_text(t->full->affinity);
}

static struct cell wchan_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_text(t->full->wchan);
}

static struct cell syscall_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_text(t->full->syscall);
}

static struct cell node_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_int(t->full->node);
}

static struct cell cgroup_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_text(t->full->cgroup);
}

static struct cell read_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_bytes(t->full->read_bytes);
}

static struct cell write_cell(const struct thread_rows *rows, const struct task *t)
{
	return cell_bytes(t->full->write_bytes);
}

/* Each column: the fact without which it is absent, for that fact's reason; TASK_FACTS:
 * none. */
static const struct {
	enum task_fact fact;
	struct cell (*cell)(const struct thread_rows *rows, const struct task *t);
} makers[COLS] = {
	[COL_PID] = { TASK_FACTS, pid_cell },
	[COL_PROCESS] = { TASK_FACTS, process_cell },
	[COL_TID] = { TASK_FACTS, tid_cell },
	[COL_ROLE] = { TASK_FACTS, role_cell },
	[COL_CPU_PCT] = { TASK_CPU_PCT, cpu_pct_cell },
	[COL_SPARK] = { TASK_FACTS, NULL },
	[COL_WAIT_PCT] = { TASK_WAIT_PCT, wait_pct_cell },
	[COL_STATE] = { TASK_FACTS, state_cell },
	[COL_WHY] = { TASK_FACTS, why_cell },
	[COL_LAST_CPU] = { TASK_STAT, last_cpu_cell },
	[COL_COMM] = { TASK_FACTS, comm_cell },
	[COL_CPU_TIME] = { TASK_CPU_TIME, cpu_time_cell },
	[COL_POLICY] = { TASK_STAT, policy_cell },
	[COL_PRIORITY] = { TASK_STAT, priority_cell },
	[COL_NICE] = { TASK_STAT, nice_cell },
	[COL_AFFINITY] = { TASK_AFFINITY, affinity_cell },
	[COL_WCHAN] = { TASK_WCHAN, wchan_cell },
	[COL_SYSCALL] = { TASK_SYSCALL, syscall_cell },
	[COL_TARGET] = { TASK_FACTS, NULL },
	[COL_NVCSW] = { TASK_SWITCHES, nvcsw_cell },
	[COL_NIVCSW] = { TASK_SWITCHES, nivcsw_cell },
	[COL_MINFLT] = { TASK_STAT, minflt_cell },
	[COL_MAJFLT] = { TASK_STAT, majflt_cell },
	[COL_NODE] = { TASK_NODE, node_cell },
	[COL_READ] = { TASK_IO, read_cell },
	[COL_WRITE] = { TASK_IO, write_cell },
	[COL_CGROUP] = { TASK_CGROUP, cgroup_cell },
	[COL_ROLE_BY] = { TASK_FACTS, role_by_cell },
};

static struct cell make_cell(const struct cell_maker *self, const void *item,
			     const struct column *column)
{
	const struct thread_rows *rows = (const struct thread_rows *)self;
	const struct task *t = item;
	ptrdiff_t col = column - columns;

	if (!makers[col].cell)
		return cell_none("");
	if (makers[col].fact != TASK_FACTS && !has(t, makers[col].fact))
		return absent(t, makers[col].fact);
	return makers[col].cell(rows, t);
}

static struct cell spark_cell(struct arena *a, const struct task_sampler *s,
			      const struct task *t)
{
	double v[SPARK];
	size_t n = s ? task_sampler_spark(s, t, v, SPARK) : 0;
	struct cells *list;
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any |= v[i] > 0;
	if (!any)
		return cell_none("");
	list = arena_new_of(a, struct cells);
	list->v = arena_array(a, struct cell, n);
	list->n = list->cap = n;
	for (size_t i = 0; i < n; i++)
		list->v[i] = isnan(v[i]) ? cell_none("not born yet") : cell_percent(v[i]);
	return (struct cell){ .type = CELL_SPARK, .list = list };
}

static struct cell target_cell(struct arena *a, const struct task *t)
{
	const struct task_full *f = t->full;

	if (!has(t, TASK_SYSCALL))
		return cell_none("");
	if (f->request.n && f->target.n)
		return cell_text(arena_strf(a, STR_FMT " " STR_FMT, STR_ARG(f->request),
					    STR_ARG(f->target)));
	if (f->request.n)
		return cell_text(f->request);
	if (f->target.n)
		return cell_text(arena_strf(a, "fd %d " STR_FMT, f->syscall_fd,
					    STR_ARG(f->target)));
	return f->syscall_fd >= 0 ? cell_text(arena_strf(a, "fd %d", f->syscall_fd))
				  : cell_none("");
}

/* The cells of a row that was read in full. */
static struct cell *full_cells(const struct table *table, const struct task_sampler *s,
			       const struct task *t)
{
	struct cell *cells = arena_array(table->arena, struct cell, table->ncols);

	for (size_t i = 0; i < table->ncols; i++) {
		const struct column *column = &table->cols[i];

		if (column == &columns[COL_SPARK])
			cells[i] = spark_cell(table->arena, s, t);
		else if (column == &columns[COL_TARGET])
			cells[i] = target_cell(table->arena, t);
		else
			cells[i] = make_cell(table->maker, t, column);
	}
	return cells;
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
	size_t skip = flags & THREADS_PROCESS ? 0 : PROCESS_COLS;
	size_t cols = (flags & THREADS_PANEL ? PANEL_COLS : COLS) - skip;
	struct table *t = table_new(a, columns + skip, cols);
	struct thread_rows *rows = arena_new_of(a, struct thread_rows);

	*rows = (struct thread_rows){ { make_cell },
				      sample->processes,
				      sample->nprocesses };
	t->maker = &rows->maker;
	t->empty = "No threads: the process has ended, or it is not yours to see.";
	table_reserve(t, sample->n);
	for (size_t i = 0; i < sample->n; i++) {
		const struct task *task = &sample->v[i];
		struct row *row;

		if (task->mark == TASK_GONE && !(flags & THREADS_GONE))
			continue;
		row = table_add_item(t, task);
		if (task->full)
			row->cells = full_cells(t, s, task);
		row->ref = ref_of(a, task);
		row->mark = mark_of(task);
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
			struct cell cell = row_cell(t, &t->v[i], c);

			if (cell.type != CELL_NONE || !cell.why.n)
				continue;
			record_set(r, t->cols[c].key, NULL, cell_text(cell.why));
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
	int64_t *of = arena_array(t->arena, int64_t, t->n);
	size_t n = 0;

	if (pid < 0 || tid < 0)
		return;
	for (size_t i = 0; i < t->n; i++)
		of[i] = row_cell(t, &t->v[i], (size_t)pid).i;
	for (size_t i = 0; i < t->n; i++) {
		int64_t process = of[i];
		size_t head = n;

		for (size_t k = i; process && k < t->n; k++) {
			if (of[k] != process)
				continue;
			of[k] = 0;
			v[n] = t->v[k];
			v[n].depth = 1;
			if (row_cell(t, &v[n], (size_t)tid).i == process) {
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

	if (task->role->words[0] && task->role->kind != ROLE_MAIN)
		utf8_add_safe(&b, str_of(task->role->words), false);
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
		s.vcpus += t->role->kind == ROLE_VCPU;
		s.vcpus_idle += t->role->kind == ROLE_VCPU && t->full &&
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
