/* protobuf-c does not know which methods stream; protoc does. This keeps methods.c true to it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "walkie/report/v1/methods.h"

enum { METHODS_MAX = 64, NAME_MAX_LEN = 200 };

struct declared {
    char name[NAME_MAX_LEN];
    bool is_stream;
};

static struct declared declared[METHODS_MAX];
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
    while (fgets(line, sizeof(line), file) != NULL && n_declared < METHODS_MAX) {
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

static void the_table_has_every_method_of_the_proto_and_no_other(void **state)
{
    (void)state;
    assert_true(n_declared > 0);
    assert_int_equal(REPORT_METHODS_COUNT, n_declared);
    for (size_t i = 0; i < n_declared; i++) {
        assert_string_equal(REPORT_METHODS[i]->name, declared[i].name);
    }
}

static void streams_are_streams_on_both_sides(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_declared; i++) {
        assert_int_equal(REPORT_METHODS[i]->kind == RPC_SERVER_STREAM, declared[i].is_stream);
    }
}

static void every_method_has_a_default_within_its_cap(void **state)
{
    (void)state;
    for (size_t i = 0; i < REPORT_METHODS_COUNT; i++) {
        assert_true(REPORT_METHODS[i]->timeout_default_ns > 0);
        assert_true(REPORT_METHODS[i]->timeout_default_ns <= REPORT_METHODS[i]->timeout_max_ns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_every_method_of_the_proto_and_no_other),
        cmocka_unit_test(streams_are_streams_on_both_sides),
        cmocka_unit_test(every_method_has_a_default_within_its_cap),
    };
    return cmocka_run_group_tests(tests, read_descriptor, NULL);
}
