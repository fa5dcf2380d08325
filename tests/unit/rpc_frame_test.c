/* The frame codec and the SP opening: pure functions, any bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "rpc/frame.h"
#include "rpc/opening.h"
#include "rpc/server.h"

enum { WIRE_MAX = 256 };

/* A CALL with header "head" and payload "body", as it stands on the wire. */
static size_t sample(uint8_t wire[WIRE_MAX], bool is_ipc)
{
    struct rpc_frame frame = {.call_id = RPC_CALL_ID_TOP | 77,
        .type = RPC_FRAME_CALL,
        .flags = RPC_FLAG_WANTS_PROGRESS,
        .header = bytes_of("head"),
        .payload = bytes_of("body!")};
    size_t len = rpc_frame_prefix_len(is_ipc);
    rpc_frame_write_prefix(wire, is_ipc, &frame);
    memcpy(wire + len, "headbody!", 9);
    return len + 9;
}

static void what_is_written_is_read_back(bool is_ipc)
{
    uint8_t wire[WIRE_MAX];
    size_t wire_len = sample(wire, is_ipc);
    struct bytes message;
    size_t len = 0;
    assert_int_equal(rpc_message_read((struct bytes){wire, wire_len}, is_ipc, &message, &len),
        RPC_MESSAGE_READY);
    assert_int_equal(len, wire_len);
    struct rpc_frame frame;
    const char *reason = NULL;
    assert_true(rpc_frame_parse(message, &frame, &reason));
    assert_int_equal(frame.call_id, RPC_CALL_ID_TOP | 77);
    assert_int_equal(frame.type, RPC_FRAME_CALL);
    assert_int_equal(frame.flags, RPC_FLAG_WANTS_PROGRESS);
    assert_int_equal(frame.header.len, 4);
    assert_memory_equal(frame.header.data, "head", 4);
    assert_int_equal(frame.payload.len, 5);
    assert_memory_equal(frame.payload.data, "body!", 5);
}

static void what_is_written_is_read_back_over_tcp(void **state)
{
    (void)state;
    what_is_written_is_read_back(false);
}

static void what_is_written_is_read_back_over_ipc(void **state)
{
    (void)state;
    what_is_written_is_read_back(true);
}

static void the_layout_is_the_documented_one(void **state)
{
    (void)state;
    static const uint8_t expected[] = {1, 0, 0, 0, 0, 0, 0, 0, 17, 0x80, 0, 0, 77, 2, 1, 0, 4};
    uint8_t wire[WIRE_MAX];
    sample(wire, true);
    assert_memory_equal(wire, expected, sizeof(expected));
}

static void every_cut_is_partial_and_says_what_it_needs(void **state)
{
    (void)state;
    for (int is_ipc = 0; is_ipc <= 1; is_ipc++) {
        uint8_t wire[WIRE_MAX];
        size_t wire_len = sample(wire, is_ipc != 0);
        size_t before_len = is_ipc != 0 ? 9 : 8;
        for (size_t cut = 0; cut < wire_len; cut++) {
            struct bytes message;
            size_t wanted = 0;
            assert_int_equal(
                rpc_message_read((struct bytes){wire, cut}, is_ipc != 0, &message, &wanted),
                RPC_MESSAGE_PARTIAL);
            assert_int_equal(wanted, cut < before_len ? before_len : wire_len);
        }
    }
}

static void lengths_above_the_limit_are_refused(void **state)
{
    (void)state;
    uint8_t wire[8];
    struct bytes message;
    size_t len;
    be64_put(wire, RPC_FRAME_MAX);
    assert_int_equal(
        rpc_message_read((struct bytes){wire, 8}, false, &message, &len), RPC_MESSAGE_PARTIAL);
    const uint64_t too_long[] = {RPC_FRAME_MAX + 1, UINT64_C(1) << 63, UINT64_MAX};
    for (size_t i = 0; i < LENGTH_OF(too_long); i++) {
        be64_put(wire, too_long[i]);
        assert_int_equal(rpc_message_read((struct bytes){wire, 8}, false, &message, &len),
            RPC_MESSAGE_MALFORMED);
    }
}

static void ipc_needs_its_mark(void **state)
{
    (void)state;
    const uint8_t wire[] = {2};
    struct bytes message;
    size_t len;
    assert_int_equal(
        rpc_message_read((struct bytes){wire, 1}, true, &message, &len), RPC_MESSAGE_MALFORMED);
}

struct bad_frame {
    uint8_t bytes[12];
    size_t len;
    uint32_t call_id; /* what can be known of it */
};

static void malformed_frames_are_refused_with_a_reason_and_the_id(void **state)
{
    (void)state;
    static const struct bad_frame bad[] = {
        {{0}, 0, 0},
        {{0x80, 0, 0}, 3, 0},
        {{0x00, 0, 0, 5, 2, 0, 0, 0}, 8, 0},
        {{0x80, 0, 0, 5}, 4, RPC_CALL_ID_TOP | 5},
        {{0x80, 0, 0, 5, 2, 0, 0}, 7, RPC_CALL_ID_TOP | 5},
        {{0x80, 0, 0, 5, 0, 0, 0, 0}, 8, RPC_CALL_ID_TOP | 5},
        {{0x80, 0, 0, 5, 12, 0, 0, 0}, 8, RPC_CALL_ID_TOP | 5},
        {{0x80, 0, 0, 5, 2, 0, 0, 3, 1, 2}, 10, RPC_CALL_ID_TOP | 5},
    };
    for (size_t i = 0; i < LENGTH_OF(bad); i++) {
        struct rpc_frame frame;
        const char *reason = NULL;
        assert_false(rpc_frame_parse((struct bytes){bad[i].bytes, bad[i].len}, &frame, &reason));
        assert_non_null(reason);
        assert_int_equal(frame.call_id, bad[i].call_id);
    }
}

static void openings_are_told_apart(void **state)
{
    (void)state;
    uint8_t bytes[RPC_OPENING_LEN];
    uint16_t protocol = 0;
    rpc_opening_write(bytes, RPC_SP_CLIENT);
    assert_memory_equal(bytes, "\0SP\0WA\0\0", sizeof(bytes));
    assert_true(rpc_opening_read(bytes, &protocol));
    assert_int_equal(protocol, RPC_SP_CLIENT);
    assert_int_equal(rpc_opening_answer(RPC_SP_CLIENT), RPC_SP_SERVER);
    assert_int_equal(rpc_opening_answer(RPC_SP_REQ), RPC_SP_REP);
    assert_int_equal(rpc_opening_answer(RPC_SP_REP), 0);
    assert_int_equal(rpc_opening_answer(RPC_SP_SERVER), 0);
    const size_t marks[] = {0, 1, 2, 3, 6, 7};
    for (size_t i = 0; i < LENGTH_OF(marks); i++) {
        rpc_opening_write(bytes, RPC_SP_REQ);
        bytes[marks[i]] ^= 1;
        assert_false(rpc_opening_read(bytes, &protocol));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back_over_tcp),
        cmocka_unit_test(what_is_written_is_read_back_over_ipc),
        cmocka_unit_test(the_layout_is_the_documented_one),
        cmocka_unit_test(every_cut_is_partial_and_says_what_it_needs),
        cmocka_unit_test(lengths_above_the_limit_are_refused),
        cmocka_unit_test(ipc_needs_its_mark),
        cmocka_unit_test(malformed_frames_are_refused_with_a_reason_and_the_id),
        cmocka_unit_test(openings_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
