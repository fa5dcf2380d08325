/* A fuzzer's input as a script: bytes that are asked for one after the other; when it is over they
 * are zero.
 *
 *     struct script script = {data, size};
 *     while (script_has_more(&script)) {
 *         switch (script_u8(&script) % N_STEPS) { … }
 */
#ifndef WALKIE_TESTS_RPC_SCRIPT_H
#define WALKIE_TESTS_RPC_SCRIPT_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "ctx/test.h"
#include "rpc/frame.h"

struct script {
    const uint8_t *at;
    size_t len;
};

static inline bool script_has_more(const struct script *script)
{
    return script->len > 0;
}

static inline uint8_t script_u8(struct script *script)
{
    if (script->len == 0) {
        return 0;
    }
    script->len--;
    return *script->at++;
}

/* At most so many bytes, as a length byte says. */
static inline struct bytes script_bytes(struct script *script)
{
    size_t len = script_u8(script);
    len = len < script->len ? len : script->len;
    struct bytes bytes = {script->at, len};
    script->at += len;
    script->len -= len;
    return bytes;
}

/* The next message of what was sent to us. False: more is needed. Whatever we do, nothing malformed
 * comes. */
static inline bool script_next_sent(struct bytes sent, struct bytes *ret_message, size_t *ret_len)
{
    enum rpc_message_state state = rpc_message_read(sent, false, ret_message, ret_len);
    if (state == RPC_MESSAGE_MALFORMED) {
        abort();
    }
    return state == RPC_MESSAGE_READY;
}

/* What an input's first byte, without its lowest three bits, says of the room for sends: none, less
 * than a frame, or several of them. */
static inline size_t script_room(uint8_t how)
{
    enum { ROOM_STEP = 24 };
    return (size_t)(how >> 3) * ROOM_STEP;
}

/* What an input leaves behind is an error: aborts when a scope is still live after ten seconds. */
static inline void script_await_no_scopes(void)
{
    const struct timespec pause = {.tv_nsec = 20000};
    uint64_t limit_ns = clock_now_ns() + CLOCK_SECONDS(10);
    while (ctx_live_scopes() > 0) {
        if (clock_now_ns() > limit_ns) {
            (void)ctx_test_no_leaks(); /* says which */
            abort();
        }
        nanosleep(&pause, NULL);
    }
}

/* Frames that wait to be fed together. */
struct script_wire {
    uint8_t bytes[1 << 16];
    size_t len;
};

static inline void wire_add(struct script_wire *wire, struct bytes bytes)
{
    if (bytes.len > 0 && bytes.len <= sizeof(wire->bytes) - wire->len) {
        memcpy(wire->bytes + wire->len, bytes.data, bytes.len);
        wire->len += bytes.len;
    }
}

static inline void wire_add_frame(struct script_wire *wire, const struct rpc_frame *frame)
{
    uint8_t prefix[RPC_FRAME_PREFIX_MAX];
    rpc_frame_write_prefix(prefix, false, frame);
    size_t len = rpc_frame_prefix_len(false) + frame->header.len + frame->payload.len;
    if (len <= sizeof(wire->bytes) - wire->len) {
        wire_add(wire, (struct bytes){prefix, rpc_frame_prefix_len(false)});
        wire_add(wire, frame->header);
        wire_add(wire, frame->payload);
    }
}

#endif
