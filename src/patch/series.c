/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of a series: see patch/series.h. The candidates are sorted once by part;
 * duplicates and gaps then stand beside each other.
 */
#include "patch/series.h"

struct notes {
	struct series_note *v;
	size_t n, cap;
};

struct picked {
	size_t *v;
	size_t n, cap;
};

static void note(struct arena *a, struct notes *notes, enum series_note_kind kind,
		 size_t mail, struct str text)
{
	*ARENA_PUSH(a, notes) = (struct series_note){ kind, mail, text };
}

static bool is_cover(const struct mail *mail)
{
	return !mail->has_diff && mail->tag.has_part && !mail->tag.part &&
	       !mail->tag.reply;
}

/* The highest version that a patch brings. */
static unsigned highest_version(struct arena *a, const struct mail *mails, size_t n,
				struct notes *notes)
{
	unsigned highest = 0, lowest = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned version = mails[i].tag.version;

		if (!mails[i].has_diff || mails[i].tag.reply || !version)
			continue;
		if (version > highest)
			highest = version;
		if (!lowest || version < lowest)
			lowest = version;
	}
	if (lowest != highest)
		note(a, notes, SERIES_VERSIONS, SERIES_NONE,
		     arena_strf(a, "versions v%u to v%u are mixed: v%u is taken", lowest,
				highest, highest));
	return highest;
}

/* Is this mail a patch of the series? If not, say why. */
static bool belongs(struct arena *a, const struct mail *mails, size_t i, unsigned version,
		    struct notes *notes)
{
	const struct mail *mail = &mails[i];

	if (!mail->has_diff && !is_cover(mail))
		note(a, notes, SERIES_NO_PATCH, i,
		     arena_strf(a, "mail %zu has no patch and is left out", i + 1));
	else if (mail->has_diff && mail->tag.reply)
		note(a, notes, SERIES_REPLY, i,
		     arena_strf(a, "mail %zu is a reply with a patch and is left out",
				i + 1));
	else if (mail->has_diff && mail->tag.version && mail->tag.version != version)
		note(a, notes, SERIES_VERSIONS, i,
		     arena_strf(a, "mail %zu is of v%u and is left out", i + 1,
				mail->tag.version));
	else
		return mail->has_diff;
	return false;
}

static int by_part(const void *a, const void *b, void *arg)
{
	const struct mail *mails = arg;
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	const struct mail_tag *x = &mails[i].tag, *y = &mails[k].tag;

	/* what has no part goes last */
	if (x->has_part != y->has_part)
		return x->has_part ? -1 : 1;
	if (x->has_part && x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return i < k ? -1 : i > k;
}

static void note_duplicate(struct arena *a, const struct mail *mails, size_t taken,
			   size_t other, struct notes *notes)
{
	const struct mail_tag *tag = &mails[taken].tag;
	bool same = str_eq(mails[taken].patch, mails[other].patch);

	note(a, notes, SERIES_DUPLICATE, other,
	     arena_strf(a,
			"part %u/%u comes twice: mails %zu and %zu %s, mail %zu is taken",
			tag->part, tag->total, taken + 1, other + 1,
			same ? "are the same" : "differ", taken + 1));
}

/* Drop second copies; note totals that do not fit and patches without a number. */
static void drop_duplicates(struct arena *a, const struct mail *mails,
			    struct picked *picked, unsigned total, struct notes *notes)
{
	size_t kept = 0;

	for (size_t i = 0; i < picked->n; i++) {
		size_t at = picked->v[i];
		const struct mail_tag *tag = &mails[at].tag,
				      *last = kept ? &mails[picked->v[kept - 1]].tag
						   : NULL;

		if (tag->has_part && last && last->has_part && last->part == tag->part) {
			note_duplicate(a, mails, picked->v[kept - 1], at, notes);
			continue;
		}
		if (tag->has_part && tag->total != total)
			note(a, notes, SERIES_TOTALS, at,
			     arena_strf(a, "mail %zu says it is part %u of %u, not of %u",
					at + 1, tag->part, tag->total, total));
		if (!tag->has_part && total)
			note(a, notes, SERIES_UNNUMBERED, at,
			     arena_strf(a, "mail %zu has no part number and goes last",
					at + 1));
		picked->v[kept++] = at;
	}
	picked->n = kept;
}

static void note_gap(struct arena *a, unsigned from, unsigned to, unsigned total,
		     struct notes *notes)
{
	note(a, notes, SERIES_MISSING, SERIES_NONE,
	     from == to ? arena_strf(a, "part %u/%u is missing", from, total)
			: arena_strf(a, "parts %u to %u of %u are missing", from, to,
				     total));
}

static void note_missing(struct arena *a, const struct mail *mails,
			 const struct picked *picked, unsigned total, struct notes *notes)
{
	unsigned next = 1;

	for (size_t i = 0; i < picked->n; i++) {
		const struct mail_tag *tag = &mails[picked->v[i]].tag;

		if (!tag->has_part)
			break;
		if (tag->part > next)
			note_gap(a, next, tag->part - 1, total, notes);
		next = tag->part + 1;
	}
	if (total && next <= total)
		note_gap(a, next, total, total, notes);
}

/* The cover letter of the version that is taken, else any. */
static size_t find_cover(const struct mail *mails, size_t n, unsigned version)
{
	size_t found = SERIES_NONE;

	for (size_t i = 0; i < n; i++) {
		if (!is_cover(&mails[i]))
			continue;
		if (mails[i].tag.version == version)
			return i;
		if (found == SERIES_NONE)
			found = i;
	}
	return found;
}

/* Most patches know best: the total that the first numbered one names, unless a larger
 * part number disproves it. */
static unsigned find_total(const struct mail *mails, const struct picked *picked)
{
	unsigned total = 0;

	for (size_t i = 0; i < picked->n; i++) {
		const struct mail_tag *tag = &mails[picked->v[i]].tag;

		if (tag->has_part && (!total || tag->part > total))
			total = tag->total;
	}
	return total;
}

static struct str find_base(const struct mail *mails, const struct series *series)
{
	if (series->cover != SERIES_NONE && mails[series->cover].base_commit.n)
		return mails[series->cover].base_commit;
	for (size_t i = 0; i < series->n; i++)
		if (mails[series->order[i]].base_commit.n)
			return mails[series->order[i]].base_commit;
	return STR_NONE;
}

void series_order(struct arena *a, const struct mail *mails, size_t n, struct series *ret)
{
	struct picked picked = { 0 };
	struct notes notes = { 0 };
	struct series series = { 0 };

	series.version = highest_version(a, mails, n, &notes);
	for (size_t i = 0; i < n; i++)
		if (belongs(a, mails, i, series.version, &notes))
			*ARENA_PUSH(a, &picked) = i;
	if (picked.n)
		qsort_r(picked.v, picked.n, sizeof(picked.v[0]), by_part,
			(void *)(uintptr_t)mails);
	series.total = find_total(mails, &picked);
	drop_duplicates(a, mails, &picked, series.total, &notes);
	note_missing(a, mails, &picked, series.total, &notes);
	series.cover = find_cover(mails, n, series.version);
	series.order = picked.v;
	series.n = picked.n;
	series.base_commit = find_base(mails, &series);
	series.notes = notes.v;
	series.n_notes = notes.n;
	*ret = series;
}
