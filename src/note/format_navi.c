/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * navi's .cheat files, line by line as its parser reads them:
 *
 *     % kvm, trace
 *     # Trace one guest's exits
 *     perf kvm stat record -p <pid> sleep <secs>
 *     $ pid: pgrep -a qemu --- --column 1
 *     @ other tags
 *     ; a comment
 */
#include "note/placeholder.h"
#include "sheet.h"

struct variable {
	struct str scope, name, spec;
	struct str native; /* its name here */
};

struct navi {
	struct sheet *s;
	struct str scope, about;
	struct strbuf command;
	bool fenced, continued;
	struct {
		struct variable *v;
		size_t n, cap;
	} variables;
	struct {
		struct variable *v; /* .scope takes over the variables of .name */
		size_t n, cap;
	} takes;
};

/* ---- reading ----------------------------------------------------------------- */

static void end_item(struct navi *n)
{
	struct str text = str_trim(strbuf_str(&n->command));

	if (n->about.n && text.n) {
		sheet_item(n->s, n->about, text);
		if (n->s->items.n)
			n->s->items.v[n->s->items.n - 1].scope = n->scope;
	}
	strbuf_clear(&n->command);
	n->about = STR("");
}

/* "--column 2 --delimiter ':' --header-lines 1" as filters of the suggestion. */
static struct str with_options(struct arena *a, struct str command, struct str options)
{
	struct str word, column = STR(""), delimiter = STR("[[:space:]][[:space:]]+");
	uint64_t skip = 0;

	while (str_word(&options, &word)) {
		struct str next = options, value = STR("");

		str_word(&next, &value);
		if (value.n > 1 && (value.p[0] == '\'' || value.p[0] == '"'))
			value = str_sub(value, 1, value.n - 2);
		if (str_eq(word, STR("--column")))
			column = value;
		else if (str_eq(word, STR("--delimiter")) && value.n)
			delimiter = value;
		else if (str_starts(word, STR("--header")))
			(void)str_to_u64(value, &skip);
	}
	if (skip && skip < 1000)
		command = arena_strf(a, STR_FMT " | tail -n +%u", STR_ARG(command),
				     (unsigned)skip + 1);
	if (column.n && str_to_u64(column, &skip) && str_chr(delimiter, '\'') < 0)
		command =
			arena_strf(a, STR_FMT " | awk -F '" STR_FMT "' '{print $%u}'",
				   STR_ARG(command), STR_ARG(delimiter), (unsigned)skip);
	return command;
}

static void variable(struct navi *n, struct str line)
{
	ptrdiff_t colon = str_chr(line, ':'), options;
	struct str name = str_trim(str_n(line.p, (size_t)colon));
	struct str command = str_trim(str_from(line, (size_t)colon + 1)), rest = STR("");

	options = str_find(command, STR("---"));
	if (options >= 0) {
		rest = str_from(command, (size_t)options + 3);
		command = str_trim(str_n(command.p, (size_t)options));
	}
	command = with_options(n->s->a, command, rest);
	*ARENA_PUSH(n->s->a, &n->variables) = (struct variable){
		n->scope, name, arena_strf(n->s->a, "text $ " STR_FMT, STR_ARG(command)),
		STR("")
	};
}

static void navi_line(struct navi *n, struct str line)
{
	bool variable_line = str_starts(line, STR("$")) && str_chr(line, ':') > 0 &&
			     (!n->fenced || n->continued);

	if (!line.n) {
		if (n->command.n)
			strbuf_addc(&n->command, '\n');
	} else if (line.p[0] == '%') {
		end_item(n);
		n->scope = str_trim(str_from(line, 1));
	} else if (line.p[0] == '@') {
		*ARENA_PUSH(n->s->a, &n->takes) =
			(struct variable){ n->scope, str_trim(str_from(line, 1)), STR(""),
					   STR("") };
	} else if (line.p[0] == ';') {
		return;
	} else if (line.p[0] == '#') {
		end_item(n);
		while (str_skip(&line, STR("#")))
			;
		n->about = str_trim(line);
	} else if (variable_line) {
		variable(n, str_from(line, 1));
		n->continued = str_ends(line, STR("\\"));
	} else if (str_starts(line, STR("```"))) {
		n->fenced = !n->fenced;
	} else {
		strbuf_add(&n->command, line);
		strbuf_addc(&n->command, '\n');
	}
}

static const struct variable *lookup(const struct navi *n, struct str scope,
				     struct str name, unsigned depth)
{
	const struct variable *v;

	for (size_t i = 0; i < n->variables.n; i++)
		if (str_eq(n->variables.v[i].scope, scope) &&
		    str_eq(n->variables.v[i].name, name))
			return &n->variables.v[i];
	for (size_t i = 0; depth < 4 && i < n->takes.n; i++)
		if (str_eq(n->takes.v[i].scope, scope) &&
		    (v = lookup(n, n->takes.v[i].name, name, depth + 1)))
			return v;
	return NULL;
}

/* Every <name> of navi is a placeholder; it gets the variable of its own scope. */
static void resolve(struct navi *n, struct sheet_item *item)
{
	struct fm_map all = { 0 };
	struct template t;
	STRBUF_AUTO(b, COMMAND_MAX * 2);
	size_t at = 0;

	template_parse(n->s->a, item->command, &all, &t);
	for (size_t i = 0; i < t.slots.n; i++) {
		struct str name = t.blanks.v[t.slots.v[i].blank].name;
		const struct variable *v = lookup(n, item->scope, name, 0);

		strbuf_add(&b, str_sub(item->command, at, t.slots.v[i].at - at));
		strbuf_addf(&b, "<" STR_FMT ">",
			    STR_ARG(sheet_param(n->s, name, v ? v->spec : STR("text"))));
		at = t.slots.v[i].at + t.slots.v[i].n;
	}
	strbuf_add(&b, str_from(item->command, at));
	item->command = arena_str(n->s->a, strbuf_str(&b));
}

static void add_tags(struct sheet *s, struct str scope)
{
	struct str tag;

	while (str_cut(&scope, ',', &tag)) {
		bool have = false;

		tag = str_trim(tag);
		for (size_t i = 0; i < s->tags.n; i++)
			have |= str_eq(s->tags.v[i], tag);
		if (!have && tag.n && s->tags.n < FM_MAX_ITEMS)
			*ARENA_PUSH(s->a, &s->tags) = tag;
	}
}

bool navi_read(struct sheet *s, struct str path, struct str bytes)
{
	struct navi n = {
		.s = s, .scope = STR(""), .about = STR(""), .command = STRBUF(COMMAND_MAX)
	};

	STR_EACH_LINE (line, bytes)
		navi_line(&n, str_rtrim(line));
	end_item(&n);
	strbuf_free(&n.command);
	for (size_t i = 0; i < s->items.n; i++) {
		add_tags(s, s->items.v[i].scope);
		resolve(&n, &s->items.v[i]);
	}
	s->title = sheet_stem(path);
	s->about = s->tags.n ? STR("") : s->about;
	return s->items.n || n.variables.n;
}

/* ---- writing ----------------------------------------------------------------- */

static void write_variable(struct strbuf *out, const struct blank *b)
{
	if (b->suggest.n) {
		strbuf_addf(out, "$ " STR_FMT ": " STR_FMT "\n", STR_ARG(b->name),
			    STR_ARG(b->suggest));
	} else if (b->choices.n || b->preset.n) {
		strbuf_addf(out, "$ " STR_FMT ": printf '%%s\\n'", STR_ARG(b->name));
		if (!b->choices.n) {
			strbuf_addc(out, ' ');
			shell_quote(out, b->preset, DIALECT_SH);
		}
		for (size_t i = 0; i < b->choices.n; i++) {
			strbuf_addc(out, ' ');
			shell_quote(out, b->choices.v[i], DIALECT_SH);
		}
		strbuf_addc(out, '\n');
	}
}

/* A line of a command that navi would read as something else. */
static bool clashes(struct str command)
{
	STR_EACH_LINE (line, command)
		if (line.n && strchr("%#;@", line.p[0]))
			return true;
	return str_starts(command, STR("```"));
}

void navi_write(const struct sheet *s, struct strbuf *out, struct str_list *lost)
{
	struct str_list done = { 0 };

	strbuf_addz(out, "% ");
	for (size_t i = 0; i < s->tags.n; i++)
		strbuf_addf(out, "%s" STR_FMT, i ? ", " : "", STR_ARG(s->tags.v[i]));
	if (!s->tags.n)
		strbuf_add(out, s->title);
	strbuf_addz(out, "\n");
	for (size_t i = 0; i < s->items.n; i++) {
		const struct sheet_item *item = &s->items.v[i];
		struct template t;

		if (clashes(item->command)) {
			*ARENA_PUSH(s->a, lost) = arena_strf(
				s->a, "command %zu: a line begins with %% # ; or @",
				i + 1);
			continue;
		}
		strbuf_addz(out, "\n# ");
		for (size_t k = 0; k < item->about.n; k++)
			strbuf_addc(out,
				    (char)(item->about.p[k] == '\n' ? ' '
								    : item->about.p[k]));
		strbuf_addf(out, "%s\n" STR_FMT "\n", item->about.n ? "" : "Run",
			    STR_ARG(item->command));
		template_parse(s->a, item->command, &s->params, &t);
		for (size_t k = 0; k < t.blanks.n; k++) {
			bool have = false;

			for (size_t d = 0; d < done.n; d++)
				have |= str_eq(done.v[d], t.blanks.v[k].name);
			if (!have)
				write_variable(out, &t.blanks.v[k]);
			*ARENA_PUSH(s->a, &done) = t.blanks.v[k].name;
		}
	}
	for (size_t i = 0; i < s->params.n; i++)
		if (str_eq(s->params.v[i].value, STR("literal")))
			*ARENA_PUSH(s->a, lost) =
				arena_strf(s->a, "<" STR_FMT ">: literal brackets",
					   STR_ARG(s->params.v[i].name));
}
