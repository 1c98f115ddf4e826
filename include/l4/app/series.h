/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The series of the am in progress, as a list of subjects.
 */
#ifndef APP_SERIES_H
#define APP_SERIES_H

#include "app/ctx.h"

enum series_state {
	SERIES_DONE,    /* a commit since */
	SERIES_LEFT,    /* behind us without one: skipped, or there already */
	SERIES_CURRENT, /* it stopped at this one */
	SERIES_WAITS,
};

struct series_patch {
	unsigned number;
	enum series_state state;
	struct str subject;
};
struct series_list {
	struct series_patch *v;
	size_t n, cap;
	unsigned current; /* number of the patch it stopped at */
};
struct mail;

/** The patches of .git/rebase-apply around the present folder; an empty list when no am
 *  is in progress. Subjects are read from the mails kept there. */
bool series_in_progress(struct arena *a, struct series_list *ret, struct err *err)
	MUST_CHECK;
/** One of its mails. ERR_NOTFOUND when no am is in progress, or it has no such mail. */
bool series_mail(struct arena *a, unsigned number, struct mail *ret, struct err *err)
	MUST_CHECK;

#endif
