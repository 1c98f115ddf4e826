/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file, a line of eight '=', and a patch for it: any bytes. The engine reads from a
 * copy that ends where the file ends, so that a sanitizer sees a step outside.
 * Properties:
 *  - every hunk is placed or in the rejects;
 *  - what the search alone applied goes out again in reverse, and the file is as before;
 *  - edits lie inside the file, in order; with all hunks rejected the file is unchanged;
 *  - every candidate can be taken.
 */
#include "patch/place.h"
#include "property.h"

enum { BIG = 1 << 24 };

static void check_edits(const struct image *im, const struct placement *p)
{
	for (size_t i = 0; i < p->n_edits; i++)
		PROPERTY(p->edits[i].line <= im->n &&
			 p->edits[i].n_old <= im->n - p->edits[i].line);
}

static void check_candidates(struct arena *a, struct str file, const struct placement *p)
{
	struct str post;

	for (size_t i = 0; i < p->n_candidates; i++)
		if (!p->candidates[i].path.n)
			PROPERTY(place_apply_candidate(file, &p->candidates[i], a, &post,
						       NULL));
}

static void check_all(struct arena *a, struct str file, const struct filepatch *f)
{
	struct place_options opt = PLACE_OPTIONS_DEFAULT;
	struct place_result r;
	struct image im;
	size_t rejected = 0;

	if (!place_bytes(file, f, &opt, a, &r, NULL) || !image_init(&im, file, a, NULL))
		return;
	for (size_t i = 0; i < r.n_hunks; i++) {
		rejected += r.hunks[i].status == PLACE_REJECTED;
		check_edits(&im, &r.hunks[i]);
		check_candidates(a, file, &r.hunks[i]);
	}
	PROPERTY(rejected == r.n_rejected && r.rejects.n_hunks == rejected);
	if (rejected == r.n_hunks)
		PROPERTY(str_eq(r.post, file));
}

/* One hunk at a time: several may leave lines that fit at more than one place. */
static void check_reverse(struct arena *a, struct str file, const struct filepatch *f)
{
	struct place_options opt = PLACE_OPTIONS_DEFAULT;
	struct filepatch one = *f;
	struct place_result there, back;

	if (f->n_hunks != 1 || f->hunks[0].n > 1000)
		return;
	opt.engines = PLACE_SEARCH_ONLY;
	if (!place_bytes(file, &one, &opt, a, &there, NULL) || there.n_rejected ||
	    there.hunks[0].offset)
		return;
	opt.reverse = true;
	PROPERTY(place_bytes(there.post, &one, &opt, a, &back, NULL));
	if (!back.n_rejected && !back.hunks[0].offset)
		PROPERTY(str_eq(back.post, file));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(arena) a = arena_new();
	struct str input = fuzz_input(data, n), file;
	ptrdiff_t cut = str_find(input, STR("========\n"));
	struct patch p;
	char *copy;

	if (cut < 0)
		return 0;
	copy = malloc((size_t)cut + !cut);
	if (!copy)
		return 0;
	memcpy(copy, input.p, (size_t)cut);
	file = str_n(copy, (size_t)cut);
	if (diff_parse(str_from(input, (size_t)cut + 9), &DIFF_OPTIONS_DEFAULT, a, &p,
		       NULL))
		for (size_t i = 0; i < p.n && i < 4; i++) {
			check_all(a, file, &p.v[i]);
			check_reverse(a, file, &p.v[i]);
		}
	free(copy);
	return 0;
}
