#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/clindata_internal.h"

static const struct word YES_NO[] = {{"", NULL}, {"Y", "Y"}, {"N", "N"}};

/* A date that may be partial: the whole one, else what year and month columns say. */
static void partial_date(const struct export_table *table, size_t whole, size_t year, size_t month,
    char date[CALENDAR_TEXT_MAX])
{
    int year_number = (int)strtol(table_text(table, year), NULL, 10);
    int month_number = (int)strtol(table_text(table, month), NULL, 10);
    if (table_text(table, whole)[0] != '\0') {
        snprintf(date, CALENDAR_TEXT_MAX, "%.10s", table_text(table, whole));
    } else if (year_number > 1900 && year_number < 2200 && month_number >= 1 &&
               month_number <= 12) {
        snprintf(date, CALENDAR_TEXT_MAX, "%04d-%02d", year_number, month_number);
    } else if (year_number > 1900 && year_number < 2200) {
        snprintf(date, CALENDAR_TEXT_MAX, "%04d", year_number);
    } else {
        date[0] = '\0';
    }
}

enum ae_column {
    AE_SUBJECT,
    AE_POSITION,
    AE_TERM,
    AE_PT,
    AE_SOC,
    AE_SERIOUS,
    AE_START,
    AE_START_YEAR,
    AE_START_MONTH,
    AE_END,
    AE_END_YEAR,
    AE_END_MONTH,
    AE_RELATED,
    AE_SEVERITY,
    AE_OUTCOME,
    AE_CREATED,
    AE_DEATH,
    AE_COLUMNS,
};

struct ae_words {
    const char *serious;
    const char *related;
    const char *severity; /* "1mild": the grade, then the word */
    const char *outcome;
};

static bool read_ae_words(
    struct clindata *import, const struct export_table *table, struct ae_words *ret_words)
{
    static const struct word RELATED[] = {
        {"", "unknown"}, {"RELATED", "related"}, {"NOT RELATED", "not_related"}};
    static const struct word SEVERITIES[] = {{"MILD", "1mild"}, {"MODERATE", "2moderate"},
        {"SEVERE", "3severe"}, {"Life-Threatening", "4life_threatening"},
        {"LIFE THREATENING", "4life_threatening"}, {"FATAL", "5fatal"}};
    static const struct word OUTCOMES[] = {{"", NULL}, {"RECOVERED/RESOLVED", "recovered"},
        {"NOT RECOVERED/NOT RESOLVED", "not_recovered"},
        {"RECOVERED/RESOLVED WITH SEQUELAE", "recovered_with_sequelae"}, {"FATAL", "fatal"},
        {"RECOVERING/RESOLVING", "recovering"}, {"UNKNOWN", "unknown"}};
    return is_good_word(
               import, table, AE_SERIOUS, YES_NO, LENGTH_OF(YES_NO), NULL, &ret_words->serious) &&
           is_good_word(import, table, AE_RELATED, RELATED, LENGTH_OF(RELATED), "unknown",
               &ret_words->related) &&
           is_good_word(import, table, AE_SEVERITY, SEVERITIES, LENGTH_OF(SEVERITIES), "1mild",
               &ret_words->severity) &&
           is_good_word(import, table, AE_OUTCOME, OUTCOMES, LENGTH_OF(OUTCOMES), "unknown",
               &ret_words->outcome);
}

static enum status read_adverse_event(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    (void)ret_error;
    const char *date;
    int64_t entered_at = 0;
    struct ae_words words;
    const struct clin_subject *subject = find_subject(import, table, AE_SUBJECT);
    if (subject == NULL) {
        return clindata_bad(
            import, table, "unknown subject \"%.20s\"", table_text(table, AE_SUBJECT));
    }
    if (!is_good_date(import, table, AE_START, &date) ||
        !is_good_date(import, table, AE_END, &date) || !read_ae_words(import, table, &words)) {
        return STATUS_OK;
    }
    const char *created = table_text(table, AE_CREATED);
    if (created[0] != '\0' && !calendar_parse_stamp(created, &entered_at)) {
        return clindata_bad(import, table, "\"%.40s\" is not a date and time", created);
    }
    long position = strtol(table_text(table, AE_POSITION), NULL, 10);
    if (position < 1) {
        return clindata_bad(import, table, "recordposition is not a number from 1");
    }
    char start_on[CALENDAR_TEXT_MAX];
    char end_on[CALENDAR_TEXT_MAX];
    partial_date(table, AE_START, AE_START_YEAR, AE_START_MONTH, start_on);
    partial_date(table, AE_END, AE_END_YEAR, AE_END_MONTH, end_on);
    bool is_fatal = table_text(table, AE_DEATH)[0] == 'Y';
    const char *severity = is_fatal ? "5fatal" : words.severity;
    import->last_stamp = entered_at > import->last_stamp ? entered_at : import->last_stamp;
    dataset_add(import->dataset, TABLE_ADVERSE_EVENT,
        (struct db_value[]){db_integer(dataset_key(import->dataset, TABLE_ADVERSE_EVENT)),
            db_integer(subject->id), db_integer(position), db_text(table_text(table, AE_TERM)),
            db_text(text_or_null(table_text(table, AE_PT))),
            db_text(text_or_null(table_text(table, AE_SOC))), db_text(severity + 1),
            db_integer(severity[0] - '0'),
            db_integer(words.serious != NULL && words.serious[0] == 'Y'), db_text(words.related),
            db_text(words.outcome), db_text(text_or_null(start_on)), db_text(text_or_null(end_on)),
            db_null(), dataset_stamp(entered_at)},
        15);
    return STATUS_OK;
}

enum lab_column {
    LAB_SUBJECT,
    LAB_VISIT,
    LAB_DATE,
    LAB_TEST,
    LAB_VALUE,
    LAB_LOW,
    LAB_HIGH,
    LAB_GRADE,
    LAB_FLAG,
    LAB_COLUMNS,
};

/* The laboratory names some visits in its own way. */
static const char *edc_visit(const char *visit, char name[CLINDATA_KEY_MAX])
{
    if (strcmp(visit, "Baseline/Day 1") == 0) {
        return "Day 1";
    }
    if (strcmp(visit, "Early Discontinuation") == 0) {
        return "Early Study Drug Discontinuation";
    }
    if (strncmp(visit, "Follow Up ", strlen("Follow Up ")) == 0) {
        snprintf(name, CLINDATA_KEY_MAX, "Follow-up %.100s", visit + strlen("Follow Up "));
        return name;
    }
    return visit;
}

static enum status read_lab(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    static const struct word FLAGS[] = {{"", NULL}, {"N", "N"}, {"HN", "H"}, {"LN", "L"},
        {"H", "H"}, {"L", "L"}, {"HT", "H"}, {"LT", "L"}, {"HP", "HH"}, {"LP", "LL"}};
    (void)ret_error;
    struct db_value value;
    struct db_value low;
    struct db_value high;
    struct db_value grade;
    const char *date;
    const char *flag;
    const struct clin_subject *subject = find_subject(import, table, LAB_SUBJECT);
    if (subject == NULL) {
        return clindata_bad(
            import, table, "unknown subject \"%.20s\"", table_text(table, LAB_SUBJECT));
    }
    if (!is_good_date(import, table, LAB_DATE, &date) ||
        !is_good_number(import, table, LAB_VALUE, &value) ||
        !is_good_number(import, table, LAB_LOW, &low) ||
        !is_good_number(import, table, LAB_HIGH, &high) ||
        !is_good_number(import, table, LAB_GRADE, &grade) ||
        !is_good_word(import, table, LAB_FLAG, FLAGS, LENGTH_OF(FLAGS), "A", &flag)) {
        return STATUS_OK;
    }
    char name[CLINDATA_KEY_MAX];
    char key[CLINDATA_KEY_MAX];
    int64_t event_id = 0;
    snprintf(key, sizeof(key), "%" PRId64 "|%.200s", subject->id,
        edc_visit(table_text(table, LAB_VISIT), name));
    keymap_get(import->events, key, &event_id);
    dataset_add(import->dataset, TABLE_LAB_RESULT,
        (struct db_value[]){db_integer(dataset_key(import->dataset, TABLE_LAB_RESULT)),
            db_integer(subject->id), dataset_stamp(event_id), db_text(table_text(table, LAB_TEST)),
            db_text(date), value, db_null(), low, high, db_text(flag),
            grade.kind == DB_NULL ? db_null() : db_integer((int64_t)grade.real)},
        11);
    return STATUS_OK;
}

enum status clindata_read_safety(struct clindata *import, struct error *ret_error)
{
    static const char *const AE[AE_COLUMNS] = {"subjid", "recordposition", "aeterm", "mdrpt_nsv",
        "mdrsoc_nsv", "aeser", "aest_dt", "aestdat_yy_nsv", "aestdat_mm_nsv", "aeen_dt",
        "aeendat_yy_nsv", "aeendat_mm_nsv", "aerel", "aetoxgr", "aeout", "mincreated_dts",
        "aesdth"};
    static const char *const LAB[LAB_COLUMNS] = {"subjid", "visnam", "lb_dt", "lbtstnam", "siresn",
        "sinrlo", "sinrhi", "toxgrg_nsv", "alrtfl"};
    enum status status =
        clindata_each(import, "rawplus_ae", AE, AE_COLUMNS, read_adverse_event, ret_error);
    return status == STATUS_OK
               ? clindata_each(import, "rawplus_lb", LAB, LAB_COLUMNS, read_lab, ret_error)
               : status;
}
