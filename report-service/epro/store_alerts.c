/* What becomes of a response's alerts. The newest of a kind speaks for it: what the answers say now
 * raises another one when it is worse, or when that one's cause was gone meanwhile. An open alert
 * ends when it is superseded so, or when the answers deny its cause. What they leave open (an item
 * without an answer, a total that cannot be made) ends nothing. */
#include <inttypes.h>
#include <stdio.h>

#include "epro/store.h"

#define SUPERSEDED "superseded"
#define CAUSE_GONE "cause_gone"

static const struct epro_stored_alert *stored_alerts(const struct epro_response *response)
{
    return response->slot.stored == NULL ? NULL : response->slot.stored->alerts;
}

static bool is_raised(const struct epro_response *response, const struct epro_alert *alert)
{
    const struct epro_stored_alert *newest = stored_alerts(response);
    while (newest != NULL && !epro_is_same_text(newest->kind, alert->kind)) {
        newest = newest->next;
    }
    return newest == NULL || epro_is_same_text(newest->closed_reason, CAUSE_GONE) ||
           (newest->has_value && alert->value > newest->value);
}

/* Whether the answers say that there is no reason for such an alert. */
static bool is_denied(const struct epro_response *response, const char *kind)
{
    const struct epro_instrument *instrument = response->instrument;
    if (instrument->alert_item > 0 && epro_is_same_text(kind, instrument->alert_item_kind)) {
        return response->has_value[instrument->alert_item - 1];
    }
    return epro_is_same_text(kind, EPRO_ALERT_OF_TOTAL) && response->result->has_score;
}

/* Why this alert ends; NULL: it does not. */
static const char *end_of(
    const struct epro_response *response, const struct epro_stored_alert *stored)
{
    const struct epro_alert *alert = response->result->alerts;
    if (stored->is_closed) {
        return NULL;
    }
    while (alert != NULL && !epro_is_same_text(alert->kind, stored->kind)) {
        alert = alert->next;
    }
    if (alert != NULL) {
        return is_raised(response, alert) ? SUPERSEDED : NULL;
    }
    return is_denied(response, stored->kind) ? CAUSE_GONE : NULL;
}

bool epro_alerts_change(const struct epro_response *response)
{
    const struct epro_alert *alert = response->result->alerts;
    const struct epro_stored_alert *stored = stored_alerts(response);
    while (alert != NULL && !is_raised(response, alert)) {
        alert = alert->next;
    }
    while (stored != NULL && end_of(response, stored) == NULL) {
        stored = stored->next;
    }
    return alert != NULL || stored != NULL;
}

enum status epro_end_alerts(struct epro_writing *writing, const struct epro_response *response)
{
    enum status status = STATUS_OK;
    for (const struct epro_stored_alert *stored = stored_alerts(response);
         stored != NULL && status == STATUS_OK; stored = stored->next) {
        const char *reason = end_of(response, stored);
        if (reason != NULL) {
            const struct db_value values[] = {
                db_integer(stored->id), db_integer(writing->job->now_ms), db_text(reason)};
            status =
                db_run(writing->ctx, writing->end_alert, values, LENGTH_OF(values), writing->error);
        }
    }
    return status;
}

/* What the trail says of one; `reason` NULL: it is open. */
static const char *text_of(struct epro_writing *writing, int64_t alert_id, int64_t response_id,
    const struct epro_alert *alert, const char *reason)
{
    return arena_printf(writing->texts,
        "epro_alert/%" PRId64 ": resp_id=%" PRId64 "; kind=%s; link_id=%s; value=%.10g%s%s",
        alert_id, response_id, alert->kind, alert->link_id == NULL ? "" : alert->link_id,
        alert->value, reason == NULL ? "" : "; closed_reason=", reason == NULL ? "" : reason);
}

static enum status tell_ends(
    struct epro_writing *writing, const struct epro_response *response, int64_t response_id)
{
    enum status status = STATUS_OK;
    for (const struct epro_stored_alert *stored = stored_alerts(response);
         stored != NULL && status == STATUS_OK; stored = stored->next) {
        const char *reason = end_of(response, stored);
        if (reason != NULL) {
            const struct epro_alert alert = {
                .kind = stored->kind, .link_id = stored->link_id, .value = stored->value};
            status = epro_write_trail(writing, "update",
                text_of(writing, stored->id, response_id, &alert, NULL),
                text_of(writing, stored->id, response_id, &alert, reason));
            writing->n_alerts_closed++;
        }
    }
    return status;
}

enum status epro_raise_alerts(
    struct epro_writing *writing, const struct epro_response *response, int64_t response_id)
{
    enum status status = tell_ends(writing, response, response_id);
    for (const struct epro_alert *alert = response->result->alerts;
         alert != NULL && status == STATUS_OK; alert = alert->next) {
        if (!is_raised(response, alert)) {
            continue;
        }
        const struct db_value values[] = {db_integer(writing->next_alert_id),
            db_integer(response_id), db_text(alert->kind), db_text(alert->link_id),
            db_real(alert->value), db_integer(writing->job->now_ms)};
        status =
            db_bulk_add(writing->ctx, writing->alerts, values, LENGTH_OF(values), writing->error);
        if (status == STATUS_OK) {
            status = epro_write_trail(writing, "insert", NULL,
                text_of(writing, writing->next_alert_id, response_id, alert, NULL));
        }
        writing->next_alert_id++;
        writing->n_alerts++;
    }
    return status;
}
