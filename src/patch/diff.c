/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The diff reader. It walks the text once, line by line; whatever is no header of a file
 * patch is skipped, as git apply does, so a mail's prose and signature do no harm. Each
 * hunk is measured before it is stored: a header that promises a billion lines costs
 * nothing.
 */
#include "diff_internal.h"

bool diff_next(struct diff_reader *r, struct err *err)
{
	r->line++;
	if (!str_line(&r->rest, &r->cur))
		r->cur = STR_NONE;
	if (r->cur.n <= DIFF_MAX_LINE)
		return true;
	return err_set(err, ERR_LIMIT, "reading patch: line %u: longer than %zu MB",
		       r->line, DIFF_MAX_LINE >> 20);
}

bool diff_corrupt(const struct diff_reader *r, struct err *err, const char *fmt, ...)
{
	char why[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return err_set(err, ERR_PARSE, "corrupt patch at line %u: %s", r->line, why);
}

/* "12,3" or "12" (one line). */
static bool eat_range(struct str *s, struct hunk_range *ret)
{
	uint64_t start, count = 1;

	if (!str_eat_u64(s, 10, &start))
		return false;
	if (str_skip(s, STR(",")) && !str_eat_u64(s, 10, &count))
		return false;
	if (start > SIZE_MAX / 4 || count > SIZE_MAX / 4)
		return false;
	*ret = (struct hunk_range){ start, count };
	return true;
}

/* @@ -12,7 +12,9 @@ static int f(void) */
static bool hunk_header(struct str line, struct hunk *ret)
{
	if (!str_skip(&line, STR("@@ -")) || !eat_range(&line, &ret->old) ||
	    !str_skip(&line, STR(" +")) || !eat_range(&line, &ret->new) ||
	    !str_skip(&line, STR(" @@")))
		return false;
	str_skip(&line, STR(" "));
	while (str_ends(line, STR("\r"))) /* line ends, however many */
		line.n--;
	ret->section = line;
	return true;
}

/* '\n' alone is a context line whose blank a mailer or an editor removed. */
static char line_kind(struct str line)
{
	if (!line.n)
		return 0;
	if (line.p[0] == '\n' || (line.n == 2 && line.p[0] == '\r'))
		return ' ';
	return line.p[0] == ' ' || line.p[0] == '-' || line.p[0] == '+' ||
			       line.p[0] == '\\'
		       ? line.p[0]
		       : 0;
}

static bool no_newline_marker(struct str line)
{
	return line.n >= 12 && str_starts(line, STR("\\ "));
}

/* --recount: the hunk ends where its lines end. */
static void recount(struct str rest, struct hunk *h)
{
	struct str line;
	char kind;

	h->old.count = h->new.count = 0;
	while (str_line(&rest, &line) && (kind = line_kind(line))) {
		h->old.count += kind == ' ' || kind == '-';
		h->new.count += kind == ' ' || kind == '+';
	}
}

/* How many lines (markers not counted) the hunk has; r stands behind its header. */
/* long: each way in which a count can lie has its own words */
static bool measure(struct diff_reader *r, const struct hunk *h, size_t *ret_n,
		    struct err *err)
{
	size_t old = h->old.count, new = h->new.count, changes = 0;
	struct diff_reader at = *r;

	for (*ret_n = 0; old || new; ++*ret_n) {
		char kind = line_kind(at.cur);

		if (kind == '\\' && no_newline_marker(at.cur) && *ret_n) {
			--*ret_n;
		} else if (!kind || kind == '\\') {
			return diff_corrupt(&at, err,
					    "the hunk of line %u lacks %zu old and %zu "
					    "new lines of what its header says",
					    r->line - 1, old, new);
		} else if ((kind != '+' && !old) || (kind != '-' && !new)) {
			return diff_corrupt(&at, err,
					    "the hunk of line %u has more %s lines than "
					    "its header says",
					    r->line - 1,
					    kind != '+' && !old ? "old" : "new");
		} else {
			old -= kind != '+';
			new -= kind != '-';
			changes += kind != ' ';
		}
		if (!diff_next(&at, err))
			return false;
	}
	if (!changes && !r->opt->recount)
		return diff_corrupt(r, err, "a hunk that changes nothing");
	return true;
}

static bool fill(struct diff_reader *r, struct hunk *h, struct err *err)
{
	size_t n = 0;

	while (n < h->n || no_newline_marker(r->cur)) {
		struct str text = r->cur;

		if (text.p[0] == '\\') {
			struct hunk_line *last = n ? &h->lines[n - 1] : NULL;

			if (last && last->text.n &&
			    last->text.p[last->text.n - 1] == '\n')
				last->text.n--;
		} else {
			h->lines[n].kind = line_kind(text);
			h->lines[n++].text = text.p[0] == '\n' || text.p[0] == '\r'
						     ? text
						     : str_from(text, 1);
		}
		if (!diff_next(r, err))
			return false;
	}
	return true;
}

static bool read_hunk(struct diff_reader *r, struct hunk *h, struct err *err)
{
	if (++r->n_hunks > DIFF_MAX_HUNKS)
		return err_set(err, ERR_LIMIT,
			       "reading patch: line %u: more than %zu hunks", r->line,
			       DIFF_MAX_HUNKS);
	if (!hunk_header(diff_cur(r), h))
		return diff_corrupt(r, err, "not a hunk header");
	h->origin = (struct origin){ r->opt->origin.mail, r->line };
	if (!diff_next(r, err))
		return false;
	if (r->opt->recount) {
		struct str rest = str_n(r->cur.p, r->cur.n + r->rest.n);

		recount(r->cur.n ? rest : STR_NONE, h);
	}
	if (!measure(r, h, &h->n, err))
		return false;
	h->lines = arena_array(r->a, struct hunk_line, h->n);
	return fill(r, h, err);
}

static bool read_hunks(struct diff_reader *r, struct filepatch *f, struct err *err)
{
	struct {
		struct hunk *v;
		size_t n, cap;
	} list = { 0 };

	while (str_starts(r->cur, STR("@@ -"))) {
		struct hunk *h = ARENA_PUSH(r->a, &list);

		*h = (struct hunk){ 0 };
		if (!read_hunk(r, h, err))
			return false;
		if (f->kind == FILEPATCH_CREATE && h->old.count)
			return err_set(err, ERR_PARSE,
				       "reading patch: line %u: new file " STR_FMT
				       " depends on old contents",
				       h->origin.line, STR_ARG(f->new_path));
		if (f->kind == FILEPATCH_DELETE && h->new.count)
			return err_set(err, ERR_PARSE,
				       "reading patch: line %u: deleted file " STR_FMT
				       " still has contents",
				       h->origin.line, STR_ARG(f->old_path));
	}
	f->hunks = list.v;
	f->n_hunks = list.n;
	return true;
}

/* What follows a file header: hunks, a binary patch, or nothing. */
static bool read_body(struct diff_reader *r, struct filepatch *f, struct err *err)
{
	bool mode_change = f->old_mode && f->new_mode && f->old_mode != f->new_mode;
	unsigned header_line = r->line;

	if (!read_hunks(r, f, err))
		return false;
	if (f->n_hunks)
		return true;
	if (str_eq(diff_cur(r), STR("GIT binary patch")))
		return diff_read_binary(r, f, err);
	if ((str_starts(r->cur, STR("Binary files ")) ||
	     str_starts(r->cur, STR("Files "))) &&
	    str_ends(diff_cur(r), STR(" differ"))) {
		f->binary = true;
		return diff_next(r, err);
	}
	if (f->kind == FILEPATCH_MODIFY && !mode_change)
		return err_set(err, ERR_PARSE, "patch with only garbage at line %u",
			       header_line);
	return true;
}

/* State while the lines of one git header are read. */
struct header {
	struct filepatch *f;
	struct str common;  /* the name "diff --git" agrees on; may be empty */
	unsigned kind_line; /* that said what kind it is; 0: none did */
	bool old_null, new_null;
};

typedef bool header_fn(struct diff_reader *r, struct header *h, struct str value,
		       struct err *err);

/* A tree knows files, executable or not, symlinks and submodules; git makes a plain file
 * of all else. A folder is none: git would record a submodule without a commit. */
static unsigned known_mode(uint64_t mode)
{
	uint64_t type = mode & 0170000;

	if (type == 0120000 || type == 0160000)
		return (unsigned)type;
	return mode & 0100 ? 0100755 : 0100644;
}

static bool header_mode(struct diff_reader *r, struct str value, unsigned *ret,
			struct err *err)
{
	struct str digits = value;
	uint64_t mode;

	if (!str_eat_u64(&digits, 8, &mode) || mode > 0177777 ||
	    (mode & 0170000) == 0040000)
		return err_set(err, ERR_PARSE, "invalid mode on line %u: " STR_FMT,
			       r->line, STR_ARG(str_sub(value, 0, 40)));
	*ret = known_mode(mode);
	return true;
}

static bool header_old_mode(struct diff_reader *r, struct header *h, struct str value,
			    struct err *err)
{
	return header_mode(r, value, &h->f->old_mode, err);
}

static bool header_new_mode(struct diff_reader *r, struct header *h, struct str value,
			    struct err *err)
{
	return header_mode(r, value, &h->f->new_mode, err);
}

static bool header_kind(struct diff_reader *r, struct header *h, enum filepatch_kind kind,
			struct err *err)
{
	if (h->kind_line && h->f->kind != kind)
		return diff_corrupt(r, err, "inconsistent header lines %u and %u",
				    h->kind_line, r->line);
	if (!h->kind_line)
		h->kind_line = r->line;
	h->f->kind = kind;
	return true;
}

static bool header_new_file(struct diff_reader *r, struct header *h, struct str value,
			    struct err *err)
{
	h->f->new_path = h->common;
	return header_kind(r, h, FILEPATCH_CREATE, err) &&
	       header_mode(r, value, &h->f->new_mode, err);
}

static bool header_deleted_file(struct diff_reader *r, struct header *h, struct str value,
				struct err *err)
{
	h->f->old_path = h->common;
	return header_kind(r, h, FILEPATCH_DELETE, err) &&
	       header_mode(r, value, &h->f->old_mode, err);
}

static bool is_hex(struct str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (!strchr("0123456789abcdef", id.p[i]) || !id.p[i])
			return false;
	return id.n >= 4 && id.n <= 64;
}

/* index 30d74d2..a042389 100644 */
static bool header_index(struct diff_reader *r, struct header *h, struct str value,
			 struct err *err)
{
	struct str ids, old;
	ptrdiff_t dots;

	if (!str_word(&value, &ids) || (dots = str_find(ids, STR(".."))) < 1)
		return true;
	old = str_sub(ids, 0, (size_t)dots);
	ids = str_from(ids, (size_t)dots + 2);
	if (!is_hex(old) || !is_hex(ids))
		return true;
	h->f->old_oid = old;
	h->f->new_oid = ids;
	value = str_trim(value);
	if (!value.n)
		return true;
	if (!header_mode(r, value, &h->f->old_mode, err))
		return false;
	if (!h->f->new_mode)
		h->f->new_mode = h->f->old_mode;
	return true;
}

static bool header_similarity(struct diff_reader *r, struct header *h, struct str value,
			      struct err *err)
{
	uint64_t n;

	if (str_eat_u64(&value, 10, &n) && n <= 100)
		h->f->similarity = (int)n;
	return true;
}

static bool header_dissimilarity(struct diff_reader *r, struct header *h,
				 struct str value, struct err *err)
{
	uint64_t n;

	if (str_eat_u64(&value, 10, &n) && n <= 100)
		h->f->dissimilarity = (int)n;
	return true;
}

static bool header_moved(struct diff_reader *r, struct str value, struct str *ret,
			 struct err *err)
{
	if (path_of_header(r, value, r->strip ? r->strip - 1 : 0, ret))
		return true;
	return diff_corrupt(r, err, "no usable name");
}

static bool header_rename_from(struct diff_reader *r, struct header *h, struct str value,
			       struct err *err)
{
	return header_kind(r, h, FILEPATCH_RENAME, err) &&
	       header_moved(r, value, &h->f->old_path, err);
}

static bool header_rename_to(struct diff_reader *r, struct header *h, struct str value,
			     struct err *err)
{
	return header_kind(r, h, FILEPATCH_RENAME, err) &&
	       header_moved(r, value, &h->f->new_path, err);
}

static bool header_copy_from(struct diff_reader *r, struct header *h, struct str value,
			     struct err *err)
{
	return header_kind(r, h, FILEPATCH_COPY, err) &&
	       header_moved(r, value, &h->f->old_path, err);
}

static bool header_copy_to(struct diff_reader *r, struct header *h, struct str value,
			   struct err *err)
{
	return header_kind(r, h, FILEPATCH_COPY, err) &&
	       header_moved(r, value, &h->f->new_path, err);
}

static bool is_dev_null(struct str name)
{
	return str_starts(name, STR("/dev/null")) &&
	       (name.n == 9 || name.p[9] == ' ' || name.p[9] == '\t');
}

/* The name of one side, "--- a/x" or "+++ b/x", must agree with what the header said
 * before; a side that does not exist is /dev/null. */
static bool header_name(struct diff_reader *r, struct header *h, struct str value,
			bool is_new, struct err *err)
{
	struct str *path = is_new ? &h->f->new_path : &h->f->old_path, seen = STR_NONE;
	bool null = is_dev_null(value);

	if (h->f->kind == (is_new ? FILEPATCH_DELETE : FILEPATCH_CREATE))
		return null || diff_corrupt(r, err, "expected /dev/null");
	/* A name that is too short for -p is none; "diff --git" may have one. */
	if (!null)
		path_of_header(r, value, r->strip, &seen);
	if (path->n && !str_eq(*path, seen))
		return diff_corrupt(r, err, "inconsistent %s filename",
				    is_new ? "new" : "old");
	*path = seen;
	return true;
}

static bool header_minus(struct diff_reader *r, struct header *h, struct str value,
			 struct err *err)
{
	h->old_null = is_dev_null(value);
	return header_name(r, h, value, false, err);
}

static bool header_plus(struct diff_reader *r, struct header *h, struct str value,
			struct err *err)
{
	h->new_null = is_dev_null(value);
	return header_name(r, h, value, true, err);
}

static const struct {
	const char *word;
	header_fn *read;
} header_lines[] = {
	{ "--- ", header_minus },
	{ "+++ ", header_plus },
	{ "old mode ", header_old_mode },
	{ "new mode ", header_new_mode },
	{ "deleted file mode ", header_deleted_file },
	{ "new file mode ", header_new_file },
	{ "copy from ", header_copy_from },
	{ "copy to ", header_copy_to },
	{ "rename old ", header_rename_from },
	{ "rename new ", header_rename_to },
	{ "rename from ", header_rename_from },
	{ "rename to ", header_rename_to },
	{ "similarity index ", header_similarity },
	{ "dissimilarity index ", header_dissimilarity },
	{ "index ", header_index },
};

static header_fn *header_line(struct str line, struct str *ret_value)
{
	for (size_t i = 0; i < ARRAY_SIZE(header_lines); i++) {
		*ret_value = line;
		if (str_skip(ret_value, str_of(header_lines[i].word)))
			return header_lines[i].read;
	}
	return NULL;
}

static bool header_lacks_name(const struct diff_reader *r, const struct header *h,
			      struct err *err)
{
	if (h->f->old_path.n || h->f->new_path.n)
		return err_set(err, ERR_PARSE,
			       "git diff header lacks filename information (line %u)",
			       r->line);
	return err_set(err, ERR_PARSE,
		       "git diff header lacks filename information when removing "
		       "%u leading pathname component%s (line %u)",
		       r->strip, r->strip == 1 ? "" : "s", r->line);
}

/* Not git's, but clear enough: what is /dev/null on one side is made or goes, also where
 * no line with its mode says so. */
static enum filepatch_kind kind_by_names(const struct header *h)
{
	const struct filepatch *f = h->f;

	if (h->old_null && !f->old_path.n)
		return FILEPATCH_CREATE;
	if (h->new_null && !f->new_path.n)
		return FILEPATCH_DELETE;
	return str_eq(f->old_path, f->new_path) ? FILEPATCH_MODIFY : FILEPATCH_RENAME;
}

/* Names and kind, when all header lines are read. */
static bool header_settle(struct diff_reader *r, struct header *h, struct err *err)
{
	struct filepatch *f = h->f;
	bool has_old, has_new;

	if (!f->old_path.n && !f->new_path.n)
		f->old_path = f->new_path = h->common;
	if (f->kind == FILEPATCH_MODIFY)
		f->kind = kind_by_names(h);
	has_old = f->kind != FILEPATCH_CREATE;
	has_new = f->kind != FILEPATCH_DELETE;
	if ((has_old && !f->old_path.n) || (has_new && !f->new_path.n))
		return header_lacks_name(r, h, err);
	if (!has_old && f->old_path.n)
		return diff_corrupt(r, err, "inconsistent old filename");
	if (!has_new && f->new_path.n)
		return diff_corrupt(r, err, "inconsistent new filename");
	return true;
}

/* diff --git a/x b/x; *ret_found stays false when nothing of a header follows. */
static bool git_header(struct diff_reader *r, struct filepatch *f, bool *ret_found,
		       struct err *err)
{
	struct header h = { .f = f };
	struct str words = str_from(diff_cur(r), strlen("diff --git ")), value;
	header_fn *read;

	path_of_git_line(r, words, &h.common);
	if (!diff_next(r, err))
		return false;
	*ret_found = false;
	while ((read = header_line(diff_cur(r), &value))) {
		if (!read(r, &h, value, err) || !diff_next(r, err))
			return false;
		*ret_found = true;
	}
	if (!*ret_found)
		return true;
	f->git = true;
	return header_settle(r, &h, err);
}

static unsigned count_slashes(struct str s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '/';
	return n;
}

/* How many components to drop, by one name: none where its diff was made inside the
 * folder, and those that lead to where the user stands. -1: it does not tell. */
static int strip_by_name(const struct diff_reader *r, struct str name)
{
	struct str here = r->opt->prefix_here, rest = name;
	ptrdiff_t slash;

	if (is_dev_null(name))
		return -1;
	slash = str_chr(path_without_date(name), '/');
	if (slash < 0)
		return 0;
	if (!here.n)
		return -1;
	if (str_skip(&rest, here) && str_starts(rest, STR("/")))
		return (int)count_slashes(here) + 1;
	rest = str_from(name, (size_t)slash + 1);
	if (str_skip(&rest, here) && str_starts(rest, STR("/")))
		return (int)count_slashes(here) + 2;
	return -1;
}

/* Without -p the first traditional header tells, as git apply guesses. */
static void guess_strip(struct diff_reader *r, struct str old, struct str new)
{
	int by_old, by_new;

	if (r->strip_known || r->opt->strip_given)
		return;
	by_old = strip_by_name(r, old);
	by_new = strip_by_name(r, new);
	if (by_old < 0)
		by_old = by_new;
	if (by_old >= 0 && by_old == by_new) {
		r->strip = (unsigned)by_old;
		r->strip_known = true;
	}
}

/* Of "x.c.orig" and "x.c" the shorter is meant. */
static struct str better_name(struct str old, struct str new)
{
	if (!old.n)
		return new;
	return new.n && !(str_starts(new, old) && new.n > old.n) ? new : old;
}

/* --- x.c.orig<TAB>date
 * +++ x.c<TAB>date      with a hunk behind it; r stands on the first line. */
static bool traditional_header(struct diff_reader *r, struct str plus,
			       struct filepatch *f, struct err *err)
{
	struct str old = str_from(diff_cur(r), 4), new = str_from(str_chomp(plus), 4);
	struct str old_path = STR_NONE, new_path = STR_NONE, name;

	guess_strip(r, old, new);
	if (!is_dev_null(old))
		path_of_name(r, path_without_date(old), r->strip, &old_path);
	if (!is_dev_null(new))
		path_of_name(r, path_without_date(new), r->strip, &new_path);
	name = better_name(old_path, new_path);
	if (!name.n)
		return err_set(err, ERR_PARSE,
			       "unable to find filename in patch at line %u", r->line);
	if (r->opt->prefix_here.n)
		name = arena_strf(r->a, STR_FMT "/" STR_FMT, STR_ARG(r->opt->prefix_here),
				  STR_ARG(name));
	f->old_path = f->new_path = name;
	if (is_dev_null(old) || path_date_is_epoch(old)) {
		f->kind = FILEPATCH_CREATE;
		f->old_path = STR_NONE;
	} else if (is_dev_null(new) || path_date_is_epoch(new)) {
		f->kind = FILEPATCH_DELETE;
		f->new_path = STR_NONE;
	}
	return diff_next(r, err) && diff_next(r, err);
}

/* Is r at "--- x" with "+++ y" and a hunk behind it? */
static bool at_traditional(const struct diff_reader *r, struct str *ret_plus)
{
	struct str rest = r->rest, hunk;

	return str_starts(r->cur, STR("--- ")) && str_line(&rest, ret_plus) &&
	       str_starts(*ret_plus, STR("+++ ")) && str_line(&rest, &hunk) &&
	       str_starts(hunk, STR("@@ -"));
}

/* Find the next file header and read its file patch; r->cur is empty when none is
 * left. */
static bool read_file(struct diff_reader *r, struct filepatch *f, bool *ret_found,
		      struct err *err)
{
	struct hunk stray;
	struct str plus;

	for (*ret_found = false; r->cur.n;) {
		*f = (struct filepatch){ .similarity = -1,
					 .inaccurate = r->opt->inaccurate_eof,
					 .origin = { r->opt->origin.mail, r->line } };
		if (str_starts(r->cur, STR("diff --git "))) {
			if (!git_header(r, f, ret_found, err))
				return false;
		} else if (at_traditional(r, &plus)) {
			*ret_found = true;
			if (!traditional_header(r, plus, f, err))
				return false;
		} else {
			if (hunk_header(diff_cur(r), &stray))
				return err_set(
					err, ERR_PARSE,
					"patch fragment without header at line %u: " STR_FMT,
					r->line, STR_ARG(diff_cur(r)));
			if (!diff_next(r, err))
				return false;
		}
		if (*ret_found)
			return true;
	}
	return true;
}

bool diff_parse(struct str text, const struct diff_options *opt, struct arena *a,
		struct patch *ret_patch, struct err *err)
{
	struct diff_reader r = { .rest = text,
				 .line = opt->origin.line ? opt->origin.line - 1 : 0,
				 .opt = opt,
				 .a = a,
				 .strip = opt->strip,
				 .strip_known = opt->strip_given };
	struct patch patch = { 0 };
	struct filepatch f;
	bool found;

	if (text.n > DIFF_MAX_BYTES)
		return err_set(err, ERR_LIMIT, "reading patch: larger than %zu MB",
			       DIFF_MAX_BYTES >> 20);
	if (!diff_next(&r, err))
		return false;
	for (;;) {
		if (!read_file(&r, &f, &found, err))
			return false;
		if (!found)
			break;
		if (!read_body(&r, &f, err))
			return false;
		if (!f.git && f.kind == FILEPATCH_MODIFY && f.n_hunks == 1)
			f.maybe_create = f.hunks[0].old.count == 0;
		*ARENA_PUSH(a, &patch) = f;
	}
	if (!patch.n)
		return err_set(err, ERR_NOTFOUND, "No valid patches in input");
	*ret_patch = patch;
	return true;
}

bool diff_present(struct str text)
{
	struct str line, rest = text;
	struct hunk h;

	while (str_line(&rest, &line)) {
		struct diff_reader at = { .rest = rest, .cur = line };
		struct str plus;

		if (str_starts(line, STR("diff --git ")) ||
		    str_starts(line, STR("Index: ")) || at_traditional(&at, &plus) ||
		    hunk_header(str_chomp(line), &h))
			return true;
	}
	return false;
}
