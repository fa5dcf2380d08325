/* Jobs that leave their places and go on later: whose turn it is, and what is learnt of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "rpc_scheduler_model.h"

static struct scheduler_counts counts_of(const struct model *model)
{
    struct scheduler_counts counts;
    scheduler_counts(model->scheduler, &counts);
    return counts;
}

static struct scheduler_job *next(struct model *model)
{
    struct scheduler_running *running = NULL;
    struct scheduler_job *dropped = NULL;
    struct scheduler_job *job = scheduler_next(model->scheduler, model->now_ns, &running, &dropped);
    assert_null(dropped);
    assert_true(job == NULL || job->running == running);
    return job;
}

static void pass(struct model *model, uint64_t ms)
{
    model->now_ns += CLOCK_MS(ms);
}

static void pause_job(struct model *model, struct model_job *job)
{
    scheduler_pause(model->scheduler, &job->job, model->now_ns);
}

static void finish_job(struct model *model, struct model_job *job)
{
    scheduler_finish(model->scheduler, job->job.running, model->now_ns, SCHEDULER_COMPLETED);
}

static void end(struct model *model)
{
    assert_int_equal(counts_of(model).n_running, 0);
    assert_int_equal(counts_of(model).n_principals, 0);
    model_free(model);
}

static void a_paused_job_leaves_its_place_to_others(void **state)
{
    (void)state;
    struct model *model = model_new(1, 10);
    struct model_job *first = model_offer(model, "alice", 10, MODEL_FOREVER);
    struct model_job *second = model_offer(model, "bob", 10, MODEL_FOREVER);
    assert_ptr_equal(next(model), &first->job);
    assert_null(next(model));
    pause_job(model, first);
    assert_int_equal(counts_of(model).n_paused, 1);
    assert_int_equal(counts_of(model).n_running, 0);
    assert_ptr_equal(next(model), &second->job);
    finish_job(model, second);
    assert_null(next(model)); /* it is not asked for yet */
    scheduler_resume(model->scheduler, &first->job);
    assert_ptr_equal(next(model), &first->job);
    finish_job(model, first);
    end(model);
}

static void who_goes_on_goes_first_in_the_order_of_their_pauses_ends(void **state)
{
    (void)state;
    struct model *model = model_new(2, 10);
    struct model_job *one = model_offer(model, "alice", 10, 5000);
    struct model_job *two = model_offer(model, "alice", 10, 9000);
    assert_ptr_equal(next(model), &one->job);
    assert_ptr_equal(next(model), &two->job);
    pause_job(model, one);
    pause_job(model, two);
    struct model_job *fresh = model_offer(model, "bob", 10, 100);
    scheduler_resume(model->scheduler, &two->job);
    scheduler_resume(model->scheduler, &one->job);
    assert_int_equal(counts_of(model).n_resumed, 2);
    assert_ptr_equal(next(model), &two->job);
    assert_ptr_equal(next(model), &one->job);
    assert_null(next(model));
    finish_job(model, two);
    assert_ptr_equal(next(model), &fresh->job);
    finish_job(model, one);
    finish_job(model, fresh);
    end(model);
}

/* Past its deadline, or with too little time left, it goes on all the same: to clean up. */
static void who_goes_on_is_not_judged_again(void **state)
{
    (void)state;
    struct model *model = model_new(1, 10);
    model_teach(model, 10, 10);
    struct model_job *job = model_offer(model, "alice", 10, 1000);
    assert_ptr_equal(next(model), &job->job);
    pause_job(model, job);
    pass(model, 2000);
    scheduler_resume(model->scheduler, &job->job);
    assert_ptr_equal(next(model), &job->job);
    finish_job(model, job);
    end(model);
}

static void what_is_learnt_is_the_time_that_it_had_a_place(void **state)
{
    (void)state;
    struct model *model = model_new(1, 10);
    for (unsigned int n = 0; n < SERVICE_TIME_KNOWN_MIN; n++) {
        struct model_job *job = model_offer(model, "alice", 10, MODEL_FOREVER);
        assert_ptr_equal(next(model), &job->job);
        for (unsigned int i = 0; i < 2; i++) {
            pass(model, 7);
            pause_job(model, job);
            pass(model, 1000);
            scheduler_resume(model->scheduler, &job->job);
            assert_ptr_equal(next(model), &job->job);
        }
        pass(model, 6);
        finish_job(model, job);
    }
    struct method_cell *cell = method_times_at(&model->times, 10);
    assert_in_range(service_time_quantile_ns(&cell->time), CLOCK_MS(20), CLOCK_MS(20) + 1000);
    assert_int_equal(service_time_held_ns(&cell->time), CLOCK_MS(20));
    end(model);
}

static void who_goes_on_has_no_place_in_the_queue(void **state)
{
    (void)state;
    struct model *model = model_new(1, 1);
    struct model_job *paused = model_offer(model, "alice", 10, MODEL_FOREVER);
    assert_ptr_equal(next(model), &paused->job);
    pause_job(model, paused);
    struct model_job *running = model_offer(model, "alice", 10, MODEL_FOREVER);
    assert_ptr_equal(next(model), &running->job);
    scheduler_resume(model->scheduler, &paused->job);
    struct model_job *queued = model_offer(model, "alice", 10, MODEL_FOREVER);
    assert_int_equal(queued->verdict, SCHEDULER_ADMITTED);
    struct model_job *refused = model_offer(model, "alice", 10, MODEL_FOREVER);
    assert_int_equal(refused->verdict, SCHEDULER_QUEUE_FULL);
    finish_job(model, running);
    /* The free worker is the resumed one's: it makes no room for another. */
    refused = model_offer(model, "alice", 10, MODEL_FOREVER);
    assert_int_equal(refused->verdict, SCHEDULER_QUEUE_FULL);
    assert_ptr_equal(next(model), &paused->job);
    finish_job(model, paused);
    assert_ptr_equal(next(model), &queued->job);
    finish_job(model, queued);
    end(model);
}

static void what_those_still_need_who_go_on_is_in_the_forecast(void **state)
{
    (void)state;
    struct model *model = model_new(1, 10);
    model_teach(model, 10, 100);
    struct model_job *paused = model_offer(model, "alice", 100, MODEL_FOREVER);
    assert_ptr_equal(next(model), &paused->job);
    pass(model, 30);
    pause_job(model, paused);
    assert_int_equal(scheduler_wait_ns(model->scheduler, model->now_ns, 1, CLOCK_NEVER), 0);
    struct model_job *running = model_offer(model, "bob", 100, MODEL_FOREVER);
    assert_ptr_equal(next(model), &running->job);
    scheduler_resume(model->scheduler, &paused->job);
    assert_int_equal(/* 100 of the one that runs, 70 of the one that goes on */
        scheduler_wait_ns(model->scheduler, model->now_ns, 1, CLOCK_NEVER), CLOCK_MS(170));
    finish_job(model, running);
    assert_ptr_equal(next(model), &paused->job);
    finish_job(model, paused);
    end(model);
}

/* It pays for what it used, and a pause costs nothing. */
static void principals_pay_for_places_and_not_for_pauses(void **state)
{
    (void)state;
    struct model *model = model_new(1, 10);
    model_teach(model, 10, 10);
    struct model_job *paused = model_offer(model, "alice", 10, MODEL_FOREVER);
    assert_ptr_equal(next(model), &paused->job);
    pass(model, 10);
    pause_job(model, paused);
    struct model_job *bobs = model_offer(model, "bob", 10, MODEL_FOREVER);
    struct model_job *bobs_next = model_offer(model, "bob", 10, MODEL_FOREVER);
    assert_ptr_equal(next(model), &bobs->job);
    struct model_job *alices_next = model_offer(model, "alice", 10, MODEL_FOREVER);
    pass(model, 40); /* longer than expected */
    finish_job(model, bobs);
    pass(model, 5000);
    scheduler_resume(model->scheduler, &paused->job);
    assert_ptr_equal(next(model), &paused->job);
    pass(model, 10); /* 20 in all: less than bob's 40 */
    finish_job(model, paused);
    assert_ptr_equal(next(model), &alices_next->job);
    finish_job(model, alices_next);
    assert_ptr_equal(next(model), &bobs_next->job);
    finish_job(model, bobs_next);
    end(model);
}

/* Nobody else wanted what it used, but it is still there when others come. */
static void who_pauses_while_nobody_waits_begins_anew_with_the_others(void **state)
{
    (void)state;
    struct model *model = model_new(1, 10);
    struct model_job *paused = model_offer(model, "alice", 10, MODEL_FOREVER);
    assert_ptr_equal(next(model), &paused->job);
    pass(model, 500);
    pause_job(model, paused);
    struct model_job *alices = model_offer(model, "alice", 10, MODEL_FOREVER);
    struct model_job *bobs = model_offer(model, "bob", 10, MODEL_FOREVER);
    assert_ptr_equal(next(model), &alices->job);
    finish_job(model, alices);
    assert_ptr_equal(next(model), &bobs->job);
    finish_job(model, bobs);
    scheduler_resume(model->scheduler, &paused->job);
    assert_ptr_equal(next(model), &paused->job);
    finish_job(model, paused);
    end(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_paused_job_leaves_its_place_to_others),
        cmocka_unit_test(who_goes_on_goes_first_in_the_order_of_their_pauses_ends),
        cmocka_unit_test(who_goes_on_is_not_judged_again),
        cmocka_unit_test(what_is_learnt_is_the_time_that_it_had_a_place),
        cmocka_unit_test(who_goes_on_has_no_place_in_the_queue),
        cmocka_unit_test(what_those_still_need_who_go_on_is_in_the_forecast),
        cmocka_unit_test(principals_pay_for_places_and_not_for_pauses),
        cmocka_unit_test(who_pauses_while_nobody_waits_begins_anew_with_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
