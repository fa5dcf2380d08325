/* One call of patient-reported outcomes on its way through the five steps (epro/epro.h): with a
 * pace it waits before each of them without a worker, it has a budget over them, and it says in the
 * log, in its spans and by its stage where it is.
 *
 *     struct epro_work *work = epro_work_new(call, service);
 *     work->request.subject_no = message->patient; …
 *     return epro_work_run(ctx, call, work);            from now on it is its own
 *
 * Whose patient somebody else has changed by the time it would store begins again with what is
 * there now. However it ends in another step than the last, nothing was stored: epro.stopped says
 * in which. Not here: messages (epro.c), what is answered (epro_reply.c). */
#ifndef WALKIE_SERVICE_EPRO_WORK_H
#define WALKIE_SERVICE_EPRO_WORK_H

#include "api/service.h"
#include "ctx/budget.h"
#include "epro/epro.h"
#include "rpc/authority.h"

enum {
    EPRO_PACE_MS_MAX = 60000,
    EPRO_TRIES_MAX = 4, /* of one call, where others change its patient meanwhile */
};

struct epro_work;

/* Answer what the job has come to: rpc_call_reply. */
typedef enum status epro_reply_fn(struct rpc_server_call *call, const struct epro_work *work);

struct epro_work {
    ProtobufCMessage *message; /* the request, which `request` borrows from; freed with the work */
    struct epro_request request;
    uint32_t pace_ms;
    const char *language; /* its tag; "": SERVICE_LANGUAGE_DEFAULT */
    epro_reply_fn *reply;

    /* The work's own. */
    struct authority authority;
    struct db *edc;
    struct epro_job *job;
    int n_tries; /* begun; only in the first one it waits */
    struct ctx_budget budget;
    int step;      /* 1 … EPRO_STEPS: that it is in, or waits for */
    bool is_paced; /* it has waited for it */
    uint64_t step_ns[EPRO_STEPS];
};

/* Takes `message`. NULL: out of memory; it is freed. */
MUST_USE struct epro_work *epro_work_new(
    const struct rpc_server_call *call, ProtobufCMessage *message);

/* Takes `work`; a handler returns what this returns. Errors: INVALID_ARGUMENT (pace, language),
 * those of the steps, the context's, RESOURCE_EXHAUSTED (also: it cannot be done in its time). */
MUST_USE enum status epro_work_run(const struct ctx *ctx, struct rpc_server_call *call,
    struct service *service, struct epro_work *work);

/* epro_reply.c. */
epro_reply_fn epro_reply_process;
epro_reply_fn epro_reply_submit;

#endif
