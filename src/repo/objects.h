/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * New objects of a run. They are collected in memory and stored together: some few as
 * loose objects, many as one pack (gitformat-pack(5)), which costs two files instead of
 * a thousand. Until then only this module can read them.
 */
#ifndef REPO_OBJECTS_H
#define REPO_OBJECTS_H

#include "priv.h"

struct objects;

/** Begin to collect; before it, objects go straight to the database. */
void objects_collect(struct repo *repo);
void objects_free(struct objects *o);

bool objects_put(struct repo *repo, struct str bytes, git_object_t type, git_oid *ret,
		 struct err *err) MUST_CHECK;
/** One that is not stored yet; its bytes live until objects_save(). */
bool objects_find(struct repo *repo, const git_oid *id, struct str *ret);
/** Store what was collected. After a kill all of it is there, or none. */
bool objects_save(struct repo *repo, struct err *err) MUST_CHECK;

#endif
