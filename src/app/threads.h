/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands about threads share: samples of sys become tables and sentences here.
 */
#ifndef APP_THREADS_H
#define APP_THREADS_H

#include "app/command.h"
#include "sys/task.h"

enum threads_flags {
	THREADS_PROCESS = 1, /* with the columns that name the process */
	THREADS_GONE = 2,    /* with threads that ended since the sample before */
	THREADS_PANEL = 4,   /* without the columns that panels do not show */
};
/** The rows of a sample as a table, each named "PID/TID"; `flags`: enum threads_flags.
 *  Sparks come from `s`, which may be NULL. */
struct table *threads_table(struct arena *a, const struct task_sampler *s,
			    const struct task_sample *sample, unsigned flags);
/** {field: reason} for every field that some row lacks. */
struct record *threads_unavailable(struct arena *a, const struct table *t);
/** "5 threads   CPU 141.2 %   wait 3.1 %", and a sentence that says what it means. */
void threads_words(struct arena *a, const struct task_sample *sample,
		   struct str *ret_headline, struct str *ret_so_what);
/** "vCPU 1", else the name, then the TID; safe for a terminal. */
struct str threads_who(struct arena *a, const struct task *task);
/** Sort rows by a column key; '-' in front: descending, '+': ascending, neither: shares
 *  and amounts descending, the rest ascending. ERR_USAGE names the columns. */
bool threads_sort(struct table *t, struct str key, struct err *err) MUST_CHECK;
/** Order rows as a tree: the main thread of each process, the others below it. */
void threads_tree(struct table *t);

#endif
