/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU of the Pages panel beside what other tools do for the same answer: read
 * smaps_rollup of every process each time. Starts its own load: SMALL processes of 6 MiB,
 * one of 1 GiB in small pages, one that makes and drops huge pages before each refresh so
 * that the global counters always move. Prints CPU milliseconds by refresh, and whether
 * the bound held.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys/hugeproc.h"

enum { SMALL = 300, REFRESHES = 200 };

static const size_t MiB = 1 << 20;
static const double BUDGET_MS = 5;
/* What the machine may take from us within a refresh: an interrupt, a cold cache. */
static const double SLACK_MS = 0.5;

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static char *touch(size_t bytes, int advice)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	if (p == MAP_FAILED) {
		perror("bench: no memory for the load");
		exit(1);
	}
	(void)madvise(p, bytes, advice);
	for (size_t i = 0; i < bytes; i += 4096)
		p[i] = 1;
	return p;
}

/* A child that holds `bytes` and says through the pipe when it does. */
static pid_t hold(size_t bytes, int advice, const int ready[2])
{
	pid_t pid = fork();

	if (pid < 0) {
		perror("bench: fork");
		exit(1);
	}
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	touch(bytes, advice);
	if (write(ready[1], "x", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

/* Make huge pages come and go, so that no gate can close. */
static void stir(void)
{
	munmap(touch(4 * MiB, MADV_HUGEPAGE), 4 * MiB);
}

/* What rankings by other means do: every process, every time. */
static double read_all_rollups(size_t *ret_n)
{
	static char buf[65536];
	double from = cpu_ms();
	DIR *d = opendir("/proc");
	struct dirent *e;
	char path[64];
	uint64_t pid;
	int fd;

	*ret_n = 0;
	while (d && (e = readdir(d))) {
		if (!str_to_u64(str_of(e->d_name), &pid))
			continue;
		snprintf(path, sizeof(path), "/proc/%llu/smaps_rollup",
			 (unsigned long long)pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		while (read(fd, buf, sizeof(buf)) > 0)
			;
		close(fd);
		++*ret_n;
	}
	if (d)
		closedir(d);
	return cpu_ms() - from;
}

struct figures {
	double sum, max;
	size_t n, reads, within;
};

static void add(struct figures *f, double ms)
{
	f->sum += ms;
	f->max = ms > f->max ? ms : f->max;
	f->within += ms <= BUDGET_MS + SLACK_MS;
	f->n++;
}

static struct hugeproc_rows refresh(struct hugeproc_scan *scan, const struct root *root,
				    struct arena *a)
{
	const struct hugepage_sample *s = hugepage_sample(root, a, HUGEPAGE_POOLS);
	struct hugeproc_rows rows = { 0 };
	struct err err;

	if (!hugeproc_refresh(scan, root, a, s, &rows, &err)) {
		fprintf(stderr, "bench: %s\n", err.msg);
		exit(1);
	}
	return rows;
}

static struct figures run(const struct root *root, bool moving, bool rollup)
{
	AUTO(hugeproc_scan) scan = hugeproc_scan_new(BUDGET_MS);
	AUTO(arena) a = arena_new();
	struct figures f = { 0 };

	if (rollup)
		hugeproc_use_rollup(scan);
	for (int i = 0; !moving && i < 100; i++)
		refresh(scan, root, a); /* until the first pass is over */
	for (int i = 0; i < REFRESHES; i++) {
		struct hugeproc_rows rows;

		if (moving)
			stir();
		arena_reset(a);
		rows = refresh(scan, root, a);
		add(&f, rows.cpu_ms);
		f.reads += rows.read;
	}
	return f;
}

static bool held(const struct figures *f)
{
	return f->within * 100 >= f->n * 99;
}

static void print(const char *what, const struct figures *f, double peer)
{
	printf("%-44s %8.3f ms  max %7.3f  reads %5.1f  1/%.0f of reading all\n", what,
	       f->sum / (double)f->n, f->max, (double)f->reads / (double)f->n,
	       peer / (f->sum / (double)f->n));
}

static void measure(const struct root *root)
{
	AUTO(hugeproc_scan) scan = hugeproc_scan_new(0);
	AUTO(arena) a = arena_new();
	struct figures moving, still, rollup;
	struct hugeproc_rows rows;
	double all = 0, sample;
	size_t n = 0;

	read_all_rollups(&n);
	for (int i = 0; i < 5; i++)
		all += read_all_rollups(&n) / 5;
	rows = refresh(scan, root, a);
	sample = cpu_ms();
	for (int i = 0; i < 20; i++) {
		arena_reset(a);
		hugepage_sample(root, a,
				HUGEPAGE_POOLS | HUGEPAGE_THP | HUGEPAGE_REASONS);
	}
	sample = (cpu_ms() - sample) / 20;
	moving = run(root, true, false);
	still = run(root, false, false);
	rollup = run(root, true, true);
	printf("%zu processes; CPU by refresh, %d refreshes each, budget %.0f ms\n",
	       rows.processes, REFRESHES, BUDGET_MS);
	printf("%-44s %8.3f ms  (%zu files)\n",
	       "smaps_rollup of every process, each time", all, n);
	printf("%-44s %8.3f ms  (%zu walked, %zu too small)\n",
	       "kcrib, first pass without a budget", rows.cpu_ms, rows.read, rows.small);
	print("kcrib, counters move before each refresh", &moving, all);
	print("the same by smaps_rollup (before 6.7)", &rollup, all);
	print("kcrib, nothing moved", &still, all);
	printf("%-44s %8.3f ms\n", "kcrib, the machine-wide sample", sample);
	printf("bounded cost (%.0f + %.1f ms): %s: %zu of %zu refreshes within, "
	       "%zu of %zu by smaps_rollup\n",
	       BUDGET_MS, SLACK_MS, held(&moving) && held(&rollup) ? "held" : "BROKEN",
	       moving.within, moving.n, rollup.within, rollup.n);
	exit(held(&moving) && held(&rollup) ? 0 : 1);
}

int main(void)
{
	pid_t pids[SMALL + 1];
	struct root *root;
	struct err err;
	int ready[2], status;
	pid_t child;
	char one;

	if (!root_open("/", &root, &err) || pipe2(ready, O_CLOEXEC)) {
		fputs("bench: no /proc\n", stderr);
		return 1;
	}
	for (int i = 0; i < SMALL; i++)
		pids[i] = hold(6 * MiB, MADV_NOHUGEPAGE, ready);
	pids[SMALL] = hold(1024 * MiB, MADV_NOHUGEPAGE, ready);
	for (int i = 0; i <= SMALL; i++)
		while (read(ready[0], &one, 1) < 0 && errno == EINTR)
			;
	child = fork();
	if (!child)
		measure(root);
	status = 1;
	if (child > 0)
		waitpid(child, &status, 0);
	for (int i = 0; i <= SMALL; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	root_free(root);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
