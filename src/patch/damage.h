/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What mailers do to patches, inside: the lines of a patch with their place in the mail,
 * and the repair of hunks by their own counts.
 */
#ifndef PATCH_DAMAGE_H
#define PATCH_DAMAGE_H

#include "patch/mail.h"

struct damage_line {
	struct str text; /* without LF */
	size_t line;     /* of the mail; 0: unknown */
};

struct damage_lines {
	struct damage_line *v;
	size_t n, cap;
};

struct damage_job {
	struct arena *arena;
	struct mail_report *report;
};

/** List one damage; with a known line its text begins "line N: ". */
void damage_note(struct damage_job *job, enum mail_damage_kind kind, size_t line,
		 bool repaired, const char *fmt, ...) PRINTF_LIKE(5, 6);

/** Walk over the hunks of a patch, note what is wrong and append the repaired patch to
 *  `out`. True when every hunk then fulfils its header. */
bool damage_hunks(struct damage_job *job, const struct damage_lines *lines,
		  struct strbuf *out);

/** Append the text of an HTML page as a browser would show it. */
void damage_html_text(struct str html, struct strbuf *out);

#endif
