/* Anchors: a link needs an owner, a destination a reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "audit/document/links.h"

static void a_link_needs_an_owner_and_a_wanter(void **state)
{
    (void)state;
    struct links *links = links_new();
    assert_non_null(links);
    links_own(links, "owned");
    links_want(links, "wanted");
    links_own(links, "both");
    links_want(links, "both");
    links_own(links, NULL);
    links_want(links, NULL);
    assert_int_equal(links_find(links, "owned"), -1);
    assert_int_equal(links_find(links, "wanted"), -1);
    assert_int_equal(links_find(links, "never heard of"), -1);
    assert_int_equal(links_find(links, NULL), -1);
    assert_int_equal(links_find(links, "both"), 2);
    links_free(links);
}

static void a_destination_is_placed_once(void **state)
{
    (void)state;
    struct links *links = links_new();
    assert_non_null(links);
    links_own(links, "row");
    links_own(links, "row");
    links_want(links, "row");
    assert_int_equal(links_place(links, "row"), 0);
    assert_int_equal(links_place(links, "row"), -1);
    assert_int_equal(links_find(links, "row"), 0);
    links_free(links);
}

static void numbers_follow_the_first_mention_however_many_there_are(void **state)
{
    enum { N = 5000 };
    static char names[N][16];
    (void)state;
    struct links *links = links_new();
    assert_non_null(links);
    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof(names[i]), "row-%d", i);
        links_own(links, names[i]);
    }
    for (int i = N - 1; i >= 0; i--) {
        links_want(links, names[i]);
    }
    for (int i = 0; i < N; i++) {
        assert_int_equal(links_find(links, names[i]), i);
    }
    assert_int_equal(links_status(links), STATUS_OK);
    links_free(links);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_needs_an_owner_and_a_wanter),
        cmocka_unit_test(a_destination_is_placed_once),
        cmocka_unit_test(numbers_follow_the_first_mention_however_many_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
