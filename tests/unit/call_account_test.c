/* What is printed of a call's end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "call/account.h"
#include "call/safe_text.h"

static const struct trace TRACE = {.trace_id = {0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6,
                                       0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36}};

static struct account stopped_account(void)
{
    return (struct account){.method = "walkie.report.v1.ReportService/AuditReport",
        .trace = &TRACE,
        .elapsed_ns = CLOCK_MS(301),
        .is_from_service = true,
        .end = {.status = STATUS_DEADLINE_EXCEEDED,
            .cause = CTX_CAUSE_DEADLINE_EXCEEDED,
            .account = {.queue_ns = CLOCK_US(100),
                .run_ns = CLOCK_MS(300),
                .cpu_ns = CLOCK_MS(2),
                .wasted_cpu_ns = CLOCK_MS(1),
                .stop_latency_ns = CLOCK_US(200),
                .stage = "fetch:edc",
                .outcome = RPC_OUTCOME_STOPPED}}};
}

/* What is printed; static storage. */
static const char *printed(const struct account *account, bool is_json)
{
    static char text[4096];
    memset(text, 0, sizeof(text));
    FILE *stream = fmemopen(text, sizeof(text) - 1, "w");
    assert_non_null(stream);
    account_print(account, is_json, stream);
    fclose(stream);
    return text;
}

static void people_read_what_became_of_the_work(void **state)
{
    (void)state;
    struct account account = stopped_account();
    assert_string_equal(printed(&account, false),
        "walkie-call: AuditReport: DEADLINE_EXCEEDED after 301.0 ms: the deadline passed before "
        "the "
        "work was done (deadline_exceeded)\n"
        "account: stopped at stage fetch:edc; queue 0.1 ms, run 300.0 ms, cpu 2.0 ms, wasted cpu "
        "1.0 ms, stop latency 0.2 ms; trace 4bf92f3577b34da6a3ce929d0e0e4736\n");
}

static void programs_read_one_line_of_json(void **state)
{
    (void)state;
    struct account account = stopped_account();
    assert_string_equal(printed(&account, true),
        "{\"method\":\"walkie.report.v1.ReportService/AuditReport\","
        "\"status\":\"DEADLINE_EXCEEDED\",\"message\":null,\"cause\":\"deadline_exceeded\","
        "\"outcome\":\"stopped\",\"stage\":\"fetch:edc\",\"elapsed_ms\":301,"
        "\"is_from_service\":true,\"queue_ms\":0.1,\"run_ms\":300,\"cpu_ms\":2,"
        "\"wasted_cpu_ms\":1,\"stop_latency_ms\":0.2,\"retry_after_ms\":0,"
        "\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\"}\n");
}

static void a_service_that_says_nothing_is_not_quoted(void **state)
{
    (void)state;
    struct account account = {.method = "a.B/C", .trace = &TRACE};
    account.end.status = STATUS_UNAVAILABLE;
    account.end.retry_after_ms = 20;
    snprintf(account.end.message, sizeof(account.end.message), "connection lost");
    assert_string_equal(printed(&account, false),
        "walkie-call: C: UNAVAILABLE after 0.0 ms: connection lost; try again in 20 ms\n"
        "account: unknown; the service has said nothing of it; trace "
        "4bf92f3577b34da6a3ce929d0e0e4736\n");
}

static void what_a_peer_wrote_cannot_command_the_terminal(void **state)
{
    (void)state;
    char text[64] = "";
    FILE *stream = fmemopen(text, sizeof(text), "w");
    assert_non_null(stream);
    safe_text_print("a\033[2Jb\r\nc\x7f\xc2\x9b"
                    "d\xe7\x9f\xa5\xc3\xa9",
        stream);
    fclose(stream);
    assert_string_equal(text, "a [2Jb  c  d\xe7\x9f\xa5\xc3\xa9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_read_what_became_of_the_work),
        cmocka_unit_test(programs_read_one_line_of_json),
        cmocka_unit_test(a_service_that_says_nothing_is_not_quoted),
        cmocka_unit_test(what_a_peer_wrote_cannot_command_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
