/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of the made table of libgit2's functions; git2_table has their addresses.
 */
#ifndef REPO_GIT2_NAMES_H
#define REPO_GIT2_NAMES_H

extern const char *const git2_names[];
extern const int git2_count;

#endif
