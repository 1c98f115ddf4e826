/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libgit2, loaded when a repository is first opened. It brings a dozen further libraries
 * (TLS, ssh, Kerberos), which would cost every start of the program several milliseconds,
 * most of them for somebody who only looks up a note. So the program is not linked with
 * it: its functions are reached through a table, and git2_functions.txt lists them (one
 * that is missing there is an undefined reference).
 */
#ifndef REPO_GIT2_LAZY_H
#define REPO_GIT2_LAZY_H

#include <git2.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>

#include "base/err.h"
#include "git2_table.h"

/** Load the library, once. Every way into this module begins with it. ERR_IO when
 *  it is not installed in the version this program was built for. */
bool git2_load(struct err *err) MUST_CHECK;

#endif
