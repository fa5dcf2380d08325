/* Edit checks over a site's or a study's forms: a file as the reports are, in the forms that those
 * have (report_work.h). With write=1 its problems become queries. */
#include "api/authorize.h"
#include "api/fields.h"
#include "api/handlers.h"
#include "api/report_work.h"
#include "walkie/crf/v1/crf.pb-c.h"
#include "walkie/crf/v1/methods.h"

#include <string.h>

#define CRF_PARAMETERS                                                                             \
    {"format", "json|csv"}, {"language", "en|zh-CN"},                                              \
    {                                                                                              \
        "write", "0|1"                                                                             \
    }

const struct parameter CRF_SITE_PARAMETERS[] = {CRF_PARAMETERS, {"study", NULL}, {NULL, NULL}};
const struct parameter CRF_STUDY_PARAMETERS[] = {CRF_PARAMETERS, {NULL, NULL}};

bool crf_read_head(struct bytes message, struct operation_file *ret_file)
{
    Walkie__Crf__V1__ValidateHead *head =
        walkie__crf__v1__validate_head__unpack(NULL, message.len, message.data);
    if (head == NULL) {
        return false;
    }
    operation_copy_text(ret_file->content_type, OPERATION_TYPE_MAX, head->content_type);
    operation_copy_text(ret_file->filename, OPERATION_FILENAME_MAX, head->filename);
    operation_copy_text(ret_file->filename_utf8, OPERATION_FILENAME_MAX, head->filename_utf8);
    operation_copy_text(ret_file->sha256, OPERATION_SHA256_MAX, head->sha256);
    ret_file->content_hash[0] = '\0';
    ret_file->len = (int64_t)head->content_len;
    walkie__crf__v1__validate_head__free_unpacked(head, NULL);
    return true;
}

static enum status validate(
    struct request *request, const char *study, const char *site_no, struct error *ret_error)
{
    Walkie__Crf__V1__ValidateRequest message = WALKIE__CRF__V1__VALIDATE_REQUEST__INIT;
    message.is_written = field_is_set(request, "write");
    if (message.is_written && !request_demand(request, PERMISSION_WRITE)) {
        return STATUS_OK; /* it has been answered */
    }
    bool is_csv = strcmp(field_text(request, "format"), "csv") == 0;
    message.study = (char *)study;
    message.site_no = (char *)site_no;
    message.format = is_csv ? WALKIE__CRF__V1__RESULT_FORMAT__RESULT_FORMAT_CSV
                            : WALKIE__CRF__V1__RESULT_FORMAT__RESULT_FORMAT_JSON;
    message.language = field_text(request, "language");
    message.requester = field_requester(request);
    return report_work_start(request, &CRF_VALIDATE, &message.base, ret_error);
}

enum status handle_crf_site(struct request *request, struct error *ret_error)
{
    return validate(request, field_text(request, "study"), request->path_argument, ret_error);
}

enum status handle_crf_study(struct request *request, struct error *ret_error)
{
    return validate(request, request->path_argument, "", ret_error);
}
