/* Sites, what the file has not got, and the summary for the person who ran the import. */
#include <inttypes.h>

#include "import/odm_subject.h"

/* Locations of the type Site, and whatever a subject's SiteRef calls its site. */
void odm_write_sites(struct odm *odm)
{
    for (size_t i = 0; i < odm->locations.n_items; i++) {
        struct odm_location *location = (struct odm_location *)odm->locations.items[i];
        if (!location->is_site) {
            continue;
        }
        location->base.id = dataset_key(odm->dataset, TABLE_SITE);
        location->ctms_id = dataset_key(odm->dataset, TABLE_CTMS_SITE);
        dataset_add(odm->dataset, TABLE_SITE,
            (struct db_value[]){db_integer(location->base.id), db_integer(1),
                db_text(location->base.oid), db_text(location->base.name), db_null()},
            5);
        dataset_add(odm->dataset, TABLE_CTMS_SITE,
            (struct db_value[]){db_integer(location->ctms_id), db_integer(1),
                db_text(location->base.oid), db_text(location->base.name), db_null(), db_null(),
                db_null(), db_null(), db_null(), db_null(), db_null(), db_null(), db_null(),
                db_null()},
            14);
    }
}

static const char ODM_HAS_NONE[] = "ODM has no place for it";
static const char NOT_MAPPED[] = "no item of the study has a CDASH or SDTM name for it";

/* A column or table that needs one of up to three fields. */
static const struct {
    const char *name;
    enum odm_field_kind fields[3];
} NEEDS[] = {
    {"adverse_event", {ODM_FIELD_AE_TERM}},
    {"adverse_event.pt", {ODM_FIELD_AE_PREFERRED}},
    {"adverse_event.soc", {ODM_FIELD_AE_CLASS}},
    {"adverse_event.severity", {ODM_FIELD_AE_SEVERITY, ODM_FIELD_AE_GRADE}},
    {"adverse_event.grade", {ODM_FIELD_AE_GRADE, ODM_FIELD_AE_SEVERITY}},
    {"adverse_event.serious", {ODM_FIELD_AE_SERIOUS}},
    {"adverse_event.related", {ODM_FIELD_AE_RELATED}},
    {"adverse_event.outcome", {ODM_FIELD_AE_OUTCOME}},
    {"adverse_event.start_on", {ODM_FIELD_AE_START}},
    {"adverse_event.end_on", {ODM_FIELD_AE_END}},
    {"lab_result", {ODM_FIELD_LAB_RESULT}},
    {"lab_result.unit", {ODM_FIELD_LAB_UNIT}},
    {"lab_result.lo", {ODM_FIELD_LAB_LOW}},
    {"lab_result.hi", {ODM_FIELD_LAB_HIGH}},
    {"lab_result.flag", {ODM_FIELD_LAB_FLAG, ODM_FIELD_LAB_LOW, ODM_FIELD_LAB_HIGH}},
    {"lab_result.tox_grade", {ODM_FIELD_LAB_GRADE}},
    {"consent", {ODM_FIELD_CONSENT_DATE, ODM_FIELD_DS_TERM}},
    {"consent.version", {ODM_FIELD_CONSENT_VERSION}},
    {"eligibility", {ODM_FIELD_IE_MET, ODM_FIELD_IE_RESULT}},
    {"eligibility.code", {ODM_FIELD_IE_CODE}},
    {"subject.sex", {ODM_FIELD_SEX}},
    {"subject.birth_year", {ODM_FIELD_BIRTH}},
    {"subject.consent_on", {ODM_FIELD_CONSENT_DATE, ODM_FIELD_DS_TERM}},
    {"subject.consent_version", {ODM_FIELD_CONSENT_VERSION}},
    {"subject.screened_on", {ODM_FIELD_CONSENT_DATE, ODM_FIELD_VISIT_DATE}},
    {"subject.enrolled_on", {ODM_FIELD_ENROLLED_DATE, ODM_FIELD_DS_TERM}},
    {"subject.rand_no", {ODM_FIELD_RANDOM_NUMBER}},
    {"subject.arm", {ODM_FIELD_ARM}},
    {"subject.first_dose_on", {ODM_FIELD_FIRST_DOSE, ODM_FIELD_DOSE_START}},
    {"subject.last_dose_on", {ODM_FIELD_LAST_DOSE, ODM_FIELD_DOSE_END, ODM_FIELD_DOSE_START}},
    {"subject.discont_on", {ODM_FIELD_DS_DATE}},
    {"subject.discont_reason", {ODM_FIELD_DS_TERM}},
    {"subject.treatment_status", {ODM_FIELD_DOSE_START, ODM_FIELD_DS_TERM}},
    {"subject.treatment_reason", {ODM_FIELD_DS_TERM}},
    {"subject.last_seen_on", {ODM_FIELD_VISIT_DATE, ODM_FIELD_LAST_SEEN, ODM_FIELD_DS_DATE}},
    {"subject_event.visit_on", {ODM_FIELD_VISIT_DATE}},
};

static bool has_any(const struct odm *odm, const enum odm_field_kind fields[3])
{
    for (size_t i = 0; i < 3 && fields[i] != ODM_FIELD_NONE; i++) {
        if (odm->n_fields_seen[fields[i]] > 0) {
            return true;
        }
    }
    return false;
}

static void lacks(struct odm *odm, const char *name, const char *note)
{
    dataset_not_provided(odm->dataset, SCHEMA_EDC, name, note);
}

/* What only audit records and signatures tell. */
static void describe_history(struct odm *odm)
{
    if (odm->n_stamped == 0) {
        lacks(odm, "audit_trail", "the file has no audit records");
        lacks(odm, "form.first_entry_at", "the file has no audit records");
        lacks(odm, "form.last_change_at", "the file has no audit records");
        lacks(odm, "adverse_event.entered_at", "the file has no audit records");
    }
    if (!odm->is_transactional) {
        lacks(odm, "item_data.n_changes", "a snapshot tells the last state only");
    }
    if (odm->n_signatures == 0) {
        lacks(odm, "form.pi_signed_at", "the file has no signatures");
    }
    if (odm->users.n_items == 0) {
        lacks(odm, "app_user", "the file has no users");
    }
}

void odm_describe(struct odm *odm)
{
    static const char *const EDC_NEVER[] = {"query", "epro_response", "epro_answer", "epro_alert",
        "image_series", "form.missing", "form.sdv_status", "form.sdv_at", "form.sdv_by",
        "form.locked_at", "form_def.critical", "form_def.version", "event_def.target_day",
        "event_def.win_before", "event_def.win_after", "adverse_event.aware_at",
        "eligibility.protocol_version", "site.country", "study.phase"};
    static const char *const CTMS_NEVER[] = {"site_staff", "delegation", "training", "milestone",
        "ethics", "visit", "action_item", "deviation", "sae_report", "essential_doc", "ip_txn",
        "sample", "audit", "finding", "site.pi_name", "site.status", "site.city", "site.country",
        "site.selected_on", "site.initiated_on", "site.activated_on", "site.closed_on",
        "site.plan_subjects", "site.time_zone", "study.phase", "study.sponsor", "study.status",
        "study.fpfv", "study.lplv", "study.plan_sites", "study.plan_subjects"};
    for (size_t i = 0; i < LENGTH_OF(EDC_NEVER); i++) {
        lacks(odm, EDC_NEVER[i], ODM_HAS_NONE);
    }
    for (size_t i = 0; i < LENGTH_OF(CTMS_NEVER); i++) {
        dataset_not_provided(odm->dataset, SCHEMA_CTMS, CTMS_NEVER[i], ODM_HAS_NONE);
    }
    for (size_t i = 0; i < LENGTH_OF(NEEDS); i++) {
        if (!has_any(odm, NEEDS[i].fields)) {
            lacks(odm, NEEDS[i].name, NOT_MAPPED);
        }
    }
    describe_history(odm);
    static const enum schema_kind KINDS[] = {SCHEMA_EDC, SCHEMA_CTMS};
    for (size_t i = 0; i < LENGTH_OF(KINDS); i++) {
        dataset_set_meta(odm->dataset, KINDS[i], "as_of", odm->as_of == NULL ? "" : odm->as_of);
        dataset_set_meta(odm->dataset, KINDS[i], "file_oid", odm->file_oid);
        dataset_set_meta(odm->dataset, KINDS[i], "study_name", odm->study_name);
    }
}

static void print_count(FILE *output, uint64_t count, const char *what)
{
    if (count > 0) {
        fprintf(output, "  %" PRIu64 " %s\n", count, what);
    }
}

void odm_print_summary(const struct odm *odm, FILE *output)
{
    fprintf(output, "%s: study %s, file %s, %s\n", odm->file_name, odm->study_oid, odm->file_oid,
        odm->is_transactional ? "transactional" : "snapshot");
    for (int table = 0; table < (int)TABLE_COUNT; table++) {
        uint64_t n_rows = dataset_rows(odm->dataset, (enum table)table);
        if (n_rows > 0) {
            fprintf(output, "  %-5s %-16s %10" PRIu64 "\n",
                table < (int)TABLE_EDC_COUNT ? "edc" : "ctms",
                dataset_table_name((enum table)table), n_rows);
        }
    }
    fputs("  recognised by CDASH or SDTM name:", output);
    bool has_any_field = false;
    for (int field = ODM_FIELD_NONE + 1; field < ODM_FIELD_COUNT; field++) {
        if (odm->n_fields_seen[field] > 0) {
            fprintf(output, " %s", odm_map_field_name((enum odm_field_kind)field));
            has_any_field = true;
        }
    }
    fputs(has_any_field ? "\n" : " nothing\n", output);
    print_count(output, odm->n_unknown_words, "values of recognised items without a known word");
    print_count(output, odm->n_foreign, "elements of other namespaces passed over");
    print_count(output, odm->n_orphan_updates, "updates of values that the file does not insert");
    print_count(output, odm->n_removed_subjects, "subjects left out: the file removes them");
    print_count(output, odm->n_unstamped, "values without an audit record");
    odm_print_checks(odm, output);
}
