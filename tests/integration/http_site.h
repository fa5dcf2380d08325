/* A server for the tests of the outgoing client: what came in last, and answers of several kinds.
 *
 *     site_start();
 *     get(ctx, site_url("/park"), …);      /hello /park /big /moved /broken, others: 404
 *     assert_true(site_wait(&site.n_left, 1));
 *     site_stop();
 */
#ifndef WALKIE_TESTS_HTTP_SITE_H
#define WALKIE_TESTS_HTTP_SITE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "http/server.h"

enum { SITE_WAIT_SECONDS = 20, SITE_BIG_LEN = 3 << 20, SITE_URL_MAX = 256 };

struct site {
    struct http_server *server;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct http_exchange *parked;
    unsigned int n_parked;
    unsigned int n_left; /* clients that went away while parked */
    unsigned int n_requests;
    /* Of the last request: */
    char traceparent[64];
    char tracestate[64];
    char timeout[32];
    char custom[64];
    char method[16];
    char body[64];
};
extern struct site site;

/* Exits the program on failure. */
void site_start(void);
void site_stop(void);

/* Count from zero again. */
void site_reset(void);

/* The url of a path; static storage, one for each thread. */
const char *site_url(const char *path);

/* Wait, bounded, until a count of the site's has come so far. */
bool site_wait(const unsigned int *count, unsigned int wanted);

/* Wait, bounded, until the contexts of all exchanges are gone. */
bool site_wait_quiet(void);

/* Give up the exchange that is parked. */
void site_drop_parked(void);

#endif
