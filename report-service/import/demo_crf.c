/* Values that the edit checks (demo_checks.c) agree with, and a few that they must find. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/demo_internal.h"

enum {
    SYSBP_MIN = 95,
    SYSBP_MAX = 205,
    PRESSURE_GAP = 12, /* at least, between systolic and diastolic */
    QTCF_MAX = 445,
    WEIGHT_STEP_MAX = 10, /* of the check VS_WEIGHT_CHANGE, kg */
};

/* Planted on the first entered page of the form and visit at each site of the profile. A row
 * without a check is a near miss, or goes with the row beside it: no check finds it. */
struct plant {
    const char *check;
    int profile;
    enum demo_event event;
    enum demo_form form;
    int item;
    const char *value; /* "=other", "=month", "=heavier": see put_planted */
};

static const struct plant PLANTS[] = {
    {"VS_SYSBP_RANGE", 0, EVENT_SCREENING, FORM_VITAL_SIGNS, 0, "242"},
    {NULL, 0, EVENT_WEEK12, FORM_LABORATORY, 0, "=month"},
    {NULL, 1, EVENT_WEEK2, FORM_VITAL_SIGNS, 0, "118"},
    {"VS_DIABP_BELOW_SYSBP", 1, EVENT_WEEK2, FORM_VITAL_SIGNS, 1, "128"},
    {"VS_PULSE_REQUIRED", 2, EVENT_WEEK4, FORM_VITAL_SIGNS, 2, ""},
    {NULL, 2, EVENT_WEEK8, FORM_EXPOSURE, 0, "80"},
    {"EX_DOSE_CHANGED", 2, EVENT_WEEK8, FORM_EXPOSURE, 1, "N"},
    {NULL, 3, EVENT_WEEK8, FORM_VITAL_SIGNS, 3, "=heavier"},
    {"EG_QTCF_LONG", 4, EVENT_SCREENING, FORM_ECG, 0, "472"},
    {NULL, 4, EVENT_SCREENING, FORM_ECG, 1, "NORMAL"},
    {"IC_VERSION", 4, EVENT_SCREENING, FORM_CONSENT, 1, "v1"},
    {"EG_QTCF_LONG", 5, EVENT_WEEK12, FORM_ECG, 0, "492"},
    {"EG_QTCF_RESULT", 5, EVENT_WEEK12, FORM_ECG, 1, "NORMAL"},
    {"EG_RESULT_CODE", 6, EVENT_SCREENING, FORM_ECG, 1, "BORDERLINE"},
    {"CM_CODE", 6, EVENT_COMMON, FORM_MEDICATION, 0, "Aspirin"},
    {"DA_RETURNED", 7, EVENT_WEEK4, FORM_ACCOUNTABILITY, 1, "41"},
    {"DM_BIRTH_YEAR", 8, EVENT_SCREENING, FORM_DEMOGRAPHICS, 0, "2012"},
    {"DM_BIRTH_SUBJECT", 8, EVENT_SCREENING, FORM_DEMOGRAPHICS, 0, "2012"},
    {"DM_SEX_SUBJECT", 9, EVENT_SCREENING, FORM_DEMOGRAPHICS, 1, "=other"},
    {"EX_DOSE", 9, EVENT_WEEK12, FORM_EXPOSURE, 0, "45"},
    {"LB_DATE_SCREENED", 10, EVENT_SCREENING, FORM_LABORATORY, 0, "2023-11"},
    {"DS_STATUS", 10, EVENT_COMMON, FORM_END_OF_STUDY, 0, "lost"},
};

static void expect(struct demo *demo, const struct demo_page *page, const char *check, int item)
{
    if (demo->n_crf_problems == demo->n_crf_problems_max) {
        size_t n_max = demo->n_crf_problems_max == 0 ? 64 : demo->n_crf_problems_max * 2;
        struct demo_crf_problem *problems = realloc(demo->crf_problems, n_max * sizeof(*problems));
        if (problems == NULL) {
            demo->has_crf_failed = true;
            return;
        }
        demo->crf_problems = problems;
        demo->n_crf_problems_max = n_max;
    }
    struct demo_crf_problem *problem = &demo->crf_problems[demo->n_crf_problems++];
    *problem = (struct demo_crf_problem){.site_number = page->subject->site->number,
        .check = check,
        .event = page->event,
        .form = page->form,
        .item = DEMO_FORM[page->form].items[item].oid};
    memcpy(problem->subject_no, page->subject->subject_no, sizeof(problem->subject_no));
}

static int number_of(const char *value)
{
    return (int)strtol(value, NULL, 10);
}

static void keep_within(char value[DEMO_VALUE_MAX], int low, int high)
{
    int number = number_of(value);
    if (number < low || number > high) {
        snprintf(value, DEMO_VALUE_MAX, "%d", number < low ? low : high);
    }
}

/* Weights of one subject are near its first one. */
static void settle_weight(struct demo_course *course, char value[DEMO_VALUE_MAX])
{
    enum { WEIGHT_MIN = 48, WEIGHT_MAX = 140, MEAN = 78, SHARE = 20, SHIFT_MAX = 4 };
    double drawn = strtod(value, NULL);
    if (course->weight == 0.0) {
        course->weight = drawn < WEIGHT_MIN ? WEIGHT_MIN : drawn > WEIGHT_MAX ? WEIGHT_MAX : drawn;
    }
    double shift = (drawn - MEAN) / SHARE;
    shift = shift < -SHIFT_MAX ? -SHIFT_MAX : shift > SHIFT_MAX ? SHIFT_MAX : shift;
    snprintf(value, DEMO_VALUE_MAX, "%.1f", course->weight + shift);
}

static void settle_vital_sign(struct demo_course *course,
    const struct demo_item items[FORM_ITEMS_MAX], int index, char value[DEMO_VALUE_MAX])
{
    enum { SYSBP, DIABP, PULSE, WEIGHT };
    if (index == SYSBP) {
        keep_within(value, SYSBP_MIN, SYSBP_MAX);
    } else if (index == DIABP) {
        int most = number_of(items[SYSBP].value) - PRESSURE_GAP;
        keep_within(value, 40, most < 130 ? most : 130);
    } else if (index == PULSE) {
        keep_within(value, 40, 150);
    } else if (index == WEIGHT) {
        settle_weight(course, value);
    }
}

/* A value as a page of a site in order has it. */
static void settle(struct demo *demo, const struct demo_page *page,
    const struct demo_item items[FORM_ITEMS_MAX], int index, char value[DEMO_VALUE_MAX])
{
    const struct demo_subject *subject = page->subject;
    if (page->form == FORM_VITAL_SIGNS) {
        settle_vital_sign(&demo->course, items, index, value);
    } else if (page->form == FORM_ECG && index == 0) {
        keep_within(value, 330, QTCF_MAX);
    } else if (page->form == FORM_ACCOUNTABILITY && index == 1) {
        keep_within(value, 0, number_of(items[0].value));
    } else if (page->form == FORM_DEMOGRAPHICS && index == 0) {
        snprintf(value, DEMO_VALUE_MAX, "%d", subject->birth_year);
    } else if (page->form == FORM_DEMOGRAPHICS) {
        snprintf(value, DEMO_VALUE_MAX, "%s", subject->sex);
    } else if (page->form == FORM_EXPOSURE && index == 1 && demo->course.last_dose != 0 &&
               number_of(items[0].value) != demo->course.last_dose) {
        snprintf(value, DEMO_VALUE_MAX, "Y");
    }
}

static void put_planted(const struct demo *demo, const struct demo_page *page, const char *planted,
    char value[DEMO_VALUE_MAX])
{
    if (strcmp(planted, "=other") == 0) {
        snprintf(value, DEMO_VALUE_MAX, "%s", *page->subject->sex == 'M' ? "F" : "M");
    } else if (strcmp(planted, "=month") == 0) {
        value[sizeof("2025-06") - 1] = '\0';
    } else if (strcmp(planted, "=heavier") == 0) {
        snprintf(value, DEMO_VALUE_MAX, "%.1f", demo->course.weight + 25);
    } else {
        snprintf(value, DEMO_VALUE_MAX, "%s", planted);
    }
}

static void plant(
    struct demo *demo, const struct demo_page *page, int index, char value[DEMO_VALUE_MAX])
{
    struct demo_site *site = page->subject->site;
    for (size_t i = 0; i < LENGTH_OF(PLANTS); i++) {
        const struct plant *row = &PLANTS[i];
        uint64_t bit = UINT64_C(1) << i;
        if (row->profile != (site->number - 1) % DEMO_PROFILES || row->event != page->event ||
            row->form != page->form || row->item != index || (site->crf_planted & bit) != 0) {
            continue;
        }
        site->crf_planted |= bit;
        put_planted(demo, page, row->value, value);
        if (row->check != NULL) {
            expect(demo, page, row->check, index);
        }
    }
}

/* What other problems of the site, or an earlier visit's plant, make a check find. */
static void expect_others(
    struct demo *demo, const struct demo_page *page, int index, const char *value)
{
    struct demo_course *course = &demo->course;
    if (page->form == FORM_CONSENT && index == 0 && page->subject->consented > page->day) {
        expect(demo, page, "IC_BEFORE_VISIT", index);
    } else if (page->form == FORM_VITAL_SIGNS && index == 3) {
        double weight = strtod(value, NULL);
        double step = weight - course->last_weight;
        if (course->last_weight != 0.0 && (step > WEIGHT_STEP_MAX || step < -WEIGHT_STEP_MAX)) {
            expect(demo, page, "VS_WEIGHT_CHANGE", index);
        }
        course->last_weight = weight;
    }
}

void demo_settle_value(struct demo *demo, const struct demo_page *page,
    const struct demo_item items[FORM_ITEMS_MAX], int index, char value[DEMO_VALUE_MAX])
{
    struct demo_course *course = &demo->course;
    if (course->subject_id != page->subject->id) {
        *course = (struct demo_course){.subject_id = page->subject->id};
    }
    settle(demo, page, items, index, value);
    plant(demo, page, index, value);
    expect_others(demo, page, index, value);
    if (page->form == FORM_EXPOSURE && index == 1) {
        course->last_dose = number_of(items[0].value);
    }
}
