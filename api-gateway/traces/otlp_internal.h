/* What otlp.c and otlp_send.c share. */
#ifndef WALKIE_GATEWAY_TRACES_OTLP_INTERNAL_H
#define WALKIE_GATEWAY_TRACES_OTLP_INTERNAL_H

#include <pthread.h>

#include "http/client.h"
#include "traces/otlp.h"

struct otlp_item {
    struct otlp_item *next;
    struct trace_facts facts; /* holds its log */
    size_t bytes;             /* as they were counted */
    uint64_t ready_ns;        /* the request's end */
};

struct otlp {
    struct otlp_options options;
    struct http_client *client;
    struct ctx_scope *scope; /* of the calls to the collector */
    pthread_t thread;
    char header_name[OTLP_HEADER_MAX];
    char header_value[OTLP_HEADER_MAX]; /* "": no header */
    bool is_failing;                    /* the thread's: what was logged last */
    uint64_t random;                    /* the thread's; for the jitter */

    pthread_mutex_t mutex;  /* guards what follows */
    pthread_cond_t changed; /* for the thread */
    pthread_cond_t idle;    /* for who drains */
    struct otlp_item *first;
    struct otlp_item **end;
    size_t n_queued;
    size_t bytes;
    bool is_sending;
    bool is_draining;
    bool is_stopping;
};

/* What became of requests: the label `outcome` of walkie_otlp_requests_total. */
enum otlp_outcome {
    OTLP_SENT,
    OTLP_QUEUE_FULL,
    OTLP_REFUSED,     /* the collector does not want them */
    OTLP_UNREACHABLE, /* after all attempts */
    OTLP_NO_MEMORY,
    OTLP_STOPPED, /* the gateway ended first */
    OTLP_OUTCOMES,
};
void otlp_count(enum otlp_outcome outcome, size_t n);

/* Split --otlp-header, or read the file it names. */
MUST_USE enum status otlp_read_header(struct otlp *otlp, struct error *ret_error);

/* Send a batch, with as many attempts as it may have; count what became of it. On the thread. */
void otlp_send(struct otlp *otlp, struct otlp_item *const *batch, size_t n);

/* Wait. False: the exporter drains or stops, and there is no time for another attempt. */
MUST_USE bool otlp_pause(struct otlp *otlp, uint64_t until_ns);

#endif
