/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "api/fault.h"
#include "base/clock.h"

static void a_list_of_faults_is_understood(void **state)
{
    (void)state;
    struct faults faults;
    struct error error;
    assert_int_equal(
        fault_parse("edc.delay=500ms,ctms.error=0.1,render.delay=2s,work.deaf=1,rpc.delay=1ms,"
                    "rpc.error=0.5",
            &faults, &error),
        STATUS_OK);
    assert_int_equal(faults.edc_delay_ns, CLOCK_MS(500));
    assert_int_equal(faults.ctms_delay_ns, 0);
    assert_true(faults.ctms_error_rate == 0.1);
    assert_true(faults.edc_error_rate == 0);
    assert_true(faults.work_deaf_rate == 1);
    assert_int_equal(faults.render_delay_ns, CLOCK_SECONDS(2));
    assert_int_equal(faults.rpc_delay_ns, CLOCK_MS(1));
    assert_true(faults.rpc_error_rate == 0.5);
}

static void what_is_wrong_is_named_and_the_result_left_alone(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *named;
    } WRONG[] = {
        {"lab.delay=1s", "lab.delay"},
        {"edc.delay", "edc.delay"},
        {"edc.delay=soon", "soon"},
        {"ctms.error=1.5", "1.5"},
        {"ctms.error=nan", "nan"},
        {"ctms.error=", "ctms.error"},
        {"edc.delay=1s,what", "what"},
    };
    for (size_t i = 0; i < LENGTH_OF(WRONG); i++) {
        struct faults faults = {.edc_delay_ns = 77};
        struct error error;
        assert_int_equal(fault_parse(WRONG[i].text, &faults, &error), STATUS_INVALID_ARGUMENT);
        assert_non_null(strstr(error.text, WRONG[i].named));
        assert_int_equal(faults.edc_delay_ns, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_of_faults_is_understood),
        cmocka_unit_test(what_is_wrong_is_named_and_the_result_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
