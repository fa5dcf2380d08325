#include <stdio.h>

#include "import/demo_internal.h"

enum {
    KITS_PER_SHIPMENT = 40,
    DAYS_PER_SHIPMENT = 10,
    RETURN_DAYS = 60,           /* a kit that is not back by then is missed */
    KITS_PER_SUBJECT = 8,       /* one a dispensing visit, and one to spare */
    KIT_NEVER_RECEIVED = 90000, /* numbers from here on were never shipped */
    WRONG_DISPENSINGS_A_SITE = 3,
};

struct drug_row {
    const char *kit_no;
    const char *kind;
    const char *subject_no;
    int expires;
    int on_day;
    int qty; /* 0: NULL */
    double temp_min;
    double temp_max; /* both 0: NULL */
};

static void add_row(struct demo *demo, const struct demo_site *site, const struct drug_row *row)
{
    bool has_temperature = row->temp_min != 0.0 || row->temp_max != 0.0;
    bool is_kit = row->qty != 0;
    dataset_add(demo->dataset, TABLE_IP_TXN,
        (struct db_value[]){db_integer(dataset_key(demo->dataset, TABLE_IP_TXN)),
            db_integer(site->ctms_id), db_text(row->kit_no), db_text(is_kit ? "L2401" : NULL),
            dataset_day(demo->dataset, row->expires), db_text(row->kind), db_text(row->subject_no),
            dataset_day(demo->dataset, row->on_day), is_kit ? db_integer(row->qty) : db_null(),
            has_temperature ? db_real(row->temp_min) : db_null(),
            has_temperature ? db_real(row->temp_max) : db_null()},
        11);
}

static double tenths(double value)
{
    return (double)(int64_t)(value * 10.0 + 0.5) / 10.0;
}

static void add_storage(struct demo *demo, const struct demo_site *site)
{
    int month = 0;
    for (int day = site->activated + 30; day <= demo->as_of; day += 30, month++) {
        double low = tenths(random_normal(&demo->random, 18.5, 0.6));
        double high = tenths(random_normal(&demo->random, 22.5, 0.6));
        bool is_hot = has_problem(site, PROBLEM_TEMPERATURE) && month % 6 == 4;
        high = is_hot ? tenths(high + 6.0) : high;
        add_row(demo, site,
            &(struct drug_row){.kit_no = "-",
                .kind = "storage",
                .expires = CALENDAR_NONE,
                .on_day = day,
                .temp_min = low,
                .temp_max = high});
        if (is_hot) {
            demo_plant(demo, site, PROBLEM_TEMPERATURE, 1);
        }
    }
}

/* The shipments' expiry, unless the kit's own is planted. */
static int expiry_of(const struct demo_site *site, int kit)
{
    for (int i = 0; i < site->n_expired_kits; i++) {
        if (site->expired_kit[i] == kit) {
            return site->expired_on[i];
        }
    }
    return calendar_day(2026, 3, 31);
}

static void move_kit(struct demo *demo, const struct demo_site *site, int kit, const char *kind,
    const char *subject_no, int on_day)
{
    char kit_no[DEMO_NO_MAX];
    bool is_shipped = subject_no == NULL && kind[0] == 'r'; /* received */
    snprintf(kit_no, sizeof(kit_no), "K%02d%05d", site->number % 100, kit % 100000);
    add_row(demo, site,
        &(struct drug_row){.kit_no = kit_no,
            .kind = kind,
            .subject_no = subject_no,
            .expires = expiry_of(site, kit),
            .on_day = on_day,
            .qty = 1,
            .temp_min = is_shipped ? 17.5 : 0.0,
            .temp_max = is_shipped ? 23.5 : 0.0});
}

void demo_add_drug(struct demo *demo, const struct demo_site *site)
{
    /* One kit a dispensing visit: what the site's subjects will need, and a few to spare. */
    int n_kits = (1 + site->n_subjects) * KITS_PER_SUBJECT;
    for (int i = 0; i < n_kits; i++) {
        int day = site->activated + i / KITS_PER_SHIPMENT * DAYS_PER_SHIPMENT;
        move_kit(demo, site, i, "received", NULL, day);
        bool is_gone = i >= n_kits - KITS_PER_SUBJECT;
        if (is_gone && i % 2 == 0) {
            bool is_lost = has_problem(site, PROBLEM_DRUG_BALANCE);
            if (is_lost) {
                demo_plant(demo, site, PROBLEM_DRUG_BALANCE, 1);
            }
            move_kit(demo, site, i, is_lost ? "lost" : "destroyed", NULL, demo->as_of - 20);
        }
    }
    add_storage(demo, site);
}

/* The kit of a visit: the next one, an expired one, or one that was never received. */
static int choose_kit(
    struct demo *demo, const struct demo_subject *subject, enum demo_event event, int day)
{
    struct demo_site *site = subject->site;
    int kit = (subject->number - 1) * KITS_PER_SUBJECT + (int)event;
    if (has_problem(site, PROBLEM_KIT_EXPIRED) && event == EVENT_WEEK12 &&
        subject->number % 5 == 2 && site->n_expired_kits < DEMO_EXPIRED_KITS_MAX) {
        site->expired_kit[site->n_expired_kits] = kit;
        site->expired_on[site->n_expired_kits++] = day - 9;
        demo_plant(demo, site, PROBLEM_KIT_EXPIRED, 1);
    }
    if (has_problem(site, PROBLEM_KIT_IMPOSSIBLE) && event == EVENT_WEEK4 &&
        (subject->number == 4 || subject->number == 9)) {
        kit = KIT_NEVER_RECEIVED + subject->number;
        demo_plant(demo, site, PROBLEM_KIT_IMPOSSIBLE, 1);
    }
    return kit;
}

void demo_dispense(struct demo *demo, const struct demo_subject *subject)
{
    const struct demo_site *site = subject->site;
    for (int event = EVENT_DAY1; event <= EVENT_WEEK20; event++) {
        int day = subject->visit_on[event];
        if (subject->event_id[event] == 0 || day == CALENDAR_NONE || day > subject->last_dose) {
            continue;
        }
        int kit = choose_kit(demo, subject, (enum demo_event)event, day);
        move_kit(demo, site, kit, "dispensed", subject->subject_no, day);
        int back = day + random_between(&demo->random, 14, 40);
        bool is_kept = has_problem(site, PROBLEM_DRUG_BALANCE) && random_chance(&demo->random, 0.1);
        if (is_kept && demo->as_of - day > RETURN_DAYS) {
            demo_plant(demo, site, PROBLEM_DRUG_BALANCE, 1);
        } else if (back <= demo->as_of) {
            move_kit(demo, site, kit, "returned", subject->subject_no, back);
        }
    }
}

/* A kit for somebody who had left, or was never enrolled; brought back a few days later. */
void demo_dispense_wrongly(struct demo *demo, const struct demo_subject *subject)
{
    struct demo_site *site = subject->site;
    bool is_failed = subject->reason != NULL && subject->day1 == CALENDAR_NONE;
    int day = subject->left != CALENDAR_NONE ? subject->left + 10 : subject->last_seen + 3;
    if (!has_problem(site, PROBLEM_KIT_NOT_ON_STUDY) ||
        (!is_failed && subject->left == CALENDAR_NONE) || day + 5 > demo->as_of ||
        site->n_wrong_dispensings >= WRONG_DISPENSINGS_A_SITE) {
        return;
    }
    int kit = (subject->number - 1) * KITS_PER_SUBJECT; /* the one to spare */
    site->n_wrong_dispensings++;
    move_kit(demo, site, kit, "dispensed", subject->subject_no, day);
    move_kit(demo, site, kit, "returned", subject->subject_no, day + 5);
    demo_plant(demo, site, PROBLEM_KIT_NOT_ON_STUDY, 1);
}
