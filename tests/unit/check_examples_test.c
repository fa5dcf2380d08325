/* Every example of the language's README says what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crf/language/check_given.h"
#include "support/check_study.h"

enum { LINE_MAX_LEN = 1024, MEMORY_MAX = 8 << 20, EXAMPLES_MIN = 100 };

/* Cut blanks at both ends; the result is within the text. */
static char *trim(char *text)
{
    text += strspn(text, " ");
    for (size_t len = strlen(text); len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\n');) {
        text[--len] = '\0';
    }
    return text;
}

static void set_values(struct check_given *given, char *values)
{
    struct error error = ERROR_NONE;
    for (char *one = strtok(values, ";"); one != NULL; one = strtok(NULL, ";")) {
        one = trim(one);
        if (*one != '\0' && check_given_set(given, one, &error) != STATUS_OK) {
            fail_msg("%s", error.text);
        }
    }
}

/* "fails (SYSBP)" */
static void describe(
    const struct check_program *program, const struct check_result *result, char text[LINE_MAX_LEN])
{
    static const char *const OUTCOMES[] = {"holds", "fails", "not applicable", "too costly"};
    char name[CHECK_NAME_MAX];
    if (result->reference < 0) {
        snprintf(text, LINE_MAX_LEN, "%s", OUTCOMES[result->outcome]);
        return;
    }
    check_reference_name(&CHECK_STUDY, &program->references[result->reference], name);
    snprintf(text, LINE_MAX_LEN, "%s (%s)", OUTCOMES[result->outcome], name);
}

/* Whether it is true; prints what it comes to when it is not. */
static bool run_example(struct check_machine *machine, char *line)
{
    char actual[LINE_MAX_LEN];
    char *expression = line;
    char *values = strstr(line, " | ");
    assert_non_null(values);
    *values = '\0';
    values += 3;
    char *expected = strchr(values, '|');
    assert_non_null(expected);
    *expected++ = '\0';
    expression = trim(expression);
    expected = trim(expected);
    struct arena *arena = arena_new(MEMORY_MAX);
    struct check_program program;
    struct check_error error;
    struct check_result result;
    if (check_compile(expression, &CHECK_STUDY, CHECK_STUDY_VS, arena, &program, &error) ==
        STATUS_OK) {
        struct check_given *given = check_given_new(&CHECK_STUDY, CHECK_STUDY_VS, &program, arena);
        set_values(given, values);
        check_evaluate(machine, &program, check_given_values(given), &result);
        describe(&program, &result, actual);
    } else {
        snprintf(actual, sizeof(actual), "%u: %s", error.column, error.text);
    }
    bool is_true = strcmp(actual, expected) == 0;
    if (!is_true) {
        print_error("%s\n    expected: %s\n    actual:   %s\n", expression, expected, actual);
    }
    arena_free(arena);
    return is_true;
}

static void every_example_of_the_readme_is_true(void **state)
{
    (void)state;
    FILE *readme = fopen(README, "r");
    assert_non_null(readme);
    struct check_machine *machine = check_machine_new();
    assert_non_null(machine);
    char line[LINE_MAX_LEN];
    bool is_within = false;
    int n_examples = 0;
    int n_untrue = 0;
    while (fgets(line, sizeof(line), readme) != NULL) {
        if (strncmp(line, "```", 3) == 0) {
            is_within = strcmp(line, "```checks\n") == 0;
        } else if (is_within) {
            n_examples++;
            n_untrue += run_example(machine, line) ? 0 : 1;
        }
    }
    fclose(readme);
    check_machine_free(machine);
    assert_int_equal(n_untrue, 0);
    assert_in_range(n_examples, EXAMPLES_MIN, 10 * EXAMPLES_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_of_the_readme_is_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
