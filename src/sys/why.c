/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules behind "why is it not running": see sys/why.h. A wait channel is the kernel
 * function a thread sleeps in; compilers decorate it (.isra.0, __x64_sys_...), so rules
 * name a beginning. System calls answer when the channel is hidden.
 */
#include <math.h>

#include "sys/why.h"

struct why_rule {
	const char *begins; /* of the wait channel, or the whole name of the call */
	const char *words;
	bool target; /* add what the descriptor is */
};

static const struct why_rule by_wchan[] = {
	{ "kvm_vcpu_block", "its guest CPU is idle (HLT)" },
	{ "kvm_vcpu_halt", "its guest CPU is idle (HLT)" },
	{ "xfer_to_guest_mode", "about to enter the guest" },
	{ "vhost_task_fn", "a helper of KVM or vhost with nothing to do" },
	{ "vhost_worker", "no virtqueue has work" },
	{ "futex_", "waits for a lock or a condition (futex)" },
	{ "do_futex", "waits for a lock or a condition (futex)" },
	{ "ep_poll", "waits for events (epoll)", true },
	{ "do_epoll", "waits for events (epoll)", true },
	{ "do_sys_poll", "waits for events (poll)" },
	{ "do_poll", "waits for events (poll)" },
	{ "poll_schedule_timeout", "waits for events (poll)" },
	{ "do_select", "waits for events (select)" },
	{ "io_cqring_wait", "waits for I/O it has submitted (io_uring)" },
	{ "io_wq_worker", "io_uring worker with nothing to do" },
	{ "io_sq_thread", "io_uring poller with nothing submitted" },
	{ "read_events", "waits for I/O it has submitted (aio)" },
	{ "anon_pipe_read", "waits for data in a pipe", true },
	{ "pipe_read", "waits for data in a pipe", true },
	{ "pipe_wait_readable", "waits for data in a pipe", true },
	{ "anon_pipe_write", "waits for room in a full pipe", true },
	{ "pipe_write", "waits for room in a full pipe", true },
	{ "pipe_wait_writable", "waits for room in a full pipe", true },
	{ "unix_stream_read", "waits for data on a local socket", true },
	{ "unix_stream_data_wait", "waits for data on a local socket", true },
	{ "unix_wait_for_peer", "waits for its peer to read a local socket", true },
	{ "__skb_wait_for_more", "waits for a datagram", true },
	{ "sk_wait_data", "waits for data on a socket", true },
	{ "sk_stream_wait_memory", "waits for its peer to read a socket", true },
	{ "inet_csk_accept", "waits for a connection", true },
	{ "inet_csk_wait_for", "waits for a connection", true },
	{ "inet_wait_for_connect", "waits for a connection to be made", true },
	{ "n_tty_read", "waits for a key on its terminal", true },
	{ "tty_wait_until_sent", "waits for its terminal", true },
	{ "n_tty_write", "waits for its terminal to take output", true },
	{ "eventfd_read", "waits for an event (eventfd)", true },
	{ "signalfd", "waits for a signal (signalfd)", true },
	{ "timerfd_read", "waits for a timer (timerfd)", true },
	{ "inotify_read", "waits for a change of a watched file", true },
	{ "fanotify_read", "waits for a change of a watched file", true },
	{ "hrtimer_nanosleep", "sleeps for a time it chose" },
	{ "do_nanosleep", "sleeps for a time it chose" },
	{ "common_nsleep", "sleeps for a time it chose" },
	{ "do_wait", "waits for a child process to end" },
	{ "kernel_wait", "waits for a child process to end" },
	{ "__do_sys_pause", "waits for a signal (pause)" },
	{ "__se_sys_pause", "waits for a signal (pause)" },
	{ "sys_pause", "waits for a signal (pause)" },
	{ "sigsuspend", "waits for a signal (sigsuspend)" },
	{ "__do_sys_rt_sigsuspend", "waits for a signal (sigsuspend)" },
	{ "do_sigtimedwait", "waits for a signal (sigtimedwait)" },
	{ "do_signal_stop", "stopped by a signal" },
	{ "ptrace_stop", "stopped by a debugger or tracer" },
	{ "do_freezer_trap", "its cgroup is frozen" },
	{ "__refrigerator", "frozen for suspend or by its cgroup" },
	{ "locks_lock_inode_wait", "waits for a file lock", true },
	{ "fcntl_setlk", "waits for a file lock", true },
	{ "do_msgrcv", "waits for a System V message" },
	{ "do_semtimedop", "waits for a System V semaphore" },
	{ "wq_sleep", "waits on a POSIX message queue" },
	{ "handle_userfault", "a page it touched is served by user space (userfaultfd)" },
	{ "io_schedule", "waits for a disk or another block device" },
	{ "bit_wait_io", "waits for a disk or another block device" },
	{ "folio_wait", "waits for a page to be read or written" },
	{ "wait_on_page", "waits for a page to be read or written" },
	{ "__lock_page", "waits for a page another thread works on" },
	{ "blk_mq_get_tag", "waits for a free slot of a block device's queue" },
	{ "rq_qos_wait", "throttled writes to a block device" },
	{ "wbt_wait", "throttled writes to a block device" },
	{ "submit_bio_wait", "waits for a disk or another block device" },
	{ "balance_dirty_pages", "throttled: too many dirty pages" },
	{ "jbd2_", "waits for the ext4 journal" },
	{ "wait_transaction", "waits for a transaction of the file system" },
	{ "xfs_", "waits inside XFS" },
	{ "btrfs_", "waits inside btrfs" },
	{ "nfs_", "waits for an NFS server" },
	{ "rpc_wait", "waits for an NFS server" },
	{ "request_wait_answer", "waits for a FUSE file system's program" },
	{ "fuse_", "waits for a FUSE file system's program" },
	{ "throttle_direct_reclaim", "throttled: memory is short" },
	{ "reclaim_throttle", "throttled: memory is short" },
	{ "mem_cgroup_handle_over_high", "throttled: over its cgroup's memory.high" },
	{ "mem_cgroup_oom", "its cgroup is out of memory" },
	{ "rwsem_down", "waits for a lock in the kernel (often its memory map)" },
	{ "__mutex_lock", "waits for a lock in the kernel" },
	{ "mutex_lock", "waits for a lock in the kernel" },
	{ "__down", "waits for a lock in the kernel" },
	{ "percpu_down", "waits for a lock in the kernel" },
	{ "wait_rcu_gp", "waits for an RCU grace period" },
	{ "synchronize_rcu", "waits for an RCU grace period" },
	{ "rcu_gp_", "no RCU grace period is asked for" },
	{ "rescuer_thread", "rescuer of a work queue: none is stuck" },
	{ "worker_thread", "no work is queued" },
	{ "kthread_worker_fn", "no work is queued" },
	{ "smpboot_thread_fn", "nothing to do for its CPU" },
	{ "irq_thread", "its interrupt has not fired" },
	{ "kswapd", "enough memory is free" },
	{ "kcompactd", "nothing to compact" },
	{ "khugepaged", "pauses between two scans" },
	{ "kjournald2", "nothing to commit" },
	{ "do_exit", "ends" },
};

static const struct why_rule by_syscall[] = {
	{ "futex", "waits for a lock or a condition (futex)" },
	{ "futex_wait", "waits for a lock or a condition (futex)" },
	{ "epoll_wait", "waits for events (epoll)" },
	{ "epoll_pwait", "waits for events (epoll)" },
	{ "epoll_pwait2", "waits for events (epoll)" },
	{ "poll", "waits for events (poll)" },
	{ "ppoll", "waits for events (poll)" },
	{ "select", "waits for events (select)" },
	{ "pselect6", "waits for events (select)" },
	{ "io_uring_enter", "waits for I/O it has submitted (io_uring)" },
	{ "io_getevents", "waits for I/O it has submitted (aio)" },
	{ "nanosleep", "sleeps for a time it chose" },
	{ "clock_nanosleep", "sleeps for a time it chose" },
	{ "wait4", "waits for a child process to end" },
	{ "waitid", "waits for a child process to end" },
	{ "accept", "waits for a connection", true },
	{ "accept4", "waits for a connection", true },
	{ "recvfrom", "waits for data on a socket", true },
	{ "recvmsg", "waits for data on a socket", true },
	{ "read", "waits for data", true },
	{ "write", "waits until its output is taken", true },
	{ "fsync", "waits for a disk", true },
	{ "fdatasync", "waits for a disk", true },
	{ "rt_sigsuspend", "waits for a signal" },
	{ "rt_sigtimedwait", "waits for a signal" },
	{ "pause", "waits for a signal" },
	{ "flock", "waits for a file lock", true },
};

static const struct {
	char state;
	const char *words;
} states[] = {
	{ 'R', "running or ready" },
	{ 'S', "sleeping" },
	{ 'D', "waiting for a device or a lock in the kernel, cannot be interrupted" },
	{ 'T', "stopped by a signal" },
	{ 't', "stopped by a debugger or tracer" },
	{ 'Z', "has ended; its parent has not collected it" },
	{ 'X', "has ended" },
	{ 'I', "idle thread of the kernel" },
	{ 'P', "parked" },
	{ 'K', "sleeping, only a kill wakes it" },
	{ 'W', "waking up" },
};

const char *why_state_words(char state)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (states[i].state == state)
			return states[i].words;
	return "in a state this program does not know";
}

static const struct why_rule *rule_for(const struct why_in *in)
{
	for (size_t i = 0; in->wchan.n && i < ARRAY_SIZE(by_wchan); i++)
		if (str_starts(in->wchan, str_of(by_wchan[i].begins)))
			return &by_wchan[i];
	for (size_t i = 0; in->syscall.n && i < ARRAY_SIZE(by_syscall); i++)
		if (str_eq(in->syscall, str_of(by_syscall[i].begins)))
			return &by_syscall[i];
	return NULL;
}

static struct str why_ready(struct arena *a, const struct why_in *in)
{
	enum { WORTH_SAYING = 1 }; /* percent of time in the run queue */

	if (!isnan(in->wait_pct) && in->wait_pct >= WORTH_SAYING)
		return arena_strf(a, "waits for a CPU %.1f %% of the time", in->wait_pct);
	if (in->cpu >= 0)
		return arena_strf(a, "it runs, or is ready to, on CPU %d", in->cpu);
	return STR("it runs, or is ready to");
}

struct str why_not_running(struct arena *a, const struct why_in *in)
{
	const struct why_rule *rule;

	if (in->state == 'R')
		return why_ready(a, in);
	if (in->state != 'S' && in->state != 'D' && in->state != 'I' && in->state != 'K')
		return str_of(why_state_words(in->state));
	rule = rule_for(in);
	if (rule && rule->target && in->target.n)
		return arena_strf(a, "%s: " STR_FMT, rule->words, STR_ARG(in->target));
	if (rule)
		return str_of(rule->words);
	if (in->state == 'I')
		return STR("no work is queued");
	if (in->wchan.n)
		return arena_strf(a, "%s in the kernel's " STR_FMT,
				  in->state == 'D' ? "waits uninterruptibly" : "sleeps",
				  STR_ARG(in->wchan));
	if (in->syscall.n)
		return arena_strf(a, "%s in " STR_FMT,
				  in->state == 'D' ? "waits uninterruptibly" : "sleeps",
				  STR_ARG(in->syscall));
	return str_of(why_state_words(in->state));
}
