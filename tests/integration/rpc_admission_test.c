/* Admission on a real server: who is refused and in which words, whose turn it is, what a class may
 * use. Naps end by the fake clock, so that a call takes as long as it says on a busy machine, too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "rpc/admission_page.h"
#include "rpc/metadata.h"
#include "rpc_admission_service.h"

enum { N_MANY = SINGLE_QUEUE_MAX, N_TAUGHT = 3, NAP_MS = 60 };
#define NAP_SIZE_FROM "32" /* a nap's size is its milliseconds; classes begin at powers of two */

static int set_up(void **state)
{
    admission_service_reset();
    *state = rpc_fixture_new("tcp://127.0.0.1:0", admission_service_use);
    ctx_test_clock_start();
    return 0;
}

static int tear_down(void **state)
{
    rpc_fixture_free(*state);
    ctx_test_clock_end();
    return ctx_test_no_leaks() ? 0 : 1;
}

/* --- helpers -------------------------------------------------------------------------------- */

/* Not on a test's stack: a failed assertion leaves it while calls are in flight. */
static struct call_record held;
static struct call_record last;
static struct call_record records[N_MANY];

static void start(struct rpc_fixture *fixture, struct call_record *record, const struct ctx *ctx,
    const struct rpc_method *method, uint32_t ms)
{
    memset(record, 0, sizeof(*record));
    assert_int_equal(record_start(record, ctx, fixture->channel, method, ms), STATUS_OK);
}

static bool have_begun(void *n_naps)
{
    return admission_service_n_naps() >= *(unsigned int *)n_naps;
}

/* When that many have begun, in all, `ms` pass. */
static void pass_naps(unsigned int n_naps, uint32_t ms)
{
    assert_true(wait_until(have_begun, &n_naps));
    ctx_test_clock_advance(CTX_MS(ms));
}

struct page_wish {
    struct rpc_server *server;
    const char *texts[5];
};

static bool page_has(void *arg)
{
    const struct page_wish *wish = arg;
    struct buffer page = BUFFER_EMPTY(1 << 16);
    bool has_all = rpc_admission_page_write(wish->server, &page) == STATUS_OK &&
                   buffer_append(&page, "", 1) == STATUS_OK;
    for (size_t i = 0; i < LENGTH_OF(wish->texts) && wish->texts[i] != NULL && has_all; i++) {
        has_all = strstr((const char *)page.data, wish->texts[i]) != NULL;
    }
    buffer_finish(&page);
    return has_all;
}

/* One call: of a nap, the `n_naps`th in all. */
static void call_ok(
    struct rpc_fixture *fixture, const struct rpc_method *method, uint32_t ms, unsigned int n_naps)
{
    static struct call_record record;
    start(fixture, &record, ctx_background(), method, ms);
    if (ms > 0) {
        pass_naps(n_naps, ms);
    }
    assert_true(record_wait_end(&record));
    assert_int_equal(record.end.status, STATUS_OK);
    record_finish(&record);
}

/* The first calls: three are enough for a quantile that one odd one does not make. A worker has
 * learnt from its call a moment after the answer. */
static void teach(struct rpc_fixture *fixture, const struct rpc_method *method, uint32_t ms)
{
    for (unsigned int i = 1; i <= N_TAUGHT; i++) {
        call_ok(fixture, method, ms, i);
    }
    struct page_wish wish = {fixture->server, {"\"samples\":3,"}};
    assert_true(wait_until(page_has, &wish));
}

static void expect_refusal(const struct call_record *record, const char *words)
{
    assert_int_equal(record->end.status, STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(record->end.account.outcome, RPC_OUTCOME_NOT_STARTED);
    assert_int_equal(record->end.cause, CTX_CAUSE_NONE);
    assert_non_null(strstr(record->end.message, words));
}

struct queued_wish {
    struct rpc_server *server;
    unsigned int n_wanted;
    unsigned int n_queued;
};

static void count_queued(void *arg, const struct rpc_call_info *info)
{
    ((struct queued_wish *)arg)->n_queued += info->is_running ? 0 : 1;
}

static bool are_queued(void *arg)
{
    struct queued_wish *wish = arg;
    wish->n_queued = 0;
    rpc_server_each_call(wish->server, count_queued, wish);
    return wish->n_queued == wish->n_wanted;
}

static void wait_queued(struct rpc_fixture *fixture, unsigned int n)
{
    struct queued_wish wish = {.server = fixture->server, .n_wanted = n};
    assert_true(wait_until(are_queued, &wish));
}

/* --- tests ---------------------------------------------------------------------------------- */

static void a_full_queue_says_so_and_when_to_come_again(void **state)
{
    struct rpc_fixture *fixture = *state;
    teach(fixture, &NOTE, 0);
    start(fixture, &held, ctx_background(), &HOLD, 0);
    assert_true(test_service_wait_started(&fixture->service, 1));
    ctx_test_clock_advance(CTX_MS(NAP_MS)); /* so long it has taken already */
    for (unsigned int i = 0; i < N_MANY; i++) {
        start(fixture, &records[i], ctx_background(), &NOTE, 0);
    }
    start(fixture, &last, ctx_background(), &NOTE, 0);
    assert_true(record_wait_end(&last));
    expect_refusal(&last, "queue full");
    assert_true(last.end.retry_after_ms > 0);
    test_service_open_gate(&fixture->service);
    for (unsigned int i = 0; i < N_MANY; i++) {
        assert_true(record_wait_end(&records[i]));
        assert_int_equal(records[i].end.status, STATUS_OK);
        record_finish(&records[i]);
    }
    assert_true(record_wait_end(&held));
    record_finish(&held);
    record_finish(&last);
}

static void a_call_that_takes_longer_than_it_has_is_refused_at_once(void **state)
{
    struct rpc_fixture *fixture = *state;
    teach(fixture, &NAP, NAP_MS);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(NAP_MS / 2)));
    start(fixture, &last, scope->ctx, &NAP, NAP_MS);
    assert_true(record_wait_end(&last));
    expect_refusal(&last, "would need ");
    unsigned int needed_ms = 0;
    unsigned int left_ms = 0;
    assert_int_equal(
        sscanf(last.end.message, "would need %u ms, %u ms left", &needed_ms, &left_ms), 2);
    assert_in_range(needed_ms, NAP_MS, 10 * NAP_MS);
    assert_in_range(left_ms, 0, NAP_MS / 2);
    assert_in_range(last.end.retry_after_ms, NAP_MS / 2, 10 * NAP_MS);
    record_finish(&last);
    /* Of another size nothing is known: it is let in. */
    CTX_SCOPE(longer, ctx_with_timeout(ctx_background(), CTX_SECONDS(10)));
    start(fixture, &last, longer->ctx, &NAP, 1);
    pass_naps(N_TAUGHT + 1, 1);
    assert_true(record_wait_end(&last));
    assert_int_equal(last.end.status, STATUS_OK);
    record_finish(&last);
}

struct judged_wish {
    struct rpc_server *server;
    uint64_t n_wanted;
    uint64_t n_judged;
};

static void count_judged(void *arg, const struct rpc_class_info *info)
{
    ((struct judged_wish *)arg)->n_judged += info->n_admitted + info->n_refused + info->n_doomed;
}

static bool are_judged(void *arg)
{
    struct judged_wish *wish = arg;
    wish->n_judged = 0;
    rpc_server_each_class(wish->server, count_judged, wish);
    return wish->n_judged >= wish->n_wanted;
}

static bool all_have_ended(void *arg)
{
    unsigned int n_ended = 0;
    (void)arg;
    for (unsigned int i = 0; i < N_MANY; i++) {
        pthread_mutex_lock(&records[i].mutex);
        n_ended += records[i].n_ends;
        pthread_mutex_unlock(&records[i].mutex);
    }
    return n_ended == N_MANY;
}

/* A nap has begun since the last look, or no more will. */
static bool has_news(void *n_naps)
{
    return have_begun(n_naps) || all_have_ended(NULL);
}

static void of_too_many_calls_those_run_that_can_be_done(void **state)
{
    struct rpc_fixture *fixture = *state;
    teach(fixture, &NAP, NAP_MS);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(NAP_MS * 4)));
    for (unsigned int i = 0; i < N_MANY; i++) {
        start(fixture, &records[i], scope->ctx, &NAP, NAP_MS);
    }
    struct judged_wish wish = {.server = fixture->server, .n_wanted = N_TAUGHT + N_MANY};
    assert_true(wait_until(are_judged, &wish)); /* in what time they had */
    for (unsigned int n_naps = N_TAUGHT + 1; !all_have_ended(NULL); n_naps++) { /* one at a time */
        assert_true(wait_until(has_news, &n_naps));
        ctx_test_clock_advance(CTX_MS(NAP_MS));
    }
    unsigned int n_good = 0;
    unsigned int n_refused = 0;
    unsigned int n_begun_in_vain = 0;
    for (unsigned int i = 0; i < N_MANY; i++) {
        assert_true(record_wait_end(&records[i]));
        n_good += records[i].end.status == STATUS_OK;
        n_begun_in_vain += records[i].end.account.outcome == RPC_OUTCOME_STOPPED;
        if (records[i].end.status == STATUS_RESOURCE_EXHAUSTED) {
            expect_refusal(&records[i], "would need ");
            n_refused++;
        }
        record_finish(&records[i]);
    }
    assert_in_range(n_good, 1, 4);
    assert_in_range(n_refused, N_MANY - 6, N_MANY - 1);
    assert_in_range(n_begun_in_vain, 0, 1);
}

/* Let in when nothing was known of what ran before it; by the time it is its turn it is too late.
 */
static void what_has_become_hopeless_in_the_queue_never_starts(void **state)
{
    struct rpc_fixture *fixture = *state;
    enum { LONG_NAP_MS = 400, LEFT_MS = 300 };
    teach(fixture, &NAP, LONG_NAP_MS);
    start(fixture, &held, ctx_background(), &HOLD, 0);
    assert_true(test_service_wait_started(&fixture->service, 1));
    uint64_t deadline_ns = clock_now_ns() + CLOCK_MS(LONG_NAP_MS * 2);
    CTX_SCOPE(scope, ctx_with_deadline(ctx_background(), deadline_ns));
    start(fixture, &last, scope->ctx, &NAP, LONG_NAP_MS);
    wait_queued(fixture, 1);
    ctx_test_clock_advance(CTX_MS(LONG_NAP_MS * 2 - LEFT_MS));
    test_service_open_gate(&fixture->service);
    assert_true(record_wait_end(&last));
    expect_refusal(&last, "would need ");
    assert_true(record_wait_end(&held));
    record_finish(&last);
    record_finish(&held);
}

static void a_deferred_call_is_judged_by_its_whole_time(void **state)
{
    struct rpc_fixture *fixture = *state;
    teach(fixture, &LATER, NAP_MS);
    start(fixture, &held, ctx_background(), &HOLD_TWO, 0); /* so that there is no worker to spare */
    assert_true(test_service_wait_started(&fixture->service, 1));
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(NAP_MS / 2)));
    start(fixture, &last, scope->ctx, &LATER, NAP_MS);
    assert_true(record_wait_end(&last));
    expect_refusal(&last, "would need ");
    record_finish(&last);
    /* But it waits for nobody: no worker is held meanwhile. */
    CTX_SCOPE(enough, ctx_with_timeout(ctx_background(), CTX_MS(NAP_MS * 6)));
    for (unsigned int i = 0; i < N_MANY; i++) {
        start(fixture, &records[i], enough->ctx, &LATER, NAP_MS);
    }
    pass_naps(N_TAUGHT + N_MANY, NAP_MS);
    for (unsigned int i = 0; i < N_MANY; i++) {
        assert_true(record_wait_end(&records[i]));
        assert_int_equal(records[i].end.status, STATUS_OK);
        record_finish(&records[i]);
    }
    test_service_open_gate(&fixture->service);
    assert_true(record_wait_end(&held));
    record_finish(&held);
}

static void one_principal_does_not_stand_in_the_way_of_another(void **state)
{
    struct rpc_fixture *fixture = *state;
    teach(fixture, &NOTE, 0);
    start(fixture, &held, ctx_background(), &HOLD, 0);
    assert_true(test_service_wait_started(&fixture->service, 1));
    admission_service_reset();
    struct rpc_metadata_entry entries[2][1];
    struct rpc_metadata metadata[2];
    struct ctx_scope *scopes[2];
    static const char *const names[] = {"alice", "bob"};
    for (unsigned int i = 0; i < 2; i++) {
        rpc_metadata_init(&metadata[i], entries[i], 1);
        assert_int_equal(
            rpc_metadata_set(&metadata[i], RPC_METADATA_PRINCIPAL, bytes_of(names[i])), STATUS_OK);
        scopes[i] = ctx_with_value(ctx_background(), &RPC_METADATA_KEY, &metadata[i]);
    }
    for (unsigned int i = 0; i < N_MANY; i++) {
        start(fixture, &records[i], scopes[i < N_MANY - 1 ? 0 : 1]->ctx, &NOTE, 0);
    }
    wait_queued(fixture, N_MANY);
    test_service_open_gate(&fixture->service);
    for (unsigned int i = 0; i < N_MANY; i++) {
        assert_true(record_wait_end(&records[i]));
        record_finish(&records[i]);
    }
    assert_true(record_wait_end(&held));
    record_finish(&held);
    ctx_scope_end(scopes[0]);
    ctx_scope_end(scopes[1]);
    assert_string_equal(admission_service_order(), "abaaaaaaaaaa");
}

static void a_class_uses_no_more_workers_than_it_may_and_takes_none_of_another(void **state)
{
    struct rpc_fixture *fixture = *state;
    enum { N_HELD = 5 };
    for (unsigned int i = 0; i < N_HELD; i++) {
        start(fixture, &records[i], ctx_background(), &HOLD_TWO, 0);
    }
    assert_true(test_service_wait_started(&fixture->service, 2));
    wait_queued(fixture, 3);
    call_ok(fixture, &NOTE, 0, 0); /* of the other class */
    test_service_open_gate(&fixture->service);
    for (unsigned int i = 0; i < N_HELD; i++) {
        assert_true(record_wait_end(&records[i]));
        assert_int_equal(records[i].end.status, STATUS_OK);
        record_finish(&records[i]);
    }
    assert_int_equal(admission_service_n_running_max(), 2);
}

static void the_page_tells_what_was_learnt_and_refused(void **state)
{
    struct rpc_fixture *fixture = *state;
    teach(fixture, &NAP, NAP_MS);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_MS(NAP_MS / 2)));
    start(fixture, &last, scope->ctx, &NAP, NAP_MS);
    assert_true(record_wait_end(&last));
    record_finish(&last);
    struct page_wish wish = {fixture->server,
        {"{\"class\":\"single\",\"running\":0,\"max_running\":1,", "\"admitted\":3,",
            "\"refused\":{\"queue_full\":0,\"doomed\":1,",
            ("\"method\":\"walkie.test.v1.Admission/Nap\",\"size_from\":" NAP_SIZE_FROM
             ",\"samples\":3,"),
            "{\"class\":\"pair\","}};
    assert_true(wait_until(page_has, &wish));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_full_queue_says_so_and_when_to_come_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_call_that_takes_longer_than_it_has_is_refused_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            of_too_many_calls_those_run_that_can_be_done, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            what_has_become_hopeless_in_the_queue_never_starts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_deferred_call_is_judged_by_its_whole_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            one_principal_does_not_stand_in_the_way_of_another, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_class_uses_no_more_workers_than_it_may_and_takes_none_of_another, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            the_page_tells_what_was_learnt_and_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
