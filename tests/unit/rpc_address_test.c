/* Addresses in settings: what is taken, and that everything else is refused in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "rpc/address.h"

static void addresses_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct rpc_address wanted;
    } CASES[] = {
        {"tcp://127.0.0.1:9090",
            {.transport = RPC_TRANSPORT_TCP, .host = "127.0.0.1", .port = 9090}},
        {"tcp://localhost:0", {.transport = RPC_TRANSPORT_TCP, .host = "localhost", .port = 0}},
        {"tls+tcp://report-1.example:65535",
            {.transport = RPC_TRANSPORT_TLS, .host = "report-1.example", .port = 65535}},
        {"tls+tcp://[::1]:9090", {.transport = RPC_TRANSPORT_TLS, .host = "::1", .port = 9090}},
        {"tcp://[fe80::1:2]:1", {.transport = RPC_TRANSPORT_TCP, .host = "fe80::1:2", .port = 1}},
        {"ipc:///run/walkie/report.ipc", {.transport = RPC_TRANSPORT_IPC}},
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        struct rpc_address address;
        struct error error = ERROR_NONE;
        assert_int_equal(rpc_address_parse(CASES[i].text, &address, &error), STATUS_OK);
        assert_int_equal(address.transport, CASES[i].wanted.transport);
        assert_string_equal(address.host, CASES[i].wanted.host);
        assert_int_equal(address.port, CASES[i].wanted.port);
        assert_string_equal(address.url, CASES[i].text);
    }
}

static void what_is_no_address_is_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *words;
    } CASES[] = {
        {"", "an address is"},
        {"127.0.0.1:9090", "an address is"},
        {"http://127.0.0.1:9090", "an address is"},
        {"TCP://127.0.0.1:9090", "an address is"},
        {"tcp://127.0.0.1", "port is missing"},
        {"tcp://[::1]", "port is missing"},
        {"tcp://127.0.0.1:", "number from 0 to 65535"},
        {"tcp://127.0.0.1:65536", "number from 0 to 65535"},
        {"tcp://127.0.0.1:123456", "number from 0 to 65535"},
        {"tcp://127.0.0.1:+1", "number from 0 to 65535"},
        {"tcp://127.0.0.1:80/", "number from 0 to 65535"},
        {"tcp://:9090", "host is missing"},
        {"tcp://[]:9090", "host is missing"},
        {"tcp://::1:9090", "belongs in brackets"},
        {"tcp://[localhost]:9090", "in brackets belongs"},
        {"tcp://[::1:9090", "belongs in brackets"},
        {"tcp://user@host:1", "the host is a name"},
        {"tcp://*:9090", "the host is a name"},
        {"tcp://-rf:9090", "the host is a name"},
        {"tcp://a b:9090", "blank"},
        {"tcp://\xc3\xa4:9090", "outside ASCII"},
        {"ipc://", "begins at the root"},
        {"ipc://report.ipc", "begins at the root"},
    };
    for (size_t i = 0; i < LENGTH_OF(CASES); i++) {
        struct rpc_address address = {.port = 4711};
        struct error error = ERROR_NONE;
        assert_int_equal(
            rpc_address_parse(CASES[i].text, &address, &error), STATUS_INVALID_ARGUMENT);
        if (strstr(error.text, CASES[i].words) == NULL) {
            fail_msg("\"%s\" is refused with: %s", CASES[i].text, error.text);
        }
        assert_int_equal(address.port, 4711); /* untouched */
    }
}

static void the_longest_is_taken_and_one_longer_refused(void **state)
{
    (void)state;
    char text[RPC_URL_MAX + 64];
    struct rpc_address address;
    snprintf(text, sizeof(text), "tls+tcp://%0*d:65535", RPC_HOST_MAX - 1, 0);
    assert_int_equal(rpc_address_parse(text, &address, NULL), STATUS_OK);
    assert_string_equal(address.url, text);
    snprintf(text, sizeof(text), "tls+tcp://%0*d:65535", RPC_HOST_MAX, 0);
    assert_int_equal(rpc_address_parse(text, &address, NULL), STATUS_INVALID_ARGUMENT);
    snprintf(text, sizeof(text), "ipc:///%0*d", RPC_IPC_PATH_MAX - 2, 0);
    assert_int_equal(rpc_address_parse(text, &address, NULL), STATUS_OK);
    snprintf(text, sizeof(text), "ipc:///%0*d", RPC_IPC_PATH_MAX - 1, 0);
    assert_int_equal(rpc_address_parse(text, &address, NULL), STATUS_INVALID_ARGUMENT);
}

static void a_list_is_several_and_bounded(void **state)
{
    (void)state;
    struct rpc_address addresses[RPC_ADDRESSES_MAX];
    size_t n_addresses = 0;
    assert_int_equal(rpc_address_parse_list("tcp://127.0.0.1:1,tls+tcp://127.0.0.1:2,ipc:///x",
                         addresses, &n_addresses, NULL),
        STATUS_OK);
    assert_int_equal(n_addresses, 3);
    assert_int_equal(addresses[1].port, 2);
    assert_string_equal(addresses[2].url, "ipc:///x");
    char text[512] = "tcp://h:0";
    for (int i = 1; i < RPC_ADDRESSES_MAX; i++) {
        strcat(text, ",tcp://h:0");
    }
    assert_int_equal(
        rpc_address_parse_list(text, addresses, &n_addresses, NULL), STATUS_OK); /* any free ones */
    assert_int_equal(n_addresses, RPC_ADDRESSES_MAX);
    strcat(text, ",tcp://h:0");
    struct error error = ERROR_NONE;
    assert_int_equal(
        rpc_address_parse_list(text, addresses, &n_addresses, &error), STATUS_INVALID_ARGUMENT);
    assert_string_equal(error.text, "more than 8 addresses");
    static const char *const WRONG[] = {
        "", ",", "tcp://h:1,", ",tcp://h:1", "tcp://h:1,,tcp://h:2", "tcp://h:1,tcp://h:1"};
    for (size_t i = 0; i < LENGTH_OF(WRONG); i++) {
        assert_int_equal(rpc_address_parse_list(WRONG[i], addresses, &n_addresses, NULL),
            STATUS_INVALID_ARGUMENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_taken_apart),
        cmocka_unit_test(what_is_no_address_is_refused_in_words),
        cmocka_unit_test(the_longest_is_taken_and_one_longer_refused),
        cmocka_unit_test(a_list_is_several_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
