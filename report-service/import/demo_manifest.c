#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "import/demo_internal.h"

struct problem_words {
    enum demo_problem problem;
    const char *rule; /* that must find it */
    const char *kind;
    const char *what;
};

/* What the count counts is in the words. */
static const struct problem_words WORDS[] = {
    {PROBLEM_CONSENT_AFTER_PROCEDURE, "IC-01", "consent_after_procedure",
        "subjects whose consent is later than their first procedure"},
    {PROBLEM_CONSENT_VERSION, "IC-02", "consent_version",
        "subjects who signed a version that was no longer in force"},
    {PROBLEM_RECONSENT_MISSING, "IC-04", "reconsent_missing",
        "subjects on study after version 2.0 was approved who never signed it"},
    {PROBLEM_SAE_LATE, "SAE-01", "sae_reported_late",
        "SAEs reported more than 24 h after awareness"},
    {PROBLEM_SAE_NOT_IN_CTMS, "SAE-02", "sae_missing_in_ctms",
        "serious AEs of the EDC without a report"},
    {PROBLEM_SAE_NOT_IN_EDC, "SAE-03", "sae_missing_in_edc",
        "SAE reports without an AE in the EDC"},
    {PROBLEM_LATE_ENTRY, "DQ-01", "late_data_entry",
        "pages entered more than 10 days after the visit"},
    {PROBLEM_MISSING_PAGES, "DQ-03", "missing_pages",
        "pages never entered although their visit is old"},
    {PROBLEM_AE_UNDER_REPORTING, "KRI-01", "ae_under_reporting",
        "indicators: the rate of AEs is far below the study's"},
    {PROBLEM_INDICATOR_FAR, "KRI-02", "indicators_far",
        "indicators very far from the study: what the data come to"},
    {PROBLEM_INDICATOR_RAISED, "KRI-03", "indicators_raised",
        "indicators out of the ordinary: what the data come to"},
    {PROBLEM_DEVIATION_NOT_REPORTED, "DEV-01", "deviation_not_reported",
        "important deviations never reported to the ethics committee"},
    {PROBLEM_OVERDUE_ACTIONS, "AC-01", "overdue_actions", "action items open past their due date"},
    {PROBLEM_GCP_EXPIRED, "TR-01", "gcp_expired",
        "staff with delegated tasks and an expired certificate"},
    {PROBLEM_ENROLMENT_LAG, "EN-01", "enrolment_lag",
        "subjects enrolled at a site far behind its plan"},
    {PROBLEM_LOW_SDV, "SDV-01", "low_sdv", "critical pages not verified within 60 days"},
    {PROBLEM_OLD_QUERIES, "DQ-02", "old_open_queries", "queries open for more than 30 days"},
    {PROBLEM_OVERDUE_CAPA, "PF-01", "overdue_capa", "findings open past their CAPA due date"},
    {PROBLEM_DOCUMENTS, "DOC-01", "documents_missing", "required documents not on file"},
    {PROBLEM_DOCUMENTS_EXPIRED, "DOC-02", "documents_expired", "required documents expired"},
    {PROBLEM_DOCUMENTS_EXPIRING, "DOC-03", "documents_expiring",
        "required documents that expire within 60 days"},
    {PROBLEM_DOCUMENTS_ONE_FILE, "DOC-04", "documents_one_file",
        "documents of the site file that the trial master file lacks"},
    {PROBLEM_NOT_SIGNED, "ST-01", "delegation_not_signed", "delegations without a signature"},
    {PROBLEM_SIGNED_LATE, "ST-02", "delegation_signed_late",
        "delegations signed after they had begun"},
    {PROBLEM_UNDELEGATED, "ST-03", "undelegated_task",
        "first doses after the delegation of dosing had ended"},
    {PROBLEM_DATA_ENTRY, "ST-04", "data_entry", "persons who entered data and were not to"},
    {PROBLEM_CV_MISSING, "ST-05", "cv_missing", "staff without a CV"},
    {PROBLEM_LICENCE_EXPIRED, "ST-06", "licence_expired", "staff whose licence has expired"},
    {PROBLEM_TRAINING_MISSING, "TR-02", "training_missing", "required trainings never done"},
    {PROBLEM_TRAINING_LATE, "TR-03", "training_late",
        "trainings done after the task was delegated"},
    {PROBLEM_TRAINING_VERSION, "TR-04", "training_version",
        "trainings in a new version never done"},
    {PROBLEM_VISIT_REPORTS, "MV-01", "visit_reports_late", "monitoring visit reports late"},
    {PROBLEM_DEVIATION_UNDATED, "DEV-02", "deviation_undated", "deviations without a date"},
    {PROBLEM_DEVIATION_NO_CAPA, "DEV-03", "deviation_no_capa",
        "important deviations without corrective action"},
    {PROBLEM_DEVIATION_PATTERN, "DEV-04", "deviation_pattern",
        "important deviations of which there are five or more of a category"},
    {PROBLEM_REPEAT, "PF-02", "repeat_finding", "findings of an earlier audit that recur"},
    {PROBLEM_TEMPERATURE, "IP-05", "temperature_excursion", "months with storage above 25 degrees"},
    {PROBLEM_ELIGIBILITY, "EL-01", "eligibility",
        "subjects enrolled although a criterion is not met"},
    {PROBLEM_NIGHT_EDITS, "AT-02", "night_edits", "items changed between 1 and 4 at night"},
    {PROBLEM_NO_REASON, "AT-01", "change_without_reason", "items changed without a reason"},
    {PROBLEM_DRUG_BALANCE, "IP-01", "drug_balance",
        "kits lost, or dispensed more than 60 days ago and never returned"},
    {PROBLEM_CONSENT_NOT_APPROVED, "IC-03", "consent_not_approved",
        "subjects who signed a version before it was approved"},
    {PROBLEM_CONSENT_MISSING, "IC-06", "consent_missing", "subjects without a dated consent"},
    {PROBLEM_RECONSENT_LATE, "IC-05", "reconsent_late",
        "subjects who signed version 2.0 after their first visit under it"},
    {PROBLEM_CRITERIA_UNANSWERED, "EL-02", "criteria_unanswered",
        "criteria of enrolled subjects without an answer"},
    {PROBLEM_PROTOCOL_VERSION, "EL-03", "protocol_version",
        "subjects enrolled by the criteria of a version no longer in force"},
    {PROBLEM_LAB_NOT_ENTERED, "LB-01", "lab_not_entered",
        "results of the central laboratory that are not in the EDC"},
    {PROBLEM_LAB_UNKNOWN, "LB-02", "lab_unknown",
        "laboratory results in the EDC that the central laboratory does not have"},
    {PROBLEM_LAB_VALUE, "LB-03", "lab_value",
        "laboratory results whose value differs from the central laboratory's"},
    {PROBLEM_LAB_DATE, "LB-04", "lab_date",
        "laboratory results whose date differs from the central laboratory's"},
    {PROBLEM_LAB_FLAG, "LB-05", "lab_flag",
        "laboratory results whose flag differs from the central laboratory's"},
    {PROBLEM_KIT_EXPIRED, "IP-03", "kit_expired", "kits dispensed after their expiry"},
    {PROBLEM_KIT_NOT_ON_STUDY, "IP-04", "kit_not_on_study",
        "kits dispensed to subjects who had left or were never enrolled"},
    {PROBLEM_KIT_IMPOSSIBLE, "IP-02", "kit_impossible", "kits dispensed and never received"},
    {PROBLEM_EPRO, "EP-01", "epro_compliance", "questionnaires not submitted"},
    {PROBLEM_EPRO_SHARED, "EP-02", "epro_shared_device",
        "questionnaires of several subjects from one device within minutes"},
    {PROBLEM_EPRO_LATER, "EP-03", "epro_filled_in_later",
        "questionnaires of several due dates sent within minutes"},
    {PROBLEM_IMAGE_FAILED, "IM-01", "image_failed", "image series failed and not repeated"},
    {PROBLEM_IMAGE_PENDING, "IM-02", "image_pending",
        "image series whose quality control is outstanding"},
    {PROBLEM_WEEKEND_EDITS, "AT-03", "weekend_edits", "items changed on a Saturday"},
    {PROBLEM_AFTER_LOCK, "AT-04", "change_after_lock", "items changed after their page was locked"},
    {PROBLEM_AFTER_SIGNATURE, "AT-05", "change_after_signature",
        "items changed after the signature, and not signed again"},
    {PROBLEM_BULK_EDITS, "AT-06", "bulk_late_edits", "bursts of late changes"},
    {PROBLEM_HASH_CHAIN, "AT-07", "hash_chain", "rows of the trail that are not as written"},
    {PROBLEM_FOREIGN_USER, "AT-08", "foreign_user", "users of the sponsor who changed data"},
    {PROBLEM_USER_SHARE, "AT-09", "user_share", "users with far more changes than entries"},
};

static const struct problem_words *words_of(enum demo_problem problem)
{
    for (size_t i = 0; i < LENGTH_OF(WORDS); i++) {
        if (WORDS[i].problem == problem) {
            return &WORDS[i];
        }
    }
    return &WORDS[0];
}

static const struct demo_planted *planted_at(const struct demo *demo, size_t index)
{
    return &demo->planted[index];
}

static bool is_planted(const struct demo *demo, const struct demo_old_finding *finding)
{
    for (size_t i = 0; i < demo->n_planted; i++) {
        const struct demo_planted *planted = planted_at(demo, i);
        if (planted->site_number == finding->site_number && planted->count > 0 &&
            strcmp(words_of(planted->problem)->rule, finding->rule) == 0) {
            return true;
        }
    }
    return false;
}

void demo_plant_repeats(struct demo *demo)
{
    for (size_t i = 0; i < demo->n_old_findings; i++) {
        const struct demo_old_finding *finding = &demo->old_findings[i];
        if (is_planted(demo, finding)) {
            demo_plant_at(demo, finding->site_number, PROBLEM_REPEAT, 1);
        }
    }
}

enum status demo_write_manifest(const struct demo *demo, struct error *ret_error)
{
    const char *path = demo->options->manifest_path;
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: %s", path, strerror(errno));
    }
    fprintf(file,
        "{\n  \"study\": \"WLK-301\",\n  \"as_of\": \"%s\",\n  \"seed\": %" PRIu64
        ",\n  \"sites\": %d,\n  \"problems\": [",
        DEMO_AS_OF, demo->options->seed, demo->options->n_sites);
    for (size_t i = 0; i < demo->n_planted; i++) {
        const struct demo_planted *planted = planted_at(demo, i);
        const struct problem_words *words = words_of(planted->problem);
        fprintf(file, "%s\n    {\"site_no\": \"%d\", \"kind\": \"%s\", ", i == 0 ? "" : ",",
            100 + planted->site_number, words->kind);
        fprintf(file, "\"rule\": \"%s\", ", words->rule);
        fprintf(file, "\"count\": %d, \"what\": \"%s\"}", planted->count, words->what);
    }
    fprintf(file, "\n  ],\n  \"crf\": [");
    for (size_t i = 0; i < demo->n_crf_problems; i++) {
        const struct demo_crf_problem *problem = &demo->crf_problems[i];
        fprintf(file, "%s\n    {\"site_no\": \"%d\", \"check\": \"%s\", \"subject_no\": \"%s\", ",
            i == 0 ? "" : ",", 100 + problem->site_number, problem->check, problem->subject_no);
        fprintf(file, "\"visit\": \"%s\", \"form\": \"%s\", \"item\": \"%s\"}",
            DEMO_EVENT[problem->event].oid, DEMO_FORM[problem->form].oid, problem->item);
    }
    fprintf(file, "\n  ]\n}\n");
    bool has_failed = ferror(file) != 0;
    if (fclose(file) != 0 || has_failed) {
        return error_set(ret_error, STATUS_UNAVAILABLE, "%s: cannot write", path);
    }
    return STATUS_OK;
}
