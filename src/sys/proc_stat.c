/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parsers of small files of /proc: see sys/proc_stat.h. Each is one pass over its text.
 * They refuse what is cut short where a figure they promise would be missing.
 */
#include "sys/proc_stat.h"

enum {
	FIELD_STATE = 3, /* numbered as in proc_pid_stat(5) */
	FIELD_PPID,
	FIELD_PGRP,
	FIELD_SESSION,
	FIELD_FLAGS = 9,
	FIELD_MINFLT,
	FIELD_MAJFLT = 12,
	FIELD_UTIME = 14,
	FIELD_STIME,
	FIELD_PRIORITY = 18,
	FIELD_NICE,
	FIELD_THREADS,
	FIELD_START = 22,
	FIELD_RSS = 24,
	FIELD_CPU = 39,
	FIELD_RT_PRIORITY,
	FIELD_POLICY,
	FIELD_BLKIO,
	FIELD_GUEST,
	FIELD_END,
};

/* A decimal number with an optional minus, as two's complement: the file mixes int,
 * unsigned long and RLIM_INFINITY. */
static bool eat_number(struct str *s, uint64_t *ret)
{
	bool minus = str_skip(s, STR("-"));
	uint64_t v;

	if (!str_eat_u64(s, 10, &v))
		return false;
	*ret = minus ? 0 - v : v;
	return true;
}

/* Fields from ppid on into v[4..]; returns the number of the first field not read. */
static unsigned eat_fields(struct str s, uint64_t v[FIELD_END])
{
	unsigned field = FIELD_PPID;

	while (field < FIELD_END && str_skip(&s, STR(" ")) && eat_number(&s, &v[field]))
		field++;
	return field;
}

bool proc_stat_parse(struct str text, struct proc_stat *ret, struct err *err)
{
	ptrdiff_t open = str_find(text, STR(" (")), close = str_rchr(text, ')');
	uint64_t v[FIELD_END] = { 0 }, id;
	struct str head, tail;
	unsigned n;

	if (open < 1 || close < open + 2)
		return err_set(err, ERR_PARSE, "reading stat: no name in parentheses");
	head = str_sub(text, 0, (size_t)open);
	tail = str_from(text, (size_t)close + 1);
	if (!str_to_u64(head, &id) || id > INT32_MAX)
		return err_set(err, ERR_PARSE, "reading stat: no thread id");
	if (tail.n < 2 || tail.p[0] != ' ')
		return err_set(err, ERR_PARSE, "reading stat: no state");
	n = eat_fields(str_from(tail, 2), v);
	if (n <= FIELD_START)
		return err_set(err, ERR_PARSE, "reading stat: ends after field %u",
			       n - 1);
	*ret = (struct proc_stat){
		.id = (pid_t)id,
		.comm = str_sub(text, (size_t)open + 2, (size_t)(close - open) - 2),
		.state = tail.p[1],
		.ppid = (pid_t)v[FIELD_PPID],
		.pgrp = (pid_t)v[FIELD_PGRP],
		.session = (pid_t)v[FIELD_SESSION],
		.flags = (unsigned)v[FIELD_FLAGS],
		.minflt = v[FIELD_MINFLT],
		.majflt = v[FIELD_MAJFLT],
		.utime = v[FIELD_UTIME],
		.stime = v[FIELD_STIME],
		.priority = (int64_t)v[FIELD_PRIORITY],
		.nice = (int64_t)v[FIELD_NICE],
		.threads = (int64_t)v[FIELD_THREADS],
		.start = v[FIELD_START],
		.rss_pages = (int64_t)v[FIELD_RSS],
		.cpu = n > FIELD_CPU ? (int)v[FIELD_CPU] : -1,
		.rt_priority = (unsigned)v[FIELD_RT_PRIORITY],
		.policy = n > FIELD_POLICY ? (int)v[FIELD_POLICY] : -1,
		.blkio = v[FIELD_BLKIO],
		.guest = v[FIELD_GUEST],
	};
	return true;
}

bool proc_schedstat_parse(struct str text, struct proc_schedstat *ret)
{
	struct proc_schedstat v;

	if (!str_eat_u64(&text, 10, &v.cpu_ns) || !str_skip(&text, STR(" ")) ||
	    !str_eat_u64(&text, 10, &v.wait_ns) || !str_skip(&text, STR(" ")) ||
	    !str_eat_u64(&text, 10, &v.runs))
		return false;
	*ret = v;
	return true;
}

bool proc_key(struct str text, struct str key, struct str *ret)
{
	STR_EACH_LINE (line, text) {
		if (!str_skip(&line, key) || !str_skip(&line, STR(":")))
			continue;
		*ret = str_trim(line);
		return true;
	}
	return false;
}

bool proc_key_u64(struct str text, struct str key, uint64_t *ret)
{
	struct str value;

	return proc_key(text, key, &value) && str_eat_u64(&value, 10, ret);
}

static bool eat_hex(struct str *s, uint64_t *ret)
{
	return str_skip(s, STR(" 0x")) && str_eat_u64(s, 16, ret);
}

bool proc_syscall_parse(struct str text, struct proc_syscall *ret)
{
	struct proc_syscall v = { .kind = PROC_SYSCALL_IN };
	uint64_t nr;

	text = str_trim(text);
	if (str_eq(text, STR("running"))) {
		*ret = (struct proc_syscall){ .kind = PROC_SYSCALL_RUNNING, .nr = -1 };
		return true;
	}
	if (!eat_number(&text, &nr) || ((int64_t)nr < 0 && (int64_t)nr != -1))
		return false;
	v.nr = (long)nr;
	if (v.nr == -1)
		v.kind = PROC_SYSCALL_NONE;
	for (size_t i = 0; v.kind == PROC_SYSCALL_IN && i < 6; i++)
		if (!eat_hex(&text, &v.args[i]))
			return false;
	if (!eat_hex(&text, &v.sp) || !eat_hex(&text, &v.pc) || text.n)
		return false;
	*ret = v;
	return true;
}
