/* Power of two choices: which link is the lighter one, and that both are drawn fairly. Time is a
 * number here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "rpc/balance.h"

enum { NOW_S = 100 };
static const uint64_t NOW_NS = CLOCK_SECONDS(NOW_S);

static struct balance_load load_of(unsigned int n_calls, uint64_t latency_ns)
{
    return (struct balance_load){
        .n_calls = n_calls, .latency_ns = latency_ns, .latency_at_ns = NOW_NS};
}

static bool prefers_at(struct balance_load left, struct balance_load right, uint64_t now_ns)
{
    return balance_prefers(&left, &right, now_ns);
}

static bool prefers(struct balance_load left, struct balance_load right)
{
    return prefers_at(left, right, NOW_NS);
}

static void fewer_calls_in_flight_win(void **state)
{
    (void)state;
    assert_true(prefers(load_of(3, 0), load_of(4, 0)));
    assert_false(prefers(load_of(4, 0), load_of(3, 0)));
    assert_true(prefers(load_of(3, CLOCK_MS(5)), load_of(4, CLOCK_MS(5))));
}

static void among_equals_the_faster_one_wins(void **state)
{
    (void)state;
    assert_true(prefers(load_of(3, CLOCK_MS(5)), load_of(3, CLOCK_MS(6))));
    assert_false(prefers(load_of(3, CLOCK_MS(6)), load_of(3, CLOCK_MS(5))));
    /* Twice as slow is worth twice the calls. */
    assert_true(prefers(load_of(6, CLOCK_MS(5)), load_of(3, CLOCK_MS(10))));
    assert_false(prefers(load_of(8, CLOCK_MS(5)), load_of(3, CLOCK_MS(10))));
}

static void a_link_of_unknown_latency_is_judged_by_its_calls(void **state)
{
    (void)state;
    assert_true(prefers(load_of(1, CLOCK_SECONDS(9)), load_of(2, 0)));
    assert_true(prefers(load_of(1, 0), load_of(2, 1)));
}

/* One long report must not empty a link. */
static void slowness_counts_four_times_at_most(void **state)
{
    (void)state;
    assert_true(prefers(load_of(0, CLOCK_SECONDS(60)), load_of(4, CLOCK_US(50))));
    assert_false(prefers(load_of(0, CLOCK_SECONDS(60)), load_of(2, CLOCK_US(50))));
    assert_true(prefers(load_of(0, UINT64_MAX), load_of(4, UINT64_MAX / 2)));
}

static void the_average_follows_slowly_and_forgets(void **state)
{
    (void)state;
    struct balance_load load = {.n_calls = 0};
    balance_answered(&load, CLOCK_MS(80), NOW_NS);
    assert_int_equal(load.latency_ns, CLOCK_MS(80));
    balance_answered(&load, CLOCK_MS(160), NOW_NS);
    assert_int_equal(load.latency_ns, CLOCK_MS(90));
    balance_answered(&load, CLOCK_MS(10), NOW_NS);
    assert_int_equal(load.latency_ns, CLOCK_MS(80));
    const uint64_t half_life_ns = CLOCK_MS(RPC_LATENCY_HALF_LIFE_MS);
    assert_int_equal(balance_latency_ns(&load, NOW_NS + half_life_ns - 1), CLOCK_MS(80));
    assert_int_equal(balance_latency_ns(&load, NOW_NS + 3 * half_life_ns), CLOCK_MS(10));
    assert_int_equal(balance_latency_ns(&load, NOW_NS + 1000 * half_life_ns), 0);
    assert_int_equal(balance_latency_ns(&load, NOW_NS - 1), CLOCK_MS(80)); /* clocks of two CPUs */
}

/* What refuses at once looks idle and quick. */
static void refusals_weigh_like_calls_for_a_while(void **state)
{
    (void)state;
    struct balance_load refusing = load_of(0, CLOCK_US(100));
    struct balance_load busy = load_of(10, CLOCK_US(100));
    for (int i = 0; i < 16; i++) {
        balance_refused(&refusing, NOW_NS);
    }
    assert_false(prefers_at(refusing, busy, NOW_NS));
    assert_true(prefers_at(refusing, busy, NOW_NS + CLOCK_MS(RPC_REFUSAL_HALF_LIFE_MS)));
    for (int i = 0; i < 2 * RPC_REFUSALS_MAX; i++) {
        balance_refused(&refusing, NOW_NS);
    }
    assert_int_equal(refusing.n_refusals, RPC_REFUSALS_MAX);
}

static void every_pair_is_drawn_and_none_with_itself(void **state)
{
    (void)state;
    enum { N = 5, N_DRAWS = 20000 };
    unsigned int n_drawn[N][N] = {{0}};
    uint64_t random = UINT64_C(0x9e3779b97f4a7c15);
    for (int i = 0; i < N_DRAWS; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        size_t first;
        size_t second;
        balance_two_of(random, N, &first, &second);
        assert_true(first < N && second < N && first != second);
        n_drawn[first][second]++;
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            unsigned int expected = i == j ? 0 : N_DRAWS / (N * (N - 1));
            assert_in_range(n_drawn[i][j], expected * 8 / 10, expected * 12 / 10);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fewer_calls_in_flight_win),
        cmocka_unit_test(among_equals_the_faster_one_wins),
        cmocka_unit_test(a_link_of_unknown_latency_is_judged_by_its_calls),
        cmocka_unit_test(slowness_counts_four_times_at_most),
        cmocka_unit_test(the_average_follows_slowly_and_forgets),
        cmocka_unit_test(refusals_weigh_like_calls_for_a_while),
        cmocka_unit_test(every_pair_is_drawn_and_none_with_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
