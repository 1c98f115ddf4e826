/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arenas: a chain of blocks, newest first, each filled from the front. A request that
 * does not fit gets a block of its own or of twice the last size, so the number of
 * malloc() calls grows with the logarithm of the bytes. Under ASan the unused rest of
 * every block is poisoned.
 *
 * Large requests are mapped: the kernel's pages are zero as they come, so what is never
 * used costs nothing, and an array that grows is moved by its page table, not copied and
 * left behind.
 */
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/arena.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

enum {
	FIRST_BLOCK = 4096,
	LAST_BLOCK = 1 << 20, /* what is larger is mapped */
	FIRST_ROOM = 128,     /* of an array that begins to grow */
};

struct block {
	struct block *older;
	size_t size, used;
	unsigned char *bytes; /* `own`, or a mapping */
	alignas(max_align_t) unsigned char own[];
};

struct arena {
	struct block *top;
	size_t given;
};

static void out_of_memory(void)
{
	fputs("kcrib: out of memory\n", stderr);
	abort();
}

/* ---- mappings: from NULL a new one, of zeros; to nothing: it is gone ---- */

#ifdef __SANITIZE_ADDRESS__
/* What lies in a mapping is not looked at for the pointers that keep other memory. */
static void *map_resize(void *old, size_t old_size, size_t size)
{
	unsigned char *p = size ? realloc(old, size) : NULL;

	if (!size)
		free(old);
	else if (!p)
		out_of_memory();
	else
		memset(p + old_size, 0, size - old_size);
	return p;
}
#else
static void *map_resize(void *old, size_t old_size, size_t size)
{
	void *p = NULL;

	if (!size)
		munmap(old, old_size);
	else if (old)
		p = mremap(old, old_size, size, MREMAP_MAYMOVE);
	else
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	if (p == MAP_FAILED)
		out_of_memory();
	return p;
}
#endif

static bool is_mapped(const struct block *b)
{
	return b->bytes != b->own;
}

static struct block *block_new(size_t size, struct block *older)
{
	bool mapped = size > LAST_BLOCK;
	struct block *b = malloc(sizeof(*b) + (mapped ? 0 : size));

	if (!b)
		out_of_memory();
	b->older = older;
	b->size = size;
	b->used = 0;
	b->bytes = mapped ? map_resize(NULL, 0, size) : b->own;
	ASAN_POISON_MEMORY_REGION(b->bytes, size);
	return b;
}

static void block_free(struct block *b)
{
	ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->size);
	if (is_mapped(b))
		map_resize(b->bytes, b->size, 0);
	free(b);
}

struct arena *arena_new(void)
{
	struct arena *a = malloc(sizeof(*a));

	if (!a)
		out_of_memory();
	a->top = block_new(FIRST_BLOCK, NULL);
	a->given = 0;
	return a;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	for (struct block *b = a->top, *older; b; b = older) {
		older = b->older;
		block_free(b);
	}
	free(a);
}

void *arena_alloc(struct arena *a, size_t n)
{
	size_t need;
	void *p;

	if (n > SIZE_MAX / 4)
		out_of_memory();
	need = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (!need)
		need = alignof(max_align_t);
	if (a->top->size - a->top->used < need) {
		size_t size = a->top->size * 2;

		if (size > LAST_BLOCK)
			size = LAST_BLOCK;
		a->top = block_new(size > need ? size : need, a->top);
	}
	p = a->top->bytes + a->top->used;
	ASAN_UNPOISON_MEMORY_REGION(p, n ? n : 1);
	a->top->used += need;
	a->given += need;
	return is_mapped(a->top) ? p : memset(p, 0, n ? n : 1);
}

void *arena_calloc(struct arena *a, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		out_of_memory();
	return arena_alloc(a, n);
}

char *arena_cstr(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

struct str arena_str(struct arena *a, struct str s)
{
	return str_n(arena_cstr(a, s), s.n);
}

static PRINTF_LIKE(2, 0) struct str
	vprintf_arena(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		n = 0;
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	return str_n(p, (size_t)n);
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	struct str s;
	va_list ap;

	va_start(ap, fmt);
	s = vprintf_arena(a, fmt, ap);
	va_end(ap);
	return (char *)(uintptr_t)s.p;
}

struct str arena_strf(struct arena *a, const char *fmt, ...)
{
	struct str s;
	va_list ap;

	va_start(ap, fmt);
	s = vprintf_arena(a, fmt, ap);
	va_end(ap);
	return s;
}

struct arena_mark arena_mark(struct arena *a)
{
	return (struct arena_mark){ a->top, a->top->used };
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
	struct block *b = a->top;

	while (b != mark.block) {
		struct block *older = b->older;

		block_free(b);
		b = older;
	}
	a->top = b;
	/* an array that had its block alone has grown since, or is gone */
	b->used = is_mapped(b) || mark.used > b->size ? b->size : mark.used;
	ASAN_POISON_MEMORY_REGION(b->bytes + b->used, b->size - b->used);
}

void arena_reset(struct arena *a)
{
	struct block *first = a->top;

	while (first->older)
		first = first->older;
	arena_rewind(a, (struct arena_mark){ first, 0 });
	a->given = 0;
}

size_t arena_used(const struct arena *a)
{
	return a->given;
}

/* The mapping that is an array and nothing else, or NULL. */
static struct block *mapping_of(const struct arena *a, const void *v)
{
	struct block *b = a->top;

	while (b && (b->bytes != v || !is_mapped(b)))
		b = b->older;
	return b;
}

void arena_drop(struct arena *a, void *v)
{
	struct block *b = v ? mapping_of(a, v) : NULL;

	if (!b)
		return;
	ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->size);
	map_resize(b->bytes, b->size, 0);
	b->bytes = b->own;
	b->size = b->used = 0;
}

void *arena_grow(struct arena *a, void *v, size_t n, size_t *cap, size_t size)
{
	size_t want, bytes;
	struct block *b;
	void *p;

	if (v && n < *cap)
		return v;
	want = *cap ? *cap * 2 : FIRST_ROOM / size + 1;
	if (__builtin_mul_overflow(want, size, &bytes))
		out_of_memory();
	b = bytes > LAST_BLOCK && v ? mapping_of(a, v) : NULL;
	if (b) {
		ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->size);
		p = b->bytes = map_resize(b->bytes, b->size, bytes);
		a->given += bytes - b->size;
		b->size = b->used = bytes;
	} else {
		p = arena_calloc(a, want, size);
		if (n)
			memcpy(p, v, n * size);
	}
	*cap = want;
	return p;
}
