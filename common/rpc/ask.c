#include "rpc/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "obs/detached.h"
#include "rpc/channel_internal.h"

struct ask;

/* One address that is asked. Its call writes here, on one thread at a time. */
struct ask_link {
    struct ask *ask;
    uint32_t number; /* 0: there is no link */
    char backend[RPC_URL_MAX];
    char address[RPC_URL_MAX];
    struct buffer message;
    bool is_message_lost; /* too long, or no memory */
    struct rpc_end end;
};

struct ask {
    _Atomic size_t n_open; /* calls that have not ended, and the starter */
    rpc_answers_fn *on_answers;
    void *arg;
    size_t n_links;
    struct ask_link links[RPC_ASK_ANSWERS_MAX];
};

static void ask_free(struct ask *ask)
{
    for (size_t i = 0; i < ask->n_links; i++) {
        buffer_finish(&ask->links[i].message);
    }
    free(ask);
}

/* One has ended; the last one tells. */
static void close_one(struct ask *ask)
{
    if (atomic_fetch_sub(&ask->n_open, 1) != 1) {
        return;
    }
    struct rpc_answer answers[RPC_ASK_ANSWERS_MAX];
    for (size_t i = 0; i < ask->n_links; i++) {
        struct ask_link *link = &ask->links[i];
        answers[i] = (struct rpc_answer){.backend = link->backend,
            .address = link->address,
            .message = buffer_bytes(&link->message),
            .end = &link->end};
    }
    ask->on_answers(ask->arg, answers, ask->n_links);
    ask_free(ask);
}

static void fail(struct ask_link *link, enum status status, const char *why)
{
    rpc_end_init(&link->end, status);
    link->end.account.outcome = RPC_OUTCOME_NOT_STARTED;
    snprintf(link->end.message, sizeof(link->end.message), "%s", why);
}

static void on_reply(void *arg, struct bytes message)
{
    struct ask_link *link = arg;
    link->is_message_lost = buffer_append(&link->message, message.data, message.len) != STATUS_OK;
}

static void on_end(void *arg, const struct rpc_end *end)
{
    struct ask_link *link = arg;
    link->end = *end;
    if (end->status == STATUS_OK && link->is_message_lost) {
        fail(link, STATUS_RESOURCE_EXHAUSTED, "the answer is too long");
    }
    if (link->end.status != STATUS_OK) {
        buffer_finish(&link->message);
    }
    close_one(link->ask);
}

static const struct rpc_call_events EVENTS = {.on_reply = on_reply, .on_end = on_end};

static void note_link(void *arg, const struct rpc_link_info *info)
{
    struct ask *ask = arg;
    if (ask->n_links == LENGTH_OF(ask->links)) {
        return;
    }
    struct ask_link *link = &ask->links[ask->n_links++];
    link->ask = ask;
    link->number = info->is_connected ? info->number : 0;
    link->message = (struct buffer)BUFFER_EMPTY(RPC_ASK_ANSWER_MAX);
    snprintf(link->backend, sizeof(link->backend), "%s", info->backend);
    snprintf(link->address, sizeof(link->address), "%s", info->address);
    fail(link, STATUS_UNAVAILABLE,
        info->last_error[0] == '\0' ? "there is no connection yet" : info->last_error);
}

enum status rpc_ask_all_from(struct ctx_site site, const struct ctx *ctx,
    struct rpc_channel *channel, const struct rpc_method *method, const ProtobufCMessage *request,
    rpc_answers_fn *on_answers, void *arg)
{
    detached_check(site, ctx, "rpc");
    struct ask *ask = calloc(1, sizeof(*ask));
    if (ask == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    atomic_init(&ask->n_open, 1);
    ask->on_answers = on_answers;
    ask->arg = arg;
    rpc_channel_each_link(channel, note_link, ask);
    for (size_t i = 0; i < ask->n_links; i++) {
        struct ask_link *link = &ask->links[i];
        if (link->number == 0) {
            continue;
        }
        const struct client_call_start start = {.channel = channel,
            .only = link->number,
            .method = method,
            .request = request,
            .events = &EVENTS,
            .arg = link};
        atomic_fetch_add(&ask->n_open, 1);
        enum status status = client_call_start(ctx, &start, NULL);
        if (status != STATUS_OK) {
            fail(link, status, "there is no room for another call");
            atomic_fetch_sub(&ask->n_open, 1);
        }
    }
    close_one(ask);
    return STATUS_OK;
}
