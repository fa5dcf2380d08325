/* The audit report over what was stored: its questionnaires count it, its rules stay quiet, and the
 * hash chain of the audit trail holds. */
#include "audit_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"
#include "epro/epro.h"

#define RESPONSE(id, authored)                                                                     \
    "{\"resourceType\":\"QuestionnaireResponse\",\"id\":\"" id                                     \
    "\",\"questionnaire\":\"http://x/swls\",\"status\":\"completed\",\"authored\":\"" authored     \
    "\",\"item\":[{\"linkId\":\"q1\",\"answer\":[{\"valueInteger\":5}]}]}"

static const char LATE[] = RESPONSE("a", "2024-01-20T10:00:00Z");
static const char UNPLANNED[] = RESPONSE("b", "2024-06-20T10:00:00Z");

static size_t process(struct audit_fixture *fixture, const char *json)
{
    struct error error = ERROR_NONE;
    const struct epro_request request = {.subject_no = "01-001",
        .fhir = json == NULL ? (struct bytes){NULL, 0} : bytes_of(json),
        .now_ms = INT64_C(1725148800000)}; /* 2024-09-01 */
    struct epro_job *job = epro_job_new(fixture->sources.edc, &request);
    assert_non_null(job);
    if (epro_load(ctx_background(), job, &error) != STATUS_OK ||
        epro_validate(ctx_background(), job, &error) != STATUS_OK ||
        epro_score(ctx_background(), job, &error) != STATUS_OK ||
        epro_alert(ctx_background(), job, &error) != STATUS_OK ||
        epro_store(ctx_background(), job, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    size_t n_stored = epro_job_report(job)->n_stored;
    epro_job_free(job);
    return n_stored;
}

static void the_report_counts_a_stored_response_and_finds_nothing_wrong(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    struct report *before = audit_fixture_build(fixture, NULL);
    assert_int_equal(process(fixture, LATE), 1);
    assert_int_equal(process(fixture, UNPLANNED), 1); /* counts nowhere */
    struct report *after = audit_fixture_build(fixture, NULL);
    assert_int_equal(
        fact_of(after, "epro", "due").integer, fact_of(before, "epro", "due").integer + 1);
    assert_int_equal(fact_of(after, "epro", word_id(WORD_EPRO_LATE)).integer,
        fact_of(before, "epro", word_id(WORD_EPRO_LATE)).integer + 1);
    static const char *const RULES[] = {"EP-01", "EP-02", "EP-03"};
    for (size_t i = 0; i < LENGTH_OF(RULES); i++) {
        assert_null(finding_of(after, RULES[i]));
    }
    assert_int_equal(after->n_findings, before->n_findings);
    report_free(before);
    report_free(after);
    audit_fixture_free(fixture);
}

static void scores_without_answers_stay_as_the_source_gave_them(void **state)
{
    (void)state;
    struct audit_fixture *fixture = audit_fixture_new();
    assert_int_equal(process(fixture, NULL), 0);
    audit_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_report_counts_a_stored_response_and_finds_nothing_wrong),
        cmocka_unit_test(scores_without_answers_stay_as_the_source_gave_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
