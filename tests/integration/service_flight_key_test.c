/* The keys of shared calls: one for each question, whatever its spelling and as long as the data
 * stay the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/service.h"
#include "audit_fixture.h"
#include "walkie/crf/v1/crf.pb-c.h"
#include "walkie/report/v1/report.pb-c.h"

typedef Walkie__Report__V1__AuditReportRequest report_request;

enum { KEY_MAX = 4096 };

static struct audit_fixture *fixture;
static struct service service;

static int set_up(void **state)
{
    (void)state;
    fixture = audit_fixture_new();
    service = (struct service){.sources = fixture->sources};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    audit_fixture_free(fixture);
    return 0;
}

static report_request request_of_site(const char *site_no)
{
    report_request request = WALKIE__REPORT__V1__AUDIT_REPORT_REQUEST__INIT;
    request.site_no = (char *)site_no;
    return request;
}

static struct buffer key_of_bytes(struct bytes bytes)
{
    struct buffer key = BUFFER_EMPTY(KEY_MAX);
    assert_int_equal(service_audit_report_key(bytes, &service, &key), STATUS_OK);
    assert_true(key.len > 0);
    return key;
}

static struct buffer key_of(const report_request *request)
{
    uint8_t packed[1024];
    size_t len = walkie__report__v1__audit_report_request__get_packed_size(request);
    assert_true(len <= sizeof(packed));
    walkie__report__v1__audit_report_request__pack(request, packed);
    return key_of_bytes((struct bytes){packed, len});
}

static bool take_equal(struct buffer one, struct buffer two)
{
    bool are_equal = one.len == two.len && memcmp(one.data, two.data, one.len) == 0;
    buffer_finish(&one);
    buffer_finish(&two);
    return are_equal;
}

static void defaults_that_are_spelt_out_are_the_same_question(void **state)
{
    (void)state;
    report_request bare = request_of_site("01");
    report_request full = request_of_site("01");
    full.language = (char *)"en";
    full.requester = (char *)"anonymous";
    full.sections = audit_sections(0); /* all that there are */
    assert_true(take_equal(key_of(&bare), key_of(&full)));
    full.sections = UINT32_MAX;
    assert_true(take_equal(key_of(&bare), key_of(&full)));
}

static void two_names_of_a_language_are_the_same_question(void **state)
{
    (void)state;
    report_request one = request_of_site("01");
    report_request two = request_of_site("01");
    one.language = (char *)"zh";
    two.language = (char *)"zh-CN";
    assert_true(take_equal(key_of(&one), key_of(&two)));
}

static void each_field_makes_another_question(void **state)
{
    (void)state;
    const report_request plain = request_of_site("01");
    report_request others[9];
    for (size_t i = 0; i < LENGTH_OF(others); i++) {
        others[i] = plain;
    }
    others[0].site_no = (char *)"02";
    others[1].study = (char *)"T-1";
    others[2].format = WALKIE__REPORT__V1__FORMAT__FORMAT_JSON;
    others[3].language = (char *)"zh-CN";
    others[4].as_of = (char *)"2024-10-01";
    others[5].sections = 1U << 3;
    others[6].is_final = true;
    others[7].requester = (char *)"somebody"; /* it stands on the cover */
    others[8].is_unblinded = true; /* a blinded requester never shares an unblinded report */
    for (size_t i = 0; i < LENGTH_OF(others); i++) {
        assert_false(take_equal(key_of(&plain), key_of(&others[i])));
    }
    /* None of them is forgotten here: study … requester are the fields there are. */
    assert_int_equal(
        walkie__report__v1__audit_report_request__descriptor.n_fields, LENGTH_OF(others));
}

static void the_order_of_fields_and_unknown_ones_do_not_matter(void **state)
{
    (void)state;
    static const uint8_t one[] = "\x0a\x02"
                                 "01"
                                 "\x22\x02"
                                 "en";
    static const uint8_t two[] = "\x22\x02"
                                 "en"
                                 "\x0a\x02"
                                 "01"
                                 "\xf8\x07\x01"; /* field 127 */
    assert_true(take_equal(key_of_bytes((struct bytes){one, sizeof(one) - 1}),
        key_of_bytes((struct bytes){two, sizeof(two) - 1})));
}

static void a_change_of_either_source_makes_another_question(void **state)
{
    (void)state;
    report_request request = request_of_site("01");
    struct buffer before = key_of(&request);
    audit_fixture_edc(fixture, "UPDATE site SET site_no = site_no");
    struct buffer after_edc = key_of(&request);
    struct buffer same = key_of(&request);
    assert_true(after_edc.len == same.len && memcmp(after_edc.data, same.data, same.len) == 0);
    assert_false(take_equal(before, same));
    audit_fixture_ctms(fixture, "UPDATE site SET site_no = site_no");
    assert_false(take_equal(after_edc, key_of(&request)));
}

/* The laboratory says nothing of its data's version: who asks later asks it anew. */
static void with_a_laboratory_only_calls_of_the_same_second_are_one_question(void **state)
{
    (void)state;
    static const uint64_t START_NS = CLOCK_SECONDS(1000);
    report_request request = request_of_site("01");
    struct buffer without = key_of(&request);
    service.sources.lab = (struct lab *)&service; /* a key looks at whether there is one */
    clock_set_fake_ns(START_NS);
    struct buffer first = key_of(&request);
    clock_set_fake_ns(START_NS + CLOCK_MS(LAB_SHARE_MS) - 1);
    struct buffer same = key_of(&request);
    clock_set_fake_ns(START_NS + CLOCK_MS(LAB_SHARE_MS));
    struct buffer later = key_of(&request);
    clock_set_fake_ns(0);
    service.sources.lab = NULL;
    assert_true(first.len == later.len && memcmp(first.data, later.data, first.len) != 0);
    assert_true(take_equal(first, same));
    assert_false(take_equal(without, later));
}

static void the_list_of_centres_depends_on_the_data_alone(void **state)
{
    (void)state;
    struct buffer keys[3] = {BUFFER_EMPTY(KEY_MAX), BUFFER_EMPTY(KEY_MAX), BUFFER_EMPTY(KEY_MAX)};
    const struct bytes nothing = {NULL, 0};
    assert_int_equal(service_list_centers_key(nothing, &service, &keys[0]), STATUS_OK);
    assert_int_equal(service_list_centers_key(nothing, &service, &keys[1]), STATUS_OK);
    audit_fixture_ctms(fixture, "UPDATE site SET site_no = site_no");
    assert_int_equal(service_list_centers_key(nothing, &service, &keys[2]), STATUS_OK);
    assert_int_equal(keys[0].len, keys[2].len);
    assert_int_not_equal(memcmp(keys[0].data, keys[2].data, keys[0].len), 0);
    assert_true(take_equal(keys[0], keys[1]));
    buffer_finish(&keys[2]);
}

static void what_is_no_request_has_no_key(void **state)
{
    (void)state;
    struct buffer key = BUFFER_EMPTY(KEY_MAX);
    static const uint8_t junk[] = "\xff\xff\xff";
    assert_int_not_equal(
        service_audit_report_key((struct bytes){junk, sizeof(junk) - 1}, &service, &key),
        STATUS_OK);
    buffer_finish(&key);
}

static enum status validation_key(
    const Walkie__Crf__V1__ValidateRequest *request, struct buffer *key)
{
    uint8_t packed[256];
    size_t len = walkie__crf__v1__validate_request__get_packed_size(request);
    assert_true(len <= sizeof(packed));
    walkie__crf__v1__validate_request__pack(request, packed);
    *key = (struct buffer)BUFFER_EMPTY(KEY_MAX);
    return service_crf_validate_key((struct bytes){packed, len}, &service, key);
}

static void validations_are_shared_unless_they_write(void **state)
{
    (void)state;
    struct buffer keys[3];
    Walkie__Crf__V1__ValidateRequest request = WALKIE__CRF__V1__VALIDATE_REQUEST__INIT;
    request.site_no = (char *)"01";
    assert_int_equal(validation_key(&request, &keys[0]), STATUS_OK);
    request.language = (char *)"en";
    request.requester = (char *)"somebody";
    assert_int_equal(validation_key(&request, &keys[1]), STATUS_OK);
    request.format = WALKIE__CRF__V1__RESULT_FORMAT__RESULT_FORMAT_CSV;
    assert_int_equal(validation_key(&request, &keys[2]), STATUS_OK);
    assert_true(keys[1].len != keys[2].len || memcmp(keys[1].data, keys[2].data, keys[1].len) != 0);
    assert_true(take_equal(keys[0], keys[1]));
    buffer_finish(&keys[2]);
    request.is_written = true;
    assert_int_not_equal(validation_key(&request, &keys[0]), STATUS_OK);
    buffer_finish(&keys[0]);
}

#define KEY_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        KEY_TEST(defaults_that_are_spelt_out_are_the_same_question),
        KEY_TEST(with_a_laboratory_only_calls_of_the_same_second_are_one_question),
        KEY_TEST(two_names_of_a_language_are_the_same_question),
        KEY_TEST(each_field_makes_another_question),
        KEY_TEST(the_order_of_fields_and_unknown_ones_do_not_matter),
        KEY_TEST(a_change_of_either_source_makes_another_question),
        KEY_TEST(the_list_of_centres_depends_on_the_data_alone),
        KEY_TEST(validations_are_shared_unless_they_write),
        KEY_TEST(what_is_no_request_has_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
