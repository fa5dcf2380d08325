/* One call from start to end, on the thread that waits for it: progress is shown, a stream's bytes
 * are written as they come (and only then is credit given back), and a caller that gave up still
 * waits a moment for what the service says became of the work.
 *
 *     struct call_run run = {.channel = channel, .method = &method, .request = message, …};
 *     status = call_run(ctx, &run, &error);
 *     … run.account, run.reply …
 *     call_run_finish(&run);
 *
 * Not here: JSON. The request and the reply are the messages' bytes. */
#ifndef WALKIE_CALL_CALL_RUN_H
#define WALKIE_CALL_CALL_RUN_H

#include "call/account.h"
#include "call/output.h"
#include "call/progress.h"
#include "rpc/channel.h"

enum {
    CALL_LATE_END_WAIT_MS = 2000, /* for the service's END after we gave up */
    CALL_TICK_MS = 200,           /* how often a terminal's time left is renewed */
};

struct call_run {
    struct rpc_channel *channel;
    const struct rpc_method *method; /* borrowed, as all of these */
    const ProtobufCMessage *request;
    const struct ctx_scope
        *scope;            /* cancelled when the output fails; encloses the call's context */
    struct output *output; /* a stream's bytes; NULL: they are dropped */
    struct progress *progress;
    /* What comes of it. */
    struct buffer reply; /* the answer, or a stream's head */
    bool has_reply;
    struct account account;
};

/* Errors: RESOURCE_EXHAUSTED (the call was not made), UNAVAILABLE (the output: see the text; the
 * call was cancelled). How the call itself ended is run->account.end.
 * Ownership: `run` may be used by late callbacks until the channel is freed: call_run_finish after
 *            that. */
MUST_USE enum status call_run(const struct ctx *ctx, struct call_run *run, struct error *ret_error);
void call_run_finish(struct call_run *run);

#endif
