/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whitespace of a whole patch, before any of it is placed; for am_apply.c alone. */
#ifndef PATCH_AM_WS_H
#define PATCH_AM_WS_H

#include "patch/am.h"

/* The rule of each file patch, in their order, and every fault that shows in the patch
 * itself among the notes of `r`. */
bool am_check_ws(const struct am_target *to, const struct patch *p,
		 const struct am_apply_options *o, struct arena *a, struct am_applied *r,
		 struct ws_rule **ret_rules, struct err *err);
void am_note_ws(struct am_applied *r, const struct place_ws_note *note, struct arena *a);

#endif
