/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reject desk beside a list that is read once: decisions keep the list true, and what
 * others do is seen.
 */
#include <stdlib.h>

#include "check.h"
#include "new_repo.h"

#include "base/file.h"
#include "repo/desk.h"

static const char file[] = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";
static const char rejects[] = "--- a/f\n+++ b/f\n"
			      "@@ -1,3 +1,3 @@\n 1\n-two\n+zwei\n 3\n"
			      "@@ -9,3 +9,3 @@\n 9\n-10\n+ten\n eleven\n";

struct desk_test {
	struct place *p;
	struct desk *desk;
	struct desk_items items;
};

static void put(struct desk_test *t, const char *name, const char *text)
{
	const char *path = arena_printf(t->p->a, "%s/%s", t->p->dir, name);

	assert_ok(file_write_atomic(path, str_of(text), 0644, &err));
}

static const char *get(struct desk_test *t, const char *name)
{
	STRBUF_AUTO(b, 1 << 20);

	assert_ok(file_read(arena_printf(t->p->a, "%s/%s", t->p->dir, name), &b, &err));
	return arena_cstr(t->p->a, strbuf_str(&b));
}

static struct desk_test begin(void **state)
{
	struct desk_test t = { .p = *state };

	put(&t, "f", file);
	put(&t, "f.rej", rejects);
	assert_ok(desk_open(t.p->dir, arena_printf(t.p->a, "%s/.git/state", t.p->dir),
			    &t.desk, &err));
	assert_ok(desk_list(t.desk, t.p->a, &t.items, &err));
	assert_int_equal(t.items.open, 2);
	for (size_t i = 0; i < 2; i++)
		assert_ok(desk_place(t.desk, t.p->a, &t.items, i, &err));
	return t;
}

static void a_decision_is_in_the_list_at_once(void **state)
{
	struct desk_test t = begin(state);
	const struct desk_item *second = &t.items.v[1];
	struct desk_items again;
	unsigned id = second->id;
	struct str what;

	assert_true(second->place.n_candidates > 0);
	assert_ok(desk_take(t.desk, &t.items, second, second->place.candidates, &err));
	assert_int_equal(t.items.open, 1);
	assert_int_equal(second->status, DESK_TAKEN);
	assert_non_null(strstr(get(&t, "f"), "9\nten\n11\n"));
	/* its neighbour in the file has lost its place, and finds it in the new bytes */
	assert_false(t.items.v[0].placed);
	assert_ok(desk_place(t.desk, t.p->a, &t.items, 0, &err));
	assert_str(t.items.v[0].bytes, get(&t, "f"));
	assert_ok(desk_list(t.desk, t.p->a, &again, &err));
	assert_int_equal(again.open, 1);
	assert_int_equal(desk_find(&again, id)->status, DESK_TAKEN);
	assert_ok(desk_undo(t.desk, t.p->a, &id, &what, &err));
	assert_int_equal(id, second->id);
	assert_string_equal(get(&t, "f"), file);
	desk_free(t.desk);
}

static void what_others_do_is_seen(void **state)
{
	struct desk_test t = begin(state);
	uint64_t list = desk_stamp(t.desk), of_file = desk_file_stamp(t.desk, STR("f"));
	struct desk_item *first = &t.items.v[0];

	assert_true(list == desk_stamp(t.desk));
	put(&t, "f", "1\n2\n");
	assert_true(list == desk_stamp(t.desk));
	assert_true(of_file != desk_file_stamp(t.desk, STR("f")));
	assert_err(desk_put(t.desk, &t.items, first, STR("mine\n"), &err), ERR_CONFLICT);
	assert_string_equal(get(&t, "f"), "1\n2\n");
	put(&t, "f.rej", "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n");
	assert_true(list != desk_stamp(t.desk));
	assert_err(desk_drop(t.desk, &t.items, first, &err), ERR_CONFLICT);
	assert_int_equal(t.items.open, 2);
	desk_free(t.desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_decision_is_in_the_list_at_once,
						new_repo, drop_repo),
		cmocka_unit_test_setup_teardown(what_others_do_is_seen, new_repo,
						drop_repo),
	};

	return cmocka_run_group_tests_name("desk", tests, NULL, NULL);
}
