/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "api/deadline.h"
#include "base/clock.h"

static const uint64_t DEFAULT_NS = CLOCK_SECONDS(60);
static const uint64_t MAX_NS = CLOCK_SECONDS(600);

static void check(const struct deadline_wish *wish, uint64_t timeout_ns, enum ctx_origin origin)
{
    uint64_t got_ns = 0;
    enum ctx_origin got_origin = CTX_ORIGIN_NONE;
    struct error error;
    assert_int_equal(
        deadline_read(wish, DEFAULT_NS, MAX_NS, &got_ns, &got_origin, &error), STATUS_OK);
    assert_int_equal(got_ns, timeout_ns);
    assert_int_equal(got_origin, origin);
}

static void without_a_wish_the_route_decides(void **state)
{
    (void)state;
    check(&(struct deadline_wish){NULL, NULL, NULL}, DEFAULT_NS, CTX_ORIGIN_ROUTE_DEFAULT);
}

static void each_way_to_ask_is_understood(void **state)
{
    (void)state;
    check(&(struct deadline_wish){.grpc_timeout = "500m"}, CLOCK_MS(500),
        CTX_ORIGIN_GRPC_TIMEOUT_HEADER);
    check(&(struct deadline_wish){.grpc_timeout = "3S"}, CLOCK_SECONDS(3),
        CTX_ORIGIN_GRPC_TIMEOUT_HEADER);
    check(&(struct deadline_wish){.x_request_timeout = "500ms"}, CLOCK_MS(500),
        CTX_ORIGIN_X_REQUEST_TIMEOUT_HEADER);
    check(&(struct deadline_wish){.timeout = "2s"}, CLOCK_SECONDS(2), CTX_ORIGIN_TIMEOUT_QUERY);
}

static void the_smallest_wish_wins(void **state)
{
    (void)state;
    check(&(struct deadline_wish){"5S", "4s", "3s"}, CLOCK_SECONDS(3), CTX_ORIGIN_TIMEOUT_QUERY);
    check(&(struct deadline_wish){"2S", "4s", "3s"}, CLOCK_SECONDS(2),
        CTX_ORIGIN_GRPC_TIMEOUT_HEADER);
}

static void a_wish_above_the_default_is_granted_up_to_the_cap(void **state)
{
    (void)state;
    check(&(struct deadline_wish){.timeout = "5m"}, CLOCK_SECONDS(300), CTX_ORIGIN_TIMEOUT_QUERY);
    check(&(struct deadline_wish){.timeout = "1h"}, MAX_NS, CTX_ORIGIN_ROUTE_CAP);
}

static void a_malformed_wish_is_named(void **state)
{
    (void)state;
    static const struct {
        struct deadline_wish wish;
        const char *named;
    } WRONG[] = {
        {{.grpc_timeout = "3s"}, "Grpc-Timeout"},
        {{.grpc_timeout = "123456789S"}, "Grpc-Timeout"},
        {{.x_request_timeout = "fast"}, "X-Request-Timeout"},
        {{.x_request_timeout = "-3s"}, "X-Request-Timeout"},
        {{.timeout = "3"}, "timeout"},
        {{.timeout = ""}, "timeout"},
        {{.timeout = "0s"}, "timeout"},
        {{.timeout = "25h"}, "timeout"},
        {{.timeout = "1e3ms"}, "timeout"},
    };
    for (size_t i = 0; i < LENGTH_OF(WRONG); i++) {
        uint64_t ns = 77;
        enum ctx_origin origin = CTX_ORIGIN_CODE;
        struct error error;
        assert_int_equal(deadline_read(&WRONG[i].wish, DEFAULT_NS, MAX_NS, &ns, &origin, &error),
            STATUS_INVALID_ARGUMENT);
        assert_non_null(strstr(error.text, WRONG[i].named));
        assert_int_equal(ns, 77);
        assert_int_equal(origin, CTX_ORIGIN_CODE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_wish_the_route_decides),
        cmocka_unit_test(each_way_to_ask_is_understood),
        cmocka_unit_test(the_smallest_wish_wins),
        cmocka_unit_test(a_wish_above_the_default_is_granted_up_to_the_cap),
        cmocka_unit_test(a_malformed_wish_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
