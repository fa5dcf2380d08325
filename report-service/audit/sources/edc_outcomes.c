/* What subjects and cameras sent: ePRO questionnaires and image series; and who of the site entered
 * data. All as of the report's day. */
#include <stdlib.h>
#include <string.h>

#include "audit/sources/dates.h"
#include "audit/sources/fetch.h"

/* Without what was taken in though nothing was due: it is no part of what was. */
static const char EPRO_SQL[] =
    "SELECT r.subject_id, r.instrument, coalesce(d.name, d.oid), r.due_on, r.submitted_at,"
    " r.device, r.status FROM subject s JOIN epro_response r ON r.subject_id = s.subject_id"
    " LEFT JOIN event_def d ON d.event_def_id = r.event_def_id"
    " WHERE s.site_id = $1 AND (r.due_on IS NOT NULL OR r.content_hash IS NULL)"
    " ORDER BY r.subject_id, r.resp_id";

static const char IMAGES_SQL[] =
    "SELECT i.subject_id, i.modality, i.n_slices, i.on_date, i.qc_status"
    " FROM subject s JOIN image_series i ON i.subject_id = s.subject_id"
    " WHERE s.site_id = $1 ORDER BY i.subject_id, i.series_id";

/* The site's own people: monitors and data managers are the sponsor's. */
static const char DATA_ENTRY_SQL[] =
    "SELECT u.user_id, coalesce(u.full_name, u.login), min(a.at), max(a.at), count(*)"
    " FROM subject s JOIN subject_event e ON e.subject_id = s.subject_id"
    " JOIN form f ON f.event_id = e.event_id JOIN audit_trail a ON a.form_id = f.form_id"
    " JOIN app_user u ON u.user_id = a.user_id"
    " WHERE s.site_id = $1 AND a.at <= $2 AND a.action IN ('insert', 'update')"
    " AND u.role IN ('investigator', 'coordinator')"
    " GROUP BY u.user_id, u.full_name, u.login ORDER BY u.user_id";

#define MINUTE_MS INT64_C(60000)

static enum epro_state epro_state_of(
    const struct fetch *fetch, const struct db_rows *rows, int64_t submitted_at)
{
    if (fetch_is_word(rows, 6, "missed")) {
        return EPRO_MISSED;
    }
    if (submitted_at == 0 || submitted_at > fetch->facts->as_of_end_ms) {
        return EPRO_PENDING;
    }
    return fetch_is_word(rows, 6, "late") ? EPRO_LATE : EPRO_SUBMITTED;
}

static enum status on_response(struct fetch *fetch, const struct db_rows *rows)
{
    struct list *responses = &fetch->facts->edc.epro_responses;
    const struct epro_response *last = (const struct epro_response *)responses->last;
    const struct subject *subject =
        fetch_subject(fetch, last == NULL ? NULL : last->subject, db_column_integer(rows, 0));
    if (subject == NULL || !fetch_has_come(fetch, db_column_text(rows, 3), true)) {
        return STATUS_OK;
    }
    struct epro_response *response = fetch_new(fetch, sizeof(*response));
    if (response == NULL) {
        return fetch_out_of_memory(fetch);
    }
    response->subject = subject;
    response->instrument = fetch_text(fetch, rows, 1);
    response->event = fetch_text(fetch, rows, 2);
    response->due_on = fetch_date(fetch, rows, 3);
    response->device = fetch_text(fetch, rows, 5);
    response->state = epro_state_of(fetch, rows, db_column_integer(rows, 4));
    response->submitted_at = fetch_stamp(fetch, rows, 4);
    list_add(responses, &response->node);
    return response->instrument == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

static int compare_texts(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

/* By device, then by time; the subject's key makes the order one. */
static int by_device(const void *a, const void *b)
{
    const struct epro_response *left = *(const struct epro_response *const *)a;
    const struct epro_response *right = *(const struct epro_response *const *)b;
    int order = compare_texts(left->device, right->device);
    if (order == 0 && left->submitted_at != right->submitted_at) {
        order = left->submitted_at < right->submitted_at ? -1 : 1;
    }
    if (order == 0 && left->subject->id != right->subject->id) {
        order = left->subject->id < right->subject->id ? -1 : 1;
    }
    return order;
}

static bool is_same_device(const struct epro_response *a, const struct epro_response *b)
{
    return a->device != NULL && b->device != NULL && strcmp(a->device, b->device) == 0;
}

/* How many of responses[first …] were sent together with the first one, from its device. */
static size_t count_together(struct epro_response **responses, size_t first, size_t n_responses)
{
    size_t end = first + 1;
    while (end < n_responses && is_same_device(responses[first], responses[end]) &&
           responses[end]->submitted_at - responses[first]->submitted_at <=
               EPRO_TOGETHER_MINUTES * MINUTE_MS) {
        end++;
    }
    return end - first;
}

static size_t count_subjects(struct epro_response **responses, size_t n_responses)
{
    size_t count = 0;
    for (size_t i = 0; i < n_responses; i++) {
        bool is_new = true;
        for (size_t other = 0; other < i && is_new; other++) {
            is_new = responses[other]->subject != responses[i]->subject;
        }
        count += is_new;
    }
    return count;
}

/* One subject's questionnaires of several due dates, sent together. */
static void mark_filled_in_later(struct epro_response **responses, size_t n_responses)
{
    for (size_t i = 0; i < n_responses; i++) {
        for (size_t other = 0; other < n_responses; other++) {
            bool is_other_day = responses[i]->subject == responses[other]->subject &&
                                compare_texts(responses[i]->due_on, responses[other]->due_on) != 0;
            responses[i]->is_filled_in_later = responses[i]->is_filled_in_later || is_other_day;
        }
    }
}

static void mark_oddities(struct epro_response **responses, size_t n_responses)
{
    qsort(responses, n_responses, sizeof(*responses), by_device);
    size_t last_end = 0;
    for (size_t first = 0; first < n_responses; first++) {
        size_t n_together = count_together(responses, first, n_responses);
        if (first + n_together == last_end) {
            continue; /* part of what was looked at before */
        }
        last_end = first + n_together;
        bool is_shared = count_subjects(&responses[first], n_together) >= EPRO_SHARED_SUBJECTS;
        for (size_t i = first; i < first + n_together && is_shared; i++) {
            responses[i]->is_shared_device = true;
        }
        mark_filled_in_later(&responses[first], n_together);
    }
}

static enum status find_oddities(struct fetch *fetch)
{
    const struct list *list = &fetch->facts->edc.epro_responses;
    struct epro_response **responses =
        arena_alloc_array(fetch->base->arena, list->count + 1, sizeof(struct epro_response *));
    if (responses == NULL) {
        return fetch_out_of_memory(fetch);
    }
    size_t n_responses = 0;
    LIST_EACH(struct epro_response, response, list) {
        if (response->submitted_at != 0) {
            responses[n_responses++] = response;
        }
    }
    mark_oddities(responses, n_responses);
    return STATUS_OK;
}

static enum status on_image(struct fetch *fetch, const struct db_rows *rows)
{
    struct list *list = &fetch->facts->edc.image_series;
    const struct image_series *last = (const struct image_series *)list->last;
    const struct subject *subject =
        fetch_subject(fetch, last == NULL ? NULL : last->subject, db_column_integer(rows, 0));
    if (subject == NULL || !fetch_has_come(fetch, db_column_text(rows, 3), true)) {
        return STATUS_OK;
    }
    struct image_series *series = fetch_new(fetch, sizeof(*series));
    if (series == NULL) {
        return fetch_out_of_memory(fetch);
    }
    int64_t day;
    series->subject = subject;
    series->modality = fetch_text(fetch, rows, 1);
    series->n_slices = db_column_integer(rows, 2);
    series->on_date = fetch_date(fetch, rows, 3);
    series->age_days = date_first_day(series->on_date, &day) ? fetch->facts->as_of_day - day : 0;
    series->state = fetch_is_word(rows, 4, "pass")   ? IMAGE_PASSED
                    : fetch_is_word(rows, 4, "fail") ? IMAGE_FAILED
                                                     : IMAGE_PENDING;
    list_add(list, &series->node);
    return STATUS_OK;
}

/* A failed series is made good by one that passed, taken the same day or later. */
static void find_repeats(struct list *list)
{
    LIST_EACH(struct image_series, failed, list) {
        for (const struct image_series *other = (const struct image_series *)failed->node.next;
             other != NULL && other->subject == failed->subject;
             other = (const struct image_series *)other->node.next) {
            failed->is_repeated =
                failed->is_repeated || (other->state == IMAGE_PASSED &&
                                           compare_texts(other->on_date, failed->on_date) >= 0);
        }
    }
}

static enum status on_data_entry(struct fetch *fetch, const struct db_rows *rows)
{
    struct data_entry_person *person = fetch_new(fetch, sizeof(*person));
    if (person == NULL) {
        return fetch_out_of_memory(fetch);
    }
    person->name = fetch_text(fetch, rows, 1);
    person->first_at = db_column_integer(rows, 2);
    person->last_at = db_column_integer(rows, 3);
    person->n_changes = db_column_integer(rows, 4);
    list_add(&fetch->facts->edc.data_entry_people, &person->node);
    return person->name == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

enum status fetch_edc_outcomes(const struct ctx *ctx, struct fetch *fetch)
{
    struct db_value site_id = db_integer(fetch->base->site_id);
    enum status status = STATUS_OK;
    if (facts_has(fetch->base, "epro_response", NULL)) {
        status = fetch_rows(ctx, fetch, EPRO_SQL, &site_id, 1, on_response);
        if (status == STATUS_OK) {
            status = find_oddities(fetch);
        }
    }
    if (status == STATUS_OK && facts_has(fetch->base, "image_series", NULL)) {
        status = fetch_rows(ctx, fetch, IMAGES_SQL, &site_id, 1, on_image);
        find_repeats(&fetch->facts->edc.image_series);
    }
    return status;
}

enum status fetch_edc_data_entry(const struct ctx *ctx, struct fetch *fetch)
{
    if (!facts_has(fetch->base, "audit_trail", NULL) || !facts_has(fetch->base, "app_user", NULL)) {
        return STATUS_OK;
    }
    struct db_value values[] = {
        db_integer(fetch->base->site_id), db_integer(fetch->facts->as_of_end_ms)};
    return fetch_rows(ctx, fetch, DATA_ENTRY_SQL, values, 2, on_data_entry);
}
