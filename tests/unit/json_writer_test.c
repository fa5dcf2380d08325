/* The JSON writer's form for people, and texts with NULs. (Its canonical form: audit_json_test.c.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_writer.h"

enum { OUTPUT_MAX = 4096 };

static enum status collect(void *arg, struct bytes piece)
{
    return buffer_append(arg, piece.data, piece.len);
}

static void write_sample(struct json_writer *json)
{
    json_begin(json, '{');
    json_key(json, "a");
    json_begin(json, '[');
    json_integer(json, 1);
    json_begin(json, '{');
    json_end(json, '}');
    json_end(json, ']');
    json_key(json, "b");
    json_raw(json, "-0");
    json_end(json, '}');
}

static void expect(bool is_pretty, const char *text)
{
    struct buffer output = BUFFER_EMPTY(OUTPUT_MAX);
    struct json_writer *json = malloc(sizeof(*json));
    assert_non_null(json);
    json_init(json, collect, &output);
    json->is_pretty = is_pretty;
    write_sample(json);
    assert_int_equal(json_finish(json), STATUS_OK);
    assert_int_equal(output.len, strlen(text));
    assert_memory_equal(output.data, text, output.len);
    free(json);
    buffer_finish(&output);
}

static void people_get_a_line_a_value(void **state)
{
    (void)state;
    expect(true, "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": -0\n}");
}

static void machines_get_no_blank(void **state)
{
    (void)state;
    expect(false, "{\"a\":[1,{}],\"b\":-0}");
}

static void a_nul_within_a_text_is_escaped(void **state)
{
    (void)state;
    struct buffer output = BUFFER_EMPTY(OUTPUT_MAX);
    struct json_writer *json = malloc(sizeof(*json));
    assert_non_null(json);
    json_init(json, collect, &output);
    json_text_bytes(json, (struct bytes){(const uint8_t *)"a\0b", 3});
    assert_int_equal(json_finish(json), STATUS_OK);
    assert_int_equal(output.len, strlen("\"a\\u0000b\""));
    assert_memory_equal(output.data, "\"a\\u0000b\"", output.len);
    free(json);
    buffer_finish(&output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_get_a_line_a_value),
        cmocka_unit_test(machines_get_no_blank),
        cmocka_unit_test(a_nul_within_a_text_is_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
