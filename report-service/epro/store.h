/* Step 5's parts: what must be written, and the writing of rows. For store*.c alone. */
#ifndef WALKIE_EPRO_STORE_H
#define WALKIE_EPRO_STORE_H

#include "epro/internal.h"
#include "schema/audit_append.h"

enum epro_action {
    EPRO_ACTION_NONE,
    EPRO_ACTION_INSERT,  /* a row of its own */
    EPRO_ACTION_FILL,    /* the row that waits for it */
    EPRO_ACTION_AMEND,   /* other answers in place of those that are stored */
    EPRO_ACTION_RESCORE, /* what is computed of answers that are stored */
};

/* What becomes of a response; alerts that change make it a RESCORE at least. */
enum epro_action epro_action_of(const struct epro_job *job, const struct epro_response *response);

/* Whether alerts of the response are raised or end (store_alerts.c). */
bool epro_alerts_change(const struct epro_response *response);

/* A transaction at work. */
struct epro_writing {
    const struct ctx *ctx;
    struct epro_job *job;
    struct db_session *session;
    struct arena *texts; /* of the audit trail, dropped at the end */
    struct audit_append *append;
    int64_t user_id;
    const char *reason;
    int64_t next_response_id;
    int64_t next_alert_id;
    struct db_statement *update;  /* of a row that is there */
    struct db_statement *discard; /* of its answers */
    struct db_statement *end_alert;
    struct db_bulk *responses;
    struct db_bulk *answers;
    struct db_bulk *alerts;
    size_t n_written;
    size_t n_alerts;
    size_t n_alerts_closed;
    bool has_inserted;
    struct error *error;
};

/* Statements, the end of the trail, the next keys. */
MUST_USE enum status epro_writing_open(struct epro_writing *writing);
void epro_writing_close(struct epro_writing *writing); /* before the session ends */

/* Changes of a row that is there; nothing for the other actions. Before all additions, so that
 * these go out together. */
MUST_USE enum status epro_write_change(
    struct epro_writing *writing, struct epro_response *response, enum epro_action action);

/* New rows, and what the audit trail says of all of it. */
MUST_USE enum status epro_write_addition(
    struct epro_writing *writing, struct epro_response *response, enum epro_action action);

/* Alerts that end, of a row that is there: before those that are raised, since of one kind one is
 * open. Then those, with what the trail says of both. */
MUST_USE enum status epro_end_alerts(
    struct epro_writing *writing, const struct epro_response *response);
MUST_USE enum status epro_raise_alerts(
    struct epro_writing *writing, const struct epro_response *response, int64_t response_id);

/* A row of the audit trail; `new_value` NULL: out of memory. */
MUST_USE enum status epro_write_trail(
    struct epro_writing *writing, const char *action, const char *old_value, const char *new_value);

/* What the trail says: `text` is NULL when out of memory. */
const char *epro_text_of_stored(struct arena *arena, const struct epro_stored *stored);
const char *epro_text_of_response(
    struct arena *arena, const struct epro_response *response, int64_t id, const char *status_word);

#endif
