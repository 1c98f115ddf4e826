/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine as notes ask about it: bounded reads of ordinary files, never of pipes and
 * devices; versions of programs; the kernel's configuration; what KVM can do.
 */
#ifndef APP_MACHINE_H
#define APP_MACHINE_H

#include "app/ctx.h"
#include "note/probe.h"

/** The answers for probes. `trusted` false: no program is started. Valid as long as `a`
 *  and the context. */
const struct probe_door *machine_door(struct ctx *ctx, struct arena *a, bool trusted);
/** At most `max` bytes from the start of a regular file; ERR_DENIED for anything else and
 *  for files whose reading changes something (kmsg, trace_pipe). */
bool machine_read(struct ctx *ctx, struct arena *a, struct str path, size_t max,
		  struct str *ret, struct err *err) MUST_CHECK;

#endif
