/* The largest that is allowed, and one above; where errors are said to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crf/language/check.h"
#include "support/check_study.h"

enum { MEMORY_MAX = 64 << 20, LONG_MAX_LEN = 3 * CHECK_TEXT_LEN_MAX };

static struct arena *arena;
static struct check_error error;

static enum status compile(const char *text, struct check_program *ret_program)
{
    error = (struct check_error){.status = STATUS_OK};
    return check_compile(text, &CHECK_STUDY, CHECK_STUDY_VS, arena, ret_program, &error);
}

static void assert_compiles(const char *text)
{
    struct check_program program;
    if (compile(text, &program) != STATUS_OK) {
        fail_msg("%.80s: %s", text, error.text);
    }
}

static void assert_refused(const char *text, const char *words)
{
    struct check_program program;
    assert_int_equal(compile(text, &program), STATUS_OUT_OF_RANGE);
    if (strstr(error.text, words) == NULL) {
        fail_msg("%s", error.text);
    }
}

/* before, n times middle, after */
static const char *repeat(const char *before, const char *middle, size_t n, const char *after)
{
    static char text[LONG_MAX_LEN];
    size_t len = (size_t)snprintf(text, sizeof(text), "%s", before);
    for (size_t i = 0; i < n; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", middle);
    }
    snprintf(text + len, sizeof(text) - len, "%s", after);
    return text;
}

static void an_expression_has_a_largest_length(void **state)
{
    (void)state;
    assert_compiles(repeat("DONE", " ", CHECK_TEXT_LEN_MAX - 4, ""));
    assert_refused(repeat("DONE", " ", CHECK_TEXT_LEN_MAX - 3, ""), "longer than 4096 bytes");
}

static void an_expression_has_a_largest_number_of_parts(void **state)
{
    (void)state;
    /* "1", "> 0" and each "+1" of two nodes */
    assert_compiles(repeat("1", "+1", (CHECK_NODES_MAX - 3) / 2, " > 0"));
    assert_refused(
        repeat("1", "+1", (CHECK_NODES_MAX - 3) / 2 + 1, " > 0"), "more than 1024 parts");
}

/* n times opening, middle, n times closing */
static const char *nest(const char *opening, const char *middle, size_t n)
{
    static char text[LONG_MAX_LEN];
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", opening);
    }
    len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", middle);
    for (size_t i = 0; i < n; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, ")");
    }
    return text;
}

static void an_expression_has_a_largest_depth(void **state)
{
    (void)state;
    assert_compiles(nest("(", "DONE", CHECK_DEPTH_MAX - 1));
    assert_refused(nest("(", "DONE", CHECK_DEPTH_MAX), "more than 64 levels");
    assert_refused(repeat("", "not ", CHECK_DEPTH_MAX, "DONE"), "more than 64 levels");
    assert_refused(repeat("", "-", CHECK_DEPTH_MAX, "1 > 0"), "more than 64 levels");
    assert_refused(repeat("", "if DONE then ", CHECK_DEPTH_MAX, "DONE"), "more than 64 levels");
    /* An operand waits at every level. */
    assert_compiles(nest("0 < 1 and (", "1 + 2 * len(NOTE) > 7", CHECK_DEPTH_MAX - 2));
    assert_compiles(nest("(1 = 1) = (", "DONE", CHECK_DEPTH_MAX - 2));
}

static void regular_expressions_have_limits(void **state)
{
    (void)state;
    assert_compiles(repeat("NOTE matches \"", "a", CHECK_PATTERN_LEN_MAX, "\""));
    assert_refused(
        repeat("NOTE matches \"", "a", CHECK_PATTERN_LEN_MAX + 1, "\""), "longer than 512 bytes");
    assert_compiles(repeat("DONE", " or NOTE matches \"a\"", CHECK_PATTERNS_MAX, ""));
    assert_refused(
        repeat("DONE", " or NOTE matches \"a\"", CHECK_PATTERNS_MAX + 1, ""), "more than 8");
    struct check_program program;
    assert_int_equal(compile("NOTE matches \"((a{1,1000}){1,1000}){1,1000}\"", &program),
        STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "the regular expression: "));
}

static void references_have_a_limit(void **state)
{
    enum { N_ITEMS = CHECK_REFERENCES_MAX + 1 };
    static struct check_item items[N_ITEMS];
    static char oids[N_ITEMS][8];
    static char text[LONG_MAX_LEN];
    const struct check_form form = {"F", items, N_ITEMS, 1};
    const struct check_schema schema = {.forms = &form, .n_forms = 1};
    struct check_program program;
    size_t len = 0;
    (void)state;
    for (size_t i = 0; i < N_ITEMS; i++) {
        snprintf(oids[i], sizeof(oids[i]), "I%zu", i);
        items[i] = (struct check_item){oids[i], "integer", NULL, 1};
        if (i == CHECK_REFERENCES_MAX) {
            assert_int_equal(check_compile(text, &schema, 0, arena, &program, &error), STATUS_OK);
            assert_int_equal(program.n_references, CHECK_REFERENCES_MAX);
        }
        len += (size_t)snprintf(
            text + len, sizeof(text) - len, "%s%s > 0", i == 0 ? "" : " and ", oids[i]);
    }
    assert_int_equal(check_compile(text, &schema, 0, arena, &program, &error), STATUS_OUT_OF_RANGE);
}

/* 50,000 steps, whatever the number of rows; 1,000 matches. */
static void an_evaluation_ends(void **state)
{
    enum { N_ROWS = 60000 };
    static struct check_value rows[N_ROWS];
    struct check_program program;
    struct check_result result;
    struct check_machine *machine = check_machine_new();
    struct check_value value = {.state = CHECK_GIVEN};
    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        check_value_parse(CHECK_TEXT, "abc", &rows[i]);
    }
    value.many.rows = rows;
    value.many.n_rows = N_ROWS;
    assert_int_equal(compile("all(AE.AETERM = \"abc\")", &program), STATUS_OK);
    assert_int_equal(check_evaluate(machine, &program, &value, &result), CHECK_TOO_COSTLY);
    assert_int_equal(result.reason, CHECK_REASON_STEPS);
    value.many.n_rows = CHECK_STEPS_MAX / 3; /* load, constant, compare */
    assert_int_equal(check_evaluate(machine, &program, &value, &result), CHECK_HOLDS);
    assert_int_equal(compile("all(AE.AETERM matches \"[a-z]+\")", &program), STATUS_OK);
    value.many.n_rows = CHECK_MATCHES_MAX;
    assert_int_equal(check_evaluate(machine, &program, &value, &result), CHECK_HOLDS);
    value.many.n_rows = CHECK_MATCHES_MAX + 1;
    assert_int_equal(check_evaluate(machine, &program, &value, &result), CHECK_TOO_COSTLY);
    assert_int_equal(result.reason, CHECK_REASON_MATCH);
    check_machine_free(machine);
}

static void a_long_text_is_not_matched(void **state)
{
    static char text[CHECK_SUBJECT_LEN_MAX + 2];
    struct check_program program;
    struct check_result result;
    struct check_value value;
    struct check_machine *machine = check_machine_new();
    (void)state;
    memset(text, 'a', CHECK_SUBJECT_LEN_MAX);
    assert_int_equal(compile("NOTE matches \"a*\"", &program), STATUS_OK);
    check_value_parse(CHECK_TEXT, text, &value);
    assert_int_equal(check_evaluate(machine, &program, &value, &result), CHECK_HOLDS);
    text[CHECK_SUBJECT_LEN_MAX] = 'a';
    check_value_parse(CHECK_TEXT, text, &value);
    assert_int_equal(check_evaluate(machine, &program, &value, &result), CHECK_TOO_COSTLY);
    check_value_parse(CHECK_TEXT, "a\xFF", &value);
    assert_int_equal(check_evaluate(machine, &program, &value, &result), CHECK_NOT_APPLICABLE);
    assert_int_equal(result.reason, CHECK_REASON_UNREADABLE);
    check_machine_free(machine);
}

/* What people write is far from the limits. */
static void an_ordinary_pattern_matches_the_longest_text(void **state)
{
    static char text[CHECK_SUBJECT_LEN_MAX + 1];
    struct check_program program;
    struct check_result result;
    struct check_value value;
    struct check_machine *machine = check_machine_new();
    (void)state;
    for (size_t i = 0; i < CHECK_SUBJECT_LEN_MAX; i++) {
        text[i] = i % 6 == 5 ? ' ' : 'x';
    }
    text[CHECK_SUBJECT_LEN_MAX - 1] = '.';
    check_value_parse(CHECK_TEXT, text, &value);
    assert_int_equal(compile("NOTE matches \"(\\w+ ?)+\\.\"", &program), STATUS_OK);
    assert_int_equal(check_evaluate(machine, &program, &value, &result), CHECK_HOLDS);
    assert_int_equal(compile("NOTE matches \".*(xx|y) .*\"", &program), STATUS_OK);
    assert_int_equal(check_evaluate(machine, &program, &value, &result), CHECK_HOLDS);
    check_machine_free(machine);
}

static void assert_points(
    const char *text, unsigned int line, unsigned int column, const char *lines)
{
    struct check_program program;
    char pointer[CHECK_POINTER_MAX];
    assert_int_equal(compile(text, &program), STATUS_INVALID_ARGUMENT);
    assert_int_equal(error.line, line);
    assert_int_equal(error.column, column);
    check_error_point(text, &error, pointer);
    assert_string_equal(pointer, lines);
}

static void an_error_has_a_line_a_column_and_a_caret(void **state)
{
    (void)state;
    assert_points("SYSBP >> 80", 1, 8, "  SYSBP >> 80\n         ^");
    assert_points(
        "NOTE = \"头痛\" nor DONE", 1, 13, "  NOTE = \"头痛\" nor DONE\n                ^");
    assert_points("SYSBP > 80 and\n\tPULS < 100\nor DONE", 2, 2, "   PULS < 100\n   ^");
    assert_points("", 1, 1, "  \n  ^");
    assert_points("DONE or \xFF", 1, 9, "  DONE or ?\n          ^");
    /* Of a long line what is around it. */
    struct check_program program;
    char pointer[CHECK_POINTER_MAX];
    const char *text = repeat("NOTE = \"", "x", 2000, "\" nor DONE");
    assert_int_equal(compile(text, &program), STATUS_INVALID_ARGUMENT);
    check_error_point(text, &error, pointer);
    const char *caret = strchr(pointer, '\n');
    assert_non_null(caret);
    assert_memory_equal(pointer + strlen(caret) - 2, "nor", 3);
}

static void values_come_in_many_spellings(void **state)
{
    static const struct {
        enum check_kind kind;
        const char *text;
        enum check_state state;
    } VALUES[] = {{CHECK_NUMBER, NULL, CHECK_MISSING}, {CHECK_NUMBER, " \t", CHECK_MISSING},
        {CHECK_NUMBER, " 80 ", CHECK_GIVEN}, {CHECK_NUMBER, "8 0", CHECK_UNREADABLE},
        {CHECK_DATE, "2024-02-29", CHECK_GIVEN}, {CHECK_DATE, "2023-02-29", CHECK_UNREADABLE},
        {CHECK_DATE, "2024-02-29T12:00:00Z", CHECK_GIVEN},
        {CHECK_DATE, "2024-02-", CHECK_UNREADABLE}, {CHECK_DATE, " 2024 ", CHECK_GIVEN},
        {CHECK_DATE, "0000", CHECK_UNREADABLE}, {CHECK_DATE, "2024-13", CHECK_UNREADABLE},
        {CHECK_TEXT, " a ", CHECK_GIVEN}, {CHECK_BOOLEAN, "YES", CHECK_GIVEN},
        {CHECK_BOOLEAN, "2", CHECK_UNREADABLE}};
    struct check_value value;
    (void)state;
    for (size_t i = 0; i < LENGTH_OF(VALUES); i++) {
        check_value_parse(VALUES[i].kind, VALUES[i].text, &value);
        assert_int_equal(value.state, VALUES[i].state);
    }
    check_value_parse(CHECK_DATE, "2023-12", &value);
    assert_int_equal(value.date.last - value.date.first, 30);
    check_value_parse(CHECK_DATE, "2024", &value);
    assert_int_equal(value.date.last - value.date.first, 365);
    check_value_parse(CHECK_TEXT, " a ", &value);
    assert_int_equal(value.text.len, 3);
}

static void a_check_of_no_form_names_its_forms(void **state)
{
    struct check_program program;
    (void)state;
    assert_int_equal(
        check_compile("SYSBP > 1", &CHECK_STUDY, CHECK_NO_FORM, arena, &program, &error),
        STATUS_INVALID_ARGUMENT);
    assert_string_equal(error.text, "the check belongs to no form: write FORM.SYSBP");
    assert_int_equal(check_compile("VS.SYSBP > 1 and visit.date is required", &CHECK_STUDY,
                         CHECK_NO_FORM, arena, &program, &error),
        STATUS_OK);
    assert_int_equal(program.n_references, 2);
}

static int start(void **state)
{
    (void)state;
    arena = arena_new(MEMORY_MAX);
    return arena == NULL ? 1 : 0;
}

static int stop(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_expression_has_a_largest_length),
        cmocka_unit_test(an_expression_has_a_largest_number_of_parts),
        cmocka_unit_test(an_expression_has_a_largest_depth),
        cmocka_unit_test(regular_expressions_have_limits),
        cmocka_unit_test(references_have_a_limit),
        cmocka_unit_test(an_evaluation_ends),
        cmocka_unit_test(a_long_text_is_not_matched),
        cmocka_unit_test(an_ordinary_pattern_matches_the_longest_text),
        cmocka_unit_test(an_error_has_a_line_a_column_and_a_caret),
        cmocka_unit_test(values_come_in_many_spellings),
        cmocka_unit_test(a_check_of_no_form_names_its_forms),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
