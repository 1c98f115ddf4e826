/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a thread is there for. Two questions are answered: which job a thread of a virtual
 * machine has (vCPU 3, I/O thread, migration), and what a thread of the kernel does, in
 * words. Thread names are no stable interface, so each answer says how it is known, and
 * better sources win: the monitor (from above, later), debugfs, the system call, the
 * name.
 */
#ifndef SYS_ROLE_H
#define SYS_ROLE_H

#include <sys/types.h>

#include "base/root.h"
#include "sys/proc_stat.h"

enum role_kind {
	ROLE_NONE,
	ROLE_MAIN, /* the first thread of a process */
	ROLE_VCPU, /* index: its number */
	ROLE_IOTHREAD,
	ROLE_MIGRATION,
	ROLE_WORKER, /* a helper pool of the process */
	ROLE_VHOST,
	ROLE_KVM,    /* a helper of KVM itself, such as kvm-nx-lpage-re */
	ROLE_DEVICE, /* display, character device and other parts of the emulator */
	ROLE_KERNEL, /* a thread of the kernel */
};

enum role_how {
	ROLE_BY_NOTHING,
	ROLE_BY_NAME,    /* comm */
	ROLE_BY_SYSCALL, /* ioctl(KVM_RUN) on the descriptor of a vCPU */
	ROLE_BY_DEBUGFS, /* kvm/PID-FD/vcpuN/pid */
	ROLE_BY_MONITOR, /* QMP query-cpus-fast */
};

struct role {
	enum role_kind kind;
	enum role_how how;
	int index;      /* of a vCPU or of a CPU; -1: none */
	char words[60]; /* "vCPU 1", "iothread io0", "soft interrupts of CPU 0"; safe
			   ASCII unless the thread's own name is part of it */
};

/** From the name alone. `leader`: TID equals PID; `kernel`: PROC_KTHREAD is set. */
struct role role_from_name(struct str comm, bool leader, bool kernel);
/** "qemu-system-x86", "qemu-kvm", "kvm", cloud-hypervisor, firecracker, crosvm ...: a
 *  process whose descriptors are worth a look. */
bool role_is_vmm(struct str comm);

/* What a process's descriptors and debugfs say about its vCPUs. */
struct role_vm {
	struct {
		pid_t tid;
		int vcpu;
	} * by_tid; /* debugfs; empty without root or debugfs */
	size_t tids;
	struct {
		int fd, vcpu;
	} * by_fd; /* anon_inode:kvm-vcpu:N */
	size_t fds;
	bool vm; /* it holds anon_inode:kvm-vm, a vCPU, or /dev/kvm */
};
/** Reads /proc/PID/fd and debugfs kvm/PID-*; both may be forbidden, then it is empty.
 *  At most 65,536 descriptors are looked at. Everything lives in the arena. */
void role_vm_read(const struct root *root, struct arena *a, pid_t pid,
		  struct role_vm *ret);
/** The number of the vCPU that `tid` runs, and how that is known; ROLE_BY_NOTHING when it
 *  runs none. `call` may be NULL. `comm` tells a false friend apart: kvm-nx-lpage-re
 * shows the vCPU's own system call. */
enum role_how role_vm_vcpu(const struct role_vm *vm, pid_t tid, struct str comm,
			   const struct proc_syscall *call, int *ret_vcpu);
struct role role_vcpu(int vcpu, enum role_how how);

const char *role_how_words(enum role_how how);

#endif
