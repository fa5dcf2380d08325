/* Protobuf's wire format, read with suspicion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "call/wire.h"

#define BYTES(text) ((struct bytes){(const uint8_t *)(text), sizeof(text) - 1})

static void expect_failure(struct bytes message, const char *words)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field = {.number = 77};
    struct error error = ERROR_NONE;
    assert_int_equal(wire_next(&reader, &field, &error), STATUS_DATA_LOSS);
    assert_non_null(strstr(error.text, words));
    assert_int_equal(field.number, 77); /* outputs are untouched */
}

static void every_kind_of_field_is_read(void **state)
{
    (void)state;
    struct wire_reader reader = wire_reader_of(BYTES("\x08\x96\x01"
                                                     "\x12\x03"
                                                     "abc"
                                                     "\x1d\x01\0\0\x80"
                                                     "\x21\x01\0\0\0\0\0\0\x80"));
    struct wire_field field;
    assert_int_equal(wire_next(&reader, &field, NULL), STATUS_OK);
    assert_int_equal(field.number, 1);
    assert_int_equal(field.value, 150);
    assert_int_equal(wire_next(&reader, &field, NULL), STATUS_OK);
    assert_int_equal(field.number, 2);
    assert_int_equal(field.bytes.len, 3);
    assert_memory_equal(field.bytes.data, "abc", 3);
    assert_int_equal(wire_next(&reader, &field, NULL), STATUS_OK);
    assert_int_equal(field.value, 0x80000001);
    assert_int_equal(wire_next(&reader, &field, NULL), STATUS_OK);
    assert_true(field.value == UINT64_C(0x8000000000000001));
    assert_int_equal(wire_next(&reader, &field, NULL), STATUS_OK);
    assert_int_equal(field.number, 0);
}

static void what_is_cut_off_is_refused_in_words(void **state)
{
    (void)state;
    expect_failure(BYTES("\x96"), "ends within a number");
    expect_failure(BYTES("\x08\x96"), "field number 1: the message ends within a number");
    expect_failure(BYTES("\x12\x04"
                         "abc"),
        "a length of 4, and only 3 bytes are left");
    expect_failure(BYTES("\x1d\0\0\0"), "within a number of 4 bytes");
    expect_failure(BYTES("\x21\0\0\0\0\0\0\0"), "within a number of 8 bytes");
    expect_failure(BYTES("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "only 0 bytes are left");
}

static void what_cannot_be_is_refused_in_words(void **state)
{
    (void)state;
    expect_failure(BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), "longer than 10 bytes");
    expect_failure(BYTES("\0"), "0 cannot be the number of a field");
    expect_failure(BYTES("\x80\x80\x80\x80\x80\x01\0"), "cannot be the number of a field");
    expect_failure(BYTES("\x0b"), "(a group) is not part of proto3");
    expect_failure(BYTES("\x0e"), "wire type 6 does not exist");
}

static void numbers_come_back_as_they_were_written(void **state)
{
    (void)state;
    static const uint64_t CASES[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX};
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        struct buffer out = BUFFER_EMPTY(64);
        assert_int_equal(wire_put_varint(&out, CASES[i]), STATUS_OK);
        struct wire_reader reader = wire_reader_of(buffer_bytes(&out));
        uint64_t back = 77;
        assert_int_equal(wire_read_varint(&reader, &back, NULL), STATUS_OK);
        assert_true(back == CASES[i]);
        assert_true(reader.at == reader.end);
        assert_true((uint64_t)wire_unzigzag(wire_zigzag((int64_t)CASES[i])) == CASES[i]);
        buffer_finish(&out);
    }
    assert_int_equal(wire_zigzag(-1), 1);
    assert_int_equal(wire_zigzag(1), 2);
}

static void only_utf8_counts_as_utf8(void **state)
{
    (void)state;
    assert_true(wire_is_utf8(BYTES("")));
    assert_true(wire_is_utf8(BYTES("a\0\xc2\x80\xe7\x9f\xa5\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf")));
    assert_false(wire_is_utf8(BYTES("\x80")));             /* begins with a continuation */
    assert_false(wire_is_utf8(BYTES("\xc1\xbf")));         /* longer than needed */
    assert_false(wire_is_utf8(BYTES("\xe0\x9f\xbf")));     /* the same, three bytes */
    assert_false(wire_is_utf8(BYTES("\xf0\x8f\xbf\xbf"))); /* the same, four */
    assert_false(wire_is_utf8(BYTES("\xed\xa0\x80")));     /* a surrogate */
    assert_false(wire_is_utf8(BYTES("\xf4\x90\x80\x80"))); /* above U+10FFFF */
    assert_false(wire_is_utf8(BYTES("\xe7\x9f")));         /* cut off */
    assert_false(wire_is_utf8(BYTES("\xff")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_field_is_read),
        cmocka_unit_test(what_is_cut_off_is_refused_in_words),
        cmocka_unit_test(what_cannot_be_is_refused_in_words),
        cmocka_unit_test(numbers_come_back_as_they_were_written),
        cmocka_unit_test(only_utf8_counts_as_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
