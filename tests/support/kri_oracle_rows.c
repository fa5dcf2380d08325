#include "support/kri_oracle_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- dates ---------------------------------------------------------------------------------- */

static int days_of_month(int year, int month)
{
    if (month == 2) {
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

struct oracle_date oracle_date_of(const char *text)
{
    struct oracle_date date = {.day = ORACLE_UNKNOWN_DAY};
    int year = 0;
    int month = 1;
    int day = 1;
    int n_read = text == NULL ? 0 : sscanf(text, "%4d-%2d-%2d", &year, &month, &day);
    if (n_read < 1 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month)) {
        return date;
    }
    date.day = day - 1;
    for (int m = 1; m < month; m++) {
        date.day += days_of_month(year, m);
    }
    for (int y = 1970; y < year; y++) {
        date.day += days_of_month(y, 2) == 29 ? 366 : 365;
    }
    for (int y = year; y < 1970; y++) {
        date.day -= days_of_month(y, 2) == 29 ? 366 : 365;
    }
    date.is_whole = n_read == 3;
    return date;
}

/* --- rows ----------------------------------------------------------------------------------- */

static void *push(struct oracle_array *array, size_t size)
{
    if (array->count == array->capacity) {
        array->capacity = array->capacity == 0 ? 256 : 2 * array->capacity;
        array->data = realloc(array->data, array->capacity * size);
        if (array->data == NULL) {
            abort();
        }
    }
    void *row = (char *)array->data + array->count++ * size;
    memset(row, 0, size);
    return row;
}

static void copy_text(const struct db_rows *rows, int column, char *text, size_t size)
{
    const char *value = db_column_text(rows, column);
    snprintf(text, size, "%s", value == NULL ? "" : value);
}

static struct oracle_date date_at(const struct db_rows *rows, int column)
{
    return oracle_date_of(db_column_text(rows, column));
}

static void on_site(struct oracle_rows *all, const struct db_rows *rows)
{
    struct oracle_site *site = push(&all->sites, sizeof(*site));
    all->site_ids = realloc(all->site_ids, all->sites.count * sizeof(*all->site_ids));
    all->site_ids[all->sites.count - 1] = db_column_integer(rows, 0);
    copy_text(rows, 1, site->site_no, sizeof(site->site_no));
}

static void on_ctms_site(struct oracle_rows *all, const struct db_rows *rows)
{
    struct oracle_site *site = push(&all->ctms_sites, sizeof(*site));
    copy_text(rows, 0, site->site_no, sizeof(site->site_no));
}

static void on_subject(struct oracle_rows *all, const struct db_rows *rows)
{
    struct oracle_subject *subject = push(&all->subjects, sizeof(*subject));
    subject->id = db_column_integer(rows, 0);
    subject->site_id = db_column_integer(rows, 1);
    copy_text(rows, 2, subject->status, sizeof(subject->status));
    copy_text(rows, 3, subject->treatment, sizeof(subject->treatment));
    subject->screened = date_at(rows, 4);
    subject->enrolled = date_at(rows, 5);
    subject->dosed = date_at(rows, 6);
    subject->last_dose = date_at(rows, 7);
    subject->left = date_at(rows, 8);
    subject->last_seen = date_at(rows, 9);
}

static void on_form(struct oracle_rows *all, const struct db_rows *rows)
{
    struct oracle_form *form = push(&all->forms, sizeof(*form));
    form->id = db_column_integer(rows, 0);
    form->subject_id = db_column_integer(rows, 1);
    form->first_entry_at = db_column_integer(rows, 2);
    form->visit = date_at(rows, 3);
}

static void on_item(struct oracle_rows *all, const struct db_rows *rows)
{
    struct oracle_item *item = push(&all->items, sizeof(*item));
    item->form_id = db_column_integer(rows, 0);
    item->n_changes = db_column_integer(rows, 1);
}

static void on_query(struct oracle_rows *all, const struct db_rows *rows)
{
    struct oracle_query *query = push(&all->queries, sizeof(*query));
    query->form_id = db_column_integer(rows, 0);
    query->opened_at = db_column_integer(rows, 1);
    query->closed_at = db_column_integer(rows, 2);
    query->is_closed = strcmp(db_column_text(rows, 3), "closed") == 0;
}

static void on_event(struct oracle_rows *all, const struct db_rows *rows)
{
    struct oracle_event *event = push(&all->events, sizeof(*event));
    event->subject_id = db_column_integer(rows, 0);
    event->entered_at = db_column_integer(rows, 1);
    event->is_serious = db_column_integer(rows, 2) != 0;
}

static void on_lab(struct oracle_rows *all, const struct db_rows *rows)
{
    struct oracle_lab *lab = push(&all->labs, sizeof(*lab));
    lab->subject_id = db_column_integer(rows, 0);
    lab->grade = db_column_is_null(rows, 1) ? -1 : db_column_integer(rows, 1);
    lab->on = date_at(rows, 2);
}

static void on_deviation(struct oracle_rows *all, const struct db_rows *rows)
{
    struct oracle_deviation *deviation = push(&all->deviations, sizeof(*deviation));
    copy_text(rows, 0, deviation->site_no, sizeof(deviation->site_no));
    deviation->is_important = db_column_integer(rows, 1) != 0;
    deviation->known = date_at(rows, db_column_is_null(rows, 2) ? 3 : 2);
}

static void on_absent(struct oracle_rows *all, const struct db_rows *rows)
{
    char *name = push(&all->absent, 64);
    snprintf(name, 64, "%s %.56s", db_column_text(rows, 0), db_column_text(rows, 1));
}

/* --- reading -------------------------------------------------------------------------------- */

typedef void on_row_fn(struct oracle_rows *all, const struct db_rows *rows);

struct reading {
    const char *sql;
    on_row_fn *on_row;
};

#define STUDY "(SELECT study_id FROM study WHERE protocol_no = $1)"
static const struct reading EDC[] = {
    {"SELECT site_id, site_no FROM site WHERE study_id = " STUDY, on_site},
    {"SELECT subject_id, site_id, status, treatment_status, screened_on, enrolled_on,"
     " first_dose_on, last_dose_on, discont_on, last_seen_on FROM subject",
        on_subject},
    {"SELECT f.form_id, e.subject_id, f.first_entry_at, e.visit_on FROM form f"
     " JOIN subject_event e ON e.event_id = f.event_id",
        on_form},
    {"SELECT form_id, n_changes FROM item_data", on_item},
    {"SELECT form_id, opened_at, closed_at, status FROM query", on_query},
    {"SELECT subject_id, entered_at, serious FROM adverse_event", on_event},
    {"SELECT subject_id, tox_grade, on_date FROM lab_result", on_lab},
    {"SELECT 'edc', table_name FROM provided WHERE is_provided = 0", on_absent},
};
static const struct reading CTMS[] = {
    {"SELECT site_no FROM site WHERE study_id = " STUDY, on_ctms_site},
    {"SELECT s.site_no, d.important, d.found_on, d.occurred_on FROM deviation d"
     " JOIN site s ON s.site_id = d.site_id WHERE s.study_id = " STUDY,
        on_deviation},
    {"SELECT 'ctms', table_name FROM provided WHERE is_provided = 0", on_absent},
};

static bool read_one(struct oracle_rows *all, struct db_session *session,
    const struct reading *reading, const char *protocol_no)
{
    struct error error = ERROR_NONE;
    struct db_rows *rows = NULL;
    bool has_row = true;
    const struct db_value study = db_text(protocol_no);
    size_t n_values = strstr(reading->sql, "$1") == NULL ? 0 : 1;
    enum status status =
        db_query(ctx_background(), session, reading->sql, &study, n_values, &rows, &error);
    while (status == STATUS_OK) {
        status = db_next(ctx_background(), rows, &has_row, &error);
        if (status != STATUS_OK || !has_row) {
            break;
        }
        reading->on_row(all, rows);
    }
    db_rows_free(rows);
    if (status != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
    }
    return status == STATUS_OK;
}

static bool read_all(struct oracle_rows *all, struct db *db, const struct reading *readings,
    size_t n_readings, const char *protocol_no)
{
    struct error error = ERROR_NONE;
    struct db_session *session = NULL;
    bool is_read = db_begin(ctx_background(), db, DB_READ, &session, &error) == STATUS_OK;
    for (size_t i = 0; i < n_readings && is_read; i++) {
        is_read = read_one(all, session, &readings[i], protocol_no);
    }
    db_end(session);
    return is_read;
}

struct oracle_rows *oracle_rows_new(struct db *edc, struct db *ctms, const char *protocol_no)
{
    struct oracle_rows *rows = calloc(1, sizeof(*rows));
    if (rows == NULL || !read_all(rows, edc, EDC, sizeof(EDC) / sizeof(EDC[0]), protocol_no) ||
        !read_all(rows, ctms, CTMS, sizeof(CTMS) / sizeof(CTMS[0]), protocol_no)) {
        oracle_rows_free(rows);
        return NULL;
    }
    return rows;
}

void oracle_rows_free(struct oracle_rows *rows)
{
    if (rows == NULL) {
        return;
    }
    struct oracle_array *const arrays[] = {&rows->sites, &rows->ctms_sites, &rows->subjects,
        &rows->forms, &rows->items, &rows->queries, &rows->events, &rows->labs, &rows->deviations,
        &rows->absent};
    for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
        free(arrays[i]->data);
    }
    free(rows->site_ids);
    free(rows);
}
