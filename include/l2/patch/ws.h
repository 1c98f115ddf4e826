/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whitespace rules, as git apply --whitespace and core.whitespace (git-config(1)) know
 * them. Pure: a line in, faults or a mended line out.
 */
#ifndef PATCH_WS_H
#define PATCH_WS_H

#include "base/arena.h"
#include "base/strbuf.h"

enum ws_action { WS_WARN, WS_NOWARN, WS_FIX, WS_ERROR, WS_ERROR_ALL };

enum ws_fault {
	WS_BLANK_AT_EOL = 1,
	WS_SPACE_BEFORE_TAB = 2,
	WS_INDENT_WITH_NON_TAB = 4,
	WS_TAB_IN_INDENT = 8,
	WS_BLANK_AT_EOF = 16,
	WS_CR_AT_EOL = 32, /* not a fault: CR at the line end is no trailing blank */
};
struct ws_rule {
	unsigned faults; /* bits of enum ws_fault */
	unsigned tab_width;
};
#define WS_TAB_MAX 63
#define WS_RULE_DEFAULT                                                                  \
	((struct ws_rule){ WS_BLANK_AT_EOL | WS_SPACE_BEFORE_TAB | WS_BLANK_AT_EOF, 8 })

/** "nowarn", "warn", "fix" or "strip", "error", "error-all". */
bool ws_action_parse(struct str word, enum ws_action *ret_action, struct err *err)
	MUST_CHECK;
/** A value of core.whitespace or of the attribute "whitespace":
 *  "trailing-space,-space-before-tab,tabwidth=4". Words it does not know are passed over,
 *  as git does: a newer git may know them. ERR_PARSE: rules that exclude one another. */
bool ws_rule_parse(struct str value, struct ws_rule *ret_rule, struct err *err)
	MUST_CHECK;
/** The attribute "whitespace" set without a value: every fault but tab-in-indent, and
 *  unset: none. The tab width is that of `rule`. */
struct ws_rule ws_rule_all(struct ws_rule rule);
struct ws_rule ws_rule_none(struct ws_rule rule);
/** Faults of one added line (its LF included), as bits. */
unsigned ws_check(struct str line, struct ws_rule rule);
/** "trailing whitespace", "space before tab in indent", ...: as git words them. */
const char *ws_fault_name(enum ws_fault one);
/** Append the line with its faults mended, as --whitespace=fix does. True when that is
 *  a repair git counts: a CR that goes alone is none. */
bool ws_fix(struct str line, struct ws_rule rule, struct strbuf *out);
/** Equal when a run of blanks is as good as any other and line ends do not count
 *  (--ignore-space-change). */
bool ws_equal(struct str a, struct str b);
/** Nothing but blanks. */
bool ws_blank(struct str line);

#endif
