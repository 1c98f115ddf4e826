/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A generator of nasty mails: the same seed gives the same mail everywhere. Nothing in
 * them names a real person.
 */
#ifndef TESTS_MAIL_GEN_H
#define TESTS_MAIL_GEN_H

#include "base/arena.h"
#include "base/strbuf.h"

/** Append mail number `seed`. */
void mail_gen(uint64_t seed, struct strbuf *out);

#endif
