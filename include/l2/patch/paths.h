/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which paths a patch may name. A patch is a stranger's text: a path that is absolute,
 * climbs by "..", is too long for any file system, or is `.git` for some (upper case;
 * NTFS: git~1, `.git `, `.git.`, `.git::$INDEX_ALLOCATION`, backslashes; HFS+: ignorable
 * code points inside) is refused before any tree is asked. The rules are those of git's
 * index (core.protectNTFS and core.protectHFS both on), for all systems alike.
 */
#ifndef PATCH_PATHS_H
#define PATCH_PATHS_H

#include "base/err.h"
#include "base/str.h"

/** ERR_DENIED with the path and the reason in the message. `mode` 0120000 forbids
 *  .gitmodules and .gitattributes look-alikes too, as git does for symlinks. */
bool path_check(struct str path, unsigned mode, struct err *err) MUST_CHECK;
/** True when one component means .git somewhere. */
bool path_component_is_dotgit(struct str component);

#endif
