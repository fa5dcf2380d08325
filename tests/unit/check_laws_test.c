/* What must hold of every expression: printed and read again it is the same, and the laws of logic
 * with three values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crf/language/check_given.h"
#include "crf/language/check_tree.h"
#include "schema/calendar.h"
#include "support/check_random.h"
#include "support/check_study.h"

enum {
    N_EXPRESSIONS = 500,
    DEPTH = 4,
    MEMORY_MAX = 16 << 20,
    N_VALUES = 4,
    VALUE_MAX = 64,
    LAW_TEXT_MAX = 3 * CHECK_RANDOM_MAX
};

typedef char value_texts[CHECK_RANDOM_NAMES][VALUE_MAX];

static struct check_machine *machine;

/* What an expression comes to with the values. */
static enum check_outcome outcome_of(const char *expression, value_texts values)
{
    struct arena *arena = arena_new(MEMORY_MAX);
    struct check_program program;
    struct check_error error;
    struct check_result result;
    if (check_compile(expression, &CHECK_STUDY, CHECK_STUDY_VS, arena, &program, &error) !=
        STATUS_OK) {
        fail_msg("%s: column %u: %s", expression, error.column, error.text);
    }
    struct check_given *given = check_given_new(&CHECK_STUDY, CHECK_STUDY_VS, &program, arena);
    for (size_t i = 0; i < CHECK_RANDOM_NAMES; i++) {
        struct error unused = ERROR_NONE;
        if (check_given_set(given, values[i], &unused) != STATUS_OK) {
            assert_non_null(strstr(unused.text, "does not use"));
        }
    }
    enum check_outcome outcome =
        check_evaluate(machine, &program, check_given_values(given), &result);
    assert_true(result.reference >= -1 && result.reference < (int)program.n_references);
    arena_free(arena);
    return outcome;
}

static char *print_of(const char *expression, struct arena *arena)
{
    struct check_compiler compiler = {
        .text = expression, .schema = &CHECK_STUDY, .form = CHECK_STUDY_VS, .arena = arena};
    const struct check_node *tree = check_read(&compiler);
    if (tree == NULL) {
        fail_msg("%s: column %u: %s", expression, compiler.error.column, compiler.error.text);
    }
    return check_print(tree, arena);
}

static void draw_values(struct check_random *random, value_texts values)
{
    for (unsigned int i = 0; i < CHECK_RANDOM_NAMES; i++) {
        check_random_value(random, i, values[i]);
    }
}

static void a_printed_expression_reads_as_the_same(void **state)
{
    (void)state;
    value_texts values;
    for (uint64_t seed = 1; seed <= N_EXPRESSIONS; seed++) {
        struct check_random random = {.state = seed};
        struct arena *arena = arena_new(MEMORY_MAX);
        check_random_condition(&random, DEPTH);
        char *printed = print_of(random.text, arena);
        assert_non_null(printed);
        assert_string_equal(print_of(printed, arena), printed);
        for (int i = 0; i < N_VALUES; i++) {
            draw_values(&random, values);
            assert_int_equal(outcome_of(printed, values), outcome_of(random.text, values));
        }
        arena_free(arena);
    }
}

static void what_is_special_in_names_and_texts_is_printed_so(void **state)
{
    static const char *const SAME[] = {
        "[I.SYSBP] > 1",
        "NOTE = \"a \"\" b\"",
        "NOTE in (\"\", \"it's\")",
        "PREVIOUS/VS.SYSBP - SCREENING/VS.SYSBP - (SYSBP - 1) > --1",
        "not (not DONE and (DONE or DONE))",
        "if if DONE then DONE then (if DONE then DONE) or DONE",
        "(SYSBP > 1) = DONE",
        "SCREENING/visit.date is complete",
        "all(COMMON/AE.AESER not in (\"Y\"))",
        "SYSBP * (DIABP / 2) / 3 not between -1.50 and 2e20",
    };
    (void)state;
    struct arena *arena = arena_new(MEMORY_MAX);
    for (size_t i = 0; i < LENGTH_OF(SAME); i++) {
        assert_string_equal(print_of(SAME[i], arena), SAME[i]);
    }
    assert_string_equal(print_of(" NOTE<>'a \" b'", arena), "NOTE != \"a \"\" b\"");
    arena_free(arena);
}

/* The law with the conditions for @ and #. */
static void fill_in(const char *law, const char *one, const char *other, char text[LAW_TEXT_MAX])
{
    size_t len = 0;
    for (const char *at = law; *at != '\0'; at++) {
        char letter[2] = {*at, '\0'};
        const char *piece = *at == '@' ? one : *at == '#' ? other : letter;
        len += (size_t)snprintf(text + len, LAW_TEXT_MAX - len, "%s", piece);
        assert_in_range(len, 1, LAW_TEXT_MAX - 1);
    }
}

/* Two random conditions, and what must come to the same. */
static void the_laws_of_three_values_hold(void **state)
{
    static const char *const LAWS[][2] = {
        {"not (not (@))", "(@)"},
        {"not ((@) and (#))", "not (@) or not (#)"},
        {"not ((@) or (#))", "not (@) and not (#)"},
        {"(@) and (#)", "(#) and (@)"},
        {"(@) or (#)", "(#) or (@)"},
        {"if (@) then (#)", "not (@) or (#)"},
        {"if (@) then (#)", "if not (#) then not (@)"},
        {"(@) and ((@) or (#))", "(@)"},
        {"(@) = (#)", "not ((@) != (#))"},
    };
    (void)state;
    value_texts values;
    char sides[2][LAW_TEXT_MAX];
    for (uint64_t seed = 1; seed <= N_EXPRESSIONS; seed++) {
        struct check_random one = {.state = seed};
        struct check_random other = {.state = seed + N_EXPRESSIONS};
        check_random_condition(&one, 2);
        check_random_condition(&other, 2);
        draw_values(&one, values);
        size_t law = (size_t)seed % LENGTH_OF(LAWS);
        for (size_t side = 0; side < 2; side++) {
            fill_in(LAWS[law][side], one.text, other.text, sides[side]);
        }
        if (outcome_of(sides[0], values) != outcome_of(sides[1], values)) {
            fail_msg("%s\nis not\n%s", sides[0], sides[1]);
        }
    }
}

/* Partial dates against every day that they can be. */
static void a_comparison_of_dates_is_what_it_is_on_every_day(void **state)
{
    static const char *const DATES[] = {"2024-02", "2024-03", "2024-02-29", "2024-03-01",
        "2024-03-31", "2024", "2023-12-31", "2024-01-01"};
    static const char *const COMPARATORS[] = {"=", "!=", "<", "<=", ">", ">="};
    (void)state;
    for (size_t i = 0; i < LENGTH_OF(DATES) * LENGTH_OF(DATES) * LENGTH_OF(COMPARATORS); i++) {
        const char *one = DATES[i % LENGTH_OF(DATES)];
        const char *other = DATES[i / LENGTH_OF(DATES) % LENGTH_OF(DATES)];
        size_t comparator = i / LENGTH_OF(DATES) / LENGTH_OF(DATES);
        int a[2];
        int b[2];
        bool is_ever = false;
        bool is_always = true;
        assert_true(calendar_parse_partial(one, strlen(one), &a[0], &a[1]));
        assert_true(calendar_parse_partial(other, strlen(other), &b[0], &b[1]));
        for (int x = a[0]; x <= a[1]; x++) {
            for (int y = b[0]; y <= b[1]; y++) {
                const bool is_true[] = {x == y, x != y, x<y, x <= y, x> y, x >= y};
                is_ever = is_ever || is_true[comparator];
                is_always = is_always && is_true[comparator];
            }
        }
        char expression[64];
        value_texts values = {""};
        snprintf(expression, sizeof(expression), "VSDAT %s VSEND", COMPARATORS[comparator]);
        snprintf(values[0], VALUE_MAX, "VSDAT=%s", one);
        for (size_t k = 1; k < CHECK_RANDOM_NAMES; k++) {
            snprintf(values[k], VALUE_MAX, k == 1 ? "VSEND=%s" : "NOTE=%s", other);
        }
        assert_int_equal(outcome_of(expression, values), is_always ? CHECK_HOLDS
                                                         : is_ever ? CHECK_NOT_APPLICABLE
                                                                   : CHECK_FAILS);
    }
}

static int start(void **state)
{
    (void)state;
    machine = check_machine_new();
    return machine == NULL ? 1 : 0;
}

static int stop(void **state)
{
    (void)state;
    check_machine_free(machine);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_printed_expression_reads_as_the_same),
        cmocka_unit_test(what_is_special_in_names_and_texts_is_printed_so),
        cmocka_unit_test(the_laws_of_three_values_hold),
        cmocka_unit_test(a_comparison_of_dates_is_what_it_is_on_every_day),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
