/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pet's snippets, TOML as far as pet writes it:
 *
 *     [[snippets]]
 *       description = "Boot a kernel in QEMU"
 *       command = "qemu-system-x86_64 -kernel <bzImage=arch/x86/boot/bzImage>"
 *       tag = ["qemu", "boot"]
 *
 * Keys in any letter case; strings "...", '...', and three quotes for several lines. A
 * parameter is <name>, <name=default> or <name=|_a_||_b_|>, anything but < and > inside.
 */
#include "base/utf8.h"
#include "note/placeholder.h"
#include "sheet.h"

struct toml {
	struct str rest;
	struct arena *a;
	bool bad;
};

static void blanks(struct toml *t, bool lines)
{
	while (t->rest.n) {
		char c = t->rest.p[0];

		if (c == '#') {
			ptrdiff_t lf = str_chr(t->rest, '\n');

			t->rest = str_from(t->rest, lf < 0 ? t->rest.n : (size_t)lf);
		} else if (c == ' ' || c == '\t' || c == '\r' || (lines && c == '\n')) {
			t->rest = str_from(t->rest, 1);
		} else {
			break;
		}
	}
}

static size_t escape(struct str s, struct strbuf *b)
{
	static const char from[] = "btnfr\"\\e", to[] = "\b\t\n\f\r\"\\\033";
	const char *at = s.n > 1 && s.p[1] ? strchr(from, s.p[1]) : NULL;
	struct str digits;
	uint64_t cp;

	if (at) {
		strbuf_addc(b, to[at - from]);
		return 2;
	}
	if (s.n > 1 && (s.p[1] == 'u' || s.p[1] == 'U')) {
		size_t n = s.p[1] == 'u' ? 4 : 8;

		digits = str_sub(s, 2, n);
		if (digits.n == n && str_eat_u64(&digits, 16, &cp) && cp < 0x110000) {
			utf8_put(b, (uint32_t)cp);
			return n + 2;
		}
	}
	strbuf_addc(b, '\\');
	return 1;
}

/* long: four kinds of strings, one loop */
static struct str string(struct toml *t)
{
	struct str s = t->rest;
	char q = s.n ? s.p[0] : 0;
	bool three = s.n >= 3 && s.p[1] == q && s.p[2] == q;
	size_t i = three ? 3 : 1, close = three ? 3 : 1;
	STRBUF_AUTO(b, COMMAND_MAX * 4);

	if (q != '"' && q != '\'') {
		t->bad = true;
		return STR("");
	}
	if (three && i < s.n && s.p[i] == '\n')
		i++;
	for (;;) {
		if (i + close > s.n || (!three && s.p[i] == '\n')) {
			t->bad = true;
			return STR("");
		}
		if (s.p[i] == q && (!three || (s.p[i + 1] == q && s.p[i + 2] == q)))
			break;
		if (q == '"' && s.p[i] == '\\') {
			i += escape(str_from(s, i), &b);
			continue;
		}
		strbuf_addc(&b, s.p[i++]);
	}
	t->rest = str_from(s, i + close);
	return arena_str(t->a, strbuf_str(&b));
}

static void strings(struct toml *t, struct str_list *ret)
{
	t->rest = str_from(t->rest, 1);
	for (;;) {
		blanks(t, true);
		if (str_skip(&t->rest, STR("]")))
			return;
		if (str_skip(&t->rest, STR(",")))
			continue;
		*ARENA_PUSH(t->a, ret) = string(t);
		if (t->bad || ret->n > FM_MAX_ITEMS)
			return;
	}
}

/* ---- parameters -------------------------------------------------------------- */

static struct str pet_spec(struct sheet *s, struct str value)
{
	STRBUF_AUTO(b, 4096);
	struct str rest = value, word;
	size_t n = 0;

	if (!str_starts(value, STR("|_"))) {
		while (str_word(&rest, &word))
			if (str_eq(word, STR("$")) || str_eq(word, STR("=")))
				return STR("text");
		return arena_strf(s->a, "text = " STR_FMT, STR_ARG(value));
	}
	strbuf_addz(&b, "choice");
	while (str_skip(&rest, STR("|_"))) {
		ptrdiff_t end = str_find(rest, STR("_|"));

		if (end < 0 || str_chr(str_n(rest.p, (size_t)end), ' ') >= 0)
			return STR("text");
		strbuf_addf(&b, " " STR_FMT, STR_ARG(str_n(rest.p, (size_t)end)));
		rest = str_from(rest, (size_t)end + 2);
		n++;
	}
	return n ? arena_str(s->a, strbuf_str(&b)) : STR("text");
}

/* Length of the parameter at the front; 0 for none. The last byte is no blank. */
static size_t parameter(struct str s)
{
	size_t n = 1;

	while (n < s.n && s.p[n] != '<' && s.p[n] != '>' && s.p[n] != '\n')
		n++;
	return n < s.n && s.p[n] == '>' && n > 1 && s.p[n - 1] != ' ' &&
			       s.p[n - 1] != '\t'
		       ? n + 1
		       : 0;
}

/* The same key anywhere gets the same value, and the last default counts. */
static struct str default_of(struct str text, struct str key)
{
	struct str found = STR("");

	for (size_t i = 0, n; i < text.n; i++) {
		struct str in, name;

		if (text.p[i] != '<' || !(n = parameter(str_from(text, i))))
			continue;
		in = str_sub(text, i + 1, n - 2);
		if (str_cut(&in, '=', &name) && in.p && str_eq(name, key))
			found = in;
	}
	return found;
}

static struct str pet_command(struct sheet *s, struct str text)
{
	STRBUF_AUTO(b, COMMAND_MAX * 2);

	for (size_t i = 0, n; i < text.n; i += n) {
		struct str in, name = STR(""), preset;

		n = text.p[i] == '<' ? parameter(str_from(text, i)) : 0;
		if (!n) {
			n = 1;
			strbuf_addc(&b, text.p[i]);
			continue;
		}
		in = str_sub(text, i + 1, n - 2);
		(void)str_cut(&in, '=', &name);
		preset = default_of(text, name);
		strbuf_addf(
			&b, "<" STR_FMT ">",
			STR_ARG(sheet_param(
				s, name, preset.n ? pet_spec(s, preset) : STR("text"))));
	}
	return arena_str(s->a, strbuf_str(&b));
}

/* ---- the file ---------------------------------------------------------------- */

struct snippet {
	struct str about, command;
	struct str_list tags;
	bool open;
};

static void end_snippet(struct sheet *s, struct snippet *snip)
{
	if (snip->open && snip->command.n)
		sheet_item(s, snip->about, pet_command(s, str_trim(snip->command)));
	for (size_t i = 0; i < snip->tags.n && s->tags.n < 200; i++) {
		bool have = false;

		for (size_t k = 0; k < s->tags.n; k++)
			have |= str_eq(s->tags.v[k], snip->tags.v[i]);
		if (!have)
			*ARENA_PUSH(s->a, &s->tags) = snip->tags.v[i];
	}
	*snip = (struct snippet){ 0 };
}

static void key_value(struct toml *t, struct snippet *snip)
{
	ptrdiff_t eq = str_chr(t->rest, '=');
	struct str key, one;
	struct str_list list = { 0 };

	if (eq < 0) {
		t->bad = true;
		return;
	}
	key = str_trim(str_n(t->rest.p, (size_t)eq));
	t->rest = str_from(t->rest, (size_t)eq + 1);
	blanks(t, false);
	if (str_starts(t->rest, STR("["))) {
		strings(t, &list);
		if (str_caseeq(key, STR("tag")))
			snip->tags = list;
		return;
	}
	if (!str_starts(t->rest, STR("\"")) && !str_starts(t->rest, STR("'"))) {
		/* a number or a date: none of our keys */
		ptrdiff_t lf = str_chr(t->rest, '\n');

		t->rest = str_from(t->rest, lf < 0 ? t->rest.n : (size_t)lf);
		return;
	}
	one = string(t);
	if (str_caseeq(key, STR("description")))
		snip->about = one;
	else if (str_caseeq(key, STR("command")))
		snip->command = one;
}

bool pet_read(struct sheet *s, struct str path, struct str bytes)
{
	struct toml t = { bytes, s->a, false };
	struct snippet snip = { 0 };
	size_t n = 0;

	for (blanks(&t, true); t.rest.n && !t.bad; blanks(&t, true)) {
		if (str_skip(&t.rest, STR("[["))) {
			ptrdiff_t end = str_find(t.rest, STR("]]"));

			end_snippet(s, &snip);
			if (end < 0)
				return false;
			snip.open = str_caseeq(str_trim(str_n(t.rest.p, (size_t)end)),
					       STR("snippets"));
			n += snip.open;
			t.rest = str_from(t.rest, (size_t)end + 2);
		} else {
			key_value(&t, &snip);
		}
	}
	end_snippet(s, &snip);
	s->title = arena_strf(s->a, "Snippets of " STR_FMT, STR_ARG(sheet_stem(path)));
	*ARENA_PUSH(s->a, &s->tags) = STR("pet");
	return n > 0 && !t.bad;
}

static void write_blank(struct strbuf *out, const struct blank *b)
{
	strbuf_addf(out, "<" STR_FMT, STR_ARG(b->name));
	if (b->choices.n) {
		strbuf_addc(out, '=');
		for (size_t i = 0; i < b->choices.n; i++)
			strbuf_addf(out, "|_" STR_FMT "_|", STR_ARG(b->choices.v[i]));
	} else if (b->preset.n) {
		strbuf_addf(out, "=" STR_FMT, STR_ARG(b->preset));
	}
	strbuf_addc(out, '>');
}

/* The command with pet's parameters; false when a literal part would read as one. */
static bool pet_text(const struct sheet *s, struct str text, struct strbuf *out,
		     struct str_list *lost)
{
	struct template t;
	size_t at = 0;

	template_parse(s->a, text, &s->params, &t);
	for (size_t i = 0; i <= t.slots.n; i++) {
		size_t to = i < t.slots.n ? t.slots.v[i].at : text.n;
		struct str literal = str_sub(text, at, to - at);

		for (size_t k = 0; k < literal.n; k++)
			if (literal.p[k] == '<' && parameter(str_from(literal, k)))
				return false;
		strbuf_add(out, literal);
		if (i == t.slots.n)
			break;
		write_blank(out, &t.blanks.v[t.slots.v[i].blank]);
		if (t.blanks.v[t.slots.v[i].blank].suggest.n)
			*ARENA_PUSH(s->a, lost) =
				arena_strf(s->a, "<" STR_FMT ">: the suggestion command",
					   STR_ARG(t.blanks.v[t.slots.v[i].blank].name));
		at = t.slots.v[i].at + t.slots.v[i].n;
	}
	return true;
}

void pet_write(const struct sheet *s, struct strbuf *out, struct str_list *lost)
{
	for (size_t i = 0; i < s->items.n; i++) {
		const struct sheet_item *item = &s->items.v[i];
		STRBUF_AUTO(command, COMMAND_MAX * 4);

		if (!pet_text(s, item->command, &command, lost)) {
			*ARENA_PUSH(s->a, lost) = arena_strf(
				s->a,
				"command %zu: brackets that pet would take for a parameter",
				i + 1);
			continue;
		}
		strbuf_addz(out, "[[snippets]]\n  description = ");
		strbuf_add_quoted(out, item->about.n ? item->about : s->title);
		strbuf_addz(out, "\n  command = ");
		strbuf_add_quoted(out, strbuf_str(&command));
		strbuf_addz(out, "\n  tag = [");
		for (size_t k = 0; k < s->tags.n; k++) {
			strbuf_addz(out, k ? ", " : "");
			strbuf_add_quoted(out, s->tags.v[k]);
		}
		strbuf_addz(out, "]\n  output = \"\"\n\n");
	}
}
