/* Certificates are renewed under services that run: new connections meet the new one, the first of
 * them already, what is open goes on, and files that are wrong change nothing. */
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
#include "support/rpc_tls_files.h"

/* One of the made files, under a name that the test may write to again. */
static void put(const char *from, const char *to)
{
    enum { FILE_MAX = 16 << 10 };
    char text[FILE_MAX];
    FILE *file = fopen(test_certificate(from), "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof(text), file);
    fclose(file);
    (void)test_certificate_write(to, text, len);
}

static struct rpc_tls *load(enum rpc_tls_side side, const struct rpc_tls_files *files)
{
    struct rpc_tls *tls = NULL;
    struct error error = ERROR_NONE;
    if (rpc_tls_new(files, side, &tls, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return tls;
}

static void reload(struct rpc_tls *tls)
{
    struct error error = ERROR_NONE;
    if (rpc_tls_reload(tls, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
}

static bool becomes_ready(struct rpc_channel *channel)
{
    CTX_SCOPE(scope, ctx_with_timeout(ctx_background(), CTX_SECONDS(TEST_WAIT_SECONDS)));
    return rpc_channel_wait_ready(scope->ctx, channel) == STATUS_OK;
}

static enum status echo(struct rpc_channel *channel)
{
    struct call_record record = {.n_ends = 0};
    assert_int_equal(record_start(&record, ctx_background(), channel, &TEST_ECHO, 10), STATUS_OK);
    assert_true(record_wait_end(&record));
    enum status status = record.end.status;
    record_finish(&record);
    return status;
}

/* A service whose certificate is in moving.pem, and a client that trusts whom trusted.pem names. */
struct renewal {
    struct test_service service;
    struct rpc_tls *server_tls;
    struct rpc_tls *client_tls;
    struct rpc_server *server;
};

static int begin(void **state)
{
    static struct renewal renewal;
    put("service.pem", "moving.pem");
    put("service.key", "moving.key");
    put("ca.pem", "trusted.pem");
    log_file_clear();
    const struct rpc_tls_files own = {
        .certificate = test_certificate("moving.pem"), .key = test_certificate("moving.key")};
    renewal.server_tls = load(RPC_TLS_SERVER, &own);
    const struct rpc_tls_files peer = {
        .authorities = test_certificate("trusted.pem"), .server_name = "localhost"};
    renewal.client_tls = load(RPC_TLS_CLIENT, &peer);
    test_use_tls(renewal.server_tls, renewal.client_tls);
    test_service_init(&renewal.service);
    renewal.server = test_server_start(&renewal.service, "tls+tcp://127.0.0.1:0", NULL);
    *state = &renewal;
    return 0;
}

static int end(void **state)
{
    struct renewal *renewal = *state;
    rpc_server_stop(renewal->server);
    test_use_tls(NULL, NULL);
    rpc_tls_free(renewal->server_tls);
    rpc_tls_free(renewal->client_tls);
    return ctx_test_no_leaks() ? 0 : -1;
}

static void renew_service(struct renewal *renewal)
{
    put("other.pem", "moving.pem");
    put("other.key", "moving.key");
    reload(renewal->server_tls);
    rpc_server_renew_tls(renewal->server);
}

static void the_next_connection_meets_the_new_certificate_and_the_open_one_goes_on(void **state)
{
    struct renewal *renewal = *state;
    struct rpc_channel *before = test_channel_new(rpc_server_url(renewal->server));
    assert_true(becomes_ready(before));
    renew_service(renewal);
    struct rpc_tls *stranger = test_tls_new(RPC_TLS_CLIENT, NULL, "other-ca");
    test_use_tls(renewal->server_tls, stranger);
    struct rpc_channel *after = test_channel_new(rpc_server_url(renewal->server));
    assert_true(becomes_ready(after));
    assert_int_equal(echo(before), STATUS_OK);
    assert_int_equal(echo(after), STATUS_OK);
    assert_null(log_file_find("rpc.dial_failed", ""));
    rpc_channel_free(before);
    rpc_channel_free(after);
    rpc_tls_free(stranger);
}

static void a_client_dials_with_what_its_files_hold_now(void **state)
{
    struct renewal *renewal = *state;
    renew_service(renewal);
    struct rpc_channel *channel = test_channel_new(rpc_server_url(renewal->server));
    assert_non_null(log_file_wait("rpc.dial_failed", "no authority in"));
    put("other-ca.pem", "trusted.pem");
    reload(renewal->client_tls);
    assert_true(becomes_ready(channel));
    assert_int_equal(echo(channel), STATUS_OK);
    rpc_channel_free(channel);
}

static void files_that_are_wrong_change_nothing(void **state)
{
    struct renewal *renewal = *state;
    put("other.pem", "moving.pem"); /* without its key */
    struct error error = ERROR_NONE;
    assert_int_equal(rpc_tls_reload(renewal->server_tls, &error), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "the key does not belong to the certificate"));
    rpc_tls_on_reload(renewal->server_tls);
    assert_non_null(log_file_wait("tls.reload_failed", "the key does not belong"));
    rpc_server_renew_tls(renewal->server);
    struct rpc_channel *channel = test_channel_new(rpc_server_url(renewal->server));
    assert_true(becomes_ready(channel));
    rpc_channel_free(channel);
    put("service.pem", "moving.pem");
    rpc_tls_on_reload(renewal->server_tls);
    assert_non_null(log_file_wait("tls.reloaded", "moving.pem"));
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

#define RENEWAL_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RENEWAL_TEST(the_next_connection_meets_the_new_certificate_and_the_open_one_goes_on),
        RENEWAL_TEST(a_client_dials_with_what_its_files_hold_now),
        RENEWAL_TEST(files_that_are_wrong_change_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
