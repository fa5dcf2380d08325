#include "crf/batch.h"

#include <stdlib.h>
#include <string.h>

/* Subjects of the range's keys, of one site or ($3 = 0) of all. Others of those keys are passed
 * over. */
#define OF_RANGE " WHERE s.subject_id BETWEEN $1 AND $2 AND (s.site_id = $3 OR $3 = 0)"

static const char PATIENTS_SQL[] =
    "SELECT s.subject_id, s.subject_no, s.status, s.sex, s.birth_year, s.screened_on, s.consent_on,"
    " s.consent_version, s.enrolled_on, s.first_dose_on, s.last_dose_on, s.discont_on,"
    " s.last_seen_on FROM subject s" OF_RANGE " ORDER BY s.subject_id";

/* Both in the order of the indexes: nothing has to be sorted. */
static const char EVENTS_SQL[] =
    "SELECT e.subject_id, e.event_id, e.event_def_id, e.repeat_no, e.visit_on, e.status"
    " FROM subject s JOIN subject_event e ON e.subject_id = s.subject_id" OF_RANGE
    " ORDER BY e.subject_id, e.event_def_id, e.repeat_no";

static const char FORMS_SQL[] =
    "SELECT f.event_id, f.form_id, f.form_def_id, f.repeat_no, f.status, f.first_entry_at"
    " FROM subject s JOIN subject_event e ON e.subject_id = s.subject_id"
    " JOIN form f ON f.event_id = e.event_id" OF_RANGE
    " ORDER BY e.subject_id, e.event_def_id, e.repeat_no, f.form_def_id, f.repeat_no";

#define DAY_MS INT64_C(86400000)

struct reading {
    const struct crf_study *study;
    const struct crf_subjects *subjects;
    const struct crf_range *range;
    struct crf_batch *batch;
    size_t patient; /* whose rows come */
    size_t event;
};

static void parse_property(const struct reading *reading, struct crf_patient *patient,
    enum check_property property, enum check_kind kind, const char *text)
{
    struct check_value *value = &patient->properties[property];
    if (reading->study->lacks[property]) {
        *value = check_value_state(CHECK_NOT_PROVIDED);
    } else {
        check_value_parse(kind, text, value);
    }
}

static enum status on_patient(void *arg, const struct db_rows *rows)
{
    static const struct {
        int column;
        enum check_property property;
        enum check_kind kind;
    } COLUMNS[] = {
        {1, CHECK_SUBJECT_NO, CHECK_TEXT},
        {2, CHECK_SUBJECT_STATUS, CHECK_TEXT},
        {3, CHECK_SUBJECT_SEX, CHECK_TEXT},
        {4, CHECK_SUBJECT_BIRTH_YEAR, CHECK_NUMBER},
        {5, CHECK_SUBJECT_SCREENED_ON, CHECK_DATE},
        {6, CHECK_SUBJECT_CONSENT_ON, CHECK_DATE},
        {7, CHECK_SUBJECT_CONSENT_VERSION, CHECK_TEXT},
        {8, CHECK_SUBJECT_ENROLLED_ON, CHECK_DATE},
        {9, CHECK_SUBJECT_FIRST_DOSE_ON, CHECK_DATE},
        {10, CHECK_SUBJECT_LAST_DOSE_ON, CHECK_DATE},
        {11, CHECK_SUBJECT_DISCONT_ON, CHECK_DATE},
        {12, CHECK_SUBJECT_LAST_SEEN_ON, CHECK_DATE},
    };
    const struct reading *reading = arg;
    struct crf_batch *batch = reading->batch;
    uint32_t subject;
    if (!id_index_find(&reading->subjects->index, db_column_integer(rows, 0), &subject)) {
        return STATUS_OK; /* of another study */
    }
    struct crf_patient *patient = array_add(&batch->patients, sizeof(*patient));
    if (patient == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    patient->subject = subject;
    for (size_t i = 0; i < LENGTH_OF(COLUMNS); i++) {
        const char *text;
        enum status status = reader_text(batch->arena, rows, COLUMNS[i].column, &text);
        if (status != STATUS_OK) {
            return status;
        }
        parse_property(reading, patient, COLUMNS[i].property, COLUMNS[i].kind, text);
    }
    check_value_parse(CHECK_DATE, reading->study->as_of, &patient->properties[CHECK_STUDY_AS_OF]);
    return STATUS_OK;
}

/* Rows come in the order of the subjects that were read before. */
static struct crf_patient *patient_of(struct reading *reading, int64_t subject_id)
{
    struct crf_patient *patients = batch_patients(reading->batch);
    size_t n = batch_n_patients(reading->batch);
    size_t *at = &reading->patient;
    while (*at < n && subjects_at(reading->subjects, patients[*at].subject)->id < subject_id) {
        ++*at;
    }
    bool is_wanted =
        *at < n && subjects_at(reading->subjects, patients[*at].subject)->id == subject_id;
    return is_wanted ? &patients[*at] : NULL;
}

static enum status on_event(void *arg, const struct db_rows *rows)
{
    struct reading *reading = arg;
    struct crf_batch *batch = reading->batch;
    struct crf_patient *patient = patient_of(reading, db_column_integer(rows, 0));
    uint32_t def;
    if (patient == NULL ||
        !id_index_find(&reading->study->visit_index, db_column_integer(rows, 2), &def)) {
        return STATUS_OK; /* of another study */
    }
    uint32_t number = (uint32_t)(batch->events.len / sizeof(struct crf_event));
    struct crf_event *event = array_add(&batch->events, sizeof(*event));
    if (event == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    if (patient->n_events++ == 0) {
        patient->first_event = number;
    }
    event->id = db_column_integer(rows, 1);
    event->def = def;
    event->ordinal = study_visits(reading->study)[def].ordinal;
    event->repeat = db_column_integer(rows, 3);
    enum status status = reader_text(batch->arena, rows, 4, &event->visit_on);
    if (status == STATUS_OK) {
        status = reader_text(batch->arena, rows, 5, &event->status);
    }
    check_value_parse(CHECK_DATE, event->visit_on, &event->date);
    return status;
}

static enum status on_form(void *arg, const struct db_rows *rows)
{
    struct reading *reading = arg;
    struct crf_batch *batch = reading->batch;
    struct crf_event *events = batch_events(batch);
    size_t n_events = batch->events.len / sizeof(*events);
    int64_t event_id = db_column_integer(rows, 0);
    uint32_t def;
    size_t at = reading->event;
    while (at < n_events && events[at].id != event_id) {
        at++;
    }
    if (at == n_events) {
        return STATUS_OK; /* of another study: the next one is looked for from the same place */
    }
    reading->event = at;
    if (strcmp(db_column_text(rows, 4), "missing") == 0) {
        batch->n_missing++;
        return STATUS_OK;
    }
    if (!id_index_find(&reading->study->form_index, db_column_integer(rows, 2), &def)) {
        return STATUS_OK;
    }
    uint32_t number = (uint32_t)batch_n_forms(batch);
    struct crf_form *form = array_add(&batch->forms, sizeof(*form));
    if (form == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    if (events[at].n_forms++ == 0) {
        events[at].first_form = number;
    }
    form->id = db_column_integer(rows, 1);
    form->def = def;
    form->repeat = db_column_integer(rows, 3);
    if (!db_column_is_null(rows, 5)) {
        int64_t entered_at = db_column_integer(rows, 5);
        form->entered_on =
            check_value_day((int)((entered_at - (entered_at < 0 ? DAY_MS - 1 : 0)) / DAY_MS));
    }
    enum status status = reader_text(batch->arena, rows, 4, &form->status);
    return status == STATUS_OK ? id_index_add(&batch->form_index, form->id, number) : status;
}

static int compare_dates(const struct crf_event *a, const struct crf_event *b)
{
    if (a->date.state != CHECK_GIVEN || b->date.state != CHECK_GIVEN) {
        return (a->date.state != CHECK_GIVEN) - (b->date.state != CHECK_GIVEN);
    }
    return (a->date.date.first > b->date.date.first) - (a->date.date.first < b->date.date.first);
}

static int compare_events(const void *left, const void *right)
{
    const struct crf_event *a = left;
    const struct crf_event *b = right;
    if (a->ordinal != b->ordinal) {
        return a->ordinal < b->ordinal ? -1 : 1;
    }
    if (a->def != b->def) {
        return a->def < b->def ? -1 : 1;
    }
    int order = compare_dates(a, b);
    return order != 0 ? order : (a->repeat > b->repeat) - (a->repeat < b->repeat);
}

static void sort_events(struct crf_batch *batch)
{
    for (size_t i = 0; i < batch_n_patients(batch); i++) {
        const struct crf_patient *patient = &batch_patients(batch)[i];
        if (patient->n_events > 1) {
            qsort(batch_events(batch) + patient->first_event, patient->n_events,
                sizeof(struct crf_event), compare_events);
        }
    }
}

enum status batch_init(struct crf_batch *batch)
{
    *batch = (struct crf_batch){
        .arena = arena_new(BATCH_MEMORY_MAX),
        .patients = BUFFER_EMPTY(BATCH_MEMORY_MAX),
        .events = BUFFER_EMPTY(BATCH_MEMORY_MAX),
        .forms = BUFFER_EMPTY(BATCH_MEMORY_MAX),
        .cells = BUFFER_EMPTY(BATCH_MEMORY_MAX),
    };
    return batch->arena == NULL ? STATUS_RESOURCE_EXHAUSTED : STATUS_OK;
}

void batch_finish(struct crf_batch *batch)
{
    arena_free(batch->arena);
    buffer_finish(&batch->patients);
    buffer_finish(&batch->events);
    buffer_finish(&batch->forms);
    buffer_finish(&batch->cells);
    id_index_finish(&batch->form_index);
}

static void empty(struct crf_batch *batch)
{
    arena_reset(batch->arena);
    batch->patients.len = batch->events.len = batch->forms.len = batch->cells.len = 0;
    id_index_clear(&batch->form_index);
}

enum status batch_read(const struct reader *reader, const struct crf_study *study,
    const struct crf_subjects *subjects, const struct crf_range *range, struct crf_batch *batch)
{
    static const struct {
        const char *sql;
        reader_row_fn *on_row;
    } STEPS[] = {{PATIENTS_SQL, on_patient}, {EVENTS_SQL, on_event}, {FORMS_SQL, on_form}};
    const struct crf_subject *first = subjects_at(subjects, range->first);
    const struct crf_subject *last = subjects_at(subjects, range->first + range->n - 1);
    const struct db_value values[] = {
        db_integer(first->id), db_integer(last->id), db_integer(study->site_id)};
    struct reading reading = {study, subjects, range, batch, 0, 0};
    empty(batch);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < LENGTH_OF(STEPS) && status == STATUS_OK; i++) {
        status =
            reader_rows(reader, STEPS[i].sql, values, LENGTH_OF(values), STEPS[i].on_row, &reading);
    }
    if (status == STATUS_OK) {
        sort_events(batch);
        status = batch_read_items(reader, study, subjects, range, batch);
    }
    if (status == STATUS_RESOURCE_EXHAUSTED && reader->error != NULL &&
        reader->error->status == STATUS_OK) {
        return error_set(reader->error, status,
            "the forms of the subjects from %.40s on take more than %d MiB", first->subject_no,
            BATCH_MEMORY_MAX >> 20);
    }
    return status;
}
