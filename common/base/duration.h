/* Durations as people and headers write them.
 *
 *     duration_parse("300ms", &ns)           300000000
 *     duration_parse_grpc("3S", &ns)         3000000000 (Grpc-Timeout: S seconds, m milliseconds)
 *
 * Not here: dates, or units above an hour. */
#ifndef WALKIE_BASE_DURATION_H
#define WALKIE_BASE_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

#define DURATION_MAX_NS (UINT64_C(86400) * UINT64_C(1000000000)) /* longer ones are refused */

/* Digits, optionally one '.' and more digits, then ns, us, ms, s, m or h; nothing else around.
 * Returns false (and leaves `ret_ns` alone) when malformed, zero, or above DURATION_MAX_NS. */
MUST_USE bool duration_parse(const char *text, uint64_t *ret_ns);

/* The gRPC header's form: 1 to 8 digits and one of H M S m u n. Same result rules. */
MUST_USE bool duration_parse_grpc(const char *text, uint64_t *ret_ns);

#endif
