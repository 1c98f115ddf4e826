/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mails as a series: which of them are its patches, in what order they apply, and what
 * is wrong with the set. Nothing is left out in silence: each mail that is not in the
 * order has a note that says why.
 */
#ifndef PATCH_SERIES_H
#define PATCH_SERIES_H

#include "patch/mail.h"

#define SERIES_NONE ((size_t)-1)

enum series_note_kind {
	SERIES_MISSING,   /* parts that no mail brings */
	SERIES_DUPLICATE, /* a part that two mails bring; the first is taken */
	SERIES_VERSIONS,  /* v2 and v3 in one mailbox; the highest is taken */
	SERIES_TOTALS,    /* "2/5" beside "3/7" */
	SERIES_REPLY,     /* an answer that carries a patch; left out */
	SERIES_NO_PATCH,  /* a mail without a patch; left out */
	SERIES_UNNUMBERED /* a patch without a part, behind the numbered ones */
};

struct series_note {
	enum series_note_kind kind;
	size_t mail; /* index of the mail it is about; SERIES_NONE: the whole */
	struct str
		text; /* "part 3/7 comes twice: mails 3 and 9 differ, mail 3 is taken" */
};

struct series {
	size_t *order; /* indices of the mails to apply, first to last */
	size_t n;
	size_t cover;           /* index of the cover letter, or SERIES_NONE */
	unsigned version;       /* that of the patches in `order`; 0 without any prefix */
	unsigned total;         /* as they say themselves; 0: they are not numbered */
	struct str base_commit; /* from the cover letter or a patch; n == 0: none */
	struct series_note *notes;
	size_t n_notes;
};

/** Order `n` parsed mails. Mails are counted from 1 in notes. Never fails on odd sets,
 * they only gain notes. O(n log n). */
void series_order(struct arena *a, const struct mail *mails, size_t n,
		  struct series *ret);

#endif
