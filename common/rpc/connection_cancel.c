/* CANCELs that leave together. When many calls end at once (a scope above them all, a deadline that
 * they share), a frame for each costs more than the news: so a CANCEL that is queued right behind
 * one of the same cause becomes a further id in the list of that one, five stores instead of a
 * frame. */
#include <string.h>

#include "rpc/connection_internal.h"
#include "rpc/envelope.h"

enum {
    LIST_TAG = 0x12,  /* Cancel.call_ids: field 2, length-delimited */
    LIST_LEN_LEN = 3, /* its length as a varint that is never shortened, so that it can grow */
    LIST_HEAD_LEN = 1 + LIST_LEN_LEN,
    CALL_ID_LEN = 4,
};
_Static_assert(
    ENVELOPE_LEN_MAX + LIST_HEAD_LEN + RPC_CANCEL_IDS_MAX * CALL_ID_LEN <= RPC_FRAME_HEADER_MAX,
    "a full list fits into a header");

static void write_list_len(uint8_t *at, size_t len)
{
    at[0] = (uint8_t)(0x80 | (len & 0x7f));
    at[1] = (uint8_t)(0x80 | (len >> 7 & 0x7f));
    at[2] = (uint8_t)(len >> 14 & 0x7f);
}

static void write_call_id(uint8_t *at, uint32_t call_id)
{
    for (int i = 0; i < CALL_ID_LEN; i++) {
        at[i] = (uint8_t)(call_id >> (8 * i)); /* protobuf's fixed32 */
    }
}

static void write_prefix(struct rpc_connection *connection)
{
    const struct queued_cancel *last = &connection->last_cancel;
    const struct rpc_frame frame = {
        .call_id = last->call_id, .type = RPC_FRAME_CANCEL, .header = {NULL, last->header_len}};
    rpc_frame_write_prefix(connection->pending.data + last->at, connection->is_ipc, &frame);
}

static bool can_join_locked(const struct rpc_connection *connection, const struct rpc_end *end)
{
    const struct queued_cancel *last = &connection->last_cancel;
    size_t frame_len = rpc_frame_prefix_len(connection->is_ipc) + last->header_len;
    return last->header_len > 0 && last->at + frame_len == connection->pending.len &&
           last->cause == end->cause && last->cause_hop == end->cause_hop &&
           last->n_listed < RPC_CANCEL_IDS_MAX;
}

static enum status join_locked(struct rpc_connection *connection, uint32_t call_id)
{
    struct queued_cancel *last = &connection->last_cancel;
    size_t head_len = last->n_listed == 0 ? LIST_HEAD_LEN : 0;
    enum status status = buffer_reserve(&connection->pending, head_len + CALL_ID_LEN);
    if (status != STATUS_OK) {
        return status;
    }
    uint8_t *at = connection->pending.data + connection->pending.len;
    if (head_len > 0) {
        last->list_at = connection->pending.len;
        *at = LIST_TAG;
    }
    write_call_id(at + head_len, call_id);
    connection->pending.len += head_len + CALL_ID_LEN;
    last->header_len += head_len + CALL_ID_LEN;
    last->n_listed++;
    write_list_len(connection->pending.data + last->list_at + 1, last->n_listed * CALL_ID_LEN);
    write_prefix(connection);
    return STATUS_OK;
}

static enum status begin_locked(
    struct rpc_connection *connection, uint32_t call_id, const struct rpc_end *end)
{
    Walkie__Rpc__V1__Cancel cancel = WALKIE__RPC__V1__CANCEL__INIT;
    cancel.cause = (uint32_t)end->cause;
    cancel.cause_hop = rpc_hops(end->cause_hop);
    uint8_t header[ENVELOPE_LEN_MAX];
    size_t header_len = envelope_pack(header, &cancel.base);
    size_t prefix_len = rpc_frame_prefix_len(connection->is_ipc);
    enum status status = buffer_reserve(&connection->pending, prefix_len + header_len);
    if (status != STATUS_OK) {
        return status;
    }
    connection->last_cancel = (struct queued_cancel){.at = connection->pending.len,
        .header_len = header_len,
        .call_id = call_id,
        .cause = end->cause,
        .cause_hop = end->cause_hop};
    memcpy(connection->pending.data + connection->pending.len + prefix_len, header, header_len);
    connection->pending.len += prefix_len + header_len;
    write_prefix(connection);
    return STATUS_OK;
}

void rpc_connection_cancel(
    struct rpc_connection *connection, uint32_t call_id, const struct rpc_end *end)
{
    enum status status = STATUS_OK;
    pthread_mutex_lock(&connection->mutex);
    if (!connection->is_closed) {
        status = can_join_locked(connection, end) ? join_locked(connection, call_id)
                                                  : begin_locked(connection, call_id, end);
        connection_kick_locked(connection);
    }
    pthread_mutex_unlock(&connection->mutex);
    if (status != STATUS_OK) {
        rpc_connection_close(connection, CONNECTION_OVERFULL);
    }
}
