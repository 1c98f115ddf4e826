/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dates as git reads them in GIT_COMMITTER_DATE, in author scripts and in mail headers
 * (git-commit(1), "DATE FORMATS"): "@1112911993 -0700", "1112911993 -0700", RFC 2822 and
 * ISO 8601 with their many variations. Pure, no time zone data but the local offset that
 * the caller supplies.
 */
#ifndef PATCH_DATE_H
#define PATCH_DATE_H

#include "base/err.h"
#include "base/str.h"

struct date {
	int64_t when; /* seconds since 1970, UTC */
	int offset;   /* minutes east of UTC */
};

/** Read a date; ERR_PARSE when there is no complete one in it. Where the text names no
 *  zone, the local one of that moment is taken. */
bool date_parse(struct str text, struct date *ret, struct err *err) MUST_CHECK;
/** The present moment in the local zone. */
struct date date_now(void);
/** "1112911993 -0700": as commit objects hold it; `buf` has room for 48 bytes. */
void date_print(struct date d, char buf[48]);

#endif
