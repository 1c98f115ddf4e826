/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mail as a stream of header lines and lines of text: headers unfolded, multiparts
 * walked, transfer encodings undone, flowed lines joined. What the lines mean is the
 * business of mail.c.
 */
#ifndef PATCH_MIME_H
#define PATCH_MIME_H

#include "patch/mail.h"

#include "transfer.h"

struct mime_line {
	struct str text;    /* with its LF, where it has one */
	struct str charset; /* of the part; not converted yet */
	size_t line;        /* in the mail, from 1: where it ends */
	size_t offset;      /* of that line in the mail */
};

struct mime_sink {
	void *arg;
	/* An unfolded header line, without LF; `part`: of a part, not of the mail. */
	bool (*header)(void *arg, struct str line, bool part, struct err *err);
	bool (*text)(void *arg, const struct mime_line *line, struct err *err);
};

struct mime_facts {
	bool flowed, quoted_cr, html, plain;
};

/** Feed a mail to `sink`. False when the sink says so or the mail is broken. */
bool mime_read(struct str mail, struct charset *cs, enum mail_quoted_cr cr,
	       const struct mime_sink *sink, struct mime_facts *ret, struct err *err)
	MUST_CHECK;

/** "Name: value": the value, undecoded, without the blanks before it, if the line is
 *  this header (letters in any case). */
bool mime_header_is(struct str line, struct str name, struct str *ret_value);

#endif
