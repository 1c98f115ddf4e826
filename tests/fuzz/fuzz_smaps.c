/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as smaps. Properties:
 *  - every mapping ends behind its start;
 *  - parse(print(x)) == x for everything that is kept;
 *  - there is a verdict for every mapping.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sys/smaps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *property)
{
	if (holds)
		return;
	fprintf(stderr, "property broken: %s\n", property);
	abort();
}

static void add_kb(struct strbuf *b, const char *name, uint64_t bytes)
{
	strbuf_addf(b, "%s: %llu kB\n", name, (unsigned long long)bytes >> 10);
}

static void print(struct strbuf *b, const struct smaps_map *m)
{
	strbuf_addf(b, "%llx-%llx ", (unsigned long long)m->start,
		    (unsigned long long)m->end);
	strbuf_add(b, str_n(m->perms, 4));
	strbuf_addf(b, " %llx %x:%x %llu  ", (unsigned long long)m->offset, m->major,
		    m->minor, (unsigned long long)m->inode);
	strbuf_add(b, m->path);
	strbuf_addz(b, "\r\n");
	add_kb(b, "Rss", m->rss);
	add_kb(b, "KernelPageSize", m->kernel_page);
	add_kb(b, "MMUPageSize", m->mmu_page);
	add_kb(b, "Anonymous", m->anon);
	add_kb(b, "Swap", m->swap);
	add_kb(b, "AnonHugePages", m->anon_huge);
	add_kb(b, "ShmemPmdMapped", m->shmem_huge);
	add_kb(b, "FilePmdMapped", m->file_huge);
	add_kb(b, "Shared_Hugetlb", m->shared_hugetlb);
	add_kb(b, "Private_Hugetlb", m->private_hugetlb);
	if (m->thp_eligible.known)
		strbuf_addf(b, "THPeligible: %llu\n",
			    (unsigned long long)m->thp_eligible.v);
	strbuf_addz(b, "VmFlags: ");
	strbuf_add(b, m->flags);
	strbuf_addc(b, '\n');
}

static void same(const struct smaps_map *x, const struct smaps_map *y)
{
	must(x->start < x->end, "a mapping ends behind its start");
	must(x->start == y->start && x->end == y->end && x->offset == y->offset &&
		     x->inode == y->inode && x->major == y->major &&
		     x->minor == y->minor && !memcmp(x->perms, y->perms, 4) &&
		     str_eq(x->path, y->path) && str_eq(x->flags, y->flags),
	     "a printed mapping is read as it was");
	must(x->rss == y->rss && x->kernel_page == y->kernel_page &&
		     x->mmu_page == y->mmu_page && x->anon == y->anon &&
		     x->swap == y->swap && smaps_huge(x) == smaps_huge(y) &&
		     x->thp_eligible.known == y->thp_eligible.known &&
		     x->thp_eligible.v == y->thp_eligible.v,
	     "and so are its figures");
	must(smaps_verdict(x, STR("madvise"), 2 << 20)[0] != '\0', "there is a verdict");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(printed, 64 << 20);
	struct smaps one, two;
	struct err err;

	if (!smaps_parse(a, text, &one, &err))
		return 0;
	for (size_t i = 0; i < one.n; i++)
		print(&printed, &one.v[i]);
	must(smaps_parse(a, strbuf_str(&printed), &two, &err), err.msg);
	must(one.n == two.n, "no mapping is lost");
	for (size_t i = 0; i < one.n; i++)
		same(&one.v[i], &two.v[i]);
	return 0;
}
