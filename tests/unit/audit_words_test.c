/* The catalogue: no id twice, no language missing, the same arguments in every language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "audit/rules/rules.h"
#include "audit/words/words.h"

static void every_word_has_an_id_of_its_own_and_both_languages(void **state)
{
    (void)state;
    for (int i = 0; i < WORD_COUNT; i++) {
        assert_non_null(word_id((enum word)i));
        for (int language = 0; language < LANGUAGE_COUNT && i != WORD_NONE; language++) {
            assert_true(word_text((enum word)i, (enum language)language)[0] != '\0');
        }
        for (int other = 0; other < i; other++) {
            if (strcmp(word_id((enum word)i), word_id((enum word)other)) == 0) {
                fail_msg("two words have the id %s", word_id((enum word)i));
            }
        }
    }
}

static bool has_argument(enum word word, int argument, enum language language)
{
    char placeholder[8];
    snprintf(placeholder, sizeof(placeholder), "{%d}", argument);
    return strstr(word_text(word, language), placeholder) != NULL;
}

static void a_sentence_has_the_same_arguments_in_every_language(void **state)
{
    (void)state;
    for (int i = 0; i < WORD_COUNT; i++) {
        for (int argument = 0; argument < 10; argument++) {
            bool is_in_english = has_argument((enum word)i, argument, LANGUAGE_EN);
            if (is_in_english != has_argument((enum word)i, argument, LANGUAGE_ZH_CN)) {
                fail_msg("%s: {%d} is in one language only", word_id((enum word)i), argument);
            }
        }
    }
}

static void every_rule_has_a_code_and_words_of_its_own(void **state)
{
    (void)state;
    assert_true(N_RULES >= 40);
    for (size_t i = 0; i < N_RULES; i++) {
        assert_true(RULES[i].title != WORD_NONE && RULES[i].statement != WORD_NONE);
        assert_non_null(RULES[i].reference);
        assert_non_null(RULES[i].needs[0].source);
        bool has_one_grade = RULES[i].grade == RULES[i].grave;
        assert_true(
            has_one_grade || RULES[i].grade == GRADE_MAJOR || RULES[i].grade == GRADE_MINOR);
        assert_true(has_one_grade || RULES[i].grave + 1 == RULES[i].grade);
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(RULES[i].code, RULES[other].code);
            assert_true(RULES[i].statement != RULES[other].statement);
            assert_true(RULES[i].function != RULES[other].function);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_has_an_id_of_its_own_and_both_languages),
        cmocka_unit_test(a_sentence_has_the_same_arguments_in_every_language),
        cmocka_unit_test(every_rule_has_a_code_and_words_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
