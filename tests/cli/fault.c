/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A library to be preloaded: it counts the calls that change a file system and, at the
 * FAULT_AT-th, kills the process (FAULT_DO=kill) or fails with ENOSPC or EIO. The count
 * of a whole run is written to the file FAULT_COUNT names.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int count;

static int due(void)
{
	const char *at = getenv("FAULT_AT"), *what = getenv("FAULT_DO");
	unsigned long n = 0;

	count++;
	if (!at || !what || sscanf(at, "%lu", &n) != 1 || (unsigned long)count != n)
		return 0;
	if (!strcmp(what, "kill"))
		kill(getpid(), SIGKILL);
	errno = strcmp(what, "EIO") ? ENOSPC : EIO;
	return 1;
}

__attribute__((destructor)) static void report(void)
{
	const char *path = getenv("FAULT_COUNT");
	FILE *f = path ? fopen(path, "w") : NULL;

	if (f) {
		fprintf(f, "%d\n", count);
		fclose(f);
	}
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *p, size_t n)
{
	/* what is said to people is no file */
	if (fd > 2 && due())
		return -1;
	return NEXT(write)(fd, p, n);
}

int rename(const char *a, const char *b)
{
	return due() ? -1 : NEXT(rename)(a, b);
}

int renameat(int x, const char *a, int y, const char *b)
{
	return due() ? -1 : NEXT(renameat)(x, a, y, b);
}

int link(const char *a, const char *b)
{
	return due() ? -1 : NEXT(link)(a, b);
}

int linkat(int x, const char *a, int y, const char *b, int flags)
{
	return due() ? -1 : NEXT(linkat)(x, a, y, b, flags);
}

int unlink(const char *a)
{
	return due() ? -1 : NEXT(unlink)(a);
}

int unlinkat(int x, const char *a, int flags)
{
	return due() ? -1 : NEXT(unlinkat)(x, a, flags);
}

int symlinkat(const char *a, int x, const char *b)
{
	return due() ? -1 : NEXT(symlinkat)(a, x, b);
}

int mkdir(const char *a, mode_t mode)
{
	return due() ? -1 : NEXT(mkdir)(a, mode);
}

int mkdirat(int x, const char *a, mode_t mode)
{
	return due() ? -1 : NEXT(mkdirat)(x, a, mode);
}

static mode_t mode_arg(int flags, va_list ap)
{
	return flags & O_CREAT ? (mode_t)va_arg(ap, int) : 0;
}

#define OPEN(name, params, args)                                                         \
	int name params                                                                  \
	{                                                                                \
		va_list ap;                                                              \
		mode_t mode;                                                             \
                                                                                         \
		va_start(ap, flags);                                                     \
		mode = mode_arg(flags, ap);                                              \
		va_end(ap);                                                              \
		if (flags & O_CREAT && due())                                            \
			return -1;                                                       \
		return NEXT(name) args;                                                  \
	}
OPEN(open, (const char *a, int flags, ...), (a, flags, mode))
OPEN(open64, (const char *a, int flags, ...), (a, flags, mode))
OPEN(openat, (int x, const char *a, int flags, ...), (x, a, flags, mode))
OPEN(openat64, (int x, const char *a, int flags, ...), (x, a, flags, mode))
