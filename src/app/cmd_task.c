/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One thread: everything about it, and what can be done to it. A change is shown whole
 * before it is made, and the kernel is asked afterwards what became of it.
 */
#include "base/utf8.h"
#include "commands.h"
#include "sys/sched.h"
#include "sys/task_detail.h"
#include "sys/why.h"

/* ---- threads detail ---------------------------------------------------------- */

static struct cell text_or_why(struct str text, enum task_absent why)
{
	return why ? cell_none(task_absent_words(why)) : cell_text(str_trim(text));
}

static void add_table(struct record *r, const char *key, const char *title,
		      struct table *t, enum task_absent why)
{
	record_set(r, key, title,
		   why ? cell_none(task_absent_words(why)) : cell_table(t));
}

static void add_stack(struct arena *a, struct record *r, const struct task_detail *d)
{
	static const struct column columns[] = {
		{ "function", "function", CELL_TEXT, 0, 0, 0,
		  "where in the kernel it is, newest call first" },
	};
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));

	t->empty = "It runs in user space, or the kernel shows no stack.";
	STR_EACH_LINE (line, d->stack.text)
		table_add(t)->cells[0] = cell_text(arena_str(a, stack_function(line)));
	add_table(r, "stack", "Kernel stack", t, d->stack.why);
}

static void add_fds(struct arena *a, struct record *r, const struct task_detail *d)
{
	static const struct column columns[] = {
		{ "fd", "fd", CELL_INT, 0, 0, 0, "descriptor" },
		{ "target", "is", CELL_TEXT, COLUMN_FLEX, 0, 0, "what it is open on" },
	};
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));

	t->empty = "No descriptor is open.";
	for (size_t i = 0; i < d->nfds; i++) {
		struct row *row = table_add(t);

		row->cells[0] = cell_int(d->fds[i].fd);
		row->cells[1] = cell_text(d->fds[i].target);
		if (str_starts(d->fds[i].target, STR("/")))
			row->ref = (struct ref){ REF_PATH, d->fds[i].target };
	}
	add_table(r, "fds",
		  d->nfds < d->fds_total ? "Open files (the first 4096)" : "Open files",
		  t, d->fds_why);
}

static void add_limits(struct arena *a, struct record *r, const struct task_detail *d)
{
	static const struct column columns[] = {
		{ "limit", "limit", CELL_TEXT, 0, 0, 0, "what is limited" },
		{ "soft", "soft", CELL_TEXT, COLUMN_LEFT, 0, 0, "in force now" },
		{ "hard", "hard", CELL_TEXT, COLUMN_LEFT, 0, 0,
		  "as far as it may be raised" },
		{ "unit", "unit", CELL_TEXT, 0, 0, 0, "" },
	};
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < d->nlimits; i++) {
		struct row *row = table_add(t);

		row->cells[0] = cell_text(d->limits[i].name);
		row->cells[1] = cell_text(d->limits[i].soft);
		row->cells[2] = cell_text(d->limits[i].hard);
		row->cells[3] = cell_text(d->limits[i].unit);
	}
	add_table(r, "limits", "Limits", t, d->limits_why);
}

static void add_maps(struct arena *a, struct record *r, const struct task_detail *d)
{
	static const struct column columns[] = {
		{ "kind", "kind", CELL_TEXT, 0, 0, 0, "what is mapped" },
		{ "mappings", "mappings", CELL_INT, 0, 0, 0, "how many areas" },
		{ "size_bytes", "size", CELL_BYTES, 0, 0, 0,
		  "address space, not memory in use" },
	};
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));

	t->empty = "It has no address space: a thread of the kernel.";
	for (size_t i = 0; i < d->nmaps; i++) {
		struct row *row = table_add(t);

		row->cells[0] = cell_text(str_of(d->maps[i].kind));
		row->cells[1] = cell_int((int64_t)d->maps[i].n);
		row->cells[2] = cell_bytes(d->maps[i].bytes);
	}
	add_table(r, "maps", "Address space of the process", t, d->maps_why);
}

/* A file of "key: value" lines as a table. */
static void add_pairs(struct arena *a, struct record *r, const char *key,
		      const char *title, const struct detail_text *text)
{
	static const struct column columns[] = {
		{ "key", "field", CELL_TEXT, 0, 0, 0, "as the kernel names it" },
		{ "value", "value", CELL_TEXT, COLUMN_LEFT, 0, 0, "" },
	};
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));

	STR_EACH_LINE (line, text->text) {
		struct str name;
		struct row *row;

		if (str_chr(line, ':') < 0 || !str_cut(&line, ':', &name))
			continue;
		row = table_add(t);
		row->cells[0] = cell_text(arena_str(a, str_trim(name)));
		row->cells[1] = cell_text(arena_str(a, str_trim(line)));
	}
	add_table(r, key, title, t, text->why);
}

/* "4:memory:/lab" a line; version 2 is "0::/lab". */
static void add_cgroups(struct arena *a, struct record *r, const struct task_detail *d)
{
	static const struct column columns[] = {
		{ "controllers", "controllers", CELL_TEXT, 0, 0, 0, "version 2: all" },
		{ "path", "path", CELL_TEXT, COLUMN_LEFT, 0, 0, "below the mount" },
	};
	struct table *t = table_new(a, columns, ARRAY_SIZE(columns));

	STR_EACH_LINE (line, d->cgroup.text) {
		struct str id, controllers;
		struct row *row;

		if (!str_cut(&line, ':', &id) || !str_cut(&line, ':', &controllers) ||
		    !line.p)
			continue;
		row = table_add(t);
		row->cells[0] = cell_text(controllers.n ? controllers : STR("version 2"));
		row->cells[1] = cell_text(line);
	}
	add_table(r, "cgroups", "Control groups", t, d->cgroup.why);
}

static void add_identity(struct arena *a, struct record *r, const struct task_detail *d)
{
	const struct proc_stat *st = &d->stat;
	const char *policy = sched_policy_name(st->policy);
	bool kernel = st->flags & PROC_KTHREAD;
	struct role role = role_from_name(d->comm, d->tid == d->process.pid, kernel);

	record_set(r, "pid", NULL, cell_int(d->process.pid));
	record_set(r, "tid", NULL, cell_int(d->tid));
	record_set(r, "comm", "Name", cell_text(d->comm));
	record_set(r, "role", "Role",
		   role.words[0] ? cell_text(arena_str(a, str_of(role.words)))
				 : cell_none("its name says nothing this program knows"));
	record_set(r, "command", "Command", cell_text(d->process.args));
	record_set(r, "state", "State",
		   cell_text(arena_strf(a, "%c: %s", st->state,
					why_state_words(st->state))));
	record_set(r, "policy", "Policy",
		   policy ? cell_text(str_of(policy)) : cell_none("not known"));
	record_set(r, "priority", "Priority", cell_int(st->priority));
	record_set(r, "nice", "Nice", cell_int(st->nice));
	record_set(r, "last_cpu", "Last CPU",
		   st->cpu >= 0 ? cell_int(st->cpu) : cell_none("not known"));
	record_set(r, "user_s", "User time",
		   cell_seconds((double)st->utime / PROC_USER_HZ));
	record_set(r, "system_s", "System time",
		   cell_seconds((double)st->stime / PROC_USER_HZ));
	record_set(r, "guest_s", "In a guest",
		   cell_seconds((double)st->guest / PROC_USER_HZ));
	record_set(r, "exe", "Program", text_or_why(d->exe.text, d->exe.why));
	record_set(r, "cwd", "Folder", text_or_why(d->cwd.text, d->cwd.why));
}

static bool run_detail(struct ctx *ctx, const struct args *args, struct result *result,
		       struct err *err)
{
	const struct value *v = args_get(args, "tid");
	struct arena *a = ctx->arena;
	const struct root *root = ctx_root(ctx, err);
	struct task_detail d;
	struct record *r;

	if (!root ||
	    !task_detail_read(root, a, (pid_t)v->task.pid, (pid_t)v->task.tid, &d, err))
		return false;
	r = record_new(a);
	r->headline =
		arena_strf(a, "Thread %d (" STR_FMT ") of " STR_FMT " %d", (int)d.tid,
			   STR_ARG(d.comm), STR_ARG(d.process.comm), (int)d.process.pid);
	add_identity(a, r, &d);
	add_stack(a, r, &d);
	add_fds(a, r, &d);
	add_maps(a, r, &d);
	add_limits(a, r, &d);
	add_pairs(a, r, "io", "I/O", &d.io);
	add_pairs(a, r, "status", "Status", &d.status);
	add_pairs(a, r, "sched", "Scheduler", &d.sched);
	add_cgroups(a, r, &d);
	*result = (struct result){ .kind = RESULT_RECORD, .record = r };
	return true;
}

/* ---- actions ----------------------------------------------------------------- */

static struct record *preview_record(struct arena *a, const struct sched_preview *p)
{
	struct record *r = record_new(a);

	r->headline = p->what;
	record_set(r, "what", NULL, cell_text(p->what));
	if (p->means.n)
		record_set(r, "means", "It means", cell_text(p->means));
	record_set(r, "before", "Now", cell_text(p->before));
	record_set(r, "after", "Then", cell_text(p->after));
	record_set(r, "shell", "The same by hand",
		   p->shell.n ? cell_text(p->shell)
			      : cell_none("no shell command does this"));
	record_set(r, "undo", "Take it back",
		   p->undo.n ? cell_text(p->undo) : cell_none("cannot be taken back"));
	return r;
}

/* The question shows foreign names: nothing in them may act on the terminal. */
static bool agreed(struct ctx *ctx, const struct sched_preview *p)
{
	STRBUF_AUTO(b, 4096);

	strbuf_add(&b, p->what);
	strbuf_addz(&b, ": ");
	strbuf_add(&b, p->before);
	strbuf_addz(&b, " -> ");
	strbuf_add(&b, p->after);
	if (p->means.n) {
		strbuf_addz(&b, " (");
		strbuf_add(&b, p->means);
		strbuf_addz(&b, ")");
	}
	strbuf_addz(&b, "?");
	{
		STRBUF_AUTO(safe, 8192);

		utf8_add_safe(&safe, strbuf_str(&b), false);
		return ctx_confirm(ctx, "%s", strbuf_z(&safe));
	}
}

static bool act(struct ctx *ctx, const struct args *args, struct sched_action *action,
		struct result *result, struct err *err)
{
	const struct value *v = args_get(args, "tid");
	const struct root *root = ctx_root(ctx, err);
	struct sched_preview preview;
	struct record *r;
	struct str now;

	action->pid = (pid_t)v->task.pid;
	action->tid = (pid_t)v->task.tid;
	action->process = action->kind == SCHED_DO_SIGNAL && action->pid == action->tid;
	if (!root || !sched_target(root, action, err) ||
	    !sched_preview(root, ctx->arena, action, &preview, err))
		return false;
	r = preview_record(ctx->arena, &preview);
	*result = (struct result){ .kind = RESULT_RECORD, .record = r };
	if (args_has(args, "dry-run")) {
		record_set(r, "done", NULL, cell_bool(false));
		return true;
	}
	if (!args_has(args, "yes") && !agreed(ctx, &preview)) {
		record_set(r, "done", "Done", cell_bool(false));
		result->exit_code = 1;
		result->said = STR("nothing was changed");
		return true;
	}
	if (!sched_do(root, ctx->arena, action, &now, err))
		return false;
	record_set(r, "done", "Done", cell_bool(true));
	record_set(r, "now", "The kernel says now", cell_text(now));
	result->said = arena_strf(ctx->arena, STR_FMT ": " STR_FMT, STR_ARG(preview.what),
				  STR_ARG(now));
	return true;
}

static bool run_signal(struct ctx *ctx, const struct args *args, struct result *result,
		       struct err *err)
{
	struct sched_action action = { .kind = SCHED_DO_SIGNAL };

	return sched_signal_parse(args_text(args, "signal", STR("TERM")), &action.signal,
				  err) &&
	       act(ctx, args, &action, result, err);
}

static bool run_renice(struct ctx *ctx, const struct args *args, struct result *result,
		       struct err *err)
{
	int64_t nice = args_int(args, "nice", 0);
	struct sched_action action = { .kind = SCHED_DO_NICE };

	if (nice < -20 || nice > 19)
		return err_set(err, ERR_USAGE, "nice %lld: it goes from -20 to 19",
			       (long long)nice);
	action.nice = (int)nice;
	return act(ctx, args, &action, result, err);
}

static bool run_affinity(struct ctx *ctx, const struct args *args, struct result *result,
			 struct err *err)
{
	struct sched_action action = { .kind = SCHED_DO_AFFINITY,
				       .cpus = args_text(args, "cpus", STR("")) };

	return act(ctx, args, &action, result, err);
}

static bool run_policy(struct ctx *ctx, const struct args *args, struct result *result,
		       struct err *err)
{
	int64_t priority = args_int(args, "priority", 0);
	struct sched_action action = { .kind = SCHED_DO_POLICY };

	if (priority < 0 || priority > 99)
		return err_set(err, ERR_USAGE, "priority %lld: it goes from 1 to 99",
			       (long long)priority);
	action.rt_priority = (int)priority;
	return sched_policy_parse(args_text(args, "policy", STR("")), &action.policy,
				  err) &&
	       act(ctx, args, &action, result, err);
}

#define TID_PARAM                                                                        \
	{                                                                                \
		"tid", 0, PARAM_REQUIRED, &argtype_tid, "TID",                           \
			"the thread: TID or PID/TID"                                     \
	}
#define ACTION_PARAMS                                                                    \
	{ "dry-run", 0,    PARAM_OPTION | PARAM_SWITCH,                                  \
	  NULL,      NULL, "only show what would be done" },                             \
		{ "yes", 'y', PARAM_OPTION | PARAM_SWITCH, NULL, NULL, "do not ask" },   \
	{                                                                                \
		0                                                                        \
	}

static const char *const policy_names[] = { "other", "batch", "idle", "fifo",
					    "rr",    "ext",   NULL };

const struct command commands_task[] = {
	{ "threads detail", "one thread: stack, descriptors, maps, limits, status", NULL,
	  (const struct param[]){ TID_PARAM, { 0 } }, 0, run_detail, NULL },
	{ "threads signal", "send a signal to a process or to one thread",
	  "The main thread's number means the whole process, another TID that thread.",
	  (const struct param[]){ { "signal", 0, PARAM_REQUIRED, &argtype_text, "SIGNAL",
				    "name or number: TERM, KILL, STOP, CONT, ..." },
				  TID_PARAM,
				  ACTION_PARAMS },
	  0, run_signal, NULL },
	{ "threads renice", "change the nice value of a thread", NULL,
	  (const struct param[]){ TID_PARAM,
				  { "nice", 'n', PARAM_OPTION | PARAM_REQUIRED,
				    &argtype_int, "NICE",
				    "-20 (most CPU) to 19 (least)" },
				  ACTION_PARAMS },
	  0, run_renice, NULL },
	{ "threads affinity", "choose the CPUs a thread may run on", NULL,
	  (const struct param[]){
		  { "cpus", 0, PARAM_REQUIRED, &argtype_text, "CPUS", "a list: 0-3,8" },
		  TID_PARAM,
		  ACTION_PARAMS },
	  0, run_affinity, NULL },
	{ "threads policy", "change the scheduling policy of a thread", NULL,
	  (const struct param[]){ { "policy", 0, PARAM_REQUIRED, &argtype_text, "POLICY",
				    "the scheduling policy", policy_names },
				  TID_PARAM,
				  { "priority", 'p', PARAM_OPTION, &argtype_int, "N",
				    "1 to 99 for fifo and rr" },
				  ACTION_PARAMS },
	  0, run_policy, NULL },
	{ 0 },
};
