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
#include "md.h"
#include "note/format.h"

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

/* ---- lines ------------------------------------------------------------------- */

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
void md_flush_marker(struct md *md)
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

void md_end_line(struct md *md)
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

/* ---- commands ---------------------------------------------------------------- */

/* A paragraph that was one code span and nothing else. */
static void paragraph_command(struct md *md)
{
	struct str text = strbuf_str(&md->block);
	struct line *line = &md->d->v[md->p_line];
	int number;

	if (inline_is_source(text) || !str_trim(text).n)
		return;
	number = md_add_command(md, text, STR(""), md->code_at);
	*line = (struct line){ .kind = LINE_CODE,
			       .indent = md->indent + CODE_INDENT,
			       .command = number };
	code_inline(md->d, text, md->params);
}

/* ---- containers -------------------------------------------------------------- */

static void enter_container(struct md *md, struct container c)
{
	md_flush_marker(md);
	md_end_line(md);
	md->depth++;
	c.indent = md->indent;
	*container(md) = c;
	if (!c.list && md->depth < MARKDOWN_NEST)
		md->indent += 2;
}

static void leave_container(struct md *md)
{
	md_flush_marker(md);
	md_end_line(md);
	md->indent = container(md)->indent;
	if (md->depth)
		md->depth--;
	if (!md->depth || !container(md)->list || !container(md)->tight)
		md->gap = true;
}

static void enter_item(struct md *md, const MD_BLOCK_LI_DETAIL *item)
{
	struct container *c = container(md);

	md_flush_marker(md);
	md_end_line(md);
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

/* ---- md4c's callbacks -------------------------------------------------------- */

static void enter_heading(struct md *md, unsigned level)
{
	md_flush_marker(md);
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

/* long: one case for each block of md4c */
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
		md_flush_marker(md);
		md_end_line(md);
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

	md_end_line(md);
	if (command) {
		md->about = about; /* not the command itself */
		paragraph_command(md);
	}
	md->plain_paragraph = false;
	md->gap = true;
}

/* long: one case for each block of md4c */
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
		md_flush_marker(md);
		md_end_line(md);
		if (container(md)->tight)
			md->gap = false;
		break;
	case MD_BLOCK_H:
		md_end_line(md);
		md->gap = md->heading == 1;
		md->heading = 0;
		break;
	case MD_BLOCK_CODE:
		md_code_block(md);
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
		md_end_line(md);
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
	md_end_line(md);
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

/* ---- the doors --------------------------------------------------------------- */

/* Does a list or quote mark stand at this byte of the front of a line? */
static bool is_mark(struct str line, size_t i)
{
	if (line.p[i] == '>')
		return true;
	return strchr("-*+.)", line.p[i]) && i + 1 < line.n && line.p[i + 1] == ' ';
}

static size_t count_marks(struct str line)
{
	size_t marks = 0;

	for (size_t i = 0; i < line.n && line.p[i] && marks <= MARKS_MAX; i++) {
		if (is_mark(line, i))
			marks++;
		else if (!strchr(" \t0123456789", line.p[i]))
			break;
	}
	return marks;
}

/* More list and quote marks at the front of one line than anybody writes: md4c looks at
 * all of them again for every blank line that follows. */
static bool is_hostile(struct str body)
{
	STR_EACH_LINE (line, body)
		if (count_marks(line) > MARKS_MAX)
			return true;
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
