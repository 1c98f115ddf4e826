/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Huge pages: the panel, its settings and the drill-down. Every change is shown before it
 * is made, read back, and can be undone.
 */
#include <math.h>
#include <time.h>

#include "app/source.h"
#include "base/file.h"
#include "commands.h"
#include "pages.h"

enum { PERIOD_MS = 1000 };

/* CPU that the ranking of processes may take of one refresh of the panel. */
static const double BUDGET_MS = 5;
/* Mounts and control groups change seldom and cost a walk. */
static const uint64_t SLOW_NS = 10000000000;

struct pages {
	const struct root *root;
	bool processes;
	struct hugeproc_scan *scan; /* NULL unless processes */
	struct arena *kept;         /* the counters of the last sample */
	const struct hugepage_sample *older;
	struct arena *slow_arena; /* mounts and groups, copied into each sample */
	const struct hugepage_sample *slow;
};

static bool pages_open(void *self, struct ctx *ctx, const struct args *args,
		       struct err *err)
{
	struct pages *p = self;

	p->root = ctx_root(ctx, err);
	if (!p->root)
		return false;
	p->processes = !args_has(args, "watch") || args_has(args, "processes");
	p->scan = hugeproc_scan_new(BUDGET_MS);
	p->kept = arena_new();
	p->slow_arena = arena_new();
	return true;
}

static void pages_close(void *self)
{
	struct pages *p = self;

	hugeproc_scan_free(p->scan);
	arena_free(p->kept);
	arena_free(p->slow_arena);
}

/* A whole sample whose mounts and groups may be some seconds old. */
static const struct hugepage_sample *take_sample(struct pages *p, struct arena *a)
{
	const struct hugepage_sample *read = hugepage_sample(
		p->root, a, HUGEPAGE_POOLS | HUGEPAGE_THP | HUGEPAGE_REASONS);
	struct hugepage_sample *s;

	if (!p->slow || read->time_ns - p->slow->time_ns > SLOW_NS) {
		arena_reset(p->slow_arena);
		p->slow = hugepage_sample(p->root, p->slow_arena,
					  HUGEPAGE_POOLS | HUGEPAGE_CGROUPS);
	}
	s = arena_new_of(a, struct hugepage_sample);
	*s = *read;
	s->mounts = hugetlb_mounts_keep(a, &p->slow->mounts);
	s->cgroups = hugetlb_cgroups_keep(a, &p->slow->cgroups);
	return s;
}

static bool pages_sample(void *self, struct arena *a, struct record **ret,
			 struct err *err)
{
	struct pages *p = self;
	struct pages_view view = { .now = take_sample(p, a), .older = p->older };
	struct hugeproc_rows rows;

	if (p->processes) {
		if (!hugeproc_refresh(p->scan, p->root, a, view.now, &rows, err))
			return false;
		view.processes = &rows;
	}
	*ret = pages_record(a, &view);
	arena_reset(p->kept);
	p->older = hugepage_keep(p->kept, view.now);
	return true;
}

static void pages_shell_line(void *self, const struct ref *subject, struct strbuf *b)
{
	const struct pages *p = self;
	AUTO(arena) a = arena_new();
	struct knob knob;

	if (subject && subject->kind == REF_PID)
		strbuf_addf(b,
			    "grep -E 'Huge|PmdMapped|Hugetlb' /proc/" STR_FMT
			    "/smaps_rollup",
			    STR_ARG(subject->id));
	else if (subject && subject->kind == REF_KNOB &&
		 knob_find(p->root, a, subject->id, &knob, NULL))
		strbuf_addf(b, "cat /%s", knob.path);
	else
		strbuf_addz(b,
			    "grep -i huge /proc/meminfo; grep -E '^(thp|compact|htlb)_' "
			    "/proc/vmstat; cat /proc/buddyinfo");
}

static const struct source_ops pages_source = {
	.name = "pages",
	.title = "Pages",
	.note = "thp",
	.size = sizeof(struct pages),
	.period_ms = PERIOD_MS,
	.open = pages_open,
	.sample = pages_sample,
	.shell_line = pages_shell_line,
	.close = pages_close,
	.keys =
		(const struct binding[]){
			{ "Enter", "hugepages map %pid", "Enter: by mapping" },
			{ "c", "prompt hugepages set %knob ", "c: change a setting" },
			{ "u", "hugepages undo", "u: undo the last change" },
			{ 0 } },
};

/* One sample for scripts; with --interval two, and rates between them. */
static bool run_hugepages(struct ctx *ctx, const struct args *args, struct result *result,
			  struct err *err)
{
	const struct value *interval = args_get(args, "interval");
	struct record *record = NULL;
	struct pages p = { 0 };
	bool ok = true;

	if (!pages_open(&p, ctx, args, err))
		return false;
	p.processes = args_has(args, "processes");
	hugeproc_scan_free(p.scan);
	p.scan = hugeproc_scan_new(0);
	if (interval) {
		double whole = floor(interval->real);
		struct timespec wait = { (time_t)whole,
					 (long)((interval->real - whole) * 1e9) };

		p.older = hugepage_keep(p.kept, take_sample(&p, ctx->arena));
		nanosleep(&wait, NULL);
	}
	ok = pages_sample(&p, ctx->arena, &record, err);
	if (ok) {
		result->kind = RESULT_RECORD;
		result->record = record;
	}
	pages_close(&p);
	return ok;
}

/* ---- settings ---------------------------------------------------------------- */

static bool journal_path(struct ctx *ctx, const char **ret, struct err *err)
{
	return file_xdg(ctx->arena, "XDG_STATE_HOME", ".local/state", "hugepages.journal",
			ret, err);
}

static void show_preview(struct ctx *ctx, const struct knob_preview *p)
{
	ctx_say(ctx, STR_FMT ": " STR_FMT " -> " STR_FMT "  (" STR_FMT ")",
		STR_ARG(p->knob.id), STR_ARG(p->now), STR_ARG(p->after),
		STR_ARG(p->means));
	if (p->outlook.n)
		ctx_say(ctx, STR_FMT, STR_ARG(p->outlook));
	ctx_say(ctx, "by hand: " STR_FMT, STR_ARG(p->command));
}

static void change_result(struct ctx *ctx, const struct knob_change *c,
			  struct result *result)
{
	result->kind = RESULT_RECORD;
	result->record = pages_change_record(ctx->arena, c);
	result->said = c->sentence;
	result->exit_code = c->as_asked ? 0 : 1;
}

static bool run_set(struct ctx *ctx, const struct args *args, struct result *result,
		    struct err *err)
{
	const struct root *root = ctx_root(ctx, err);
	struct knob_preview plan;
	struct knob_change change;
	const char *journal;
	struct knob knob;

	if (!root ||
	    !knob_find(root, ctx->arena, args_text(args, "knob", STR("")), &knob, err) ||
	    !knob_preview(root, ctx->arena, &knob, args_text(args, "value", STR("")),
			  &plan, err))
		return false;
	if (args_has(args, "dry-run")) {
		result->kind = RESULT_RECORD;
		result->record = pages_preview_record(ctx->arena, &plan);
		return true;
	}
	if (plan.allowed)
		show_preview(ctx, &plan);
	if (plan.allowed && ctx->interactive && !args_has(args, "yes") &&
	    !ctx_confirm(ctx, "Change it?")) {
		result->said = STR("nothing was changed");
		result->exit_code = 1;
		return true;
	}
	if (!journal_path(ctx, &journal, err) ||
	    !knob_set(root, ctx->arena, &plan, journal, &change, err))
		return false;
	change_result(ctx, &change, result);
	return true;
}

static bool run_undo(struct ctx *ctx, const struct args *args, struct result *result,
		     struct err *err)
{
	const struct root *root = ctx_root(ctx, err);
	struct knob_change change;
	const char *journal;

	if (!root || !journal_path(ctx, &journal, err) ||
	    !knob_undo(root, ctx->arena, journal, &change, err))
		return false;
	change_result(ctx, &change, result);
	return true;
}

static bool run_knobs(struct ctx *ctx, const struct args *args, struct result *result,
		      struct err *err)
{
	const struct root *root = ctx_root(ctx, err);
	struct knobs knobs;

	if (!root)
		return false;
	knob_list(root, ctx->arena, &knobs);
	result->kind = RESULT_TABLE;
	result->table = pages_knobs_table(ctx->arena, root, &knobs);
	return true;
}

static bool run_map(struct ctx *ctx, const struct args *args, struct result *result,
		    struct err *err)
{
	const struct root *root = ctx_root(ctx, err);
	const struct value *process = args_get(args, "pid");
	const struct hugepage_sample *s;
	struct smaps maps;
	int64_t pid;

	if (!root)
		return false;
	pid = process->task.pid;
	if (!smaps_read(root, ctx->arena, pid, &maps, err)) {
		if (err->code == ERR_DENIED)
			err_hint(err, "another user's process: needs root "
				      "(CAP_SYS_PTRACE)");
		return false;
	}
	s = hugepage_sample(root, ctx->arena, HUGEPAGE_THP);
	result->kind = RESULT_RECORD;
	result->record = pages_map_record(ctx->arena, pid, &maps,
					  setting_chosen(s->thp.enabled), s->pmd_size);
	return true;
}

static void complete_knob(struct ctx *ctx, struct arena *a, struct str prefix,
			  struct completions *ret)
{
	const struct root *root = ctx_root(ctx, NULL);
	struct knobs knobs = { 0 };

	if (root)
		knob_list(root, a, &knobs);
	for (size_t i = 0; i < knobs.n; i++)
		if (str_starts(knobs.v[i].id, prefix))
			*ARENA_PUSH(a, ret) =
				(struct completion){ knobs.v[i].id,
						     str_of(knobs.v[i].what) };
}

static const struct argtype argtype_knob = { "knob", NULL, complete_knob };

static const char help_hugepages[] =
	"Pools of HugeTLB pages by size and node, transparent huge pages with every size "
	"the kernel has, and one sentence on why faults did not get a huge page.\n"
	"usable = free - reserved: what a new mapping can get. AnonHugePages and the "
	"processes' THP columns count PMD-mapped pages only; memory in smaller folios "
	"(mTHP) shows in the rows of its size.\n"
	"Rates need two samples: --interval S takes them.";

const struct command commands_hugepages[] = {
	{ "hugepages", "huge pages: pools, THP, sizes, and why there is none",
	  help_hugepages,
	  (const struct param[]){
		  { "processes", 'p', PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
		    "rank the processes by huge pages (reads all of them)" },
		  { "interval", 'i', PARAM_OPTION, &argtype_duration, "S",
		    "take two samples S apart and show rates" },
		  { "watch", 'w', PARAM_OPTION, &argtype_duration, "S",
		    "again and again, each S" },
		  { 0 } },
	  0, run_hugepages, &pages_source },
	{ "hugepages set", "change a huge-page setting, with preview and read-back",
	  "Shows what the change means and what the kernel could give, makes it, and says "
	  "what came of it. Without the right to change it, the command to run is given. "
	  "`hugepages undo` takes the last change back.",
	  (const struct param[]){
		  { "knob", 0, PARAM_REQUIRED, &argtype_knob, "KNOB",
		    "nr_hugepages, 1G/nr_hugepages, node0/2M/nr_hugepages, enabled, "
		    "64K/enabled, khugepaged/pages_to_scan ..." },
		  { "value", 0, PARAM_REQUIRED, &argtype_text, "VALUE",
		    "a number, or one of the words the file offers" },
		  { "dry-run", 'n', PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
		    "only show what it would mean" },
		  { "yes", 'y', PARAM_OPTION | PARAM_SWITCH, NULL, NULL,
		    "do not ask on a terminal" },
		  { 0 } },
	  0, run_set, NULL },
	{ "hugepages undo", "take back the last change of a huge-page setting", NULL,
	  NULL, 0, run_undo, NULL },
	{ "hugepages knobs", "the huge-page settings of this machine", NULL, NULL, 0,
	  run_knobs, NULL },
	{ "hugepages map", "the mappings of a process and why they are huge or not", NULL,
	  (const struct param[]){
		  { "pid", 0, PARAM_REQUIRED, &argtype_pid, "PID|NAME", "the process" },
		  { 0 } },
	  0, run_map, NULL },
	{ 0 },
};
