/* What is counted of a client's frames, and that the count does not depend on how they arrive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "http/h2_flood.h"

enum { RESETS = 100, START_S = 1000 };

static const uint8_t RESET[] = {0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8};

static enum h2_flood reset(struct h2_frames *frames, uint64_t now_ns)
{
    frames->payload_left = 0; /* a flood ends the reading in the middle of its frame */
    return h2_frames_read(frames, now_ns, RESET, sizeof(RESET));
}

static void a_bucket_empties_and_fills_again_with_time(void **state)
{
    (void)state;
    struct h2_frames frames;
    uint64_t now_ns = CLOCK_SECONDS(START_S);
    h2_frames_init(&frames, now_ns, RESETS);
    for (int i = 0; i < RESETS; i++) {
        assert_int_equal(reset(&frames, now_ns), H2_FLOOD_NONE);
    }
    assert_int_equal(reset(&frames, now_ns), H2_FLOOD_RESETS);
    /* A tenth a second: ten after one second, all after ten, and never more. */
    now_ns += CLOCK_SECONDS(1);
    for (int i = 0; i < RESETS / 10; i++) {
        assert_int_equal(reset(&frames, now_ns), H2_FLOOD_NONE);
    }
    assert_int_equal(reset(&frames, now_ns), H2_FLOOD_RESETS);
    now_ns += CLOCK_SECONDS(3600);
    for (int i = 0; i < RESETS; i++) {
        assert_int_equal(reset(&frames, now_ns), H2_FLOOD_NONE);
    }
    assert_int_equal(reset(&frames, now_ns), H2_FLOOD_RESETS);
}

static void single_bytes_are_counted_as_whole_frames(void **state)
{
    (void)state;
    struct h2_frames frames;
    h2_frames_init(&frames, CLOCK_SECONDS(START_S), 2);
    enum h2_flood flood = H2_FLOOD_NONE;
    size_t n_bytes = 0;
    while (flood == H2_FLOOD_NONE && n_bytes < 1000) {
        flood = h2_frames_read(&frames, CLOCK_SECONDS(START_S), &RESET[n_bytes % sizeof(RESET)], 1);
        n_bytes++;
    }
    assert_int_equal(flood, H2_FLOOD_RESETS);
    assert_int_equal(n_bytes, 2 * sizeof(RESET) + 9); /* at the third one's header */
}

static void bytes_that_were_sent_let_windows_be_opened(void **state)
{
    (void)state;
    static const uint8_t UPDATE[] = {0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    struct h2_frames frames;
    h2_frames_init(&frames, CLOCK_SECONDS(START_S), RESETS);
    for (int i = 0; i < H2_WINDOW_UPDATES_MAX; i++) {
        assert_int_equal(
            h2_frames_read(&frames, CLOCK_SECONDS(START_S), UPDATE, sizeof(UPDATE)), H2_FLOOD_NONE);
    }
    h2_frames_sent(&frames, H2_WINDOW_UPDATE_BYTES);
    assert_int_equal(
        h2_frames_read(&frames, CLOCK_SECONDS(START_S), UPDATE, sizeof(UPDATE)), H2_FLOOD_NONE);
    assert_int_equal(h2_frames_read(&frames, CLOCK_SECONDS(START_S), UPDATE, sizeof(UPDATE)),
        H2_FLOOD_WINDOW_UPDATES);
}

static void a_block_of_headers_is_halfway_until_its_end(void **state)
{
    (void)state;
    static const uint8_t HEADERS[] = {0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82};
    static const uint8_t END[] = {0, 0, 1, 9, 4, 0, 0, 0, 1, 0x86};
    static const uint8_t DATA[] = {0, 0, 100, 0, 0, 0, 0, 0, 1};
    struct h2_frames frames;
    h2_frames_init(&frames, CLOCK_SECONDS(START_S), RESETS);
    assert_false(h2_frames_is_halfway(&frames));
    assert_int_equal(h2_frames_read(&frames, 0, HEADERS, 5), H2_FLOOD_NONE);
    assert_true(h2_frames_is_halfway(&frames));
    uint64_t begun = frames.n_begun;
    assert_int_equal(h2_frames_read(&frames, 0, HEADERS + 5, 5), H2_FLOOD_NONE);
    assert_true(h2_frames_is_halfway(&frames));
    assert_int_equal(h2_frames_read(&frames, 0, END, sizeof(END)), H2_FLOOD_NONE);
    assert_false(h2_frames_is_halfway(&frames));
    assert_int_equal(frames.n_begun, begun); /* the block was one thing */
    /* A body's pace is the body timeout's business. */
    assert_int_equal(h2_frames_read(&frames, 0, DATA, sizeof(DATA)), H2_FLOOD_NONE);
    assert_false(h2_frames_is_halfway(&frames));
}

static void continuations_are_counted_a_block(void **state)
{
    (void)state;
    static const uint8_t HEADERS[] = {0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82};
    static const uint8_t MORE[] = {0, 0, 1, 9, 0, 0, 0, 0, 1, 0x86};
    struct h2_frames frames;
    h2_frames_init(&frames, CLOCK_SECONDS(START_S), RESETS);
    for (int block = 0; block < 3; block++) {
        assert_int_equal(h2_frames_read(&frames, 0, HEADERS, sizeof(HEADERS)), H2_FLOOD_NONE);
        for (int i = 0; i < H2_CONTINUATIONS_MAX; i++) {
            assert_int_equal(h2_frames_read(&frames, 0, MORE, sizeof(MORE)), H2_FLOOD_NONE);
        }
    }
    assert_int_equal(h2_frames_read(&frames, 0, MORE, sizeof(MORE)), H2_FLOOD_CONTINUATIONS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_empties_and_fills_again_with_time),
        cmocka_unit_test(single_bytes_are_counted_as_whole_frames),
        cmocka_unit_test(bytes_that_were_sent_let_windows_be_opened),
        cmocka_unit_test(a_block_of_headers_is_halfway_until_its_end),
        cmocka_unit_test(continuations_are_counted_a_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
