/* The report service with its real handlers, and one report at a time that is cancelled in a phase
 * that is named: how long it then goes on, and whether anything of it stays.
 *
 *     struct stop_service *service = stop_service_new(&options);
 *     stop_service_try(service, STOP_IN_RULES, &result);
 *     assert_true(result.is_reached && result.is_cancelled && result.leftover == NULL);
 *     … result.stop_ns …
 *     stop_service_free(service);
 *
 * The caller cancels: CANCEL goes over the wire to a service of this process. Phases that a
 * checkpoint tells are struck from inside, by the working thread at that checkpoint, and go on
 * working until the cancel arrives. Waiting phases are struck by the caller once the wait has
 * begun. The clock runs from the cancel until the handler has returned (slow client: until the call
 * is gone, for its handler has returned long before).
 *
 * The program is linked with STOP_SERVICE_WRAPS (tests/CMakeLists.txt): the product needs no hook.
 * Uses no cmocka, so that a benchmark can have it. One service a process. */
#ifndef WALKIE_TESTS_STOP_SERVICE_H
#define WALKIE_TESTS_STOP_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

enum stop_phase {
    STOP_IN_CONNECT, /* to a server that accepts and says nothing (PostgreSQL only) */
    STOP_IN_POOL_WAIT,
    STOP_IN_QUERY, /* one that would take for ever */
    STOP_IN_FETCH, /* between two rows */
    STOP_IN_LAB_WAIT,
    STOP_IN_RECONCILE,
    STOP_IN_KRI,
    STOP_IN_RULES,
    STOP_IN_SECTIONS,
    STOP_IN_HASH,
    STOP_IN_LAYOUT, /* the first pass over the document */
    STOP_IN_PAGE_WRITE,
    STOP_IN_FONTS, /* cairo embeds fonts in one go */
    STOP_IN_SLOW_CLIENT,
};
enum { STOP_PHASES = STOP_IN_SLOW_CLIENT + 1 };

struct stop_service;

struct stop_options {
    const char *edc_uri; /* filled; for STOP_IN_QUERY a table of it is hidden for a moment */
    const char *ctms_uri;
    const char *lab_path; /* what its laboratory has (stand_in/lab_results.h) */
    const char *site_no;
};

struct stop_result {
    bool is_reached;      /* the phase was */
    bool is_cancelled;    /* the caller's END, and the handler's status where it had one */
    uint64_t stop_ns;     /* from the cancel on */
    const char *leftover; /* what the process still holds of it; NULL: nothing */
};

/* Says why on standard error. NULL: it could not be started. */
MUST_USE struct stop_service *stop_service_new(const struct stop_options *options);
void stop_service_free(struct stop_service *service); /* accepts NULL */

/* "connect", "pool_wait" …: the benchmark's words. */
const char *stop_phase_name(enum stop_phase phase);

/* How long work may go on at most that is cancelled in the phase. */
uint64_t stop_phase_limit_ns(enum stop_phase phase);

/* Whether the service's databases have such a phase. */
bool stop_service_has_phase(const struct stop_service *service, enum stop_phase phase);

void stop_service_try(
    struct stop_service *service, enum stop_phase phase, struct stop_result *ret_result);

/* A whole report; false when it does not come, or is another one than the first. */
MUST_USE bool stop_service_report(struct stop_service *service);

#endif
