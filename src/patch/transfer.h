/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The encodings that carry text through mail: charsets, quoted-printable and base64
 * (RFC 2045), encoded words (RFC 2047). All are forgiving in the way git-mailinfo is,
 * because the commits must come out the same.
 */
#ifndef PATCH_TRANSFER_H
#define PATCH_TRANSFER_H

#include <iconv.h>

#include "base/strbuf.h"

/* Conversion into one target charset; the last iconv descriptor is kept, since mails
 * convert line by line. */
struct charset {
	const char *to; /* NULL: nothing is converted */
	char from[64];  /* what `cd` converts from; "" when closed */
	iconv_t cd;
};

void charset_close(struct charset *cs);
/** Would converting from `name` change nothing? Also true for the empty name. */
bool charset_is_target(const struct charset *cs, struct str name);
/** Append `text`, converted. ERR_PARSE for an unknown charset or bytes outside of it. */
bool charset_convert(struct charset *cs, struct str name, struct str text,
		     struct strbuf *out, struct err *err) MUST_CHECK;

/** Text up to its first NUL: header fields and encoded lines end there. */
struct str transfer_until_nul(struct str s);
/** Decode quoted-printable. A '=' at the end drops the line end. In an encoded word
 *  (`word`) '_' is a blank. What is no code stays as it is. */
void transfer_decode_q(struct str s, bool word, struct strbuf *out);
/** Decode base64; foreign bytes are skipped, an unfinished group gives its whole bytes.
 */
void transfer_decode_b(struct str s, struct strbuf *out);
/** Append a header value with its encoded words decoded and converted. White space
 *  between two adjacent words goes. ERR_PARSE for a word that does not end. */
bool transfer_decode_words(struct charset *cs, struct str value, struct strbuf *out,
			   struct err *err) MUST_CHECK;

#endif
