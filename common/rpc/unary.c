/* rpc_call_unary: a call and a wait. The wait needs no context of its own: the call is ended by it.
 */
#include <pthread.h>

#include "rpc/channel.h"

struct unary {
    const ProtobufCMessageDescriptor *reply_type;
    ProtobufCMessage *reply;
    struct rpc_end end;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool is_ended;
};

static void on_reply(void *arg, struct bytes message)
{
    struct unary *unary = arg;
    unary->reply = protobuf_c_message_unpack(unary->reply_type, NULL, message.len, message.data);
}

static void on_end(void *arg, const struct rpc_end *end)
{
    struct unary *unary = arg;
    pthread_mutex_lock(&unary->mutex);
    unary->end = *end;
    unary->is_ended = true;
    /* Under the lock: once it is free the waiter's stack may be gone. */
    pthread_cond_signal(&unary->ended);
    pthread_mutex_unlock(&unary->mutex);
}

static const struct rpc_call_events UNARY_EVENTS = {.on_reply = on_reply, .on_end = on_end};

enum status rpc_call_unary_from(struct ctx_site site, const struct ctx *ctx,
    struct rpc_channel *channel, const struct rpc_method *method, const ProtobufCMessage *request,
    const ProtobufCMessageDescriptor *reply_type, ProtobufCMessage **ret_reply,
    struct rpc_end *ret_end)
{
    struct unary unary = {.reply_type = reply_type, .is_ended = false};
    pthread_mutex_init(&unary.mutex, NULL);
    pthread_cond_init(&unary.ended, NULL);
    unary.end.account.outcome = RPC_OUTCOME_NOT_STARTED;
    enum status status =
        rpc_call_start_from(site, ctx, channel, method, request, &UNARY_EVENTS, &unary, NULL);
    if (status == STATUS_OK) {
        pthread_mutex_lock(&unary.mutex);
        while (!unary.is_ended) {
            pthread_cond_wait(&unary.ended, &unary.mutex);
        }
        pthread_mutex_unlock(&unary.mutex);
        status = unary.end.status;
    }
    if (status == STATUS_OK && unary.reply == NULL) {
        status = STATUS_DATA_LOSS; /* bytes that are no such message */
    }
    unary.end.status = status;
    if (ret_end != NULL) {
        *ret_end = unary.end;
    }
    if (status == STATUS_OK) {
        *ret_reply = unary.reply;
    } else if (unary.reply != NULL) {
        /* It came, and the context ended while it was being looked at. */
        protobuf_c_message_free_unpacked(unary.reply, NULL);
    }
    pthread_cond_destroy(&unary.ended);
    pthread_mutex_destroy(&unary.mutex);
    return status;
}
