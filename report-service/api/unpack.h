/* The request message of a call, or the call failed with INVALID_ARGUMENT; and its fields.
 *
 *     report_request *request = REQUEST_OF(call, walkie__report__v1__work_request);
 *     if (request == NULL) {
 *         return STATUS_INVALID_ARGUMENT;
 *     }
 *
 * Freed with protobuf_c_message_free_unpacked(&request->base, NULL); CLEANUP(message_free_at). */
#ifndef WALKIE_SERVICE_UNPACK_H
#define WALKIE_SERVICE_UNPACK_H

#include "audit/words/words.h"
#include "base/error.h"
#include "rpc/server.h"

/* NULL: the bytes are no such message; the call's END says so. */
MUST_USE void *request_unpack(
    struct rpc_server_call *call, const ProtobufCMessageDescriptor *descriptor);

/* Fits CLEANUP on a pointer to any message. */
void message_free_at(void *message_pointer);

#define REQUEST_OF(call, name) request_unpack((call), &name##__descriptor)

/* A text field as what was said; NULL: nothing. */
static inline const char *request_text(const char *field)
{
    return *field == '\0' ? NULL : field;
}

/* "en", "zh-CN", "": SERVICE_LANGUAGE_DEFAULT. Errors: INVALID_ARGUMENT. */
#define SERVICE_LANGUAGE_DEFAULT "en"
MUST_USE enum status request_language(
    const char *field, enum language *ret_language, struct error *ret_error);

#endif
