/* Two classes of calls, one with one worker and one with two, whose handlers tests/integration's
 * rpc_admission_test.c drives:
 *
 *     *state = rpc_fixture_new("tcp://127.0.0.1:0", admission_service_use); */
#ifndef WALKIE_TESTS_RPC_ADMISSION_SERVICE_H
#define WALKIE_TESTS_RPC_ADMISSION_SERVICE_H

#include "support/rpc_fixture.h"

enum { SINGLE_QUEUE_MAX = 12 };

/* WorkRequest -> WorkReply. Of the class with one worker, */
extern const struct rpc_method NAP;   /* takes its ms */
extern const struct rpc_method HOLD;  /* runs until the gate opens */
extern const struct rpc_method NOTE;  /* writes down who asked */
extern const struct rpc_method PAUSE; /* pauses for its ms, then writes down who asked */
/* and of the one with two. */
extern const struct rpc_method HOLD_TWO;
extern const struct rpc_method LATER; /* deferred; finished after its ms by a timer */

void admission_service_use(struct rpc_server_options *options);

/* Forget what was seen. */
void admission_service_reset(void);
/* The first letters of the principals in the order in which NOTE ran. Valid until the next call. */
const char *admission_service_order(void);
/* The most HOLDs that ran at once. */
unsigned int admission_service_n_running_max(void);
/* How many NAPs and LATERs have begun. */
unsigned int admission_service_n_naps(void);

#endif
