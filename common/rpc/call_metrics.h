/* What is counted of calls, on both sides: how many, how long, how soon they stopped when told.
 *
 *     call_metrics_served(method, status, elapsed_ns, trace_id); the server, when a call has ended
 *     call_metrics_ran(method, &account);                 the same, when a handler has
 *     call_metrics_called(method, status, elapsed_ns, trace_id); the client
 *     call_metrics_refused(method_name, status, "draining");
 *
 * Methods are known by the address of their name, a literal; looking one up costs nanoseconds and
 * no lock. Threads: any. Not here: what a caller waits for admission (rpc/admission). */
#ifndef WALKIE_RPC_CALL_METRICS_H
#define WALKIE_RPC_CALL_METRICS_H

#include "rpc/account.h"
#include "rpc/method.h"

enum { CALL_METRICS_METHODS_MAX = 256 }; /* a power of two; further methods are not counted */

/* Show the families before anything is counted. Servers and channels do it when they start. */
void call_metrics_declare(void);

/* What should stay 0 for a method that is served shows as 0: else its first increase is none. */
void call_metrics_declare_method(const struct rpc_method *method);

/* A call that became one has ended on the server, started or not. `trace_id`, here and below: an
 * exemplar's (obs/metrics.h), or NULL. */
void call_metrics_served(const struct rpc_method *method, enum status status, uint64_t elapsed_ns,
    const uint8_t *trace_id);

/* A handler has run, and what it cost: counts its CPU time by what became of the call, and how soon
 * it stopped if it was told to. Work that several calls share is counted here once. */
void call_metrics_ran(
    const struct rpc_method *method, const struct rpc_end *end, const uint8_t *trace_id);

/* A call has ended for its caller. */
void call_metrics_called(const struct rpc_method *method, enum status status, uint64_t elapsed_ns,
    const uint8_t *trace_id);

/* A call was refused; `why` is a literal. `method` is a method's name, NULL: no such method. Of a
 * refused call that call_metrics_served does not see the status is counted, too. */
void call_metrics_refused(const char *method, const char *why);
void call_metrics_refused_unseen(const char *method, enum status status, const char *why);

/* A handler did not stop in time. */
void call_metrics_deaf(const struct rpc_method *method);

#endif
