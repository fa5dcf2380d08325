#include "support/job_service.h"

#include <stdio.h>
#include <string.h>

#include "support/rpc_fixture.h"
#include "walkie/crf/v1/crf.pb-c.h"
#include "walkie/crf/v1/methods.h"
#include "walkie/epro/v1/epro.pb-c.h"
#include "walkie/epro/v1/methods.h"

struct job_service_heard job_service_heard = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void copy(char to[JOB_SERVICE_TEXT_LEN], const char *from)
{
    snprintf(to, JOB_SERVICE_TEXT_LEN, "%s", from);
}

/* What becomes of a patient stands in its name. */
static enum status end_as_named(
    const struct ctx *ctx, struct rpc_server_call *call, const char *patient)
{
    if (strcmp(patient, "slow") == 0) {
        enum status status = ctx_sleep(ctx, CLOCK_SECONDS(TEST_WAIT_SECONDS));
        pthread_mutex_lock(&job_service_heard.mutex);
        job_service_heard.cause = ctx_cause(ctx);
        pthread_mutex_unlock(&job_service_heard.mutex);
        return status;
    }
    if (strcmp(patient, "unknown") == 0) {
        return rpc_call_fail(call, STATUS_NOT_FOUND, "no patient \"unknown\"");
    }
    if (strcmp(patient, "elsewhere") == 0) {
        return rpc_call_fail(call, STATUS_PERMISSION_DENIED, "not within the scope");
    }
    if (strcmp(patient, "busy") == 0) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    return STATUS_OK;
}

static enum status process(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)arg;
    struct bytes bytes = rpc_call_request(call);
    Walkie__Epro__V1__ProcessPatientRequest *request =
        walkie__epro__v1__process_patient_request__unpack(NULL, bytes.len, bytes.data);
    pthread_mutex_lock(&job_service_heard.mutex);
    copy(job_service_heard.patient, request->patient);
    copy(job_service_heard.study, request->study);
    copy(job_service_heard.site_no, request->site_no);
    job_service_heard.pace_ms = request->pace_ms;
    pthread_mutex_unlock(&job_service_heard.mutex);
    enum status status = end_as_named(ctx, call, request->patient);
    bool is_mute = strcmp(request->patient, "mute") == 0;
    walkie__epro__v1__process_patient_request__free_unpacked(request, NULL);
    const Walkie__Epro__V1__ProcessPatientReply reply =
        WALKIE__EPRO__V1__PROCESS_PATIENT_REPLY__INIT;
    return status != STATUS_OK || is_mute ? status : rpc_call_reply(call, &reply.base);
}

static enum status reply_two(struct rpc_server_call *call)
{
    Walkie__Epro__V1__Alert alert = WALKIE__EPRO__V1__ALERT__INIT;
    alert.kind = (char *)"suicidal_ideation";
    alert.link_id = (char *)"phq9-9";
    alert.text = (char *)"says \"more than half\"";
    Walkie__Epro__V1__Alert *alerts[] = {&alert};
    Walkie__Epro__V1__Issue issue = WALKIE__EPRO__V1__ISSUE__INIT;
    issue.kind = (char *)"unknown_instrument";
    issue.text = (char *)"未知量表";
    Walkie__Epro__V1__Issue *issues[] = {&issue};
    Walkie__Epro__V1__ResponseResult good = WALKIE__EPRO__V1__RESPONSE_RESULT__INIT;
    good.external_id = (char *)"r-1";
    good.instrument = (char *)"PHQ-9";
    good.outcome = WALKIE__EPRO__V1__OUTCOME__OUTCOME_STORED;
    good.has_score = true;
    good.score = 12.5;
    good.missing_items = 1;
    good.is_prorated = true;
    good.severity = (char *)"moderate";
    good.alerts = alerts;
    good.n_alerts = 1;
    Walkie__Epro__V1__ResponseResult bad = WALKIE__EPRO__V1__RESPONSE_RESULT__INIT;
    bad.index = 1;
    bad.has_vas = true;
    bad.vas = 71;
    bad.outcome = WALKIE__EPRO__V1__OUTCOME__OUTCOME_REJECTED;
    bad.issues = issues;
    bad.n_issues = 1;
    Walkie__Epro__V1__ResponseResult *results[] = {&good, &bad};
    Walkie__Epro__V1__Counts counts = WALKIE__EPRO__V1__COUNTS__INIT;
    counts.responses = 2;
    counts.stored = counts.rejected = counts.issues = counts.alerts = counts.alerts_raised = 1;
    Walkie__Epro__V1__SubmitResponsesReply reply = WALKIE__EPRO__V1__SUBMIT_RESPONSES_REPLY__INIT;
    reply.study = (char *)"AA-1";
    reply.site_no = (char *)"101";
    reply.patient = (char *)"101-001";
    reply.counts = &counts;
    reply.results = results;
    reply.n_results = LENGTH_OF(results);
    return rpc_call_reply(call, &reply.base);
}

static enum status submit(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)arg;
    struct bytes bytes = rpc_call_request(call);
    Walkie__Epro__V1__SubmitResponsesRequest *request =
        walkie__epro__v1__submit_responses_request__unpack(NULL, bytes.len, bytes.data);
    pthread_mutex_lock(&job_service_heard.mutex);
    copy(job_service_heard.patient, request->patient);
    job_service_heard.pace_ms = request->pace_ms;
    job_service_heard.body_len = request->fhir.len;
    job_service_heard.is_body_whole = true;
    for (size_t i = 0; i < request->fhir.len; i++) {
        job_service_heard.is_body_whole =
            job_service_heard.is_body_whole && request->fhir.data[i] == test_byte(i);
    }
    pthread_mutex_unlock(&job_service_heard.mutex);
    enum status status = end_as_named(ctx, call, request->patient);
    walkie__epro__v1__submit_responses_request__free_unpacked(request, NULL);
    return status == STATUS_OK ? reply_two(call) : status;
}

static enum status validate(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    (void)arg;
    struct bytes bytes = rpc_call_request(call);
    Walkie__Crf__V1__ValidateRequest *request =
        walkie__crf__v1__validate_request__unpack(NULL, bytes.len, bytes.data);
    pthread_mutex_lock(&job_service_heard.mutex);
    copy(job_service_heard.study, request->study);
    copy(job_service_heard.site_no, request->site_no);
    job_service_heard.is_written = request->is_written;
    job_service_heard.format = (int)request->format;
    pthread_mutex_unlock(&job_service_heard.mutex);
    walkie__crf__v1__validate_request__free_unpacked(request, NULL);
    Walkie__Crf__V1__ValidateHead head = WALKIE__CRF__V1__VALIDATE_HEAD__INIT;
    head.content_type = (char *)"text/csv";
    head.filename = (char *)"crf-101.csv";
    head.filename_utf8 = head.filename;
    head.content_len = 8;
    head.sha256 = (char *)"9b871512327c09ce91dd649b3f96a63b7408ef267c8cc5710114e629730cb61f";
    enum status status = rpc_call_reply(call, &head.base);
    return status == STATUS_OK ? rpc_call_chunk(ctx, call, bytes_of("problems")) : status;
}

void job_service_serve(struct rpc_server_options *options)
{
    static const struct rpc_binding BINDINGS[] = {{&EPRO_PROCESS_PATIENT, process, NULL},
        {&EPRO_SUBMIT_RESPONSES, submit, NULL}, {&CRF_VALIDATE, validate, NULL}};
    options->bindings = BINDINGS;
    options->n_bindings = LENGTH_OF(BINDINGS);
}
