/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the installed git says about a mail or a mailbox, to compare with what we say.
 */
#ifndef TESTS_MAIL_ORACLE_H
#define TESTS_MAIL_ORACLE_H

#include "patch/mail.h"

struct oracle_answer {
	struct str info, body, patch, complaint;
};

struct oracle_mails {
	struct str *v;
	size_t n, cap;
};

/** Is there a git to ask? */
bool oracle_is_there(void);
/** `git mailinfo`; false when it fails. */
bool oracle_mailinfo(struct arena *a, struct str mail, const struct mail_options *opt,
		     struct oracle_answer *ret);
/** `git mailsplit -b` from standard input; false when it fails. */
bool oracle_mailsplit(struct arena *a, struct str box, const struct mailbox_options *opt,
		      struct oracle_mails *ret);

/** The same input, the same answer? If not, `why` names the first difference. */
bool oracle_same_mailinfo(struct arena *a, struct str mail,
			  const struct mail_options *opt, struct strbuf *why);
bool oracle_same_mailsplit(struct arena *a, struct str box,
			   const struct mailbox_options *opt, struct strbuf *why);

#endif
