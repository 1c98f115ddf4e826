/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands about threads over recorded machines: what scripts rely on, what people
 * read, and what is refused.
 */
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

#include "app/command.h"
#include "app/source.h"
#include "model/render.h"

struct run {
	struct ctx ctx;
	struct result result;
	struct err err;
	struct strbuf json;
	bool ok;
};

static void eval(struct run *r, const char *root, const char *line, bool json)
{
	memset(r, 0, sizeof(*r));
	r->json.max = 1 << 22;
	ctx_init(&r->ctx);
	r->ctx.json = json;
	r->ctx.root_dir =
		arena_printf(r->ctx.arena, "%s/roots/%s", getenv("KCRIB_TESTS"), root);
	r->ok = command_eval(&r->ctx, str_of(line), &r->result, &r->err);
	if (!r->ok)
		return;
	if (r->result.kind == RESULT_TABLE)
		table_json(&r->json, r->result.table);
	else if (r->result.kind == RESULT_RECORD)
		record_json(&r->json, r->result.record);
}

static void done(struct run *r)
{
	strbuf_free(&r->json);
	ctx_close(&r->ctx);
}

static void has(const struct run *r, const char *part)
{
	if (!r->ok)
		fail_msg("%s", r->err.msg);
	if (str_find(strbuf_str(&r->json), str_of(part)) < 0)
		fail_msg("%s is not in %s", part, strbuf_z(&r->json));
}

static const struct table *threads_of(const struct run *r)
{
	const struct field *f = record_get(r->result.record, STR("threads"));

	if (!f || f->cell.type != CELL_TABLE) {
		fail_msg("no table of threads");
		abort(); /* not reached */
	}
	return f->cell.table;
}

static void one_process_is_an_object_with_the_promised_fields(void **state)
{
	static const char *const fields[] = {
		"\"tid\":",      "\"comm\":",     "\"role\":",       "\"state\":",
		"\"cpu_pct\":",  "\"wait_pct\":", "\"cpu_time_s\":", "\"policy\":",
		"\"priority\":", "\"nice\":",     "\"last_cpu\":",   "\"affinity\":",
		"\"wchan\":",    "\"syscall\":",  "\"nvcsw\":",      "\"nivcsw\":",
		"\"minflt\":",   "\"majflt\":",
	};
	struct run r;

	eval(&r, "threads-qemu", "threads 4211", true);
	has(&r, "{\"pid\":4211,\"comm\":\"qemu-system-x86\",\"threads\":[{");
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		has(&r, fields[i]);
	has(&r, "\"tid\":4219,\"role\":\"vCPU 1\",\"cpu_pct\":98.7,\"wait_pct\":3.1");
	has(&r, "\"wchan\":null");
	has(&r, "\"unavailable\":{\"wchan\":\"it is running\"");
	done(&r);
}

static void all_processes_are_an_array_without_the_kernels(void **state)
{
	struct run r;

	eval(&r, "threads-qemu", "threads", true);
	has(&r, "[{\"pid\":4211,");
	has(&r, "{\"pid\":4300,");
	assert_true(str_find(strbuf_str(&r.json), STR("ksoftirqd")) < 0);
	assert_int_equal(r.result.table->n, 3);
	done(&r);
	eval(&r, "threads-qemu", "threads --all", true);
	has(&r, "\"role\":\"soft interrupts of CPU 1\"");
	done(&r);
}

static void a_machine_recorded_once_says_why_there_are_no_shares(void **state)
{
	struct run r;

	eval(&r, "threads-quiet", "threads liveload", true);
	has(&r, "\"cpu_pct\":null");
	has(&r, "\"cpu_pct\":\"a recorded machine has one sample\"");
	done(&r);
}

static void the_headline_and_the_sentence_say_what_matters(void **state)
{
	struct run r;

	eval(&r, "threads-qemu", "threads 4211", false);
	assert_true(r.ok);
	assert_str(
		r.result.record->headline,
		"Threads of qemu-system-x86 4211   9 threads   CPU 142.2 %   wait 3.1 %");
	assert_str(r.result.record->so_what,
		   "vCPU 1 (4219) waits for a CPU 3 % of the time; vCPU 1 (4219) takes a "
		   "whole CPU; 1 of 2 vCPUs is idle by choice (HLT).");
	done(&r);
}

static void rows_are_sorted_by_any_column_and_refuse_an_unknown_one(void **state)
{
	const struct table *t;
	struct run r;

	eval(&r, "threads-qemu", "threads 4211 --sort tid", false);
	assert_true(r.ok);
	t = threads_of(&r);
	assert_str(t->v[0].ref.id, "4211/4211");
	assert_str(t->v[8].ref.id, "4211/4223");
	assert_int_equal(t->v[0].ref.kind, REF_TID);
	done(&r);
	eval(&r, "threads-qemu", "threads 4211 --sort -tid", false);
	assert_str(threads_of(&r)->v[0].ref.id, "4211/4223");
	done(&r);
	eval(&r, "threads-qemu", "threads 4211 --sort nothing", false);
	assert_false(r.ok);
	assert_int_equal(r.err.code, ERR_USAGE);
	done(&r);
}

static void a_tree_has_the_main_thread_on_top_of_the_others(void **state)
{
	const struct table *t;
	struct run r;

	eval(&r, "threads-qemu", "threads --tree", false);
	assert_true(r.ok);
	t = threads_of(&r);
	assert_str(t->v[0].ref.id, "4211/4211");
	assert_int_equal(t->v[0].depth, 0);
	assert_str(t->v[1].ref.id, "4211/4219");
	for (size_t i = 1; i < 9; i++)
		assert_int_equal(t->v[i].depth, 1);
	assert_int_equal(t->v[9].depth, 0);
	done(&r);
}

static void top_keeps_the_busiest_and_counts_all(void **state)
{
	struct run r;

	eval(&r, "threads-qemu", "threads --top 2", false);
	assert_true(r.ok);
	assert_int_equal(threads_of(&r)->n, 2);
	assert_str(threads_of(&r)->v[0].ref.id, "4211/4219");
	done(&r);
}

static void a_process_is_found_by_the_name_of_its_machine_or_not_at_all(void **state)
{
	struct run r;

	eval(&r, "threads-qemu", "threads web", true);
	has(&r, "{\"pid\":4211,");
	done(&r);
	eval(&r, "threads-qemu", "threads qemu-system-x86", true);
	assert_false(r.ok);
	assert_true(str_find(str_of(r.err.msg), STR("3 fit")) >= 0);
	assert_true(str_find(str_of(r.err.hint), STR("4211 4300 4400")) >= 0);
	done(&r);
	eval(&r, "threads-qemu", "threads nobody", true);
	assert_false(r.ok);
	done(&r);
	eval(&r, "threads-qemu", "threads 4", true);
	assert_false(r.ok);
	done(&r);
}

static void names_cannot_act_on_a_terminal(void **state)
{
	STRBUF_AUTO(text, 1 << 20);
	struct run r;

	eval(&r, "threads-hostile", "threads 7", false);
	assert_true(r.ok);
	record_text(&text, r.result.record, (struct text_style){ 0 });
	assert_true(str_chr(strbuf_str(&text), '\033') < 0);
	assert_true(str_chr(strbuf_str(&text), '\007') < 0);
	assert_true(str_find(strbuf_str(&text), STR("^[]0;owned^G")) >= 0);
	done(&r);
}

static void a_thread_is_shown_whole(void **state)
{
	struct run r;

	eval(&r, "threads-quiet", "threads detail 10435/10443", true);
	has(&r, "\"comm\":\"wake/0\"");
	has(&r, "{\"function\":\"hrtimer_nanosleep\"}");
	has(&r, "{\"limit\":\"Max open files\",\"soft\":\"20000\"");
	has(&r, "\"fds\":\"this kernel or record does not have it\"");
	done(&r);
	eval(&r, "threads-quiet", "threads detail 10435/1", true);
	assert_false(r.ok);
	done(&r);
	eval(&r, "threads-quiet", "threads detail what", true);
	assert_false(r.ok);
	assert_int_equal(r.err.code, ERR_USAGE);
	done(&r);
}

static void a_recorded_machine_is_not_acted_on(void **state)
{
	static const char *const lines[] = {
		"threads signal TERM 10435 --yes",
		"threads renice 10435 -n 5 --yes",
		"threads affinity 0 10435 --yes",
		"threads policy batch 10435 --yes",
	};
	struct run r;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		eval(&r, "threads-quiet", lines[i], false);
		assert_false(r.ok);
		assert_int_equal(r.err.code, ERR_DENIED);
		done(&r);
	}
}

static void nothing_happens_without_a_yes(void **state)
{
	struct run r;

	/* this very process; nobody is there to say yes */
	ctx_init(&r.ctx);
	r.ok = command_eval(
		&r.ctx, arena_strf(r.ctx.arena, "threads signal KILL %d", (int)getpid()),
		&r.result, &r.err);
	assert_true(r.ok);
	assert_int_equal(r.result.exit_code, 1);
	ctx_close(&r.ctx);
	ctx_init(&r.ctx);
	r.ok = command_eval(&r.ctx,
			    arena_strf(r.ctx.arena, "threads signal KILL %d --dry-run -y",
				       (int)getpid()),
			    &r.result, &r.err);
	assert_true(r.ok);
	assert_int_equal(r.result.exit_code, 0);
	ctx_close(&r.ctx);
}

static void the_panel_samples_again_and_again(void **state)
{
	const struct source_ops *ops;
	const struct command *cmd;
	struct str word = STR("threads");
	struct args args = { 0 };
	struct record *record;
	struct run r;
	size_t used;
	void *self;

	eval(&r, "threads-two", "threads", false);
	cmd = command_find(&word, 1, &used);
	assert_non_null(cmd);
	ops = cmd->source;
	self = arena_alloc(r.ctx.arena, ops->size);
	assert_true(command_bind(&r.ctx, cmd, NULL, 0, &args, &r.err));
	assert_ok(ops->open(self, &r.ctx, &args, &err));
	for (int i = 0; i < 3; i++) {
		struct ref ref = { REF_TID, STR("100/101") };

		ops->visible(self, &ref, 1);
		assert_ok(ops->sample(self, r.ctx.arena, &record, &err));
		r.result.record = record;
		if (i == 1) {
			assert_int_equal(threads_of(&r)->n, 4);
			assert_int_equal(threads_of(&r)->v[2].mark, MARK_GONE);
			assert_int_equal(threads_of(&r)->v[3].mark, MARK_NEW);
		}
	}
	assert_int_equal(threads_of(&r)->n, 3);
	ops->close(self);
	done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_process_is_an_object_with_the_promised_fields),
		TEST(all_processes_are_an_array_without_the_kernels),
		TEST(a_machine_recorded_once_says_why_there_are_no_shares),
		TEST(the_headline_and_the_sentence_say_what_matters),
		TEST(rows_are_sorted_by_any_column_and_refuse_an_unknown_one),
		TEST(a_tree_has_the_main_thread_on_top_of_the_others),
		TEST(top_keeps_the_busiest_and_counts_all),
		TEST(a_process_is_found_by_the_name_of_its_machine_or_not_at_all),
		TEST(names_cannot_act_on_a_terminal),
		TEST(a_thread_is_shown_whole),
		TEST(a_recorded_machine_is_not_acted_on),
		TEST(nothing_happens_without_a_yes),
		TEST(the_panel_samples_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
