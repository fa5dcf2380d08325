/* The headers: what is packed is unpacked, what is too long is cut, what is malformed is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "rpc/envelope.h"

static void an_end_survives_the_wire(void **state)
{
    (void)state;
    struct rpc_end end = {.status = STATUS_DEADLINE_EXCEEDED,
        .cause = CTX_CAUSE_DEADLINE_EXCEEDED,
        .retry_after_ms = 1234,
        .account = {.queue_ns = 1,
            .run_ns = 2,
            .cpu_ns = 3,
            .wasted_cpu_ns = 4,
            .stop_latency_ns = UINT64_MAX,
            .stage = "render",
            .outcome = RPC_OUTCOME_STOPPED},
        .message = "too late"};
    uint8_t header[ENVELOPE_LEN_MAX];
    size_t len = envelope_pack_end(header, &end);
    struct rpc_end back;
    memset(&back, 0xff, sizeof(back));
    assert_true(envelope_unpack_end((struct bytes){header, len}, &back));
    assert_int_equal(back.status, end.status);
    assert_int_equal(back.cause, end.cause);
    assert_int_equal(back.retry_after_ms, 1234);
    assert_string_equal(back.message, "too late");
    assert_int_equal(back.account.queue_ns, 1);
    assert_int_equal(back.account.run_ns, 2);
    assert_int_equal(back.account.cpu_ns, 3);
    assert_int_equal(back.account.wasted_cpu_ns, 4);
    assert_true(back.account.stop_latency_ns == UINT64_MAX);
    assert_string_equal(back.account.stage, "render");
    assert_int_equal(back.account.outcome, RPC_OUTCOME_STOPPED);
}

/* The sender's place is one hop further on than ours. */
static void hops_of_an_end_are_told_as_seen_from_here(void **state)
{
    (void)state;
    static const struct {
        int sent;
        int seen;
    } rows[] = {{0, 1}, {3, 4}, {-1, 0}, {-3, -2}, {CTX_HOPS_MAX, CTX_HOPS_MAX},
        {INT32_MAX, CTX_HOPS_MAX}, {INT32_MIN, 1 - CTX_HOPS_MAX}};
    for (size_t i = 0; i < LENGTH_OF(rows); i++) {
        struct rpc_end end = {.status = STATUS_DEADLINE_EXCEEDED,
            .cause = CTX_CAUSE_DEADLINE_EXCEEDED,
            .cause_hop = rows[i].sent,
            .deadline_origin = CTX_ORIGIN_METHOD_CAP,
            .deadline_hop = rows[i].sent};
        uint8_t header[ENVELOPE_LEN_MAX];
        struct rpc_end back;
        assert_true(
            envelope_unpack_end((struct bytes){header, envelope_pack_end(header, &end)}, &back));
        assert_int_equal(back.cause_hop, rows[i].seen);
        assert_int_equal(back.deadline_hop, rows[i].seen);
        assert_int_equal(back.deadline_origin, CTX_ORIGIN_METHOD_CAP);
    }
    struct rpc_end none = {.status = STATUS_NOT_FOUND};
    uint8_t header[ENVELOPE_LEN_MAX];
    struct rpc_end back;
    assert_true(
        envelope_unpack_end((struct bytes){header, envelope_pack_end(header, &none)}, &back));
    assert_int_equal(back.cause_hop, 0);
    assert_int_equal(back.deadline_hop, 0);
    assert_int_equal(rpc_hops(-7), 7);
    assert_int_equal(rpc_hops(7), 7);
}

static void the_longest_end_fits(void **state)
{
    (void)state;
    struct rpc_end end;
    memset(&end, 0xff, sizeof(end));
    end.status = (enum status)UINT32_MAX;
    end.cause = (enum ctx_cause)UINT32_MAX;
    end.account.outcome = RPC_OUTCOME_COMMITTED;
    memset(end.message, 'm', sizeof(end.message) - 1);
    end.message[sizeof(end.message) - 1] = '\0';
    memset(end.account.stage, 's', RPC_STAGE_MAX - 1);
    end.account.stage[RPC_STAGE_MAX - 1] = '\0';
    uint8_t header[ENVELOPE_LEN_MAX];
    size_t len = envelope_pack_end(header, &end);
    assert_true(len <= ENVELOPE_LEN_MAX);
    struct rpc_end back;
    assert_true(envelope_unpack_end((struct bytes){header, len}, &back));
    assert_string_equal(back.message, end.message);
    assert_int_equal(back.status, STATUS_UNKNOWN); /* numbers that this build does not know */
    assert_int_equal(back.cause, CTX_CAUSE_CANCELLED);
}

static void long_texts_of_peers_are_cut(void **state)
{
    (void)state;
    enum { TEXT_LEN = 5000 };
    char *text = calloc(1, TEXT_LEN + 1);
    assert_non_null(text);
    memset(text, 'x', TEXT_LEN);
    Walkie__Rpc__V1__WorkAccount account = WALKIE__RPC__V1__WORK_ACCOUNT__INIT;
    account.stage = text;
    account.outcome = 77;
    Walkie__Rpc__V1__End header = WALKIE__RPC__V1__END__INIT;
    header.message = text;
    header.account = &account;
    uint8_t packed[2 * TEXT_LEN + 100];
    size_t len = walkie__rpc__v1__end__pack(&header, packed);
    struct rpc_end end;
    assert_true(envelope_unpack_end((struct bytes){packed, len}, &end));
    assert_int_equal(strlen(end.message), ERROR_TEXT_MAX - 1);
    assert_int_equal(strlen(end.account.stage), RPC_STAGE_MAX - 1);
    assert_int_equal(end.account.outcome, RPC_OUTCOME_UNKNOWN);
    free(text);
}

static void an_account_that_was_not_told_is_zero(void **state)
{
    (void)state;
    struct rpc_account account;
    memset(&account, 0xff, sizeof(account));
    assert_true(envelope_unpack_reply((struct bytes){NULL, 0}, &account));
    assert_int_equal(account.run_ns, 0);
    assert_int_equal(account.outcome, RPC_OUTCOME_UNKNOWN);
}

/* The eight bytes that the connection patches when a CALL leaves. */
static void remaining_time_stands_at_its_fixed_place(void **state)
{
    (void)state;
    Walkie__Rpc__V1__CallMetadata metadata = WALKIE__RPC__V1__CALL_METADATA__INIT;
    metadata.remaining_ns = UINT64_C(0x1122334455667788);
    metadata.method = (char *)(uintptr_t) "a method";
    uint8_t header[ENVELOPE_LEN_MAX];
    envelope_pack(header, &metadata.base);
    static const uint8_t expected[] = {0x09, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11};
    assert_memory_equal(header, expected, sizeof(expected));
    assert_int_equal(CALL_REMAINING_OFFSET, 1);
}

static void many_small_fields_of_a_peer_cost_bounded_memory(void **state)
{
    (void)state;
    /* 60 KB of empty metadata entries: two bytes each, some fifty when unpacked. */
    static uint8_t header[60000];
    for (size_t i = 0; i < sizeof(header); i += 2) {
        header[i] = 9 << 3 | 2;
        header[i + 1] = 0;
    }
    struct envelope_memory memory;
    envelope_memory_init(&memory);
    const Walkie__Rpc__V1__CallMetadata *call =
        envelope_unpack_call(&memory, (struct bytes){header, sizeof(header)});
    assert_null(call);
    assert_true(memory.heap_used <= ENVELOPE_HEAP_MAX);
    envelope_memory_finish(&memory);
}

static void malformed_headers_are_refused(void **state)
{
    (void)state;
    const uint8_t cut[] = {0x12, 0x05, 'a'};
    struct bytes header = {cut, sizeof(cut)};
    struct rpc_end end;
    struct rpc_account account;
    struct envelope_memory memory;
    envelope_memory_init(&memory);
    assert_false(envelope_unpack_end(header, &end));
    assert_false(envelope_unpack_reply(header, &account));
    assert_null(envelope_unpack_call(&memory, header));
    assert_null(envelope_unpack_hello(&memory, header));
    assert_null(envelope_unpack_cancel(&memory, header));
    assert_null(envelope_unpack_credit(&memory, header));
    assert_null(envelope_unpack_progress(&memory, header));
    assert_null(envelope_unpack_ping(&memory, header));
    assert_null(envelope_unpack_goaway(&memory, header));
    envelope_memory_finish(&memory);
}

static void outcomes_have_words(void **state)
{
    (void)state;
    assert_string_equal(rpc_outcome_word(RPC_OUTCOME_UNKNOWN), "unknown");
    assert_string_equal(rpc_outcome_word(RPC_OUTCOME_NOT_STARTED), "not_started");
    assert_string_equal(rpc_outcome_word(RPC_OUTCOME_STOPPED), "stopped");
    assert_string_equal(rpc_outcome_word(RPC_OUTCOME_COMMITTED), "committed");
    assert_string_equal(rpc_outcome_word((enum rpc_outcome)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_survives_the_wire),
        cmocka_unit_test(hops_of_an_end_are_told_as_seen_from_here),
        cmocka_unit_test(the_longest_end_fits),
        cmocka_unit_test(long_texts_of_peers_are_cut),
        cmocka_unit_test(an_account_that_was_not_told_is_zero),
        cmocka_unit_test(remaining_time_stands_at_its_fixed_place),
        cmocka_unit_test(many_small_fields_of_a_peer_cost_bounded_memory),
        cmocka_unit_test(malformed_headers_are_refused),
        cmocka_unit_test(outcomes_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
