/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * smaps: see sys/smaps.h. One pass over the text; names and flags are copied, so the text
 * may go.
 */
#include "sys/smaps.h"

/* Fields in kB with a place in struct smaps_map. */
static const struct {
	struct str name;
	size_t member;
} fields[] = {
	{ STR("Rss"), offsetof(struct smaps_map, rss) },
	{ STR("KernelPageSize"), offsetof(struct smaps_map, kernel_page) },
	{ STR("MMUPageSize"), offsetof(struct smaps_map, mmu_page) },
	{ STR("Anonymous"), offsetof(struct smaps_map, anon) },
	{ STR("Swap"), offsetof(struct smaps_map, swap) },
	{ STR("AnonHugePages"), offsetof(struct smaps_map, anon_huge) },
	{ STR("ShmemPmdMapped"), offsetof(struct smaps_map, shmem_huge) },
	{ STR("FilePmdMapped"), offsetof(struct smaps_map, file_huge) },
	{ STR("Shared_Hugetlb"), offsetof(struct smaps_map, shared_hugetlb) },
	{ STR("Private_Hugetlb"), offsetof(struct smaps_map, private_hugetlb) },
};

static bool eat_dev(struct str *s, struct smaps_map *m)
{
	uint64_t major, minor;

	if (!str_eat_u64(s, 16, &major) || !str_skip(s, STR(":")) ||
	    !str_eat_u64(s, 16, &minor) || major > UINT32_MAX || minor > UINT32_MAX)
		return false;
	m->major = (unsigned)major;
	m->minor = (unsigned)minor;
	return true;
}

/* "55b1390fa000-55b1390fb000 r--p " */
static bool eat_range(struct str *s, struct smaps_map *m)
{
	if (!str_eat_u64(s, 16, &m->start) || !str_skip(s, STR("-")) ||
	    !str_eat_u64(s, 16, &m->end) || !str_skip(s, STR(" ")) ||
	    m->start >= m->end || s->n < 5)
		return false;
	memcpy(m->perms, s->p, 4);
	*s = str_from(*s, 4);
	return str_skip(s, STR(" "));
}

/* "55b1390fa000-55b1390fb000 r--p 00000000 fe:00 10955114     /usr/bin/cat" */
bool smaps_head(struct str line, struct smaps_map *ret)
{
	struct smaps_map m = { .thp_eligible = figure_none("this kernel does not say") };
	struct str s = line;

	if (!eat_range(&s, &m) || !str_eat_u64(&s, 16, &m.offset) ||
	    !str_skip(&s, STR(" ")) || !eat_dev(&s, &m) || !str_skip(&s, STR(" ")) ||
	    !str_eat_u64(&s, 10, &m.inode) || (s.n && s.p[0] != ' '))
		return false;
	while (str_skip(&s, STR(" ")))
		;
	m.path = s;
	*ret = m;
	return true;
}

/* "AnonHugePages:    262144 kB"; false when the line is no field at all. */
static bool parse_field(struct arena *a, struct str line, struct smaps_map *m)
{
	struct str rest = line, name, word;
	uint64_t v;

	if (!str_cut(&rest, ':', &name) || !rest.p)
		return false;
	if (str_eq(name, STR("VmFlags"))) {
		m->flags = arena_str(a, str_trim(rest));
		return true;
	}
	if (!str_word(&rest, &word) || !str_to_u64(word, &v))
		return true;
	if (str_eq(name, STR("THPeligible")))
		m->thp_eligible = figure_of(v);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (str_eq(name, fields[i].name) && v <= UINT64_MAX >> 10)
			*(uint64_t *)((char *)m + fields[i].member) = v << 10;
	return true;
}

bool smaps_parse(struct arena *a, struct str text, struct smaps *ret, struct err *err)
{
	struct smaps list = { 0 };
	struct smaps_map m;

	STR_EACH_LINE (line, text) {
		if (smaps_head(line, &m)) {
			m.path = arena_str(a, m.path);
			*ARENA_PUSH(a, &list) = m;
		} else if (!list.n || !parse_field(a, line, &list.v[list.n - 1])) {
			return err_set(
				err, ERR_PARSE,
				"reading smaps: neither a mapping nor a field: " STR_FMT,
				STR_ARG(str_sub(line, 0, 80)));
		}
	}
	*ret = list;
	return true;
}

bool smaps_read(const struct root *root, struct arena *a, int64_t pid, struct smaps *ret,
		struct err *err)
{
	STRBUF_AUTO(buf, SMAPS_TEXT_MAX);
	char path[64];

	snprintf(path, sizeof(path), "proc/%lld/smaps", (long long)pid);
	return root_read(root, path, &buf, err) &&
	       smaps_parse(a, strbuf_str(&buf), ret, err);
}

bool smaps_rollup(const struct root *root, struct arena *a, int64_t pid,
		  struct smaps_map *ret, struct err *err)
{
	STRBUF_AUTO(buf, 1 << 16);
	struct smaps list;
	char path[64];

	snprintf(path, sizeof(path), "proc/%lld/smaps_rollup", (long long)pid);
	if (!root_read(root, path, &buf, err) ||
	    !smaps_parse(a, strbuf_str(&buf), &list, err))
		return false;
	if (!list.n)
		return err_set(err, ERR_NOTFOUND,
			       "reading %s: no memory map: a kernel "
			       "thread or a task that ended",
			       path);
	*ret = list.v[0];
	return true;
}

uint64_t smaps_huge(const struct smaps_map *m)
{
	return m->anon_huge + m->shmem_huge + m->file_huge + m->shared_hugetlb +
	       m->private_hugetlb;
}

static bool has_flag(const struct smaps_map *m, const char *flag)
{
	struct str rest = m->flags, word;

	while (str_word(&rest, &word))
		if (str_eq(word, str_of(flag)))
			return true;
	return false;
}

/* Does a whole aligned huge page fit in? */
static bool fits(const struct smaps_map *m, uint64_t pmd_size)
{
	uint64_t first = (m->start + pmd_size - 1) / pmd_size * pmd_size;

	return first >= m->start && first < m->end && m->end - first >= pmd_size;
}

/* Names of memory that is shared without being a file anybody wrote. */
static bool is_shmem(const struct smaps_map *m)
{
	static const char *const names[] = { "/dev/zero (deleted)", "/memfd:*", "/SYSV*",
					     "/dev/shm/*", NULL };

	return name_wanted(m->path, names);
}

/* Why the kernel would not even try. */
static const char *why_not_eligible(const struct smaps_map *m, struct str enabled)
{
	if (is_shmem(m))
		return "not eligible: shared memory, for which shmem_enabled decides";
	if (str_eq(enabled, STR("never")))
		return "not eligible: THP is off";
	if (m->inode || m->major || m->minor)
		return "not eligible: a file (needs read-only text or a huge shmem mount)";
	if (str_eq(enabled, STR("madvise")) && !has_flag(m, "hg"))
		return "not eligible: enabled is madvise and it did not ask";
	return m->thp_eligible.known ? "not eligible" : "this kernel does not say";
}

const char *smaps_verdict(const struct smaps_map *m, struct str enabled,
			  uint64_t pmd_size)
{
	if (has_flag(m, "ht") || m->shared_hugetlb || m->private_hugetlb)
		return "HugeTLB: taken from a pool";
	if (smaps_huge(m))
		return smaps_huge(m) < m->rss ? "partly in huge pages" : "in huge pages";
	if (has_flag(m, "io") || has_flag(m, "pf"))
		return "device memory";
	if (has_flag(m, "nh"))
		return "MADV_NOHUGEPAGE was asked for";
	if (!fits(m, pmd_size))
		return "no aligned huge page fits into it";
	if (!m->thp_eligible.known || !m->thp_eligible.v)
		return why_not_eligible(m, enabled);
	return m->rss ? "eligible, but none: fell back, or in smaller folios"
		      : "eligible, not touched yet";
}
