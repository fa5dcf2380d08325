#include "rpc/frame.h"

#include <assert.h>

#include "rpc/server.h"

enum { LENGTH_LEN = 8, IPC_MARK = 1, ID_LEN = 4 };

enum rpc_message_state rpc_message_read(
    struct bytes input, bool is_ipc, struct bytes *ret_message, size_t *ret_len)
{
    size_t before = is_ipc ? 1 + LENGTH_LEN : LENGTH_LEN;
    if (is_ipc && input.len > 0 && input.data[0] != IPC_MARK) {
        return RPC_MESSAGE_MALFORMED;
    }
    if (input.len < before) {
        *ret_len = before;
        return RPC_MESSAGE_PARTIAL;
    }
    uint64_t body_len = be64_get(input.data + before - LENGTH_LEN);
    if (body_len > RPC_FRAME_MAX) {
        return RPC_MESSAGE_MALFORMED;
    }
    *ret_len = before + (size_t)body_len;
    if (input.len < *ret_len) {
        return RPC_MESSAGE_PARTIAL;
    }
    *ret_message = (struct bytes){input.data + before, (size_t)body_len};
    return RPC_MESSAGE_READY;
}

bool rpc_frame_parse(struct bytes message, struct rpc_frame *ret_frame, const char **ret_reason)
{
    ret_frame->call_id = 0;
    if (message.len < ID_LEN) {
        *ret_reason = "shorter than a call id";
        return false;
    }
    uint32_t call_id = be32_get(message.data);
    if ((call_id & RPC_CALL_ID_TOP) == 0) {
        *ret_reason = "the call id lacks its top bit";
        return false;
    }
    ret_frame->call_id = call_id;
    if (message.len < RPC_FRAME_HEAD_LEN) {
        *ret_reason = "shorter than a frame head";
        return false;
    }
    uint8_t type = message.data[4];
    if (type < RPC_FRAME_HELLO || type > RPC_FRAME_GOAWAY) {
        *ret_reason = "unknown frame type";
        return false;
    }
    size_t header_len = be16_get(message.data + 6);
    if (header_len > message.len - RPC_FRAME_HEAD_LEN) {
        *ret_reason = "the header is longer than the frame";
        return false;
    }
    ret_frame->type = (enum rpc_frame_type)type;
    ret_frame->flags = message.data[5];
    ret_frame->header = (struct bytes){message.data + RPC_FRAME_HEAD_LEN, header_len};
    ret_frame->payload = (struct bytes){message.data + RPC_FRAME_HEAD_LEN + header_len,
        message.len - RPC_FRAME_HEAD_LEN - header_len};
    return true;
}

size_t rpc_frame_prefix_len(bool is_ipc)
{
    return (is_ipc ? 1 : 0) + LENGTH_LEN + RPC_FRAME_HEAD_LEN;
}

void rpc_frame_write_prefix(uint8_t *at, bool is_ipc, const struct rpc_frame *frame)
{
    assert(frame->header.len <= RPC_FRAME_HEADER_MAX);
    if (is_ipc) {
        *at++ = IPC_MARK;
    }
    be64_put(at, RPC_FRAME_HEAD_LEN + frame->header.len + frame->payload.len);
    at += LENGTH_LEN;
    be32_put(at, frame->call_id);
    at[4] = (uint8_t)frame->type;
    at[5] = frame->flags;
    be16_put(at + 6, (uint16_t)frame->header.len);
}
