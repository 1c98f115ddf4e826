/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in the fields of a mail, decoded but raw: who, what about, and the
 * trailers at the end of a message.
 */
#ifndef PATCH_HEADERS_H
#define PATCH_HEADERS_H

#include "patch/mail.h"

/** Each run of white space becomes one blank. */
void headers_squeeze(struct strbuf *b);
/** A From: value as name and address, as git takes them for the author. Both are empty
 *  when there is no address at all. */
void headers_author(struct str from, struct strbuf *ret_name, struct strbuf *ret_email);
/** Append a subject without "Re:" and leading brackets; see enum mail_keep. */
void headers_subject(struct str subject, enum mail_keep keep, struct strbuf *out);
/** The trailers in the last paragraph of a message; views into it. */
void headers_trailers(struct arena *a, struct str message, struct mail *ret);

#endif
