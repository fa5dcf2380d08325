#include <stdio.h>
#include <string.h>

#include "import/demo_internal.h"

static void decide_course(struct demo *demo, struct demo_subject *subject)
{
    static const char *const FAILURES[] = {
        "eligibility", "eligibility", "eligibility", "withdrew_consent", "medical_issue"};
    static const char *const LEAVINGS[] = {"withdrew_consent", "withdrew_consent", "adverse_event",
        "lost_to_follow_up", "physician_decision", "non_compliance"};
    struct demo_site *site = subject->site;
    bool is_failed = demo_quota(site, QUOTA_SCREEN_FAILURE, 2, 11) && subject->number != 1;
    int wait = random_between(&demo->random, 7, 14);
    int end = subject->screened + wait + 168;
    subject->day1 = subject->last_dose = subject->left = CALENDAR_NONE;
    if (is_failed) {
        subject->status = "screen_failed";
        subject->reason = FAILURES[random_between(&demo->random, 0, 4)];
        subject->last_seen = subject->screened + wait / 2;
        return;
    }
    if (subject->screened + wait > demo->as_of) {
        subject->status = "screening";
        subject->last_seen = subject->screened;
        return;
    }
    subject->day1 = subject->screened + wait;
    subject->status = end + 35 <= demo->as_of ? "completed" : "enrolled";
    subject->last_seen = end + 28 < demo->as_of ? end + 28 : demo->as_of;
    subject->last_dose = end < demo->as_of ? end : demo->as_of;
    if (demo_quota(site, QUOTA_LEAVING, 1, 8)) {
        int left = subject->day1 + random_between(&demo->random, 12, 160);
        if (left < demo->as_of) {
            subject->status = "discontinued";
            subject->reason = LEAVINGS[random_between(&demo->random, 0, 5)];
            subject->left = subject->last_seen = left;
            subject->last_dose = left - random_between(&demo->random, 0, 6);
            subject->has_stopped_drug = true;
        }
    } else if (demo_quota(site, QUOTA_STOPPING, 1, 20) && end < demo->as_of) {
        subject->has_stopped_drug = true; /* stays on study, without the drug */
        subject->last_dose = subject->day1 + random_between(&demo->random, 30, 140);
    }
}

static const char *treatment_status(const struct demo *demo, const struct demo_subject *subject)
{
    if (subject->day1 == CALENDAR_NONE) {
        return "not_started";
    }
    if (subject->has_stopped_drug) {
        return "discontinued";
    }
    return subject->last_dose < demo->as_of ? "completed" : "ongoing";
}

static const char *treatment_reason(const struct demo_subject *subject)
{
    if (!subject->has_stopped_drug) {
        return NULL;
    }
    return subject->reason != NULL ? subject->reason : "adverse_event";
}

/* Random numbers are drawn into variables everywhere: the order in which C evaluates initialisers
 * and arguments is the compiler's choice, and the data must not depend on it. */
static void add_subject_row(struct demo *demo, struct demo_subject *subject)
{
    bool is_enrolled = subject->day1 != CALENDAR_NONE;
    const char *sex = random_chance(&demo->random, 0.54) ? "M" : "F";
    const char *arm = random_chance(&demo->random, 0.5) ? "A" : "B";
    int birth_year = 2024 - (int)random_normal(&demo->random, 59, 9);
    subject->sex = sex;
    subject->birth_year = birth_year;
    char random_no[DEMO_NO_MAX];
    snprintf(random_no, sizeof(random_no), "R%04d", demo->n_subjects % 10000);
    dataset_add(demo->dataset, TABLE_SUBJECT,
        (struct db_value[]){db_integer(subject->id), db_integer(subject->site->edc_id),
            db_text(subject->subject_no), db_text(subject->status), db_text(sex),
            db_integer(birth_year), dataset_day(demo->dataset, subject->screened),
            dataset_day(demo->dataset, subject->consented), db_text(subject->consent_version),
            dataset_day(demo->dataset, subject->day1), db_text(is_enrolled ? random_no : NULL),
            db_text(is_enrolled ? arm : NULL), dataset_day(demo->dataset, subject->day1),
            dataset_day(demo->dataset, subject->last_dose),
            dataset_day(demo->dataset, subject->left), db_text(subject->reason),
            db_text(treatment_status(demo, subject)), db_text(treatment_reason(subject)),
            dataset_day(demo->dataset, subject->last_seen)},
        19);
}

static void add_event(struct demo *demo, struct demo_subject *subject, enum demo_event event,
    int visit_on, const char *status)
{
    subject->event_id[event] = dataset_key(demo->dataset, TABLE_SUBJECT_EVENT);
    subject->visit_on[event] = visit_on;
    dataset_add(demo->dataset, TABLE_SUBJECT_EVENT,
        (struct db_value[]){db_integer(subject->event_id[event]), db_integer(subject->id),
            db_integer((int64_t)event + 1), db_integer(1),
            dataset_day(demo->dataset, event == EVENT_COMMON ? CALENDAR_NONE : visit_on),
            db_text(status)},
        6);
}

static void add_events(struct demo *demo, struct demo_subject *subject)
{
    add_event(demo, subject, EVENT_SCREENING, subject->screened, "done");
    for (int event = EVENT_DAY1; event <= EVENT_FOLLOW_UP; event++) {
        if (subject->day1 == CALENDAR_NONE) {
            break;
        }
        const struct demo_event_def *def = &DEMO_EVENT[event];
        int shift = def->window == 0 ? 0 : random_between(&demo->random, -def->window, def->window);
        if (random_chance(&demo->random, 0.04) && def->window > 0) {
            shift = def->window + random_between(&demo->random, 1, 9);
        }
        int day = subject->day1 + def->target_day - 1 + shift;
        bool is_missed = event != EVENT_DAY1 && random_chance(&demo->random, 0.015);
        if (day > subject->last_seen && subject->left != CALENDAR_NONE) {
            break;
        }
        if (day > demo->as_of) {
            add_event(demo, subject, (enum demo_event)event, CALENDAR_NONE, "planned");
        } else if (is_missed) {
            add_event(demo, subject, (enum demo_event)event, CALENDAR_NONE, "missed");
        } else {
            add_event(demo, subject, (enum demo_event)event, day, "done");
        }
    }
    add_event(demo, subject, EVENT_COMMON, subject->screened, "done");
}

static void count_subject(struct demo *demo, const struct demo_subject *subject)
{
    struct demo_site *site = subject->site;
    bool is_treated = subject->day1 != CALENDAR_NONE;
    site->counts.n_screened++;
    site->counts.n_failed += strcmp(subject->status, "screen_failed") == 0;
    site->counts.n_left += subject->left != CALENDAR_NONE;
    site->counts.n_treated += is_treated;
    site->counts.n_stopped += subject->has_stopped_drug;
    bool is_undelegated =
        is_treated && site->dosing_until != CALENDAR_NONE && subject->day1 > site->dosing_until;
    demo_plant(demo, site, PROBLEM_UNDELEGATED, is_undelegated);
}

static void add_subject(struct demo *demo, struct demo_site *site, int screened)
{
    struct demo_subject subject = {
        .site = site,
        .id = dataset_key(demo->dataset, TABLE_SUBJECT),
        .number = ++site->n_subjects,
        .screened = screened,
    };
    demo->n_subjects++;
    snprintf(subject.subject_no, sizeof(subject.subject_no), "%s-%03d", site->site_no,
        site->n_subjects % 1000);
    demo_decide_consent(demo, &subject);
    decide_course(demo, &subject);
    add_subject_row(demo, &subject);
    add_events(demo, &subject);
    demo_add_consents(demo, &subject);
    demo_add_eligibility(demo, &subject);
    demo_add_forms(demo, &subject);
    demo_add_outcomes(demo, &subject);
    count_subject(demo, &subject);
    if (subject.day1 != CALENDAR_NONE) {
        site->n_enrolled++;
        site->days_on_study += subject.last_seen - subject.screened + 1;
        demo_add_safety(demo, &subject);
        demo_dispense(demo, &subject);
    }
    demo_dispense_wrongly(demo, &subject);
}

void demo_add_subjects(struct demo *demo, struct demo_site *site)
{
    double wanted = (double)demo->options->n_subjects * site->profile->weight;
    int n_subjects = wanted < 1.0 ? 1 : (int)(wanted + 0.5);
    int last_day = calendar_day(2025, 5, 31);
    int span = last_day - site->activated - 10;
    for (int i = 0; i < n_subjects; i++) {
        if (dataset_status(demo->dataset) != STATUS_OK) {
            return;
        }
        int step = span / n_subjects;
        int screened = site->activated + 10 + step * i + random_between(&demo->random, 0, step);
        add_subject(demo, site, screened);
    }
    demo_plant(demo, site, PROBLEM_DATA_ENTRY,
        has_problem(site, PROBLEM_DATA_ENTRY) && site->n_subjects >= 2);
    enum { SHARED_MIN = 3 }; /* subjects on one device: fewer are no sign of anything */
    demo_plant(demo, site, PROBLEM_EPRO_SHARED, site->n_shared >= SHARED_MIN ? site->n_shared : 0);
}
