/* Frames on the wire: a pure codec, without input or output of its own. proto/README.md has the
 * format and the meaning of each type.
 *
 *     switch (rpc_message_read(input, is_ipc, &message, &len)) {
 *     case RPC_MESSAGE_READY:
 *         if (!rpc_frame_parse(message, &frame, &reason)) {
 *
 * Two levels, because a stock SP peer that sends a malformed body still has a right to an answer:
 * the SP message (a length and bytes) and the frame in it. Every function survives any bytes.
 *
 * Not here: what the headers contain (envelope.h), who may send which type when (connection.h). */
#ifndef WALKIE_RPC_FRAME_H
#define WALKIE_RPC_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum rpc_frame_type { /* numbers are the wire's, never reused */
    RPC_FRAME_HELLO = 1,
    RPC_FRAME_CALL = 2,
    RPC_FRAME_REPLY = 3,
    RPC_FRAME_CHUNK = 4,
    RPC_FRAME_PROGRESS = 5,
    RPC_FRAME_CREDIT = 6,
    RPC_FRAME_CANCEL = 7,
    RPC_FRAME_END = 8,
    RPC_FRAME_PING = 9,
    RPC_FRAME_PONG = 10,
    RPC_FRAME_GOAWAY = 11,
};

enum { /* of CALL; other bits are zero and ignored */
    RPC_FLAG_WANTS_PROGRESS = 1 << 0,
    RPC_FLAG_WANTS_SPANS = 1 << 1,
};

enum {
    RPC_FRAME_HEAD_LEN = 8,       /* call id, type, flags, header length */
    RPC_FRAME_PREFIX_MAX = 17,    /* [ipc: 01] length, head */
    RPC_FRAME_HEADER_MAX = 65535, /* bytes of a header: its length is 16 bits */
};

/* Call ids have the top bit set (SP's end-of-backtrace mark). This one is the connection itself. */
#define RPC_CALL_ID_TOP UINT32_C(0x80000000)
#define RPC_CALL_ID_CONNECTION RPC_CALL_ID_TOP

struct rpc_frame {
    uint32_t call_id;
    enum rpc_frame_type type;
    uint8_t flags;
    struct bytes header;  /* protobuf */
    struct bytes payload; /* a message, or a chunk's bytes */
};

enum rpc_message_state {
    RPC_MESSAGE_READY,
    RPC_MESSAGE_PARTIAL,   /* more input is needed */
    RPC_MESSAGE_MALFORMED, /* wrong mark, or longer than RPC_FRAME_MAX: nothing after it is sane */
};

/* The SP message at the start of `input`. READY: its body and the bytes it takes of the input.
 * PARTIAL: *ret_len is what is needed in all, as far as it is known. */
enum rpc_message_state rpc_message_read(
    struct bytes input, bool is_ipc, struct bytes *ret_message, size_t *ret_len);

/* The frame in an SP message. False when it is malformed: *ret_reason is a literal, and
 * ret_frame->call_id is the id if there was one, else 0. Views point into `message`. */
MUST_USE bool rpc_frame_parse(
    struct bytes message, struct rpc_frame *ret_frame, const char **ret_reason);

/* Bytes before the header: 16, on ipc 17. */
size_t rpc_frame_prefix_len(bool is_ipc);

/* Write those bytes for `frame`, whose header and payload have the lengths given by the views
 * (their data is not read). `at` has room for RPC_FRAME_PREFIX_MAX. */
void rpc_frame_write_prefix(uint8_t *at, bool is_ipc, const struct rpc_frame *frame);

#endif
