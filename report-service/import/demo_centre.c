#include <stdio.h>
#include <string.h>

#include "import/demo_internal.h"

static void add_staff(struct demo *demo, struct demo_site *site)
{
    static const char *const TASKS[DEMO_STAFF][3] = {{"eligibility", "safety", "consent"},
        {"consent", "safety", "eligibility"}, {"data_entry", "consent", NULL},
        {"data_entry", "sample", NULL}, {"ip", NULL, NULL}, {"dosing", "sample", NULL}};
    for (int i = 0; i < DEMO_STAFF; i++) {
        int certified = site->activated - random_between(&demo->random, 30, 300);
        int cv = site->activated - random_between(&demo->random, 10, 200);
        bool is_expired = has_problem(site, PROBLEM_GCP_EXPIRED) && (i == 1 || i == 3);
        int expires =
            is_expired ? demo->as_of - random_between(&demo->random, 60, 200) : certified + 3 * 365;
        bool has_licence = i != 2 && i != 3;
        site->staff_id[i] = dataset_key(demo->dataset, TABLE_SITE_STAFF);
        dataset_add(demo->dataset, TABLE_SITE_STAFF,
            (struct db_value[]){db_integer(site->staff_id[i]), db_integer(site->ctms_id),
                db_text(site->profile->staff[i]), db_text(DEMO_STAFF_ROLE[i]),
                dataset_day(demo->dataset, cv), dataset_day(demo->dataset, certified),
                dataset_day(demo->dataset, expires),
                dataset_day(demo->dataset, has_licence ? demo->as_of + 400 : CALENDAR_NONE)},
            8);
        if (is_expired) {
            demo_plant(demo, site, PROBLEM_GCP_EXPIRED, 1);
        }
        for (int task = 0; task < 3 && TASKS[i][task] != NULL; task++) {
            int from = site->activated + (i == 3 ? 60 : 0);
            dataset_add(demo->dataset, TABLE_DELEGATION,
                (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_DELEGATION)),
                    db_integer(site->staff_id[i]), db_text(TASKS[i][task]),
                    dataset_day(demo->dataset, from), db_null(), dataset_day(demo->dataset, from)},
                6);
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

static void add_trainings(struct demo *demo, const struct demo_site *site)
{
    for (int i = 0; i < DEMO_STAFF; i++) {
        int early = site->activated - random_between(&demo->random, 2, 15);
        add_training(demo, site, i, "gcp", NULL, early - 20);
        add_training(demo, site, i, "protocol", "1.0", early);
        add_training(demo, site, i, "safety", NULL, early);
        if (i < 4) {
            add_training(demo, site, i, "edc", NULL, early);
        }
        if (i < 3) {
            int later = site->icf2_on + random_between(&demo->random, 1, 20);
            add_training(demo, site, i, "icf", "1.0", early);
            add_training(demo, site, i, "icf", "2.0", later);
            bool is_forgotten = random_chance(&demo->random, 0.06);
            add_training(demo, site, i, "protocol", "2.0", is_forgotten ? demo->as_of + 1 : later);
        }
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

static void add_documents(struct demo *demo, const struct demo_site *site)
{
    for (int i = 0; i < DOCUMENT_KINDS; i++) {
        const struct demo_document *document = &DEMO_DOCUMENT[i];
        bool is_bad_site = has_problem(site, PROBLEM_DOCUMENTS);
        bool is_missing = is_bad_site ? i == 4 || i == 8 : random_chance(&demo->random, 0.02);
        int received = site->activated - random_between(&demo->random, 5, 40);
        if (document->years == 1) {
            received += 365; /* renewed once */
        }
        int expires = document->years == 0 ? CALENDAR_NONE : received + document->years * 365;
        if (is_bad_site && (i == 10 || i == 6)) {
            expires = demo->as_of - random_between(&demo->random, 40, 120);
        }
        bool is_expired = expires != CALENDAR_NONE && expires < demo->as_of;
        const char *status = is_missing ? "missing" : is_expired ? "expired" : "current";
        dataset_add(demo->dataset, TABLE_ESSENTIAL_DOC,
            (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_ESSENTIAL_DOC)),
                db_integer(site->ctms_id), db_text(document->tmf_ref), db_text(document->title),
                db_integer(1), db_text(i < 4 ? "2.0" : NULL),
                dataset_day(demo->dataset, is_missing ? CALENDAR_NONE : received),
                dataset_day(demo->dataset, is_missing ? CALENDAR_NONE : expires), db_text("isf"),
                db_text(status)},
            10);
        if (is_bad_site && (is_missing || is_expired)) {
            demo_plant(demo, site, PROBLEM_DOCUMENTS, 1);
        }
    }
}

void demo_add_centre(struct demo *demo, struct demo_site *site)
{
    add_staff(demo, site);
    add_trainings(demo, site);
    add_start_up(demo, site);
    add_documents(demo, site);
}
