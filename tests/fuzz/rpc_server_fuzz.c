/* A client that says anything in any order to the real server, over streams without a network: the
 * opening of either protocol, HELLO, calls of every kind, CANCEL lists, CREDIT, PING, GOAWAY, and
 * bytes that are no frame. The first byte chooses how it begins; then come steps (see step_once).
 *
 * Whatever it says: no call has two ends, every call is over once the connection is, and no scope
 * is left. */
#include <stdlib.h>
#include <string.h>

#include "api/service.h"
#include "base/clock.h"
#include "fake_nng.h"
#include "obs/log.h"
#include "rpc/envelope.h"
#include "rpc/opening.h"
#include "rpc_script.h"
#include "walkie/report/v1/methods.h"
#include "walkie/report/v1/report.pb-c.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { IDS = 8, STREAM_PIECES = 6, UNCOUNTED = 100000 };

static const struct rpc_method FUZZ_STREAM = {.name = "f/Stream", .kind = RPC_SERVER_STREAM};
static const struct rpc_method FUZZ_WAIT = {
    .name = "f/Wait", .kind = RPC_UNARY, .timeout_max_ns = CLOCK_SECONDS(60)};

static enum status stream_handler(
    const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)service;
    static const uint8_t PIECE[RPC_CHUNK_MAX];
    Walkie__Report__V1__AuditReportHead head = WALKIE__REPORT__V1__AUDIT_REPORT_HEAD__INIT;
    enum status status = rpc_call_reply(call, &head.base);
    for (int i = 0; status == STATUS_OK && i < STREAM_PIECES; i++) {
        status = rpc_call_chunk(ctx, call, (struct bytes){PIECE, sizeof(PIECE)});
    }
    return status;
}

static enum status wait_handler(const struct ctx *ctx, struct rpc_server_call *call, void *service)
{
    (void)call;
    (void)service;
    return ctx_wait(ctx);
}

static const char *const METHODS[] = {"walkie.report.v1.ReportService/Echo", "f/Wait", "f/Stream",
    "walkie.report.v1.ReportService/Sleep", "f/None", ""};

static struct rpc_server *server_once(void)
{
    static struct rpc_server *server;
    static const struct rpc_binding BINDINGS[] = {{.method = &REPORT_ECHO, .handler = service_echo},
        {.method = &REPORT_SLEEP, .handler = service_sleep},
        {.method = &FUZZ_STREAM, .handler = stream_handler},
        {.method = &FUZZ_WAIT, .handler = wait_handler}};
    if (server == NULL) {
        const struct log_options quiet = {.service = "fuzz", .level = LOG_LEVEL_ERROR};
        const struct rpc_server_options options = {.listen = "tcp://127.0.0.1:1",
            .name = "fuzz",
            .bindings = BINDINGS,
            .n_bindings = LENGTH_OF(BINDINGS),
            .n_workers = 2,
            .queue_max = 2,
            .calls_max = 6,
            .allow_faults = true};
        struct error error = ERROR_NONE;
        if (log_init(&quiet, &error) != STATUS_OK ||
            rpc_server_start(&options, &server, &error) != STATUS_OK) {
            abort();
        }
    }
    return server;
}

/* --- what the server sends ------------------------------------------------------------------ */

struct client {
    struct fake_stream *stream;
    struct script script;
    struct script_wire wire;
    unsigned int n_calls[IDS + 1]; /* CALLs fed, and last frames seen, by id */
    unsigned int n_lasts[IDS + 1];
    bool has_opening;
    uint8_t sent[1 << 20];
    size_t sent_len;
};

/* Unary calls end with REPLY or END, streams with END: an END is always a last frame. */
static void note_frame(struct client *client, struct bytes message)
{
    struct rpc_frame frame;
    const char *reason;
    if (!rpc_frame_parse(message, &frame, &reason)) {
        abort(); /* the server sends nothing malformed */
    }
    uint32_t number = frame.call_id & ~RPC_CALL_ID_TOP;
    if (frame.type == RPC_FRAME_END && number <= (uint32_t)IDS) {
        client->n_lasts[number]++;
    }
}

static void on_sent(void *arg, const uint8_t *bytes, size_t len)
{
    struct client *client = arg;
    if (len > sizeof(client->sent) - client->sent_len) {
        return; /* enough seen */
    }
    memcpy(client->sent + client->sent_len, bytes, len);
    client->sent_len += len;
    size_t at = 0;
    if (!client->has_opening && client->sent_len >= RPC_OPENING_LEN) {
        client->has_opening = true;
        at = RPC_OPENING_LEN;
    }
    struct bytes message;
    size_t message_len;
    while (client->has_opening &&
           script_next_sent(
               (struct bytes){client->sent + at, client->sent_len - at}, &message, &message_len)) {
        note_frame(client, message);
        at += message_len;
    }
    client->sent_len -= at;
    memmove(client->sent, client->sent + at, client->sent_len);
}

/* --- what the client says ------------------------------------------------------------------- */

static uint32_t read_id(struct script *script)
{
    return RPC_CALL_ID_TOP | (script_u8(script) % (IDS + 1));
}

static void add_header(
    struct client *client, uint32_t id, enum rpc_frame_type type, const ProtobufCMessage *message)
{
    uint8_t header[ENVELOPE_LEN_MAX];
    struct rpc_frame frame = {
        .call_id = id, .type = type, .header = {header, envelope_pack(header, message)}};
    frame.flags = script_u8(&client->script);
    if (type == RPC_FRAME_CALL) {
        frame.payload = script_bytes(&client->script);
    }
    wire_add_frame(&client->wire, &frame);
}

static void add_call(struct client *client)
{
    struct script *script = &client->script;
    uint32_t id = read_id(script);
    Walkie__Rpc__V1__CallMetadata call = WALKIE__RPC__V1__CALL_METADATA__INIT;
    call.method = (char *)(uintptr_t)METHODS[script_u8(script) % LENGTH_OF(METHODS)];
    call.remaining_ns = CLOCK_MS(script_u8(script)) / 16;
    call.credit = (uint32_t)script_u8(script) << 12;
    call.deadline_origin = script_u8(script);
    call.deadline_hop = script_u8(script);
    Walkie__Rpc__V1__MetadataEntry entries[3];
    Walkie__Rpc__V1__MetadataEntry *list[LENGTH_OF(entries)];
    char keys[LENGTH_OF(entries)][8];
    call.n_metadata = script_u8(script) % (LENGTH_OF(entries) + 1);
    for (size_t i = 0; i < call.n_metadata; i++) {
        struct bytes value = script_bytes(script);
        walkie__rpc__v1__metadata_entry__init(&entries[i]);
        keys[i][0] = (char)('a' + script_u8(script) % 32);
        keys[i][1] = '\0';
        entries[i].key = keys[i];
        entries[i].value = (ProtobufCBinaryData){value.len, (uint8_t *)(uintptr_t)value.data};
        list[i] = &entries[i];
    }
    call.metadata = list;
    client->n_calls[id & ~RPC_CALL_ID_TOP]++;
    add_header(client, id, RPC_FRAME_CALL, &call.base);
}

static void add_cancel(struct client *client)
{
    uint32_t ids[4];
    Walkie__Rpc__V1__Cancel cancel = WALKIE__RPC__V1__CANCEL__INIT;
    cancel.cause = script_u8(&client->script);
    cancel.n_call_ids = script_u8(&client->script) % (LENGTH_OF(ids) + 1);
    for (size_t i = 0; i < cancel.n_call_ids; i++) {
        ids[i] = read_id(&client->script);
    }
    cancel.call_ids = ids;
    add_header(client, read_id(&client->script), RPC_FRAME_CANCEL, &cancel.base);
}

static void add_any_frame(struct client *client)
{
    struct rpc_frame frame = {.type = (enum rpc_frame_type)script_u8(&client->script)};
    frame.call_id = read_id(&client->script);
    frame.flags = script_u8(&client->script);
    frame.header = script_bytes(&client->script);
    frame.payload = script_bytes(&client->script);
    if (frame.type == RPC_FRAME_CALL) {
        client->n_calls[frame.call_id & ~RPC_CALL_ID_TOP]++;
    }
    wire_add_frame(&client->wire, &frame);
}

static void flush(struct client *client)
{
    fake_stream_feed(client->stream, client->wire.bytes, client->wire.len);
    client->wire.len = 0;
}

static void step_once(struct client *client)
{
    struct script *script = &client->script;
    switch (script_u8(script) % 10) {
    case 0:
        wire_add(&client->wire, script_bytes(script));
        client->n_calls[0] += UNCOUNTED; /* what that was nobody counts */
        break;
    case 1:
    case 2:
        add_call(client);
        break;
    case 3:
        add_cancel(client);
        break;
    case 4: {
        Walkie__Rpc__V1__Credit credit = WALKIE__RPC__V1__CREDIT__INIT;
        credit.bytes = (uint32_t)script_u8(script) << 12;
        add_header(client, read_id(script), RPC_FRAME_CREDIT, &credit.base);
        break;
    }
    case 5: {
        Walkie__Rpc__V1__Ping ping = WALKIE__RPC__V1__PING__INIT;
        ping.token = script_u8(script);
        add_header(client, RPC_CALL_ID_CONNECTION, RPC_FRAME_PING, &ping.base);
        break;
    }
    case 6: {
        Walkie__Rpc__V1__GoAway goaway = WALKIE__RPC__V1__GO_AWAY__INIT;
        goaway.cause = script_u8(script);
        add_header(client, RPC_CALL_ID_CONNECTION, RPC_FRAME_GOAWAY, &goaway.base);
        break;
    }
    case 7:
        add_any_frame(client);
        break;
    default:
        flush(client);
        break;
    }
}

static void begin(struct client *client)
{
    uint8_t opening[RPC_OPENING_LEN];
    uint8_t how = script_u8(&client->script);
    fake_stream_set_room(client->stream, script_room(how));
    if (how % 4 >= 2) {
        client->n_calls[0] += UNCOUNTED; /* stock clients are told of everything that is no CALL */
    }
    if (how % 4 == 3) {
        return; /* the script says that, too */
    }
    rpc_opening_write(opening, how % 4 == 2 ? RPC_SP_REQ : RPC_SP_CLIENT);
    wire_add(&client->wire, (struct bytes){opening, sizeof(opening)});
    if (how % 4 == 0) {
        Walkie__Rpc__V1__Hello hello = WALKIE__RPC__V1__HELLO__INIT;
        hello.version = 1;
        hello.peer = (char *)(uintptr_t) "fuzz";
        add_header(client, RPC_CALL_ID_CONNECTION, RPC_FRAME_HELLO, &hello.base);
    }
}

/* --- what must be true ---------------------------------------------------------------------- */

static void check_ends(const struct client *client)
{
    for (size_t i = 1; i <= (size_t)IDS && client->n_calls[0] < UNCOUNTED; i++) {
        if (client->n_lasts[i] > client->n_calls[i]) {
            abort(); /* more ends than calls */
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct client client;
    (void)server_once();
    memset(&client, 0, offsetof(struct client, sent));
    client.sent_len = 0;
    client.script = (struct script){data, size};
    client.stream = fake_stream_offer(on_sent, &client);
    fake_stream_await_reader(client.stream);
    begin(&client);
    while (script_has_more(&client.script)) {
        step_once(&client);
    }
    flush(&client);
    fake_stream_hang_up(client.stream);
    fake_stream_forget(client.stream);
    script_await_no_scopes();
    check_ends(&client);
    return 0;
}
