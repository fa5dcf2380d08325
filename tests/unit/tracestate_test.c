/* tracestate, rule by rule. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "obs/tracestate.h"

static void well_formed_states_are_passed_on(void **state)
{
    (void)state;
    static const char *const RIGHT[][2] = {
        {"congo=t61rcWkgMzE", "congo=t61rcWkgMzE"},
        {"rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"},
        {" rojo=1 , \tcongo=2\t", "rojo=1,congo=2"},
        {"rojo=1,,congo=2,", "rojo=1,congo=2"},
        {"0tenant@sys-tem=v", "0tenant@sys-tem=v"},
        {"a_-*/z=! ~", "a_-*/z=! ~"},
        {"a= b", "a= b"},
    };
    for (size_t i = 0; i < LENGTH_OF(RIGHT); i++) {
        char text[TRACESTATE_TEXT_MAX];
        assert_true(tracestate_read(RIGHT[i][0], text));
        assert_string_equal(text, RIGHT[i][1]);
    }
}

static void what_breaks_a_rule_is_dropped_whole(void **state)
{
    (void)state;
    static const char *const WRONG[] = {
        "",
        " , ,",
        "congo",
        "congo=",
        "=v",
        "a=1,a=2",
        "Congo=1",
        "1congo=1",
        "a=1,b=x=y",
        "a=\x01",
        "a=\x7f",
        "a=\xc3\xa4",
        "a@=1",
        "@b=1",
        "a@1b=1",
        "a@bcdefghijklmnop=1",
        "a@b@c=1",
        "a b=1",
        "a =1",
        "good=1,bad",
    };
    for (size_t i = 0; i < LENGTH_OF(WRONG); i++) {
        char text[TRACESTATE_TEXT_MAX];
        assert_false(tracestate_read(WRONG[i], text));
        assert_string_equal(text, "");
    }
    char text[TRACESTATE_TEXT_MAX];
    assert_false(tracestate_read(NULL, text));
}

static void of_members_there_are_32_at_most(void **state)
{
    (void)state;
    char header[512] = "";
    char text[TRACESTATE_TEXT_MAX];
    for (int i = 0; i < TRACESTATE_MEMBERS_MAX; i++) {
        snprintf(header + strlen(header), sizeof(header) - strlen(header), "%sk%d=v",
            i == 0 ? "" : ",", i);
    }
    assert_true(tracestate_read(header, text));
    assert_string_equal(text, header);
    strcat(header, ",one=more");
    assert_false(tracestate_read(header, text));
}

static void a_long_state_loses_its_long_members_then_its_last_ones(void **state)
{
    (void)state;
    char value[201];
    memset(value, 'x', 200);
    value[200] = '\0';
    char header[2048];
    char text[TRACESTATE_TEXT_MAX];
    snprintf(header, sizeof(header), "a=1,long=%s,b=%.100s,c=%.100s,d=%.100s,e=%.100s,f=2", value,
        value, value, value, value);
    assert_true(tracestate_read(header, text));
    assert_null(strstr(text, "long="));
    assert_non_null(strstr(text, "f=2"));
    snprintf(header, sizeof(header), "a=%.120s,b=%.120s,c=%.120s,d=%.120s,e=%.120s,f=2", value,
        value, value, value, value);
    assert_true(tracestate_read(header, text));
    assert_true(strlen(text) < TRACESTATE_TEXT_MAX);
    assert_non_null(strstr(text, "d="));
    assert_null(strstr(text, "e="));
    assert_null(strstr(text, "f="));
}

static void keys_and_values_have_their_lengths(void **state)
{
    (void)state;
    char header[600];
    char text[TRACESTATE_TEXT_MAX];
    memset(header, 'k', sizeof(header));
    memcpy(header + 256, "=v", 3);
    assert_true(tracestate_read(header, text));
    memset(header, 'k', sizeof(header));
    memcpy(header + 257, "=v", 3);
    assert_false(tracestate_read(header, text));
    memset(header, 'v', sizeof(header));
    memcpy(header, "a=", 2);
    header[2 + 256] = '\0';
    assert_true(tracestate_read(header, text));
    header[2 + 256] = 'v';
    header[2 + 257] = '\0';
    assert_false(tracestate_read(header, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_states_are_passed_on),
        cmocka_unit_test(what_breaks_a_rule_is_dropped_whole),
        cmocka_unit_test(of_members_there_are_32_at_most),
        cmocka_unit_test(a_long_state_loses_its_long_members_then_its_last_ones),
        cmocka_unit_test(keys_and_values_have_their_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
