/* Errors as the client sees them: RFC 9457 problem+json with the trace id, the status's name, the
 * cause and who set the deadline.
 *
 *     problem_respond(exchange, &(struct problem){.status = STATUS_NOT_FOUND, .detail =
 * error.text});
 */
#ifndef WALKIE_GATEWAY_PROBLEM_H
#define WALKIE_GATEWAY_PROBLEM_H

#include "ctx/ctx.h"
#include "http/server.h"
#include "obs/trace.h"
#include "rpc/account.h"

struct problem {
    enum status status;
    int http_code;             /* 0: the status's */
    const char *detail;        /* for people; NULL: the status's text */
    enum ctx_cause cause;      /* NONE: left out */
    unsigned int cause_hop;    /* hops from here to where that arose; 0: here */
    enum ctx_origin origin;    /* of the deadline; NONE: left out */
    unsigned int origin_hop;   /* hops from here to where that was made */
    const struct trace *trace; /* NULL: none */
    uint64_t retry_after_ms;   /* 0: one second where the status is retryable */
};

/* Answer. Threads: any. */
void problem_respond(struct http_exchange *exchange, const struct problem *problem);

/* The same object as a line of JSON, where it is not an answer of its own. Errors:
 * RESOURCE_EXHAUSTED. */
MUST_USE enum status problem_write(const struct problem *problem, struct buffer *buffer);

/* What a call's failed end means to the client. Its detail is the end's; an end that is OK stands
 * for an answer that could not be read. */
struct problem problem_of_end(const struct rpc_end *end);

/* The code that it has, or that its status has. */
int problem_http_code(const struct problem *problem);

/* The same for requests that the server refuses itself, before there is a route (access.c). */
void problem_for_server(int status_code, const char *detail, const struct trace *trace,
    struct http_error_answer *answer);

#endif
