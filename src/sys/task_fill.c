/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The expensive facts of one thread, for rows that are shown: see task_sampler_fill().
 * Every file may be missing, forbidden or gone; each fact then carries its own reason.
 */
#include <errno.h>
#include <unistd.h>

#include "sys/cpulist.h"
#include "task_impl.h"

const char *task_absent_words(enum task_absent why)
{
	static const char *const words[] = {
		[TASK_PRESENT] = "",
		[TASK_NOT_ASKED] = "only read for rows that are shown",
		[TASK_FIRST] = "needs a second sample",
		[TASK_RECORDED] = "a recorded machine has one sample",
		[TASK_DENIED] = "needs root or the same user",
		[TASK_NO_KERNEL] = "this kernel or record does not have it",
		[TASK_RUNNING] = "it is running",
		[TASK_ENDED] = "it has ended",
		[TASK_NOT_KEPT] = "not kept when looking back",
		[TASK_UNREADABLE] = "not in a form this program understands",
		[TASK_NOT_IN_ONE] = "it is in none",
	};

	return words[why];
}

static struct str share_name(struct arena *a, struct str comm, const struct task *before)
{
	if (before && str_eq(before->comm, comm))
		return before->comm;
	return arena_str(a, comm);
}

static const struct role *share_role(struct arena *a, const struct role *role,
				     const struct task *before)
{
	struct role *copy;

	if (before && before->role->kind == role->kind &&
	    before->role->how == role->how && before->role->index == role->index &&
	    strcmp(before->role->words, role->words) == 0)
		return before->role;
	copy = arena_new_of(a, struct role);
	*copy = *role;
	return copy;
}

struct task task_row(const struct task_sampler *s, const struct proc *p,
		     const struct thread *t, struct arena *a, const struct task *before)
{
	struct task row = {
		.pid = p->pid,
		.tid = t->tid,
		.start = t->start,
		.comm = share_name(a, str_n(t->comm, t->comm_n), before),
		.kernel = t->kernel,
		.role = share_role(a, &t->role, before),
		.cpu_pct = t->cpu_pct,
		.wait_pct = t->ticks ? NAN : t->wait_pct,
		.cpu_ns = t->cpu.cpu_ns,
		.wait_ns = t->cpu.wait_ns,
		.runs = t->cpu.runs,
		.serial = t->serial,
	};

	if (t->stat_runs == t->cpu.cpu_ns)
		row.state = t->state;
	memset(row.absent + TASK_STAT, TASK_NOT_ASKED, TASK_FACTS - TASK_STAT);
	if (isnan(t->cpu_pct))
		row.absent[TASK_CPU_PCT] = row.absent[TASK_WAIT_PCT] =
			s->live || s->later ? TASK_FIRST : TASK_RECORDED;
	if (t->ticks)
		row.absent[TASK_WAIT_PCT] = row.absent[TASK_WAIT_TIME] = TASK_NO_KERNEL;
	return row;
}

/* ---- roles of virtual machines --------------------------------------------------- */

static bool looks_like_vmm(const struct proc *p)
{
	for (size_t i = 0; i < p->n && i < 1024; i++)
		if (p->v[i].role.kind == ROLE_VCPU ||
		    role_is_vmm(str_n(p->v[i].comm, p->v[i].comm_n)))
			return true;
	return false;
}

static enum task_absent absent_of(ssize_t e)
{
	switch (-e) {
	case EACCES:
	case EPERM:
		return TASK_DENIED;
	case ESRCH:
		return TASK_ENDED;
	default:
		return TASK_NO_KERNEL;
	}
}

/* Its vCPU, by a better way than the name. What was learnt stays: a vCPU in the guest
 * shows no system call. */
static void learn_role(const struct proc *p, struct thread *t,
		       const struct proc_syscall *call)
{
	enum role_how how;
	int vcpu;

	if (!p->vm.vm || t->role.how >= ROLE_BY_DEBUGFS)
		return;
	how = role_vm_vcpu(&p->vm, t->tid, str_n(t->comm, t->comm_n), call, &vcpu);
	if (how > t->role.how)
		t->role = role_vcpu(vcpu, how);
}

void task_learn_vm(struct task_sampler *s, struct proc *p)
{
	enum {
		AGAIN = 32,
		THREADS = 4096
	}; /* samples until its descriptors are read anew */
	char path[64], buf[256];

	if (p->vm_asked && (!p->vm.vm || s->moment - p->vm_round < AGAIN))
		return;
	if (!p->vm_asked && !looks_like_vmm(p)) {
		p->vm_asked = s->moment > 0;
		return;
	}
	p->vm_asked = true;
	p->vm_round = s->moment;
	if (p->vm_arena)
		arena_reset(p->vm_arena);
	else
		p->vm_arena = arena_new();
	role_vm_read(s->now, p->vm_arena, p->pid, &p->vm);
	for (size_t i = 0; i < p->n && i < THREADS && p->vm.vm; i++) {
		struct proc_dir dir;
		struct proc_syscall call;
		ssize_t n = -1;

		snprintf(path, sizeof(path), "proc/%d/task/%d", (int)p->pid,
			 (int)p->v[i].tid);
		if (proc_dir_open(s->now, path, &dir) == 0) {
			n = proc_dir_read(&dir, "syscall", buf, sizeof(buf));
			proc_dir_close(&dir);
		}
		learn_role(p, &p->v[i],
			   n > 0 && proc_syscall_parse(str_n(buf, (size_t)n), &call)
				   ? &call
				   : NULL);
	}
}

/* ---- one row --------------------------------------------------------------------- */

struct fill {
	struct task_sampler *s;
	struct arena *a;
	struct proc *p;
	struct thread *t;
	struct task *row;
	struct task_full *full;
	struct proc_dir dir; /* proc/PID/task/TID */
	unsigned facts;
	struct proc_syscall call;
	bool call_known;
	char buf[SMALL_FILE];
};

static bool asked(const struct fill *f, enum task_fact fact)
{
	return f->facts & 1u << fact;
}

/* The file as text, or the reason in `*ret_why`. */
static bool slurp(struct fill *f, const char *name, struct str *ret, uint8_t *ret_why)
{
	ssize_t n = proc_dir_read(&f->dir, name, f->buf, sizeof(f->buf));

	if (n < 0) {
		*ret_why = absent_of(n);
		return false;
	}
	*ret = str_n(f->buf, (size_t)n);
	*ret_why = TASK_PRESENT;
	return true;
}

static void fill_stat(struct fill *f)
{
	struct proc_stat st;
	struct str text;

	if (!slurp(f, "stat", &text, &f->row->absent[TASK_STAT]))
		return;
	if (!proc_stat_parse(text, &st, NULL)) {
		f->row->absent[TASK_STAT] = TASK_UNREADABLE;
		return;
	}
	f->row->comm = arena_str(f->a, st.comm);
	f->row->state = st.state;
	f->full->priority = st.priority;
	f->full->nice = st.nice;
	f->full->rt_priority = st.rt_priority;
	f->full->policy = st.policy;
	f->full->cpu = st.cpu;
	f->full->minflt = st.minflt;
	f->full->majflt = st.majflt;
	f->full->guest_s = (double)st.guest / PROC_USER_HZ;
	f->full->blkio_s = (double)st.blkio / PROC_USER_HZ;
	f->t->state = st.state;
	f->t->stat_runs = f->t->cpu.cpu_ns;
}

static void fill_status(struct fill *f)
{
	uint8_t why, *absent = f->row->absent;
	struct str text, value;

	if (!slurp(f, "status", &text, &why)) {
		absent[TASK_SWITCHES] = absent[TASK_AFFINITY] = why;
		return;
	}
	absent[TASK_SWITCHES] =
		proc_key_u64(text, STR("voluntary_ctxt_switches"), &f->full->nvcsw) &&
				proc_key_u64(text, STR("nonvoluntary_ctxt_switches"),
					     &f->full->nivcsw)
			? TASK_PRESENT
			: TASK_NO_KERNEL;
	if (proc_key(text, STR("Cpus_allowed_list"), &value)) {
		f->full->affinity = arena_str(f->a, value);
		absent[TASK_AFFINITY] = TASK_PRESENT;
	} else {
		absent[TASK_AFFINITY] = TASK_NO_KERNEL;
	}
}

static void fill_target(struct fill *f)
{
	uint64_t fd = f->call.args[0];
	struct str to;

	if (!syscall_has_fd(syscall_name(f->s->abi, f->call.nr)) || fd > INT32_MAX)
		return;
	f->full->syscall_fd = (int)fd;
	if (root_readlink(f->s->now, f->a,
			  arena_printf(f->a, "proc/%d/fd/%d", (int)f->row->pid, (int)fd),
			  &to, NULL))
		f->full->target = to;
}

/* A 32-bit program has its own numbering; its stack is below 4 GiB. */
static bool is_compat(const struct proc_syscall *call)
{
	return call->sp >> 32 == 0;
}

static void fill_syscall(struct fill *f)
{
	uint8_t *why = &f->row->absent[TASK_SYSCALL];
	const char *name, *request;
	struct str text;

	if (!slurp(f, "syscall", &text, why))
		return;
	if (!text.n || !proc_syscall_parse(text, &f->call)) {
		*why = text.n ? TASK_UNREADABLE : TASK_ENDED;
		return;
	}
	f->call_known = true;
	if (f->call.kind != PROC_SYSCALL_IN) {
		*why = f->call.kind == PROC_SYSCALL_RUNNING ? TASK_RUNNING
							    : TASK_NOT_IN_ONE;
		return;
	}
	if (f->row->kernel) {
		*why = TASK_NOT_IN_ONE;
		f->call_known = false;
		return;
	}
	name = is_compat(&f->call) ? NULL : syscall_name(f->s->abi, f->call.nr);
	f->full->syscall =
		name ? str_of(name)
		     : arena_strf(f->a, "%ld%s", f->call.nr,
				  is_compat(&f->call) ? " (32-bit program)" : "");
	if (!name)
		return;
	request = syscall_request(name, &f->call);
	f->full->request = str_of(request);
	fill_target(f);
}

/* The file says 0 for a thread that runs, and to whoever may not look. */
static void fill_wchan(struct fill *f)
{
	uint8_t *why = &f->row->absent[TASK_WCHAN];
	struct str text;
	ssize_t n;

	if (!slurp(f, "wchan", &text, why))
		return;
	text = str_trim(text);
	if (text.n && !str_eq(text, STR("0"))) {
		f->full->wchan = arena_str(f->a, text);
		return;
	}
	if (f->row->state == 'R' ||
	    (f->call_known && f->call.kind == PROC_SYSCALL_RUNNING)) {
		*why = TASK_RUNNING;
		return;
	}
	n = proc_dir_read(&f->dir, "syscall", f->buf, sizeof(f->buf));
	*why = n == -EACCES || n == -EPERM ? TASK_DENIED : TASK_NOT_IN_ONE;
}

static void read_nodes(struct task_sampler *s)
{
	AUTO(arena) a = arena_new();
	struct root_list list;

	s->nodes_read = true;
	if (!root_list(s->root, a, "sys/devices/system/node", &list, NULL))
		return;
	for (size_t i = 0; i < list.n; i++) {
		struct str name = list.v[i], text;
		struct cpulist cpus;
		uint64_t node;

		if (!str_skip(&name, STR("node")) || !str_to_u64(name, &node) ||
		    node > INT16_MAX ||
		    !root_read_line(s->root, a,
				    arena_printf(a,
						 "sys/devices/system/node/node%u/cpulist",
						 (unsigned)node),
				    &text, NULL) ||
		    !cpulist_parse(a, text, &cpus, NULL))
			continue;
		if (!s->node_of_cpu) {
			s->node_of_cpu = malloc(CPULIST_MAX * sizeof(*s->node_of_cpu));
			if (!s->node_of_cpu)
				abort();
			memset(s->node_of_cpu, -1, CPULIST_MAX * sizeof(*s->node_of_cpu));
		}
		for (size_t k = 0; k < cpus.n; k++)
			s->node_of_cpu[cpus.v[k]] = (int16_t)node;
	}
}

static void fill_node(struct fill *f)
{
	int cpu = f->full->cpu;

	if (!f->s->nodes_read)
		read_nodes(f->s);
	if (f->s->node_of_cpu && cpu >= 0 && cpu < CPULIST_MAX)
		f->full->node = f->s->node_of_cpu[cpu];
	f->row->absent[TASK_NODE] = f->full->node >= 0 ? TASK_PRESENT : TASK_NO_KERNEL;
}

/* "4:memory:/lab" lines of version 1 and one "0::/x" of version 2: the path that says
 * most, version 2 first. */
static void fill_cgroup(struct fill *f)
{
	struct str text, best = STR_NONE;

	if (!slurp(f, "cgroup", &text, &f->row->absent[TASK_CGROUP]))
		return;
	STR_EACH_LINE (line, text) {
		struct str id, controllers;
		bool v2;

		if (!str_cut(&line, ':', &id) || !str_cut(&line, ':', &controllers) ||
		    !line.p)
			continue;
		v2 = str_eq(id, STR("0"));
		if (!best.p || (v2 && line.n > 1) || best.n <= 1)
			best = line;
	}
	if (!best.p)
		f->row->absent[TASK_CGROUP] = TASK_NO_KERNEL;
	f->full->cgroup = arena_str(f->a, best);
}

static void fill_io(struct fill *f)
{
	uint8_t *why = &f->row->absent[TASK_IO];
	struct str text;

	if (slurp(f, "io", &text, why) &&
	    (!proc_key_u64(text, STR("read_bytes"), &f->full->read_bytes) ||
	     !proc_key_u64(text, STR("write_bytes"), &f->full->write_bytes)))
		*why = TASK_UNREADABLE;
}

static void fill_why(struct fill *f)
{
	const struct task_full *full = f->full;

	f->full->why =
		why_not_running(f->a, &(struct why_in){ .state = f->row->state,
							.wait_pct = f->row->wait_pct,
							.cpu = full->cpu,
							.wchan = full->wchan,
							.syscall = full->syscall,
							.request = full->request,
							.target = full->target,
							.kernel = f->row->kernel });
	if (f->row->absent[TASK_WCHAN] == TASK_DENIED && !full->syscall.n &&
	    (f->row->state == 'S' || f->row->state == 'D'))
		f->full->why =
			arena_strf(f->a, STR_FMT "; on what, %s", STR_ARG(f->full->why),
				   task_absent_words(TASK_DENIED));
}

static void fill_all(struct fill *f)
{
	static const struct {
		enum task_fact fact;
		void (*fill)(struct fill *f);
	} fills[] = {
		{ TASK_STAT, fill_stat },       { TASK_SWITCHES, fill_status },
		{ TASK_SYSCALL, fill_syscall }, { TASK_WCHAN, fill_wchan },
		{ TASK_NODE, fill_node },       { TASK_CGROUP, fill_cgroup },
		{ TASK_IO, fill_io },
	};

	for (size_t i = 0; i < ARRAY_SIZE(fills); i++)
		if (asked(f, fills[i].fact))
			fills[i].fill(f);
}

static void all_ended(struct task *task)
{
	for (size_t i = TASK_STAT; i < TASK_FACTS; i++)
		task->absent[i] = TASK_ENDED;
}

void task_sampler_fill(struct task_sampler *s, struct arena *a, struct task *task,
		       unsigned facts)
{
	struct fill f = { .s = s, .a = a, .row = task, .facts = facts };
	char path[64];

	f.p = task_find_proc(s, task->pid);
	f.t = f.p ? task_find_thread(f.p, task->tid) : NULL;
	snprintf(path, sizeof(path), "proc/%d/task/%d", (int)task->pid, (int)task->tid);
	if (!f.t || f.t->serial != task->serial ||
	    proc_dir_open(s->now, path, &f.dir) < 0) {
		all_ended(task);
		return;
	}
	f.full = arena_new_of(a, struct task_full);
	*f.full = (struct task_full){
		.policy = -1, .cpu = -1, .node = -1, .syscall_fd = -1
	};
	if (facts & (1u << TASK_NODE | 1u << TASK_WCHAN))
		f.facts |= 1u << TASK_STAT;
	if (facts & 1u << TASK_AFFINITY)
		f.facts |= 1u << TASK_SWITCHES;
	fill_all(&f);
	proc_dir_close(&f.dir);
	learn_role(f.p, f.t, f.call_known ? &f.call : NULL);
	task->role = share_role(a, &f.t->role, task);
	fill_why(&f);
	task->full = f.full;
	task_past_note(s, f.t, f.full, f.call_known ? f.call.nr : -1);
}
