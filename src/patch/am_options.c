/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options that am hands on to apply: see patch/am.h. They are kept as words, in the
 * form of git-apply(1), because that is what "apply-opt" in .git/rebase-apply holds.
 */
#include "patch/am.h"

struct am_apply_options am_apply_options_default(void)
{
	struct am_apply_options o = {
		.diff = DIFF_OPTIONS_DEFAULT,
		.place = PLACE_OPTIONS_DEFAULT,
		.squelch = 5,
	};

	o.place.engines = PLACE_SEARCH_ONLY;
	o.index = true;
	return o;
}

static bool set_strip(struct am_apply_options *o, struct str v, struct arena *a,
		      struct err *err)
{
	uint64_t n;

	if (!str_to_u64(v, &n) || n > 1000)
		return err_set(err, ERR_USAGE, "option `-p' expects a number");
	o->diff.strip = (unsigned)n;
	o->diff.strip_given = true;
	return true;
}

static bool set_context(struct am_apply_options *o, struct str v, struct arena *a,
			struct err *err)
{
	uint64_t n;

	if (!str_to_u64(v, &n) || n > 1000000)
		return err_set(err, ERR_USAGE, "switch `C' expects a numerical value");
	o->place.min_context = (unsigned)n;
	return true;
}

static bool set_whitespace(struct am_apply_options *o, struct str v, struct arena *a,
			   struct err *err)
{
	if (!ws_action_parse(v, &o->place.ws, err))
		return err_set(err, ERR_USAGE,
			       "unrecognized whitespace option '" STR_FMT "'",
			       STR_ARG(v));
	if (o->place.ws == WS_ERROR_ALL)
		o->squelch = 0;
	return true;
}

static bool set_directory(struct am_apply_options *o, struct str v, struct arena *a,
			  struct err *err)
{
	while (v.n && v.p[v.n - 1] == '/')
		v.n--;
	o->diff.directory = arena_str(a, v);
	return true;
}

static bool add_filter(struct am_apply_options *o, struct str v, struct arena *a,
		       bool include)
{
	*ARENA_PUSH(a, &o->filters) = (struct am_filter){ arena_str(a, v), include };
	return true;
}

static bool add_include(struct am_apply_options *o, struct str v, struct arena *a,
			struct err *err)
{
	return add_filter(o, v, a, true);
}

static bool add_exclude(struct am_apply_options *o, struct str v, struct arena *a,
			struct err *err)
{
	return add_filter(o, v, a, false);
}

static bool set_reject(struct am_apply_options *o, struct str v, struct arena *a,
		       struct err *err)
{
	o->reject = o->verbose = true;
	return true;
}

static bool set_ignore_space(struct am_apply_options *o, struct str v, struct arena *a,
			     struct err *err)
{
	o->place.ignore_space = true;
	return true;
}

static bool set_nothing(struct am_apply_options *o, struct str v, struct arena *a,
			struct err *err)
{
	return true;
}

static bool set_unidiff_zero(struct am_apply_options *o, struct str v, struct arena *a,
			     struct err *err)
{
	o->diff.unidiff_zero = o->place.unidiff_zero = true;
	return true;
}

static bool set_recount(struct am_apply_options *o, struct str v, struct arena *a,
			struct err *err)
{
	o->diff.recount = true;
	return true;
}

static bool set_inaccurate(struct am_apply_options *o, struct str v, struct arena *a,
			   struct err *err)
{
	o->diff.inaccurate_eof = true;
	return true;
}

static bool set_verbose(struct am_apply_options *o, struct str v, struct arena *a,
			struct err *err)
{
	o->verbose = true;
	return true;
}

static bool set_reverse(struct am_apply_options *o, struct str v, struct arena *a,
			struct err *err)
{
	o->place.reverse = true;
	return true;
}

static bool set_overlap(struct am_apply_options *o, struct str v, struct arena *a,
			struct err *err)
{
	o->place.allow_overlap = true;
	return true;
}

/* Names that end in '=' or are one letter take a value. */
static const struct {
	const char *name;
	bool (*set)(struct am_apply_options *o, struct str v, struct arena *a,
		    struct err *err);
} options[] = {
	{ "--whitespace=", set_whitespace },
	{ "--directory=", set_directory },
	{ "--include=", add_include },
	{ "--exclude=", add_exclude },
	{ "--reject", set_reject },
	{ "--no-reject", set_nothing },
	{ "--ignore-whitespace", set_ignore_space },
	{ "--ignore-space-change", set_ignore_space },
	{ "--unidiff-zero", set_unidiff_zero },
	{ "--recount", set_recount },
	{ "--inaccurate-eof", set_inaccurate },
	{ "--verbose", set_verbose },
	{ "--reverse", set_reverse },
	{ "--allow-overlap", set_overlap },
	{ "--binary", set_nothing },
	{ "--allow-binary-replacement", set_nothing },
	{ "-p", set_strip },
	{ "-C", set_context },
};

bool am_apply_option(struct am_apply_options *o, struct str word, struct arena *a,
		     struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		struct str name = str_of(options[i].name), value = word;
		bool valued = name.p[name.n - 1] == '=' || name.n == 2;

		if (str_skip(&value, name) && (valued || !value.n))
			return options[i].set(o, value, a, err);
	}
	return err_set(err, ERR_USAGE, "unknown option for apply: " STR_FMT,
		       STR_ARG(word));
}

/* The last matching pattern of either kind does not count, the first does: git-apply(1),
 * "--include". With any include, what matches nothing stays out. */
bool am_path_wanted(const struct am_apply_options *o, struct str path)
{
	bool any_include = false;

	for (size_t i = 0; i < o->filters.n; i++) {
		if (str_glob(path, o->filters.v[i].pattern))
			return o->filters.v[i].include;
		any_include = any_include || o->filters.v[i].include;
	}
	return !any_include;
}
