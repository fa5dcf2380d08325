/* Operations: calls that outlive the request that asked for them, and their results.
 *
 *     status = operations_new(&options, &operations, &error);
 *     status = operation_start(operations, &start, &operation, &error);     on_started follows
 *     status = operations_ask(operations, &question, &error);               on_answer follows
 *     operations_stop(operations);  rpc_channel_free(channel);  operations_free(operations);
 *
 * An operation has a context of its own: its deadline and its trace are the request's, its end is
 * not. It runs in this process; its record and its result are in a store and a folder that outlive
 * it. One that is *attached* belongs to a client who waits (an event stream): its context is the
 * client's, and there is no record before it is done.
 *
 * How one comes to its end: the call's END; the last piece is written; the result is synced and
 * renamed; the record is committed; only then does anybody hear of it. A record says done exactly
 * when the whole result is there. When the gateway is killed in between, the record says failed
 * ("the gateway stopped while it ran") and the file is swept. Nothing is run again by itself: the
 * one who asked may have gone.
 *
 * Threads: requests come from loops, which never block here. One worker does what touches the
 * store, another what touches files. Callbacks run on workers, on connections' threads, or within
 * the call where that is said. Not here: HTTP (api/operation*.c). */
#ifndef WALKIE_GATEWAY_OPERATIONS_OPERATIONS_H
#define WALKIE_GATEWAY_OPERATIONS_OPERATIONS_H

#include <protobuf-c/protobuf-c.h>

#include "operations/files.h"
#include "operations/record.h"
#include "operations/store.h"
#include "operations/worker.h"
#include "rpc/channel.h"
#include "rpc/metadata.h"

struct operations;
struct operation; /* counted; callbacks borrow it */

#define OPERATIONS_BEAT_NS CLOCK_SECONDS(2)   /* a running operation's lease is renewed */
#define OPERATIONS_LEASE_NS CLOCK_SECONDS(10) /* without that, others take it for lost */
#define OPERATIONS_POLL_NS CLOCK_MS(250)      /* another gateway's cancel is seen within this */
#define OPERATIONS_CANCEL_WAIT_NS CLOCK_SECONDS(2) /* a cancel waits so long for the END */
#define OPERATIONS_LATE_NS CLOCK_SECONDS(5)        /* the END itself is waited for so long */
#define OPERATIONS_DRAIN_AWAY_NS CLOCK_SECONDS(3)  /* who drains waits so long for the store */
#define OPERATIONS_UPKEEP_NS CLOCK_SECONDS(2)      /* lost ones are looked for */
#define OPERATIONS_SWEEP_NS CLOCK_SECONDS(3600)    /* files that no record knows are */
enum {
    OPERATIONS_RUNNING_MAX_DEFAULT = 64,   /* in this process: 429 */
    OPERATIONS_PER_OWNER_MAX_DEFAULT = 16, /* of one principal: 429 */
    OPERATIONS_QUESTIONS_MAX = 1024,       /* waiting for the store: 503 */
    OPERATIONS_ROWS_MAX = 100000,          /* records; the oldest finished ones go */
};

/* What the head of a call's stream says of the file that follows. */
struct operation_file {
    char content_type[OPERATION_TYPE_MAX];
    char filename[OPERATION_FILENAME_MAX];
    char filename_utf8[OPERATION_FILENAME_MAX];
    char sha256[OPERATION_SHA256_MAX];       /* that the file must have; "": not told */
    char content_hash[OPERATION_SHA256_MAX]; /* of what is in it, whatever its format; "": not told
                                              */
    int64_t len;                             /* -1: not known before its end */
};

/* How an operation failed, for the words that the client gets. */
struct operation_failure {
    const struct rpc_end *end;
    enum ctx_origin origin; /* of its deadline */
    const struct trace *trace;
};

struct operations_options {
    const char *uri;            /* of the store */
    const char *folder;         /* of the results */
    uint64_t keep_ns;           /* since the end */
    uint64_t bytes_max;         /* of all results */
    unsigned int running_max;   /* 0: the default */
    unsigned int per_owner_max; /* 0: the default */
    struct rpc_channel *channel;
    /* Write the problem as JSON, at most OPERATION_PROBLEM_MAX bytes. */
    void (*describe)(const struct operation_failure *failure, struct buffer *json);
};

/* Open store and folder, start the workers. What a killed gateway left is swept.
 * Ownership: `options` is borrowed for the call, its channel until operations_free.
 * Errors: UNAVAILABLE, DATA_LOSS, INVALID_ARGUMENT: they name what is wrong. */
MUST_USE enum status operations_new(const struct operations_options *options,
    struct operations **ret_operations, struct error *ret_error);

/* Take no new ones and wait until those that run have ended. One whose end the store does not take
 * fails after OPERATIONS_DRAIN_AWAY_NS. Errors: the context's. Accepts NULL. */
MUST_USE enum status operations_drain(const struct ctx *ctx, struct operations *operations);

/* End what still runs (failed, cause server_draining), answer what was asked, stop the workers.
 * Before the channel is freed; no request may come any more. Accepts NULL. */
void operations_stop(struct operations *operations);
void operations_free(struct operations *operations); /* after the channel; accepts NULL */

/* --- starting -------------------------------------------------------------------------------- */

struct operation_events {
    /* The record is kept and the call has begun, or failed to; `is_new` false: it is the one that
     * came with the same key before, and `operation` is NULL. Not for attached ones. */
    void (*on_started)(void *arg, enum status status, const struct operation_record *record,
        bool is_new, const struct error *error);
    /* Of an attached one, before its call begins, within operation_start. May be NULL. */
    void (*on_accepted)(void *arg);
    void (*on_progress)(void *arg, const struct progress *progress, uint64_t remaining_ns);
    /* The end, as the record has it, and as the call had it; exactly once, when on_started said
     * that it is new, or of an attached one. The last callback. */
    void (*on_finished)(
        void *arg, const struct operation_record *record, const struct rpc_end *end);
};

struct operation_start {
    const char *owner;
    const char *path; /* with the query */
    const struct trace *trace;
    const struct rpc_metadata *metadata; /* of the call; NULL: none */
    const struct ctx
        *ctx; /* deadline and its origin are taken from it; an attached one lives in it */
    bool is_attached;
    struct store_key key;
    const struct rpc_method *method;
    const ProtobufCMessage *message;
    /* Read the stream's head. False: it cannot be read. */
    bool (*read_head)(struct bytes message, struct operation_file *ret_file);
    const struct operation_events *events; /* static */
    void *arg;
};

/* Start one. Everything is borrowed until on_started (attached: until this returns), `arg` until
 * the last callback. Never blocks.
 * Errors: RESOURCE_EXHAUSTED (too many run: in all, of the owner; memory), UNAVAILABLE (draining);
 * no callback runs then. */
MUST_USE enum status operation_start(
    struct operations *operations, const struct operation_start *start, struct error *ret_error);

/* --- asking ---------------------------------------------------------------------------------- */

enum question_kind {
    QUESTION_GET,    /* one record */
    QUESTION_LIST,   /* some */
    QUESTION_CANCEL, /* make it end; answered when it has, or after OPERATIONS_CANCEL_WAIT_NS */
    QUESTION_RESULT, /* one record, and its file when it is done */
};

/* The answer's status: OK; NOT_FOUND (none, or not the owner's); UNAVAILABLE (the store). One that
 * was to be cancelled and is over already is OK, too: its state says so. */
struct question_answer {
    enum status status;
    const struct operation_record *records;
    size_t n_records;
    int fd;        /* QUESTION_RESULT: the file, taken by on_answer; -1: it is not here */
    bool was_over; /* QUESTION_CANCEL: before anybody asked */
    const struct error *error;
};

struct question {
    enum question_kind kind;
    const char *owner;         /* NULL: whoever's it is; borrowed till the answer, like `arg` */
    char id[OPERATION_ID_MAX]; /* QUESTION_LIST: those before it; "": the newest */
    size_t n_max;              /* QUESTION_LIST */
    void (*on_answer)(void *arg, const struct question_answer *answer);
    void *arg;
};

/* Ask. `on_answer` runs once: within the call when what is asked is in memory, else on a worker.
 * Errors: UNAVAILABLE (too much is asked; stopped): it does not run. */
MUST_USE enum status operations_ask(
    struct operations *operations, const struct question *question, struct error *ret_error);

/* Where blocking reads of results belong. Who uses it holds the operations: operations_stop waits
 * for those. */
struct worker *operations_hold(struct operations *operations);
void operations_release(struct operations *operations);

#endif
