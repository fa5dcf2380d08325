/* Bad responses, one of every kind in one batch; and files that nobody of this project wrote. */
#include "epro_fixture.h"

#include <stdio.h>
#include <string.h>

static struct epro_fixture *fixture;
static struct epro_request request;

static int setup(void **state)
{
    (void)state;
    fixture = epro_fixture_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    epro_fixture_free(fixture);
    return 0;
}

/* One response of a batch, and what must be said of it. */
struct bad {
    const char *instrument;
    const char *authored;
    const char *values;
    const char *more;
    enum epro_issue_kind kind;
    const char *link_id;
    const char *text; /* part of its words */
};

#define DATE "2025-02-03T10:00:00Z"
#define ANSWER(value) "\"item\":[{\"linkId\":\"q1\",\"answer\":[{" value "}]}],\"x\":1"

static const struct bad BATCH[] = {
    {"phq-9", DATE, "000000000", "\"id\":\"good\"", EPRO_ISSUE_KINDS, NULL, NULL},
    {"phq-9", DATE, "000000000", "\"status\":3", EPRO_ISSUE_MALFORMED, NULL, "status is no text"},
    {"phq-9", DATE, "000000000", "\"status\":\"lost\"", EPRO_ISSUE_MALFORMED, NULL, "lost"},
    {"cardiology", DATE, "0", "", EPRO_ISSUE_UNKNOWN_INSTRUMENT, NULL, "http://x/cardiology"},
    {"phq-9", DATE, "000000000", "\"subject\":{\"reference\":\"Patient/01-002\"}",
        EPRO_ISSUE_WRONG_PATIENT, NULL, "01-002"},
    {"phq-9", DATE, "000000000", "\"subject\":{\"reference\":\"Group/01-001\"}",
        EPRO_ISSUE_WRONG_PATIENT, NULL, "Group/01-001"},
    {"phq-9", DATE, "000000000", "\"status\":\"in-progress\"", EPRO_ISSUE_UNFINISHED, NULL,
        "in-progress"},
    {"phq-9", DATE, "000000000", "\"status\":\"stopped\"", EPRO_ISSUE_UNFINISHED, NULL, "stopped"},
    {"phq-9", DATE, "000000000", "\"status\":\"entered-in-error\"", EPRO_ISSUE_ENTERED_IN_ERROR,
        NULL, "corrected by a person"},
    {"phq-9", "2025-02-03T10:00:00", "000000000", "", EPRO_ISSUE_BAD_DATE, NULL,
        "2025-02-03T10:00:00"},
    {"phq-9", "2025-02", "000000000", "", EPRO_ISSUE_BAD_DATE, NULL, "2025-02"},
    {"phq-9", "2025-04-10T00:06:00Z", "000000000", "", EPRO_ISSUE_FUTURE, NULL,
        "2025-04-10T00:06:00Z"},
    {"phq-9", DATE, "000000000", "\"id\":\"good\"", EPRO_ISSUE_DUPLICATE_RESPONSE, NULL,
        "as response 0"},
    {"phq-9", "2025-02-05T10:00:00Z", "111111111", "\"id\":\"other\"",
        EPRO_ISSUE_DUPLICATE_RESPONSE, NULL, "due date as response 0"},
    {"phq-9", DATE, "000000000",
        "\"item\":[{\"linkId\":\"q1\",\"answer\":[{\"valueInteger\":1},{\"valueInteger\":1}]}]",
        EPRO_ISSUE_DUPLICATE_ITEM, "q1", "more than once"},
    {"phq-9", DATE, "004000000", "", EPRO_ISSUE_OUT_OF_RANGE, "q3", "4 is not an answer"},
    {"phq-9", DATE, "0", ANSWER("\"valueBoolean\":true"), EPRO_ISSUE_WRONG_KIND, "q1",
        "valueBoolean"},
    {"phq-9", DATE, "0",
        ANSWER("\"valueCoding\":{\"code\":\"LA6568-5\",\"display\":\"Nearly every day\"}"),
        EPRO_ISSUE_CONTRADICTORY_ANSWER, "q1", "different things"},
    {"gad-7", DATE, "00000000", "\"id\":\"extra\"", EPRO_ISSUE_UNKNOWN_ITEM, "q8", "left out"},
    {"gad-7", "2025-01-06T10:00:00Z", "0-00000", "\"id\":\"one missing\"", EPRO_ISSUE_MISSING_ITEM,
        "q2", "not answered"},
    {"swls", DATE, "1234-", "\"id\":\"no score\"", EPRO_ISSUE_NOT_SCORABLE, NULL,
        "1 items are missing, 0 may be"},
    {"swls", "2025-01-04T10:00:00Z", "12345", "\"id\":\"early\"", EPRO_ISSUE_EARLY, NULL,
        "2 days before the window of Day 1"},
    {"gad-7", "2025-04-06T10:00:00Z", "0000000", "\"id\":\"late\"", EPRO_ISSUE_LATE, NULL,
        "1 days after the window of Week 12"},
    {"swls", "2024-01-04T10:00:00Z", "12345", "\"id\":\"unplanned\"", EPRO_ISSUE_UNSCHEDULED, NULL,
        "2024-01-04"},
    {"eq-5d-5l", DATE, "12345", "\"id\":\"total\"", EPRO_ISSUE_TOTAL_DIFFERS, NULL,
        "it says 9, its items come to 15"},
    {"adas-cog", "", "00000000000", "\"id\":\"undated\"", EPRO_ISSUE_UNDATED, NULL, "received now"},
};

static bool is_rejected_kind(enum epro_issue_kind kind)
{
    return kind != EPRO_ISSUE_KINDS && epro_issue_rejects(kind);
}

static void write_response(const struct bad *bad, char *json)
{
    epro_json(json, bad->instrument, bad->authored, bad->values, bad->more);
    if (bad->authored[0] == '\0') {
        char *authored = strstr(json, "\"authored\":\"\",");
        memset(authored, ' ', strlen("\"authored\":\"\","));
    }
    if (bad->kind == EPRO_ISSUE_TOTAL_DIFFERS) {
        char *end = json + strlen(json) - 2;                                        /* "]}" */
        strcpy(end, ",{\"linkId\":\"total\",\"answer\":[{\"valueDecimal\":9}]}]}"); // NOLINT
    }
}

static struct epro_job *run_batch(void)
{
    static char batch[LENGTH_OF(BATCH) * 4096];
    static char json[EPRO_JSON_MAX];
    size_t len = 0;
    for (size_t i = 0; i < LENGTH_OF(BATCH); i++) {
        write_response(&BATCH[i], json);
        len += (size_t)snprintf(batch + len, sizeof(batch) - len, "%s%s", i == 0 ? "[" : ",", json);
    }
    (void)snprintf(batch + len, sizeof(batch) - len, "]");
    request = epro_fixture_request("01-001", batch);
    return epro_fixture_run(fixture, &request);
}

static void one_batch_has_every_kind_of_bad_response(void **state)
{
    (void)state;
    bool is_seen[EPRO_ISSUE_KINDS] = {false};
    size_t n_good = 0;
    struct epro_job *job = run_batch();
    const struct epro_report *report = epro_job_report(job);
    assert_int_equal(report->n_results, LENGTH_OF(BATCH));
    for (size_t i = 0; i < LENGTH_OF(BATCH); i++) {
        const struct bad *bad = &BATCH[i];
        const struct epro_result *result = &report->results[i];
        const struct epro_issue *issue =
            bad->kind == EPRO_ISSUE_KINDS ? NULL : issue_of(result, bad->kind);
        bool is_good = !is_rejected_kind(bad->kind);
        if ((bad->kind != EPRO_ISSUE_KINDS && issue == NULL) ||
            result->outcome != (is_good ? EPRO_STORED : EPRO_REJECTED)) {
            fail_msg("response %zu: %s, first issue %s", i, epro_outcome_word(result->outcome),
                result->n_issues == 0 ? "none" : result->issues[0].text);
        }
        if (issue != NULL) {
            is_seen[bad->kind] = true;
            assert_non_null(strstr(issue->text, bad->text));
            assert_true(bad->link_id == NULL ? issue->link_id == NULL
                                             : strcmp(issue->link_id, bad->link_id) == 0);
        }
        n_good += is_good;
    }
    for (int kind = 0; kind < (int)EPRO_ISSUE_KINDS; kind++) {
        if (!is_seen[kind]) {
            fail_msg("no response of the batch is %s", epro_issue_word((enum epro_issue_kind)kind));
        }
    }
    assert_int_equal(report->n_stored, n_good);
    assert_int_equal(report->n_rejected, LENGTH_OF(BATCH) - n_good);
    epro_job_free(job);
    assert_int_equal(epro_fixture_integer(fixture,
                         "SELECT count(*) FROM epro_response WHERE processed_at IS NOT NULL"),
        n_good);
    assert_true(epro_fixture_chain_holds(fixture));
}

static void an_alarming_answer_of_a_rejected_response_is_told_and_not_stored(void **state)
{
    (void)state;
    static char json[EPRO_JSON_MAX];
    epro_json(json, "phq-9", DATE, "700000001", "");
    request = epro_fixture_request("01-001", json);
    struct epro_job *job = epro_fixture_run(fixture, &request);
    const struct epro_result *result = epro_job_report(job)->results;
    assert_int_equal(result->outcome, EPRO_REJECTED);
    assert_string_equal(result->alerts->kind, "suicidal_ideation");
    assert_int_equal(epro_job_report(job)->n_alerts, 0);
    epro_job_free(job);
    epro_json(json, "phq-9", DATE, "000000001", "\"subject\":{\"reference\":\"Patient/x\"}");
    request = epro_fixture_request("01-001", json);
    job = epro_fixture_run(fixture, &request);
    assert_null(epro_job_report(job)->results->alerts);
    epro_job_free(job);
    assert_int_equal(epro_fixture_integer(fixture, "SELECT count(*) FROM epro_alert"), 0);
}

static void words_are_chinese_when_asked_for(void **state)
{
    (void)state;
    static char json[EPRO_JSON_MAX];
    epro_json(json, "phq-9", DATE, "000000005", "");
    request = epro_fixture_request("01-001", json);
    request.language = EPRO_ZH_CN;
    struct epro_job *job = epro_fixture_run(fixture, &request);
    assert_string_equal(epro_job_report(job)->results->issues->text, "5 不在条目 q9 的取值范围内");
    epro_job_free(job);
}

static const char *read_file(const char *path)
{
    static char text[1 << 17];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        print_message("skipped: %s is not there\n", path);
        return NULL;
    }
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* The answers and the total of HL7's own example: the total that it states is not its items'. */
static void the_sdc_example_of_the_phq_9_comes_to_ten_and_says_thirteen(void **state)
{
    (void)state;
    const char *json = read_file(EPRO_DATA "/phq-9.json");
    assert_non_null(json);
    request = epro_fixture_request("01-001", json);
    struct epro_job *job = epro_fixture_run(fixture, &request);
    const struct epro_result *result = epro_job_report(job)->results;
    assert_int_equal(result->outcome, EPRO_STORED);
    assert_true(result->score == 10);
    assert_string_equal(result->severity, "moderate");
    assert_string_equal(
        issue_of(result, EPRO_ISSUE_TOTAL_DIFFERS)->text, "it says 13, its items come to 10");
    assert_string_equal(result->alerts->kind, "suicidal_ideation");
    assert_int_equal(result->n_issues, 1);
    epro_job_free(job);
}

static void a_real_form_of_another_kind_is_rejected_in_words(void **state)
{
    (void)state;
    const char *json = read_file(SHARED_EPRO "/QuestionnaireResponse-Cardiology-MariaSantos.json");
    if (json == NULL) {
        skip();
        return;
    }
    char before[EPRO_FINGERPRINT_MAX];
    char after[EPRO_FINGERPRINT_MAX];
    epro_fixture_fingerprint(fixture, before);
    request = epro_fixture_request("01-001", json);
    struct epro_job *job = epro_fixture_run(fixture, &request);
    const struct epro_result *result = epro_job_report(job)->results;
    assert_int_equal(result->outcome, EPRO_REJECTED);
    assert_non_null(issue_of(result, EPRO_ISSUE_UNKNOWN_INSTRUMENT));
    assert_non_null(issue_of(result, EPRO_ISSUE_WRONG_PATIENT));
    epro_job_free(job);
    epro_fixture_fingerprint(fixture, after);
    assert_string_equal(before, after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_batch_has_every_kind_of_bad_response, setup, teardown),
        cmocka_unit_test_setup_teardown(
            an_alarming_answer_of_a_rejected_response_is_told_and_not_stored, setup, teardown),
        cmocka_unit_test_setup_teardown(words_are_chinese_when_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(
            the_sdc_example_of_the_phq_9_comes_to_ten_and_says_thirteen, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_real_form_of_another_kind_is_rejected_in_words, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
