/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A piece of source as lines of a doc, lightly highlighted: sh, console, c, json, diff.
 */
#ifndef NOTE_CODE_LINES_H
#define NOTE_CODE_LINES_H

#include "model/doc.h"

/** Append `text`, whose language is called `lang`; unknown ones are shown plain. */
void code_text(struct doc *d, struct str lang, struct str text);

#endif
