#include <stdio.h>
#include <string.h>

#include "import/demo_internal.h"

/* When the second coordinator joins, after activation. */
enum { SECOND_COORDINATOR_DAYS = 60 };

static void add_delegation(
    struct demo *demo, struct demo_site *site, int staff, const char *task, int from)
{
    bool is_unsigned = staff == 4 && has_problem(site, PROBLEM_NOT_SIGNED);
    bool is_late = staff == 5 && has_problem(site, PROBLEM_SIGNED_LATE);
    int to = staff == 5 ? site->dosing_until : CALENDAR_NONE;
    int signed_on = is_late ? from + random_between(&demo->random, 3, 20) : from;
    dataset_add(demo->dataset, TABLE_DELEGATION,
        (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_DELEGATION)),
            db_integer(site->staff_id[staff]), db_text(task), dataset_day(demo->dataset, from),
            dataset_day(demo->dataset, to),
            dataset_day(demo->dataset, is_unsigned ? CALENDAR_NONE : signed_on)},
        6);
    demo_plant(demo, site, PROBLEM_NOT_SIGNED, is_unsigned);
    demo_plant(demo, site, PROBLEM_SIGNED_LATE, is_late);
}

/* Where the problem is planted, the certificates of two of the staff ran out. */
static int gcp_expiry(struct demo *demo, const struct demo_site *site, int staff, int certified)
{
    bool is_expired = has_problem(site, PROBLEM_GCP_EXPIRED) && (staff == 1 || staff == 3);
    demo_plant(demo, site, PROBLEM_GCP_EXPIRED, is_expired);
    return is_expired ? demo->as_of - random_between(&demo->random, 60, 200) : certified + 3 * 365;
}

static int licence_expiry(struct demo *demo, const struct demo_site *site, int staff)
{
    bool is_expired = has_problem(site, PROBLEM_LICENCE_EXPIRED) && staff == 1;
    demo_plant(demo, site, PROBLEM_LICENCE_EXPIRED, is_expired);
    if (staff == 2 || staff == 3) {
        return CALENDAR_NONE; /* coordinators need none */
    }
    return is_expired ? demo->as_of - 25 : demo->as_of + 400;
}

static void add_member(struct demo *demo, struct demo_site *site, int staff)
{
    int certified = site->activated - random_between(&demo->random, 30, 300);
    int cv = site->activated - random_between(&demo->random, 10, 200);
    bool has_no_cv = has_problem(site, PROBLEM_CV_MISSING) && staff == 5;
    site->staff_id[staff] = dataset_key(demo->dataset, TABLE_SITE_STAFF);
    int gcp_expires = gcp_expiry(demo, site, staff, certified);
    int licence_expires = licence_expiry(demo, site, staff);
    dataset_add(demo->dataset, TABLE_SITE_STAFF,
        (struct db_value[]){db_integer(site->staff_id[staff]), db_integer(site->ctms_id),
            db_text(site->profile->staff[staff]), db_text(DEMO_STAFF_ROLE[staff]),
            dataset_day(demo->dataset, has_no_cv ? CALENDAR_NONE : cv),
            dataset_day(demo->dataset, certified), dataset_day(demo->dataset, gcp_expires),
            dataset_day(demo->dataset, licence_expires)},
        8);
    demo_plant(demo, site, PROBLEM_CV_MISSING, has_no_cv);
}

static void add_staff(struct demo *demo, struct demo_site *site)
{
    static const char *const TASKS[DEMO_STAFF][3] = {{"eligibility", "safety", "consent"},
        {"consent", "safety", "eligibility"}, {"data_entry", "consent", NULL},
        {"data_entry", "sample", NULL}, {"ip", NULL, NULL}, {"dosing", "sample", NULL}};
    if (has_problem(site, PROBLEM_UNDELEGATED)) {
        site->dosing_until = site->activated + 240;
    }
    for (int i = 0; i < DEMO_STAFF; i++) {
        add_member(demo, site, i);
        for (int task = 0; task < 3 && TASKS[i][task] != NULL; task++) {
            int from = site->activated + (i == 3 ? SECOND_COORDINATOR_DAYS : 0);
            add_delegation(demo, site, i, TASKS[i][task], from);
        }
    }
}

static void add_training(struct demo *demo, const struct demo_site *site, int staff,
    const char *topic, const char *version, int done_on)
{
    dataset_add(demo->dataset, TABLE_TRAINING,
        (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_TRAINING)),
            db_integer(site->staff_id[staff]), db_text(topic), db_text(version),
            dataset_day(demo->dataset, done_on > demo->as_of ? CALENDAR_NONE : done_on)},
        5);
}

/* What everybody learns before the site is activated. */
static void add_first_trainings(struct demo *demo, const struct demo_site *site, int staff)
{
    int early = site->activated - random_between(&demo->random, 2, 15);
    bool has_no_safety = has_problem(site, PROBLEM_TRAINING_MISSING) && staff == 1;
    bool is_late = has_problem(site, PROBLEM_TRAINING_LATE) && staff == 3;
    add_training(demo, site, staff, "gcp", NULL, early - 20);
    add_training(demo, site, staff, "protocol", "1.0", early);
    if (!has_no_safety) {
        add_training(demo, site, staff, "safety", NULL, early);
    }
    if (staff < 4) {
        int late = site->activated + SECOND_COORDINATOR_DAYS + 9;
        add_training(demo, site, staff, "edc", NULL, is_late ? late : early);
    }
    if (staff < 3) {
        add_training(demo, site, staff, "icf", "1.0", early);
    }
    demo_plant(demo, site, PROBLEM_TRAINING_MISSING, has_no_safety);
    demo_plant(demo, site, PROBLEM_TRAINING_LATE, is_late);
}

/* The second version of the protocol concerns everybody, that of the consent form those who
 * obtain it. */
static void add_trainings(struct demo *demo, const struct demo_site *site)
{
    for (int i = 0; i < DEMO_STAFF; i++) {
        bool is_forgotten = has_problem(site, PROBLEM_TRAINING_VERSION) && (i == 1 || i == 4);
        int later = site->icf2_on + random_between(&demo->random, 1, 20);
        add_first_trainings(demo, site, i);
        add_training(demo, site, i, "protocol", "2.0", is_forgotten ? demo->as_of + 1 : later);
        if (i < 3) {
            add_training(demo, site, i, "icf", "2.0", later);
        }
        demo_plant(demo, site, PROBLEM_TRAINING_VERSION, is_forgotten);
    }
}

static void add_milestone(
    struct demo *demo, const struct demo_site *site, const char *kind, int planned, int actual)
{
    dataset_add(demo->dataset, TABLE_MILESTONE,
        (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_MILESTONE)),
            db_integer(site->ctms_id), db_text(kind), dataset_day(demo->dataset, planned),
            dataset_day(demo->dataset, actual)},
        5);
}

static void add_ethics(struct demo *demo, const struct demo_site *site, const char *kind,
    const char *version, int approved, int expires)
{
    int submitted = approved - random_between(&demo->random, 14, 45);
    dataset_add(demo->dataset, TABLE_ETHICS,
        (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_ETHICS)),
            db_integer(site->ctms_id), db_text(kind), db_text(version),
            dataset_day(demo->dataset, submitted), dataset_day(demo->dataset, approved),
            dataset_day(demo->dataset, expires)},
        7);
}

static void add_start_up(struct demo *demo, const struct demo_site *site)
{
    int slip = random_between(&demo->random, -5, 30);
    int approved = site->activated - 40;
    add_milestone(demo, site, "selected", site->activated - 150, site->activated - 140);
    add_milestone(demo, site, "ethics_approved", approved - slip, approved);
    add_milestone(demo, site, "contract", site->activated - 30 - slip, site->activated - 25);
    add_milestone(demo, site, "initiated", site->activated - 10 - slip, site->activated - 7);
    add_milestone(demo, site, "activated", site->activated - slip, site->activated);
    add_milestone(demo, site, "first_subject_in", site->activated + 20,
        site->activated + random_between(&demo->random, 12, 40));
    add_milestone(demo, site, "enrolment_complete", calendar_day(2025, 5, 31), CALENDAR_NONE);
    add_milestone(demo, site, "closed_out", calendar_day(2025, 12, 31), CALENDAR_NONE);
    add_ethics(demo, site, "protocol", "1.0", approved, CALENDAR_NONE);
    add_ethics(demo, site, "icf", "1.0", approved, CALENDAR_NONE);
    add_ethics(demo, site, "protocol", "2.0", site->icf2_on, CALENDAR_NONE);
    add_ethics(demo, site, "icf", "2.0", site->icf2_on, CALENDAR_NONE);
    add_ethics(demo, site, "annual_review", NULL, approved + 360, approved + 725);
}

/* One document in one of the two files. */
static void add_document(struct demo *demo, const struct demo_site *site, int kind,
    const char *location, int received, int expires)
{
    const struct demo_document *document = &DEMO_DOCUMENT[kind];
    bool is_expired = expires != CALENDAR_NONE && expires < demo->as_of;
    const char *status = received == CALENDAR_NONE ? "missing" : is_expired ? "expired" : "current";
    dataset_add(demo->dataset, TABLE_ESSENTIAL_DOC,
        (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_ESSENTIAL_DOC)),
            db_integer(site->ctms_id), db_text(document->tmf_ref), db_text(document->title),
            db_integer(1), db_text(kind < 4 ? "2.0" : NULL), dataset_day(demo->dataset, received),
            dataset_day(demo->dataset, expires), db_text(location), db_text(status)},
        10);
}

static void add_documents(struct demo *demo, const struct demo_site *site)
{
    enum { FILES = 2 }; /* a row in the site file and one in the trial master file */
    for (int i = 0; i < DOCUMENT_KINDS; i++) {
        bool is_missing = has_problem(site, PROBLEM_DOCUMENTS) && (i == 4 || i == 8);
        bool is_expired = has_problem(site, PROBLEM_DOCUMENTS_EXPIRED) && (i == 6 || i == 10);
        bool is_expiring = has_problem(site, PROBLEM_DOCUMENTS_EXPIRING) && i == 11;
        bool is_absent = has_problem(site, PROBLEM_DOCUMENTS_ONE_FILE) && (i == 1 || i == 9);
        int received = site->activated - random_between(&demo->random, 5, 40);
        if (DEMO_DOCUMENT[i].years == 1) {
            received += 365; /* renewed once */
        }
        int years = DEMO_DOCUMENT[i].years;
        int expires = years == 0 ? CALENDAR_NONE : received + years * 365;
        if (is_expired) {
            expires = demo->as_of - random_between(&demo->random, 40, 120);
        } else if (is_expiring) {
            expires = demo->as_of + random_between(&demo->random, 10, 50);
        }
        add_document(demo, site, i, "isf", is_missing ? CALENDAR_NONE : received,
            is_missing ? CALENDAR_NONE : expires);
        if (!is_absent) {
            add_document(demo, site, i, "tmf", received, expires);
        }
        demo_plant(demo, site, PROBLEM_DOCUMENTS, is_missing);
        demo_plant(demo, site, PROBLEM_DOCUMENTS_EXPIRED, is_expired ? FILES : 0);
        demo_plant(demo, site, PROBLEM_DOCUMENTS_EXPIRING, is_expiring ? FILES : 0);
        demo_plant(demo, site, PROBLEM_DOCUMENTS_ONE_FILE, is_absent);
    }
}

void demo_add_centre(struct demo *demo, struct demo_site *site)
{
    add_staff(demo, site);
    add_trainings(demo, site);
    add_start_up(demo, site);
    add_documents(demo, site);
}
