/* Names of peers that bring deadlines and cancels, as numbers that fit into a context's node.
 *
 *     connection->peer_number = ctx_peer_number("api-gateway");
 *     struct ctx_source source = {.hop = 1, .peer = connection->peer_number};
 *     ctx_cancel_from_peer(scope, cause, source);
 *     log_str("cause_by", ctx_peer_name(ctx_cause_source(ctx).peer));
 *
 * The table only grows: a name has its number for good, and the first CTX_PEERS_MAX different ones
 * get one. So it is for the few kinds of peer that a process talks to, not for their instances.
 * Not here: addresses, trust. Threads: any. */
#ifndef WALKIE_CTX_PEER_H
#define WALKIE_CTX_PEER_H

#include <stdint.h>

enum {
    CTX_PEERS_MAX = 32,
    CTX_PEER_NAME_MAX = 32, /* bytes, with the NUL; longer names are cut */
};

/* The number of a name, given one now if need be; 0: the table is full. */
uint8_t ctx_peer_number(const char *name);

/* Its name; NULL for 0 and for numbers that nobody has. Static storage. */
const char *ctx_peer_name(uint8_t number);

#endif
