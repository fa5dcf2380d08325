/* protobuf-c does not know which methods stream; protoc does. This keeps the tables of methods true
 * to the .proto files, and the service to both. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "api/methods.h"
#include "base/attributes.h"

enum { NAME_MAX_LEN = 200 };

struct declared {
    char name[NAME_MAX_LEN];
    bool is_stream;
};

static struct declared declared[SERVICE_METHODS_MAX];
static size_t n_declared;

static int read_descriptor(void **state)
{
    (void)state;
    char package[64] = "";
    char service[64] = "";
    char word[64];
    char value[64];
    char line[256];
    FILE *file = fopen(METHODS_DESCRIPTOR, "r");
    if (file == NULL) {
        return -1;
    }
    while (fgets(line, sizeof(line), file) != NULL && n_declared < SERVICE_METHODS_MAX) {
        int n = sscanf(line, "%63s %63s", word, value);
        if (n == 1 && strcmp(word, "server_streaming") == 0 && n_declared > 0) {
            declared[n_declared - 1].is_stream = true;
        } else if (n == 2 && strcmp(word, "package") == 0) {
            strcpy(package, value);
        } else if (n == 2 && strcmp(word, "service") == 0) {
            strcpy(service, value);
        } else if (n == 2 && strcmp(word, "method") == 0) {
            snprintf(
                declared[n_declared++].name, NAME_MAX_LEN, "%s.%s/%s", package, service, value);
        }
    }
    return fclose(file);
}

static const struct declared *declared_as(const char *name)
{
    for (size_t i = 0; i < n_declared; i++) {
        if (strcmp(declared[i].name, name) == 0) {
            return &declared[i];
        }
    }
    return NULL;
}

static void every_method_of_the_protos_is_served_and_no_other(void **state)
{
    (void)state;
    size_t n = 0;
    const struct rpc_binding *bindings = service_bindings(&n);
    assert_true(n_declared > 0);
    for (size_t i = 0; i < n_declared; i++) {
        size_t n_found = 0;
        for (size_t k = 0; k < n; k++) {
            n_found += strcmp(bindings[k].method->name, declared[i].name) == 0;
        }
        if (n_found != 1) {
            fail_msg("%s is served %zu times: a row in report-service/api/…_methods.c",
                declared[i].name, n_found);
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (declared_as(bindings[i].method->name) == NULL) {
            fail_msg("%s is in no .proto", bindings[i].method->name);
        }
    }
    assert_int_equal(n, n_declared);
}

static void streams_are_streams_on_both_sides(void **state)
{
    (void)state;
    size_t n = 0;
    const struct rpc_binding *bindings = service_bindings(&n);
    for (size_t i = 0; i < n; i++) {
        const struct declared *method = declared_as(bindings[i].method->name);
        assert_non_null(method);
        assert_int_equal(bindings[i].method->kind == RPC_SERVER_STREAM, method->is_stream);
    }
}

static void every_method_has_a_handler_and_a_default_within_its_cap(void **state)
{
    (void)state;
    size_t n = 0;
    const struct rpc_binding *bindings = service_bindings(&n);
    for (size_t i = 0; i < n; i++) {
        assert_non_null(bindings[i].handler);
        assert_true(bindings[i].method->timeout_default_ns > 0);
        assert_true(bindings[i].method->timeout_default_ns <= bindings[i].method->timeout_max_ns);
    }
}

/* Two classes of one name would be told apart by nobody who reads a log or a page. */
static void a_class_has_one_name_and_a_name_one_class(void **state)
{
    (void)state;
    size_t n = 0;
    const struct rpc_binding *bindings = service_bindings(&n);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct rpc_class *one = bindings[i].method->class;
            const struct rpc_class *other = bindings[k].method->class;
            if (one != NULL && other != NULL && one != other) {
                assert_string_not_equal(one->name, other->name);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method_of_the_protos_is_served_and_no_other),
        cmocka_unit_test(streams_are_streams_on_both_sides),
        cmocka_unit_test(every_method_has_a_handler_and_a_default_within_its_cap),
        cmocka_unit_test(a_class_has_one_name_and_a_name_one_class),
    };
    return cmocka_run_group_tests(tests, read_descriptor, NULL);
}
