/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filling in one command of a note: fields in the order they are asked, each with a type,
 * completions, a default and the values used here before; one can go back; the command
 * grows with every value. Nothing runs before form_run(), and that only after whoever
 * owns the screen has shown form_command() whole and was told yes.
 */
#ifndef APP_FORM_H
#define APP_FORM_H

#include "app/command.h"
#include "note/placeholder.h"

struct form;

struct form_field {
	struct str name, type;
	const struct argtype *argtype; /* never NULL; argtype_text when nothing fits */
	struct str value;              /* .p == NULL: not given yet */
	struct str preset; /* offered: the last value here, else the note's default */
	const struct str_list *choices; /* empty: anything */
	const char *
		history; /* name for line_open(): one history for each placeholder name */
	bool suggests;   /* a command of the note offers values, and may run */
};

/** Command `number` of a note; 0: the only one. ERR_NOTFOUND, ERR_AMBIGUOUS. The form
 *  lives in `a`. */
bool form_open(struct ctx *ctx, struct arena *a, struct str slug, size_t number,
	       struct form **ret, struct err *err) MUST_CHECK;
size_t form_count(const struct form *f);
const struct form_field *form_field(const struct form *f, size_t i);
/** Index of the field by its name, or form_count(). */
size_t form_find(const struct form *f, struct str name);
/** Set and check one value. It stays unset when it does not fit. */
bool form_set(struct form *f, size_t i, struct str value, struct err *err) MUST_CHECK;
/** Where the user is; form_count(): all are given. */
size_t form_at(const struct form *f);
void form_next(struct form *f);
/** One field back, keeping its value as the preset; false at the first one. */
bool form_back(struct form *f);
/** What may stand in a field and begins with `prefix`: choices, live objects of its type,
 *  lines of the suggestion command (trusted notes only), values used before. */
void form_complete(struct form *f, size_t i, struct arena *a, struct str prefix,
		   struct completions *ret);

/** The command as far as it is filled; `<name>` where it is not. */
bool form_command(const struct form *f, struct arena *a, enum shell_dialect dialect,
		  struct str *ret, struct err *err) MUST_CHECK;
struct danger form_danger(const struct form *f, struct arena *a);
/** May it run? ERR_DENIED for imported notes that are not trusted. */
bool form_may_run(struct form *f, struct err *err) MUST_CHECK;

struct form_outcome {
	int exit_code;
	double seconds;
	struct str output; /* only when kept */
};
/** Run the finished command by sh -c on our own terminal, remember the values, count the
 *  use. With `keep` the output is collected, shown afterwards, and added to the note. */
bool form_run(struct form *f, bool keep, struct form_outcome *ret, struct err *err)
	MUST_CHECK;
/** Remember the values without running: after copying, or for the prompt line. */
void form_remember(struct form *f);
struct str form_slug(const struct form *f);

#endif
