/* Why a context is done: one row a cause. Numbers go on the wire and are never reused. They arise:
 * deadline_exceeded by a clock; cancelled where nobody said more; scope_ended by ctx_scope_end;
 * client_disconnected in the gateway, by a client that left; user_cancelled by who is asked to (a
 * DELETE of a request, Ctrl-C of walkie-call); sibling_failed in a group; peer_lost in the server,
 * by a connection that was lost; server_draining by its stop; out_of_memory where a context was to
 * be made.
 * X(name, wire number, word in logs and answers, status that work under it ends with) */
#define CTX_CAUSE_TABLE(X)                                                                         \
    X(NONE, 0, "none", STATUS_OK)                                                                  \
    X(DEADLINE_EXCEEDED, 1, "deadline_exceeded", STATUS_DEADLINE_EXCEEDED)                         \
    X(CANCELLED, 2, "cancelled", STATUS_CANCELLED)                                                 \
    X(SCOPE_ENDED, 3, "scope_ended", STATUS_CANCELLED)                                             \
    X(CLIENT_DISCONNECTED, 4, "client_disconnected", STATUS_CANCELLED)                             \
    X(USER_CANCELLED, 5, "user_cancelled", STATUS_CANCELLED)                                       \
    X(SIBLING_FAILED, 6, "sibling_failed", STATUS_CANCELLED)                                       \
    X(PEER_LOST, 7, "peer_lost", STATUS_CANCELLED)                                                 \
    X(SERVER_DRAINING, 8, "server_draining", STATUS_UNAVAILABLE)                                   \
    X(OUT_OF_MEMORY, 9, "out_of_memory", STATUS_RESOURCE_EXHAUSTED)

/* Who set the deadline that counts. Numbers go on the wire and are never reused.
 * X(name, wire number, word in logs and answers) */
#define CTX_ORIGIN_TABLE(X)                                                                        \
    X(NONE, 0, "none")                                                                             \
    X(CODE, 1, "code")                                                                             \
    X(ROUTE_DEFAULT, 2, "route_default")                                                           \
    X(ROUTE_CAP, 3, "route_cap")                                                                   \
    X(GRPC_TIMEOUT_HEADER, 4, "header:Grpc-Timeout")                                               \
    X(X_REQUEST_TIMEOUT_HEADER, 5, "header:X-Request-Timeout")                                     \
    X(TIMEOUT_QUERY, 6, "query:timeout")                                                           \
    X(METHOD_DEFAULT, 7, "method_default")                                                         \
    X(METHOD_CAP, 8, "method_cap")                                                                 \
    X(CALLER, 9, "caller")
