/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notes of other programs. A foreign text is kept as it is, byte by byte, behind front
 * matter of ours that says what it is:
 *
 *     ---
 *     format: tldr
 *     file: "pages/common/tar.md"
 *     title: "tar: archiving utility"
 *     tags: [tldr, common]
 *     ---
 *     # tar                              <- the original begins here
 *
 * so that export of an untouched note gives back the very bytes. What is shown, filled
 * and run is the native Markdown that note_native() makes of it on the way.
 *
 * Formats: Markdown with the front matter of zk, nb and Obsidian; tldr pages (client
 * specification 2.3); navi cheats; cheat's sheets; pet's TOML; Org.
 */
#ifndef NOTE_FORMAT_H
#define NOTE_FORMAT_H

#include "base/arena.h"
#include "base/strbuf.h"
#include "note/frontmatter.h"

enum note_format {
	FORMAT_MARKDOWN,
	FORMAT_TLDR,
	FORMAT_NAVI,
	FORMAT_CHEAT,
	FORMAT_PET,
	FORMAT_ORG,
	FORMAT_COUNT,
};

const char *format_name(enum note_format format);
bool format_find(struct str name, enum note_format *ret);
/** What a file is, by its name and its first lines; false: nothing that is known here. */
bool format_detect(struct str path, struct str bytes, enum note_format *ret);

enum { FORMAT_FILE_MAX = 2 << 20 /* bytes of one imported file */ };

struct foreign {
	struct str slug;  /* what it might be called */
	struct str bytes; /* the note: front matter of ours and the original */
};
/** A file as a note. `path` is relative to the folder it was found in. ERR_PARSE when it
 *  is not in this format; ERR_LIMIT above FORMAT_FILE_MAX. */
bool format_import(struct arena *a, enum note_format format, struct str path,
		   struct str bytes, struct foreign *ret, struct err *err) MUST_CHECK;

/** The format a note is kept in, and its original text without our front matter. */
enum note_format note_format_of(struct arena *a, struct str bytes,
				struct str *ret_original);
/** The relative path that the original had; empty when it is a note of our own. */
struct str note_format_file(struct arena *a, struct str bytes);
/** The note with another original text behind the same front matter. */
struct str note_format_replace(struct arena *a, struct str bytes, struct str original);
/** The note as native Markdown; `bytes` itself when it is that already. */
struct str note_native(struct arena *a, struct str bytes);

/** The note in another format, appended to `out`; what cannot be said there goes to
 *  `lost`, one line each. False when nothing of it can be: no command, say. */
bool format_export(struct arena *a, enum note_format format, struct str slug,
		   struct str bytes, struct strbuf *out, struct str_list *lost);
/** "tar.md", "tar.cheat", ...: the file name for a slug. */
struct str format_file_name(struct arena *a, enum note_format format, struct str slug);

#endif
