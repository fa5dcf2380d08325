/* What is kept of a study, and for how long. One thread: who shares with whom is in
 * tests/integration/audit_cache_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "audit/sources/study_cache.h"
#include "base/attributes.h"
#include "ctx/test.h"
#include "support/failing_memory.h"

enum { FACTS_LEN = 1000 };

/* What makes the facts, and how often it did. */
struct maker {
    unsigned int n_runs;
    size_t len;
    enum status status;
};

static enum status make(
    const struct ctx *ctx, void *arg, struct study_facts **ret_facts, struct error *ret_error)
{
    (void)ctx;
    struct maker *maker = arg;
    maker->n_runs++;
    if (maker->status != STATUS_OK) {
        return error_set(ret_error, maker->status, "the table is gone");
    }
    struct study_facts *facts = study_facts_new(sizeof(struct study_counts));
    if (facts == NULL || arena_alloc(facts->arena, maker->len) == NULL) {
        ctx_result_unref(facts == NULL ? NULL : &facts->result);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    *ret_facts = facts;
    return STATUS_OK;
}

static const struct study_key KEY = {
    .source = "edc", .study_id = 1, .as_of_day = 18000, .data_version = 7, .summary_version = 7};

/* Ask, let go at once, and say how it came. */
static enum study_outcome ask(
    struct study_cache *cache, struct maker *maker, const struct study_key *key)
{
    struct study_facts *facts = NULL;
    enum study_outcome outcome = STUDY_SHARED;
    struct error error = ERROR_NONE;
    enum status status =
        study_cache_get(ctx_background(), cache, key, make, maker, &facts, &outcome, &error);
    assert_int_equal(status, STATUS_OK);
    assert_non_null(facts);
    ctx_result_unref(&facts->result);
    return outcome;
}

static struct study_key key_of_version(int64_t data_version)
{
    struct study_key key = KEY;
    key.data_version = data_version;
    return key;
}

static int check_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : -1;
}

static void a_study_is_counted_once_for_each_version(void **state)
{
    (void)state;
    struct study_cache *cache = study_cache_new(0, 0);
    struct maker maker = {.len = FACTS_LEN};
    struct study_key newer = key_of_version(8);
    assert_int_equal(ask(cache, &maker, &KEY), STUDY_MISS);
    assert_int_equal(ask(cache, &maker, &KEY), STUDY_HIT);
    assert_int_equal(ask(cache, &maker, &newer), STUDY_MISS);
    assert_int_equal(ask(cache, &maker, &KEY), STUDY_HIT);
    assert_int_equal(maker.n_runs, 2);
    study_cache_free(cache);
}

static void every_part_of_the_key_tells_facts_apart(void **state)
{
    (void)state;
    struct study_cache *cache = study_cache_new(0, 0);
    struct maker maker = {.len = FACTS_LEN};
    struct study_key keys[8] = {KEY, KEY, KEY, KEY, KEY, KEY, KEY, KEY};
    keys[1].source = "ctms";
    keys[2].db = (const struct db *)&maker; /* only its address counts */
    keys[3].stamp = (struct db_stamp){.len = 1, .bytes = {1}};
    keys[4].study_id++;
    keys[5].as_of_day++;
    keys[6].data_version++;
    keys[7].summary_version++;
    for (size_t i = 0; i < LENGTH_OF(keys); i++) {
        assert_int_equal(ask(cache, &maker, &keys[i]), STUDY_MISS);
    }
    keys[3].stamp.bytes[0] = 2;
    assert_int_equal(ask(cache, &maker, &keys[3]), STUDY_MISS);
    for (size_t i = 0; i < LENGTH_OF(keys); i++) {
        assert_int_equal(ask(cache, &maker, &keys[i]), STUDY_HIT);
    }
    study_cache_free(cache);
}

static void what_was_not_asked_for_longest_makes_room(void **state)
{
    (void)state;
    struct study_cache *cache = study_cache_new(2, 0);
    struct maker maker = {.len = FACTS_LEN};
    struct study_key keys[3] = {key_of_version(1), key_of_version(2), key_of_version(3)};
    (void)ask(cache, &maker, &keys[0]);
    (void)ask(cache, &maker, &keys[1]);
    assert_int_equal(ask(cache, &maker, &keys[0]), STUDY_HIT);
    assert_int_equal(ask(cache, &maker, &keys[2]), STUDY_MISS); /* in the place of 1 */
    assert_int_equal(ask(cache, &maker, &keys[0]), STUDY_HIT);
    assert_int_equal(ask(cache, &maker, &keys[1]), STUDY_MISS);
    study_cache_free(cache);
}

static void the_bytes_are_bounded_and_what_is_larger_is_not_kept(void **state)
{
    (void)state;
    struct study_cache *cache = study_cache_new(0, 5 * FACTS_LEN);
    struct maker maker = {.len = 2 * FACTS_LEN};
    struct study_key keys[3] = {key_of_version(1), key_of_version(2), key_of_version(3)};
    (void)ask(cache, &maker, &keys[0]);
    (void)ask(cache, &maker, &keys[1]);
    assert_int_equal(ask(cache, &maker, &keys[0]), STUDY_HIT);
    maker.len = 6 * FACTS_LEN;
    assert_int_equal(ask(cache, &maker, &keys[2]), STUDY_MISS);
    assert_int_equal(ask(cache, &maker, &keys[2]), STUDY_MISS);
    assert_int_equal(ask(cache, &maker, &keys[1]), STUDY_HIT); /* nothing had to go for it */
    maker.len = 2 * FACTS_LEN;
    assert_int_equal(ask(cache, &maker, &keys[2]), STUDY_MISS); /* now 0 goes */
    assert_int_equal(ask(cache, &maker, &keys[1]), STUDY_HIT);
    assert_int_equal(ask(cache, &maker, &keys[0]), STUDY_MISS);
    study_cache_free(cache);
}

static void who_holds_facts_keeps_them_when_they_make_room(void **state)
{
    (void)state;
    struct study_cache *cache = study_cache_new(1, 0);
    struct maker maker = {.len = FACTS_LEN};
    struct study_key other = key_of_version(8);
    struct study_facts *held = NULL;
    enum study_outcome outcome;
    struct error error = ERROR_NONE;
    assert_int_equal(
        study_cache_get(ctx_background(), cache, &KEY, make, &maker, &held, &outcome, &error),
        STATUS_OK);
    (void)ask(cache, &maker, &other);
    study_cache_free(cache);
    assert_true(arena_used(held->arena) >= FACTS_LEN); /* the sanitizer sees when they are gone */
    ctx_result_unref(&held->result);
}

static void a_failure_is_told_in_its_words_and_not_kept(void **state)
{
    (void)state;
    struct study_cache *cache = study_cache_new(0, 0);
    struct maker maker = {.len = FACTS_LEN, .status = STATUS_UNAVAILABLE};
    struct study_facts *facts = NULL;
    enum study_outcome outcome;
    struct error error = ERROR_NONE;
    assert_int_equal(
        study_cache_get(ctx_background(), cache, &KEY, make, &maker, &facts, &outcome, &error),
        STATUS_UNAVAILABLE);
    assert_null(facts);
    assert_string_equal(error.text, "the table is gone");
    maker.status = STATUS_OK;
    assert_int_equal(ask(cache, &maker, &KEY), STUDY_MISS);
    study_cache_free(cache);
}

static void without_a_cache_every_caller_counts(void **state)
{
    (void)state;
    struct maker maker = {.len = FACTS_LEN};
    assert_int_equal(ask(NULL, &maker, &KEY), STUDY_MISS);
    assert_int_equal(ask(NULL, &maker, &KEY), STUDY_MISS);
    assert_int_equal(maker.n_runs, 2);
}

/* Allocation 0, 1, 2 … fails, until there is none left that could. */
static void without_memory_it_fails_cleanly_and_works_again(void **state)
{
    (void)state;
    unsigned int n_failures = 0;
    bool is_through = false;
    for (unsigned int number = 0; !is_through; number++) {
        assert_true(number < 1000);
        struct maker maker = {.len = FACTS_LEN};
        struct study_facts *facts = NULL;
        enum study_outcome outcome;
        struct error error = ERROR_NONE;
        unsigned int before = failing_memory_count();
        failing_memory_start_at(number, false);
        struct study_cache *cache = study_cache_new(0, 0);
        enum status status = STATUS_RESOURCE_EXHAUSTED;
        if (cache != NULL) {
            status = study_cache_get(
                ctx_background(), cache, &KEY, make, &maker, &facts, &outcome, &error);
        }
        failing_memory_stop();
        is_through = failing_memory_count() == before;
        n_failures += status != STATUS_OK;
        assert_true(status == STATUS_OK || status == STATUS_RESOURCE_EXHAUSTED);
        assert_true((facts != NULL) == (status == STATUS_OK));
        ctx_result_unref(facts == NULL ? NULL : &facts->result);
        if (cache != NULL) {
            (void)ask(cache, &maker, &KEY);
        }
        study_cache_free(cache);
    }
    assert_true(n_failures >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_study_is_counted_once_for_each_version, check_leaks),
        cmocka_unit_test_teardown(every_part_of_the_key_tells_facts_apart, check_leaks),
        cmocka_unit_test_teardown(what_was_not_asked_for_longest_makes_room, check_leaks),
        cmocka_unit_test_teardown(
            the_bytes_are_bounded_and_what_is_larger_is_not_kept, check_leaks),
        cmocka_unit_test_teardown(who_holds_facts_keeps_them_when_they_make_room, check_leaks),
        cmocka_unit_test_teardown(a_failure_is_told_in_its_words_and_not_kept, check_leaks),
        cmocka_unit_test_teardown(without_a_cache_every_caller_counts, check_leaks),
        cmocka_unit_test_teardown(without_memory_it_fails_cleanly_and_works_again, check_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
