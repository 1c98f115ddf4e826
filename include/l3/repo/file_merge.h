/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three versions of a file of a repository, merged as its attributes and configuration
 * say: "merge", "conflict-marker-size", merge.conflictStyle. A driver of the user's own
 * (merge.<name>.driver) is not run: its files are merged as text.
 */
#ifndef REPO_FILE_MERGE_H
#define REPO_FILE_MERGE_H

#include "repo/repo.h"
#include "repo/text_merge.h"

struct merge_names {
	struct str path;                  /* whose attributes count */
	const char *base, *ours, *theirs; /* what conflict markers call the versions */
};
struct merged_file {
	struct str bytes; /* with markers around what conflicts; of a binary file: ours */
	bool conflict;
	bool binary; /* in conflict because nobody can merge such a file line by line */
};
/** The bytes are as they are stored, not as they lie in the work tree. ERR_INTERNAL. */
bool repo_merge_file(struct repo *repo, const struct merge_names *names,
		     const struct text_versions *v, struct arena *a,
		     struct merged_file *ret, struct err *err) MUST_CHECK;

/** Where rerere is wanted: record the conflicts of the index, or replay what resolved
 *  them. `word`: of git rerere, or NULL. False: git could not be run. */
bool repo_rerere(const struct repo *repo, const char *word, struct err *err) MUST_CHECK;

#endif
