/* The store of traces: what stays, what goes, what is found. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "traces/store.h"

enum { TRACES_MAX = 8 };

static struct trace_store *store_of(size_t bytes_max)
{
    const struct trace_store_options options = {.traces_max = TRACES_MAX, .bytes_max = bytes_max};
    struct trace_store *store = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(trace_store_new(&options, &store, &error), STATUS_OK);
    return store;
}

static struct trace_facts facts_of(uint64_t number)
{
    struct trace_facts facts = {.start_ns = CLOCK_MS(number), .principal = "ana"};
    memcpy(facts.trace.trace_id, &number, sizeof(number));
    return facts;
}

static void add_quick(struct trace_store *store, const struct trace_facts *facts)
{
    struct trace_facts *place = trace_store_add(store);
    *place = *facts;
    trace_store_added(store, place);
}

static size_t find_of(struct trace_store *store, uint64_t number, const char *principal)
{
    struct trace_facts found[TRACE_ROOTS_MAX];
    struct trace_facts wanted = facts_of(number);
    size_t n = trace_store_find(store, wanted.trace.trace_id, principal, found, TRACE_ROOTS_MAX);
    for (size_t i = 0; i < n; i++) {
        trace_facts_finish(&found[i]);
    }
    return n;
}

static size_t find(struct trace_store *store, uint64_t number)
{
    return find_of(store, number, NULL);
}

static void end(struct trace_store *store, struct trace_record *record, uint64_t number)
{
    struct trace_facts facts = facts_of(number);
    facts.end_ns = facts.start_ns + CLOCK_MS(5);
    trace_store_end(store, record, &facts);
}

static void the_oldest_go_and_the_running_stay(void **state)
{
    (void)state;
    struct trace_store *store = store_of(TRACES_BYTES_MAX_DEFAULT);
    struct trace_facts facts = facts_of(1);
    struct trace_record *running = trace_store_begin(store, &facts);
    for (uint64_t i = 2; i < 2 + 3 * TRACES_MAX; i++) {
        facts = facts_of(i);
        end(store, trace_store_begin(store, &facts), i);
    }
    assert_int_equal(trace_store_size(store).n_done, TRACES_MAX);
    assert_int_equal(trace_store_size(store).n_running, 1);
    assert_int_equal(find(store, 1), 1);
    assert_int_equal(find(store, 2), 0);
    assert_int_equal(find(store, 1 + 3 * TRACES_MAX), 1);
    end(store, running, 1);
    trace_store_free(store);
}

static void bytes_are_bounded_like_numbers(void **state)
{
    (void)state;
    enum { BYTES_MAX = 64 << 10 };
    struct trace_store *store = store_of(BYTES_MAX);
    for (uint64_t i = 0; i < TRACES_MAX; i++) {
        struct trace_facts facts = facts_of(i);
        struct trace_record *record = trace_store_begin(store, &facts);
        for (int span = 0; span < 100; span++) {
            span_log_put(trace_record_spans(record), &(struct span_record){.name = "part"});
        }
        end(store, record, i);
        assert_true(trace_store_size(store).bytes <= BYTES_MAX);
    }
    assert_true(trace_store_size(store).n_done < TRACES_MAX);
    assert_true(trace_store_size(store).n_done > 0);
    trace_store_free(store);
}

static void a_flood_of_quick_calls_sweeps_no_report_away(void **state)
{
    (void)state;
    struct trace_store *store = store_of(TRACES_BYTES_MAX_DEFAULT);
    struct trace_facts facts = facts_of(1);
    end(store, trace_store_begin(store, &facts), 1);
    for (uint64_t i = 2; i < 1000; i++) {
        facts = facts_of(i);
        add_quick(store, &facts);
    }
    assert_int_equal(find(store, 1), 1);
    assert_int_equal(find(store, 999), 1);
    assert_int_equal(find(store, 2), 0);
    assert_int_equal(trace_store_size(store).n_quick, TRACES_MAX);
    trace_store_free(store);
}

static void what_comes_late_is_still_joined(void **state)
{
    (void)state;
    struct trace_store *store = store_of(TRACES_BYTES_MAX_DEFAULT);
    struct trace_facts facts = facts_of(1);
    struct trace_record *record = trace_store_begin(store, &facts);
    struct span_log *call = span_log_ref(trace_record_spans(record)); /* as a client's call does */
    span_log_expect(call, 1);
    end(store, record, 1);
    span_log_put(call, &(struct span_record){.name = "stop"});
    span_log_expect(call, -1);
    span_log_unref(call);
    struct trace_facts found;
    assert_int_equal(trace_store_find(store, facts.trace.trace_id, NULL, &found, 1), 1);
    assert_int_equal(span_log_count(found.spans), 1);
    assert_true(span_log_is_whole(found.spans));
    trace_facts_finish(&found);
    trace_store_free(store);
}

/* Whoever learns of a trace's id may send requests with it: they do not crowd out the owner's. */
static void requests_of_others_do_not_hide_ones_own(void **state)
{
    (void)state;
    struct trace_store *store = store_of(TRACES_BYTES_MAX_DEFAULT);
    struct trace_facts facts = facts_of(1);
    struct trace_record *others[TRACE_ROOTS_MAX];
    struct trace_record *own = trace_store_begin(store, &facts);
    memcpy(facts.principal, "eve", 4);
    for (size_t i = 0; i < TRACE_ROOTS_MAX; i++) {
        others[i] = trace_store_begin(store, &facts);
    }
    assert_int_equal(find_of(store, 1, "ana"), 1);
    assert_int_equal(find_of(store, 1, "eve"), TRACE_ROOTS_MAX);
    assert_int_equal(find_of(store, 1, "an"), 0);
    assert_int_equal(find(store, 1), TRACE_ROOTS_MAX);
    end(store, own, 1);
    for (size_t i = 0; i < TRACE_ROOTS_MAX; i++) {
        end(store, others[i], 1);
    }
    trace_store_free(store);
}

static void the_list_has_the_newest_first_and_is_filtered(void **state)
{
    (void)state;
    struct trace_store *store = store_of(TRACES_BYTES_MAX_DEFAULT);
    for (uint64_t i = 1; i <= 6; i++) {
        struct trace_facts facts = facts_of(i);
        facts.end_ns = facts.start_ns + CLOCK_MS(i);
        facts.quick_call = "walkie.report.v1.ReportService/Echo";
        facts.status = i == 3 ? STATUS_NOT_FOUND : STATUS_OK;
        memcpy(facts.principal, i % 2 == 0 ? "eve" : "ana", 4);
        add_quick(store, &facts);
    }
    struct trace_facts *list;
    struct trace_filter filter = {.wants_running = true, .wants_done = true, .limit = 4};
    assert_int_equal(trace_store_list(store, &filter, 0, &list), 4);
    assert_int_equal(list[0].start_ns, CLOCK_MS(6));
    assert_int_equal(list[3].start_ns, CLOCK_MS(3));
    free(list);
    filter.principal = "ana";
    assert_int_equal(trace_store_list(store, &filter, 0, &list), 3);
    free(list);
    filter.wants_failed_only = true;
    assert_int_equal(trace_store_list(store, &filter, 0, &list), 1);
    free(list);
    filter = (struct trace_filter){.wants_done = true, .elapsed_min_ns = CLOCK_MS(5), .limit = 9};
    assert_int_equal(trace_store_list(store, &filter, 0, &list), 2);
    free(list);
    filter = (struct trace_filter){.wants_running = true, .limit = 9};
    assert_int_equal(trace_store_list(store, &filter, 0, &list), 0);
    free(list);
    trace_store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_go_and_the_running_stay),
        cmocka_unit_test(bytes_are_bounded_like_numbers),
        cmocka_unit_test(a_flood_of_quick_calls_sweeps_no_report_away),
        cmocka_unit_test(what_comes_late_is_still_joined),
        cmocka_unit_test(requests_of_others_do_not_hide_ones_own),
        cmocka_unit_test(the_list_has_the_newest_first_and_is_filtered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
