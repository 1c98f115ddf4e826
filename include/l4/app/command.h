/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command as data. The same table entry is read by the command line, the `:` prompt,
 * key bindings, help, completion, the man page and --json. A command returns a typed
 * table, record or doc; who shows it decides how.
 *
 * Commands live in cmd_*.c, one subject a file, each exporting one NULL-named-terminated
 * array that command.c's list names. Nothing else needs to change for a new one.
 */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

#include "app/ctx.h"
#include "model/doc.h"
#include "model/table.h"

/* ---- arguments: text becomes a value once ------------------------------------- */

struct value {
	struct str text; /* as typed */
	union {
		int64_t i;
		double real;
		struct {
			int64_t pid, tid;
			uint64_t start; /* starttime of /proc/PID/stat: notices a reused
					   PID */
		} task;
	};
};

struct completion {
	struct str text; /* what would be inserted */
	struct str note; /* a few words beside it; may be empty */
};
struct completions {
	struct completion *v;
	size_t n, cap;
};

struct argtype {
	const char *name; /* "pid": as placeholders and help name it */
	/** Check and convert. NULL: any text. */
	bool (*parse)(struct ctx *ctx, struct str text, struct value *ret,
		      struct err *err);
	/** Offer what may stand here, in arena `a`. NULL: nothing to offer. */
	void (*complete)(struct ctx *ctx, struct arena *a, struct str prefix,
			 struct completions *ret);
};

extern const struct argtype argtype_text, argtype_int, argtype_size, argtype_duration,
	argtype_path, argtype_note, argtype_pid, argtype_tid, argtype_tag,
	argtype_command;
/** By name, for placeholders and tables; NULL when there is none. */
const struct argtype *argtype_find(struct str name);

enum param_flags {
	PARAM_OPTION = 1,   /* --name; otherwise positional */
	PARAM_SWITCH = 2,   /* an option without a value */
	PARAM_OPTVALUE = 4, /* the value may be absent and is glued: -S[ID], --x[=V] */
	PARAM_REQUIRED = 8,
	PARAM_MANY = 16,      /* positional: all that is left; option: may be repeated */
	PARAM_NEGATABLE = 32, /* --no-name resets it */
	PARAM_HIDDEN = 64,
};

struct param {
	const char *name; /* long option or name of the positional, without dashes */
	char letter;      /* short option, or 0 */
	unsigned flags;
	const struct argtype *type; /* NULL for switches */
	const char *metavar;        /* "N", "DIR"; NULL: the type's name */
	const char *help;           /* one line, no full stop */
	const char *const *choices; /* NULL-terminated list of allowed values, or NULL */
};

struct arg {
	const struct param *param;
	struct value value;
	bool negated; /* --no-name */
	bool has_value;
};

/* Arguments in the order they were typed. */
struct args {
	const struct command *command;
	struct arg *v;
	size_t n, cap;
};

/** Is the switch or option given (the last one wins; negated counts as not given)? */
bool args_has(const struct args *args, const char *name);
/** Is it on the command line at all, negated or not? */
bool args_given(const struct args *args, const char *name);
/** The last value given, or NULL. */
const struct value *args_get(const struct args *args, const char *name);
/** Its text, or `fallback`. */
struct str args_text(const struct args *args, const char *name, struct str fallback);
int64_t args_int(const struct args *args, const char *name, int64_t fallback);
/** The i-th value of a repeated parameter, or NULL. */
const struct value *args_nth(const struct args *args, const char *name, size_t i);

/* ---- results ------------------------------------------------------------------- */

enum result_kind { RESULT_NONE, RESULT_TABLE, RESULT_RECORD, RESULT_DOC, RESULT_BYTES };

struct result {
	enum result_kind kind;
	union {
		const struct table *table;
		const struct record *record;
		const struct doc *doc;
		struct str bytes; /* a note's own bytes, a command line */
	};
	int exit_code;   /* 0 done, 1 the answer is no; am: 128 when it stopped */
	struct str said; /* one line for the status bar of the workbench; may be empty */
};

/* ---- commands ------------------------------------------------------------------ */

struct source_ops;

enum command_flags {
	COMMAND_HIDDEN = 1,
	COMMAND_CHANGES = 2, /* notes or trees may differ afterwards: views refresh */
	COMMAND_TERMINAL =
		4,        /* needs the terminal for itself: an editor, a shell command */
	COMMAND_PASS = 8, /* only whole long names are options: -T may be what is meant */
	/* takes its time: the workbench runs it as a job and shows the doc it gives. It
	 * changes nothing, asks nothing, and leaves ctx's store alone. */
	COMMAND_JOB = 16,
};

struct command {
	const char *name;           /* "am", "rej take": words separated by one blank */
	const char *summary;        /* one line, lower case, no full stop */
	const char *help;           /* paragraphs for help and man page; may be NULL */
	const struct param *params; /* ends with .name NULL; may be NULL */
	unsigned flags;
	bool (*run)(struct ctx *ctx, const struct args *args, struct result *result,
		    struct err *err);
	const struct source_ops *source; /* live data; run may then be NULL: one sample */
};

/** All commands, sorted by name; `*ret_n` of them. */
const struct command *const *command_list(size_t *ret_n);
/** The command whose name is the longest match of the first words; `*ret_used` words. */
const struct command *command_find(const struct str *words, size_t n, size_t *ret_used);
/** Says that there is no such command, and which ones may have been meant. Always false.
 */
bool command_unknown(struct str name, struct err *err);
/** Bind words to the command's parameters: options anywhere, "--" ends them, unique
 *  prefixes of long options count, -abc bundles. ERR_USAGE names the word. */
bool command_bind(struct ctx *ctx, const struct command *cmd, const struct str *words,
		  size_t n, struct args *ret, struct err *err) MUST_CHECK;
/** Run bound arguments; a command with only a source is sampled once. */
bool command_run(struct ctx *ctx, const struct args *args, struct result *ret,
		 struct err *err) MUST_CHECK;
/** Split a line as a shell does words: blanks, '...', "...", backslash; nothing expands.
 */
bool command_split(struct arena *a, struct str line, struct str **ret, size_t *ret_n,
		   struct err *err) MUST_CHECK;
/** Split, find, bind and run one line: the `:` prompt and key bindings. */
bool command_eval(struct ctx *ctx, struct str line, struct result *ret, struct err *err)
	MUST_CHECK;
/** Completions of the last word of `line`; `*ret_from` is where that word begins. */
void command_complete(struct ctx *ctx, struct arena *a, struct str line, size_t *ret_from,
		      struct completions *ret);
/** "kcrib am [-3] [--reject] ... [MBOX...]": the usage line. */
void command_usage(struct strbuf *b, const struct command *cmd);
/** The help page of one command, or of all when NULL. */
struct doc *command_help(struct arena *a, const struct command *cmd);
/** Faults of the table: missing summary, option without type, unsorted names ... Each is
 *  one line in `b`; true when there is none. Run by a test. */
bool command_self_test(struct strbuf *b);

#endif
