/* Any bytes as the input of a connection: the SP opening, then messages and the frames in them,
 * with each header unpacked as its type says. The first byte chooses tcp or ipc. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "rpc/envelope.h"
#include "rpc/frame.h"
#include "rpc/opening.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read the whole view, so that AddressSanitizer sees one that is too long. */
static unsigned int sum(struct bytes view)
{
    unsigned int total = 0;
    for (size_t i = 0; i < view.len; i++) {
        total += view.data[i];
    }
    return total;
}

static void unpack_header(const struct rpc_frame *frame)
{
    struct envelope_memory memory;
    struct rpc_account account;
    struct rpc_end end;
    envelope_memory_init(&memory);
    switch (frame->type) {
    case RPC_FRAME_HELLO:
        (void)envelope_unpack_hello(&memory, frame->header);
        break;
    case RPC_FRAME_CALL:
        (void)envelope_unpack_call(&memory, frame->header);
        break;
    case RPC_FRAME_REPLY:
        (void)envelope_unpack_reply(frame->header, &account);
        break;
    case RPC_FRAME_PROGRESS:
        (void)envelope_unpack_progress(&memory, frame->header);
        break;
    case RPC_FRAME_CREDIT:
        (void)envelope_unpack_credit(&memory, frame->header);
        break;
    case RPC_FRAME_CANCEL:
        (void)envelope_unpack_cancel(&memory, frame->header);
        break;
    case RPC_FRAME_END:
        (void)envelope_unpack_end(frame->header, &end);
        break;
    case RPC_FRAME_PING:
    case RPC_FRAME_PONG:
        (void)envelope_unpack_ping(&memory, frame->header);
        break;
    case RPC_FRAME_GOAWAY:
        (void)envelope_unpack_goaway(&memory, frame->header);
        break;
    case RPC_FRAME_CHUNK:
        break;
    }
    envelope_memory_finish(&memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 + RPC_OPENING_LEN) {
        return 0;
    }
    bool is_ipc = (data[0] & 1) != 0;
    uint16_t protocol;
    if (rpc_opening_read(data + 1, &protocol)) {
        (void)rpc_opening_answer(protocol);
    }
    struct bytes rest = {data + 1 + RPC_OPENING_LEN, size - 1 - RPC_OPENING_LEN};
    struct bytes message;
    size_t len;
    volatile unsigned int seen = 0;
    while (rpc_message_read(rest, is_ipc, &message, &len) == RPC_MESSAGE_READY) {
        struct rpc_frame frame;
        const char *reason = NULL;
        if (rpc_frame_parse(message, &frame, &reason)) {
            seen += sum(frame.header) + sum(frame.payload);
            unpack_header(&frame);
        } else if (reason == NULL) {
            abort(); /* every refusal has a reason */
        }
        rest.data += len;
        rest.len -= len;
    }
    return 0;
}
