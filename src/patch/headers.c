/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields of a mail: see headers.h. The rules for author and subject are git's, oddities
 * included, since name and subject go into the commit.
 */
#include "headers.h"

static bool space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void headers_squeeze(struct strbuf *b)
{
	size_t to = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (space(b->p[i]) && i && space(b->p[i - 1])) {
			b->p[i] = ' ';
			continue;
		}
		b->p[to++] = space(b->p[i]) ? ' ' : b->p[i];
	}
	strbuf_truncate(b, to);
}

/* ---- author ---- */

/* Quotes go, backslashes go, comments keep their parentheses: RFC 5322 3.2.2, 3.2.4. */
static void unquote(struct str s, struct strbuf *out)
{
	bool quoted = false, literal = false;
	size_t comments = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (literal) {
			literal = false;
		} else if (c == '\\' && (quoted || comments)) {
			literal = true;
			continue;
		} else if (quoted) {
			if (c == '"') {
				quoted = false;
				continue;
			}
		} else if (c == '(') {
			comments++;
		} else if (c == ')' && comments) {
			comments--;
		} else if (c == '"' && !comments) {
			quoted = true;
			continue;
		}
		strbuf_addc(out, c);
	}
}

/* A name that is absent, endless or an address itself gives way to the address. */
static struct str sane_name(struct str name, struct str email)
{
	if (!name.n || name.n > 60 || str_chr(name, '@') >= 0 ||
	    str_chr(name, '<') >= 0 || str_chr(name, '>') >= 0)
		return email;
	return name;
}

/* "John Doe <johndoe>": an address without a host. */
static void bogus_author(struct str from, struct strbuf *name, struct strbuf *email)
{
	ptrdiff_t bra = str_chr(from, '<'), ket;
	struct str address;

	if (bra < 0)
		return;
	ket = str_chr(str_from(from, (size_t)bra), '>');
	if (ket < 0)
		return;
	address = str_sub(from, (size_t)bra + 1, (size_t)ket - 1);
	strbuf_add(email, address);
	strbuf_add(name, sane_name(str_trim(str_n(from.p, (size_t)bra)), address));
}

/* The bytes [*ret_from, *ret_to) around the '@' at `at`, and behind them the '>'. */
static void address_around(struct str s, size_t at, size_t *ret_from, size_t *ret_to)
{
	size_t from = at, to = at;

	while (from && !space(s.p[from - 1]) && s.p[from - 1] != '<')
		from--;
	while (to < s.n && !strchr(" \n\t\r\v\f>", s.p[to]))
		to++;
	*ret_from = from;
	*ret_to = to;
}

void headers_author(struct str from, struct strbuf *ret_name, struct strbuf *ret_email)
{
	STRBUF_AUTO(plain, from.n + 1);
	STRBUF_AUTO(rest, from.n + 1);
	size_t begin, end;
	struct str name;
	ptrdiff_t at;

	unquote(from, &plain);
	at = str_chr(strbuf_str(&plain), '@');
	if (at < 0) {
		bogus_author(from, ret_name, ret_email);
		return;
	}
	address_around(strbuf_str(&plain), (size_t)at, &begin, &end);
	strbuf_add(ret_email, str_sub(strbuf_str(&plain), begin, end - begin));
	/* "John (zzz) Doe <john@example.org> (Comment)" leaves the name in two pieces */
	if (begin && plain.p[begin - 1] == '<')
		plain.p[begin - 1] = ' ';
	strbuf_add(&rest, str_n(strbuf_z(&plain), begin));
	strbuf_add(&rest, str_from(strbuf_str(&plain), end + 1));
	headers_squeeze(&rest);
	name = str_trim(strbuf_str(&rest));
	/* "john@example.org (John Doe)" */
	if (name.n && name.p[0] == '(' && name.p[name.n - 1] == ')') {
		name = str_from(name, 1);
		name.n -= name.n > 0;
	}
	strbuf_add(ret_name, sane_name(name, strbuf_str(ret_email)));
}

/* ---- subject ---- */

/* Length of the bracket at the front of `s`, 0 when it does not close. */
static size_t bracket(struct str s)
{
	ptrdiff_t end = str_chr(s, ']');

	return end < 0 ? 0 : (size_t)end + 1;
}

static bool says_patch(struct str bracketed)
{
	return bracketed.n >= 7 && str_find(bracketed, STR("PATCH")) >= 0;
}

void headers_subject(struct str subject, enum mail_keep keep, struct strbuf *out)
{
	struct str s = subject;
	size_t n;
	STRBUF_AUTO(clean, subject.n + 1);

	if (keep == MAIL_KEEP_SUBJECT) {
		strbuf_add(out, subject);
		return;
	}
	while (s.n) {
		if (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == ':') {
			s = str_from(s, 1);
		} else if (s.n > 3 && str_casestarts(s, STR("re:"))) {
			s = str_from(s, 3);
		} else if (s.p[0] == '[' && (n = bracket(s)) > 0) {
			if (keep == MAIL_KEEP_NONPATCH && !says_patch(str_sub(s, 0, n))) {
				n += n < s.n && space(s.p[n]);
				strbuf_add(&clean, str_sub(s, 0, n));
			}
			s = str_from(s, n);
		} else {
			break;
		}
	}
	strbuf_add(&clean, s);
	headers_squeeze(&clean);
	strbuf_add(out, str_trim(strbuf_str(&clean)));
}

/* "v3" or "PATCHv3": the version; the word keeps what stands before. */
static bool cut_version(struct str *word, unsigned *ret)
{
	size_t digits = 0;
	struct str number;
	uint64_t v;

	while (digits < word->n && word->p[word->n - 1 - digits] >= '0' &&
	       word->p[word->n - 1 - digits] <= '9')
		digits++;
	if (!digits || digits == word->n || digits > 4)
		return false;
	number = str_from(*word, word->n - digits);
	if ((word->p[word->n - digits - 1] | 32) != 'v' || !str_to_u64(number, &v))
		return false;
	word->n -= digits + 1;
	if (word->n && !str_ends(*word, STR("PATCH")) && !str_ends(*word, STR("RFC")))
		return false;
	*ret = (unsigned)v;
	return true;
}

/* "07/12" */
static bool part_of_total(struct str word, struct mail_tag *tag)
{
	uint64_t part, total;

	if (!str_eat_u64(&word, 10, &part) || !str_skip(&word, STR("/")) ||
	    !str_to_u64(word, &total) || part > 99999 || total > 99999)
		return false;
	tag->part = (unsigned)part;
	tag->total = (unsigned)total;
	tag->has_part = true;
	return true;
}

static void tag_words(struct str inside, struct mail_tag *tag, struct strbuf *prefix)
{
	struct str word;

	while (str_word(&inside, &word)) {
		struct str whole = word;

		while (word.n && (word.p[word.n - 1] == ',' || word.p[word.n - 1] == ';'))
			word.n--;
		if (part_of_total(word, tag))
			continue;
		if (!cut_version(&word, &tag->version))
			word = whole;
		if (word.n && prefix->n)
			strbuf_addc(prefix, ' ');
		strbuf_add(prefix, word);
	}
}

struct mail_tag mail_tag_of(struct arena *a, struct str subject)
{
	struct mail_tag tag = { 0 };
	STRBUF_AUTO(prefix, subject.n + 1);
	struct str s = str_trim(subject);
	size_t n;

	for (;;) {
		if (str_casestarts(s, STR("re:"))) {
			tag.reply = true;
			s = str_trim(str_from(s, 3));
		} else if (s.n && s.p[0] == '[' && (n = bracket(s)) > 2) {
			if (!tag.version)
				tag.version = 1;
			tag_words(str_sub(s, 1, n - 2), &tag, &prefix);
			s = str_trim(str_from(s, n));
		} else {
			break;
		}
	}
	tag.prefix = arena_str(a, strbuf_str(&prefix));
	return tag;
}

/* ---- trailers ---- */

/* "Signed-off-by: A U Thor <author@example.org>" */
static bool trailer_line(struct str line, struct mail_trailer *ret)
{
	ptrdiff_t colon = str_chr(line, ':');
	struct str name = str_n(line.p, colon > 0 ? (size_t)colon : 0);

	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!(c == '-' || (c >= '0' && c <= '9') ||
		      ((c | 32) >= 'a' && (c | 32) <= 'z')))
			return false;
	}
	ret->name = name;
	ret->value = str_trim(str_from(line, name.n + 1));
	return name.n && ret->value.n;
}

/* From the last blank line on; what stands below a "---" is no message. */
static struct str last_paragraph(struct str message)
{
	struct str text = str_rtrim(message), found = text, line, rest = text;

	while (str_line(&rest, &line))
		if (!str_trim(line).n)
			found = rest;
	return found.p == text.p ? STR_NONE : found;
}

void headers_trailers(struct arena *a, struct str message, struct mail *ret)
{
	struct {
		struct mail_trailer *v;
		size_t n, cap;
	} list = { 0 };
	struct str paragraph = last_paragraph(message), one_only = str_rtrim(message);
	size_t others = 0;
	bool git_made = false;

	/* a message of trailers only, its subject standing in the header */
	if (!paragraph.p)
		paragraph = one_only;
	STR_EACH_LINE (line, paragraph) {
		struct mail_trailer t;

		if (trailer_line(line, &t)) {
			git_made |= str_eq(t.name, STR("Signed-off-by"));
			*ARENA_PUSH(a, &list) = t;
		} else if (list.n && (line.p[0] == ' ' || line.p[0] == '\t')) {
			struct mail_trailer *last = &list.v[list.n - 1];

			last->value.n = (size_t)(line.p + line.n - last->value.p);
		} else {
			others++;
		}
	}
	/* as git-interpret-trailers(1): all lines, or a quarter and one of git's own */
	if (others && !(git_made && list.n * 3 >= others))
		return;
	ret->trailers = list.v;
	ret->n_trailers = list.n;
}
