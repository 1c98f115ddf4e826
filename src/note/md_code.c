/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code blocks of a note: commands, console sessions, live blocks, and code that is only
 * shown. See md.h.
 */
#include "code_style.h"
#include "md.h"
#include "note/placeholder.h"
#include "shell.h"

static size_t line_number(struct md *md, const char *at)
{
	size_t to;

	if (!at || at < md->body.p || at > md->body.p + md->body.n)
		return md->body_line;
	to = (size_t)(at - md->body.p);
	if (to < md->counted_to) {
		md->counted_to = 0;
		md->counted_lines = 0;
	}
	while (md->counted_to < to)
		md->counted_lines += md->body.p[md->counted_to++] == '\n';
	return md->body_line + md->counted_lines;
}

static int add_command(struct md *md, struct str text, struct str lang, size_t line)
{
	if (!str_trim(text).n || md->commands.n >= MARKDOWN_COMMANDS)
		return 0;
	*ARENA_PUSH(md->a, &md->commands) = (struct note_command){
		.number = md->commands.n,
		.text = arena_str(md->a, text),
		.about = md->about,
		.lang = arena_str(md->a, lang),
		.line = line,
	};
	return (int)md->commands.n;
}

static void shell_block(struct md *md, struct str text)
{
	size_t at = md->d->n;
	int number;

	text = str_chomp(text);
	number = add_command(md, text, STR("sh"), line_number(md, md->code_at));
	code_command(md->d, text, md->indent + CODE_INDENT, md->params);
	md->d->v[at].command = number;
}

/* The lines that belong to the command whose first line is `line`: as long as a quote is
 * open or the line ends in a backslash. */
static void take_console_command(struct str *rest, struct strbuf *command)
{
	struct shell sh = { 0 };
	struct shell_atom atom;
	struct str line;

	for (unsigned i = 0; i < CONSOLE_LINES && command->n < COMMAND_MAX; i++) {
		bool more = command->n && command->p[command->n - 1] == '\\';

		shell_start(&sh, strbuf_str(command));
		while (shell_next(&sh, &atom))
			;
		if ((shell_closed(&sh) && !more) || !str_line(rest, &line))
			return;
		str_skip(&line, STR("> "));
		strbuf_addc(command, '\n');
		strbuf_add(command, str_chomp(line));
	}
}

static void console_block(struct md *md, struct str text)
{
	size_t number = line_number(md, md->code_at);
	struct str rest = text, line;

	while (str_line(&rest, &line)) {
		size_t at = md->d->n, lines = 1;
		STRBUF_AUTO(command, COMMAND_MAX * 2);
		struct str prompt = str_n(line.p, line.n < 2 ? line.n : 2);

		line = str_chomp(line);
		if (!str_skip(&line, STR("$ ")) && !str_skip(&line, STR("# "))) {
			doc_line(md->d, LINE_CODE)->indent = md->indent + CODE_INDENT;
			doc_span(md->d, STYLE_CODE, line);
			number++;
			continue;
		}
		strbuf_add(&command, line);
		take_console_command(&rest, &command);
		code_command(md->d, strbuf_str(&command), md->indent + CODE_INDENT,
			     md->params);
		md->d->v[at].command =
			add_command(md, strbuf_str(&command), STR("console"), number);
		/* the prompt stays to be seen */
		*ARENA_PUSH(md->a, &md->d->v[at]) = (struct span){ .style = STYLE_DIM };
		memmove(&md->d->v[at].v[1], &md->d->v[at].v[0],
			(md->d->v[at].n - 1) * sizeof(struct span));
		md->d->v[at].v[0] =
			(struct span){ arena_str(md->a, prompt), STYLE_DIM, { 0 } };
		for (size_t i = 0; i < command.n; i++)
			lines += command.p[i] == '\n';
		number += lines;
	}
}

static void live_block(struct md *md, struct str command)
{
	const struct note_live *live = md->style.live;
	struct err err = { 0 };
	const struct doc *sub = NULL;

	command = str_trim(command);
	if (live && live->block)
		sub = live->block(live->arg, md->a, command, &err);
	for (size_t i = 0; sub && i < sub->n; i++) {
		*ARENA_PUSH(md->a, md->d) = sub->v[i];
		md->d->v[md->d->n - 1].indent += md->indent + 2;
		md->d->v[md->d->n - 1].command = 0;
	}
	if (sub)
		return;
	doc_line(md->d, LINE_TEXT)->indent = md->indent + 2;
	doc_spanf(md->d, err.code ? STYLE_WARN : STYLE_DIM, "kcrib " STR_FMT "%s%s",
		  STR_ARG(command), err.code ? ": " : "", err.msg);
}

int md_add_command(struct md *md, struct str text, struct str lang, const char *at)
{
	return add_command(md, text, lang, line_number(md, at));
}

void md_code_block(struct md *md)
{
	struct str info = str_trim(md->info), text = strbuf_str(&md->block), lang = info;
	ptrdiff_t blank = str_chr(info, ' ');

	md_flush_marker(md);
	md_end_line(md);
	if (blank >= 0)
		lang = str_n(info.p, (size_t)blank);
	if (md->gap && md->d->n)
		doc_line(md->d, LINE_TEXT);
	md->gap = false;
	if (str_eq(lang, STR("kcrib")))
		live_block(md, blank >= 0 ? str_from(info, (size_t)blank) : text);
	else if (code_lang_find(lang) == CODE_SH)
		shell_block(md, text);
	else if (code_lang_find(lang) == CODE_CONSOLE)
		console_block(md, text);
	else
		code_lines(md->d, code_lang_find(lang), text, md->indent + CODE_INDENT,
			   md->params);
	md->gap = true;
}
