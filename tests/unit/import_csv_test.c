/* The CSV reader against RFC 4180, and against what is not RFC 4180. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "import/csv.h"

/* A text that is given out `step` bytes at a time, so that every place is once a chunk's edge. */
struct source {
    const char *text;
    size_t len;
    size_t at;
    size_t step;
};

static enum status read_source(
    void *arg, void *data, size_t size, size_t *ret_len, struct error *ret_error)
{
    (void)ret_error;
    struct source *source = arg;
    size_t len = source->len - source->at;
    len = len > source->step ? source->step : len;
    len = len > size ? size : len;
    memcpy(data, source->text + source->at, len);
    source->at += len;
    *ret_len = len;
    return STATUS_OK;
}

/* All records as one text: fields between '<' and '>', a record's line in front. */
static enum status render(enum csv_form form, const char *text, size_t len, size_t step,
    char *result, size_t result_size, struct error *ret_error)
{
    struct source source = {text, len, 0, step};
    struct csv *csv = csv_new(form, read_source, &source);
    assert_non_null(csv);
    struct csv_record record;
    bool has_record = true;
    enum status status = STATUS_OK;
    result[0] = '\0';
    while ((status = csv_next(csv, &record, &has_record, ret_error)) == STATUS_OK && has_record) {
        size_t used = strlen(result);
        used += (size_t)snprintf(
            result + used, result_size - used, "%llu", (unsigned long long)record.line);
        for (size_t i = 0; i < record.n_fields && used < result_size; i++) {
            used += (size_t)snprintf(result + used, result_size - used, "<%s>", record.fields[i]);
        }
    }
    csv_free(csv);
    return status;
}

static void assert_reads(enum csv_form form, const char *text, const char *expected)
{
    for (size_t step = 1; step <= strlen(text) + 1; step++) {
        char result[1024];
        struct error error = ERROR_NONE;
        assert_int_equal(
            render(form, text, strlen(text), step, result, sizeof(result), &error), STATUS_OK);
        assert_string_equal(result, expected);
    }
}

static void assert_refuses(const char *text, size_t len, const char *words)
{
    for (size_t step = 1; step <= len; step++) {
        char result[1024];
        struct error error = ERROR_NONE;
        assert_int_equal(render(CSV_COMMA, text, len, step, result, sizeof(result), &error),
            STATUS_INVALID_ARGUMENT);
        assert_non_null(strstr(error.text, words));
    }
}

static void fields_are_split_at_commas(void **state)
{
    (void)state;
    assert_reads(CSV_COMMA, "a,b,c\n1,,3\n", "1<a><b><c>2<1><><3>");
}

static void the_last_line_needs_no_end(void **state)
{
    (void)state;
    assert_reads(CSV_COMMA, "a,b\n1,2", "1<a><b>2<1><2>");
    assert_reads(CSV_COMMA, "a,", "1<a><>");
}

static void a_quoted_field_holds_commas_quotes_and_lines(void **state)
{
    (void)state;
    assert_reads(CSV_COMMA, "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\nx,y,z\n",
        "1<a,b><say \"hi\"><two\nlines>3<x><y><z>");
    assert_reads(CSV_COMMA, "\"\",\"\"\"\"\n", "1<><\">");
}

static void a_line_may_end_with_cr_and_lf(void **state)
{
    (void)state;
    assert_reads(CSV_COMMA, "a,b\r\n\"c\",\"d\"\r\n", "1<a><b>2<c><d>");
    assert_reads(CSV_COMMA, "a\rb,c\r\n", "1<a\rb><c>");
}

static void a_byte_order_mark_is_passed_over(void **state)
{
    (void)state;
    char result[64];
    struct error error = ERROR_NONE;
    assert_int_equal(render(CSV_COMMA,
                         "\xEF\xBB\xBF"
                         "a,b\n",
                         7, 7, result, sizeof(result), &error),
        STATUS_OK);
    assert_string_equal(result, "1<a><b>");
}

static void an_empty_line_is_one_empty_field(void **state)
{
    (void)state;
    assert_reads(CSV_COMMA, "a\n\nb\n", "1<a>2<>3<b>");
    assert_reads(CSV_COMMA, "", "");
}

static void lines_keep_their_commas_and_quotes(void **state)
{
    (void)state;
    assert_reads(CSV_LINES, "a,b\n\"c\n\nd\r\n", "1<a,b>2<\"c>3<>4<d>");
}

static void an_open_quote_is_refused_with_its_line(void **state)
{
    (void)state;
    assert_refuses("a\n\"b", 4, "line 2");
}

static void text_after_a_closing_quote_is_refused(void **state)
{
    (void)state;
    assert_refuses("\"a\"b\n", 5, "after a closing quote");
    assert_refuses("\"a\"\rb\n", 6, "after a closing quote");
}

static void a_quote_inside_a_plain_field_is_refused(void **state)
{
    (void)state;
    assert_refuses("a\"b\n", 4, "quote");
}

static void a_nul_byte_is_refused(void **state)
{
    (void)state;
    assert_refuses("a\0b\n", 4, "NUL");
    assert_refuses("\"a\0b\"\n", 6, "NUL");
}

static void a_record_above_the_limit_is_refused(void **state)
{
    (void)state;
    char result[64];
    struct error error = ERROR_NONE;
    size_t len = (size_t)CSV_RECORD_LEN_MAX + 2;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, 'x', len);
    enum status status = render(CSV_COMMA, text, len, len, result, sizeof(result), &error);
    free(text);
    assert_int_equal(status, STATUS_RESOURCE_EXHAUSTED);
}

static void too_many_fields_are_refused(void **state)
{
    (void)state;
    char result[64];
    struct error error = ERROR_NONE;
    char text[CSV_FIELDS_MAX + 1];
    memset(text, ',', sizeof(text));
    assert_int_equal(render(CSV_COMMA, text, CSV_FIELDS_MAX, 64, result, sizeof(result), &error),
        STATUS_RESOURCE_EXHAUSTED);
}

static enum status fail_to_read(
    void *arg, void *data, size_t size, size_t *ret_len, struct error *ret_error)
{
    (void)arg;
    (void)data;
    (void)size;
    (void)ret_len;
    return error_set(ret_error, STATUS_DATA_LOSS, "the source broke");
}

static void a_failing_source_passes_its_status_on(void **state)
{
    (void)state;
    struct csv_record record;
    bool has_record = false;
    struct error error = ERROR_NONE;
    struct csv *csv = csv_new(CSV_COMMA, fail_to_read, NULL);
    assert_non_null(csv);
    enum status status = csv_next(csv, &record, &has_record, &error);
    csv_free(csv);
    assert_int_equal(status, STATUS_DATA_LOSS);
    assert_string_equal(error.text, "the source broke");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_split_at_commas),
        cmocka_unit_test(the_last_line_needs_no_end),
        cmocka_unit_test(a_quoted_field_holds_commas_quotes_and_lines),
        cmocka_unit_test(a_line_may_end_with_cr_and_lf),
        cmocka_unit_test(a_byte_order_mark_is_passed_over),
        cmocka_unit_test(an_empty_line_is_one_empty_field),
        cmocka_unit_test(lines_keep_their_commas_and_quotes),
        cmocka_unit_test(an_open_quote_is_refused_with_its_line),
        cmocka_unit_test(text_after_a_closing_quote_is_refused),
        cmocka_unit_test(a_quote_inside_a_plain_field_is_refused),
        cmocka_unit_test(a_nul_byte_is_refused),
        cmocka_unit_test(a_record_above_the_limit_is_refused),
        cmocka_unit_test(too_many_fields_are_refused),
        cmocka_unit_test(a_failing_source_passes_its_status_on),
    };
    return cmocka_run_group_tests_name("import_csv", tests, NULL, NULL);
}
