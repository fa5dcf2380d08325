/* Anchors: a link needs an owner, a destination a reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "audit/document/links.h"

static void what_is_linked_to_is_told_with_its_place(void **state)
{
    (void)state;
    struct links *links = links_new();
    assert_non_null(links);
    links_own(links, "never linked to", (struct link_place){.page = 1});
    links_own(links, "row", (struct link_place){.page = 3, .y = 120});
    links_own(links, NULL, (struct link_place){.page = 9});
    assert_true(links_has(links, "row"));
    assert_false(links_has(links, "never heard of"));
    assert_int_equal(links_use(links, "row"), 1);
    assert_int_equal(links_use(links, "row"), 1);
    assert_int_equal(links_use(links, "never heard of"), -1);
    assert_int_equal(links_use(links, NULL), -1);
    size_t at = 0;
    size_t number = 0;
    struct link_place place = {0};
    assert_true(links_each(links, &at, &number, &place));
    assert_int_equal(number, 1);
    assert_int_equal(place.page, 3);
    assert_int_equal(place.y, 120);
    assert_false(links_each(links, &at, &number, &place));
    links_free(links);
}

static void the_first_place_counts(void **state)
{
    (void)state;
    struct links *links = links_new();
    assert_non_null(links);
    links_own(links, "row", (struct link_place){.page = 3});
    links_own(links, "row", (struct link_place){.page = 4});
    assert_int_equal(links_use(links, "row"), 0);
    size_t at = 0;
    size_t number = 0;
    struct link_place place = {0};
    assert_true(links_each(links, &at, &number, &place));
    assert_int_equal(place.page, 3);
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
        links_own(links, names[i], (struct link_place){.page = i});
    }
    for (int i = N - 1; i >= 0; i--) {
        assert_int_equal(links_use(links, names[i]), i);
    }
    assert_int_equal(links_status(links), STATUS_OK);
    links_free(links);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_linked_to_is_told_with_its_place),
        cmocka_unit_test(the_first_place_counts),
        cmocka_unit_test(numbers_follow_the_first_mention_however_many_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
