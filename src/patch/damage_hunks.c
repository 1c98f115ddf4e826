/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hunks that mailers broke, repaired by the counts in their headers: "@@ -10,7 +10,8 @@"
 * promises 7 old and 8 new lines, so of the ways to read the damaged lines only one
 * usually fits. Two readings are tried: a line without a marker is the rest of the line
 * above (it was wrapped), or it is context that lost its blank. A hunk is repaired when
 * exactly one of them fulfils the header; otherwise its lines stay as they are.
 */
#include "damage.h"

/* What a line of a hunk turns out to be. */
enum role {
	ROLE_KEEP,
	ROLE_EMPTY,  /* an empty context line without its blank */
	ROLE_JOIN,   /* the rest of the line above */
	ROLE_INDENT, /* context without its blank */
	ROLE_NBSP,   /* no-break spaces where blanks were */
};

struct hunk {
	uint64_t old, new; /* lines that are still expected */
	uint64_t all_old, all_new;
};

struct reading {
	struct hunk left;
	size_t end; /* line behind the hunk */
	unsigned char *role;
	bool fits, damaged;
};

struct walk {
	struct damage_job *job;
	const struct damage_lines *lines;
	struct strbuf *out;
	unsigned char *role[2]; /* of every line, for each reading */
	size_t at;
	bool whole;
};

static const struct str NBSP = { "\xc2\xa0", 2 };

static struct str text_at(const struct walk *w, size_t i)
{
	return i < w->lines->n ? w->lines->v[i].text : STR_NONE;
}

/* "10,7" or "10": the count, which is 1 when absent. */
static bool range(struct str *s, uint64_t *ret)
{
	uint64_t start;

	*ret = 1;
	if (!str_eat_u64(s, 10, &start))
		return false;
	return !str_skip(s, STR(",")) || str_eat_u64(s, 10, ret);
}

/* "@@ -10,7 +10,8 @@ function" */
static bool hunk_header(struct str s, struct hunk *ret)
{
	struct hunk h;

	if (!str_skip(&s, STR("@@ -")) || !range(&s, &h.old) ||
	    !str_skip(&s, STR(" +")) || !range(&s, &h.new) || !str_starts(s, STR(" @@")))
		return false;
	h.all_old = h.old;
	h.all_new = h.new;
	*ret = h;
	return true;
}

static bool is_blank(struct str s)
{
	return !str_trim(s).n;
}

/* "-- " and a version or two lines of signature, at the very end. */
static bool is_signature(const struct walk *w, size_t i)
{
	size_t last = i + 1;

	if (!str_eq(str_rtrim(text_at(w, i)), STR("--")))
		return false;
	for (; last < w->lines->n && last < i + 6; last++)
		if (str_chr(STR("+-@\\"),
			    text_at(w, last).n ? text_at(w, last).p[0] : 'x') >= 0)
			return false;
	return last == w->lines->n || last == i + 6;
}

/* A line with which something new begins. */
static bool starts_new(const struct walk *w, size_t i)
{
	struct str s = text_at(w, i);
	struct hunk h;

	if (i >= w->lines->n || str_starts(s, STR("diff -")) ||
	    str_starts(s, STR("Index: ")) || hunk_header(s, &h))
		return true;
	if (str_starts(s, STR("--- ")) && str_starts(text_at(w, i + 1), STR("+++ ")) &&
	    hunk_header(text_at(w, i + 2), &h))
		return true;
	return is_signature(w, i);
}

/* Count one line; false when it is more than the header promises. */
static bool count(struct hunk *h, char marker)
{
	uint64_t old = marker == ' ' || marker == '-',
		 new = marker == ' ' || marker == '+';

	if (h->old < old || h->new < new)
		return false;
	h->old -= old;
	h->new -= new;
	return true;
}

/* What is line `i` under this reading, and how does it count? */
static enum role role_of(struct str s, bool join, char *ret_marker)
{
	char c = s.n ? s.p[0] : '\0';

	*ret_marker = c;
	if (c == ' ' || c == '+' || c == '-' || c == '\\')
		return ROLE_KEEP;
	if (is_blank(s) && c != '\t') {
		*ret_marker = ' ';
		return ROLE_EMPTY;
	}
	if (str_starts(s, NBSP)) {
		*ret_marker = ' ';
		return ROLE_NBSP;
	}
	*ret_marker = join ? '\\' : ' ';
	return join ? ROLE_JOIN : ROLE_INDENT;
}

/* A long last line may be wrapped too, behind the last counted one. */
static bool wrapped_tail(const struct walk *w, size_t i)
{
	struct str s = text_at(w, i);

	return i < w->lines->n && i && !is_blank(s) && !starts_new(w, i) &&
	       str_chr(STR(" +-\\"), s.p[0]) < 0 && text_at(w, i - 1).n >= 60 &&
	       (is_blank(text_at(w, i + 1)) || starts_new(w, i + 1));
}

static struct reading read_hunk(const struct walk *w, struct hunk h, bool join)
{
	struct reading r = { .left = h, .end = w->at + 1, .role = w->role[join] };

	for (; r.left.old || r.left.new; r.end++) {
		struct str s = text_at(w, r.end);
		enum role role;
		char marker;

		if (starts_new(w, r.end))
			break;
		role = role_of(s, join, &marker);
		if (!count(&r.left, marker))
			break;
		r.role[r.end] = (unsigned char)role;
		r.damaged |= role != ROLE_KEEP;
	}
	r.fits = !r.left.old && !r.left.new;
	if (r.fits && str_starts(text_at(w, r.end), STR("\\")))
		r.role[r.end++] = ROLE_KEEP;
	if (r.fits && join && wrapped_tail(w, r.end)) {
		r.role[r.end++] = ROLE_JOIN;
		r.damaged = true;
	}
	/* a reading that bends lines must come out even with the end of the hunk */
	if (r.damaged && !is_blank(text_at(w, r.end)) && !starts_new(w, r.end))
		r.fits = false;
	return r;
}

static void note_role(struct walk *w, size_t i, enum role role)
{
	size_t line = w->lines->v[i].line;

	switch (role) {
	case ROLE_EMPTY:
		damage_note(w->job, MAIL_DAMAGE_STRIPPED, line, true,
			    "an empty context line lost its blank");
		break;
	case ROLE_JOIN:
		damage_note(w->job, MAIL_DAMAGE_WRAPPED,
			    i ? w->lines->v[i - 1].line : line, true,
			    "a long line was wrapped by the mailer");
		break;
	case ROLE_INDENT:
		damage_note(w->job, MAIL_DAMAGE_FLOWED, line, true,
			    "a context line lost its leading blank");
		break;
	case ROLE_NBSP:
		damage_note(w->job, MAIL_DAMAGE_NBSP, line, true,
			    "blanks were turned into no-break spaces");
		break;
	case ROLE_KEEP:
		break;
	}
}

static void put_plain_blanks(struct strbuf *out, struct str s)
{
	ptrdiff_t at;

	while ((at = str_find(s, NBSP)) >= 0) {
		strbuf_add(out, str_n(s.p, (size_t)at));
		strbuf_addc(out, ' ');
		s = str_from(s, (size_t)at + NBSP.n);
	}
	strbuf_add(out, s);
}

static void put_line(struct walk *w, size_t i, enum role role)
{
	struct str s = text_at(w, i);

	if (role == ROLE_JOIN) {
		/* over the LF of the line above */
		strbuf_truncate(w->out, w->out->n - 1);
		if (w->out->n && w->out->p[w->out->n - 1] == '\r')
			strbuf_truncate(w->out, w->out->n - 1);
		if (w->out->n && w->out->p[w->out->n - 1] != ' ')
			strbuf_addc(w->out, ' ');
	}
	if (role == ROLE_EMPTY || role == ROLE_INDENT)
		strbuf_addc(w->out, ' ');
	if (role == ROLE_NBSP)
		put_plain_blanks(w->out, s);
	else
		strbuf_add(w->out, s);
	strbuf_addc(w->out, '\n');
}

/* The hunk keeps its lines; say what its header still expects. */
static void note_misfit(struct walk *w, const struct hunk *h, const struct reading *r)
{
	bool tail = is_signature(w, r->end) || r->end >= w->lines->n;
	size_t line = w->lines->v[tail ? w->at : r->end].line;

	w->whole = false;
	if (tail)
		damage_note(
			w->job, MAIL_DAMAGE_CUT, line, false,
			"the patch ends inside this hunk, which still expects %llu old "
			"and %llu new lines",
			(unsigned long long)r->left.old, (unsigned long long)r->left.new);
	else
		damage_note(w->job, MAIL_DAMAGE_COUNT, w->lines->v[w->at].line, false,
			    "the hunk header promises %llu old and %llu new lines, which "
			    "are not what follows",
			    (unsigned long long)h->all_old,
			    (unsigned long long)h->all_new);
}

static void walk_hunk(struct walk *w, struct hunk h)
{
	struct reading joined = read_hunk(w, h, true);
	struct reading indented = joined, *r = &joined;
	size_t header = w->at;

	if (joined.damaged || !joined.fits)
		indented = read_hunk(w, h, false);
	if (!joined.fits && indented.fits)
		r = &indented;
	put_line(w, header, ROLE_KEEP);
	if (!r->fits)
		note_misfit(w, &h, r);
	for (size_t i = header + 1; i < r->end; i++) {
		enum role role = (enum role)r->role[i];

		if (r->fits)
			note_role(w, i, role);
		put_line(w, i, r->fits ? role : ROLE_KEEP);
	}
	w->at = r->end;
}

/* The lines that stand between "diff --git" and the first hunk. */
static bool known_head(struct str s)
{
	static const char *const WORDS[] = {
		"index ",   "old mode ", "new mode ",   "deleted file ",  "new file ",
		"copy ",    "rename ",   "similarity ", "dissimilarity ", "--- ",
		"+++ ",     "@@ ",       "GIT binary ", "Binary files ",  "diff ",
		"literal ", "delta ",    "-- ",
	};

	for (size_t i = 0; i < ARRAY_SIZE(WORDS); i++)
		if (str_starts(s, str_of(WORDS[i])))
			return true;
	return is_blank(s);
}

/* "diff --git a/long/name" with the "b/long/name" on the next line. */
static bool wrapped_head(const struct walk *w)
{
	struct str above = w->at ? text_at(w, w->at - 1) : STR_NONE;
	struct str s = text_at(w, w->at);

	return str_starts(above, STR("diff --git ")) && str_find(above, STR(" b/")) < 0 &&
	       str_starts(s, STR("b/")) && !known_head(s);
}

bool damage_hunks(struct damage_job *job, const struct damage_lines *lines,
		  struct strbuf *out)
{
	struct walk w = { .job = job, .lines = lines, .out = out, .whole = true };
	struct arena *scratch = arena_new();
	struct hunk h;

	for (int i = 0; i < 2; i++)
		w.role[i] = arena_alloc(scratch, lines->n + 2);
	while (w.at < lines->n) {
		if (hunk_header(text_at(&w, w.at), &h)) {
			walk_hunk(&w, h);
			continue;
		}
		if (wrapped_head(&w)) {
			note_role(&w, w.at, ROLE_JOIN);
			put_line(&w, w.at++, ROLE_JOIN);
		} else {
			put_line(&w, w.at++, ROLE_KEEP);
		}
	}
	arena_free(scratch);
	return w.whole;
}
