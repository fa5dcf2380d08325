/* Signed calls: who holds the key is served, everybody else hears why not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/hmac.h"
#include "crypto/sha256.h"
#include "ctx/test.h"
#include "rpc/envelope.h"
#include "rpc/interceptor_auth.h"
#include "rpc/opening.h"
#include "support/rpc_fixture.h"
#include "support/rpc_raw.h"

enum { KEY_LEN = 32 };

/* A key file of this many bytes, each `byte`; static storage. */
static const char *key_file(uint8_t byte, size_t len, mode_t mode)
{
    static char path[64];
    snprintf(path, sizeof(path), "/tmp/walkie-key-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    uint8_t *key = malloc(len + 1);
    assert_non_null(key);
    memset(key, byte, len);
    assert_int_equal(write(fd, key, len), (ssize_t)len);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    free(key);
    return path;
}

static struct rpc_auth *auth_of(uint8_t byte)
{
    const char *path = key_file(byte, KEY_LEN, 0600);
    struct rpc_auth *auth = NULL;
    struct error error = ERROR_NONE;
    enum status status = rpc_auth_load(path, &auth, &error);
    unlink(path);
    assert_int_equal(status, STATUS_OK);
    return auth;
}

/* --- the key's file -------------------------------------------------------------------------- */

static void a_key_file_must_be_long_enough_and_nobody_elses(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        mode_t mode;
        enum status status;
        const char *words;
    } rows[] = {
        {KEY_LEN, 0600, STATUS_OK, NULL},
        {KEY_LEN, 0440, STATUS_OK, NULL},
        {HMAC_KEY_FILE_MAX, 0400, STATUS_OK, NULL},
        {HMAC_KEY_FILE_MIN - 1, 0600, STATUS_INVALID_ARGUMENT, "31 bytes"},
        {0, 0600, STATUS_INVALID_ARGUMENT, "0 bytes"},
        {HMAC_KEY_FILE_MAX + 1, 0600, STATUS_INVALID_ARGUMENT, "4097 bytes"},
        {KEY_LEN, 0644, STATUS_INVALID_ARGUMENT, "mode 644"},
        {KEY_LEN, 0620, STATUS_INVALID_ARGUMENT, "chmod 600"},
    };
    for (size_t i = 0; i < LENGTH_OF(rows); i++) {
        const char *path = key_file('k', rows[i].len, rows[i].mode);
        struct rpc_auth *auth = NULL;
        struct error error = ERROR_NONE;
        enum status status = rpc_auth_load(path, &auth, &error);
        unlink(path);
        assert_int_equal(status, rows[i].status);
        if (rows[i].words != NULL) {
            assert_non_null(strstr(error.text, rows[i].words));
            assert_non_null(strstr(error.text, path));
            assert_null(auth);
        }
        rpc_auth_free(auth);
    }
    struct rpc_auth *auth = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(rpc_auth_load("/nowhere/key", &auth, &error), STATUS_NOT_FOUND);
    assert_int_equal(rpc_auth_load("/tmp", &auth, &error), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "not a regular file"));
}

/* --- calls ---------------------------------------------------------------------------------- */

static struct rpc_auth *server_auth;
static struct rpc_server_interceptor server_chain[1];

static void use_auth(struct rpc_server_options *options)
{
    server_chain[0] = rpc_auth_server(server_auth);
    options->interceptors = server_chain;
    options->n_interceptors = LENGTH_OF(server_chain);
}

static int set_up(void **state)
{
    server_auth = auth_of('k');
    *state = rpc_fixture_new("tcp://127.0.0.1:0", use_auth);
    return 0;
}

static int tear_down(void **state)
{
    rpc_fixture_free(*state);
    rpc_auth_free(server_auth);
    return ctx_test_no_leaks() ? 0 : 1;
}

static void call_signed(struct rpc_fixture *fixture, struct rpc_auth *auth, const struct ctx *ctx,
    uint32_t size, struct rpc_end *ret_end)
{
    const struct rpc_client_interceptor chain[] = {rpc_auth_client(auth)};
    struct rpc_channel_options options = {.backend = rpc_server_url(fixture->server),
        .name = "test-client",
        .interceptors = chain,
        .n_interceptors = LENGTH_OF(chain)};
    struct rpc_channel *channel = NULL;
    assert_int_equal(rpc_channel_new(&options, &channel, NULL), STATUS_OK);
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    assert_int_equal(rpc_channel_wait_ready(scope->ctx, channel), STATUS_OK);
    struct call_record record = {0};
    assert_int_equal(record_start(&record, ctx, channel, &TEST_ECHO, size), STATUS_OK);
    assert_true(record_wait_end(&record));
    *ret_end = record.end;
    record_finish(&record);
    rpc_channel_free(channel);
}

static void who_holds_the_key_is_served(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct rpc_auth *auth = auth_of('k');
    struct rpc_metadata_entry entries[2];
    struct rpc_metadata metadata;
    rpc_metadata_init(&metadata, entries, LENGTH_OF(entries));
    assert_int_equal(
        rpc_metadata_set(&metadata, RPC_METADATA_PRINCIPAL, bytes_of("ann")), STATUS_OK);
    assert_int_equal(rpc_metadata_set(&metadata, RPC_METADATA_SCOPE, bytes_of("10")), STATUS_OK);
    CTX_SCOPE(carrying, ctx_with_value(ctx_background(), &RPC_METADATA_KEY, &metadata));
    CTX_SCOPE(in_time, ctx_with_timeout(carrying->ctx, CTX_SECONDS(TEST_WAIT_SECONDS)));
    CTX_SCOPE(in_hours, ctx_with_timeout(ctx_background(), CTX_SECONDS(36000)));
    const struct ctx *contexts[] = {in_time->ctx, carrying->ctx, in_hours->ctx};
    for (size_t i = 0; i < LENGTH_OF(contexts); i++) {
        struct rpc_end end;
        call_signed(fixture, auth, contexts[i], 10000, &end);
        assert_int_equal(end.status, STATUS_OK);
    }
    rpc_auth_free(auth);
}

static void expect_refusal(
    const struct rpc_fixture *fixture, const struct rpc_end *end, const char *words)
{
    assert_int_equal(end->status, STATUS_UNAUTHENTICATED);
    assert_int_equal(end->account.outcome, RPC_OUTCOME_NOT_STARTED);
    assert_string_equal(end->message, words);
    assert_int_equal(fixture->service.n_started, 0);
}

static void another_key_is_no_key(void **state)
{
    struct rpc_auth *auth = auth_of('K');
    struct rpc_end end;
    call_signed(*state, auth, ctx_background(), 0, &end);
    expect_refusal(
        *state, &end, "the call's signature is wrong: another key, or something was changed");
    rpc_auth_free(auth);
}

static void without_a_signature_nothing_is_served(void **state)
{
    struct rpc_fixture *fixture = *state;
    const struct rpc_method *methods[] = {&TEST_ECHO, &TEST_ECHO_INLINE};
    for (size_t i = 0; i < LENGTH_OF(methods); i++) {
        struct call_record record = {0};
        assert_int_equal(
            record_start(&record, ctx_background(), fixture->channel, methods[i], 0), STATUS_OK);
        assert_true(record_wait_end(&record));
        expect_refusal(fixture, &record.end, "the call is not signed, and this server asks for it");
        record_finish(&record);
    }
}

/* --- a peer that signs by hand, as others would have to ----------------------------------------
 */

struct hand {
    const char *method; /* that is called */
    const char *signed_method;
    const char *principal;
    const char *signed_principal;
    const char *scope;
    const char *signed_scope;
    const char *request;
    const char *signed_request;
    int64_t expires_in_s;
    size_t signature_len;
};

static const struct hand HAND = {.method = "walkie.test.v1.Test/Mute",
    .signed_method = "walkie.test.v1.Test/Mute",
    .principal = "ann",
    .signed_principal = "ann",
    .scope = "10",
    .signed_scope = "10",
    .request = "abc",
    .signed_request = "abc",
    .expires_in_s = 30,
    .signature_len = 40};

static void sign_by_hand(const struct hand *hand, uint8_t signature[40])
{
    uint8_t hash[SHA256_LEN];
    struct sha256 *digest = sha256_new();
    assert_non_null(digest);
    sha256_update(digest, hand->signed_request, strlen(hand->signed_request));
    sha256_finish(digest, hash);
    sha256_free(digest);
    be64_put(signature, (uint64_t)(clock_epoch_us() / 1000 + hand->expires_in_s * 1000));
    uint8_t message[1024];
    size_t len = sizeof("walkie-call-1");
    memcpy(message, "walkie-call-1", len);
    memcpy(message + len, signature, 8);
    memcpy(message + len + 8, hash, sizeof(hash));
    len += 8 + sizeof(hash);
    const char *texts[] = {hand->signed_method, hand->signed_principal, hand->signed_scope};
    for (size_t i = 0; i < LENGTH_OF(texts); i++) {
        be32_put(message + len, (uint32_t)strlen(texts[i]));
        memcpy(message + len + 4, texts[i], strlen(texts[i]));
        len += 4 + strlen(texts[i]);
    }
    uint8_t secret[KEY_LEN];
    memset(secret, 'k', sizeof(secret));
    struct hmac_key *key = hmac_key_new(secret, sizeof(secret));
    assert_non_null(key);
    const struct hmac_part part = {message, len};
    assert_int_equal(hmac_sign(key, &part, 1, signature + 8), STATUS_OK);
    hmac_key_free(key);
}

static void send_by_hand(struct rpc_fixture *fixture, const struct hand *hand,
    const uint8_t signature[40], struct rpc_end *ret_end)
{
    struct rpc_metadata_entry entries[3];
    struct rpc_metadata metadata;
    rpc_metadata_init(&metadata, entries, LENGTH_OF(entries));
    struct bytes told = {signature, hand->signature_len};
    assert_int_equal(rpc_metadata_set(&metadata, "signature", told), STATUS_OK);
    assert_int_equal(
        rpc_metadata_set(&metadata, "principal", bytes_of(hand->principal)), STATUS_OK);
    assert_int_equal(
        rpc_metadata_set(&metadata, "authorization-scope", bytes_of(hand->scope)), STATUS_OK);
    Walkie__Rpc__V1__CallMetadata call = WALKIE__RPC__V1__CALL_METADATA__INIT;
    call.method = (char *)(uintptr_t)hand->method;
    uint8_t header[ENVELOPE_CALL_LEN_MAX];
    struct rpc_frame frame = {.call_id = RPC_CALL_ID_TOP | 1,
        .type = RPC_FRAME_CALL,
        .header = {header, envelope_pack_call(header, &call, &metadata)},
        .payload = bytes_of(hand->request)};
    struct raw_peer *raw = raw_connect(rpc_server_url(fixture->server), RPC_SP_CLIENT);
    assert_non_null(raw);
    raw_send_hello(raw);
    raw_send_frame(raw, &frame);
    uint16_t protocol = 0;
    assert_true(raw_read_opening(raw, &protocol));
    assert_true(raw_read_end(raw, 1, ret_end));
    raw_free(raw);
}

static void call_by_hand(
    struct rpc_fixture *fixture, const struct hand *hand, struct rpc_end *ret_end)
{
    uint8_t signature[40];
    sign_by_hand(hand, signature);
    send_by_hand(fixture, hand, signature, ret_end);
}

static void the_format_is_what_the_documentation_says(void **state)
{
    struct rpc_end end;
    call_by_hand(*state, &HAND, &end);
    assert_int_equal(end.status, STATUS_INTERNAL); /* of the method, which gives no answer */
    assert_int_equal(((struct rpc_fixture *)*state)->service.n_started, 1);
}

static void whatever_is_changed_is_noticed(void **state)
{
    static const char WRONG[] =
        "the call's signature is wrong: another key, or something was changed";
    struct hand rows[7];
    for (size_t i = 0; i < LENGTH_OF(rows); i++) {
        rows[i] = HAND;
    }
    rows[0].signed_method = TEST_ECHO.name;
    rows[1].principal = "eve";
    rows[2].scope = "11";
    rows[3].request = "abd";
    rows[4].signature_len = 39;
    rows[5].signature_len = 0;
    rows[6].principal = "ann1"; /* the same bytes, joined: where a text ends is signed too */
    rows[6].scope = "0";
    for (size_t i = 0; i < LENGTH_OF(rows); i++) {
        struct rpc_end end;
        call_by_hand(*state, &rows[i], &end);
        expect_refusal(*state, &end, WRONG);
    }
}

static void a_signature_holds_for_a_time(void **state)
{
    struct hand late = HAND;
    late.expires_in_s = -1;
    struct rpc_end end;
    call_by_hand(*state, &late, &end);
    expect_refusal(*state, &end, "the call's signature has expired");
    struct hand eternal = HAND;
    eternal.expires_in_s = RPC_AUTH_LIFETIME_MAX_S + 2 * RPC_AUTH_SLACK_S;
    call_by_hand(*state, &eternal, &end);
    expect_refusal(*state, &end, "the call's signature holds for longer than is allowed");
}

/* Who has heard a call may send it again, as it was, for as long as it holds: the header says so.
 */
static void a_call_that_was_heard_can_be_sent_again_until_it_expires_and_not_changed(void **state)
{
    struct rpc_fixture *fixture = *state;
    struct hand hand = HAND;
    hand.expires_in_s = 2; /* for two calls on a busy machine; then it is waited for */
    uint8_t heard[40];
    sign_by_hand(&hand, heard);
    struct rpc_end end;
    for (unsigned int i = 1; i <= 2; i++) {
        send_by_hand(fixture, &hand, heard, &end);
        assert_int_equal(end.status, STATUS_INTERNAL); /* it was started */
        assert_int_equal(fixture->service.n_started, i);
    }
    uint8_t later[40];
    memcpy(later, heard, sizeof(later));
    be64_put(later, be64_get(heard) + 60000);
    send_by_hand(fixture, &hand, later, &end);
    assert_int_equal(end.status, STATUS_UNAUTHENTICATED);
    while ((uint64_t)(clock_epoch_us() / 1000) <= be64_get(heard)) {
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    send_by_hand(fixture, &hand, heard, &end);
    assert_int_equal(end.status, STATUS_UNAUTHENTICATED);
    assert_string_equal(end.message, "the call's signature has expired");
    assert_int_equal(fixture->service.n_started, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_file_must_be_long_enough_and_nobody_elses),
        cmocka_unit_test_setup_teardown(who_holds_the_key_is_served, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_key_is_no_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_signature_nothing_is_served, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            the_format_is_what_the_documentation_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(whatever_is_changed_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_signature_holds_for_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_call_that_was_heard_can_be_sent_again_until_it_expires_and_not_changed, set_up,
            tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
