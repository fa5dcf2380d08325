#include "rpc/interceptor_auth.h"

#include <stdlib.h>

#include "base/clock.h"
#include "crypto/hmac.h"
#include "crypto/sha256.h"

enum {
    EXPIRY_LEN = 8,
    SIGNATURE_LEN = EXPIRY_LEN + HMAC_LEN, /* the entry: expiry (ms since 1970, be64), MAC */
    LENGTH_LEN = 4,
};

struct rpc_auth {
    struct hmac_key *key;
};

/* --- the key -------------------------------------------------------------------------------- */

enum status rpc_auth_load(const char *path, struct rpc_auth **ret_auth, struct error *ret_error)
{
    struct rpc_auth *auth = calloc(1, sizeof(*auth));
    if (auth == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum status status = hmac_key_load(path, &auth->key, ret_error);
    if (status != STATUS_OK) {
        rpc_auth_free(auth);
        return status;
    }
    *ret_auth = auth;
    return STATUS_OK;
}

enum status rpc_auth_from_settings(
    const struct settings *settings, struct rpc_auth **ret_auth, struct error *ret_error)
{
    const char *path = settings_text(settings, RPC_AUTH_SETTING);
    if (path == NULL) {
        *ret_auth = NULL;
        return STATUS_OK;
    }
    enum status status = rpc_auth_load(path, ret_auth, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "--" RPC_AUTH_SETTING);
    }
    return status;
}

void rpc_auth_free(struct rpc_auth *auth)
{
    if (auth != NULL) {
        hmac_key_free(auth->key);
        free(auth);
    }
}

/* --- what is signed ------------------------------------------------------------------------- */

/* Every text with its length, so that no two calls join to the same bytes. */
static enum status sign(const struct rpc_auth *auth, const char *method,
    const struct rpc_metadata *metadata, const uint8_t request_hash[SHA256_LEN],
    const uint8_t expiry[EXPIRY_LEN], uint8_t ret_mac[HMAC_LEN])
{
    static const char PURPOSE[] = "walkie-call-1"; /* with its NUL */
    struct bytes texts[] = {bytes_of(method), {NULL, 0}, {NULL, 0}};
    (void)rpc_metadata_get(metadata, RPC_METADATA_PRINCIPAL, &texts[1]);
    (void)rpc_metadata_get(metadata, RPC_METADATA_SCOPE, &texts[2]);
    uint8_t lengths[LENGTH_OF(texts)][LENGTH_LEN];
    struct hmac_part parts[2 * LENGTH_OF(texts) + 3] = {
        {PURPOSE, sizeof(PURPOSE)}, {expiry, EXPIRY_LEN}, {request_hash, SHA256_LEN}};
    for (size_t i = 0; i < LENGTH_OF(texts); i++) {
        be32_put(lengths[i], (uint32_t)texts[i].len);
        parts[3 + 2 * i] = (struct hmac_part){lengths[i], LENGTH_LEN};
        parts[4 + 2 * i] = (struct hmac_part){texts[i].data, texts[i].len};
    }
    return hmac_sign(auth->key, parts, LENGTH_OF(parts), ret_mac);
}

static uint64_t epoch_ms(void)
{
    return (uint64_t)clock_epoch_us() / 1000;
}

/* --- the client ----------------------------------------------------------------------------- */

/* Where protobuf packs to: no copy of the request is made. */
struct hashing {
    ProtobufCBuffer base;
    struct sha256 *digest;
};

static void hash_append(ProtobufCBuffer *buffer, size_t len, const uint8_t *data)
{
    sha256_update(((struct hashing *)buffer)->digest, data, len);
}

static enum status hash_message(const ProtobufCMessage *request, uint8_t ret_hash[SHA256_LEN])
{
    CLEANUP(sha256_free_at) struct sha256 *digest = sha256_new();
    if (digest == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    struct hashing hashing = {.base = {.append = hash_append}, .digest = digest};
    protobuf_c_message_pack_to_buffer(request, &hashing.base);
    sha256_finish(digest, ret_hash);
    return STATUS_OK;
}

static void expiry_of(const struct ctx *ctx, uint8_t ret_expiry[EXPIRY_LEN])
{
    const uint64_t longest_ms = (RPC_AUTH_LIFETIME_MAX_S - RPC_AUTH_SLACK_S) * UINT64_C(1000);
    uint64_t remaining_ms = ctx_remaining_ns(ctx) / CLOCK_MS(1);
    uint64_t time_ms = remaining_ms < longest_ms ? remaining_ms : longest_ms;
    be64_put(ret_expiry, epoch_ms() + time_ms + RPC_AUTH_SLACK_S * UINT64_C(1000));
}

static enum status on_start(void *arg, const struct ctx *ctx, struct rpc_outgoing_call *call,
    uint8_t room[RPC_METADATA_VALUE_MAX], const char **ret_why)
{
    if (protobuf_c_message_get_packed_size(call->request) > RPC_AUTH_REQUEST_MAX) {
        *ret_why = "the request is too long to be signed";
        return STATUS_INVALID_ARGUMENT;
    }
    uint8_t hash[SHA256_LEN];
    enum status status = hash_message(call->request, hash);
    if (status == STATUS_OK) {
        expiry_of(ctx, room);
        status = sign(arg, call->method->name, call->metadata, hash, room, room + EXPIRY_LEN);
    }
    if (status == STATUS_OK) {
        status = rpc_metadata_set(
            call->metadata, RPC_AUTH_SIGNATURE, (struct bytes){room, SIGNATURE_LEN});
    }
    *ret_why = "the call cannot be signed: no room";
    return status;
}

struct rpc_client_interceptor rpc_auth_client(struct rpc_auth *auth)
{
    return (struct rpc_client_interceptor){.arg = auth, .on_start = on_start};
}

/* --- the server ----------------------------------------------------------------------------- */

static enum status check_time(uint64_t expiry_ms, const char **ret_why)
{
    uint64_t now_ms = epoch_ms();
    if (expiry_ms < now_ms) {
        *ret_why = "the call's signature has expired";
        return STATUS_UNAUTHENTICATED;
    }
    /* Twice the slack: one for the clock that is ahead of ours. */
    if (expiry_ms - now_ms > (RPC_AUTH_LIFETIME_MAX_S + RPC_AUTH_SLACK_S) * UINT64_C(1000)) {
        *ret_why = "the call's signature holds for longer than is allowed";
        return STATUS_UNAUTHENTICATED;
    }
    return STATUS_OK;
}

static enum status hash_bytes(struct bytes bytes, uint8_t ret_hash[SHA256_LEN])
{
    CLEANUP(sha256_free_at) struct sha256 *digest = sha256_new();
    if (digest == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    sha256_update(digest, bytes.data, bytes.len);
    sha256_finish(digest, ret_hash);
    return STATUS_OK;
}

static enum status on_call(void *arg, const struct rpc_incoming *call, const char **ret_why)
{
    struct bytes told = {NULL, 0};
    if (!rpc_metadata_get(call->metadata, RPC_AUTH_SIGNATURE, &told)) {
        *ret_why = "the call is not signed, and this server asks for it";
        return STATUS_UNAUTHENTICATED;
    }
    if (call->request.len > RPC_AUTH_REQUEST_MAX) {
        *ret_why = "the request is too long for a signed call";
        return STATUS_INVALID_ARGUMENT;
    }
    uint8_t hash[SHA256_LEN];
    uint8_t mac[HMAC_LEN];
    bool has_shape = told.len == SIGNATURE_LEN;
    enum status status = has_shape ? hash_bytes(call->request, hash) : STATUS_UNAUTHENTICATED;
    if (status == STATUS_OK) {
        status = sign(arg, call->method->name, call->metadata, hash, told.data, mac);
    }
    if (status == STATUS_RESOURCE_EXHAUSTED) {
        *ret_why = "out of memory";
        return status;
    }
    if (!has_shape || !crypto_equal(mac, told.data + EXPIRY_LEN, HMAC_LEN)) {
        *ret_why = "the call's signature is wrong: another key, or something was changed";
        return STATUS_UNAUTHENTICATED;
    }
    return check_time(be64_get(told.data), ret_why);
}

struct rpc_server_interceptor rpc_auth_server(struct rpc_auth *auth)
{
    return (struct rpc_server_interceptor){.arg = auth, .on_call = on_call};
}
