/* Faults on request, for demonstrations and tests: `--fault edc.delay=2s,ctms.error=0.1`.
 *
 *     status = fault_parse("edc.delay=2s,render.delay=50ms", &faults, &error);
 *
 * Known: edc.delay, ctms.delay (before a session's first statement), edc.error, ctms.error (share
 * of sessions that fail), render.delay (before each page), work.deaf
 * (share of Work calls that never ask their context), rpc.delay (before each handler that runs on a
 * worker), rpc.error (share of calls that are refused UNAVAILABLE). */
#ifndef WALKIE_SERVICE_FAULT_H
#define WALKIE_SERVICE_FAULT_H

#include <stdint.h>

#include "base/error.h"

struct faults {
    uint64_t edc_delay_ns;
    uint64_t ctms_delay_ns;
    double edc_error_rate; /* 0 to 1 */
    double ctms_error_rate;
    uint64_t render_delay_ns;
    double work_deaf_rate;
    uint64_t rpc_delay_ns;
    double rpc_error_rate;
};

/* Errors: INVALID_ARGUMENT names the word that is wrong and lists the known ones. */
MUST_USE enum status fault_parse(
    const char *text, struct faults *ret_faults, struct error *ret_error);

#endif
