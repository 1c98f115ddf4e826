/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all the foreign formats have in common: a title, a description, tags, and commands
 * with a line about each. Readers fill it, writers print it.
 */
#ifndef NOTE_SHEET_H
#define NOTE_SHEET_H

#include "note/format.h"

struct sheet_item {
	struct str about;   /* may be empty */
	struct str command; /* with native placeholders */
	struct str scope;   /* navi: the tags it stands under */
};

struct sheet {
	struct arena *a;
	struct str title, about, lang;
	struct str_list tags, aliases;
	struct {
		struct sheet_item *v;
		size_t n, cap;
	} items;
	struct fm_map params; /* name -> what `params:` says of it */
	struct str body;      /* native Markdown, instead of items; may be empty */
	struct str fields;    /* further lines of front matter, line ends included */
};

/** A native name for a foreign placeholder: the same text gives the same name, another
 *  text another one. `spec` is what params will say. */
struct str sheet_param(struct sheet *s, struct str text, struct str spec);
/** Append foreign text to a command; what looks like a placeholder of ours there is
 *  declared literal. */
void sheet_literal(struct sheet *s, struct strbuf *command, struct str text);
void sheet_item(struct sheet *s, struct str about, struct str command);
/** The sheet as native Markdown with front matter. */
struct str sheet_markdown(const struct sheet *s);

/* Readers: false when the text is not in the format. */
bool tldr_read(struct sheet *s, struct str path, struct str bytes);
bool navi_read(struct sheet *s, struct str path, struct str bytes);
bool cheat_read(struct sheet *s, struct str path, struct str bytes);
bool pet_read(struct sheet *s, struct str path, struct str bytes);
bool org_read(struct sheet *s, struct str path, struct str bytes);
bool plain_read(struct sheet *s, struct str path, struct str bytes);

/* Writers. */
void tldr_write(const struct sheet *s, struct strbuf *out, struct str_list *lost);
void navi_write(const struct sheet *s, struct strbuf *out, struct str_list *lost);
void cheat_write(const struct sheet *s, struct strbuf *out, struct str_list *lost);
void pet_write(const struct sheet *s, struct strbuf *out, struct str_list *lost);
void org_write(const struct sheet *s, struct strbuf *out, struct str_list *lost);

/** The file name without folders and without `.ext`. */
struct str sheet_stem(struct str path);

#endif
