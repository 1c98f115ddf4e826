/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values into commands. Each place a placeholder can stand in has one way of quoting
 * (POSIX XCU 2.2, 2.6.3, 2.7.4); a place whose rules differ between shells takes only
 * values that need no quoting at all.
 */
#include "note/placeholder.h"
#include "shell.h"

struct fill {
	const struct template *t;
	const struct slot *slot;
	enum shell_dialect dialect;
};

static bool is_plain_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("_./:@%+,-", c));
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_plain_byte(s.p[i]))
			return false;
	return true;
}

/* In single quotes, which nothing but a single quote ends. fish has escapes in them. */
static void quote_single(struct strbuf *out, struct str s, enum shell_dialect dialect)
{
	for (size_t i = 0; i < s.n; i++) {
		if (dialect == DIALECT_FISH && (s.p[i] == '\'' || s.p[i] == '\\')) {
			strbuf_addc(out, '\\');
			strbuf_addc(out, s.p[i]);
		} else if (s.p[i] == '\'') {
			strbuf_addz(out, "'\\''");
		} else {
			strbuf_addc(out, s.p[i]);
		}
	}
}

void shell_quote(struct strbuf *out, struct str value, enum shell_dialect dialect)
{
	if (value.n && is_plain(value)) {
		strbuf_add(out, value);
		return;
	}
	strbuf_addc(out, '\'');
	quote_single(out, value, dialect);
	strbuf_addc(out, '\'');
}

static void quote_escaped(struct strbuf *out, struct str s, const char *special)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] && strchr(special, s.p[i]))
			strbuf_addc(out, '\\');
		strbuf_addc(out, s.p[i]);
	}
}

/* Inside double quotes. An interactive bash expands `!` there and has no escape for it,
 * so it goes into single quotes of its own. */
static void quote_double(struct strbuf *out, struct str s, enum shell_dialect dialect)
{
	const char *special = dialect == DIALECT_FISH ? "\\\"$" : "\\\"$`";

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '!')
			strbuf_addz(out, "\"'!'\"");
		else
			quote_escaped(out, str_sub(s, i, 1), special);
	}
}

/* ---- what cannot stand there ------------------------------------------------- */

static bool refuse(const struct fill *f, const char *why, struct err *err)
{
	return err_set(err, ERR_DENIED, "filling <" STR_FMT ">: %s",
		       STR_ARG(f->t->blanks.v[f->slot->blank].name), why);
}

/* A line that only begins like the delimiter is refused, too: dash 0.5.12 ends the body
 * at "EOF" followed by bytes above 0x7f. */
static bool has_line(struct str s, struct str line)
{
	STR_EACH_LINE (l, s)
		if (str_starts(str_trim(l), line))
			return true;
	return false;
}

static bool has_control(struct str v)
{
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static bool check_heredoc(const struct fill *f, struct str v, struct err *err)
{
	const struct slot *slot = f->slot;

	if (slot->ticks && !is_plain(v))
		return refuse(f, "a here-document inside backticks", err);
	if (slot->tabs && (str_starts(v, STR("\t")) || str_find(v, STR("\n\t")) >= 0))
		return refuse(f, "a tab at the start of a line of <<-", err);
	/* a body ends at a line that is its delimiter, whatever made the line */
	return !has_line(v, slot->delimiter) ||
	       refuse(f, "the value would end the here-document", err);
}

static bool check(const struct fill *f, struct str v, struct err *err)
{
	const struct slot *slot = f->slot;

	if (v.n > VALUE_MAX)
		return err_set(err, ERR_LIMIT,
			       "filling <" STR_FMT ">: longer than %d bytes",
			       STR_ARG(f->t->blanks.v[slot->blank].name), VALUE_MAX);
	if (has_control(v))
		return refuse(f, "a control character", err);
	if (f->dialect == DIALECT_FISH && slot->ticks)
		return refuse(f, "fish has no backticks", err);
	/* what backticks do to quotes inside of double quotes differs between shells */
	switch (slot->ticks > 1 ? SHELL_UNSURE : (enum shell_in)slot->in) {
	case SHELL_UNSURE:
		return is_plain(v) ||
		       refuse(f, "here only letters, digits and _./:@%+,- are safe", err);
	case SHELL_HEREDOC:
	case SHELL_HEREDOC_RAW:
		return check_heredoc(f, v, err);
	case SHELL_COMMENT:
		return str_chr(v, '\n') < 0 || refuse(f, "a line end in a comment", err);
	case SHELL_BARE:
	case SHELL_SINGLE:
	case SHELL_DOUBLE:
		break;
	}
	return true;
}

/* ---- filling ----------------------------------------------------------------- */

static void put_quoted(const struct fill *f, struct str v, struct strbuf *out)
{
	switch ((enum shell_in)f->slot->in) {
	case SHELL_BARE:
		shell_quote(out, v, f->dialect);
		break;
	case SHELL_SINGLE:
		quote_single(out, v, f->dialect);
		break;
	case SHELL_DOUBLE:
		quote_double(out, v, f->dialect);
		break;
	case SHELL_HEREDOC:
		quote_escaped(out, v, "\\$`");
		break;
	case SHELL_HEREDOC_RAW:
	case SHELL_COMMENT:
	case SHELL_UNSURE:
		strbuf_add(out, v);
		break;
	}
}

/* "-x" as a file name is read as an option: "./-x" is not. */
static bool needs_dot(const struct fill *f, struct str v)
{
	return f->slot->word_start && v.n && v.p[0] == '-' &&
	       (f->slot->in == SHELL_BARE || f->slot->in == SHELL_SINGLE ||
		f->slot->in == SHELL_DOUBLE) &&
	       str_eq(f->t->blanks.v[f->slot->blank].type, STR("path"));
}

static void put_value(const struct fill *f, struct str v, struct strbuf *out)
{
	STRBUF_AUTO(quoted, COMMAND_MAX * 8);

	if (needs_dot(f, v))
		strbuf_addz(&quoted, "./");
	put_quoted(f, v, &quoted);
	/* backticks take one layer of backslashes off before anything else is read */
	if (f->slot->ticks && f->slot->in != SHELL_COMMENT)
		quote_escaped(out, strbuf_str(&quoted), "\\$`");
	else
		strbuf_add(out, strbuf_str(&quoted));
}

/* Several values, written as a shell would have them: a 'b c' d. */
static bool put_many(const struct fill *f, struct str v, struct strbuf *out,
		     struct err *err)
{
	bool first = true;

	while ((v = str_trim(v)).n) {
		STRBUF_AUTO(word, VALUE_MAX + 1);
		char quote = 0;

		for (; v.n && (quote || !strchr(" \t\n", v.p[0])); v = str_from(v, 1)) {
			if (quote ? v.p[0] == quote : v.p[0] == '\'' || v.p[0] == '"')
				quote = quote ? 0 : v.p[0];
			else
				strbuf_addc(&word, v.p[0]);
		}
		if (quote)
			return refuse(f, "a quote is open", err);
		if (!first)
			strbuf_addc(out, ' ');
		first = false;
		put_value(f, strbuf_str(&word), out);
	}
	return true;
}

static bool fill_slot(const struct fill *f, struct str v, struct strbuf *out,
		      struct err *err)
{
	if (!v.p) {
		strbuf_add(out, str_sub(f->t->text, f->slot->at, f->slot->n));
		return true;
	}
	if (!check(f, v, err))
		return false;
	if (f->t->blanks.v[f->slot->blank].many && f->slot->in == SHELL_BARE &&
	    f->slot->word_start && v.n)
		return put_many(f, v, out, err);
	put_value(f, v, out);
	return true;
}

bool template_fill(const struct template *t, const struct str *values,
		   enum shell_dialect dialect, struct strbuf *out, struct err *err)
{
	size_t at = 0;

	for (size_t i = 0; i < t->slots.n; i++) {
		struct fill f = { t, &t->slots.v[i], dialect };

		strbuf_add(out, str_sub(t->text, at, f.slot->at - at));
		if (!fill_slot(&f, values[f.slot->blank], out, err))
			return false;
		at = f.slot->at + f.slot->n;
	}
	strbuf_add(out, str_from(t->text, at));
	return strbuf_ok(out, "the command", err);
}
