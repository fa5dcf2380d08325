#include <stdio.h>

#include "import/demo_internal.h"

enum { KITS_PER_SHIPMENT = 40, DAYS_PER_SHIPMENT = 10 };

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

void demo_add_drug(struct demo *demo, const struct demo_site *site)
{
    /* One kit a dispensing visit: what the site's subjects will need, and a few to spare. */
    int n_kits = 8 + site->n_subjects * 8;
    for (int i = 0; i < n_kits; i++) {
        char kit_no[DEMO_NO_MAX];
        int day = site->activated + i / KITS_PER_SHIPMENT * DAYS_PER_SHIPMENT;
        snprintf(kit_no, sizeof(kit_no), "K%02d%05d", site->number % 100, i % 100000);
        add_row(demo, site,
            &(struct drug_row){.kit_no = kit_no,
                .kind = "received",
                .expires = calendar_day(2026, 3, 31),
                .on_day = day,
                .qty = 1,
                .temp_min = 17.5,
                .temp_max = 23.5});
        bool is_gone = i >= n_kits - 8;
        if (is_gone && i % 2 == 0) {
            bool is_lost = has_problem(site, PROBLEM_DRUG_BALANCE);
            if (is_lost) {
                demo_plant(demo, site, PROBLEM_DRUG_BALANCE, 1);
            }
            add_row(demo, site,
                &(struct drug_row){.kit_no = kit_no,
                    .kind = is_lost ? "lost" : "destroyed",
                    .expires = calendar_day(2026, 3, 31),
                    .on_day = demo->as_of - 20,
                    .qty = 1});
        }
    }
    add_storage(demo, site);
}

void demo_dispense(struct demo *demo, const struct demo_subject *subject)
{
    const struct demo_site *site = subject->site;
    for (int event = EVENT_DAY1; event <= EVENT_WEEK20; event++) {
        int day = subject->visit_on[event];
        if (subject->event_id[event] == 0 || day == CALENDAR_NONE || day > subject->last_dose) {
            continue;
        }
        char kit_no[DEMO_NO_MAX];
        int kit = (subject->number - 1) * 8 + event;
        snprintf(kit_no, sizeof(kit_no), "K%02d%05d", site->number % 100, kit % 100000);
        add_row(demo, site,
            &(struct drug_row){.kit_no = kit_no,
                .kind = "dispensed",
                .subject_no = subject->subject_no,
                .expires = calendar_day(2026, 3, 31),
                .on_day = day,
                .qty = 1});
        int back = day + random_between(&demo->random, 14, 40);
        bool is_kept = has_problem(site, PROBLEM_DRUG_BALANCE) && random_chance(&demo->random, 0.1);
        if (is_kept && back <= demo->as_of) {
            demo_plant(demo, site, PROBLEM_DRUG_BALANCE, 1);
        } else if (back <= demo->as_of) {
            add_row(demo, site,
                &(struct drug_row){.kit_no = kit_no,
                    .kind = "returned",
                    .subject_no = subject->subject_no,
                    .expires = calendar_day(2026, 3, 31),
                    .on_day = back,
                    .qty = 1});
        }
    }
}
