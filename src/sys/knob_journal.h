/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal of changed settings: one line a change, newest last, tab-separated. Held
 * under a lock from the first look to the last write, so that two instances take turns;
 * replaced as a whole, so that a crash leaves the old or the new one.
 */
#ifndef SYS_KNOB_JOURNAL_H
#define SYS_KNOB_JOURNAL_H

#include "base/arena.h"
#include "base/strbuf.h"

struct journal_entry {
	struct str boot; /* boot_id: a reboot undoes settings by itself */
	struct str id, before, asked;
	struct str got; /* "?" until the kernel's answer was read back */
};

struct journal {
	const char *path;
	int lock;
	struct journal_entry *v;
	size_t n, cap;
};

enum { JOURNAL_MAX = 200 };

/** Lock and read; a missing file is an empty journal. Lines that are not ours are
 *  ERR_PARSE. Ends with journal_close(), also after a failure further on. */
bool journal_open(struct arena *a, const char *path, struct journal *ret, struct err *err)
	MUST_CHECK;
void journal_close(struct journal *j);
/** Write what is in memory; beyond JOURNAL_MAX the oldest go. */
bool journal_save(struct journal *j, struct err *err) MUST_CHECK;
/** Text and back: parse(print(x)) == x. Fields must not hold tabs or newlines. */
bool journal_parse(struct arena *a, struct str text, struct journal *ret, struct err *err)
	MUST_CHECK;
void journal_print(struct strbuf *b, const struct journal *j);

#endif
