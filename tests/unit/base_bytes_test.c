/* Buffers and arenas: contents, maxima, and what remains after a failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/bytes.h"

static void a_buffer_grows_to_what_is_appended(void **state)
{
    (void)state;
    enum { PIECES = 1000 };
    struct buffer buffer = BUFFER_EMPTY(64 << 10);
    for (int i = 0; i < PIECES; i++) {
        assert_int_equal(buffer_append_text(&buffer, "0123456789"), STATUS_OK);
    }
    assert_int_equal(buffer.len, 10 * PIECES);
    assert_int_equal(buffer_bytes(&buffer).len, 10 * PIECES);
    for (size_t i = 0; i < buffer.len; i++) {
        assert_int_equal(buffer.data[i], '0' + i % 10);
    }
    buffer_finish(&buffer);
    assert_int_equal(buffer.len, 0);
}

static void a_buffer_never_grows_above_its_maximum(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_EMPTY(10);
    assert_int_equal(buffer_append_text(&buffer, "0123456789"), STATUS_OK);
    assert_int_equal(buffer_append_text(&buffer, "x"), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(buffer.len, 10);
    assert_memory_equal(buffer.data, "0123456789", 10);
    assert_true(buffer.capacity <= 10);
    buffer_finish(&buffer);
}

static void a_request_for_all_of_memory_is_refused_without_overflow(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_EMPTY(SIZE_MAX - 1);
    assert_int_equal(buffer_append_text(&buffer, "abc"), STATUS_OK);
    assert_int_equal(buffer_reserve(&buffer, SIZE_MAX - 2), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(buffer.len, 3);
    buffer_finish(&buffer);
}

static void printing_appends_without_the_final_nul(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_EMPTY(64);
    assert_int_equal(buffer_printf(&buffer, "%d-%s", 7, "x"), STATUS_OK);
    assert_int_equal(buffer_printf(&buffer, "!"), STATUS_OK);
    assert_int_equal(buffer.len, 4);
    assert_memory_equal(buffer.data, "7-x!", 4);
    assert_int_equal(buffer_printf(&buffer, "%100d", 1), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(buffer.len, 4);
    buffer_finish(&buffer);
}

static void consuming_drops_from_the_front(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_EMPTY(64);
    assert_int_equal(buffer_append_text(&buffer, "abcdef"), STATUS_OK);
    buffer_consume(&buffer, 2);
    assert_int_equal(buffer.len, 4);
    assert_memory_equal(buffer.data, "cdef", 4);
    buffer_consume(&buffer, 100);
    assert_int_equal(buffer.len, 0);
    buffer_finish(&buffer);
    buffer_finish(NULL);
}

static void big_endian_integers_survive_the_round_trip(void **state)
{
    (void)state;
    uint8_t bytes[8];
    be64_put(bytes, UINT64_C(0x0123456789abcdef));
    static const uint8_t EXPECTED[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
    assert_memory_equal(bytes, EXPECTED, sizeof(EXPECTED));
    assert_true(be64_get(bytes) == UINT64_C(0x0123456789abcdef));
    assert_int_equal(be32_get(bytes), 0x01234567);
    assert_int_equal(be16_get(bytes), 0x0123);
    be32_put(bytes, UINT32_C(0xfffefdfc));
    assert_int_equal(be32_get(bytes), UINT32_C(0xfffefdfc));
    be16_put(bytes, 0xfffe);
    assert_int_equal(be16_get(bytes), 0xfffe);
}

static void arena_memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    enum { PIECES = 200, SIZE_MAX_TRIED = 900 };
    struct arena *arena = arena_new(1 << 20);
    unsigned char *pieces[PIECES];
    for (int i = 0; i < PIECES; i++) {
        size_t size = (size_t)(i * 13 % SIZE_MAX_TRIED) + 1;
        pieces[i] = arena_alloc(arena, size);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++) {
            assert_int_equal(pieces[i][k], 0);
        }
        memset(pieces[i], i, size);
    }
    for (int i = 0; i < PIECES; i++) {
        assert_int_equal(pieces[i][0], (unsigned char)i);
        assert_int_equal(pieces[i][i * 13 % SIZE_MAX_TRIED], (unsigned char)i);
    }
    assert_false(arena_has_failed(arena));
    arena_free(arena);
}

static void an_allocation_larger_than_a_block_works(void **state)
{
    (void)state;
    enum { LARGE = 300 << 10 };
    struct arena *arena = arena_new(1 << 20);
    unsigned char *large = arena_alloc(arena, LARGE);
    assert_non_null(large);
    memset(large, 1, LARGE);
    assert_true(arena_used(arena) >= LARGE);
    arena_free(arena);
}

static void a_full_arena_stays_failed(void **state)
{
    (void)state;
    struct arena *arena = arena_new(100);
    assert_non_null(arena_alloc(arena, 64));
    assert_null(arena_alloc(arena, 64));
    assert_true(arena_has_failed(arena));
    assert_null(arena_alloc(arena, 1));
    arena_free(arena);
}

static void an_array_too_large_for_its_count_is_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new(SIZE_MAX);
    assert_null(arena_alloc_array(arena, SIZE_MAX / 2, 4));
    assert_true(arena_has_failed(arena));
    arena_free(arena);
    arena_free(NULL);
}

static void arena_texts_are_copies(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 10);
    char text[] = "abc";
    char *copy = arena_copy_text(arena, text);
    text[0] = 'x';
    assert_string_equal(copy, "abc");
    assert_null(arena_copy_text(arena, NULL));
    assert_string_equal(arena_printf(arena, "%s-%d", copy, 7), "abc-7");
    assert_false(arena_has_failed(arena));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_grows_to_what_is_appended),
        cmocka_unit_test(a_buffer_never_grows_above_its_maximum),
        cmocka_unit_test(a_request_for_all_of_memory_is_refused_without_overflow),
        cmocka_unit_test(printing_appends_without_the_final_nul),
        cmocka_unit_test(consuming_drops_from_the_front),
        cmocka_unit_test(big_endian_integers_survive_the_round_trip),
        cmocka_unit_test(arena_memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(an_allocation_larger_than_a_block_works),
        cmocka_unit_test(a_full_arena_stays_failed),
        cmocka_unit_test(an_array_too_large_for_its_count_is_refused),
        cmocka_unit_test(arena_texts_are_copies),
    };
    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
