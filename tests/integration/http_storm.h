/* A storm: clients that leave at any moment, answers from other threads at any moment, a server
 * that stops at any moment. Every parked request ends exactly once.
 *
 *     storm_run(storm_len(), 1, false, be_client);
 *
 * The client is the caller's: a thread's function that sends requests for as long as storm_next
 * says so. WALKIE_HTTP_STORM=100000 makes it as long as one likes. */
#ifndef WALKIE_TESTS_HTTP_STORM_H
#define WALKIE_TESTS_HTTP_STORM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { STORM_WAIT_MS = 20000 };

struct storm;

/* Park, answer and leave until `n_requests` have been sent; then the sums are checked. A server
 * stopped midway goes away under all of it. */
void storm_run(unsigned int n_requests, unsigned int n_loops, bool is_stopped_midway,
    void *(*client)(void *storm));

/* Have the servers from now on speak it. */
struct http_tls;
void storm_use_tls(struct http_tls *tls);

/* WALKIE_HTTP_STORM, or the default. */
unsigned int storm_len(void);

/* Whether one more request may be sent. Claims it. */
bool storm_next(struct storm *storm);

/* A client has waited in vain: the test will fail. */
void storm_hung(struct storm *storm);

int storm_connect(const struct storm *storm); /* -1: no server any more */

/* Burn a random little while, so that answers meet every moment of a client's leaving. */
void storm_dawdle(unsigned int *seed);

#endif
