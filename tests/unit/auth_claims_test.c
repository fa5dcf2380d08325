/* Claims of a token whose signature holds. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/claims.h"

enum { NOW_S = 1800000000, LEEWAY_S = 30 };

static struct claims_options options;
static struct claims claims;
static struct error error;

static int set_up(void **state)
{
    (void)state;
    options = (struct claims_options){.issuer = "https://idp.example",
        .audience = "walkie",
        .name_claim = "sub",
        .role_claim = "roles",
        .sites_claim = "sites",
        .leeway_s = LEEWAY_S};
    return 0;
}

static enum status read_text(const char *text)
{
    error = (struct error)ERROR_NONE;
    return claims_read(bytes_of(text), &options, NOW_S, &claims, &error);
}

#define PARTIES "\"iss\":\"https://idp.example\",\"aud\":\"walkie\""
#define WHO "\"sub\":\"ana\",\"roles\":[\"auditor\"],\"sites\":[\"101\"]"
#define SOON "\"exp\":1800000600"

static void a_token_says_who_what_and_until_when(void **state)
{
    (void)state;
    assert_int_equal(read_text("{" PARTIES "," WHO "," SOON "}"), STATUS_OK);
    assert_string_equal(claims.name, "ana");
    assert_string_equal(claims.authority, "auditor 101");
    assert_int_equal(claims.expires_s, 1800000600);
}

static void times_hold_with_a_leeway_and_no_longer(void **state)
{
    (void)state;
    static const struct {
        const char *times;
        enum status status;
    } ROWS[] = {
        {"\"exp\":1799999971", STATUS_OK},
        {"\"exp\":1799999970", STATUS_UNAUTHENTICATED},
        {"\"exp\":1799999970.5", STATUS_OK},
        {"\"exp\":0", STATUS_UNAUTHENTICATED},
        {"\"exp\":-1", STATUS_UNAUTHENTICATED},
        {"\"exp\":1e300", STATUS_UNAUTHENTICATED},
        {"\"exp\":\"1800000600\"", STATUS_UNAUTHENTICATED},
        {"\"exp\":null", STATUS_UNAUTHENTICATED},
        {"\"exp\":true", STATUS_UNAUTHENTICATED},
        {"\"x\":1", STATUS_UNAUTHENTICATED},
        {SOON ",\"nbf\":1800000030", STATUS_OK},
        {SOON ",\"nbf\":1800000031", STATUS_UNAUTHENTICATED},
        {SOON ",\"nbf\":\"0\"", STATUS_UNAUTHENTICATED},
        {SOON ",\"iat\":1800000031", STATUS_UNAUTHENTICATED},
        {SOON ",\"iat\":1700000000", STATUS_OK},
        {SOON ",\"exp\":1800000600", STATUS_UNAUTHENTICATED},
        {SOON ",\"exp\":1", STATUS_UNAUTHENTICATED},
    };
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        char text[512];
        snprintf(text, sizeof(text), "{" PARTIES "," WHO ",%s}", ROWS[i].times);
        if (read_text(text) != ROWS[i].status) {
            fail_msg("%s: %s", ROWS[i].times, error.text);
        }
    }
}

static void only_our_issuer_and_audience_count(void **state)
{
    (void)state;
    static const struct {
        const char *parties;
        enum status status;
    } ROWS[] = {
        {"\"iss\":\"https://idp.example\",\"aud\":[\"x\",\"walkie\"]", STATUS_OK},
        {"\"iss\":\"https://idp.example\",\"aud\":[]", STATUS_UNAUTHENTICATED},
        {"\"iss\":\"https://idp.example\",\"aud\":\"walkie2\"", STATUS_UNAUTHENTICATED},
        {"\"iss\":\"https://idp.example\",\"aud\":{\"walkie\":1}", STATUS_UNAUTHENTICATED},
        {"\"iss\":\"https://idp.example\"", STATUS_UNAUTHENTICATED},
        {"\"iss\":\"https://idp.example/\",\"aud\":\"walkie\"", STATUS_UNAUTHENTICATED},
        {"\"iss\":[\"https://idp.example\"],\"aud\":\"walkie\"", STATUS_UNAUTHENTICATED},
        {"\"aud\":\"walkie\"", STATUS_UNAUTHENTICATED},
        {"\"ISS\":\"https://idp.example\",\"aud\":\"walkie\"", STATUS_UNAUTHENTICATED},
        {"\"iss\":\"x\",\"iss\":\"https://idp.example\",\"aud\":\"walkie\"",
            STATUS_UNAUTHENTICATED},
        {"\"iss\":\"https://idp.example\\u0000x\",\"aud\":\"walkie\"", STATUS_UNAUTHENTICATED},
    };
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        char text[512];
        snprintf(text, sizeof(text), "{%s," WHO "," SOON "}", ROWS[i].parties);
        if (read_text(text) != ROWS[i].status) {
            fail_msg("%s: %s", ROWS[i].parties, error.text);
        }
    }
}

struct who_row {
    const char *who;
    enum status status;
    const char *authority; /* for OK */
};

static void check_rows(const struct who_row *rows, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        char text[1024];
        snprintf(text, sizeof(text), "{" PARTIES "," SOON ",%s}", rows[i].who);
        if (read_text(text) != rows[i].status) {
            fail_msg("%s: %s", rows[i].who, error.text);
        }
        if (rows[i].status == STATUS_OK) {
            assert_string_equal(claims.authority, rows[i].authority);
        }
    }
}

static void roles_and_sites_come_as_lists_or_texts(void **state)
{
    (void)state;
    static const struct who_row ROWS[] = {
        {"\"sub\":\"a\",\"roles\":\"viewer admin other\",\"sites\":\"*\"", STATUS_OK, "admin *"},
        {"\"sub\":\"a\",\"roles\":\"viewer,requester\",\"sites\":\"1, 2\"", STATUS_OK,
            "requester 1,2"},
        {"\"sub\":\"a\",\"roles\":[\"x\",7,\"viewer\"],\"sites\":[101,\"AA-1:*\",\"AA-1:7\"]",
            STATUS_OK, "viewer 101,AA-1:*,AA-1:7"},
        {"\"sub\":\"a\",\"roles\":[\"viewer\"],\"sites\":[\"CN "
         "01\",\"a,b\",\"50%\",\"\xe4\xba\xac\"]",
            STATUS_OK, "viewer CN%2001,a%2Cb,50%25,%E4%BA%AC"},
        {"\"sub\":\"a\",\"roles\":[\"viewer\"],\"sites\":[\"**\"]", STATUS_OK, "viewer %2A%2A"},
        {"\"sub\":\"a\",\"roles\":[\"Admin\",\"admin \"],\"sites\":\"*\"", STATUS_PERMISSION_DENIED,
            NULL},
        {"\"sub\":\"a\",\"roles\":[],\"sites\":\"*\"", STATUS_PERMISSION_DENIED, NULL},
        {"\"sub\":\"a\",\"sites\":\"*\"", STATUS_PERMISSION_DENIED, NULL},
        {"\"sub\":\"a\",\"roles\":{\"admin\":true},\"sites\":\"*\"", STATUS_PERMISSION_DENIED,
            NULL},
        {"\"sub\":\"a\",\"roles\":[\"admin\"]", STATUS_PERMISSION_DENIED, NULL},
        {"\"sub\":\"a\",\"roles\":[\"admin\"],\"sites\":[]", STATUS_PERMISSION_DENIED, NULL},
        {"\"sub\":\"a\",\"roles\":[\"admin\"],\"sites\":{\"*\":1}", STATUS_PERMISSION_DENIED, NULL},
        {"\"sub\":\"a\",\"roles\":[\"admin\"],\"sites\":[\":1\"]", STATUS_PERMISSION_DENIED, NULL},
        {"\"sub\":\"a\",\"roles\":[\"admin\"],\"sites\":[101.5,-1,1e300,true]",
            STATUS_PERMISSION_DENIED, NULL},
        {"\"sub\":\"a\",\"roles\":[\"admin\"],\"sites\":[101.0,101.5,1e3,0]", STATUS_OK,
            "admin 101,1000,0"},
        {"\"sub\":\"a\",\"roles\":[\"admin\"],\"sites\":[\"a:\"]", STATUS_PERMISSION_DENIED, NULL},
        {"\"roles\":[\"admin\"],\"sites\":\"*\"", STATUS_UNAUTHENTICATED, NULL},
        {"\"sub\":\"\",\"roles\":[\"admin\"],\"sites\":\"*\"", STATUS_UNAUTHENTICATED, NULL},
        {"\"sub\":7,\"roles\":[\"admin\"],\"sites\":\"*\"", STATUS_UNAUTHENTICATED, NULL},
        {"\"sub\":\"a b\",\"roles\":[\"admin\"],\"sites\":\"*\"", STATUS_UNAUTHENTICATED, NULL},
        {"\"sub\":\"a\\nb\",\"roles\":[\"admin\"],\"sites\":\"*\"", STATUS_UNAUTHENTICATED, NULL},
        {"\"sub\":\"a\",\"roles\":[\"viewer\"],\"roles\":[\"admin\"],\"sites\":\"*\"",
            STATUS_UNAUTHENTICATED, NULL},
    };
    check_rows(ROWS, LENGTH_OF(ROWS));
}

static void claims_have_configurable_names_and_roles_a_prefix(void **state)
{
    (void)state;
    options.role_claim = "realm_access.roles";
    options.sites_claim = "https://walkie.example/sites";
    options.role_prefix = "walkie-";
    static const struct who_row ROWS[] = {
        {"\"sub\":\"a\",\"realm_access\":{\"roles\":[\"admin\",\"walkie-viewer\"]},"
         "\"https://walkie.example/sites\":\"1\"",
            STATUS_OK, "viewer 1"},
        {"\"sub\":\"a\",\"realm_access.roles\":\"walkie-admin\",\"realm_access\":{\"roles\":[]},"
         "\"https://walkie.example/sites\":\"1\"",
            STATUS_OK, "admin 1"},
        {"\"sub\":\"a\",\"realm_access\":{\"roles\":[\"walkie-\"]},"
         "\"https://walkie.example/sites\":\"1\"",
            STATUS_PERMISSION_DENIED, NULL},
        {"\"sub\":\"a\",\"realm_access\":{\"roles\":[\"walkie-viewer\"],\"roles\":[\"walkie-"
         "admin\"]"
         "},\"https://walkie.example/sites\":\"1\"",
            STATUS_PERMISSION_DENIED, NULL},
        {"\"sub\":\"a\",\"realm_access\":[\"walkie-admin\"],\"https://walkie.example/sites\":\"1\"",
            STATUS_PERMISSION_DENIED, NULL},
    };
    check_rows(ROWS, LENGTH_OF(ROWS));
}

static void more_sites_than_a_call_carries_are_refused_not_cut(void **state)
{
    (void)state;
    char text[4096] = "{" PARTIES "," SOON ",\"sub\":\"a\",\"roles\":\"viewer\",\"sites\":[\"1\"";
    for (int i = 0; i < 128; i++) {
        strcat(text, ",\"1234\"");
    }
    strcat(text, "]}");
    assert_int_equal(read_text(text), STATUS_PERMISSION_DENIED);
    assert_non_null(strstr(error.text, "more than fit"));
}

static void what_is_no_object_is_nothing(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "", "[]", "null", "{", "{}{}", "{} x", "\"a\"", "{\"a\":}", "{\"a\":1,}"};
    for (size_t i = 0; i < LENGTH_OF(TEXTS); i++) {
        assert_int_equal(read_text(TEXTS[i]), STATUS_UNAUTHENTICATED);
    }
    char text[8192] = "{" PARTIES "," SOON "," WHO;
    for (int i = 0; i < CLAIMS_MAX; i++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof(text) - len, ",\"c%d\":%d", i, i);
    }
    strcat(text, "}");
    assert_int_equal(read_text(text), STATUS_UNAUTHENTICATED);
}

#define CLAIMS_TEST(function) cmocka_unit_test_setup(function, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIMS_TEST(a_token_says_who_what_and_until_when),
        CLAIMS_TEST(times_hold_with_a_leeway_and_no_longer),
        CLAIMS_TEST(only_our_issuer_and_audience_count),
        CLAIMS_TEST(roles_and_sites_come_as_lists_or_texts),
        CLAIMS_TEST(claims_have_configurable_names_and_roles_a_prefix),
        CLAIMS_TEST(more_sites_than_a_call_carries_are_refused_not_cut),
        CLAIMS_TEST(what_is_no_object_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
