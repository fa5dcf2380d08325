/* The reports of a whole study: one zip, passed on as it comes. Its length is not known before its
 * end, so it is chunked; when the run fails in the middle the connection is closed without the last
 * chunk. With an Idempotency-Key a second request goes on where the first one was broken off. */
#include <string.h>

#include "api/disposition.h"
#include "api/fields.h"
#include "api/file_stream.h"
#include "api/handlers.h"
#include "walkie/report/v1/methods.h"
#include "walkie/report/v1/report.pb-c.h"

enum { KEY_SIZE = 258 }; /* 255 characters, the NUL, and room to see that it is too long */

const struct parameter STUDY_REPORTS_PARAMETERS[] = {
    {"format", FORMAT_WORDS},
    {"language", "en|zh-CN"},
    {"as_of", NULL},
    {"sections", NULL},
    {"final", "0|1"},
    {"blinded", "0|1"},
    {NULL, NULL},
};

int study_reports_http_code(enum status status)
{
    /* draft-ietf-httpapi-idempotency-key-header-07, 2.7: the key came with another request. */
    return status == STATUS_ALREADY_EXISTS ? 422 : 0;
}

static void on_head(void *arg, struct bytes message)
{
    struct request *request = arg;
    Walkie__Report__V1__StudyAuditReportsHead *head =
        walkie__report__v1__study_audit_reports_head__unpack(NULL, message.len, message.data);
    if (head == NULL) {
        return; /* the stream then ends without an answer begun: on_end says 500 */
    }
    struct http_exchange *exchange = request->exchange;
    disposition_respond(exchange, head->content_type, head->filename, head->filename_utf8);
    http_respond_header(exchange, "Cache-Control", "private, no-store");
    file_stream_begin(request, head->content_type, HTTP_LENGTH_UNKNOWN);
    walkie__report__v1__study_audit_reports_head__free_unpacked(head, NULL);
}

/* The draft wants a quoted text; many send it bare. Both are the same key. */
static enum status read_key(
    const struct request *request, char ret_key[KEY_SIZE], struct error *ret_error)
{
    const char *value = http_header(request->exchange, "idempotency-key");
    ret_key[0] = '\0';
    if (value == NULL) {
        return STATUS_OK;
    }
    size_t len = strlen(value);
    bool is_quoted = len >= 2 && value[0] == '"' && value[len - 1] == '"';
    const char *start = is_quoted ? value + 1 : value;
    len -= is_quoted ? 2 : 0;
    bool is_plain = len > 0 && len < KEY_SIZE;
    for (size_t i = 0; i < len; i++) {
        is_plain = is_plain && start[i] >= '!' && start[i] <= '~';
    }
    if (!is_plain) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "Idempotency-Key: 16 to 255 visible ASCII characters are wanted, a UUID for example");
    }
    memcpy(ret_key, start, len);
    ret_key[len] = '\0';
    return STATUS_OK;
}

enum status handle_study_reports(struct request *request, struct error *ret_error)
{
    static const struct rpc_call_events EVENTS = {
        .on_reply = on_head, .on_chunk = file_stream_on_chunk, .on_end = file_stream_on_end};
    char key[KEY_SIZE];
    Walkie__Report__V1__StudyAuditReportsRequest message =
        WALKIE__REPORT__V1__STUDY_AUDIT_REPORTS_REQUEST__INIT;
    enum status status = read_key(request, key, ret_error);
    if (status == STATUS_OK) {
        status = field_sections(request, &message.sections, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    message.study = request->path_argument;
    message.language = field_text(request, "language");
    message.as_of = field_text(request, "as_of");
    message.requester = field_requester(request);
    message.is_final = field_is_set(request, "final");
    message.is_unblinded = field_is_unblinded(request);
    message.format = field_format(request);
    message.idempotency_key = key;
    return request_call(request, &REPORT_STUDY_AUDIT_REPORTS, &message.base, &EVENTS, ret_error);
}
