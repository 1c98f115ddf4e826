/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types of arguments that name a process or a thread: by number, or by a name that fits
 * one process. The start time comes along, so that a number given away is noticed.
 */
#include "app/command.h"
#include "sys/task.h"

/* Is this the name that a virtual machine was given ("-name web", "-name guest=web,...")?
 */
static bool is_vm_name(struct str args, struct str name)
{
	struct str word, before = STR("");

	while (str_word(&args, &word)) {
		struct str value = word;

		if (str_eq(before, STR("-name"))) {
			(void)str_skip(&value, STR("guest="));
			if (str_skip(&value, name) && (!value.n || value.p[0] == ','))
				return true;
		}
		before = word;
	}
	return false;
}

/* How well a name fits: the smaller the better; 0 not at all. */
static int fit(const struct process *p, struct str name)
{
	struct str rest = p->args, program = STR("");
	ptrdiff_t slash;

	(void)str_cut(&rest, ' ', &program);
	slash = str_rchr(program, '/');
	program = str_from(program, (size_t)(slash + 1));
	if (str_eq(p->comm, name))
		return 1;
	if (is_vm_name(p->args, name))
		return 2;
	if (str_eq(program, name))
		return 3;
	if (str_casestarts(p->comm, name))
		return 4;
	return str_find(p->comm, name) >= 0 || str_find(program, name) >= 0 ? 5 : 0;
}

static bool process_by_name(struct ctx *ctx, const struct root *root, struct str name,
			    struct process *ret, struct err *err)
{
	const struct process *best = NULL;
	struct processes all;
	int best_fit = 99;
	size_t same = 0;
	STRBUF_AUTO(others, 300);

	if (!task_processes(root, ctx->arena, &all, err))
		return false;
	for (size_t i = 0; i < all.n; i++) {
		int f = fit(&all.v[i], name);

		if (!f || f > best_fit)
			continue;
		if (f < best_fit) {
			same = 0;
			strbuf_clear(&others);
		}
		best_fit = f;
		best = &all.v[i];
		if (same++ < 16)
			strbuf_addf(&others, " %d", (int)all.v[i].pid);
	}
	if (!best)
		return err_set(err, ERR_NOTFOUND,
			       "looking for a process \"" STR_FMT "\": there is none",
			       STR_ARG(name));
	if (same > 1) {
		err_set(err, ERR_AMBIGUOUS,
			"looking for a process \"" STR_FMT "\": %zu fit", STR_ARG(name),
			same);
		return err_hint(err, "say which by number:%s%s", strbuf_z(&others),
				same > 16 ? " ..." : "");
	}
	*ret = *best;
	return true;
}

static bool parse_pid(struct ctx *ctx, struct str text, struct value *ret,
		      struct err *err)
{
	const struct root *root = ctx_root(ctx, err);
	struct process p;
	uint64_t n;
	bool ok;

	if (!root)
		return false;
	if (!text.n)
		return err_set(err, ERR_USAGE, "a process is named by number or name");
	if (str_to_u64(text, &n))
		ok = task_process(root, ctx->arena, n > INT32_MAX ? -1 : (pid_t)n, &p,
				  err);
	else
		ok = process_by_name(ctx, root, text, &p, err);
	if (!ok)
		return false;
	ret->task.pid = ret->task.tid = p.pid;
	ret->task.start = p.start;
	return true;
}

/* "TID", or "PID/TID" as rows of a panel name themselves. */
static bool parse_tid(struct ctx *ctx, struct str text, struct value *ret,
		      struct err *err)
{
	const struct root *root = ctx_root(ctx, err);
	struct str rest = text, pid_text = STR_NONE;
	uint64_t tid, pid;
	struct process p;

	if (!root)
		return false;
	if (str_chr(rest, '/') >= 0)
		(void)str_cut(&rest, '/', &pid_text);
	if (!str_to_u64(rest, &tid) || !tid || tid > INT32_MAX)
		return err_set(err, ERR_USAGE,
			       "\"" STR_FMT "\" is not a thread: TID or PID/TID",
			       STR_ARG(text));
	pid = tid;
	if (pid_text.p && (!str_to_u64(pid_text, &pid) || pid > INT32_MAX))
		return err_set(err, ERR_USAGE,
			       "\"" STR_FMT "\" is not a thread: TID or PID/TID",
			       STR_ARG(text));
	if (!task_process(root, ctx->arena, (pid_t)pid, &p, err))
		return false;
	if (!root_exists(root, arena_printf(ctx->arena, "proc/%d/task/%d/stat",
					    (int)p.pid, (int)tid)))
		return err_set(err, ERR_NOTFOUND,
			       "looking for thread %d of process %d: there is none",
			       (int)tid, (int)p.pid);
	ret->task.pid = p.pid;
	ret->task.tid = (int64_t)tid;
	return true;
}

/* Do the characters of `part` stand in `s` in this order? */
static bool fuzzy(struct str s, struct str part)
{
	for (size_t i = 0; i < s.n && part.n; i++)
		if (str_casestarts(str_from(s, i), str_sub(part, 0, 1)))
			part = str_from(part, 1);
	return !part.n;
}

static void complete_pid(struct ctx *ctx, struct arena *a, struct str prefix,
			 struct completions *ret)
{
	enum { OFFERS = 10000, SHOWN = 60 };
	const struct root *root = ctx_root(ctx, NULL);
	struct processes all;

	if (!root || !task_processes(root, a, &all, NULL))
		return;
	for (size_t i = 0; i < all.n && ret->n < OFFERS; i++) {
		const struct process *p = &all.v[i];
		struct str pid = arena_strf(a, "%d", (int)p->pid);

		if (p->kernel || (!str_starts(pid, prefix) && !fuzzy(p->comm, prefix) &&
				  str_find(p->args, prefix) < 0))
			continue;
		*ARENA_PUSH(a, ret) = (struct completion){
			pid, arena_strf(a, STR_FMT "   %lld thread%s   " STR_FMT,
					STR_ARG(p->comm), (long long)p->threads,
					p->threads == 1 ? "" : "s",
					STR_ARG(str_sub(p->args, 0, SHOWN)))
		};
	}
}

const struct argtype argtype_pid = { "pid", parse_pid, complete_pid };
const struct argtype argtype_tid = { "tid", parse_tid, complete_pid };
