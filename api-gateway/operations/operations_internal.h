/* What the parts of the operations share. Private to api-gateway/operations.
 *
 * One lock, the operations', guards the list and what of an operation says so. It is held for
 * moments only and nothing is called under it but ctx_cancel and worker_post. An operation has
 * three holders at most: the list until it is over, its call until the call's end, or its late end,
 * and a file job that waits.
 *
 * Phases: ADDING (the store), CALLING (the call runs, pieces are written), SETTLED (its result is
 * kept or dropped; perhaps waiting for what the service says became of the work), then it is over.
 */
#ifndef WALKIE_GATEWAY_OPERATIONS_INTERNAL_H
#define WALKIE_GATEWAY_OPERATIONS_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "operations/operations.h"

enum operation_phase { PHASE_ADDING, PHASE_CALLING, PHASE_SETTLED };

/* A chunk on its way to the file. Their sum is limited by the call's credit. */
struct piece {
    struct piece *next;
    size_t len;
    uint8_t data[];
};

/* A question that could not be answered at once. */
struct ticket {
    struct ticket *next;
    struct operations *operations;
    struct question question;
    struct worker_job job;
    uint64_t due_ns;     /* of a cancel: it is answered then, whatever there is */
    uint64_t look_at_ns; /* of another gateway's: the next look at the store */
};

struct operation {
    _Atomic int n_holders;
    struct operations *operations;
    struct operation *next; /* the list's, guarded */

    /* Constant from the start. */
    bool is_attached;
    const struct operation_events *events;
    void *arg;
    const struct rpc_method *method;
    const ProtobufCMessage *message; /* borrowed; NULL once the call has begun */
    bool (*read_head)(struct bytes message, struct operation_file *ret_file);
    struct store_key key;
    struct trace trace;
    struct rpc_metadata metadata;
    struct rpc_metadata_entry *metadata_copy;
    struct ctx_scope *trace_scope;
    struct ctx_scope *call_scope; /* its deadline; what a cancel cancels */
    struct ctx_scope *metadata_scope;
    enum ctx_origin origin;
    struct rpc_client_call *call;

    /* Guarded. */
    enum operation_phase phase;
    struct operation_record record;
    struct operation_file file_says;
    bool has_head;
    bool has_hole; /* there was no memory for a piece */
    bool is_ended;
    bool is_late_awaited; /* the call's hold is now the late end's */
    bool has_late_end;
    struct rpc_end end;
    struct piece *first_piece;
    struct piece *last_piece;
    struct ticket *waiting; /* cancels */
    uint64_t late_until_ns; /* 0: somebody has claimed it */
    uint64_t retry_at_ns;   /* the store failed; 0: it did not */
    uint64_t failed_ns;     /* when it failed first; 0: it did not */

    /* The file worker's, then the store worker's. */
    struct worker_job file_job;
    struct worker_job store_job;
    struct result_file *file;
    struct error file_error;
    bool is_kept;
};

struct operations {
    struct store *store;
    struct files *files;
    struct worker *file_worker;
    struct worker *store_worker;
    struct worker_job wake_job; /* does nothing: has the store's worker look at the time */
    struct rpc_channel *channel;
    void (*describe)(const struct operation_failure *failure, struct buffer *json);
    char gateway[OPERATION_ID_MAX];
    uint64_t keep_ns;
    uint64_t bytes_max;
    unsigned int running_max;
    unsigned int per_owner_max;

    pthread_mutex_t mutex; /* guards: */
    pthread_cond_t changed;
    struct operation *running;
    unsigned int n_running;
    unsigned int n_tickets;
    unsigned int n_holds;
    bool is_draining;
    bool is_stopping;
    bool is_stopped; /* no job is posted any more */

    /* The store worker's. */
    struct ticket *elsewhere; /* cancels of what other gateways run */
    uint64_t poll_at_ns;
    uint64_t beat_at_ns;
    uint64_t upkeep_at_ns;
    uint64_t expire_at_ns;
    uint64_t sweep_at_ns;
    bool has_store_failed;        /* said once */
    uint64_t store_down_until_ns; /* it has just failed: nobody waits for it to fail again */
};

/* --- running.c ------------------------------------------------------------------------------- */

void operation_unref(struct operation *operation);
/* Start the call: the record is there. On the store's worker, or of an attached one. */
void operation_call(struct operation *operation);

/* --- events.c -------------------------------------------------------------------------------- */

extern const struct rpc_call_events OPERATION_CALL_EVENTS;
worker_fn operation_write_pieces; /* the file job */
/* The call is over, with this end; `is_late`: more may be told. */
void operation_ended(struct operation *operation, const struct rpc_end *end, bool is_late);

/* Of one whose late end is awaited: whoever claims it has its end stored, once. With the lock. */
MUST_USE bool operation_claim_locked(struct operation *operation);

/* --- settle.c -------------------------------------------------------------------------------- */

worker_fn operation_store; /* the store job */
/* Take it out of the list, tell everybody, let go. `record`: how it ended. */
void operation_over(struct operation *operation, const struct operation_record *record);

/* --- questions.c ----------------------------------------------------------------------------- */

void ticket_answer(struct ticket *ticket, const struct question_answer *answer);
/* One record, or a failure when it is NULL. */
void ticket_answer_record(
    struct ticket *ticket, const struct operation_record *record, const struct error *error);
/* Look at the cancels that wait for another gateway. */
void questions_look_elsewhere(struct operations *operations, uint64_t now_ns);
/* The record as it is now: what is too old is removed. */
void operation_record_age(struct operation_record *record);

/* --- upkeep.c -------------------------------------------------------------------------------- */

worker_tick_fn operations_tick;
/* Running records of gateways that have ended become failed. */
void operations_bury_lost(struct operations *operations);
/* Remove results until `bytes_more` have room. */
MUST_USE enum status operations_make_room(
    struct operations *operations, uint64_t bytes_more, struct error *ret_error);
/* At the start and every OPERATIONS_SWEEP_NS: files that no record knows. */
void operations_sweep_files(struct operations *operations);
/* Whether the store has failed so lately that it is not asked: *ret_error says so. A server that
 * hangs would else keep everybody waiting, one after the other. */
MUST_USE bool operations_store_is_down(struct operations *operations, struct error *ret_error);
/* The store works again, or does not. */
void operations_note_store(
    struct operations *operations, enum status status, const struct error *error);

/* Find by id; `owner` NULL: whoever's. With the lock. */
struct operation *operations_find_locked(
    struct operations *operations, const char *id, const char *owner);

#endif
