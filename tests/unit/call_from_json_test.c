/* From JSON to a message, judged by protobuf-c's generated code, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "call/codec.h"
#include "everything.h"
#include "everything.pb-c.h"

typedef Walkie__Test__V1__Everything everything;

static int set_up(void **state)
{
    return schema_read(EVERYTHING_DESCRIPTORS, (struct schema **)state, NULL) == STATUS_OK ? 0 : 1;
}

static int tear_down(void **state)
{
    schema_free(*state);
    return 0;
}

static enum status encode(
    void **state, const char *json, struct buffer *message, struct error *error)
{
    const struct schema_type *type = schema_find_type(*state, "walkie.test.v1.Everything");
    assert_non_null(type);
    return codec_from_json(type, bytes_of(json), message, error);
}

static everything *read_good(void **state, const char *json)
{
    struct buffer message = BUFFER_EMPTY(CODEC_MESSAGE_MAX);
    struct error error = ERROR_NONE;
    if (encode(state, json, &message, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    everything *back = walkie__test__v1__everything__unpack(NULL, message.len, message.data);
    assert_non_null(back);
    buffer_finish(&message);
    return back;
}

static void message_free(everything *message)
{
    walkie__test__v1__everything__free_unpacked(message, NULL);
}

static void expect_failure(void **state, const char *json, const char *words)
{
    struct buffer message = BUFFER_EMPTY(CODEC_MESSAGE_MAX);
    struct error error = ERROR_NONE;
    assert_int_equal(encode(state, json, &message, &error), STATUS_INVALID_ARGUMENT);
    if (strstr(error.text, words) == NULL) {
        fail_msg("\"%s\" does not have \"%s\"", error.text, words);
    }
    buffer_finish(&message);
}

static void numbers_of_every_kind_arrive(void **state)
{
    everything *message = read_good(state,
        "{\"a_double\":-2.5,\"a_float\":0.1,\"an_int64\":\"-9223372036854775808\","
        "\"a_uint64\":\"18446744073709551615\",\"an_int32\":-2147483648,\"a_fixed64\":7,"
        "\"a_fixed32\":4294967295,\"a_uint32\":\"12\",\"a_sfixed32\":-1,\"a_sfixed64\":\"-2\","
        "\"a_sint32\":-3,\"a_sint64\":\"-4\",\"a_bool\":true,\"a_color\":\"COLOR_NEGATIVE\"}");
    assert_true(message->a_double == -2.5);
    assert_true(message->a_float == 0.1F);
    assert_true(message->an_int64 == INT64_MIN);
    assert_true(message->a_uint64 == UINT64_MAX);
    assert_true(message->an_int32 == INT32_MIN);
    assert_int_equal(message->a_fixed64, 7);
    assert_true(message->a_fixed32 == UINT32_MAX);
    assert_int_equal(message->a_uint32, 12);
    assert_int_equal(message->a_sfixed32, -1);
    assert_int_equal(message->a_sfixed64, -2);
    assert_int_equal(message->a_sint32, -3);
    assert_int_equal(message->a_sint64, -4);
    assert_true(message->a_bool);
    assert_int_equal(message->a_color, -7);
    message_free(message);
}

static void numbers_without_a_json_form_are_texts(void **state)
{
    everything *message = read_good(state,
        "{\"a_double\":\"NaN\",\"a_float\":\"-Infinity\",\"doubles\":[\"Infinity\",\"1e3\"]}");
    assert_true(message->a_double != message->a_double);
    assert_true(message->a_float < -3e38F);
    assert_true(message->doubles[0] > 1e308);
    assert_true(message->doubles[1] == 1000);
    message_free(message);
}

static void bytes_are_base64_of_either_alphabet(void **state)
{
    everything *message = read_good(state,
        "{\"some_bytes\":\"+/8=\",\"blobs\":[\"-_8\",\"aGVsbG8=\",\"aGVsbG8\",\"\",\"AA==\"]}");
    assert_int_equal(message->some_bytes.len, 2);
    assert_memory_equal(message->some_bytes.data, "\xfb\xff", 2);
    assert_int_equal(message->n_blobs, 5);
    assert_memory_equal(message->blobs[0].data, "\xfb\xff", 2);
    assert_int_equal(message->blobs[1].len, 5);
    assert_memory_equal(message->blobs[1].data, "hello", 5);
    assert_memory_equal(message->blobs[2].data, "hello", 5);
    assert_int_equal(message->blobs[3].len, 0);
    assert_int_equal(message->blobs[4].len, 1);
    message_free(message);
}

static void lists_maps_and_messages_nest(void **state)
{
    everything *message = read_good(state,
        "{\"numbers\":[1,-1,0],\"names\":[\"a\",\"\"],\"colors\":[1,\"COLOR_NONE\"],"
        "\"nested\":{\"aString\":\"\\u77e5\"},\"children\":[{},{\"an_int32\":5}],"
        "\"counts\":{\"a\":1,\"\":0},\"by_number\":{\"-3\":{\"a_bool\":true}},"
        "\"by_bool\":{\"true\":\"yes\"},\"inner\":{\"word\":\"w\"}}");
    assert_int_equal(message->n_numbers, 3);
    assert_int_equal(message->numbers[1], -1);
    assert_int_equal(message->n_names, 2);
    assert_int_equal(message->n_colors, 2);
    assert_string_equal(message->nested->a_string, "\xe7\x9f\xa5");
    assert_int_equal(message->n_children, 2);
    assert_int_equal(message->children[1]->an_int32, 5);
    assert_int_equal(message->n_counts, 2);
    assert_string_equal(message->counts[0]->key, "a");
    assert_int_equal(message->counts[0]->value, 1);
    assert_int_equal(message->by_number[0]->key, -3);
    assert_true(message->by_number[0]->value->a_bool);
    assert_true(message->by_bool[0]->key);
    assert_int_equal(message->choice_case, WALKIE__TEST__V1__EVERYTHING__CHOICE_INNER);
    assert_string_equal(message->inner->word, "w");
    message_free(message);
}

static void a_member_of_a_oneof_is_set_even_to_zero(void **state)
{
    everything *message = read_good(state, "{\"count\":0}");
    assert_int_equal(message->choice_case, WALKIE__TEST__V1__EVERYTHING__CHOICE_COUNT);
    message_free(message);
}

static void null_and_nothing_leave_fields_out(void **state)
{
    static const char *const CASES[] = {"", " \n", "{}", "{\"a_string\":null,\"names\":null}",
        "{\"an_int32\":0,\"a_string\":\"\",\"a_bool\":false,\"names\":[],\"numbers\":[]}"};
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        struct buffer message = BUFFER_EMPTY(CODEC_MESSAGE_MAX);
        assert_int_equal(encode(state, CASES[i], &message, NULL), STATUS_OK);
        assert_int_equal(message.len, 0);
        buffer_finish(&message);
    }
}

static void an_unknown_field_is_named_with_the_nearest(void **state)
{
    expect_failure(state, "{\"a_strng\":\"x\"}",
        "walkie.test.v1.Everything has no field \"a_strng\"; did you mean a_string?; known: "
        "a_double, a_float");
    expect_failure(state, "{\"inner\":{\"nothing_like_it\":1}}",
        "inner: walkie.test.v1.Everything.Inner has no field \"nothing_like_it\"; known: word");
}

static void values_that_do_not_fit_are_refused_with_their_place(void **state)
{
    static const struct {
        const char *json;
        const char *words;
    } CASES[] = {
        {"{\"an_int32\":2147483648}", "an_int32: 2147483648 is no int32"},
        {"{\"a_uint32\":-1}", "a_uint32: -1 is no uint32"},
        {"{\"a_uint64\":\"18446744073709551616\"}", "is no uint64"},
        {"{\"an_int64\":\"-9223372036854775809\"}", "is no int64"},
        {"{\"an_int64\":9007199254740994}",
            "too large to be exact as a JSON number; write it as a text"},
        {"{\"an_int32\":1.5}", "1.5 is no int32"},
        {"{\"an_int32\":\"1.5\"}", "\"1.5\" is no int32"},
        {"{\"an_int32\":true}", "expects an int32, not true"},
        {"{\"a_bool\":1}", "a_bool: expects true or false, not a number"},
        {"{\"a_string\":5}", "a_string: expects a text, not a number"},
        {"{\"some_bytes\":\"!\"}", "some_bytes: is not base64"},
        {"{\"some_bytes\":\"abcde\"}", "is not base64"},
        {"{\"some_bytes\":\"ab=\"}", "is not base64"},
        {"{\"some_bytes\":[]}", "expects a text of base64, not a list"},
        {"{\"a_string\":\"\xff\"}", "a_string: is not UTF-8"},
        {"{\"a_float\":1e39}", "out of a float's range"},
        {"{\"a_double\":\"infinity\"}", "expects a number, \"NaN\""},
        {"{\"a_color\":\"COLOR_REED\"}", "did you mean COLOR_RED?; known: COLOR_NONE, COLOR_RED"},
        {"{\"a_color\":1.5}", "a_color: 1.5 is no int32"},
        {"{\"names\":\"x\"}", "names: expects a list, not a text"},
        {"{\"names\":[\"x\",null]}", "names[1]: expects a text, not null"},
        {"{\"numbers\":[1,2,\"x\"]}", "numbers[2]: \"x\" is no int32"},
        {"{\"children\":[{},{\"nested\":{\"an_int32\":\"\"}}]}", "children[1].nested.an_int32: "},
        {"{\"nested\":[]}", "nested: expects an object (a walkie.test.v1.Everything), not a list"},
        {"{\"counts\":[]}", "counts: expects an object of keys and values, not a list"},
        {"{\"by_number\":{\"x\":{}}}", "by_number.x: \"x\" is no int32"},
        {"{\"by_bool\":{\"yes\":\"\"}}", "by_bool.yes: the key is neither true nor false"},
        {"{\"text\":\"a\",\"count\":1}", "text and count are alternatives: give one"},
        {"{\"a_bool\":true,\"aBool\":true}", "a_bool is there twice"},
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        expect_failure(state, CASES[i].json, CASES[i].words);
    }
}

static void what_is_not_json_is_refused_with_line_and_column(void **state)
{
    expect_failure(state, "{\"a_bool\":tru}", "the JSON, line 1, column ");
    expect_failure(state, "{\n  \"a_bool\" true}", "line 2, column ");
    expect_failure(state, "{} x", "line 1, column 4: more after the end");
    expect_failure(state, "[]", "expects an object (a walkie.test.v1.Everything), not a list");
    expect_failure(state, "{\"a_string\":\"\\u0000\"}", "column 14: a NUL");
}

static void an_escaped_backslash_before_u0000_is_no_nul(void **state)
{
    everything *message = read_good(state, "{\"a_string\":\"\\\\u0000\"}");
    assert_string_equal(message->a_string, "\\u0000");
    message_free(message);
}

static char *nested_json(size_t n_levels)
{
    static const char OPEN[] = "{\"nested\":";
    char *json = malloc(n_levels * sizeof(OPEN) + n_levels + 3);
    assert_non_null(json);
    json[0] = '\0';
    for (size_t i = 0; i < n_levels; i++) {
        strcat(json, OPEN);
    }
    strcat(json, "{}");
    for (size_t i = 0; i < n_levels; i++) {
        strcat(json, "}");
    }
    return json;
}

static void messages_nest_up_to_their_limit_and_no_further(void **state)
{
    char *json = nested_json(CODEC_DEPTH_MAX - 1);
    message_free(read_good(state, json));
    free(json);
    json = nested_json(CODEC_DEPTH_MAX);
    expect_failure(state, json, "more than 64 deep");
    free(json);
}

static void a_message_above_the_buffers_maximum_is_refused(void **state)
{
    struct buffer message = BUFFER_EMPTY(8);
    struct error error = ERROR_NONE;
    assert_int_equal(encode(state, "{\"a_string\":\"0123456789\"}", &message, &error),
        STATUS_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(error.text, "a_string: "));
    buffer_finish(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_every_kind_arrive),
        cmocka_unit_test(numbers_without_a_json_form_are_texts),
        cmocka_unit_test(bytes_are_base64_of_either_alphabet),
        cmocka_unit_test(lists_maps_and_messages_nest),
        cmocka_unit_test(a_member_of_a_oneof_is_set_even_to_zero),
        cmocka_unit_test(null_and_nothing_leave_fields_out),
        cmocka_unit_test(an_unknown_field_is_named_with_the_nearest),
        cmocka_unit_test(values_that_do_not_fit_are_refused_with_their_place),
        cmocka_unit_test(what_is_not_json_is_refused_with_line_and_column),
        cmocka_unit_test(an_escaped_backslash_before_u0000_is_no_nul),
        cmocka_unit_test(messages_nest_up_to_their_limit_and_no_further),
        cmocka_unit_test(a_message_above_the_buffers_maximum_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
