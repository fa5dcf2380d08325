/* What is stored of one patient: read at the beginning, and again before anything is written, to
 * see by its digest whether it is still so. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/sources/dates.h"
#include "ctx/checkpoint.h"
#include "epro/internal.h"

static const char PATIENT_SQL[] =
    "SELECT s.subject_id, s.subject_no, s.status, s.first_dose_on, si.site_no, st.protocol_no,"
    " st.study_id FROM subject s JOIN site si ON si.site_id = s.site_id"
    " JOIN study st ON st.study_id = si.study_id WHERE s.subject_id = $1";

static const char EVENTS_SQL[] =
    "SELECT event_def_id, coalesce(name, oid), CASE WHEN repeating = 0 THEN target_day END,"
    " win_before, win_after FROM event_def WHERE study_id = $1 ORDER BY event_def_id";

static const char STORED_SQL[] =
    "SELECT resp_id, instrument, event_def_id, due_on, submitted_at, status, score, external_id,"
    " content_hash, severity, profile, n_missing, device, processed_at FROM epro_response"
    " WHERE subject_id = $1 ORDER BY resp_id";

static const char ANSWERS_SQL[] =
    "SELECT a.resp_id, a.link_id, a.value FROM epro_response r"
    " JOIN epro_answer a ON a.resp_id = r.resp_id WHERE r.subject_id = $1"
    " ORDER BY a.resp_id, a.link_id";

static const char ALERTS_SQL[] =
    "SELECT a.resp_id, a.kind, a.alert_id, a.link_id, a.value, a.closed_at, a.closed_reason"
    " FROM epro_response r JOIN epro_alert a ON a.resp_id = r.resp_id"
    " WHERE r.subject_id = $1 ORDER BY a.resp_id, a.alert_id";

enum { ROWS_PER_CHECKPOINT = 256 };

struct reading {
    struct arena *arena;
    struct sha256 *digest;
    struct epro_state *state;
    size_t capacity;           /* of the array that grows */
    struct epro_stored *found; /* whose answers or alerts come */
    void *last;                /* the last of them */
    struct error *error;
};

typedef enum status row_fn(struct reading *reading, const struct db_rows *rows);

static void free_rows(struct db_rows **rows)
{
    db_rows_free(*rows);
}

/* Every column as "LENGTH:TEXT," or "-,": no two different rows have the same digest. */
static void digest_row(struct sha256 *digest, const struct db_rows *rows, int n_columns)
{
    char head[24];
    for (int i = 0; i < n_columns; i++) {
        const char *text = db_column_text(rows, i);
        if (text == NULL) {
            sha256_update(digest, "-,", 2);
            continue;
        }
        size_t len = strlen(text);
        int head_len = snprintf(head, sizeof(head), "%zu:", len);
        sha256_update(digest, head, (size_t)head_len);
        sha256_update(digest, text, len);
        sha256_update(digest, ",", 1);
    }
    sha256_update(digest, ";", 1);
}

static enum status each_row(const struct ctx *ctx, struct db_session *session, const char *sql,
    int64_t key, int n_columns, struct reading *reading, row_fn *on_row)
{
    struct db_value value = db_integer(key);
    CLEANUP(free_rows) struct db_rows *rows = NULL;
    bool has_row = true;
    size_t n_rows = 0;
    enum status status = db_query(ctx, session, sql, &value, 1, &rows, reading->error);
    sha256_update(reading->digest, "|", 1);
    while (status == STATUS_OK) {
        status = db_next(ctx, rows, &has_row, reading->error);
        if (status != STATUS_OK || !has_row) {
            break;
        }
        digest_row(reading->digest, rows, n_columns);
        status = on_row(reading, rows);
        if (status == STATUS_OK && ++n_rows % ROWS_PER_CHECKPOINT == 0) {
            status = ctx_checkpoint(ctx, "read", n_rows, 0);
        }
    }
    if (status == STATUS_OK && arena_has_failed(reading->arena)) {
        status = epro_out_of_memory(reading->error);
    }
    return status;
}

static const char *text_of(struct reading *reading, const struct db_rows *rows, int column)
{
    return arena_copy_text(reading->arena, db_column_text(rows, column));
}

static enum status on_patient(struct reading *reading, const struct db_rows *rows)
{
    struct epro_state *state = reading->state;
    state->patient = (struct epro_patient){.subject_id = db_column_integer(rows, 0),
        .subject_no = text_of(reading, rows, 1),
        .site_no = text_of(reading, rows, 4),
        .study = text_of(reading, rows, 5),
        .study_id = db_column_integer(rows, 6)};
    const char *first_dose_on = db_column_text(rows, 3);
    state->has_first_dose =
        date_is_complete(first_dose_on) && date_first_day(first_dose_on, &state->first_dose_day);
    return STATUS_OK;
}

/* An array's room for one more; NULL when out of memory or above `max`, which `what` tells. */
static void *grow(struct reading *reading, void *array, size_t count, size_t size)
{
    enum { FIRST_CAPACITY = 32 };
    if (count < reading->capacity) {
        return array;
    }
    size_t capacity = reading->capacity == 0 ? FIRST_CAPACITY : reading->capacity * 2;
    void *grown = arena_alloc_array(reading->arena, capacity, size);
    if (grown != NULL && count > 0) {
        memcpy(grown, array, count * size);
    }
    reading->capacity = capacity;
    return grown;
}

static int64_t days_of(const struct db_rows *rows, int column)
{
    return db_column_is_null(rows, column) ? EPRO_WINDOW_DAYS : db_column_integer(rows, column);
}

static enum status on_event(struct reading *reading, const struct db_rows *rows)
{
    struct epro_state *state = reading->state;
    if (state->n_events >= EPRO_EVENTS_MAX) {
        return STATUS_OK;
    }
    state->events = grow(reading, state->events, state->n_events, sizeof(*state->events));
    if (state->events == NULL) {
        return epro_out_of_memory(reading->error);
    }
    state->events[state->n_events++] = (struct epro_event){.id = db_column_integer(rows, 0),
        .name = text_of(reading, rows, 1),
        .has_target_day = !db_column_is_null(rows, 2),
        .target_day = db_column_integer(rows, 2),
        .before = days_of(rows, 3),
        .after = days_of(rows, 4)};
    return STATUS_OK;
}

static const struct epro_event *event_of(const struct epro_state *state, int64_t id)
{
    for (size_t i = 0; i < state->n_events; i++) {
        if (state->events[i].id == id) {
            return &state->events[i];
        }
    }
    return NULL;
}

static enum status on_stored(struct reading *reading, const struct db_rows *rows)
{
    struct epro_state *state = reading->state;
    state->stored = grow(reading, state->stored, state->n_stored, sizeof(*state->stored));
    if (state->stored == NULL) {
        return epro_out_of_memory(reading->error);
    }
    struct epro_stored *stored = &state->stored[state->n_stored++];
    *stored = (struct epro_stored){.id = db_column_integer(rows, 0),
        .instrument_word = text_of(reading, rows, 1),
        .event = event_of(state, db_column_integer(rows, 2)),
        .due_on = text_of(reading, rows, 3),
        .submitted_at = db_column_integer(rows, 4),
        .status = text_of(reading, rows, 5),
        .has_score = !db_column_is_null(rows, 6),
        .score = db_column_real(rows, 6),
        .external_id = text_of(reading, rows, 7),
        .content_hash = text_of(reading, rows, 8),
        .severity = text_of(reading, rows, 9),
        .profile = text_of(reading, rows, 10),
        .has_n_missing = !db_column_is_null(rows, 11),
        .n_missing = db_column_integer(rows, 11)};
    stored->instrument =
        stored->instrument_word == NULL ? NULL : epro_instrument_of(stored->instrument_word);
    stored->has_due_day =
        date_is_complete(stored->due_on) && date_first_day(stored->due_on, &stored->due_day);
    return STATUS_OK;
}

/* Rows come in the order of the keys, as the responses did. */
static struct epro_stored *stored_of(struct reading *reading, int64_t id)
{
    struct epro_state *state = reading->state;
    struct epro_stored *end = state->stored + state->n_stored;
    struct epro_stored *at = reading->found == NULL ? state->stored : reading->found;
    while (at < end && at->id != id) {
        at++;
    }
    if (at != reading->found) {
        reading->last = NULL;
    }
    return reading->found = at < end ? at : NULL;
}

static enum status on_answer(struct reading *reading, const struct db_rows *rows)
{
    struct epro_stored *stored = stored_of(reading, db_column_integer(rows, 0));
    struct epro_stored_answer *answer = arena_alloc(reading->arena, sizeof(*answer));
    if (stored == NULL || answer == NULL) {
        return epro_out_of_memory(reading->error);
    }
    answer->link_id = text_of(reading, rows, 1);
    answer->value = text_of(reading, rows, 2);
    struct epro_stored_answer *last = reading->last;
    *(last == NULL ? &stored->answers : &last->next) = answer;
    reading->last = answer;
    return STATUS_OK;
}

static enum status on_alert(struct reading *reading, const struct db_rows *rows)
{
    struct epro_stored *stored = stored_of(reading, db_column_integer(rows, 0));
    struct epro_stored_alert *alert = arena_alloc(reading->arena, sizeof(*alert));
    if (stored == NULL || alert == NULL) {
        return epro_out_of_memory(reading->error);
    }
    *alert = (struct epro_stored_alert){.next = stored->alerts,
        .kind = text_of(reading, rows, 1),
        .id = db_column_integer(rows, 2),
        .link_id = text_of(reading, rows, 3),
        .has_value = !db_column_is_null(rows, 4),
        .value = db_column_real(rows, 4),
        .is_closed = !db_column_is_null(rows, 5),
        .closed_reason = text_of(reading, rows, 6)};
    stored->alerts = alert;
    return STATUS_OK;
}

enum status epro_state_read(const struct ctx *ctx, struct db_session *session, int64_t subject_id,
    struct arena *arena, struct epro_state *ret_state, struct error *ret_error)
{
    static const struct {
        const char *sql;
        int n_columns;
        bool is_of_study;
        row_fn *on_row;
    } STEPS[] = {
        {PATIENT_SQL, 7, false, on_patient},
        {EVENTS_SQL, 5, true, on_event},
        {STORED_SQL, 14, false, on_stored},
        {ANSWERS_SQL, 3, false, on_answer},
        {ALERTS_SQL, 7, false, on_alert},
    };
    struct epro_state state = {.n_events = 0};
    CLEANUP(sha256_free_at) struct sha256 *digest = sha256_new();
    if (digest == NULL) {
        return epro_out_of_memory(ret_error);
    }
    struct reading reading = {
        .arena = arena, .digest = digest, .state = &state, .error = ret_error};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < LENGTH_OF(STEPS) && status == STATUS_OK; i++) {
        reading.capacity = 0;
        reading.found = NULL;
        reading.last = NULL;
        int64_t key = STEPS[i].is_of_study ? state.patient.study_id : subject_id;
        status = each_row(
            ctx, session, STEPS[i].sql, key, STEPS[i].n_columns, &reading, STEPS[i].on_row);
    }
    if (status == STATUS_OK) {
        sha256_finish_hex(digest, state.digest);
        *ret_state = state;
    }
    return status;
}
