/* Reading what a server says of its messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "call/schema.h"
#include "everything.h"
#include "walkie/descriptors.h"

static struct schema *read_good(struct bytes set)
{
    struct schema *schema = NULL;
    struct error error = ERROR_NONE;
    if (schema_read(set, &schema, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return schema;
}

static void expect_words(
    const struct schema_type *type, const char *name, const char *words, uint32_t number)
{
    char text[128];
    const struct schema_field *field = schema_find_field(type, name);
    assert_non_null(field);
    schema_field_words(field, text, sizeof(text));
    assert_string_equal(text, words);
    assert_int_equal(field->number, number);
}

static void every_kind_of_field_is_understood(void **state)
{
    (void)state;
    struct schema *schema = read_good(EVERYTHING_DESCRIPTORS);
    const struct schema_type *type = schema_find_type(schema, "walkie.test.v1.Everything");
    assert_non_null(type);
    expect_words(type, "a_double", "double", 1);
    expect_words(type, "a_sint64", "sint64", 16);
    expect_words(type, "nested", "walkie.test.v1.Everything", 17);
    expect_words(type, "numbers", "repeated int32", 20);
    expect_words(type, "colors", "repeated walkie.test.v1.Color", 25);
    expect_words(type, "counts", "map<string, int32>", 30);
    expect_words(type, "by_number", "map<int32, walkie.test.v1.Everything>", 31);
    expect_words(type, "inner", "walkie.test.v1.Everything.Inner", 42);
    assert_ptr_equal(schema_find_field(type, "aString"), schema_find_field(type, "a_string"));
    assert_ptr_equal(schema_field_numbered(type, 9), schema_find_field(type, "a_string"));
    assert_int_equal(schema_find_field(type, "text")->oneof, 0);
    assert_int_equal(schema_find_field(type, "a_string")->oneof, SCHEMA_ONEOF_NONE);
    assert_null(schema_find_field(type, "no_such_field"));
    const struct schema_enum *color = schema_find_field(type, "a_color")->enumeration;
    assert_int_equal(color->n_values, 3);
    assert_int_equal(color->values[2].number, -7);
    schema_free(schema);
}

static void comments_are_read_from_above_and_beside(void **state)
{
    (void)state;
    struct schema *schema = read_good(EVERYTHING_DESCRIPTORS);
    const struct schema_type *type = schema_find_type(schema, "walkie.test.v1.Everything");
    assert_string_equal(type->comment, "Everything at once.");
    assert_string_equal(schema_find_field(type, "a_string")->comment, "what people read");
    assert_string_equal(schema_find_field(type, "a_bool")->comment, "");
    const struct schema_method *method = schema_find_method(schema, "walkie.test.v1.Test/Repeat");
    assert_non_null(method);
    assert_string_equal(method->comment, "Answers with what it gets.");
    assert_ptr_equal(method->input, type);
    assert_ptr_equal(method->output, type);
    schema_free(schema);
}

static void the_report_services_methods_are_there_and_the_built_in_ones(void **state)
{
    (void)state;
    struct schema *schema = read_good(SERVICE_DESCRIPTORS);
    const struct schema_method *method =
        schema_find_method(schema, "walkie.report.v1.ReportService/AuditReport");
    assert_non_null(method);
    assert_true(method->is_server_stream);
    assert_false(method->is_client_stream);
    assert_non_null(schema_find_method(schema, "walkie.rpc.v1.Reflection/Describe"));
    schema_free(schema);
}

/* Whatever is missing at the end: either the rest makes sense, or words say what is wrong. */
static void no_set_that_is_cut_off_does_harm(void **state)
{
    (void)state;
    size_t n_refused = 0;
    for (size_t len = 0; len < EVERYTHING_DESCRIPTORS.len; len++) {
        uint8_t *copy = malloc(len + 1); /* of its own, so that a sanitizer sees its end */
        assert_non_null(copy);
        memcpy(copy, EVERYTHING_DESCRIPTORS.data, len);
        struct schema *schema = NULL;
        struct error error = ERROR_NONE;
        enum status status = schema_read((struct bytes){copy, len}, &schema, &error);
        if (status != STATUS_OK) {
            assert_int_equal(status, STATUS_DATA_LOSS);
            assert_memory_equal(error.text, "descriptors: ", strlen("descriptors: "));
            n_refused++;
        }
        schema_free(schema);
        free(copy);
    }
    assert_int_equal(n_refused, EVERYTHING_DESCRIPTORS.len - 1); /* but for the empty set */
}

static void expect_failure(const char *set, size_t len, const char *words)
{
    struct schema *schema = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(
        schema_read((struct bytes){(const uint8_t *)set, len}, &schema, &error), STATUS_DATA_LOSS);
    assert_null(schema);
    if (strstr(error.text, words) == NULL) {
        fail_msg("\"%s\" does not have \"%s\"", error.text, words);
    }
}

#define EXPECT_FAILURE(set, words) expect_failure((set), sizeof(set) - 1, (words))

static void what_refers_to_nothing_is_refused(void **state)
{
    (void)state;
    /* file { message { name "M", field { name "f", number 1, kind message, type_name ".X" } } } */
    EXPECT_FAILURE("\x0a\x12\x22\x10\x0a\x01M\x12\x0b\x0a\x01"
                   "f\x18\x01\x28\x0b\x32\x02.X",
        "M refers to X, which nothing declares");
    /* file { service { name "S", method { name "m", input ".X", output ".X" } } } */
    EXPECT_FAILURE("\x0a\x12\x32\x10\x0a\x01S\x12\x0b\x0a\x01m\x12\x02.X\x1a\x02.X",
        "S/m refers to X, which nothing declares");
}

static void what_is_no_declaration_is_refused(void **state)
{
    (void)state;
    EXPECT_FAILURE("\x0a\x02\x22\x00", "without a proper name");
    EXPECT_FAILURE("\x0a\x05\x22\x03\x0a\x01\x1b", "without a proper name"); /* an escape */
    EXPECT_FAILURE("\x0a\x0c\x22\x0a\x0a\x01M\x12\x05\x0a\x01"
                   "f\x18\x01",
        "without a name, number or kind");
    EXPECT_FAILURE("\x0a\x0e\x22\x0c\x0a\x01M\x12\x07\x0a\x01"
                   "f\x18\x01\x28\x0a",
        "unknown kind, 10");
    /* A map's entry that is its own value, one with a double for a key, and one with neither. */
    EXPECT_FAILURE("\x0a\x1f\x22\x1d\x0a\x01M\x12\x07\x0a\x01k\x18\x01\x28\x09\x12\x0b\x0a\x01v"
                   "\x18\x02\x28\x0b\x32\x02.M\x3a\x02\x38\x01",
        "M cannot be the entry of a map");
    EXPECT_FAILURE("\x0a\x1b\x22\x19\x0a\x01M\x12\x07\x0a\x01k\x18\x01\x28\x01\x12\x07\x0a\x01v"
                   "\x18\x02\x28\x09\x3a\x02\x38\x01",
        "M cannot be the entry of a map");
    EXPECT_FAILURE("\x0a\x09\x22\x07\x0a\x01M\x3a\x02\x38\x01", "cannot be the entry of a map");
}

static void messages_too_deep_within_messages_are_refused(void **state)
{
    (void)state;
    enum { LEVELS = 40, LEN_MAX = 4096 };
    struct buffer set = BUFFER_EMPTY(LEN_MAX);
    for (int i = 0; i < LEVELS; i++) { /* from the inside out: name "M", then the nested one */
        struct buffer outer = BUFFER_EMPTY(LEN_MAX);
        assert_int_equal(buffer_append(&outer, "\x0a\x01M", 3), STATUS_OK);
        if (i > 0) {
            uint8_t len[2] = {(uint8_t)(set.len | 0x80), (uint8_t)(set.len >> 7)};
            assert_int_equal(buffer_append(&outer, "\x1a", 1), STATUS_OK);
            assert_int_equal(buffer_append(&outer, len, sizeof(len)), STATUS_OK);
            assert_int_equal(buffer_append(&outer, set.data, set.len), STATUS_OK);
        }
        buffer_finish(&set);
        set = outer;
    }
    uint8_t head[] = {0x0a, (uint8_t)((set.len + 3) | 0x80), (uint8_t)((set.len + 3) >> 7), 0x22,
        (uint8_t)(set.len | 0x80), (uint8_t)(set.len >> 7)};
    struct buffer whole = BUFFER_EMPTY(LEN_MAX);
    assert_int_equal(buffer_append(&whole, head, sizeof(head)), STATUS_OK);
    assert_int_equal(buffer_append(&whole, set.data, set.len), STATUS_OK);
    expect_failure((const char *)whole.data, whole.len, "more than 32 deep");
    buffer_finish(&set);
    buffer_finish(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_field_is_understood),
        cmocka_unit_test(comments_are_read_from_above_and_beside),
        cmocka_unit_test(the_report_services_methods_are_there_and_the_built_in_ones),
        cmocka_unit_test(no_set_that_is_cut_off_does_harm),
        cmocka_unit_test(what_refers_to_nothing_is_refused),
        cmocka_unit_test(what_is_no_declaration_is_refused),
        cmocka_unit_test(messages_too_deep_within_messages_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
