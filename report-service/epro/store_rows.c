/* The rows of a response and its answers, with what the audit trail says of them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "epro/store.h"

enum { LINK_MAX = 24 };

static const char UPDATE_SQL[] =
    "UPDATE epro_response SET submitted_at = $2, score = $3, status = $4, external_id = $5,"
    " content_hash = $6, severity = $7, profile = $8, n_missing = $9, processed_at = $10"
    " WHERE resp_id = $1";

static const char DISCARD_SQL[] = "DELETE FROM epro_answer WHERE resp_id = $1";

static const char END_ALERT_SQL[] =
    "UPDATE epro_alert SET closed_at = $2, closed_reason = $3 WHERE alert_id = $1";

static const char NEXT_KEYS_SQL[] =
    "SELECT (SELECT coalesce(max(resp_id), 0) + 1 FROM epro_response),"
    " (SELECT coalesce(max(alert_id), 0) + 1 FROM epro_alert)";

static void free_rows(struct db_rows **rows)
{
    db_rows_free(*rows);
}

static enum status read_next_keys(struct epro_writing *writing)
{
    CLEANUP(free_rows) struct db_rows *rows = NULL;
    bool has_row = false;
    enum status status =
        db_query(writing->ctx, writing->session, NEXT_KEYS_SQL, NULL, 0, &rows, writing->error);
    if (status == STATUS_OK) {
        status = db_next(writing->ctx, rows, &has_row, writing->error);
    }
    if (status == STATUS_OK && has_row) {
        writing->next_response_id = db_column_integer(rows, 0);
        writing->next_alert_id = db_column_integer(rows, 1);
    }
    return status;
}

enum status epro_writing_open(struct epro_writing *writing)
{
    const struct ctx *ctx = writing->ctx;
    struct db_session *session = writing->session;
    struct {
        const char *table;
        const char *columns;
        struct db_bulk **bulk;
    } LOADS[] = {
        {"epro_response",
            "resp_id,subject_id,instrument,event_def_id,due_on,submitted_at,score,status,"
            "external_id,content_hash,severity,profile,n_missing,processed_at",
            &writing->responses},
        {"epro_answer", "resp_id,link_id,value", &writing->answers},
        {"epro_alert", "alert_id,resp_id,kind,link_id,value,raised_at", &writing->alerts},
    };
    enum status status = read_next_keys(writing);
    if (status == STATUS_OK) {
        status = audit_append_user(
            ctx, session, writing->job->request->principal, &writing->user_id, writing->error);
    }
    if (status == STATUS_OK) {
        status = db_prepare(ctx, session, UPDATE_SQL, &writing->update, writing->error);
    }
    if (status == STATUS_OK) {
        status = db_prepare(ctx, session, DISCARD_SQL, &writing->discard, writing->error);
    }
    if (status == STATUS_OK) {
        status = db_prepare(ctx, session, END_ALERT_SQL, &writing->end_alert, writing->error);
    }
    for (size_t i = 0; i < LENGTH_OF(LOADS) && status == STATUS_OK; i++) {
        status = db_bulk_open(
            ctx, session, LOADS[i].table, LOADS[i].columns, LOADS[i].bulk, writing->error);
    }
    if (status == STATUS_OK) {
        status = audit_append_open(ctx, session, &writing->append, writing->error);
    }
    return status;
}

void epro_writing_close(struct epro_writing *writing)
{
    audit_append_free(writing->append);
    db_bulk_free(writing->alerts);
    db_bulk_free(writing->answers);
    db_bulk_free(writing->responses);
    db_statement_free(writing->end_alert);
    db_statement_free(writing->discard);
    db_statement_free(writing->update);
}

static struct db_value score_value(const struct epro_result *result)
{
    return result->has_score ? db_real(result->score) : db_null();
}

/* A row that a source filled keeps what the source says of its time. */
static const char *status_word(const struct epro_response *response, enum epro_action action)
{
    return action == EPRO_ACTION_RESCORE ? response->slot.stored->status
           : response->result->is_late   ? "late"
                                         : "submitted";
}

enum status epro_write_change(
    struct epro_writing *writing, struct epro_response *response, enum epro_action action)
{
    if (action == EPRO_ACTION_NONE || action == EPRO_ACTION_INSERT) {
        return STATUS_OK;
    }
    const struct epro_result *result = response->result;
    const struct epro_stored *stored = response->slot.stored;
    bool is_rescore = action == EPRO_ACTION_RESCORE;
    const struct db_value values[] = {db_integer(stored->id), db_integer(result->submitted_at),
        score_value(result), db_text(status_word(response, action)),
        db_text(is_rescore ? stored->external_id : response->fhir.external_id),
        db_text(is_rescore ? stored->content_hash : response->content_hash),
        db_text(result->severity), db_text(result->profile), db_integer(result->n_missing),
        db_integer(writing->job->now_ms)};
    enum status status =
        db_run(writing->ctx, writing->update, values, LENGTH_OF(values), writing->error);
    if (status == STATUS_OK && !is_rescore) {
        const struct db_value key = db_integer(stored->id);
        status = db_run(writing->ctx, writing->discard, &key, 1, writing->error);
    }
    return status == STATUS_OK ? epro_end_alerts(writing, response) : status;
}

enum status epro_write_trail(
    struct epro_writing *writing, const char *action, const char *old_value, const char *new_value)
{
    if (new_value == NULL || arena_has_failed(writing->texts)) {
        return epro_out_of_memory(writing->error);
    }
    const struct audit_row row = {.at = writing->job->now_ms,
        .user_id = writing->user_id,
        .action = action,
        .old_value = old_value,
        .new_value = new_value,
        .reason = writing->reason};
    return audit_append_add(writing->ctx, writing->append, &row, writing->error);
}

static enum status add_row(
    struct epro_writing *writing, const struct epro_response *response, int64_t id)
{
    const struct epro_result *result = response->result;
    const struct epro_event *event = response->slot.event;
    const struct db_value values[] = {db_integer(id),
        db_integer(writing->job->state.patient.subject_id), db_text(result->instrument),
        event == NULL ? db_null() : db_integer(event->id), db_text(result->due_on),
        db_integer(result->submitted_at), score_value(result),
        db_text(status_word(response, EPRO_ACTION_INSERT)), db_text(response->fhir.external_id),
        db_text(response->content_hash), db_text(result->severity), db_text(result->profile),
        db_integer(result->n_missing), db_integer(writing->job->now_ms)};
    return db_bulk_add(writing->ctx, writing->responses, values, LENGTH_OF(values), writing->error);
}

static enum status add_answer(
    struct epro_writing *writing, int64_t id, const char *link_id, double value)
{
    char text[LINK_MAX];
    snprintf(text, sizeof(text), "%.10g", value);
    const struct db_value values[] = {db_integer(id), db_text(link_id), db_text(text)};
    return db_bulk_add(writing->ctx, writing->answers, values, LENGTH_OF(values), writing->error);
}

static enum status add_answers(
    struct epro_writing *writing, const struct epro_response *response, int64_t id)
{
    char link_id[LINK_MAX];
    enum status status = STATUS_OK;
    for (size_t i = 0; i < response->instrument->n_items && status == STATUS_OK; i++) {
        if (response->has_value[i]) {
            snprintf(link_id, sizeof(link_id), "q%zu", i + 1);
            status = add_answer(writing, id, link_id, response->values[i]);
        }
    }
    if (status == STATUS_OK && response->result->has_vas) {
        status = add_answer(writing, id, "vas", response->result->vas);
    }
    return status;
}

enum status epro_write_addition(
    struct epro_writing *writing, struct epro_response *response, enum epro_action action)
{
    if (action == EPRO_ACTION_NONE) {
        return STATUS_OK;
    }
    bool is_new = action == EPRO_ACTION_INSERT;
    const struct epro_stored *stored = response->slot.stored;
    int64_t id = is_new ? writing->next_response_id++ : stored->id;
    enum status status = is_new ? add_row(writing, response, id) : STATUS_OK;
    if (status == STATUS_OK && action != EPRO_ACTION_RESCORE) {
        status = add_answers(writing, response, id);
    }
    if (status == STATUS_OK) {
        status = epro_write_trail(writing, is_new ? "insert" : "update",
            is_new ? NULL : epro_text_of_stored(writing->texts, stored),
            epro_text_of_response(writing->texts, response, id, status_word(response, action)));
    }
    if (status == STATUS_OK) {
        status = epro_raise_alerts(writing, response, id);
    }
    response->result->response_id = status == STATUS_OK ? id : response->result->response_id;
    writing->has_inserted = writing->has_inserted || action != EPRO_ACTION_RESCORE;
    writing->n_written++;
    return status;
}
