/* A method as both sides know it: one row of a service's table.
 *
 *     const struct rpc_method REPORT_ECHO = {
 *         .name = "walkie.report.v1.ReportService/Echo",
 *         .kind = RPC_UNARY,
 *         .flags = RPC_INLINE | RPC_IDEMPOTENT,
 *         .timeout_default_ns = CLOCK_SECONDS(5),
 *         .timeout_max_ns = CLOCK_SECONDS(30),
 *     };
 *
 * Methods that use the same thing up share a class, which bounds how many of them run at once and
 * wait: no class can take another's workers.
 *
 * protobuf-c's descriptors know only name, input and output; a test compares these rows with what
 * protoc says. Not here: handlers (rpc/server.h binds them). */
#ifndef WALKIE_RPC_METHOD_H
#define WALKIE_RPC_METHOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum rpc_kind {
    RPC_UNARY,         /* CALL -> REPLY, or END */
    RPC_SERVER_STREAM, /* CALL -> REPLY (the head), CHUNK …, END */
};

enum {
    RPC_INLINE =
        1 << 0, /* the handler never blocks and takes microseconds: it runs on the I/O thread */
    RPC_IDEMPOTENT = 1 << 1, /* making the call twice is harmless: it may be retried */
    RPC_FAULT = 1 << 2,      /* for demonstrations: refused unless faults are allowed */
    RPC_QUIET = 1 << 3,      /* logged at debug level only (rpc/quiet.h) */
    RPC_OPEN = 1 << 4,       /* no interceptor is asked: anybody may call it */
};

/* Zeros mean: the server's (rpc_server_options). */
struct rpc_class {
    const char *name;         /* a token: for logs and pages */
    unsigned int max_running; /* calls at once; never more than the server's n_workers */
    unsigned int queue_max;   /* calls that may wait; besides, calls that may pause */
    bool is_cpu;              /* its work is CPU: never more at once than the process has CPUs, or
                               * all of them would finish late */
};

struct rpc_method {
    const char *name;
    enum rpc_kind kind;
    unsigned int flags;
    uint64_t timeout_default_ns; /* of calls that bring no deadline */
    uint64_t timeout_max_ns;     /* the cap on what a caller may bring */
    const struct rpc_class
        *class; /* NULL: "default", with the server's bounds; not of INLINE ones */
    /* What a call's time depends on most, in any unit: times are learnt by powers of two of it.
     * Runs on the I/O thread: it must be quick. NULL: the request's length. */
    uint64_t (*size_of)(struct bytes request);
};

#endif
