/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pure parts of the thread panel: parsers of /proc, names of system calls, roles, CPU
 * lists, and the sentence that says why a thread does not run.
 */
#include "check.h"

#include <math.h>

#include "sys/cpulist.h"
#include "sys/role.h"
#include "sys/sched.h"
#include "sys/syscalls.h"
#include "sys/task_detail.h"
#include "sys/why.h"

#define STAT_TAIL                                                                        \
	" S 10432 10432 5931 0 -1 4194304 158 0 3 0 70 15 0 0 -2 5 8 0 156461 11030528 " \
	"414 18446744073709551615 1 1 0 0 0 0 0 4 24578 0 0 0 17 1 40 2 9 7 0\n"

static void stat_takes_the_name_up_to_the_last_parenthesis(void **state)
{
	struct proc_stat st;

	assert_ok(proc_stat_parse(STR("42 (a) R 1 (b)" STAT_TAIL), &st, &err));
	assert_int_equal(st.id, 42);
	assert_str(st.comm, "a) R 1 (b");
	assert_int_equal(st.state, 'S');
	assert_ok(proc_stat_parse(STR("42 (\n \x1b[2J) S\n)" STAT_TAIL), &st, &err));
	assert_str(st.comm, "\n \x1b[2J) S\n");
	assert_ok(proc_stat_parse(STR("42 ()" STAT_TAIL), &st, &err));
	assert_int_equal(st.comm.n, 0);
}

static void stat_gives_every_figure_its_field(void **state)
{
	struct proc_stat st;

	assert_ok(proc_stat_parse(STR("42 (x)" STAT_TAIL), &st, &err));
	assert_int_equal(st.ppid, 10432);
	assert_int_equal(st.flags, 4194304);
	assert_int_equal(st.minflt, 158);
	assert_int_equal(st.majflt, 3);
	assert_int_equal(st.utime, 70);
	assert_int_equal(st.stime, 15);
	assert_int_equal(st.priority, -2);
	assert_int_equal(st.nice, 5);
	assert_int_equal(st.threads, 8);
	assert_int_equal(st.start, 156461);
	assert_int_equal(st.rss_pages, 414);
	assert_int_equal(st.cpu, 1);
	assert_int_equal(st.rt_priority, 40);
	assert_int_equal(st.policy, 2);
	assert_int_equal(st.blkio, 9);
	assert_int_equal(st.guest, 7);
}

static void stat_of_an_older_kernel_may_stop_early_but_not_before_the_start(void **state)
{
	struct proc_stat st;

	assert_ok(proc_stat_parse(
		STR("1 (x) S 0 1 1 0 -1 4 1 0 2 0 3 4 0 0 20 0 1 0 99 4096 12"), &st,
		&err));
	assert_int_equal(st.start, 99);
	assert_int_equal(st.cpu, -1);
	assert_int_equal(st.policy, -1);
	assert_err(proc_stat_parse(STR("1 (x) S 0 1 1 0 -1 4 1 0 2 0 3 4 0 0 20 0 1 0"),
				   &st, &err),
		   ERR_PARSE);
	assert_err(proc_stat_parse(STR(""), &st, &err), ERR_PARSE);
	assert_err(proc_stat_parse(STR("1 (x"), &st, &err), ERR_PARSE);
	assert_err(proc_stat_parse(STR("(x) S 1"), &st, &err), ERR_PARSE);
	assert_err(proc_stat_parse(STR("x (x)" STAT_TAIL), &st, &err), ERR_PARSE);
}

static void schedstat_is_three_numbers(void **state)
{
	struct proc_schedstat v;

	assert_true(proc_schedstat_parse(STR("493761 1200310 3\n"), &v));
	assert_int_equal(v.cpu_ns, 493761);
	assert_int_equal(v.wait_ns, 1200310);
	assert_int_equal(v.runs, 3);
	assert_false(proc_schedstat_parse(STR("493761 1200310"), &v));
	assert_false(proc_schedstat_parse(STR("0 0 99999999999999999999"), &v));
}

static void a_key_is_found_whole_and_its_value_trimmed(void **state)
{
	struct str text = STR("NoName:\tx\nName:\t a b \nVm:  12 kB\n"), value;
	uint64_t n;

	assert_true(proc_key(text, STR("Name"), &value));
	assert_str(value, "a b");
	assert_true(proc_key_u64(text, STR("Vm"), &n));
	assert_int_equal(n, 12);
	assert_false(proc_key(text, STR("Nam"), &value));
}

static void syscall_lines_come_in_three_kinds(void **state)
{
	struct proc_syscall c;

	assert_true(proc_syscall_parse(STR("running\n"), &c));
	assert_int_equal(c.kind, PROC_SYSCALL_RUNNING);
	assert_true(proc_syscall_parse(STR("-1 0x7ffc 0x7f00\n"), &c));
	assert_int_equal(c.kind, PROC_SYSCALL_NONE);
	assert_int_equal(c.sp, 0x7ffc);
	assert_true(proc_syscall_parse(
		STR("16 0xd 0xae80 0x0 0x1 0x2 0x3 0x7ffc 0x7f00\n"), &c));
	assert_int_equal(c.kind, PROC_SYSCALL_IN);
	assert_int_equal(c.nr, 16);
	assert_int_equal(c.args[1], 0xae80);
	assert_int_equal(c.args[5], 3);
	assert_int_equal(c.pc, 0x7f00);
	assert_false(proc_syscall_parse(STR("16 0xd 0xae80\n"), &c));
	assert_false(proc_syscall_parse(STR("-2 0x1 0x2"), &c));
	assert_false(proc_syscall_parse(STR(""), &c));
}

static void system_calls_have_the_names_of_their_architecture(void **state)
{
	static const struct {
		enum syscall_abi abi;
		long nr;
		const char *name;
	} cases[] = {
		{ ABI_X86_64, 0, "read" },
		{ ABI_X86_64, 16, "ioctl" },
		{ ABI_X86_64, 202, "futex" },
		{ ABI_X86_64, 230, "clock_nanosleep" },
		{ ABI_X86_64, 232, "epoll_wait" },
		{ ABI_X86_64, 426, "io_uring_enter" },
		{ ABI_X86_64, 462, "mseal" },
		{ ABI_ARM64, 22, "epoll_pwait" },
		{ ABI_ARM64, 29, "ioctl" },
		{ ABI_ARM64, 63, "read" },
		{ ABI_ARM64, 79, "newfstatat" },
		{ ABI_ARM64, 98, "futex" },
		{ ABI_ARM64, 220, "clone" },
		{ ABI_RISCV, 98, "futex" },
		{ ABI_RISCV, 258, "riscv_hwprobe" },
		{ ABI_RISCV, 435, "clone3" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(syscall_name(cases[i].abi, cases[i].nr),
				    cases[i].name);
	assert_null(syscall_name(ABI_X86_64, -1));
	assert_null(syscall_name(ABI_X86_64, 100000));
	assert_null(syscall_name(ABI_X86_64, 400));
	assert_null(syscall_name(ABI_UNKNOWN, 0));
}

static void calls_with_a_descriptor_are_known(void **state)
{
	static const char *const yes[] = { "accept",     "read",      "write",
					   "ioctl",      "writev",    "fsync",
					   "epoll_wait", "readahead", "close",
					   "splice",     "recvmsg",   "io_uring_enter",
					   "vmsplice",   "syncfs",    "getdents64" };
	static const char *const no[] = { "futex", "poll", "nanosleep", "wait4", "" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		if (!syscall_has_fd(yes[i]))
			fail_msg("%s takes a descriptor", yes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_false(syscall_has_fd(no[i]));
	assert_false(syscall_has_fd(NULL));
}

static void requests_of_ioctl_and_futex_are_named(void **state)
{
	struct proc_syscall c = { .kind = PROC_SYSCALL_IN, .args = { 12, 0xae80 } };

	assert_string_equal(syscall_request("ioctl", &c), "KVM_RUN");
	c.args[1] = 0x189; /* FUTEX_WAIT_BITSET, private, realtime */
	assert_string_equal(syscall_request("futex", &c), "FUTEX_WAIT_BITSET");
	assert_null(syscall_request("read", &c));
	c.args[1] = 0x12345678;
	assert_null(syscall_request("ioctl", &c));
}

static void check_role(const char *comm, bool leader, bool kernel, enum role_kind kind,
		       const char *words)
{
	struct role role = role_from_name(str_of(comm), leader, kernel);

	if (role.kind != kind || strcmp(role.words, words) != 0)
		fail_msg("%s is \"%s\" of kind %d", comm, role.words, (int)role.kind);
}

static void qemu_threads_are_known_by_both_naming_schemes(void **state)
{
	check_role("CPU 12/KVM", false, false, ROLE_VCPU, "vCPU 12");
	check_role("CPU 0/TCG", false, false, ROLE_VCPU, "vCPU 0 (TCG)");
	check_role("IO mon_iothread", false, false, ROLE_IOTHREAD,
		   "iothread of the monitor");
	check_role("IO io0", false, false, ROLE_IOTHREAD, "iothread io0");
	check_role("live_migration", false, false, ROLE_MIGRATION,
		   "migration: sends RAM");
	check_role("multifdrecv_7", false, false, ROLE_MIGRATION,
		   "migration: receive channel 7");
	check_role("mig/src/main", false, false, ROLE_MIGRATION, "migration: sends RAM");
	check_role("mig/dst/recv_7", false, false, ROLE_MIGRATION,
		   "migration: receive channel 7");
	check_role("mig/dst/new", false, false, ROLE_MIGRATION, "migration: dst/new");
	check_role("worker", false, false, ROLE_WORKER, "worker of QEMU's thread pool");
	check_role("vhost-4211", false, false, ROLE_VHOST,
		   "vhost worker of process 4211");
	check_role("kvm-nx-lpage-re", false, false, ROLE_KVM,
		   "KVM: recovers NX huge pages");
	check_role("qemu-system-x86", true, false, ROLE_MAIN, "main");
	check_role("CPU x/KVM", false, false, ROLE_NONE, "");
	check_role("CPU 1/KVMx", false, false, ROLE_NONE, "");
}

static void kernel_threads_are_named_in_words(void **state)
{
	check_role("ksoftirqd/3", false, true, ROLE_KERNEL, "soft interrupts of CPU 3");
	check_role("migration/1", false, true, ROLE_KERNEL,
		   "moves threads away from CPU 1");
	check_role("rcu_preempt", true, true, ROLE_KERNEL, "RCU grace periods");
	check_role("kworker/3:1H-kblockd", true, true, ROLE_KERNEL,
		   "work queues of CPU 3, high priority, last kblockd");
	check_role("kworker/u8:2+events_unbound", true, true, ROLE_KERNEL,
		   "work queues of pool 8, now events_unbound");
	check_role("kworker/0:0", true, true, ROLE_KERNEL, "work queues of CPU 0");
	check_role("kworker/R-kvfree", true, true, ROLE_KERNEL,
		   "rescuer of the work queue kvfree");
	check_role("jbd2/vda1-8", true, true, ROLE_KERNEL, "ext4 journal of vda1-8");
	check_role("something_new", true, true, ROLE_KERNEL, "thread of the kernel");
	check_role("migration/1", false, false, ROLE_NONE, "");
}

static struct str why(struct arena *a, char state, double wait, const char *wchan,
		      const char *call, const char *target)
{
	struct why_in in = { .state = state,
			     .wait_pct = wait,
			     .cpu = 2,
			     .wchan = str_of(wchan),
			     .syscall = str_of(call),
			     .target = str_of(target) };

	return why_not_running(a, &in);
}

static void the_reason_is_one_sentence(void **state)
{
	AUTO(arena) a = arena_new();

	assert_str(why(a, 'R', 3.1, "", "", ""), "waits for a CPU 3.1 % of the time");
	assert_str(why(a, 'R', 0, "", "", ""), "it runs, or is ready to, on CPU 2");
	assert_str(why(a, 'S', 0, "kvm_vcpu_block", "ioctl", "anon_inode:kvm-vcpu:0"),
		   "its guest CPU is idle (HLT)");
	assert_str(why(a, 'S', NAN, "futex_wait_queue", "futex", ""),
		   "waits for a lock or a condition (futex)");
	assert_str(why(a, 'S', 0, "anon_pipe_read", "read", "pipe:[42]"),
		   "waits for data in a pipe: pipe:[42]");
	assert_str(why(a, 'S', 0, "", "epoll_wait", ""), "waits for events (epoll)");
	assert_str(why(a, 'D', 0, "some_new_function", "", ""),
		   "waits uninterruptibly in the kernel's some_new_function");
	assert_str(why(a, 'D', 0, "io_schedule", "", ""),
		   "waits for a disk or another block device");
	assert_str(why(a, 'Z', 0, "do_exit", "", ""),
		   "has ended; its parent has not collected it");
	assert_str(why(a, 'T', 0, "do_signal_stop", "", ""), "stopped by a signal");
	assert_str(why(a, 'I', 0, "", "", ""), "no work is queued");
	assert_str(why(a, 'S', 0, "", "", ""), "sleeping");
}

static struct str round_trip(struct arena *a, const char *text)
{
	struct cpulist list;

	assert_ok(cpulist_parse(a, str_of(text), &list, &err));
	return cpulist_print(a, &list);
}

static void cpu_lists_are_read_and_written_as_the_kernel_does(void **state)
{
	AUTO(arena) a = arena_new();
	struct cpulist list;

	assert_str(round_trip(a, "0-3,8\n"), "0-3,8");
	assert_str(round_trip(a, "8,3,2,0,1,1"), "0-3,8");
	assert_str(round_trip(a, "0-15:2/4"), "0-1,4-5,8-9,12-13");
	assert_str(round_trip(a, ""), "");
	assert_err(cpulist_parse(a, STR("3-1"), &list, &err), ERR_PARSE);
	assert_err(cpulist_parse(a, STR("0,,2"), &list, &err), ERR_PARSE);
	assert_err(cpulist_parse(a, STR("all"), &list, &err), ERR_PARSE);
	assert_err(cpulist_parse(a, STR("0-3:2/0"), &list, &err), ERR_PARSE);
	assert_err(cpulist_parse(a, STR("0-99999"), &list, &err), ERR_LIMIT);
}

static void policies_and_signals_are_read_by_name(void **state)
{
	AUTO(arena) a = arena_new();
	int v;

	assert_ok(sched_policy_parse(STR("SCHED_FIFO"), &v, &err));
	assert_int_equal(v, 1);
	assert_ok(sched_policy_parse(STR("normal"), &v, &err));
	assert_int_equal(v, 0);
	assert_err(sched_policy_parse(STR("deadline"), &v, &err), ERR_PARSE);
	assert_string_equal(sched_policy_name(6), "deadline");
	assert_null(sched_policy_name(99));
	assert_ok(sched_signal_parse(STR("sigterm"), &v, &err));
	assert_int_equal(v, 15);
	assert_ok(sched_signal_parse(STR("9"), &v, &err));
	assert_string_equal(sched_signal_name(a, v), "KILL");
	assert_err(sched_signal_parse(STR("0"), &v, &err), ERR_PARSE);
	assert_err(sched_signal_parse(STR("NOPE"), &v, &err), ERR_PARSE);
}

static void stack_lines_lose_addresses_and_offsets(void **state)
{
	assert_str(stack_function(STR("[<0>] do_wait+0x2a/0x50")), "do_wait");
	assert_str(stack_function(STR("[<0000000000000000>] futex_wait+0x1/0x2 [mod]")),
		   "futex_wait");
	assert_str(stack_function(STR("plain")), "plain");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stat_takes_the_name_up_to_the_last_parenthesis),
		TEST(stat_gives_every_figure_its_field),
		TEST(stat_of_an_older_kernel_may_stop_early_but_not_before_the_start),
		TEST(schedstat_is_three_numbers),
		TEST(a_key_is_found_whole_and_its_value_trimmed),
		TEST(syscall_lines_come_in_three_kinds),
		TEST(system_calls_have_the_names_of_their_architecture),
		TEST(calls_with_a_descriptor_are_known),
		TEST(requests_of_ioctl_and_futex_are_named),
		TEST(qemu_threads_are_known_by_both_naming_schemes),
		TEST(kernel_threads_are_named_in_words),
		TEST(the_reason_is_one_sentence),
		TEST(cpu_lists_are_read_and_written_as_the_kernel_does),
		TEST(policies_and_signals_are_read_by_name),
		TEST(stack_lines_lose_addresses_and_offsets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
