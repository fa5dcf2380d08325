/* The reports of a whole study: one zip, passed on as it comes. Its length is not known before its
 * end, so it is chunked; when the run fails in the middle the connection is closed without the last
 * chunk. With an Idempotency-Key a second request goes on where the first one was broken off. */
#include "api/fields.h"
#include "api/handlers.h"
#include "api/idempotency_key.h"
#include "api/report_operation.h"
#include "api/report_stream.h"
#include "api/report_work.h"
#include "walkie/report/v1/methods.h"
#include "walkie/report/v1/report.pb-c.h"

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

bool study_reports_read_head(struct bytes message, struct operation_file *ret_file)
{
    Walkie__Report__V1__StudyAuditReportsHead *head =
        walkie__report__v1__study_audit_reports_head__unpack(NULL, message.len, message.data);
    if (head == NULL) {
        return false;
    }
    operation_copy_text(ret_file->content_type, OPERATION_TYPE_MAX, head->content_type);
    operation_copy_text(ret_file->filename, OPERATION_FILENAME_MAX, head->filename);
    operation_copy_text(ret_file->filename_utf8, OPERATION_FILENAME_MAX, head->filename_utf8);
    ret_file->sha256[0] = ret_file->content_hash[0] = '\0'; /* not known before the end */
    ret_file->len = HTTP_LENGTH_UNKNOWN;
    walkie__report__v1__study_audit_reports_head__free_unpacked(head, NULL);
    return true;
}

enum status handle_study_reports(struct request *request, struct error *ret_error)
{
    char key[IDEMPOTENCY_KEY_MAX];
    Walkie__Report__V1__StudyAuditReportsRequest message =
        WALKIE__REPORT__V1__STUDY_AUDIT_REPORTS_REQUEST__INIT;
    enum status status = idempotency_key_read(request, key, ret_error);
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
    if (!report_stream_is_wanted(request) && !report_operation_is_wanted(request)) {
        message.idempotency_key = key; /* an operation's key is its own */
    }
    return report_work_start(request, &REPORT_STUDY_AUDIT_REPORTS, &message.base, ret_error);
}
