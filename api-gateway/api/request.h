/* One HTTP request on its way through the gateway: its trace, its deadline, its parameters, and the
 * call it is waiting for.
 *
 *     struct request *request = request_new(gateway, exchange, route);
 *     status = request_prepare(request, &error);           deadline, parameters
 *     request_call(request, &REPORT_ECHO, &message.base, &EVENTS);
 *
 * The request's context derives from the exchange's, so that it is done when the client has left,
 * and adds the trace and the deadline. Two hold the request: the exchange until it is over
 * (on_done) and the call until its END; the last one frees it. */
#ifndef WALKIE_GATEWAY_REQUEST_H
#define WALKIE_GATEWAY_REQUEST_H

#include <protobuf-c/protobuf-c.h>
#include <stdatomic.h>

#include "api/gateway.h"
#include "api/live.h"
#include "api/parameters.h"
#include "api/problem.h"
#include "auth/identity.h"
#include "auth/limits.h"
#include "auth/permission.h"
#include "base/error.h"
#include "crypto/sha256.h"
#include "obs/trace.h"
#include "rpc/metadata.h"
#include "traces/store.h"

struct request;
typedef enum status route_handler_fn(struct request *request, struct error *ret_error);

struct operation_file; /* operations/operations.h */
/* What the head of a call's stream says of the file that follows. False: it cannot be read. */
typedef bool route_head_fn(struct bytes message, struct operation_file *ret_file);

/* A body that is no list of parameters: it is handed on as it came. */
struct route_body {
    const char *types; /* that it may be of: "application/json, text/csv" */
    size_t len_max;    /* bytes; a longer one is 413. With the message around it it must fit
                        * RPC_FRAME_MAX */
};

struct route {
    const char *method;  /* "GET"; "GET, POST" */
    const char *pattern; /* "/v1/centers/{center}/audit-report": one {…}, a whole segment */
    enum permission permission;         /* what its caller must have; request_may */
    const struct parameter *parameters; /* that it understands, besides timeout; NULL: none */
    const struct route_body *body;      /* NULL: a body is parameters as a JSON object */
    uint64_t timeout_default_ns; /* of requests that bring no deadline; 0: it makes no call */
    uint64_t timeout_max_ns;     /* the cap */
    route_head_fn *read_head;    /* of an answer that is a file (report_work.h); NULL: it is none */
    int (*http_code)(enum status status); /* of a failure; NULL, 0: the status's own */
    /* Answers where its call failed; NULL: problem+json. */
    void (*on_failure)(struct request *request, const struct problem *problem);
    bool is_fault;             /* there only with --allow-faults */
    route_handler_fn *handler; /* answers, or starts a call; a failure is answered by the caller */
};

enum {
    PATH_ARGUMENT_MAX = 128,  /* bytes of a {…} segment, with the NUL: longer is 404 */
    REQUEST_METADATA_MAX = 3, /* the principal; what it may; tracestate */
    REQUEST_CLIENT_MAX = 56,  /* bytes of a client's address, with the NUL */
};

/* What is known of it for its trace (request_trace.h): of the exchange by the loop, of the call by
 * who ends that; the last holder reads both. */
struct request_tracing {
    struct trace_record *record; /* NULL: not recorded while it runs */
    const struct rpc_method *method;
    uint64_t deadline_ns; /* 0: none was made */
    enum ctx_origin origin;
    uint64_t end_ns; /* of the exchange */
    uint64_t elapsed_ns;
    int http_status;
    uint64_t bytes;
    enum ctx_cause cause;
    uint64_t cancelled_ns;
    bool was_called;
    enum status call_status;
    enum ctx_cause call_cause;
    uint64_t call_end_ns;
    uint64_t queue_ns;
    uint64_t run_ns;
    bool is_noted; /* by on_reply, for the head of the answer that it makes (timing.h) */
    uint64_t noted_queue_ns;
    uint64_t noted_run_ns;
};

struct request {
    _Atomic int n_holders;
    struct gateway *gateway;
    struct http_exchange *exchange; /* referenced */
    const struct route *route;
    struct identity *identity;       /* counted; NULL: nobody is asked who it is */
    struct limits_ticket ticket;     /* given back with the request */
    char client[REQUEST_CLIENT_MAX]; /* its address without the port: "127.0.0.1", "[::1]" */
    struct trace trace;
    bool has_caller;   /* a traceparent came */
    char *trace_state; /* TRACESTATE_TEXT_MAX bytes; NULL: none came */
    struct request_tracing tracing;
    struct ctx_scope *trace_scope;
    struct ctx_scope *deadline_scope;
    const struct ctx *ctx;        /* of the deadline scope */
    struct rpc_metadata metadata; /* of its calls: REQUEST_METADATA_MAX entries */
    struct rpc_metadata_entry metadata_entries[REQUEST_METADATA_MAX];
    struct ctx_scope *metadata_scope;
    uint64_t start_ns;
    struct parameters parameters;
    struct rpc_client_call *call; /* while a call is under way; NULL otherwise */
    struct live_entry live;       /* while a call is under way */
    bool is_answer_begun;         /* the head of a stream has been sent on */
    char sha256[SHA256_HEX_MAX];  /* of what was answered, for the access log; "": not known */
    void *extra;                  /* a handler's own; freed with the request */
    void (*free_extra)(void *extra);
    char path_argument[]; /* the {…} segment; "": the route has none */
};

/* NULL when out of memory. Takes a reference to the exchange and becomes its data; copies the
 * path's argument. */
MUST_USE struct request *request_new(struct gateway *gateway, struct http_exchange *exchange,
    const struct route *route, const char *path_argument);
struct request *request_ref(struct request *request); /* returns it */
void request_unref(struct request *request);          /* accepts NULL */

/* The context of the request's calls, with what they tell the service beside their messages. Once
 * a request. */
const struct ctx *request_call_ctx(struct request *request);

/* Read deadline and parameters. Errors: INVALID_ARGUMENT names the header or parameter. */
MUST_USE enum status request_prepare(struct request *request, struct error *ret_error);

/* Who asks: the authenticated name, else the client's address. It owns operations and traces, and
 * the service shares out by it. Lives as long as the request. Threads: any. */
const char *request_principal(const struct request *request);

/* Whether whoever asks has this permission, whatever the site. Where nobody is asked who it is
 * everybody may all but PERMISSION_UNBLINDED, which --unblinded gives to all. Threads: any. */
bool request_may(const struct request *request, enum permission permission);

/* Tell the client, and the access log, the SHA-256 of what it is answered. */
void request_respond_sha256(struct request *request, const char *sha256);

/* Start the request's call; `events` get the request as their argument and must end with
 * request_end_call in on_end. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status request_call(struct request *request, const struct rpc_method *method,
    const ProtobufCMessage *message, const struct rpc_call_events *events, struct error *ret_error);

/* What a call's failed end means to the client. Its texts are the end's and the request's; an end
 * that is OK stands for an answer that could not be read. */
struct problem request_problem(const struct request *request, const struct rpc_end *end);

/* on_end of a call whose answer on_reply makes; `arg` is the request. */
void request_on_end(void *arg, const struct rpc_end *end);

/* For on_reply: the answer, 200, with line breaks for people; takes `json`. NULL, or without
 * memory: there is none, and on_end says so. */
struct cJSON;
void request_respond_json(struct request *request, struct cJSON *json);

/* The last thing in every on_end: the call is over. When no answer was begun one is made from
 * `end`: problem+json for a failure, 500 for an answer that could not be read. When one was begun
 * and the call failed the connection is broken off, so that the client can tell. */
void request_end_call(struct request *request, const struct rpc_end *end);

#endif
