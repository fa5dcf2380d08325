/* Call ids: found at once, never confused with an earlier use of the same slot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rpc/call_table.h"
#include "rpc/frame.h"

enum { N_SLOTS = 8 };

/* The table does not look into calls: any address will do. */
static char calls[N_SLOTS + 1];

static struct rpc_client_call *call_at(size_t i)
{
    return (struct rpc_client_call *)(void *)&calls[i];
}

static int make_table(void **state)
{
    static struct call_table table;
    *state = &table;
    return call_table_init(&table, N_SLOTS) == STATUS_OK ? 0 : 1;
}

static int free_table(void **state)
{
    call_table_finish(*state);
    return 0;
}

static void a_call_is_found_by_its_id_until_it_is_taken(void **state)
{
    struct call_table *table = *state;
    uint32_t id = call_table_put(table, call_at(0));
    assert_true((id & RPC_CALL_ID_TOP) != 0 && id != RPC_CALL_ID_CONNECTION);
    assert_ptr_equal(call_table_get(table, id), call_at(0));
    assert_int_equal(table->n_calls, 1);
    assert_ptr_equal(call_table_take(table, id), call_at(0));
    assert_null(call_table_get(table, id));
    assert_null(call_table_take(table, id));
    assert_int_equal(table->n_calls, 0);
}

static void an_earlier_use_of_a_slot_is_another_id(void **state)
{
    struct call_table *table = *state;
    uint32_t last = 0;
    for (uint32_t i = 0; i < UINT32_C(3) << CALL_TABLE_GENERATION_BITS; i++) {
        uint32_t id = call_table_put(table, call_at(0));
        assert_true(id != last && id != 0 && id != RPC_CALL_ID_CONNECTION);
        assert_null(call_table_get(table, last));
        assert_ptr_equal(call_table_take(table, id), call_at(0));
        last = id;
    }
}

static void a_full_table_takes_no_more(void **state)
{
    struct call_table *table = *state;
    uint32_t ids[N_SLOTS];
    for (size_t i = 0; i < N_SLOTS; i++) {
        ids[i] = call_table_put(table, call_at(i));
        assert_int_not_equal(ids[i], 0);
    }
    assert_int_equal(call_table_put(table, call_at(N_SLOTS)), 0);
    assert_ptr_equal(call_table_take(table, ids[3]), call_at(3));
    assert_int_not_equal(call_table_put(table, call_at(N_SLOTS)), 0);
    assert_int_equal(call_table_put(table, call_at(3)), 0);
    assert_ptr_equal(call_table_get(table, ids[7]), call_at(7));
}

static void ids_from_nowhere_find_nothing(void **state)
{
    struct call_table *table = *state;
    uint32_t id = call_table_put(table, call_at(0));
    assert_null(call_table_get(table, 0));
    assert_null(call_table_get(table, RPC_CALL_ID_CONNECTION));
    assert_null(call_table_get(table, UINT32_MAX));
    assert_null(call_table_get(table, id & ~RPC_CALL_ID_TOP));
    assert_null(call_table_get(table, id + 1));
}

static void emptying_a_table_visits_each_call_once(void **state)
{
    struct call_table *table = *state;
    uint32_t ids[N_SLOTS];
    for (size_t i = 0; i < N_SLOTS; i++) {
        ids[i] = call_table_put(table, call_at(i));
    }
    assert_non_null(call_table_take(table, ids[0]));
    assert_non_null(call_table_take(table, ids[5]));
    uint32_t at = 0;
    unsigned int n_taken = 0;
    while (call_table_take_next(table, &at) != NULL) {
        n_taken++;
    }
    assert_int_equal(n_taken, N_SLOTS - 2);
    assert_int_equal(table->n_calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_call_is_found_by_its_id_until_it_is_taken, make_table, free_table),
        cmocka_unit_test_setup_teardown(
            an_earlier_use_of_a_slot_is_another_id, make_table, free_table),
        cmocka_unit_test_setup_teardown(a_full_table_takes_no_more, make_table, free_table),
        cmocka_unit_test_setup_teardown(ids_from_nowhere_find_nothing, make_table, free_table),
        cmocka_unit_test_setup_teardown(
            emptying_a_table_visits_each_call_once, make_table, free_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
