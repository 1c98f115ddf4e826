/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Roles of threads: see sys/role.h. The names are patterns in tables: `#` stands for a
 * number, `*` for the rest, both at most once; everything else is literal.
 */
#include <stdio.h>

#include "sys/role.h"

struct name_rule {
	const char *pattern;
	enum role_kind kind;
	const char *words; /* `#` and `*` are put in */
};

/* QEMU names threads with debug-threads=on (always from 11.0). Migration threads were
 * renamed to mig/... in 9.1; both schemes stand here. comm holds 15 bytes, so long names
 * arrive cut. */
static const struct name_rule user_rules[] = {
	{ "CPU #/KVM", ROLE_VCPU, "vCPU #" },
	{ "CPU #/TCG", ROLE_VCPU, "vCPU # (TCG)" },
	{ "CPU #/HVF", ROLE_VCPU, "vCPU # (HVF)" },
	{ "ALL CPUs/TCG", ROLE_VCPU, "all vCPUs (TCG)" },
	{ "vcpu#", ROLE_VCPU, "vCPU #" },     /* cloud-hypervisor */
	{ "fc_vcpu #", ROLE_VCPU, "vCPU #" }, /* firecracker */
	{ "crosvm_vcpu#", ROLE_VCPU, "vCPU #" },
	{ "IO mon_iothread", ROLE_IOTHREAD, "iothread of the monitor" },
	{ "IO *", ROLE_IOTHREAD, "iothread *" },
	{ "live_migration", ROLE_MIGRATION, "migration: sends RAM" },
	{ "return path", ROLE_MIGRATION, "migration: return path" },
	{ "multifdsend_#", ROLE_MIGRATION, "migration: send channel #" },
	{ "multifdrecv_#", ROLE_MIGRATION, "migration: receive channel #" },
	{ "postcopy/listen", ROLE_MIGRATION, "migration: postcopy listener" },
	{ "fault-default", ROLE_MIGRATION, "migration: postcopy faults" },
	{ "fault-fast", ROLE_MIGRATION, "migration: postcopy urgent faults" },
	{ "bg_snapshot", ROLE_MIGRATION, "migration: background snapshot" },
	{ "COLO incoming", ROLE_MIGRATION, "migration: COLO incoming" },
	{ "mig/src/main", ROLE_MIGRATION, "migration: sends RAM" },
	{ "mig/src/rp-thr", ROLE_MIGRATION, "migration: return path" },
	{ "mig/src/return", ROLE_MIGRATION, "migration: return path" },
	{ "mig/src/send_#", ROLE_MIGRATION, "migration: send channel #" },
	{ "mig/src/tls", ROLE_MIGRATION, "migration: TLS handshake" },
	{ "mig/dst/recv_#", ROLE_MIGRATION, "migration: receive channel #" },
	{ "mig/dst/listen", ROLE_MIGRATION, "migration: postcopy listener" },
	{ "mig/dst/fault", ROLE_MIGRATION, "migration: postcopy faults" },
	{ "mig/dst/preempt", ROLE_MIGRATION, "migration: postcopy urgent faults" },
	{ "mig/dst/colo", ROLE_MIGRATION, "migration: COLO incoming" },
	{ "mig/snapshot", ROLE_MIGRATION, "migration: background snapshot" },
	{ "mig/*", ROLE_MIGRATION, "migration: *" },
	{ "vhost-#", ROLE_VHOST, "vhost worker of process #" },
	{ "kvm-nx-lpage-re", ROLE_KVM, "KVM: recovers NX huge pages" },
	{ "call_rcu", ROLE_WORKER, "RCU callbacks of QEMU" },
	{ "worker", ROLE_WORKER, "worker of QEMU's thread pool" },
	{ "vnc_worker", ROLE_DEVICE, "VNC encoder" },
	{ "SPICE Worker", ROLE_DEVICE, "SPICE display" },
	{ "iou-wrk-#", ROLE_WORKER, "io_uring worker of thread #" },
	{ "iou-sqp-#", ROLE_WORKER, "io_uring submission poller of thread #" },
};

static const struct name_rule kernel_rules[] = {
	{ "kthreadd", ROLE_KERNEL, "starts threads of the kernel" },
	{ "ksoftirqd/#", ROLE_KERNEL, "soft interrupts of CPU #" },
	{ "migration/#", ROLE_KERNEL, "moves threads away from CPU #" },
	{ "cpuhp/#", ROLE_KERNEL, "takes CPU # on and off line" },
	{ "idle_inject/#", ROLE_KERNEL, "forced idling of CPU #" },
	{ "watchdog/#", ROLE_KERNEL, "lockup watchdog of CPU #" },
	{ "irq_work/#", ROLE_KERNEL, "deferred interrupt work of CPU #" },
	{ "ktimers/#", ROLE_KERNEL, "timers of CPU #" },
	{ "backlog_napi/#", ROLE_KERNEL, "network receive of CPU #" },
	{ "rcu_sched", ROLE_KERNEL, "RCU grace periods" },
	{ "rcu_preempt", ROLE_KERNEL, "RCU grace periods" },
	{ "rcu_bh", ROLE_KERNEL, "RCU grace periods (bh)" },
	{ "rcuc/#", ROLE_KERNEL, "RCU callbacks of CPU #" },
	{ "rcub/#", ROLE_KERNEL, "RCU priority boost, node #" },
	{ "rcuog/#", ROLE_KERNEL, "RCU grace periods for the offloaded CPUs from # on" },
	{ "rcuop/#", ROLE_KERNEL, "RCU callbacks offloaded from CPU #" },
	{ "rcuos/#", ROLE_KERNEL, "RCU callbacks offloaded from CPU #" },
	{ "rcu_exp_gp_kthr*", ROLE_KERNEL, "RCU expedited grace periods" },
	{ "rcu_exp_par_gp_*", ROLE_KERNEL, "RCU expedited grace periods" },
	{ "rcu_tasks_*", ROLE_KERNEL, "RCU grace periods of tasks (tracing, BPF)" },
	{ "pool_workqueue_*", ROLE_KERNEL, "releases work queue pools" },
	{ "kworker/R-*", ROLE_KERNEL, "rescuer of the work queue *" },
	{ "kswapd#", ROLE_KERNEL, "reclaims memory of node #" },
	{ "kcompactd#", ROLE_KERNEL, "compacts memory of node #" },
	{ "kdamond.#", ROLE_KERNEL, "memory access monitor #" },
	{ "khugepaged", ROLE_KERNEL, "collapses pages into huge pages" },
	{ "ksmd", ROLE_KERNEL, "merges equal pages (KSM)" },
	{ "oom_reaper", ROLE_KERNEL, "frees memory of OOM victims" },
	{ "khungtaskd", ROLE_KERNEL, "looks for hung tasks" },
	{ "kdevtmpfs", ROLE_KERNEL, "keeps /dev" },
	{ "kauditd", ROLE_KERNEL, "sends audit records" },
	{ "kthrotld", ROLE_KERNEL, "throttles block I/O" },
	{ "kblockd", ROLE_KERNEL, "block layer work" },
	{ "psimon", ROLE_KERNEL, "pressure stall triggers" },
	{ "hwrng", ROLE_KERNEL, "feeds the random generator" },
	{ "irqbalance", ROLE_KERNEL, "spreads interrupts" },
	{ "irq/#-*", ROLE_KERNEL, "interrupt # (*)" },
	{ "jbd2/*", ROLE_KERNEL, "ext4 journal of *" },
	{ "xfsaild/*", ROLE_KERNEL, "XFS log writer of *" },
	{ "xfs-*", ROLE_KERNEL, "XFS: *" },
	{ "btrfs-*", ROLE_KERNEL, "btrfs: *" },
	{ "scsi_eh_#", ROLE_KERNEL, "SCSI error handling of host #" },
	{ "nvme*", ROLE_KERNEL, "NVMe*" },
	{ "md#_raid*", ROLE_KERNEL, "software RAID md#" },
	{ "loop#", ROLE_KERNEL, "loop device #" },
	{ "dmcrypt_write/*", ROLE_KERNEL, "writes of dm-crypt *" },
	{ "nfsd", ROLE_KERNEL, "NFS server" },
	{ "lockd", ROLE_KERNEL, "NFS locks" },
	{ "vhost-#", ROLE_VHOST, "vhost worker of process #" },
	{ "kvm-pit/#", ROLE_KVM, "KVM timer (PIT) of process #" },
	{ "kvm-nx-lpage-re*", ROLE_KVM, "KVM: recovers NX huge pages" },
	{ "kvm-nx-huge-page*", ROLE_KVM, "KVM: recovers NX huge pages" },
	{ "card#-*", ROLE_KERNEL, "display card #: *" },
	{ "napi/*", ROLE_KERNEL, "network receive of *" },
	{ "pr/*", ROLE_KERNEL, "prints to the console *" },
	{ "watchdogd", ROLE_KERNEL, "hardware watchdog" },
};

struct name_match {
	struct str number, rest;
};

/* Match `s` against a pattern with `#` and a final `*`. */
static bool name_match(struct str s, const char *pattern, struct name_match *ret)
{
	struct name_match m = { 0 };
	uint64_t ignored;

	for (; *pattern; pattern++) {
		struct str before = s;

		if (*pattern == '*') {
			m.rest = s;
			*ret = m;
			return true;
		}
		if (*pattern == '#') {
			if (!str_eat_u64(&s, 10, &ignored))
				return false;
			m.number = str_n(before.p, before.n - s.n);
		} else if (!str_skip(&s, str_n(pattern, 1))) {
			return false;
		}
	}
	*ret = m;
	return !s.n;
}

static void put(struct role *role, size_t *n, struct str s)
{
	size_t room = sizeof(role->words) - 1 - *n;

	if (s.n > room)
		s.n = room;
	if (s.n)
		memcpy(role->words + *n, s.p, s.n);
	*n += s.n;
}

static struct role role_make(enum role_kind kind, const char *words, struct name_match m)
{
	struct role role = { .kind = kind, .how = ROLE_BY_NAME, .index = -1 };
	uint64_t index;
	size_t n = 0;

	for (; *words; words++) {
		if (*words == '#')
			put(&role, &n, m.number);
		else if (*words == '*')
			put(&role, &n, m.rest);
		else
			put(&role, &n, str_n(words, 1));
	}
	if (str_to_u64(m.number, &index) && index <= INT32_MAX)
		role.index = (int)index;
	return role;
}

static bool role_by_rules(const struct name_rule *rules, size_t n, struct str comm,
			  struct role *ret)
{
	struct name_match m;

	for (size_t i = 0; i < n; i++) {
		if (!name_match(comm, rules[i].pattern, &m))
			continue;
		*ret = role_make(rules[i].kind, rules[i].words, m);
		return true;
	}
	return false;
}

/* "kworker/3:1H-kblockd", "kworker/u8:2+events_unbound": the CPU or pool, the number, H
 * for high priority, then the work queue it served last (-) or serves now (+). */
static bool role_kworker(struct str comm, struct role *ret)
{
	struct role role = { .kind = ROLE_KERNEL, .how = ROLE_BY_NAME, .index = -1 };
	bool unbound, high, busy;
	uint64_t pool, id;

	if (!str_skip(&comm, STR("kworker/")))
		return false;
	unbound = str_skip(&comm, STR("u"));
	if (!str_eat_u64(&comm, 10, &pool) || !str_skip(&comm, STR(":")) ||
	    !str_eat_u64(&comm, 10, &id) || pool > INT32_MAX)
		return false;
	high = str_skip(&comm, STR("H"));
	busy = str_starts(comm, STR("+"));
	comm = str_from(comm, 1);
	if (!unbound)
		role.index = (int)pool;
	snprintf(role.words, sizeof(role.words), "%s %s %d%s%s%s" STR_FMT,
		 "work queues of", unbound ? "pool" : "CPU", (int)pool,
		 high ? ", high priority" : "", comm.n ? ", " : "",
		 !comm.n ? ""
		 : busy  ? "now "
			 : "last ",
		 STR_ARG(comm));
	*ret = role;
	return true;
}

struct role role_from_name(struct str comm, bool leader, bool kernel)
{
	struct role role;

	if (kernel) {
		if (role_by_rules(kernel_rules, ARRAY_SIZE(kernel_rules), comm, &role) ||
		    role_kworker(comm, &role))
			return role;
		return role_make(ROLE_KERNEL, "thread of the kernel",
				 (struct name_match){ 0 });
	}
	if (leader)
		return role_make(ROLE_MAIN, "main", (struct name_match){ 0 });
	if (role_by_rules(user_rules, ARRAY_SIZE(user_rules), comm, &role))
		return role;
	return (struct role){ .index = -1 };
}

bool role_is_vmm(struct str comm)
{
	static const char *const prefixes[] = {
		"qemu", "kvm", "cloud-hyperviso", "firecracker", "crosvm", "lkvm"
	};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (str_starts(comm, str_of(prefixes[i])))
			return true;
	return false;
}

static void read_fds(const struct root *root, struct arena *a, pid_t pid,
		     struct role_vm *vm)
{
	enum { MAX_FDS = 65536 };
	const char *dir = arena_printf(a, "proc/%d/fd", (int)pid);
	struct root_list list;

	if (!root_list(root, a, dir, &list, NULL) || list.n > MAX_FDS)
		return;
	vm->by_fd = arena_calloc(a, list.n, sizeof(*vm->by_fd));
	for (size_t i = 0; i < list.n; i++) {
		const char *path =
			arena_printf(a, "%s/" STR_FMT, dir, STR_ARG(list.v[i]));
		uint64_t fd, vcpu;
		struct str to;

		if (!str_to_u64(list.v[i], &fd) || fd > INT32_MAX ||
		    !root_readlink(root, a, path, &to, NULL))
			continue;
		vm->vm |= str_eq(to, STR("/dev/kvm")) ||
			  str_eq(to, STR("anon_inode:kvm-vm"));
		if (!str_skip(&to, STR("anon_inode:kvm-vcpu:")) ||
		    !str_to_u64(to, &vcpu) || vcpu > INT32_MAX)
			continue;
		vm->vm = true;
		vm->by_fd[vm->fds].fd = (int)fd;
		vm->by_fd[vm->fds++].vcpu = (int)vcpu;
	}
}

static void read_debugfs_vm(const struct root *root, struct arena *a, const char *dir,
			    struct role_vm *vm)
{
	struct root_list list;

	if (!root_list(root, a, dir, &list, NULL))
		return;
	vm->vm = true;
	vm->by_tid = arena_calloc(a, list.n, sizeof(*vm->by_tid));
	vm->tids = 0;
	for (size_t i = 0; i < list.n; i++) {
		struct str name = list.v[i];
		const char *path =
			arena_printf(a, "%s/" STR_FMT "/pid", dir, STR_ARG(name));
		uint64_t vcpu, tid;

		if (!str_skip(&name, STR("vcpu")) || !str_to_u64(name, &vcpu) ||
		    vcpu > INT32_MAX || !root_read_u64(root, path, &tid, NULL) || !tid ||
		    tid > INT32_MAX)
			continue;
		vm->by_tid[vm->tids].tid = (pid_t)tid;
		vm->by_tid[vm->tids++].vcpu = (int)vcpu;
	}
}

void role_vm_read(const struct root *root, struct arena *a, pid_t pid,
		  struct role_vm *ret)
{
	static const char kvm[] = "sys/kernel/debug/kvm";
	struct str prefix = arena_strf(a, "%d-", (int)pid);
	struct role_vm vm = { 0 };
	struct root_list list;

	read_fds(root, a, pid, &vm);
	if (root_list(root, a, kvm, &list, NULL))
		for (size_t i = 0; i < list.n; i++)
			if (str_starts(list.v[i], prefix))
				read_debugfs_vm(root, a,
						arena_printf(a, "%s/" STR_FMT, kvm,
							     STR_ARG(list.v[i])),
						&vm);
	*ret = vm;
}

enum role_how role_vm_vcpu(const struct role_vm *vm, pid_t tid, struct str comm,
			   const struct proc_syscall *call, int *ret_vcpu)
{
	for (size_t i = 0; i < vm->tids; i++)
		if (vm->by_tid[i].tid == tid) {
			*ret_vcpu = vm->by_tid[i].vcpu;
			return ROLE_BY_DEBUGFS;
		}
	if (!call || call->kind != PROC_SYSCALL_IN || (uint32_t)call->args[1] != 0xae80 ||
	    str_starts(comm, STR("kvm-nx-")))
		return ROLE_BY_NOTHING;
	for (size_t i = 0; i < vm->fds; i++)
		if ((uint64_t)vm->by_fd[i].fd == call->args[0]) {
			*ret_vcpu = vm->by_fd[i].vcpu;
			return ROLE_BY_SYSCALL;
		}
	return ROLE_BY_NOTHING;
}

struct role role_vcpu(int vcpu, enum role_how how)
{
	struct role role = { .kind = ROLE_VCPU, .how = how, .index = vcpu };

	snprintf(role.words, sizeof(role.words), "vCPU %d", vcpu);
	return role;
}

const char *role_how_words(enum role_how how)
{
	static const char *const words[] = {
		[ROLE_BY_NOTHING] = "not known",
		[ROLE_BY_NAME] = "by its name",
		[ROLE_BY_SYSCALL] = "by its descriptor and system call",
		[ROLE_BY_DEBUGFS] = "by debugfs kvm",
		[ROLE_BY_MONITOR] = "by the monitor",
	};

	return words[how];
}
