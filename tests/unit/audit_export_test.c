/* What the CSV bundle and the workbook are made of: RFC 4180, formulas defused, zip files, names of
 * sheets, texts and dates that Excel takes. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <stdlib.h>
#include <string.h>

#include "audit/export/xlsx_internal.h"
#include "audit/export/zip_writer.h"
#include "base/csv_writer.h"

enum { OUTPUT_MAX = 1 << 20 };

struct sink {
    struct buffer output;
    int n_pieces;
    int fails_at; /* the piece that is refused; 0: none */
};

static enum status take(void *arg, struct bytes piece)
{
    struct sink *sink = arg;
    if (++sink->n_pieces == sink->fails_at) {
        return STATUS_UNAVAILABLE;
    }
    return buffer_append(&sink->output, piece.data, piece.len);
}

/* What csv_text makes of a text, without the byte order mark. */
static char *csv_of(const char *text)
{
    struct sink sink = {.output = BUFFER_EMPTY(OUTPUT_MAX)};
    struct csv_writer *csv = malloc(sizeof(*csv));
    assert_non_null(csv);
    csv_init(csv, take, &sink);
    csv_text(csv, text);
    assert_int_equal(csv_finish(csv), STATUS_OK);
    free(csv);
    assert_memory_equal(sink.output.data, "\xEF\xBB\xBF", 3);
    char *field = calloc(1, sink.output.len);
    assert_non_null(field);
    memcpy(field, sink.output.data + 3, sink.output.len - 3);
    buffer_finish(&sink.output);
    return field;
}

static void a_field_is_quoted_only_when_it_must_be(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *field;
    } CASES[] = {{"a b", "a b"}, {"", ""}, {"a,b", "\"a,b\""}, {"say \"no\"", "\"say \"\"no\"\"\""},
        {"two\nlines", "\"two\nlines\""}, {"知情同意", "知情同意"}, {"\"", "\"\"\"\""}};
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        char *field = csv_of(CASES[i].text);
        assert_string_equal(field, CASES[i].field);
        free(field);
    }
}

static void no_text_can_be_run_as_a_formula(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *field;
    } CASES[] = {{"=1+1", "'=1+1"}, {"+49 30", "'+49 30"}, {"-", "'-"}, {"@SUM(A1)", "'@SUM(A1)"},
        {"\tx", "'\tx"}, {"\rx", "\"'\rx\""}, {"\nx", "\"'\nx\""},
        {"=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""},
        {"＝1", "'＝1"}, {"＠x", "'＠x"}, {"'quoted", "''quoted"}, {"a=1", "a=1"}};
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        char *field = csv_of(CASES[i].text);
        assert_string_equal(field, CASES[i].field);
        free(field);
    }
}

static void rows_end_with_crlf_and_a_failure_sticks(void **state)
{
    (void)state;
    struct sink sink = {.output = BUFFER_EMPTY(OUTPUT_MAX), .fails_at = 2};
    struct csv_writer *csv = malloc(sizeof(*csv));
    assert_non_null(csv);
    csv_init(csv, take, &sink);
    csv_plain(csv, "-1.5"); /* a number of ours is no formula */
    csv_text(csv, NULL);
    csv_plain(csv, "x");
    csv_end_row(csv);
    for (int i = 0; i < CSV_PIECE_MAX; i++) {
        csv_plain(csv, "y");
        csv_end_row(csv);
    }
    assert_int_equal(csv_finish(csv), STATUS_UNAVAILABLE);
    assert_int_equal(sink.n_pieces, 2);
    assert_memory_equal(sink.output.data + 3, "-1.5,,x\r\ny\r\n", 12);
    free(csv);
    buffer_finish(&sink.output);
}

static void write_zip(struct sink *sink)
{
    struct zip_writer *zip = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(zip_new(take, sink, &zip, &error), STATUS_OK);
    assert_int_equal(zip_begin(zip, "a/b.csv", ZIP_DEFLATED, ZIP_LEN_UNKNOWN, &error), STATUS_OK);
    assert_int_equal(zip_write(zip, bytes_of("hello"), &error), STATUS_OK);
    assert_int_equal(zip_end(zip, &error), STATUS_OK);
    assert_int_equal(zip_begin(zip, "c.pdf", ZIP_STORED, 3, &error), STATUS_OK);
    assert_int_equal(zip_write(zip, bytes_of("abc"), &error), STATUS_OK);
    assert_int_equal(zip_end(zip, &error), STATUS_OK);
    assert_int_equal(zip_finish(zip, &error), STATUS_OK);
    zip_free(zip);
}

static void the_same_entries_give_the_same_zip_in_every_time_zone(void **state)
{
    (void)state;
    static const char *const ZONES[] = {"UTC", "Asia/Shanghai", "America/Los_Angeles"};
    struct sink first = {.output = BUFFER_EMPTY(OUTPUT_MAX)};
    write_zip(&first);
    assert_true(first.output.len > 0);
    for (size_t i = 0; i < LENGTH_OF(ZONES); i++) {
        struct sink again = {.output = BUFFER_EMPTY(OUTPUT_MAX)};
        setenv("TZ", ZONES[i], 1);
        write_zip(&again);
        assert_int_equal(again.output.len, first.output.len);
        assert_memory_equal(again.output.data, first.output.data, first.output.len);
        buffer_finish(&again.output);
    }
    unsetenv("TZ");
    buffer_finish(&first.output);
}

/* The directory's signature is what makes a zip file one. */
static bool has_directory(const struct buffer *output)
{
    for (size_t i = 0; i + 4 <= output->len; i++) {
        if (memcmp(output->data + i, "PK\5\6", 4) == 0) {
            return true;
        }
    }
    return false;
}

static void a_zip_that_is_given_up_has_no_directory(void **state)
{
    (void)state;
    struct sink sink = {.output = BUFFER_EMPTY(OUTPUT_MAX)};
    struct zip_writer *zip = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(zip_new(take, &sink, &zip, &error), STATUS_OK);
    assert_int_equal(zip_begin(zip, "a.pdf", ZIP_STORED, 5, &error), STATUS_OK);
    assert_int_equal(zip_write(zip, bytes_of("hello"), &error), STATUS_OK);
    assert_int_equal(zip_end(zip, &error), STATUS_OK);
    assert_int_equal(zip_flush(zip, &error), STATUS_OK);
    assert_true(sink.output.len > 5); /* the entry has left */
    zip_free(zip);
    assert_false(has_directory(&sink.output));
    buffer_finish(&sink.output);
    struct sink whole = {.output = BUFFER_EMPTY(OUTPUT_MAX)};
    write_zip(&whole);
    assert_true(has_directory(&whole.output));
    buffer_finish(&whole.output);
}

static void a_zip_ends_as_its_sink_failed(void **state)
{
    (void)state;
    struct sink sink = {.output = BUFFER_EMPTY(OUTPUT_MAX), .fails_at = 1};
    struct zip_writer *zip = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(zip_new(take, &sink, &zip, &error), STATUS_OK);
    assert_int_equal(zip_begin(zip, "a.pdf", ZIP_STORED, 5, &error), STATUS_OK);
    assert_int_equal(zip_write(zip, bytes_of("hello"), &error), STATUS_OK);
    assert_int_equal(zip_end(zip, &error), STATUS_OK);
    assert_int_equal(zip_flush(zip, &error), STATUS_UNAVAILABLE);
    assert_int_equal(zip_finish(zip, &error), STATUS_UNAVAILABLE);
    zip_free(zip);
    assert_int_equal(sink.n_pieces, 1);
    buffer_finish(&sink.output);
}

/* libarchive would fill up an entry that is shorter than was said. */
static void giving_up_a_long_entry_is_quick(void **state)
{
    (void)state;
    struct sink sink = {.output = BUFFER_EMPTY(OUTPUT_MAX)};
    struct zip_writer *zip = NULL;
    assert_int_equal(zip_new(take, &sink, &zip, NULL), STATUS_OK);
    assert_int_equal(zip_begin(zip, "a.pdf", ZIP_STORED, UINT64_C(1) << 50, NULL), STATUS_OK);
    assert_int_equal(zip_write(zip, bytes_of("hello"), NULL), STATUS_OK);
    zip_free(zip); /* a petabyte of zeros would take longer than any test may */
    assert_false(has_directory(&sink.output));
    buffer_finish(&sink.output);
}

static void an_entry_s_name_cannot_leave_its_folder(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"", "/etc/passwd", "../x", "a/../../x", "a b", "中心.pdf"};
    struct sink sink = {.output = BUFFER_EMPTY(OUTPUT_MAX)};
    struct zip_writer *zip = NULL;
    assert_int_equal(zip_new(take, &sink, &zip, NULL), STATUS_OK);
    for (size_t i = 0; i < LENGTH_OF(NAMES); i++) {
        assert_int_equal(zip_begin(zip, NAMES[i], ZIP_STORED, 0, NULL), STATUS_INTERNAL);
    }
    zip_free(zip);
    buffer_finish(&sink.output);
}

static void a_sheet_s_name_is_what_excel_takes(void **state)
{
    (void)state;
    static const struct {
        const char *number;
        const char *title;
        const char *name;
    } CASES[] = {{"4 ", "Enrolment", "4 Enrolment"},
        {"4.1 ", "a/b:c*d?e[f]\\g", "4.1 a-b-c-d-e-f--g"},
        {"4.1 ", "a title that is far too long for a sheet", "4.1 a title that is far too lon"},
        {"10.12 ", "研究中心稽查报告研究中心稽查报告研究中心稽查报告研究中心稽查报告",
            "10.12 研究中心稽查报告研究中心稽查报告研究中心稽查报告研"},
        {"1 ", "the site's'", "1 the site's"}};
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        char name[SHEET_NAME_MAX];
        xlsx_sheet_name(CASES[i].number, CASES[i].title, name);
        assert_string_equal(name, CASES[i].name);
    }
}

static void a_text_of_a_sheet_is_valid_and_means_what_it_meant(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *safe;
    } CASES[] = {{"知情同意 \xF0\xAC\xAD\xAC", "知情同意 \xF0\xAC\xAD\xAC"},
        {"a\x01z", "a\xEF\xBF\xBDz"}, {"bad \xC3(", "bad \xEF\xBF\xBD("},
        {"cut \xE7\x9F", "cut \xEF\xBF\xBD\xEF\xBF\xBD"},
        {"surrogate \xED\xA0\x80.", "surrogate \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD."},
        {"overlong \xC0\xAF.", "overlong \xEF\xBF\xBD\xEF\xBF\xBD."}, {"_x0041_", "_x005F_x0041_"},
        {"_x004_", "_x004_"}, {"a\tb\nc", "a\tb\nc"}};
    struct arena *arena = arena_new(OUTPUT_MAX);
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        assert_string_equal(xlsx_safe_text(arena, CASES[i].text), CASES[i].safe);
    }
    char *longest = malloc(XLSX_TEXT_MAX + 2);
    memset(longest, 'x', XLSX_TEXT_MAX + 1);
    longest[XLSX_TEXT_MAX] = '\0';
    assert_ptr_equal(xlsx_safe_text(arena, longest), longest);
    longest[XLSX_TEXT_MAX] = 'x';
    longest[XLSX_TEXT_MAX + 1] = '\0';
    const char *cut = xlsx_safe_text(arena, longest);
    assert_int_equal(strlen(cut), XLSX_TEXT_MAX - 1 + strlen("…"));
    assert_string_equal(cut + XLSX_TEXT_MAX - 1, "…");
    free(longest);
    arena_free(arena);
}

static void days_are_counted_as_excel_does(void **state)
{
    (void)state;
    double serial = 0;
    assert_true(xlsx_serial_of_date("1970-01-01", &serial));
    assert_true(serial == 25569);
    assert_true(xlsx_serial_of_date("1900-03-01", &serial));
    assert_true(serial == 61);
    assert_true(xlsx_serial_of_date("2024-02-29", &serial));
    assert_true(serial == 45351);
    static const char *const TEXTS[] = {
        "1900-02-28", "2004-03", "2004", "2023-02-29", "2024-02-29x", "", "UNK", "2024-13-01"};
    for (size_t i = 0; i < LENGTH_OF(TEXTS); i++) {
        assert_false(xlsx_serial_of_date(TEXTS[i], &serial));
    }
    assert_false(xlsx_serial_of_date(NULL, &serial));
    assert_true(xlsx_serial_of_instant(1572078600000, &serial));
    assert_true(serial > 43764.3541666 && serial < 43764.3541667);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_field_is_quoted_only_when_it_must_be),
        cmocka_unit_test(no_text_can_be_run_as_a_formula),
        cmocka_unit_test(rows_end_with_crlf_and_a_failure_sticks),
        cmocka_unit_test(the_same_entries_give_the_same_zip_in_every_time_zone),
        cmocka_unit_test(a_zip_that_is_given_up_has_no_directory),
        cmocka_unit_test(a_zip_ends_as_its_sink_failed),
        cmocka_unit_test(giving_up_a_long_entry_is_quick),
        cmocka_unit_test(an_entry_s_name_cannot_leave_its_folder),
        cmocka_unit_test(a_sheet_s_name_is_what_excel_takes),
        cmocka_unit_test(a_text_of_a_sheet_is_valid_and_means_what_it_meant),
        cmocka_unit_test(days_are_counted_as_excel_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
