/* From a message to JSON: the form of every kind of value, and foreign bytes that are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "call/codec.h"
#include "everything.h"

#define BYTES(text) ((struct bytes){(const uint8_t *)(text), sizeof(text) - 1})

static int set_up(void **state)
{
    return schema_read(EVERYTHING_DESCRIPTORS, (struct schema **)state, NULL) == STATUS_OK ? 0 : 1;
}

static int tear_down(void **state)
{
    schema_free(*state);
    return 0;
}

static enum status collect(void *arg, struct bytes piece)
{
    return buffer_append(arg, piece.data, piece.len);
}

static enum status decode(
    void **state, struct bytes message, struct buffer *text, struct error *error)
{
    const struct schema_type *type = schema_find_type(*state, "walkie.test.v1.Everything");
    struct json_writer *json = malloc(sizeof(*json));
    assert_non_null(json);
    json_init(json, collect, text);
    enum status status = codec_to_json(type, message, json, error);
    if (status == STATUS_OK) {
        status = json_finish(json);
    }
    free(json);
    return status;
}

static void expect(void **state, struct bytes message, const char *expected)
{
    struct buffer text = BUFFER_EMPTY(CODEC_JSON_LEN_MAX);
    struct error error = ERROR_NONE;
    if (decode(state, message, &text, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(buffer_append(&text, "", 1), STATUS_OK);
    assert_string_equal((const char *)text.data, expected);
    buffer_finish(&text);
}

static void expect_failure(void **state, struct bytes message, const char *words)
{
    struct buffer text = BUFFER_EMPTY(CODEC_JSON_LEN_MAX);
    struct error error = ERROR_NONE;
    assert_int_equal(decode(state, message, &text, &error), STATUS_DATA_LOSS);
    if (strstr(error.text, words) == NULL) {
        fail_msg("\"%s\" does not have \"%s\"", error.text, words);
    }
    buffer_finish(&text);
}

static void numbers_have_the_form_of_their_kind(void **state)
{
    expect(state, BYTES(""), "{}");
    expect(state, BYTES("\x09\0\0\0\0\0\0\x04\xc0"), "{\"a_double\":-2.5}");
    expect(state, BYTES("\x09\0\0\0\0\0\0\xf8\x7f"), "{\"a_double\":\"NaN\"}");
    expect(state, BYTES("\x09\0\0\0\0\0\0\0\x80"), "{\"a_double\":-0}");
    expect(state, BYTES("\x15\xcd\xcc\xcc\x3d"), "{\"a_float\":0.1}");
    expect(state, BYTES("\x15\0\0\x80\xff"), "{\"a_float\":\"-Infinity\"}");
    expect(state, BYTES("\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "{\"an_int64\":\"-1\"}");
    expect(state, BYTES("\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        "{\"a_uint64\":\"18446744073709551615\"}");
    expect(state, BYTES("\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "{\"an_int32\":-1}");
    expect(state, BYTES("\x40\x02"), "{\"a_bool\":true}");
    expect(state, BYTES("\x60\x01"), "{\"a_color\":\"COLOR_RED\"}");
    expect(state, BYTES("\x60\x63"), "{\"a_color\":99}");
    expect(state, BYTES("\x6d\xff\xff\xff\xff"), "{\"a_sfixed32\":-1}");
    expect(state, BYTES("\x78\x05"), "{\"a_sint32\":-3}");
}

static void texts_are_escaped_and_bytes_are_base64(void **state)
{
    expect(state,
        BYTES("\x4a\x04"
              "a\"\0\n"),
        "{\"a_string\":\"a\\\"\\u0000\\n\"}");
    expect(state, BYTES("\x52\x02\xfb\xff"), "{\"some_bytes\":\"+/8=\"}");
    expect(state, BYTES("\x52\x01\0"), "{\"some_bytes\":\"AA==\"}");
    expect(state,
        BYTES("\x52\x03"
              "abc"),
        "{\"some_bytes\":\"YWJj\"}");
}

static void repeated_numbers_are_read_packed_and_not(void **state)
{
    expect(state,
        BYTES("\xa2\x01\x02\x01\x02"
              "\xa0\x01\x03"
              "\xa2\x01\x00"),
        "{\"numbers\":[1,2,3]}");
    expect(state, BYTES("\xda\x01\x08\x01\0\0\0\x02\0\0\0"), "{\"words\":[1,2]}");
}

static void maps_are_objects_and_absent_parts_are_zero(void **state)
{
    expect(state,
        BYTES("\xf2\x01\x05\x0a\x01"
              "a\x10\x05"
              "\xf2\x01\x00"),
        "{\"counts\":{\"a\":5,\"\":0}}");
    expect(state, BYTES("\xfa\x01\x02\x08\x07"), "{\"by_number\":{\"7\":{}}}");
    expect(state, BYTES("\x82\x02\x05\x08\x01\x12\x01x"), "{\"by_bool\":{\"true\":\"x\"}}");
}

static void of_several_values_the_last_counts_and_messages_merge(void **state)
{
    expect(state, BYTES("\x28\x01\x28\x02"), "{\"an_int32\":2}");
    expect(state,
        BYTES("\x8a\x01\x02\x28\x01"
              "\x8a\x01\x02\x40\x01"),
        "{\"nested\":{\"an_int32\":1,\"a_bool\":true}}");
    expect(state,
        BYTES("\xc2\x02\x01"
              "a"
              "\xc8\x02\x05"),
        "{\"count\":5}"); /* a oneof */
}

static void fields_of_a_newer_schema_are_passed_over(void **state)
{
    expect(state,
        BYTES("\x98\x06\x01"
              "\x28\x01"),
        "{\"an_int32\":1}");
}

static void foreign_bytes_are_refused_in_words(void **state)
{
    expect_failure(
        state, BYTES("\x28"), "walkie.test.v1.Everything: field number 5: the message ends");
    expect_failure(
        state, BYTES("\x2d\0\0\0\0"), "an_int32: is 4 bytes on the wire, but int32 is a varint");
    expect_failure(state, BYTES("\x48\x01"), "a_string: is a varint on the wire");
    expect_failure(state, BYTES("\x4a\x01\xff"), "a_string: is not UTF-8");
    expect_failure(state, BYTES("\x8a\x01\x02\x4a\x05"),
        "nested: walkie.test.v1.Everything: field number 9: a length of 5");
    expect_failure(
        state, BYTES("\xa2\x01\x02\x01\x80"), "numbers[1]: the message ends within a number");
    expect_failure(state,
        BYTES("\xb2\x01\x00"
              "\xb2\x01\x02\x28\x80"),
        "children[1]: ");
    expect_failure(state, BYTES("\xf2\x01\x03\x0a\x01\xff"), "counts: a key is not UTF-8");
    expect_failure(state, BYTES("\x0b"), "a group");
}

/* Every level is two bytes of tag and two of length around the next. */
static void messages_nest_up_to_their_limit_and_no_further(void **state)
{
    enum { LEN_MAX = 4096 };
    struct buffer message = BUFFER_EMPTY(LEN_MAX);
    for (int i = 0; i < CODEC_DEPTH_MAX; i++) {
        struct buffer text = BUFFER_EMPTY(CODEC_JSON_LEN_MAX);
        assert_int_equal(decode(state, buffer_bytes(&message), &text, NULL), STATUS_OK);
        buffer_finish(&text);
        struct buffer outer = BUFFER_EMPTY(LEN_MAX);
        uint8_t head[] = {0x8a, 0x01, (uint8_t)(message.len | 0x80), (uint8_t)(message.len >> 7)};
        assert_int_equal(buffer_append(&outer, head, sizeof(head)), STATUS_OK);
        assert_int_equal(buffer_append(&outer, message.data, message.len), STATUS_OK);
        buffer_finish(&message);
        message = outer;
    }
    expect_failure(state, buffer_bytes(&message), "more than 64 deep");
    buffer_finish(&message);
}

static void a_writer_that_fails_is_heard(void **state)
{
    struct buffer text = BUFFER_EMPTY(3);
    assert_int_equal(decode(state, BYTES("\x28\x01"), &text, NULL), STATUS_RESOURCE_EXHAUSTED);
    buffer_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_the_form_of_their_kind),
        cmocka_unit_test(texts_are_escaped_and_bytes_are_base64),
        cmocka_unit_test(repeated_numbers_are_read_packed_and_not),
        cmocka_unit_test(maps_are_objects_and_absent_parts_are_zero),
        cmocka_unit_test(of_several_values_the_last_counts_and_messages_merge),
        cmocka_unit_test(fields_of_a_newer_schema_are_passed_over),
        cmocka_unit_test(foreign_bytes_are_refused_in_words),
        cmocka_unit_test(messages_nest_up_to_their_limit_and_no_further),
        cmocka_unit_test(a_writer_that_fails_is_heard),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
