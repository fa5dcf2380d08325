/* The audit report as a file. */
#include "api/fields.h"
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
    operation_copy_text(ret_file->content_hash, OPERATION_SHA256_MAX, head->content_hash);
    ret_file->len = (int64_t)head->content_len;
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
    Walkie__Report__V1__AuditReportRequest message;
    enum status status = read_message(request, &message, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    return report_work_start(request, &REPORT_AUDIT_REPORT, &message.base, ret_error);
}
