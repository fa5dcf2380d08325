#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/clindata_internal.h"

static enum status out_of_memory(struct error *ret_error)
{
    return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
}

/* "Follow-up Week 12" -> FOLLOW_UP_WEEK_12 */
static void make_oid(const char *visit, char oid[CLINDATA_KEY_MAX])
{
    size_t len = 0;
    for (; *visit != '\0' && len < CLINDATA_KEY_MAX - 1; visit++) {
        char letter = *visit >= 'a' && *visit <= 'z' ? (char)(*visit - 'a' + 'A') : *visit;
        bool is_plain = (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
        oid[len++] = is_plain ? letter : '_';
    }
    oid[len] = '\0';
}

int64_t event_def_of(struct clindata *import, const char *visit)
{
    char oid[CLINDATA_KEY_MAX];
    int64_t id;
    if (keymap_get(import->event_defs, visit, &id)) {
        return id;
    }
    id = dataset_key(import->dataset, TABLE_EVENT_DEF);
    make_oid(visit, oid);
    int week;
    bool is_week = sscanf(visit, "Week %d", &week) == 1;
    bool is_first = strcmp(visit, "Day 1") == 0;
    bool is_repeating = strcmp(visit, "Unscheduled") == 0;
    dataset_add(import->dataset, TABLE_EVENT_DEF,
        (struct db_value[]){db_integer(id), db_integer(1), db_text(oid), db_text(visit),
            db_integer(id),
            is_week    ? db_integer((int64_t)week * 7 + 1)
            : is_first ? db_integer(1)
                       : db_null(),
            db_null(), db_null(), db_integer(is_repeating)},
        9);
    return keymap_put(import->event_defs, visit, id) ? id : 0;
}

static int64_t add_event(struct clindata *import, const struct clin_subject *subject,
    int64_t event_def_id, int repeat_no, const char *visit_on)
{
    int64_t id = dataset_key(import->dataset, TABLE_SUBJECT_EVENT);
    dataset_add(import->dataset, TABLE_SUBJECT_EVENT,
        (struct db_value[]){db_integer(id), db_integer(subject->id), db_integer(event_def_id),
            db_integer(repeat_no), db_text(visit_on),
            db_text(visit_on == NULL ? "missed" : "done")},
        6);
    return id;
}

/* The number of a repeated visit: "Unscheduled (5)" -> 5. */
static int repeat_of(const char *instance)
{
    const char *bracket = strchr(instance, '(');
    int number;
    return bracket != NULL && sscanf(bracket, "(%d)", &number) == 1 && number > 0 ? number : 1;
}

/* Put the event under "subject|visit", and an unscheduled one under its date, where a page will
 * look for it: pages number unscheduled visits in another way. */
static bool remember_event(struct clindata *import, const struct clin_subject *subject,
    const char *visit, const char *visit_on, int64_t event_id)
{
    char key[CLINDATA_KEY_MAX];
    int64_t other;
    if (strcmp(visit, "Unscheduled") != 0) {
        snprintf(key, sizeof(key), "%" PRId64 "|%.200s", subject->id, visit);
        /* Of two rows for one visit the one with a date counts. */
        bool is_known = keymap_get(import->events, key, &other);
        return (is_known && visit_on == NULL) || keymap_put(import->events, key, event_id);
    }
    for (int number = 1; visit_on != NULL; number++) {
        snprintf(key, sizeof(key), "%" PRId64 "|on|%.20s|%d", subject->id, visit_on, number);
        if (!keymap_get(import->events, key, &other)) {
            return keymap_put(import->events, key, event_id);
        }
    }
    return true;
}

static enum status read_visit(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    const char *visit_on;
    const char *visit = table_text(table, 1);
    struct clin_subject *subject = find_subject(import, table, 0);
    if (subject == NULL) {
        return clindata_bad(import, table, "unknown subject \"%.20s\"", table_text(table, 0));
    }
    if (!is_good_date(import, table, 3, &visit_on)) {
        return STATUS_OK;
    }
    if (visit[0] == '\0') {
        return clindata_bad(import, table, "the visit has no name");
    }
    import->n_quirks[QUIRK_VISIT_WITHOUT_DATE] += visit_on == NULL ? 1 : 0;
    int64_t event_def_id = event_def_of(import, visit);
    int repeat_no = repeat_of(table_text(table, 2));
    char key[CLINDATA_KEY_MAX];
    int64_t n_same = 0;
    snprintf(key, sizeof(key), "%" PRId64 "|no|%.150s|%d", subject->id, visit, repeat_no);
    bool is_again = keymap_get(import->events, key, &n_same);
    if (event_def_id == 0 || !keymap_put(import->events, key, n_same + 1)) {
        return out_of_memory(ret_error);
    }
    /* A second row of the same visit gets a number of its own, behind all real ones. */
    repeat_no = is_again ? 1000 + (int)n_same : repeat_no;
    int64_t event_id = add_event(import, subject, event_def_id, repeat_no, visit_on);
    return remember_event(import, subject, visit, visit_on, event_id) ? STATUS_OK
                                                                      : out_of_memory(ret_error);
}

/* The event of an unscheduled page: the next visit of that day no other page has taken. */
static int64_t match_unscheduled(
    struct clindata *import, const struct clin_subject *subject, const char *visit_on)
{
    char key[CLINDATA_KEY_MAX];
    int64_t n_taken = 0;
    int64_t event_id;
    snprintf(key, sizeof(key), "%" PRId64 "|taken|%.20s", subject->id, visit_on);
    keymap_get(import->events, key, &n_taken);
    if (!keymap_put(import->events, key, n_taken + 1)) {
        return 0;
    }
    snprintf(key, sizeof(key), "%" PRId64 "|on|%.20s|%" PRId64, subject->id, visit_on, n_taken + 1);
    if (keymap_get(import->events, key, &event_id)) {
        return event_id;
    }
    int64_t event_def_id = event_def_of(import, "Unscheduled");
    snprintf(key, sizeof(key), "%" PRId64 "|more", subject->id);
    int64_t n_more = 0;
    keymap_get(import->events, key, &n_more);
    if (event_def_id == 0 || !keymap_put(import->events, key, n_more + 1)) {
        return 0;
    }
    return add_event(import, subject, event_def_id, 2000 + (int)n_more, visit_on);
}

/* The event of a page; made when the visit table has not got it. 0: out of memory. */
static int64_t event_of_page(struct clindata *import, const struct clin_subject *subject,
    const char *visit, const char *visit_on)
{
    char key[CLINDATA_KEY_MAX];
    int64_t event_id;
    snprintf(key, sizeof(key), "%" PRId64 "|%.200s", subject->id, visit);
    if (keymap_get(import->events, key, &event_id)) {
        return event_id;
    }
    if (strncmp(visit, "Unscheduled", strlen("Unscheduled")) == 0) {
        event_id = match_unscheduled(import, subject, visit_on);
    } else {
        int64_t event_def_id = event_def_of(import, visit);
        event_id = event_def_id == 0 ? 0 : add_event(import, subject, event_def_id, 1, visit_on);
    }
    return event_id != 0 && keymap_put(import->events, key, event_id) ? event_id : 0;
}

static int64_t form_def_of(struct clindata *import, const char *form)
{
    int64_t id;
    char oid[CLINDATA_KEY_MAX];
    if (keymap_get(import->form_defs, form, &id)) {
        return id;
    }
    id = dataset_key(import->dataset, TABLE_FORM_DEF);
    make_oid(form, oid);
    dataset_add(import->dataset, TABLE_FORM_DEF,
        (struct db_value[]){
            db_integer(id), db_integer(1), db_text(oid), db_text(form), db_null(), db_integer(0)},
        6);
    return keymap_put(import->form_defs, form, id) ? id : 0;
}

static enum status read_page(
    struct clindata *import, const struct export_table *table, struct error *ret_error)
{
    const char *visit_on;
    const char *entered_on;
    int entered;
    struct clin_subject *subject = find_subject(import, table, 0);
    if (subject == NULL) {
        return clindata_bad(import, table, "unknown subject \"%.20s\"", table_text(table, 0));
    }
    if (!is_good_date(import, table, 3, &visit_on) ||
        !is_good_date(import, table, 4, &entered_on)) {
        return STATUS_OK;
    }
    if (visit_on == NULL || entered_on == NULL || !calendar_parse(entered_on, &entered)) {
        return clindata_bad(import, table, "visit_date or min_entereddate is empty");
    }
    int64_t event_id = event_of_page(import, subject, table_text(table, 1), visit_on);
    int64_t form_def_id = form_def_of(import, table_text(table, 2));
    char key[CLINDATA_KEY_MAX];
    int64_t form_id;
    snprintf(key, sizeof(key), "%" PRId64 "|%" PRId64, event_id, form_def_id);
    if (keymap_get(import->forms, key, &form_id)) {
        return clindata_bad(import, table, "the page is there twice");
    }
    form_id = dataset_key(import->dataset, TABLE_FORM);
    if (event_id == 0 || form_def_id == 0 || !keymap_put(import->forms, key, form_id)) {
        return out_of_memory(ret_error);
    }
    int64_t entered_at = entered * CALENDAR_DAY_MS;
    import->last_stamp = entered_at > import->last_stamp ? entered_at : import->last_stamp;
    dataset_add(import->dataset, TABLE_FORM,
        (struct db_value[]){db_integer(form_id), db_integer(event_id), db_integer(form_def_id),
            db_integer(1), db_text("complete"), db_integer(entered_at), db_null(), db_integer(0),
            db_null(), db_null(), db_null(), db_null()},
        12);
    return STATUS_OK;
}

enum status clindata_read_visits(struct clindata *import, struct error *ret_error)
{
    static const char *const VISIT_COLUMNS[] = {"subjid", "foldername", "instancename", "visit_dt"};
    static const char *const PAGE_COLUMNS[] = {
        "subjectname", "visit", "formoid", "visit_date", "min_entereddate"};
    enum status status = clindata_each(
        import, "rawplus_visdt", VISIT_COLUMNS, LENGTH_OF(VISIT_COLUMNS), read_visit, ret_error);
    return status == STATUS_OK ? clindata_each(import, "edc_data_pages", PAGE_COLUMNS,
                                     LENGTH_OF(PAGE_COLUMNS), read_page, ret_error)
                               : status;
}
