/* Totals against cases that were worked out by hand, each instrument with its missing-item rule and
 * every edge of its bands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "epro/score.h"

enum { MISSING = -1 };

static struct epro_score score_of(const char *name, const double *values)
{
    const struct epro_instrument *instrument = epro_instrument_of(name);
    double given[EPRO_ITEMS_MAX] = {0};
    bool has_value[EPRO_ITEMS_MAX] = {false};
    struct epro_score score;
    assert_non_null(instrument);
    for (size_t i = 0; i < instrument->n_items; i++) {
        has_value[i] = values[i] != MISSING;
        given[i] = has_value[i] ? values[i] : 0;
    }
    epro_score_items(instrument, given, has_value, &score);
    return score;
}

struct score_case {
    double values[EPRO_ITEMS_MAX];
    double total;         /* MISSING: there is none */
    const char *severity; /* NULL: there is none */
};

static void check_cases(const char *name, const struct score_case *cases, size_t n_cases)
{
    for (size_t i = 0; i < n_cases; i++) {
        struct epro_score score = score_of(name, cases[i].values);
        if (score.has_score != (cases[i].total != MISSING) ||
            (score.has_score && score.total != cases[i].total) ||
            (score.severity == NULL) != (cases[i].severity == NULL) ||
            (score.severity != NULL && strcmp(score.severity, cases[i].severity) != 0)) {
            fail_msg("%s, case %zu: %d %.10g %s", name, i, score.has_score, score.total,
                score.severity == NULL ? "-" : score.severity);
        }
    }
}

static void phq_9_adds_up_and_every_band_begins_where_it_is_published(void **state)
{
    (void)state;
    static const struct score_case CASES[] = {
        {{0, 0, 0, 0, 0, 0, 0, 0, 0}, 0, "minimal"},
        {{1, 1, 1, 1, 0, 0, 0, 0, 0}, 4, "minimal"},
        {{1, 1, 1, 1, 1, 0, 0, 0, 0}, 5, "mild"},
        {{1, 1, 1, 1, 1, 1, 1, 1, 1}, 9, "mild"},
        {{2, 1, 1, 1, 1, 1, 1, 1, 1}, 10, "moderate"},
        {{2, 2, 2, 2, 2, 1, 1, 1, 1}, 14, "moderate"},
        {{2, 2, 2, 2, 2, 2, 1, 1, 1}, 15, "moderately_severe"},
        {{3, 3, 2, 2, 2, 2, 2, 2, 1}, 19, "moderately_severe"},
        {{3, 3, 2, 2, 2, 2, 2, 2, 2}, 20, "severe"},
        {{3, 3, 3, 3, 3, 3, 3, 3, 3}, 27, "severe"},
    };
    check_cases("PHQ-9", CASES, LENGTH_OF(CASES));
}

/* 8 answers sum to 12: 12 * 9 / 8 = 13.5, to the nearest whole number 14. 7 answers sum to 10:
 * 10 * 9 / 7 = 12.86, 13; 5: 6.43, 6. 17 of 8 answers: 19.1, 19, and 18: 20.25, 20 (severe). */
static void phq_9_prorates_one_or_two_missing_items_and_no_more(void **state)
{
    (void)state;
    static const struct score_case CASES[] = {
        {{MISSING, 2, 2, 2, 2, 1, 1, 1, 1}, 14, "moderate"},
        {{MISSING, MISSING, 2, 2, 2, 1, 1, 1, 1}, 13, "moderate"},
        {{1, 1, 1, 1, 1, 0, 0, MISSING, MISSING}, 6, "mild"},
        {{3, 2, 2, 2, 2, 2, 2, 2, MISSING}, 19, "moderately_severe"},
        {{3, 3, 2, 2, 2, 2, 2, 2, MISSING}, 20, "severe"},
        {{MISSING, 0, 0, 0, 0, 0, 0, 0, 0}, 0, "minimal"},
        {{MISSING, MISSING, MISSING, 2, 2, 1, 1, 1, 1}, MISSING, NULL},
        {{MISSING, MISSING, MISSING, MISSING, MISSING, MISSING, MISSING, MISSING, MISSING}, MISSING,
            NULL},
    };
    check_cases("PHQ-9", CASES, LENGTH_OF(CASES));
    static const double ONE_MISSING[] = {MISSING, 2, 2, 2, 2, 1, 1, 1, 1};
    static const double COMPLETE[] = {2, 2, 2, 2, 2, 1, 1, 1, 1};
    assert_true(score_of("PHQ-9", ONE_MISSING).is_prorated);
    assert_int_equal(score_of("PHQ-9", ONE_MISSING).n_missing, 1);
    assert_false(score_of("PHQ-9", COMPLETE).is_prorated);
}

/* 6 answers sum to 8: 8 * 7 / 6 = 9.33, 9; 9: 10.5, 11. 5 answers sum to 3: 4.2, 4. */
static void gad_7_adds_up_prorates_two_and_has_four_bands(void **state)
{
    (void)state;
    static const struct score_case CASES[] = {
        {{0, 0, 0, 0, 0, 0, 0}, 0, "minimal"},
        {{1, 1, 1, 1, 0, 0, 0}, 4, "minimal"},
        {{1, 1, 1, 1, 1, 0, 0}, 5, "mild"},
        {{2, 2, 1, 1, 1, 1, 1}, 9, "mild"},
        {{2, 2, 2, 1, 1, 1, 1}, 10, "moderate"},
        {{2, 2, 2, 2, 2, 2, 2}, 14, "moderate"},
        {{3, 2, 2, 2, 2, 2, 2}, 15, "severe"},
        {{3, 3, 3, 3, 3, 3, 3}, 21, "severe"},
        {{MISSING, 2, 2, 1, 1, 1, 1}, 9, "mild"},
        {{MISSING, 2, 2, 2, 1, 1, 1}, 11, "moderate"},
        {{MISSING, MISSING, 1, 1, 1, 0, 0}, 4, "minimal"},
        {{MISSING, MISSING, MISSING, 1, 1, 1, 1}, MISSING, NULL},
    };
    check_cases("GAD-7", CASES, LENGTH_OF(CASES));
}

static void eq_5d_5l_sums_levels_only_when_all_are_there(void **state)
{
    (void)state;
    static const struct score_case CASES[] = {
        {{1, 1, 1, 1, 1}, 5, NULL},
        {{1, 2, 3, 4, 5}, 15, NULL},
        {{5, 5, 5, 5, 5}, 25, NULL},
        {{5, 5, 5, 5, MISSING}, MISSING, NULL},
    };
    check_cases("EQ-5D", CASES, LENGTH_OF(CASES));
}

static void eq_5d_5l_has_a_health_state_with_nine_for_a_missing_level(void **state)
{
    (void)state;
    const struct epro_instrument *instrument = epro_instrument_of("EQ-5D-5L");
    const double values[] = {1, 1, 2, 0, 3};
    const bool has_value[] = {true, true, true, false, true};
    const bool has_all[] = {true, true, true, true, true};
    const double worst[] = {5, 5, 5, 5, 5};
    char profile[EPRO_PROFILE_MAX];
    epro_score_profile(instrument, values, has_value, profile);
    assert_string_equal(profile, "11293");
    epro_score_profile(instrument, worst, has_all, profile);
    assert_string_equal(profile, "55555");
}

static void swls_has_seven_bands_with_neutral_at_twenty_alone(void **state)
{
    (void)state;
    static const struct score_case CASES[] = {
        {{1, 1, 1, 1, 1}, 5, "extremely_dissatisfied"},
        {{2, 2, 2, 2, 1}, 9, "extremely_dissatisfied"},
        {{2, 2, 2, 2, 2}, 10, "dissatisfied"},
        {{3, 3, 3, 3, 2}, 14, "dissatisfied"},
        {{3, 3, 3, 3, 3}, 15, "slightly_dissatisfied"},
        {{4, 4, 4, 4, 3}, 19, "slightly_dissatisfied"},
        {{4, 4, 4, 4, 4}, 20, "neutral"},
        {{5, 4, 4, 4, 4}, 21, "slightly_satisfied"},
        {{5, 5, 5, 5, 5}, 25, "slightly_satisfied"},
        {{6, 5, 5, 5, 5}, 26, "satisfied"},
        {{6, 6, 6, 6, 6}, 30, "satisfied"},
        {{7, 6, 6, 6, 6}, 31, "extremely_satisfied"},
        {{7, 7, 7, 7, 7}, 35, "extremely_satisfied"},
        {{7, 7, 7, 7, MISSING}, MISSING, NULL},
    };
    check_cases("SWLS", CASES, LENGTH_OF(CASES));
}

/* Word recall (10) and commands (5) missing: 70 / 55 times the rest. 11: 14; 20: 25.45, up to 26.
 * Word recognition (12), orientation (8) and recall (10) missing: 70 / 40. 7: 12.25, 13. */
static void adas_cog_adds_up_and_scales_up_to_three_missing_items(void **state)
{
    (void)state;
    static const struct score_case CASES[] = {
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0, NULL},
        {{10, 5, 5, 5, 5, 8, 12, 5, 5, 5, 5}, 70, NULL},
        {{4.5, 1, 1, 0, 0, 2, 5.25, 0, 0, 1, 0}, 14.75, NULL},
        {{MISSING, MISSING, 1, 1, 1, 2, 6, 0, 0, 0, 0}, 14, NULL},
        {{MISSING, MISSING, 2, 2, 2, 4, 10, 0, 0, 0, 0}, 26, NULL},
        {{MISSING, 1, 1, 1, 1, MISSING, MISSING, 1, 1, 1, 0}, 13, NULL},
        {{MISSING, MISSING, 1, 1, 1, MISSING, MISSING, 1, 1, 1, 0}, MISSING, NULL},
    };
    check_cases("ADAS-Cog", CASES, LENGTH_OF(CASES));
}

static void an_instrument_is_known_by_the_end_of_its_canonical(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *word; /* NULL: not known */
    } CASES[] = {
        {"http://example.org/Questionnaire/PHQ-9", "PHQ-9"},
        {"http://hl7.org/fhir/uv/sdc/Questionnaire/questionnaire-sdc-profile-example-PHQ9",
            "PHQ-9"},
        {"http://example.org/Questionnaire/phq9|2.1.0", "PHQ-9"},
        {"http://loinc.org/q/44249-1", "PHQ-9"},
        {"urn:example:gad-7-questionnaire", "GAD-7"},
        {"http://example.org/Questionnaire/mii-qst-pro-gad-7/", "GAD-7"},
        {"EQ-5D", "EQ-5D"},
        {"http://example.org/Questionnaire/eq5d-5l", "EQ-5D"},
        {"SWLS", "SWLS"},
        {"http://example.org/ADAS-Cog-11", "ADAS-Cog"},
        {"http://example.org/Questionnaire/eq-5d-3l", NULL},
        {"http://example.org/Questionnaire/phq-9-modified", NULL},
        {"http://example.org/Questionnaire/adas-cog-13", NULL},
        {"http://example.org/Questionnaire/xphq9", NULL},
        {"http://hl7.org/fhir/uv/sdc/Questionnaire/CardiologyForm", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        const struct epro_instrument *found = epro_instrument_of(CASES[i].name);
        if (CASES[i].word == NULL) {
            assert_null(found);
        } else {
            assert_non_null(found);
            assert_string_equal(found->word, CASES[i].word);
        }
    }
}

static void an_item_is_known_by_number_letter_or_code(void **state)
{
    (void)state;
    static const struct {
        const char *instrument;
        const char *link_id;
        int place;
    } CASES[] = {
        {"PHQ-9", "q1", 1},
        {"PHQ-9", "H1/T1/Q9", 9},
        {"PHQ-9", "phq9-3", 3},
        {"PHQ-9", "PHQ9_Q03", 3},
        {"PHQ-9", "/44260-8", 9},
        {"PHQ-9", "phq-phq2b", 2},
        {"PHQ-9", "H1/TS", EPRO_PLACE_TOTAL},
        {"PHQ-9", "44261-6", EPRO_PLACE_TOTAL},
        {"PHQ-9", "69722-7", EPRO_PLACE_EXTRA},
        {"PHQ-9", "q10", EPRO_PLACE_EXTRA},
        {"PHQ-9", "q11", EPRO_PLACE_UNKNOWN},
        {"PHQ-9", "q0", EPRO_PLACE_UNKNOWN},
        {"PHQ-9", "comment", EPRO_PLACE_UNKNOWN},
        {"PHQ-9", "", EPRO_PLACE_UNKNOWN},
        {"GAD-7", "phq-phq5g", 7},
        {"GAD-7", "phq5h", EPRO_PLACE_UNKNOWN},
        {"GAD-7", "q8", EPRO_PLACE_UNKNOWN},
        {"GAD-7", "69736-7", 7},
        {"EQ-5D", "eq5d-mobility", 1},
        {"EQ-5D", "Anxiety / Depression", EPRO_PLACE_UNKNOWN},
        {"EQ-5D", "anxiety-depression", 5},
        {"EQ-5D", "vas", EPRO_PLACE_VAS},
        {"EQ-5D", "q6", EPRO_PLACE_VAS},
        {"ADAS-Cog", "word_recognition", 7},
        {"ADAS-Cog", "q11", 11},
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        int place = epro_instrument_item(epro_instrument_of(CASES[i].instrument), CASES[i].link_id);
        if (place != CASES[i].place) {
            fail_msg("%s %s: %d", CASES[i].instrument, CASES[i].link_id, place);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phq_9_adds_up_and_every_band_begins_where_it_is_published),
        cmocka_unit_test(phq_9_prorates_one_or_two_missing_items_and_no_more),
        cmocka_unit_test(gad_7_adds_up_prorates_two_and_has_four_bands),
        cmocka_unit_test(eq_5d_5l_sums_levels_only_when_all_are_there),
        cmocka_unit_test(eq_5d_5l_has_a_health_state_with_nine_for_a_missing_level),
        cmocka_unit_test(swls_has_seven_bands_with_neutral_at_twenty_alone),
        cmocka_unit_test(adas_cog_adds_up_and_scales_up_to_three_missing_items),
        cmocka_unit_test(an_instrument_is_known_by_the_end_of_its_canonical),
        cmocka_unit_test(an_item_is_known_by_number_letter_or_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
