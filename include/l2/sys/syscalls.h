/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a number in /proc/PID/syscall means: the name of the call, whether its first
 * argument is a descriptor, and the request of the ioctls and the operation of the
 * futexes that say why a thread waits. Pure tables, from the kernel's own headers.
 */
#ifndef SYS_SYSCALLS_H
#define SYS_SYSCALLS_H

#include "base/root.h"
#include "sys/proc_stat.h"

enum syscall_abi { ABI_UNKNOWN, ABI_X86_64, ABI_ARM64, ABI_RISCV };

/** The numbering of the machine below `root`: sysctl kernel.arch (6.1), else cpuinfo. */
enum syscall_abi syscall_abi_of(const struct root *root);
/** Name, or NULL for a number that is not in the table of this ABI. */
const char *syscall_name(enum syscall_abi abi, long nr);
/** Does the first argument name a descriptor? */
bool syscall_has_fd(const char *name);
/** The argument that says what is asked for: "KVM_RUN" of an ioctl, "FUTEX_WAIT" of a
 *  futex; NULL where there is none or it is not known. */
const char *syscall_request(const char *name, const struct proc_syscall *call);

enum { SYSCALL_KVM_RUN = 0xae80 }; /* _IO(KVMIO, 0x80), linux/kvm.h */

#endif
