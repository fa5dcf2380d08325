#include "import/demo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/demo_internal.h"

enum { FIRST_SITE_NO = 100, USERS_BEFORE_SITES = 7, SECOND_COORDINATORS = 1000 };

int64_t demo_stamp(const struct demo_site *site, int day, int hour, int minute)
{
    int64_t minutes = (hour - site->profile->utc_offset_h) * INT64_C(60) + minute;
    return day * CALENDAR_DAY_MS + minutes * 60000;
}

int64_t demo_work_stamp(struct demo *demo, const struct demo_site *site, int day)
{
    int hour = random_between(&demo->random, 9, 17);
    int minute = random_between(&demo->random, 0, 59);
    return demo_stamp(site, day, hour, minute);
}

bool demo_quota(struct demo_site *site, enum demo_quota quota, int part, int whole)
{
    int before = site->n_drawn[quota]++ * part / whole;
    return site->n_drawn[quota] * part / whole > before;
}

void demo_plant(
    struct demo *demo, const struct demo_site *site, enum demo_problem problem, int count)
{
    demo_plant_at(demo, site->number, problem, count);
}

void demo_plant_at(struct demo *demo, int site_number, enum demo_problem problem, int count)
{
    if (count == 0) {
        return;
    }
    for (size_t i = 0; i < demo->n_planted; i++) {
        struct demo_planted *planted = &demo->planted[i];
        if (planted->site_number == site_number && planted->problem == problem) {
            planted->count += count;
            return;
        }
    }
    if (demo->n_planted < demo->n_planted_max) {
        demo->planted[demo->n_planted++] = (struct demo_planted){site_number, problem, count};
    }
}

static void add_user(
    struct demo *demo, int64_t id, const char *login, const char *name, const char *role)
{
    dataset_add(demo->dataset, TABLE_APP_USER,
        (struct db_value[]){db_integer(id), db_text(login), db_text(name), db_text(role)}, 4);
}

static void add_study(struct demo *demo)
{
    static const char PROTOCOL[] = "WLK-301";
    static const char TITLE[] =
        "A 24-week, randomised, double-blind, placebo-controlled phase 3 study of walsartan "
        "besylate in adults with essential hypertension";
    struct dataset *dataset = demo->dataset;
    demo->study_id[SCHEMA_EDC] = dataset_key(dataset, TABLE_STUDY);
    demo->study_id[SCHEMA_CTMS] = dataset_key(dataset, TABLE_CTMS_STUDY);
    dataset_add(dataset, TABLE_STUDY,
        (struct db_value[]){db_integer(1), db_text("S_WLK301"), db_text(PROTOCOL), db_text(TITLE),
            db_text("III"), db_text("MDV.2")},
        6);
    dataset_add(dataset, TABLE_CTMS_STUDY,
        (struct db_value[]){db_integer(1), db_text(PROTOCOL), db_text(TITLE), db_text("III"),
            db_text("Walkie Demonstration Sponsor"), db_text("active"),
            db_integer(demo->options->n_sites),
            db_integer((int64_t)demo->options->n_sites * demo->options->n_subjects),
            db_text("2024-02-05"), db_text("2025-12-31")},
        10);
    for (int kind = 0; kind < 2; kind++) {
        dataset_set_meta(dataset, (enum schema_kind)kind, "as_of", DEMO_AS_OF);
        dataset_set_meta(dataset, (enum schema_kind)kind, "study_name", PROTOCOL);
    }
    dataset_set_meta(dataset, SCHEMA_CTMS, "ip_temp_min", "15");
    dataset_set_meta(dataset, SCHEMA_CTMS, "ip_temp_max", "25");
    add_user(demo, 1, "system", "System", "system");
    add_user(demo, 2, "dm1", "Priya Raman", "data_manager");
    add_user(demo, 3, "dm2", "郑雅文", "data_manager");
    for (int i = 0; i < 4; i++) {
        char login[DEMO_NO_MAX];
        snprintf(login, sizeof(login), "cra%d", i + 1);
        add_user(demo, 4 + i, login, DEMO_MONITOR[i], "monitor");
    }
}

static void add_form_definition(struct demo *demo, int form)
{
    const struct demo_form_def *def = &DEMO_FORM[form];
    dataset_add(demo->dataset, TABLE_FORM_DEF,
        (struct db_value[]){db_integer(form + 1), db_integer(1), db_text(def->oid),
            db_text(def->name), db_text("2"), db_integer(def->critical)},
        6);
    for (int i = 0; i < FORM_ITEMS_MAX && def->items[i].oid != NULL; i++) {
        const struct demo_item_def *item = &def->items[i];
        bool has_range = item->lo != 0.0 || item->hi != 0.0;
        demo->item_def_id[form][i] = dataset_key(demo->dataset, TABLE_ITEM_DEF);
        dataset_add(demo->dataset, TABLE_ITEM_DEF,
            (struct db_value[]){db_integer(demo->item_def_id[form][i]), db_integer(form + 1),
                db_text(item->oid), db_text(item->label), db_text(item->data_type),
                db_text(item->unit), db_integer(1), has_range ? db_real(item->lo) : db_null(),
                has_range ? db_real(item->hi) : db_null(), db_text(item->codelist)},
            10);
    }
}

static void add_definitions(struct demo *demo)
{
    for (int i = 0; i < EVENT_COUNT; i++) {
        const struct demo_event_def *event = &DEMO_EVENT[i];
        dataset_add(demo->dataset, TABLE_EVENT_DEF,
            (struct db_value[]){db_integer(i + 1), db_integer(1), db_text(event->oid),
                db_text(event->name), db_integer(i + 1),
                i == EVENT_COMMON ? db_null() : db_integer(event->target_day),
                db_integer(event->window), db_integer(event->window), db_integer(0)},
            9);
    }
    for (int form = 0; form < FORM_COUNT; form++) {
        add_form_definition(demo, form);
    }
    for (size_t i = 0; i < DEMO_CHECK_COUNT; i++) {
        const struct demo_check *check = &DEMO_CHECK[i];
        dataset_add(demo->dataset, TABLE_EDIT_CHECK,
            (struct db_value[]){db_integer((int64_t)i + 1), db_integer(1), db_text(check->code),
                db_integer(check->form + 1), db_text(check->expr), db_text(check->message),
                db_text(check->severity), db_integer(1)},
            8);
    }
}

static void add_site_users(struct demo *demo, struct demo_site *site)
{
    char login[2 * DEMO_NO_MAX];
    int monitor = site->number % 4;
    site->pi_user = USERS_BEFORE_SITES + site->number * 2 - 1;
    site->coordinator_user = site->pi_user + 1;
    site->monitor_user = 4 + monitor;
    site->monitor = DEMO_MONITOR[monitor];
    snprintf(login, sizeof(login), "pi%s", site->site_no);
    add_user(demo, site->pi_user, login, site->profile->staff[0], "investigator");
    snprintf(login, sizeof(login), "crc%s", site->site_no);
    add_user(demo, site->coordinator_user, login, site->profile->staff[2], "coordinator");
    if (has_problem(site, PROBLEM_USER_SHARE)) {
        site->second_coordinator = SECOND_COORDINATORS + site->number;
        snprintf(login, sizeof(login), "crc%sb", site->site_no);
        add_user(demo, site->second_coordinator, login, site->profile->staff[3], "coordinator");
    }
}

/* The site in both databases, then everything in it. */
static void add_site(struct demo *demo, int number)
{
    const struct demo_profile *profile = &DEMO_PROFILE[(number - 1) % DEMO_PROFILES];
    struct demo_site site = {.profile = profile, .number = number};
    site.dosing_until = CALENDAR_NONE;
    int round = (number - 1) / DEMO_PROFILES;
    snprintf(site.site_no, sizeof(site.site_no), "%d", FIRST_SITE_NO + number % FIRST_SITE_NO);
    snprintf(site.institution, sizeof(site.institution), round == 0 ? "%s" : "%s (%d)",
        profile->institution, round + 1);
    site.edc_id = dataset_key(demo->dataset, TABLE_SITE);
    site.ctms_id = dataset_key(demo->dataset, TABLE_CTMS_SITE);
    site.activated = calendar_day(2024, 1, 25) + (number - 1) % DEMO_PROFILES * 11;
    site.icf2_on = calendar_day(2024, 10, 15) + number % 10 * 3;
    /* A site that lags was to have as many subjects as the others. */
    double weight = profile->weight < 0.5 ? 1.0 : profile->weight;
    site.plan_subjects = (int)(demo->options->n_subjects * weight + 0.5);
    dataset_add(demo->dataset, TABLE_SITE,
        (struct db_value[]){db_integer(site.edc_id), db_integer(1), db_text(site.site_no),
            db_text(site.institution), db_text(profile->country)},
        5);
    dataset_add(demo->dataset, TABLE_CTMS_SITE,
        (struct db_value[]){db_integer(site.ctms_id), db_integer(1), db_text(site.site_no),
            db_text(site.institution), db_text(profile->staff[0]), db_text(profile->city),
            db_text(profile->country), db_text("active"),
            dataset_day(demo->dataset, site.activated - 140),
            dataset_day(demo->dataset, site.activated - 7),
            dataset_day(demo->dataset, site.activated), db_null(), db_integer(site.plan_subjects),
            db_text(profile->time_zone)},
        14);
    add_site_users(demo, &site);
    demo_add_centre(demo, &site);
    demo_add_subjects(demo, &site);
    demo_plant_changes(demo, &site);
    demo_add_oversight(demo, &site);
    demo_add_drug(demo, &site);
    demo_tally_keep(demo, &site);
}

static enum status fill(struct demo *demo, struct error *ret_error)
{
    add_study(demo);
    add_definitions(demo);
    for (int number = 1; number <= demo->options->n_sites; number++) {
        add_site(demo, number);
    }
    demo_plant_indicators(demo);
    demo_plant_repeats(demo);
    enum status status = demo->has_crf_failed
                             ? error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory")
                             : trail_write(demo, ret_error);
    if (status == STATUS_OK && dataset_status(demo->dataset) != STATUS_OK) {
        status = error_set(
            ret_error, dataset_status(demo->dataset), "%s", dataset_error_text(demo->dataset));
    }
    return status;
}

static void finish(struct demo *demo)
{
    trail_free(demo->trail);
    arena_free(demo->arena);
    free(demo->planted);
    free(demo->crf_problems);
    demo_tally_free(demo->tallies);
    buffer_finish(&demo->lab);
    dataset_free(demo->dataset);
}

enum status demo_make(
    const struct ctx *ctx, const struct demo_options *options, struct error *ret_error)
{
    CLEANUP(finish) struct demo demo = {.options = options};
    demo.n_planted_max = (size_t)options->n_sites * PROBLEM_COUNT;
    demo.planted = calloc(demo.n_planted_max, sizeof(*demo.planted));
    demo.tallies = demo_tally_new(options->n_sites);
    demo.arena = arena_new(DEMO_MEMORY_MAX);
    demo.trail = trail_new(demo.arena);
    if (demo.planted == NULL || demo.tallies == NULL || demo.arena == NULL || demo.trail == NULL ||
        demo_begin_lab(&demo) != STATUS_OK) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    if (!calendar_parse(DEMO_AS_OF, &demo.as_of)) {
        return error_set(ret_error, STATUS_INTERNAL, "%s is no day", DEMO_AS_OF);
    }
    random_init(&demo.random, options->seed);
    enum status status = dataset_open(ctx, &options->dataset, &demo.dataset, ret_error);
    if (status == STATUS_OK) {
        status = fill(&demo, ret_error);
    }
    if (status == STATUS_OK) {
        status = dataset_publish(demo.dataset, ret_error);
    }
    if (status == STATUS_OK) {
        status = demo_write_manifest(&demo, ret_error);
    }
    if (status == STATUS_OK) {
        status = demo_write_lab(&demo, ret_error);
    }
    return status;
}
