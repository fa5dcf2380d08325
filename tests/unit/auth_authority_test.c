/* Roles and sites: the spelling that both services read, and what it covers. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <stdlib.h>
#include <string.h>

#include "auth/identity.h"
#include "auth/permission.h"

static struct authority parsed(const char *text)
{
    struct authority authority = {.role = ROLE_NONE};
    assert_true(authority_parse(bytes_of(text), &authority));
    return authority;
}

static void a_role_and_its_sites_are_read(void **state)
{
    (void)state;
    assert_int_equal(parsed("viewer *").role, ROLE_VIEWER);
    assert_int_equal(parsed("requester 101").role, ROLE_REQUESTER);
    assert_int_equal(parsed("auditor 101,AA-1:102,AA-2:*").role, ROLE_AUDITOR);
    assert_int_equal(parsed("admin CN%2001").role, ROLE_ADMIN);
    assert_int_equal(parsed("writer *").role, ROLE_WRITER);
    assert_true(
        ROLE_VIEWER < ROLE_REQUESTER && ROLE_REQUESTER < ROLE_AUDITOR && ROLE_AUDITOR < ROLE_ADMIN);
}

static void what_is_spelt_otherwise_is_nothing(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {"", "viewer", "viewer ", " *", "none *", "Viewer *",
        "viewers *", "view *", "viewer  *", "viewer 1,", "viewer ,1", "viewer 1,,2", "viewer 1 2",
        "viewer a:", "viewer :a", "viewer a:b:c", "viewer **", "viewer 1*", "viewer *:1",
        "viewer *:*", "viewer %", "viewer %4", "viewer %4x", "viewer %00", "viewer %2f",
        "viewer %3a", "viewer \x7f", "viewer caf\xc3\xa9", "viewer\t*", "viewer *\n", "viewer\n*"};
    struct authority authority;
    for (size_t i = 0; i < LENGTH_OF(TEXTS); i++) {
        if (authority_parse(bytes_of(TEXTS[i]), &authority)) {
            fail_msg("\"%s\" was taken", TEXTS[i]);
        }
    }
    assert_false(authority_parse((struct bytes){(const uint8_t *)"viewer 1\0", 9}, &authority));
    assert_false(authority_parse((struct bytes){NULL, 0}, &authority));
}

static void a_text_has_a_longest_length(void **state)
{
    (void)state;
    char text[AUTHORITY_TEXT_MAX + 1] = "viewer ";
    struct authority authority;
    memset(text + 7, '1', AUTHORITY_TEXT_MAX - 8);
    assert_true(authority_parse(bytes_of(text), &authority));
    text[AUTHORITY_TEXT_MAX - 1] = '1';
    assert_false(authority_parse(bytes_of(text), &authority));
}

static void a_site_is_covered_by_its_number_its_study_or_the_star(void **state)
{
    (void)state;
    const struct authority all = parsed("viewer *");
    assert_true(authority_covers(&all, "AA-1", "101") && authority_covers(&all, "", "101"));
    const struct authority some = parsed("viewer 101,AA-1:102,AA-2:*,CN%2001");
    assert_true(authority_covers(&some, "AA-1", "101") && authority_covers(&some, "ZZ", "101"));
    assert_true(authority_covers(&some, "AA-1", "102"));
    assert_false(authority_covers(&some, "ZZ", "102"));
    assert_true(authority_covers(&some, "AA-2", "999"));
    assert_false(authority_covers(&some, "AA-1", "999"));
    assert_true(authority_covers(&some, "ZZ", "CN 01"));
    assert_false(authority_covers(&some, "ZZ", "CN%2001"));
}

static void a_part_of_a_number_is_another_number(void **state)
{
    (void)state;
    const struct authority one = parsed("viewer 101,AA-1:202");
    static const char *const OTHERS[] = {
        "", "1", "10", "1010", "0101", "101 ", "*", "101,AA-1:202", "AA-1:202", "20", "2020"};
    for (size_t i = 0; i < LENGTH_OF(OTHERS); i++) {
        assert_false(authority_covers(&one, "AA-1", OTHERS[i]));
        assert_false(authority_covers(&one, "", OTHERS[i]));
    }
    assert_false(authority_covers(&one, "AA-", "202") || authority_covers(&one, "AA-11", "202"));
}

/* The gateway asks before it has looked for a study; the service asks with it. */
static void a_study_that_is_not_known_yet_may_be_any(void **state)
{
    (void)state;
    const struct authority some = parsed("viewer AA-1:102,AA-2:*");
    assert_true(authority_may_cover(&some, "", "102") && authority_may_cover(&some, "", "7"));
    assert_false(authority_covers(&some, "", "102") || authority_covers(&some, "", "7"));
    assert_true(authority_may_cover(&some, "AA-1", "102"));
    assert_false(authority_may_cover(&some, "AA-3", "102"));
    const struct authority one = parsed("viewer AA-1:102");
    assert_false(authority_may_cover(&one, "", "103"));
}

static void a_whole_study_takes_all_of_its_sites(void **state)
{
    (void)state;
    const struct authority all = parsed("auditor *");
    const struct authority study = parsed("auditor 101,AA-1:*");
    const struct authority sites = parsed("auditor 101,AA-1:102");
    assert_true(authority_covers_study(&all, "AA-1") && authority_covers_all(&all));
    assert_true(authority_covers_study(&study, "AA-1"));
    assert_false(authority_covers_study(&study, "AA-2") || authority_covers_all(&study));
    assert_false(authority_covers_study(&sites, "AA-1") || authority_covers_all(&sites));
    assert_false(authority_covers_study(&study, ""));
}

static void permissions_belong_to_roles(void **state)
{
    (void)state;
    assert_int_equal(permission_role(PERMISSION_PUBLIC), ROLE_NONE);
    assert_int_equal(permission_role(PERMISSION_VIEW), ROLE_VIEWER);
    assert_int_equal(permission_role(PERMISSION_REPORT), ROLE_REQUESTER);
    assert_int_equal(permission_role(PERMISSION_UNBLINDED), ROLE_AUDITOR);
    assert_int_equal(permission_role(PERMISSION_STUDY), ROLE_AUDITOR);
    assert_int_equal(permission_role(PERMISSION_ADMIN), ROLE_ADMIN);
    assert_int_equal(permission_role(PERMISSION_UNSET), ROLE_ADMIN);
    assert_int_equal(permission_role(PERMISSION_WRITE), ROLE_WRITER);
    for (enum role role = ROLE_NONE; role <= ROLE_ADMIN; role++) {
        bool may_write = role == ROLE_WRITER || role == ROLE_ADMIN; /* and no auditor */
        assert_int_equal(permission_is_of(PERMISSION_WRITE, role), may_write);
        assert_int_equal(permission_is_of(PERMISSION_UNBLINDED, role), role >= ROLE_AUDITOR);
    }
    assert_string_equal(permission_word(PERMISSION_STUDY), "study");
}

static void an_identity_lives_as_long_as_its_last_holder(void **state)
{
    (void)state;
    struct identity *identity = identity_new(IDENTITY_JWT, "ana", "auditor 101");
    assert_non_null(identity);
    struct identity *other = identity_ref(identity);
    identity_unref(identity);
    assert_string_equal(other->name, "ana");
    assert_string_equal(other->text, "auditor 101");
    assert_int_equal(other->authority.role, ROLE_AUDITOR);
    assert_string_equal(identity_means_word(other->means), "jwt");
    identity_unref(other);
    identity_unref(NULL);
    assert_null(identity_new(IDENTITY_TOKEN, "ana", "auditor"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_and_its_sites_are_read),
        cmocka_unit_test(what_is_spelt_otherwise_is_nothing),
        cmocka_unit_test(a_text_has_a_longest_length),
        cmocka_unit_test(a_site_is_covered_by_its_number_its_study_or_the_star),
        cmocka_unit_test(a_part_of_a_number_is_another_number),
        cmocka_unit_test(a_study_that_is_not_known_yet_may_be_any),
        cmocka_unit_test(a_whole_study_takes_all_of_its_sites),
        cmocka_unit_test(permissions_belong_to_roles),
        cmocka_unit_test(an_identity_lives_as_long_as_its_last_holder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
