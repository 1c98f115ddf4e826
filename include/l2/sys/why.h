/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "Why is it not running?" in one sentence, from state, wait channel, system call and the
 * share of time spent waiting for a CPU. Pure: a table of rules, first match wins.
 */
#ifndef SYS_WHY_H
#define SYS_WHY_H

#include "base/arena.h"

struct why_in {
	char state;         /* as in /proc/PID/stat */
	double wait_pct;    /* of the last interval; NaN: not known */
	int cpu;            /* it ran on last, or runs on; -1: not known */
	struct str wchan;   /* kernel function; empty: not known */
	struct str syscall; /* name; empty: none or not known */
	struct str request; /* "KVM_RUN", "FUTEX_WAIT"; empty: none */
	struct str target;  /* what the descriptor is: "/dev/ptmx", "pipe:[42]" */
	bool kernel;        /* a thread of the kernel */
};

/** The sentence, without a full stop; "" never: at the least the state in words. `target`
 *  and `wchan` are foreign text: make it safe before it is shown. */
struct str why_not_running(struct arena *a, const struct why_in *in);
/** A state letter in words: "sleeping", "waiting for a device", ... */
const char *why_state_words(char state);

#endif
