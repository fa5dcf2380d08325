/* What one answer is worth: numbers, codes, words and weights, and what contradicts itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "epro/coding.h"
#include "epro/issue.h"

static enum epro_coding_outcome value_of(
    const char *name, size_t item, const struct epro_answer *answer, double *ret_value)
{
    const struct epro_instrument *instrument = epro_instrument_of(name);
    return epro_coding_value(instrument, &instrument->items[item - 1], answer, ret_value);
}

static void assert_value(const char *name, struct epro_answer answer, double expected)
{
    double value = -1;
    assert_int_equal(value_of(name, 1, &answer, &value), EPRO_CODING_OK);
    assert_true(value == expected);
}

static void assert_outcome(
    const char *name, struct epro_answer answer, enum epro_coding_outcome expected)
{
    double value = -1;
    assert_int_equal(value_of(name, 1, &answer, &value), expected);
}

static struct epro_answer number(double value)
{
    return (struct epro_answer){.kind = EPRO_ANSWER_NUMBER, .number = value};
}

static struct epro_answer coding(const char *code, const char *display)
{
    return (struct epro_answer){.kind = EPRO_ANSWER_CODING, .code = code, .text = display};
}

static struct epro_answer weighted(const char *code, const char *display, double weight)
{
    return (struct epro_answer){.kind = EPRO_ANSWER_CODING,
        .code = code,
        .text = display,
        .has_weight = true,
        .weight = weight};
}

static struct epro_answer text(const char *words)
{
    return (struct epro_answer){.kind = EPRO_ANSWER_TEXT, .text = words};
}

static void a_coding_counts_by_code_by_words_or_by_weight(void **state)
{
    (void)state;
    assert_value("PHQ-9", coding("LA6570-1", NULL), 2);
    assert_value("PHQ-9", coding("LA6571-9", "Nearly every day"), 3);
    assert_value("PHQ-9", coding("Not-at-all", "Not at all"), 0);
    assert_value("PHQ-9", coding("More than half the days", NULL), 2);
    assert_value("PHQ-9", coding(NULL, "好几天"), 1);
    assert_value("PHQ-9", coding("2", NULL), 2);
    assert_value("PHQ-9", weighted("x", "y", 3), 3);
    assert_value("PHQ-9", weighted("4", NULL, 3), 3); /* options may be numbered from 1 */
    assert_value("SWLS", coding(NULL, "Neither agree nor disagree"), 4);
}

static void what_contradicts_itself_is_no_answer(void **state)
{
    (void)state;
    assert_outcome("PHQ-9", coding("LA6568-5", "Nearly every day"), EPRO_CODING_CONTRADICTORY);
    assert_outcome("PHQ-9", weighted("LA6568-5", NULL, 3), EPRO_CODING_CONTRADICTORY);
    assert_outcome("PHQ-9", weighted(NULL, "several days", 2), EPRO_CODING_CONTRADICTORY);
}

static void numbers_and_texts_are_held_to_the_range(void **state)
{
    (void)state;
    assert_value("PHQ-9", number(0), 0);
    assert_value("PHQ-9", number(3), 3);
    assert_value("PHQ-9", text("3"), 3);
    assert_value("PHQ-9", text("several days"), 1);
    assert_outcome("PHQ-9", number(4), EPRO_CODING_OUT_OF_RANGE);
    assert_outcome("PHQ-9", number(-1), EPRO_CODING_OUT_OF_RANGE);
    assert_outcome("PHQ-9", number(1.5), EPRO_CODING_OUT_OF_RANGE);
    assert_outcome("PHQ-9", text("often"), EPRO_CODING_OUT_OF_RANGE);
    assert_outcome("PHQ-9", text("1e0"), EPRO_CODING_OUT_OF_RANGE);
    assert_outcome("PHQ-9", text("nan"), EPRO_CODING_OUT_OF_RANGE);
    assert_outcome("PHQ-9", coding("LA0", "sometimes"), EPRO_CODING_OUT_OF_RANGE);
    assert_outcome("EQ-5D", number(0), EPRO_CODING_OUT_OF_RANGE);
    assert_value("EQ-5D", number(5), 5);
    assert_outcome("SWLS", number(8), EPRO_CODING_OUT_OF_RANGE);
    assert_value("ADAS-Cog", number(6.67), 6.67);
    assert_outcome("ADAS-Cog", number(10.5), EPRO_CODING_OUT_OF_RANGE);
}

static void each_item_of_the_adas_cog_has_its_own_maximum(void **state)
{
    (void)state;
    static const double MAXIMA[] = {10, 5, 5, 5, 5, 8, 12, 5, 5, 5, 5};
    double value;
    double sum = 0;
    for (size_t i = 0; i < LENGTH_OF(MAXIMA); i++) {
        struct epro_answer most = number(MAXIMA[i]);
        struct epro_answer above = number(MAXIMA[i] + 1);
        assert_int_equal(value_of("ADAS-Cog", i + 1, &most, &value), EPRO_CODING_OK);
        assert_int_equal(value_of("ADAS-Cog", i + 1, &above, &value), EPRO_CODING_OUT_OF_RANGE);
        sum += MAXIMA[i];
    }
    assert_true(sum == 70);
}

static void other_types_are_of_the_wrong_kind(void **state)
{
    (void)state;
    struct epro_answer answer = {.kind = EPRO_ANSWER_OTHER, .type = "valueBoolean"};
    assert_outcome("PHQ-9", answer, EPRO_CODING_WRONG_KIND);
}

static void every_kind_of_issue_has_a_word_and_words_in_both_languages(void **state)
{
    (void)state;
    for (int kind = 0; kind < (int)EPRO_ISSUE_KINDS; kind++) {
        const char *word = epro_issue_word((enum epro_issue_kind)kind);
        const char *english = epro_issue_template((enum epro_issue_kind)kind, EPRO_EN);
        const char *chinese = epro_issue_template((enum epro_issue_kind)kind, EPRO_ZH_CN);
        assert_true(strlen(word) > 2);
        assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz_"), strlen(word));
        assert_string_not_equal(english, chinese);
        for (const char *place = "01"; *place != '\0'; place++) {
            const char mark[] = {'{', *place, '}', '\0'};
            assert_int_equal(strstr(english, mark) == NULL, strstr(chinese, mark) == NULL);
        }
        for (int other = 0; other < kind; other++) {
            assert_string_not_equal(word, epro_issue_word((enum epro_issue_kind)other));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_coding_counts_by_code_by_words_or_by_weight),
        cmocka_unit_test(what_contradicts_itself_is_no_answer),
        cmocka_unit_test(numbers_and_texts_are_held_to_the_range),
        cmocka_unit_test(each_item_of_the_adas_cog_has_its_own_maximum),
        cmocka_unit_test(other_types_are_of_the_wrong_kind),
        cmocka_unit_test(every_kind_of_issue_has_a_word_and_words_in_both_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
