/* Server-Sent Events: when what is sent, how it is written, who asks for them; and the bar. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "api/event_stream.h"
#include "api/report_stream.h"
#include "base/clock.h"
#include "operations/progress.h"

static const uint64_t NOW_NS = CLOCK_SECONDS(1000);

static void the_first_progress_is_sent_at_once(void **state)
{
    (void)state;
    const struct event_pace pace = {.sent_ns = NOW_NS, .has_progress = true};
    uint64_t due_ns = 0;
    assert_int_equal(event_pace_next(&pace, NOW_NS, &due_ns), EVENT_SEND_PROGRESS);
}

static void progress_waits_for_its_turn(void **state)
{
    (void)state;
    const struct event_pace pace = {.progress_ns = NOW_NS, .sent_ns = NOW_NS, .has_progress = true};
    uint64_t due_ns = 0;
    assert_int_equal(event_pace_next(&pace, NOW_NS + 1, &due_ns), EVENT_WAIT);
    assert_int_equal(due_ns, NOW_NS + CLOCK_SECONDS(1) / EVENTS_PER_SECOND_MAX);
    assert_int_equal(event_pace_next(&pace, due_ns, &due_ns), EVENT_SEND_PROGRESS);
}

static void silence_is_broken_by_a_heartbeat(void **state)
{
    (void)state;
    const struct event_pace pace = {.sent_ns = NOW_NS};
    uint64_t due_ns = 0;
    assert_int_equal(event_pace_next(&pace, NOW_NS, &due_ns), EVENT_WAIT);
    assert_int_equal(due_ns, NOW_NS + CLOCK_MS(EVENT_HEARTBEAT_MS));
    assert_int_equal(event_pace_next(&pace, due_ns, &due_ns), EVENT_SEND_HEARTBEAT);
}

static void a_reader_who_is_behind_gets_nothing_more(void **state)
{
    (void)state;
    const struct event_pace pace = {
        .sent_ns = NOW_NS, .n_unsent = EVENT_UNSENT_MAX + 1, .has_progress = true};
    uint64_t due_ns = 0;
    assert_int_equal(event_pace_next(&pace, NOW_NS + CLOCK_SECONDS(60), &due_ns), EVENT_WAIT);
    assert_int_equal(due_ns, CLOCK_NEVER);
}

static void an_event_is_written_as_the_standard_says(void **state)
{
    (void)state;
    struct buffer text = BUFFER_EMPTY(256);
    assert_int_equal(event_write(&text, "progress", 7, bytes_of("{\"done\":1}")), STATUS_OK);
    static const char WANTED[] = "event: progress\nid: 7\ndata: {\"done\":1}\n\n";
    assert_int_equal(text.len, strlen(WANTED));
    assert_memory_equal(text.data, WANTED, text.len);
    buffer_finish(&text);
}

static void data_of_two_lines_is_no_event(void **state)
{
    (void)state;
    struct buffer text = BUFFER_EMPTY(256);
    assert_int_equal(
        event_write(&text, "progress", 7, bytes_of("a\n\nevent: done")), STATUS_INVALID_ARGUMENT);
    assert_int_equal(event_write(&text, "progress", 7, bytes_of("a\rb")), STATUS_INVALID_ARGUMENT);
    assert_int_equal(text.len, 0);
    buffer_finish(&text);
}

static void an_event_that_has_no_room_leaves_nothing(void **state)
{
    (void)state;
    struct buffer text = BUFFER_EMPTY(24);
    assert_int_equal(
        event_write(&text, "progress", 7, bytes_of("0123456789")), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(text.len, 0);
    buffer_finish(&text);
}

static void accept_asks_for_events_by_their_name(void **state)
{
    (void)state;
    assert_true(report_stream_accepts("text/event-stream"));
    assert_true(report_stream_accepts("application/json, Text/Event-Stream;q=0.5"));
    assert_true(report_stream_accepts("text/event-stream; q=1"));
    assert_false(report_stream_accepts("text/event-streams"));
    assert_false(report_stream_accepts("text/*, */*"));
    assert_false(report_stream_accepts("text/event-stream;q=0"));
    assert_false(report_stream_accepts("text/event-stream; q=0.000"));
    assert_false(report_stream_accepts(""));
}

static void take(struct progress *progress, const char *stage, uint64_t done, uint64_t total)
{
    const struct rpc_progress told = {
        .stage = stage, .section = "safety", .page = 3, .done = done, .total = total};
    progress_take(progress, &told);
}

static void the_bar_never_goes_back(void **state)
{
    (void)state;
    struct progress progress = {.page = 0};
    static const char *const STAGES[] = {
        "fetch:edc", "rules", "fetch:ctms", "sections", "json", "layout", "render", "unheard-of"};
    uint64_t last = 0;
    for (size_t i = 0; i < LENGTH_OF(STAGES); i++) {
        for (uint64_t done = 0; done <= 100; done += 20) {
            take(&progress, STAGES[i], done, i == 0 ? 0 : 100);
            assert_true(progress.done >= last);
            assert_true(progress.done <= PROGRESS_TOTAL);
            last = progress.done;
        }
    }
    assert_true(last < PROGRESS_TOTAL);
    progress_complete(&progress);
    assert_int_equal(progress.done, PROGRESS_TOTAL);
}

static void a_study_run_counts_its_sites(void **state)
{
    (void)state;
    struct progress progress = {.page = 0};
    take(&progress, "fetch:edc", 90000, 0);
    assert_int_equal(progress.total, PROGRESS_TOTAL);
    take(&progress, "sites", 3, 12);
    take(&progress, "render", 50, 100);
    take(&progress, "sites", 2, 12);
    assert_int_equal(progress.done, 3);
    assert_int_equal(progress.total, 12);
}

static void progress_is_one_line_of_json(void **state)
{
    (void)state;
    struct progress progress = {.page = 0};
    struct buffer json = BUFFER_EMPTY(PROGRESS_JSON_MAX);
    take(&progress, "render", 50, 100);
    assert_int_equal(progress_write(&progress, CLOCK_MS(1500), &json), STATUS_OK);
    static const char WANTED[] = "{\"stage\":\"render\",\"section\":\"safety\",\"page\":3,"
                                 "\"done\":820,\"total\":1000,\"remaining_ms\":1500}";
    assert_int_equal(json.len, strlen(WANTED));
    assert_memory_equal(json.data, WANTED, json.len);
    buffer_finish(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_progress_is_sent_at_once),
        cmocka_unit_test(progress_waits_for_its_turn),
        cmocka_unit_test(silence_is_broken_by_a_heartbeat),
        cmocka_unit_test(a_reader_who_is_behind_gets_nothing_more),
        cmocka_unit_test(an_event_is_written_as_the_standard_says),
        cmocka_unit_test(data_of_two_lines_is_no_event),
        cmocka_unit_test(an_event_that_has_no_room_leaves_nothing),
        cmocka_unit_test(accept_asks_for_events_by_their_name),
        cmocka_unit_test(the_bar_never_goes_back),
        cmocka_unit_test(a_study_run_counts_its_sites),
        cmocka_unit_test(progress_is_one_line_of_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
