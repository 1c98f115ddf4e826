/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probes: what a note claims about a machine, in a closed language without a shell.
 *
 *     file PATH exists              file PATH matches "REGEX"    file PATH holds "TEXT"
 *     sysctl NAME OP VALUE          cpu-flag NAME                config CONFIG_X = y
 *     kernel OP VERSION             program NAME [OP VERSION]    command NAME
 *     kvm-cap NUMBER [OP VALUE]
 *
 * OP is one of = != < <= > >=. REGEX is POSIX extended; a file is read up to 64 KiB.
 * Reading the machine is the business of a door that the caller hands in.
 */
#ifndef NOTE_PROBE_H
#define NOTE_PROBE_H

#include "base/arena.h"
#include "base/strbuf.h"

enum probe_state { PROBE_TRUE, PROBE_FALSE, PROBE_UNKNOWN };

struct probe_result {
	enum probe_state state;
	struct str why;    /* one line: "kernel 6.1.0 < 6.8", "needs root" */
	struct str source; /* what was looked at: "/proc/cpuinfo" */
};

enum probe_kind {
	PROBE_FILE,
	PROBE_SYSCTL,
	PROBE_CPU_FLAG,
	PROBE_CONFIG,
	PROBE_KERNEL,
	PROBE_PROGRAM,
	PROBE_COMMAND,
	PROBE_KVM_CAP,
};
enum probe_op {
	PROBE_EXISTS,
	PROBE_MATCHES,
	PROBE_HOLDS,
	PROBE_EQ,
	PROBE_NE,
	PROBE_LT,
	PROBE_LE,
	PROBE_GT,
	PROBE_GE,
};

struct probe {
	enum probe_kind kind;
	enum probe_op op;
	struct str name;  /* path, sysctl, flag, option, program, number */
	struct str value; /* to compare with; unquoted */
};

/** One probe as it stands in the front matter. ERR_PARSE says what is wrong. */
bool probe_parse(struct arena *a, struct str spec, struct probe *ret, struct err *err)
	MUST_CHECK;

/* The machine. Each function returns false with the reason in `err`; ERR_NOTFOUND means
 * that the object is not there, which is an answer too. */
struct probe_door {
	/** The first 64 KiB of "/proc/..", "/sys/..", or another path. */
	bool (*read)(void *arg, struct arena *a, struct str path, struct str *ret,
		     struct err *err);
	bool (*exists)(void *arg, struct str path, struct err *err);
	/** As uname -r says it. */
	bool (*kernel)(void *arg, struct arena *a, struct str *ret, struct err *err);
	/** The value of CONFIG_X: "y", "m", "n" or a text. */
	bool (*config)(void *arg, struct arena *a, struct str name, struct str *ret,
		       struct err *err);
	/** Is it in PATH? ERR_NOTFOUND: no. */
	bool (*command)(void *arg, struct str name, struct err *err);
	/** What `NAME --version` prints. ERR_DENIED when the note is not trusted. */
	bool (*version)(void *arg, struct arena *a, struct str name, struct str *ret,
			struct err *err);
	bool (*kvm_cap)(void *arg, int64_t number, int64_t *ret, struct err *err);
	void *arg;
};

/** Look. Never fails: what cannot be found out is PROBE_UNKNOWN with the reason. */
void probe_run(struct arena *a, const struct probe *probe, const struct probe_door *door,
	       struct probe_result *ret);
/** Order of two versions: runs of digits as numbers, "6.8-rc1" before "6.8". */
int version_cmp(struct str a, struct str b);
/** The first thing that looks like a version in a program's output; empty: none. */
struct str version_find(struct str text);
/** "true here", "not here", "cannot tell". */
const char *probe_state_name(enum probe_state state);

#endif
