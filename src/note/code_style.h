/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Light syntax highlighting of code blocks: comments, strings, keywords, numbers, and the
 * placeholders of commands.
 */
#ifndef NOTE_CODE_STYLE_H
#define NOTE_CODE_STYLE_H

#include "model/doc.h"
#include "note/frontmatter.h"

enum code_lang { CODE_PLAIN, CODE_SH, CODE_CONSOLE, CODE_C, CODE_JSON, CODE_DIFF };

enum code_lang code_lang_find(struct str name);
/** Append `text` as code lines at this indent. `params` are those of the note. */
void code_lines(struct doc *d, enum code_lang lang, struct str text, int indent,
		const struct fm_map *params);
/** Append one command, which may have several lines, with its placeholders. */
void code_command(struct doc *d, struct str text, int indent,
		  const struct fm_map *params);
/** Append a one-line command to the present line. */
void code_inline(struct doc *d, struct str text, const struct fm_map *params);

#endif
