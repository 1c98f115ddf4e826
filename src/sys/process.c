/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes for choosers, completion and names: see sys/task.h. Three small files each;
 * one that ends meanwhile is simply not there.
 */
#include <errno.h>

#include "sys/task.h"

#include "proc_dir.h"

enum { STAT_MAX = 4096, ARGS_MAX = 4096 };

static struct str read_args(struct arena *a, const struct proc_dir *dir)
{
	char buf[ARGS_MAX];
	ssize_t n = proc_dir_read(dir, "cmdline", buf, sizeof(buf));

	while (n > 0 && !buf[n - 1])
		n--;
	for (ssize_t i = 0; i < n; i++)
		if (!buf[i])
			buf[i] = ' ';
	return n > 0 ? arena_str(a, str_n(buf, (size_t)n)) : STR("");
}

static bool read_process(const struct root *root, struct arena *a, pid_t pid,
			 struct process *ret)
{
	struct proc_stat st;
	struct proc_dir dir;
	char buf[STAT_MAX], path[32];
	ssize_t n;

	snprintf(path, sizeof(path), "proc/%d", (int)pid);
	if (proc_dir_open(root, path, &dir) < 0)
		return false;
	n = proc_dir_read(&dir, "stat", buf, sizeof(buf));
	if (n <= 0)
		/* A record may have the files of the threads only. */
		n = snprintf(path, sizeof(path), "task/%d/stat", (int)pid) > 0
			    ? proc_dir_read(&dir, path, buf, sizeof(buf))
			    : 0;
	if (n <= 0 || !proc_stat_parse(str_n(buf, (size_t)n), &st, NULL)) {
		proc_dir_close(&dir);
		return false;
	}
	*ret = (struct process){ .pid = pid,
				 .start = st.start,
				 .comm = arena_str(a, st.comm),
				 .args = read_args(a, &dir),
				 .threads = st.threads,
				 .kernel = st.flags & PROC_KTHREAD };
	proc_dir_close(&dir);
	return true;
}

static int by_pid(const void *a, const void *b)
{
	pid_t x = ((const struct process *)a)->pid, y = ((const struct process *)b)->pid;

	return (x > y) - (x < y);
}

bool task_processes(const struct root *root, struct arena *a, struct processes *ret,
		    struct err *err)
{
	struct processes list = { 0 };
	struct root_list names;

	if (!root_list(root, a, "proc", &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		struct process p;
		uint64_t pid;

		if (str_to_u64(names.v[i], &pid) && pid && pid <= INT32_MAX &&
		    read_process(root, a, (pid_t)pid, &p))
			*ARENA_PUSH(a, &list) = p;
	}
	if (list.n)
		qsort(list.v, list.n, sizeof(*list.v), by_pid);
	*ret = list;
	return true;
}

/* /proc/TID exists for every thread, though it is not listed: its status names the
 * process. */
static pid_t leader_of(const struct root *root, pid_t pid)
{
	STRBUF_AUTO(buf, 1 << 16);
	char path[64];
	uint64_t tgid;

	snprintf(path, sizeof(path), "proc/%d/status", (int)pid);
	if (root_read(root, path, &buf, NULL) &&
	    proc_key_u64(strbuf_str(&buf), STR("Tgid"), &tgid) && tgid &&
	    tgid <= INT32_MAX)
		return (pid_t)tgid;
	return pid;
}

bool task_process(const struct root *root, struct arena *a, pid_t pid,
		  struct process *ret, struct err *err)
{
	if (pid > 0 && read_process(root, a, leader_of(root, pid), ret))
		return true;
	return err_set(err, ERR_NOTFOUND, "looking for process %d: there is none",
		       (int)pid);
}
