/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kcrib-gen IN [KEYS.CONF]: copies IN to standard output and puts a table in the place of
 * each line that is only "@NAME@". The tables are made from what the program itself
 * reads: the commands, the global options, the keys. The build runs it for the man pages
 * and the completions; it is not installed.
 */
#include "app/command.h"
#include "app/keymap.h"
#include "base/file.h"
#include "globals.h"

enum { TEXT_MAX = 1 << 22, MAN_COLUMNS = 72 };

struct gen {
	struct strbuf *out;
	const struct keymap *keys;
};

static const char *metavar(const struct param *p)
{
	return p->metavar ? p->metavar : p->type ? p->type->name : p->name;
}

static bool shown(const struct command *cmd)
{
	return !(cmd->flags & COMMAND_HIDDEN);
}

static bool is_option(const struct param *p)
{
	return p->flags & PARAM_OPTION && !(p->flags & PARAM_HIDDEN);
}

static void each_command(struct gen *g, void (*fn)(struct gen *, const struct command *))
{
	size_t n;
	const struct command *const *all = command_list(&n);

	for (size_t i = 0; i < n; i++)
		if (shown(all[i]))
			fn(g, all[i]);
}

/* ---- mdoc: see mdoc(7) ------------------------------------------------------------ */

/* A word of running text. Requests begin with a dot or an apostrophe, escapes with a
 * backslash; a plain "-" would become a hyphen that cannot be searched for. */
static void man_word(struct strbuf *b, struct str word, bool first)
{
	if (first && word.n && (word.p[0] == '.' || word.p[0] == '\''))
		strbuf_addz(b, "\\&");
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '\\')
			strbuf_addz(b, "\\e");
		else if (word.p[i] == '-')
			strbuf_addz(b, "\\-");
		else
			strbuf_addc(b, word.p[i]);
	}
}

static bool ends_sentence(struct str word)
{
	return word.n > 1 && strchr(".!?:", word.p[word.n - 1]) != NULL;
}

/* Text filled to lines; each sentence begins a new one, as mdoc wants it. */
static void man_fill(struct strbuf *b, struct str text)
{
	size_t column = 0;
	struct str word;

	while (str_word(&text, &word)) {
		if (column && column + word.n >= MAN_COLUMNS) {
			strbuf_addc(b, '\n');
			column = 0;
		}
		if (column)
			strbuf_addc(b, ' ');
		man_word(b, word, !column);
		column += word.n + 1;
		if (ends_sentence(word)) {
			strbuf_addc(b, '\n');
			column = 0;
		}
	}
	if (column)
		strbuf_addc(b, '\n');
}

/* A sentence made of a table's "lower case, no full stop". */
static void man_sentence(struct strbuf *b, const char *text)
{
	STRBUF_AUTO(s, 1 << 16);

	strbuf_addz(&s, text);
	if (s.n && s.p[0] >= 'a' && s.p[0] <= 'z')
		s.p[0] = (char)(s.p[0] - 32);
	strbuf_addc(&s, '.');
	man_fill(b, strbuf_str(&s));
}

/* Paragraphs; indented lines stand as they are. */
static void man_text(struct strbuf *b, const char *text)
{
	STRBUF_AUTO(paragraph, 1 << 16);

	STR_EACH_LINE (line, str_of(text)) {
		bool literal = str_starts(line, STR(" ")) || str_starts(line, STR("\t"));

		if (line.n && !literal) {
			strbuf_add(&paragraph, line);
			strbuf_addc(&paragraph, ' ');
			continue;
		}
		if (paragraph.n) {
			strbuf_addz(b, ".Pp\n");
			man_fill(b, strbuf_str(&paragraph));
			strbuf_clear(&paragraph);
		}
		if (literal) {
			strbuf_addz(b, ".Dl ");
			man_word(b, str_trim(line), true);
			strbuf_addc(b, '\n');
		}
	}
	if (paragraph.n) {
		strbuf_addz(b, ".Pp\n");
		man_fill(b, strbuf_str(&paragraph));
	}
}

static void man_value(struct strbuf *b, const struct param *p)
{
	if (p->flags & PARAM_SWITCH)
		return;
	if (p->flags & PARAM_OPTVALUE)
		strbuf_addf(b, " Ns Oo \\&= Ns Ar \\&%s Oc", metavar(p));
	else
		strbuf_addf(b, " Ar \\&%s", metavar(p));
}

static void man_param(struct strbuf *b, const struct param *p)
{
	strbuf_addz(b, ".It ");
	if (p->flags & PARAM_OPTION) {
		if (p->letter)
			strbuf_addf(b, "Fl \\&%c , ", p->letter);
		strbuf_addf(b, "Fl \\-%s%s", p->flags & PARAM_NEGATABLE ? "[no\\-]" : "",
			    p->name);
		man_value(b, p);
	} else {
		strbuf_addf(b, "Ar \\&%s", metavar(p));
	}
	strbuf_addc(b, '\n');
	man_sentence(b, p->help);
	for (size_t i = 0; p->choices && p->choices[i]; i++)
		strbuf_addf(b, "%s.Cm \\&%s%s\n", i ? "" : "One of\n", p->choices[i],
			    p->choices[i + 1] ? " ," : " .");
}

static void man_usage(struct strbuf *b, const struct param *p)
{
	bool need = p->flags & PARAM_REQUIRED;

	if (p->flags & PARAM_HIDDEN)
		return;
	strbuf_addz(b, need ? "." : ".Op ");
	if (!(p->flags & PARAM_OPTION))
		strbuf_addf(b, "Ar \\&%s", metavar(p));
	else if (p->letter)
		strbuf_addf(b, "Fl \\&%c", p->letter);
	else
		strbuf_addf(b, "Fl \\-%s", p->name);
	if (p->flags & PARAM_OPTION)
		man_value(b, p);
	strbuf_addz(b, p->flags & PARAM_MANY ? " ...\n" : "\n");
}

static void man_command(struct gen *g, const struct command *cmd)
{
	bool any = false;

	strbuf_addf(g->out, ".It Xo\n.Cm %s\n", cmd->name);
	for (const struct param *p = cmd->params; p && p->name; p++)
		man_usage(g->out, p);
	strbuf_addz(g->out, ".Xc\n");
	man_sentence(g->out, cmd->summary);
	if (cmd->help)
		man_text(g->out, cmd->help);
	for (const struct param *p = cmd->params; p && p->name; p++) {
		if (p->flags & PARAM_HIDDEN)
			continue;
		if (!any)
			strbuf_addz(g->out, ".Bl -tag -width Ds -compact\n");
		any = true;
		man_param(g->out, p);
	}
	if (any)
		strbuf_addz(g->out, ".El\n");
}

static void man_commands(struct gen *g)
{
	each_command(g, man_command);
}

static void man_options(struct gen *g)
{
	for (const struct global_option *o = global_options; o->help; o++) {
		strbuf_addz(g->out, ".It ");
		if (o->letter)
			strbuf_addf(g->out, "Fl %c%s", o->letter, o->name ? " , " : "");
		if (o->name)
			strbuf_addf(g->out, "Fl \\-%s", o->name + 2);
		if (o->metavar)
			strbuf_addf(g->out, " Ar \\&%s", o->metavar);
		strbuf_addc(g->out, '\n');
		man_sentence(g->out, o->help);
	}
}

/* Several keys of one command are one entry. */
static bool same_entry(const struct key_binding *a, const struct key_binding *b)
{
	return str_eq(a->section, b->section) && str_eq(a->command, b->command) &&
	       str_eq(a->help, b->help);
}

static void man_key(struct strbuf *b, const struct key_binding *k)
{
	struct str help = k->help;
	ptrdiff_t colon = str_find(help, STR(": "));

	/* "word: more" shows "word" on the screen; here the key says it already */
	if (colon >= 0)
		help = str_from(help, (size_t)colon + 2);
	strbuf_addc(b, '\n');
	man_fill(b, help.n ? help : k->command);
	strbuf_addz(b, ".Pq Ic \\&");
	man_word(b, k->command, false);
	strbuf_addc(b, '\n');
}

static void man_keys(struct gen *g)
{
	struct str section = STR("");

	for (size_t i = 0; g->keys && i < g->keys->n; i++) {
		const struct key_binding *k = &g->keys->v[i];

		if (!str_eq(k->section, section)) {
			strbuf_addf(g->out,
				    "%s.Ss " STR_FMT "\n.Bl -tag -width Ds -compact\n",
				    section.n ? ".El\n" : "", STR_ARG(k->section));
			section = k->section;
		}
		if (i && same_entry(k, k - 1))
			continue;
		strbuf_addz(g->out, ".It Ic \\&");
		man_word(g->out, k->key, false);
		for (; i + 1 < g->keys->n && same_entry(k, &g->keys->v[i + 1]); i++) {
			strbuf_addz(g->out, " , \\&");
			man_word(g->out, g->keys->v[i + 1].key, false);
		}
		man_key(g->out, k);
	}
	if (section.n)
		strbuf_addz(g->out, ".El\n");
}

/* ---- shells ------------------------------------------------------------------ */

/* 'text' as bash, zsh and fish all read it, wherever it holds no quote. */
static void quoted(struct strbuf *b, const char *text, const char *escape_quote)
{
	strbuf_addc(b, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			strbuf_addz(b, escape_quote);
		else
			strbuf_addc(b, *text);
	}
	strbuf_addc(b, '\'');
}

static void bash_options_of(struct gen *g, const struct command *cmd)
{
	strbuf_addf(g->out, "\t'%s') options='", cmd->name);
	for (const struct param *p = cmd->params; p && p->name; p++) {
		if (!is_option(p))
			continue;
		if (p->letter)
			strbuf_addf(g->out, "-%c ", p->letter);
		strbuf_addf(g->out, "--%s%s ", p->name,
			    p->flags & (PARAM_SWITCH | PARAM_OPTVALUE) ? "" : "=");
	}
	strbuf_addz(g->out, "' ;;\n");
}

static void bash_options(struct gen *g)
{
	each_command(g, bash_options_of);
}

static void shell_globals(struct gen *g)
{
	strbuf_addz(g->out, "\tglobals='");
	for (const struct global_option *o = global_options; o->help; o++) {
		if (o->letter)
			strbuf_addf(g->out, "-%c ", o->letter);
		if (o->name)
			strbuf_addf(g->out, "%s ", o->name);
	}
	strbuf_addz(g->out, "'\n");
}

/* The pattern of a case: global options that take the next word. */
static void shell_takers(struct gen *g)
{
	const char *between = "\t";

	for (const struct global_option *o = global_options; o->help; o++) {
		if (!o->metavar)
			continue;
		if (o->letter)
			strbuf_addf(g->out, "%s-%c", between, o->letter);
		if (o->name)
			strbuf_addf(g->out, "%s%s", between, o->name);
		between = " | ";
	}
	strbuf_addz(g->out, ")\n");
}

/* 'name:help', the form of zsh's _describe; a colon of the name would be escaped. */
static void zsh_item(struct strbuf *b, const char *dashes, const char *name,
		     const char *help)
{
	STRBUF_AUTO(item, 1 << 16);

	strbuf_addf(&item, "%s%s:%s", dashes, name, help);
	strbuf_addc(b, ' ');
	quoted(b, strbuf_z(&item), "'\\''");
}

static void zsh_options_of(struct gen *g, const struct command *cmd)
{
	strbuf_addf(g->out, "\t'%s') options=(", cmd->name);
	for (const struct param *p = cmd->params; p && p->name; p++) {
		char letter[2] = { p->letter };

		if (!is_option(p))
			continue;
		if (p->letter)
			zsh_item(g->out, "-", letter, p->help);
		zsh_item(g->out, "--", p->name, p->help);
	}
	strbuf_addz(g->out, " ) ;;\n");
}

static void zsh_options(struct gen *g)
{
	each_command(g, zsh_options_of);
}

static void fish_quoted(struct strbuf *b, const char *text)
{
	quoted(b, text, "\\'");
}

static void fish_command(struct gen *g, const struct command *cmd)
{
	for (const struct param *p = cmd->params; p && p->name; p++) {
		if (!is_option(p))
			continue;
		strbuf_addf(g->out, "complete -c kcrib -n \"__kcrib_in '%s'\" -l %s ",
			    cmd->name, p->name);
		if (p->letter)
			strbuf_addf(g->out, "-s %c ", p->letter);
		if (!(p->flags & (PARAM_SWITCH | PARAM_OPTVALUE)))
			strbuf_addz(g->out, "-x -a '(__kcrib_values)' ");
		strbuf_addz(g->out, "-d ");
		fish_quoted(g->out, p->help);
		strbuf_addc(g->out, '\n');
	}
}

static void fish_options(struct gen *g)
{
	each_command(g, fish_command);
}

static void fish_globals(struct gen *g)
{
	for (const struct global_option *o = global_options; o->help; o++) {
		strbuf_addz(g->out, "complete -c kcrib ");
		if (o->name)
			strbuf_addf(g->out, "-l %s ", o->name + 2);
		if (o->letter)
			strbuf_addf(g->out, "-s %c ", o->letter);
		if (o->metavar)
			strbuf_addz(g->out, "-r ");
		strbuf_addz(g->out, "-d ");
		fish_quoted(g->out, o->help);
		strbuf_addc(g->out, '\n');
	}
}

/* ---- copying with tables ----------------------------------------------------- */

static const struct placeholder {
	const char *line;
	void (*write)(struct gen *g);
} placeholders[] = {
	{ "@MAN-COMMANDS@", man_commands },   { "@MAN-OPTIONS@", man_options },
	{ "@MAN-KEYS@", man_keys },           { "@BASH-OPTIONS@", bash_options },
	{ "@SHELL-GLOBALS@", shell_globals }, { "@SHELL-TAKERS@", shell_takers },
	{ "@ZSH-OPTIONS@", zsh_options },     { "@FISH-OPTIONS@", fish_options },
	{ "@FISH-GLOBALS@", fish_globals },
};

static void copy(struct gen *g, struct str in)
{
	STR_EACH_LINE (line, in) {
		size_t i = 0;

		while (i < ARRAY_SIZE(placeholders) &&
		       !str_eq(line, str_of(placeholders[i].line)))
			i++;
		if (i < ARRAY_SIZE(placeholders)) {
			placeholders[i].write(g);
		} else {
			strbuf_add(g->out, line);
			strbuf_addc(g->out, '\n');
		}
	}
}

static bool generate(const char *in_path, const char *keys_path, struct err *err)
{
	AUTO(arena) arena = arena_new();
	struct keymap keys = { .arena = arena };
	STRBUF_AUTO(in, TEXT_MAX);
	STRBUF_AUTO(conf, TEXT_MAX);
	STRBUF_AUTO(out, TEXT_MAX);
	struct gen g = { &out, &keys };

	if (!file_read(in_path, &in, err))
		return false;
	if (keys_path && (!file_read(keys_path, &conf, err) ||
			  !keymap_parse(&keys, strbuf_str(&conf), keys_path, err)))
		return false;
	copy(&g, strbuf_str(&in));
	return strbuf_ok(&out, "generating", err) &&
	       file_write_fd(1, strbuf_str(&out), "standard output", err);
}

int main(int argc, char **argv)
{
	struct err err;

	if (argc < 2 || argc > 3) {
		fputs("usage: kcrib-gen IN [KEYS.CONF]\n", stderr);
		return 2;
	}
	if (generate(argv[1], argv[2], &err))
		return 0;
	fprintf(stderr, "kcrib-gen: %s\n", err.msg);
	return 3;
}
