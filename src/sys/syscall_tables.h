/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two tables behind sys/syscalls.h; NULL where a number is not used.
 */
#ifndef SYS_SYSCALL_TABLES_H
#define SYS_SYSCALL_TABLES_H

enum { SYSCALL_MAX = 470 };
extern const char *const syscall_names_x86_64[SYSCALL_MAX];
extern const char *const syscall_names_generic[SYSCALL_MAX];

#endif
