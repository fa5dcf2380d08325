#include "api/handlers.h"
#include "api/timing.h"
#include "walkie/report/v1/methods.h"
#include "walkie/report/v1/report.pb-c.h"

enum { ECHO_LEN_DEFAULT = 1024, ECHO_LEN_MAX = 64 << 10 };

const struct parameter ECHO_PARAMETERS[] = {{"len", NULL}, {NULL, NULL}};

static void on_reply(void *arg, struct bytes message)
{
    struct request *request = arg;
    Walkie__Report__V1__EchoReply *reply =
        walkie__report__v1__echo_reply__unpack(NULL, message.len, message.data);
    if (reply == NULL) {
        return; /* on_end answers: nothing was sent */
    }
    timing_note_call(request);
    request->is_answer_begun = true;
    http_respond(request->exchange, 200, "application/octet-stream",
        (struct bytes){reply->payload.data, reply->payload.len});
    walkie__report__v1__echo_reply__free_unpacked(reply, NULL);
}

enum status handle_echo(struct request *request, struct error *ret_error)
{
    static const struct rpc_call_events EVENTS = {.on_reply = on_reply, .on_end = request_on_end};
    uint32_t len = ECHO_LEN_DEFAULT;
    const char *text = parameters_get(&request->parameters, "len");
    enum status status =
        text == NULL ? STATUS_OK : number_parse("len", text, ECHO_LEN_MAX, &len, ret_error);
    if (status != STATUS_OK) {
        return status;
    }
    Walkie__Report__V1__EchoRequest message = WALKIE__REPORT__V1__ECHO_REQUEST__INIT;
    message.reply_len = len;
    return request_call(request, &REPORT_ECHO, &message.base, &EVENTS, ret_error);
}
