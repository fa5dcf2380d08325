/* The audit report: the head of the stream becomes the header of the answer, chunks become its
 * body, and what the client has taken becomes credit for more, so that a slow client slows only
 * itself. */
#include "api/disposition.h"
#include "api/fields.h"
#include "api/file_stream.h"
#include "api/handlers.h"
#include "api/report_work.h"
#include "walkie/report/v1/methods.h"

const struct parameter AUDIT_REPORT_PARAMETERS[] = {
    {"format", FORMAT_WORDS},
    {"language", "en|zh-CN"},
    {"as_of", NULL},
    {"sections", NULL},
    {"final", "0|1"},
    {"blinded", "0|1"},
    {"study", NULL},
    {NULL, NULL},
};

static void on_head(void *arg, struct bytes message)
{
    struct request *request = arg;
    Walkie__Report__V1__AuditReportHead *head =
        walkie__report__v1__audit_report_head__unpack(NULL, message.len, message.data);
    if (head == NULL) {
        return; /* the stream then ends without an answer begun: on_end says 500 */
    }
    struct http_exchange *exchange = request->exchange;
    disposition_respond(exchange, head->content_type, head->filename, head->filename_utf8);
    request_respond_sha256(request, head->sha256);
    http_respond_header(exchange, "X-Content-Hash", head->content_hash);
    http_respond_header(exchange, "Cache-Control", "private, no-store");
    file_stream_begin(request, head->content_type, (int64_t)head->content_len);
    walkie__report__v1__audit_report_head__free_unpacked(head, NULL);
}

bool audit_report_read_head(struct bytes message, struct operation_file *ret_file)
{
    Walkie__Report__V1__AuditReportHead *head =
        walkie__report__v1__audit_report_head__unpack(NULL, message.len, message.data);
    if (head == NULL) {
        return false;
    }
    operation_copy_text(ret_file->content_type, OPERATION_TYPE_MAX, head->content_type);
    operation_copy_text(ret_file->filename, OPERATION_FILENAME_MAX, head->filename);
    operation_copy_text(ret_file->filename_utf8, OPERATION_FILENAME_MAX, head->filename_utf8);
    operation_copy_text(ret_file->sha256, OPERATION_SHA256_MAX, head->sha256);
    walkie__report__v1__audit_report_head__free_unpacked(head, NULL);
    return true;
}

static enum status read_message(const struct request *request,
    Walkie__Report__V1__AuditReportRequest *ret_message, struct error *ret_error)
{
    Walkie__Report__V1__AuditReportRequest message = WALKIE__REPORT__V1__AUDIT_REPORT_REQUEST__INIT;
    message.site_no = (char *)request->path_argument;
    message.study = field_text(request, "study");
    message.language = field_text(request, "language");
    message.as_of = field_text(request, "as_of");
    message.is_unblinded = field_is_unblinded(request);
    message.requester = field_requester(request);
    message.is_final = field_is_set(request, "final");
    message.format = field_format(request);
    enum status status = field_sections(request, &message.sections, ret_error);
    if (status == STATUS_OK) {
        *ret_message = message;
    }
    return status;
}

enum status handle_audit_report(struct request *request, struct error *ret_error)
{
    static const struct rpc_call_events EVENTS = {
        .on_reply = on_head, .on_chunk = file_stream_on_chunk, .on_end = file_stream_on_end};
    Walkie__Report__V1__AuditReportRequest message;
    enum status status = read_message(request, &message, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    const struct report_work work = {&REPORT_AUDIT_REPORT, &message.base, audit_report_read_head};
    return report_work_start(request, &work, &EVENTS, ret_error);
}
