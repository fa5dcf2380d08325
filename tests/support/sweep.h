/* The report service with its real handlers over a small demonstration study, and one call at a
 * time that something happens to at its k-th point: it is cancelled, its deadline expires, or its
 * caller's connection goes.
 *
 *     struct sweep_story story;
 *     sweep_call(sweep, &SWEEP_TARGETS[i], SWEEP_CANCEL, k, &story);
 *     assert_null(sweep_complaint(&story));
 *
 * Points are counted as they come: every ctx_checkpoint of the call's work on whatever thread, the
 * handler's return with its END still to be made, and every chunk that the caller receives. The
 * program is linked with -Wl,--wrap for ctx_checkpoint, log_event and rpc_call_finish: the product
 * needs no hook. At a point on a worker the blow is waited for, so that the k-th checkpoint is the
 * one that hears it.
 *
 * Callbacks and handlers only record; the test's thread waits (bounded) and asserts. */
#ifndef WALKIE_TESTS_SWEEP_H
#define WALKIE_TESTS_SWEEP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "crypto/sha256.h"
#include "rpc/channel.h"
#include "rpc/server.h"

enum sweep_blow {
    SWEEP_CANCEL,   /* the caller cancels: CANCEL goes over the wire */
    SWEEP_DEADLINE, /* the fake clock passes the deadline, on both sides at once */
    SWEEP_CLOSE,    /* the caller's channel is freed and its connection closed */
};

enum { SWEEP_WORD_MAX = 32, SWEEP_TIMEOUT_MS = 1000 };

struct sweep_target {
    const char *name;
    const struct rpc_method *method;
    int format; /* of AuditReport */
};
extern const struct sweep_target SWEEP_TARGETS[];
extern const size_t SWEEP_N_TARGETS;

/* One end of the call as a log line tells it. */
struct sweep_end_line {
    unsigned int n_lines;
    char status[SWEEP_WORD_MAX];
    char cause[SWEEP_WORD_MAX];
    char outcome[SWEEP_WORD_MAX];
};

/* What became of one call, as each side saw it. */
struct sweep_story {
    const struct sweep_target *target;
    enum sweep_blow blow;
    unsigned int blow_at; /* 0: before the call starts */
    unsigned int n_points;
    bool is_struck;
    bool is_struck_in_handler; /* at a checkpoint or the return, and waited for */
    unsigned int n_deaf;       /* blows that did not reach the handler's context in time */

    unsigned int n_entered; /* the handler */
    unsigned int n_returned;
    enum status returned;
    unsigned int n_finished; /* rpc_call_finish */
    enum status finished;
    struct sweep_end_line server; /* rpc.end of the service */
    struct sweep_end_line late;   /* rpc.end of the channel, for a caller who did not wait */

    unsigned int n_ends; /* on_end */
    unsigned int n_after_end;
    unsigned int n_replies;
    struct rpc_end end;
    uint64_t content_len;
    char sha256_told[SHA256_HEX_MAX];
    uint64_t n_bytes;
    char sha256_seen[SHA256_HEX_MAX];
};

/* The service, its study and a channel. */
struct sweep {
    enum sweep_blow blow;
    char folder[32];
    char spool_folder[48];
    struct service *service;
    struct rpc_server *server;
    struct rpc_channel *channel; /* SWEEP_CLOSE: NULL between calls */
    unsigned int n_descriptors;  /* when idle */
    unsigned int n_threads;
};

/* Makes the study, starts server and channel, and runs each target once, so that fonts and pools
 * are there. With a blow of SWEEP_DEADLINE the clock is the fake one until sweep_free. NULL: it
 * said why on stderr. */
struct sweep *sweep_new(enum sweep_blow blow);
void sweep_free(struct sweep *sweep); /* accepts NULL */

/* One call that is struck at its `blow_at`-th point, or completes before it gets there. Returns
 * when both sides have told its end, or after TEST_WAIT_SECONDS. */
void sweep_call(struct sweep *sweep, const struct sweep_target *target, unsigned int blow_at,
    struct sweep_story *ret_story);

/* What is untrue or missing in the story; NULL: nothing. A literal. */
const char *sweep_complaint(const struct sweep_story *story);

/* A channel that is connected; exits the program when there is none in time. */
struct rpc_channel *sweep_connect(const struct sweep *sweep);

/* What the service still holds, once it is idle, that it did not hold before: scopes, descriptors,
 * threads, files in the spool, calls, a transaction. Waits for it to be given back. NULL: nothing.
 * A literal. */
const char *sweep_leftover(struct sweep *sweep);

/* --- between the files of the sweep --- */

/* The call that runs now. One at a time in a program. */
struct sweep_now {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct sweep_story *story; /* NULL: none; what is told then belongs to nobody */
    struct ctx_scope *scope;   /* the caller's */
    bool is_close_wanted;
};
extern struct sweep_now sweep_now;

/* Wait, bounded by the real clock, until `is_so(arg)`; in small steps, for there are thousands. */
bool sweep_until(bool (*is_so)(void *arg), void *arg);
bool sweep_is_idle(void *sweep); /* the server has no call */

/* A point of the call. `ctx`, when not NULL, is the work's: the blow is waited for. */
void sweep_point(const struct ctx *ctx);

/* The service's methods, watched. */
const struct rpc_binding *sweep_bindings(size_t *ret_n_bindings);

#endif
