/* GET /process/{patientID}: an interface that was there before this gateway, with bodies of its
 * own. What goes wrong before the processing begins (no permission, a parameter that cannot be
 * read) is problem+json as everywhere; from there on it answers 200, 408 or 500 alone.
 *
 * Who asks for problem+json is told of failures as everywhere else: browsers take a 408 for a
 * connection that was idle for too long, and ask again by themselves, so that the console would
 * run what has timed out a second and a third time. */
#include <cjson/cJSON.h>

#include "api/fields.h"
#include "api/handlers.h"
#include "api/timing.h"
#include "http/negotiate.h"
#include "walkie/epro/v1/epro.pb-c.h"
#include "walkie/epro/v1/methods.h"

const struct parameter PROCESS_PARAMETERS[] = {
    {"pace", NULL},
    {"study", NULL},
    {"center", NULL},
    {NULL, NULL},
};

static const char DONE[] = "{\"message\":\"处理成功\"}";
static const char OUT_OF_TIME[] = "{\"error\":\"请求处理超时或被取消\"}";

static void respond(struct request *request, int http_code, const char *json)
{
    http_respond_header(request->exchange, "Cache-Control", "private, no-store");
    http_respond(request->exchange, http_code, "application/json", bytes_of(json));
}

static bool wants_problem(struct request *request)
{
    static const char *const FORMS[] = {"application/json", "application/problem+json"};
    return http_negotiate(http_header(request->exchange, "accept"), FORMS, LENGTH_OF(FORMS)) == 1;
}

void process_on_failure(struct request *request, const struct problem *problem)
{
    if (wants_problem(request)) {
        problem_respond(request->exchange, problem);
        return;
    }
    if (problem->status == STATUS_DEADLINE_EXCEEDED || problem->status == STATUS_CANCELLED) {
        respond(request, 408, OUT_OF_TIME);
        return;
    }
    bool has_words = problem->detail != NULL && *problem->detail != '\0';
    cJSON *json = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(
        json, "error", has_words ? problem->detail : status_text(problem->status));
    char *text = cJSON_PrintUnformatted(json);
    respond(request, 500, text == NULL ? "{\"error\":\"out of memory\"}" : text);
    cJSON_free(text);
    cJSON_Delete(json);
}

static void on_reply(void *arg, struct bytes message)
{
    struct request *request = arg;
    Walkie__Epro__V1__ProcessPatientReply *reply =
        walkie__epro__v1__process_patient_reply__unpack(NULL, message.len, message.data);
    if (reply == NULL) {
        return; /* on_end answers: nothing was sent */
    }
    walkie__epro__v1__process_patient_reply__free_unpacked(reply, NULL);
    timing_note_call(request);
    request->is_answer_begun = true;
    respond(request, 200, DONE);
}

enum status handle_process(struct request *request, struct error *ret_error)
{
    static const struct rpc_call_events EVENTS = {.on_reply = on_reply, .on_end = request_on_end};
    Walkie__Epro__V1__ProcessPatientRequest message =
        WALKIE__EPRO__V1__PROCESS_PATIENT_REQUEST__INIT;
    enum status status = field_pace(request, &message.pace_ms, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    message.patient = request->path_argument;
    message.study = field_text(request, "study");
    message.site_no = field_text(request, "center");
    message.requester = field_requester(request);
    struct error error = ERROR_NONE;
    status = request_call(request, &EPRO_PROCESS_PATIENT, &message.base, &EVENTS, &error);
    if (status != STATUS_OK) {
        process_on_failure(request,
            &(struct problem){.status = status, .detail = error.text, .trace = &request->trace});
    }
    return STATUS_OK;
}
