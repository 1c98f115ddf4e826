/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The probe language and its judgement: see note/probe.h. Parsing follows one table;
 * looking goes through the door alone.
 */
#include <regex.h>

#include "note/probe.h"

enum { PROBE_TEXT_MAX = 1024 /* bytes of one probe */ };

static const struct {
	const char *word;
	enum probe_kind kind;
	bool needs_op; /* an operator must follow */
	bool takes_name;
} kinds[] = {
	{ "file", PROBE_FILE, true, true },
	{ "sysctl", PROBE_SYSCTL, true, true },
	{ "cpu-flag", PROBE_CPU_FLAG, false, true },
	{ "config", PROBE_CONFIG, true, true },
	{ "kernel", PROBE_KERNEL, true, false },
	{ "program", PROBE_PROGRAM, false, true },
	{ "command", PROBE_COMMAND, false, true },
	{ "kvm-cap", PROBE_KVM_CAP, false, true },
};

static const struct {
	const char *word;
	enum probe_op op;
} ops[] = {
	{ "exists", PROBE_EXISTS }, { "matches", PROBE_MATCHES },
	{ "holds", PROBE_HOLDS },   { "=", PROBE_EQ },
	{ "!=", PROBE_NE },         { "<", PROBE_LT },
	{ "<=", PROBE_LE },         { ">", PROBE_GT },
	{ ">=", PROBE_GE },
};

static bool bad(struct err *err, struct str spec, const char *why)
{
	return err_set(err, ERR_PARSE, "probe \"" STR_FMT "\": %s", STR_ARG(spec), why);
}

static struct str unquote(struct str s)
{
	if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0])
		return str_sub(s, 1, s.n - 2);
	return s;
}

static bool find_op(struct str word, enum probe_op *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		if (str_eq(word, str_of(ops[i].word))) {
			*ret = ops[i].op;
			return true;
		}
	}
	return false;
}

/* Does the operator mean something for this kind? */
static bool op_fits(const struct probe *p)
{
	bool text =
		p->op == PROBE_EXISTS || p->op == PROBE_MATCHES || p->op == PROBE_HOLDS;

	switch (p->kind) {
	case PROBE_FILE:
		return text;
	case PROBE_CPU_FLAG:
	case PROBE_COMMAND:
		return p->op == PROBE_EXISTS;
	case PROBE_PROGRAM:
	case PROBE_KVM_CAP:
		return !text || p->op == PROBE_EXISTS;
	case PROBE_CONFIG:
		return p->op == PROBE_EQ || p->op == PROBE_NE;
	case PROBE_SYSCTL:
	case PROBE_KERNEL:
		return !text;
	}
	return false;
}

static bool regex_ok(struct arena *a, struct str pattern)
{
	regex_t re;

	if (regcomp(&re, arena_cstr(a, pattern), REG_EXTENDED | REG_NEWLINE | REG_NOSUB))
		return false;
	regfree(&re);
	return true;
}

static bool check(struct arena *a, struct str spec, const struct probe *p,
		  struct err *err)
{
	int64_t number;

	if (!op_fits(p))
		return bad(err, spec, "this comparison does not fit this kind");
	if (p->op != PROBE_EXISTS && !p->value.n)
		return bad(err, spec, "what to compare with is missing");
	if (p->op == PROBE_MATCHES && !regex_ok(a, p->value))
		return bad(err, spec, "not a regular expression");
	if (p->kind == PROBE_FILE && p->name.p[0] != '/')
		return bad(err, spec, "a path begins with /");
	if (p->kind == PROBE_KVM_CAP && !str_to_i64(p->name, &number))
		return bad(err, spec, "a capability is a number");
	if ((p->kind == PROBE_PROGRAM || p->kind == PROBE_COMMAND) &&
	    (str_chr(p->name, '/') >= 0 || p->name.p[0] == '-'))
		return bad(err, spec, "a program is a name that PATH finds");
	return true;
}

/* long: one refusal for each way a line can be wrong */
bool probe_parse(struct arena *a, struct str spec, struct probe *ret, struct err *err)
{
	struct probe p = { .op = PROBE_EXISTS };
	struct str rest = str_trim(spec), word;
	size_t k = 0;

	if (spec.n > PROBE_TEXT_MAX || memchr(spec.p ? spec.p : "", '\0', spec.n))
		return bad(err, str_n(spec.p, spec.n < 40 ? spec.n : 40),
			   "too long, or not text");
	if (!str_word(&rest, &word))
		return bad(err, spec, "empty");
	while (k < ARRAY_SIZE(kinds) && !str_eq(word, str_of(kinds[k].word)))
		k++;
	if (k == ARRAY_SIZE(kinds))
		return bad(err, spec, "unknown kind");
	p.kind = kinds[k].kind;
	if (kinds[k].takes_name && !str_word(&rest, &p.name))
		return bad(err, spec, "a name is missing");
	p.name = unquote(p.name);
	if (kinds[k].takes_name && !p.name.n)
		return bad(err, spec, "a name is missing");
	if (str_word(&rest, &word)) {
		if (!find_op(word, &p.op))
			return bad(err, spec, "unknown comparison");
		p.value = unquote(str_trim(rest));
	} else if (kinds[k].needs_op) {
		return bad(err, spec, "a comparison is missing");
	}
	if (p.op == PROBE_EXISTS && p.value.n)
		return bad(err, spec, "words after it");
	if (!check(a, spec, &p, err))
		return false;
	*ret = p;
	return true;
}

/* ---- versions ---------------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The next run of digits as a number; false at the end of the dotted part. */
static bool next_number(struct str *s, uint64_t *ret)
{
	while (s->n && s->p[0] == '.')
		*s = str_from(*s, 1);
	return s->n && is_digit(s->p[0]) && str_eat_u64(s, 10, ret);
}

/* What follows the numbers: "-rc1" is before nothing, nothing is before "-2-amd64". */
static int suffix_rank(struct str s, uint64_t *ret_number)
{
	*ret_number = 0;
	if (str_starts(s, STR("-rc")) || str_starts(s, STR("~rc")) ||
	    str_starts(s, STR("rc"))) {
		while (s.n && !is_digit(s.p[0]))
			s = str_from(s, 1);
		str_eat_u64(&s, 10, ret_number);
		return -1;
	}
	return 0;
}

int version_cmp(struct str a, struct str b)
{
	uint64_t x, y;
	int ra, rb;

	for (;;) {
		bool more_a, more_b;

		x = y = 0;
		more_a = next_number(&a, &x);
		more_b = next_number(&b, &y);
		if (x != y)
			return x < y ? -1 : 1;
		if (!more_a && !more_b)
			break;
	}
	ra = suffix_rank(a, &x);
	rb = suffix_rank(b, &y);
	if (ra != rb)
		return ra < rb ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Length of the digits and dots at the front; `*ret_dots` between digits. */
static size_t dotted(struct str s, size_t *ret_dots)
{
	size_t n = 0;

	*ret_dots = 0;
	while (n < s.n && (is_digit(s.p[n]) ||
			   (s.p[n] == '.' && n + 1 < s.n && is_digit(s.p[n + 1]))))
		*ret_dots += s.p[n++] == '.';
	return n;
}

struct str version_find(struct str text)
{
	for (size_t i = 0; i < text.n && i < 4096; i++) {
		size_t dots, n = i + dotted(str_from(text, i), &dots);
		bool inside = i && (is_digit(text.p[i - 1]) || text.p[i - 1] == '.');

		if (inside || !dots || !is_digit(text.p[i]))
			continue;
		while (n < text.n && n - i < 64 && text.p[n] &&
		       strchr("-rc0123456789", text.p[n]))
			n++;
		while (text.p[n - 1] == '-')
			n--;
		return str_sub(text, i, n - i);
	}
	return STR("");
}

/* ---- looking ----------------------------------------------------------------- */

struct look {
	struct arena *a;
	const struct probe *p;
	const struct probe_door *door;
	struct probe_result *ret;
};

static void answer(const struct look *l, bool yes, struct str why)
{
	l->ret->state = yes ? PROBE_TRUE : PROBE_FALSE;
	l->ret->why = why;
}

/* The door said no: a missing object is an answer where `missing_is_no`. */
static void refused(const struct look *l, const struct err *err, bool missing_is_no)
{
	l->ret->state =
		missing_is_no && err->code == ERR_NOTFOUND ? PROBE_FALSE : PROBE_UNKNOWN;
	l->ret->why = arena_strf(l->a, "%s", err->msg);
}

static bool holds(enum probe_op op, int order)
{
	switch (op) {
	case PROBE_EQ:
		return order == 0;
	case PROBE_NE:
		return order != 0;
	case PROBE_LT:
		return order < 0;
	case PROBE_LE:
		return order <= 0;
	case PROBE_GT:
		return order > 0;
	case PROBE_GE:
		return order >= 0;
	case PROBE_EXISTS:
	case PROBE_MATCHES:
	case PROBE_HOLDS:
		break;
	}
	return false;
}

static const char *op_word(enum probe_op op)
{
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (ops[i].op == op)
			return ops[i].word;
	return "";
}

/* "kernel 6.1.0 is not >= 6.8" */
static struct str compared(const struct look *l, const char *what, struct str have,
			   bool yes)
{
	return arena_strf(l->a, "%s " STR_FMT "%s %s " STR_FMT, what, STR_ARG(have),
			  yes ? "" : ", not", op_word(l->p->op), STR_ARG(l->p->value));
}

static bool numbers(struct str a, struct str b, int *ret)
{
	int64_t x, y;

	if (!str_to_i64(a, &x) || !str_to_i64(b, &y))
		return false;
	*ret = x < y ? -1 : x > y;
	return true;
}

static void look_file(const struct look *l)
{
	const struct probe *p = l->p;
	struct err err = { 0 };
	struct str text;
	regex_t re;
	bool yes;

	l->ret->source = p->name;
	if (p->op == PROBE_EXISTS) {
		if (l->door->exists(l->door->arg, p->name, &err))
			answer(l, true, STR("it exists"));
		else
			refused(l, &err, true);
		return;
	}
	if (!l->door->read(l->door->arg, l->a, p->name, &text, &err)) {
		refused(l, &err, true);
		return;
	}
	if (p->op == PROBE_HOLDS) {
		yes = str_find(text, p->value) >= 0;
	} else {
		if (regcomp(&re, arena_cstr(l->a, p->value),
			    REG_EXTENDED | REG_NEWLINE | REG_NOSUB))
			return;
		yes = regexec(&re, arena_cstr(l->a, text), 0, NULL, 0) == 0;
		regfree(&re);
	}
	text = str_trim(text);
	text.n = str_chr(text, '\n') >= 0 ? (size_t)str_chr(text, '\n') : text.n;
	text.n = text.n > 80 ? 80 : text.n;
	answer(l, yes,
	       arena_strf(l->a, "it %s \"" STR_FMT "\"", yes ? "holds" : "begins with",
			  STR_ARG(yes ? p->value : text)));
}

static void look_sysctl(const struct look *l)
{
	char *path = arena_printf(l->a, "/proc/sys/" STR_FMT, STR_ARG(l->p->name));
	struct err err = { 0 };
	struct str text;
	int order;

	/* vm.overcommit_memory; a slash stands for a dot inside of a name, as sysctl has
	 * it */
	for (char *c = path + 10; *c; c++)
		*c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
	l->ret->source = str_of(path);
	if (strstr(path, "/../")) {
		l->ret->why = STR("not the name of a setting");
		return;
	}
	if (!l->door->read(l->door->arg, l->a, str_of(path), &text, &err)) {
		refused(l, &err, true);
		return;
	}
	text = str_trim(text);
	if (!numbers(text, l->p->value, &order))
		order = str_cmp(text, l->p->value);
	answer(l, holds(l->p->op, order),
	       compared(l, "it is", text, holds(l->p->op, order)));
}

static void look_cpu_flag(const struct look *l)
{
	struct err err = { 0 };
	struct str text, word;

	l->ret->source = STR("/proc/cpuinfo");
	if (!l->door->read(l->door->arg, l->a, STR("/proc/cpuinfo"), &text, &err)) {
		refused(l, &err, false);
		return;
	}
	STR_EACH_LINE (line, text) {
		ptrdiff_t colon = str_chr(line, ':');

		if (colon < 0 || (!str_starts(line, STR("flags")) &&
				  !str_starts(line, STR("Features"))))
			continue;
		for (struct str rest = str_from(line, (size_t)colon + 1);
		     str_word(&rest, &word);) {
			if (str_eq(word, l->p->name)) {
				answer(l, true, STR("the CPU has it"));
				return;
			}
		}
		answer(l, false,
		       arena_strf(l->a, "the CPU has no " STR_FMT, STR_ARG(l->p->name)));
		return;
	}
	l->ret->why = STR("no line of flags");
}

static void look_config(const struct look *l)
{
	struct err err = { 0 };
	struct str value;
	bool yes;

	l->ret->source = STR("kernel configuration");
	if (!l->door->config(l->door->arg, l->a, l->p->name, &value, &err)) {
		refused(l, &err, false);
		return;
	}
	/* a feature that is a module is there, too: y is asked as "is it in?" */
	yes = str_eq(value, l->p->value) ||
	      (str_eq(l->p->value, STR("y")) && str_eq(value, STR("m")));
	if (l->p->op == PROBE_NE)
		yes = !str_eq(value, l->p->value);
	answer(l, yes,
	       arena_strf(l->a, STR_FMT "=" STR_FMT, STR_ARG(l->p->name),
			  STR_ARG(value)));
}

static void look_kernel(const struct look *l)
{
	struct err err = { 0 };
	struct str have;
	bool yes;

	l->ret->source = STR("uname -r");
	if (!l->door->kernel(l->door->arg, l->a, &have, &err)) {
		refused(l, &err, false);
		return;
	}
	yes = holds(l->p->op, version_cmp(have, l->p->value));
	answer(l, yes, compared(l, "kernel", have, yes));
}

static void look_program(const struct look *l)
{
	struct err err = { 0 };
	struct str text, have;
	bool yes;

	l->ret->source = arena_strf(l->a, STR_FMT " --version", STR_ARG(l->p->name));
	if (!l->door->command(l->door->arg, l->p->name, &err)) {
		refused(l, &err, true);
		return;
	}
	if (l->p->op == PROBE_EXISTS) {
		answer(l, true, STR("it is in PATH"));
		return;
	}
	if (!l->door->version(l->door->arg, l->a, l->p->name, &text, &err)) {
		refused(l, &err, false);
		return;
	}
	have = version_find(text);
	if (!have.n) {
		l->ret->why = STR("it prints no version");
		return;
	}
	yes = holds(l->p->op, version_cmp(have, l->p->value));
	answer(l, yes, compared(l, arena_cstr(l->a, l->p->name), have, yes));
}

static void look_command(const struct look *l)
{
	struct err err = { 0 };

	l->ret->source = STR("PATH");
	if (l->door->command(l->door->arg, l->p->name, &err))
		answer(l, true,
		       arena_strf(l->a, STR_FMT " is in PATH", STR_ARG(l->p->name)));
	else
		refused(l, &err, true);
}

static void look_kvm_cap(const struct look *l)
{
	struct err err = { 0 };
	int64_t number = 0, have, want = 1;
	bool yes;

	l->ret->source = STR("/dev/kvm, KVM_CHECK_EXTENSION");
	if (!str_to_i64(l->p->name, &number) ||
	    !l->door->kvm_cap(l->door->arg, number, &have, &err)) {
		refused(l, &err, false);
		return;
	}
	if (l->p->op != PROBE_EXISTS && !str_to_i64(l->p->value, &want)) {
		l->ret->why = STR("not a number to compare with");
		return;
	}
	yes = holds(l->p->op == PROBE_EXISTS ? PROBE_GE : l->p->op,
		    have < want ? -1 : have > want);
	answer(l, yes,
	       arena_strf(l->a, "capability %lld is %lld", (long long)number,
			  (long long)have));
}

void probe_run(struct arena *a, const struct probe *probe, const struct probe_door *door,
	       struct probe_result *ret)
{
	static void (*const look[])(const struct look *) = {
		[PROBE_FILE] = look_file,         [PROBE_SYSCTL] = look_sysctl,
		[PROBE_CPU_FLAG] = look_cpu_flag, [PROBE_CONFIG] = look_config,
		[PROBE_KERNEL] = look_kernel,     [PROBE_PROGRAM] = look_program,
		[PROBE_COMMAND] = look_command,   [PROBE_KVM_CAP] = look_kvm_cap,
	};
	struct look l = { a, probe, door, ret };

	*ret = (struct probe_result){ .state = PROBE_UNKNOWN,
				      .why = STR(""),
				      .source = STR("") };
	look[probe->kind](&l);
}

const char *probe_state_name(enum probe_state state)
{
	static const char *const names[] = { "true here", "not here", "cannot tell" };

	return names[state];
}
