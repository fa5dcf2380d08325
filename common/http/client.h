/* Outgoing HTTP that listens to its context: over libcurl, blocking the calling thread.
 *
 *     const struct http_client_request request = {.method = "GET", .url = url};
 *     CLEANUP(http_client_reply_finish) struct http_client_reply reply = {0};
 *     status = http_client_call(ctx, client, &request, &reply, &error);
 *     if (status == STATUS_OK && reply.status_code == 200) { parse(buffer_bytes(&reply.body)); }
 *
 * The call ends when its context is done, within milliseconds, wherever it stands: looking up the
 * name, connecting, waiting, reading; the connection is closed, so that the server can tell. It
 * takes the trace along (traceparent, a span of its own) and what is left of the deadline
 * (X-Request-Timeout), so that the other side can stop by itself. An HTTP status is an answer, not
 * a failure. Redirects are not followed: where a call goes is said by whoever makes it.
 *
 * Not here: proxies (those of the environment are ignored), cookies, streaming, retries. */
#ifndef WALKIE_HTTP_CLIENT_H
#define WALKIE_HTTP_CLIENT_H

#include "base/bytes.h"
#include "base/error.h"
#include "ctx/ctx.h"

struct http_client; /* shared by threads */

enum {
    HTTP_CLIENT_IDLE_MAX = 8,                /* connections that are kept for the next call */
    HTTP_CLIENT_CONNECT_TIMEOUT_MS = 10000,  /* of contexts that would wait longer */
    HTTP_CLIENT_REPLY_MAX_DEFAULT = 8 << 20, /* bytes of an answer's body */
    HTTP_CLIENT_HEAD_MAX = 16 << 10,         /* bytes of an answer's header fields */
    HTTP_CLIENT_FIELDS_MAX = 32,             /* of a request, besides our own */
};

struct http_client_options {
    const char *user_agent; /* "report-service/0.1.0"; borrowed until http_client_free */
    const char *ca_file; /* PEM file of the authorities that count; NULL: the system's; borrowed */
};

struct http_client_field {
    const char *name;
    const char *value;
};

struct http_client_request {
    const char *method; /* "GET", "POST" */
    const char *url;    /* http:// or https:// */
    const struct http_client_field *fields;
    size_t n_fields;
    struct bytes body; /* of a POST; Content-Type is one of the fields */
    size_t reply_max;  /* bytes of the answer's body; 0: HTTP_CLIENT_REPLY_MAX_DEFAULT */
};

struct http_client_reply {
    int status_code;
    struct buffer head; /* the header fields as they came, one a line */
    struct buffer body;
};

/* NULL when out of memory. Freed when no call is under way. */
MUST_USE struct http_client *http_client_new(const struct http_client_options *options);
void http_client_free(struct http_client *client); /* accepts NULL */

/* Make one call and wait for the whole answer. A macro that passes the place of the call on, for
 * the detached-call detector (obs/detached.h). Ownership: borrows all of it for the call;
 * *ret_reply is set on OK, to be finished by the caller. Threads:   any. Errors:    the context's;
 * UNAVAILABLE (refused, no such name, TLS, broken off: the text says which); INVALID_ARGUMENT (url,
 * method, a field); RESOURCE_EXHAUSTED (answer too long, memory). Texts name scheme, host and port
 * of the url and no more of it. */
MUST_USE enum status http_client_call_from(struct ctx_site site, const struct ctx *ctx,
    struct http_client *client, const struct http_client_request *request,
    struct http_client_reply *ret_reply, struct error *ret_error);
#define http_client_call(...) http_client_call_from(CTX_HERE, __VA_ARGS__)

/* The value of the first header field of that name, case aside, up to the end of its line; len 0:
 * absent. Borrowed from the reply. */
struct bytes http_client_reply_field(const struct http_client_reply *reply, const char *name);

void http_client_reply_finish(struct http_client_reply *reply); /* accepts zeros */

#endif
