/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings of huge pages: see sys/knob.h. The knobs are a table of files and the places
 * they are found in; what the machine has is what exists. Refuses: values the file does
 * not offer, and files outside the table.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "knob_journal.h"
#include "sys/hugepage.h"
#include "sys/knob.h"

#define THP   "sys/kernel/mm/transparent_hugepage"
#define POOLS "sys/kernel/mm/hugepages"
#define NODES "sys/devices/system/node"

enum place { AT_POOL, AT_NODE_POOL, AT_THP, AT_SIZE, AT_KHUGEPAGED };

static const struct spec {
	enum place place;
	enum knob_kind kind;
	const char *file, *what;
} specs[] = {
	{ AT_THP, KNOB_CHOICE, "enabled", "who gets transparent huge pages at a fault" },
	{ AT_THP, KNOB_CHOICE, "defrag",
	  "what a fault does when no huge page is free: wait for compaction or not" },
	{ AT_THP, KNOB_CHOICE, "shmem_enabled",
	  "huge pages for the kernel's internal shmem mount: memfd, shared anonymous "
	  "memory, SysV" },
	{ AT_THP, KNOB_NUMBER, "use_zero_page",
	  "map the huge zero page at a read fault (1) or not (0)" },
	{ AT_POOL, KNOB_POOL, "nr_hugepages",
	  "pages the pool of this size keeps, whether used or not" },
	{ AT_POOL, KNOB_NUMBER, "nr_overcommit_hugepages",
	  "pages beyond the pool that may be made when asked for (surplus)" },
	{ AT_NODE_POOL, KNOB_POOL, "nr_hugepages",
	  "pages the pool of this size keeps on this NUMA node" },
	{ AT_SIZE, KNOB_CHOICE, "enabled",
	  "who gets folios of this size; inherit: as the top-level setting says" },
	{ AT_SIZE, KNOB_CHOICE, "shmem_enabled", "the same for shared memory and tmpfs" },
	{ AT_KHUGEPAGED, KNOB_NUMBER, "defrag",
	  "let khugepaged compact memory when no huge page is free (1) or not (0)" },
	{ AT_KHUGEPAGED, KNOB_NUMBER, "pages_to_scan",
	  "base pages khugepaged looks at each time it wakes" },
	{ AT_KHUGEPAGED, KNOB_NUMBER, "scan_sleep_millisecs",
	  "how long khugepaged sleeps between two scans; 0: never" },
	{ AT_KHUGEPAGED, KNOB_NUMBER, "alloc_sleep_millisecs",
	  "how long khugepaged waits after an allocation failed" },
	{ AT_KHUGEPAGED, KNOB_NUMBER, "max_ptes_none",
	  "how many untouched base pages a range may have to be collapsed" },
	{ AT_KHUGEPAGED, KNOB_NUMBER, "max_ptes_swap",
	  "how many swapped-out base pages a range may have to be collapsed" },
	{ AT_KHUGEPAGED, KNOB_NUMBER, "max_ptes_shared",
	  "how many shared base pages a range may have to be collapsed" },
};

/* "2M" */
static const char *size_word(struct arena *a, uint64_t size)
{
	unsigned shift = size >= 1 << 30 ? 30 : size >= 1 << 20 ? 20 : 10;

	return arena_printf(a, "%llu%c", (unsigned long long)size >> shift,
			    shift == 30   ? 'G'
			    : shift == 20 ? 'M'
					  : 'K');
}

static void add(const struct root *root, struct arena *a, const struct spec *spec,
		const char *id, const char *path, struct knobs *ret)
{
	if (root_exists(root, path))
		*ARENA_PUSH(a, ret) = (struct knob){ .id = str_of(id),
						     .path = path,
						     .what = spec->what,
						     .kind = spec->kind,
						     .node = -1 };
}

/* The knobs of every size folder below `dir`; `prefix` goes in front of their ids. */
static void add_sizes(const struct root *root, struct arena *a, const struct spec *spec,
		      const char *dir, const char *prefix, struct knobs *ret)
{
	struct root_list names;
	uint64_t size;
	size_t before;

	if (!root_list(root, a, dir, &names, NULL))
		return;
	for (size_t i = 0; i < names.n; i++) {
		if (!hugetlb_dir_size(names.v[i], &size))
			continue;
		before = ret->n;
		add(root, a, spec,
		    arena_printf(a, "%s%s/%s", prefix, size_word(a, size), spec->file),
		    arena_printf(a, "%s/" STR_FMT "/%s", dir, STR_ARG(names.v[i]),
				 spec->file),
		    ret);
		if (ret->n > before)
			ret->v[before].size = size;
	}
}

static void add_nodes(const struct root *root, struct arena *a, const struct spec *spec,
		      struct knobs *ret)
{
	struct root_list names;

	if (!root_list(root, a, NODES, &names, NULL))
		return;
	for (size_t i = 0; i < names.n; i++) {
		struct str digits = names.v[i];
		size_t before = ret->n;
		uint64_t node;

		if (!str_skip(&digits, STR("node")) || !str_to_u64(digits, &node) ||
		    node > INT32_MAX)
			continue;
		add_sizes(root, a, spec,
			  arena_printf(a, NODES "/" STR_FMT "/hugepages",
				       STR_ARG(names.v[i])),
			  arena_printf(a, STR_FMT "/", STR_ARG(names.v[i])), ret);
		for (size_t k = before; k < ret->n; k++)
			ret->v[k].node = (int)node;
	}
}

void knob_list(const struct root *root, struct arena *a, struct knobs *ret)
{
	struct knobs list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(specs); i++) {
		const struct spec *s = &specs[i];

		switch (s->place) {
		case AT_THP:
			add(root, a, s, s->file, arena_printf(a, THP "/%s", s->file),
			    &list);
			break;
		case AT_KHUGEPAGED:
			add(root, a, s, arena_printf(a, "khugepaged/%s", s->file),
			    arena_printf(a, THP "/khugepaged/%s", s->file), &list);
			break;
		case AT_POOL:
			add_sizes(root, a, s, POOLS, "", &list);
			break;
		case AT_SIZE:
			add_sizes(root, a, s, THP, "", &list);
			break;
		case AT_NODE_POOL:
			add_nodes(root, a, s, &list);
			break;
		}
	}
	*ret = list;
}

/* ---- finding one ---------------------------------------------------------------- */

static bool same_name(struct str path, struct str name)
{
	struct str tail = path;

	str_skip(&name, STR("/"));
	str_skip(&name, STR("sys/kernel/mm/"));
	str_skip(&name, STR("transparent_hugepage/"));
	str_skip(&tail, STR("sys/kernel/mm/"));
	str_skip(&tail, STR("transparent_hugepage/"));
	return str_eq(path, name) || str_eq(tail, name) ||
	       (str_skip(&tail, STR("hugepages/")) &&
		(str_eq(tail, name) ||
		 (str_skip(&name, STR("hugepages/")) && str_eq(tail, name))));
}

/* "nr_hugepages" means the default size, as /proc/sys/vm/nr_hugepages does. */
static bool is_default_pool(const struct root *root, struct arena *a,
			    const struct knob *knob, struct str name)
{
	static const char *const wanted[] = { "Hugepagesize", NULL };
	struct meminfo m;

	if (!knob->size || knob->node >= 0 || !str_starts(name, STR("nr_")) ||
	    !str_ends(knob->id, arena_strf(a, "/" STR_FMT, STR_ARG(name))))
		return false;
	m = meminfo_read(root, a, "proc/meminfo", wanted);
	return meminfo_get(&m, "Hugepagesize").v == knob->size;
}

/* Ids that end in the same file, or all that begin alike. */
static bool not_found(struct arena *a, const struct knobs *list, struct str name,
		      struct err *err)
{
	ptrdiff_t slash = str_rchr(name, '/');
	struct str file = str_from(name, (size_t)(slash + 1));
	STRBUF_AUTO(near, 300);

	for (size_t i = 0; i < list->n; i++)
		if (str_find(list->v[i].id, file) >= 0)
			strbuf_addf(&near, "%s" STR_FMT, near.n ? ", " : "",
				    STR_ARG(list->v[i].id));
	err_set(err, ERR_NOTFOUND, "looking for a setting: " STR_FMT ": %s",
		STR_ARG(name),
		list->n ? "no such knob on this machine"
			: "this machine has no knobs: no "
			  "/sys/kernel/mm here");
	if (near.n)
		return err_hint(err, "there are: %s", strbuf_z(&near));
	return err_hint(err, "examples: nr_hugepages, 2M/nr_hugepages, enabled, "
			     "64K/enabled, khugepaged/pages_to_scan");
}

bool knob_find(const struct root *root, struct arena *a, struct str name,
	       struct knob *ret, struct err *err)
{
	struct knobs list;

	knob_list(root, a, &list);
	for (size_t i = 0; i < list.n; i++)
		if (str_caseeq(list.v[i].id, name) ||
		    same_name(str_of(list.v[i].path), name) ||
		    is_default_pool(root, a, &list.v[i], name)) {
			*ret = list.v[i];
			return true;
		}
	return not_found(a, &list, name, err);
}

/* A file beside the knob's own. */
static struct figure beside(const struct root *root, struct arena *a,
			    const struct knob *knob, const char *file)
{
	struct str path = str_of(knob->path);
	ptrdiff_t slash = str_rchr(path, '/');

	return figure_read(root, a,
			   arena_printf(a, STR_FMT "/%s",
					STR_ARG(str_sub(path, 0, (size_t)slash)), file));
}

struct setting knob_value(const struct root *root, struct arena *a,
			  const struct knob *knob)
{
	struct setting s = setting_read(root, a, knob->path);
	struct figure surplus;
	uint64_t total;

	if (!s.known)
		return s;
	s.text = setting_chosen(s);
	if (knob->kind != KNOB_POOL || !str_to_u64(s.text, &total))
		return s;
	surplus = beside(root, a, knob, "surplus_hugepages");
	s.text = arena_strf(a, "%llu", (unsigned long long)(total - surplus.v));
	return s;
}

/* ---- looking before ---------------------------------------------------------------- */

static const struct {
	const char *file, *value, *means;
} meanings[] = {
	{ "enabled", "always", "every anonymous area that is large enough may get them" },
	{ "enabled", "madvise", "only areas that asked with madvise(MADV_HUGEPAGE)" },
	{ "enabled", "never", "no fault gets one; MADV_COLLAPSE still does" },
	{ "enabled", "inherit", "this size follows the top-level setting" },
	{ "defrag", "always", "every fault may wait for reclaim and compaction" },
	{ "defrag", "defer", "no fault waits; kswapd and kcompactd are woken" },
	{ "defrag", "defer+madvise",
	  "areas with madvise wait, all others wake kswapd and kcompactd" },
	{ "defrag", "madvise", "areas with madvise wait, all others take small pages" },
	{ "defrag", "never", "no fault waits and nobody is woken" },
	{ "shmem_enabled", "always", "try a huge page at every shmem allocation" },
	{ "shmem_enabled", "within_size", "only where it fits into the file's size" },
	{ "shmem_enabled", "advise", "only areas that asked with madvise" },
	{ "shmem_enabled", "never", "no huge pages for shmem" },
	{ "shmem_enabled", "deny", "none for any tmpfs mount, whatever its huge= says" },
	{ "shmem_enabled", "force", "for every tmpfs mount, whatever its huge= says" },
	{ "shmem_enabled", "inherit", "this size follows the top-level setting" },
};

static const char *meaning(const struct knob *knob, struct str value)
{
	struct str path = str_of(knob->path);
	struct str file = str_from(path, (size_t)(str_rchr(path, '/') + 1));

	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (str_eq(file, str_of(meanings[i].file)) &&
		    str_eq(value, str_of(meanings[i].value)))
			return meanings[i].means;
	return "";
}

static bool check_value(const struct root *root, struct arena *a, const struct knob *knob,
			struct str value, struct err *err)
{
	struct setting s = setting_read(root, a, knob->path);
	struct str rest = s.text, word;
	STRBUF_AUTO(all, 256);
	uint64_t v;

	if (knob->kind != KNOB_CHOICE) {
		if (str_to_u64(value, &v) && !str_starts(value, STR("0x")))
			return true;
		return err_set(err, ERR_USAGE,
			       "setting " STR_FMT ": " STR_FMT ": not a number",
			       STR_ARG(knob->id), STR_ARG(value));
	}
	while (setting_choice(&rest, &word)) {
		if (str_eq(word, value))
			return true;
		strbuf_addf(&all, " " STR_FMT, STR_ARG(word));
	}
	err_set(err, ERR_USAGE,
		"setting " STR_FMT ": " STR_FMT ": not a value this kernel takes",
		STR_ARG(knob->id), STR_ARG(value));
	return err_hint(err, "one of:%s", strbuf_z(&all));
}

/* Growing: free blocks against pages asked for. */
static void look_at_growth(const struct root *root, struct arena *a, uint64_t more,
			   struct knob_preview *p)
{
	const struct hugepage_sample *s = hugepage_sample(root, a, HUGEPAGE_REASONS);
	struct figure free = meminfo_get(&s->meminfo, "MemFree");
	unsigned order = 0;

	if (!s->buddy.n || !buddy_order(p->knob.size, s->page_size, &order)) {
		p->can_give = figure_none(s->buddy.why ? s->buddy.why : "unknown order");
	} else if (order >= s->buddy.v[0].orders) {
		p->can_give = figure_none("pages of this size are put together from "
					  "ranges, not taken from the free lists");
	} else {
		p->can_give = buddy_total(&s->buddy, p->knob.node, order);
	}
	if (!p->can_give.known) {
		p->outlook = arena_strf(
			a,
			"asks for %llu more pages; how many there are cannot be told "
			"(%s); free memory would do for %llu at most",
			(unsigned long long)more, p->can_give.why,
			(unsigned long long)(free.v / p->knob.size));
		return;
	}
	p->outlook = arena_strf(
		a, "asks for %llu more pages; %llu free blocks of order %u are there%s",
		(unsigned long long)more, (unsigned long long)p->can_give.v, order,
		p->can_give.v >= more ? ": enough"
				      : ": the rest only if compaction and reclaim find "
					"more");
}

static void look_at_shrink(const struct root *root, struct arena *a, uint64_t after,
			   struct knob_preview *p)
{
	struct figure total = setting_read(root, a, p->knob.path).known
				      ? figure_read(root, a, p->knob.path)
				      : figure_none("");
	struct figure free = beside(root, a, &p->knob, "free_hugepages");
	struct figure resv = beside(root, a, &p->knob, "resv_hugepages");
	uint64_t used = figure_minus(total, free).v;

	if (after >= used + resv.v)
		p->outlook =
			arena_strf(a,
				   "%llu pages are used and %llu reserved: the rest "
				   "goes back to the system",
				   (unsigned long long)used, (unsigned long long)resv.v);
	else
		p->outlook = arena_strf(
			a,
			"%llu pages are used and %llu reserved: %llu of them stay as "
			"surplus until they are freed",
			(unsigned long long)used, (unsigned long long)resv.v,
			(unsigned long long)(used + resv.v - after));
}

static void look_at_pool(const struct root *root, struct arena *a, struct knob_preview *p)
{
	uint64_t now = 0, after = 0;

	str_to_u64(p->now, &now);
	str_to_u64(p->after, &after);
	p->can_give = figure_none("the pool does not grow");
	if (after > now)
		look_at_growth(root, a, after - now, p);
	else if (after < now)
		look_at_shrink(root, a, after, p);
	p->means = arena_strf(a, "%llu pages of %s, %llu MiB, set aside for HugeTLB only",
			      (unsigned long long)after, size_word(a, p->knob.size),
			      (unsigned long long)(after * (p->knob.size >> 10)) >> 10);
}

static void look_at_right(const struct root *root, struct knob_preview *p)
{
	const char *path = p->knob.path;

	if (!root_is_live(root)) {
		p->why_not = "this is a recorded machine";
		return;
	}
	p->allowed = !faccessat(root_fd(root), path, W_OK, AT_EACCESS);
	if (!p->allowed)
		p->why_not = errno == EROFS ? "/sys is mounted read-only here"
					    : "only root may change it";
}

bool knob_preview(const struct root *root, struct arena *a, const struct knob *knob,
		  struct str value, struct knob_preview *ret, struct err *err)
{
	struct setting now = knob_value(root, a, knob);
	struct knob_preview p = { .knob = *knob, .outlook = STR("") };

	if (!check_value(root, a, knob, value, err))
		return false;
	p.now = now.known ? now.text : STR("?");
	p.after = arena_str(a, value);
	p.can_give = figure_none("not a pool");
	p.command = arena_strf(a, "echo " STR_FMT " | sudo tee /%s", STR_ARG(value),
			       knob->path);
	if (knob->kind == KNOB_POOL)
		look_at_pool(root, a, &p);
	else if (knob->kind == KNOB_CHOICE)
		p.means = str_of(meaning(knob, value));
	else
		p.means = str_of(knob->what);
	if (knob->kind == KNOB_CHOICE)
		p.outlook = STR("counts for faults from now on: what is mapped stays");
	look_at_right(root, &p);
	*ret = p;
	return true;
}

/* ---- doing and undoing ------------------------------------------------------------- */

static struct str boot_id(const struct root *root, struct arena *a)
{
	struct str id;

	return root_read_line(root, a, "proc/sys/kernel/random/boot_id", &id, NULL)
		       ? id
		       : STR("-");
}

/* Why the pool is not what was asked for. */
static void explain_pool(const struct root *root, struct arena *a, struct knob_change *c)
{
	struct knob_preview p = { .knob = c->knob };
	uint64_t asked = 0, got = 0;

	str_to_u64(c->asked, &asked);
	str_to_u64(c->got, &got);
	if (got < asked)
		look_at_growth(root, a, asked - got, &p);
	else
		look_at_shrink(root, a, asked, &p);
	c->sentence =
		arena_strf(a, "asked " STR_FMT ", got " STR_FMT ": %s" STR_FMT,
			   STR_ARG(c->asked), STR_ARG(c->got),
			   got < asked ? "no more could be allocated: it still " : "",
			   STR_ARG(p.outlook));
}

static bool write_knob(const struct root *root, const struct knob_change *c,
		       struct err *err)
{
	if (root_write(root, c->knob.path, c->asked, err))
		return true;
	if (err && err->sys == EINVAL)
		err_hint(err, "the kernel does not take " STR_FMT " for " STR_FMT,
			 STR_ARG(c->asked), STR_ARG(c->knob.id));
	return false;
}

static bool read_back(const struct root *root, struct arena *a, struct knob_change *c,
		      struct err *err)
{
	struct setting s = knob_value(root, a, &c->knob);

	if (!s.known)
		return err_set(err, ERR_IO, "reading back /%s: %s", c->knob.path, s.why);
	c->got = s.text;
	c->as_asked = str_eq(c->got, c->asked);
	if (c->as_asked)
		c->sentence = arena_strf(a, STR_FMT " is " STR_FMT ", it was " STR_FMT,
					 STR_ARG(c->knob.id), STR_ARG(c->got),
					 STR_ARG(c->before));
	else if (c->knob.kind == KNOB_POOL)
		explain_pool(root, a, c);
	else
		c->sentence =
			arena_strf(a, "asked " STR_FMT ", the kernel made it " STR_FMT,
				   STR_ARG(c->asked), STR_ARG(c->got));
	return true;
}

bool knob_set(const struct root *root, struct arena *a, const struct knob_preview *plan,
	      const char *journal, struct knob_change *ret, struct err *err)
{
	struct knob_change c = { .knob = plan->knob,
				 .before = plan->now,
				 .asked = plan->after };
	struct journal j;
	struct err late;
	bool ok;

	if (str_eq(plan->now, plan->after)) {
		c.got = plan->now;
		c.as_asked = true;
		c.sentence = arena_strf(a, STR_FMT " is " STR_FMT " already",
					STR_ARG(c.knob.id), STR_ARG(c.got));
		*ret = c;
		return true;
	}
	if (!plan->allowed) {
		err_set(err, ERR_DENIED, "setting " STR_FMT ": /%s: %s",
			STR_ARG(c.knob.id), c.knob.path, plan->why_not);
		return err_hint(err, "run: " STR_FMT, STR_ARG(plan->command));
	}
	if (!journal_open(a, journal, &j, err))
		return false;
	*ARENA_PUSH(a, &j) = (struct journal_entry){ boot_id(root, a), c.knob.id,
						     c.before, c.asked, STR("?") };
	ok = journal_save(&j, err);
	if (ok && !write_knob(root, &c, err)) {
		j.n--; /* nothing was changed, so nothing is to be undone */
		if (!journal_save(&j, &late))
			err_hint(err, "%s", late.msg);
		ok = false;
	} else if (ok && read_back(root, a, &c, err)) {
		j.v[j.n - 1].got = c.got;
		ok = journal_save(&j, err);
	} else {
		ok = false; /* changed, but to what is not known: the entry stays */
	}
	journal_close(&j);
	if (ok)
		*ret = c;
	return ok;
}

static bool undo_last(const struct root *root, struct arena *a, struct journal *j,
		      struct knob_change *c, struct err *err)
{
	const struct journal_entry *e = &j->v[j->n - 1];
	struct setting now;

	if (!knob_find(root, a, e->id, &c->knob, err))
		return false;
	now = knob_value(root, a, &c->knob);
	if (!now.known)
		return err_set(err, ERR_IO, "reading /%s: %s", c->knob.path, now.why);
	if (!str_eq(e->got, STR("?")) && !str_eq(now.text, e->got)) {
		err_set(err, ERR_CONFLICT,
			"undoing " STR_FMT ": somebody set it to " STR_FMT
			" since (we left it at " STR_FMT ")",
			STR_ARG(e->id), STR_ARG(now.text), STR_ARG(e->got));
		return err_hint(err,
				"to set it all the same: echo " STR_FMT " | sudo tee /%s",
				STR_ARG(e->before), c->knob.path);
	}
	c->before = now.text;
	c->asked = e->before;
	return write_knob(root, c, err) && read_back(root, a, c, err);
}

bool knob_undo(const struct root *root, struct arena *a, const char *journal,
	       struct knob_change *ret, struct err *err)
{
	struct knob_change c = { 0 };
	struct journal j;
	bool ok;

	if (!journal_open(a, journal, &j, err))
		return false;
	if (!j.n || !str_eq(j.v[j.n - 1].boot, boot_id(root, a)))
		ok = err_set(err, ERR_NOTFOUND, "undoing: %s",
			     j.n ? "the last change was before this boot, which reset it"
				 : "nothing was changed");
	else
		ok = undo_last(root, a, &j, &c, err);
	if (ok) {
		j.n--;
		ok = journal_save(&j, err);
	}
	journal_close(&j);
	if (ok)
		*ret = c;
	return ok;
}
