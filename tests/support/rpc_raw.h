/* A peer made of a plain socket: it can say what no proper client would, and sees every byte.
 *
 *     struct raw_peer *raw = raw_connect(url, RPC_SP_CLIENT);
 *     raw_send_hello(raw);
 *     raw_send_call(raw, 1, TEST_BLOCK.name, 0);
 *     raw_read(raw, &frame)           false: the other side closed, or nothing came in time
 */
#ifndef WALKIE_TESTS_RPC_RAW_H
#define WALKIE_TESTS_RPC_RAW_H

#include <stdbool.h>

#include "ctx/cause.h"
#include "rpc/channel.h"
#include "rpc/frame.h"

struct raw_peer;

/* NULL: no connection. Sends the opening of `protocol`; 0: sends nothing. */
struct raw_peer *raw_connect(const char *url, uint16_t protocol);
void raw_free(struct raw_peer *raw);

/* False: the other side has closed. */
bool raw_send_bytes(struct raw_peer *raw, const void *bytes, size_t len);
void raw_send_frame(struct raw_peer *raw, const struct rpc_frame *frame);
void raw_send_hello(struct raw_peer *raw);
/* `number` becomes the call id (the top bit is added). remaining_ns 0: no deadline. */
void raw_send_call(
    struct raw_peer *raw, uint32_t number, const char *method, uint64_t remaining_ns, uint32_t ms);
void raw_send_cancel(struct raw_peer *raw, uint32_t number, enum ctx_cause cause);

/* Read the other side's opening. */
bool raw_read_opening(struct raw_peer *raw, uint16_t *ret_protocol);
/* Read one frame; its views are valid until the next read. */
bool raw_read(struct raw_peer *raw, struct rpc_frame *ret_frame);
/* Read frames until one with this number is an END. */
bool raw_read_end(struct raw_peer *raw, uint32_t number, struct rpc_end *ret_end);
/* Whether the other side closes within the bound; what comes before is dropped. */
bool raw_is_closed_by_peer(struct raw_peer *raw);

#endif
