/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target without libFuzzer: every file of its corpus as it is, then mutations
 * of those files. The mutations follow from a fixed seed, so a run can be repeated and is
 * an ordinary test.
 *
 *     fuzz_x [-runs=N | -max_total_time=SECONDS] [FILE|FOLDER]...
 *
 * The options are libFuzzer's. With a time, the input at hand is kept in crash-NAME of
 * the working folder while it runs, and stays there when the target aborts.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/loop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { INPUT_MAX = 1 << 16, CORPUS_MAX = 4096, DEFAULT_RUNS = 4000 };

struct corpus {
	struct arena *arena;
	struct str *v;
	size_t n, cap;
};

/* SplitMix64: small, and the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t n)
{
	return n ? (size_t)(next_random(state) % n) : 0;
}

/* What a dying process still knows. */
static struct {
	char path[256];
	struct str input;
} last;

static void on_death(int sig)
{
	int fd = open(last.path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd >= 0 && write(fd, last.input.p, last.input.n) == (ssize_t)last.input.n)
		close(fd);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void run_one(struct str input)
{
	/* its own block of memory, so that a byte read behind it is noticed */
	uint8_t *copy = malloc(input.n ? input.n : 1);

	if (!copy)
		abort();
	if (input.n)
		memcpy(copy, input.p, input.n);
	last.input = str_n((const char *)copy, input.n);
	LLVMFuzzerTestOneInput(copy, input.n);
	last.input = STR_NONE;
	free(copy);
}

/* Bytes that parsers care about. */
static const char *const tokens[] = {
	"\n",    "\r\n",  "\t",   "  ",   "\0",   "-",
	"--",    "---\n", "```",  "[",    "]",    "{{",
	"}}",    "<a>",   "\"",   "'",    "\\",   "$",
	"@@",    "+1,9",  "#",    ":",    "0",    "-1",
	"大",    "\xff",  "\x1b", "\xe2", "0x7f", "%",
	"From ", "diff ", "=?",   "?=",   "*",    "99999999999999999999",
};

static void insert(struct strbuf *b, size_t at, struct str what)
{
	STRBUF_AUTO(tail, 2 * INPUT_MAX);

	strbuf_add(&tail, str_from(strbuf_str(b), at));
	strbuf_truncate(b, at);
	strbuf_add(b, what);
	strbuf_add(b, strbuf_str(&tail));
}

static void erase(struct strbuf *b, size_t at, size_t n)
{
	STRBUF_AUTO(tail, 2 * INPUT_MAX);

	strbuf_add(&tail, str_from(strbuf_str(b), at + n));
	strbuf_truncate(b, at);
	strbuf_add(b, strbuf_str(&tail));
}

static void mutate_once(struct strbuf *b, const struct corpus *c, uint64_t *random)
{
	size_t at = below(random, b->n + 1), n = 1 + below(random, 16);
	struct str other = c->v[below(random, c->n)];
	const char *token = tokens[below(random, ARRAY_SIZE(tokens))];

	switch (next_random(random) % 7) {
	case 0: /* a bit */
		if (at < b->n)
			b->p[at] = (char)(b->p[at] ^ (1 << below(random, 8)));
		break;
	case 1: /* a byte */
		if (at < b->n)
			b->p[at] = (char)below(random, 256);
		break;
	case 2:
		erase(b, at, n);
		break;
	case 3: /* a token; the empty one stands for NUL */
		insert(b, at, *token ? str_of(token) : str_n("", 1));
		break;
	case 4: /* a piece of itself once more */
		if (at < b->n) {
			STRBUF_AUTO(piece, INPUT_MAX);

			strbuf_add(&piece, str_sub(strbuf_str(b), at, n * 4));
			insert(b, at, strbuf_str(&piece));
		}
		break;
	case 5: /* a piece of another input */
		insert(b, at, str_sub(other, below(random, other.n + 1), n * 4));
		break;
	default: /* cut short */
		strbuf_truncate(b, at);
		break;
	}
}

static void add_path(struct corpus *c, const char *path)
{
	struct stat st;
	struct err err;
	DIR *d;

	if (stat(path, &st) < 0 || c->n >= CORPUS_MAX)
		return;
	if (!S_ISDIR(st.st_mode)) {
		STRBUF_AUTO(b, INPUT_MAX);

		if (file_read(path, &b, &err))
			*ARENA_PUSH(c->arena, c) = arena_str(c->arena, strbuf_str(&b));
		return;
	}
	d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));)
		if (e->d_name[0] != '.')
			add_path(c, arena_printf(c->arena, "%s/%s", path, e->d_name));
	if (d)
		closedir(d);
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool go_on(uint64_t done, uint64_t mutations, int64_t end_ms)
{
	return end_ms ? loop_now_ms() < end_ms : done < mutations;
}

/* The seed of a mutation is its number. */
static uint64_t run_mutations(struct corpus *c, uint64_t mutations, int64_t end_ms)
{
	uint64_t done = 0;

	for (; go_on(done, mutations, end_ms); done++) {
		STRBUF_AUTO(b, INPUT_MAX);
		uint64_t random = done;
		size_t steps = 1 + below(&random, 8);

		strbuf_add(&b, c->v[below(&random, c->n)]);
		for (size_t i = 0; i < steps; i++)
			mutate_once(&b, c, &random);
		run_one(strbuf_str(&b));
	}
	return done;
}

static bool take_number(const char *arg, const char *option, uint64_t *ret)
{
	struct str s = str_of(arg);

	return str_skip(&s, str_of(option)) && str_to_u64(s, ret);
}

int main(int argc, char **argv)
{
	AUTO(arena) arena = arena_new();
	struct corpus corpus = { .arena = arena };
	uint64_t mutations = DEFAULT_RUNS, seconds = 0;
	const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];

	snprintf(last.path, sizeof(last.path), "crash-%s", name);
	signal(SIGABRT, on_death);
	for (int i = 1; i < argc; i++)
		if (!take_number(argv[i], "-runs=", &mutations) &&
		    !take_number(argv[i], "-max_total_time=", &seconds))
			add_path(&corpus, argv[i]);
	*ARENA_PUSH(arena, &corpus) = STR("");
	qsort(corpus.v, corpus.n, sizeof(corpus.v[0]), by_text); /* not readdir's order */
	for (size_t i = 0; i < corpus.n; i++)
		run_one(corpus.v[i]);
	mutations = run_mutations(&corpus, mutations,
				  seconds ? loop_now_ms() + 1000 * (int64_t)seconds : 0);
	printf("%s: %zu inputs, %llu mutations\n", name, corpus.n,
	       (unsigned long long)mutations);
	return 0;
}
