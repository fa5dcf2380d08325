/* The indicators' arithmetic, against values worked out by hand and with an independent program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

#include "audit/kri/kri.h"
#include "base/attributes.h"

static const struct kri_definition *definition_of(enum kri kri)
{
    return &KRI_DEFINITIONS[kri];
}

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-9)) {
        fail_msg("%.17g is not %.17g", value, expected);
    }
}

static struct kri_value site(double numerator, double denominator)
{
    return (struct kri_value){
        .numerator = numerator, .denominator = denominator, .is_provided = true};
}

/* mu = 30/600 = 0.05. Squares of the naive scores: 0.05^2*100/0.05 = 5; 0; 0.025^2*200/0.05 = 2.5;
 * phi = 7.5/3 = 2.5. */
static void a_rate_is_scored_as_the_formula_says(void **state)
{
    (void)state;
    struct kri_value sites[] = {site(10, 100), site(15, 300), site(5, 200)};
    struct kri_study study;
    kri_score(definition_of(KRI_AE_RATE), sites, LENGTH_OF(sites), &study);
    assert_near(study.mean, 0.05);
    assert_near(study.dispersion, 2.5);
    assert_near(sites[0].score, sqrt(5 / 2.5));
    assert_near(sites[1].score, 0);
    assert_near(sites[2].score, -1.0);
    assert_int_equal(sites[0].flag, 0);
    assert_int_equal(sites[1].flag, 0);
    assert_near(sites[0].rate, 0.1);
    assert_int_equal(study.n_scored, 3);
}

/* mu = 20/100 = 0.2, mu(1-mu) = 0.16. Squares: (0.4-0.2)^2*25/0.16 = 6.25;
 * (0.2-0.2)^2 = 0; (0.1-0.2)^2*50/0.16 = 3.125; phi = 9.375/3 = 3.125. */
static void a_proportion_is_scored_as_the_formula_says(void **state)
{
    (void)state;
    struct kri_value sites[] = {site(10, 25), site(5, 25), site(5, 50)};
    struct kri_study study;
    kri_score(definition_of(KRI_STUDY_DISCONTINUATION), sites, LENGTH_OF(sites), &study);
    assert_near(study.mean, 0.2);
    assert_near(study.dispersion, 3.125);
    assert_near(sites[0].score, sqrt(2));
    assert_near(sites[1].score, 0);
    assert_near(sites[2].score, -1);
}

/* Ten sites of uneven size; expected values from Python's decimal module, 50 digits. */
static void ten_uneven_sites_agree_with_an_independent_program(void **state)
{
    (void)state;
    struct kri_value sites[] = {site(3, 912), site(17, 1403), site(0, 77), site(41, 2210),
        site(8, 655), site(2, 341), site(29, 1188), site(5, 803), site(12, 990), site(1, 31)};
    static const double EXPECTED[] = {-1.6020173521609680, -0.3029674677505281, -0.6125097929381835,
        1.1605443419604202, -0.1943842228431206, -0.7373540381516835, 1.8793832935555599,
        -1.0793245041733932, -0.2538059727332366, 0.5261207807049680};
    struct kri_study study;
    kri_score(definition_of(KRI_AE_RATE), sites, LENGTH_OF(sites), &study);
    assert_near(study.mean, 0.0137049941927991);
    assert_near(study.dispersion, 2.8128301444609010);
    for (size_t i = 0; i < LENGTH_OF(EXPECTED); i++) {
        assert_near(sites[i].score, EXPECTED[i]);
    }
}

static void flags_change_at_their_thresholds(void **state)
{
    (void)state;
    static const struct {
        enum kri kri;
        double score;
        int flag;
    } CASES[] = {
        {KRI_AE_RATE, -2.5, -2},
        {KRI_AE_RATE, -2, -1},
        {KRI_AE_RATE, -1.0001, -1},
        {KRI_AE_RATE, -1, 0},
        {KRI_AE_RATE, 1.9999, 0},
        {KRI_AE_RATE, 2, 1},
        {KRI_AE_RATE, 3, 2},
        {KRI_DEVIATION_RATE, -3.1, -2},
        {KRI_DEVIATION_RATE, -2.5, -1},
        {KRI_DEVIATION_RATE, -1.5, 0},
        {KRI_IMPORTANT_DEVIATION_RATE, 2.5, 1},
        {KRI_SAE_RATE, -5, 0},
        {KRI_QUERY_RATE, -5, 0},
        {KRI_QUERY_RATE, 2, 1},
        {KRI_QUERY_RATE, 3, 2},
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        assert_int_equal(kri_flag(definition_of(CASES[i].kri), CASES[i].score), CASES[i].flag);
    }
}

static void a_small_denominator_is_counted_but_not_scored(void **state)
{
    (void)state;
    struct kri_value sites[] = {site(10, 100), site(15, 300), site(5, 29), site(0, 0)};
    struct kri_study study;
    kri_score(definition_of(KRI_AE_RATE), sites, LENGTH_OF(sites), &study);
    assert_int_equal(sites[2].outcome, KRI_TOO_FEW);
    assert_true(isnan(sites[2].score));
    assert_near(sites[2].rate, 5.0 / 29);
    assert_int_equal(sites[3].outcome, KRI_TOO_FEW);
    assert_true(isnan(sites[3].rate));
    assert_int_equal(study.n_sites, 3);
    assert_int_equal(study.n_scored, 2);
    assert_near(study.mean, 30.0 / 429);
}

static void without_variance_there_is_no_score_and_a_reason(void **state)
{
    (void)state;
    struct kri_study study;
    struct kri_value none[] = {site(0, 100), site(0, 200)};
    kri_score(definition_of(KRI_AE_RATE), none, 2, &study);
    assert_int_equal(none[0].outcome, KRI_NO_EVENTS);
    struct kri_value all[] = {site(100, 100), site(200, 200)};
    kri_score(definition_of(KRI_DATA_CHANGE_RATE), all, 2, &study);
    assert_int_equal(all[0].outcome, KRI_ALL_EVENTS);
    struct kri_value alike[] = {site(1, 64), site(2, 128)};
    kri_score(definition_of(KRI_AE_RATE), alike, 2, &study);
    assert_int_equal(alike[0].outcome, KRI_NO_SPREAD);
    assert_int_equal(alike[0].flag, 0);
    assert_true(isnan(alike[0].score));
    struct kri_value missing[] = {{.is_provided = false}};
    kri_score(definition_of(KRI_AE_RATE), missing, 1, &study);
    assert_int_equal(missing[0].outcome, KRI_NOT_PROVIDED);
    assert_true(isnan(study.mean));
}

static void a_limit_is_the_rate_that_has_the_score(void **state)
{
    (void)state;
    for (int kri = 0; kri < KRI_COUNT; kri++) {
        const struct kri_definition *definition = definition_of((enum kri)kri);
        struct kri_value sites[] = {site(10, 100), site(15, 300), site(5, 200)};
        struct kri_study study;
        kri_score(definition, sites, LENGTH_OF(sites), &study);
        for (size_t i = 0; i < LENGTH_OF(sites); i++) {
            assert_near(
                kri_limit(definition, &study, sites[i].denominator, sites[i].score), sites[i].rate);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_is_scored_as_the_formula_says),
        cmocka_unit_test(a_proportion_is_scored_as_the_formula_says),
        cmocka_unit_test(ten_uneven_sites_agree_with_an_independent_program),
        cmocka_unit_test(flags_change_at_their_thresholds),
        cmocka_unit_test(a_small_denominator_is_counted_but_not_scored),
        cmocka_unit_test(without_variance_there_is_no_score_and_a_reason),
        cmocka_unit_test(a_limit_is_the_rate_that_has_the_score),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
