/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command may reach: opened on first use, closed with the context. It holds no
 * selection and no state of views; a command gets its objects as arguments.
 */
#ifndef APP_CTX_H
#define APP_CTX_H

#include "base/arena.h"
#include "base/root.h"
#include "base/strbuf.h"
#include "note/placeholder.h"

struct config;
struct store;
struct store_options;
struct versions;

/* Whose the terminal is. What was said there is read before a screen comes back. */
enum ctx_terminal { TERMINAL_LENT, TERMINAL_BACK, TERMINAL_BACK_WHEN_READ };

/* How a command talks while it runs; the CLI and the workbench each give their own. */
struct ctx_ui {
	/** A line of progress or narration ("Applying: ..."); escaped by the receiver. */
	void (*say)(void *arg, struct str line);
	/** A warning for standard error or the status bar. */
	void (*warn)(void *arg, struct str line);
	/** A question with the safe answer as default; false also when nobody can answer.
	 */
	bool (*confirm)(void *arg, const char *question);
	/** A line of input; false when nobody can answer or it was left. */
	bool (*ask)(void *arg, const char *question, struct str preset, struct arena *a,
		    struct str *ret);
	/** True when the user wants the running command to stop. */
	bool (*cancelled)(void *arg);
	void *arg;
	/** Text for standard output or standard error, as it is: what a command says
	 *  in another program's words. NULL: it goes to say and warn, line by line. */
	void (*raw)(void *arg, bool to_stderr, struct str text);
	/** How far it is, of how much at most. NULL: nobody watches. */
	void (*progress)(void *arg, uint64_t so_far, uint64_t total);
	/** Lend the terminal to the command and its children, or have it back. NULL: it
	 *  is theirs. */
	void (*terminal)(void *arg, enum ctx_terminal whose);
};

struct ctx {
	struct arena *arena;  /* lifetime of one command */
	struct arena *keep;   /* lifetime of the context */
	const char *root_dir; /* --root, default "/" */
	const char *db;       /* --db, or NULL for the usual place */
	const char *dir;      /* -C, or NULL */
	bool json, quiet, color;
	bool interactive; /* a person is at the terminal */
	struct ctx_ui ui;
	/** Opens the workbench at a view; set by the program, which knows screens. */
	bool (*workbench)(struct ctx *ctx, struct str view, struct err *err);
	/** Opens it on notes that fit the words, until a command is chosen and filled in:
	 *  into ctx->keep, quoted for a shell's prompt line. ERR_CANCELLED: left without;
	 *  ERR_DENIED: this terminal shows no screen. */
	bool (*choose)(struct ctx *ctx, struct str words, enum shell_dialect dialect,
		       struct str *ret, struct err *err);

	/* opened on first use through the functions below */
	struct root *root_;
	struct config *config_;
	struct store *store_;
	struct versions *versions_; /* what programs said of themselves: machine.c */
};

void ctx_init(struct ctx *ctx);
/** Close what was opened. The arena is freed too. */
void ctx_close(struct ctx *ctx);

struct root *ctx_root(struct ctx *ctx, struct err *err) MUST_CHECK;
/** The notes: --db, else $XDG_DATA_HOME/kcrib/notes.db, with the built-in ones loaded. */
struct store *ctx_store(struct ctx *ctx, struct err *err) MUST_CHECK;
/** How ctx_store() opens them, for a worker that does it with store_open(); what is named
 *  lives as long as the context. */
bool ctx_store_options(struct ctx *ctx, struct store_options *ret, struct err *err)
	MUST_CHECK;
/** The notes that the worker opened; closed where there are some already. NULL is fine.
 */
void ctx_store_give(struct ctx *ctx, struct store *store);
/** The user's settings; never fails: a broken file is reported once by ctx_warn. */
const struct config *ctx_config(struct ctx *ctx);

/** Progress, warnings, questions: printf into the ctx_ui above. */
void ctx_say(struct ctx *ctx, const char *fmt, ...) PRINTF_LIKE(2, 3);
void ctx_warn(struct ctx *ctx, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool ctx_confirm(struct ctx *ctx, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool ctx_cancelled(struct ctx *ctx);
void ctx_progress(struct ctx *ctx, uint64_t so_far, uint64_t total);
void ctx_raw(struct ctx *ctx, bool to_stderr, struct str text);
/** Around what talks to the terminal itself: an editor, a question on standard input. */
void ctx_terminal(struct ctx *ctx, enum ctx_terminal whose);

#endif
