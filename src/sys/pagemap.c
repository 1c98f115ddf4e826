/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PAGEMAP_SCAN joined with maps: see pagemap.h. The request tells which ranges are huge;
 * maps tells whose they are: anonymous, shared memory and other files by their device,
 * and hugetlbfs is left out. The request could tell files from anonymous memory itself
 * (PAGE_IS_FILE), but then looks at every struct page, which costs ten times as much; and
 * a file mapping has no anonymous huge pages. Cost: 15 us for each GiB of huge pages, 0.5
 * ms for each GiB of small ones, 0.3 us for each mapping.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <linux/types.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "pagemap.h"
#include "sys/smaps.h"

/* The ABI of include/uapi/linux/fs.h since 6.7; build machines may have older headers. */
struct scan_region {
	__u64 start, end, categories;
};
struct scan_arg {
	__u64 size, flags, start, end, walk_end, vec, vec_len, max_pages;
	__u64 category_inverted, category_mask, category_anyof_mask, return_mask;
};
#define SCAN _IOWR('f', 16, struct scan_arg)
enum {
	CATEGORY_PRESENT = 1 << 3,
	CATEGORY_ZERO = 1 << 5, /* the huge zero page: nobody's memory */
	CATEGORY_HUGE = 1 << 6,
};

/* MFD_HUGE_SHIFT of linux/memfd.h */
enum { TEXT = 16384, REGIONS = 256, SHIFT_OF_SIZE = 26 };
static const uint64_t PIECE = 1 << 30;

enum kind { KIND_ANON, KIND_SHMEM, KIND_FILE, KINDS };

struct pagemap_walk {
	int pagemap, maps;
	uint64_t pmd_size;
	const struct pagemap_devs *devs;
	uint64_t at, end; /* what is left of the current mapping */
	enum kind kind;   /* of its pages */
	uint64_t sum[KINDS];
	size_t fill, used; /* bytes in text, and how many of them are done */
	char text[TEXT];
	struct scan_region regions[REGIONS];
};

/* Present huge pages in [*at, end), the zero page left out; moves *at on. */
static bool scan(struct pagemap_walk *w, uint64_t end)
{
	struct scan_arg arg = {
		.size = sizeof(arg),
		.start = w->at,
		.end = end,
		.vec = (uintptr_t)w->regions,
		.vec_len = REGIONS,
		.category_mask = CATEGORY_HUGE | CATEGORY_PRESENT | CATEGORY_ZERO,
		.category_inverted = CATEGORY_ZERO,
		.return_mask = CATEGORY_HUGE,
	};
	int n = ioctl(w->pagemap, SCAN, &arg);

	if (n < 0)
		return false;
	for (int i = 0; i < n; i++)
		w->sum[w->kind] += w->regions[i].end - w->regions[i].start;
	w->at = arg.walk_end > w->at ? arg.walk_end : end;
	return true;
}

bool pagemap_scan_works(void)
{
	struct scan_arg arg = { .size = sizeof(arg) };
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return false;
	ok = ioctl(fd, SCAN, &arg) >= 0;
	close(fd);
	return ok;
}

static void add_dev(struct arena *a, uint64_t **v, size_t *n, uint64_t dev)
{
	uint64_t *grown = arena_array(a, uint64_t, *n + 1);

	if (*n)
		memcpy(grown, *v, *n * sizeof(*grown));
	grown[(*n)++] = dev;
	*v = grown;
}

static bool memfd_dev(unsigned flags, uint64_t *ret)
{
	int fd = memfd_create("kcrib", MFD_CLOEXEC | flags);
	struct stat st;
	bool ok;

	if (fd < 0)
		return false;
	ok = !fstat(fd, &st);
	close(fd);
	if (ok)
		*ret = st.st_dev;
	return ok;
}

struct pagemap_devs pagemap_devs(const struct root *root, struct arena *a)
{
	struct mounts mounts = mountinfo_read(root, a);
	struct pagemap_devs devs = { 0 };
	uint64_t dev;

	for (size_t i = 0; i < mounts.n; i++) {
		const struct mount *m = &mounts.v[i];

		dev = makedev(m->major, m->minor);
		if (str_eq(m->type, STR("tmpfs")) || str_eq(m->type, STR("devtmpfs")))
			add_dev(a, &devs.shmem, &devs.n_shmem, dev);
		if (str_eq(m->type, STR("hugetlbfs")))
			add_dev(a, &devs.hugetlb, &devs.n_hugetlb, dev);
	}
	if (memfd_dev(0, &dev))
		add_dev(a, &devs.shmem, &devs.n_shmem, dev);
	for (unsigned shift = 14; shift < 35; shift++)
		if (memfd_dev(MFD_HUGETLB | shift << SHIFT_OF_SIZE, &dev))
			add_dev(a, &devs.hugetlb, &devs.n_hugetlb, dev);
	return devs;
}

static bool has_dev(const uint64_t *v, size_t n, uint64_t dev)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == dev)
			return true;
	return false;
}

bool pagemap_open(const struct root *root, int64_t pid, uint64_t pmd_size,
		  const struct pagemap_devs *devs, struct pagemap_walk **ret,
		  struct err *err)
{
	struct pagemap_walk *w;
	char path[64];
	int pagemap, maps;

	snprintf(path, sizeof(path), "proc/%lld/pagemap", (long long)pid);
	pagemap = root_openat(root, path, O_RDONLY, err);
	if (pagemap < 0)
		return false;
	snprintf(path, sizeof(path), "proc/%lld/maps", (long long)pid);
	maps = root_openat(root, path, O_RDONLY, err);
	if (maps < 0) {
		close(pagemap);
		return false;
	}
	w = malloc(sizeof(*w));
	if (!w)
		abort();
	w->pagemap = pagemap;
	w->maps = maps;
	w->pmd_size = pmd_size;
	w->devs = devs;
	w->at = w->end = 0;
	memset(w->sum, 0, sizeof(w->sum));
	w->fill = w->used = 0;
	*ret = w;
	return true;
}

void pagemap_walk_free(struct pagemap_walk *w)
{
	if (!w)
		return;
	close(w->pagemap);
	close(w->maps);
	free(w);
}

/* A private mapping of /dev/zero is anonymous memory with a name; a SysV segment may have
 * inode 0, but has a device. */
static bool is_anon(const struct smaps_map *m)
{
	return (!m->inode && !m->major && !m->minor) ||
	       (str_eq(m->path, STR("/dev/zero")) && m->perms[3] == 'p');
}

/* Take one mapping for scanning, if a huge page fits into it and it is no pool page. */
static void take_mapping(struct pagemap_walk *w, struct str line)
{
	struct smaps_map m;
	uint64_t dev, first;

	if (!smaps_head(line, &m))
		return;
	dev = makedev(m.major, m.minor);
	first = (m.start + w->pmd_size - 1) / w->pmd_size * w->pmd_size;
	if (first < m.start || first >= m.end || m.end - first < w->pmd_size ||
	    m.start >> 63 || has_dev(w->devs->hugetlb, w->devs->n_hugetlb, dev))
		return;
	w->at = first;
	w->end = m.end / w->pmd_size * w->pmd_size;
	w->kind = is_anon(&m)                                      ? KIND_ANON
		  : has_dev(w->devs->shmem, w->devs->n_shmem, dev) ? KIND_SHMEM
								   : KIND_FILE;
}

/* Lines that are whole in the text, until one begins a mapping to scan. */
static void use_lines(struct pagemap_walk *w)
{
	while (w->at >= w->end) {
		struct str rest = str_n(w->text + w->used, w->fill - w->used);
		ptrdiff_t lf = str_chr(rest, '\n');

		if (lf < 0)
			return;
		take_mapping(w, str_sub(rest, 0, (size_t)lf));
		w->used += (size_t)lf + 1;
	}
}

/* More text behind what is not used yet. 0 at the end, -1 when the process is gone. */
static ssize_t fill(struct pagemap_walk *w)
{
	ssize_t n;

	memmove(w->text, w->text + w->used, w->fill - w->used);
	w->fill -= w->used;
	w->used = 0;
	if (w->fill == TEXT) /* no path is that long; drop the line */
		w->fill = 0;
	do
		n = read(w->maps, w->text + w->fill, TEXT - w->fill);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		w->fill += (size_t)n;
	return n;
}

bool pagemap_step(struct pagemap_walk *w, struct pagemap_kinds *ret, bool *ret_ok)
{
	bool ok = true, more = true;
	ssize_t n;

	if (w->at < w->end) {
		ok = scan(w, w->end - w->at > PIECE ? w->at + PIECE : w->end);
		more = ok;
	} else {
		n = fill(w);
		ok = n >= 0;
		more = n > 0;
	}
	if (more) {
		use_lines(w);
		return true;
	}
	*ret = (struct pagemap_kinds){ w->sum[KIND_ANON], w->sum[KIND_SHMEM],
				       w->sum[KIND_FILE] };
	*ret_ok = ok;
	return false;
}
