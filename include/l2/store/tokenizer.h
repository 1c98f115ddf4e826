/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What counts as a word in the index, for people who type identifiers, flags and Chinese:
 *
 *  - A run of CJK: in a text each position holds the pair of characters that begins
 *    there and, on the same position, the single one; a query of several characters is
 *    the phrase of its pairs, a single character is itself.
 *  - A change of script ends a word: KVM退出 is "kvm", then CJK.
 *  - Letters and digits stay together (x86, 2M, 0x8004); everything else divides, so
 *    vcpu->run->exit_reason is the words vcpu run exit reason in a row.
 *  - CamelCase: the joined word, its parts on the same position (mTHP: mthp, thp); a
 *    query holds the joined word only.
 *  - Flags keep their case and are another word than their letters: -T is not -t. In a
 *    text the flag stands on the position of its first part (--max-depth=1: max and
 *    --max-depth, depth, 1).
 *
 * Words are folded by utf8_fold_cp(); flags are not. Nothing is stemmed.
 */
#ifndef STORE_TOKENIZER_H
#define STORE_TOKENIZER_H

#include "base/str.h"

enum {
	TOKEN_MAX = 64, /* bytes of one token; the rest of a longer word is dropped */
	/* Goes up when the same text gives other tokens: the index is then made anew. */
	TOKENIZER_VERSION = 1,
};

enum token_mode {
	TOKEN_TEXT,  /* a text for the index: all variants */
	TOKEN_QUERY, /* words that are looked for: one token a position */
};

struct token {
	struct str word; /* folded; lives until the callback returns */
	size_t at, end;  /* the bytes of the text it stands for */
	bool same;       /* on the position of the token before it */
};

/** Call `fn` for each token until it returns false. True when all were taken. Linear in
 *  the text; any bytes are allowed. */
bool tokenize(struct str text, enum token_mode mode,
	      bool (*fn)(void *arg, const struct token *token), void *arg);

#endif
