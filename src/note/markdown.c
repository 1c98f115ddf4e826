/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Markdown to doc: see note/markdown.h. md4c calls us block by block and span by span;
 * this file keeps the stack of containers, their indentation, and the number of the next
 * command. Text is collected until a span or a line ends, so that live parts are seen
 * whole.
 */
#include <md4c.h>

#include "base/utf8.h"
#include "code_style.h"
#include "inline.h"
#include "note/format.h"
#include "note/frontmatter.h"
#include "note/placeholder.h"
#include "shell.h"

enum {
	CODE_INDENT = 4, /* room for the number of a command */
	DEFAULT_WIDTH = 90,
	ABOUT_MAX = 1000,
	MARKS_MAX = 64,      /* list and quote marks at the front of one line */
	CONSOLE_LINES = 200, /* of one command typed at a prompt */
};

struct container {
	bool list, ordered, tight;
	unsigned number;
	char delimiter;
	int indent;
};

struct md {
	struct arena *a;
	struct doc *d;
	struct str body;
	size_t body_line; /* number of its first line */
	struct note_style style;
	const struct fm_map *params;
	struct note_commands commands;
	struct str about; /* the last words: what the next command is about */

	struct container stack[MARKDOWN_NEST + 1];
	size_t depth;      /* containers open; those beyond the stack only count */
	int indent;        /* of what is written now */
	struct str marker; /* of a list item that has no line yet */
	unsigned quotes, heading, strong, emph, strike, code;
	struct ref ref;
	bool line_open, gap, first_heading, soft_break;
	uint32_t last; /* last character written, for soft breaks in Chinese */

	struct strbuf text;  /* pending running text */
	struct strbuf block; /* content of a code block or span */
	struct str info;     /* of the fence */
	const char *code_at; /* where the code began, in the input */
	size_t counted_to, counted_lines;

	bool wants_about;     /* only those who ask for commands do */
	bool plain_paragraph; /* a paragraph outside of lists and quotes */
	unsigned p_codes, p_others;
	size_t p_line; /* index of its line */

	struct md_table table;
	bool in_cell;
};

static struct container *container(struct md *md)
{
	size_t at = md->depth < MARKDOWN_NEST ? md->depth : MARKDOWN_NEST;

	return &md->stack[at];
}

static struct line *target(struct md *md)
{
	return md->in_cell ? &md->table.v[md->table.n - 1].line : &md->d->v[md->d->n - 1];
}

static struct ink ink(const struct md *md)
{
	struct ink ink = { .style = STYLE_TEXT, .ref = md->ref };

	if (md->ref.kind)
		ink.style = STYLE_LINK;
	else if (md->heading)
		ink.style = (enum style)(STYLE_HEAD1 +
					 (md->heading < 3 ? md->heading - 1 : 2));
	else if (md->strong)
		ink.style = STYLE_STRONG;
	else if (md->emph)
		ink.style = STYLE_EMPH;
	else if (md->strike)
		ink.style = STYLE_STRIKE;
	else if (md->quotes)
		ink.style = STYLE_QUOTE;
	return ink;
}

/* ---- lines ---------------------------------------------------------------------------
 */

/* A new line at the present indentation, with the blank line and the list marker that
 * are due in front of it. */
static struct line *begin_line(struct md *md, enum line_kind kind)
{
	struct line *line;
	int back = (int)utf8_width(md->marker);

	if (md->gap && md->d->n)
		doc_line(md->d, LINE_TEXT);
	md->gap = false;
	line = doc_line(md->d, kind);
	line->indent = md->indent - back;
	line->hang = back;
	if (back)
		doc_span(md->d, STYLE_BULLET, md->marker);
	md->marker = STR("");
	md->line_open = true;
	md->last = 0;
	return &md->d->v[md->d->n - 1];
}

/* A list item without text of its own still shows its marker. */
static void flush_marker(struct md *md)
{
	if (md->marker.n)
		begin_line(md, LINE_TEXT);
}

static void flush_text(struct md *md)
{
	if (md->text.n)
		inline_text(md->a, target(md), strbuf_str(&md->text), ink(md),
			    md->style.live);
	strbuf_clear(&md->text);
}

/* The text of a line that is complete, for the command that may follow. */
static void keep_about(struct md *md)
{
	const struct line *line = &md->d->v[md->d->n - 1];
	STRBUF_AUTO(b, ABOUT_MAX);

	for (size_t i = 0; i < line->n; i++)
		if (line->v[i].style != STYLE_BULLET)
			strbuf_add(&b, line->v[i].text);
	if (b.n)
		md->about = arena_str(md->a, strbuf_str(&b));
}

static void end_line(struct md *md)
{
	flush_text(md);
	if (md->line_open && !md->in_cell && md->d->n && md->wants_about)
		keep_about(md);
	md->line_open = false;
	md->soft_break = false;
}

static uint32_t last_char(struct str s)
{
	size_t at = s.n;
	uint32_t cp = 0;

	while (at && (s.p[--at] & 0xc0) == 0x80)
		;
	s = str_from(s, at);
	return utf8_next(&s, &cp) ? cp : 0;
}

/* A line end in the source is a blank, except between two characters of a script that
 * writes none. */
static void resolve_break(struct md *md, struct str next)
{
	uint32_t cp = 0;

	if (!md->soft_break)
		return;
	md->soft_break = false;
	utf8_next(&next, &cp);
	if (utf8_cp_width(cp) == 2 && utf8_cp_width(md->last) == 2)
		return;
	strbuf_addc(&md->text, ' ');
}

static void add_text(struct md *md, struct str s)
{
	if (!s.n)
		return;
	if (!md->line_open && !md->in_cell)
		begin_line(md, LINE_TEXT);
	resolve_break(md, s);
	strbuf_add(&md->text, s);
	md->last = last_char(s);
}

/* ---- commands ------------------------------------------------------------------------
 */

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

/* Number a command; 0 when there are too many. */
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

static void code_block(struct md *md)
{
	struct str info = str_trim(md->info), text = strbuf_str(&md->block), lang = info;
	ptrdiff_t blank = str_chr(info, ' ');

	flush_marker(md);
	end_line(md);
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

/* A paragraph that was one code span and nothing else. */
static void paragraph_command(struct md *md)
{
	struct str text = strbuf_str(&md->block);
	struct line *line = &md->d->v[md->p_line];
	int number;

	if (inline_is_source(text) || !str_trim(text).n)
		return;
	number = add_command(md, text, STR(""), line_number(md, md->code_at));
	*line = (struct line){ .kind = LINE_CODE,
			       .indent = md->indent + CODE_INDENT,
			       .command = number };
	code_inline(md->d, text, md->params);
}

/* ---- containers -----------------------------------------------------------------------
 */

static void enter_container(struct md *md, struct container c)
{
	flush_marker(md);
	end_line(md);
	md->depth++;
	c.indent = md->indent;
	*container(md) = c;
	if (!c.list && md->depth < MARKDOWN_NEST)
		md->indent += 2;
}

static void leave_container(struct md *md)
{
	flush_marker(md);
	end_line(md);
	md->indent = container(md)->indent;
	if (md->depth)
		md->depth--;
	if (!md->depth || !container(md)->list || !container(md)->tight)
		md->gap = true;
}

static void enter_item(struct md *md, const MD_BLOCK_LI_DETAIL *item)
{
	struct container *c = container(md);

	flush_marker(md);
	end_line(md);
	md->indent = c->indent;
	if (item->is_task)
		md->marker = item->task_mark == ' ' ? STR("[ ] ") : STR("[x] ");
	else if (c->ordered)
		md->marker = arena_strf(md->a, "%u%c ", c->number++, c->delimiter);
	else
		md->marker = md->depth % 2 ? STR("\u2022 ") : STR("- ");
	if (md->depth < MARKDOWN_NEST)
		md->indent += (int)utf8_width(md->marker);
	else
		md->marker = STR("");
	if (c->tight && md->d->n && !md->gap)
		md->gap = false;
}

/* ---- md4c's callbacks
 * ------------------------------------------------------------------ */

static void enter_heading(struct md *md, unsigned level)
{
	flush_marker(md);
	if (md->d->n)
		md->gap = true;
	md->heading = level;
	md->first_heading |= level == 1;
	begin_line(md, LINE_TEXT);
}

static void enter_paragraph(struct md *md)
{
	md->plain_paragraph = md->depth == 0;
	md->p_codes = md->p_others = 0;
	begin_line(md, LINE_TEXT);
	md->p_line = md->d->n - 1;
}

static void enter_code(struct md *md, const MD_BLOCK_CODE_DETAIL *code)
{
	strbuf_clear(&md->block);
	md->code++;
	md->code_at = NULL;
	md->info = code->fence_char
			   ? arena_str(md->a, str_n(code->info.text, code->info.size))
			   : STR("");
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct md *md = arg;

	switch (type) {
	case MD_BLOCK_QUOTE:
		md->quotes++;
		enter_container(md, (struct container){ 0 });
		break;
	case MD_BLOCK_UL:
		enter_container(
			md, (struct container){
				    .list = true,
				    .tight = ((MD_BLOCK_UL_DETAIL *)detail)->is_tight });
		break;
	case MD_BLOCK_OL: {
		const MD_BLOCK_OL_DETAIL *ol = detail;

		enter_container(md,
				(struct container){ .list = true,
						    .ordered = true,
						    .tight = ol->is_tight,
						    .number = ol->start,
						    .delimiter = ol->mark_delimiter });
		break;
	}
	case MD_BLOCK_LI:
		enter_item(md, detail);
		break;
	case MD_BLOCK_HR:
		begin_line(md, LINE_RULE);
		md->line_open = false;
		md->gap = true;
		break;
	case MD_BLOCK_H:
		enter_heading(md, ((MD_BLOCK_H_DETAIL *)detail)->level);
		break;
	case MD_BLOCK_CODE:
		enter_code(md, detail);
		break;
	case MD_BLOCK_P:
		enter_paragraph(md);
		break;
	case MD_BLOCK_TABLE:
		flush_marker(md);
		end_line(md);
		md->table = (struct md_table){
			.columns = ((MD_BLOCK_TABLE_DETAIL *)detail)->col_count
		};
		/* non-zero ends the parse: the note is then shown as plain text */
		return md->table.columns > MARKDOWN_COLUMNS;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD: {
		MD_ALIGN align = ((MD_BLOCK_TD_DETAIL *)detail)->align;

		*ARENA_PUSH(md->a, &md->table) =
			(struct md_cell){ .align = align == MD_ALIGN_RIGHT    ? 1
						   : align == MD_ALIGN_CENTER ? 0
									      : -1 };
		md->in_cell = true;
		md->last = 0;
		break;
	}
	case MD_BLOCK_DOC:
	case MD_BLOCK_HTML:
	case MD_BLOCK_THEAD:
	case MD_BLOCK_TBODY:
	case MD_BLOCK_TR:
		break;
	}
	return 0;
}

static void leave_paragraph(struct md *md)
{
	bool command = md->plain_paragraph && md->p_codes == 1 && !md->p_others;

	struct str about = md->about;

	end_line(md);
	if (command) {
		md->about = about; /* not the command itself */
		paragraph_command(md);
	}
	md->plain_paragraph = false;
	md->gap = true;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct md *md = arg;

	switch (type) {
	case MD_BLOCK_QUOTE:
		leave_container(md);
		md->quotes--;
		break;
	case MD_BLOCK_UL:
	case MD_BLOCK_OL:
		leave_container(md);
		break;
	case MD_BLOCK_LI:
		flush_marker(md);
		end_line(md);
		if (container(md)->tight)
			md->gap = false;
		break;
	case MD_BLOCK_H:
		end_line(md);
		md->gap = md->heading == 1;
		md->heading = 0;
		break;
	case MD_BLOCK_CODE:
		code_block(md);
		md->code--;
		break;
	case MD_BLOCK_P:
		leave_paragraph(md);
		break;
	case MD_BLOCK_TABLE:
		if (md->gap && md->d->n)
			doc_line(md->d, LINE_TEXT);
		md_table_draw(md->d, &md->table, md->indent, md->style.width);
		md->gap = true;
		break;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		end_line(md);
		md->in_cell = false;
		break;
	case MD_BLOCK_DOC:
	case MD_BLOCK_HR:
	case MD_BLOCK_HTML:
	case MD_BLOCK_THEAD:
	case MD_BLOCK_TBODY:
	case MD_BLOCK_TR:
		break;
	}
	return 0;
}

static struct ref link_ref(struct md *md, struct str href)
{
	struct str name = href;

	if (inline_is_source(href))
		return (struct ref){ REF_SOURCE, arena_str(md->a, href) };
	if (str_find(href, STR("://")) > 0 || str_starts(href, STR("mailto:")))
		return (struct ref){ REF_URL, arena_str(md->a, href) };
	if (str_ends(name, STR(".md")))
		name.n -= 3;
	if (!name.n || name.p[0] == '#')
		return (struct ref){ 0 };
	if (str_chr(name, '/') < 0 && str_chr(name, ':') < 0)
		return (struct ref){ REF_NOTE, arena_str(md->a, name) };
	return (struct ref){ REF_PATH, arena_str(md->a, href) };
}

static struct ref wiki_ref(struct md *md, struct str target_name)
{
	ptrdiff_t hash = str_chr(target_name, '#');

	if (hash > 0)
		target_name.n = (size_t)hash;
	return (struct ref){ REF_NOTE, arena_str(md->a, str_trim(target_name)) };
}

static int enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct md *md = arg;

	/* the blank of a soft break belongs to the text before the span */
	if (md->soft_break && utf8_cp_width(md->last) != 2) {
		strbuf_addc(&md->text, ' ');
		md->soft_break = false;
	}
	flush_text(md);
	switch (type) {
	case MD_SPAN_EM:
	case MD_SPAN_U:
		md->emph++;
		break;
	case MD_SPAN_STRONG:
		md->strong++;
		break;
	case MD_SPAN_DEL:
		md->strike++;
		break;
	case MD_SPAN_CODE:
		md->code++;
		md->p_codes++;
		strbuf_clear(&md->block);
		md->code_at = NULL;
		break;
	case MD_SPAN_A: {
		const MD_SPAN_A_DETAIL *a = detail;

		md->ref = link_ref(md, str_n(a->href.text, a->href.size));
		break;
	}
	case MD_SPAN_IMG: {
		const MD_SPAN_IMG_DETAIL *img = detail;

		md->ref = link_ref(md, str_n(img->src.text, img->src.size));
		add_text(md, STR("[image] "));
		break;
	}
	case MD_SPAN_WIKILINK: {
		const MD_SPAN_WIKILINK_DETAIL *wiki = detail;

		md->ref = wiki_ref(md, str_n(wiki->target.text, wiki->target.size));
		break;
	}
	case MD_SPAN_LATEXMATH:
	case MD_SPAN_LATEXMATH_DISPLAY:
		break;
	}
	return 0;
}

/* Content of a code span that has just ended. */
static void end_code_span(struct md *md)
{
	struct str text = strbuf_str(&md->block);

	md->code--;
	if (!md->line_open && !md->in_cell)
		begin_line(md, LINE_TEXT);
	resolve_break(md, text);
	flush_text(md);
	inline_code(md->a, target(md), text, ink(md));
	md->last = last_char(text);
}

static int leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct md *md = arg;

	flush_text(md);
	switch (type) {
	case MD_SPAN_EM:
	case MD_SPAN_U:
		md->emph--;
		break;
	case MD_SPAN_STRONG:
		md->strong--;
		break;
	case MD_SPAN_DEL:
		md->strike--;
		break;
	case MD_SPAN_CODE:
		end_code_span(md);
		break;
	case MD_SPAN_A:
	case MD_SPAN_IMG:
	case MD_SPAN_WIKILINK:
		md->ref = (struct ref){ 0 };
		break;
	case MD_SPAN_LATEXMATH:
	case MD_SPAN_LATEXMATH_DISPLAY:
		break;
	}
	return 0;
}

static void hard_break(struct md *md)
{
	if (md->in_cell) {
		md->soft_break = true;
		return;
	}
	end_line(md);
	begin_line(md, LINE_TEXT);
}

static int text(MD_TEXTTYPE type, const MD_CHAR *p, MD_SIZE n, void *arg)
{
	struct md *md = arg;
	struct str s = str_n(p, n);

	if (md->code) {
		if (!md->code_at && n && p >= md->body.p && p < md->body.p + md->body.n)
			md->code_at = p;
		strbuf_add(&md->block, type == MD_TEXT_NULLCHAR ? STR("\uFFFD") : s);
		return 0;
	}
	md->p_others++;
	switch (type) {
	case MD_TEXT_NULLCHAR:
		add_text(md, STR("\uFFFD"));
		break;
	case MD_TEXT_BR:
		hard_break(md);
		break;
	case MD_TEXT_SOFTBR:
		md->soft_break = true;
		break;
	case MD_TEXT_ENTITY: {
		STRBUF_AUTO(b, 64);

		inline_entity(&b, s);
		add_text(md, strbuf_str(&b));
		break;
	}
	case MD_TEXT_NORMAL:
	case MD_TEXT_CODE:
	case MD_TEXT_HTML:
	case MD_TEXT_LATEXMATH:
		add_text(md, s);
		break;
	}
	return 0;
}

/* ---- the doors
 * -------------------------------------------------------------------------- */

/* More list and quote marks at the front of one line than anybody writes: md4c looks at
 * all of them again for every blank line that follows. */
static bool is_hostile(struct str body)
{
	STR_EACH_LINE (line, body) {
		size_t marks = 0;

		for (size_t i = 0; i < line.n && marks <= MARKS_MAX; i++) {
			char c = line.p[i];

			if (c == '>' ||
			    ((c == '-' || c == '*' || c == '+' || c == '.' || c == ')') &&
			     i + 1 < line.n && line.p[i + 1] == ' '))
				marks++;
			else if (c != ' ' && c != '\t' && !(c >= '0' && c <= '9'))
				break;
		}
		if (marks > MARKS_MAX)
			return true;
	}
	return false;
}

static void plain_doc(struct md *md)
{
	md->d = doc_new(md->a);
	md->commands.n = 0;
	STR_EACH_LINE (line, md->body) {
		doc_line(md->d, LINE_CODE);
		doc_span(md->d, STYLE_TEXT, line);
	}
}

static bool parse(struct md *md)
{
	static const MD_PARSER parser = {
		.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS |
			 MD_FLAG_PERMISSIVEURLAUTOLINKS | MD_FLAG_WIKILINKS |
			 MD_FLAG_NOHTML,
		.enter_block = enter_block,
		.leave_block = leave_block,
		.enter_span = enter_span,
		.leave_span = leave_span,
		.text = text,
	};

	return md->body.n <= MARKDOWN_MAX && !is_hostile(md->body) &&
	       md_parse(md->body.p, (MD_SIZE)md->body.n, &parser, md) == 0;
}

/* The title as a heading in front of a body that has none. */
static void add_title(struct md *md, struct str title)
{
	struct doc *with;

	if (!title.n || md->first_heading)
		return;
	with = doc_new(md->a);
	doc_line(with, LINE_TEXT);
	doc_span(with, STYLE_HEAD1, title);
	if (md->d->n)
		doc_line(with, LINE_TEXT);
	for (size_t i = 0; i < md->d->n; i++)
		*ARENA_PUSH(md->a, with) = md->d->v[i];
	md->d = with;
}

static void walk(struct md *md, struct arena *a, struct str bytes,
		 const struct note_style *style)
{
	struct frontmatter *fm = arena_new_of(a, struct frontmatter);

	bytes = note_native(a, bytes);
	*md = (struct md){ .a = a,
			   .d = doc_new(a),
			   .body = bytes,
			   .body_line = 1,
			   .wants_about = !style,
			   .about = STR(""),
			   .text = STRBUF(MARKDOWN_MAX),
			   .block = STRBUF(MARKDOWN_MAX) };
	if (style)
		md->style = *style;
	if (!md->style.width)
		md->style.width = DEFAULT_WIDTH;
	if (frontmatter_parse(a, bytes, fm, NULL) && fm->present) {
		md->body = str_from(bytes, fm->body);
		md->body_line = fm->body_line;
		md->params = &fm->params;
	}
	if (!parse(md))
		plain_doc(md);
	add_title(md, fm->title);
	strbuf_free(&md->text);
	strbuf_free(&md->block);
}

struct doc *note_doc(struct arena *a, struct str bytes, const struct note_style *style)
{
	struct md *md = arena_new_of(a, struct md);

	walk(md, a, bytes, style);
	return md->d;
}

void note_commands(struct arena *a, struct str bytes, struct note_commands *ret)
{
	struct md *md = arena_new_of(a, struct md);

	walk(md, a, bytes, NULL);
	*ret = md->commands;
}
