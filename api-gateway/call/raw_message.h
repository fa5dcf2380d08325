/* A protobuf message whose bytes are there already, for interfaces that take a ProtobufCMessage.
 *
 *     status = raw_message_new(buffer_bytes(&bytes), &raw);
 *     status = rpc_call_start(ctx, channel, &method, raw_message_base(raw), …);
 *     raw_message_free(raw);
 *
 * To protobuf-c it is a message of a type without fields, whose fields are all unknown: it packs to
 * the same bytes. */
#ifndef WALKIE_CALL_RAW_MESSAGE_H
#define WALKIE_CALL_RAW_MESSAGE_H

#include <protobuf-c/protobuf-c.h>

#include "base/bytes.h"

struct raw_message;

/* Borrows `bytes` until raw_message_free. Errors: DATA_LOSS (no message), RESOURCE_EXHAUSTED. */
MUST_USE enum status raw_message_new(struct bytes bytes, struct raw_message **ret_raw);
const ProtobufCMessage *raw_message_base(const struct raw_message *raw);
void raw_message_free(struct raw_message *raw); /* accepts NULL */
void raw_message_free_at(struct raw_message **raw);

#endif
