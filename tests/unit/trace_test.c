/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "ctx/test.h"
#include "obs/trace.h"

static void a_traceparent_gives_its_ids_and_a_new_span(void **state)
{
    (void)state;
    struct trace trace;
    assert_true(trace_parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", &trace));
    char trace_text[TRACE_ID_TEXT_MAX];
    char parent_text[SPAN_ID_TEXT_MAX];
    char span_text[SPAN_ID_TEXT_MAX];
    trace_id_text(&trace, trace_text);
    span_id_text(trace.parent_span_id, parent_text);
    span_id_text(trace.span_id, span_text);
    assert_string_equal(trace_text, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_string_equal(parent_text, "00f067aa0ba902b7");
    assert_string_not_equal(span_text, parent_text);
}

static void a_later_version_may_go_on_after_a_dash(void **state)
{
    (void)state;
    struct trace trace;
    assert_true(
        trace_parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what", &trace));
    assert_false(trace_parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x", &trace));
}

static void malformed_traceparents_are_refused_and_leave_the_result_alone(void **state)
{
    (void)state;
    static const char *const WRONG[] = {
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
    };
    for (size_t i = 0; i < LENGTH_OF(WRONG); i++) {
        struct trace trace = {.call_id = 77};
        assert_false(trace_parse(WRONG[i], &trace));
        assert_int_equal(trace.call_id, 77);
    }
}

static void a_span_is_told_on_as_a_traceparent(void **state)
{
    (void)state;
    struct trace trace;
    struct trace read_back;
    char text[TRACE_PARENT_TEXT_MAX];
    trace_init(&trace);
    trace_parent_text(&trace, text);
    assert_int_equal(strlen(text), TRACE_PARENT_TEXT_MAX - 1);
    assert_true(trace_parse(text, &read_back));
    assert_memory_equal(read_back.trace_id, trace.trace_id, TRACE_ID_LEN);
    assert_memory_equal(read_back.parent_span_id, trace.span_id, SPAN_ID_LEN);
}

static void new_traces_differ(void **state)
{
    (void)state;
    struct trace one;
    struct trace other;
    trace_init(&one);
    trace_init(&other);
    assert_memory_not_equal(one.trace_id, other.trace_id, TRACE_ID_LEN);
    assert_memory_not_equal(one.span_id, other.span_id, SPAN_ID_LEN);
}

static void a_context_carries_its_trace_to_its_children(void **state)
{
    (void)state;
    struct trace trace;
    trace_init(&trace);
    assert_null(trace_of(ctx_background()));
    CTX_SCOPE(traced, ctx_with_value(ctx_background(), &TRACE_KEY, &trace));
    CTX_SCOPE(child, ctx_with_cancel(traced->ctx));
    assert_ptr_equal(trace_of(child->ctx), &trace);
}

static int no_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_traceparent_gives_its_ids_and_a_new_span),
        cmocka_unit_test(a_later_version_may_go_on_after_a_dash),
        cmocka_unit_test(malformed_traceparents_are_refused_and_leave_the_result_alone),
        cmocka_unit_test(a_span_is_told_on_as_a_traceparent),
        cmocka_unit_test(new_traces_differ),
        cmocka_unit_test(a_context_carries_its_trace_to_its_children),
    };
    return cmocka_run_group_tests(tests, NULL, no_leaks);
}
