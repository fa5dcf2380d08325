/* An OpenTelemetry collector that takes, waits, refuses or talks nonsense, by its path: /ok, /hang,
 * /busy (503 once, Retry-After 1), /weak (502 twice), /never (429), /no (400), /elsewhere (307),
 * /garbage. */
#ifndef WALKIE_TESTS_OTLP_COLLECTOR_H
#define WALKIE_TESTS_OTLP_COLLECTOR_H

#include <stdint.h>

enum { COLLECTOR_TIMES = 8 };

/* What came so far. */
struct collector_seen {
    unsigned int n_requests;
    uint64_t at_ns[COLLECTOR_TIMES]; /* of request n, at n % COLLECTOR_TIMES */
    char header[128];                /* X-Key of the last one */
    const char *body;                /* of the last one; valid until the next look */
};
struct collector_seen collector_look(void);

int collector_start(void **state);
int collector_stop(void **state);
const char *collector_address(void);
void collector_reset(void);
/* Wait, bounded. Fails the test when they do not come. */
void collector_wait(unsigned int n_requests);
void collector_drop_parked(void);

#endif
