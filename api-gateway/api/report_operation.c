#include "api/report_operation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/idempotency_key.h"
#include "api/operation_answer.h"
#include "api/request_trace.h"
#include "crypto/sha256.h"

bool report_operation_prefers(const char *prefer)
{
    static const char TOKEN[] = "respond-async";
    for (const char *at = prefer; *at != '\0';) {
        at += strspn(at, " \t,");
        if (strncasecmp(at, TOKEN, sizeof(TOKEN) - 1) == 0 &&
            strchr(" \t,;", at[sizeof(TOKEN) - 1]) != NULL) {
            return true;
        }
        at += strcspn(at, ",");
    }
    return false;
}

bool report_operation_is_wanted(const struct request *request)
{
    const char *prefer = http_header(request->exchange, "prefer");
    return prefer != NULL && strcmp(http_method(request->exchange), "HEAD") != 0 &&
           report_operation_prefers(prefer);
}

static void add_text(struct sha256 *digest, const void *data, size_t len)
{
    uint8_t size[8];
    be64_put(size, len);
    sha256_update(digest, size, sizeof(size));
    sha256_update(digest, data, len);
}

/* Whose key, and which request: hashes, so that neither can be mistaken for the other. */
static enum status make_key(const struct request *request, const struct rpc_method *method,
    const struct buffer *packed, struct store_key *ret_key, struct error *ret_error)
{
    char key[IDEMPOTENCY_KEY_MAX];
    enum status status = idempotency_key_read(request, key, ret_error);
    struct sha256 *digest = status == STATUS_OK ? sha256_new() : NULL;
    if (digest == NULL) {
        return status != STATUS_OK
                   ? status
                   : error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "the gateway has no memory");
    }
    add_text(digest, method->name, strlen(method->name));
    add_text(digest, packed->data, packed->len);
    sha256_finish_hex(digest, ret_key->request);
    ret_key->key[0] = '\0';
    if (key[0] != '\0') {
        const char *owner = request_principal(request);
        add_text(digest, owner, strlen(owner));
        add_text(digest, key, strlen(key));
        sha256_finish_hex(digest, ret_key->key);
    }
    sha256_free(digest);
    return STATUS_OK;
}

static void on_started(void *arg, enum status status, const struct operation_record *record,
    bool is_new, const struct error *error)
{
    struct request *request = arg;
    if (record == NULL) {
        operation_answer_failure(
            request, status, error->text, status == STATUS_ALREADY_EXISTS ? 422 : 0);
    } else {
        char url[OPERATION_URL_MAX];
        operation_url(record->id, "", url);
        http_respond_header(request->exchange, "Location", url);
        http_respond_header(request->exchange, "Preference-Applied", "respond-async");
        operation_answer_record(request, 202, record);
    }
    if (!is_new) {
        request_unref(request);
    }
}

/* The request's trace ends with the call, long after its answer. */
static void on_finished(void *arg, const struct operation_record *record, const struct rpc_end *end)
{
    struct request *request = arg;
    (void)record;
    request_trace_called(request, end);
    request_unref(request);
}

static void message_free(void *message)
{
    protobuf_c_message_free_unpacked(message, NULL);
}

/* The message must live until the operation's call has begun, which is on another thread: a copy
 * that the request owns. */
static enum status copy_message(struct request *request, const ProtobufCMessage *message,
    struct buffer *ret_packed, struct error *ret_error)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    enum status status = buffer_reserve(ret_packed, len + 1);
    if (status == STATUS_OK) {
        ret_packed->len = protobuf_c_message_pack(message, ret_packed->data);
        request->extra =
            protobuf_c_message_unpack(message->descriptor, NULL, ret_packed->len, ret_packed->data);
        request->free_extra = request->extra == NULL ? NULL : message_free;
    }
    return request->extra != NULL
               ? STATUS_OK
               : error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "the gateway has no memory");
}

enum status report_operation_start(
    struct request *request, const struct report_work *work, struct error *ret_error)
{
    enum { PACKED_MAX = 64 << 10 }; /* far above what parameters can be */
    static const struct operation_events EVENTS = {
        .on_started = on_started, .on_finished = on_finished};
    struct operations *operations = request->gateway->operations;
    if (operations == NULL) {
        return error_set(
            ret_error, STATUS_UNAVAILABLE, "this gateway keeps no operations; see --operations");
    }
    CLEANUP(buffer_finish) struct buffer packed = BUFFER_EMPTY(PACKED_MAX);
    char path[REPORT_PATH_MAX];
    struct operation_start start;
    enum status status = copy_message(request, work->message, &packed, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    report_work_describe(request, work, path, &start);
    start.message = request->extra;
    start.events = &EVENTS;
    status = make_key(request, work->method, &packed, &start.key, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    request_ref(request); /* until on_finished, or on_started when that is the last */
    status = operation_start(operations, &start, ret_error);
    if (status != STATUS_OK) {
        request_unref(request);
    }
    return status;
}
