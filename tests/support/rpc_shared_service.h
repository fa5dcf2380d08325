/* Methods whose calls are shared, for the tests of common/rpc/server_flight.h. They are WorkRequest
 * in, and work until the gate of the test_service opens or until they are told to stop.
 *
 *     struct rpc_fixture *fixture = rpc_fixture_new("tcp://127.0.0.1:0", serve_shared);
 *     record_start(&first, ctx, fixture->channel, &SHARED_FILE, 1000);
 *     record_start(&second, ctx, fixture->channel, &SHARED_FILE, 1000);
 *     shared_wait_members(fixture->server, 2);
 *     test_service_open_gate(&fixture->service);
 *
 * Calls are equal when method, ms and shared_data_version are. */
#ifndef WALKIE_TESTS_RPC_SHARED_SERVICE_H
#define WALKIE_TESTS_RPC_SHARED_SERVICE_H

#include <stdatomic.h>

#include "support/rpc_fixture.h"

extern const struct rpc_method SHARED_ANSWER;   /* unary */
extern const struct rpc_method SHARED_FILE;     /* a stream of ms bytes, from a file */
extern const struct rpc_method SHARED_CHUNKS;   /* the same, in chunks */
extern const struct rpc_method SHARED_BROKEN;   /* chunks, then NOT_FOUND in words */
extern const struct rpc_method SHARED_DEFERRED; /* unary, deferred; finished with test_service's */
extern const struct rpc_method SHARED_PAUSE;    /* unary; pauses for its ms, then answers */
extern const struct rpc_method UNSHARED_ECHO;   /* EchoRequest -> EchoReply, on a worker */

extern _Atomic uint64_t shared_data_version;

/* Fits rpc_fixture_new: serves these instead of the ordinary ones, on two workers. */
void serve_shared(struct rpc_server_options *options);

/* Wait until so many calls in flight are members of flights. */
bool shared_wait_members(struct rpc_server *server, unsigned int n_members);

#endif
