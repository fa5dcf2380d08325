#include "api/unpack.h"

void *request_unpack(struct rpc_server_call *call, const ProtobufCMessageDescriptor *descriptor)
{
    struct bytes bytes = rpc_call_request(call);
    ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, NULL, bytes.len, bytes.data);
    if (message == NULL) {
        rpc_call_fail(call, STATUS_INVALID_ARGUMENT, "the request is not a %s", descriptor->name);
    }
    return message;
}

void message_free_at(void *message_pointer)
{
    protobuf_c_message_free_unpacked(*(ProtobufCMessage **)message_pointer, NULL);
}

enum status request_language(
    const char *field, enum language *ret_language, struct error *ret_error)
{
    return language_parse(*field == '\0' ? SERVICE_LANGUAGE_DEFAULT : field, ret_language)
               ? STATUS_OK
               : error_set(ret_error, STATUS_INVALID_ARGUMENT, "language is none of en, zh-CN");
}
