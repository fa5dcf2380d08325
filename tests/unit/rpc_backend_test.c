/* The list of backends as people write it; one address's own rules are rpc_address_test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/backend.h"

static struct rpc_address backends[RPC_BACKENDS_MAX];
static size_t n_backends;

static void parse(const char *list)
{
    struct error error = ERROR_NONE;
    if (backend_list_parse(list, backends, &n_backends, &error) != STATUS_OK) {
        fail_msg("%s: %s", list, error.text);
    }
}

static void only_names_are_looked_up(void **state)
{
    (void)state;
    parse("tcp://report-1.example:9090,ipc:///run/walkie/report.ipc,tls+tcp://10.0.0.7:443,"
          "tcp://[::1]:80,tls+tcp://localhost:443");
    assert_int_equal(n_backends, 5);
    assert_true(backend_is_name(&backends[0]));
    assert_false(backend_is_name(&backends[1]));
    assert_false(backend_is_name(&backends[2]));
    assert_false(backend_is_name(&backends[3]));
    assert_true(backend_is_name(&backends[4]));
}

static void an_address_takes_the_place_of_the_host(void **state)
{
    (void)state;
    struct rpc_address address;
    parse("tcp://report:9090,tls+tcp://report:443");
    backend_at(&backends[0], "127.0.0.1", &address);
    assert_string_equal(address.url, "tcp://127.0.0.1:9090");
    assert_string_equal(address.host, "127.0.0.1");
    assert_int_equal(address.port, 9090);
    backend_at(&backends[1], "::1", &address);
    assert_string_equal(address.url, "tls+tcp://[::1]:443");
    assert_int_equal(address.transport, RPC_TRANSPORT_TLS);
}

static void what_is_wrong_is_said_of_the_entry(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        const char *words;
    } ROWS[] = {
        {"", "an entry is empty"},
        {",tcp://a:1", "an entry is empty"},
        {"tcp://a:1,,tcp://b:1", "an entry is empty"},
        {"tcp://a:1,", "an entry is empty"},
        {"tcp://a:1,http://b:1", "http://b:1: "},
        {"tcp://a:1,tcp://b", "tcp://b: the port is missing"},
        {"tcp://a:1,tcp://b:0", "tcp://b:0: there is no port 0"},
        {"tcp://a:1,tcp://a:1", "tcp://a:1: it is in the list twice"},
    };
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        struct error error = ERROR_NONE;
        assert_int_equal(rpc_backends_check(ROWS[i].list, &error), STATUS_INVALID_ARGUMENT);
        if (strstr(error.text, ROWS[i].words) == NULL) {
            fail_msg("\"%s\": \"%s\" does not say \"%s\"", ROWS[i].list, error.text, ROWS[i].words);
        }
    }
}

static void a_list_has_a_bound(void **state)
{
    (void)state;
    char list[1024];
    struct error error = ERROR_NONE;
    size_t len = 0;
    for (int i = 0; i <= RPC_BACKENDS_MAX; i++) {
        len += (size_t)snprintf(list + len, sizeof(list) - len, "%stcp://a%d:1", i ? "," : "", i);
    }
    assert_int_equal(rpc_backends_check(list, &error), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "more than 8"));
    *strrchr(list, ',') = '\0';
    parse(list);
    assert_int_equal(n_backends, RPC_BACKENDS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_names_are_looked_up),
        cmocka_unit_test(an_address_takes_the_place_of_the_host),
        cmocka_unit_test(what_is_wrong_is_said_of_the_entry),
        cmocka_unit_test(a_list_has_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
