#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/clindata_internal.h"

static const struct word REASONS[] = {{"", NULL}, {"Withdrew Consent*", "withdrew_consent"},
    {"WITHDRAWAL BY SUBJECT", "withdrew_consent"}, {"LOST TO FOLLOW-UP", "lost_to_follow_up"},
    {"ADVERSE EVENT", "adverse_event"}, {"DEATH", "death"},
    {"PHYSICIAN DECISION", "physician_decision"}, {"PREGNANCY", "pregnancy"},
    {"NON-COMPLIANCE WITH STUDY DRUG", "non_compliance"}, {"LACK OF EFFICACY", "lack_of_efficacy"},
    {"PROTOCOL VIOLATION", "protocol_violation"},
    {"Protocol Specified Criteria for Withdrawal", "protocol_criteria"},
    {"HBsAg Seroconversion", "protocol_criteria"},
    {"SUBJECT NEVER DOSED WITH STUDY DRUG", "other"}};
static const struct word YES_NO[] = {{"", NULL}, {"Y", "Y"}, {"N", "N"}};

static enum status out_of_memory(struct error *ret_error)
{
    return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
}

/* A new place in the list of subjects; NULL when there is no memory or no room. */
static struct clin_subject *add_subject(struct clindata *import)
{
    if (import->n_subjects == import->n_subjects_max) {
        size_t n_subjects_max = import->n_subjects_max == 0 ? 1024 : import->n_subjects_max * 2;
        struct clin_subject *subject =
            n_subjects_max > CLINDATA_SUBJECTS_MAX
                ? NULL
                : realloc(import->subject, n_subjects_max * sizeof(*subject));
        if (subject == NULL) {
            return NULL;
        }
        import->subject = subject;
        import->n_subjects_max = n_subjects_max;
    }
    struct clin_subject *subject = &import->subject[import->n_subjects++];
    *subject = (struct clin_subject){.id = dataset_key(import->dataset, TABLE_SUBJECT)};
    return subject;
}

/* Find the site; one that only the EDC knows is made. */
static bool take_site(
    struct clindata *import, const char *site_no, const char *country, struct clin_subject *subject)
{
    if (!keymap_get(import->ctms_sites, site_no, &subject->ctms_site_id)) {
        import->n_quirks[QUIRK_SUBJECT_WITHOUT_CTMS_SITE]++;
    }
    if (keymap_get(import->sites, site_no, &subject->site_id)) {
        return true;
    }
    subject->site_id = dataset_key(import->dataset, TABLE_SITE);
    dataset_add(import->dataset, TABLE_SITE,
        (struct db_value[]){db_integer(subject->site_id), db_integer(1), db_text(site_no),
            db_null(), db_text(text_or_null(country))},
        5);
    return keymap_put(import->sites, site_no, subject->site_id);
}

static enum status read_demographics(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    static const struct word SEXES[] = {{"", NULL}, {"M", "M"}, {"F", "F"}};
    const char *dates[4];
    const char *sex;
    const char *number = table_text(table, 1);
    for (size_t i = 0; i < LENGTH_OF(dates); i++) {
        if (!is_good_date(import, table, 5 + i, &dates[i])) {
            return STATUS_OK;
        }
    }
    int64_t known;
    if (number[0] == '\0' || keymap_get(import->subjects, number, &known)) {
        return clindata_bad(import, table, "the subject \"%.20s\" is empty or there twice", number);
    }
    if (!is_good_word(import, table, 3, SEXES, LENGTH_OF(SEXES), NULL, &sex)) {
        return STATUS_OK;
    }
    int64_t index = (int64_t)import->n_subjects;
    struct clin_subject *subject = add_subject(import);
    if (subject == NULL ||
        !take_site(import, table_text(table, 0), table_text(table, 9), subject) ||
        !keymap_put(import->subjects, number, index) ||
        !keymap_put(import->subjects, table_text(table, 2), index)) {
        return out_of_memory(ret_error);
    }
    subject->number = keep_text(import, number);
    subject->status = "enrolled";
    subject->sex = sex;
    subject->birth_year = (int)strtol(table_text(table, 4), NULL, 10);
    subject->first_dose_on = dates[0] == NULL ? NULL : keep_text(import, dates[0]);
    subject->last_dose_on = dates[1] == NULL ? NULL : keep_text(import, dates[1]);
    subject->last_seen_on = dates[2] == NULL ? NULL : keep_text(import, dates[2]);
    subject->screened_on = dates[3] == NULL ? NULL : keep_text(import, dates[3]);
    subject->treatment_status = dates[0] == NULL ? "not_started" : "ongoing";
    return STATUS_OK;
}

static enum status read_enrolment(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    static const struct word FAILURES[] = {{"", NULL},
        {"Inclusion/Exclusion Criteria", "eligibility"},
        {"Withdrawal of Consent", "withdrew_consent"}, {"Medical Issue", "medical_issue"}};
    const char *date;
    const char *answer;
    const char *reason;
    if (!is_good_date(import, table, 3, &date) ||
        !is_good_word(import, table, 4, YES_NO, LENGTH_OF(YES_NO), NULL, &answer) ||
        !is_good_word(import, table, 5, FAILURES, LENGTH_OF(FAILURES), "other", &reason)) {
        return STATUS_OK;
    }
    if (answer == NULL || date == NULL) {
        return clindata_bad(import, table, "enrollyn or enroll_dt is empty");
    }
    if (answer[0] == 'Y') {
        struct clin_subject *enrolled = find_subject(import, table, 1);
        if (enrolled == NULL) {
            return clindata_bad(
                import, table, "the subject \"%.20s\" is not in rawplus_dm", table_text(table, 1));
        }
        enrolled->enrolled_on = keep_text(import, date);
        return STATUS_OK;
    }
    char number[64];
    int64_t known;
    snprintf(number, sizeof(number), "S-%.40s", table_text(table, 2));
    if (keymap_get(import->subjects, number, &known)) {
        return clindata_bad(import, table, "the subject \"%.40s\" is there twice", number);
    }
    int64_t index = (int64_t)import->n_subjects;
    struct clin_subject *subject = add_subject(import);
    if (subject == NULL ||
        !take_site(import, table_text(table, 0), table_text(table, 6), subject) ||
        !keymap_put(import->subjects, number, index)) {
        return out_of_memory(ret_error);
    }
    subject->number = keep_text(import, number);
    subject->status = "screen_failed";
    subject->screened_on = keep_text(import, date);
    subject->last_seen_on = subject->screened_on;
    subject->reason = reason;
    subject->treatment_status = "not_started";
    return STATUS_OK;
}

static enum status fail_subject(struct clindata *import, const struct export_table *table)
{
    return clindata_bad(import, table, "unknown subject \"%.20s\"", table_text(table, 0));
}

static enum status read_consent(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    (void)ret_error;
    const char *date;
    struct clin_subject *subject = find_subject(import, table, 0);
    if (subject == NULL) {
        return fail_subject(import, table);
    }
    if (is_good_date(import, table, 1, &date) && date != NULL) {
        subject->consent_on = keep_text(import, date);
    }
    return STATUS_OK;
}

static enum status read_randomisation(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    (void)ret_error;
    struct clin_subject *subject = find_subject(import, table, 0);
    if (subject == NULL) {
        return fail_subject(import, table);
    }
    subject->rand_no = keep_text(import, table_text(table, 1));
    subject->arm = keep_text(import, table_text(table, 2));
    return STATUS_OK;
}

/* One row a phase of treatment: an early stop of any phase is a discontinuation. */
static enum status read_drug_completion(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    (void)ret_error;
    const char *answer;
    const char *reason;
    struct clin_subject *subject = find_subject(import, table, 0);
    if (subject == NULL) {
        return fail_subject(import, table);
    }
    if (!is_good_word(import, table, 1, YES_NO, LENGTH_OF(YES_NO), NULL, &answer) ||
        !is_good_word(import, table, 2, REASONS, LENGTH_OF(REASONS), "other", &reason)) {
        return STATUS_OK;
    }
    bool is_decided = strcmp(subject->treatment_status, "ongoing") != 0 &&
                      strcmp(subject->treatment_status, "completed") != 0;
    if (answer != NULL && !is_decided) {
        subject->treatment_status = answer[0] == 'Y' ? "completed" : "discontinued";
        subject->treatment_reason = answer[0] == 'Y' ? NULL : reason;
    }
    return STATUS_OK;
}

static enum status read_study_completion(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    (void)ret_error;
    const char *answer;
    const char *reason;
    struct clin_subject *subject = find_subject(import, table, 0);
    if (subject == NULL) {
        return fail_subject(import, table);
    }
    if (!is_good_word(import, table, 1, YES_NO, LENGTH_OF(YES_NO), NULL, &answer) ||
        !is_good_word(import, table, 2, REASONS, LENGTH_OF(REASONS), "other", &reason)) {
        return STATUS_OK;
    }
    if (answer != NULL) {
        subject->status = answer[0] == 'Y' ? "completed" : "discontinued";
        subject->discont_on = answer[0] == 'Y' ? NULL : subject->last_seen_on;
        subject->reason = answer[0] == 'Y' ? NULL : reason;
    }
    return STATUS_OK;
}

static void write_subject(struct clindata *import, const struct clin_subject *subject)
{
    dataset_add(import->dataset, TABLE_SUBJECT,
        (struct db_value[]){db_integer(subject->id), db_integer(subject->site_id),
            db_text(subject->number), db_text(subject->status), db_text(subject->sex),
            subject->birth_year > 0 ? db_integer(subject->birth_year) : db_null(),
            db_text(subject->screened_on), db_text(subject->consent_on), db_null(),
            db_text(subject->enrolled_on), db_text(subject->rand_no), db_text(subject->arm),
            db_text(subject->first_dose_on), db_text(subject->last_dose_on),
            db_text(subject->discont_on), db_text(subject->reason),
            db_text(subject->treatment_status), db_text(subject->treatment_reason),
            db_text(subject->last_seen_on)},
        19);
    if (subject->consent_on != NULL) {
        dataset_add(import->dataset, TABLE_CONSENT,
            (struct db_value[]){db_integer(dataset_key(import->dataset, TABLE_CONSENT)),
                db_integer(subject->id), db_null(), db_text(subject->consent_on)},
            4);
    }
}

static enum status read_eligibility(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    static const struct word KINDS[] = {{"INCL", "inclusion"}, {"EXCL", "exclusion"}};
    static const struct word ANSWERS[] = {{"", NULL}, {"0", "0"}, {"1", "1"}};
    (void)ret_error;
    const char *kind;
    const char *answer;
    const struct clin_subject *subject = find_subject(import, table, 0);
    if (subject == NULL) {
        return fail_subject(import, table);
    }
    if (!is_good_word(import, table, 1, KINDS, LENGTH_OF(KINDS), NULL, &kind) ||
        !is_good_word(import, table, 2, ANSWERS, LENGTH_OF(ANSWERS), NULL, &answer)) {
        return STATUS_OK;
    }
    /* An inclusion criterion is to be true, an exclusion criterion false. */
    bool is_met = answer != NULL && (answer[0] == '1') == (kind[0] == 'i');
    dataset_add(import->dataset, TABLE_ELIGIBILITY,
        (struct db_value[]){db_integer(dataset_key(import->dataset, TABLE_ELIGIBILITY)),
            db_integer(subject->id), db_text(kind), db_null(),
            answer == NULL ? db_null() : db_integer(is_met),
            db_text(text_or_null(table_text(table, 3)))},
        6);
    return STATUS_OK;
}

struct source {
    const char *name;
    const char *columns[10];
    size_t n_columns;
    clindata_row_fn *row;
};

enum status clindata_read_subjects(struct clindata *import, struct error *ret_error)
{
    static const struct source SOURCES[] = {
        {"rawplus_dm",
            {"siteid", "subjid", "subject_nsv", "sex", "brthdat", "firstdosedate", "lastdosedate",
                "lastparticipantdate", "firstparticipantdate", "country"},
            10, read_demographics},
        {"rawplus_enroll",
            {"siteid", "subjid", "subjectid", "enroll_dt", "enrollyn", "sfreas", "country"}, 7,
            read_enrolment},
        {"rawplus_consent", {"subjid", "consdt"}, 2, read_consent},
        {"rawplus_ixrsrand", {"subjid", "randnum", "trtgrpc"}, 3, read_randomisation},
        {"rawplus_sdrgcomp", {"subjid", "sdrgyn", "sdrgreas"}, 3, read_drug_completion},
        {"rawplus_studcomp", {"subjid", "compyn", "compreas"}, 3, read_study_completion},
    };
    static const char *const IE_COLUMNS[] = {"subjid", "iecat", "ieorres", "tiver"};
    for (size_t i = 0; i < LENGTH_OF(SOURCES); i++) {
        enum status status = clindata_each(import, SOURCES[i].name, SOURCES[i].columns,
            SOURCES[i].n_columns, SOURCES[i].row, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (arena_has_failed(import->arena)) {
        return out_of_memory(ret_error);
    }
    for (size_t i = 0; i < import->n_subjects; i++) {
        write_subject(import, &import->subject[i]);
    }
    return clindata_each(
        import, "rawplus_ie", IE_COLUMNS, LENGTH_OF(IE_COLUMNS), read_eligibility, ret_error);
}
