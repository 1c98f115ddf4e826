/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One thread in full: see sys/task_detail.h. Files of the thread come from its own
 * folder, what it shares with its process (descriptors, maps, limits) from there as well,
 * so that a thread with its own descriptor table is shown right.
 */
#include "sys/task_detail.h"

enum { TEXT_MAX = 1 << 20, MAPS_MAX = 32 << 20, FDS_MAX = 4096 };

struct reader {
	const struct root *root;
	struct arena *a;
	pid_t pid, tid;
};

static const char *path_of(const struct reader *r, const char *file)
{
	return arena_printf(r->a, "proc/%d/task/%d/%s", (int)r->pid, (int)r->tid, file);
}

static enum task_absent why_of(const struct err *err)
{
	return err->code == ERR_DENIED     ? TASK_DENIED
	       : err->code == ERR_LIMIT    ? TASK_UNREADABLE
	       : err->sys == 3 /* ESRCH */ ? TASK_ENDED
					   : TASK_NO_KERNEL;
}

/* From the thread's folder, or from its process's where only that has it. */
static bool slurp(const struct reader *r, const char *file, struct strbuf *buf,
		  enum task_absent *ret_why)
{
	struct err err;

	*ret_why = TASK_PRESENT;
	if (root_read(r->root, path_of(r, file), buf, &err))
		return true;
	if (err.code == ERR_LIMIT)
		return true; /* the first part of a very long file still tells */
	strbuf_clear(buf);
	if (err.code == ERR_NOTFOUND &&
	    root_read(r->root, arena_printf(r->a, "proc/%d/%s", (int)r->pid, file), buf,
		      &err))
		return true;
	*ret_why = why_of(&err);
	return false;
}

static struct detail_text text_of(const struct reader *r, const char *file)
{
	STRBUF_AUTO(buf, TEXT_MAX);
	struct detail_text t = { 0 };

	if (slurp(r, file, &buf, &t.why))
		t.text = arena_str(r->a, strbuf_str(&buf));
	return t;
}

static struct detail_text link_of(const struct reader *r, const char *file)
{
	struct detail_text t = { 0 };
	struct err err;

	if (!root_readlink(r->root, r->a, path_of(r, file), &t.text, &err) &&
	    !root_readlink(r->root, r->a,
			   arena_printf(r->a, "proc/%d/%s", (int)r->pid, file), &t.text,
			   &err))
		t.why = why_of(&err);
	return t;
}

struct str stack_function(struct str line)
{
	ptrdiff_t close = str_chr(line, ']'), plus;

	if (str_starts(line, STR("[<")) && close >= 0)
		line = str_from(line, (size_t)close + 1);
	line = str_trim(line);
	plus = str_chr(line, '+');
	return plus > 0 ? str_sub(line, 0, (size_t)plus) : line;
}

/* "Max open files            1024                 4096                 files     ": names
 * have blanks, so the columns count: 25, 20, 20 characters and a blank after each. */
static void read_limits(const struct reader *r, struct task_detail *d)
{
	STRBUF_AUTO(buf, TEXT_MAX);
	struct {
		struct detail_limit *v;
		size_t n, cap;
	} list = { 0 };

	if (!slurp(r, "limits", &buf, &d->limits_why))
		return;
	STR_EACH_LINE (line, strbuf_str(&buf)) {
		if (!str_starts(line, STR("Max ")) || line.n < 48)
			continue;
		*ARENA_PUSH(r->a, &list) = (struct detail_limit){
			.name = arena_str(r->a, str_trim(str_sub(line, 0, 25))),
			.soft = arena_str(r->a, str_trim(str_sub(line, 26, 20))),
			.hard = arena_str(r->a, str_trim(str_sub(line, 47, 20))),
			.unit = arena_str(r->a, str_trim(str_from(line, 68))),
		};
	}
	d->limits = list.v;
	d->nlimits = list.n;
}

static int by_fd(const void *a, const void *b)
{
	return ((const struct detail_fd *)a)->fd - ((const struct detail_fd *)b)->fd;
}

static void read_fds(const struct reader *r, struct task_detail *d)
{
	const char *dir = path_of(r, "fd");
	struct root_list names;
	struct err err;

	if (!root_list(r->root, r->a, dir, &names, &err)) {
		dir = arena_printf(r->a, "proc/%d/fd", (int)r->pid);
		if (!root_list(r->root, r->a, dir, &names, &err)) {
			d->fds_why = why_of(&err);
			return;
		}
	}
	d->fds_total = names.n;
	d->fds = arena_array(r->a, struct detail_fd, names.n);
	for (size_t i = 0; i < names.n && d->nfds < FDS_MAX; i++) {
		struct detail_fd *fd = &d->fds[d->nfds];
		uint64_t number;

		if (!str_to_u64(names.v[i], &number) || number > INT32_MAX)
			continue;
		fd->fd = (int)number;
		if (!root_readlink(r->root, r->a,
				   arena_printf(r->a, "%s/%d", dir, fd->fd), &fd->target,
				   NULL))
			fd->target = STR("?");
		d->nfds++;
	}
	if (d->nfds)
		qsort(d->fds, d->nfds, sizeof(*d->fds), by_fd);
}

/* ---- maps -------------------------------------------------------------------------- */

enum maps_kind {
	MAPS_CODE,
	MAPS_FILES,
	MAPS_HEAP,
	MAPS_STACK,
	MAPS_ANON,
	MAPS_SHARED,
	MAPS_HUGE,
	MAPS_KERNEL,
	MAPS_KINDS
};

static const char *const maps_names[MAPS_KINDS] = {
	[MAPS_CODE] = "code",      [MAPS_FILES] = "files",
	[MAPS_HEAP] = "heap",      [MAPS_STACK] = "stack",
	[MAPS_ANON] = "anonymous", [MAPS_SHARED] = "shared memory",
	[MAPS_HUGE] = "HugeTLB",   [MAPS_KERNEL] = "vdso and vvar",
};

static enum maps_kind kind_of(struct str perms, struct str name)
{
	if (str_eq(name, STR("[heap]")))
		return MAPS_HEAP;
	if (str_starts(name, STR("[stack")))
		return MAPS_STACK;
	if (str_starts(name, STR("[v")))
		return MAPS_KERNEL;
	if (!name.n || name.p[0] == '[')
		return MAPS_ANON;
	if (str_starts(name, STR("/anon_hugepage")) ||
	    str_starts(name, STR("/dev/hugepages")))
		return MAPS_HUGE;
	if (str_starts(name, STR("/memfd:")) || str_starts(name, STR("/dev/shm/")) ||
	    str_starts(name, STR("/SYSV")) || str_starts(name, STR("/dev/zero")))
		return MAPS_SHARED;
	return str_chr(perms, 'x') >= 0 ? MAPS_CODE : MAPS_FILES;
}

/* "7f30-7f40 r-xp 00000000 fe:00 1234    /usr/lib/x.so" */
static bool maps_line(struct str line, uint64_t *ret_bytes, enum maps_kind *ret_kind)
{
	struct str perms, word;
	uint64_t from, to;

	if (!str_eat_u64(&line, 16, &from) || !str_skip(&line, STR("-")) ||
	    !str_eat_u64(&line, 16, &to) || to < from || !str_word(&line, &perms))
		return false;
	for (int i = 0; i < 3; i++) /* offset, device, inode */
		if (!str_word(&line, &word))
			return false;
	*ret_bytes = to - from;
	*ret_kind = kind_of(perms, str_trim(line));
	return true;
}

static void read_maps(const struct reader *r, struct task_detail *d)
{
	STRBUF_AUTO(buf, MAPS_MAX);
	struct detail_maps sums[MAPS_KINDS] = { 0 };

	if (!slurp(r, "maps", &buf, &d->maps_why))
		return;
	STR_EACH_LINE (line, strbuf_str(&buf)) {
		enum maps_kind kind;
		uint64_t bytes;

		if (!maps_line(line, &bytes, &kind))
			continue;
		sums[kind].bytes += bytes;
		sums[kind].n++;
		d->mappings++;
	}
	d->maps = arena_array(r->a, struct detail_maps, MAPS_KINDS);
	for (size_t i = 0; i < MAPS_KINDS; i++)
		if (sums[i].n) {
			sums[i].kind = maps_names[i];
			d->maps[d->nmaps++] = sums[i];
		}
}

bool task_detail_read(const struct root *root, struct arena *a, pid_t pid, pid_t tid,
		      struct task_detail *ret, struct err *err)
{
	struct reader r = { root, a, pid, tid };
	struct task_detail d = { .tid = tid };
	struct detail_text stat;

	if (!task_process(root, a, pid, &d.process, err))
		return false;
	if (!root_exists(root, path_of(&r, "stat")))
		return err_set(err, ERR_NOTFOUND,
			       "looking for thread %d of process %d: there is none",
			       (int)tid, (int)pid);
	stat = text_of(&r, "stat");
	if (stat.why || !proc_stat_parse(stat.text, &d.stat, err))
		return err_set(err, ERR_NOTFOUND, "reading thread %d: it has ended",
			       (int)tid);
	d.comm = d.stat.comm;
	d.status = text_of(&r, "status");
	d.stack = text_of(&r, "stack");
	d.sched = text_of(&r, "sched");
	d.cgroup = text_of(&r, "cgroup");
	d.io = text_of(&r, "io");
	d.exe = link_of(&r, "exe");
	d.cwd = link_of(&r, "cwd");
	read_limits(&r, &d);
	read_fds(&r, &d);
	read_maps(&r, &d);
	*ret = d;
	return true;
}
