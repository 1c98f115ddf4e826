/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files with several names. Each is charged once, at the name whose folder has the
 * smallest (device, inode), then the smallest name: a rule that needs no order of
 * visiting, so every scan of an unchanged tree gives every folder the same total.
 *
 * A hash table in shards, each with its own lock; up to 60 bytes a name. All names are
 * kept, so that after a deletion the file is charged to the next one.
 */
#include <stdlib.h>

#include "du_impl.h"

enum { SHARDS = 16, NONE = 0xffffffff };

struct name {
	uint32_t folder, slot, next;
};

struct link {
	uint64_t dev, ino;
	uint32_t first, owner; /* names; NONE */
};

struct shard {
	pthread_mutex_t lock;
	struct link *links;
	struct name *names;
	uint32_t *slots; /* index of a link + 1; 0: free */
	size_t n_links, cap_links, n_names, cap_names, n_slots;
};

struct du_links {
	struct shard shards[SHARDS];
};

static void *grown(void *v, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	*cap = *cap ? *cap + *cap / 2 : 64;
	v = realloc(v, *cap * size);
	if (!v)
		abort();
	return v;
}

static uint64_t hash(uint64_t dev, uint64_t ino)
{
	uint64_t h = (ino ^ dev << 48) * 0x9e3779b97f4a7c15;

	return h ^ h >> 29;
}

struct du_links *du_links_new(void)
{
	struct du_links *links = calloc(1, sizeof(*links));

	if (!links)
		abort();
	for (int i = 0; i < SHARDS; i++)
		pthread_mutex_init(&links->shards[i].lock, NULL);
	return links;
}

void du_links_free(struct du_links *links)
{
	for (int i = 0; links && i < SHARDS; i++) {
		pthread_mutex_destroy(&links->shards[i].lock);
		free(links->shards[i].links);
		free(links->shards[i].names);
		free(links->shards[i].slots);
	}
	free(links);
}

static size_t find_slot(const struct shard *s, uint64_t dev, uint64_t ino)
{
	size_t at = hash(dev, ino) / SHARDS & (s->n_slots - 1);

	while (s->slots[at] && (s->links[s->slots[at] - 1].ino != ino ||
				s->links[s->slots[at] - 1].dev != dev))
		at = (at + 1) & (s->n_slots - 1);
	return at;
}

static void grow_slots(struct shard *s)
{
	if (s->n_links * 4 < s->n_slots * 3)
		return;
	s->n_slots = s->n_slots ? s->n_slots * 2 : 64;
	free(s->slots);
	s->slots = calloc(s->n_slots, sizeof(s->slots[0]));
	if (!s->slots)
		abort();
	for (size_t i = 0; i < s->n_links; i++)
		s->slots[find_slot(s, s->links[i].dev, s->links[i].ino)] =
			(uint32_t)i + 1;
}

static struct link *find_or_add(struct shard *s, uint64_t dev, uint64_t ino)
{
	size_t at;

	grow_slots(s);
	at = find_slot(s, dev, ino);
	if (!s->slots[at]) {
		s->links =
			grown(s->links, s->n_links, &s->cap_links, sizeof(s->links[0]));
		s->links[s->n_links++] = (struct link){ dev, ino, NONE, NONE };
		s->slots[at] = (uint32_t)s->n_links;
	}
	return &s->links[s->slots[at] - 1];
}

static struct du_entry *entry_of(const struct du *du, const struct name *name,
				 struct str *ret_name)
{
	struct du_entry *entries = du_entries(du_dir_at(du, name->folder));

	*ret_name = du_name(entries, &entries[name->slot]);
	return &entries[name->slot];
}

static bool before(const struct du *du, const struct name *a, const struct name *b)
{
	const struct du_dir *x = du_dir_at(du, a->folder), *y = du_dir_at(du, b->folder);
	struct str left, right;

	if (x->dev != y->dev)
		return x->dev < y->dev;
	if (x->ino != y->ino)
		return x->ino < y->ino;
	entry_of(du, a, &left);
	entry_of(du, b, &right);
	return str_cmp(left, right) < 0;
}

/* Charge a name of a file, or take the charge off. */
static void set_owner(struct du *du, const struct name *name, bool owner)
{
	struct str unused;
	struct du_entry *e = entry_of(du, name, &unused);

	if (owner) {
		atomic_fetch_and(&e->flags, (uint8_t)~DU_SHARED);
		du_charge(du, name->folder, e->disk, e->apparent, 0);
	} else {
		atomic_fetch_or(&e->flags, DU_SHARED);
		du_charge(du, name->folder, -e->disk, -e->apparent, 0);
	}
}

void du_links_add(struct du *du, uint32_t folder, uint32_t slot, uint64_t dev,
		  uint64_t ino)
{
	struct shard *s = &du->links->shards[hash(dev, ino) % SHARDS];
	struct link *link;
	uint32_t at;

	pthread_mutex_lock(&s->lock);
	link = find_or_add(s, dev, ino);
	s->names = grown(s->names, s->n_names, &s->cap_names, sizeof(s->names[0]));
	at = (uint32_t)s->n_names++;
	s->names[at] = (struct name){ folder, slot, link->first };
	link->first = at;
	if (link->owner == NONE || before(du, &s->names[at], &s->names[link->owner])) {
		if (link->owner != NONE)
			set_owner(du, &s->names[link->owner], false);
		set_owner(du, &s->names[at], true);
		link->owner = at;
	}
	pthread_mutex_unlock(&s->lock);
}

/* Unchain the names that are gone; find who pays now. */
static void forget_names(struct du *du, struct shard *s, struct link *link)
{
	uint32_t *at = &link->first, best = NONE;
	bool orphan = link->owner == NONE;

	while (*at != NONE) {
		struct name *name = &s->names[*at];

		if (du_is_gone(du, name->folder, name->slot)) {
			orphan |= *at == link->owner;
			*at = name->next;
			continue;
		}
		if (best == NONE || before(du, name, &s->names[best]))
			best = *at;
		at = &name->next;
	}
	if (!orphan)
		return;
	link->owner = best;
	if (best != NONE)
		set_owner(du, &s->names[best], true);
}

void du_links_forget(struct du *du)
{
	for (int i = 0; i < SHARDS; i++) {
		struct shard *s = &du->links->shards[i];

		pthread_mutex_lock(&s->lock);
		for (size_t k = 0; k < s->n_links; k++)
			forget_names(du, s, &s->links[k]);
		pthread_mutex_unlock(&s->lock);
	}
}
