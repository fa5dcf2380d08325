/* What is kept of operations, how much, and how many may run. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "operations/operations_internal.h"
#include "operations_fixture.h"

static void keep_little(struct operations_options *options)
{
    options->bytes_max = 2 * OPERATION_STREAM_LEN + 10;
}

static void the_oldest_result_goes_when_there_is_no_room(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, keep_little);
    struct operation_view views[3];
    for (size_t i = 0; i < LENGTH_OF(views); i++) {
        operation_begin_at(site, 0, &OPERATION_STREAM, &views[i]);
        assert_true(operation_wait_finished(&views[i]));
        assert_int_equal(views[i].record.state, OPERATION_DONE);
    }
    assert_false(operations_site_has_result(site, views[0].id));
    assert_true(operations_site_has_result(site, views[2].id));
    struct answer_view answer = {.list = NULL};
    assert_true(
        operation_ask_and_wait(site->gateways[0], QUESTION_RESULT, views[0].id, "ana", &answer));
    assert_int_equal(answer.record.state, OPERATION_DONE);
    assert_true(answer.record.is_removed);
    assert_int_equal(answer.fd, -1);
    operations_site_free(site);
}

static void a_result_that_is_larger_than_all_room_fails(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, keep_little);
    struct operation_wish wish = OPERATION_STREAM;
    wish.size = 3 * OPERATION_STREAM_LEN;
    struct operation_view view;
    operation_begin_at(site, 0, &wish, &view);
    assert_true(operation_wait_finished(&view));
    assert_int_equal(view.record.state, OPERATION_FAILED);
    assert_non_null(strstr(view.record.problem, "RESOURCE_EXHAUSTED"));
    assert_int_equal(operations_site_count(site, ".part"), 0);
    operations_site_free(site);
}

/* Of the program's allocations, those of this size fail. */
enum { UNUSUAL_LEN = 12345 };
static _Atomic size_t size_that_fails;
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return size == size_that_fails ? NULL : __real_malloc(size);
}

/* The end comes at once, before the cancel that the want of memory gives rise to. */
static void a_piece_without_memory_is_no_result(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, NULL);
    struct operation_wish wish = OPERATION_STREAM;
    wish.size = UNUSUAL_LEN;
    struct operation_view view;
    size_that_fails = sizeof(struct piece) + UNUSUAL_LEN;
    operation_begin_at(site, 0, &wish, &view);
    assert_true(operation_wait_finished(&view));
    size_that_fails = 0;
    assert_int_equal(view.record.state, OPERATION_FAILED);
    assert_non_null(strstr(view.record.problem, "RESOURCE_EXHAUSTED"));
    assert_false(operations_site_has_result(site, view.id));
    operations_site_free(site);
}

static void keep_for_a_millisecond(struct operations_options *options)
{
    options->keep_ns = CLOCK_MS(1);
}

static void an_expired_result_says_that_there_was_one(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, keep_for_a_millisecond);
    struct operation_view view;
    operation_begin_at(site, 0, &OPERATION_STREAM, &view);
    assert_true(operation_wait_finished(&view));
    struct answer_view answer = {.list = NULL};
    bool is_there = true;
    for (int i = 0; i < 1000 && is_there; i++) { /* until the clock has gone on */
        assert_true(
            operation_ask_and_wait(site->gateways[0], QUESTION_RESULT, view.id, "ana", &answer));
        is_there = answer.fd >= 0;
        if (is_there) {
            close(answer.fd);
        }
    }
    assert_false(is_there);
    assert_true(answer.status == STATUS_NOT_FOUND || answer.record.is_removed);
    operations_site_free(site);
}

static void few_at_once(struct operations_options *options)
{
    options->running_max = 3;
    options->per_owner_max = 2;
}

static void too_many_at_once_are_refused(void **state)
{
    (void)state;
    struct operations_site *site = operations_site_new(1, few_at_once);
    struct operation_view views[4];
    struct error error = ERROR_NONE;
    struct operation_wish wish = OPERATION_BLOCK;
    operation_begin_at(site, 0, &wish, &views[0]);
    operation_begin_at(site, 0, &wish, &views[1]);
    assert_int_equal(
        operation_begin(site->gateways[0], &wish, &views[2], &error), STATUS_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(error.text, "2 of your operations"));
    wish.owner = "ben";
    operation_begin_at(site, 0, &wish, &views[2]);
    wish.owner = "cleo";
    assert_int_equal(
        operation_begin(site->gateways[0], &wish, &views[3], &error), STATUS_RESOURCE_EXHAUSTED);
    operations_site_free(site);
}

static void many_are_listed_page_by_page_newest_first(void **state)
{
    (void)state;
    enum { N = 120 };
    struct operations_site *site = operations_site_new(1, NULL);
    struct operation_wish wish = OPERATION_STREAM;
    wish.size = 10;
    for (int i = 0; i < N; i++) {
        struct operation_view view;
        operation_begin_at(site, 0, &wish, &view);
        assert_true(operation_wait_finished(&view));
    }
    struct answer_view answer = {.list = calloc(STORE_PAGE_MAX, sizeof(*answer.list))};
    char before[OPERATION_ID_MAX] = "";
    int64_t last_ms = INT64_MAX;
    size_t n = 0;
    do {
        assert_true(
            operation_ask_and_wait(site->gateways[0], QUESTION_LIST, before, "ana", &answer));
        for (size_t i = 0; i < answer.n_records; i++) {
            assert_true(answer.list[i].created_ms <= last_ms);
            last_ms = answer.list[i].created_ms;
            memcpy(before, answer.list[i].id, sizeof(before));
        }
        n += answer.n_records;
    } while (answer.n_records == STORE_PAGE_MAX);
    assert_int_equal(n, N);
    free(answer.list);
    operations_site_free(site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_result_goes_when_there_is_no_room),
        cmocka_unit_test(a_result_that_is_larger_than_all_room_fails),
        cmocka_unit_test(a_piece_without_memory_is_no_result),
        cmocka_unit_test(an_expired_result_says_that_there_was_one),
        cmocka_unit_test(too_many_at_once_are_refused),
        cmocka_unit_test(many_are_listed_page_by_page_newest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
