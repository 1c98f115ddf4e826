/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of system calls: see sys/syscalls.h. Lookups are an index or a binary search.
 */
#include "sys/syscalls.h"

#include "syscall_tables.h"

static const struct {
	const char *name;
	enum syscall_abi abi;
} arches[] = {
	{ "x86_64", ABI_X86_64 },
	{ "aarch64", ABI_ARM64 },
	{ "riscv64", ABI_RISCV },
};

/* A line that only the cpuinfo of one architecture has. */
static const struct {
	const char *key;
	enum syscall_abi abi;
} cpuinfo_keys[] = {
	{ "vendor_id", ABI_X86_64 },
	{ "CPU implementer", ABI_ARM64 },
	{ "isa", ABI_RISCV },
};

static bool abi_from_cpuinfo(const struct root *root, enum syscall_abi *ret)
{
	STRBUF_AUTO(buf, 1 << 22);

	if (!root_read(root, "proc/cpuinfo", &buf, NULL))
		return false;
	STR_EACH_LINE (line, strbuf_str(&buf)) {
		for (size_t i = 0; i < ARRAY_SIZE(cpuinfo_keys); i++) {
			struct str rest = line;

			if (str_skip(&rest, str_of(cpuinfo_keys[i].key)) && rest.n &&
			    (rest.p[0] == '\t' || rest.p[0] == ' ')) {
				*ret = cpuinfo_keys[i].abi;
				return true;
			}
		}
	}
	return false;
}

static enum syscall_abi abi_of_build(void)
{
#if defined(__x86_64__)
	return ABI_X86_64;
#elif defined(__aarch64__)
	return ABI_ARM64;
#elif defined(__riscv)
	return ABI_RISCV;
#else
	return ABI_UNKNOWN;
#endif
}

enum syscall_abi syscall_abi_of(const struct root *root)
{
	STRBUF_AUTO(buf, 256);
	enum syscall_abi abi;

	if (root_is_live(root))
		return abi_of_build();
	if (root_read(root, "proc/sys/kernel/arch", &buf, NULL)) {
		struct str arch = str_trim(strbuf_str(&buf));

		for (size_t i = 0; i < ARRAY_SIZE(arches); i++)
			if (str_eq(arch, str_of(arches[i].name)))
				return arches[i].abi;
		return ABI_UNKNOWN;
	}
	return abi_from_cpuinfo(root, &abi) ? abi : abi_of_build();
}

const char *syscall_name(enum syscall_abi abi, long nr)
{
	if (nr < 0 || nr >= SYSCALL_MAX)
		return NULL;
	switch (abi) {
	case ABI_X86_64:
		return syscall_names_x86_64[nr];
	case ABI_RISCV:
		if (nr == 258)
			return "riscv_hwprobe";
		if (nr == 259)
			return "riscv_flush_icache";
		return nr == 38 ? NULL : syscall_names_generic[nr];
	case ABI_ARM64:
		return syscall_names_generic[nr];
	case ABI_UNKNOWN:
		break;
	}
	return NULL;
}

/* Sorted. */
static const char *const with_fd[] = {
	"accept",
	"accept4",
	"bind",
	"close",
	"connect",
	"copy_file_range",
	"dup",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_pwait2",
	"epoll_wait",
	"fallocate",
	"fchmod",
	"fchown",
	"fcntl",
	"fdatasync",
	"fgetxattr",
	"flock",
	"fsetxattr",
	"fstat",
	"fstatfs",
	"fsync",
	"ftruncate",
	"getdents64",
	"getsockopt",
	"io_uring_enter",
	"io_uring_register",
	"ioctl",
	"listen",
	"lseek",
	"openat",
	"openat2",
	"pread64",
	"preadv",
	"preadv2",
	"pwrite64",
	"pwritev",
	"pwritev2",
	"read",
	"readahead",
	"readv",
	"recvfrom",
	"recvmmsg",
	"recvmsg",
	"sendfile",
	"sendmmsg",
	"sendmsg",
	"sendto",
	"setsockopt",
	"shutdown",
	"splice",
	"sync_file_range",
	"syncfs",
	"tee",
	"timerfd_settime",
	"vmsplice",
	"write",
	"writev",
};

static int by_name(const void *key, const void *entry)
{
	return strcmp(key, *(const char *const *)entry);
}

bool syscall_has_fd(const char *name)
{
	return name && bsearch(name, with_fd, ARRAY_SIZE(with_fd), sizeof(*with_fd),
			       by_name) != NULL;
}

/* ioctl requests a thread can sleep in, or that tell what it is. */
static const struct {
	uint32_t request;
	const char *name;
} ioctls[] = {
	{ SYSCALL_KVM_RUN, "KVM_RUN" },
	{ 0x5411, "TIOCOUTQ" },
	{ 0x541b, "FIONREAD" },
	{ 0x5409, "TCSBRK" },
	{ 0x4004ae8b, "KVM_SET_SIGNAL_MASK" },
	{ 0x4010ae42, "KVM_GET_DIRTY_LOG" },
	{ 0xc018aec0, "KVM_CLEAR_DIRTY_LOG" },
	{ 0x4020ae46, "KVM_SET_USER_MEMORY_REGION" },
	{ 0x00001277, "BLKDISCARD" },
	{ 0x2285, "SG_IO" },
	{ 0xc0306201, "BINDER_WRITE_READ" },
};

static const char *const futex_ops[] = {
	"FUTEX_WAIT",           "FUTEX_WAKE",        "FUTEX_FD",
	"FUTEX_REQUEUE",        "FUTEX_CMP_REQUEUE", "FUTEX_WAKE_OP",
	"FUTEX_LOCK_PI",        "FUTEX_UNLOCK_PI",   "FUTEX_TRYLOCK_PI",
	"FUTEX_WAIT_BITSET",    "FUTEX_WAKE_BITSET", "FUTEX_WAIT_REQUEUE_PI",
	"FUTEX_CMP_REQUEUE_PI", "FUTEX_LOCK_PI2",
};

const char *syscall_request(const char *name, const struct proc_syscall *call)
{
	enum { FUTEX_CMD = 0x7f }; /* without FUTEX_PRIVATE_FLAG and _CLOCK_REALTIME */

	if (!name || call->kind != PROC_SYSCALL_IN)
		return NULL;
	if (!strcmp(name, "futex")) {
		size_t op = call->args[1] & FUTEX_CMD;

		return op < ARRAY_SIZE(futex_ops) ? futex_ops[op] : NULL;
	}
	if (strcmp(name, "ioctl") != 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(ioctls); i++)
		if (ioctls[i].request == (uint32_t)call->args[1])
			return ioctls[i].name;
	return NULL;
}
