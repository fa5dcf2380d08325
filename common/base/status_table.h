/* The status catalogue: one row a status, the same words in C, on the wire, over HTTP and in logs.
 * Wire numbers are gRPC's. X(name, wire number, HTTP code, retryable, text) */
#define STATUS_TABLE(X)                                                                            \
    X(OK, 0, 200, false, "ok")                                                                     \
    X(CANCELLED, 1, 499, false, "the caller cancelled the call")                                   \
    X(UNKNOWN, 2, 500, false, "an error without a status")                                         \
    X(INVALID_ARGUMENT, 3, 400, false, "the request is malformed")                                 \
    X(DEADLINE_EXCEEDED, 4, 504, false, "the deadline passed before the work was done")            \
    X(NOT_FOUND, 5, 404, false, "no such thing")                                                   \
    X(ALREADY_EXISTS, 6, 409, false, "it exists already")                                          \
    X(PERMISSION_DENIED, 7, 403, false, "not allowed")                                             \
    X(RESOURCE_EXHAUSTED, 8, 429, true, "a limit is reached; try again later")                     \
    X(FAILED_PRECONDITION, 9, 409, false, "the system is not in the state that the call needs")    \
    X(ABORTED, 10, 409, true, "aborted by a concurrent change")                                    \
    X(OUT_OF_RANGE, 11, 400, false, "a value is out of its range")                                 \
    X(UNIMPLEMENTED, 12, 501, false, "no such method")                                             \
    X(INTERNAL, 13, 500, false, "an internal error")                                               \
    X(UNAVAILABLE, 14, 503, true, "the service cannot be reached; try again later")                \
    X(DATA_LOSS, 15, 500, false, "data is corrupt or lost")                                        \
    X(UNAUTHENTICATED, 16, 401, false, "credentials are missing or wrong")
