/* An END and the gateway's own spans, joined: who is below whom, where in time, and as JSON. */
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
#include "rpc/span_wire.h"
#include "traces/join.h"
#include "traces/view.h"

enum { ROOT = 0x10, CALL = 0x20, SERVER_CALL = 0x30, RUN = 0x40, LOST = 0x50 };

static struct trace_facts facts_of(uint8_t id, struct span_log *spans)
{
    struct trace_facts facts = {.spans = spans,
        .method = "GET",
        .path = "/v1/work",
        .principal = "ana",
        .start_ns = CLOCK_MS(1000),
        .read_ns = CLOCK_MS(1000),
        .end_ns = CLOCK_MS(1100),
        .deadline_ns = CLOCK_MS(4000),
        .origin = CTX_ORIGIN_TIMEOUT_QUERY,
        .http_status = 200,
        .bytes = 11};
    memset(facts.trace.trace_id, 0xab, TRACE_ID_LEN);
    facts.trace.span_id[SPAN_ID_LEN - 1] = id;
    return facts;
}

static void put(struct span_log *log, uint64_t id, uint64_t parent, const char *name,
    enum span_kind kind, uint64_t start_ms, uint64_t end_ms)
{
    struct span_record record = {.id = id,
        .parent_id = parent,
        .start_ns = CLOCK_MS(start_ms),
        .end_ns = CLOCK_MS(end_ms),
        .kind = kind};
    span_copy_text(record.name, sizeof(record.name), name);
    span_log_put(log, &record);
}

static const struct joined_span *find(const struct joined *joined, uint64_t id)
{
    for (size_t i = 0; i < joined->n_spans; i++) {
        if (joined->spans[i].record.id == id) {
            return &joined->spans[i];
        }
    }
    return NULL;
}

/* A server that says it took 60 ms, of a call that took 100: its times go into the middle. */
static struct span_log *log_with_end(void)
{
    struct span_log *server = span_log_new();
    put(server, SERVER_CALL, CALL, "Work", SPAN_SERVER, 7000, 7060);
    put(server, RUN, SERVER_CALL, "run", SPAN_INTERNAL, 7010, 7060);
    put(server, LOST, 0x99, "lost", SPAN_INTERNAL, 7020, 7030);
    struct span_record *records;
    size_t n = span_log_copy(server, 0, &records);
    struct buffer packed = span_wire_pack(&(struct span_list){.service = "report-service",
        .received_ns = CLOCK_MS(7000),
        .now_ns = CLOCK_MS(7060),
        .records = records,
        .n_records = n});
    struct span_log *log = span_log_new();
    put(log, CALL, ROOT, "rpc Work", SPAN_CLIENT, 1000, 1100);
    struct span_anchor anchor = {.sent_ns = CLOCK_MS(1000), .read_ns = CLOCK_MS(1100)};
    assert_true(span_wire_unpack(buffer_bytes(&packed), &anchor, log));
    buffer_finish(&packed);
    free(records);
    span_log_unref(server);
    return log;
}

static void what_the_server_did_lies_in_the_middle_of_its_call(void **state)
{
    (void)state;
    struct trace_facts root = facts_of(ROOT, log_with_end());
    struct joined joined;
    assert_true(trace_join(&root, 1, &joined));
    assert_int_equal(find(&joined, SERVER_CALL)->record.start_ns, CLOCK_MS(1020));
    assert_int_equal(find(&joined, SERVER_CALL)->record.end_ns, CLOCK_MS(1080));
    assert_int_equal(find(&joined, RUN)->record.start_ns, CLOCK_MS(1030));
    assert_string_equal(find(&joined, RUN)->record.service, "report-service");
    joined_finish(&joined);
    trace_facts_finish(&root);
}

static void every_span_has_a_parent_in_the_list_and_lies_within_it(void **state)
{
    (void)state;
    struct trace_facts root = facts_of(ROOT, log_with_end());
    struct joined joined;
    assert_true(trace_join(&root, 1, &joined));
    assert_int_equal(joined.n_spans, 5);
    assert_true(joined.spans[0].is_request);
    assert_int_equal(find(&joined, LOST)->record.parent_id, CALL); /* its own never came */
    for (size_t i = 1; i < joined.n_spans; i++) {
        const struct span_record *record = &joined.spans[i].record;
        const struct joined_span *parent = find(&joined, record->parent_id);
        assert_non_null(parent);
        assert_true(record->start_ns >= parent->record.start_ns);
        assert_true(record->end_ns <= parent->record.end_ns);
    }
    joined_finish(&joined);
    trace_facts_finish(&root);
}

static void clocks_that_disagree_do_not_move_spans_out_of_their_call(void **state)
{
    (void)state;
    struct span_anchor anchor = {.sent_ns = 1000, .read_ns = 2000};
    assert_int_equal(span_anchor_place(&anchor, 400), 1300);
    assert_int_equal(span_anchor_place(&anchor, 5000), 1000); /* it says more than there was */
    anchor.received_ns = 1234;
    assert_int_equal(span_anchor_place(&anchor, 400), 1234); /* the first list has said it */
}

static void two_requests_of_one_trace_are_shown_together(void **state)
{
    (void)state;
    struct trace_facts roots[2] = {facts_of(ROOT, log_with_end()), facts_of(0x11, NULL)};
    roots[1].start_ns = CLOCK_MS(1050);
    roots[1].has_caller = true;
    roots[1].trace.parent_span_id[SPAN_ID_LEN - 1] = RUN; /* the service called us back */
    struct joined joined;
    assert_true(trace_join(roots, 2, &joined));
    assert_int_equal(find(&joined, 0x11)->record.parent_id, RUN);
    assert_int_equal(find(&joined, ROOT)->record.parent_id, 0);
    joined_finish(&joined);
    trace_facts_finish(&roots[0]);
}

static void the_json_is_the_one_that_is_promised(void **state)
{
    (void)state;
    struct span_log *log = span_log_new();
    struct trace_facts root = facts_of(ROOT, log);
    root.status = STATUS_CANCELLED;
    root.cause = CTX_CAUSE_CLIENT_DISCONNECTED;
    root.cancelled_ns = CLOCK_MS(1040);
    struct span_record stop = {.id = RUN,
        .parent_id = ROOT,
        .start_ns = CLOCK_MS(1040),
        .end_ns = CLOCK_MS(1050),
        .is_wasted = true,
        .wasted_cpu_ns = 1500000,
        .name = "stop",
        .service = "report-service",
        .text_key = SPAN_CAUSE,
        .text = "client_disconnected",
        .numbers = {{SPAN_ROWS, 3}, {SPAN_SUM_NS, 2500000}}};
    span_log_put(log, &stop);
    CLEANUP(buffer_finish) struct buffer out = BUFFER_EMPTY(TRACE_VIEW_MAX);
    struct trace_now now = {CLOCK_MS(2000), INT64_C(1764100801000000)};
    assert_int_equal(trace_view_write(&root, 1, now, &out), STATUS_OK);
    static const char EXPECTED[] =
        "{\"trace_id\":\"abababababababababababababababab\",\"state\":\"done\","
        "\"started\":\"2025-11-25T20:00:00.000Z\",\"elapsed_ms\":100,\"deadline_ms\":3000,"
        "\"deadline_origin\":\"query:timeout\",\"cancelled_ms\":40,"
        "\"cause\":\"client_disconnected\",\"status\":\"CANCELLED\",\"http_status\":200,"
        "\"requests\":1,\"dropped_spans\":0,\"spans\":["
        "{\"span_id\":\"0000000000000010\",\"parent_id\":null,\"service\":\"api-gateway\","
        "\"name\":\"GET /v1/work\",\"start_ms\":0,\"end_ms\":100,\"status\":\"CANCELLED\","
        "\"is_wasted\":false,\"wasted_cpu_ms\":0,\"attributes\":{\"method\":\"GET\","
        "\"path\":\"/v1/work\",\"principal\":\"ana\",\"http_status\":200,\"bytes\":11,"
        "\"cause\":\"client_disconnected\"}},"
        "{\"span_id\":\"0000000000000040\",\"parent_id\":\"0000000000000010\","
        "\"service\":\"report-service\",\"name\":\"stop\",\"start_ms\":40,\"end_ms\":50,"
        "\"status\":\"OK\",\"is_wasted\":true,\"wasted_cpu_ms\":1.5,\"attributes\":{"
        "\"rows\":3,\"sum_ms\":2.5,\"cause\":\"client_disconnected\"}}]}\n";
    assert_int_equal(out.len, sizeof(EXPECTED) - 1);
    assert_memory_equal(out.data, EXPECTED, out.len);
    trace_facts_finish(&root);
}

static void a_running_call_shows_the_stages_that_it_told(void **state)
{
    (void)state;
    struct span_log *log = span_log_new();
    struct trace_facts root = facts_of(ROOT, log);
    root.end_ns = 0;
    put(log, CALL, ROOT, "rpc AuditReport", SPAN_CLIENT, 1001, 0);
    span_log_stage(log, "fetch:edc", 10, 0, CLOCK_MS(1010));
    span_log_stage(log, "layout", 3, 9, CLOCK_MS(1030));
    struct joined joined;
    assert_true(trace_join(&root, 1, &joined));
    assert_int_equal(joined.n_spans, 4);
    const struct joined_span *fetch = &joined.spans[2];
    assert_string_equal(fetch->record.name, "fetch:edc");
    assert_int_equal(fetch->record.parent_id, CALL);
    assert_int_equal(fetch->record.end_ns, CLOCK_MS(1030));
    assert_int_equal(joined.spans[3].record.end_ns, 0);
    assert_int_equal(joined.spans[3].total, 9);
    joined_finish(&joined);
    trace_facts_finish(&root);
}

static void of_a_service_that_died_its_stages_are_left(void **state)
{
    (void)state;
    struct span_log *log = span_log_new();
    struct trace_facts root = facts_of(ROOT, log);
    put(log, CALL, ROOT, "rpc AuditReport", SPAN_CLIENT, 1001, 1090);
    span_log_stage(log, "fetch:edc", 10, 0, CLOCK_MS(1010));
    struct joined joined;
    assert_true(trace_join(&root, 1, &joined));
    assert_int_equal(joined.n_spans, 3);
    assert_string_equal(joined.spans[2].record.name, "fetch:edc");
    assert_int_equal(joined.spans[2].record.end_ns, CLOCK_MS(1090));
    joined_finish(&joined);
    trace_facts_finish(&root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_server_did_lies_in_the_middle_of_its_call),
        cmocka_unit_test(every_span_has_a_parent_in_the_list_and_lies_within_it),
        cmocka_unit_test(clocks_that_disagree_do_not_move_spans_out_of_their_call),
        cmocka_unit_test(two_requests_of_one_trace_are_shown_together),
        cmocka_unit_test(the_json_is_the_one_that_is_promised),
        cmocka_unit_test(a_running_call_shows_the_stages_that_it_told),
        cmocka_unit_test(of_a_service_that_died_its_stages_are_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
