/* How much one client may ask for: requests a second (a token bucket) and requests at once.
 *
 *     uint64_t client = limits_client(limits, 'p', bytes_of("ana"));
 *     switch (limits_enter(limits, client, clock_now_ns(), &ticket, &retry_after_ns)) { … }
 *     limits_leave(limits, &ticket);                          when the request is over
 *
 * A client is a principal, else an address; an IPv6 address counts by its /64, which is what one
 * household has. The table has a fixed size: 8 clients share a set, and the one that asked longest
 * ago and has nothing under way makes room; when all of a set are busy a newcomer is refused.
 *
 * Threads: any; an entry is a lock that few share and eight comparisons, below 300 ns. Where no
 * limit is set there is no table, and nothing is asked. Not here: fairness between principals in
 * the service (rpc/scheduler.h), floods of connections (http/server.h). */
#ifndef WALKIE_GATEWAY_AUTH_LIMITS_H
#define WALKIE_GATEWAY_AUTH_LIMITS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"

enum {
    LIMITS_SETS = 1024,
    LIMITS_WAYS = 8,             /* clients of a set: 8,192 in all */
    LIMITS_STRANGERS_RATE = 100, /* requests a second of an address without a good token, when no
                                    other rate is set: then no signature is computed for it */
};

struct limits_options {
    uint32_t rate;          /* requests a second in the long run; 0: as many as come */
    uint32_t burst;         /* that may come at once; 0: as many as `rate`, at least 1 */
    uint32_t in_flight_max; /* at once; 0: as many as come */
};

struct limits;

/* NULL: out of memory. */
MUST_USE struct limits *limits_new(const struct limits_options *options);
void limits_free(struct limits *limits); /* accepts NULL */

enum limits_verdict {
    LIMITS_GO_ON,
    LIMITS_TOO_FAST, /* *ret_retry_after_ns says when one more may come */
    LIMITS_TOO_MANY, /* at once; or the table is full of busy clients */
};

struct limits_ticket {
    uint64_t client; /* 0: none was taken */
};

/* The number of a client: of a name in one of several kinds (a letter each). Never 0. */
uint64_t limits_client(const struct limits *limits, char kind, struct bytes name);

/* The same of an address: "10.0.0.1", "[2001:db8::1]". */
uint64_t limits_address(const struct limits *limits, const char *address);

/* Ask, and count what is let in until limits_leave. */
MUST_USE enum limits_verdict limits_enter(struct limits *limits, uint64_t client, uint64_t now_ns,
    struct limits_ticket *ret_ticket, uint64_t *ret_retry_after_ns);
void limits_leave(struct limits *limits, struct limits_ticket *ticket);

/* Whether one more would be LIMITS_TOO_FAST; nothing is counted. */
bool limits_is_exhausted(struct limits *limits, uint64_t client, uint64_t now_ns);

/* Count one more against the rate alone: a request that was refused for its token. */
void limits_charge(struct limits *limits, uint64_t client, uint64_t now_ns);

#endif
