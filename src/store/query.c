/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From typed text to terms and to an FTS5 expression. Every phrase goes to FTS5 as a
 * quoted string and is tokenized there by our own tokenizer, so identifiers become
 * phrases of their parts and nothing that was typed can be an operator.
 */
#include <math.h>

#include "base/utf8.h"
#include "query.h"
#include "store/search.h"
#include "store/tokenizer.h"

/* A word that more than one in 2^COMMON notes hold says little; in a small store no word
 * is dear. */
enum { COMMON = 5, CHEAP_LEVEL = 8 };

/* An unfinished word of so few letters says hardly anything. */
enum { BEGUN = 2 };

/* A flag of one letter is in about so many of n notes, as a power of n. */
#define LETTER 0.75

/* What a part of a term is worth beside the whole. */
#define PART 0.5

/* The same for a word that is in every text and for a number. */
#define SAYS_LITTLE 0.3

/* How good another word for the same is, and one that only begins as typed. */
#define SYNONYM 0.6
#define BEGINS  0.9

static bool is_common(const struct query *q, int level)
{
	return level > CHEAP_LEVEL && level > q->log_notes - COMMON;
}

/* ---- pieces --------------------------------------------------------------------- */

/* Blanks of all kinds, what stands around the words of C and JSON, and the punctuation of
 * Chinese. */
static bool separates(uint32_t cp)
{
	static const struct {
		uint32_t from, to;
	} ranges[] = {
		{ 0, 0x20 },        { '"', '"' },       { '(', ')' },
		{ ',', ',' },       { ';', ';' },       { '{', '}' },
		{ 0xa0, 0xa0 },     { 0x2018, 0x201f }, { 0x2026, 0x2026 },
		{ 0x3000, 0x3003 }, { 0x3008, 0x3011 }, { 0xff01, 0xff01 },
		{ 0xff08, 0xff09 }, { 0xff0c, 0xff0c }, { 0xff1a, 0xff1b },
		{ 0xff1f, 0xff1f },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (cp >= ranges[i].from && cp <= ranges[i].to)
			return true;
	return false;
}

/* The next piece between separators. */
static bool next_piece(struct str *rest, struct str *ret)
{
	struct str at = *rest, before;
	uint32_t cp;

	do {
		before = at;
		if (!utf8_next(&at, &cp))
			return false;
	} while (separates(cp));
	*ret = before;
	do {
		*rest = at;
		if (!utf8_next(&at, &cp))
			break;
	} while (!separates(cp));
	ret->n -= rest->n;
	return true;
}

static struct str trim_piece(struct str s)
{
	while (s.n && strchr("\"'`([{<,;:!?", s.p[0]))
		s = str_from(s, 1);
	while (s.n && strchr("\"'`)]}>,;:.!?", s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool count_one(void *arg, const struct token *t)
{
	(void)t;
	++*(size_t *)arg;
	return true;
}

static size_t tokens_in(struct str s)
{
	size_t n = 0;

	tokenize(s, TOKEN_QUERY, count_one, &n);
	return n;
}

void phrase_add(struct term *t, struct str text, bool prefix, double quality)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->v[i].text, text) && t->v[i].prefix == prefix)
			return;
	if (t->n < PHRASES_MAX && tokens_in(text))
		t->v[t->n++] = (struct phrase){ text, prefix, quality };
}

static struct term *term_add(struct query *q, enum term_kind kind, struct str text)
{
	struct term *t;

	if (q->n == TERMS_MAX || !tokens_in(text))
		return NULL;
	for (size_t i = 0; i < q->n; i++)
		if (str_eq(q->v[i].v[0].text, text))
			return NULL;
	t = &q->v[q->n++];
	*t = (struct term){ .kind = kind, .weight = 1, .level = -1 };
	phrase_add(t, text, false, 1);
	q->cjk |= kind == TERM_CJK;
	return t;
}

/* ---- pasted messages ------------------------------------------------------------ */

static bool has_digits_only(struct str s)
{
	size_t i = 0;

	if (str_casestarts(s, STR("0x")))
		return true;
	while (i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || strchr(".:,+-", s.p[i])))
		i++;
	return i == s.n;
}

/* A commit id: 7 to 40 hexadecimal digits, with a digit among them. */
static bool is_hash(struct str s)
{
	bool digit = false;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		digit |= c <= '9';
	}
	return digit && s.n >= 7 && s.n <= 40;
}

/* A path of somebody's tree: mm/huge_memory.c:1204. Paths below /proc, /sys and /dev are
 * the same everywhere and say what it is about, and so does the name of a script. */
static bool is_private_path(struct str s)
{
	static const char *const ours[] = { "/proc/", "/sys/", "/dev/" };
	static const char *const scripts[] = { ".pl", ".py", ".sh" };
	ptrdiff_t slash = str_chr(s, '/'), dot = str_rchr(s, '.');

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (str_starts(s, str_of(ours[i])))
			return false;
	for (size_t i = 0; dot >= 0 && i < ARRAY_SIZE(scripts); i++)
		if (str_eq(str_from(s, (size_t)dot), str_of(scripts[i])))
			return false;
	if (slash >= 0)
		return dot > slash || s.p[0] == '/' ||
		       str_chr(str_from(s, (size_t)slash + 1), '/') >= 0;
	/* "huge_memory.c:1204" */
	return dot > 0 && str_chr(str_from(s, (size_t)dot), ':') > 0;
}

static bool looks_pasted(struct str text)
{
	size_t words = 0, marks = str_chr(text, '"') >= 0;
	struct str rest = text, piece;

	while (next_piece(&rest, &piece)) {
		words++;
		marks += piece.p[piece.n - 1] == ':' || piece.p[0] == '\'' ||
			 is_private_path(trim_piece(piece)) || piece.p[0] == '[';
	}
	return words >= 3 && marks > 0;
}

static bool belongs_to_paste(struct str piece)
{
	return !has_digits_only(piece) && !is_hash(piece) && !is_private_path(piece);
}

/* "slot=65537", "qemu-kvm[1234": the number is another one each time. */
static struct str without_number(struct str s)
{
	size_t n = s.n;

	while (n && s.p[n - 1] >= '0' && s.p[n - 1] <= '9')
		n--;
	return n > 1 && n < s.n && s.p[0] != '-' && strchr("=[", s.p[n - 1])
		       ? str_n(s.p, n - 1)
		       : s;
}

/* ---- parsing -------------------------------------------------------------------- */

/* Words of a Chinese run stand side by side; only those that say nothing are known. */
static void add_cjk(struct query *q, struct str run, bool whole)
{
	struct str from = run;
	uint32_t cp;

	while (!whole && run.n) {
		size_t skip = particle(run);

		if (!skip) {
			utf8_next(&run, &cp);
			continue;
		}
		term_add(q, TERM_CJK, str_n(from.p, (size_t)(run.p - from.p)));
		from = run = str_from(run, skip);
	}
	term_add(q, TERM_CJK, from);
}

static void add_run(struct query *q, struct str run, bool cjk, bool whole)
{
	if (cjk)
		add_cjk(q, run, whole);
	else
		term_add(q, run.n > 1 && run.p[0] == '-' ? TERM_FLAG : TERM_WORD, run);
}

/* Terms of one piece: a change of script divides it. `whole`: nothing is left out. */
static void add_piece(struct query *q, struct str piece, bool whole)
{
	struct str rest = piece, run = str_n(piece.p, 0);
	bool cjk = false;
	uint32_t cp;

	while (rest.n) {
		struct str at = rest;
		bool now;

		utf8_next(&rest, &cp);
		now = utf8_is_cjk(cp);
		if (run.n && now != cjk) {
			add_run(q, run, cjk, whole);
			run = str_n(at.p, 0);
		}
		cjk = now;
		run.n = (size_t)(rest.p - run.p);
	}
	add_run(q, run, cjk, whole);
}

/* "khugepaged:42" and "list:KVM" are written without a blank. */
static void add_pasted(struct query *q, struct str piece)
{
	struct str part;

	if (!belongs_to_paste(piece))
		return;
	while (str_cut(&piece, ':', &part))
		if (belongs_to_paste(part))
			add_piece(q, without_number(part), false);
}

static void drop_stop_words(struct query *q)
{
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < q->n; i++)
		kept += !says_little(q->v[i].v[0].text);
	/* "git am" and "get_maintainer" are not made of stop words only, "am" alone is */
	if (!kept || q->n - kept == 0 || q->n <= 2)
		return;
	for (size_t i = 0; i < q->n; i++) {
		bool after_git = i && str_caseeq(q->v[i - 1].v[0].text, STR("git"));

		if (!says_little(q->v[i].v[0].text) || q->v[i].last || after_git)
			q->v[n++] = q->v[i];
	}
	q->n = n;
}

void query_parse(struct arena *a, struct str text, bool whole_words, struct query *ret)
{
	struct str rest, piece, last = STR_NONE;

	*ret = (struct query){ 0 };
	text = arena_str(a, str_sub(text, 0, SEARCH_TEXT_MAX));
	rest = text;
	ret->pasted = looks_pasted(text);
	while (next_piece(&rest, &piece)) {
		piece = trim_piece(piece);
		last = piece;
		if (ret->pasted)
			add_pasted(ret, piece);
		else if (piece.n)
			add_piece(ret, piece, false);
	}
	if (!ret->n) {
		/* nothing but a path, a number or "什么": then that is looked for */
		rest = text;
		while (next_piece(&rest, &piece))
			add_piece(ret, trim_piece(piece), true);
	}
	if (ret->n && !whole_words && last.n && text.p[text.n - 1] != ' ') {
		struct term *t = &ret->v[ret->n - 1];
		struct str typed = t->v[0].text;

		/* a one-letter flag is finished; a CJK pair is complete in the index */
		t->last = typed.p + typed.n == last.p + last.n && t->kind != TERM_CJK &&
			  !(t->kind == TERM_FLAG && typed.n <= 2);
		t->v[0].prefix = t->last;
		if (t->last) {
			t->v[0].quality = BEGINS;
			phrase_add(t, typed, false, 1);
		}
	}
	drop_stop_words(ret);
}

/* ---- weights -------------------------------------------------------------------- */

struct weighing {
	struct db *db;
	const struct query *query;
	struct err *err;
	bool prefix, failed;
	int level; /* of the rarest token so far */
	size_t tokens, left;
};

static bool level_of(struct db *db, struct str word, bool prefix, int *ret,
		     struct err *err)
{
	int64_t level = -1;

	if (!db_int(db, err, &level,
		    prefix ? "SELECT ifnull(max(level), -1) FROM (SELECT level FROM word WHERE word >= "
			     "?1 AND word < ?1 || x'f8' LIMIT 64)"
			   : "SELECT level FROM word WHERE word = ?1",
		    "s", word))
		return false;
	*ret = (int)level;
	return true;
}

static int letter_level(const struct query *q)
{
	return (int)(q->log_notes * LETTER);
}

/* An unfinished word is as common as the commonest it may become. */
static bool weigh_token(void *arg, const struct token *t)
{
	struct weighing *w = arg;
	int level;

	w->left--;
	if (t->word.n < 2 || t->word.p[0] == '-') {
		level = t->word.n <= 2 ? letter_level(w->query) : 3;
	} else if (!level_of(w->db, t->word, w->prefix && !w->left, &level, w->err)) {
		w->failed = true;
		return false;
	}
	if (!w->tokens++ || level < w->level)
		w->level = level;
	return true;
}

/* Flags are not in the table of words: their letters are. */
static bool weigh_text(const struct term *t, struct weighing *w)
{
	struct str text = t->v[t->repaired].text;

	while (t->kind == TERM_FLAG && text.n > 3 && text.p[0] == '-')
		text = str_from(text, 1);
	w->left = tokens_in(text);
	tokenize(text, TOKEN_QUERY, weigh_token, w);
	return !w->failed;
}

/* A word that is nowhere is as dear as one of a few notes. */
static double weight_of(const struct query *q, int level)
{
	return fmax(q->log_notes - (level < 0 ? 4 : level) + 1, 0.5);
}

static bool weigh_term(struct db *db, const struct query *q, struct term *t,
		       struct err *err)
{
	struct weighing w = { .db = db, .query = q, .err = err, .prefix = t->last };

	if (!weigh_text(t, &w))
		return false;
	t->level = w.level;
	t->weight = weight_of(q, w.level);
	if (says_little(t->v[0].text) || has_digits_only(t->v[0].text))
		t->weight *= SAYS_LITTLE;
	return true;
}

bool query_weigh(struct db *db, struct query *q, double log_notes, struct err *err)
{
	q->log_notes = log_notes;
	for (size_t i = 0; i < q->n; i++)
		if (!weigh_term(db, q, &q->v[i], err))
			return false;
	return true;
}

bool query_weigh_repaired(struct db *db, struct query *q, struct err *err)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->v[i].repaired && !weigh_term(db, q, &q->v[i], err))
			return false;
	return true;
}

/* ---- widening ------------------------------------------------------------------- */

static bool is_plain(struct str w)
{
	for (size_t i = 0; i < w.n; i++)
		if (!utf8_is_word((unsigned char)w.p[i]) || (unsigned char)w.p[i] >= 0x80)
			return false;
	return w.n > 0;
}

/* English endings; what is left must still say something. */
static struct str stem(struct str w)
{
	static const char *const endings[] = { "ations", "ation", "ings", "ing", "ions",
					       "ion",    "ies",   "ers",  "ed",  "er",
					       "es",     "s",     "e" };

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		struct str e = str_of(endings[i]);

		if (w.n >= e.n + 4 && str_caseeq(str_from(w, w.n - e.n), e))
			return str_n(w.p, w.n - e.n);
	}
	return w;
}

/* "hugepage" is also "huge page". The better the known parts, the better. */
static bool divide(struct db *db, struct arena *a, struct term *t, struct err *err)
{
	struct str w = t->v[0].text, best = STR_NONE;
	int best_level = 1;

	for (size_t i = 3; i + 3 <= w.n; i++) {
		int left, right;

		if (!level_of(db, str_n(w.p, i), false, &left, err) ||
		    !level_of(db, str_from(w, i), false, &right, err))
			return false;
		if (left > best_level && right > best_level) {
			best_level = left < right ? left : right;
			best = arena_strf(a, STR_FMT " " STR_FMT, (int)i, w.p,
					  STR_ARG(str_from(w, i)));
		}
	}
	if (best.p)
		phrase_add(t, best, t->last, 0.8);
	return true;
}

/* "check patch" is also "checkpatch". */
static bool join(struct db *db, struct arena *a, struct term *l, struct term *r,
		 struct err *err)
{
	struct str both;
	int level;

	if (l->kind != TERM_WORD || r->kind != TERM_WORD)
		return true;
	both = arena_strf(a, STR_FMT STR_FMT, STR_ARG(l->v[0].text),
			  STR_ARG(r->v[0].text));
	if (!is_plain(both) || both.n > TOKEN_MAX)
		return true;
	if (!level_of(db, both, false, &level, err))
		return false;
	if (level >= 0) {
		phrase_add(l, both, false, 0.8);
		phrase_add(r, both, false, 0.8);
	}
	return true;
}

static struct str folded(struct arena *a, struct str s)
{
	STRBUF_AUTO(b, SEARCH_TEXT_MAX * 4);

	utf8_fold(&b, s);
	return arena_str(a, strbuf_str(&b));
}

/* "show" is also "list". */
static void add_synonyms(struct term *t, struct str w)
{
	struct str group = synonyms(w), other;

	while (str_cut(&group, ' ', &other))
		if (!str_eq(other, w))
			phrase_add(t, other, false, SYNONYM);
}

/* What a term is made of, where the notes do not have it whole. */
struct parting {
	struct db *db;
	struct arena *a;
	struct query *q;
	struct err *err;
	enum term_kind kind;
	bool failed;
};

static bool add_part(void *arg, const struct token *token)
{
	struct parting *p = arg;
	struct term *t;
	int level;

	if (!level_of(p->db, token->word, false, &level, p->err)) {
		p->failed = true;
		return false;
	}
	/* two characters of two words are no word, and one letter says nothing */
	if (level < 0 || token->word.n < 2 || stop_word(token->word))
		return true;
	t = term_add(p->q, p->kind, arena_str(p->a, token->word));
	if (t) {
		t->level = level;
		t->weight = weight_of(p->q, level) * PART;
		add_synonyms(t, t->v[0].text);
	}
	return true;
}

/* "-Hp" is also "-H" and "-p". */
static void add_letters(struct arena *a, struct query *q, struct str flag)
{
	for (size_t i = 1; flag.n == 3 && flag.p[1] != '-' && i < flag.n; i++) {
		struct term *t = term_add(q, TERM_FLAG, arena_strf(a, "-%c", flag.p[i]));

		if (t) {
			t->level = letter_level(q);
			t->weight = weight_of(q, t->level) * PART;
		}
	}
}

/* The pairs of a CJK run, the words of an identifier and the letters of a flag become
 * terms of their own. */
static bool add_parts(struct db *db, struct arena *a, struct query *q, size_t term,
		      struct err *err)
{
	const struct term *t = &q->v[term];
	struct parting p = { db, a, q, err, t->kind, false };

	/* in a text CamelCase has parts too; in a run of CJK single characters */
	if (t->kind == TERM_WORD)
		tokenize(t->v[0].text, TOKEN_TEXT, add_part, &p);
	else if (t->kind == TERM_FLAG)
		add_letters(a, q, t->v[0].text);
	else if (tokens_in(t->v[0].text) > 1)
		tokenize(t->v[0].text, TOKEN_QUERY, add_part, &p);
	return !p.failed;
}

/* The rows of a prefix that is longer than those of the index are collected before the
 * first one comes: not for words that are everywhere, which are found as they are. */
static bool add_stem(struct db *db, const struct query *q, struct term *t, struct str w,
		     struct err *err)
{
	int level;

	w = stem(w);
	if (!level_of(db, w, true, &level, err))
		return false;
	if (!is_common(q, level))
		phrase_add(t, w, true, 0.75);
	return true;
}

static bool widen_word(struct db *db, struct arena *a, const struct query *q,
		       struct term *t, struct err *err)
{
	struct str w = folded(a, t->v[0].text);

	if (!is_plain(w))
		return true;
	add_synonyms(t, w);
	return (w.n < 5 || add_stem(db, q, t, w, err)) &&
	       (w.n < 6 || divide(db, a, t, err));
}

/* A flag with another value, and its letters, where the text has them without the
 * dashes. */
static void widen_flag(struct arena *a, struct term *t)
{
	struct str w = folded(a, t->v[0].text);
	ptrdiff_t value = str_chr(t->v[0].text, '=');

	if (value > 0)
		phrase_add(t, str_n(t->v[0].text.p, (size_t)value), false, 0.7);
	while (w.n && w.p[0] == '-')
		w = str_from(w, 1);
	if (w.n > 1)
		phrase_add(t, w, t->last, 0.5);
}

bool query_widen(struct db *db, struct arena *a, struct query *q, struct err *err)
{
	size_t n = q->n;

	for (size_t i = 0; i < n; i++) {
		struct term *t = &q->v[i];

		if (t->kind == TERM_FLAG)
			widen_flag(a, t);
		if (t->kind == TERM_CJK)
			add_synonyms(t, t->v[0].text);
		if (t->kind == TERM_WORD && !widen_word(db, a, q, t, err))
			return false;
		if (i + 1 < n && !join(db, a, t, &q->v[i + 1], err))
			return false;
	}
	for (size_t i = 0; i < n; i++)
		if (!add_parts(db, a, q, i, err))
			return false;
	return true;
}

/* ---- the expression ------------------------------------------------------------- */

static bool ascii_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A phrase that an index answers at once: of its unfinished word as much as the index has
 * beginnings of, and none of one that has hardly begun. More rows fit, not fewer. */
static struct phrase coarse(struct phrase p, size_t prefix_max)
{
	size_t from = p.text.n, n;

	if (!p.prefix || !prefix_max)
		return p;
	while (from && ascii_alnum(p.text.p[from - 1]))
		from--;
	n = p.text.n - from;
	if (from && n <= BEGUN) {
		while (from && !ascii_alnum(p.text.p[from - 1]))
			from--;
		if (from)
			return (struct phrase){ str_n(p.text.p, from), false, p.quality };
	} else if (n > prefix_max) {
		p.text.n = from + prefix_max;
	}
	return p;
}

static void add_phrase(struct match *m, const struct query *q, size_t term, size_t phrase,
		       bool ignored)
{
	struct phrase p = coarse(q->v[term].v[phrase], m->prefix_max);

	strbuf_addz(&m->text, m->n && m->text.p[m->text.n - 1] != '(' ? " OR \"" : "\"");
	for (size_t i = 0; i < p.text.n; i++) {
		char c = p.text.p[i];

		if (c == '"')
			strbuf_addc(&m->text, '"');
		strbuf_addc(&m->text, c ? c : ' ');
	}
	strbuf_addz(&m->text, p.prefix ? "\" *" : "\"");
	m->term[m->n] = ignored ? MATCH_IGNORED : (uint8_t)term;
	m->phrase[m->n++] = (uint8_t)phrase;
}

static void add_term(struct match *m, const struct query *q, size_t term, bool ignored)
{
	for (size_t k = 0; k < q->v[term].n; k++)
		add_phrase(m, q, term, k, ignored);
}

/* About how many notes hold the term. */
static double rows_of(const struct term *t)
{
	double rows = t->level < 0 ? 0 : (double)(1ull << t->level);

	return t->last ? rows * 4 : rows * (t->n > 1 ? 2 : 1);
}

uint32_t query_unfinished(const struct query *q)
{
	for (size_t i = 1; i < q->n; i++) {
		const struct term *t = &q->v[i];

		if (t->last && !t->repaired &&
		    (t->v[0].text.n <= BEGUN || is_common(q, t->level)))
			return 1u << i;
	}
	return 0;
}

double query_rows(const struct query *q)
{
	double notes = exp2(q->log_notes), share = 1;

	for (size_t i = 0; i < q->n; i++)
		share *= fmin(rows_of(&q->v[i]) / notes, 1);
	return notes * share;
}

/* The terms one of which must be there: from the rarest on, while they are few. */
static uint32_t rare_terms(const struct query *q, uint32_t among, double rows)
{
	uint32_t set = 0;

	for (;;) {
		size_t rarest = q->n;

		for (size_t i = 0; i < q->n; i++)
			if ((among & ~set) >> i & 1 &&
			    (rarest == q->n ||
			     rows_of(&q->v[i]) < rows_of(&q->v[rarest])))
				rarest = i;
		if (rarest == q->n)
			return set;
		rows -= rows_of(&q->v[rarest]);
		if (rows < 0 && set)
			return set;
		set |= 1u << rarest;
	}
}

void query_match(struct match *out, const struct query *q, struct match_want want)
{
	uint32_t all = (1u << q->n) - 1, rare = all;

	out->text = (struct strbuf)STRBUF(MATCH_MAX);
	out->n = 0;
	out->prefix_max = want.prefix_max;
	if (want.how == MATCH_ANY || want.prefix_max)
		all &= ~query_unfinished(q);
	if (want.how == MATCH_ALL) {
		for (size_t i = 0; i < q->n; i++) {
			if (!(all >> i & 1))
				continue;
			strbuf_addz(&out->text, out->n ? " AND (" : "(");
			add_term(out, q, i, false);
			strbuf_addc(&out->text, ')');
		}
		return;
	}
	rare = rare_terms(q, all, (double)want.rows);
	strbuf_addc(&out->text, '(');
	for (size_t i = 0; rare != all && i < q->n; i++)
		if (rare >> i & 1)
			add_term(out, q, i, true);
	if (rare != all)
		strbuf_addz(&out->text, ") AND (");
	for (size_t i = 0; i < q->n; i++)
		if (all >> i & 1)
			add_term(out, q, i, false);
	strbuf_addc(&out->text, ')');
}
