#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/clindata_internal.h"

static enum status out_of_memory(struct error *ret_error)
{
    return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
}

/* The page of "subject, visit, form", the table's first three columns. False: unknown. */
static bool find_form(struct clindata *import, const struct export_table *table,
    int64_t *ret_form_id, int64_t *ret_form_def_id)
{
    char key[CLINDATA_KEY_MAX];
    int64_t event_id;
    const struct clin_subject *subject = find_subject(import, table, 0);
    if (subject == NULL) {
        return false;
    }
    snprintf(key, sizeof(key), "%" PRId64 "|%.200s", subject->id, table_text(table, 1));
    if (!keymap_get(import->events, key, &event_id) ||
        !keymap_get(import->form_defs, table_text(table, 2), ret_form_def_id)) {
        return false;
    }
    snprintf(key, sizeof(key), "%" PRId64 "|%" PRId64, event_id, *ret_form_def_id);
    return keymap_get(import->forms, key, ret_form_id);
}

/* Digits only, above zero. */
static bool read_id(const char *text, int64_t *ret_id)
{
    char *end;
    long long id = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || id <= 0) {
        return false;
    }
    *ret_id = id;
    return true;
}

static int64_t item_def_of(struct clindata *import, const struct export_table *table,
    int64_t form_def_id, const char *field)
{
    char key[CLINDATA_KEY_MAX];
    int64_t id;
    snprintf(key, sizeof(key), "%" PRId64 "|%.200s", form_def_id, field);
    if (keymap_get(import->item_defs, key, &id)) {
        return id;
    }
    id = dataset_key(import->dataset, TABLE_ITEM_DEF);
    dataset_add(import->dataset, TABLE_ITEM_DEF,
        (struct db_value[]){db_integer(id), db_integer(form_def_id), db_text(field), db_null(),
            db_null(), db_null(), db_integer(table_text(table, 6)[0] == '1'), db_null(), db_null(),
            db_null()},
        10);
    return keymap_put(import->item_defs, key, id) ? id : 0;
}

static enum status read_point(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    int64_t form_id;
    int64_t form_def_id;
    int64_t item_id;
    char *end;
    const char *changes = table_text(table, 5);
    long n_changes = strtol(changes, &end, 10);
    if (!find_form(import, table, &form_id, &form_def_id)) {
        return clindata_bad(import, table,
            "no page of subject \"%.20s\", visit \"%.30s\", \"%.60s\"", table_text(table, 0),
            table_text(table, 1), table_text(table, 2));
    }
    /* The export numbers its data points 1, 2, 3 …, and its queries refer to the numbers. */
    if (!read_id(table_text(table, 4), &item_id) ||
        item_id != dataset_key(import->dataset, TABLE_ITEM_DATA)) {
        return clindata_bad(
            import, table, "datapointid \"%.20s\" is not the row's number", table_text(table, 4));
    }
    if (end == changes || *end != '\0' || n_changes < 0) {
        return clindata_bad(import, table, "n_changes \"%.20s\" is not a count", changes);
    }
    int64_t item_def_id = item_def_of(import, table, form_def_id, table_text(table, 3));
    if (item_def_id == 0) {
        return out_of_memory(ret_error);
    }
    dataset_add(import->dataset, TABLE_ITEM_DATA,
        (struct db_value[]){db_integer(item_id), db_integer(form_id), db_integer(item_def_id),
            db_integer(1), db_null(), db_integer(n_changes)},
        6);
    return STATUS_OK;
}

/* A date column as a stamp, 0 when empty. False: bad, and reported. */
static bool is_good_stamp(
    struct clindata *import, const struct export_table *table, size_t column, int64_t *ret_stamp)
{
    const char *date;
    int day = 0;
    if (!is_good_date(import, table, column, &date)) {
        return false;
    }
    *ret_stamp = date != NULL && calendar_parse(date, &day) ? day * CALENDAR_DAY_MS : 0;
    return true;
}

static enum status read_query(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    static const struct word STATUSES[] = {
        {"Open", "open"}, {"Answered", "answered"}, {"Closed", "closed"}};
    static const struct word ORIGINS[] = {{"System Query", "system"},
        {"CRA to Site Manual Query", "monitor"}, {"CDA to Site Manual Query", "data_management"}};
    (void)ret_error;
    int64_t form_id;
    int64_t form_def_id;
    int64_t item_id;
    int64_t stamps[3];
    const char *status_word;
    const char *origin;
    for (size_t i = 0; i < LENGTH_OF(stamps); i++) {
        if (!is_good_stamp(import, table, 5 + i, &stamps[i])) {
            return STATUS_OK;
        }
    }
    if (!is_good_word(import, table, 4, STATUSES, LENGTH_OF(STATUSES), NULL, &status_word) ||
        !is_good_word(import, table, 8, ORIGINS, LENGTH_OF(ORIGINS), NULL, &origin)) {
        return STATUS_OK;
    }
    if (!find_form(import, table, &form_id, &form_def_id) || stamps[0] == 0) {
        return clindata_bad(import, table, "no such page, or no date of creation");
    }
    if (!read_id(table_text(table, 3), &item_id) ||
        (uint64_t)item_id > dataset_rows(import->dataset, TABLE_ITEM_DATA)) {
        return clindata_bad(import, table, "unknown datapointid \"%.20s\"", table_text(table, 3));
    }
    for (size_t i = 0; i < LENGTH_OF(stamps); i++) {
        import->last_stamp = stamps[i] > import->last_stamp ? stamps[i] : import->last_stamp;
    }
    dataset_add(import->dataset, TABLE_QUERY,
        (struct db_value[]){db_integer(dataset_key(import->dataset, TABLE_QUERY)),
            db_integer(form_id), db_integer(item_id), db_null(), db_text(origin),
            db_text(status_word), db_integer(stamps[0]), dataset_stamp(stamps[1]),
            dataset_stamp(stamps[2]), db_null()},
        10);
    return STATUS_OK;
}

enum status clindata_read_items(struct clindata *import, struct error *ret_error)
{
    static const char *const POINT_COLUMNS[] = {
        "subjectname", "visit", "formoid", "fieldoid", "datapointid", "n_changes", "isrequired"};
    static const char *const QUERY_COLUMNS[] = {"subjectname", "visit", "formoid", "datapointid",
        "querystatus", "created", "answered", "resolved", "markinggroup"};
    enum status status = clindata_each(
        import, "edc_data_points", POINT_COLUMNS, LENGTH_OF(POINT_COLUMNS), read_point, ret_error);
    return status == STATUS_OK ? clindata_each(import, "edc_queries", QUERY_COLUMNS,
                                     LENGTH_OF(QUERY_COLUMNS), read_query, ret_error)
                               : status;
}
