/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open addressing, at most half full: see base/strmap.h.
 */
#include "base/strmap.h"

enum { FIRST_CAP = 64 };

/* The slot of the key, or the free one where it would go. */
static struct strmap_slot *slot_of(const struct strmap *m, struct str key)
{
	size_t at = str_hash(key) & (m->cap - 1);

	while (m->slots[at].key.p && !str_eq(m->slots[at].key, key))
		at = (at + 1) & (m->cap - 1);
	return &m->slots[at];
}

static void grow(struct strmap *m, struct arena *a)
{
	struct strmap old = *m;

	m->cap = old.cap ? old.cap * 2 : FIRST_CAP;
	m->slots = arena_array(a, struct strmap_slot, m->cap);
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].key.p)
			*slot_of(m, old.slots[i].key) = old.slots[i];
	arena_drop(a, old.slots);
}

size_t strmap_get(const struct strmap *m, struct str key)
{
	return m->n ? slot_of(m, key)->value : 0;
}

size_t *strmap_at(struct strmap *m, struct str key, struct arena *a)
{
	struct strmap_slot *slot;

	if (m->n * 2 >= m->cap)
		grow(m, a);
	slot = slot_of(m, key);
	if (!slot->key.p) {
		slot->key = str_n(key.p ? key.p : "", key.n);
		m->n++;
	}
	return &slot->value;
}
