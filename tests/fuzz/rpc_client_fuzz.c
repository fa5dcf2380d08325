/* A server that says anything in any order to the real channel, over a stream without a network:
 * REPLY, CHUNK within and beyond the credit, PROGRESS, END, GOAWAY, PING, for calls that run, have
 * been cancelled, have ended or never were, and bytes that are no frame.
 *
 * Whatever it says: every call that was started ends exactly once, no callback but that of a late
 * end runs after its end, that one runs exactly once for an end that promises it, and no scope is
 * left. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fake_nng.h"
#include "obs/log.h"
#include "rpc/channel.h"
#include "rpc/envelope.h"
#include "rpc/opening.h"
#include "rpc_script.h"
#include "walkie/report/v1/report.pb-c.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CALLS_MAX = 16 };

static const struct rpc_method FUZZ_UNARY = {.name = "f/Unary", .kind = RPC_UNARY};
static const struct rpc_method FUZZ_STREAM = {.name = "f/Stream", .kind = RPC_SERVER_STREAM};

struct fuzz_call {
    struct ctx_scope *scope;
    struct rpc_client_call *call;
    _Atomic unsigned int n_ends;
    _Atomic unsigned int n_late_ends;
    _Atomic bool is_followed; /* its end promises a late one */
    _Atomic uint64_t n_bytes; /* received, not given back */
};

struct server {
    struct fake_stream *stream;
    struct rpc_channel *channel;
    struct script script;
    struct script_wire wire;
    struct fuzz_call calls[CALLS_MAX];
    size_t n_calls;
    uint32_t ids[CALLS_MAX]; /* as the channel has sent them */
    size_t n_ids;
    bool has_opening;
    uint8_t sent[1 << 18];
    size_t sent_len;
};

/* --- the callers ---------------------------------------------------------------------------- */

static void check_is_open(struct fuzz_call *call)
{
    if (atomic_load(&call->n_ends) > 0) {
        abort(); /* a callback after on_end */
    }
}

static void on_reply(void *arg, struct bytes message)
{
    (void)message;
    check_is_open(arg);
}

static void on_chunk(void *arg, struct bytes piece)
{
    struct fuzz_call *call = arg;
    check_is_open(call);
    atomic_fetch_add(&call->n_bytes, piece.len);
}

static void on_progress(void *arg, const struct rpc_progress *progress)
{
    if (progress->stage == NULL || progress->section == NULL) {
        abort();
    }
    check_is_open(arg);
}

static void on_end(void *arg, const struct rpc_end *end)
{
    struct fuzz_call *call = arg;
    check_is_open(call);
    atomic_store(&call->is_followed, end->is_followed);
    atomic_fetch_add(&call->n_ends, 1);
}

static void on_late_end(void *arg, const struct rpc_end *end)
{
    struct fuzz_call *call = arg;
    if (end->is_followed) {
        abort(); /* it is the last word */
    }
    atomic_fetch_add(&call->n_late_ends, 1);
}

static const struct rpc_call_events EVENTS = {.on_reply = on_reply,
    .on_chunk = on_chunk,
    .on_progress = on_progress,
    .on_end = on_end,
    .on_late_end = on_late_end};
static const struct rpc_call_events EVENTS_FEW = {.on_end = on_end, .on_late_end = on_late_end};

static void start_call(struct server *server)
{
    if (server->n_calls == CALLS_MAX) {
        return;
    }
    struct fuzz_call *call = &server->calls[server->n_calls++];
    uint8_t how = script_u8(&server->script);
    Walkie__Report__V1__WorkRequest request = WALKIE__REPORT__V1__WORK_REQUEST__INIT;
    memset(call, 0, sizeof(*call));
    call->scope = ctx_with_timeout(ctx_background(), CTX_SECONDS(60));
    if (rpc_call_start(call->scope->ctx, server->channel, (how & 1) ? &FUZZ_STREAM : &FUZZ_UNARY,
            &request.base, (how & 2) ? &EVENTS_FEW : &EVENTS, call, &call->call) != STATUS_OK) {
        abort();
    }
    fake_stream_run(server->stream);
}

static struct fuzz_call *pick_call(struct server *server)
{
    uint8_t at = script_u8(&server->script);
    return server->n_calls == 0 ? NULL : &server->calls[at % server->n_calls];
}

/* --- what the channel sends ----------------------------------------------------------------- */

static void note_call(struct server *server, uint32_t id)
{
    for (size_t i = 0; i < server->n_ids; i++) {
        if (server->ids[i] == id) {
            abort(); /* sent twice */
        }
    }
    if (server->n_ids < CALLS_MAX) {
        server->ids[server->n_ids++] = id;
    }
}

static void on_sent(void *arg, const uint8_t *bytes, size_t len)
{
    struct server *server = arg;
    if (len > sizeof(server->sent) - server->sent_len) {
        abort(); /* more than so few calls can make it send */
    }
    memcpy(server->sent + server->sent_len, bytes, len);
    server->sent_len += len;
    size_t at = 0;
    if (!server->has_opening && server->sent_len >= RPC_OPENING_LEN) {
        server->has_opening = true;
        at = RPC_OPENING_LEN;
    }
    struct bytes message;
    size_t message_len;
    while (server->has_opening &&
           script_next_sent(
               (struct bytes){server->sent + at, server->sent_len - at}, &message, &message_len)) {
        struct rpc_frame frame;
        const char *reason;
        if (!rpc_frame_parse(message, &frame, &reason)) {
            abort();
        }
        if (frame.type == RPC_FRAME_CALL) {
            note_call(server, frame.call_id);
        }
        at += message_len;
    }
    server->sent_len -= at;
    memmove(server->sent, server->sent + at, server->sent_len);
}

/* --- what the server says ------------------------------------------------------------------- */

static uint32_t read_id(struct server *server)
{
    uint8_t at = script_u8(&server->script);
    if (server->n_ids == 0 || at >= 0xf0) {
        return RPC_CALL_ID_TOP | at;
    }
    return server->ids[at % server->n_ids];
}

static void add_frame(struct server *server, uint32_t id, enum rpc_frame_type type,
    struct bytes header, struct bytes payload)
{
    struct rpc_frame frame = {.call_id = id, .type = type, .header = header, .payload = payload};
    wire_add_frame(&server->wire, &frame);
}

static void add_message(
    struct server *server, uint32_t id, enum rpc_frame_type type, const ProtobufCMessage *message)
{
    uint8_t header[ENVELOPE_LEN_MAX];
    add_frame(server, id, type, (struct bytes){header, envelope_pack(header, message)},
        (struct bytes){NULL, 0});
}

static void add_chunk(struct server *server)
{
    static const uint8_t ZEROS[60000];
    size_t len = (size_t)script_u8(&server->script) << 8;
    add_frame(server, read_id(server), RPC_FRAME_CHUNK, (struct bytes){NULL, 0},
        (struct bytes){ZEROS, len < sizeof(ZEROS) ? len : sizeof(ZEROS)});
}

static void add_end(struct server *server)
{
    struct rpc_end end = {
        .status = (enum status)(script_u8(&server->script) % 17), .cause = CTX_CAUSE_NONE};
    uint8_t header[ENVELOPE_LEN_MAX];
    add_frame(server, read_id(server), RPC_FRAME_END,
        (struct bytes){header, envelope_pack_end(header, &end)}, (struct bytes){NULL, 0});
}

static void add_reply(struct server *server)
{
    const struct rpc_account account = {.outcome = RPC_OUTCOME_COMMITTED};
    uint8_t header[ENVELOPE_LEN_MAX];
    size_t len = envelope_pack_reply(header, &account);
    add_frame(server, read_id(server), RPC_FRAME_REPLY, (struct bytes){header, len},
        script_bytes(&server->script));
}

static void add_progress(struct server *server)
{
    Walkie__Rpc__V1__Progress progress = WALKIE__RPC__V1__PROGRESS__INIT;
    progress.stage = (char *)(uintptr_t) "stage";
    progress.done = script_u8(&server->script);
    add_message(server, read_id(server), RPC_FRAME_PROGRESS, &progress.base);
}

static void add_any_frame(struct server *server)
{
    enum rpc_frame_type type = (enum rpc_frame_type)script_u8(&server->script);
    uint32_t id = read_id(server);
    struct bytes header = script_bytes(&server->script);
    add_frame(server, id, type, header, script_bytes(&server->script));
}

static void flush(struct server *server)
{
    fake_stream_feed(server->stream, server->wire.bytes, server->wire.len);
    server->wire.len = 0;
}

static void add_connection_frame(struct server *server)
{
    Walkie__Rpc__V1__Ping ping = WALKIE__RPC__V1__PING__INIT;
    Walkie__Rpc__V1__GoAway goaway = WALKIE__RPC__V1__GO_AWAY__INIT;
    switch (script_u8(&server->script) % 3) {
    case 0:
        add_message(server, RPC_CALL_ID_CONNECTION, RPC_FRAME_PING, &ping.base);
        break;
    case 1:
        add_message(server, RPC_CALL_ID_CONNECTION, RPC_FRAME_PONG, &ping.base);
        break;
    default:
        add_message(server, RPC_CALL_ID_CONNECTION, RPC_FRAME_GOAWAY, &goaway.base);
        break;
    }
}

static void act_on_a_call(struct server *server)
{
    struct fuzz_call *call = pick_call(server);
    uint8_t what = script_u8(&server->script);
    if (call == NULL) {
        return;
    }
    if ((what & 1) != 0) {
        ctx_cancel(call->scope, CTX_CAUSE_USER_CANCELLED);
        return;
    }
    /* As much as came, or, wrongly, more. */
    uint64_t len = atomic_exchange(&call->n_bytes, 0);
    rpc_client_call_consumed(call->call, (size_t)len + ((what & 2) != 0 ? (size_t)what << 10 : 0));
}

static void step_once(struct server *server)
{
    static void (*const STEPS[])(struct server * server) = {start_call, start_call, act_on_a_call,
        act_on_a_call, add_reply, add_chunk, add_end, add_progress, add_connection_frame,
        add_any_frame, flush, flush};
    uint8_t step = script_u8(&server->script);
    if (step == 0xff) {
        wire_add(&server->wire, script_bytes(&server->script));
    } else {
        STEPS[step % LENGTH_OF(STEPS)](server);
    }
}

static void begin(struct server *server)
{
    uint8_t opening[RPC_OPENING_LEN];
    uint8_t how = script_u8(&server->script);
    fake_stream_set_room(server->stream, script_room(how));
    if (how % 8 == 7) {
        return; /* the script says that, too */
    }
    rpc_opening_write(opening, how % 8 == 6 ? RPC_SP_REP : RPC_SP_SERVER);
    wire_add(&server->wire, (struct bytes){opening, sizeof(opening)});
    if (how % 8 < 5) {
        Walkie__Rpc__V1__Hello hello = WALKIE__RPC__V1__HELLO__INIT;
        hello.version = 1;
        hello.peer = (char *)(uintptr_t) "fuzz";
        hello.calls_max = CALLS_MAX;
        add_message(server, RPC_CALL_ID_CONNECTION, RPC_FRAME_HELLO, &hello.base);
    }
    flush(server);
}

/* --- one input ------------------------------------------------------------------------------ */

static struct rpc_channel *channel_new(void)
{
    static bool is_quiet;
    const struct log_options quiet = {.service = "fuzz", .level = LOG_LEVEL_ERROR};
    const struct rpc_channel_options options = {
        .backend = "tcp://127.0.0.1:1", .name = "fuzz", .calls_max = CALLS_MAX};
    struct rpc_channel *channel = NULL;
    struct error error = ERROR_NONE;
    if ((!is_quiet && log_init(&quiet, &error) != STATUS_OK) ||
        rpc_channel_new(&options, &channel, &error) != STATUS_OK) {
        abort();
    }
    is_quiet = true;
    return channel;
}

static void check_calls(struct server *server)
{
    for (size_t i = 0; i < server->n_calls; i++) {
        struct fuzz_call *call = &server->calls[i];
        if (atomic_load(&call->n_ends) != 1) {
            abort(); /* the channel is gone, and the call has no end */
        }
        if (atomic_load(&call->n_late_ends) != (atomic_load(&call->is_followed) ? 1 : 0)) {
            abort(); /* a late end that was not promised, or a promise that was not kept */
        }
        rpc_client_call_unref(call->call);
        ctx_scope_end(call->scope);
    }
    script_await_no_scopes();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct server server;
    memset(&server, 0, offsetof(struct server, sent));
    server.sent_len = 0;
    server.script = (struct script){data, size};
    server.stream = fake_stream_offer(on_sent, &server);
    server.channel = channel_new();
    fake_stream_await_reader(server.stream);
    begin(&server);
    while (script_has_more(&server.script)) {
        step_once(&server);
    }
    flush(&server);
    fake_stream_hang_up(server.stream);
    rpc_channel_free(server.channel);
    fake_stream_forget(server.stream);
    check_calls(&server);
    return 0;
}
