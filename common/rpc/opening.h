/* The eight bytes that open an SP connection: 00 'S' 'P' 00, the sender's protocol, 00 00.
 *
 *     rpc_opening_write(bytes, RPC_SP_CLIENT);
 *     if (!rpc_opening_read(bytes, &protocol) || rpc_opening_answer(protocol) == 0) { … close … }
 *
 * Not here: HELLO, which follows on connections of the private protocol. */
#ifndef WALKIE_RPC_OPENING_H
#define WALKIE_RPC_OPENING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

enum { RPC_OPENING_LEN = 8 };

enum rpc_sp_protocol {
    RPC_SP_REQ = 0x30,      /* stock: unary calls */
    RPC_SP_REP = 0x31,      /* stock: what we answer it with */
    RPC_SP_CLIENT = 0x5741, /* ours, "WA": everything */
    RPC_SP_SERVER = 0x574b, /* ours, "WK" */
};

void rpc_opening_write(uint8_t bytes[RPC_OPENING_LEN], uint16_t protocol);

/* False when these are not an SP opening. */
MUST_USE bool rpc_opening_read(const uint8_t bytes[RPC_OPENING_LEN], uint16_t *ret_protocol);

/* Whether a TLS handshake begins with these bytes: a peer that was told tls+tcp:// by mistake. */
bool rpc_opening_is_tls(const uint8_t bytes[RPC_OPENING_LEN]);

/* The protocol that a listener answers this one with; 0: none, it is not ours. */
uint16_t rpc_opening_answer(uint16_t peer_protocol);

#endif
