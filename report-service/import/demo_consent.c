/* Consent and eligibility of the made-up subjects, and what is wrong with them. */
#include <stdio.h>
#include <string.h>

#include "import/demo_internal.h"

/* What the subject signed, and when. */
void demo_decide_consent(struct demo *demo, struct demo_subject *subject)
{
    const struct demo_site *site = subject->site;
    subject->consented = subject->screened;
    if (has_problem(site, PROBLEM_CONSENT_AFTER_PROCEDURE) &&
        (subject->number == 3 || subject->number == 8)) {
        subject->consented = subject->screened + random_between(&demo->random, 1, 4);
        demo_plant(demo, site, PROBLEM_CONSENT_AFTER_PROCEDURE, 1);
    }
    subject->consent_version = subject->consented >= site->icf2_on ? "2.0" : "1.0";
    if (has_problem(site, PROBLEM_CONSENT_VERSION) && subject->consented > site->icf2_on + 30 &&
        subject->number % 7 == 0) {
        subject->consent_version = "1.0";
        demo_plant(demo, site, PROBLEM_CONSENT_VERSION, 1);
    }
    if (has_problem(site, PROBLEM_CONSENT_NOT_APPROVED) && subject->consented < site->icf2_on &&
        (subject->number == 2 || subject->number == 5)) {
        subject->consent_version = "2.0";
        demo_plant(demo, site, PROBLEM_CONSENT_NOT_APPROVED, 1);
    }
    if (has_problem(site, PROBLEM_CONSENT_MISSING) && subject->number == 2) {
        subject->consented = CALENDAR_NONE;
        subject->consent_version = NULL;
        demo_plant(demo, site, PROBLEM_CONSENT_MISSING, 1);
    }
}

static void add_consent(
    struct demo *demo, const struct demo_subject *subject, const char *version, int signed_on)
{
    dataset_add(demo->dataset, TABLE_CONSENT,
        (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_CONSENT)),
            db_integer(subject->id), db_text(version), dataset_day(demo->dataset, signed_on)},
        4);
}

/* The n-th visit (from 0) at which the second version could have been signed. */
static int visit_after_approval(const struct demo_subject *subject, int n)
{
    for (int event = EVENT_DAY1; event <= EVENT_FOLLOW_UP; event++) {
        int day = subject->visit_on[event];
        bool is_seen = subject->event_id[event] != 0 && day != CALENDAR_NONE;
        if (is_seen && day > subject->site->icf2_on && day > subject->consented && n-- == 0) {
            return day;
        }
    }
    return CALENDAR_NONE;
}

void demo_add_consents(struct demo *demo, const struct demo_subject *subject)
{
    const struct demo_site *site = subject->site;
    if (subject->consent_version == NULL) {
        return;
    }
    add_consent(demo, subject, subject->consent_version, subject->consented);
    int day = visit_after_approval(subject, 0);
    int later = visit_after_approval(subject, 1);
    if (subject->day1 == CALENDAR_NONE || strcmp(subject->consent_version, "2.0") == 0 ||
        day == CALENDAR_NONE) {
        return;
    }
    if (has_problem(site, PROBLEM_RECONSENT_MISSING) && random_chance(&demo->random, 0.5)) {
        demo_plant(demo, site, PROBLEM_RECONSENT_MISSING, 1);
    } else if (has_problem(site, PROBLEM_RECONSENT_LATE) && subject->number % 3 == 0 &&
               later != CALENDAR_NONE) {
        demo_plant(demo, site, PROBLEM_RECONSENT_LATE, 1);
        add_consent(demo, subject, "2.0", later);
    } else {
        add_consent(demo, subject, "2.0", day);
    }
}

enum { CRITERIA = 12, INCLUSIONS = 5, FAILED_CRITERION = 8, UNANSWERED_CRITERION = 2 };

/* The criterion that an enrolled subject does not meet, or has no answer to; -1: there is none. */
static int plant_criterion(
    struct demo *demo, const struct demo_subject *subject, enum demo_problem problem)
{
    bool is_planted = has_problem(subject->site, problem) && subject->day1 != CALENDAR_NONE &&
                      (subject->number == 4 || subject->number == 11);
    if (is_planted) {
        demo_plant(demo, subject->site, problem, 1);
    }
    return is_planted ? (problem == PROBLEM_ELIGIBILITY ? FAILED_CRITERION : UNANSWERED_CRITERION)
                      : -1;
}

static const char *protocol_version(struct demo *demo, const struct demo_subject *subject)
{
    const struct demo_site *site = subject->site;
    if (has_problem(site, PROBLEM_PROTOCOL_VERSION) && subject->day1 != CALENDAR_NONE &&
        subject->screened > site->icf2_on && subject->number % 6 == 0) {
        demo_plant(demo, site, PROBLEM_PROTOCOL_VERSION, 1);
        return "1.0";
    }
    return subject->screened >= site->icf2_on ? "2.0" : "1.0";
}

void demo_add_eligibility(struct demo *demo, const struct demo_subject *subject)
{
    bool is_ineligible = subject->reason != NULL && strcmp(subject->reason, "eligibility") == 0;
    int failed_at = is_ineligible ? random_between(&demo->random, 0, CRITERIA - 1) : -1;
    int planted_at = plant_criterion(demo, subject, PROBLEM_ELIGIBILITY);
    int unanswered_at = plant_criterion(demo, subject, PROBLEM_CRITERIA_UNANSWERED);
    const char *version = protocol_version(demo, subject);
    failed_at = planted_at >= 0 ? planted_at : failed_at;
    for (int i = 0; i < CRITERIA; i++) {
        bool is_inclusion = i < INCLUSIONS;
        char code[8];
        snprintf(code, sizeof(code), "%c%02d", is_inclusion ? 'I' : 'E',
            (is_inclusion ? i : i - INCLUSIONS) % 100 + 1);
        dataset_add(demo->dataset, TABLE_ELIGIBILITY,
            (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_ELIGIBILITY)),
                db_integer(subject->id), db_text(is_inclusion ? "inclusion" : "exclusion"),
                db_text(code), i == unanswered_at ? db_null() : db_integer(i != failed_at),
                db_text(version)},
            6);
    }
}
