/* Whose turn it is, who is refused, what is forecast: by numbers. */
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
    assert_int_equal(counts_of(model).n_principals, 0);
    model_free(model);
}

/* --- order ---------------------------------------------------------------------------------- */

static void the_earliest_deadline_of_a_principal_goes_first(void **state)
{
    (void)state;
    struct model *model = model_new(1, 100);
    struct model_job *running = model_offer(model, "alice", 10, 1000);
    model_run_until(model, 1);
    struct model_job *late = model_offer(model, "alice", 10, 900);
    struct model_job *never = model_offer(model, "alice", 10, MODEL_FOREVER);
    struct model_job *early = model_offer(model, "alice", 10, 300);
    struct model_job *early_too = model_offer(model, "alice", 10, 300);
    model_run_until(model, 100);
    assert_int_equal(model_started_ms(running), 0);
    assert_int_equal(model_started_ms(early), 10);
    assert_int_equal(model_started_ms(early_too), 20);
    assert_int_equal(model_started_ms(late), 30);
    assert_int_equal(model_started_ms(never), 40);
    finish(model);
}

static void a_thousand_calls_of_one_do_not_delay_the_first_of_another(void **state)
{
    (void)state;
    struct model *model = model_new(1, 2000);
    model_teach(model, 10, 10);
    for (unsigned int i = 0; i < 1000; i++) {
        assert_int_equal(
            model_offer(model, "greedy", 10, MODEL_FOREVER)->verdict, SCHEDULER_ADMITTED);
    }
    model_run_until(model, 505);
    struct model_job *first = model_offer(model, "modest", 10, 530);
    assert_int_equal(first->verdict, SCHEDULER_ADMITTED);
    struct model_job *second = model_offer(model, "modest", 10, 600);
    struct model_job *third = model_offer(model, "modest", 10, 600);
    model_run_until(model, 600);
    assert_int_equal(model_started_ms(first), 510);
    /* From then on they take turns. */
    assert_int_equal(model_started_ms(second), 530);
    assert_int_equal(model_started_ms(third), 550);
    finish(model);
}

static void shares_are_of_time_not_of_calls(void **state)
{
    (void)state;
    struct model *model = model_new(1, 1000);
    model_teach(model, 10, 40);
    model_teach(model, 10, 5);
    for (unsigned int i = 0; i < 50; i++) {
        (void)model_offer(model, "long", 40, MODEL_FOREVER);
    }
    for (unsigned int i = 0; i < 400; i++) {
        (void)model_offer(model, "short", 5, MODEL_FOREVER);
    }
    model_run_until(model, 1600);
    uint64_t long_ms = 0;
    uint64_t short_ms = 0;
    for (unsigned int i = 0; i < model->n_jobs; i++) {
        uint64_t work_ms = model->jobs[i].finished_ns == 0 ? 0 : model->jobs[i].work_ns / 1000000;
        *(i < 50 ? &long_ms : &short_ms) += work_ms;
    }
    assert_in_range(long_ms, 760, 840);
    assert_in_range(short_ms, 760, 840);
    finish(model);
}

/* The estimate says 1 ms, the truth is 50: what it took in the end is what counts. */
static void who_took_longer_than_expected_waits_longer_the_next_time(void **state)
{
    (void)state;
    struct model *model = model_new(1, 1000);
    model_teach(model, 10, 1);
    for (unsigned int i = 0; i < 100; i++) {
        model_offer(model, "liar", 1, MODEL_FOREVER)->work_ns = CLOCK_MS(50);
        (void)model_offer(model, "honest", 1, MODEL_FOREVER);
    }
    model_run_until(model, 200);
    unsigned int n_honest = 0;
    for (unsigned int i = 1; i < model->n_jobs; i += 2) {
        n_honest += model->jobs[i].finished_ns != 0;
    }
    assert_in_range(n_honest, 50, 100);
    finish(model);
}

static void staying_away_saves_up_no_turns(void **state)
{
    (void)state;
    struct model *model = model_new(1, 1000);
    model_teach(model, 10, 10);
    (void)model_offer(model, "away", 10, MODEL_FOREVER);
    for (unsigned int i = 0; i < 100; i++) {
        (void)model_offer(model, "busy", 10, MODEL_FOREVER);
    }
    model_run_until(model, 505);
    for (unsigned int i = 0; i < 20; i++) {
        (void)model_offer(model, "away", 10, MODEL_FOREVER);
    }
    model_run_until(model, 705);
    unsigned int n_away = 0;
    for (unsigned int i = 101; i < model->n_jobs; i++) {
        n_away += model->jobs[i].finished_ns != 0;
    }
    assert_in_range(n_away, 9, 11);
    finish(model);
}

/* One call at a time, but each a hundred times as long: asking again at once is no way round. */
static void a_long_call_is_remembered_when_its_principal_comes_again(void **state)
{
    (void)state;
    struct model *model = model_new(1, 1000);
    model_teach(model, 10, 1000);
    model_teach(model, 10, 10);
    (void)model_offer(model, "long", 1000, MODEL_FOREVER);
    model_run_until(model, 5);
    for (unsigned int i = 0; i < 200; i++) {
        (void)model_offer(model, "short", 10, MODEL_FOREVER);
    }
    model_run_until(model, 1005);
    struct model_job *again = model_offer(model, "long", 1000, MODEL_FOREVER);
    model_run_until(model, MODEL_FOREVER);
    assert_in_range(model_started_ms(again), 1900, 2100);
    finish(model);
}

static void no_more_run_at_once_than_the_class_allows(void **state)
{
    (void)state;
    struct model *model = model_new(3, 100);
    for (unsigned int i = 0; i < 10; i++) {
        (void)model_offer(model, "alice", 10, MODEL_FOREVER);
    }
    model_run_until(model, 5);
    assert_int_equal(model->n_started, 3);
    assert_int_equal(counts_of(model).n_running, 3);
    assert_int_equal(counts_of(model).n_queued, 7);
    assert_false(scheduler_can_start(model->scheduler));
    model_run_until(model, 15);
    assert_int_equal(model->n_started, 6);
    finish(model);
}

/* --- bounds --------------------------------------------------------------------------------- */

static void a_full_queue_refuses(void **state)
{
    (void)state;
    struct model *model = model_new(2, 3);
    for (unsigned int i = 0; i < 5; i++) { /* two that a worker takes at once, three that wait */
        assert_int_equal(
            model_offer(model, "alice", 10, MODEL_FOREVER)->verdict, SCHEDULER_ADMITTED);
    }
    assert_int_equal(model_offer(model, "alice", 10, MODEL_FOREVER)->verdict, SCHEDULER_QUEUE_FULL);
    model_run_until(model, 5);
    assert_int_equal(model_offer(model, "alice", 10, MODEL_FOREVER)->verdict, SCHEDULER_QUEUE_FULL);
    assert_int_equal(counts_of(model).n_offers[SCHEDULER_QUEUE_FULL], 2);
    finish(model);
}

static void a_full_queue_makes_room_for_who_has_less_in_it(void **state)
{
    (void)state;
    struct model *model = model_new(1, 4);
    for (unsigned int i = 0; i < 5; i++) {
        (void)model_offer(model, "greedy", 10, 1000 + i);
    }
    struct model_job *first = model_offer(model, "modest", 10, 9000);
    struct model_job *second = model_offer(model, "modest", 10, 9000);
    assert_int_equal(first->verdict, SCHEDULER_ADMITTED);
    assert_int_equal(second->verdict, SCHEDULER_ADMITTED);
    /* Now it is three to two: a third would only turn that round. */
    assert_int_equal(model_offer(model, "modest", 10, 9000)->verdict, SCHEDULER_QUEUE_FULL);
    assert_false(model->jobs[2].is_evicted);
    assert_true(model->jobs[3].is_evicted);
    assert_true(model->jobs[4].is_evicted);
    assert_int_equal(counts_of(model).n_dropped[SCHEDULER_QUEUE_FULL], 2);
    finish(model);
}

static void principals_are_forgotten_with_their_last_job(void **state)
{
    (void)state;
    struct model *model = model_new(1, 3000);
    char name[16];
    for (unsigned int i = 0; i < 3000; i++) {
        snprintf(name, sizeof(name), "p%u", i);
        (void)model_offer(model, name, 1, MODEL_FOREVER);
    }
    assert_int_equal(counts_of(model).n_principals, 3000);
    model_run_until(model, 2000);
    /* Those that were served rest until the others have had as much; so many are remembered. */
    assert_in_range(counts_of(model).n_principals, 1000, 1001 + SCHEDULER_RESTING_MAX);
    model_run_until(model, MODEL_FOREVER);
    assert_int_equal(counts_of(model).n_principals, 0);
    finish(model);
}

static void see_name(void *arg, const char *name, uint64_t n_queued, uint64_t queued_ns)
{
    (void)n_queued;
    (void)queued_ns;
    snprintf(arg, SCHEDULER_PRINCIPAL_MAX, "%s", name);
}

static void names_are_made_printable(void **state)
{
    (void)state;
    struct model *model = model_new(1, 10);
    (void)model_offer(model, "a\"\\\n\xc3\xa9z", 1, MODEL_FOREVER);
    char seen[SCHEDULER_PRINCIPAL_MAX] = "";
    scheduler_each_principal(model->scheduler, 5, see_name, seen);
    assert_string_equal(seen, "a?????z");
    finish(model);
}

static void a_queued_job_can_be_taken_back_wherever_it_stands(void **state)
{
    (void)state;
    struct model *model = model_new(1, 100);
    struct model_job *running = model_offer(model, "alice", 10, MODEL_FOREVER);
    model_run_until(model, 1);
    struct model_job *jobs[5];
    for (unsigned int i = 0; i < 5; i++) {
        jobs[i] = model_offer(model, i < 3 ? "alice" : "bob", 10, 1000 + i);
    }
    scheduler_take_back(model->scheduler, &jobs[1]->job); /* in the middle */
    scheduler_take_back(model->scheduler, &jobs[0]->job); /* first */
    scheduler_take_back(model->scheduler, &jobs[4]->job); /* last */
    assert_int_equal(counts_of(model).n_queued, 2);
    model_run_until(model, 100);
    assert_int_equal(model_started_ms(running), 0);
    assert_int_equal(jobs[0]->started_ns + jobs[1]->started_ns + jobs[4]->started_ns, 0);
    assert_true(jobs[2]->started_ns != 0 && jobs[3]->started_ns != 0);
    struct model_job *lone = model_offer(model, "carol", 10, MODEL_FOREVER);
    scheduler_take_back(model->scheduler, &lone->job); /* the only one of its principal */
    assert_int_equal(counts_of(model).n_queued, 0);
    finish(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_earliest_deadline_of_a_principal_goes_first),
        cmocka_unit_test(a_thousand_calls_of_one_do_not_delay_the_first_of_another),
        cmocka_unit_test(shares_are_of_time_not_of_calls),
        cmocka_unit_test(who_took_longer_than_expected_waits_longer_the_next_time),
        cmocka_unit_test(staying_away_saves_up_no_turns),
        cmocka_unit_test(a_long_call_is_remembered_when_its_principal_comes_again),
        cmocka_unit_test(no_more_run_at_once_than_the_class_allows),
        cmocka_unit_test(a_full_queue_refuses),
        cmocka_unit_test(a_full_queue_makes_room_for_who_has_less_in_it),
        cmocka_unit_test(principals_are_forgotten_with_their_last_job),
        cmocka_unit_test(names_are_made_printable),
        cmocka_unit_test(a_queued_job_can_be_taken_back_wherever_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
