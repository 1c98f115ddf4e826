/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The POSIX shell's own view of a command line, as far as quoting goes: which bytes are
 * words, quotes, operators, comments and here-documents, and where a `<name>` stands.
 * It does not execute, expand or judge; whatever it cannot follow with certainty is
 * reported as SHELL_UNSURE. One pass, constant memory.
 */
#ifndef NOTE_SHELL_H
#define NOTE_SHELL_H

#include "base/str.h"

enum shell_in {
	SHELL_BARE,
	SHELL_SINGLE,      /* '...' */
	SHELL_DOUBLE,      /* "..." */
	SHELL_HEREDOC,     /* body that is expanded */
	SHELL_HEREDOC_RAW, /* body of <<'EOF' */
	SHELL_COMMENT,
	SHELL_UNSURE, /* $'...', ${...}, $((...)), nested backticks */
};

enum shell_kind {
	SHELL_TEXT, /* part of a word, or of whatever `in` says */
	SHELL_BLANK,
	SHELL_NEWLINE,
	SHELL_OPERATOR,  /* | & ; < > ( ) and their doubles */
	SHELL_MARK,      /* a quote, or the beginning or end of a substitution */
	SHELL_EXPANSION, /* $name, $1 */
	SHELL_SLOT,      /* <name> */
};

struct shell_atom {
	enum shell_kind kind;
	enum shell_in in;
	size_t at, n;
	unsigned ticks; /* inside backticks: 1; those inside of double quotes: 2 */
	bool word_start;
	bool command_start;   /* of a command's first word, assignments passed over */
	struct str delimiter; /* of the here-document it is in */
	bool tabs;            /* whose leading tabs are dropped: <<- */
};

enum shell_frame_kind {
	FRAME_CODE,
	FRAME_SINGLE,
	FRAME_DOUBLE,
	FRAME_HEREDOC,
	FRAME_UNSURE
};

enum { SHELL_DEPTH = 32, SHELL_HEREDOCS = 8 };

struct shell_heredoc {
	struct str delimiter;
	bool raw, tabs;
};

struct shell_frame {
	enum shell_frame_kind kind;
	char close;     /* byte that ends it; 0: the end of the text */
	unsigned depth; /* parentheses or braces open inside */
	bool tick;
	struct shell_heredoc doc;
};

struct shell {
	struct str text;
	size_t at;
	struct shell_frame stack[SHELL_DEPTH];
	size_t top; /* index of the innermost frame */
	struct shell_heredoc pending[SHELL_HEREDOCS];
	size_t npending, next_doc;
	size_t word_at; /* where the present word began */
	unsigned tried; /* names in angle brackets looked at so far */
	bool word, line_start, comment, first;
	/** Is this name declared in the note? NULL: none is. */
	bool (*declared)(const void *arg, struct str name, bool *ret_literal);
	const void *arg;
};

void shell_start(struct shell *sh, struct str text);
/** The next piece of the text; every byte is in exactly one. False at the end. */
bool shell_next(struct shell *sh, struct shell_atom *ret);
/** True at the end when every quote and substitution was closed. */
bool shell_closed(const struct shell *sh);

/** Is the word one after which a command still begins: "then", "!", "A=b"? */
bool shell_opens_command(struct str word);

#endif
