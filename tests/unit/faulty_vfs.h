/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file system for SQLite that fails on purpose: it counts what changes a file and, from
 * the n-th change on, either ends the process in the middle of it or says that the disk
 * is full.
 */
#ifndef TESTS_FAULTY_VFS_H
#define TESTS_FAULTY_VFS_H

#include <stdbool.h>

enum fault { FAULT_NONE, FAULT_KILL, FAULT_FULL, FAULT_IO };

/** Register it under the name "faulty". */
void faulty_vfs_register(void);
/** Fail from the n-th change on, counted from now; n < 1 never. */
void faulty_vfs_set(enum fault fault, int n);
/** Has it failed since? */
bool faulty_vfs_failed(void);

enum { FAULTY_EXIT = 77 };

#endif
