/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a libFuzzer target without libFuzzer: each file given, then `-runs=N` mutations of
 * them, the same ones on every machine. Built with clang -fsanitize=fuzzer, leave this
 * file out and hand the same files in as a corpus.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_SEEDS = 256, MAX_INPUT = 1 << 16 };

struct fuzz {
	uint64_t state;
	struct str seeds[MAX_SEEDS];
	size_t n;
};

static size_t draw(struct fuzz *f, size_t below)
{
	f->state ^= f->state >> 12;
	f->state ^= f->state << 25;
	f->state ^= f->state >> 27;
	return below ? (size_t)(f->state * 0x2545f4914f6cdd1d >> 32) % below : 0;
}

/* A piece of some seed, cut at line ends half of the time. */
static struct str piece(struct fuzz *f)
{
	struct str s = f->seeds[draw(f, f->n)];

	s = str_from(s, draw(f, s.n));
	if (draw(f, 2)) {
		ptrdiff_t lf = str_chr(s, '\n');

		s = str_from(s, (size_t)(lf + 1));
	}
	return str_sub(s, 0, 1 + draw(f, draw(f, 8) ? 200 : 6000));
}

static void one_input(struct fuzz *f, struct strbuf *in)
{
	static const char BYTES[] = "\0\n\r\t =?-+@>\\\"\xff\xc3";

	strbuf_clear(in);
	for (size_t n = 1 + draw(f, 6); n; n--)
		strbuf_add(in, piece(f));
	for (size_t n = in->n ? draw(f, 10) : 0; n; n--) {
		size_t at = draw(f, in->n);

		in->p[at] = draw(f, 2) ? BYTES[draw(f, sizeof(BYTES) - 1)]
				       : (char)draw(f, 256);
	}
}

/* A copy of exactly the size, so that one byte too far is seen by ASan. */
static void run(struct str in)
{
	uint8_t *copy = malloc(in.n ? in.n : 1);

	if (!copy)
		abort();
	if (in.n)
		memcpy(copy, in.p, in.n);
	LLVMFuzzerTestOneInput(copy, in.n);
	free(copy);
}

int main(int argc, char **argv)
{
	struct fuzz f = { .state = 0x9e3779b97f4a7c15 };
	struct arena *a = arena_new();
	STRBUF_AUTO(in, MAX_INPUT);
	uint64_t runs = 0;

	for (int i = 1; i < argc; i++) {
		struct str arg = str_of(argv[i]);
		STRBUF_AUTO(file, 1 << 22);
		struct err err;

		if (str_skip(&arg, STR("-runs=")) && str_to_u64(arg, &runs))
			continue;
		if (f.n == MAX_SEEDS || !file_read(argv[i], &file, &err)) {
			fprintf(stderr, "%s: cannot be read as a seed\n", argv[i]);
			return 2;
		}
		f.seeds[f.n++] = arena_str(a, strbuf_str(&file));
		run(strbuf_str(&file));
	}
	for (uint64_t i = 0; f.n && i < runs; i++) {
		one_input(&f, &in);
		run(strbuf_str(&in));
	}
	arena_free(a);
	return 0;
}
