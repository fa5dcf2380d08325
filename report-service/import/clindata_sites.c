#include <stdio.h>
#include <stdlib.h>

#include "import/clindata_internal.h"

static enum status out_of_memory(struct error *ret_error)
{
    return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
}

static enum status read_study(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    (void)ret_error;
    const char *first_in;
    const char *last_out;
    struct db_value plan_sites;
    struct db_value plan_subjects;
    if (!is_good_date(import, table, 3, &first_in) || !is_good_date(import, table, 4, &last_out) ||
        !is_good_number(import, table, 5, &plan_sites) ||
        !is_good_number(import, table, 6, &plan_subjects)) {
        return STATUS_OK;
    }
    const char *protocol = table_text(table, 0);
    int64_t study_id = dataset_key(import->dataset, TABLE_STUDY);
    dataset_add(import->dataset, TABLE_STUDY,
        (struct db_value[]){db_integer(study_id), db_text(protocol), db_text(protocol),
            db_text(table_text(table, 1)), db_text(table_text(table, 2)), db_null()},
        6);
    dataset_add(import->dataset, TABLE_CTMS_STUDY,
        (struct db_value[]){db_integer(study_id), db_text(protocol), db_text(table_text(table, 1)),
            db_text(table_text(table, 2)), db_null(), db_text("active"),
            db_integer((int64_t)plan_sites.real), db_integer((int64_t)plan_subjects.real),
            db_text(first_in), db_text(last_out)},
        10);
    dataset_set_meta(import->dataset, SCHEMA_EDC, "study_name", protocol);
    dataset_set_meta(import->dataset, SCHEMA_CTMS, "study_name", protocol);
    return STATUS_OK;
}

static enum status read_site(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    static const struct word STATUSES[] = {{"Active", "active"}, {"Closed", "closed"},
        {"Selected", "selected"}, {"Enrollment Closed", "enrolment_closed"}};
    const char *number = table_text(table, 0);
    const char *status_word;
    const char *activated_on;
    char pi_name[128];
    if (!is_good_word(import, table, 3, STATUSES, LENGTH_OF(STATUSES), "active", &status_word) ||
        !is_good_date(import, table, 5, &activated_on)) {
        return STATUS_OK;
    }
    int64_t known;
    if (number[0] == '\0' || keymap_get(import->sites, number, &known)) {
        return clindata_bad(
            import, table, "the site number \"%.20s\" is empty or there twice", number);
    }
    int64_t site_id = dataset_key(import->dataset, TABLE_SITE);
    int64_t ctms_id = dataset_key(import->dataset, TABLE_CTMS_SITE);
    snprintf(pi_name, sizeof(pi_name), "%.60s %.60s", table_text(table, 2), table_text(table, 1));
    dataset_add(import->dataset, TABLE_SITE,
        (struct db_value[]){db_integer(site_id), db_integer(1), db_text(number),
            db_text(table_text(table, 4)), db_text(table_text(table, 7))},
        5);
    dataset_add(import->dataset, TABLE_CTMS_SITE,
        (struct db_value[]){db_integer(ctms_id), db_integer(1), db_text(number),
            db_text(table_text(table, 4)), db_text(pi_name), db_text(table_text(table, 6)),
            db_text(table_text(table, 7)), db_text(status_word), db_null(), db_null(),
            db_text(activated_on), db_null(), db_null(), db_null()},
        14);
    return keymap_put(import->sites, number, site_id) &&
                   keymap_put(import->ctms_sites, number, ctms_id)
               ? STATUS_OK
               : out_of_memory(ret_error);
}

enum status clindata_read_sites(struct clindata *import, struct error *ret_error)
{
    static const char *const STUDY_COLUMNS[] = {"protocol_number", "protocol_title", "phase",
        "act_fpfv", "act_lplv", "num_plan_site", "num_plan_subj"};
    static const char *const SITE_COLUMNS[] = {"site_num", "pi_last_name", "pi_first_name",
        "site_status", "account", "site_active_dt", "city", "country"};
    enum status status = clindata_each(
        import, "ctms_study", STUDY_COLUMNS, LENGTH_OF(STUDY_COLUMNS), read_study, ret_error);
    if (status == STATUS_OK && dataset_rows(import->dataset, TABLE_STUDY) != 1) {
        return error_set(
            ret_error, STATUS_DATA_LOSS, "ctms_study.csv.xz: one good row is expected, the study");
    }
    return status == STATUS_OK ? clindata_each(import, "ctms_site", SITE_COLUMNS,
                                     LENGTH_OF(SITE_COLUMNS), read_site, ret_error)
                               : status;
}

static enum status read_deviation(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    static const struct word CATEGORIES[] = {{"", NULL}, {"OTHER", "other"},
        {"OTHER TREATMENT COMPLIANCE ISSUE", "treatment_compliance"},
        {"INFORMED CONSENT", "consent"}, {"WRONG TREATMENT OR INCORRECT DOSE", "dosing"},
        {"ELIGIBILITY CRITERIA", "eligibility"},
        {"EXCLUDED CONCOMITANT MEDICATION", "excluded_medication"},
        {"OFF SCHEDULE PROCEDURE", "schedule"}};
    static const struct word YES_NO[] = {{"Yes", "1"}, {"No", ""}};
    (void)ret_error;
    const char *occurred_on;
    const char *category;
    const char *important;
    if (!is_good_date(import, table, 1, &occurred_on) ||
        !is_good_word(import, table, 2, CATEGORIES, LENGTH_OF(CATEGORIES), "other", &category) ||
        !is_good_word(import, table, 3, YES_NO, LENGTH_OF(YES_NO), "", &important)) {
        return STATUS_OK;
    }
    const struct clin_subject *subject = find_subject(import, table, 0);
    if (subject == NULL || subject->ctms_site_id == 0) {
        import->n_quirks[QUIRK_DEVIATION_WITHOUT_SITE]++;
        return STATUS_OK;
    }
    dataset_add(import->dataset, TABLE_DEVIATION,
        (struct db_value[]){db_integer(dataset_key(import->dataset, TABLE_DEVIATION)),
            db_integer(subject->ctms_site_id), db_text(subject->number), db_text(category),
            db_integer(important[0] == '1'), db_text(occurred_on), db_null(), db_null(), db_null(),
            db_null(), db_null()},
        11);
    return STATUS_OK;
}

enum status clindata_read_deviations(struct clindata *import, struct error *ret_error)
{
    static const char *const COLUMNS[] = {
        "subjectenrollmentnumber", "deviationdate", "companycategory", "deemedimportant"};
    return clindata_each(
        import, "ctms_protdev", COLUMNS, LENGTH_OF(COLUMNS), read_deviation, ret_error);
}

void clindata_describe(struct clindata *import)
{
    static const char *const EDC_LACKS[] = {"app_user", "audit_trail", "edit_check",
        "epro_response", "epro_answer", "epro_alert", "image_series", "item_data.value",
        "form.last_change_at", "form.sdv_status", "form.sdv_at", "form.pi_signed_at",
        "form.locked_at", "form.missing", "form_def.critical", "query.text", "query.check_id",
        "consent.version", "subject.consent_version", "eligibility.code", "adverse_event.aware_at",
        "lab_result.unit", "event_def.win_before", "event_def.win_after"};
    static const char *const CTMS_LACKS[] = {"site_staff", "delegation", "training", "milestone",
        "ethics", "visit", "action_item", "sae_report", "essential_doc", "ip_txn", "sample",
        "audit", "finding", "deviation.found_on", "deviation.reported_ec_on",
        "deviation.description", "deviation.capa", "deviation.status", "site.time_zone",
        "site.plan_subjects", "site.selected_on", "site.initiated_on"};
    static const char NOTE[] = "the export has no such data";
    for (size_t i = 0; i < LENGTH_OF(EDC_LACKS); i++) {
        dataset_not_provided(import->dataset, SCHEMA_EDC, EDC_LACKS[i], NOTE);
    }
    for (size_t i = 0; i < LENGTH_OF(CTMS_LACKS); i++) {
        dataset_not_provided(import->dataset, SCHEMA_CTMS, CTMS_LACKS[i], NOTE);
    }
    char as_of[CALENDAR_TEXT_MAX];
    calendar_text((int)(import->last_stamp / CALENDAR_DAY_MS), as_of);
    dataset_set_meta(import->dataset, SCHEMA_EDC, "as_of", as_of);
    dataset_set_meta(import->dataset, SCHEMA_CTMS, "as_of", as_of);
}
