/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `threads`: what runs, what waits, and why. One source serves the panel and the command
 * line; the command line adds the shapes that scripts want.
 */
#include <unistd.h>

#include "app/source.h"
#include "commands.h"
#include "threads.h"

enum {
	BUSIEST = 64, /* rows read in full while nobody has said what is on the screen */
	VISIBLE_MAX = 1024,
};
/* Facts behind the columns of the panel; the hidden ones are left to the command line. */
#define PANEL_FACTS                                                                      \
	(1u << TASK_STAT | 1u << TASK_SWITCHES | 1u << TASK_AFFINITY |                   \
	 1u << TASK_WCHAN | 1u << TASK_SYSCALL)

struct threads_source {
	struct root *root;
	struct task_sampler *sampler;
	pid_t pid; /* 0: all */
	bool tree, json;
	struct arena *scratch; /* of one sample */
	size_t top;            /* only this many rows, 0: all */
	char sort[64];         /* column; "": whoever shows the rows sorts them */
	struct {
		pid_t pid, tid;
	} visible[VISIBLE_MAX];
	size_t nvisible;
};

static void threads_close(void *self)
{
	struct threads_source *s = self;

	task_sampler_free(s->sampler);
	root_free(s->root);
	arena_free(s->scratch);
}

static bool threads_open(void *self, struct ctx *ctx, const struct args *args,
			 struct err *err)
{
	struct threads_source *s = self;
	const struct value *pid = args_get(args, "pid");
	struct task_opts opts = { .pid = pid ? (pid_t)pid->task.pid : 0,
				  .kernel = args_has(args, "all") };

	s->pid = opts.pid;
	s->tree = args_has(args, "tree");
	s->json = ctx->json;
	s->top = (size_t)args_int(args, "top", 0);
	if (args_has(args, "sort") || args_has(args, "watch") || s->top)
		snprintf(s->sort, sizeof(s->sort), STR_FMT,
			 STR_ARG(args_text(args, "sort", STR("cpu_pct"))));
	if (!root_open(ctx->root_dir, &s->root, err))
		return false;
	if (!task_sampler_new(s->root, &opts, &s->sampler, err)) {
		root_free(s->root);
		return false;
	}
	s->scratch = arena_new();
	return true;
}

static void threads_visible(void *self, const struct ref *refs, size_t n)
{
	struct threads_source *s = self;

	s->nvisible = 0;
	for (size_t i = 0; i < n && s->nvisible < VISIBLE_MAX; i++) {
		struct str rest = refs[i].id, pid;
		uint64_t p, t;

		if (refs[i].kind != REF_TID || !str_cut(&rest, '/', &pid) ||
		    !str_to_u64(pid, &p) || !str_to_u64(rest, &t))
			continue;
		s->visible[s->nvisible].pid = (pid_t)p;
		s->visible[s->nvisible++].tid = (pid_t)t;
	}
}

static int by_pid_tid(const void *key, const void *entry)
{
	const struct task *a = key, *b = entry;

	if (a->pid != b->pid)
		return (a->pid > b->pid) - (a->pid < b->pid);
	return (a->tid > b->tid) - (a->tid < b->tid);
}

static int busier(const void *a, const void *b)
{
	const struct task *x = *(struct task *const *)a, *y = *(struct task *const *)b;

	return (y->cpu_pct > x->cpu_pct) - (y->cpu_pct < x->cpu_pct);
}

/* The rows that use most CPU, first; nobody knows yet what the screen will show, but this
 * is what it is sorted by at first. */
static size_t busiest(struct arena *a, const struct task_sample *sample,
		      struct task ***ret)
{
	struct task **v = arena_array(a, struct task *, sample->n);
	size_t n = 0;

	for (size_t i = 0; i < sample->n; i++)
		if (!(sample->n > BUSIEST && sample->shares) ||
		    sample->v[i].cpu_pct > 0 || n < BUSIEST)
			v[n++] = &sample->v[i];
	if (n)
		qsort(v, n, sizeof(*v), busier);
	*ret = v;
	return n;
}

static void fill_rows(struct threads_source *s, struct arena *a,
		      const struct task_sample *sample, unsigned facts)
{
	struct task **v;
	size_t n = busiest(s->scratch, sample, &v);

	for (size_t i = 0; i < n && i < (s->nvisible ? s->nvisible : BUSIEST); i++)
		if (v[i]->mark != TASK_GONE)
			task_sampler_fill(s->sampler, a, v[i], facts);
	for (size_t i = 0; i < s->nvisible; i++) {
		struct task key = { .pid = s->visible[i].pid, .tid = s->visible[i].tid };
		struct task *task =
			bsearch(&key, sample->v, sample->n, sizeof(key), by_pid_tid);

		if (task && !task->full && task->mark != TASK_GONE)
			task_sampler_fill(s->sampler, a, task, facts);
	}
}

/* The record of one sample: {pid, comm, threads, unavailable} with words for people. */
static struct record *make_record(struct arena *a, const struct threads_source *s,
				  const struct task_sample *sample, struct table *t)
{
	struct record *r = record_new(a);

	threads_words(a, sample, &r->headline, &r->so_what);
	if (s->pid && sample->nprocesses) {
		struct str comm = arena_str(a, sample->processes[0].comm);

		r->headline =
			arena_strf(a, "Threads of " STR_FMT " %d   " STR_FMT,
				   STR_ARG(comm), (int)s->pid, STR_ARG(r->headline));
		record_set(r, "pid", NULL, cell_int(s->pid));
		record_set(r, "comm", NULL, cell_text(comm));
	}
	record_set(r, "threads", "", cell_table(t));
	if (s->json)
		record_set(r, "unavailable", NULL,
			   cell_record(threads_unavailable(a, t)));
	return r;
}

/* Keep the N busiest rows, so that nothing is made of the others. */
static void keep_top(struct arena *a, struct task_sample *sample, size_t top)
{
	struct task **v, *rows;
	size_t n = busiest(a, sample, &v);

	if (!top || sample->n <= top)
		return;
	if (n > top)
		n = top;
	rows = arena_array(a, struct task, n);
	for (size_t i = 0; i < n; i++)
		rows[i] = *v[i];
	sample->v = rows;
	sample->n = n;
}

static bool threads_sample(void *self, struct arena *a, struct record **ret,
			   struct err *err)
{
	struct threads_source *s = self;
	struct task_sample sample, shown;
	struct table *t;

	arena_reset(s->scratch);
	if (!task_sampler_sample(s->sampler, a, &sample, err))
		return false;
	fill_rows(s, a, &sample, s->json ? TASK_ALL_FACTS : PANEL_FACTS);
	shown = sample;
	keep_top(a, &shown, s->top);
	t = threads_table(a, s->sampler, &shown,
			  (s->pid ? 0 : THREADS_PROCESS) |
				  (s->json ? 0 : THREADS_GONE | THREADS_PANEL));
	if (s->sort[0] && !threads_sort(t, str_of(s->sort), err))
		return false;
	if (s->tree)
		threads_tree(t);
	*ret = make_record(a, s, &sample, t);
	return true;
}

static void threads_shell_line(void *self, const struct ref *subject, struct strbuf *b)
{
	const struct threads_source *s = self;

	if (s->pid)
		strbuf_addf(b, "ps -T -p %d -o spid,comm,stat,psr,cls,ni,pcpu,wchan:20",
			    (int)s->pid);
	else
		strbuf_addz(b, "ps -eLo pid,spid,comm,stat,psr,cls,ni,pcpu,wchan:20");
}

static const struct binding keys[] = {
	{ "Enter", "threads detail %tid", "Enter: detail" },
	{ "p", "threads %pid", "p: only this process" },
	{ "t", "threads --tree", "t: tree" },
	{ "P", "choose threads", "P: choose a process" },
	{ "K", "prompt threads signal TERM %tid", "K: signal" },
	{ "a", "prompt threads affinity 0 %tid", "a: affinity" },
	{ "N", "prompt threads renice %tid -n ", "N: nice" },
	{ "S", "prompt threads policy batch %tid", "S: policy" },
	{ 0 },
};

static const struct source_ops threads_ops = {
	.name = "threads",
	.title = "Threads",
	.note = "ps-threads",
	.size = sizeof(struct threads_source),
	.period_ms = 1000,
	.warm_up = true,
	.open = threads_open,
	.sample = threads_sample,
	.visible = threads_visible,
	.shell_line = threads_shell_line,
	.close = threads_close,
	.keys = keys,
	.sort = "-cpu_pct",
};

/* ---- one answer on the command line ------------------------------------------ */

/* Two samples and the time between them; on a recorded machine the second is the later
 * record, if there is one. */
static bool two_samples(struct ctx *ctx, struct threads_source *s, double interval_s,
			struct task_sample *ret, struct err *err)
{
	if (!task_sampler_sample(s->sampler, ctx->arena, ret, err))
		return false;
	if (root_is_live(s->root))
		usleep((useconds_t)(interval_s * 1e6));
	return task_sampler_sample(s->sampler, ctx->arena, ret, err);
}

static struct table *process_table(struct arena *a, const struct threads_source *s,
				   const struct task_sample *sample)
{
	static const struct column columns[] = {
		{ "pid", "PID", CELL_INT, 0, 0, 0, "process id" },
		{ "comm", "name", CELL_TEXT, 0, 0, 0, "name of its main thread" },
		{ "cpu_pct", "CPU %", CELL_PERCENT, 0, 0, 0, "sum over its threads" },
		{ "wait_pct", "wait %", CELL_PERCENT, 0, 0, 0, "sum over its threads" },
		{ "threads", "threads", CELL_TABLE, 0, 0, 0, "its threads" },
		{ "unavailable", "", CELL_RECORD, COLUMN_NOTABLE, 0, 0,
		  "fields some thread lacks, and why" },
	};
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < sample->nprocesses; i++) {
		const struct task_process *p = &sample->processes[i];
		struct task_sample one = { .v = sample->v + p->first, .n = p->n };
		struct table *threads = threads_table(a, s->sampler, &one, 0);
		struct row *row;

		if (!threads->n)
			continue; /* the process has ended */
		row = table_add(t);
		row->ref.kind = REF_PID;
		row->ref.id = arena_strf(a, "%d", (int)p->pid);
		row->cells[0] = cell_int(p->pid);
		row->cells[1] = cell_text(p->comm);
		row->cells[2] = sample->shares ? cell_percent(p->cpu_pct)
					       : cell_none("needs a second sample");
		row->cells[3] = sample->shares ? cell_percent(p->wait_pct)
					       : cell_none("needs a second sample");
		row->cells[4] = cell_table(threads);
		row->cells[5] = cell_record(threads_unavailable(a, threads));
	}
	return t;
}

static bool answer(struct ctx *ctx, struct threads_source *s, const struct args *args,
		   struct result *result, struct err *err)
{
	double interval =
		args_get(args, "interval") ? args_get(args, "interval")->real : 1;
	struct task_sample sample;
	struct table *t;

	if (!two_samples(ctx, s, interval, &sample, err))
		return false;
	if (!ctx->json || s->pid)
		keep_top(ctx->arena, &sample, s->top);
	for (size_t i = 0; i < sample.n; i++)
		if (sample.v[i].mark != TASK_GONE)
			task_sampler_fill(s->sampler, ctx->arena, &sample.v[i],
					  TASK_ALL_FACTS);
	if (ctx->json && !s->pid) {
		t = process_table(ctx->arena, s, &sample);
		*result = (struct result){ .kind = RESULT_TABLE, .table = t };
		return true;
	}
	t = threads_table(ctx->arena, s->sampler, &sample, s->pid ? 0 : THREADS_PROCESS);
	if (!threads_sort(t, s->sort[0] ? str_of(s->sort) : STR("cpu_pct"), err))
		return false;
	if (s->tree)
		threads_tree(t);
	*result = (struct result){ .kind = RESULT_RECORD,
				   .record = make_record(ctx->arena, s, &sample, t) };
	return true;
}

static bool run_threads(struct ctx *ctx, const struct args *args, struct result *result,
			struct err *err)
{
	struct threads_source *s = arena_new_of(ctx->arena, struct threads_source);
	bool ok;

	if (!threads_open(s, ctx, args, err))
		return false;
	ok = answer(ctx, s, args, result, err);
	threads_close(s);
	return ok;
}

static const struct param threads_params[] = {
	{ "pid", 0, 0, &argtype_pid, "PID|NAME", "one process; all of them without it" },
	{ "all", 'a', PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
	  "with the kernel's own threads" },
	{ "tree", 't', PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
	  "threads below their process" },
	{ "sort", 's', PARAM_OPTION, &argtype_text, "COLUMN",
	  "sort by a column; -COLUMN: descending, +COLUMN: ascending" },
	{ "top", 'n', PARAM_OPTION, &argtype_int, "N", "only the N busiest threads" },
	{ "interval", 'i', PARAM_OPTION, &argtype_duration, "TIME",
	  "measure shares over this time, 1 s without it" },
	{ "watch", 'w', PARAM_OPTION, &argtype_duration, "TIME",
	  "again and again, each TIME" },
	{ 0 },
};

const struct command commands_threads[] = {
	{ "threads", "threads with their roles, shares, and why they wait",
	  "CPU % and wait % are measured in nanoseconds over the interval, not averaged "
	  "over a life.\nWait % is time ready to run without a CPU: a busy machine, not a "
	  "busy thread.\nA role says what a thread is for: vCPUs and migration threads of "
	  "virtual machines, and threads of the kernel in words.\nWhat cannot be read is "
	  "null in --json, with the reason in \"unavailable\".",
	  threads_params, 0, run_threads, &threads_ops },
	{ 0 },
};
