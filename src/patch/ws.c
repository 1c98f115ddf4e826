/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whitespace rules: see patch/ws.h. The order of repairs is that of git apply: blanks at
 * the end first, then the indent.
 */
#include "patch/ws.h"

/* git's isspace(): no vertical tab, no form feed */
static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool ws_action_parse(struct str word, enum ws_action *ret_action, struct err *err)
{
	static const struct {
		const char *word;
		enum ws_action action;
	} actions[] = {
		{ "warn", WS_WARN }, { "nowarn", WS_NOWARN },       { "error", WS_ERROR },
		{ "fix", WS_FIX },   { "error-all", WS_ERROR_ALL }, { "strip", WS_FIX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (str_eq(word, str_of(actions[i].word))) {
			*ret_action = actions[i].action;
			return true;
		}
	}
	return err_set(err, ERR_USAGE, "unrecognized whitespace option '" STR_FMT "'",
		       STR_ARG(word));
}

static const struct {
	const char *word;
	unsigned faults;
} rule_words[] = {
	{ "trailing-space", WS_BLANK_AT_EOL | WS_BLANK_AT_EOF },
	{ "space-before-tab", WS_SPACE_BEFORE_TAB },
	{ "indent-with-non-tab", WS_INDENT_WITH_NON_TAB },
	{ "cr-at-eol", WS_CR_AT_EOL },
	{ "blank-at-eol", WS_BLANK_AT_EOL },
	{ "blank-at-eof", WS_BLANK_AT_EOF },
	{ "tab-in-indent", WS_TAB_IN_INDENT },
};

static void rule_word(struct str word, struct ws_rule *rule)
{
	bool off = str_skip(&word, STR("-"));
	uint64_t width;

	if (str_skip(&word, STR("tabwidth="))) {
		if (str_eat_u64(&word, 10, &width) && width && width <= WS_TAB_MAX)
			rule->tab_width = (unsigned)width;
		return;
	}
	/* git takes any beginning of a word, the first in the table that fits */
	for (size_t i = 0; word.n && i < ARRAY_SIZE(rule_words); i++) {
		if (!str_starts(str_of(rule_words[i].word), word))
			continue;
		if (off)
			rule->faults &= ~rule_words[i].faults;
		else
			rule->faults |= rule_words[i].faults;
		return;
	}
}

bool ws_rule_parse(struct str value, struct ws_rule *ret_rule, struct err *err)
{
	struct ws_rule rule = WS_RULE_DEFAULT;
	struct str word;

	while (str_cut(&value, ',', &word))
		rule_word(str_trim(word), &rule);
	if (rule.faults & WS_TAB_IN_INDENT && rule.faults & WS_INDENT_WITH_NON_TAB)
		return err_set(err, ERR_PARSE,
			       "whitespace rule: cannot enforce both tab-in-indent and "
			       "indent-with-non-tab");
	*ret_rule = rule;
	return true;
}

struct ws_rule ws_rule_all(struct ws_rule rule)
{
	rule.faults = WS_BLANK_AT_EOL | WS_BLANK_AT_EOF | WS_SPACE_BEFORE_TAB |
		      WS_INDENT_WITH_NON_TAB;
	return rule;
}

struct ws_rule ws_rule_none(struct ws_rule rule)
{
	rule.faults = 0;
	return rule;
}

/* long: one scan; each fault is one condition */
unsigned ws_check(struct str line, struct ws_rule rule)
{
	size_t end = line.n, i, written = 0;
	unsigned faults = 0;

	if (end && line.p[end - 1] == '\n')
		end--;
	if (rule.faults & WS_CR_AT_EOL && end && line.p[end - 1] == '\r')
		end--;
	if (rule.faults & WS_BLANK_AT_EOL && end && is_space(line.p[end - 1])) {
		faults |= WS_BLANK_AT_EOL;
		while (end && is_space(line.p[end - 1]))
			end--;
	}
	for (i = 0; i < end && (line.p[i] == ' ' || line.p[i] == '\t'); i++) {
		if (line.p[i] == ' ')
			continue;
		if (rule.faults & WS_SPACE_BEFORE_TAB && written < i)
			faults |= WS_SPACE_BEFORE_TAB;
		else if (rule.faults & WS_TAB_IN_INDENT)
			faults |= WS_TAB_IN_INDENT;
		written = i + 1;
	}
	if (rule.faults & WS_INDENT_WITH_NON_TAB && i - written >= rule.tab_width)
		faults |= WS_INDENT_WITH_NON_TAB;
	return faults;
}

const char *ws_fault_name(enum ws_fault one)
{
	switch (one) {
	case WS_BLANK_AT_EOL:
		return "trailing whitespace";
	case WS_SPACE_BEFORE_TAB:
		return "space before tab in indent";
	case WS_INDENT_WITH_NON_TAB:
		return "indent with spaces";
	case WS_TAB_IN_INDENT:
		return "tab in indent";
	case WS_BLANK_AT_EOF:
		return "new blank line at EOF";
	case WS_CR_AT_EOL:
		break;
	}
	return "whitespace";
}

/* Blanks before the last tab become tabs, or (indent-with-non-tab) all of the indent. */
static struct str fix_indent(struct str line, struct ws_rule rule, struct strbuf *out)
{
	size_t indent = 0, tab_end = 0, spaces = 0, last, start = out->n;
	bool mix = false;

	for (; indent < line.n; indent++) {
		if (line.p[indent] == '\t') {
			mix |= rule.faults & WS_SPACE_BEFORE_TAB && spaces;
			tab_end = indent + 1;
		} else if (line.p[indent] == ' ') {
			spaces++;
			mix |= rule.faults & WS_INDENT_WITH_NON_TAB &&
			       indent + 1 - tab_end >= rule.tab_width;
		} else {
			break;
		}
	}
	last = rule.faults & WS_INDENT_WITH_NON_TAB ? indent : tab_end;
	spaces = 0;
	if (mix) {
		for (size_t i = 0; i < last; i++) {
			if (line.p[i] != ' ') {
				spaces = 0;
				strbuf_addc(out, line.p[i]);
			} else if (++spaces == rule.tab_width) {
				strbuf_addc(out, '\t');
				spaces = 0;
			}
		}
		strbuf_pad(out, ' ', spaces);
		return str_from(line, last);
	}
	if (!(rule.faults & WS_TAB_IN_INDENT))
		return line;
	for (size_t i = 0; i < tab_end; i++) {
		if (line.p[i] == ' ')
			strbuf_addc(out, ' ');
		else
			strbuf_pad(out, ' ',
				   rule.tab_width - (out->n - start) % rule.tab_width);
	}
	return str_from(line, tab_end);
}

bool ws_fix(struct str line, struct ws_rule rule, struct strbuf *out)
{
	bool lf = false, cr = false, fixed = false;
	struct str rest;

	if (rule.faults & WS_BLANK_AT_EOL) {
		if (line.n && line.p[line.n - 1] == '\n') {
			lf = true;
			line.n--;
			if (line.n && line.p[line.n - 1] == '\r') {
				cr = rule.faults & WS_CR_AT_EOL;
				line.n--;
			}
		}
		for (; line.n && is_space(line.p[line.n - 1]); fixed = true)
			line.n--;
	}
	rest = fix_indent(line, rule, out);
	strbuf_add(out, rest);
	if (cr)
		strbuf_addc(out, '\r');
	if (lf)
		strbuf_addc(out, '\n');
	return fixed || rest.p != line.p;
}

static struct str without_line_end(struct str line)
{
	while (line.n && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == '\n'))
		line.n--;
	return line;
}

bool ws_equal(struct str a, struct str b)
{
	size_t i = 0, j = 0;

	a = without_line_end(a);
	b = without_line_end(b);
	while (i < a.n && j < b.n) {
		if (is_space(a.p[i]) && is_space(b.p[j])) {
			while (i < a.n && is_space(a.p[i]))
				i++;
			while (j < b.n && is_space(b.p[j]))
				j++;
		} else if (a.p[i++] != b.p[j++]) {
			return false;
		}
	}
	return i == a.n && j == b.n;
}

bool ws_blank(struct str line)
{
	size_t i = 0;

	while (i < line.n && is_space(line.p[i]))
		i++;
	return i == line.n;
}
