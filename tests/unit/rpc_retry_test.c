/* What may be made again, and the budget for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "rpc/retry.h"

static const struct rpc_method ONCE = {.name = "t/Once", .kind = RPC_UNARY};
static const struct rpc_method IDEMPOTENT = {
    .name = "t/Idempotent", .kind = RPC_UNARY, .flags = RPC_IDEMPOTENT};

static enum retry_verdict judge(const struct rpc_method *method, enum status status,
    enum rpc_outcome outcome, enum ctx_cause cause)
{
    const struct retry_attempt attempt = {.method = method, .keeps_request = true};
    const struct rpc_end end = {.status = status, .cause = cause, .account = {.outcome = outcome}};
    return retry_judge(&attempt, &end);
}

static void what_did_not_start_is_made_again_whatever_it_is(void **state)
{
    (void)state;
    assert_int_equal(
        judge(&ONCE, STATUS_UNAVAILABLE, RPC_OUTCOME_NOT_STARTED, CTX_CAUSE_SERVER_DRAINING),
        RETRY_ANYWHERE);
    assert_int_equal(judge(&ONCE, STATUS_UNAVAILABLE, RPC_OUTCOME_NOT_STARTED, CTX_CAUSE_PEER_LOST),
        RETRY_ANYWHERE);
}

/* Asking a full server again is how an avalanche grows. */
static void what_a_full_server_refused_goes_to_another_one_only(void **state)
{
    (void)state;
    assert_int_equal(
        judge(&ONCE, STATUS_RESOURCE_EXHAUSTED, RPC_OUTCOME_NOT_STARTED, CTX_CAUSE_NONE),
        RETRY_ELSEWHERE);
    assert_int_equal(
        judge(&IDEMPOTENT, STATUS_RESOURCE_EXHAUSTED, RPC_OUTCOME_STOPPED, CTX_CAUSE_NONE),
        RETRY_NO);
}

static void what_was_lost_is_made_again_only_if_that_is_harmless(void **state)
{
    (void)state;
    static const enum ctx_cause LOSSES[] = {CTX_CAUSE_PEER_LOST, CTX_CAUSE_SERVER_DRAINING};
    for (size_t i = 0; i < LENGTH_OF(LOSSES); i++) {
        assert_int_equal(
            judge(&IDEMPOTENT, STATUS_UNAVAILABLE, RPC_OUTCOME_UNKNOWN, LOSSES[i]), RETRY_ANYWHERE);
        assert_int_equal(
            judge(&IDEMPOTENT, STATUS_UNAVAILABLE, RPC_OUTCOME_STOPPED, LOSSES[i]), RETRY_ANYWHERE);
        assert_int_equal(
            judge(&ONCE, STATUS_UNAVAILABLE, RPC_OUTCOME_UNKNOWN, LOSSES[i]), RETRY_NO);
        assert_int_equal(
            judge(&ONCE, STATUS_UNAVAILABLE, RPC_OUTCOME_STOPPED, LOSSES[i]), RETRY_NO);
    }
}

static void an_answer_is_an_answer(void **state)
{
    (void)state;
    for (int status = STATUS_CANCELLED; status <= STATUS_UNAUTHENTICATED; status++) {
        bool is_refusal = status == STATUS_UNAVAILABLE || status == STATUS_RESOURCE_EXHAUSTED;
        /* Its own UNAVAILABLE, say for its database, has no cause. */
        assert_int_equal(
            judge(&IDEMPOTENT, (enum status)status, RPC_OUTCOME_STOPPED, CTX_CAUSE_NONE), RETRY_NO);
        if (!is_refusal) {
            assert_int_equal(
                judge(&IDEMPOTENT, (enum status)status, RPC_OUTCOME_NOT_STARTED, CTX_CAUSE_NONE),
                RETRY_NO);
        }
    }
}

static void nothing_is_made_again_once_it_was_seen_or_forgotten_or_often_enough(void **state)
{
    (void)state;
    const struct rpc_end lost = {.status = STATUS_UNAVAILABLE, .cause = CTX_CAUSE_PEER_LOST};
    struct retry_attempt attempt = {.method = &IDEMPOTENT, .keeps_request = true};
    attempt.number = RPC_ATTEMPTS_MAX - 2;
    assert_int_equal(retry_judge(&attempt, &lost), RETRY_ANYWHERE);
    attempt.number = RPC_ATTEMPTS_MAX - 1;
    assert_int_equal(retry_judge(&attempt, &lost), RETRY_NO);
    attempt.number = 0;
    attempt.has_answer = true;
    assert_int_equal(retry_judge(&attempt, &lost), RETRY_NO);
    attempt.has_answer = false;
    attempt.keeps_request = false;
    assert_int_equal(retry_judge(&attempt, &lost), RETRY_NO);
}

static unsigned int spend_all(struct retry_budget *budget)
{
    unsigned int n_spent = 0;
    while (retry_budget_spend(budget)) {
        n_spent++;
    }
    return n_spent;
}

static void a_tenth_of_the_calls_may_be_made_again(void **state)
{
    (void)state;
    struct retry_budget budget;
    retry_budget_init(&budget);
    assert_int_equal(spend_all(&budget), RPC_RETRY_BURST_START);
    for (int i = 0; i < 1000; i++) {
        retry_budget_earn(&budget);
    }
    assert_int_equal(spend_all(&budget), 1000 * RPC_RETRY_PERCENT / 100);
    for (int i = 0; i < 1000 * 1000; i++) {
        retry_budget_earn(&budget);
    }
    assert_int_equal(spend_all(&budget), RPC_RETRY_BURST_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_did_not_start_is_made_again_whatever_it_is),
        cmocka_unit_test(what_a_full_server_refused_goes_to_another_one_only),
        cmocka_unit_test(what_was_lost_is_made_again_only_if_that_is_harmless),
        cmocka_unit_test(an_answer_is_an_answer),
        cmocka_unit_test(nothing_is_made_again_once_it_was_seen_or_forgotten_or_often_enough),
        cmocka_unit_test(a_tenth_of_the_calls_may_be_made_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
