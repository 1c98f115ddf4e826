/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Highlighting: see code_style.h. Shell text goes through the walker that also finds its
 * placeholders; C and JSON through one small scanner told by a table what a comment and a
 * keyword is. Linear in the text.
 */
#include "code_style.h"
#include "note/code_lines.h"
#include "note/placeholder.h"
#include "shell.h"

static const char *const c_words[] = {
	"auto",    "bool",    "break",  "case",     "char",   "const",    "continue",
	"default", "do",      "double", "else",     "enum",   "extern",   "false",
	"float",   "for",     "goto",   "if",       "inline", "int",      "long",
	"return",  "short",   "signed", "sizeof",   "static", "struct",   "switch",
	"true",    "typedef", "union",  "unsigned", "void",   "volatile", "while",
	"NULL",    NULL,
};
static const char *const json_words[] = { "true", "false", "null", NULL };

struct grammar {
	const char *const *words;
	const char *quotes;
	bool c_comments, directives;
};
static const struct grammar c_grammar = { c_words, "\"'", true, true };
static const struct grammar json_grammar = { json_words, "\"", false, false };

enum code_lang code_lang_find(struct str name)
{
	static const struct {
		const char *name;
		enum code_lang lang;
	} table[] = {
		{ "sh", CODE_SH },     { "bash", CODE_SH },         { "shell", CODE_SH },
		{ "zsh", CODE_SH },    { "console", CODE_CONSOLE }, { "c", CODE_C },
		{ "h", CODE_C },       { "cpp", CODE_C },           { "json", CODE_JSON },
		{ "diff", CODE_DIFF }, { "patch", CODE_DIFF },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (str_caseeq(name, str_of(table[i].name)))
			return table[i].lang;
	return CODE_PLAIN;
}

/* ---- spans over lines -------------------------------------------------------- */

struct pen {
	struct doc *d;
	int indent;
	enum style style; /* of what is pending */
	struct str text;  /* pending: neighbours of one style become one span */
};

static void flush(struct pen *pen)
{
	doc_span(pen->d, pen->style, pen->text);
	pen->text.n = 0;
}

static void new_line(struct pen *pen)
{
	doc_line(pen->d, LINE_CODE)->indent = pen->indent;
}

/* `s` continues where the last piece ended. */
static void draw(struct pen *pen, enum style style, struct str s)
{
	if (pen->text.n && (style != pen->style || pen->text.p + pen->text.n != s.p))
		flush(pen);
	if (!pen->text.n)
		pen->text.p = s.p;
	pen->style = style;
	pen->text.n += s.n;
}

/* The same with line ends in it. */
static void draw_lines(struct pen *pen, enum style style, struct str s)
{
	ptrdiff_t lf;

	while ((lf = str_chr(s, '\n')) >= 0) {
		draw(pen, style, str_n(s.p, (size_t)lf));
		flush(pen);
		new_line(pen);
		s = str_from(s, (size_t)lf + 1);
	}
	draw(pen, style, s);
}

/* ---- shell ------------------------------------------------------------------- */

static enum style shell_style(const struct shell_atom *atom)
{
	if (atom->kind == SHELL_SLOT)
		return STYLE_PLACEHOLDER;
	if (atom->kind == SHELL_EXPANSION)
		return STYLE_NUMBER;
	switch (atom->in) {
	case SHELL_COMMENT:
		return STYLE_COMMENT;
	case SHELL_SINGLE:
	case SHELL_DOUBLE:
	case SHELL_HEREDOC:
	case SHELL_HEREDOC_RAW:
		return STYLE_STRING;
	case SHELL_BARE:
	case SHELL_UNSURE:
		break;
	}
	if (atom->kind == SHELL_TEXT && atom->command_start)
		return STYLE_KEYWORD;
	return STYLE_CODE;
}

static void draw_shell(struct pen *pen, struct str text, const struct fm_map *params)
{
	AUTO(arena) scratch = arena_new();
	struct template t;
	struct shell sh = { 0 };
	struct shell_atom atom;
	size_t slot = 0;

	template_parse(scratch, text, params, &t);
	shell_start(&sh, text);
	while (shell_next(&sh, &atom)) {
		struct str s = str_sub(text, atom.at, atom.n);
		enum style style = shell_style(&atom);

		/* the template knows what the note declares; this walk does not */
		while (slot < t.slots.n && t.slots.v[slot].at < atom.at)
			slot++;
		if (slot < t.slots.n && t.slots.v[slot].at == atom.at) {
			s = str_sub(text, atom.at, t.slots.v[slot].n);
			style = STYLE_PLACEHOLDER;
			sh.at = atom.at + s.n;
		} else if (style == STYLE_PLACEHOLDER) {
			style = STYLE_CODE;
		}
		draw_lines(pen, style, s);
	}
	flush(pen);
}

/* ---- C and JSON -------------------------------------------------------------- */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static size_t take_quoted(struct str s)
{
	size_t n = 1;

	while (n < s.n && s.p[n] != s.p[0] && s.p[n] != '\n')
		n += s.p[n] == '\\' && n + 1 < s.n ? 2 : 1;
	return n < s.n && s.p[n] == s.p[0] ? n + 1 : n;
}

static size_t take_comment(struct str s)
{
	ptrdiff_t end;

	if (str_starts(s, STR("//"))) {
		end = str_chr(s, '\n');
		return end < 0 ? s.n : (size_t)end;
	}
	end = str_find(str_from(s, 2), STR("*/"));
	return end < 0 ? s.n : (size_t)end + 4;
}

static size_t take_word(const struct grammar *g, struct str s, enum style *ret_style)
{
	size_t n = 1;

	while (n < s.n && is_word(s.p[n]))
		n++;
	if (s.p[0] >= '0' && s.p[0] <= '9')
		*ret_style = STYLE_NUMBER;
	for (size_t i = 0; g->words[i]; i++)
		if (str_eq(str_n(s.p, n), str_of(g->words[i])))
			*ret_style = STYLE_KEYWORD;
	return n;
}

static void draw_code(struct pen *pen, const struct grammar *g, struct str text)
{
	bool line_start = true;

	while (text.n) {
		enum style style = STYLE_CODE;
		size_t n = 1;

		if (g->c_comments &&
		    (str_starts(text, STR("/*")) || str_starts(text, STR("//")))) {
			n = take_comment(text);
			style = STYLE_COMMENT;
		} else if (strchr(g->quotes, text.p[0]) && text.p[0]) {
			n = take_quoted(text);
			style = STYLE_STRING;
		} else if (g->directives && line_start && text.p[0] == '#') {
			while (n < text.n && is_word(text.p[n]))
				n++;
			style = STYLE_KEYWORD;
		} else if (is_word(text.p[0])) {
			n = take_word(g, text, &style);
		}
		line_start = text.p[0] == '\n';
		draw_lines(pen, style, str_n(text.p, n));
		text = str_from(text, n);
	}
	flush(pen);
}

/* ---- the doors --------------------------------------------------------------- */

static void plain_lines(struct pen *pen, struct str text, bool prompts)
{
	STR_EACH_LINE (line, text) {
		bool typed = prompts &&
			     (str_starts(line, STR("$ ")) || str_starts(line, STR("# ")));

		new_line(pen);
		doc_span(pen->d, typed ? STYLE_STRONG : STYLE_CODE, line);
	}
}

static void diff_lines(struct pen *pen, struct str text)
{
	size_t from = pen->d->n;

	doc_diff(pen->d, text);
	for (size_t i = from; i < pen->d->n; i++)
		pen->d->v[i].indent = pen->indent;
}

void code_command(struct doc *d, struct str text, int indent, const struct fm_map *params)
{
	struct pen pen = { .d = d, .indent = indent };

	new_line(&pen);
	draw_shell(&pen, text, params);
}

void code_inline(struct doc *d, struct str text, const struct fm_map *params)
{
	struct pen pen = { .d = d };

	draw_shell(&pen, text, params);
}

void code_lines(struct doc *d, enum code_lang lang, struct str text, int indent,
		const struct fm_map *params)
{
	struct pen pen = { .d = d, .indent = indent };

	switch (lang) {
	case CODE_SH:
		code_command(d, str_chomp(text), indent, params);
		break;
	case CODE_C:
	case CODE_JSON:
		new_line(&pen);
		draw_code(&pen, lang == CODE_C ? &c_grammar : &json_grammar,
			  str_chomp(text));
		break;
	case CODE_DIFF:
		diff_lines(&pen, text);
		break;
	case CODE_CONSOLE:
	case CODE_PLAIN:
		plain_lines(&pen, text, lang == CODE_CONSOLE);
		break;
	}
}

void code_text(struct doc *d, struct str lang, struct str text)
{
	code_lines(d, code_lang_find(lang), text, 0, NULL);
}
