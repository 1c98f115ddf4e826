/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whitespace of a whole patch, before any of it is placed; for am_apply.c alone. */
#ifndef PATCH_AM_WS_H
#define PATCH_AM_WS_H

#include "patch/am.h"

/* The rule of each file patch, in their order, or NULL when one cannot be had. Every
 * fault that shows in the patch itself is put among the notes of `r`. */
struct ws_rule *am_check_ws(const struct am_target *to, const struct patch *p,
			    const struct am_apply_options *o, struct am_applied *r,
			    struct arena *a, struct err *err) MUST_CHECK;

#endif
