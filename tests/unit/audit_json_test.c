/* The JSON writer and the model's canonical form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/model/json.h"
#include "base/json_writer.h"
#include "crypto/sha256.h"
#include "ctx/test.h"

enum { OUTPUT_MAX = 1024 * 1024 };

static enum status collect(void *arg, struct bytes piece)
{
    assert_true(piece.len <= JSON_PIECE_MAX);
    return buffer_append(arg, piece.data, piece.len);
}

static enum status refuse(void *arg, struct bytes piece)
{
    (void)piece;
    (*(int *)arg)++;
    return STATUS_UNAVAILABLE;
}

static void numbers_are_short_and_read_back_exactly(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } CASES[] = {{0, "0"}, {-0.0, "0"}, {0.1, "0.1"}, {1.0 / 3, "0.3333333333333333"}, {100, "100"},
        {-2.5, "-2.5"}, {1e300, "1e+300"}, {5e-324, "4.94065645841247e-324"},
        {0.1 + 0.2, "0.30000000000000004"}};
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        char text[JSON_NUMBER_MAX];
        json_format_number(CASES[i].value, text);
        assert_string_equal(text, CASES[i].text);
    }
    double value = DBL_MIN;
    for (int i = 0; i < 2000; i++) {
        char text[JSON_NUMBER_MAX];
        value = value * 2.0123456789 + 1e-300;
        if (!isfinite(value)) {
            value = 1.7;
        }
        json_format_number(value, text);
        assert_true(strtod(text, NULL) == value);
    }
}

static void numbers_have_a_point_in_every_locale(void **state)
{
    (void)state;
    static const char *const LOCALES[] = {"de_DE.UTF-8", "ps_AF.UTF-8", "C.UTF-8", "C"};
    for (size_t i = 0; i < LENGTH_OF(LOCALES); i++) {
        if (setlocale(LC_ALL, LOCALES[i]) != NULL) {
            char text[JSON_NUMBER_MAX];
            json_format_number(1234.5, text);
            assert_string_equal(text, "1234.5");
        }
    }
    setlocale(LC_ALL, "C");
}

static void text_is_escaped_and_read_back(void **state)
{
    (void)state;
    static const char TEXT[] = "a\"b\\c\n\r\t\b\f\x01/知情同意";
    struct buffer output = BUFFER_EMPTY(OUTPUT_MAX);
    struct json_writer *json = malloc(sizeof(*json));
    assert_non_null(json);
    json_init(json, collect, &output);
    json_begin(json, '[');
    json_text(json, TEXT);
    json_text(json, NULL);
    json_number(json, NAN);
    json_bool(json, false);
    json_integer(json, INT64_MIN);
    json_end(json, ']');
    assert_int_equal(json_finish(json), STATUS_OK);
    free(json);
    cJSON *parsed = cJSON_ParseWithLength((const char *)output.data, output.len);
    assert_non_null(parsed);
    assert_string_equal(cJSON_GetArrayItem(parsed, 0)->valuestring, TEXT);
    assert_true(cJSON_IsNull(cJSON_GetArrayItem(parsed, 1)));
    assert_true(cJSON_IsNull(cJSON_GetArrayItem(parsed, 2)));
    assert_true(cJSON_IsFalse(cJSON_GetArrayItem(parsed, 3)));
    assert_int_equal(cJSON_GetArraySize(parsed), 5);
    cJSON_Delete(parsed);
    buffer_finish(&output);
}

static void text_that_is_no_utf8_still_makes_json(void **state)
{
    (void)state;
    struct buffer output = BUFFER_EMPTY(OUTPUT_MAX);
    struct json_writer *json = malloc(sizeof(*json));
    assert_non_null(json);
    json_init(json, collect, &output);
    json_text(json, "a\xC3(\xE7\x9F\xFF知\xE7");
    assert_int_equal(json_finish(json), STATUS_OK);
    free(json);
    static const char EXPECTED[] = "\"a\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
                                   "知\xEF\xBF\xBD\"";
    assert_int_equal(output.len, strlen(EXPECTED));
    assert_memory_equal(output.data, EXPECTED, output.len);
    buffer_finish(&output);
}

static const struct column COLUMNS[] = {
    {"name", WORD_HEAD_SUBJECT, ALIGN_START, 1}, {"value", WORD_HEAD_COUNT, ALIGN_END, 1}};

/* Every kind of block and cell once, and enough rows for several pieces. */
static struct report *new_report(void)
{
    struct report *report = report_new(OUTPUT_MAX * 8);
    assert_non_null(report);
    report->study_protocol = "T-1";
    report->site_no = "01";
    report->as_of = "2024-11-01";
    struct section *section = report_add_section(report, 4, "test", WORD_SECTION_ENROLMENT);
    struct cell cells[] = {cell_none(), cell_not_provided("ctms"), cell_text("文\""),
        cell_integer(7), cell_percent(0.25, 1), cell_instant(1572078600123)};
    section_add_paragraph(section, WORD_SCOPE, cells, LENGTH_OF(cells));
    section_add_heading(section, WORD_PLAN);
    section_add_not_provided(section, WORD_MONITORING_VISITS, "ctms");
    struct block *facts = section_add_facts(section, "facts");
    facts_add(section, facts, "status", WORD_HEAD_STATUS, cell_word(WORD_OPEN));
    struct table *table = section_add_table(section, "rows", WORD_SUBJECTS, COLUMNS, 2);
    for (int i = 0; i < 3000; i++) {
        struct cell *row = table_add_row(table);
        row[0] = cell_link(cell_text("101-001"), "finding-DQ-01");
        row[1] = cell_tone(cell_integer(i), TONE_WARNING);
    }
    struct chart *chart = section_add_chart(section, "chart", CHART_BARS, WORD_CHART_QUERIES);
    chart_set_categories(chart, 1);
    chart_set_category(chart, 0, cell_word(WORD_AGE_WEEK));
    chart_point_at(chart_add_series(chart, WORD_QUERIES, TONE_PLAIN, 1), 0)->y = NAN;
    report_add_finding(report, "DQ-01", GRADE_MAJOR)->statement = WORD_RULE_DQ_01_STATEMENT;
    assert_int_equal(report_is_complete(report), STATUS_OK);
    return report;
}

static void the_hash_is_that_of_the_report_member(void **state)
{
    (void)state;
    struct report *report = new_report();
    assert_int_equal(model_hash(ctx_background(), report), STATUS_OK);
    struct buffer outputs[LANGUAGE_COUNT] = {BUFFER_EMPTY(OUTPUT_MAX), BUFFER_EMPTY(OUTPUT_MAX)};
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        struct buffer *output = &outputs[language];
        assert_int_equal(
            model_write_json(ctx_background(), report, (enum language)language, collect, output),
            STATUS_OK);
        assert_true(output->len > JSON_PIECE_MAX);
        assert_int_equal(buffer_append(output, "", 1), STATUS_OK);
        const char *begin = strstr((const char *)output->data, "\"report\":") + 9;
        const char *end = strstr(begin, ",\"words\":");
        struct sha256 *digest = sha256_new();
        char hex[SHA256_HEX_MAX];
        sha256_update(digest, begin, (size_t)(end - begin));
        sha256_finish_hex(digest, hex);
        sha256_free(digest);
        assert_string_equal(hex, report->content_hash);
    }
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        buffer_finish(&outputs[language]);
    }
    report_free(report);
}

static void the_document_reads_back_as_what_was_built(void **state)
{
    (void)state;
    struct report *report = new_report();
    struct buffer output = BUFFER_EMPTY(OUTPUT_MAX);
    assert_int_equal(
        model_write_json(ctx_background(), report, LANGUAGE_ZH_CN, collect, &output), STATUS_OK);
    cJSON *document = cJSON_ParseWithLength((const char *)output.data, output.len);
    assert_non_null(document);
    const cJSON *model = cJSON_GetObjectItem(document, "report");
    const cJSON *section = cJSON_GetArrayItem(cJSON_GetObjectItem(model, "sections"), 0);
    const cJSON *blocks = cJSON_GetObjectItem(section, "blocks");
    assert_int_equal(cJSON_GetArraySize(blocks), 6);
    const cJSON *arguments = cJSON_GetObjectItem(cJSON_GetArrayItem(blocks, 0), "arguments");
    assert_true(cJSON_IsNull(cJSON_GetArrayItem(arguments, 0)));
    assert_string_equal(
        cJSON_GetObjectItem(cJSON_GetArrayItem(arguments, 1), "not_provided")->valuestring, "ctms");
    assert_string_equal(cJSON_GetArrayItem(arguments, 5)->valuestring, "2019-10-26T08:30:00.123Z");
    const cJSON *rows = cJSON_GetObjectItem(cJSON_GetArrayItem(blocks, 4), "rows");
    assert_int_equal(cJSON_GetArraySize(rows), 3000);
    const cJSON *row = cJSON_GetArrayItem(rows, 17);
    assert_int_equal(cJSON_GetObjectItem(cJSON_GetObjectItem(row, "cells"), "value")->valueint, 17);
    assert_string_equal(cJSON_GetObjectItem(cJSON_GetObjectItem(row, "links"), "name")->valuestring,
        "finding-DQ-01");
    const cJSON *words = cJSON_GetObjectItem(document, "words");
    assert_string_equal(cJSON_GetObjectItem(words, "queries")->valuestring, "质疑");
    assert_null(cJSON_GetObjectItem(words, "draft"));
    cJSON_Delete(document);
    buffer_finish(&output);
    report_free(report);
}

static void a_reader_that_fails_is_not_asked_again(void **state)
{
    (void)state;
    struct report *report = new_report();
    int n_pieces = 0;
    assert_int_equal(model_write_json(ctx_background(), report, LANGUAGE_EN, refuse, &n_pieces),
        STATUS_UNAVAILABLE);
    assert_int_equal(n_pieces, 1);
    report_free(report);
}

static void a_cancelled_context_stops_the_writing(void **state)
{
    (void)state;
    struct report *report = new_report();
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    ctx_cancel(scope, CTX_CAUSE_CANCELLED);
    struct buffer output = BUFFER_EMPTY(OUTPUT_MAX);
    assert_int_equal(model_hash(scope->ctx, report), STATUS_CANCELLED);
    assert_string_equal(report->content_hash, "");
    assert_int_equal(
        model_write_json(scope->ctx, report, LANGUAGE_EN, collect, &output), STATUS_CANCELLED);
    buffer_finish(&output);
    report_free(report);
}

static int no_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_short_and_read_back_exactly),
        cmocka_unit_test(numbers_have_a_point_in_every_locale),
        cmocka_unit_test(text_is_escaped_and_read_back),
        cmocka_unit_test(text_that_is_no_utf8_still_makes_json),
        cmocka_unit_test(the_hash_is_that_of_the_report_member),
        cmocka_unit_test(the_document_reads_back_as_what_was_built),
        cmocka_unit_test(a_reader_that_fails_is_not_asked_again),
        cmocka_unit_test(a_cancelled_context_stops_the_writing),
    };
    return cmocka_run_group_tests(tests, NULL, no_leaks);
}
