/* A peer within TLS that is only a stream: it says what the test tells it to, and no more.
 * (rpc_raw.h is the same without TLS.)
 *
 *     rpc_bare_dial(&bare, url, client_tls);
 *     rpc_bare_call(&bare, RPC_SP_CLIENT, 1, &TEST_BLOCK);
 *     assert_true(rpc_bare_read(&bare, &frame));
 *
 * Exits the program where that cannot be. */
#ifndef WALKIE_TESTS_RPC_BARE_H
#define WALKIE_TESTS_RPC_BARE_H

#include <nng/nng.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rpc/frame.h"
#include "rpc/method.h"
#include "rpc/tls.h"

enum { RPC_BARE_INPUT_MAX = 64 << 10 };

struct rpc_bare {
    nng_stream_dialer *dialer;
    nng_stream *stream;
    nng_aio *aio;
    bool is_opened; /* the server's opening has been read */
    uint8_t input[RPC_BARE_INPUT_MAX];
    size_t len;
    size_t taken; /* of the input, by the frame that was read last */
};

void rpc_bare_dial(struct rpc_bare *bare, const char *url, const struct rpc_tls *tls);
void rpc_bare_send(struct rpc_bare *bare, const void *bytes, size_t len);
/* The opening of a protocol and, for a client of ours, HELLO. */
void rpc_bare_open(struct rpc_bare *bare, uint16_t protocol);
/* A frame whose header is `message`; without payload. */
void rpc_bare_send_frame(struct rpc_bare *bare, uint32_t call_id, enum rpc_frame_type type,
    const ProtobufCMessage *message);
void rpc_bare_call(struct rpc_bare *bare, uint32_t number, const struct rpc_method *method);
/* The next frame; views are valid until the next read. False: the stream has ended. */
bool rpc_bare_read(struct rpc_bare *bare, struct rpc_frame *ret_frame);
void rpc_bare_free(struct rpc_bare *bare);

#endif
