/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `kcrib hugepages` as scripts see it: the fields of --json over a written-down machine.
 */
#include <jansson.h>

#include "roots.h"

#include "app/command.h"
#include "app/source.h"
#include "model/render.h"

struct machine {
	struct recorded rec;
	struct ctx ctx;
};

static int open_machine(void **state, const char *name)
{
	struct machine *m = calloc(1, sizeof(*m));

	*state = m;
	recorded_open(&m->rec, name);
	ctx_init(&m->ctx);
	m->ctx.root_dir = m->rec.dir;
	setenv("XDG_STATE_HOME", m->rec.dir, 1);
	return 0;
}

static int open_nodes(void **state)
{
	return open_machine(state, "two-nodes.tree");
}

static int open_container(void **state)
{
	return open_machine(state, "container.tree");
}

static int close_machine(void **state)
{
	struct machine *m = *state;

	ctx_close(&m->ctx);
	recorded_close(&m->rec);
	free(m);
	return 0;
}

static struct result eval(struct machine *m, const char *line)
{
	struct result result;

	assert_ok(command_eval(&m->ctx, str_of(line), &result, &err));
	return result;
}

static json_t *eval_json(struct machine *m, const char *line)
{
	struct result result = eval(m, line);
	STRBUF_AUTO(b, 1 << 20);
	json_t *json;

	if (result.kind == RESULT_TABLE)
		table_json(&b, result.table);
	else
		record_json(&b, result.record);
	json = json_loads(strbuf_z(&b), 0, NULL);
	assert_non_null(json);
	return json;
}

/* "pools.0.total_pages": the value at the end of a path. */
static const json_t *at(const json_t *json, const char *path)
{
	struct str rest = str_of(path), key;
	uint64_t i;

	while (str_cut(&rest, '.', &key)) {
		if (json_is_array(json) && str_to_u64(key, &i)) {
			json = json_array_get(json, (size_t)i);
		} else {
			char name[64];

			snprintf(name, sizeof(name), STR_FMT, STR_ARG(key));
			json = json_object_get(json, name);
		}
		if (!json)
			fail_msg("no %s", path);
		if (!rest.p)
			break;
	}
	return json;
}

static void assert_int(const json_t *json, const char *path, json_int_t want)
{
	const json_t *v = at(json, path);

	if (!json_is_integer(v) || json_integer_value(v) != want)
		fail_msg("%s is not %lld", path, (long long)want);
}

static void assert_text(const json_t *json, const char *path, const char *want)
{
	assert_true(json_is_string(at(json, path)));
	assert_string_equal(json_string_value(at(json, path)), want);
}

static void json_has_the_fields_of_the_interface(void **state)
{
	json_t *j = eval_json(*state, "hugepages --processes");

	assert_int(j, "pools.0.size_bytes", 2 << 20);
	assert_int(j, "pools.0.total_pages", 512);
	assert_int(j, "pools.0.free_pages", 498);
	assert_int(j, "pools.0.reserved_pages", 49);
	assert_int(j, "pools.0.usable_pages", 449);
	assert_int(j, "pools.0.surplus_pages", 0);
	assert_int(j, "pools.0.overcommit_pages", 64);
	assert_int(j, "pools.0.nodes.1.free_pages", 248);
	assert_text(j, "thp.enabled", "madvise");
	assert_text(j, "thp.defrag", "madvise");
	assert_text(j, "thp.shmem_enabled", "never");
	assert_int(j, "thp.pmd_size_bytes", 2 << 20);
	assert_int(j, "thp.khugepaged.full_scans", 7);
	assert_int(j, "mthp.0.size_bytes", 64 << 10);
	assert_text(j, "mthp.0.enabled", "madvise");
	assert_text(j, "mthp.0.shmem_enabled", "never");
	assert_int(j, "mthp.0.stats.counter_of_tomorrow", 5);
	assert_int(j, "mthp.0.in_use_bytes", 70 << 20);
	assert_int(j, "vmstat.thp_fault_fallback", 1200);
	assert_int(j, "meminfo.AnonHugePages_bytes", 4LL << 30);
	assert_int(j, "meminfo.HugePages_Rsvd_pages", 49);
	assert_text(j, "mounts.1.path", "/mnt/huge 1g");
	assert_int(j, "processes.0.pid", 4211);
	assert_int(j, "processes.0.thp_anon_bytes", 4LL << 30);
	assert_int(j, "processes.0.hugetlb_bytes", 28 << 20);
	assert_text(j, "why.cause", "node_empty");
	assert_int(j, "numa.0.pmd_blocks", 0);
	assert_int(j, "numa.1.free_bytes", 7340032LL << 10);
	assert_int(j, "why.free_pmd_blocks", 31);
	assert_true(json_is_null(at(j, "rates")));
	assert_text(j, "unavailable.rates", "a rate needs two samples: see --interval");
	json_decref(j);
}

static void json_gives_reasons_where_facts_are_absent(void **state)
{
	json_t *j = eval_json(*state, "hugepages");

	assert_true(json_is_null(at(j, "processes")));
	assert_text(j, "unavailable.processes", "ask for them with --processes");
	assert_true(json_is_null(at(j, "thp.enabled")));
	assert_text(j, "thp.unavailable.enabled", "no /sys/kernel here");
	assert_text(j, "pools.0.unavailable.overcommit_pages", "no /proc/sys here");
	assert_int(j, "pools.0.usable_pages", 6);
	assert_int_equal(json_array_size(at(j, "mthp")), 0);
	json_decref(j);
}

static void a_dry_run_answers_without_touching_anything(void **state)
{
	json_t *j = eval_json(*state, "hugepages set nr_hugepages 600 --dry-run");

	assert_text(j, "knob", "2M/nr_hugepages");
	assert_text(j, "now", "512");
	assert_text(j, "after", "600");
	assert_int(j, "can_give_pages", 31);
	assert_text(j, "command",
		    "echo 600 | sudo tee "
		    "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
	json_decref(j);
}

static void without_the_right_the_command_to_run_is_the_hint(void **state)
{
	struct machine *m = *state;
	struct result result;
	struct err why;

	assert_false(command_eval(&m->ctx, STR("hugepages set enabled always"), &result,
				  &why));
	assert_int_equal(why.code, ERR_DENIED);
	assert_string_equal(why.hint, "run: echo always | sudo tee "
				      "/sys/kernel/mm/transparent_hugepage/enabled");
	assert_err(command_eval(&m->ctx, STR("hugepages set enabled perhaps"), &result,
				&err),
		   ERR_USAGE);
	assert_err(command_eval(&m->ctx, STR("hugepages undo"), &result, &err),
		   ERR_NOTFOUND);
}

static void every_setting_has_a_row_and_a_ref(void **state)
{
	const struct table *t = eval(*state, "hugepages knobs").table;

	assert_int_equal(t->n, 4 + 2 + 2 + 4 + 2 + 2 + 7);
	for (size_t i = 0; i < t->n; i++)
		assert_int_equal(t->v[i].ref.kind, REF_KNOB);
}

/* The panel: a second sample has rates, rows keep their refs. */
static void the_panel_measures_between_its_samples(void **state)
{
	struct machine *m = *state;
	const struct command *cmd;
	struct args args = { 0 };
	struct str word = STR("hugepages");
	struct arena *a = arena_new();
	struct record *r;
	const struct field *f;
	size_t used;
	void *self;

	cmd = command_find(&word, 1, &used);
	assert_non_null(cmd->source);
	self = arena_alloc(m->ctx.arena, cmd->source->size);
	assert_ok(cmd->source->open(self, &m->ctx, &args, &err));
	assert_ok(cmd->source->sample(self, a, &r, &err));
	arena_reset(a); /* a view may let go of the record before the next */
	recorded_write(&m->rec, STR("proc/uptime"), STR("1002.00 1.00\n"));
	recorded_write(&m->rec, STR("proc/vmstat"),
		       STR("thp_fault_alloc 8810\nthp_fault_fallback 1200\n"));
	assert_ok(cmd->source->sample(self, a, &r, &err));
	f = record_get(r, STR("rates"));
	assert_non_null(f);
	assert_int_equal(f->cell.type, CELL_RECORD);
	f = record_get(f->cell.record, STR("thp_fault_alloc_per_s"));
	assert_non_null(f);
	assert_true(f->cell.real == 5);
	assert_true(str_find(r->so_what, STR("All 10 THP faults in the last 2.0 s")) >=
		    0);
	f = record_get(r, STR("processes"));
	assert_int_equal(f->cell.table->v[0].ref.kind, REF_PID);
	assert_str(f->cell.table->v[0].ref.id, "4211");
	f = record_get(r, STR("pools"));
	assert_str(f->cell.table->v[1].ref.id, "1G/nr_hugepages");
	cmd->source->close(self);
	arena_free(a);
}

static void a_process_is_shown_by_mapping(void **state)
{
	struct machine *m = *state;
	struct result result;
	json_t *j;

	recorded_write(&m->rec, STR("proc/4211/smaps"),
		       STR("200000-600000 rw-p 0 00:00 0 \nRss: 4096 kB\n"
			   "AnonHugePages: 2048 kB\nTHPeligible: 1\nVmFlags: rd wr hg\n"
			   "600000-601000 rw-p 0 00:00 0 [heap]\nRss: 4 kB\n"));
	j = eval_json(m, "hugepages map 4211");
	assert_int(j, "thp_bytes", 2 << 20);
	assert_int(j, "eligible_bytes", 2 << 20);
	assert_text(j, "mappings.0.verdict", "partly in huge pages");
	assert_text(j, "mappings.0.vm_flags", "rd wr hg");
	assert_text(j, "mappings.1.unavailable.thp_eligible", "this kernel does not say");
	json_decref(j);
	assert_err(command_eval(&m->ctx, STR("hugepages map 77"), &result, &err),
		   ERR_NOTFOUND);
}

#define ON(fn, open) cmocka_unit_test_setup_teardown(fn, open, close_machine)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(json_has_the_fields_of_the_interface, open_nodes),
		ON(json_gives_reasons_where_facts_are_absent, open_container),
		ON(a_dry_run_answers_without_touching_anything, open_nodes),
		ON(without_the_right_the_command_to_run_is_the_hint, open_nodes),
		ON(every_setting_has_a_row_and_a_ref, open_nodes),
		ON(the_panel_measures_between_its_samples, open_nodes),
		ON(a_process_is_shown_by_mapping, open_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
