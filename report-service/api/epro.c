/* What patients report: two methods over one piece of work. */
#include "api/epro_work.h"
#include "api/unpack.h"
#include "walkie/epro/v1/epro.pb-c.h"

enum status service_process_patient(
    const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    Walkie__Epro__V1__ProcessPatientRequest *message =
        REQUEST_OF(call, walkie__epro__v1__process_patient_request);
    if (message == NULL) {
        return STATUS_INVALID_ARGUMENT;
    }
    struct epro_work *work = epro_work_new(call, &message->base);
    if (work == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    work->request.subject_no = message->patient;
    work->request.study = request_text(message->study);
    work->request.site_no = request_text(message->site_no);
    work->request.principal = request_text(message->requester);
    work->pace_ms = message->pace_ms;
    work->language = message->language;
    work->reply = epro_reply_process;
    return epro_work_run(ctx, call, service, work);
}

enum status service_submit_responses(
    const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    Walkie__Epro__V1__SubmitResponsesRequest *message =
        REQUEST_OF(call, walkie__epro__v1__submit_responses_request);
    if (message == NULL) {
        return STATUS_INVALID_ARGUMENT;
    }
    if (message->fhir.len == 0) { /* to the domain that means: what the database holds */
        protobuf_c_message_free_unpacked(&message->base, NULL);
        return rpc_call_fail(call, STATUS_INVALID_ARGUMENT,
            "the body is empty: send a FHIR R4 QuestionnaireResponse, a Bundle or an array of "
            "them");
    }
    struct epro_work *work = epro_work_new(call, &message->base);
    if (work == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    work->request.subject_no = message->patient;
    work->request.study = request_text(message->study);
    work->request.site_no = request_text(message->site_no);
    work->request.principal = request_text(message->requester);
    work->request.fhir = (struct bytes){message->fhir.data, message->fhir.len};
    work->pace_ms = message->pace_ms;
    work->language = message->language;
    work->reply = epro_reply_submit;
    return epro_work_run(ctx, call, service, work);
}
