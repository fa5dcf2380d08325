/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */

#include "base/bytes.h"
#include "http/negotiate.h"

static const char *const FORMS[] = {"text/plain; version=0.0.4; charset=utf-8",
    "application/openmetrics-text; version=1.0.0; charset=utf-8"};

struct wish {
    const char *accept;
    int form;
};

static void check(const struct wish *wishes, size_t n_wishes)
{
    for (size_t i = 0; i < n_wishes; i++) {
        int form = http_negotiate(wishes[i].accept, FORMS, LENGTH_OF(FORMS));
        if (form != wishes[i].form) {
            print_error("%s: %d\n", wishes[i].accept == NULL ? "-" : wishes[i].accept, form);
        }
        assert_int_equal(form, wishes[i].form);
    }
}

static void the_better_quality_wins_and_of_equal_ones_the_first_form(void **state)
{
    (void)state;
    static const struct wish WISHES[] = {{NULL, 0}, {"*/*", 0}, {"text/*", 0},
        {"application/openmetrics-text", 1}, {"APPLICATION/OpenMetrics-Text", 1},
        {"text/plain;q=0.5, application/openmetrics-text;q=0.9", 1},
        {"text/plain;q=0.9, application/openmetrics-text;q=0.5", 0},
        {"text/plain;q=0.5,application/openmetrics-text;q=0.5", 0},
        {"text/plain;q=0.001, application/openmetrics-text;q=0", 0}};
    check(WISHES, LENGTH_OF(WISHES));
}

static void prometheus_itself_gets_openmetrics(void **state)
{
    (void)state;
    static const struct wish WISHES[] = {
        {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q="
         "0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            1},
        {"application/openmetrics-text; version=1.0.0; charset=utf-8;q=0.6,text/plain;q=0.3", 1},
        {"text/plain;version=0.0.4;q=1,*/*;q=0.1", 0}};
    check(WISHES, LENGTH_OF(WISHES));
}

static void a_version_that_is_not_ours_is_no_match(void **state)
{
    (void)state;
    static const struct wish WISHES[] = {
        {"application/openmetrics-text;version=0.0.1,text/plain;q=0.1", 0},
        {"application/openmetrics-text;version=2.0.0", -1},
        {"application/openmetrics-text;version=\"1.0.0\"", 1}};
    check(WISHES, LENGTH_OF(WISHES));
}

static void the_most_specific_range_says_what_a_form_is_worth(void **state)
{
    (void)state;
    static const struct wish WISHES[] = {
        {"*/*, text/plain;q=0", 1}, /* what is told to be worth nothing is not any */
        {"text/plain;q=0.9, */*;q=0.1, application/*;q=0.95", 1},
        {"application/*;q=0.95, application/openmetrics-text;q=0.1, text/plain;q=0.2", 0},
        {"application/openmetrics-text;q=0.1, application/openmetrics-text;version=1.0.0;q=0.9, "
         "text/plain;q=0.5",
            1},
        {"*/*;q=0", -1}, {"application/json", -1}, {"image/*, text/html", -1}};
    check(WISHES, LENGTH_OF(WISHES));
}

static void what_is_malformed_is_passed_over(void **state)
{
    (void)state;
    static const struct wish WISHES[] = {{"", -1}, {",,;q=1,", -1}, {"text", -1}, {"text/", -1},
        {"*/plain", -1}, {"text/plain;q=2", -1}, {"text/plain;q=1.5", -1},
        {"text/plain;q=0.1234", -1}, {"text/plain;q=", -1}, {"text/plain;q=x, text/*;q=0.2", 0},
        {"text/plain;version=\"0.0.4", -1}, {"text/plain garbage", -1}, {"\"text/plain\"", -1},
        {"a/b;c=\",text/plain\"", -1}, {"a/b;c=\"\\\"\",text/plain", 0}, {"text/plain ; q=0.5 ", 0},
        {"text/plain;q=1.0,", 0}, {"text/plain; ;q=0.5;", 0}, {"text/plain;q", -1},
        {"text/plain;q=0.", -1}, {"text/plain;q=1.", 0}};
    check(WISHES, LENGTH_OF(WISHES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_better_quality_wins_and_of_equal_ones_the_first_form),
        cmocka_unit_test(prometheus_itself_gets_openmetrics),
        cmocka_unit_test(a_version_that_is_not_ours_is_no_match),
        cmocka_unit_test(the_most_specific_range_says_what_a_form_is_worth),
        cmocka_unit_test(what_is_malformed_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
