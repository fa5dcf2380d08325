/* Who is let in: the forecast against what then happens, refusals, probes. By numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "rpc_scheduler_model.h"

static struct scheduler_counts counts_of(const struct model *model)
{
    struct scheduler_counts counts;
    scheduler_counts(model->scheduler, &counts);
    return counts;
}

static void finish(struct model *model)
{
    model_run_until(model, MODEL_FOREVER);
    model_free(model);
}

/* One worker, one principal: the wait is what runs and what is due earlier. */
static void the_wait_of_one_queue_is_exact(void **state)
{
    (void)state;
    struct model *model = model_new(1, 100);
    model_teach(model, 10, 10);
    model_teach(model, 10, 30);
    (void)model_offer(model, "alice", 30, 5000);
    model_run_until(model, 12);
    (void)model_offer(model, "alice", 10, 1000);
    (void)model_offer(model, "alice", 10, 3000);
    struct model_job *between = model_offer(model, "alice", 10, 2000);
    assert_int_equal(between->job.wait_ns, CLOCK_MS(18 + 10));
    assert_int_equal(between->job.remaining_ns, CLOCK_MS(1988));
    assert_int_equal(between->job.n_queued, 2);
    model_run_until(model, 1000);
    assert_int_equal(model_started_ms(between), 12 + 28);
    finish(model);
}

static void a_call_that_cannot_be_done_in_time_is_refused(void **state)
{
    (void)state;
    struct model *model = model_new(1, 100);
    model_teach(model, 10, 10);
    for (unsigned int i = 0; i < 5; i++) {
        (void)model_offer(model, "alice", 10, 1000);
    }
    model_run_until(model, 0);
    assert_int_equal(model_offer(model, "alice", 10, 61)->verdict, SCHEDULER_ADMITTED);
    /* It would be next: what is due later does not stand before it. */
    assert_int_equal(model_offer(model, "alice", 10, 29)->verdict, SCHEDULER_ADMITTED);
    struct model_job *doomed = model_offer(model, "alice", 10, 29);
    assert_int_equal(doomed->verdict, SCHEDULER_DOOMED);
    assert_int_equal(doomed->job.wait_ns, CLOCK_MS(20));
    assert_int_equal(doomed->job.quantile_ns, CLOCK_MS(10));
    assert_int_equal(doomed->job.remaining_ns, CLOCK_MS(29));
    finish(model);
}

static void without_a_deadline_only_the_queue_is_a_bound(void **state)
{
    (void)state;
    struct model *model = model_new(1, 500);
    model_teach(model, 10, 1000);
    for (unsigned int i = 0; i < 500; i++) {
        assert_int_equal(
            model_offer(model, "alice", 1000, MODEL_FOREVER)->verdict, SCHEDULER_ADMITTED);
    }
    finish(model);
}

static void what_is_late_already_is_told_so(void **state)
{
    (void)state;
    struct model *model = model_new(1, 500);
    model_run_until(model, 100);
    assert_int_equal(model_offer(model, "alice", 10, 100)->verdict, SCHEDULER_EXPIRED);
    finish(model);
}

static void nothing_is_refused_while_nothing_is_known(void **state)
{
    (void)state;
    struct model *model = model_new(1, 500);
    for (unsigned int i = 0; i < 100; i++) {
        assert_int_equal(model_offer(model, "alice", 10, 200)->verdict, SCHEDULER_ADMITTED);
    }
    /* But what turns out to be too much is dropped when its turn has come, and never starts. */
    model_run_until(model, 1000);
    assert_in_range(model->n_started, 19, 20);
    struct scheduler_counts counts = counts_of(model);
    assert_int_equal(
        counts.n_dropped[SCHEDULER_DOOMED] + counts.n_dropped[SCHEDULER_EXPIRED] + model->n_started,
        100);
    for (unsigned int i = 0; i < model->n_jobs; i++) {
        if (model->jobs[i].started_ns != 0) {
            assert_true(model->jobs[i].finished_ns <= model->jobs[i].deadline_ns);
        }
    }
    finish(model);
}

/* A deadline that was put off while the call waited is the one that counts. */
static void a_deadline_that_has_moved_is_read_again(void **state)
{
    (void)state;
    struct model *model = model_new(1, 100);
    model_teach(model, 10, 10);
    model_offer(model, "alice", 10, 30)->work_ns = CLOCK_MS(100);
    model_run_until(model, 0);
    struct model_job *moved = model_offer(model, "alice", 10, 40);
    struct model_job *left = model_offer(model, "alice", 10, 50);
    moved->deadline_ns += CLOCK_SECONDS(1);
    model_run_until(model, 200);
    assert_int_equal(model_started_ms(moved), 100);
    assert_true(left->is_dropped);
    assert_int_equal(left->verdict, SCHEDULER_EXPIRED);
    finish(model);
}

static void a_burst_ten_times_too_large_keeps_the_worker_busy_with_what_succeeds(void **state)
{
    (void)state;
    struct model *model = model_new(1, 1024);
    model_teach(model, 10, 10);
    for (unsigned int ms = 1; ms <= 2000; ms++) {
        (void)model_offer(model, "alice", 10, ms + 200);
        model_run_until(model, ms + 1);
    }
    model_run_until(model, MODEL_FOREVER);
    unsigned int n_good = 0;
    for (unsigned int i = 0; i < model->n_jobs; i++) {
        const struct model_job *job = &model->jobs[i];
        assert_true(job->started_ns == 0 || job->finished_ns <= job->deadline_ns);
        n_good += job->started_ns != 0;
    }
    assert_in_range(n_good, 200, 220);
    assert_in_range(counts_of(model).n_offers[SCHEDULER_DOOMED], 1750, 1810);
    finish(model);
}

/* A call that would be done at its deadline is late for who waits for the answer. */
static void time_is_kept_for_the_way_of_the_answer(void **state)
{
    (void)state;
    struct model *model = model_new(1, 100);
    model_teach(model, 10, 100);
    (void)model_offer(model, "alice", 100, MODEL_FOREVER);
    model_run_until(model, 0);
    assert_int_equal(model_offer(model, "alice", 100, 203)->verdict, SCHEDULER_DOOMED);
    assert_int_equal(model_offer(model, "alice", 100, 205)->verdict, SCHEDULER_ADMITTED);
    finish(model);
}

/* Trying costs nobody anything where workers are free: the caller gets its time. */
static void a_worker_to_spare_tries_what_seems_doomed(void **state)
{
    (void)state;
    struct model *model = model_new(3, 100);
    model_teach(model, 10, 500);
    struct model_job *tries[2];
    for (unsigned int i = 0; i < 2; i++) {
        tries[i] = model_offer(model, "alice", 500, 200);
        assert_int_equal(tries[i]->verdict, SCHEDULER_ADMITTED);
    }
    model_run_until(model, 1);
    assert_int_equal(model->n_started, 2);
    /* A third would take the last worker. */
    assert_int_equal(model_offer(model, "alice", 500, 200)->verdict, SCHEDULER_DOOMED);
    assert_int_equal(model_offer(model, "alice", 500, 600)->verdict, SCHEDULER_ADMITTED);
    assert_int_equal(counts_of(model).n_probes, 0);
    finish(model);
}

/* --- probes --------------------------------------------------------------------------------- */

static void a_wrong_estimate_locks_nobody_out(void **state)
{
    (void)state;
    struct model *model = model_new(1, 100);
    struct method_cell *cell = method_times_at(&model->times, 10);
    for (unsigned int i = 0; i < SERVICE_TIME_SAMPLES; i++) {
        scheduler_learn(cell, false, model->now_ns, CLOCK_MS(900), SCHEDULER_COMPLETED);
    }
    unsigned int n_admitted = 0;
    uint64_t ms = 0;
    while (service_time_quantile_ns(&cell->time) > CLOCK_MS(200) && ms < 60000) {
        n_admitted += model_offer(model, "alice", 10, ms + 200)->verdict == SCHEDULER_ADMITTED;
        ms += 20;
        model_run_until(model, ms);
    }
    assert_in_range(ms, 3000, 9000);
    assert_int_equal(n_admitted, counts_of(model).n_probes);
    assert_in_range(n_admitted, 4, 9);
    assert_int_equal(model_offer(model, "alice", 10, ms + 200)->verdict, SCHEDULER_ADMITTED);
    finish(model);
}

static void probes_are_rare_where_the_estimate_is_right(void **state)
{
    (void)state;
    struct model *model = model_new(1, 100);
    struct method_cell *cell = method_times_at(&model->times, 900);
    for (unsigned int i = 0; i < SERVICE_TIME_SAMPLES; i++) {
        scheduler_learn(cell, false, model->now_ns, CLOCK_MS(900), SCHEDULER_COMPLETED);
    }
    for (uint64_t ms = 0; ms < 10000; ms += 10) {
        struct model_job *job = model_offer(model, "alice", 900, ms + 200);
        job->work_ns = CLOCK_MS(200); /* cancelled by its deadline */
        job->outcome = SCHEDULER_CUT_SHORT;
        model_run_until(model, ms + 10);
    }
    assert_in_range(model->n_started, 9, 11);
    assert_int_equal(service_time_quantile_ns(&cell->time) / CLOCK_MS(1), 900);
    finish(model);
}

/* While calls of a kind are let in now and then, there is nothing to be found out. */
static void overload_alone_sends_no_probe(void **state)
{
    (void)state;
    struct model *model = model_new(1, 1024);
    model_teach(model, 10, 10);
    for (unsigned int ms = 1; ms <= 3000; ms++) {
        (void)model_offer(model, "alice", 10, ms + 200);
        model_run_until(model, ms + 1);
    }
    assert_int_equal(counts_of(model).n_probes, 0);
    finish(model);
}

static void a_probe_that_is_taken_back_leaves_room_for_the_next(void **state)
{
    (void)state;
    struct model *model = model_new(1, 100);
    model_teach(model, 10, 1000);
    (void)model_offer(model, "alice", 1000, MODEL_FOREVER);
    model_run_until(model, 2);
    struct method_cell *cell = method_times_at(&model->times, 10);
    for (unsigned int i = 0; i < 10; i++) {
        scheduler_learn(cell, false, model->now_ns, CLOCK_MS(900), SCHEDULER_COMPLETED);
    }
    struct model_job *probe = model_offer(model, "alice", 10, 200);
    assert_true(probe->job.is_probe);
    assert_int_equal(model_offer(model, "alice", 10, 200)->verdict, SCHEDULER_DOOMED);
    scheduler_take_back(model->scheduler, &probe->job);
    assert_int_equal(model_offer(model, "alice", 10, 200)->verdict, SCHEDULER_DOOMED);
    model_run_until(model, 1002 + SCHEDULER_PROBE_EVERY_MS);
    assert_true(model_offer(model, "alice", 10, 2200)->job.is_probe);
    finish(model);
}

/* --- the forecast against the truth ---------------------------------------------------------- */

static uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static struct model_job *offer_any(struct model *model, uint64_t *random, uint64_t work_ms)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};
    uint64_t who = draw(random) % 49;
    return model_offer(model, names[who * who / 400], work_ms, 100000 + draw(random) % 100 * 10);
}

/* A random queue, then one more call; nobody comes after it. Returns how wrong its forecast was. */
static int64_t error_of_forecast_ms(unsigned int n_workers, uint64_t *random, uint64_t work_ms)
{
    struct model *model = model_new(n_workers, 4000);
    model_teach(model, 10, work_ms);
    for (unsigned int i = 0; i < 40; i++) {
        (void)offer_any(model, random, work_ms);
        model_run_until(model, i * work_ms / 4 / n_workers);
    }
    struct model_job *last = offer_any(model, random, work_ms);
    uint64_t offered_ms = (model->now_ns - CLOCK_SECONDS(1000)) / CLOCK_MS(1);
    model_run_until(model, MODEL_FOREVER);
    int64_t truth_ms = (int64_t)(model_started_ms(last) - offered_ms);
    int64_t error_ms = (int64_t)(last->job.wait_ns / CLOCK_MS(1)) - truth_ms;
    model_free(model);
    return error_ms;
}

static void check_forecasts(unsigned int n_workers, int64_t error_max_ms, double bias_max_ms)
{
    enum { N_ROUNDS = 400, WORK_MS = 24 };
    uint64_t random = 88172645463325252U;
    int64_t sum_ms = 0;
    for (unsigned int i = 0; i < N_ROUNDS; i++) {
        int64_t error_ms = error_of_forecast_ms(n_workers, &random, WORK_MS);
        if (llabs(error_ms) > error_max_ms) {
            fail_msg("round %u: %lld ms wrong", i, (long long)error_ms);
        }
        sum_ms += error_ms;
    }
    double bias_ms = (double)sum_ms / N_ROUNDS;
    if (bias_ms > bias_max_ms || bias_ms < -bias_max_ms) {
        fail_msg("%.1f ms wrong on average", bias_ms);
    }
}

static void the_forecast_among_principals_is_wrong_by_a_job_each_at_most(void **state)
{
    (void)state;
    check_forecasts(1, 24 * 4, 3);
}

static void the_forecast_for_several_workers_is_wrong_by_less(void **state)
{
    (void)state;
    check_forecasts(4, 24 * 2, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wait_of_one_queue_is_exact),
        cmocka_unit_test(a_call_that_cannot_be_done_in_time_is_refused),
        cmocka_unit_test(without_a_deadline_only_the_queue_is_a_bound),
        cmocka_unit_test(what_is_late_already_is_told_so),
        cmocka_unit_test(nothing_is_refused_while_nothing_is_known),
        cmocka_unit_test(a_deadline_that_has_moved_is_read_again),
        cmocka_unit_test(a_burst_ten_times_too_large_keeps_the_worker_busy_with_what_succeeds),
        cmocka_unit_test(time_is_kept_for_the_way_of_the_answer),
        cmocka_unit_test(a_worker_to_spare_tries_what_seems_doomed),
        cmocka_unit_test(a_wrong_estimate_locks_nobody_out),
        cmocka_unit_test(probes_are_rare_where_the_estimate_is_right),
        cmocka_unit_test(overload_alone_sends_no_probe),
        cmocka_unit_test(a_probe_that_is_taken_back_leaves_room_for_the_next),
        cmocka_unit_test(the_forecast_among_principals_is_wrong_by_a_job_each_at_most),
        cmocka_unit_test(the_forecast_for_several_workers_is_wrong_by_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
