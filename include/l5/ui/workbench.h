/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The workbench as a whole, for the program's main and for tests that drive it with
 * scripted keys on a headless screen.
 */
#ifndef UI_WORKBENCH_H
#define UI_WORKBENCH_H

#include "ui/view.h"

struct workbench_options {
	int headless_w, headless_h; /* above 0: no terminal */
	bool mouse;
	/* opened over a shell's prompt: a command that is filled in goes there, and the
	 * workbench ends */
	bool for_prompt;
	enum shell_dialect dialect;
	const char *theme; /* NULL: from the settings */
};

/** Build it on a context; the terminal is taken. */
bool workbench_new(struct ctx *ctx, const struct workbench_options *opt,
		   struct workbench **ret, struct err *err) MUST_CHECK;
/** Give the terminal back, close every view. NULL is fine. */
void workbench_free(struct workbench *wb);
/** Open a view by its name ("notes", "notes huge pages", "threads 4242"); the first of
 * all when empty. */
bool workbench_goto(struct workbench *wb, struct str view, struct err *err) MUST_CHECK;
/** Until the user leaves. */
bool workbench_run(struct workbench *wb, struct err *err) MUST_CHECK;
/** What the user chose for the prompt line; false when nothing. */
bool workbench_chosen(const struct workbench *wb, struct arena *a, struct str *ret);
/** One key by its name, as if pressed; then everything due is drawn. */
void workbench_key(struct workbench *wb, const char *key);
/** Wait until no job runs, then draw: what a test looks at is at rest. */
void workbench_settle(struct workbench *wb);
/** The screen as lines of text (styles: a letter a cell). Headless only. */
void workbench_screen(struct workbench *wb, struct strbuf *b, bool styles);

#endif
