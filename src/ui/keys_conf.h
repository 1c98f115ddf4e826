/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * data/keys.conf, compiled in by data/embed.py.
 */
#ifndef UI_KEYS_CONF_H
#define UI_KEYS_CONF_H

#include <stddef.h>

extern const char keys_conf[];
extern const size_t keys_conf_n;

#endif
