/* The parts of a validation that need no database: an index of keys, the file of problems, batches,
 * statements; and the arena that is used again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "crf/id_index.h"
#include "crf/problems.h"
#include "crf/result.h"
#include "crf/subjects.h"

static void an_index_finds_each_key_where_it_was_put_first(void **state)
{
    (void)state;
    enum { KEYS = 5000, STEP = 7919 };
    struct id_index index = {0};
    uint32_t place;
    assert_false(id_index_find(&index, 1, &place));
    for (uint32_t i = 0; i < KEYS; i++) {
        assert_int_equal(id_index_add(&index, (int64_t)i * STEP - KEYS, i), STATUS_OK);
    }
    assert_int_equal(id_index_add(&index, -KEYS, 77), STATUS_OK);
    for (uint32_t i = 0; i < KEYS; i++) {
        assert_true(id_index_find(&index, (int64_t)i * STEP - KEYS, &place));
        assert_int_equal(place, i);
    }
    assert_false(id_index_find(&index, 1, &place));
    id_index_clear(&index);
    assert_false(id_index_find(&index, -KEYS, &place));
    id_index_finish(&index);
}

static void problems_come_back_subject_by_subject_in_any_order(void **state)
{
    (void)state;
    enum { SUBJECTS = 40, OF_SUBJECT = 60 };
    struct problems *problems = NULL;
    uint64_t places[SUBJECTS];
    char value[PROBLEM_VALUE_MAX];
    char shown[PROBLEM_VALUE_MAX];
    struct crf_problem problem = {0};
    assert_int_equal(problems_open("/tmp", &problems, NULL), STATUS_OK);
    for (int subject = 0; subject < SUBJECTS; subject++) {
        places[subject] = problems_end(problems);
        for (int i = 0; i < OF_SUBJECT; i++) {
            snprintf(value, sizeof(value), "%*d of %d", i, i, subject);
            problem.form_id = subject * 1000 + i;
            assert_int_equal(
                problems_add(problems, &problem, i % 7 == 0 ? NULL : value, NULL), STATUS_OK);
        }
    }
    assert_int_equal(problems_count(problems), SUBJECTS * OF_SUBJECT);
    for (int turn = 0; turn < SUBJECTS; turn++) {
        int subject = turn * 13 % SUBJECTS;
        assert_int_equal(problems_seek(problems, places[subject], NULL), STATUS_OK);
        for (int i = 0; i < OF_SUBJECT; i++) {
            assert_int_equal(problems_next(problems, &problem, shown, NULL), STATUS_OK);
            snprintf(value, sizeof(value), "%*d of %d", i, i, subject);
            assert_int_equal(problem.form_id, subject * 1000 + i);
            assert_int_equal(problem.number, subject * OF_SUBJECT + i);
            assert_int_equal(problem.value_size == 0, i % 7 == 0);
            if (problem.value_size > 0) {
                assert_string_equal(shown, value);
            }
        }
    }
    assert_false(problems_is_opened(problems, 9));
    assert_int_equal(problems_note_opened(problems, 9), STATUS_OK);
    assert_true(problems_is_opened(problems, 9));
    assert_false(problems_is_opened(problems, 8));
    problems_clear(problems);
    assert_int_equal(problems_count(problems), 0);
    assert_int_equal(problems_end(problems), 0);
    problem.form_id = 5;
    assert_int_equal(problems_add(problems, &problem, "again", NULL), STATUS_OK);
    assert_int_equal(problems_seek(problems, 0, NULL), STATUS_OK);
    assert_int_equal(problems_next(problems, &problem, shown, NULL), STATUS_OK);
    assert_string_equal(shown, "again");
    problems_free(problems);
}

static void a_long_value_is_cut_between_characters(void **state)
{
    (void)state;
    struct problems *problems = NULL;
    struct crf_problem problem = {0};
    char value[PROBLEM_VALUE_MAX * 2];
    char shown[PROBLEM_VALUE_MAX];
    for (size_t i = 0; i + 3 < sizeof(value); i += 3) {
        memcpy(value + i, "头", 4);
    }
    assert_int_equal(problems_open("/tmp", &problems, NULL), STATUS_OK);
    assert_int_equal(problems_add(problems, &problem, value, NULL), STATUS_OK);
    assert_int_equal(problems_seek(problems, 0, NULL), STATUS_OK);
    assert_int_equal(problems_next(problems, &problem, shown, NULL), STATUS_OK);
    assert_int_equal(strlen(shown), (PROBLEM_VALUE_MAX - 1) / 3 * 3);
    assert_memory_equal(shown, value, strlen(shown));
    problems_free(problems);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct problems *problems = NULL;
    struct error error = ERROR_NONE;
    assert_int_equal(problems_open("/nonexistent/x", &problems, &error), STATUS_UNAVAILABLE);
    assert_non_null(strstr(error.text, "/nonexistent/x"));
    assert_null(problems);
}

static void add_subject(
    struct crf_subjects *subjects, uint64_t n_forms, int64_t first_form, int64_t last_form)
{
    const struct crf_subject subject = {
        .n_forms = n_forms, .first_form = first_form, .last_form = last_form};
    assert_int_equal(buffer_append(&subjects->list, &subject, sizeof(subject)), STATUS_OK);
}

static void batches_hold_whole_subjects_and_know_whether_their_forms_lie_close(void **state)
{
    (void)state;
    struct crf_subjects subjects = {.list = BUFFER_EMPTY(1 << 20)};
    struct crf_range range;
    assert_false(subjects_next_batch(&subjects, &range));
    add_subject(&subjects, 1000, 1, 1000);
    add_subject(&subjects, 0, 0, 0);
    add_subject(&subjects, 1000, 1001, 2000);
    add_subject(&subjects, 2000, 10, 900000);
    add_subject(&subjects, 5, 3, 7);
    assert_true(subjects_next_batch(&subjects, &range));
    assert_int_equal(range.n, 3);
    assert_int_equal(range.n_forms, 2000);
    assert_int_equal(range.first_form, 1);
    assert_int_equal(range.last_form, 2000);
    assert_true(range.is_dense);
    assert_true(subjects_next_batch(&subjects, &range));
    assert_int_equal(range.n, 1);
    assert_false(range.is_dense);
    assert_true(subjects_next_batch(&subjects, &range));
    assert_int_equal(range.first, 4);
    assert_true(range.is_dense);
    assert_false(subjects_next_batch(&subjects, &range));
    subjects_finish(&subjects);
}

static void a_statement_names_check_and_value_in_each_language(void **state)
{
    (void)state;
    char text[RESULT_STATEMENT_MAX];
    result_statement(WORD_CRF_VALUE_FAILS, LANGUAGE_EN, "LOW", "79", text);
    assert_string_equal(text, "The value 79 does not satisfy the check LOW");
    result_statement(WORD_CRF_VALUE_FAILS, LANGUAGE_ZH_CN, "LOW", "79", text);
    assert_string_equal(text, "值 79 不满足核查 LOW");
    char code[2000];
    memset(code, 'c', sizeof(code) - 1);
    code[sizeof(code) - 1] = '\0';
    result_statement(WORD_CRF_FORM_FAILS, LANGUAGE_EN, code, NULL, text);
    assert_true(strlen(text) < RESULT_STATEMENT_MAX);
}

static void an_arena_that_is_reset_hands_out_zeroed_memory_again(void **state)
{
    (void)state;
    enum { LEN_MAX = 256 << 10 };
    struct arena *arena = arena_new(LEN_MAX);
    for (int turn = 0; turn < 50; turn++) {
        char *small = arena_alloc(arena, 100);
        char *large = arena_alloc(arena, 100 << 10);
        assert_non_null(small);
        assert_non_null(large);
        for (size_t i = 0; i < 100; i++) {
            assert_int_equal(small[i], 0);
        }
        memset(small, 'x', 100);
        memset(large, 'x', 100 << 10);
        assert_null(arena_alloc(arena, LEN_MAX));
        assert_true(arena_has_failed(arena));
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
        assert_false(arena_has_failed(arena));
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_finds_each_key_where_it_was_put_first),
        cmocka_unit_test(problems_come_back_subject_by_subject_in_any_order),
        cmocka_unit_test(a_long_value_is_cut_between_characters),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
        cmocka_unit_test(batches_hold_whole_subjects_and_know_whether_their_forms_lie_close),
        cmocka_unit_test(a_statement_names_check_and_value_in_each_language),
        cmocka_unit_test(an_arena_that_is_reset_hands_out_zeroed_memory_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
