#include "api/methods.h"
#include "api/service.h"
#include "walkie/crf/v1/crf.pb-c.h"
#include "walkie/crf/v1/methods.h"

static enum status check_validate(
    const struct authority *authority, const struct rpc_incoming *call, const char **ret_why)
{
    Walkie__Crf__V1__ValidateRequest *request =
        walkie__crf__v1__validate_request__unpack(NULL, call->request.len, call->request.data);
    if (request == NULL) {
        return STATUS_OK; /* the handler says what is wrong with it */
    }
    enum status status = STATUS_OK;
    bool is_study = *request->site_no == '\0';
    if (is_study && !authority_covers_study(authority, request->study)) {
        *ret_why = "the caller's scope does not hold all sites of this study";
        status = STATUS_PERMISSION_DENIED;
    } else if (!is_study && !authority_covers(authority, request->study, request->site_no)) {
        *ret_why = service_site_refusal(authority, request->study, request->site_no);
        status = STATUS_PERMISSION_DENIED;
    }
    if (status == STATUS_OK && request->is_written) {
        status = service_check_writer(authority, call, ret_why);
    }
    walkie__crf__v1__validate_request__free_unpacked(request, NULL);
    return status;
}

static const struct service_method ROWS[] = {
    {{&CRF_VALIDATE, service_crf_validate, service_crf_validate_key}, ROLE_REQUESTER,
        check_validate},
};
const struct service_table SERVICE_CRF = {ROWS, LENGTH_OF(ROWS)};
