/* TLS that does not come to be: the log says at whose end, which file, and what to do. And files
 * that are wrong are found when they are loaded, before anybody dials. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "support/certificates.h"
#include "support/log_file.h"
#include "support/rpc_fixture.h"
#include "support/rpc_raw.h"
#include "support/rpc_tls_files.h"

/* --- files ---------------------------------------------------------------------------------- */

static void expect_refused(enum rpc_tls_side side, const char *certificate, const char *key,
    const char *authorities, enum status status, const char *words)
{
    const struct rpc_tls_files files = {
        .certificate = certificate, .key = key, .authorities = authorities};
    struct rpc_tls *tls = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(rpc_tls_new(&files, side, &tls, &error), status);
    assert_null(tls);
    if (strstr(error.text, words) == NULL) {
        fail_msg("\"%s\" is not in: %s", words, error.text);
    }
}

static void files_that_are_wrong_are_named_with_their_flag(void **state)
{
    (void)state;
    const char *pem = test_certificate("service.pem");
    const char *key = test_certificate("service.key");
    const char *ca = test_certificate("ca.pem");
    enum status invalid = STATUS_INVALID_ARGUMENT;
    expect_refused(RPC_TLS_SERVER, NULL, NULL, ca, invalid, "--tls-cert FILE --tls-key FILE");
    expect_refused(RPC_TLS_SERVER, pem, NULL, ca, invalid, "--tls-key is missing");
    expect_refused(RPC_TLS_CLIENT, NULL, key, ca, invalid, "--tls-cert is missing");
    expect_refused(RPC_TLS_CLIENT, pem, key, NULL, invalid, "--tls-ca FILE");
    expect_refused(
        RPC_TLS_SERVER, "/nowhere/s.pem", key, ca, STATUS_NOT_FOUND, "--tls-cert: /nowhere/s.pem");
    expect_refused(
        RPC_TLS_SERVER, pem, "/nowhere/s.key", ca, STATUS_NOT_FOUND, "--tls-key: /nowhere/s.key");
    expect_refused(
        RPC_TLS_SERVER, pem, key, "/nowhere/ca.pem", STATUS_NOT_FOUND, "--tls-ca: /nowhere/ca.pem");
    expect_refused(RPC_TLS_SERVER, key, key, ca, invalid, "no certificate in it");
    expect_refused(RPC_TLS_SERVER, pem, pem, ca, invalid, "no private key in it");
    expect_refused(RPC_TLS_SERVER, pem, key, pem, invalid, "not an authority's");
    expect_refused(RPC_TLS_SERVER, pem, test_certificate("client.key"), ca, invalid,
        "the key does not belong to the certificate");
    expect_refused(RPC_TLS_SERVER, test_certificate("expired.pem"), test_certificate("expired.key"),
        ca, invalid, "expired.pem: the certificate has expired");
    expect_refused(RPC_TLS_SERVER, test_certificate("future.pem"), test_certificate("future.key"),
        ca, invalid, "future.pem: the certificate is not valid before");
}

static void a_key_that_the_tls_library_cannot_use_is_said_so(void **state)
{
    (void)state;
    expect_refused(RPC_TLS_SERVER, test_certificate("edwards.pem"), test_certificate("edwards.key"),
        NULL, STATUS_INVALID_ARGUMENT, "takes RSA keys, and EC keys");
}

/* --- handshakes ----------------------------------------------------------------------------- */

static void expect_logged(const char *event, const char *words)
{
    if (log_file_wait(event, words) == NULL) {
        fail_msg("%s with \"%s\" is not logged", event, words);
    }
}

/* One server, one client; NULL: no such file. */
struct handshake {
    const char *server;
    const char *server_ca;
    const char *client;
    const char *client_ca;
    const char *server_words; /* of rpc.tls_failed; NULL: not looked for */
    const char *client_words; /* of rpc.dial_failed */
};

static void try_handshake(const struct handshake *handshake)
{
    log_file_clear();
    struct rpc_tls *server_tls =
        test_tls_new(RPC_TLS_SERVER, handshake->server, handshake->server_ca);
    struct rpc_tls *client_tls =
        test_tls_new(RPC_TLS_CLIENT, handshake->client, handshake->client_ca);
    test_use_tls(server_tls, client_tls);
    struct test_service service;
    test_service_init(&service);
    struct rpc_server *server = test_server_start(&service, "tls+tcp://127.0.0.1:0", NULL);
    struct rpc_channel *channel = test_channel_new(rpc_server_url(server));
    expect_logged("rpc.dial_failed", handshake->client_words);
    if (handshake->server_words != NULL) {
        expect_logged("rpc.tls_failed", handshake->server_words);
    }
    assert_false(rpc_channel_is_ready(channel));
    rpc_channel_free(channel);
    rpc_server_stop(server);
    test_use_tls(NULL, NULL);
    rpc_tls_free(server_tls);
    rpc_tls_free(client_tls);
    assert_true(ctx_test_no_leaks());
}

static void a_service_of_another_authority_is_not_accepted(void **state)
{
    (void)state;
    try_handshake(&(struct handshake){"other", "ca", "client", "ca",
        "the peer does not accept our certificate", "the service's certificate is not accepted"});
}

static void a_service_with_an_expired_certificate_is_not_accepted(void **state)
{
    (void)state;
    try_handshake(&(struct handshake){"expired", "ca", "client", "ca",
        "the peer does not accept our certificate", "it has expired"});
}

static void a_service_of_another_name_is_not_accepted(void **state)
{
    (void)state;
    try_handshake(&(struct handshake){"misnamed", "ca", "client", "ca",
        "the peer does not accept our certificate", "does not bear the name"});
}

static void a_peer_without_a_certificate_is_not_admitted(void **state)
{
    (void)state;
    try_handshake(&(struct handshake){"service", "ca", NULL, "ca",
        "the peer brought no certificate", "refuses our certificate (none; --tls-cert)"});
}

static void a_peer_of_another_authority_is_not_admitted(void **state)
{
    (void)state;
    try_handshake(&(struct handshake){
        "service", "ca", "other", "ca", "no authority in", "the service refuses our certificate"});
}

static void a_peer_with_an_expired_certificate_is_not_admitted(void **state)
{
    (void)state;
    try_handshake(&(struct handshake){"service", "ca", "expired", "ca",
        "the peer's certificate is not accepted: it has expired", "refuses our certificate"});
}

/* --- TLS at one end only -------------------------------------------------------------------- */

static void mix_transports(const char *listen, const char *scheme, const char *event,
    const char *server_words, const char *client_words)
{
    log_file_clear();
    struct rpc_tls *server_tls = test_tls_new(RPC_TLS_SERVER, "service", "ca");
    struct rpc_tls *client_tls = test_tls_new(RPC_TLS_CLIENT, "client", "ca");
    test_use_tls(server_tls, client_tls);
    struct test_service service;
    test_service_init(&service);
    struct rpc_server *server = test_server_start(&service, listen, NULL);
    char backend[RPC_URL_MAX];
    snprintf(backend, sizeof(backend), "%s%s", scheme, strstr(rpc_server_url(server), "://"));
    struct rpc_channel *channel = test_channel_new(backend);
    expect_logged(event, server_words);
    expect_logged("rpc.dial_failed", client_words);
    rpc_channel_free(channel);
    rpc_server_stop(server);
    test_use_tls(NULL, NULL);
    rpc_tls_free(server_tls);
    rpc_tls_free(client_tls);
}

static void a_client_without_tls_is_told_apart(void **state)
{
    (void)state;
    mix_transports("tls+tcp://127.0.0.1:0", "tcp", "rpc.tls_failed",
        "does not speak TLS at all (tcp:// instead of tls+tcp://)", "does it expect TLS");
}

static void a_service_without_tls_is_told_apart(void **state)
{
    (void)state;
    mix_transports("tcp://127.0.0.1:0", "tls+tcp", "rpc.protocol_error",
        "tls+tcp:// there, tcp:// here", "it does not speak TLS on this port");
}

/* A peer that connects and says nothing, not even TLS: HELLO's timeout counts for it, too. */
static void a_handshake_that_never_begins_ends_in_time(void **state)
{
    (void)state;
    log_file_clear();
    struct rpc_tls *tls = test_tls_new(RPC_TLS_SERVER, "service", "ca");
    test_use_tls(tls, NULL);
    struct test_service service;
    test_service_init(&service);
    struct rpc_server *server = test_server_start(&service, "tls+tcp://127.0.0.1:0", NULL);
    struct raw_peer *raw = raw_connect(rpc_server_url(server) + strlen("tls+"), 0);
    assert_non_null(raw);
    assert_true(raw_is_closed_by_peer(raw));
    expect_logged("rpc.disconnect", "no HELLO in time; the TLS handshake has not ended either");
    raw_free(raw);
    rpc_server_stop(server);
    test_use_tls(NULL, NULL);
    rpc_tls_free(tls);
}

static void tls_without_files_does_not_start(void **state)
{
    (void)state;
    struct rpc_server_options options = {.listen = "tls+tcp://127.0.0.1:0", .name = "test"};
    struct rpc_server *server = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(rpc_server_start(&options, &server, &error), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "--tls-cert"));
    struct rpc_channel_options to = {.backend = "tls+tcp://127.0.0.1:1"};
    struct rpc_channel *channel = NULL;
    assert_int_equal(rpc_channel_new(&to, &channel, &error), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "--tls-ca"));
}

static void what_will_hurt_soon_is_warned_of(void **state)
{
    (void)state;
    log_file_clear();
    struct rpc_tls *tls = test_tls_new(RPC_TLS_SERVER, "soon", "other-ca");
    test_use_tls(tls, NULL);
    struct test_service service;
    test_service_init(&service);
    struct rpc_server *server = test_server_start(&service, "tls+tcp://127.0.0.1:0", NULL);
    expect_logged("tls.expires", "\"hours_left\":7");
    expect_logged("tls.stranger", "not signed by our own --tls-ca");
    rpc_server_stop(server);
    test_use_tls(NULL, NULL);
    rpc_tls_free(tls);
}

static int set_up(void **state)
{
    (void)state;
    test_certificates_make();
    log_file_start(LOG_LEVEL_DEBUG);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    log_file_end();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_are_wrong_are_named_with_their_flag),
        cmocka_unit_test(a_key_that_the_tls_library_cannot_use_is_said_so),
        cmocka_unit_test(a_service_of_another_authority_is_not_accepted),
        cmocka_unit_test(a_service_with_an_expired_certificate_is_not_accepted),
        cmocka_unit_test(a_service_of_another_name_is_not_accepted),
        cmocka_unit_test(a_peer_without_a_certificate_is_not_admitted),
        cmocka_unit_test(a_peer_of_another_authority_is_not_admitted),
        cmocka_unit_test(a_peer_with_an_expired_certificate_is_not_admitted),
        cmocka_unit_test(a_client_without_tls_is_told_apart),
        cmocka_unit_test(a_service_without_tls_is_told_apart),
        cmocka_unit_test(a_handshake_that_never_begins_ends_in_time),
        cmocka_unit_test(tls_without_files_does_not_start),
        cmocka_unit_test(what_will_hurt_soon_is_warned_of),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
