/* A laboratory to try with: serves a file of results over HTTP, well or badly.
 *
 *     lab_server_start(&(struct lab_server_options){.listen = "127.0.0.1:0", .path = file}, &lab,
 *         &error);
 *     lab_server_set_fault(lab, LAB_FAULT_HANG, 1, 0);         the next request
 *     lab_server_wait_left(lab, 1, CLOCK_SECONDS(5));          its client has gone
 *     lab_server_stop(lab);
 *
 * For demonstrations and tests. The interface that it serves: audit/lab/README.md. Not here:
 * authentication, TLS. */
#ifndef WALKIE_STAND_IN_LAB_SERVER_H
#define WALKIE_STAND_IN_LAB_SERVER_H

#include "base/clock.h"
#include "stand_in/lab_results.h"

enum lab_fault {
    LAB_FAULT_NONE,
    LAB_FAULT_DELAY,     /* the right answer, after delay_ns */
    LAB_FAULT_HANG,      /* no answer at all */
    LAB_FAULT_503,       /* Service Unavailable */
    LAB_FAULT_429,       /* Too Many Requests, Retry-After in whole seconds of delay_ns */
    LAB_FAULT_GARBAGE,   /* bytes that are no JSON */
    LAB_FAULT_TRUNCATED, /* the right answer, cut in the middle, as if it were whole */
    LAB_FAULT_RESET,     /* the right answer, broken off in the middle */
    LAB_FAULT_DRIP,      /* the right answer, a byte every delay_ns */
    LAB_FAULT_TYPE,      /* an HTML page */
    LAB_FAULT_REDIRECT,  /* to somewhere else */
    LAB_FAULT_TEXT,      /* what lab_server_set_text has set, as application/json */
};
enum { LAB_FAULTS = LAB_FAULT_TEXT + 1 };

enum { LAB_SERVER_FIELD_MAX = 96, LAB_SERVER_SLOW_MAX = 64 };

struct lab_server;

struct lab_server_options {
    const char *listen;    /* "127.0.0.1:0" */
    const char *path;      /* the file of results (lab_results.h) */
    size_t n_page_results; /* 0: LAB_PAGE_DEFAULT */
};

/* Errors: those of lab_results_read and of http_server_start. */
MUST_USE enum status lab_server_start(const struct lab_server_options *options,
    struct lab_server **ret_server, struct error *ret_error);
void lab_server_stop(struct lab_server *server); /* accepts NULL */

const char *lab_server_address(const struct lab_server *server);

/* The fault of the next `n_requests` requests, UINT_MAX: of all. Threads: any. */
void lab_server_set_fault(
    struct lab_server *server, enum lab_fault fault, unsigned int n_requests, uint64_t delay_ns);

/* What LAB_FAULT_TEXT answers; borrowed until the next one is set or the server stops. */
void lab_server_set_text(struct lab_server *server, const char *text);

/* "hang", "delay" …; false when it is none of them. */
MUST_USE bool lab_fault_parse(const char *name, enum lab_fault *ret_fault);

/* What has been seen so far. */
struct lab_server_seen {
    unsigned int n_requests;
    unsigned int n_left;                    /* clients that went before they had their answer */
    char traceparent[LAB_SERVER_FIELD_MAX]; /* of the last request; "": none */
    char timeout[LAB_SERVER_FIELD_MAX];     /* its X-Request-Timeout */
    char user_agent[LAB_SERVER_FIELD_MAX];
};
void lab_server_seen(struct lab_server *server, struct lab_server_seen *ret_seen);

/* Wait until so many requests have come, or clients left. False: not within `timeout_ns`. */
MUST_USE bool lab_server_wait_requests(
    struct lab_server *server, unsigned int n_requests, uint64_t timeout_ns);
MUST_USE bool lab_server_wait_left(
    struct lab_server *server, unsigned int n_left, uint64_t timeout_ns);

#endif
