/* Work and Sleep: demonstrations of a call that burns CPU and of one that only waits. */
#include <stdio.h>

#include "api/handlers.h"
#include "walkie/report/v1/methods.h"
#include "walkie/report/v1/report.pb-c.h"

enum { FAULT_MS_DEFAULT = 10, FAULT_MS_MAX = 60000 };

const struct parameter FAULT_PARAMETERS[] = {{"ms", NULL}, {NULL, NULL}};

static void respond_ms(struct request *request, uint32_t ms)
{
    char body[32];
    snprintf(body, sizeof(body), "{\"ms\":%u}\n", ms);
    request->is_answer_begun = true;
    http_respond(request->exchange, 200, "application/json", bytes_of(body));
}

static void on_work_reply(void *arg, struct bytes message)
{
    Walkie__Report__V1__WorkReply *reply =
        walkie__report__v1__work_reply__unpack(NULL, message.len, message.data);
    if (reply != NULL) {
        respond_ms(arg, reply->ms);
        walkie__report__v1__work_reply__free_unpacked(reply, NULL);
    }
}

static void on_sleep_reply(void *arg, struct bytes message)
{
    Walkie__Report__V1__SleepReply *reply =
        walkie__report__v1__sleep_reply__unpack(NULL, message.len, message.data);
    if (reply != NULL) {
        respond_ms(arg, reply->ms);
        walkie__report__v1__sleep_reply__free_unpacked(reply, NULL);
    }
}

static enum status read_ms(struct request *request, uint32_t *ret_ms, struct error *ret_error)
{
    const char *text = parameters_get(&request->parameters, "ms");
    *ret_ms = FAULT_MS_DEFAULT;
    return text == NULL ? STATUS_OK : number_parse("ms", text, FAULT_MS_MAX, ret_ms, ret_error);
}

enum status handle_work(struct request *request, struct error *ret_error)
{
    static const struct rpc_call_events EVENTS = {
        .on_reply = on_work_reply, .on_end = request_on_end};
    Walkie__Report__V1__WorkRequest message = WALKIE__REPORT__V1__WORK_REQUEST__INIT;
    enum status status = read_ms(request, &message.ms, ret_error);
    return status == STATUS_OK
               ? request_call(request, &REPORT_WORK, &message.base, &EVENTS, ret_error)
               : status;
}

enum status handle_sleep(struct request *request, struct error *ret_error)
{
    static const struct rpc_call_events EVENTS = {
        .on_reply = on_sleep_reply, .on_end = request_on_end};
    Walkie__Report__V1__SleepRequest message = WALKIE__REPORT__V1__SLEEP_REQUEST__INIT;
    enum status status = read_ms(request, &message.ms, ret_error);
    return status == STATUS_OK
               ? request_call(request, &REPORT_SLEEP, &message.base, &EVENTS, ret_error)
               : status;
}
