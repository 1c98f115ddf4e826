/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regions of memory with one lifetime: a command, a sample, a session, a frame. Inside
 * a lifetime nothing is freed one by one; arena_free() or arena_rewind() ends all of it.
 * Running out of memory aborts the program, so every input is limited before it is
 * copied here.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/* Run `type`_freep on the variable when it goes out of scope. */
#define AUTO(type) __attribute__((cleanup(type##_freep), unused)) struct type *
#define DEFINE_FREEP(type)                                                               \
	static inline void type##_freep(struct type **p)                                 \
	{                                                                                \
		type##_free(*p);                                                         \
	}

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);
DEFINE_FREEP(arena)

/** Zeroed memory, aligned for any type; never NULL, also for n == 0. */
void *arena_alloc(struct arena *a, size_t n) __attribute__((returns_nonnull, malloc));
/** count * size with an overflow check (aborts). */
void *arena_calloc(struct arena *a, size_t count, size_t size)
	__attribute__((returns_nonnull, malloc));
#define arena_new_of(a, type)       ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, count) ((type *)arena_calloc((a), (count), sizeof(type)))

/** Copy of the bytes; a NUL follows that is not counted. */
struct str arena_str(struct arena *a, struct str s);
/** The same as a C string; NUL bytes inside stay. */
char *arena_cstr(struct arena *a, struct str s);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct str arena_strf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** Everything allocated after arena_mark() is given back by arena_rewind(). */
struct arena_mark {
	void *block;
	size_t used;
};
struct arena_mark arena_mark(struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark mark);
/** Give everything back, keep the first block for the next round. */
void arena_reset(struct arena *a);
/** Bytes handed out since the start or the last reset. */
size_t arena_used(const struct arena *a);

/** Nobody looks at this array any more: one that is large is given back at once, any
 *  other with the rest. */
void arena_drop(struct arena *a, void *v);
/** Grow an array that lives in the arena so that `*cap` > n; old bytes are kept.
 *  Used through ARENA_PUSH. */
void *arena_grow(struct arena *a, void *v, size_t n, size_t *cap, size_t size)
	__attribute__((returns_nonnull));

/* Append to a list {T *v; size_t n, cap;}: *ARENA_PUSH(a, &list) = item; */
#define ARENA_PUSH(a, list)                                                              \
	((list)->v = arena_grow((a), (list)->v, (list)->n, &(list)->cap,                 \
				sizeof(*(list)->v)),                                     \
	 &(list)->v[(list)->n++])

#endif
