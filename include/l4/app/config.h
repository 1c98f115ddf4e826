/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * $XDG_CONFIG_HOME/kcrib/config in the syntax of git-config(1): sections, subsections in
 * quotes, "name = value", quoting, comments with # and ;.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "base/arena.h"

struct config;

/** Parse text. `name` is for messages; everything lives in the arena. */
bool config_parse(struct arena *a, struct str text, const char *name, struct config **ret,
		  struct err *err) MUST_CHECK;
/** "section.name" or "section.subsection.name"; section and name without case. The last
 *  value wins. Returns `fallback` when it is not set. */
struct str config_get(const struct config *c, const char *key, struct str fallback);
/** true/yes/on/1 and false/no/off/0 as git reads them. */
bool config_bool(const struct config *c, const char *key, bool fallback);
int64_t config_int(const struct config *c, const char *key, int64_t fallback);
/** The i-th of all settings, for listing; false at the end. */
bool config_nth(const struct config *c, size_t i, struct str *ret_key,
		struct str *ret_value);

#endif
