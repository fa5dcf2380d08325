/* Every allocation of ours fails once, while TLS is loaded and while a server starts with it:
 * nothing crashes, nothing is left behind, and it is said in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctx/test.h"
#include "obs/log.h"
#include "rpc/server.h"
#include "support/certificates.h"

/* How many allocations of this thread still succeed; negative: all. */
static _Thread_local int n_left = -1;

static bool must_fail(void)
{
    if (n_left < 0) {
        return false;
    }
    return n_left-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *pointer, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *pointer, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
    return must_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return must_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
    return must_fail() ? NULL : __real_realloc(pointer, size);
}

char *__wrap_strdup(const char *text)
{
    return must_fail() ? NULL : __real_strdup(text);
}

/* Number `n` fails, counted from 1; 0: none. */
static void let_fail(int n)
{
    n_left = n - 1;
}

enum { ATTEMPTS_MAX = 1000 };

static struct rpc_tls *load_tls(int n_failing, enum status *ret_status)
{
    const struct rpc_tls_files files = {.certificate = test_certificate("service.pem"),
        .key = test_certificate("service.key"),
        .authorities = test_certificate("ca.pem")};
    struct rpc_tls *tls = NULL;
    struct error error = ERROR_NONE;
    let_fail(n_failing);
    *ret_status = rpc_tls_new(&files, RPC_TLS_SERVER, &tls, &error);
    let_fail(0);
    assert_true((*ret_status == STATUS_OK) == (tls != NULL));
    assert_true((*ret_status == STATUS_OK) == (error.text[0] == '\0'));
    return tls;
}

static void tls_is_loaded_whole_or_not_at_all(void **state)
{
    (void)state;
    enum status status = STATUS_RESOURCE_EXHAUSTED;
    int n_failing = 0;
    struct rpc_tls *tls = NULL;
    while (status != STATUS_OK && n_failing < ATTEMPTS_MAX) {
        tls = load_tls(++n_failing, &status);
        assert_true(status == STATUS_OK || status == STATUS_RESOURCE_EXHAUSTED);
    }
    assert_int_equal(status, STATUS_OK);
    /* Three files of three allocations each, and what holds them. */
    assert_true(n_failing > 9);
    rpc_tls_free(tls);
}

static void a_server_with_several_addresses_starts_whole_or_not_at_all(void **state)
{
    (void)state;
    enum status status;
    struct rpc_tls *tls = load_tls(0, &status);
    assert_int_equal(status, STATUS_OK);
    const struct rpc_server_options options = {
        .listen = "tcp://127.0.0.1:0,tls+tcp://127.0.0.1:0", .tls = tls, .name = "memory"};
    struct rpc_server *server = NULL;
    status = STATUS_RESOURCE_EXHAUSTED;
    int n_failing = 0;
    while (status != STATUS_OK && n_failing < ATTEMPTS_MAX) {
        struct error error = ERROR_NONE;
        let_fail(++n_failing);
        status = rpc_server_start(&options, &server, &error);
        let_fail(0);
        assert_true((status == STATUS_OK) == (error.text[0] == '\0'));
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(n_failing > 2);
    rpc_server_stop(server);
    rpc_tls_free(tls);
}

static int make_certificates(void **state)
{
    (void)state;
    test_certificates_make();
    return 0;
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    struct log_options options = {.service = "memory", .level = LOG_LEVEL_ERROR};
    if (log_init(&options, NULL) != STATUS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(tls_is_loaded_whole_or_not_at_all, check_leaks),
        cmocka_unit_test_teardown(
            a_server_with_several_addresses_starts_whole_or_not_at_all, check_leaks),
    };
    return cmocka_run_group_tests(tests, make_certificates, NULL);
}
