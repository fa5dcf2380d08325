#include "epro_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "walkie/epro/v1/methods.h"

static void on_reply(void *arg, struct bytes message)
{
    struct epro_answer *answer = arg;
    pthread_mutex_lock(&answer->mutex);
    answer->reply =
        walkie__epro__v1__submit_responses_reply__unpack(NULL, message.len, message.data);
    pthread_mutex_unlock(&answer->mutex);
}

static void on_end(void *arg, const struct rpc_end *end)
{
    struct epro_answer *answer = arg;
    pthread_mutex_lock(&answer->mutex);
    answer->n_ends++;
    answer->end = *end;
    pthread_cond_signal(&answer->changed);
    pthread_mutex_unlock(&answer->mutex);
}

static void start(struct epro_answer *answer, struct rpc_channel *channel, const struct ctx *ctx,
    const struct rpc_method *method, const ProtobufCMessage *request)
{
    static const struct rpc_call_events EVENTS = {.on_reply = on_reply, .on_end = on_end};
    *answer = (struct epro_answer){.n_ends = 0};
    pthread_mutex_init(&answer->mutex, NULL);
    pthread_cond_init(&answer->changed, NULL);
    assert_int_equal(
        rpc_call_start(ctx, channel, method, request, &EVENTS, answer, &answer->call), STATUS_OK);
}

void epro_start_process(struct epro_answer *answer, struct rpc_channel *channel,
    const struct ctx *ctx, uint32_t pace_ms)
{
    Walkie__Epro__V1__ProcessPatientRequest request =
        WALKIE__EPRO__V1__PROCESS_PATIENT_REQUEST__INIT;
    request.patient = (char *)(uintptr_t) "01-001";
    request.pace_ms = pace_ms;
    start(answer, channel, ctx, &EPRO_PROCESS_PATIENT, &request.base);
}

void epro_start_submit(struct epro_answer *answer, struct rpc_channel *channel,
    const struct ctx *ctx, const char *json, uint32_t pace_ms)
{
    Walkie__Epro__V1__SubmitResponsesRequest request =
        WALKIE__EPRO__V1__SUBMIT_RESPONSES_REQUEST__INIT;
    request.patient = (char *)(uintptr_t) "01-001";
    request.fhir = (ProtobufCBinaryData){strlen(json), (uint8_t *)(uintptr_t)json};
    request.pace_ms = pace_ms;
    start(answer, channel, ctx, &EPRO_SUBMIT_RESPONSES, &request.base);
}

enum status epro_wait_end(struct epro_answer *answer)
{
    pthread_mutex_lock(&answer->mutex);
    while (answer->n_ends == 0) {
        pthread_cond_wait(&answer->changed, &answer->mutex);
    }
    enum status status = answer->end.status;
    pthread_mutex_unlock(&answer->mutex);
    return status;
}

void epro_answer_finish(struct epro_answer *answer)
{
    rpc_client_call_unref(answer->call);
    walkie__epro__v1__submit_responses_reply__free_unpacked(answer->reply, NULL);
    pthread_cond_destroy(&answer->changed);
    pthread_mutex_destroy(&answer->mutex);
}
