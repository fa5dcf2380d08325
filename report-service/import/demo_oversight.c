#include <stdio.h>
#include <string.h>

#include "import/demo_internal.h"

enum {
    DAYS_PER_DEVIATION = 220,
    PATTERN_MIN = 5,     /* important deviations of one category that the report calls a pattern */
    REPORTING_DAYS = 11, /* within which the ethics committee hears of an important one */
};

static void add_action(
    struct demo *demo, const struct demo_site *site, int64_t visit_id, int opened)
{
    const struct demo_action *action = &DEMO_ACTION[random_between(&demo->random, 0, 5)];
    bool is_stuck = has_problem(site, PROBLEM_OVERDUE_ACTIONS) && random_chance(&demo->random, 0.6);
    int due = opened + 30;
    int closed = opened + random_between(&demo->random, 5, 29);
    bool is_open = is_stuck || closed > demo->as_of;
    const char *owner = site->profile->staff[random_between(&demo->random, 0, 4)];
    dataset_add(demo->dataset, TABLE_ACTION_ITEM,
        (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_ACTION_ITEM)),
            db_integer(site->ctms_id), db_integer(visit_id), db_text(action->category),
            db_text(action->severity), db_text(action->text[site->profile->language]),
            db_text(owner), dataset_day(demo->dataset, opened), dataset_day(demo->dataset, due),
            dataset_day(demo->dataset, is_open ? CALENDAR_NONE : closed)},
        10);
    if (is_open && due < demo->as_of && has_problem(site, PROBLEM_OVERDUE_ACTIONS)) {
        demo_plant(demo, site, PROBLEM_OVERDUE_ACTIONS, 1);
    }
}

static void add_visit(
    struct demo *demo, const struct demo_site *site, const char *kind, int planned, int start)
{
    int64_t id = dataset_key(demo->dataset, TABLE_VISIT);
    bool is_done = start <= demo->as_of;
    bool is_slow = has_problem(site, PROBLEM_VISIT_REPORTS);
    int end = start + random_between(&demo->random, 0, 2);
    int due = end + 15;
    int done = end + random_between(&demo->random, 4, is_slow ? 40 : 14);
    int approved = done + random_between(&demo->random, 1, 8);
    int letter = approved + random_between(&demo->random, 0, 5);
    dataset_add(demo->dataset, TABLE_VISIT,
        (struct db_value[]){db_integer(id), db_integer(site->ctms_id), db_text(kind),
            dataset_day(demo->dataset, planned),
            dataset_day(demo->dataset, is_done ? start : CALENDAR_NONE),
            dataset_day(demo->dataset, is_done ? end : CALENDAR_NONE), db_text(site->monitor),
            dataset_day(demo->dataset, is_done ? due : CALENDAR_NONE),
            dataset_day(demo->dataset, done <= demo->as_of ? done : CALENDAR_NONE),
            dataset_day(demo->dataset, approved <= demo->as_of ? approved : CALENDAR_NONE),
            dataset_day(demo->dataset, letter <= demo->as_of ? letter : CALENDAR_NONE)},
        11);
    if (is_done && (done <= demo->as_of ? done : demo->as_of) > due) {
        demo_plant(demo, site, PROBLEM_VISIT_REPORTS, 1);
    }
    bool has_many = has_problem(site, PROBLEM_OVERDUE_ACTIONS);
    int n_actions = is_done ? random_count(&demo->random, has_many ? 2.5 : 1.2) : 0;
    for (int i = 0; i < n_actions; i++) {
        add_action(demo, site, id, end);
    }
}

static void add_visits(struct demo *demo, const struct demo_site *site)
{
    add_visit(demo, site, "qualification", site->activated - 145, site->activated - 143);
    add_visit(demo, site, "initiation", site->activated - 10, site->activated - 7);
    int gap = site->n_enrolled > 5 ? 49 : 110;
    for (int planned = site->activated + 35; planned < demo->as_of + 60; planned += gap) {
        bool is_remote = random_chance(&demo->random, 0.25);
        int start = planned + random_between(&demo->random, -4, 9);
        add_visit(demo, site, is_remote ? "remote" : "routine", planned, start);
    }
    if (has_problem(site, PROBLEM_DEVIATION_RATE)) {
        add_visit(demo, site, "for_cause", demo->as_of - 50, demo->as_of - 45);
    }
}

/* The first kind of the same category: the report counts categories. */
static int category_of(int kind)
{
    int first = 0;
    while (strcmp(DEMO_DEVIATION[first].category, DEMO_DEVIATION[kind].category) != 0) {
        first++;
    }
    return first;
}

/* Important ones stay under what makes a pattern, but where one is planted. */
static bool draw_importance(struct demo *demo, struct demo_site *site, int kind)
{
    bool is_important = random_chance(&demo->random, DEMO_DEVIATION[kind].important);
    int *n_alike = &site->n_alike[category_of(kind)];
    if (*n_alike >= PATTERN_MIN - 1 && !has_problem(site, PROBLEM_DEVIATION_PATTERN)) {
        is_important = false;
    }
    *n_alike += is_important;
    site->counts.n_important += is_important;
    site->counts.n_other += !is_important;
    return is_important;
}

static void add_deviation(struct demo *demo, struct demo_site *site, int index)
{
    int kind_index = random_between(&demo->random, 0, DEVIATION_KINDS - 1);
    const struct demo_deviation *kind = &DEMO_DEVIATION[kind_index];
    int last = demo->as_of - REPORTING_DAYS;
    int occurred = random_between(&demo->random, site->activated + 15, last);
    int found = occurred + random_between(&demo->random, 0, 40);
    found = found > last ? last : found;
    bool is_important = draw_importance(demo, site, kind_index);
    bool is_silent = has_problem(site, PROBLEM_DEVIATION_NOT_REPORTED) && index % 3 != 0;
    int reported = found + random_between(&demo->random, 1, REPORTING_DAYS);
    bool is_reported = is_important && !is_silent;
    bool is_closed = found + 60 < demo->as_of;
    bool is_undated = has_problem(site, PROBLEM_DEVIATION_UNDATED) && index % 9 == 4;
    bool has_capa =
        is_important && !(has_problem(site, PROBLEM_DEVIATION_NO_CAPA) && index % 4 == 1);
    char subject_no[DEMO_NO_MAX];
    int subject = random_between(&demo->random, 1, site->n_subjects);
    snprintf(subject_no, sizeof(subject_no), "%s-%03d", site->site_no, subject % 1000);
    const char *capa =
        site->profile->language == LANGUAGE_ZH ? "已对研究人员重新培训" : "Site staff retrained";
    dataset_add(demo->dataset, TABLE_DEVIATION,
        (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_DEVIATION)),
            db_integer(site->ctms_id), db_text(subject_no), db_text(kind->category),
            db_integer(is_important),
            dataset_day(demo->dataset, is_undated ? CALENDAR_NONE : occurred),
            dataset_day(demo->dataset, found),
            dataset_day(demo->dataset, is_reported ? reported : CALENDAR_NONE),
            db_text(kind->text[site->profile->language]), db_text(has_capa ? capa : NULL),
            db_text(is_closed ? "closed" : "open")},
        11);
    demo_plant(demo, site, PROBLEM_DEVIATION_NOT_REPORTED, is_important && is_silent);
    demo_plant(demo, site, PROBLEM_DEVIATION_UNDATED, is_undated);
    demo_plant(demo, site, PROBLEM_DEVIATION_NO_CAPA, is_important && !has_capa);
}

static void add_deviations(struct demo *demo, struct demo_site *site)
{
    bool is_bad = has_problem(site, PROBLEM_DEVIATION_RATE);
    double expected = (double)site->days_on_study / DAYS_PER_DEVIATION;
    int n_deviations = random_count(&demo->random, is_bad ? expected * 5.0 : expected);
    for (int i = 0; i < n_deviations; i++) {
        add_deviation(demo, site, i);
    }
    for (int i = 0; i < DEVIATION_KINDS; i++) {
        bool is_pattern = site->n_alike[i] >= PATTERN_MIN;
        demo_plant(demo, site, PROBLEM_DEVIATION_PATTERN, is_pattern ? site->n_alike[i] : 0);
    }
}

struct old_finding {
    const char *rule_code;
    const char *grade;
    const char *area;
    const char *statement[2];
    const char *reference;
};

static const struct old_finding OLD_FINDINGS[] = {
    {"DQ-01", "minor", "data",
        {"Pages were entered more than ten days after the visit.", "页面在访视后十天以上才录入。"},
        "ICH E6(R3) 2.12"},
    {"IC-02", "major", "consent",
        {"Two subjects signed a superseded consent form.",
            "两名受试者签署了已失效版本的知情同意书。"},
        "ICH E6(R3) 2.8"},
    {"IP-05", "major", "drug",
        {"The storage temperature exceeded the limit for nine days.",
            "药品储存温度连续九天超出限度。"},
        "ICH E6(R3) 2.10"},
};

static void add_old_audit(struct demo *demo, const struct demo_site *site)
{
    int64_t audit_no = dataset_key(demo->dataset, TABLE_AUDIT);
    int start = site->activated + 120;
    dataset_add(demo->dataset, TABLE_AUDIT,
        (struct db_value[]){db_integer(audit_no), db_integer(site->ctms_id), db_text("routine"),
            dataset_day(demo->dataset, start), dataset_day(demo->dataset, start + 2),
            db_text("Ingrid Solberg")},
        6);
    for (size_t i = 0; i < LENGTH_OF(OLD_FINDINGS); i++) {
        const struct old_finding *finding = &OLD_FINDINGS[i];
        int due = start + 60;
        int closed = start + random_between(&demo->random, 30, 58);
        bool is_open = has_problem(site, PROBLEM_OVERDUE_CAPA) && i > 0;
        demo->old_findings[demo->n_old_findings++] =
            (struct demo_old_finding){site->number, finding->rule_code};
        char evidence[DEMO_VALUE_MAX];
        snprintf(evidence, sizeof(evidence), "audit %lld, listing %zu", (long long)audit_no, i + 1);
        dataset_add(demo->dataset, TABLE_FINDING,
            (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_FINDING)),
                db_integer(site->ctms_id), db_integer(audit_no), db_text(finding->rule_code),
                db_text(finding->grade), db_text(finding->area),
                db_text(finding->statement[site->profile->language]), db_text(evidence),
                db_text(finding->reference), db_text(is_open ? NULL : "Corrected and trained."),
                dataset_day(demo->dataset, due),
                dataset_day(demo->dataset, is_open ? CALENDAR_NONE : closed)},
            12);
        if (is_open && due < demo->as_of) {
            demo_plant(demo, site, PROBLEM_OVERDUE_CAPA, 1);
        }
    }
}

void demo_add_oversight(struct demo *demo, struct demo_site *site)
{
    add_visits(demo, site);
    add_deviations(demo, site);
    if (has_problem(site, PROBLEM_OVERDUE_CAPA) || site->number % 4 == 1) {
        add_old_audit(demo, site);
    }
    if (has_problem(site, PROBLEM_ENROLMENT_LAG)) {
        demo_plant(demo, site, PROBLEM_ENROLMENT_LAG, site->n_enrolled);
    }
}
