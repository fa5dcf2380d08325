/* What the gateway's handlers share.
 *
 *     struct gateway gateway = {.channel = channel, .allow_faults = false};
 *     options.on_request = gateway_on_request;     routes.c
 *     options.on_done = gateway_on_done;           access.c
 *     options.on_error = gateway_on_error;         access.c
 *     options.on_batch = gateway_on_batch;         request.c
 *     options.body_max_of = gateway_body_max;      request_body.c
 */
#ifndef WALKIE_GATEWAY_H
#define WALKIE_GATEWAY_H

#include <stdatomic.h>

#include "api/live.h"
#include "http/server.h"
#include "rpc/channel.h"

struct operations;    /* operations/operations.h */
struct authenticator; /* auth/authenticator.h */
struct limits;        /* auth/limits.h */
struct access_log;    /* auth/access_log.h */
struct trace_store;   /* traces/store.h */

struct gateway {
    struct rpc_channel *channel;
    struct trace_store *traces;          /* NULL: none are kept */
    struct operations *operations;       /* NULL: none are kept */
    struct live live;                    /* requests that wait for a call */
    char *openapi;                       /* the interface's description; NULL: no memory */
    bool allow_faults;                   /* whether /v1/work and /v1/sleep are there */
    struct authenticator *authenticator; /* NULL: nobody is asked who it is */
    struct limits *limits;               /* NULL: none */
    struct limits *strangers;            /* of who has no good token; beside authenticator */
    struct access_log *access_log;       /* NULL: none */
    bool is_unblinded;        /* every requester of this gateway may see treatment data */
    _Atomic bool is_draining; /* /readyz says no */
};

/* `arg` is the struct gateway. */
http_handler_fn gateway_on_request;
http_done_fn gateway_on_done;
http_error_fn gateway_on_error;
http_batch_fn gateway_on_batch;    /* calls of one batch leave together */
http_body_max_fn gateway_body_max; /* what a route says */

#endif
