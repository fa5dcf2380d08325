/* FHIR from outside: what is read, what is a response's own fault, and what spoils the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "epro/epro.h"
#include "epro/fhir.h"
#include "epro/moment.h"

enum { ARENA_MAX = 32 << 20, TEXT_MAX = 16384 };

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(ARENA_MAX);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct epro_batch read_batch(const char *json)
{
    struct error error = ERROR_NONE;
    struct epro_batch batch = {.n_responses = 0};
    if (epro_fhir_read(ctx_background(), bytes_of(json), arena, &batch, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return batch;
}

/* The words of its fault, "" without one. */
static const char *fault_of(const struct epro_fhir *fhir)
{
    return epro_reason_text(arena, fhir->fault, EPRO_EN, fhir->fault_about, NULL);
}

static void assert_refused(struct bytes json, const char *words)
{
    struct error error = ERROR_NONE;
    struct epro_batch batch = {.n_responses = 77};
    assert_int_equal(
        epro_fhir_read(ctx_background(), json, arena, &batch, &error), STATUS_INVALID_ARGUMENT);
    if (strstr(error.text, words) == NULL) {
        fail_msg("expected \"%s\" in: %s", words, error.text);
    }
    assert_int_equal(batch.n_responses, 77);
}

static const char WHOLE[] =
    "{\"resourceType\":\"QuestionnaireResponse\",\"id\":\"r1\","
    "\"identifier\":{\"system\":\"urn:diary\",\"value\":\"77\"},"
    "\"questionnaire\":\"http://x/Questionnaire/phq-9|1.0\",\"status\":\"completed\","
    "\"subject\":{\"reference\":\"https://x/fhir/Patient/01-001/_history/2\"},"
    "\"authored\":\"2025-02-03T08:30:00+08:00\",\"item\":[{\"linkId\":\"group\",\"item\":["
    "{\"linkId\":\"q1\",\"answer\":[{\"valueInteger\":2}]},"
    "{\"linkId\":\"q2\",\"answer\":[{\"valueDecimal\":1.5}]},"
    "{\"linkId\":\"q3\",\"answer\":[{\"valueQuantity\":{\"value\":3,\"unit\":\"points\"}}]},"
    "{\"linkId\":\"q4\",\"answer\":[{\"valueString\":\"1\",\"item\":["
    "{\"linkId\":\"q4a\",\"answer\":[{\"valueBoolean\":true}]}]}]},"
    "{\"linkId\":\"q5\",\"answer\":[{\"valueCoding\":{\"code\":\"c\",\"display\":\"d\","
    "\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/itemWeight\","
    "\"valueDecimal\":2}]}}]},"
    "{\"linkId\":\"q6\",\"answer\":[{\"extension\":[{\"url\":"
    "\"http://hl7.org/fhir/StructureDefinition/ordinalValue\",\"valueDecimal\":3}],"
    "\"valueCoding\":{\"display\":\"e\"}}]},"
    "{\"linkId\":\"q7\"},{\"linkId\":\"q8\",\"answer\":[]}]}]}";

static void head_and_nested_answers_come_out_flat(void **state)
{
    (void)state;
    struct epro_batch batch = read_batch(WHOLE);
    assert_int_equal(batch.n_responses, 1);
    const struct epro_fhir *fhir = &batch.responses[0];
    assert_int_equal(fhir->fault, EPRO_REASON_NONE);
    assert_string_equal(fhir->external_id, "urn:diary|77");
    assert_string_equal(fhir->questionnaire, "http://x/Questionnaire/phq-9|1.0");
    assert_string_equal(fhir->status, "completed");
    assert_string_equal(fhir->subject, "01-001");
    assert_string_equal(fhir->authored, "2025-02-03T08:30:00+08:00");
    assert_int_equal(fhir->n_answers, 7);
    static const char *const LINK_IDS[] = {"q1", "q2", "q3", "q4", "q4a", "q5", "q6"};
    for (size_t i = 0; i < fhir->n_answers; i++) {
        assert_string_equal(fhir->answers[i].link_id, LINK_IDS[i]);
    }
}

static void each_type_of_answer_is_read(void **state)
{
    (void)state;
    const struct epro_answer *answers = read_batch(WHOLE).responses[0].answers;
    assert_int_equal(answers[0].kind, EPRO_ANSWER_NUMBER);
    assert_true(answers[0].number == 2);
    assert_true(answers[1].number == 1.5);
    assert_int_equal(answers[2].kind, EPRO_ANSWER_NUMBER);
    assert_true(answers[2].number == 3);
    assert_int_equal(answers[3].kind, EPRO_ANSWER_TEXT);
    assert_string_equal(answers[3].text, "1");
    assert_int_equal(answers[4].kind, EPRO_ANSWER_OTHER);
    assert_string_equal(answers[4].type, "valueBoolean");
    assert_int_equal(answers[5].kind, EPRO_ANSWER_CODING);
    assert_string_equal(answers[5].code, "c");
    assert_string_equal(answers[5].text, "d");
    assert_true(answers[5].has_weight && answers[5].weight == 2);
    assert_null(answers[6].code);
    assert_true(answers[6].has_weight && answers[6].weight == 3);
}

static void an_answer_with_two_values_is_neither(void **state)
{
    (void)state;
    static const char TWO[] =
        "{\"resourceType\":\"QuestionnaireResponse\",\"item\":[{\"linkId\":\"q9\",\"answer\":["
        "{\"valueInteger\":0,\"valueDecimal\":3},{\"valueInteger\":0,\"valueInteger\":3},"
        "{\"valueInteger\":null,\"valueDecimal\":3}]}]}";
    const struct epro_answer *answers = read_batch(TWO).responses[0].answers;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(answers[i].kind, EPRO_ANSWER_OTHER);
        assert_null(answers[i].type);
    }
    assert_int_equal(answers[2].kind, EPRO_ANSWER_NUMBER);
}

static void bundles_and_arrays_hold_several(void **state)
{
    (void)state;
    static const char BUNDLE[] =
        "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":["
        "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"1\"}},"
        "{\"resource\":{\"resourceType\":\"QuestionnaireResponse\",\"id\":\"a\"},"
        "\"request\":{\"method\":\"PUT\"}},"
        "{\"resource\":{\"resourceType\":\"QuestionnaireResponse\",\"id\":\"b\"},"
        "\"request\":{\"method\":\"DELETE\"}}]}";
    struct epro_batch batch = read_batch(BUNDLE);
    assert_int_equal(batch.n_responses, 2);
    assert_int_equal(batch.n_ignored, 1);
    assert_string_equal(batch.responses[0].external_id, "a");
    assert_int_equal(batch.responses[1].fault, EPRO_REASON_METHOD);
    batch =
        read_batch("[{\"resourceType\":\"QuestionnaireResponse\"},{\"resourceType\":\"Patient\"},"
                   " 3]");
    assert_int_equal(batch.n_responses, 3);
    assert_int_equal(batch.responses[0].fault, EPRO_REASON_NONE);
    assert_string_equal(fault_of(&batch.responses[1]), "its resourceType is Patient");
    assert_string_equal(fault_of(&batch.responses[2]), "its resourceType is missing");
}

static void a_fault_stays_with_its_response(void **state)
{
    (void)state;
    static const struct {
        const char *member;
        const char *fault;
    } CASES[] = {
        {"\"status\":3", "status is no text"},
        {"\"authored\":\"a\\nb\"", "authored is no text"},
        {"\"item\":{}", "item is no array"},
        {"\"item\":[{\"answer\":[]}]", "no linkId"},
        {"\"item\":[{\"linkId\":\"a\",\"answer\":{}}]", "an answer is no array"},
        {"\"item\":[{\"linkId\":\"a\",\"answer\":[1]}]", "an answer is no object"},
        {"\"item\":[3]", "no linkId"},
        {"\"item\":[{\"linkId\":\"a\",\"answer\":[],\"answer\":[]}]", "answer is there more"},
        {"\"status\":\"completed\",\"status\":\"stopped\"", "status is there more than once"},
        {"\"id\":5", "id is no text"},
        {"\"identifier\":\"d-1\"", "identifier.value is no text"},
        {"\"identifier\":{\"value\":\"\"}", "identifier.value is no text"},
        {"\"identifier\":{\"value\":\"a\",\"system\":1}", "identifier.system is no text"},
        {"\"subject\":\"Patient/01-002\"", "subject is no reference"},
        {"\"subject\":{\"reference\":7}", "subject is no reference"},
        {"\"subject\":{\"identifier\":{\"value\":\"a\\nb\"}}", "subject is no reference"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char json[TEXT_MAX];
        snprintf(json, sizeof(json),
            "[{\"resourceType\":\"QuestionnaireResponse\",%s},"
            "{\"resourceType\":\"QuestionnaireResponse\",\"id\":\"good\"}]",
            CASES[i].member);
        struct epro_batch batch = read_batch(json);
        assert_int_equal(batch.n_responses, 2);
        if (strstr(fault_of(&batch.responses[0]), CASES[i].fault) == NULL) {
            fail_msg("%s: %s", CASES[i].member, fault_of(&batch.responses[0]));
        }
        assert_int_equal(batch.responses[1].fault, EPRO_REASON_NONE);
        assert_string_equal(batch.responses[1].external_id, "good");
    }
}

static void what_is_no_fhir_is_refused_as_a_whole(void **state)
{
    (void)state;
    assert_refused(bytes_of(""), "no JSON");
    assert_refused(bytes_of("{"), "no JSON");
    assert_refused(bytes_of("\"\xFF\""), "no JSON");
    assert_refused(bytes_of("{\"a\":01}"), "no JSON");
    assert_refused(bytes_of("{} {}"), "no JSON");
    assert_refused(bytes_of("{\"resourceType\":\"Patient\"}"), "is expected");
    assert_refused(bytes_of("3"), "is expected");
    assert_refused(bytes_of("[]"), "no QuestionnaireResponse");
    assert_refused(bytes_of("{\"resourceType\":\"Bundle\",\"type\":\"document\"}"), "type");
    assert_refused(bytes_of("{\"resourceType\":\"Bundle\",\"type\":\"batch\"}"), "no entries");
    assert_refused(bytes_of("{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[]}"),
        "no QuestionnaireResponse");
}

static void above_a_limit_it_says_which(void **state)
{
    (void)state;
    struct buffer json = BUFFER_EMPTY(EPRO_JSON_LEN_MAX + 16);
    for (int i = 0; i <= EPRO_JSON_DEPTH_MAX; i++) {
        assert_int_equal(buffer_append_text(&json, "["), STATUS_OK);
    }
    assert_refused(buffer_bytes(&json), "levels of brackets");
    buffer_finish(&json);
    for (int i = 0; i <= EPRO_JSON_VALUES_MAX; i++) {
        assert_int_equal(buffer_append_text(&json, i == 0 ? "[1" : ",1"), STATUS_OK);
    }
    assert_refused(buffer_bytes(&json), "JSON values");
    buffer_finish(&json);
    for (int i = 0; i <= EPRO_RESPONSES_MAX; i++) {
        assert_int_equal(buffer_append_text(&json, i == 0 ? "[{}" : ",{}"), STATUS_OK);
    }
    assert_int_equal(buffer_append_text(&json, "]"), STATUS_OK);
    assert_refused(buffer_bytes(&json), "responses allowed");
    buffer_finish(&json);
    assert_int_equal(buffer_reserve(&json, EPRO_JSON_LEN_MAX + 1), STATUS_OK);
    memset(json.data, ' ', EPRO_JSON_LEN_MAX + 1);
    json.len = EPRO_JSON_LEN_MAX + 1;
    assert_refused(buffer_bytes(&json), "bytes allowed");
    buffer_finish(&json);
}

static void too_many_answers_are_the_response_s_fault(void **state)
{
    (void)state;
    struct buffer json = BUFFER_EMPTY(EPRO_JSON_LEN_MAX);
    (void)!buffer_append_text(&json, "{\"resourceType\":\"QuestionnaireResponse\",\"item\":[");
    for (int i = 0; i <= EPRO_ANSWERS_MAX; i++) {
        assert_int_equal(
            buffer_printf(&json, "%s{\"linkId\":\"q1\",\"answer\":[{\"valueInteger\":1}]}",
                i == 0 ? "" : ","),
            STATUS_OK);
    }
    assert_int_equal(buffer_append(&json, "]}", 3), STATUS_OK);
    struct epro_batch batch = read_batch((const char *)json.data);
    buffer_finish(&json);
    assert_string_equal(fault_of(&batch.responses[0]), "more than 256 answers");
}

static void who_has_left_is_not_read_for(void **state)
{
    (void)state;
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct error error = ERROR_NONE;
    struct epro_batch batch = {.n_responses = 77};
    ctx_cancel(scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    assert_int_equal(
        epro_fhir_read(scope->ctx, bytes_of(WHOLE), arena, &batch, &error), STATUS_CANCELLED);
    assert_non_null(strstr(error.text, "client_disconnected"));
    assert_int_equal(batch.n_responses, 77);
}

static void moments_are_instants_and_keep_their_own_day(void **state)
{
    (void)state;
    struct epro_moment moment = {.at_ms = 7};
    assert_true(epro_moment_read("2025-02-03T00:30:00+08:00", &moment));
    assert_true(moment.at_ms == INT64_C(1738513800000)); /* 2025-02-02T16:30:00Z */
    assert_int_equal(moment.day, 20122);
    assert_true(epro_moment_read("2025-02-03T23:59:59.1234-14:00", &moment));
    assert_true(moment.at_ms == INT64_C(1738677599123));
    assert_true(epro_moment_read("2025-02-03", &moment));
    assert_false(moment.has_time);
    assert_true(moment.at_ms == INT64_C(1738540800000));
    static const char *const BAD[] = {"", "2025", "2025-02", "2025-02-30", "2025-02-03T10:00:00",
        "2025-02-03T10:00Z", "2025-02-03T24:00:00Z", "2025-02-03T10:60:00Z", "2025-02-03T10:00:60Z",
        "2025-02-03T10:00:00.Z", "2025-02-03T10:00:00+15:00", "2025-02-03T10:00:00+08:00 ",
        "2025-02-03 10:00:00Z", "2025-02-03x"};
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        struct epro_moment untouched = {.at_ms = 7};
        if (epro_moment_read(BAD[i], &untouched) || untouched.at_ms != 7) {
            fail_msg("%s was taken", BAD[i]);
        }
    }
    char text[EPRO_MOMENT_MAX];
    epro_moment_format(INT64_C(1738677599123), text);
    assert_string_equal(text, "2025-02-04T13:59:59Z");
}

/* Nobody of this project wrote it: a referral form that no rule scores. */
static void a_real_form_is_read_whole(void **state)
{
    (void)state;
    static const char PATH[] = SHARED_EPRO "/QuestionnaireResponse-Cardiology-MariaSantos.json";
    static char json[1 << 17];
    FILE *file = fopen(PATH, "rb");
    if (file == NULL) {
        print_message("skipped: %s is not there\n", PATH);
        skip();
        return;
    }
    json[fread(json, 1, sizeof(json) - 1, file)] = '\0';
    fclose(file);
    const struct epro_fhir *fhir = &read_batch(json).responses[0];
    assert_int_equal(fhir->fault, EPRO_REASON_NONE);
    assert_string_equal(fhir->external_id, "Cardiology-MariaSantos");
    assert_string_equal(fhir->subject, "pat-53234");
    assert_true(fhir->n_answers > 20);
    assert_null(epro_instrument_of(fhir->questionnaire));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(head_and_nested_answers_come_out_flat),
        cmocka_unit_test(each_type_of_answer_is_read),
        cmocka_unit_test(an_answer_with_two_values_is_neither),
        cmocka_unit_test(bundles_and_arrays_hold_several),
        cmocka_unit_test(a_fault_stays_with_its_response),
        cmocka_unit_test(what_is_no_fhir_is_refused_as_a_whole),
        cmocka_unit_test(above_a_limit_it_says_which),
        cmocka_unit_test(too_many_answers_are_the_response_s_fault),
        cmocka_unit_test(who_has_left_is_not_read_for),
        cmocka_unit_test(moments_are_instants_and_keep_their_own_day),
        cmocka_unit_test(a_real_form_is_read_whole),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
