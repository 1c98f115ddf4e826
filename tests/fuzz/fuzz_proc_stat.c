/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the small files of /proc/PID/task/TID: stat, schedstat, syscall, status,
 * and as a CPU list and a thread's name. Properties: the name of stat lies inside the
 * text between its first " (" and its last ')', whatever it holds; a line made of what
 * was read is read as the same; parse(print(x)) == x for CPU lists; words of roles are
 * NUL-ended.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sys/cpulist.h"
#include "sys/proc_stat.h"
#include "sys/role.h"
#include "sys/syscalls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *property)
{
	if (holds)
		return;
	fprintf(stderr, "property broken: %s\n", property);
	abort();
}

static void print_stat(struct strbuf *b, const struct proc_stat *st)
{
	strbuf_addf(b, "%d (", (int)st->id);
	strbuf_add(b, st->comm);
	strbuf_addf(
		b,
		") %c %d %d %d 0 0 %u %llu 0 %llu 0 %llu %llu 0 0 %lld %lld %lld 0 %llu",
		st->state ? st->state : '?', (int)st->ppid, (int)st->pgrp,
		(int)st->session, st->flags, (unsigned long long)st->minflt,
		(unsigned long long)st->majflt, (unsigned long long)st->utime,
		(unsigned long long)st->stime, (long long)st->priority,
		(long long)st->nice, (long long)st->threads,
		(unsigned long long)st->start);
}

static void check_stat(struct str text)
{
	struct proc_stat one, two;
	STRBUF_AUTO(b, 1 << 20);

	if (!proc_stat_parse(text, &one, NULL))
		return;
	must(one.comm.p >= text.p && one.comm.p + one.comm.n < text.p + text.n,
	     "the name lies inside the text");
	must(one.comm.p[one.comm.n] == ')', "a parenthesis ends the name");
	must(str_chr(str_from(text, (size_t)(one.comm.p - text.p) + one.comm.n + 1),
		     ')') < 0,
	     "it is the last one");
	if (!one.state)
		return;
	print_stat(&b, &one);
	must(proc_stat_parse(strbuf_str(&b), &two, NULL), "what was read can be read");
	must(str_eq(one.comm, two.comm) && one.id == two.id && one.state == two.state &&
		     one.utime == two.utime && one.nice == two.nice &&
		     one.start == two.start && one.flags == two.flags,
	     "and is the same");
}

static void check_schedstat(struct str text)
{
	struct proc_schedstat one, two;
	STRBUF_AUTO(b, 256);

	if (!proc_schedstat_parse(text, &one))
		return;
	strbuf_addf(&b, "%llu %llu %llu\n", (unsigned long long)one.cpu_ns,
		    (unsigned long long)one.wait_ns, (unsigned long long)one.runs);
	must(proc_schedstat_parse(strbuf_str(&b), &two) &&
		     !memcmp(&one, &two, sizeof(one)),
	     "schedstat is read as printed");
}

static void check_syscall(struct str text)
{
	struct proc_syscall call;
	const char *name;

	if (!proc_syscall_parse(text, &call))
		return;
	must(call.nr >= -1, "a number of a call, or none");
	must((call.nr >= 0) == (call.kind == PROC_SYSCALL_IN),
	     "only a call has a number");
	for (int abi = ABI_UNKNOWN; abi <= ABI_RISCV; abi++) {
		name = syscall_name((enum syscall_abi)abi, call.nr);
		must(!name || *name, "a name is not empty");
		(void)syscall_request(name, &call);
	}
}

static void check_status(struct str text)
{
	static const char *const wanted[] = { "Tgid", "Cpus_allowed_list",
					      "voluntary_ctxt_switches" };
	struct str value;

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (proc_key(text, str_of(wanted[i]), &value))
			must(value.n == 0 || (value.p >= text.p &&
					      value.p + value.n <= text.p + text.n),
			     "a value lies inside the text");
}

static void check_cpulist(struct arena *a, struct str text)
{
	struct cpulist one, two;
	struct str printed;

	if (!cpulist_parse(a, text, &one, NULL))
		return;
	for (size_t i = 1; i < one.n; i++)
		must(one.v[i - 1] < one.v[i], "a list ascends");
	printed = cpulist_print(a, &one);
	must(cpulist_parse(a, printed, &two, NULL) && one.n == two.n &&
		     (!one.n || !memcmp(one.v, two.v, one.n * sizeof(*one.v))),
	     "a list is read as printed");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	AUTO(arena) a = arena_new();
	struct role role;

	check_stat(text);
	check_schedstat(text);
	check_syscall(text);
	check_status(text);
	check_cpulist(a, text);
	for (int i = 0; i < 4; i++) {
		role = role_from_name(str_sub(text, 0, 64), i & 1, i & 2);
		must(memchr(role.words, 0, sizeof(role.words)) != NULL, "words end");
	}
	return 0;
}
