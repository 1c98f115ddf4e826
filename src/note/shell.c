/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A walk over shell text: see shell.h. A stack of frames tells code from quotes; here-
 * documents wait in a queue for the end of their line, as the shell has it (POSIX XCU
 * 2.2, 2.7.4).
 */
#include "shell.h"
#include "base/arena.h"
#include "base/utf8.h"

enum {
	NAME_MAX_BYTES = 64,
	TRY_MAX = 256, /* each undeclared name costs a search of the whole text */
};

void shell_start(struct shell *sh, struct str text)
{
	sh->text = text;
	sh->at = 0;
	sh->top = 0;
	sh->stack[0] = (struct shell_frame){ .kind = FRAME_CODE };
	sh->npending = sh->next_doc = 0;
	sh->tried = 0;
	sh->word = sh->comment = false;
	sh->line_start = sh->first = true;
}

bool shell_closed(const struct shell *sh)
{
	return sh->top == 0 && sh->npending == sh->next_doc;
}

static char peek(const struct shell *sh, size_t ahead)
{
	return sh->at + ahead < sh->text.n ? sh->text.p[sh->at + ahead] : '\0';
}

static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || (c & 0x80);
}

static struct shell_frame *push(struct shell *sh, enum shell_frame_kind kind, char close)
{
	/* deeper than anybody writes: stay here, and let nothing certain be said */
	if (sh->top + 1 >= SHELL_DEPTH) {
		sh->stack[sh->top].kind = FRAME_UNSURE;
		return &sh->stack[sh->top];
	}
	sh->stack[++sh->top] = (struct shell_frame){ .kind = kind, .close = close };
	return &sh->stack[sh->top];
}

static void pop(struct shell *sh)
{
	if (sh->top)
		sh->top--;
}

static unsigned ticks(const struct shell *sh)
{
	unsigned n = 0;

	for (size_t i = 0; i <= sh->top; i++)
		if (sh->stack[i].tick)
			n += i && sh->stack[i - 1].kind != FRAME_CODE ? 2 : 1;
	return n;
}

static enum shell_in where(const struct shell *sh)
{
	const struct shell_frame *f = &sh->stack[sh->top];

	for (size_t i = 0; i <= sh->top; i++)
		if (sh->stack[i].kind == FRAME_UNSURE)
			return SHELL_UNSURE;
	if (sh->comment)
		return SHELL_COMMENT;
	switch (f->kind) {
	case FRAME_SINGLE:
		return SHELL_SINGLE;
	case FRAME_DOUBLE:
		return SHELL_DOUBLE;
	case FRAME_HEREDOC:
		return f->doc.raw ? SHELL_HEREDOC_RAW : SHELL_HEREDOC;
	case FRAME_CODE:
	case FRAME_UNSURE:
		break;
	}
	return SHELL_BARE;
}

/* ---- <name> ------------------------------------------------------------------------ */

/* Length of `<name>` at the front of `s`; 0 when it is none. */
static size_t slot_length(struct str s, struct str *ret_name)
{
	struct str rest = str_from(s, 1);
	size_t n = 1;
	uint32_t cp;

	while (n < s.n && n < NAME_MAX_BYTES && s.p[n] != '>') {
		struct str before = rest;

		utf8_next(&rest, &cp);
		if (!utf8_is_word(cp) && cp != '_' && cp != '-')
			return 0;
		if (n == 1 && (cp < 0x80 && !((cp | 32) >= 'a' && (cp | 32) <= 'z')))
			return 0;
		n += before.n - rest.n;
	}
	if (n < 2 || n >= s.n || s.p[n] != '>')
		return 0;
	*ret_name = str_n(s.p + 1, n - 1);
	return n + 1;
}

/* <name> with a </name> somewhere is a tag; <STDIN> is Perl. */
static bool looks_like_markup(const struct shell *sh, struct str name)
{
	char close[NAME_MAX_BYTES + 4] = "</";

	memcpy(close + 2, name.p, name.n);
	close[name.n + 2] = '>';
	return str_eq(name, STR("STDIN")) ||
	       str_find(sh->text, str_n(close, name.n + 3)) >= 0;
}

/* `sort <in>out` and `a<b>c` are redirections and comparisons, unless the note declares
 * the name. */
static bool looks_like_redirection(const struct shell *sh, size_t n)
{
	char before = sh->at ? sh->text.p[sh->at - 1] : ' ', after = peek(sh, n);

	if (where(sh) != SHELL_BARE)
		return false;
	if (after == '>' || after == '<')
		return true;
	return is_word_byte(after) && (before == ' ' || before == '\t' ||
				       before == '\n' || is_word_byte(before));
}

static size_t take_slot(struct shell *sh)
{
	struct str name;
	size_t n = slot_length(str_from(sh->text, sh->at), &name);
	bool literal = false;

	if (!n ||
	    (sh->at && (sh->text.p[sh->at - 1] == '\\' || sh->text.p[sh->at - 1] == '<')))
		return 0;
	if (sh->declared && sh->declared(sh->arg, name, &literal))
		return literal ? 0 : n;
	if (sh->tried++ >= TRY_MAX)
		return 0;
	return looks_like_markup(sh, name) || looks_like_redirection(sh, n) ? 0 : n;
}

/* ---- here-documents ---------------------------------------------------------------- */

/* The word after `<<`; its quotes make the body raw. Returns the bytes used. */
/* long: four ways of writing one word */
static size_t take_delimiter(struct shell *sh, size_t at)
{
	struct str s = str_from(sh->text, at);
	struct shell_heredoc doc = { 0 };
	size_t n = 0, start;
	char quote = 0;

	if (n < s.n && s.p[n] == '-') {
		doc.tabs = true;
		n++;
	}
	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	if (n < s.n && (s.p[n] == '\'' || s.p[n] == '"'))
		quote = s.p[n++];
	else if (n < s.n && s.p[n] == '\\')
		doc.raw = s.p[n++] == '\\';
	doc.raw |= quote != 0;
	start = n;
	while (n < s.n &&
	       (quote ? s.p[n] != quote && s.p[n] != '\n' : is_word_byte(s.p[n])))
		n++;
	doc.delimiter = str_sub(s, start, n - start);
	if (quote && n < s.n && s.p[n] == quote)
		n++;
	if (!doc.delimiter.n)
		return 0;
	if (sh->npending < SHELL_HEREDOCS)
		sh->pending[sh->npending++] = doc;
	else
		push(sh, FRAME_UNSURE, 0);
	return n;
}

static void begin_heredoc(struct shell *sh)
{
	struct shell_frame *f;

	if (sh->next_doc >= sh->npending) {
		sh->next_doc = sh->npending = 0;
		return;
	}
	f = push(sh, FRAME_HEREDOC, 0);
	f->doc = sh->pending[sh->next_doc++];
}

/* At the start of a line of a body: is it the last one? */
static bool at_delimiter(const struct shell *sh, size_t *ret_n)
{
	const struct shell_heredoc *doc = &sh->stack[sh->top].doc;
	struct str rest = str_from(sh->text, sh->at), line = STR("");
	size_t tabs = 0;

	str_line(&rest, &line);
	line = str_chomp(line);
	while (doc->tabs && tabs < line.n && line.p[tabs] == '\t')
		tabs++;
	*ret_n = line.n;
	return str_eq(str_from(line, tabs), doc->delimiter);
}

/* ---- atoms ------------------------------------------------------------------- */

static struct shell_atom atom(struct shell *sh, enum shell_kind kind, size_t n)
{
	struct shell_atom a = {
		.kind = kind, .in = where(sh), .at = sh->at, .n = n, .ticks = ticks(sh)
	};

	a.word_start = !sh->word;
	a.command_start = sh->first && !sh->word && a.in != SHELL_COMMENT;
	if (sh->stack[sh->top].kind == FRAME_HEREDOC) {
		a.delimiter = sh->stack[sh->top].doc.delimiter;
		a.tabs = sh->stack[sh->top].doc.tabs;
	}
	sh->at += n;
	sh->line_start = kind == SHELL_NEWLINE;
	return a;
}

bool shell_opens_command(struct str word)
{
	static const char *const words[] = { "if",    "then", "else", "elif", "while",
					     "until", "do",   "{",    "!",    "time" };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq(word, str_of(words[i])))
			return true;
	while (n < word.n && is_word_byte(word.p[n]))
		n++;
	return n && n < word.n && word.p[n] == '='; /* an assignment */
}

static void end_word(struct shell *sh)
{
	if (sh->word && sh->first)
		sh->first = shell_opens_command(
			str_sub(sh->text, sh->word_at, sh->at - sh->word_at));
	sh->word = false;
}

static struct shell_atom separator(struct shell *sh, enum shell_kind kind, size_t n)
{
	struct shell_atom a;

	end_word(sh);
	a = atom(sh, kind, n);
	return a;
}

static struct shell_atom word_part(struct shell *sh, enum shell_kind kind, size_t n)
{
	size_t at = sh->at;
	struct shell_atom a = atom(sh, kind, n);

	if (!sh->word)
		sh->word_at = at;
	sh->word = true;
	return a;
}

static size_t blanks(const struct shell *sh)
{
	size_t n = 0;

	while (peek(sh, n) == ' ' || peek(sh, n) == '\t')
		n++;
	return n;
}

/* $( ${ $(( and, outside of quotes, $': what they open. */
static struct shell_atom substitution(struct shell *sh)
{
	char c = peek(sh, 1);
	bool arith = c == '(' && peek(sh, 2) == '(';
	bool code = c == '(' && !arith;
	struct shell_atom a = word_part(sh, SHELL_MARK, arith ? 3 : 2);
	struct shell_frame *f = push(sh, code ? FRAME_CODE : FRAME_UNSURE,
				     (char)(c == '('   ? ')'
					    : c == '{' ? '}'
						       : '\''));

	f->depth = arith ? 1 : 0;
	if (code) {
		sh->word = false;
		sh->first = true;
	}
	return a;
}

/* $ and what follows it, in code, double quotes or an expanding body. */
static struct shell_atom dollar(struct shell *sh, bool quoted)
{
	char c = peek(sh, 1);
	size_t n = 1;

	if (c == '(' || c == '{' || (c == '\'' && !quoted))
		return substitution(sh);
	if (c && strchr("?#@*$!-", c))
		return word_part(sh, SHELL_EXPANSION, 2);
	while (is_word_byte(peek(sh, n)) && !(peek(sh, n) & 0x80))
		n++;
	return word_part(sh, n > 1 ? SHELL_EXPANSION : SHELL_TEXT, n);
}

static struct shell_atom backtick(struct shell *sh)
{
	struct shell_frame *f = &sh->stack[sh->top];
	struct shell_atom a;

	if (f->kind == FRAME_CODE && f->tick) {
		end_word(sh);
		pop(sh);
		a = word_part(sh, SHELL_MARK, 1);
		return a;
	}
	a = word_part(sh, SHELL_MARK, 1);
	if (ticks(sh)) {
		push(sh, FRAME_UNSURE, '`');
	} else {
		push(sh, FRAME_CODE, '`')->tick = true;
		sh->word = false;
		sh->first = true;
	}
	return a;
}

static struct shell_atom escape(struct shell *sh)
{
	struct str rest = str_from(sh->text, sh->at + 1);
	size_t n = 1;

	/* \` inside backticks begins an inner pair: nothing certain from here on */
	if (peek(sh, 1) == '`' && ticks(sh)) {
		struct shell_atom a = word_part(sh, SHELL_MARK, 2);

		push(sh, FRAME_UNSURE, 0);
		return a;
	}
	/* \<name>: the backslash alone, so that what is escaped is seen as text */
	if (rest.n)
		n += rest.p[0] == '\n' ? 1 : utf8_grapheme(rest);
	return word_part(sh, SHELL_TEXT, n);
}

static struct shell_atom text_run(struct shell *sh, const char *stop)
{
	size_t n = 1;

	while (sh->at + n < sh->text.n && !strchr(stop, peek(sh, n)) && peek(sh, n))
		n++;
	return word_part(sh, SHELL_TEXT, n);
}

/* The operators of more than one byte (XCU 2.10.2, and those of bash), longest first. */
static size_t operator_length(const struct shell *sh)
{
	static const char *const operators[] = { "<<<", "<<", ">>", ">|", ">&", "<>",
						 "<&",  "&>", "&&", "||", "|&", ";;" };

	for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
		if (str_starts(str_from(sh->text, sh->at), str_of(operators[i])))
			return strlen(operators[i]);
	return 1;
}

static struct shell_atom operator_atom(struct shell *sh)
{
	struct shell_frame *f = &sh->stack[sh->top];
	size_t n = operator_length(sh);
	struct str op = str_sub(sh->text, sh->at, n);
	struct shell_atom a;

	if (str_eq(op, STR("<<")))
		return separator(sh, SHELL_OPERATOR, n + take_delimiter(sh, sh->at + n));
	if (op.p[0] == ')' && f->kind == FRAME_CODE && f->close == ')' && !f->depth) {
		end_word(sh);
		pop(sh);
		return word_part(sh, SHELL_MARK, 1);
	}
	if (op.p[0] == '(')
		f->depth++;
	else if (op.p[0] == ')' && f->depth)
		f->depth--;
	a = separator(sh, SHELL_OPERATOR, n);
	/* after a redirection the command goes on */
	if (str_chr(op, '<') < 0 && str_chr(op, '>') < 0)
		sh->first = true;
	return a;
}

/* long: one case for each byte that means something */
static struct shell_atom in_code(struct shell *sh)
{
	char c = peek(sh, 0);
	struct shell_atom a;

	switch (c) {
	case ' ':
	case '\t':
		return separator(sh, SHELL_BLANK, blanks(sh));
	case '\n':
		a = separator(sh, SHELL_NEWLINE, 1);
		sh->first = true;
		if (sh->next_doc < sh->npending)
			begin_heredoc(sh);
		return a;
	case '\'':
	case '"':
		a = word_part(sh, SHELL_MARK, 1);
		push(sh, c == '"' ? FRAME_DOUBLE : FRAME_SINGLE, c);
		return a;
	case '`':
		return backtick(sh);
	case '$':
		return dollar(sh, false);
	case '\\':
		return escape(sh);
	case '|':
	case '&':
	case ';':
	case '<':
	case '>':
	case '(':
	case ')':
		return operator_atom(sh);
	case '#':
		if (!sh->word) {
			sh->comment = true;
			return text_run(sh, "<\n");
		}
		break;
	default:
		break;
	}
	return text_run(sh, " \t\n'\"`$\\|&;<>()");
}

static struct shell_atom in_comment(struct shell *sh)
{
	if (peek(sh, 0) == '\n') {
		sh->comment = false;
		sh->word = false;
		return in_code(sh);
	}
	return text_run(sh, "<\n");
}

static struct shell_atom in_single(struct shell *sh)
{
	if (peek(sh, 0) == '\'') {
		pop(sh);
		return word_part(sh, SHELL_MARK, 1);
	}
	return text_run(sh, "'<");
}

static struct shell_atom in_double(struct shell *sh)
{
	switch (peek(sh, 0)) {
	case '"':
		pop(sh);
		return word_part(sh, SHELL_MARK, 1);
	case '$':
		return dollar(sh, true);
	case '`':
		return backtick(sh);
	case '\\':
		return escape(sh);
	default:
		return text_run(sh, "\"$`\\<");
	}
}

static struct shell_atom in_heredoc(struct shell *sh)
{
	bool raw = sh->stack[sh->top].doc.raw;
	struct shell_atom a;
	size_t n;

	if (sh->line_start && at_delimiter(sh, &n)) {
		a = atom(sh, SHELL_MARK, n);
		pop(sh);
		sh->word = false;
		sh->line_start = false;
		return a;
	}
	if (peek(sh, 0) == '\n') {
		a = atom(sh, SHELL_NEWLINE, 1);
		return a;
	}
	if (!raw && peek(sh, 0) == '$')
		return dollar(sh, true);
	if (!raw && peek(sh, 0) == '`')
		return backtick(sh);
	if (!raw && peek(sh, 0) == '\\')
		return escape(sh);
	return text_run(sh, raw ? "<\n" : "<\n$`\\");
}

static struct shell_atom in_unsure(struct shell *sh)
{
	struct shell_frame *f = &sh->stack[sh->top];
	char c = peek(sh, 0), open = (char)(f->close == ')'   ? '('
					    : f->close == '}' ? '{'
							      : 0);

	if (c == '\\' && sh->at + 1 < sh->text.n)
		return word_part(sh, SHELL_TEXT, 2);
	if (f->close && c == f->close) {
		struct shell_atom a = word_part(sh, SHELL_MARK, 1);

		if (f->depth)
			f->depth--;
		else
			pop(sh);
		return a;
	}
	if (open && c == open)
		f->depth++;
	if (c == '\n')
		return atom(sh, SHELL_NEWLINE, 1);
	return text_run(sh, "\\(){}'`<\n");
}

static struct shell_atom step(struct shell *sh)
{
	switch (sh->stack[sh->top].kind) {
	case FRAME_SINGLE:
		return in_single(sh);
	case FRAME_DOUBLE:
		return in_double(sh);
	case FRAME_HEREDOC:
		return in_heredoc(sh);
	case FRAME_UNSURE:
		return in_unsure(sh);
	case FRAME_CODE:
		break;
	}
	return sh->comment ? in_comment(sh) : in_code(sh);
}

bool shell_next(struct shell *sh, struct shell_atom *ret)
{
	size_t n;

	if (sh->at >= sh->text.n)
		return false;
	/* after the last here-document of a line comes code again, or the next body */
	if (sh->stack[sh->top].kind == FRAME_CODE && sh->npending &&
	    sh->next_doc >= sh->npending && !sh->line_start)
		sh->npending = sh->next_doc = 0;
	if (peek(sh, 0) == '<' && (n = take_slot(sh)))
		*ret = word_part(sh, SHELL_SLOT, n);
	else
		*ret = step(sh);
	return true;
}
