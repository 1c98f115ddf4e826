/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measures the search: see search.sh.
 *
 *   search build DB [CORPUS]     built-in notes and the corpus (records of corpus.py)
 *   search quality DB SPEC [-v]  hit@1 of tests/spec/search/queries.spec
 *   search keys DB SPEC          CPU and wall time a keystroke, queries typed letter by
 *                                letter
 *   search save DB               time to save a note
 *   search open DB               time to open and answer the first query
 *   search find DB WORDS...      one query, for the curious
 */
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/note_codec.h"
#include "base/file.h"
#include "base/utf8.h"
#include "store/builtins.h"
#include "store/note_store.h"
#include "store/search.h"

enum { SCREEN_HITS = 200 /* as the workbench asks */ };

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const struct err *err)
{
	fprintf(stderr, "%s\n", err->msg);
	exit(3);
}

struct figures {
	double *v;
	size_t n, cap;
};

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print_figures(struct figures *f, const char *what)
{
	qsort(f->v, f->n, sizeof(*f->v), by_size);
	printf("  %-34s %7zu  median %8.2f  p90 %8.2f  p99 %8.2f  max %8.2f ms\n", what,
	       f->n, f->v[f->n / 2], f->v[f->n * 9 / 10], f->v[f->n * 99 / 100],
	       f->v[f->n - 1]);
}

static struct store *open_store(const char *path, bool fast)
{
	struct store_options opt = { .path = path,
				     .codec = &note_codec,
				     .builtins = builtin_notes,
				     .builtin_count = builtin_note_count,
				     .builtin_version = builtin_notes_version,
				     .no_sync = fast };
	struct store *s;
	struct err err;

	if (!store_open(&opt, &s, &err))
		die(&err);
	return s;
}

static struct searcher *open_searcher(const struct store *s)
{
	struct searcher *q;
	struct err err;

	if (!searcher_open(s, &q, &err))
		die(&err);
	return q;
}

static void add_record(struct store *s, struct str record, size_t number)
{
	STRBUF_AUTO(note, 8 << 20);
	struct str name = STR_NONE, title = STR_NONE, lang = STR_NONE;
	char slug[32];
	struct err err;

	str_cut(&record, '\x1f', &name);
	str_cut(&record, '\x1f', &title);
	str_cut(&record, '\x1f', &lang);
	strbuf_addz(&note, "---\ntitle: \"");
	for (size_t i = 0; i < title.n; i++)
		if (title.p[i] >= ' ' || (unsigned char)title.p[i] >= 0x80)
			strbuf_addf(&note, strchr("\"\\", title.p[i]) ? "\\%c" : "%c",
				    title.p[i]);
	strbuf_addf(&note, "\"\nlang: " STR_FMT "\n---\n", STR_ARG(lang));
	strbuf_add(&note, str_sub(record, 0, 1 << 20));
	snprintf(slug, sizeof(slug), "found-%zu", number);
	if (!note_save(s, str_of(slug), strbuf_str(&note), &err))
		die(&err);
}

static void build(const char *db, const char *corpus)
{
	STRBUF_AUTO(bytes, INT32_MAX);
	double start = wall_ms(), cpu = cpu_ms();
	struct store *s = open_store(db, true);
	struct str rest, record;
	struct err err;
	size_t n = 0;

	printf("built-in notes: %zu in %.1f ms wall, %.1f ms CPU\n", store_count(s),
	       wall_ms() - start, cpu_ms() - cpu);
	if (!corpus)
		goto out;
	if (!file_read(corpus, &bytes, &err) || !store_begin(s, "import", &err))
		die(&err);
	rest = strbuf_str(&bytes);
	while (str_cut(&rest, '\x1e', &record) && record.n)
		add_record(s, record, n++);
	if (!store_commit(s, &err))
		die(&err);
	printf("%zu notes, %.1f MB text: built in %.1f s wall, %.1f s CPU\n",
	       store_count(s), (double)bytes.n / 1e6, (wall_ms() - start) / 1e3,
	       (cpu_ms() - cpu) / 1e3);
out:
	store_free(s);
}

/* One line of the spec: kind TAB query TAB slug. */
static bool spec_line(struct str line, struct str *kind, struct str *query,
		      struct str *slug)
{
	return line.n && line.p[0] != '#' && str_cut(&line, '\t', kind) &&
	       str_cut(&line, '\t', query) && str_cut(&line, '\t', slug);
}

static bool is_right(struct str got, struct str want)
{
	return str_eq(got, want) ||
	       (str_starts(got, want) && str_eq(str_from(got, want.n), STR(".zh"))) ||
	       (str_starts(want, got) && str_eq(str_from(want, got.n), STR(".zh")));
}

static void quality(const char *db, const char *spec, bool verbose)
{
	static const char *const kinds[] = { "en",   "flag",  "symbol", "error",
					     "typo", "mixed", "zh" };
	size_t asked[ARRAY_SIZE(kinds)] = { 0 }, right[ARRAY_SIZE(kinds)] = { 0 };
	size_t all = 0, all_right = 0, first_right = 0;
	STRBUF_AUTO(text, 1 << 20);
	struct store *s = open_store(db, true);
	struct searcher *q = open_searcher(s);
	struct err err;

	if (!file_read(spec, &text, &err) || !searcher_warm(q, &err))
		die(&err);
	STR_EACH_LINE (line, strbuf_str(&text)) {
		struct search_query query = { .whole_words = false };
		struct search_result r;
		struct str kind, slug;
		AUTO(arena) a = arena_new();
		bool ok;

		if (!spec_line(line, &kind, &query.text, &slug))
			continue;
		if (!search_quick(q, a, &query, &r, &err))
			die(&err);
		first_right += r.n && is_right(r.v[0].slug, slug);
		if (!search_full(q, a, &query, &r, &err))
			die(&err);
		ok = r.n && is_right(r.v[0].slug, slug);
		all++;
		all_right += ok;
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
			if (!str_eq(kind, str_of(kinds[i])))
				continue;
			asked[i]++;
			right[i] += ok;
		}
		if (!verbose || ok)
			continue;
		printf("  " STR_FMT "\t" STR_FMT "\twant " STR_FMT " (%s)\n",
		       STR_ARG(kind), STR_ARG(query.text), STR_ARG(slug),
		       search_how_name(r.how));
		for (size_t i = 0; i < r.n; i++)
			if (i < 2 || is_right(r.v[i].slug, slug))
				printf("      %2zu %6.2f " STR_FMT " | " STR_FMT "\n",
				       i + 1, r.v[i].score, STR_ARG(r.v[i].slug),
				       STR_ARG(r.v[i].title));
	}
	printf("quality among %zu notes, hit@1: all %.1f %% (%zu of %zu)", store_count(s),
	       100.0 * (double)all_right / (double)all, all_right, all);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (asked[i])
			printf("  %s %.0f", kinds[i],
			       100.0 * (double)right[i] / (double)asked[i]);
	printf("  (in the first answer: all %.1f)\n",
	       100.0 * (double)first_right / (double)all);
	searcher_free(q);
	store_free(s);
}

static void add(struct arena *a, struct figures *f, double v)
{
	*ARENA_PUSH(a, f) = v;
}

/* SLOW=MS in the environment names the queries that took longer. */
static void tell_slow(const char *what, double ms, struct str query)
{
	const char *limit = getenv("SLOW");

	if (limit && ms > strtod(limit, NULL))
		printf("slow %s %6.2f " STR_FMT "\n", what, ms, STR_ARG(query));
}

/* Every query letter by letter, quick and full. */
static void keys(const char *db, const char *spec)
{
	AUTO(arena) all = arena_new();
	struct figures quick = { 0 }, full = { 0 }, quick_wall = { 0 }, full_wall = { 0 };
	STRBUF_AUTO(text, 1 << 20);
	struct store *s = open_store(db, true);
	struct searcher *q = open_searcher(s);
	double start = cpu_ms();
	size_t complete = 0, empty = 0, lines = 0;
	struct err err;

	if (!file_read(spec, &text, &err) || !searcher_warm(q, &err))
		die(&err);
	printf("%zu notes; words for the spelling read in %.1f ms CPU\n", store_count(s),
	       cpu_ms() - start);
	STR_EACH_LINE (line, strbuf_str(&text)) {
		struct str kind, typed, slug, rest;
		uint32_t cp;

		/* a third of the set is enough of keystrokes */
		if (!spec_line(line, &kind, &typed, &slug) || lines++ % 3)
			continue;
		rest = str_sub(typed, 0, 40);
		while (utf8_next(&rest, &cp)) {
			struct search_query query = {
				.text = str_n(typed.p, (size_t)(rest.p - typed.p)),
				.limit = SCREEN_HITS,
			};
			struct search_result r;
			AUTO(arena) a = arena_new();
			double c = cpu_ms(), w = wall_ms();

			if (!search_quick(q, a, &query, &r, &err))
				die(&err);
			add(all, &quick, cpu_ms() - c);
			add(all, &quick_wall, wall_ms() - w);
			tell_slow("first", quick.v[quick.n - 1], query.text);
			complete += r.complete;
			empty += !r.complete && !r.n;
			c = cpu_ms();
			w = wall_ms();
			if (!search_full(q, a, &query, &r, &err))
				die(&err);
			add(all, &full, cpu_ms() - c);
			tell_slow("whole", full.v[full.n - 1], query.text);
			add(all, &full_wall, wall_ms() - w);
		}
	}
	print_figures(&quick, "first answer, CPU");
	print_figures(&quick_wall, "first answer, wall");
	print_figures(&full, "whole answer, CPU");
	print_figures(&full_wall, "whole answer, wall");
	printf("  the first answer is the whole one for %zu of %zu keystrokes, and has "
	       "nothing yet for %zu\n",
	       complete, quick.n, empty);
	searcher_free(q);
	store_free(s);
}

static double thread_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* One who writes: saves, and a worker that does what the saves have put off. */
struct writer {
	struct store *s;
	struct searcher *q;
	int saves;
	pthread_t worker;
	bool tidies;
};

static void *tidy_aside(void *arg)
{
	store_tidy_work(arg);
	return NULL;
}

static void hand_over(struct writer *w)
{
	w->tidies = store_tidy_begin(w->s);
	if (w->tidies && pthread_create(&w->worker, NULL, tidy_aside, w->s))
		abort();
}

static void take_back(struct writer *w)
{
	if (!w->tidies)
		return;
	pthread_join(w->worker, NULL);
	store_tidy_end(w->s);
	w->tidies = false;
}

static void save_one(struct writer *w)
{
	AUTO(arena) a = arena_new();
	int i = w->saves++;
	const struct builtin *b = &builtin_notes[(size_t)i % builtin_note_count];
	struct str bytes = arena_strf(a, STR_FMT "\nedit %d\n", (int)b->n, b->bytes, i);
	char slug[40];
	struct err err;

	/* half of them new notes, half changes of a note that is there */
	snprintf(slug, sizeof(slug), "saved-%d", i / 2);
	if (!note_save(w->s, str_of(slug), bytes, &err))
		die(&err);
}

static void ask_one(struct writer *w)
{
	struct search_query query = { .text = STR("huge"), .limit = SCREEN_HITS };
	struct search_result r;
	AUTO(arena) a = arena_new();
	struct err err;

	if (!search_quick(w->q, a, &query, &r, &err))
		die(&err);
}

struct timed {
	const char *name;
	struct figures cpu, wall;
};

static void time_step(struct arena *a, struct timed *t, void (*step)(struct writer *),
		      struct writer *w)
{
	double cpu = thread_ms(), wall = wall_ms();

	step(w);
	add(a, &t->cpu, thread_ms() - cpu);
	add(a, &t->wall, wall_ms() - wall);
}

static void delete_saved(struct store *s, int saves)
{
	char slug[40];
	struct err err;

	for (int i = 0; 2 * i < saves; i++) {
		snprintf(slug, sizeof(slug), "saved-%d", i);
		if (!note_delete(s, str_of(slug), &err))
			die(&err);
	}
}

/* As the workbench does it: each save is tidied up after by a worker, while the user
 * types on. Every eighth save comes before the worker is through. */
static void save(const char *db)
{
	enum { SAVE, SAVE_AGAIN, HAND_OVER, ASK, STEPS };
	struct timed steps[STEPS] = {
		[SAVE].name = "save",
		[SAVE_AGAIN].name = "save while a worker tidies",
		[HAND_OVER].name = "handing over to the worker",
		[ASK].name = "first answer while it tidies",
	};
	AUTO(arena) a = arena_new();
	struct writer w = { .s = open_store(db, false) };

	w.q = open_searcher(w.s);
	for (int i = 0; i < 400; i++) {
		time_step(a, &steps[w.tidies ? SAVE_AGAIN : SAVE], save_one, &w);
		take_back(&w);
		time_step(a, &steps[HAND_OVER], hand_over, &w);
		time_step(a, &steps[ASK], ask_one, &w);
		if (i % 8)
			take_back(&w);
	}
	take_back(&w);
	for (int i = 0; i < STEPS; i++) {
		char name[60];

		snprintf(name, sizeof(name), "%s, CPU", steps[i].name);
		print_figures(&steps[i].cpu, name);
		snprintf(name, sizeof(name), "%s, wall", steps[i].name);
		print_figures(&steps[i].wall, name);
	}
	delete_saved(w.s, w.saves);
	searcher_free(w.q);
	store_free(w.s);
}

static void open_and_ask(const char *db)
{
	AUTO(arena) all = arena_new();
	struct figures cpu = { 0 }, wall = { 0 };

	for (int i = 0; i < 40; i++) {
		double c = cpu_ms(), w = wall_ms();
		struct store *s = open_store(db, false);
		struct searcher *q = open_searcher(s);
		struct search_query query = { .text = i % 2 ? STR("huge") : STR(""),
					      .limit = SCREEN_HITS };
		struct search_result r;
		AUTO(arena) a = arena_new();
		struct err err;

		if (!search_quick(q, a, &query, &r, &err))
			die(&err);
		add(all, &cpu, cpu_ms() - c);
		add(all, &wall, wall_ms() - w);
		searcher_free(q);
		store_free(s);
	}
	print_figures(&cpu, "open and first answer, CPU");
	print_figures(&wall, "open and first answer, wall");
}

static void find(const char *db, int argc, char **argv)
{
	STRBUF_AUTO(words, 4096);
	struct store *s = open_store(db, true);
	struct searcher *q = open_searcher(s);
	struct search_query query = { .snippets = true };
	struct search_result r;
	AUTO(arena) a = arena_new();
	struct err err;

	for (int i = 0; i < argc; i++)
		strbuf_addf(&words, "%s%s", i ? " " : "", argv[i]);
	query.text = strbuf_str(&words);
	if (!search_full(q, a, &query, &r, &err))
		die(&err);
	printf("%s " STR_FMT ", %zu notes, %.2f ms\n", search_how_name(r.how),
	       STR_ARG(r.shown), r.total, r.ms);
	for (size_t i = 0; i < r.n; i++)
		printf("%6.2f " STR_FMT " | " STR_FMT "\n       " STR_FMT "\n",
		       r.v[i].score, STR_ARG(r.v[i].slug), STR_ARG(r.v[i].title),
		       STR_ARG(r.v[i].snippet));
	searcher_free(q);
	store_free(s);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	if (!strcmp(what, "build"))
		build(argv[2], argc > 3 ? argv[3] : NULL);
	else if (!strcmp(what, "quality") && argc > 3)
		quality(argv[2], argv[3], argc > 4);
	else if (!strcmp(what, "keys") && argc > 3)
		keys(argv[2], argv[3]);
	else if (!strcmp(what, "save"))
		save(argv[2]);
	else if (!strcmp(what, "open"))
		open_and_ask(argv[2]);
	else if (!strcmp(what, "find"))
		find(argv[2], argc - 3, argv + 3);
	else
		return 2;
	return 0;
}
