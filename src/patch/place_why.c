/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of the placement engine: stable names for JSON and one sentence a cause.
 */
#include "place_internal.h"

const char *place_status_name(enum place_status s)
{
	static const char *const names[] = {
		[PLACE_EXACT] = "exact",     [PLACE_OFFSET] = "offset",
		[PLACE_ALIGNED] = "aligned", [PLACE_MERGED] = "merged",
		[PLACE_ALREADY] = "already", [PLACE_REJECTED] = "rejected",
	};

	return names[s];
}

const char *place_engine_name(enum place_engine e)
{
	static const char *const names[] = {
		[ENGINE_NONE] = "none",           [ENGINE_SEARCH] = "search",
		[ENGINE_ALIGN] = "align",         [ENGINE_THREEWAY] = "threeway",
		[ENGINE_WORDMERGE] = "wordmerge", [ENGINE_MOVED] = "moved",
		[ENGINE_RENAMED] = "renamed",     [ENGINE_USER] = "user",
	};

	return names[e];
}

const char *place_evidence_name(enum place_evidence e)
{
	static const char *const names[EVIDENCE_N] = {
		[EVIDENCE_NONE] = "none",
		[EVIDENCE_WHOLE] = "whole",
		[EVIDENCE_LINES] = "removed-lines-intact",
		[EVIDENCE_NEIGHBOURS] = "neighbours-adjacent",
		[EVIDENCE_NEAREST] = "nearest-context-adjacent",
		[EVIDENCE_SIMILAR] = "neighbour-edited",
		[EVIDENCE_HEAD] = "head-of-log",
		[EVIDENCE_END] = "end-of-file",
		[EVIDENCE_TWO] = "two-engines",
		[EVIDENCE_LIST] = "place-in-list",
		[EVIDENCE_AFTER] = "line-before-only",
		[EVIDENCE_BEFORE] = "line-behind-only",
		[EVIDENCE_BETWEEN] = "foreign-lines-between",
		[EVIDENCE_EDITED] = "removed-lines-edited",
		[EVIDENCE_WEAK] = "weak",
	};

	return names[e];
}

static const struct {
	const char *name, *why;
} causes[CAUSE_N] = {
	[CAUSE_NONE] = { "none", "" },
	[CAUSE_CONTEXT_CHANGED] = { "context-changed",
				    "the lines to change are intact, but lines around "
				    "them differ" },
	[CAUSE_NEIGHBOUR_CHANGED] = { "neighbour-changed",
				      "a line next to where the new lines go has changed "
				      "or is gone" },
	[CAUSE_FOREIGN_LINES] = { "foreign-lines",
				  "all lines the hunk knows are there, with other lines "
				  "in between" },
	[CAUSE_LINES_EDITED] = { "lines-edited",
				 "the lines to remove stand here in another form" },
	[CAUSE_LINES_GONE] = { "lines-gone",
			       "lines to remove are not here any more, or were "
			       "rewritten" },
	[CAUSE_CODE_GONE] = { "code-gone", "the file has no code like this" },
	[CAUSE_WHITESPACE] = { "whitespace", "the lines differ in blanks only" },
	[CAUSE_LINE_ENDS] = { "line-ends",
			      "the patch and the file disagree on CR LF line ends" },
	[CAUSE_ALREADY] = { "already-applied", "the file has this change already" },
	[CAUSE_AMBIGUOUS] = { "ambiguous", "several places fit equally well" },
	[CAUSE_ANCHOR] = { "anchor",
			   "the lines are there, but not at the begin or end of the file "
			   "as the hunk demands" },
	[CAUSE_FILE_MISSING] = { "file-missing", "there is no such file" },
	[CAUSE_FILE_EXISTS] = { "file-exists",
				"the file to be created exists with other content" },
	[CAUSE_FOLDER_RENAMED] = { "folder-renamed",
				   "the folder of the new file has another name now" },
	[CAUSE_FILE_TYPE] = { "file-type",
			      "the file is of another type than the patch expects" },
	[CAUSE_FILE_DIFFERS] = { "file-differs",
				 "the file to be removed holds more than the patch "
				 "knows" },
	[CAUSE_BINARY] = { "binary",
			   "a binary patch whose base is not the file that is here" },
	[CAUSE_OVERLAP] = { "overlap",
			    "the place is taken by another hunk of this patch" },
	[CAUSE_PATH_REFUSED] = { "path-refused",
				 "the path leaves the tree, reaches .git or passes a "
				 "symlink" },
	[CAUSE_LIMIT] = { "limit", "finding a place would take too long" },
};

const char *place_cause_name(enum place_cause c)
{
	return causes[c].name;
}

struct str place_why(enum place_cause cause)
{
	return str_of(causes[cause].why);
}
