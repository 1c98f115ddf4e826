/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A map from strings to numbers, in an arena. Keys are not copied and must live as long;
 * nothing is ever taken out. A number that was never set is 0, so that 0 means absent.
 */
#ifndef BASE_STRMAP_H
#define BASE_STRMAP_H

#include "base/arena.h"

struct strmap_slot {
	struct str key; /* p NULL: free */
	size_t value;
};
struct strmap {
	struct strmap_slot *slots;
	size_t n, cap; /* cap is a power of two, or 0 */
};

/** The number of a key, 0 when it has none. */
size_t strmap_get(const struct strmap *m, struct str key);
/** Where the number of a key is kept, until the next call; a new key has 0. Amortised
 *  O(1). */
size_t *strmap_at(struct strmap *m, struct str key, struct arena *a);

#endif
