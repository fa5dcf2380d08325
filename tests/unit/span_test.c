/* The recorder of spans: what is kept, what is summed up, what costs nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "obs/span.h"

struct recording {
    struct trace trace;
    struct ctx_scope *scope;
    const struct ctx *ctx;
    struct span_record *records; /* of the last look */
};

static int set_up(void **state)
{
    struct recording *recording = calloc(1, sizeof(*recording));
    clock_set_fake_ns(CLOCK_SECONDS(100));
    trace_init(&recording->trace);
    recording->trace.spans = span_log_new();
    recording->scope = ctx_with_value(ctx_background(), &TRACE_KEY, &recording->trace);
    recording->ctx = recording->scope->ctx;
    *state = recording;
    return recording->trace.spans == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    struct recording *recording = *state;
    ctx_scope_end(recording->scope);
    span_log_unref(recording->trace.spans);
    free(recording->records);
    free(recording);
    clock_set_fake_ns(0);
    return 0;
}

static size_t look(struct recording *recording)
{
    free(recording->records);
    return span_log_copy(recording->trace.spans, 0, &recording->records);
}

static void advance_ms(uint64_t ms)
{
    clock_set_fake_ns(clock_now_ns() + CLOCK_MS(ms));
}

static void what_happens_within_a_span_is_below_it(void **state)
{
    struct recording *recording = *state;
    struct span outer;
    struct span inner;
    span_begin(recording->ctx, "build", &outer);
    advance_ms(1);
    span_begin(outer.ctx, "fetch:edc", &inner);
    advance_ms(2);
    span_end(&inner, STATUS_OK, &(struct span_facts){.numbers = {{SPAN_ROWS, 7}}});
    span_end(&outer, STATUS_ABORTED, NULL);
    assert_int_equal(look(recording), 2);
    const struct span_record *first = &recording->records[0];
    const struct span_record *second = &recording->records[1];
    assert_string_equal(first->name, "fetch:edc");
    assert_int_equal(first->parent_id, second->id);
    assert_int_equal(second->parent_id, span_id_number(recording->trace.span_id));
    assert_int_equal(first->end_ns - first->start_ns, CLOCK_MS(2));
    assert_int_equal(second->end_ns - second->start_ns, CLOCK_MS(3));
    assert_int_equal(first->numbers[0].key, SPAN_ROWS);
    assert_int_equal(first->numbers[0].value, 7);
    assert_int_equal(second->status, STATUS_ABORTED);
}

static void log_lines_within_a_span_name_it(void **state)
{
    struct recording *recording = *state;
    struct span span;
    span_begin(recording->ctx, "build", &span);
    const struct trace *within = trace_of(span.ctx);
    assert_memory_not_equal(within->span_id, recording->trace.span_id, SPAN_ID_LEN);
    assert_memory_equal(within->trace_id, recording->trace.trace_id, TRACE_ID_LEN);
    uint64_t id = span_id_number(within->span_id);
    span_end(&span, STATUS_OK, NULL);
    look(recording);
    assert_int_equal(recording->records[0].id, id);
}

static void without_a_recorder_the_context_stays_as_it_is(void **state)
{
    struct recording *recording = *state;
    struct span_log *log = recording->trace.spans;
    recording->trace.spans = NULL;
    struct span span;
    span_begin(recording->ctx, "build", &span);
    assert_ptr_equal(span.ctx, recording->ctx);
    span_end(&span, STATUS_OK, NULL);
    span_add(recording->ctx, "sql", SPAN_CLIENT, 1, STATUS_OK, NULL);
    span_begin(ctx_background(), "build", &span);
    assert_ptr_equal(span.ctx, ctx_background());
    span_end(&span, STATUS_OK, NULL);
    assert_false(span_is_on(recording->ctx));
    recording->trace.spans = log;
    assert_int_equal(span_log_count(log), 0);
}

static void hundreds_of_statements_leave_the_slowest_and_a_sum(void **state)
{
    struct recording *recording = *state;
    enum { STATEMENTS = 500 };
    uint64_t whole_ns = 0;
    for (uint64_t i = 0; i < STATEMENTS; i++) {
        uint64_t start_ns = clock_now_ns();
        uint64_t took_ms = i * 7 % STATEMENTS + 1; /* each of 1 to 500 once */
        advance_ms(took_ms);
        whole_ns += CLOCK_MS(took_ms);
        span_add(recording->ctx, "sql", SPAN_CLIENT, start_ns, STATUS_OK,
            &(struct span_facts){.numbers = {{SPAN_ROWS, 2}}});
    }
    size_t n = look(recording);
    uint64_t n_statements = 0;
    uint64_t n_rows = 0;
    uint64_t sum_ns = 0;
    uint64_t shortest_ns = UINT64_MAX;
    assert_true(n <= SPAN_LEAVES_MAX + 1);
    for (size_t i = 0; i < n; i++) {
        const struct span_record *record = &recording->records[i];
        bool is_sum = record->numbers[0].key == SPAN_COUNT;
        uint64_t took_ns = record->end_ns - record->start_ns;
        n_statements += is_sum ? record->numbers[0].value : 1;
        sum_ns += is_sum ? record->numbers[1].value : took_ns;
        n_rows += is_sum ? record->numbers[2].value : record->numbers[0].value;
        shortest_ns = !is_sum && took_ns < shortest_ns ? took_ns : shortest_ns;
    }
    assert_int_equal(n_statements, STATEMENTS);
    assert_int_equal(sum_ns, whole_ns);
    assert_int_equal(n_rows, 2 * STATEMENTS);
    assert_int_equal(shortest_ns, CLOCK_MS(STATEMENTS - (n - 1) + 1)); /* those above stand alone */
    assert_int_equal(span_log_dropped(recording->trace.spans), 0);
}

static void a_log_never_grows_above_its_bound(void **state)
{
    struct recording *recording = *state;
    enum { SPANS = 3 * SPAN_LOG_MAX };
    for (int i = 0; i < SPANS; i++) {
        struct span span;
        span_begin(recording->ctx, "part", &span);
        span_end(&span, STATUS_OK, NULL);
    }
    assert_int_equal(look(recording), SPAN_LOG_MAX);
    assert_int_equal(span_log_dropped(recording->trace.spans), SPANS - SPAN_LOG_MAX);
    assert_true(span_log_bytes(recording->trace.spans) <= SPAN_LOG_BYTES_MAX);
}

static void work_that_goes_on_after_the_cancel_is_waste(void **state)
{
    struct recording *recording = *state;
    CTX_SCOPE(scope, ctx_with_cancel(recording->ctx));
    struct span before;
    struct span across;
    span_begin(scope->ctx, "before", &before);
    span_end(&before, STATUS_OK, NULL);
    span_begin(scope->ctx, "across", &across);
    ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    advance_ms(1);
    span_end(&across, STATUS_CANCELLED, NULL);
    look(recording);
    assert_false(recording->records[0].is_wasted);
    assert_true(recording->records[1].is_wasted);
}

static void what_is_too_long_is_cut(void **state)
{
    struct recording *recording = *state;
    char text[2 * SPAN_TEXT_MAX];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    span_add(recording->ctx, text, SPAN_INTERNAL, 1, STATUS_OK,
        &(struct span_facts){.text_key = SPAN_STATEMENT, .text = text});
    look(recording);
    assert_int_equal(strlen(recording->records[0].name), SPAN_NAME_MAX - 1);
    assert_int_equal(strlen(recording->records[0].text), SPAN_TEXT_MAX - 1);
}

static void within_an_opaque_span_nothing_is_recorded(void **state)
{
    struct recording *recording = *state;
    struct span site;
    struct span part;
    span_begin_opaque(recording->ctx, "site", &site);
    span_begin(site.ctx, "build", &part);
    span_end(&part, STATUS_OK, NULL);
    span_end(&site, STATUS_OK, NULL);
    assert_int_equal(look(recording), 1);
    assert_string_equal(recording->records[0].name, "site");
}

static void stages_last_until_the_next_one(void **state)
{
    struct recording *recording = *state;
    struct span_log *log = recording->trace.spans;
    struct span_stage stages[SPAN_STAGES_MAX];
    span_log_stage(log, "fetch:edc", 1, 0, 10);
    span_log_stage(log, "fetch:edc", 2, 0, 20);
    span_log_stage(log, "layout", 5, 9, 30);
    assert_int_equal(span_log_stages(log, stages), 2);
    assert_string_equal(stages[0].name, "fetch:edc");
    assert_int_equal(stages[0].start_ns, 10);
    assert_int_equal(stages[0].done, 2);
    assert_int_equal(stages[1].start_ns, 30);
    assert_int_equal(stages[1].total, 9);
    char name[8];
    for (unsigned int i = 0; i < 2 * SPAN_STAGES_MAX; i++) {
        snprintf(name, sizeof(name), "s%u", i);
        span_log_stage(log, name, 0, 0, 40 + i);
    }
    assert_int_equal(span_log_stages(log, stages), SPAN_STAGES_MAX);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_happens_within_a_span_is_below_it),
        TEST(log_lines_within_a_span_name_it),
        TEST(without_a_recorder_the_context_stays_as_it_is),
        TEST(hundreds_of_statements_leave_the_slowest_and_a_sum),
        TEST(a_log_never_grows_above_its_bound),
        TEST(work_that_goes_on_after_the_cancel_is_waste),
        TEST(what_is_too_long_is_cut),
        TEST(within_an_opaque_span_nothing_is_recorded),
        TEST(stages_last_until_the_next_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
