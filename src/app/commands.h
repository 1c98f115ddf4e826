/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arrays of commands, one a cmd_*.c file, each ending with .name NULL.
 */
#ifndef APP_COMMANDS_H
#define APP_COMMANDS_H

#include "app/command.h"

extern const struct command commands_am[];
extern const struct command commands_apply[];
extern const struct command commands_check[];
extern const struct command commands_du[];
extern const struct command commands_export[];
extern const struct command commands_hugepages[];
extern const struct command commands_import[];
extern const struct command commands_meta[];
extern const struct command commands_note[];
extern const struct command commands_rej[];
extern const struct command commands_run[];
extern const struct command commands_series[];
extern const struct command commands_source[];
extern const struct command commands_sync[];
extern const struct command commands_task[];
extern const struct command commands_threads[];

#endif
