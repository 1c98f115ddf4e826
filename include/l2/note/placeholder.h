/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands with blanks to fill in. A placeholder is `<name>`: a letter, then letters and
 * digits of any script, '-' and '_'. The front matter may say more about it:
 *
 *     params:
 *       pid: pid                         a type: pid tid vm path note size duration text
 * int mode: choice always never        one of these words file: path = vmlinux what
 * stands there at first dev: text $ ls /sys/class/net    a command whose lines are
 * offered head: text = v6.1 $ git -C <dir> tag     it may use another placeholder files:
 * path...                   several values, each quoted for itself nixpkgs: literal no
 * placeholder: the brackets are meant
 *
 * Redirections, here-documents, comparisons and tags (<b>..</b>) keep their brackets. A
 * value is quoted for the place it stands in; where no quoting is safe it is refused.
 */
#ifndef NOTE_PLACEHOLDER_H
#define NOTE_PLACEHOLDER_H

#include "base/arena.h"
#include "base/strbuf.h"
#include "note/frontmatter.h"

enum {
	COMMAND_MAX = 64 * 1024, /* bytes of one command; longer ones have no slots */
	VALUE_MAX = 16 * 1024,   /* bytes of one value */
	SLOTS_MAX = 128,         /* placeholders standing in one command */
};

struct blank {
	struct str name;
	struct str type;         /* "text" when nothing is said */
	struct str_list choices; /* for type "choice", else empty */
	struct str preset;       /* empty: none */
	struct str suggest;      /* shell command; empty: none */
	struct str_list needs;   /* placeholders the suggestion command uses */
	bool many;
};

/* One place where a placeholder stands. */
struct slot {
	size_t at, n; /* bytes of the command, the brackets included */
	size_t blank; /* index in blanks */
	unsigned in;  /* enum shell_in, for whoever fills it */
	unsigned ticks;
	bool word_start;      /* nothing of the word stands before it */
	struct str delimiter; /* of the here-document it stands in */
	bool tabs;            /* whose leading tabs are dropped */
};

struct template
{
	struct str text;
	struct {
		struct blank *v;
		size_t n, cap;
	} blanks; /* each name once; those that others need come first */
	struct {
		struct slot *v;
		size_t n, cap;
	} slots;
};

enum shell_dialect { DIALECT_SH, DIALECT_FISH };

/** Find the placeholders of a command. `params` may be NULL. */
void template_parse(struct arena *a, struct str text, const struct fm_map *params,
		    struct template *ret);
/** What a line of `params` says. ERR_PARSE for a word after the type that fits nowhere.
 */
bool blank_parse(struct arena *a, struct str name, struct str spec, struct blank *ret,
		 struct err *err) MUST_CHECK;
/** Append the command with values[i] for blanks.v[i]; STR_NONE leaves `<name>` as it is.
 *  ERR_DENIED when a value cannot stand where its placeholder does; control characters
 *  other than newline and tab are always refused. */
bool template_fill(const struct template *t, const struct str *values,
		   enum shell_dialect dialect, struct strbuf *out, struct err *err)
	MUST_CHECK;
/** Append one value as one shell word. */
void shell_quote(struct strbuf *out, struct str value, enum shell_dialect dialect);

/* ---- what a command may do ------------------------------------------------------- */

enum danger_level { DANGER_NONE, DANGER_ROOT, DANGER_DESTROYS };
struct danger {
	enum danger_level level;
	struct str why; /* "rm deletes files"; literal or in the text */
};
/** Does the command ask for root (sudo, a write below /sys or /proc) or destroy things
 *  (rm, dd of=, mkfs, git reset --hard ...)? A warning, never a permission: what is not
 *  recognised may still do harm. */
struct danger command_danger(struct str text);

#endif
